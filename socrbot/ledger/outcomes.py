"""What an attempt came to: committed in one step, and kept as evidence even where the claim is void by then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from socrbot.clock import as_utc
from socrbot.delivery import Claim, Delivery, Outcome, State
from socrbot.errors import LedgerError, Lost
from socrbot.ledger.base import Base
from socrbot.ledger.prepared import Prepared
from socrbot.ledger.receipts import pack_receipt, receipt_of
from socrbot.ledger.schema import UtcDateTime, accounts, attempts, deliveries, parts
from socrbot.ledger.transaction import THE_ID, D, Transaction
from socrbot.message import Receipt

S = State
# Made once, as in transaction.py.
_A = attempts.c
_ATTEMPT_ROW = Prepared(
    sa.select(_A.id, _A.delivery_id, _A.part, _A.parts, _A.state, _A.receipt, _A.reason, _A.detail).where(
        _A.id == THE_ID
    )
)
_END_ATTEMPT = Prepared(sa.update(attempts).where(attempts.c.id == THE_ID))
_THE_PART = (parts.c.delivery_id == THE_ID, parts.c.number == sa.bindparam("the_part"))
_KEEP_PART = Prepared(sa.update(parts).where(*_THE_PART))
_PARTS_OUT = Prepared(sa.select(sa.func.count()).where(parts.c.delivery_id == THE_ID, parts.c.state == "sent"))
_SENT_AT = Prepared(sa.update(accounts).where(accounts.c.id == sa.bindparam("the_account")))
# What a part and an attempt are called after an outcome, by the state that the delivery goes to.
_PART = {S.PLANNED: "waiting", S.FAILED: "failed", S.UNKNOWN: "unknown"}
_ATTEMPT = {S.PLANNED: "not-sent", S.FAILED: "failed", S.UNKNOWN: "unknown"}
_ACTION = {S.PLANNED: "not-sent", S.FAILED: "failed", S.UNKNOWN: "unknown"}


class Outcomes(Base):
    """From the network's answer to the ledger."""

    def part_sent(self, claim: Claim, attempt: int, receipt: Receipt, *, now: datetime, last: bool) -> None:
        """Keeps the receipt of a part. `last`: the delivery is sent.

        Where the claim is void by now, the receipt still proves that its part is public: the part counts as sent, and
        a delivery with all parts out is sent, unless another worker is sending it at this moment. Then Lost is raised.
        """
        with self._change(now, claim.worker, short=True) as change:
            was, row = change.claimed(claim.delivery.id, claim.token), _attempt(change, attempt)
            if row.receipt == pack_receipt(receipt):
                return  # said twice: the first commit's own answer was lost
            if was is not None and was.state is S.SENDING and row.state == "open":
                _sent(change, was, claim.token, row, receipt, last=last)
                return
            _late_receipt(change, row, receipt, "The answer came after its time.")
        raise Lost(f"Delivery {claim.delivery.id}: the answer came late. It was kept as evidence.")

    def record(self, claim: Claim, attempt: int | None, outcome: Outcome, *, now: datetime) -> None:
        """Keeps any other end of a try: planned again, failed, or unknown; stops or delays the account where asked.

        `attempt` is None where preparing failed, before anything could be public. Where the claim is void by now, the
        outcome is kept as evidence and changes nothing else, and then Lost is raised.
        """
        if outcome.state not in _ACTION:
            raise LedgerError(f"An attempt cannot come to {outcome.state}.")
        with self._change(now, claim.worker, short=True) as change:
            _tell_account(change, claim.delivery.account, outcome)
            was = change.claimed(claim.delivery.id, claim.token)
            if was is not None:
                _ended(change, was, claim.token, attempt, outcome)
                return
            if attempt is not None:
                row = _attempt(change, attempt)
                if (row.state, row.reason, row.detail) == (_ATTEMPT[outcome.state], outcome.reason, outcome.detail):
                    return  # said twice: the first commit's own answer was lost
                _late_outcome(change, row, outcome)
        raise Lost(f"Delivery {claim.delivery.id}: the answer came late. It was kept as evidence.")


