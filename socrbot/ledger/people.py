"""What a person may say: pause, go live, try again, cancel, publish now, settle. Each is noted with their name."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from socrbot.delivery import Delivery, Kind, State, Wanted, allowed
from socrbot.errors import LedgerError
from socrbot.ledger.ageing import miss_paused
from socrbot.ledger.base import ALL, Base
from socrbot.ledger.doubts import settle_not_sent
from socrbot.ledger.outcomes import end_attempt, keep_part, parts_out
from socrbot.ledger.planning import insert, new_row, note_accounts, release
from socrbot.ledger.receipts import pack_identity, pack_receipt
from socrbot.ledger.records import Pause
from socrbot.ledger.schema import WAITING, accounts, attempts, deliveries, parts, pauses
from socrbot.ledger.transaction import COLUMNS, D, Transaction, delivery
from socrbot.message import Identity, Receipt

S = State


class People(Base):
    """A person's word, carried out."""

    def pause(self, account: str | None, reason: str, by: str, now: datetime) -> None:
        """Nothing goes out on this account (None: on any) before `resume`. Once this returns, no new sending begins."""
        scope = account or ALL
        with self._change(now, by) as change:
            row = {"scope": scope, "reason": reason, "paused_by": by, "since": change.now}
            if change.execute(insert(change, pauses).values(row).returning(pauses.c.scope)).first():
                change.event("paused", account=account, detail=reason)
                change.guards_changed()

    def resume(self, account: str | None, by: str, now: datetime) -> list[Delivery]:
        """Ends a pause. Returns what fell due meanwhile, by due time.

        It never goes out by itself: what waits past its time is missed ("missed-while-paused"). Only posts of a slot
        whose time passed in a pause of all keep their place in the queue: they are cancelled as "slot-passed", and the
        next plan gives them another time. Urgent ones were not concerned.
        """
        scope = account or ALL
        with self._change(now, by) as change:
            since = change.execute(sa.select(pauses.c.since).where(pauses.c.scope == scope)).scalar()
            if since is None:
                return []
            change.execute(sa.delete(pauses).where(pauses.c.scope == scope))
            change.event("resumed", account=account)
            change.guards_changed()
            return _after_pause(change, account, since)

    def pauses(self) -> list[Pause]:
        """The pauses that are on, the oldest first."""
        with self._db.read() as connection:
            rows = connection.execute(sa.select(pauses).order_by(pauses.c.since)).all()
        return [pause_of(row) for row in rows]

    def go_live(
        self,
        account: str,
        network: str,
        identity: Identity | None,
        by: str,
        now: datetime,
        *,
        compare_since: datetime | None = None,
    ) -> None:
        """Lets an account publish from now on, and releases what waited for that. `identity`: who it speaks for.

        `compare_since`: its posts since then are first compared with the plan; None: there is nothing to compare.
        """
        with self._change(now, by) as change:
            note_accounts(change, {account: network})
            mine = sa.update(accounts).where(accounts.c.id == account)
            values = {"live_at": change.now, "live_by": by, "identity": pack_identity(identity), "network": network}
            change.execute(mine.values(**values, compare_since=compare_since, compare_trouble=None))
            change.event("live", account=account, data=pack_identity(identity))
            change.guards_changed()
            for reason in ("not-live", "not-compared"):
                _release_held(change, account, reason, "The account is live.")

    def start_account(self, account: str, by: str, now: datetime) -> None:
        """Lets an account go on that was stopped because its credentials no longer worked. What waited is released."""
        with self._change(now, by) as change:
            mine = sa.update(accounts).where(accounts.c.id == account, accounts.c.stopped_at.is_not(None))
            if change.execute(mine.values(stopped_at=None, stopped_reason=None)).rowcount:
                change.event("started", account=account)
                change.guards_changed()
            _release_held(change, account, "account-stopped", "The account works again.")

    def retry(self, delivery_id: int, by: str, now: datetime, grace: timedelta) -> Delivery:
        """Plans a failed, missed, cancelled, held or unknown delivery for now, with a new grace time.

        A cancelled one whose time is still to come gets that time back.

        Parts that are public are not sent again. Of an unknown one the person says that it did not go out.
        """
        with self._change(now, by) as change:
            was = change.find(delivery_id)
            if was.state in (S.PLANNED, S.CLAIMED, S.SENDING) or not allowed(was.state, S.PLANNED, by_person=True):
                raise LedgerError(f"Delivery {was.id} is {was.state}: there is nothing to try again.")
            early = was.state is S.CANCELLED and was.due_at > change.now
            due = {"not_before": None} if early else _due_now(change, grace)
            values: dict[str, Any] = {"by_person": True, "attempts": 0, **due}
            if was.state is S.UNKNOWN:
                was = settle_not_sent(change, was, f"{by} says that it did not go out.", **values)
                change.event("retried", about=was)
                return was
            _reopen_parts(change, was)
            return change.move(was, S.PLANNED, "retried", person=True, **values)

    def cancel(self, delivery_id: int, by: str, reason: str, now: datetime) -> Delivery:
        """Cancels what has not begun to go out. No sync plans it again."""
        with self._change(now, by) as change:
            was = change.find(delivery_id)
            if not allowed(was.state, S.CANCELLED):
                raise LedgerError(f"Delivery {was.id} is {was.state} and cannot be cancelled.")
            return change.move(was, S.CANCELLED, "cancelled", by_person=True, reason="by-person", detail=reason)

    def settle_by_person(self, delivery_id: int, sent: bool, url: str | None, by: str, now: datetime) -> Delivery:
        """Ends a doubt on a person's word, or says of a failed delivery that it is public after all.

        `sent`: the delivery is sent, as a whole, at this address. Else an unknown one is planned again; it goes out if
        its grace time is not over, and is missed otherwise.
        """
        with self._change(now, by) as change:
            was = change.find(delivery_id)
            if was.state is not S.UNKNOWN and not (sent and was.state is S.FAILED):
                raise LedgerError(f"Delivery {was.id} is {was.state}: there is nothing to settle.")
            if not sent:
                return settle_not_sent(change, was, f"{by} says that it did not go out.", by_person=True)
            _seen_public(change, was, Receipt(url or "", url))
            values: dict[str, Any] = {"parts_out": parts_out(change, was.id), "by_person": True}
            return change.move(was, S.SENT, "settled", person=True, data={"url": url}, detail=f"{by} saw it.", **values)

    def publish_now(  # noqa: PLR0913 - the whole of a delivery, named field by field
        self,
        post: str,
        account: str,
        network: str,
        *,
        now: datetime,
        by: str,
        urgent: bool,
        reason: str | None,
        grace: timedelta,
        path: str,
        line: int,
    ) -> Delivery:
        """Makes a post due now on one account. Uses the next delivery that waits; makes one where there never was one.

        Raises LedgerError while one of the same post and account is going out, or nobody knows whether it did, and
        where all that there was of them is over: what went out does not go out twice.
        """
        with self._change(now, by) as change:
            note_accounts(change, {account: network})
            busy = change.rows(D.post == post, D.account == account, D.state.in_([S.CLAIMED, S.SENDING, S.UNKNOWN]))
            if busy:
                was = busy[0][0]
                raise LedgerError(f"Delivery {was.id} of this post is {was.state}. Settle that first.")
            values = {"urgent": urgent, "by_person": True, **_due_now(change, grace)}
            waiting = change.rows(WAITING, D.post == post, D.account == account)
            if waiting:
                return _hurry(
                    change, min((was for was, _ in waiting), key=lambda was: (was.due_at, was.id)), reason, values
                )
            _refuse_again(change.rows(D.post == post, D.account == account, lock=False), account)
            wanted = Wanted(
                post=post,
                account=account,
                network=network,
                occurrence=f"now:{change.now.isoformat()}",
                kind=Kind.NOW,
                nominal=change.now,
                due_at=change.now,
                grace_until=change.now + grace,
                path=path,
                line=line,
            )
            return _make(change, wanted, reason, values)


