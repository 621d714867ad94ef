"""Moves a whole ledger to another database: SQLite to PostgreSQL, or back.

All rows, numbers and the ledger's own id, in one transaction of the target, which holds all of it or nothing. What is
there then is compared with a second look at the source, so that a change on the way is noticed. The source is read,
and never written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from socrbot.clock import Clock
from socrbot.errors import LedgerError
from socrbot.ledger import engine, opening, schema
from socrbot.ledger.engine import Database
from socrbot.ledger.schema import JsonText, UtcDateTime, deliveries, metadata, workers

# A worker that gave a sign of life within this time is at work.
AT_WORK = timedelta(minutes=2)
# Rows are carried over in pieces of this size.
PIECE = 1_000
# Takes the name of a table, how many of its rows are there, and how many there will be.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """A ledger that was moved: its id, and how many rows each table has."""

    ledger_id: str
    rows: dict[str, int]


def copy_ledger(source: str | Path, target: str | Path, *, clock: Clock, progress: Progress | None = None) -> Copied:
    """Copies the ledger at one path or address to another, where there is none yet.

    Raises LedgerError where the source is in use, changes on the way, or is in an older form; where the target is not
    empty; and where what arrived is not what left. The target is then as it was.
    """
    with closing(engine.connect(source, clock=clock, read_only=True)) as old:
        ledger_id = opening.prepare(old)
        with closing(engine.connect(target, clock=clock, read_only=False)) as new:
            if new.path is not None and new.path == old.path:
                raise LedgerError("A ledger cannot be copied onto itself. Name another place.")
            _refuse_in_use(old, clock.now())
            _refuse_filled(new)
            if new.path is not None:
                opening._use_wal(new)
            return Copied(ledger_id, _copy(old, new, progress or _silent))


def _silent(_table: str, _done: int, _all: int) -> None:
    """Says nothing."""


def _copy(old: Database, new: Database, progress: Progress) -> dict[str, int]:
    with opening._alone(new) as there:
        if sa.inspect(there).get_table_names():
            raise _filled(new)
        metadata.create_all(there, checkfirst=False)
        opening._stamp(there, schema.REVISION)
        with old.read() as here:
            for table in metadata.sorted_tables:
                _carry_over(here, there, table, progress)
        _continue_numbers(there)
        arrived = {table.name: _digest(there, table) for table in metadata.sorted_tables}
        # A look of its own, at what the source is now: whoever wrote meanwhile is found out before the commit.
        with old.read() as again:
            left = {table.name: _digest(again, table) for table in metadata.sorted_tables}
        if wrong := [name for name in left if left[name] != arrived[name]]:
            raise LedgerError(
                f"The copy is not the same as the ledger {old.place} ({', '.join(wrong)}): something changed it on "
                "the way. Nothing was written. Stop every socrbot that uses it, and copy again."
            )
        return {name: count for name, (count, _) in arrived.items()}


def _refuse_in_use(old: Database, now: datetime) -> None:
    with old.read() as connection:
        beats = sa.select(workers.c.name).where(workers.c.beat_at > now - AT_WORK).order_by(workers.c.beat_at.desc())
        worker = connection.execute(beats.limit(1)).scalar()
        hands = sa.select(deliveries.c.worker).where(schema.IN_FLIGHT, deliveries.c.lease_until > now)
        worker = worker or connection.execute(hands.limit(1)).scalar()
    if worker is not None:
        raise LedgerError(
            f"The ledger {old.place} is in use: {worker} was at work with it less than two minutes ago. "
            "Stop every socrbot that uses it, wait two minutes, and copy again."
        )


def _refuse_filled(new: Database) -> None:
    with new.read() as connection:
        if sa.inspect(connection).get_table_names():
            raise _filled(new)


def _filled(new: Database) -> LedgerError:
    return LedgerError(f"{new.place} is not empty. A ledger is copied to a new database only. Nothing was changed.")


def _plain(table: sa.Table) -> sa.TableClause:
    """The table with JSON as the text that it is kept as, so that it arrives byte for byte."""
    columns = [sa.column(c.name, sa.Text() if isinstance(c.type, JsonText) else c.type) for c in table.columns]
    return sa.table(table.name, *columns)


def _pieces(connection: Connection, table: sa.Table) -> Iterator[Sequence[sa.Row[Any]]]:
    """All rows by their key, in pieces."""
    plain = _plain(table)
    query = sa.select(plain).order_by(*(plain.c[column.name] for column in table.primary_key))
    yield from connection.execute(query, execution_options={"yield_per": PIECE}).partitions()


def _count(connection: Connection, table: sa.Table) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _carry_over(here: Connection, there: Connection, table: sa.Table, progress: Progress) -> None:
    insert, done, total = sa.insert(_plain(table)), 0, _count(here, table)
    for piece in _pieces(here, table):
        there.execute(insert, [row._asdict() for row in piece])
        done += len(piece)
        progress(table.name, done, total)


def _continue_numbers(there: Connection) -> None:
    """PostgreSQL counts apart from the rows: its next number comes after the highest. SQLite looks at the rows."""
    if there.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if (number := table.autoincrement_column) is None:
            continue
        highest = there.execute(sa.select(sa.func.max(number))).scalar()
        if highest is not None:
            sequence = sa.func.pg_get_serial_sequence(table.name, number.name)
            there.execute(sa.select(sa.func.setval(sequence, highest)))


def _digest(connection: Connection, table: sa.Table) -> tuple[int, int]:
    """How many rows there are, and the sum of their digests: the same in whatever order a database sorts its text."""
    count, total = 0, 0
    times = [isinstance(column.type, UtcDateTime) for column in table.columns]
    for row in chain.from_iterable(_pieces(connection, table)):
        values = [v.isoformat() if time and v is not None else v for v, time in zip(row, times, strict=True)]
        total += int.from_bytes(hashlib.sha256(repr(values).encode()).digest())
        count += 1
    return count, total % 2**256
