"""Late is a decision, and the ledger knows when it is next needed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from socrbot.delivery import Hold, Kind, Move, State
from tests.ledger.desk import HOUR, LEASE, MINUTE, START, Desk, wanted

MOMENT = timedelta(microseconds=1)


def test_what_is_past_its_grace_is_missed(desk: Desk) -> None:
    """At the end of its grace it may still go out; a moment later it is missed, and says so."""
    (planned,) = desk.plan(wanted())
    desk.clock.advance(HOUR)
    assert desk.ledger.miss_late(desk.now) == []
    desk.clock.advance(MOMENT)
    (missed,) = desk.ledger.miss_late(desk.now)
    assert missed == desk.delivery(planned.id)
    assert (missed.state, missed.reason) == (State.MISSED, "late")
    assert desk.ledger.miss_late(desk.now) == []
    assert desk.try_claim() is None


def test_after_an_outage_nothing_comes_in_a_burst(desk: Desk) -> None:
    """Two days without power: everything of that time is missed, only what is due now is offered."""
    items = [wanted(f"post-{hour}", due_at=START + hour * HOUR) for hour in range(48)]
    desk.plan(*items)
    desk.clock.advance(47 * HOUR)
    assert len(desk.ledger.miss_late(desk.now)) == 46
    posts = []
    while (claim := desk.try_claim()) is not None:
        posts.append(claim.delivery.post)
        desk.sent(claim, desk.intend(claim))
    assert posts == ["post-46", "post-47"]


def test_a_held_delivery_that_grows_late_says_why_it_was_held(desk: Desk) -> None:
    """The log tells the cause, not only the time."""
    (planned,) = desk.plan(wanted())
    desk.apply(Hold(planned.id, "stale-fact", "The figure is old."))
    desk.clock.advance(2 * HOUR)
    (missed,) = desk.ledger.miss_late(desk.now)
    assert missed.reason == "late"
    assert "The figure is old." in (missed.detail or "")


def test_what_grew_late_behind_a_stopped_account_says_so(desk: Desk) -> None:
    """Not the clock but the dead credentials are to blame."""
    desk.plan(wanted("a"), wanted("b"))
    claim, attempt = desk.start()
    desk.record(claim, attempt, State.FAILED, "unauthorised", stop_account="The token was revoked.")
    desk.clock.advance(2 * HOUR)
    (missed,) = desk.ledger.miss_late(desk.now)
    assert (missed.post, missed.reason) == ("b", "account-stopped")
    assert "The token was revoked." in (missed.detail or "")


def test_what_grew_late_in_a_pause_says_so(desk: Desk) -> None:
    """Dated and recurring posts are missed while their account is paused."""
    desk.plan(wanted("a"), wanted("b", "facebook"))
    desk.ledger.pause("x", "Quiet day.", by="Ann", now=desk.now)
    desk.clock.advance(2 * HOUR)
    assert {item.post: item.reason for item in desk.ledger.miss_late(desk.now)} == {
        "a": "missed-while-paused",
        "b": "late",
    }


def test_while_all_is_paused_posts_of_a_slot_wait(desk: Desk) -> None:
    """They keep their place in the queue; they are neither missed nor a reason to wake up."""
    slot, dated = desk.plan(
        wanted("queued", kind=Kind.SLOT, occurrence="slot:weekend"), wanted("dated", grace=2 * HOUR)
    )
    desk.ledger.pause(None, "Quiet day.", by="Ann", now=desk.now)
    assert desk.ledger.next_due(desk.now) == START + 2 * HOUR + MOMENT
    desk.clock.advance(3 * HOUR)
    assert [item.id for item in desk.ledger.miss_late(desk.now)] == [dated.id]
    assert desk.delivery(slot.id).state is State.PLANNED
    assert desk.ledger.next_due(desk.now) is None
    assert desk.apply(Move(slot.id, wanted("queued", due_at=desk.now + HOUR), "The next weekend.")) == {"moved": 1}


def test_the_next_instant_is_that_of_the_next_delivery(desk: Desk) -> None:
    """An empty ledger waits for nothing; else for the earliest due time, or for now if that is past."""
    assert desk.ledger.next_due(desk.now) is None
    desk.plan(wanted("a", due_at=START + HOUR), wanted("b", "facebook", due_at=START + MINUTE))
    assert desk.ledger.next_due(desk.now) == START + MINUTE
    desk.clock.advance(2 * MINUTE)
    assert desk.ledger.next_due(desk.now) == START + MINUTE


def test_the_next_instant_knows_what_an_account_is_busy_with(desk: Desk) -> None:
    """While one delivery is in hand, the account's others do not count; the end of the claim does."""
    desk.plan(wanted("a"), wanted("b"))
    desk.claim()
    assert desk.ledger.next_due(desk.now) == START + LEASE


def test_the_next_instant_of_what_waits_for_another_try(desk: Desk) -> None:
    """Its waiting time counts, and so does the end of its grace."""
    desk.plan(wanted())
    desk.record(desk.claim(), None, State.PLANNED, "not-sent", not_before=START + 10 * MINUTE)
    assert desk.ledger.next_due(desk.now) == START + 10 * MINUTE
    desk.clock.advance(LEASE)
    desk.ledger.pause("x", "Quiet day.", by="Ann", now=desk.now)
    assert desk.ledger.next_due(desk.now) == START + HOUR + MOMENT


@pytest.mark.parametrize("steps", [1, 7])
def test_going_from_instant_to_instant_comes_to_an_end(desk: Desk, steps: int) -> None:
    """A clock that is moved to the next instant, with all done then, never stands still."""
    for number in range(steps):
        desk.plan(wanted(f"p{number}", due_at=START + number * MINUTE, grace=number * timedelta(seconds=7)))
    turns = 0
    while (instant := desk.ledger.next_due(desk.now)) is not None:
        turns += 1
        assert turns < 5 * steps + 5
        desk.clock.advance_to(instant)
        desk.ledger.expire(desk.now)
        desk.ledger.miss_late(desk.now)
        while (claim := desk.try_claim()) is not None:
            desk.sent(claim, desk.intend(claim))
    assert {item.state for item in desk.ledger.deliveries()} <= {State.SENT, State.MISSED}
