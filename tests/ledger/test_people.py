"""What a person says is carried out, noted with their name, and not undone by the program."""

from __future__ import annotations

import pytest

from socrbot.delivery import Delivery, Hold, Kind, Release, Restore, State
from socrbot.errors import LedgerError, Lost
from socrbot.ledger import Pause
from socrbot.message import Identity, Receipt
from tests.ledger.desk import HOUR, LEASE, MINUTE, START, Desk, wanted


def publish(desk: Desk, post: str = "march", *, urgent: bool = False) -> Delivery:
    return desk.ledger.publish_now(
        post, "x", "x", now=desk.now, by="Ann", urgent=urgent, reason="The vote", grace=HOUR, path="p.yaml", line=3
    )


def failed(desk: Desk) -> Delivery:
    (planned,) = desk.plan(wanted())
    claim, attempt = desk.start()
    desk.record(claim, attempt, State.FAILED, "refused")
    return desk.delivery(planned.id)


@pytest.mark.parametrize("account", [None, "x"])
def test_a_paused_account_is_offered_nothing(desk: Desk, account: str | None) -> None:
    """Nothing is claimed while the pause lasts; the pause is listed with its reason."""
    desk.plan(wanted())
    desk.ledger.pause(account, "A child died.", by="Ann", now=desk.now)
    assert desk.ledger.due_accounts(desk.now) == []
    assert desk.try_claim() is None
    pause = Pause(account, "A child died.", "Ann", START)
    assert desk.ledger.pauses() == [pause]
    row = desk.ledger.account("x")
    assert row is not None
    assert row.paused == pause


def test_pausing_twice_changes_nothing(desk: Desk) -> None:
    """The first reason stands, there is one event, and guards need not look again."""
    desk.ledger.pause(None, "A child died.", by="Ann", now=desk.now)
    version = desk.ledger.guard_version()
    desk.ledger.pause(None, "Another reason.", by="Bob", now=desk.now)
    assert [pause.reason for pause in desk.ledger.pauses()] == ["A child died."]
    assert [event.action for event in desk.ledger.events()] == ["paused"]
    assert desk.ledger.guard_version() == version


def test_resuming_what_is_not_paused_changes_nothing(desk: Desk) -> None:
    """No event, nothing missed."""
    desk.plan(wanted())
    assert desk.ledger.resume(None, by="Ann", now=desk.now) == []
    assert [event.action for event in desk.ledger.events()] == ["planned"]


def test_dated_posts_of_a_pause_never_go_out_by_themselves(desk: Desk) -> None:
    """Those still within their grace at its end are missed with those that grew late; what is to come stays."""
    late, recent, ahead, other = desk.plan(
        wanted("late"),
        wanted("recent", due_at=START + 2 * HOUR),
        wanted("ahead", due_at=START + 3 * HOUR),
        wanted("late", "facebook"),
    )
    desk.ledger.pause("x", "Quiet day.", by="Ann", now=desk.now)
    desk.clock.advance(2 * HOUR + MINUTE)
    desk.ledger.miss_late(desk.now)
    meanwhile = desk.ledger.resume("x", by="Bob", now=desk.now)
    assert [item.id for item in meanwhile] == [late.id, recent.id]
    assert {item.reason for item in meanwhile} == {"missed-while-paused"}
    assert meanwhile == [desk.delivery(late.id), desk.delivery(recent.id)]
    assert desk.delivery(ahead.id).state is State.PLANNED
    assert desk.delivery(other.id).reason == "late"
    assert desk.try_claim() is None
    assert desk.ledger.pauses() == []


def test_what_was_claimed_when_the_pause_came_is_missed_too(desk: Desk) -> None:
    """It was held by the pause; after the pause its time is over."""
    (planned,) = desk.plan(wanted())
    claim = desk.claim()
    desk.ledger.pause(None, "Quiet day.", by="Ann", now=desk.now)
    desk.intend(claim)
    desk.clock.advance(MINUTE)
    assert [item.id for item in desk.ledger.resume(None, by="Ann", now=desk.now)] == [planned.id]
    assert desk.delivery(planned.id).reason == "missed-while-paused"