def pause_of(row: sa.Row[Any]) -> Pause:
    """A pause from its row."""
    return Pause(None if row.scope == ALL else row.scope, row.reason, row.paused_by, row.since)


def _refuse_again(earlier: list[tuple[Delivery, str]], account: str) -> None:
    """Raises LedgerError where the post has been on this account before, whatever became of it."""
    if not earlier:
        return
    latest = max((was for was, _ in earlier), key=lambda was: (was.state is S.SENT, was.id))
    if latest.state is S.SENT:
        raise LedgerError(
            f"{latest.post} went out on {account} already, and no other time of it waits. It does not go out twice. "
            f"See it with: socrbot log {latest.id}"
        )
    if latest.state is S.WITHDRAWN:
        raise LedgerError(
            f"{latest.post} was taken down from {account} on purpose (socrbot log {latest.id}). To say it again, write "
            "it as a new post, with an id of its own."
        )
    raise LedgerError(
        f"{latest.post} has had its time on {account}. What became of it: socrbot log {latest.id}. "
        f"To send it all the same: socrbot retry {latest.id}"
    )


def _due_now(change: Transaction, grace: timedelta) -> dict[str, Any]:
    return {"due_at": change.now, "grace_until": change.now + grace, "not_before": None}


def _hurry(change: Transaction, was: Delivery, reason: str | None, values: dict[str, Any]) -> Delivery:
    data = {"from": was.due_at.isoformat(), "to": change.now.isoformat(), "urgent": values["urgent"]}
    if was.state is S.HELD:
        was = change.move(was, S.PLANNED, "released", data={"why": "A person asked for it now."})
    change.change(was, **values)
    change.event("moved", about=was, reason="by-person", detail=reason, data=data)
    return change.find(was.id)


