"""What every part of the ledger stands on: the database, and how a change is begun and ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from socrbot.clock import as_utc
from socrbot.ledger.engine import Database
from socrbot.ledger.prepared import Prepared
from socrbot.ledger.schema import pauses
from socrbot.ledger.transaction import Transaction

ALL = "*"
# Who did it, where nobody in particular did.
ITSELF = "socrbot"
_PAUSED = Prepared(sa.select(pauses.c.scope))


class Base:
    """One open ledger. Safe to use from several threads at once."""

    def __init__(self, db: Database, ledger_id: str) -> None:
        self._db = db
        self.id = ledger_id

    @contextmanager
    def _change(self, now: datetime, by: str, *, short: bool = False) -> Iterator[Transaction]:
        """All that is done inside happens at once, or not at all if it raises. `short`: see `Database.write`."""
        with self._db.write(short=short) as connection:
            transaction = Transaction(connection, as_utc(now), by)
            yield transaction
            transaction.flush()

    @contextmanager
    def moment(self) -> Iterator[None]:
        """What this thread asks inside is answered as of one moment. Nothing is changed inside. Raises LedgerError."""
        with self._db.moment():
            yield

    def now(self) -> datetime:
        """The instant (UTC) by which claims are measured: on PostgreSQL in real time the server's."""
        if self._db.sqlite:
            return self._db.clock.now()
        with self._db.read() as connection:
            return self._db.now(connection)

    @property
    def place(self) -> str:
        """The ledger's file, or its address without the password."""
        return self._db.place


def paused_scopes(connection: Connection) -> frozenset[str]:
    """The accounts that are paused; "*" stands for all of them."""
    return frozenset(row.scope for row in _PAUSED.rows(connection))
