"""A copy of a ledger to try things on: the same ledger, and the real one is not touched."""

from __future__ import annotations

from pathlib import Path

from socrbot.clock import VirtualClock
from socrbot.ledger import Ledger
from socrbot.ledger.aside import copy_aside
from tests.ledger.desk import Desk, wanted


def test_a_copy_is_the_same_ledger(desk: Desk, where: str, clock: VirtualClock, tmp_path: Path) -> None:
    """Deliveries, events, accounts and notes arrive; what is done to the copy stays there."""
    desk.plan(wanted("one"), wanted("two"))
    desk.start()
    desk.ledger.set_meta("zone", "Europe/London")
    before = (desk.ledger.deliveries(), desk.ledger.events(), desk.ledger.accounts(), desk.ledger.meta("ledger_id"))
    assert before[0]
    assert copy_aside(where, tmp_path / "copy.sqlite", clock=clock)
    with Ledger.open(tmp_path / "copy.sqlite", clock=clock) as copy:
        assert (copy.deliveries(), copy.events(), copy.accounts(), copy.meta("ledger_id")) == before
        copy.pause(None, "tried", by="somebody", now=clock.now())
        assert copy.newest_event() > desk.ledger.newest_event()
    assert desk.ledger.pauses() == []


def test_where_there_is_no_ledger_none_is_made(clock: VirtualClock, tmp_path: Path) -> None:
    """Neither the ledger nor a copy appears."""
    assert not copy_aside(str(tmp_path / "ledger.sqlite"), tmp_path / "copy.sqlite", clock=clock)
    assert list(tmp_path.iterdir()) == []
