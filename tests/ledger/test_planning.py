"""A plan's changes: carried out as a whole, each noted once, and never against a person's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from socrbot.delivery import Add, Cancel, Hold, Kind, Move, Release, Restore, State
from socrbot.errors import LedgerError
from socrbot.message import Receipt
from tests.ledger.desk import HOUR, MINUTE, START, Desk, wanted


def test_an_addition_becomes_a_planned_delivery(desk: Desk) -> None:
    """Everything that the plan said of it is there, and one event tells of it."""
    item = wanted(kind=Kind.SLOT, occurrence="slot:weekend", path="posts/a.yaml", line=7, nominal=START - MINUTE)
    (planned,) = desk.plan(item)
    assert (planned.post, planned.account, planned.network, planned.occurrence) == ("march", "x", "x", "slot:weekend")
    assert (planned.kind, planned.state, planned.path, planned.line) == (Kind.SLOT, State.PLANNED, "posts/a.yaml", 7)
    assert (planned.nominal, planned.due_at, planned.grace_until) == (START - MINUTE, START, START + HOUR)
    assert (planned.attempts, planned.parts_out, planned.urgent, planned.by_person) == (0, 0, False, False)
    (event,) = desk.events(planned.id)
    assert (event.action, event.before, event.after, event.by) == ("planned", None, State.PLANNED, "plan")


def test_an_identity_is_planned_once_for_ever(desk: Desk) -> None:
    """The same post, account and occurrence never makes a second delivery, in whatever state the first one is."""
    (planned,) = desk.plan(wanted())
    assert desk.apply(Add(wanted()), Add(wanted(due_at=START + HOUR))) == {}
    desk.sent(*desk.start())
    assert desk.apply(Add(wanted())) == {}
    assert [item.id for item in desk.ledger.deliveries()] == [planned.id]


def test_thousands_are_planned_in_one_go(desk: Desk) -> None:
    """Two thousand additions, some of them twice: each is there once, each has one event."""
    items = [wanted(f"post-{number}", account) for number in range(1_000) for account in ("x", "facebook")]
    assert desk.apply(*(Add(item) for item in items + items[:10])) == {"planned": 2_000}
    assert len({(item.post, item.account) for item in desk.ledger.deliveries()}) == 2_000
    assert [event.action for event in desk.ledger.events()] == ["planned"] * 2_000


def test_a_move_changes_the_time_and_says_from_when_to_when(desk: Desk) -> None:
    """The state stays; a move to where it is already is no event."""
    (planned,) = desk.plan(wanted())
    later = wanted(due_at=START + HOUR, path="posts/other.yaml")
    assert desk.apply(Move(planned.id, later, "Its time was changed.")) == {"moved": 1}
    moved = desk.delivery(planned.id)
    assert (moved.due_at, moved.grace_until, moved.path) == (START + HOUR, START + 2 * HOUR, "posts/other.yaml")
    assert desk.events(planned.id)[-1].data == {"from": START.isoformat(), "to": (START + HOUR).isoformat()}
    assert desk.apply(Move(planned.id, later, "Again.")) == {}
    assert desk.actions(planned.id) == ["planned", "moved"]


def test_a_held_delivery_moves_and_stays_held(desk: Desk) -> None:
    """Another time does not make the reason go away."""
    (planned,) = desk.plan(wanted())
    desk.apply(Hold(planned.id, "stale-fact", "The figure is old."))
    desk.apply(Move(planned.id, wanted(due_at=START + HOUR), "Its time was changed."))
    held = desk.delivery(planned.id)
    assert (held.state, held.reason, held.due_at) == (State.HELD, "stale-fact", START + HOUR)


def test_a_hold_is_noted_when_it_says_something_new(desk: Desk) -> None:
    """Holding again with the same words writes nothing; with other words it does."""
    (planned,) = desk.plan(wanted())
    assert desk.apply(Hold(planned.id, "stale-fact", "The figure is old.")) == {"held": 1}
    before = desk.delivery(planned.id)
    desk.clock.advance(MINUTE)
    assert desk.apply(Hold(planned.id, "stale-fact", "The figure is old.")) == {}
    assert desk.delivery(planned.id) == before
    assert desk.apply(Hold(planned.id, "no-consent", "The picture shows a child.")) == {"held": 1}
    assert desk.actions(planned.id) == ["planned", "held", "held"]
    assert desk.delivery(planned.id).reason == "no-consent"


def test_a_released_delivery_waits_for_its_time_again(desk: Desk) -> None:
    """Its reason is forgotten, and it can be claimed."""
    (planned,) = desk.plan(wanted())
    desk.apply(Hold(planned.id, "stale-fact", "The figure is old."))
    assert desk.apply(Release(planned.id, "The figure was checked.")) == {"released": 1}
    assert desk.delivery(planned.id) == planned
    assert desk.claim().delivery.id == planned.id


def test_changes_of_one_delivery_follow_each_other(desk: Desk) -> None:
    """A plan may move what is held and release it in the same breath."""
    (planned,) = desk.plan(wanted())
    desk.apply(Hold(planned.id, "post-has-error", "A mistake."))
    later = wanted(due_at=START + HOUR)
    assert desk.apply(Move(planned.id, later, "Edited."), Release(planned.id, "Mended.")) == {"moved": 1, "released": 1}
    again = desk.delivery(planned.id)
    assert (again.state, again.due_at, again.reason) == (State.PLANNED, START + HOUR, None)


def test_nothing_is_released_after_its_grace(desk: Desk) -> None:
    """What was held until it was too late does not go out when the reason is gone."""
    (planned,) = desk.plan(wanted())
    desk.apply(Hold(planned.id, "stale-fact", "The figure is old."))
    desk.clock.advance(HOUR + MINUTE)
    assert desk.apply(Release(planned.id, "The figure was checked.")) == {}
    assert desk.delivery(planned.id).state is State.HELD


def test_what_an_edit_cancelled_comes_back_with_an_edit(desk: Desk) -> None:
    """Removed from the files and put back: planned again, with the time that it has now."""
    (planned,) = desk.plan(wanted())
    assert desk.apply(Cancel(planned.id, "post-removed", "The post is gone.")) == {"cancelled": 1}
    assert desk.delivery(planned.id).reason == "post-removed"
    assert desk.try_claim() is None
    assert desk.apply(Restore(planned.id, wanted(due_at=START + HOUR))) == {"restored": 1}
    again = desk.delivery(planned.id)
    assert (again.state, again.due_at, again.reason) == (State.PLANNED, START + HOUR, None)


def test_what_a_person_cancelled_survives_every_sync(desk: Desk) -> None:
    """No addition, move, release or restoration brings it back."""
    (planned,) = desk.plan(wanted())
    desk.ledger.cancel(planned.id, by="Ann", reason="Wrong tone.", now=desk.now)
    changes = (Add(wanted()), Move(planned.id, wanted(), "?"), Release(planned.id, "?"), Restore(planned.id, wanted()))
    assert desk.apply(*changes) == {}
    assert desk.delivery(planned.id).state is State.CANCELLED


def test_what_a_person_asked_for_now_stays(desk: Desk) -> None:
    """The files may have another time for it, or have lost it: it goes out as the person said."""
    (planned,) = desk.plan(wanted(due_at=START + 5 * HOUR))
    desk.ledger.publish_now(
        "march", "x", "x", now=desk.now, by="Ann", urgent=False, reason=None, grace=HOUR, path="p", line=1
    )
    later = wanted(due_at=START + 5 * HOUR)
    assert desk.apply(Move(planned.id, later, "?"), Cancel(planned.id, "post-removed", "?")) == {}
    assert desk.claim().delivery.id == planned.id


@pytest.mark.parametrize("state", ["claimed", "sending", "sent", "unknown", "failed"])
def test_a_sync_leaves_alone_what_is_on_its_way_or_over(desk: Desk, state: str) -> None:
    """After the claim the files change nothing."""
    (planned,) = desk.plan(wanted())
    claim = desk.claim()
    if state != "claimed":
        attempt = desk.intend(claim)
        if state == "sent":
            desk.sent(claim, attempt)
        elif state != "sending":
            desk.record(claim, attempt, State(state))
    before = desk.ledger.story(planned.id)
    changes = (
        Move(planned.id, wanted(due_at=START + HOUR), "?"),
        Cancel(planned.id, "post-removed", "?"),
        Hold(planned.id, "stale-fact", "?"),
        Release(planned.id, "?"),
        Restore(planned.id, wanted()),
    )
    assert desk.apply(*changes) == {}
    assert desk.ledger.story(planned.id) == before


def test_a_change_of_what_is_not_there_is_left_out(desk: Desk) -> None:
    """A plan made against another ledger does no harm."""
    assert desk.apply(Cancel(17, "post-removed", "?"), Hold(18, "x", "?")) == {}


def test_a_plan_is_carried_out_as_a_whole_or_not_at_all(desk: Desk) -> None:
    """One impossible change (a grace before its time) takes all others back, events included."""
    bad = replace(wanted("bad"), grace_until=START - HOUR)
    with pytest.raises(LedgerError):
        desk.apply(Add(wanted("good")), Add(bad))
    assert desk.ledger.deliveries() == []
    assert desk.ledger.events() == []


def test_planning_is_told_what_the_ledger_knows(desk: Desk) -> None:
    """Open deliveries of any post, settled ones of the posts asked for, and the circumstances."""
    desk.plan(wanted("gone"), wanted("done"), wanted("old"))
    for _ in range(2):
        claim, attempt = desk.start()
        desk.sent(claim, attempt)
    desk.ledger.apply(
        [],
        now=desk.now,
        by="plan",
        planned_until=START + 28 * 24 * HOUR,
        first_seen=["done", "old"],
        campaign_digest="d",
    )
    desk.clock.advance(MINUTE)
    desk.ledger.apply([], now=desk.now, by="plan", first_seen=["done", "new"])
    desk.ledger.go_live("x", "x", None, by="Ann", now=desk.now)
    desk.ledger.pause(None, "Quiet day.", by="Ann", now=desk.now)
    known = desk.ledger.known(["done", "new", "old"])
    assert {item.post: item.state for item in known.deliveries} == {"done": State.SENT, "old": State.PLANNED}
    assert known.first_seen == {"done": START, "old": START, "new": START + MINUTE}
    assert (known.planned_until, known.paused_all) == (START + 28 * 24 * HOUR, True)
    assert (known.last_sent, known.live) == ({"x": START}, frozenset({"x"}))
    assert desk.ledger.meta("campaign_digest") == "d"


def test_a_new_ledger_knows_nothing(desk: Desk) -> None:
    """No deliveries, no horizon, nobody live."""
    known = desk.ledger.known([])
    assert (list(known.deliveries), known.planned_until, known.live) == ([], None, frozenset())
    assert not desk.ledger.knows("march")
    desk.plan(wanted())
    assert desk.ledger.knows("march")


def test_a_watch_knows_the_same_as_a_fresh_look(desk: Desk) -> None:
    """After any changes, also of the posts that are asked for, both answer alike."""
    watch = desk.ledger.watch()

    def alike(*posts: str) -> bool:
        kept, fresh = watch.known(posts), desk.ledger.known(posts)
        by_id = sorted(kept.deliveries, key=lambda item: item.id)
        return replace(kept, deliveries=by_id) == replace(
            fresh, deliveries=sorted(fresh.deliveries, key=lambda i: i.id)
        )

    assert alike("a", "b")
    _, second, third = desk.plan(wanted("a"), wanted("b"), wanted("c"))
    assert alike("a", "b")
    desk.sent(*desk.start())
    desk.apply(Cancel(third.id, "post-removed", "Gone."), Hold(second.id, "stale-fact", "Old."))
    assert alike("a", "b")
    assert alike("b")
    assert alike("a", "c")
    desk.apply(Restore(third.id, wanted("c", due_at=START + timedelta(days=1))))
    assert alike("a", "c")
    assert alike()
    # A plan that changes no delivery, and still sees a post for the first time.
    assert alike("a", "draft")
    desk.ledger.apply((), now=START, by="plan", planned_until=START + timedelta(days=28), first_seen=["draft"])
    assert alike("a", "draft")
    assert watch.known(["a", "draft"]) is watch.known(["draft", "a"])


def test_a_receipt_is_no_reason_to_plan_again(desk: Desk) -> None:
    """A withdrawn post stays withdrawn, whatever the files say."""
    (planned,) = desk.plan(wanted())
    claim, attempt = desk.start()
    desk.ledger.part_sent(claim, attempt, Receipt("p-1"), now=desk.now, last=True)
    desk.ledger.withdraw(planned.id, by="Ann", reason="Wrong figure.", now=desk.now)
    assert desk.apply(Add(wanted()), Restore(planned.id, wanted())) == {}
    assert desk.delivery(planned.id).state is State.WITHDRAWN
