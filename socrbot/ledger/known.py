"""What planning needs to know of the ledger: at once, and again with little effort after a change."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from socrbot.delivery import OPEN, Delivery
from socrbot.ledger.base import ALL, Base, paused_scopes
from socrbot.ledger.engine import Database
from socrbot.ledger.schema import IS_OPEN, accounts, events, meta, posts
from socrbot.ledger.transaction import COLUMNS, D, among, delivery

if TYPE_CHECKING:
    from socrbot.planning import Known
    from socrbot.rules import History

# With more than this many changes everything is read anew: that is quicker then.
_MANY = 20_000


class Knowing(Base):
    """What the ledger knows of what is to come."""

    def known(self, posts: Collection[str]) -> Known:
        """Every open delivery, the settled ones of these posts, and what else planning looks at."""
        with self._db.read() as connection:
            return _known(connection, _deliveries(connection, posts), posts)

    def watch(self) -> Watch:
        """The same for a program that asks again and again."""
        return Watch(self._db)

    def knows(self, post: str) -> bool:
        """Whether this post ever had a delivery."""
        with self._db.read() as connection:
            return connection.execute(sa.select(D.id).where(D.post == post).limit(1)).scalar() is not None

    def history(self, posts: Collection[str]) -> History:
        """What rules need to know of the past of these posts."""
        with self._db.read() as connection:
            return _history(connection, _deliveries(connection, posts))

    def newest_event(self) -> int:
        """The number of the last event; 0 in an empty ledger."""
        with self._db.read() as connection:
            return newest_event(connection)


class Watch:
    """Keeps what planning knows, and reads only what changed since it was asked last. For one thread."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen: int | None = None
        self._posts: frozenset[str] = frozenset()
        self._deliveries: dict[int, Delivery] = {}
        self._known: Known | None = None
        self._history: tuple[Known, History] | None = None

    def known(self, posts: Collection[str]) -> Known:
        """What `Ledger.known` answers for these posts; the same record again while nothing has changed."""
        wanted = frozenset(posts)
        with self._db.read() as connection:
            newest = newest_event(connection)
            if self._known is None or (newest, wanted) != (self._seen, self._posts) or self._planned(connection):
                self._read(connection, newest, wanted)
                self._known = _known(connection, list(self._deliveries.values()), wanted)
            return self._known

    def history(self, posts: Collection[str]) -> History:
        """What `Ledger.history` answers for these posts; the same record again while nothing has changed."""
        known = self.known(posts)
        if self._history is None or self._history[0] is not known:
            with self._db.read() as connection:
                self._history = known, _history(connection, known.deliveries)
        return self._history[1]

    def _planned(self, connection: Connection) -> bool:
        """Whether somebody planned since: a plan that changes no delivery leaves no event."""
        return self._known is None or planned_until(connection) != self._known.planned_until

    def _read(self, connection: Connection, newest: int, wanted: frozenset[str]) -> None:
        if self._seen is None or newest - self._seen > _MANY:
            self._take_all(connection, wanted)
        else:
            self._take(_changed(connection, self._seen))
            self._take(_of_posts(connection, wanted - self._posts))
            self._forget(wanted)
        self._seen, self._posts = newest, wanted

    def _take_all(self, connection: Connection, wanted: frozenset[str]) -> None:
        self._deliveries = {item.id: item for item in _deliveries(connection, wanted)}

    def _take(self, changed: Iterable[Delivery]) -> None:
        self._deliveries.update((item.id, item) for item in changed)

    def _forget(self, wanted: frozenset[str]) -> None:
        """Drops settled deliveries of posts that nobody asks for."""
        gone = [item.id for item in self._deliveries.values() if item.state not in OPEN and item.post not in wanted]
        for delivery_id in gone:
            del self._deliveries[delivery_id]


def _history(connection: Connection, deliveries: Iterable[Delivery]) -> History:
    from socrbot.rules import History

    made = connection.execute(sa.select(meta.c.value).where(meta.c.key == "created_at")).scalar_one()
    return History.of(deliveries, since=datetime.fromisoformat(made))


def newest_event(connection: Connection) -> int:
    """The number of the last event; 0 where there is none."""
    return connection.execute(sa.select(sa.func.max(events.c.id))).scalar() or 0


def _deliveries(connection: Connection, posts: Collection[str]) -> list[Delivery]:
    found = [delivery(row) for row in connection.execute(sa.select(*COLUMNS).where(IS_OPEN)).all()]
    return found + _of_posts(connection, posts, settled=True)


def _of_posts(connection: Connection, posts: Collection[str], *, settled: bool = False) -> list[Delivery]:
    if not posts:
        return []
    query = sa.select(*COLUMNS).where(among(connection, D.post, posts))
    if settled:
        # Not IS_SETTLED: SQLite would go through all that is settled, by the index over that.
        query = query.where(sa.not_(IS_OPEN))
    return [delivery(row) for row in connection.execute(query).all()]


def _changed(connection: Connection, event_id: int) -> list[Delivery]:
    ids = sa.select(events.c.delivery_id).where(events.c.id > event_id, events.c.delivery_id.is_not(None))
    return [delivery(row) for row in connection.execute(sa.select(*COLUMNS).where(D.id.in_(ids)))]


def _known(connection: Connection, found: list[Delivery], wanted: Collection[str]) -> Known:
    from socrbot.planning import Known

    rows = connection.execute(sa.select(accounts.c.id, accounts.c.live_at, accounts.c.last_sent_at)).all()
    return Known(
        deliveries=found,
        first_seen=_first_seen(connection, wanted),
        planned_until=planned_until(connection),
        paused_all=ALL in paused_scopes(connection),
        last_sent={row.id: row.last_sent_at for row in rows if row.last_sent_at is not None},
        live=frozenset(row.id for row in rows if row.live_at is not None),
    )


def _first_seen(connection: Connection, wanted: Collection[str]) -> dict[str, datetime]:
    if not wanted:
        return {}
    query = sa.select(posts.c.id, posts.c.first_seen_at).where(among(connection, posts.c.id, wanted))
    return {row.id: row.first_seen_at for row in connection.execute(query)}


def planned_until(connection: Connection) -> datetime | None:
    """How far the last plan looked ahead."""
    value = connection.execute(sa.select(meta.c.value).where(meta.c.key == "planned_until")).scalar()
    return None if value is None else datetime.fromisoformat(value)