def _attempt(change: Transaction, attempt: int) -> Any:
    row = _ATTEMPT_ROW.row(change.connection, {"the_id": attempt})
    if row is None:
        raise LedgerError(f"There is no attempt {attempt} in this ledger.")
    return row


def end_attempt(change: Transaction, attempt: int, state: str, **values: Any) -> None:
    """Closes an attempt, or leaves it to be looked for (`state` "unknown")."""
    look = change.now if state == "unknown" else None
    values = {"next_look_at": look, **values, "state": state, "ended_at": change.now}
    _END_ATTEMPT.change(change.connection, {"the_id": attempt, **values})


def keep_part(change: Transaction, delivery_id: int, part: int, state: str, receipt: Receipt | None = None) -> None:
    """Says how a part stands; with its receipt where it is public."""
    values = {"state": state, "receipt": pack_receipt(receipt), "sent_at": change.now if receipt else None}
    _KEEP_PART.change(change.connection, {"the_id": delivery_id, "the_part": part, **values})


def parts_out(change: Transaction, delivery_id: int) -> int:
    """How many parts are public."""
    count: int = _PARTS_OUT.scalar(change.connection, {"the_id": delivery_id})
    return count


def sent_at(change: Transaction, account: str, instant: datetime) -> None:
    """Notes when the account last spoke, from which spacing is measured."""
    _SENT_AT.change(change.connection, {"the_account": account, "last_sent_at": instant})


def _sent(change: Transaction, was: Delivery, token: str, row: Any, receipt: Receipt, *, last: bool) -> None:
    end_attempt(change, row.id, "sent", receipt=pack_receipt(receipt))
    keep_part(change, was.id, row.part, "sent", receipt)
    sent_at(change, was.account, change.now)
    out = parts_out(change, was.id)
    data = {"attempt": row.id, "part": row.part, "id": receipt.id, "url": receipt.url}
    if last:
        change.move(was, S.SENT, "sent", under=token, data=data, attempts=was.attempts + 1, parts_out=out)
    else:
        change.change(was, under=token, parts_out=out)
        change.event("part-sent", about=was, data=data)


def _ended(change: Transaction, was: Delivery, token: str, attempt: int | None, outcome: Outcome) -> None:
    if attempt is not None:
        row = _attempt(change, attempt)
        if row.state == "sent":
            # Its receipt is kept: who was told to stop had not heard of it yet. Only the next part has not begun.
            change.move(was, S.PLANNED, "released", under=token)
            return
        answer = {"reason": outcome.reason, "detail": outcome.detail, "data": dict(outcome.data)}
        end_attempt(change, attempt, _ATTEMPT[outcome.state], **answer)
        if _proven(change, was, token, row):
            return
        keep_part(change, was.id, row.part, _PART[outcome.state])
    elif was.state is S.SENDING and outcome.state is S.UNKNOWN:
        raise LedgerError("Only an attempt can be unknown.")
    change.move(
        was,
        outcome.state,
        _ACTION[outcome.state],
        under=token,
        reason=outcome.reason,
        detail=outcome.detail,
        data={"attempt": attempt, **outcome.data},
        attempts=was.attempts + 1,
        not_before=outcome.not_before,
    )


def earlier_receipt(change: Transaction, delivery_id: int, part: int) -> Receipt | None:
    """The receipt of a try of this part that turned out to have succeeded; None where there is none."""
    mine = (attempts.c.delivery_id == delivery_id, attempts.c.part == part, attempts.c.state == "sent")
    query = sa.select(attempts.c.receipt).where(*mine).order_by(attempts.c.id).limit(1)
    return receipt_of(change.execute(query).scalar())


def _proven(change: Transaction, was: Delivery, token: str, row: Any) -> bool:
    """Whether the part is public by an earlier try, whose answer came while this one was on its way.

    Then this try's own end changes nothing: the delivery goes on from there.
    """
    receipt = earlier_receipt(change, was.id, row.part)
    if receipt is None:
        return False
    keep_part(change, was.id, row.part, "sent", receipt)
    _look_no_more(change, was.id, row.part)
    out, detail = parts_out(change, was.id), "The answer to an earlier try came late: it is public."
    after = S.SENT if out >= row.parts else S.PLANNED
    change.move(was, after, "settled", under=token, detail=detail, attempts=was.attempts + 1, parts_out=out)
    return True