def test_after_a_pause_of_all_a_slots_post_waits_for_its_next_time(desk: Desk) -> None:
    """It does not go out at the wrong time, it is not missed, and the next plan gives it another time."""
    queued, dated = desk.plan(wanted("queued", kind=Kind.SLOT, occurrence="slot:weekend"), wanted("dated"))
    desk.ledger.pause(None, "Quiet day.", by="Ann", now=desk.now)
    desk.clock.advance(MINUTE)
    meanwhile = {item.id: item.reason for item in desk.ledger.resume(None, by="Ann", now=desk.now)}
    assert meanwhile == {queued.id: "slot-passed", dated.id: "missed-while-paused"}
    assert desk.try_claim() is None
    later = wanted("queued", kind=Kind.SLOT, occurrence="slot:weekend", due_at=START + 24 * HOUR)
    assert desk.apply(Restore(queued.id, later)) == {"restored": 1}
    desk.clock.advance_to(START + 24 * HOUR)
    assert desk.claim().delivery.id == queued.id


def test_after_a_pause_of_one_account_its_slots_post_is_missed(desk: Desk) -> None:
    """The queue is shared: the others have moved on."""
    (queued,) = desk.plan(wanted("queued", kind=Kind.SLOT, occurrence="slot:weekend"))
    desk.ledger.pause("x", "Quiet day.", by="Ann", now=desk.now)
    desk.clock.advance(MINUTE)
    assert [item.reason for item in desk.ledger.resume("x", by="Ann", now=desk.now)] == ["missed-while-paused"]
    assert desk.delivery(queued.id).state is State.MISSED


def test_what_an_urgent_wish_or_a_wait_protects_is_no_victim_of_a_pause(desk: Desk) -> None:
    """Urgent deliveries were not paused, and what may be tried only later has not fallen due."""
    (waiting,) = desk.plan(wanted("waiting", grace=5 * HOUR))
    desk.record(desk.claim(), None, State.PLANNED, "not-sent", not_before=START + HOUR)
    urgent = publish(desk, urgent=True)
    desk.ledger.pause(None, "Quiet day.", by="Ann", now=desk.now)
    desk.clock.advance(MINUTE)
    assert desk.ledger.resume(None, by="Ann", now=desk.now) == []
    assert {desk.delivery(item.id).state for item in (waiting, urgent)} == {State.PLANNED}


def test_going_live_is_noted_with_who_the_account_is(desk: Desk) -> None:
    """The name behind the credentials is kept, and what waited only for this is released."""
    (planned,) = desk.plan(wanted())
    assert desk.intend(desk.claim(), needs_live=True).code == "not-live"
    version = desk.ledger.guard_version()
    desk.ledger.go_live("x", "x", Identity("17", "socr", "https://x.example/socr"), by="Ann", now=desk.now)
    row = desk.ledger.account("x")
    assert row is not None
    assert (row.live_at, row.live_by, row.identity) == (START, "Ann", Identity("17", "socr", "https://x.example/socr"))
    assert desk.delivery(planned.id).state is State.PLANNED
    assert desk.ledger.guard_version() > version


def test_an_account_can_go_live_before_anything_is_planned(desk: Desk) -> None:
    """The ledger need not have seen it."""
    desk.ledger.go_live("bluesky", "bluesky", None, by="Ann", now=desk.now)
    assert [(row.id, row.network, row.live_at) for row in desk.ledger.accounts()] == [("bluesky", "bluesky", START)]


