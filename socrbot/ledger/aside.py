"""Copies a ledger aside, so that something can be tried on the copy. The ledger itself is not touched by a byte.

The copy may be made while the bot is at work: it shows one moment. Not here: backups that are to be kept.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from socrbot.clock import Clock
from socrbot.ledger import engine, opening
from socrbot.ledger.engine import Database
from socrbot.ledger.failures import explained
from socrbot.ledger.schema import meta, metadata

_PIECE = 1_000


def copy_aside(where: str, to: Path, *, clock: Clock) -> bool:
    """Copies the ledger at a path or an address to a new SQLite file. Returns False where there is no ledger yet.

    Raises LedgerError where it cannot be read, or (on PostgreSQL) is in the form of another version.
    """
    if "://" not in where and not Path(where).exists():
        return False
    with closing(engine.connect(where, clock=clock, read_only=True)) as real:
        if real.path is not None:
            with explained(real.place):
                _copy_file(real.path, to)
            return True
        opening.prepare(real)
        with closing(engine.connect(to, clock=clock, read_only=False)) as copy:
            opening.prepare(copy)
            _copy_rows(real, copy)
    return True


def _copy_file(path: Path, to: Path) -> None:
    """By SQLite's online backup. One that nobody uses is opened so that not even files appear beside it."""
    before = _at_rest(path)
    if before is not None:
        _backup(path, to, "immutable=1")
        if _at_rest(path) == before:
            return
        to.unlink()
    _backup(path, to, "mode=ro")


def _at_rest(path: Path) -> tuple[int, int] | None:
    """When the file changed last and its size; None where something is not in the file yet."""
    beside = path.with_name(f"{path.name}-wal")
    if beside.exists() and beside.stat().st_size:
        return None
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _backup(path: Path, to: Path, how: str) -> None:
    address = f"file:{quote(str(path.absolute()))}?{how}"
    with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


def _copy_rows(real: Database, copy: Database) -> None:
    with real.read() as here, copy.write() as there:
        there.execute(sa.delete(meta))
        for table in metadata.sorted_tables:
            found = here.execute(sa.select(table), execution_options={"yield_per": _PIECE})
            for rows in found.partitions():
                there.execute(sa.insert(table), [row._asdict() for row in rows])
