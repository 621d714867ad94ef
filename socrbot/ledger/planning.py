"""Carries a plan's changes out: all of them at once, or none. What to change is decided elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from socrbot.delivery import Add, Cancel, Change, Delivery, Hold, Move, Release, Restore, State, Wanted
from socrbot.ledger.base import Base
from socrbot.ledger.gates import openings
from socrbot.ledger.schema import accounts, deliveries, meta, posts
from socrbot.ledger.transaction import COLUMNS, D, Transaction, among, delivery

S = State
# Any number, the same for all who plan into one PostgreSQL database.
_APPLYING = 7_262_003
_Other = Move | Cancel | Hold | Release | Restore
_WAITING = frozenset({S.PLANNED, S.HELD})
# Takes the driver's own connection, in the middle of a transaction, and when each account next has something to do.
Alongside = Callable[[object, Mapping[str, datetime]], None]


class Planning(Base):
    """Brings the ledger to what the plan says."""

    def apply(
        self,
        changes: Sequence[Change],
        *,
        now: datetime,
        by: str,
        planned_until: datetime | None = None,
        first_seen: Collection[str] = (),
        campaign_digest: str | None = None,
        alongside: Alongside | None = None,
    ) -> Counter[str]:
        """Carries all changes out in one transaction; says how many of each kind changed something.

        The counts are by action: planned, moved, cancelled, held, released, restored. A change that no longer fits (the
        delivery is on its way, or settled, or a person's) is left out without a word, as is an addition of what is
        there. `alongside` is called before the commit, if something changed: what it does on the driver's connection
        happens together with the changes, or not at all.
        """
        with self._change(now, by) as change:
            change.alone(_APPLYING)
            _note_posts(change, first_seen)
            until = None if planned_until is None else planned_until.isoformat()
            _note(change, {"planned_until": until, "campaign_digest": campaign_digest})
            done = _add(change, [item.wanted for item in changes if isinstance(item, Add)])
            done.update(_others(change, [item for item in changes if not isinstance(item, Add)]))
            if done and alongside is not None:
                driver = change.connection.connection.driver_connection
                alongside(driver, openings(change.connection, change.now, {}))
            return done


def insert(change: Transaction, table: sa.Table) -> Any:
    """An INSERT that can leave out what is there already."""
    if change.connection.dialect.name != "postgresql":
        return sqlite.insert(table).on_conflict_do_nothing()
    # Dear to import, and only a server needs it.
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table).on_conflict_do_nothing()


def note_accounts(change: Transaction, networks: Mapping[str, str]) -> None:
    """Makes the rows of accounts (id -> network) that the ledger sees for the first time."""
    known = set(change.execute(sa.select(accounts.c.id)).scalars())
    new = [{"id": name, "network": networks[name], "first_seen_at": change.now} for name in sorted(networks)]
    if new := [row for row in new if row["id"] not in known]:
        change.execute(insert(change, accounts), new)


def _note_posts(change: Transaction, seen: Collection[str]) -> None:
    if not seen:
        return
    known = set(change.execute(sa.select(posts.c.id).where(among(change.connection, posts.c.id, seen))).scalars())
    if new := [{"id": post, "first_seen_at": change.now} for post in sorted(set(seen) - known)]:
        change.execute(insert(change, posts), new)


def _note(change: Transaction, values: Mapping[str, str | None]) -> None:
    for key, value in values.items():
        if value is not None:
            set_meta(change, key, value)


def set_meta(change: Transaction, key: str, value: str) -> None:
    """Keeps a value under a name."""
    if change.execute(sa.update(meta).where(meta.c.key == key).values(value=value)).rowcount == 0:
        change.execute(insert(change, meta), {"key": key, "value": value})


def new_row(wanted: Wanted, now: datetime) -> dict[str, Any]:
    """The row of a delivery that is planned for the first time."""
    return {
        "post": wanted.post,
        "account": wanted.account,
        "network": wanted.network,
        "occurrence": wanted.occurrence,
        "kind": wanted.kind,
        "state": S.PLANNED,
        "nominal": wanted.nominal,
        "due_at": wanted.due_at,
        "grace_until": wanted.grace_until,
        "attempts": 0,
        "parts_out": 0,
        "urgent": False,
        "by_person": False,
        "path": wanted.path,
        "line": wanted.line,
        "changed_at": now,
        "created_at": now,
    }


def _add(change: Transaction, wanted: Sequence[Wanted]) -> Counter[str]:
    done: Counter[str] = Counter()
    if not wanted:
        return done
    note_accounts(change, {item.account: item.network for item in wanted})
    first: dict[tuple[str, str, str], Wanted] = {}
    for item in wanted:
        first.setdefault(item.identity, item)
    # In the order of the plan: of deliveries due at the same time the one planned first goes out first.
    rows = [new_row(item, change.now) for item in first.values()]
    statement = insert(change, deliveries).returning(*COLUMNS)
    for row in change.execute(statement, rows).all():
        made = delivery(row)
        change.event("planned", about=made, after=S.PLANNED, new=True, data={"due_at": made.due_at.isoformat()})
        done["planned"] += 1
    return done


def _place(wanted: Wanted) -> dict[str, Any]:
    return {
        "nominal": wanted.nominal,
        "due_at": wanted.due_at,
        "grace_until": wanted.grace_until,
        "path": wanted.path,
        "line": wanted.line,
    }


def _others(change: Transaction, items: Sequence[_Other]) -> Counter[str]:
    """Carries out what concerns deliveries that are there; several changes of one delivery come one after the other."""
    done: Counter[str] = Counter()
    if not items:
        return done
    found = change.rows(among(change.connection, D.id, {item.id for item in items}))
    rows = {was.id: was for was, _ in found}
    for item in items:
        was = rows.get(item.id)
        now = None if was is None else _carry_out(change, item, was)
        if now is not None:
            rows[item.id], action = now
            done[action] += 1
    return done


# A delivery as a change left it, and the action; None where there was nothing to do.
_Done = tuple[Delivery, str] | None


def _carry_out(change: Transaction, item: _Other, was: Delivery) -> _Done:
    waits = was.state in _WAITING
    match item:
        case Hold():
            return hold(change, was, item.reason, item.detail)
        case Release() if was.state is S.HELD and change.now <= was.grace_until:
            return release(change, was, item.why), "released"
        case Move() if waits and not was.by_person:
            return _move(change, was, item)
        case Cancel() if waits and not was.by_person:
            return change.move(was, S.CANCELLED, "cancelled", reason=item.reason, detail=item.detail), "cancelled"
        case Restore() if was.state is S.CANCELLED and not was.by_person:
            place = _place(item.wanted)
            return change.move(was, S.PLANNED, "restored", attempts=0, not_before=None, **place), "restored"
    return None


def hold(change: Transaction, was: Delivery, reason: str, detail: str) -> _Done:
    """Holds a planned delivery, or says why a held one is held now; None where that is so already."""
    if was.state is S.PLANNED:
        return change.move(was, S.HELD, "held", reason=reason, detail=detail), "held"
    if was.state is S.HELD and (was.reason, was.detail) != (reason, detail):
        change.event("held", about=was, reason=reason, detail=detail)
        return change.change(was, reason=reason, detail=detail), "held"
    return None


def release(change: Transaction, was: Delivery, why: str) -> Delivery:
    """Lets a held delivery wait for its time again."""
    return change.move(was, S.PLANNED, "released", data={"why": why})


def _move(change: Transaction, was: Delivery, item: Move) -> _Done:
    place = _place(item.wanted)
    if all(getattr(was, name) == value for name, value in place.items()):
        return None
    data = {"from": was.due_at.isoformat(), "to": item.wanted.due_at.isoformat()}
    change.event("moved", about=was, detail=item.why, data=data)
    return change.change(was, **place), "moved"
