"""`socrbot ledger copy`: a ledger moves to another database whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from socrbot.clock import VirtualClock
from socrbot.delivery import State
from socrbot.errors import LedgerError
from socrbot.ledger import Ledger
from socrbot.ledger.moving import Copied, copy_ledger
from socrbot.ledger.schema import deliveries, metadata
from tests.ledger import history
from tests.ledger.desk import HOUR, LEASE, START, Desk, wanted

POSTS = 2_500
ACCOUNTS = ("x", "facebook", "bluesky", "outbox")


def fill(path: Path, number: int = POSTS) -> None:
    """A ledger with a past: sent, failed, lost, held, planned; with words in other scripts, and odd JSON."""
    clock = VirtualClock(START)
    with Ledger.open(path, clock=clock) as ledger:
        desk = Desk(ledger, clock)
        desk.plan(*(wanted(f"post-{n}", ACCOUNTS[n % 4], grace=100 * HOUR) for n in range(number)))
        for n in range(8):
            claim, attempt = desk.start("x", payload={"text": "Ünïcode ≠ ASCII 🙂", "n": n, "x": 0.1}, cost=0.015)
            desk.sent(claim, attempt, f"p-{n}")
        claim, attempt = desk.start("facebook")
        desk.record(claim, attempt, State.FAILED, "refused")
        desk.lose("bluesky")
        ledger.pause("outbox", "Ruhe", by="Zoë", now=desk.now)
        ledger.set_cursor("page", 7)
        ledger.beat("worker-1", START - HOUR)


def stories(where: str) -> tuple[object, ...]:
    """All that a ledger tells."""
    with Ledger.open(where, clock=VirtualClock(START), read_only=True) as ledger:
        history.check(ledger, stories=range(1, 60))
        told = [ledger.story(number) for number in range(1, 90)]
        return (
            ledger.id,
            ledger.deliveries(),
            ledger.events(),
            told,
            ledger.accounts(),
            ledger.pauses(),
            ledger.workers(),
        )


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    fill(path)
    return path


def copy(source: str | Path, target: str | Path, progress: Callable[[str, int, int], None] | None = None) -> Copied:
    return copy_ledger(source, target, clock=VirtualClock(START), progress=progress)


def test_a_ledger_of_thousands_of_rows_moves_to_postgresql_and_back(old: Path, postgres: str, tmp_path: Path) -> None:
    """Every table, row, number and the id are the same there, and the same again when it comes back."""
    heard: list[tuple[str, int, int]] = []
    copied = copy(old, postgres, lambda *said: heard.append(said))
    assert copied.rows["deliveries"] == POSTS
    assert copied.rows["events"] > POSTS
    assert set(copied.rows) == set(metadata.tables)
    assert [said for said in heard if said[0] == "deliveries"] == [
        ("deliveries", 1_000, POSTS),
        ("deliveries", 2_000, POSTS),
        ("deliveries", POSTS, POSTS),
    ]
    assert stories(postgres) == stories(str(old))
    back = tmp_path / "back.sqlite"
    assert copy(postgres, back) == copied
    assert stories(str(back)) == stories(str(old))


def test_work_goes_on_in_the_new_place(old: Path, postgres: str) -> None:
    """New deliveries, attempts and events get numbers of their own, and what was lost is settled there."""
    copied = copy(old, postgres)
    clock = VirtualClock(START)
    with Ledger.open(postgres, clock=clock) as ledger:
        desk = Desk(ledger, clock)
        (made,) = desk.plan(wanted("new", "facebook", due_at=START - HOUR, grace=3 * HOUR))
        assert made.id == copied.rows["deliveries"] + 1
        claim, attempt = desk.start("facebook")
        desk.sent(claim, attempt)
        (unknown,) = ledger.unknowns(START)
        ledger.settle(unknown.delivery.id, found=None, evidence="Not there.", now=START, by="test")
        history.check(ledger, stories=[made.id, unknown.delivery.id, claim.delivery.id])
        assert ledger.newest_event() > copied.rows["events"]


def test_a_ledger_at_work_is_not_copied(tmp_path: Path, postgres: str) -> None:
    """A worker gave a sign of life within two minutes, or something is in hand: nothing is made, and it says why."""
    path, clock = tmp_path / "ledger.sqlite", VirtualClock(START)
    with Ledger.open(path, clock=clock) as ledger:
        desk = Desk(ledger, clock)
        ledger.beat("worker-7", START - timedelta(seconds=119))
        with pytest.raises(LedgerError, match="in use: worker-7"):
            copy(path, postgres)
        ledger.beat("worker-7", START - timedelta(seconds=121))
        desk.plan(wanted())
        claim = desk.claim()
        with pytest.raises(LedgerError, match="in use: worker-1"):
            copy(path, postgres)
        with pytest.raises(LedgerError, match="There is no ledger"):
            Ledger.open(postgres, clock=clock, read_only=True)
        # A worker that died with something in hand does not stand in the way for ever.
        late = VirtualClock(START + LEASE)
        assert copy_ledger(path, postgres, clock=late).rows["deliveries"] == 1
    with Ledger.open(postgres, clock=late) as moved:
        assert [d.state for d in moved.expire(late.now())] == [State.PLANNED]
        assert moved.delivery(claim.delivery.id).state is State.PLANNED


def test_only_an_empty_database_is_filled(old: Path, postgres: str, tmp_path: Path) -> None:
    """Another ledger, or anything else, is left as it is; so is the source as its own target."""
    with Ledger.open(postgres, clock=VirtualClock(START)) as there:
        before = there.id
    with pytest.raises(LedgerError, match="not empty"):
        copy(old, postgres)
    with Ledger.open(postgres, clock=VirtualClock(START)) as there:
        assert there.id == before
        assert there.deliveries() == []
    fill(tmp_path / "other.sqlite", 40)
    with pytest.raises(LedgerError, match="not empty"):
        copy(old, tmp_path / "other.sqlite")
    with pytest.raises(LedgerError, match="onto itself"):
        copy(old, old)
    with pytest.raises(LedgerError, match="There is no ledger"):
        copy(tmp_path / "nowhere.sqlite", tmp_path / "new.sqlite")


def test_a_change_on_the_way_leaves_nothing_behind(tmp_path: Path, postgres: str) -> None:
    """Somebody writes into the old ledger while it is copied: the copy is given up whole, and a second one succeeds."""
    path = tmp_path / "ledger.sqlite"
    fill(path, 40)
    clock = VirtualClock(START)

    def meddle(table: str, _done: int, _all: int) -> None:
        if table == "events":
            with Ledger.open(path, clock=clock) as ledger:
                ledger.pause(None, "now", by="somebody", now=START)

    with pytest.raises(LedgerError, match=r"events.*something changed it"):
        copy(path, postgres, meddle)
    assert copy(path, postgres).rows["pauses"] == 2


def test_a_row_that_arrives_altered_is_noticed(tmp_path: Path, postgres: str) -> None:
    """The comparison is of what is in the rows, not of how many there are."""
    path = tmp_path / "ledger.sqlite"
    fill(path, 40)
    clock = VirtualClock(START)

    def meddle(table: str, _done: int, _all: int) -> None:
        if table == "events":
            with Ledger.open(path, clock=clock) as ledger, ledger._db.write() as connection:
                connection.execute(sa.update(deliveries).where(deliveries.c.id == 3).values(line=2))

    with pytest.raises(LedgerError, match="deliveries"):
        copy(path, postgres, meddle)
