"""Taking back what is public: part by part, as the networks delete it, and the erasing of what was shown with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from socrbot.delivery import OPEN, Delivery, State, allowed
from socrbot.errors import LedgerError
from socrbot.ledger.base import Base
from socrbot.ledger.schema import attempts, deliveries, metrics, parts, steps
from socrbot.ledger.transaction import COLUMNS, D, Transaction, delivery

S = State
# Why a delivery that somebody wants gone is still there, as its reason while it is sent or failed.
BY_HAND, AGAIN = "withdraw-by-hand", "withdraw-again"


class Withdrawing(Base):
    """From public to gone."""

    def part_gone(self, delivery_id: int, number: int, *, by: str, detail: str, now: datetime) -> None:
        """Notes that a public part was deleted from the network. A part that is gone already stays as it is."""
        with self._change(now, by) as change:
            was = _withdrawable(change, delivery_id)
            mine = (parts.c.delivery_id == was.id, parts.c.number == number, parts.c.gone_at.is_(None))
            if change.execute(sa.update(parts).where(*mine).values(gone_at=change.now)).rowcount:
                change.event("part-withdrawn", about=was, detail=detail, data={"part": number})

    def withdraw(self, delivery_id: int, by: str, reason: str, now: datetime) -> Delivery:
        """Notes that all that was public of a delivery is gone from the network, on purpose."""
        with self._change(now, by) as change:
            was = _withdrawable(change, delivery_id)
            mine = (parts.c.delivery_id == was.id, parts.c.state == "sent", parts.c.gone_at.is_(None))
            change.execute(sa.update(parts).where(*mine).values(gone_at=change.now))
            values: dict[str, Any] = {"reason": "by-person", "detail": reason, "by_person": True}
            return change.move(was, S.WITHDRAWN, "withdrawn", person=True, **values)

    def still_public(self, delivery_id: int, why: str, *, by: str, detail: str, now: datetime) -> None:
        """Notes why a delivery that somebody wants gone is still public: BY_HAND or AGAIN, and the rest in words."""
        with self._change(now, by) as change:
            was = _withdrawable(change, delivery_id)
            change.change(was, reason=why, detail=detail)
            change.event("still-public", about=was, reason=why, detail=detail)

    def erase(self, delivery_ids: Collection[int], *, words: bool, by: str, now: datetime) -> None:
        """Takes pictures and their descriptions out of what was kept of withdrawn deliveries; `words` the text as well.

        What remains is that there was something: times, addresses, and who did what. Raises LedgerError for a
        delivery that is not withdrawn.
        """
        with self._change(now, by) as change:
            for delivery_id in delivery_ids:
                was = change.find(delivery_id)
                if was.state is not S.WITHDRAWN:
                    raise LedgerError(f"Delivery {was.id} is {was.state}: only what is withdrawn is erased.")
                _erase(change, was, words=words)

    def unerased(self, *, words: bool = False, among: Collection[int] | None = None) -> list[Delivery]:
        """The withdrawn deliveries of which pictures are still kept or may be, or with `words` their text.

        `among` leaves all others out.
        """
        query = (
            sa.select(*COLUMNS, attempts.c.shown)
            .join_from(deliveries, attempts, attempts.c.delivery_id == D.id)
            .where(D.state == S.WITHDRAWN)
            .order_by(D.id)
        )
        with self._db.read() as connection:
            rows = connection.execute(query if among is None else query.where(D.id.in_(among))).all()
        kept = (row[:-1] for row in rows if not row.shown.get("erased") or (words and row.shown.get("text")))
        return [delivery(row) for row in dict.fromkeys(kept)]

    def not_withdrawn(self, identities: Iterable[tuple[str, str, str]]) -> list[Delivery]:
        """Of these (post, account, occurrence), the deliveries of this ledger that are not withdrawn."""
        found = []
        with self._db.read() as connection:
            for post, account, occurrence in dict.fromkeys(identities):
                mine = (D.post == post, D.account == account, D.occurrence == occurrence, D.state != S.WITHDRAWN)
                found += [delivery(row) for row in connection.execute(sa.select(*COLUMNS).where(*mine))]
        return found

    def media_in_use(self) -> frozenset[str]:
        """The digests of the pictures of all deliveries that are not withdrawn, as far as they were tried."""
        query = (
            sa.select(attempts.c.shown)
            .join_from(attempts, deliveries, attempts.c.delivery_id == D.id)
            .where(D.state != S.WITHDRAWN)
        )
        with self._db.read() as connection:
            shown = connection.execute(query).scalars().all()
        return frozenset(str(item["digest"]) for one in shown for item in one.get("media", ()) if item.get("digest"))


def _withdrawable(change: Transaction, delivery_id: int) -> Delivery:
    was = change.find(delivery_id)
    if was.state in OPEN or not allowed(was.state, S.WITHDRAWN, by_person=True):
        raise LedgerError(f"Delivery {was.id} is {was.state}: there is nothing to withdraw.")
    return was


def _erase(change: Transaction, was: Delivery, *, words: bool) -> None:
    mine = attempts.c.delivery_id == was.id
    tries = change.execute(sa.select(attempts.c.id, attempts.c.shown).where(mine)).all()
    descriptions = {str(item["alt"]) for row in tries for item in row.shown.get("media", ())}
    for row in tries:
        text = "" if words else _without(str(row.shown.get("text", "")), descriptions)
        kept = {**row.shown, "media": [], "text": text, "erased": True} | ({"link": None} if words else {})
        # The digest of the payload stays: whoever has the very bytes can still prove what they were.
        values = {"shown": kept, "payload": {}}
        change.execute(sa.update(attempts).where(attempts.c.id == row.id).values(values))
    change.execute(sa.delete(steps).where(steps.c.delivery_id == was.id))
    change.execute(sa.delete(metrics).where(metrics.c.delivery_id == was.id))
    change.event("erased", about=was, data={"words": words})


def _without(text: str, descriptions: Iterable[str]) -> str:
    """The text without descriptions of pictures, which stand in it where the network has no field for them."""
    for description in sorted(descriptions, key=len, reverse=True):
        if pattern := r"\s+".join(re.escape(word) for word in description.split()):
            text = re.sub(pattern, "(erased)", text)
    return text
