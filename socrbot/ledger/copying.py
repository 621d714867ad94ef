"""Copies of a SQLite ledger: made while it is in use, looked at before they are trusted, and brought back.

Copies are ledgers themselves, mode 600, with the list of what was withdrawn inside. A ledger on PostgreSQL is copied
with the server's own tools. Not here: what may speak after a copy was brought back (`acquainting.py`).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from socrbot.errors import LedgerError
from socrbot.ledger import opening, schema
from socrbot.ledger.failures import explained

# Under this name a copy holds the list of what was withdrawn.
_LIST = "withdrawn"
# What SQLite keeps beside a ledger.
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy is: the ledger's id, the form of its tables, its last line (aware UTC; None: it has none), and the
    list of what was withdrawn.
    """

    ledger_id: str
    revision: str
    last_line: datetime | None
    withdrawn: str


def save(ledger: Path, to: Path, *, withdrawn: str) -> Copy:
    """Copies the ledger as it is at one moment, while others go on using it. What was at `to` is replaced only by a
    copy that was found whole. Raises LedgerError.
    """
    if not ledger.exists():
        raise LedgerError(f"There is no ledger at {ledger} yet. It is made by the first run.")
    part = to.with_name(f"{to.name}.part")
    with _file_errors(to):
        try:
            _duplicate(ledger, part)
            with _opened(part) as connection, connection:
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("DELETE FROM meta WHERE key = ?", (_LIST,))
                connection.execute("INSERT INTO meta (key, value) VALUES (?, ?)", (_LIST, withdrawn))
            found = inspect(part)
            _to_disk(part)
            part.replace(to)
            _to_disk(to.parent)
        finally:
            clear(part)
    return found


def inspect(path: Path) -> Copy:
    """Looks whether a file is a whole ledger that this program can work with. Changes nothing. Raises LedgerError."""
    if not path.is_file():
        raise LedgerError(f"There is no copy at {path}.")
    try:
        with _opened(path, read_only=True) as connection:
            faults = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            if faults != ["ok"]:
                raise LedgerError(f"{path} is damaged, so it is not used ({faults[0]}). Take another copy.")
            return _described(connection, path)
    except sqlite3.Error as error:
        raise LedgerError(f"{path} cannot be used as a ledger: {error}. Take another copy.") from None


def _described(connection: sqlite3.Connection, path: Path) -> Copy:
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"alembic_version", "meta", "deliveries", "events"} <= tables:
        raise LedgerError(f"{path} is a database, but not a ledger of socrbot. Name another file.")
    values = dict(connection.execute("SELECT key, value FROM meta WHERE key IN ('ledger_id', ?)", (_LIST,)).fetchall())
    revision = str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    if "ledger_id" not in values:
        raise LedgerError(f"{path} is a database, but not a ledger of socrbot. Name another file.")
    if revision != schema.REVISION and revision not in opening.known_revisions():
        raise LedgerError(
            f"{path} was written by a newer socrbot (form {revision}; this one knows {schema.REVISION}). "
            "Update socrbot first; nothing was changed."
        )
    last = connection.execute("SELECT at FROM events ORDER BY id DESC LIMIT 1").fetchone()
    return Copy(values["ledger_id"], revision, datetime.fromisoformat(last[0]) if last else None, values.get(_LIST, ""))


def unpack(copy: Path, beside: Path) -> Path:
    """Makes a ledger of a copy, in a file beside the one that it will replace, and returns its path.

    The list of what was withdrawn is taken out of it. Raises LedgerError.
    """
    part = beside.with_name(f"{beside.name}.restoring")
    with _file_errors(beside):
        clear(part)
        try:
            _duplicate(copy, part)
            inspect(part)
            with _opened(part) as connection, connection:
                connection.execute("DELETE FROM meta WHERE key = ?", (_LIST,))
        except BaseException:
            clear(part)
            raise
    return part


def exchange(ledger: Path, new: Path) -> Path | None:
    """Puts a new ledger in the place of the present one, which is kept beside as `...before-restore`; its path.

    At each moment the one or the other is there, whole. `new` is closed, and nobody uses `ledger` (`alone`). Returns
    None where there was none. Raises LedgerError.
    """
    with _file_errors(ledger):
        kept = None
        if ledger.exists():
            kept = _free_name(ledger)
            os.link(ledger, kept)
            # What SQLite had not taken into a damaged ledger yet goes with it: the new one must not find it.
            for suffix in _BESIDE:
                with contextlib.suppress(FileNotFoundError):
                    _beside(ledger, suffix).rename(_beside(kept, suffix))
        _to_disk(new)
        new.replace(ledger)
        _to_disk(ledger.parent)
        return kept


def alone(ledger: Path) -> bool:
    """Whether no other program has the ledger open. A damaged one is nobody's; one that is not there neither.

    Takes all that is written into the one file on the way.
    """
    if not ledger.exists():
        return True
    with contextlib.closing(sqlite3.connect(ledger, timeout=0.2, isolation_level=None)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        except sqlite3.OperationalError as error:
            return (error.sqlite_errorcode & 0xFF) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        except sqlite3.DatabaseError:
            return True
    return bool(mode == "delete")


def last_beat(ledger: Path) -> datetime | None:
    """When a bot last gave a sign of life in this ledger; None where none did, or where it cannot be read."""
    if not ledger.exists():
        return None
    try:
        with _opened(ledger) as connection:
            beat = connection.execute("SELECT max(beat_at) FROM workers").fetchone()[0]
    except sqlite3.Error:
        return None
    return datetime.fromisoformat(beat) if beat else None


def clear(path: Path) -> None:
    """Removes a ledger's file that nobody uses, with all that SQLite keeps beside it."""
    for name in (path, *(_beside(path, suffix) for suffix in _BESIDE)):
        name.unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}{suffix}")


def _free_name(ledger: Path) -> Path:
    """`ledger.sqlite.before-restore`, or with a number where an earlier one is kept under that name."""
    first = _beside(ledger, ".before-restore")
    if not first.exists():
        return first
    number = 2
    while (name := _beside(ledger, f".before-restore-{number}")).exists():
        number += 1
    return name


def _duplicate(source: Path, to: Path) -> None:
    """A new file, mode 600, with what the other holds at one moment."""
    to.unlink(missing_ok=True)
    os.close(os.open(to, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with explained(str(source)), _opened(source, read_only=True) as one, _opened(to) as other:
        one.backup(other)


@contextlib.contextmanager
def _opened(path: Path, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    from urllib.parse import quote

    address = f"file:{quote(str(path.absolute()))}?mode={'ro' if read_only else 'rw'}"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        yield connection


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LedgerError(f"{path} cannot be written: {error.strerror}. Nothing was replaced.") from None
