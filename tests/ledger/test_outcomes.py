"""What an attempt came to, in time and too late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from socrbot.delivery import Claim, State
from socrbot.errors import LedgerError, Lost
from socrbot.message import Receipt
from tests.ledger import history
from tests.ledger.desk import HOUR, LEASE, MINUTE, START, Desk, wanted


def expired(desk: Desk, **values: object) -> tuple[Claim, int]:
    """A worker that sent, and was gone for longer than its claim lasted."""
    claim, attempt = desk.start(**values)
    desk.clock.advance(LEASE)
    desk.ledger.expire(desk.now)
    return claim, attempt


def test_a_receipt_makes_the_delivery_sent(desk: Desk) -> None:
    """Id, address and what a later deletion needs are kept with the part, and the account has spoken now."""
    (planned,) = desk.plan(wanted())
    claim, attempt = desk.start()
    desk.clock.advance(MINUTE)
    receipt = Receipt("at://1", "https://bsky.example/1", {"cid": "abc"})
    desk.ledger.part_sent(claim, attempt, receipt, now=desk.now, last=True)
    sent = desk.delivery(planned.id)
    assert (sent.state, sent.parts_out, sent.attempts) == (State.SENT, 1, 1)
    (part,) = desk.ledger.parts(planned.id)
    assert (part.receipt, part.sent_at) == (receipt, START + MINUTE)
    account = desk.ledger.account("x")
    assert account is not None
    assert account.last_sent_at == START + MINUTE


def test_an_outcome_said_twice_is_kept_once(desk: Desk) -> None:
    """A worker that did not hear whether its commit arrived may say it again."""
    (planned,) = desk.plan(wanted("a"))
    claim, attempt = desk.start()
    desk.sent(claim, attempt)
    before = desk.ledger.story(planned.id)
    desk.sent(claim, attempt)
    assert desk.ledger.story(planned.id) == before
    (second,) = desk.plan(wanted("b"))
    claim, attempt = desk.start()
    desk.record(claim, attempt, State.FAILED, "refused")
    before = desk.ledger.story(second.id)
    desk.record(claim, attempt, State.FAILED, "refused")
    assert desk.ledger.story(second.id) == before


def test_a_refusal_fails_the_delivery_with_the_networks_words(desk: Desk) -> None:
    """Failed, with a reason, a sentence and what the network answered."""
    (planned,) = desk.plan(wanted())
    claim, attempt = desk.start()
    desk.record(claim, attempt, State.FAILED, "refused", data={"status": 403, "code": "duplicate"})
    failed = desk.delivery(planned.id)
    assert (failed.state, failed.reason, failed.detail) == (State.FAILED, "refused", "The network said: refused.")
    (row,) = desk.ledger.story(planned.id).attempts
    assert (row.state, row.data) == ("failed", {"status": 403, "code": "duplicate"})
    assert desk.try_claim() is None


def test_what_provably_did_not_go_out_is_planned_again(desk: Desk) -> None:
    """It waits until the time that the outcome names, and counts its tries."""
    (planned,) = desk.plan(wanted())
    claim, attempt = desk.start()
    desk.record(claim, attempt, State.PLANNED, "not-sent", not_before=START + MINUTE)
    again = desk.delivery(planned.id)
    assert (again.state, again.attempts, again.not_before) == (State.PLANNED, 1, START + MINUTE)
    assert again.reason == "not-sent"
    desk.clock.advance(MINUTE)
    assert desk.claim().delivery.attempts == 1


def test_preparing_can_fail_without_an_attempt(desk: Desk) -> None:
    """An upload that is refused fails the delivery before anything was intended."""
    (planned,) = desk.plan(wanted())
    desk.record(desk.claim(), None, State.FAILED, "refused")
    assert desk.delivery(planned.id).state is State.FAILED


def test_a_claimed_delivery_cannot_be_unknown(desk: Desk) -> None:
    """Nothing was sent yet, so there is nothing to doubt."""
    (planned,) = desk.plan(wanted())
    claim = desk.claim()
    with pytest.raises(LedgerError):
        desk.record(claim, None, State.UNKNOWN, "answer-lost")
    assert desk.delivery(planned.id).state is State.CLAIMED


def test_text_that_no_database_takes_cannot_lose_an_outcome(desk: Desk) -> None:
    """A broken answer with NUL and half characters is kept, cleaned, and never in the way of the commit."""
    (planned,) = desk.plan(wanted())
    claim, attempt = desk.start()
    odd = "bro\0ken \ud83d answer"
    desk.record(claim, attempt, State.FAILED, "refused", data={"body": odd, "more": object, 3: {1, 2}})
    assert desk.delivery(planned.id).state is State.FAILED
    (row,) = desk.ledger.story(planned.id).attempts
    assert row.data["body"] == "bro\0ken ? answer"


def test_a_dead_worker_leaves_a_claimed_delivery_planned_and_a_sending_one_unknown(desk: Desk) -> None:
    """Before the intent nothing was public; after it nobody knows."""
    first, second = desk.plan(wanted(), wanted(account="facebook"))
    desk.claim()
    _, attempt = desk.start("facebook")
    desk.clock.advance(LEASE)
    assert {item.id: item.state for item in desk.ledger.expire(desk.now)} == {
        first.id: State.PLANNED,
        second.id: State.UNKNOWN,
    }
    assert desk.delivery(first.id).reason == "worker-died"
    (row,) = desk.ledger.story(second.id).attempts
    assert (row.id, row.state, row.ended_at) == (attempt, "open", None)
    assert [item.attempt_id for item in desk.ledger.unknowns(desk.now)] == [attempt]


def test_a_claim_that_still_runs_is_never_taken_away(desk: Desk) -> None:
    """One moment before its end a claim is as good as new."""
    desk.plan(wanted())
    desk.start()
    desk.clock.advance(LEASE - MINUTE)
    assert desk.ledger.expire(desk.now) == []
    assert desk.ledger.next_due(desk.now) == START + LEASE


def test_death_between_two_parts_leaves_nothing_in_doubt(desk: Desk) -> None:
    """Part 1 has its receipt and part 2 was not begun: the thread goes on with part 2."""
    (planned,) = desk.plan(wanted())
    claim, first = desk.start(parts=2)
    desk.sent(claim, first, "p-1", last=False)
    desk.clock.advance(LEASE)
    (again,) = desk.ledger.expire(desk.now)
    assert (again.state, again.parts_out) == (State.PLANNED, 1)
    claim, second = desk.start(part=2, parts=2)
    desk.sent(claim, second, "p-2")
    assert desk.delivery(planned.id).state is State.SENT


def test_a_late_receipt_settles_the_doubt(desk: Desk) -> None:
    """The worker lost its claim, but its receipt is proof: the delivery is sent, and the worker learns of its loss."""
    (planned,) = desk.plan(wanted())
    claim, attempt = expired(desk)
    with pytest.raises(Lost):
        desk.sent(claim, attempt, "late-1")
    sent = desk.delivery(planned.id)
    assert (sent.state, sent.parts_out) == (State.SENT, 1)
    assert desk.ledger.parts(planned.id)[0].receipt == Receipt("late-1", "https://x.example/late-1")
    assert desk.actions(planned.id)[-3:] == ["expired", "late-answer", "settled"]
    assert desk.ledger.unknowns(desk.now) == []


def test_a_late_receipt_of_part_one_lets_the_thread_go_on(desk: Desk) -> None:
    """The next part may follow; the proven one is not sent again."""
    (planned,) = desk.plan(wanted())
    claim, attempt = expired(desk, parts=2)
    with pytest.raises(Lost):
        desk.sent(claim, attempt, "late-1", last=False)
    assert (desk.delivery(planned.id).state, desk.delivery(planned.id).parts_out) == (State.PLANNED, 1)
    assert desk.intend(desk.claim(), part=1, parts=2).code == "part-is-out"


@pytest.mark.parametrize("then", ["planned", "claimed", "held", "missed", "failed", "cancelled"])
def test_a_late_receipt_proves_it_sent_whatever_was_believed_by_then(desk: Desk, then: str) -> None:
    """After a wrong "not there" the receipt still comes: it must not go out again, from no state."""
    (planned,) = desk.plan(wanted())
    claim, attempt = expired(desk)
    desk.ledger.settle(planned.id, found=None, evidence="Not on the page.", now=desk.now, by="worker-2")
    _bring_to(desk, planned.id, then)
    assert desk.delivery(planned.id).state == then
    with pytest.raises(Lost):
        desk.sent(claim, attempt, "late-1")
    assert desk.delivery(planned.id).state is State.SENT
    assert desk.try_claim() is None


def _bring_to(desk: Desk, delivery_id: int, state: str) -> None:
    if state == "claimed":
        desk.claim(worker="worker-2")
    elif state == "held":
        desk.ledger.hold(delivery_id, "stale-fact", "Old.", now=desk.now, by="guards")
    elif state == "missed":
        desk.clock.advance(2 * HOUR)
        desk.ledger.miss_late(desk.now)
    elif state == "failed":
        desk.record(desk.claim(), None, State.FAILED, "refused")
    elif state == "cancelled":
        desk.ledger.cancel(delivery_id, by="Ann", reason="No.", now=desk.now)


def test_a_late_receipt_during_another_try_is_only_kept(desk: Desk) -> None:
    """What another worker sends at this moment has its own end; the evidence stands in the log."""
    (planned,) = desk.plan(wanted())
    claim, attempt = expired(desk)
    desk.ledger.settle(planned.id, found=None, evidence="Not on the page.", now=desk.now, by="worker-2")
    current, second = desk.start()
    with pytest.raises(Lost):
        desk.sent(claim, attempt, "late-1")
    assert desk.delivery(planned.id).state is State.SENDING
    desk.sent(current, second, "p-2")
    story = desk.ledger.story(planned.id)
    assert [row.receipt and row.receipt.id for row in story.attempts] == ["late-1", "p-2"]
    assert "late-answer" in [event.action for event in story.events]


@pytest.mark.parametrize("then", [State.PLANNED, State.FAILED, State.UNKNOWN])
def test_an_earlier_receipt_stands_whatever_the_later_try_comes_to(desk: Desk, then: State) -> None:
    """The first try's answer comes while the second is on its way: whatever becomes of that one, the part is public."""
    (planned,) = desk.plan(wanted())
    first, attempt = expired(desk)
    desk.ledger.settle(planned.id, found=None, evidence="It is not there.", now=desk.now, by="w")
    second, again = desk.start()
    with pytest.raises(Lost):
        desk.sent(first, attempt, "late-1")
    desk.record(second, again, then, "not-sent")
    sent = desk.delivery(planned.id)
    assert (sent.state, sent.parts_out) == (State.SENT, 1)
    assert desk.ledger.parts(planned.id)[0].receipt == Receipt("late-1", "https://x.example/late-1")


