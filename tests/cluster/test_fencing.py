"""Time in hand on PostgreSQL: by the server's clock, and whoever lost it can begin nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from socrbot.clock import SystemClock
from socrbot.cluster import ServerClock
from socrbot.delivery import Claim, State
from socrbot.errors import Lost
from socrbot.ledger import Ledger
from socrbot.message import Receipt
from tests.ledger import history
from tests.ledger.desk import HOUR, Desk, wanted

DAY = timedelta(days=1)


class Lying(SystemClock):
    """A machine's clock that is off by so much."""

    def __init__(self, off: timedelta) -> None:
        self.off = off

    def now(self) -> datetime:
        return super().now() + self.off


@pytest.fixture
def desks(postgres: str) -> Iterator[dict[str, Desk]]:
    """Three machines on one ledger: a right clock, one an hour ahead, one an hour behind."""
    opened = {}
    for name, off in (("right", timedelta(0)), ("ahead", HOUR), ("behind", -HOUR)):
        clock = Lying(off)
        opened[name] = Desk(Ledger.open(postgres, clock=clock), clock, worker=name)  # type: ignore[arg-type]
    due = datetime.now(UTC) - 2 * HOUR
    opened["right"].plan(*(wanted(f"post-{n}", due_at=due, grace=DAY) for n in range(2)))
    yield opened
    for desk in opened.values():
        desk.ledger.close()


def lose(desk: Desk, claim: Claim) -> None:
    """Lets the claim's time be over by the server's clock, as an hour's standstill would."""
    with desk.ledger._db.write() as connection:
        connection.exec_driver_sql(
            "UPDATE deliveries SET lease_until = now() - interval '1 second' WHERE id = %s", (claim.delivery.id,)
        )


@pytest.mark.parametrize("name", ["ahead", "behind"])
def test_a_wrong_clock_neither_shortens_nor_lengthens_the_time_in_hand(desks: dict[str, Desk], name: str) -> None:
    """Whichever machine claimed and whichever looks, the server's clock decides."""
    wrong, right = desks[name], desks["right"]
    for one, other in ((wrong, right), (right, wrong)):
        claim = one.claim()
        assert other.ledger.expire(other.now) == []
        assert other.try_claim() is None
        lose(right, claim)
        assert [d.state for d in other.ledger.expire(other.now)] == [State.PLANNED]
    history.check(right.ledger)


def test_whoever_lost_its_time_in_hand_can_begin_no_sending(desks: dict[str, Desk]) -> None:
    """Neither the first part nor the next, nor keep a step; and nothing of it is in the ledger."""
    slow, quick = desks["behind"], desks["right"]
    claim = slow.claim()
    lose(quick, claim)
    quick.ledger.expire(quick.now)
    taken = quick.claim()
    assert taken.delivery.id == claim.delivery.id
    for act in (
        lambda: slow.intend(claim),
        lambda: slow.ledger.steps(claim, 1).keep("media", "m-1"),
        lambda: slow.ledger.release_claim(claim, now=slow.now),
        lambda: slow.ledger.hold(claim, "why", "Because.", now=slow.now, by="slow"),
    ):
        with pytest.raises(Lost):
            act()
    quick.sent(taken, quick.intend(taken))
    assert len(quick.ledger.story(claim.delivery.id).attempts) == 1
    history.check(quick.ledger)


def test_a_late_answer_is_kept_as_proof(desks: dict[str, Desk]) -> None:
    """It was sending when it lost its time: what the network still answers settles the delivery, and no other try."""
    slow, quick = desks["ahead"], desks["right"]
    claim = slow.claim()
    attempt = slow.intend(claim)
    lose(quick, claim)
    assert [d.state for d in quick.ledger.expire(quick.now)] == [State.UNKNOWN]
    with pytest.raises(Lost):
        slow.ledger.part_sent(claim, attempt, Receipt("late", None), now=slow.now, last=True)
    story = quick.ledger.story(claim.delivery.id)
    assert story.delivery.state is State.SENT
    assert [part.receipt.id for part in story.parts if part.receipt] == ["late"]
    assert quick.ledger.unknowns(quick.now) == []
    history.check(quick.ledger)


def test_a_locked_row_is_passed_over_not_waited_for(desks: dict[str, Desk]) -> None:
    """While one machine's claim is not committed yet, another one finds nothing to claim, at once."""
    one, other = desks["right"], desks["ahead"]
    with one.ledger._db.write() as connection:
        connection.exec_driver_sql("SELECT id FROM accounts FOR UPDATE")
        assert other.try_claim() is None
    assert other.try_claim() is not None


@pytest.mark.parametrize("off", [HOUR, -HOUR])
def test_workers_go_by_the_servers_clock(postgres: str, off: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour off before the first look at the server, right from then on."""
    own = SystemClock.now
    monkeypatch.setattr(SystemClock, "now", lambda self: own(self) + off)
    clock = ServerClock()
    with Ledger.open(postgres, clock=clock) as ledger:
        assert abs(clock.now() - datetime.now(UTC)) > HOUR / 2
        clock.follow(ledger)
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