def _tell_account(change: Transaction, account: str, outcome: Outcome) -> None:
    mine = sa.update(accounts).where(accounts.c.id == account)
    if outcome.account_until is not None:
        later = sa.or_(accounts.c.wait_until.is_(None), accounts.c.wait_until < as_utc(outcome.account_until))
        change.execute(mine.where(later).values(wait_until=outcome.account_until))
    if outcome.stop_account is None:
        return
    stop = mine.where(accounts.c.stopped_at.is_(None))
    if change.execute(stop.values(stopped_at=change.now, stopped_reason=outcome.stop_account)).rowcount:
        change.event("stopped", account=account, reason=outcome.reason, detail=outcome.stop_account)
        change.guards_changed()


def _late_receipt(change: Transaction, row: Any, receipt: Receipt, detail: str) -> None:
    was = change.find(row.delivery_id)
    end_attempt(change, row.id, "sent", receipt=pack_receipt(receipt))
    sent_at(change, was.account, change.now)
    data: Mapping[str, object] = {"attempt": row.id, "part": row.part, "id": receipt.id, "url": receipt.url}
    change.event("late-answer", about=was, detail=detail, data=data)
    mine = sa.select(parts.c.state).where(parts.c.delivery_id == was.id, parts.c.number == row.part)
    if change.execute(mine).scalar() == "sent":
        return
    if was.state is S.SENDING:
        # Somebody sends it again at this moment; that try has its own end.
        return
    keep_part(change, was.id, row.part, "sent", receipt)
    _look_no_more(change, was.id, row.part)
    part_is_out(change, was, row.parts, detail=detail, action="settled")


def _look_no_more(change: Transaction, delivery_id: int, part: int) -> None:
    """Ends the doubt about other tries of a part, as the part is public by one of them.

    What the network refused as a repetition was not sent. Of any other nobody will ever know; so it stays unknown.
    """
    doubted = (
        attempts.c.delivery_id == delivery_id,
        attempts.c.part == part,
        attempts.c.state.in_(["open", "unknown"]),
    )
    refused = attempts.c.reason == "duplicate-answer"
    change.execute(sa.update(attempts).where(*doubted, refused).values(state="not-sent", next_look_at=None))
    ended = sa.func.coalesce(attempts.c.ended_at, change.now, type_=UtcDateTime())
    change.execute(sa.update(attempts).where(*doubted).values(state="unknown", next_look_at=None, ended_at=ended))


def part_is_out(change: Transaction, was: Delivery, of: int, *, detail: str, action: str) -> None:
    """Takes a delivery of `of` parts on, after proof that one more of them is public.

    All parts out: it is sent. Else an unknown one is planned again for its next part; any other stays as it is.
    """
    out = parts_out(change, was.id)
    if out >= of and was.state not in (S.SENT, S.WITHDRAWN):
        change.move(was, S.SENT, action, proof=True, detail=detail, parts_out=out)
    elif was.state is S.UNKNOWN:
        change.move(was, S.PLANNED, action, detail=detail, parts_out=out)
    else:
        change.execute(sa.update(deliveries).where(D.id == was.id).values(parts_out=out, changed_at=change.now))


def _late_outcome(change: Transaction, row: Any, outcome: Outcome) -> None:
    was = change.find(row.delivery_id)
    data = {"attempt": row.id, "reason": outcome.reason, **outcome.data}
    change.event("late-answer", about=was, detail=outcome.detail, data=data)
    if was.state is not S.UNKNOWN or row.state not in ("open", "unknown") or outcome.state is S.UNKNOWN:
        return
    answer = {"reason": outcome.reason, "detail": outcome.detail, "data": dict(outcome.data)}
    end_attempt(change, row.id, _ATTEMPT[outcome.state], **answer)
    keep_part(change, was.id, row.part, _PART[outcome.state])
    change.move(
        was,
        outcome.state,
        "settled",
        reason=outcome.reason,
        detail=outcome.detail,
        not_before=outcome.not_before,
    )
