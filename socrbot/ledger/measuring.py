"""What follows a post: how people took it, what it cost, and how long the account's access lasts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from socrbot.clock import as_utc
from socrbot.ledger.base import ITSELF, Base
from socrbot.ledger.reading import reading
from socrbot.ledger.receipts import receipt_of
from socrbot.ledger.records import Reading
from socrbot.ledger.schema import accounts, attempts, deliveries, metrics, parts
from socrbot.ledger.transaction import D, among
from socrbot.message import Metrics, Receipt


@dataclass(frozen=True, slots=True)
class PublicPart:
    """A part that is public: since when, and when its network was last asked how people took it (aware UTC)."""

    delivery_id: int
    part: int
    account: str
    receipt: Receipt
    sent_at: datetime
    asked_at: datetime | None


class Measuring(Base):
    """Numbers that come after the post."""

    def public_parts(self, *, since: datetime) -> list[PublicPart]:
        """The parts that went out at or after `since` and are public, oldest first."""
        asked = (
            sa.select(sa.func.max(metrics.c.at))
            .where(metrics.c.delivery_id == parts.c.delivery_id, metrics.c.part == parts.c.number)
            .scalar_subquery()
        )
        query = (
            sa.select(parts.c.delivery_id, parts.c.number, D.account, parts.c.receipt, parts.c.sent_at, asked)
            .join_from(parts, deliveries, parts.c.delivery_id == D.id)
            .where(parts.c.state == "sent", parts.c.gone_at.is_(None), parts.c.sent_at >= as_utc(since))
            .order_by(parts.c.sent_at, parts.c.delivery_id, parts.c.number)
        )
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        found = [(row, receipt_of(row.receipt)) for row in rows]
        return [PublicPart(row[0], row[1], row[2], known, row[4], row[5]) for row, known in found if known is not None]

    def measured(self, part: PublicPart, told: Metrics | None, *, now: datetime) -> None:
        """Keeps what the network told of a part; None: it was asked, and does not know the post any more."""
        row = {"delivery_id": part.delivery_id, "part": part.part, "at": as_utc(now), **asdict(told or Metrics())}
        mine = (metrics.c.delivery_id == part.delivery_id, metrics.c.part == part.part, metrics.c.at == as_utc(now))
        with self._change(now, ITSELF) as change:
            change.execute(sa.delete(metrics).where(*mine))
            change.execute(sa.insert(metrics).values(row))

    def readings(self, delivery_ids: Collection[int]) -> Mapping[int, list[Reading]]:
        """How people took these deliveries, oldest reading first; one that was never asked about is not in it."""
        found: defaultdict[int, list[Reading]] = defaultdict(list)
        with self._db.read() as connection:
            mine = among(connection, metrics.c.delivery_id, delivery_ids)
            query = sa.select(metrics).where(mine).order_by(metrics.c.at, metrics.c.part)
            for row in connection.execute(query):
                found[row.delivery_id].append(reading(row))
        return dict(found)

    def spent(self, account: str, *, since: datetime, per_question: float = 0.0) -> float:
        """What an account has cost since then, in US dollars: the tries that went out or may have, and the questions.

        `per_question` is the price of asking how people took one part.
        """
        query = (
            sa.select(sa.func.sum(attempts.c.cost))
            .join_from(attempts, deliveries, attempts.c.delivery_id == D.id)
            .where(
                attempts.c.cost.is_not(None),
                attempts.c.started_at >= as_utc(since),
                attempts.c.state.in_(["sent", "open", "unknown"]),
                D.account == account,
            )
        )
        asked = (
            sa.select(sa.func.count())
            .select_from(metrics)
            .join(deliveries, metrics.c.delivery_id == D.id)
            .where(metrics.c.at >= as_utc(since), D.account == account)
        )
        with self._db.read() as connection:
            questions = connection.execute(asked).scalar_one() if per_question else 0
            return float(connection.execute(query).scalar() or 0.0) + questions * per_question

    def access(self, account: str, ends_at: datetime | None, *, now: datetime) -> None:
        """Keeps when an account's access ends (None: not known), as its network said now."""
        values = {"access_ends_at": ends_at, "access_looked_at": as_utc(now)}
        with self._change(now, ITSELF) as change:
            change.execute(sa.update(accounts).where(accounts.c.id == account).values(values))

    def warn_of_access(self, account: str, *, days: int, detail: str, now: datetime) -> None:
        """Writes into the history that an account's access ends within so many days."""
        with self._change(now, ITSELF) as change:
            change.event("access-ends", account=account, reason=f"access-ends-{days}", detail=detail)
