"""What a ledger that may not know all keeps about it: accounts to be compared with what is public, and what came of it.

A ledger is such a one after it was brought back from a copy, or where it is new and its account is not. The comparing
itself is done in `publishing/acquainting.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from socrbot.clock import as_utc
from socrbot.delivery import Delivery, Kind, State
from socrbot.errors import LedgerError, Lost
from socrbot.ledger.base import ITSELF, Base
from socrbot.ledger.outcomes import end_attempt, sent_at
from socrbot.ledger.planning import hold, release
from socrbot.ledger.receipts import pack_receipt
from socrbot.ledger.schema import WAITING, UtcDateTime, accounts, attempts, deliveries, events, meta, parts
from socrbot.ledger.transaction import D, Transaction
from socrbot.message import Receipt

S = State
# Why a delivery waits for a person after a comparison, and why one was missed by it.
LOOKS_PUBLIC, RESTORED = "looks-public", "restored"
# The clocks of the machine that wrote the last line of a ledger and of a network may differ by this much.
CLOCKS_DIFFER = timedelta(hours=1)
_MISSED = "Its time passed before the log was compared with what is public."


@dataclass(frozen=True, slots=True)
class PublicPost:
    """A part that was found on the network: its number, its key, its receipt, and since when it is public."""

    number: int
    key: str
    receipt: Receipt
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What a comparison says of one delivery. `parts` are all of its parts, found for certain; else there are none,
    and a person has to look. `evidence` is a sentence.
    """

    delivery: int
    evidence: str
    parts: tuple[PublicPost, ...] = ()


class Acquainting(Base):
    """Comparing the plan with what is public."""

    def to_compare(
        self, since: datetime | None, *, by: str, now: datetime, accounts_of: Collection[str] | None = None
    ) -> list[str]:
        """From now on nothing goes out on an account before its posts since then were compared. Returns the accounts.

        All accounts that may publish, or those of `accounts_of`. `since` None: since this ledger's last line. What was
        to be compared from an earlier instant still is.
        """
        with self._change(now, by) as change:
            since = since or _last_line(change) - CLOCKS_DIFFER
            which = sa.select(accounts.c.id).where(accounts.c.live_at.is_not(None)).order_by(accounts.c.id)
            names = [name for name in change.execute(which).scalars() if accounts_of is None or name in accounts_of]
            for name in names:
                mine = sa.update(accounts).where(accounts.c.id == name)
                earlier = accounts.c.compare_since < since
                from_then = sa.case((earlier, accounts.c.compare_since), else_=sa.literal(since, UtcDateTime()))
                change.execute(mine.values(compare_since=from_then, compare_trouble=None))
                change.event("to-compare", account=name, data={"since": since.isoformat()})
            if accounts_of is None:
                change.event("brought-back", data={"since": since.isoformat()})
            change.guards_changed()
            return names

    def last_line(self, *, before: datetime) -> datetime:
        """When this ledger's last line until that instant was written, less what clocks may differ by."""
        query = sa.select(sa.func.max(events.c.at)).where(events.c.at <= as_utc(before))
        with self._db.read() as connection:
            last: datetime | None = connection.execute(query).scalar()
            return (last or _made_at(connection)) - CLOCKS_DIFFER

    def comparing(self) -> dict[str, datetime]:
        """The accounts whose posts are to be compared first, and since when."""
        query = sa.select(accounts.c.id, accounts.c.compare_since).where(accounts.c.compare_since.is_not(None))
        with self._db.read() as connection:
            return {row.id: row.compare_since for row in connection.execute(query)}

    def known_posts(self, account: str) -> frozenset[str]:
        """The ids of all public posts that the ledger knows on an account."""
        query = sa.select(parts.c.receipt).join_from(parts, deliveries, parts.c.delivery_id == D.id)
        with self._db.read() as connection:
            rows = connection.execute(query.where(D.account == account, parts.c.receipt.is_not(None))).scalars()
            return frozenset(str(receipt["id"]) for receipt in rows)

    def cannot_compare(self, account: str, trouble: str, *, now: datetime) -> None:
        """Notes why an account could not be compared: until it can be, what is due there is held."""
        with self._change(now, ITSELF) as change:
            mine = sa.update(accounts).where(accounts.c.id == account, accounts.c.compare_since.is_not(None))
            news = sa.or_(accounts.c.compare_trouble.is_(None), accounts.c.compare_trouble != trouble)
            if change.execute(mine.where(news).values(compare_trouble=trouble)).rowcount:
                change.event("not-compared", account=account, detail=trouble)
                change.guards_changed()

    def compared(
        self, account: str, since: datetime, *, seen: Sequence[Seen], spare: bool, by: str, now: datetime
    ) -> list[Delivery]:
        """Carries out what a comparison of the posts since then came to. Returns what it changed.

        What is public is sent; what looks like it is held; what was due before now is missed. `spare` leaves out what a
        person asked for. From then on the account may speak; not yet, where posts of a queue turned out to be public:
        the next plan moves others up, which nobody has compared. Raises Lost where somebody compared it meanwhile, or
        another comparison was asked for.
        """
        with self._change(now, by) as change:
            mine = sa.select(accounts.c.id).where(accounts.c.id == account, accounts.c.compare_since == since)
            if change.execute(mine.with_for_update()).one_or_none() is None:
                raise Lost(f"{account} was compared by somebody else meanwhile.")
            done = [now_is for each in seen if (now_is := _carry_out(change, each)) is not None]
            past = change.rows(WAITING, D.account == account, D.due_at <= change.now)
            for was, _ in past:
                if not (spare and was.by_person) and was.reason != LOOKS_PUBLIC:
                    done.append(change.move(was, S.MISSED, "missed", reason=RESTORED, detail=_MISSED))
            again = any(now_is.kind is Kind.SLOT and now_is.state is S.SENT for now_is in done)
            values = {"compare_since": since if again else None, "compare_trouble": None}
            change.execute(sa.update(accounts).where(accounts.c.id == account).values(values))
            change.event("compared", account=account, data=_numbers(done))
            change.guards_changed()
            return done

    def settle_looks_public(self, delivery_id: int, *, url: str | None, by: str, now: datetime) -> Delivery:
        """A person's word on what looks public: with its address it is sent; without, it goes out at its time."""
        with self._change(now, by) as change:
            was = change.find(delivery_id)
            if was.state is not S.HELD or was.reason != LOOKS_PUBLIC:
                raise LedgerError(f"Delivery {was.id} is {was.state}: there is nothing to settle.")
            if url is None:
                return release(change, was, f"{by} says that it is not public.")
            values: dict[str, Any] = {"detail": f"{by} saw it.", "by_person": True}
            _keep(change, was, PublicPost(1, "", Receipt(url, url), change.now))
            return change.move(was, S.SENT, "settled", proof=True, data={"url": url}, parts_out=1, **values)


