"""Threads that share a commit: nobody goes on before its own changes are durable, and nobody harms another's."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from socrbot.clock import VirtualClock
from socrbot.errors import LedgerError
from socrbot.ledger import Ledger, engine, schema
from tests.ledger.desk import START


@pytest.fixture
def db(path: Path) -> engine.Database:
    with Ledger.open(path, clock=VirtualClock(START)) as ledger:
        assert ledger.id
    return engine.connect(path, clock=VirtualClock(START), read_only=False)


def keep(db: engine.Database, key: str, *, fail: bool = False) -> None:
    with db.write(short=True) as connection:
        connection.execute(sa.insert(schema.meta), {"key": key, "value": "1"})
        if fail:
            raise ValueError(key)


def on_disk(path: Path) -> set[str]:
    """The keys that any other program would see now."""
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT key FROM meta") if row[0].startswith("k")}


def at_the_door(db: engine.Database, *works: Callable[[], None]) -> list[BaseException | None]:
    """Lets all of them come to the door while it is shut, then opens it. Returns what each of them raised."""
    with ThreadPoolExecutor(len(works)) as pool:
        with db.sharing._door:
            futures = [pool.submit(work) for work in works]
            while db.sharing._waiting < len(works):
                threading.Event().wait(0.001)
        return [future.exception(timeout=20) for future in futures]


def commits(db: engine.Database) -> list[object]:
    found: list[object] = []
    sa.event.listen(db.engine, "commit", found.append)
    return found


def test_those_who_wait_share_one_commit(db: engine.Database, path: Path) -> None:
    """Six threads at the door need one commit, and all six changes are there."""
    seen = commits(db)
    assert at_the_door(db, *(lambda n=n: keep(db, f"k{n}") for n in range(6))) == [None] * 6  # type: ignore[misc]
    assert (len(seen), len(on_disk(path))) == (1, 6)


def test_a_change_is_durable_when_its_transaction_ends(db: engine.Database, path: Path) -> None:
    """Whatever the others do: what a thread kept can be seen from outside as soon as the thread goes on."""

    def work(number: int) -> None:
        for step in range(20):
            keep(db, key := f"k{number}-{step}")
            assert key in on_disk(path)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


def test_who_fails_takes_back_only_its_own(db: engine.Database, path: Path) -> None:
    """First, in the middle or last in line: the changes of the others stay."""
    works = [lambda n=n: keep(db, f"k{n}", fail=n % 2 == 0) for n in range(6)]  # type: ignore[misc]
    failed = at_the_door(db, *works)
    assert [isinstance(error, ValueError) for error in failed] == [True, False] * 3
    assert on_disk(path) == {"k1", "k3", "k5"}


def test_a_commit_that_fails_fails_for_all(db: engine.Database, path: Path) -> None:
    """Nobody who shared it believes that it was kept, and the next transaction works."""

    def refuse(_: object) -> None:
        raise sa.exc.OperationalError("COMMIT", None, sqlite3.OperationalError("disk I/O error"))

    sa.event.listen(db.engine, "commit", refuse)
    failed = at_the_door(db, *(lambda n=n: keep(db, f"k{n}") for n in range(4)))  # type: ignore[misc]
    sa.event.remove(db.engine, "commit", refuse)
    assert [type(error) for error in failed] == [LedgerError] * 4
    assert on_disk(path) == set()
    keep(db, "k-after")
    assert on_disk(path) == {"k-after"}


def test_a_transaction_that_the_database_took_back_fails_for_all(db: engine.Database, path: Path) -> None:
    """SQLite may end the transaction of all of them, as on a full disk: then none was kept."""

    def break_it() -> None:
        with db.write(short=True) as connection:
            connection.exec_driver_sql("ROLLBACK")

    failed = at_the_door(db, lambda: keep(db, "k0"), break_it, lambda: keep(db, "k1"))
    assert any(isinstance(error, LedgerError) for error in failed)
    kept = {f"k{n}" for n, error in zip((0, 1), (failed[0], failed[2]), strict=True) if error is None}
    assert on_disk(path) == kept


def test_a_long_transaction_leaves_nobody_waiting_before_it(db: engine.Database, path: Path) -> None:
    """What was left open for the next at the door is committed before a long change begins."""

    def long() -> None:
        with db.write() as connection:
            seen.append(on_disk(path))
            connection.execute(sa.insert(schema.meta), {"key": "k-long", "value": "1"})

    seen: list[set[str]] = []
    assert at_the_door(db, lambda: keep(db, "k0"), lambda: keep(db, "k1")) == [None, None]
    long()
    assert seen == [{"k0", "k1"}]
    assert on_disk(path) == {"k0", "k1", "k-long"}


def test_what_is_read_of_one_moment_stays_as_it_was(db: engine.Database) -> None:
    """Another thread's change, made meanwhile by its own transaction, is not seen; and none is made from inside."""
    keep(db, "before")
    with db.moment():
        with pytest.raises(LedgerError, match="cannot be written while"):
            keep(db, "inside")
        with db.read() as connection:
            assert names(connection) == {"before"}
        with ThreadPoolExecutor(1) as pool:
            pool.submit(alone, db, "meanwhile").result(timeout=20)
        with db.read() as connection:
            assert names(connection) == {"before"}
    with db.read() as connection:
        assert names(connection) == {"before", "meanwhile"}


def alone(db: engine.Database, key: str) -> None:
    with db.write() as connection:
        connection.execute(sa.insert(schema.meta), {"key": key, "value": "x"})


def names(connection: sa.Connection) -> set[str]:
    return set(connection.execute(sa.select(schema.meta.c.key)).scalars()) & {"before", "inside", "meanwhile"}
