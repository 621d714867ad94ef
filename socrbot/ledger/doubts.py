"""Lost answers: what is to be looked for, and what the looking found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from socrbot.clock import as_utc
from socrbot.delivery import Delivery, State
from socrbot.errors import LedgerError, Lost
from socrbot.ledger.base import ITSELF, Base
from socrbot.ledger.outcomes import earlier_receipt, end_attempt, keep_part, part_is_out, sent_at
from socrbot.ledger.prepared import Prepared
from socrbot.ledger.receipts import pack_receipt, receipt_of
from socrbot.ledger.records import Unknown
from socrbot.ledger.schema import accounts, attempts, deliveries, state_is
from socrbot.ledger.transaction import COLUMNS, D, Transaction, delivery
from socrbot.message import Receipt

S = State
_IN_DOUBT = state_is("open", "unknown", column=attempts.c.state)
_ASKED = (
    attempts.c.id,
    attempts.c.part,
    attempts.c.parts,
    attempts.c.payload,
    attempts.c.key,
    attempts.c.started_at,
    attempts.c.reply_to,
    attempts.c.looks,
    attempts.c.absent_looks,
    attempts.c.next_look_at,
)


_UNKNOWN = Prepared(
    sa.select(*COLUMNS, *_ASKED)
    .join_from(attempts, deliveries, attempts.c.delivery_id == D.id)
    .where(state_is("unknown"), _IN_DOUBT, attempts.c.next_look_at <= sa.bindparam("the_instant"))
    .order_by(attempts.c.next_look_at, attempts.c.id)
)


class Doubts(Base):
    """Settles what is unknown."""

    def unknowns(self, now: datetime) -> list[Unknown]:
        """The deliveries whose lost answer is to be looked for now, those that waited longest first.

        One whose next look is None is left to a person, and is not here; `deliveries` lists them all.
        """
        with self._db.read() as connection:
            return [_unknown(row) for row in _UNKNOWN.rows(connection, {"the_instant": as_utc(now)})]

    def looked(
        self, unknown: Unknown, *, absent: bool, detail: str, next_look_at: datetime | None, now: datetime
    ) -> None:
        """Notes that it was looked for and not settled. `absent`: the network shows that it is not there.

        `next_look_at` None: nobody looks again unasked; a person has to. Raises Lost where it was settled meanwhile.
        """
        with self._change(now, ITSELF) as change:
            was = change.find(unknown.delivery.id)
            if was.state is not S.UNKNOWN:
                raise Lost(f"Delivery {was.id} was settled meanwhile.")
            absent_looks = unknown.absent_looks + 1 if absent else 0
            values = {"looks": unknown.looks + 1, "absent_looks": absent_looks, "next_look_at": next_look_at}
            mine = sa.update(attempts).where(attempts.c.id == unknown.attempt_id, _IN_DOUBT)
            if change.execute(mine.values(values)).rowcount != 1:
                raise Lost(f"Delivery {was.id} was settled meanwhile.")
            if detail != was.detail:
                change.change(was, detail=detail)
            change.event("looked", about=was, detail=detail, data={"absent": absent, "attempt": unknown.attempt_id})

    def settle(
        self,
        delivery_id: int,
        *,
        found: Receipt | None,
        evidence: str,
        now: datetime,
        by: str,
        attempt: int | None = None,
    ) -> None:
        """Ends the doubt by evidence. `found`: the part is public with this receipt; None: it did not go out.

        A delivery with all parts out is sent; else it is planned again, for its next part or the same one. Raises Lost
        where it is no longer unknown, or no longer for the attempt that the evidence is about.
        """
        with self._change(now, by) as change:
            was = change.find(delivery_id)
            if was.state is not S.UNKNOWN:
                raise Lost(f"Delivery {was.id} was settled meanwhile.")
            if attempt is not None and in_doubt(change, was).id != attempt:
                # Settled by somebody else, sent again, and in doubt again: what was seen before says nothing of that.
                raise Lost(f"Delivery {was.id} is in doubt for another try by now.")
            if found is not None:
                settle_sent(change, was, found, evidence)
            else:
                settle_not_sent(change, was, evidence)


def _unknown(row: Sequence[Any]) -> Unknown:
    values = list(row)
    asked = values[len(COLUMNS) :]
    asked[6] = receipt_of(asked[6])
    return Unknown(delivery(values[: len(COLUMNS)]), *asked)


def in_doubt(change: Transaction, was: Delivery) -> sa.Row[Any]:
    """The attempt whose answer is lost. Raises LedgerError where there is none."""
    query = sa.select(*_ASKED).where(attempts.c.delivery_id == was.id, _IN_DOUBT).order_by(attempts.c.id.desc())
    row = change.execute(query.limit(1)).one_or_none()
    if row is None:
        raise LedgerError(f"Delivery {was.id} has no attempt whose answer is lost.")
    return row


def settle_sent(change: Transaction, was: Delivery, found: Receipt, evidence: str) -> None:
    """The part in doubt is public."""
    row = in_doubt(change, was)
    end_attempt(change, row.id, "sent", receipt=pack_receipt(found), detail=evidence)
    keep_part(change, was.id, row.part, "sent", found)
    last = sa.select(accounts.c.last_sent_at).where(accounts.c.id == was.account)
    earlier = change.execute(last).scalar()
    sent_at(change, was.account, max(row.started_at, earlier or row.started_at))
    part_is_out(change, was, row.parts, detail=evidence, action="settled")


def settle_not_sent(change: Transaction, was: Delivery, evidence: str, **values: Any) -> Delivery:
    """The part in doubt is not public: planned again, with these columns set beside."""
    row = in_doubt(change, was)
    end_attempt(change, row.id, "not-sent", detail=evidence)
    if (receipt := earlier_receipt(change, was.id, row.part)) is not None:
        # This try is not there, but an earlier one is: its answer came late.
        keep_part(change, was.id, row.part, "sent", receipt)
        part_is_out(change, was, row.parts, detail=evidence, action="settled")
        return change.find(was.id)
    keep_part(change, was.id, row.part, "waiting")
    values = {"reason": "not-sent", "detail": evidence, **values}
    return change.move(was, S.PLANNED, "settled", **values)