def _last_line(change: Transaction) -> datetime:
    last: datetime | None = change.execute(sa.select(events.c.at).order_by(events.c.id.desc()).limit(1)).scalar()
    if last is not None:
        return last
    return _made_at(change.connection)


def _made_at(connection: Connection) -> datetime:
    made = connection.execute(sa.select(meta.c.value).where(meta.c.key == "created_at")).scalar_one()
    return datetime.fromisoformat(made)


def _carry_out(change: Transaction, seen: Seen) -> Delivery | None:
    was = change.find(seen.delivery)
    if not seen.parts:
        held = hold(change, was, LOOKS_PUBLIC, seen.evidence)
        return held[0] if held else None
    if was.state not in (S.PLANNED, S.HELD, S.UNKNOWN, S.FAILED, S.MISSED):
        return None
    for part in seen.parts:
        _keep(change, was, part)
    sent_at(change, was.account, max(part.at for part in seen.parts))
    first = seen.parts[0].receipt
    data: Mapping[str, object] = {"id": first.id, "url": first.url}
    values: dict[str, Any] = {"detail": seen.evidence, "parts_out": len(seen.parts)}
    return change.move(was, S.SENT, "settled", proof=True, data=data, **values)


def _keep(change: Transaction, was: Delivery, part: PublicPost) -> None:
    """The part is public with this receipt, whatever was known of it."""
    packed = pack_receipt(part.receipt)
    doubtful = (attempts.c.delivery_id == was.id, attempts.c.part == part.number)
    in_doubt = sa.select(attempts.c.id).where(*doubtful, attempts.c.state.in_(["open", "unknown"]))
    for attempt in change.execute(in_doubt).scalars().all():
        end_attempt(change, attempt, "sent", receipt=packed)
    mine = (parts.c.delivery_id == was.id, parts.c.number == part.number)
    values = {"state": "sent", "receipt": packed, "sent_at": part.at, "gone_at": None}
    if change.execute(sa.update(parts).where(*mine).values(values)).rowcount == 0:
        row = {"delivery_id": was.id, "number": part.number, "key": part.key, **values}
        change.execute(sa.insert(parts), row)


def _numbers(done: Sequence[Delivery]) -> dict[str, object]:
    """How many were settled, held and missed."""
    states = [delivery.state for delivery in done]
    return {str(state): states.count(state) for state in (S.SENT, S.HELD, S.MISSED)}
