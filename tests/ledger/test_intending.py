"""What is about to be sent is committed first, and looked at once more in that very moment."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from socrbot.delivery import State
from socrbot.errors import LedgerError, Lost
from socrbot.message import Receipt
from socrbot.rules import Held
from tests.ledger.desk import HOUR, LEASE, MINUTE, START, Desk, wanted


def test_the_intent_holds_exactly_what_will_be_sent(desk: Desk) -> None:
    """The attempt has payload, key, digest, words and facts before the first byte leaves."""
    (planned,) = desk.plan(wanted())
    payload = {"text": "98.3% of appeals succeed – “rights”", "media": ["m-1"], "nested": {"b": 1, "a": None}}
    facts = [{"id": "tribunal-success", "figure": "98.3%"}]
    _, attempt = desk.start(payload=payload, key="key@1", facts=facts, reply_to=Receipt("p-0", None, {"cid": "c"}))
    (row,) = desk.ledger.story(planned.id).attempts
    assert (row.id, row.state, row.part, row.parts, row.key) == (attempt, "open", 1, 1, "key@1")
    assert row.payload == payload
    assert row.facts == facts
    assert row.reply_to == Receipt("p-0", None, {"cid": "c"})
    text = '{"media":["m-1"],"nested":{"a":null,"b":1},"text":"98.3% of appeals succeed – “rights”"}'
    assert row.intent_digest == hashlib.sha256(text.encode()).hexdigest()
    assert desk.delivery(planned.id).state is State.SENDING
    (part,) = desk.ledger.parts(planned.id)
    assert (part.number, part.state, part.key, part.receipt) == (1, "sending", "key@1", None)


def test_what_grew_late_while_it_was_made_ready_is_not_sent(desk: Desk) -> None:
    """Its grace is looked at again in the intent's own transaction: it goes back, and is missed."""
    (planned,) = desk.plan(wanted(grace=2 * MINUTE))
    claim = desk.claim()
    desk.clock.advance(2 * MINUTE + timedelta(seconds=1))
    refused = desk.intend(claim)
    assert isinstance(refused, Held)
    assert refused.code == "late"
    assert desk.ledger.story(planned.id).attempts == ()
    (missed,) = desk.ledger.miss_late(desk.now)
    assert (missed.id, missed.state) == (planned.id, State.MISSED)


def test_an_intent_begins_the_claims_time_anew(desk: Desk) -> None:
    """Preparing may take most of the lease; sending has all of it."""
    (planned,) = desk.plan(wanted())
    claim = desk.claim()
    desk.clock.advance(LEASE - MINUTE)
    desk.intend(claim)
    desk.clock.advance(LEASE - MINUTE)
    assert desk.ledger.expire(desk.now) == []
    desk.clock.advance(MINUTE)
    assert [item.id for item in desk.ledger.expire(desk.now)] == [planned.id]


def test_a_second_intent_for_one_claim_is_refused(desk: Desk) -> None:
    """While an answer is awaited, the same claim cannot send again."""
    desk.plan(wanted())
    claim, _ = desk.start()
    with pytest.raises(LedgerError, match="going out right now"):
        desk.intend(claim)


def test_a_void_claim_sends_nothing(desk: Desk) -> None:
    """A worker that was too slow finds its claim gone before the first byte."""
    desk.plan(wanted())
    slow = desk.claim()
    desk.clock.advance(LEASE)
    desk.ledger.expire(desk.now)
    desk.claim(worker="worker-2")
    with pytest.raises(Lost):
        desk.intend(slow)
    assert desk.ledger.story(slow.delivery.id).attempts == ()


@pytest.mark.parametrize("account", [None, "x"])
def test_a_pause_stops_what_is_claimed_already(desk: Desk, account: str | None) -> None:
    """A pause that comes between claim and first byte holds the delivery; nothing was sent."""
    (planned,) = desk.plan(wanted())
    claim = desk.claim()
    desk.ledger.pause(account, "A child died.", by="Ann", now=desk.now)
    assert desk.intend(claim) == Held("paused", "Publishing is paused.")
    held = desk.delivery(planned.id)
    assert (held.state, held.reason) == (State.HELD, "paused")
    assert desk.ledger.story(planned.id).attempts == ()


def test_a_pause_of_another_account_stops_nothing(desk: Desk) -> None:
    """Only the paused account is silent."""
    desk.plan(wanted(), wanted(account="facebook"))
    claim = desk.claim()
    desk.ledger.pause("facebook", "Page under review.", by="Ann", now=desk.now)
    assert isinstance(desk.intend(claim), int)


def test_an_urgent_delivery_passes_a_pause(desk: Desk) -> None:
    """A person asked for it in the pause, with a reason."""
    desk.plan(wanted("other"))
    desk.ledger.pause(None, "Quiet day.", by="Ann", now=desk.now)
    desk.ledger.publish_now(
        "march", "x", "x", now=desk.now, by="Ann", urgent=True, reason="The vote", grace=HOUR, path="p", line=1
    )
    assert desk.ledger.due_accounts(desk.now) == ["x"]
    claim = desk.claim(spacing=HOUR)
    assert claim.delivery.post == "march"
    desk.sent(claim, desk.intend(claim))
    assert desk.try_claim() is None