def test_starting_an_account_releases_what_waited_within_its_grace(desk: Desk) -> None:
    """What is too late stays for the clock to miss."""
    desk.plan(wanted("a"))
    desk.record(desk.claim(), None, State.FAILED, "unauthorised", stop_account="Revoked.")
    soon, late = desk.plan(wanted("soon", grace=5 * HOUR), wanted("late"))
    desk.apply(Hold(soon.id, "account-stopped", "Revoked."), Hold(late.id, "account-stopped", "Revoked."))
    desk.clock.advance(2 * HOUR)
    desk.ledger.start_account("x", by="Ann", now=desk.now)
    assert desk.delivery(soon.id).state is State.PLANNED
    assert desk.delivery(late.id).state is State.HELD
    row = desk.ledger.account("x")
    assert row is not None
    assert row.stopped_reason is None


def test_a_failed_delivery_is_tried_again_with_new_grace(desk: Desk) -> None:
    """Due now, tries counted from nothing, and a sync leaves it alone."""
    before = failed(desk)
    desk.clock.advance(5 * HOUR)
    again = desk.ledger.retry(before.id, by="Ann", now=desk.now, grace=2 * HOUR)
    assert again == desk.delivery(before.id)
    assert (again.state, again.due_at, again.grace_until) == (State.PLANNED, desk.now, desk.now + 2 * HOUR)
    assert (again.attempts, again.by_person, again.nominal) == (0, True, before.nominal)
    assert desk.events(before.id)[-1].by == "Ann"
    desk.sent(*desk.start())
    assert desk.delivery(before.id).state is State.SENT


def test_a_missed_a_cancelled_and_a_held_one_can_be_tried_again(desk: Desk) -> None:
    """A person may want what time, files or guards took away."""
    missed, cancelled, held = desk.plan(
        wanted("missed"), wanted("cancelled", grace=5 * HOUR), wanted("h", grace=5 * HOUR)
    )
    desk.ledger.cancel(cancelled.id, by="Ann", reason="No.", now=desk.now)
    desk.apply(Hold(held.id, "stale-fact", "Old."))
    desk.clock.advance(2 * HOUR)
    desk.ledger.miss_late(desk.now)
    for item in (missed, cancelled, held):
        assert desk.ledger.retry(item.id, by="Ann", now=desk.now, grace=HOUR).state is State.PLANNED


def test_a_stubborn_doubt_can_be_ended_by_trying_again(desk: Desk) -> None:
    """The person says that it is not there; the lost try is closed and the next one may begin."""
    (planned,) = desk.plan(wanted())
    desk.lose()
    desk.clock.advance(5 * HOUR)
    assert desk.ledger.retry(planned.id, by="Ann", now=desk.now, grace=HOUR).state is State.PLANNED
    assert desk.ledger.unknowns(desk.now) == []
    desk.sent(*desk.start())
    assert [row.state for row in desk.ledger.story(planned.id).attempts] == ["not-sent", "sent"]


def test_only_parts_that_are_not_public_are_tried_again(desk: Desk) -> None:
    """A refused second part: after a retry part 1 keeps its receipt and part 2 waits."""
    (planned,) = desk.plan(wanted())
    claim, first = desk.start(parts=2)
    desk.sent(claim, first, "p-1", last=False)
    second = desk.intend(claim, part=2, parts=2)
    desk.record(claim, second, State.FAILED, "refused")
    assert [part.state for part in desk.ledger.parts(planned.id)] == ["sent", "failed"]
    desk.ledger.retry(planned.id, by="Ann", now=desk.now, grace=HOUR)
    assert [part.state for part in desk.ledger.parts(planned.id)] == ["sent", "waiting"]
    assert desk.intend(desk.claim(), part=1, parts=2).code == "part-is-out"


@pytest.mark.parametrize("state", ["planned", "claimed", "sending", "sent"])
def test_there_is_nothing_to_try_again(desk: Desk, state: str) -> None:
    """What waits, is under way or went out is not tried again."""
    (planned,) = desk.plan(wanted())
    if state != "planned":
        claim = desk.claim()
        if state != "claimed":
            attempt = desk.intend(claim)
            if state == "sent":
                desk.sent(claim, attempt)
    with pytest.raises(LedgerError, match="nothing to try again"):
        desk.ledger.retry(planned.id, by="Ann", now=desk.now, grace=HOUR)
    assert desk.delivery(planned.id).state == state


