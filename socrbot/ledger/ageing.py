"""What time alone does to a delivery: its grace ends, its worker is gone; and when something wants to be done next."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from socrbot.clock import as_utc
from socrbot.delivery import Delivery, Kind, State
from socrbot.ledger.base import ALL, ITSELF, Base, paused_scopes
from socrbot.ledger.gates import gates, opens
from socrbot.ledger.records import Spacing
from socrbot.ledger.schema import IN_FLIGHT, WAITING, accounts, attempts, parts
from socrbot.ledger.transaction import D, Transaction

S = State
_MOMENT = timedelta(microseconds=1)


class Ageing(Base):
    """Missed and expired deliveries, and the next instant that matters."""

    def miss_late(self, now: datetime) -> list[Delivery]:
        """Gives up what waits past its grace: planned or held becomes missed. Returns those deliveries.

        The reason is "missed-while-paused", "account-stopped" or "late"; the detail of a held one says why it was held.
        While everything is paused, posts of a slot are left: planning finds them another time.
        """
        now = as_utc(now)
        with self._db.read() as connection:
            if connection.execute(sa.select(D.id).where(*_late(connection, now)).limit(1)).scalar() is None:
                return []
        with self._change(now, ITSELF) as change:
            paused = paused_scopes(change.connection)
            stopped = _stopped(change)
            late = change.rows(*_late(change.connection, now), skip=True)
            return [_miss(change, was, paused=paused, stopped=stopped) for was, _ in late]

    def expire(self, now: datetime) -> list[Delivery]:
        """Takes deliveries from workers whose time ran out. Returns them as they are then.

        Claimed goes back to planned: nothing was public. Sending becomes unknown, and its attempt stays open.
        """
        with self._db.read() as connection:
            if connection.execute(sa.select(D.id).where(IN_FLIGHT).limit(1)).scalar() is None:
                return []
        with self._change(now, ITSELF) as change:
            ended = D.lease_until <= self._db.now(change.connection)
            return [_expire(change, was, token) for was, token in change.rows(IN_FLIGHT, ended, skip=True)]

    def next_due(self, now: datetime, *, spacing: Spacing | None = None) -> datetime | None:
        """The earliest instant at which there is something to do, or None.

        Something may be claimed, a worker's time runs out, a grace ends, or a lost answer wants to be looked for. An
        instant that is past means: now. With `spacing` (by account) the distance between two posts is counted in.
        """
        now = as_utc(now)
        with self._db.read() as connection:
            found = [opens(connection, gate, now) for gate in gates(connection, now, spacing or {})]
            found.append(connection.execute(sa.select(sa.func.min(D.lease_until)).where(IN_FLIGHT)).scalar())
            found.append(_next_late(connection))
            look = sa.select(sa.func.min(attempts.c.next_look_at)).where(attempts.c.next_look_at.is_not(None))
            found.append(connection.execute(look).scalar())
        return min((instant for instant in found if instant is not None), default=None)


def _spared(connection: Connection) -> sa.ColumnElement[bool]:
    """What may grow late: not the slots' posts while everything is paused, unless a person wants one now."""
    if ALL not in paused_scopes(connection):
        return sa.true()
    return sa.or_(D.kind != Kind.SLOT, D.urgent)


def _late(connection: Connection, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (WAITING, D.grace_until < now, _spared(connection))


def _next_late(connection: Connection) -> datetime | None:
    query = sa.select(D.grace_until).where(WAITING, _spared(connection)).order_by(D.grace_until).limit(1)
    ends = connection.execute(query).scalar()
    return None if ends is None else ends + _MOMENT


def _stopped(change: Transaction) -> dict[str, str]:
    query = sa.select(accounts.c.id, accounts.c.stopped_reason).where(accounts.c.stopped_at.is_not(None))
    return {row.id: row.stopped_reason for row in change.execute(query)}


def _miss(change: Transaction, was: Delivery, *, paused: frozenset[str], stopped: dict[str, str]) -> Delivery:
    if not was.urgent and (ALL in paused or was.account in paused):
        return miss_paused(change, was)
    if was.account in stopped:
        detail = f"The account was stopped: {stopped[was.account]}"
        return change.move(was, S.MISSED, "missed", reason="account-stopped", detail=detail)
    return change.move(was, S.MISSED, "missed", reason="late", detail=_why_late(was))


def miss_paused(change: Transaction, was: Delivery) -> Delivery:
    """Gives up what fell due while its account was paused."""
    detail = f"It fell due during a pause.{said_public(was)}"
    return change.move(was, S.MISSED, "missed", reason="missed-while-paused", detail=detail)


def _why_late(was: Delivery) -> str:
    if was.state is S.HELD:
        return f"It was held until it was too late. {was.detail}{said_public(was)}"
    if was.detail is not None:
        return f"It was too late for another try. The last one: {was.detail}{said_public(was)}"
    return f"It was too late to send it.{said_public(was)}"


def said_public(was: Delivery) -> str:
    """A sentence about the parts that are public, with a space before it; empty where there are none."""
    if not was.parts_out:
        return ""
    return " Part 1 is public." if was.parts_out == 1 else f" Parts 1 to {was.parts_out} are public."


def _expire(change: Transaction, was: Delivery, token: str) -> Delivery:
    if was.state is S.CLAIMED:
        detail = "The program that prepared it ended. Nothing had been sent."
        return change.move(was, S.PLANNED, "expired", under=token, reason="worker-died", detail=detail)
    now_open = (attempts.c.delivery_id == was.id, attempts.c.state == "open")
    if change.execute(sa.update(attempts).where(*now_open).values(next_look_at=change.now)).rowcount == 0:
        # Between two parts: the last answer is known, the next part has not begun.
        detail = "The program that sent it ended between two parts."
        return change.move(was, S.PLANNED, "expired", under=token, reason="worker-died", detail=detail)
    under_way = (parts.c.delivery_id == was.id, parts.c.state == "sending")
    change.execute(sa.update(parts).where(*under_way).values(state="unknown"))
    detail = "The program that sent it ended before it knew the answer."
    return change.move(
        was, S.UNKNOWN, "expired", under=token, reason="worker-died", detail=detail, attempts=was.attempts + 1
    )