def test_an_earlier_receipt_stands_when_the_later_try_is_not_there(desk: Desk) -> None:
    """The second worker dies, the network shows nothing of its try, but the first try's receipt is kept: it is sent."""
    (planned,) = desk.plan(wanted())
    first, attempt = expired(desk)
    desk.ledger.settle(planned.id, found=None, evidence="It is not there.", now=desk.now, by="w")
    desk.start()
    with pytest.raises(Lost):
        desk.sent(first, attempt, "late-1")
    desk.clock.advance(LEASE)
    desk.ledger.expire(desk.now)
    assert desk.delivery(planned.id).state is State.UNKNOWN
    desk.ledger.settle(planned.id, found=None, evidence="It is not there.", now=desk.now, by="w")
    assert desk.delivery(planned.id).state is State.SENT


def test_a_late_refusal_settles_the_doubt_as_not_sent(desk: Desk) -> None:
    """A definite answer that comes late is as good as one in time."""
    (planned,) = desk.plan(wanted())
    claim, attempt = expired(desk)
    with pytest.raises(Lost):
        desk.record(claim, attempt, State.FAILED, "refused")
    assert (desk.delivery(planned.id).state, desk.delivery(planned.id).reason) == (State.FAILED, "refused")


def test_a_late_loss_changes_nothing(desk: Desk) -> None:
    """A late "I do not know" is no news."""
    (planned,) = desk.plan(wanted())
    claim, attempt = expired(desk)
    with pytest.raises(Lost):
        desk.record(claim, attempt, State.UNKNOWN, "answer-lost")
    assert desk.delivery(planned.id).state is State.UNKNOWN


