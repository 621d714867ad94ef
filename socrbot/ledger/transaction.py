"""One writing transaction: moves of deliveries as compare-and-set, each with its event.

Events are written together at the end. On PostgreSQL that happens behind a lock, so that event numbers become visible
in their order, and whoever reads on from a number misses none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from socrbot.delivery import Delivery, Kind, State, allowed
from socrbot.errors import LedgerError, Lost
from socrbot.ledger.prepared import Prepared
from socrbot.ledger.schema import deliveries, dumps, events, meta

# Any number, the same for all who write events into one PostgreSQL database.
_EVENTS = 7_262_002

D = deliveries.c
COLUMNS: tuple[sa.Column[Any], ...] = (
    D.id,
    D.post,
    D.account,
    D.network,
    D.occurrence,
    D.kind,
    D.state,
    D.nominal,
    D.due_at,
    D.grace_until,
    D.not_before,
    D.attempts,
    D.parts_out,
    D.reason,
    D.detail,
    D.urgent,
    D.by_person,
    D.path,
    D.line,
    D.changed_at,
)
# Statements on the way of each delivery are made once.
THE_ID: sa.BindParameter[int] = sa.bindparam("the_id")
_THE_STATE: sa.BindParameter[str] = sa.bindparam("the_state")
_THE_TOKEN: sa.BindParameter[str] = sa.bindparam("the_token")
_FIND_IT = sa.select(*COLUMNS, D.token).where(D.id == THE_ID).with_for_update(key_share=True)
_FIND, _CLAIMED = Prepared(_FIND_IT), Prepared(_FIND_IT.where(D.token == _THE_TOKEN))
_CHANGE_IT = sa.update(deliveries).where(D.id == THE_ID, D.state == _THE_STATE)
_CHANGE, _CHANGE_UNDER = Prepared(_CHANGE_IT), Prepared(_CHANGE_IT.where(D.token == _THE_TOKEN))
_ADD_EVENTS = sa.insert(events)
_ADD_EVENT = Prepared(_ADD_EVENTS)
_VERSION_NOW = sa.select(meta.c.value).where(meta.c.key == "guard_version")
_VERSION, _VERSION_LOCKED = Prepared(_VERSION_NOW), Prepared(_VERSION_NOW.with_for_update(read=True))
_KIND, _STATE = 5, 6
_KINDS = {str(kind): kind for kind in Kind}
_FIELDS = frozenset(item.name for item in fields(Delivery))
_STATES = {str(state): state for state in State}


def delivery(row: Sequence[Any]) -> Delivery:
    """A delivery from the values of COLUMNS."""
    values = list(row)
    values[_KIND], values[_STATE] = _KINDS[values[_KIND]], _STATES[values[_STATE]]
    return Delivery(*values)


def state(value: str | None) -> State | None:
    """A state from its word."""
    return None if value is None else _STATES[value]


def among(connection: Connection, column: sa.Column[Any], values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """`column` is one of any number of values, sent as a single parameter."""
    wanted = list(values)
    if connection.dialect.name == "sqlite":
        listed = sa.func.json_each(dumps(wanted)).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    return column == sa.any_(sa.bindparam(None, wanted, type_=sa.ARRAY(column.type)))


@dataclass
class Transaction:
    """What is changed at one instant by one worker, command or person (`by`)."""

    connection: Connection
    now: datetime
    by: str
    _events: list[dict[str, Any]] = field(default_factory=list)

    def execute(self, statement: sa.Executable, rows: Any = None) -> sa.CursorResult[Any]:
        """Runs a statement."""
        result: sa.CursorResult[Any] = self.connection.execute(statement, rows)
        return result

    def event(
        self,
        action: str,
        *,
        about: Delivery | None = None,
        account: str | None = None,
        after: State | None = None,
        reason: str | None = None,
        detail: str | None = None,
        data: Mapping[str, object] | None = None,
        new: bool = False,
    ) -> None:
        """Notes what happened. `after` is the state that the delivery goes to, where it goes to another one.

        `new`: the delivery was made by this, it had no state before.
        """
        self._events.append(
            {
                "at": self.now,
                "action": action,
                "delivery_id": about.id if about else None,
                "account": about.account if about else account,
                "state_before": about.state if about and after and not new else None,
                "state_after": after,
                "reason": reason,
                "detail": detail,
                "actor": self.by,
                "data": data,
            }
        )

    def alone(self, what: int) -> None:
        """From here to the commit nobody else is in the section of this number. On SQLite a writer is alone anyhow."""
        if self.connection.dialect.name == "postgresql":
            self.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": what})

    def flush(self) -> None:
        """Writes the events; the last thing before the commit."""
        if not self._events:
            return
        self.alone(_EVENTS)
        if len(self._events) == 1:
            _ADD_EVENT.change(self.connection, self._events[0])
        else:
            self.execute(_ADD_EVENTS, self._events)

    def rows(self, *where: sa.ColumnElement[bool], lock: bool = True, skip: bool = False) -> list[tuple[Delivery, str]]:
        """The deliveries that fit, by their ids, each with the token of its claim ("" without one)."""
        query = sa.select(*COLUMNS, D.token).where(*where).order_by(D.id)
        if lock:
            # SQLite leaves this out: its writer is alone anyhow.
            query = query.with_for_update(key_share=True, skip_locked=skip)
        return [(delivery(row[:-1]), row[-1] or "") for row in self.execute(query)]

    def find(self, delivery_id: int) -> Delivery:
        """The delivery with this id, locked. Raises LedgerError where there is none."""
        row = _FIND.row(self.connection, {"the_id": delivery_id})
        if row is None:
            raise LedgerError(f"There is no delivery {delivery_id} in this ledger.")
        return delivery(row[:-1])

    def claimed(self, delivery_id: int, token: str) -> Delivery | None:
        """The delivery, locked, if the claim with this token still holds it."""
        row = _CLAIMED.row(self.connection, {"the_id": delivery_id, "the_token": token})
        return None if row is None else delivery(row[:-1])

    def move(
        self,
        was: Delivery,
        to: State,
        action: str,
        *,
        under: str | None = None,
        person: bool = False,
        proof: bool = False,
        data: Mapping[str, object] | None = None,
        **values: Any,
    ) -> Delivery:
        """Takes a delivery to another state, if it still is as `was` says, and in the hands of the claim `under`.

        `person` and `proof` open the moves that need a person's word, or a receipt. `values` are columns to set beside;
        `reason` and `detail` are forgotten unless they are given. Returns the delivery as it is now. Raises Lost where
        the row is no longer as it was, LedgerError for a move that is not allowed.
        """
        if not allowed(was.state, to, by_person=person, by_proof=proof):
            raise LedgerError(f"A delivery cannot go from {was.state} to {to}.")
        values = {"reason": None, "detail": None, **values}
        if to not in (State.CLAIMED, State.SENDING):
            values |= {"token": None, "worker": None, "lease_until": None}
        now = self.change(was, under=under, state=to, **values)
        self.event(action, about=was, after=to, reason=values["reason"], detail=values["detail"], data=data)
        return now

    def change(self, was: Delivery, *, under: str | None = None, **values: Any) -> Delivery:
        """Sets columns of a delivery that still is as `was` says; notes nothing. Raises Lost where it is not so.

        Returns the delivery as it is now.
        """
        row = {"the_id": was.id, "the_state": was.state, "changed_at": self.now, **values}
        if under is not None:
            row["the_token"] = under
        if (_CHANGE if under is None else _CHANGE_UNDER).change(self.connection, row) != 1:
            raise Lost(f"Delivery {was.id} is no longer as this worker left it.")
        seen = {name: value for name, value in values.items() if name in _FIELDS}
        return replace(was, changed_at=self.now, **seen)

    def guards_changed(self) -> None:
        """Notes that something changed at which guards look."""
        number = sa.cast(sa.cast(meta.c.value, sa.Integer) + 1, sa.Text)
        self.execute(sa.update(meta).where(meta.c.key == "guard_version").values(value=number))

    def guard_version(self, *, lock: bool = False) -> int:
        """The number that goes up with each change at which guards look. `lock`: it stays until the commit."""
        return int((_VERSION_LOCKED if lock else _VERSION).scalar(self.connection))
