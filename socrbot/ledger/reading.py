"""What people and programs ask the ledger: lists, stories, counts, accounts. Nothing here changes a delivery."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from socrbot.delivery import OPEN, SETTLED, Delivery, State
from socrbot.errors import LedgerError
from socrbot.ledger.base import ALL, Base
from socrbot.ledger.people import pause_of
from socrbot.ledger.prepared import Prepared
from socrbot.ledger.receipts import identity_of, receipt_of
from socrbot.ledger.records import AccountRow, AttemptRow, Event, Filter, PartRow, Pause, Reading, Story
from socrbot.ledger.schema import (
    IS_OPEN,
    IS_SETTLED,
    accounts,
    attempts,
    deliveries,
    events,
    metrics,
    parts,
    pauses,
    state_is,
)
from socrbot.ledger.transaction import COLUMNS, THE_ID, D, among, delivery, state
from socrbot.message import Metrics

# Said beside the states that are asked for, so that the index over the group is found.
_GROUPS = ((OPEN, IS_OPEN), (SETTLED, IS_SETTLED))
# Asked for each delivery, so made once, as in transaction.py.
_ACCOUNT = Prepared(sa.select(accounts).where(accounts.c.id == sa.bindparam("the_account")))
_PAUSES = Prepared(sa.select(pauses))
_PARTS = Prepared(
    sa.select(parts.c.number, parts.c.state, parts.c.key, parts.c.receipt, parts.c.sent_at, parts.c.gone_at)
    .where(parts.c.delivery_id == THE_ID)
    .order_by(parts.c.number)
)
_SAID = state_is("sent", "open", "unknown", column=attempts.c.state)
_BEGUN = Prepared(
    sa.select(attempts.c.wording_digest)
    .where(attempts.c.delivery_id == THE_ID, _SAID)
    .order_by(attempts.c.id.desc())
    .limit(1)
)
_SENT_WORDING = Prepared(
    sa.select(*COLUMNS)
    .join_from(attempts, deliveries, attempts.c.delivery_id == D.id)
    .where(
        attempts.c.wording_digest == sa.bindparam("the_digest"),
        _SAID,
        D.account == sa.bindparam("the_account"),
        D.post != sa.bindparam("the_post"),
        D.state != State.WITHDRAWN,
    )
    .order_by(attempts.c.id.desc())
    .limit(1)
)
_ATTEMPT = tuple(
    attempts.c[name]
    for name in AttemptRow.__slots__  # the record's fields are the table's columns
)


class Asking(Base):
    """Questions to the ledger."""

    def deliveries(self, which: Filter | None = None) -> list[Delivery]:
        """The deliveries that fit, by due time."""
        which = which or Filter()
        order = (D.due_at.desc(), D.id.desc()) if which.newest_first else (D.due_at, D.id)
        with self._db.read() as connection:
            query = sa.select(*COLUMNS).where(*_conditions(connection, which)).order_by(*order).limit(which.limit)
            return [delivery(row) for row in connection.execute(query)]

    def delivery(self, delivery_id: int) -> Delivery:
        """One delivery. Raises LedgerError where there is none with this id."""
        with self._db.read() as connection:
            return _one(connection, delivery_id)

    def story(self, delivery_id: int) -> Story:
        """All that is known of one delivery. Raises LedgerError where there is none with this id."""
        with self._db.read() as connection:
            mine = sa.select(events).where(events.c.delivery_id == delivery_id).order_by(events.c.id)
            tries = sa.select(*_ATTEMPT).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.number)
            told = sa.select(metrics).where(metrics.c.delivery_id == delivery_id).order_by(metrics.c.at, metrics.c.part)
            return Story(
                delivery=_one(connection, delivery_id),
                parts=tuple(_parts(connection, delivery_id)),
                attempts=tuple(_attempt(row) for row in connection.execute(tries)),
                events=tuple(_event(row) for row in connection.execute(mine)),
                readings=tuple(reading(row) for row in connection.execute(told)),
            )

    def parts(self, delivery_id: int) -> list[PartRow]:
        """The parts of a delivery that were begun, in order."""
        with self._db.read() as connection:
            return _parts(connection, delivery_id)

    def events(self, after_id: int = 0, limit: int | None = None) -> list[Event]:
        """The history after an event number, oldest first."""
        query = sa.select(events).where(events.c.id > after_id).order_by(events.c.id).limit(limit)
        with self._db.read() as connection:
            return [_event(row) for row in connection.execute(query)]

    def counts(self, since: datetime | None = None) -> Counter[State]:
        """How many deliveries are in each state; `since` as in `counts_by_account`."""
        return sum(self.counts_by_account(since).values(), Counter())

    def counts_by_account(self, since: datetime | None = None) -> dict[str, Counter[State]]:
        """How many deliveries each account has in each state.

        With `since`, settled ones count only if they changed then or later; that is quick however long the history is.
        """
        query = sa.select(D.account, D.state, sa.func.count()).group_by(D.account, D.state)
        settled = IS_SETTLED if since is None else D.changed_at >= since
        found: defaultdict[str, Counter[State]] = defaultdict(Counter)
        with self._db.read() as connection:
            rows = [*connection.execute(query.where(settled)), *connection.execute(query.where(IS_OPEN))]
        for account, word, count in rows:
            found[account][State(word)] = count
        return dict(found)

    def half_sent(self, account: str | None = None) -> list[tuple[Delivery, int, int]]:
        """Threads of which some parts are public and others are to come: (delivery, parts out, parts in all)."""
        of = sa.select(sa.func.max(attempts.c.parts)).where(attempts.c.delivery_id == D.id).scalar_subquery()
        query = sa.select(*COLUMNS, of).where(IS_OPEN, D.parts_out > 0).order_by(D.due_at, D.id)
        if account is not None:
            query = query.where(D.account == account)
        with self._db.read() as connection:
            found = [(delivery(row[:-1]), row[-1]) for row in connection.execute(query)]
        return [(item, item.parts_out, parts) for item, parts in found]

    def was_unknown(self, delivery_id: int) -> bool:
        """Whether the answer to a try of this delivery was ever lost."""
        query = sa.select(events.c.id).where(events.c.delivery_id == delivery_id, events.c.state_after == State.UNKNOWN)
        with self._db.read() as connection:
            return connection.execute(query.limit(1)).scalar() is not None

    def accounts(self) -> list[AccountRow]:
        """Every account that the ledger has seen, by its id."""
        with self._db.read() as connection:
            rows = connection.execute(sa.select(accounts).order_by(accounts.c.id)).all()
            paused = _pauses(connection)
        return [_account(row, paused) for row in rows]

    def account(self, account: str) -> AccountRow | None:
        """What the ledger knows of an account; None where it has not seen it."""
        with self._db.read() as connection:
            row = _ACCOUNT.row(connection, {"the_account": account})
            return None if row is None else _account(row, _pauses(connection))

    def wording_begun(self, delivery_id: int) -> str | None:
        """The wording digest of the parts of this delivery that are public or may be; None where there are none."""
        with self._db.read() as connection:
            begun: str | None = _BEGUN.scalar(connection, {"the_id": delivery_id})
            return begun

    def sent_wording(self, account: str, wording_digest: str, *, other_than: str) -> Delivery | None:
        """The latest delivery of another post with which this account said, or may have said, the very same.

        What was withdrawn does not count: it is no longer public.
        """
        mine = {"the_digest": wording_digest, "the_account": account, "the_post": other_than}
        with self._db.read() as connection:
            row = _SENT_WORDING.row(connection, mine)
        return None if row is None else delivery(row)


def reading(row: sa.Row[Any]) -> Reading:
    """How people took a part, from its row."""
    return Reading(row.delivery_id, row.part, row.at, Metrics(row.likes, row.replies, row.shares, row.views))


def _one(connection: Connection, delivery_id: int) -> Delivery:
    row = connection.execute(sa.select(*COLUMNS).where(D.id == delivery_id)).one_or_none()
    if row is None:
        raise LedgerError(f"There is no delivery {delivery_id} in this ledger.")
    return delivery(row)


def _conditions(connection: Connection, which: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if which.account is not None:
        found.append(D.account == which.account)
    if which.post is not None:
        found.append(D.post == which.post)
    if which.since is not None:
        found.append(D.due_at >= which.since)
    if which.until is not None:
        found.append(D.due_at < which.until)
    if which.states is not None:
        found.append(state_is(*sorted(which.states)) if which.states else sa.false())
        found += [condition for all_of, condition in _GROUPS if which.states <= all_of]
    if which.reason is not None:
        found.append(D.reason == which.reason)
    if which.ids is not None:
        found.append(among(connection, D.id, which.ids))
    return found


def _parts(connection: Connection, delivery_id: int) -> list[PartRow]:
    rows = _PARTS.rows(connection, {"the_id": delivery_id})
    return [PartRow(row.number, row.state, row.key, receipt_of(row.receipt), row.sent_at, row.gone_at) for row in rows]


def _attempt(row: sa.Row[Any]) -> AttemptRow:
    values = row._asdict()
    for name in ("receipt", "reply_to"):
        values[name] = receipt_of(values[name])
    for name in ("payload", "shown", "data"):
        values[name] = MappingProxyType(values[name] or {})
    return AttemptRow(**values)


def _event(row: sa.Row[Any]) -> Event:
    return Event(
        id=row.id,
        at=row.at,
        action=row.action,
        delivery_id=row.delivery_id,
        account=row.account,
        before=state(row.state_before),
        after=state(row.state_after),
        reason=row.reason,
        detail=row.detail,
        by=row.actor,
        data=MappingProxyType(row.data or {}),
    )


def _pauses(connection: Connection) -> dict[str, Pause]:
    return {row.scope: pause_of(row) for row in _PAUSES.rows(connection)}


def _account(row: Any, paused: dict[str, Pause]) -> AccountRow:
    values = row._asdict()
    values["identity"] = identity_of(values["identity"])
    return AccountRow(**values, paused=paused.get(row.id) or paused.get(ALL))