def _make(change: Transaction, wanted: Wanted, reason: str | None, values: dict[str, Any]) -> Delivery:
    row = {**new_row(wanted, change.now), **values}
    made = delivery(change.execute(sa.insert(deliveries).values(row).returning(*COLUMNS)).one())
    data = {"due_at": made.due_at.isoformat(), "urgent": made.urgent}
    change.event("planned", about=made, after=S.PLANNED, new=True, reason="by-person", detail=reason, data=data)
    return made


def _release_held(change: Transaction, account: str, reason: str, why: str) -> None:
    held = change.rows(D.state == S.HELD, D.account == account, D.reason == reason, D.grace_until >= change.now)
    for was, _ in held:
        release(change, was, why)


def _reopen_parts(change: Transaction, was: Delivery) -> None:
    mine = (parts.c.delivery_id == was.id, parts.c.state == "failed")
    change.execute(sa.update(parts).where(*mine).values(state="waiting"))


def _seen_public(change: Transaction, was: Delivery, receipt: Receipt) -> None:
    """Gives the receipt to the parts that failed or are in doubt."""
    doubtful = (attempts.c.delivery_id == was.id, attempts.c.state.in_(["open", "unknown"]))
    for attempt in change.execute(sa.select(attempts.c.id).where(*doubtful)).scalars().all():
        end_attempt(change, attempt, "sent", receipt=pack_receipt(receipt))
    mine = (parts.c.delivery_id == was.id, parts.c.state.in_(["failed", "unknown", "sending"]))
    for number in change.execute(sa.select(parts.c.number).where(*mine)).scalars().all():
        keep_part(change, was.id, number, "sent", receipt)


def _after_pause(change: Transaction, account: str | None, since: datetime) -> list[Delivery]:
    """What fell due during the pause, as it stands now."""
    mine = () if account is None else (D.account == account,)
    missed = change.rows(
        *mine, D.state == S.MISSED, D.reason == "missed-while-paused", D.changed_at >= since, lock=False
    )
    found = [was for was, _ in missed]
    waiting = change.rows(*mine, WAITING, D.due_at <= change.now, sa.not_(D.urgent))
    others = frozenset(change.execute(sa.select(pauses.c.scope)).scalars())
    for was, _ in waiting:
        if was.not_before is not None and was.not_before > change.now:
            continue
        if account is None and _keeps_its_place(was) and was.account not in others:
            found.append(_next_slot(change, was))
        elif was.state is S.PLANNED or was.reason == "paused":
            found.append(miss_paused(change, was))
    return sorted(found, key=lambda was: (was.due_at, was.id))


def _keeps_its_place(was: Delivery) -> bool:
    return was.kind is Kind.SLOT and not was.by_person and was.parts_out == 0


def _next_slot(change: Transaction, was: Delivery) -> Delivery:
    """Takes a queued post from a time that is over. As nobody cancelled it by name, planning gives it another time."""
    detail = "Its slot passed during the pause; the next plan gives it another one."
    return change.move(was, S.CANCELLED, "cancelled", reason="slot-passed", detail=detail)
