"""Who gets which delivery, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from socrbot.delivery import State
from socrbot.errors import LedgerError, Lost
from tests.ledger.desk import HOUR, LEASE, MINUTE, START, Desk, wanted


def test_what_is_due_is_claimed_by_due_time_then_in_the_order_of_planning(desk: Desk) -> None:
    """The earliest due delivery comes first; of two due at once the one planned first."""
    desk.plan(wanted("b", due_at=START), wanted("a", due_at=START - MINUTE), wanted("c", due_at=START))
    order = []
    while (claim := desk.try_claim()) is not None:
        order.append(claim.delivery.post)
        desk.sent(claim, desk.intend(claim))
    assert order == ["a", "b", "c"]


def test_nothing_is_claimed_before_its_time_or_after_its_grace(desk: Desk) -> None:
    """Neither what is due in a second nor what is too late is handed out."""
    desk.plan(wanted("early", due_at=START + timedelta(seconds=1)), wanted("late", due_at=START - 2 * HOUR))
    assert desk.try_claim() is None
    assert desk.ledger.due_accounts(desk.now) == []


def test_a_claimed_delivery_says_who_has_it_and_for_how_long(desk: Desk) -> None:
    """The claim carries the delivery as claimed, a fresh token and the worker's own clock."""
    desk.clock.advance(timedelta(seconds=7))
    desk.plan(wanted())
    claim = desk.claim()
    assert claim.delivery.state is State.CLAIMED
    assert claim == replace(claim, worker="worker-1", lease=LEASE, taken=7.0)
    desk.ledger.release_claim(claim, now=desk.now)
    assert desk.claim().token != claim.token


def test_one_delivery_at_a_time_for_each_account(desk: Desk) -> None:
    """While one delivery of an account is in hand, it gets no other; another account does."""
    desk.plan(wanted("a"), wanted("b"), wanted("a", "facebook"))
    claim = desk.claim()
    assert desk.try_claim(worker="worker-2") is None
    assert desk.ledger.due_accounts(desk.now) == ["facebook"]
    assert desk.claim("facebook", worker="worker-2").delivery.account == "facebook"
    desk.sent(claim, desk.intend(claim))
    assert desk.claim(worker="worker-2").delivery.post == "b"


def test_spacing_is_kept_from_the_last_post_of_the_account(desk: Desk) -> None:
    """The next one comes when the time between two posts has passed, not before."""
    desk.plan(wanted("a"), wanted("b"))
    desk.sent(*desk.start())
    spacing = 30 * MINUTE
    assert desk.try_claim(spacing=spacing) is None
    assert desk.ledger.due_accounts(desk.now, spacing={"x": spacing}) == []
    assert desk.ledger.next_due(desk.now, spacing={"x": spacing}) == START + spacing
    desk.clock.advance(spacing)
    assert desk.claim(spacing=spacing).delivery.post == "b"


def test_spacing_does_not_block_after_the_clock_went_back(desk: Desk) -> None:
    """A last post in the future tells nothing about the distance, so the account is not silent until then."""
    desk.plan(wanted("a"))
    desk.sent(*desk.start())
    desk.clock.jump(-5 * HOUR)
    desk.plan(wanted("b", due_at=desk.now))
    assert desk.claim(spacing=30 * MINUTE).delivery.post == "b"


def test_what_has_to_wait_is_passed_over(desk: Desk) -> None:
    """A delivery that is to be tried later lets the next one go first."""
    first, _ = desk.plan(wanted("a"), wanted("b"))
    desk.record(desk.claim(), None, State.PLANNED, "not-sent", not_before=START + 5 * MINUTE)
    assert desk.claim().delivery.post == "b"
    assert desk.delivery(first.id).not_before == START + 5 * MINUTE