def test_a_stale_claim_changes_nothing_but_the_log(desk: Desk) -> None:
    """An outcome under an old claim never touches what a new claim does."""
    (planned,) = desk.plan(wanted())
    slow = desk.claim()
    desk.clock.advance(LEASE)
    desk.ledger.expire(desk.now)
    current, attempt = desk.start()
    with pytest.raises(Lost):
        desk.record(slow, None, State.FAILED, "refused")
    with pytest.raises(Lost):
        desk.record(replace(current, token="forged"), attempt, State.FAILED, "refused")
    assert desk.delivery(planned.id).state is State.SENDING
    desk.sent(current, attempt)
    assert desk.delivery(planned.id).state is State.SENT


@pytest.mark.parametrize(("reason", "left"), [("duplicate-answer", "not-sent"), ("answer-lost", "unknown")])
@pytest.mark.parametrize("order", ["the receipt last", "the receipt first"])
def test_a_late_receipt_ends_the_doubt_about_a_second_try(desk: Desk, reason: str, left: str, order: str) -> None:
    """The part is public by the first try. The second was refused as a repetition, or nobody will ever know of it."""
    (planned,) = desk.plan(wanted())
    first, attempt = expired(desk)
    desk.ledger.settle(planned.id, found=None, evidence="Not on the page.", now=desk.now, by="worker-2")
    second, again = desk.start()

    def receipt() -> None:
        with pytest.raises(Lost):
            desk.sent(first, attempt, "late-1")

    if order == "the receipt first":
        receipt()
    desk.record(second, again, State.UNKNOWN, reason)
    if order == "the receipt last":
        receipt()
    assert desk.delivery(planned.id).state is State.SENT
    one, other = desk.ledger.story(planned.id).attempts
    assert (one.state, other.state, other.next_look_at) == ("sent", left, None)
    assert list(desk.ledger.unknowns(desk.now)) == []
    history.check(desk.ledger)


def test_a_receipt_that_is_kept_is_not_taken_back_by_whoever_stops(desk: Desk) -> None:
    """Told to stop between two parts: the first one is public and stays so, the next one goes out later."""
    (planned,) = desk.plan(wanted())
    claim, attempt = desk.start(parts=2)
    desk.sent(claim, attempt, "one", last=False)
    desk.record(claim, attempt, State.UNKNOWN, "stopped")
    now = desk.delivery(planned.id)
    assert (now.state, now.parts_out) == (State.PLANNED, 1)
    history.check(desk.ledger)
