"""Several threads share one commit on SQLite: each waits for the disk, and the disk is waited for once.

Whoever finds others at the door leaves the commit to them and waits until it is done; the last one at the door, or the
one that fills the transaction, commits for all. So nobody goes on before its own changes are durable, and who is alone
commits at once. What fails inside takes back its own changes only. Where the commit fails, it fails for all who shared.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from socrbot.ledger.prepared import hand_over

# More would make the first wait for long.
MOST = 16
# A thread that waits for another's commit looks this often (seconds) whether there is still somebody to make it.
_LOOK = 0.05


@dataclass
class _Batch:
    """A transaction that is open, how many have changed something in it, and what became of it."""

    connection: Connection
    members: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class Sharing:
    """The one door to a SQLite file for all who write in this process. `begin` opens a writing transaction."""

    def __init__(self, begin: Callable[[], Connection]) -> None:
        # Held for each short piece of work, but not while the disk is waited for. Threads that run statements side by
        # side take Python's lock from each other at each of them, which costs more than it gains.
        self.turn = threading.RLock()
        self._begin = begin
        self._door = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._batch: _Batch | None = None

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A transaction that nobody shares: for what may take long."""
        with self._door:
            self._end()
            batch = _Batch(self._begin())
            try:
                yield batch.connection
            except BaseException:
                _give_up(batch.connection)
                raise
            _commit(batch)
        if batch.error is not None:
            raise batch.error

    @contextmanager
    def shared(self) -> Iterator[Connection]:
        """A short transaction that may share its commit with others. Durable when it ends."""
        self._come()
        try:
            batch = self._batch = self._batch or _Batch(self._begin())
            with self.turn, self._part(batch):
                yield batch.connection
            batch.members += 1
        finally:
            self._leave()
        while not batch.done.wait(_LOOK):
            self._look_after(batch)
        if batch.error is not None:
            raise batch.error

    def _come(self) -> None:
        with self._counting:
            self._waiting += 1
        try:
            self._door.acquire()
        finally:
            with self._counting:
                self._waiting -= 1

    @contextmanager
    def _part(self, batch: _Batch) -> Iterator[None]:
        """One member's changes: they are kept or taken back as a whole, without touching those of others."""
        if batch.members:
            with _savepoint(batch.connection):
                yield
            return
        try:
            yield
        except BaseException:
            self._batch = None
            _give_up(batch.connection)
            raise

    def _leave(self) -> None:
        """Commits, unless somebody at the door will."""
        batch = self._batch
        try:
            if batch is not None and (self._waiting == 0 or batch.members >= MOST or not _is_open(batch)):
                self._end()
        finally:
            self._door.release()

    def _end(self) -> None:
        batch, self._batch = self._batch, None
        if batch is not None:
            _commit(batch)

    def _look_after(self, batch: _Batch) -> None:
        """Commits where whoever was to do it went away (by an interrupt)."""
        if self._door.acquire(blocking=False):
            try:
                if self._batch is batch:
                    self._end()
            finally:
                self._door.release()


@contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    """Like SQLAlchemy's own, at a tenth of its cost."""
    raw: Any = connection.connection.dbapi_connection
    hand_over(raw, "SAVEPOINT member")
    try:
        yield
    except BaseException:
        if raw.in_transaction:
            hand_over(raw, "ROLLBACK TO member")
            hand_over(raw, "RELEASE member")
        raise
    hand_over(raw, "RELEASE member")


def _commit(batch: _Batch) -> None:
    """Commits and gives the connection back. What goes wrong is kept for all who share."""
    try:
        if not _is_open(batch):
            raise _lost("the transaction was taken back")
        batch.connection.commit()
    except Exception as error:
        batch.error = error
    except BaseException:
        batch.error = _lost("the commit was interrupted")
        raise
    finally:
        _give_up(batch.connection)
        batch.done.set()


def _is_open(batch: _Batch) -> bool:
    """False once SQLite took the whole transaction back, as it does when the disk is full or breaks."""
    raw = batch.connection.connection.dbapi_connection
    return isinstance(raw, sqlite3.Connection) and raw.in_transaction


def _lost(why: str) -> OperationalError:
    return OperationalError("COMMIT", None, sqlite3.OperationalError(why))


def _give_up(connection: Connection) -> None:
    """Takes back what is not committed, and gives the connection back."""
    with suppress(Exception):
        connection.rollback()
    with suppress(Exception):
        connection.close()
