"""Lost answers are looked for, and settled by evidence only."""

from __future__ import annotations

import pytest

from socrbot.delivery import State
from socrbot.errors import Lost
from socrbot.message import Receipt
from tests.ledger.desk import HOUR, MINUTE, START, Desk, wanted


def test_a_lost_answer_brings_all_that_is_needed_to_look(desk: Desk) -> None:
    """Payload, key, part, time of the try and the post it answered."""
    (planned,) = desk.plan(wanted())
    reply_to = Receipt("p-0", None, {"cid": "c"})
    unknown = desk.lose(payload={"text": "Hello"}, key="k-1", reply_to=reply_to)
    assert (unknown.delivery, unknown.payload, unknown.key) == (desk.delivery(planned.id), {"text": "Hello"}, "k-1")
    assert (unknown.part, unknown.parts, unknown.started_at, unknown.reply_to) == (1, 1, START, reply_to)
    assert (unknown.looks, unknown.absent_looks, unknown.next_look_at) == (0, 0, START)
    assert desk.ledger.was_unknown(planned.id)


def test_looking_waits_for_its_time_and_counts(desk: Desk) -> None:
    """Absent is counted only in a row; the next look is not before its time."""
    (planned,) = desk.plan(wanted())
    unknown = desk.lose()
    desk.ledger.looked(unknown, absent=True, detail="Not there.", next_look_at=START + MINUTE, now=desk.now)
    assert desk.ledger.unknowns(desk.now) == []
    assert desk.ledger.next_due(desk.now) == START + MINUTE
    desk.clock.advance(MINUTE)
    (unknown,) = desk.ledger.unknowns(desk.now)
    assert (unknown.looks, unknown.absent_looks) == (1, 1)
    desk.ledger.looked(unknown, absent=False, detail="Cannot tell.", next_look_at=desk.now, now=desk.now)
    (unknown,) = desk.ledger.unknowns(desk.now)
    assert (unknown.looks, unknown.absent_looks) == (2, 0)
    assert desk.delivery(planned.id).detail == "Cannot tell."


def test_what_only_a_person_can_find_out_is_not_looked_for_again(desk: Desk) -> None:
    """It stays unknown and listed, and wakes nobody up."""
    (planned,) = desk.plan(wanted())
    desk.ledger.looked(desk.lose(), absent=False, detail="No way to see.", next_look_at=None, now=desk.now)
    desk.clock.advance(24 * HOUR)
    assert desk.ledger.unknowns(desk.now) == []
    assert desk.ledger.next_due(desk.now) is None
    assert desk.delivery(planned.id).state is State.UNKNOWN


def test_found_means_sent(desk: Desk) -> None:
    """The receipt that was found is kept as if it had come in time, and spacing counts from the try."""
    (planned,) = desk.plan(wanted())
    desk.lose()
    desk.clock.advance(5 * MINUTE)
    receipt = Receipt("p-9", "https://x.example/p-9")
    desk.ledger.settle(planned.id, found=receipt, evidence="It is on the page.", now=desk.now, by="worker-2")
    sent = desk.delivery(planned.id)
    assert (sent.state, sent.parts_out, sent.detail) == (State.SENT, 1, "It is on the page.")
    assert desk.ledger.parts(planned.id)[0].receipt == receipt
    account = desk.ledger.account("x")
    assert account is not None
    assert account.last_sent_at == START


def test_absent_means_that_it_may_go_out_again(desk: Desk) -> None:
    """Planned again within its grace, with the lost try counted."""
    (planned,) = desk.plan(wanted())
    desk.lose()
    desk.ledger.settle(planned.id, found=None, evidence="Not on the page.", now=desk.now, by="worker-2")
    assert (desk.delivery(planned.id).state, desk.delivery(planned.id).attempts) == (State.PLANNED, 1)
    desk.sent(*desk.start())
    assert [row.state for row in desk.ledger.story(planned.id).attempts] == ["not-sent", "sent"]


def test_a_found_first_part_lets_the_second_follow(desk: Desk) -> None:
    """The thread is not sent as a whole: it is planned again for its next part."""
    (planned,) = desk.plan(wanted())
    desk.lose(parts=2)
    desk.ledger.settle(planned.id, found=Receipt("p-1"), evidence="Seen.", now=desk.now, by="worker-2")
    assert (desk.delivery(planned.id).state, desk.delivery(planned.id).parts_out) == (State.PLANNED, 1)
    claim, second = desk.start(part=2, parts=2)
    desk.sent(claim, second, "p-2")
    assert desk.delivery(planned.id).state is State.SENT


def test_a_doubt_is_settled_once(desk: Desk) -> None:
    """Two that look at the same time: the second is told that it came too late."""
    (planned,) = desk.plan(wanted())
    unknown = desk.lose()
    desk.ledger.settle(planned.id, found=Receipt("p-1"), evidence="Seen.", now=desk.now, by="worker-1")
    with pytest.raises(Lost):
        desk.ledger.settle(planned.id, found=None, evidence="Not seen.", now=desk.now, by="worker-2")
    with pytest.raises(Lost):
        desk.ledger.looked(unknown, absent=True, detail="Not seen.", next_look_at=None, now=desk.now)
    assert desk.delivery(planned.id).state is State.SENT


def test_what_was_seen_of_one_try_says_nothing_of_a_later_one(desk: Desk) -> None:
    """Somebody looked, and stood still. Meanwhile it was settled, sent again, and its answer was lost again."""
    (planned,) = desk.plan(wanted())

    def settle(found: Receipt | None, attempt: int) -> None:
        desk.ledger.settle(planned.id, found=found, evidence="Looked.", now=desk.now, by="w", attempt=attempt)

    first = desk.lose().attempt_id
    settle(None, first)
    second = desk.lose().attempt_id
    for found in (None, Receipt("p-1")):
        with pytest.raises(Lost, match="another try"):
            settle(found, first)
    assert desk.delivery(planned.id).state is State.UNKNOWN
    settle(Receipt("p-1"), second)
    assert desk.delivery(planned.id).state is State.SENT


def test_an_unknown_delivery_is_never_missed_or_held(desk: Desk) -> None:
    """No time and no guard turns a doubt into something else."""
    (planned,) = desk.plan(wanted())
    desk.lose()
    desk.clock.advance(48 * HOUR)
    assert desk.ledger.miss_late(desk.now) == []
    assert desk.delivery(planned.id).state is State.UNKNOWN


def test_a_doubt_does_not_stop_the_account(desk: Desk) -> None:
    """The next post of the account goes out while the lost one is looked for."""
    desk.plan(wanted("a"), wanted("b"))
    desk.lose()
    assert desk.claim().delivery.post == "b"