def test_an_account_that_was_told_to_wait_waits(desk: Desk) -> None:
    """A limit of the whole account stops every delivery of it, urgent ones too, until it ends."""
    desk.plan(wanted("a"), wanted("b"))
    until = START + 15 * MINUTE
    desk.record(desk.claim(), None, State.PLANNED, "limit", account_until=until)
    assert desk.try_claim() is None
    assert desk.ledger.next_due(desk.now) == until
    desk.clock.advance_to(until)
    assert desk.claim().delivery.post == "a"


def test_a_stopped_account_gets_nothing_and_others_go_on(desk: Desk) -> None:
    """Dead credentials stop their own account only, until somebody starts it again."""
    desk.plan(wanted("a"), wanted("b"), wanted("a", "facebook"))
    claim, attempt = desk.start()
    desk.record(claim, attempt, State.FAILED, "unauthorised", stop_account="The token was revoked.")
    assert desk.ledger.due_accounts(desk.now) == ["facebook"]
    assert desk.try_claim() is None
    desk.ledger.start_account("x", by="Ann", now=desk.now)
    assert desk.claim().delivery.post == "b"


def test_an_account_that_nobody_planned_for_has_nothing(desk: Desk) -> None:
    """Asking for an unknown account is no error."""
    assert desk.try_claim("nowhere") is None


def test_a_claim_can_be_given_back(desk: Desk) -> None:
    """A released delivery is planned as before and can be claimed at once."""
    (planned,) = desk.plan(wanted())
    claim = desk.claim()
    desk.ledger.release_claim(claim, now=desk.now)
    assert desk.delivery(planned.id) == replace(planned, changed_at=desk.now)
    with pytest.raises(Lost):
        desk.ledger.release_claim(claim, now=desk.now)


def test_a_claimed_delivery_can_be_held_with_its_reason(desk: Desk) -> None:
    """A guard's no keeps the delivery from being claimed, and says why."""
    (planned,) = desk.plan(wanted())
    claim = desk.claim()
    desk.ledger.hold(claim, "stale-fact", "The figure is old.", now=desk.now, by="worker-1")
    held = desk.delivery(planned.id)
    assert (held.state, held.reason, held.detail) == (State.HELD, "stale-fact", "The figure is old.")
    assert desk.try_claim() is None
    with pytest.raises(Lost):
        desk.ledger.hold(claim, "stale-fact", "Again.", now=desk.now, by="worker-1")


def test_only_what_waits_can_be_held_by_number(desk: Desk) -> None:
    """A delivery on its way is not held behind its worker's back."""
    (planned,) = desk.plan(wanted())
    desk.claim()
    with pytest.raises(LedgerError, match="only what waits"):
        desk.ledger.hold(planned.id, "stale-fact", "The figure is old.", now=desk.now, by="guards")


def test_steps_outlive_their_claim_and_end_with_their_time(desk: Desk) -> None:
    """The remote id of an uploaded picture is found by the next try, until the network forgets it."""
    desk.plan(wanted())
    claim = desk.claim()
    steps = desk.ledger.steps(claim, 1)
    steps.keep("media-1", "m-17", expires_at=desk.now + HOUR)
    steps.keep("media-1", "m-18", expires_at=desk.now + HOUR)
    steps.keep("container", "c-1")
    desk.ledger.release_claim(claim, now=desk.now)
    again = desk.ledger.steps(desk.claim(), 1)
    assert (again.get("media-1"), again.get("container"), again.get("media-2")) == ("m-18", "c-1", None)
    assert desk.ledger.steps(claim, 2).get("media-1") is None
    desk.clock.advance(HOUR)
    assert (again.get("media-1"), again.get("container")) == (None, "c-1")


def test_a_void_claim_keeps_no_steps(desk: Desk) -> None:
    """A worker whose time ran out learns of it before it prepares more."""
    desk.plan(wanted())
    claim = desk.claim()
    desk.ledger.release_claim(claim, now=desk.now)
    with pytest.raises(Lost):
        desk.ledger.steps(claim, 1).keep("media-1", "m-17")
