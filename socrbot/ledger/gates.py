"""When an account may take a delivery in hand: pauses, spacing, waits, and what is under way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from socrbot.ledger.base import ALL, paused_scopes
from socrbot.ledger.prepared import Prepared
from socrbot.ledger.records import Spacing
from socrbot.ledger.schema import IN_FLIGHT, PLANNED, POSTPONED, URGENT, accounts
from socrbot.ledger.transaction import D

# By so much another worker's post may be ahead of the instant at which this one began to ask.
_AHEAD = timedelta(minutes=15)
_EVER = datetime.min.replace(tzinfo=UTC)


def _ready_of(which: sa.ColumnElement[bool]) -> tuple[Prepared, Prepared]:
    """When the first of an account is due, and when each of those is that were postponed."""
    mine = (which, D.account == sa.bindparam("the_account"), D.grace_until >= sa.bindparam("the_instant"))
    first = sa.select(D.due_at).where(*mine, D.not_before.is_(None)).order_by(D.due_at).limit(1)
    # Said as a range, so that the index over what is postponed is found.
    postponed = sa.select(D.due_at, D.not_before).where(*mine, POSTPONED, D.not_before > sa.bindparam("ever"))
    return Prepared(first), Prepared(postponed)


_PLANNED, _URGENT = _ready_of(PLANNED), _ready_of(URGENT)


@dataclass(frozen=True, slots=True)
class Gate:
    """From when an account may take an ordinary and an urgent delivery; None: not before something changes."""

    account: str
    ordinary: datetime | None
    urgent: datetime | None


def gates(connection: Connection, now: datetime, spacing: Spacing) -> list[Gate]:
    """The gate of every account in the ledger."""
    busy = frozenset(connection.execute(sa.select(D.account).where(IN_FLIGHT)).scalars())
    paused = paused_scopes(connection)
    columns = (accounts.c.id, accounts.c.stopped_at, accounts.c.wait_until, accounts.c.last_sent_at)
    rows = connection.execute(sa.select(*columns).order_by(accounts.c.id))
    return [gate(row, now, busy=busy, paused=paused, spacing=spacing.get(row.id, timedelta(0))) for row in rows]


def gate(
    account: Sequence[Any],
    now: datetime,
    *,
    busy: Collection[str],
    paused: Collection[str],
    spacing: timedelta,
) -> Gate:
    """The gate of one account: its id, stopped_at, wait_until and last_sent_at."""
    name, stopped_at, wait_until, last_sent_at = account
    if stopped_at is not None or name in busy:
        return Gate(name, None, None)
    urgent = wait_until or _EVER
    if ALL in paused or name in paused:
        return Gate(name, None, urgent)
    # A post from the far future means that the clock went back: its distance cannot be known, and must not block for
    # ever. One a little ahead was said while this worker waited for its turn.
    spaced = last_sent_at + spacing if last_sent_at is not None and last_sent_at <= now + _AHEAD else _EVER
    return Gate(name, max(urgent, spaced), urgent)


def openings(connection: Connection, now: datetime, spacing: Spacing) -> dict[str, datetime]:
    """When each account may next take something in hand; accounts where nothing waits for that are left out."""
    found = [(gate.account, opens(connection, gate, now)) for gate in gates(connection, now, spacing)]
    return {account: instant for account, instant in found if instant is not None}


def opens(connection: Connection, gate: Gate, now: datetime) -> datetime | None:
    """The earliest instant at which the account may take something in hand; None where nothing waits for that."""
    found = []
    if gate.ordinary is not None:
        found.append(_latest(_ready(connection, gate.account, now, _PLANNED), gate.ordinary))
    if gate.urgent is not None:
        found.append(_latest(_ready(connection, gate.account, now, _URGENT), gate.urgent))
    return min((instant for instant in found if instant is not None), default=None)


def _latest(ready: datetime | None, gate: datetime) -> datetime | None:
    return None if ready is None else max(ready, gate)


def _ready(connection: Connection, account: str, now: datetime, which: tuple[Prepared, Prepared]) -> datetime | None:
    """The earliest instant at which a delivery of this account is ready; those past their grace do not count."""
    first, postponed = which
    mine = {"the_account": account, "the_instant": now}
    found: list[datetime | None] = [first.scalar(connection, mine)]
    found += [max(row) for row in postponed.rows(connection, {**mine, "ever": _EVER})]
    return min((instant for instant in found if instant is not None), default=None)
