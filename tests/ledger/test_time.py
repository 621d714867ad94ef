"""By whose clock a claim is measured."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from socrbot.clock import SystemClock, VirtualClock
from socrbot.delivery import Add, State
from socrbot.ledger import Ledger
from tests.ledger.desk import HOUR, LEASE, START, wanted


class WrongClock(SystemClock):
    """The clock of a computer that is hours behind the others."""

    def now(self) -> datetime:
        return super().now() - 5 * HOUR


@pytest.mark.slow
def test_machines_with_different_clocks_agree_on_claims(postgres: str) -> None:
    """On PostgreSQL the server's clock decides: a claim made by a slow clock does not run out early."""
    with Ledger.open(postgres, clock=WrongClock()) as slow, Ledger.open(postgres, clock=SystemClock()) as right:
        now = SystemClock().now()
        assert abs(slow.now() - now) < timedelta(minutes=1)
        right.apply([Add(wanted(due_at=now, grace=9 * HOUR))], now=now, by="plan")
        assert slow.claim("x", worker="w", lease=LEASE, spacing=timedelta(0), now=now, monotonic=0.0) is not None
        assert right.expire(now) == []
        assert right.counts() == {State.CLAIMED: 1}


def test_a_clock_that_is_handed_in_is_the_clock(where: str, clock: VirtualClock) -> None:
    """In demo and tests time is what they say it is, on either database."""
    with Ledger.open(where, clock=clock) as ledger:
        assert ledger.now() == START
        clock.advance(HOUR)
        assert ledger.now() == START + HOUR


def test_on_sqlite_the_computers_clock_decides(tmp_path: Path) -> None:
    """There is one machine, so its clock is the clock."""
    with Ledger.open(tmp_path / "ledger.sqlite", clock=WrongClock()) as ledger:
        assert abs(ledger.now() - (SystemClock().now() - 5 * HOUR)) < timedelta(minutes=1)