def test_a_cancel_takes_a_claim_from_its_worker(desk: Desk) -> None:
    """While it is only prepared it can still be stopped; the worker finds out before the first byte."""
    (planned,) = desk.plan(wanted())
    claim = desk.claim()
    cancelled = desk.ledger.cancel(planned.id, by="Ann", reason="Wrong tone.", now=desk.now)
    assert (cancelled.state, cancelled.by_person, cancelled.reason) == (State.CANCELLED, True, "by-person")
    with pytest.raises(Lost):
        desk.intend(claim)


def test_what_is_going_out_or_has_gone_out_cannot_be_cancelled(desk: Desk) -> None:
    """Too late: the person is told how it stands."""
    (planned,) = desk.plan(wanted())
    claim, attempt = desk.start()
    with pytest.raises(LedgerError, match="is sending"):
        desk.ledger.cancel(planned.id, by="Ann", reason="No.", now=desk.now)
    desk.sent(claim, attempt)
    with pytest.raises(LedgerError, match="is sent"):
        desk.ledger.cancel(planned.id, by="Ann", reason="No.", now=desk.now)


def test_publish_now_uses_up_the_next_delivery(desk: Desk) -> None:
    """The post has two times ahead; the earlier one is used, no third is made."""
    later, sooner = desk.plan(
        wanted(occurrence="2026-03-09T12:00", kind=Kind.LIST, due_at=START + 48 * HOUR),
        wanted(occurrence="2026-03-08T12:00", kind=Kind.LIST, due_at=START + 24 * HOUR),
    )
    used = publish(desk)
    assert (used.id, used.due_at, used.grace_until) == (sooner.id, START, START + HOUR)
    assert (used.by_person, used.urgent, used.occurrence) == (True, False, "2026-03-08T12:00")
    assert {item.id for item in desk.ledger.deliveries()} == {later.id, sooner.id}
    assert desk.claim().delivery.id == sooner.id


def test_publish_now_takes_a_held_delivery_along(desk: Desk) -> None:
    """It is planned; the guards look at it again at the last moment."""
    (planned,) = desk.plan(wanted(due_at=START + 24 * HOUR))
    desk.apply(Hold(planned.id, "stale-fact", "Old."))
    assert publish(desk).state is State.PLANNED
    assert desk.actions(planned.id) == ["planned", "held", "released", "moved"]


def test_publish_now_makes_a_delivery_where_there_never_was_one_and_no_second(desk: Desk) -> None:
    """A post that was never planned gets a delivery of its own; once it went out, it does not go out again."""
    made = publish(desk)
    assert (made.kind, made.state, made.due_at, made.path, made.line) == (Kind.NOW, State.PLANNED, START, "p.yaml", 3)
    assert made.occurrence.startswith("now:")
    desk.sent(*desk.start())
    desk.clock.advance(MINUTE)
    with pytest.raises(LedgerError, match="went out on x already"):
        publish(desk)
    assert [item.id for item in desk.ledger.deliveries()] == [made.id]


def test_publish_now_leaves_what_is_over_to_retry(desk: Desk) -> None:
    """A post that was cancelled or missed has had its time; `retry` is the way to send it all the same."""
    (planned,) = desk.plan(wanted())
    desk.ledger.cancel(planned.id, by="test", reason="no", now=desk.clock.now())
    with pytest.raises(LedgerError, match=f"retry {planned.id}"):
        publish(desk)