def test_an_account_that_is_not_live_sends_nothing_public(desk: Desk) -> None:
    """Without go-live a public account is held; the outbox needs none."""
    first, _ = desk.plan(wanted(), wanted(account="outbox"))
    assert desk.intend(desk.claim(), needs_live=True).code == "not-live"
    assert desk.delivery(first.id).reason == "not-live"
    assert isinstance(desk.intend(desk.claim("outbox"), needs_live=False), int)
    desk.ledger.go_live("x", "x", None, by="Ann", now=desk.now)
    assert isinstance(desk.intend(desk.claim(), needs_live=True), int)


def test_an_account_stopped_since_the_claim_sends_nothing(desk: Desk) -> None:
    """Another worker may find the credentials dead while this one prepares."""
    (planned,) = desk.plan(wanted())
    claim = desk.claim()
    desk.clock.advance(LEASE)
    desk.ledger.expire(desk.now)
    current = desk.claim(worker="worker-2")
    with pytest.raises(Lost):
        desk.record(claim, None, State.FAILED, "unauthorised", stop_account="Revoked.")
    assert desk.intend(current).code == "account-stopped"
    assert desk.delivery(planned.id).reason == "account-stopped"


def test_changed_guards_send_the_delivery_back_to_be_looked_at(desk: Desk) -> None:
    """A go-live, pause or resume since the guards looked means that they look again; nothing is sent."""
    (planned,) = desk.plan(wanted())
    claim, seen = desk.claim(), desk.ledger.guard_version()
    desk.ledger.pause("facebook", "Page under review.", by="Ann", now=desk.now)
    assert desk.intend(claim, guards=seen).code == "guards-changed"
    assert desk.delivery(planned.id).state is State.PLANNED
    assert isinstance(desk.intend(desk.claim(), guards=desk.ledger.guard_version()), int)


def test_a_thread_goes_out_part_by_part_under_one_claim(desk: Desk) -> None:
    """Each part has its own intent and receipt; the last one makes the delivery sent."""
    (planned,) = desk.plan(wanted())
    claim, first = desk.start(parts=2)
    desk.sent(claim, first, "p-1", last=False)
    assert (desk.delivery(planned.id).state, desk.delivery(planned.id).parts_out) == (State.SENDING, 1)
    second = desk.intend(claim, part=2, parts=2, key="key-2")
    desk.sent(claim, second, "p-2", last=True)
    assert (desk.delivery(planned.id).state, desk.delivery(planned.id).parts_out) == (State.SENT, 2)
    assert [part.receipt and part.receipt.id for part in desk.ledger.parts(planned.id)] == ["p-1", "p-2"]
    assert desk.actions(planned.id) == ["planned", "claimed", "sending", "part-sent", "sending", "sent"]


def test_a_pause_in_the_middle_of_a_thread_says_what_is_public(desk: Desk) -> None:
    """Part 1 is out, part 2 is not sent, and both the log and the list of half-sent threads say so."""
    (planned,) = desk.plan(wanted())
    claim, first = desk.start(parts=3)
    desk.sent(claim, first, "p-1", last=False)
    desk.ledger.pause(None, "A child died.", by="Ann", now=desk.now)
    assert desk.ledger.half_sent() == [(desk.delivery(planned.id), 1, 3)]
    assert desk.ledger.half_sent("facebook") == []
    assert "Part 1 is public." in desk.intend(claim, part=2, parts=3).detail
    held = desk.delivery(planned.id)
    assert (held.state, held.reason, held.parts_out) == (State.HELD, "paused", 1)
    assert "Part 1 is public." in (held.detail or "")


def test_a_part_that_is_public_is_not_sent_again(desk: Desk) -> None:
    """Whoever missed that part 1 is out cannot send it a second time."""
    (planned,) = desk.plan(wanted())
    claim, first = desk.start(parts=2)
    desk.sent(claim, first, "p-1", last=False)
    assert desk.intend(claim, part=1, parts=2).code == "part-is-out"
    assert desk.delivery(planned.id).state is State.PLANNED


def test_a_retry_of_a_part_keeps_every_attempt(desk: Desk) -> None:
    """Attempts are numbered through; an earlier one is never overwritten."""
    (planned,) = desk.plan(wanted())
    for _ in range(2):
        claim, attempt = desk.start()
        desk.record(claim, attempt, State.PLANNED, "not-sent")
    desk.sent(*desk.start())
    attempts = desk.ledger.story(planned.id).attempts
    assert [(row.number, row.state) for row in attempts] == [(1, "not-sent"), (2, "not-sent"), (3, "sent")]
    assert desk.delivery(planned.id).attempts == 3
    assert desk.delivery(planned.id).reason is None


def test_time_is_kept_to_the_microsecond_in_utc(desk: Desk) -> None:
    """Instants come back from either database as they went in."""
    due_at = START + timedelta(microseconds=123_457)
    (planned,) = desk.plan(wanted(due_at=due_at))
    assert planned.due_at == due_at
    assert planned.due_at.utcoffset() == timedelta(0)
