"""What running programs keep in the ledger for themselves: signs of life, places where they read on, small values."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from socrbot.ledger import opening
from socrbot.ledger.base import ITSELF, Base
from socrbot.ledger.planning import insert, set_meta
from socrbot.ledger.prepared import Prepared
from socrbot.ledger.records import Worker
from socrbot.ledger.schema import cursors, meta, workers

# A worker that gave no sign of life for so long is forgotten.
_FORGET = timedelta(days=7)
# Asked for each delivery, so made once, as in transaction.py.
_META = Prepared(sa.select(meta.c.value).where(meta.c.key == sa.bindparam("the_key")))


class Running(Base):
    """Housekeeping."""

    def beat(self, worker: str, now: datetime) -> None:
        """Notes that a worker lives."""
        with self._change(now, worker) as change:
            mine = sa.update(workers).where(workers.c.name == worker)
            if change.execute(mine.values(beat_at=change.now)).rowcount == 0:
                row = {"name": worker, "started_at": change.now, "beat_at": change.now}
                change.execute(insert(change, workers), row)
                change.execute(sa.delete(workers).where(workers.c.beat_at < change.now - _FORGET))

    def workers(self) -> list[Worker]:
        """The workers that gave a sign of life in the last days, the latest first."""
        query = sa.select(workers.c.name, workers.c.started_at, workers.c.beat_at).order_by(workers.c.beat_at.desc())
        with self._db.read() as connection:
            return [Worker(*row) for row in connection.execute(query)]

    def cursor(self, name: str) -> int:
        """The event up to which the reader of this name has read; 0 at first."""
        query = sa.select(cursors.c.event_id).where(cursors.c.name == name)
        with self._db.read() as connection:
            return connection.execute(query).scalar() or 0

    def set_cursor(self, name: str, event_id: int) -> None:
        """Notes how far a reader has read."""
        with self._change(self._db.clock.now(), ITSELF) as change:
            mine = sa.update(cursors).where(cursors.c.name == name)
            if change.execute(mine.values(event_id=event_id)).rowcount == 0:
                change.execute(insert(change, cursors), {"name": name, "event_id": event_id})

    def meta(self, key: str) -> str | None:
        """The value kept under a name."""
        with self._db.read() as connection:
            value: str | None = _META.scalar(connection, {"the_key": key})
            return value

    def set_meta(self, key: str, value: str) -> None:
        """Keeps a value under a name."""
        with self._change(self._db.clock.now(), ITSELF) as change:
            set_meta(change, key, value)

    def guard_version(self) -> int:
        """A number that goes up with each change at which guards look: pause, go-live, a stopped account."""
        return int(self.meta("guard_version") or 0)

    def backup(self, path: Path) -> None:
        """Copies a SQLite ledger as it is at this moment, mode 600. Raises LedgerError."""
        opening.backup(self._db, Path(path))