def test_publish_now_waits_for_what_is_under_way(desk: Desk) -> None:
    """While the same post is going out, or may have gone out, no second one is made."""
    (planned,) = desk.plan(wanted())
    claim, attempt = desk.start()
    with pytest.raises(LedgerError, match="is sending"):
        publish(desk)
    desk.record(claim, attempt, State.UNKNOWN, "answer-lost")
    with pytest.raises(LedgerError, match="is unknown"):
        publish(desk)
    assert [item.id for item in desk.ledger.deliveries()] == [planned.id]


def test_an_urgent_delivery_passes_the_spacing(desk: Desk) -> None:
    """It does not wait for the time between two posts; the ordinary one does."""
    desk.plan(wanted("first"), wanted("second"))
    desk.sent(*desk.start())
    publish(desk, "vote", urgent=True)
    assert desk.ledger.next_due(desk.now, spacing={"x": HOUR}) == START
    assert desk.claim(spacing=HOUR).delivery.post == "vote"


def test_a_person_who_saw_the_post_ends_the_doubt(desk: Desk) -> None:
    """Sent, with the address; nobody looks any more."""
    (planned,) = desk.plan(wanted())
    desk.lose()
    settled = desk.ledger.settle_by_person(planned.id, True, "https://x.example/9", by="Ann", now=desk.now)
    assert (settled.state, settled.by_person, settled.parts_out) == (State.SENT, True, 1)
    (part,) = desk.ledger.parts(planned.id)
    assert part.receipt is not None
    assert part.receipt.url == "https://x.example/9"
    assert desk.ledger.unknowns(desk.now) == []


def test_a_person_who_did_not_find_the_post_lets_it_go_out(desk: Desk) -> None:
    """Planned again within its grace; after it, missed."""
    first, second = desk.plan(wanted("a"), wanted("b"))
    for item in (first, second):
        desk.lose()
        desk.ledger.settle_by_person(item.id, False, None, by="Ann", now=desk.now)
        desk.record(desk.claim(), None, State.PLANNED, "not-sent", not_before=START + 2 * HOUR)
    desk.clock.advance(HOUR + MINUTE)
    assert {item.id for item in desk.ledger.miss_late(desk.now)} == {first.id, second.id}


def test_a_failed_delivery_can_turn_out_to_be_public(desk: Desk) -> None:
    """A network may refuse and publish all the same; a person sees it."""
    before = failed(desk)
    after = desk.ledger.settle_by_person(before.id, True, "https://x.example/9", by="Ann", now=desk.now)
    assert (after.state, after.parts_out) == (State.SENT, 1)
    with pytest.raises(LedgerError, match="nothing to settle"):
        desk.ledger.settle_by_person(before.id, True, None, by="Ann", now=desk.now)


def test_what_is_public_can_be_withdrawn(desk: Desk) -> None:
    """Deleted on purpose, with a reason; what never went out cannot be."""
    sent, planned = desk.plan(wanted("sent"), wanted("planned"))
    claim, attempt = desk.start()
    desk.ledger.part_sent(claim, attempt, Receipt("p-1"), now=desk.now, last=True)
    withdrawn = desk.ledger.withdraw(sent.id, by="Ann", reason="Wrong figure.", now=desk.now)
    assert (withdrawn.state, withdrawn.detail) == (State.WITHDRAWN, "Wrong figure.")
    with pytest.raises(LedgerError, match="nothing to withdraw"):
        desk.ledger.withdraw(planned.id, by="Ann", reason="?", now=desk.now)


def test_a_delivery_that_does_not_exist_is_said_so(desk: Desk) -> None:
    """A wrong number is an error in words."""
    with pytest.raises(LedgerError, match="no delivery 17"):
        desk.ledger.cancel(17, by="Ann", reason="?", now=desk.now)
    with pytest.raises(LedgerError, match="no delivery 17"):
        desk.ledger.story(17)
    desk.plan(wanted())
    desk.apply(Release(17, "?"))
    desk.clock.advance(LEASE)
    assert desk.states() == {"march": State.PLANNED}
