"""What was said: the words and addresses of many deliveries in one question, for the log page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from socrbot.ledger.base import Base
from socrbot.ledger.receipts import receipt_of
from socrbot.ledger.schema import attempts
from socrbot.ledger.transaction import among
from socrbot.message import Receipt


@dataclass(frozen=True, slots=True)
class Said:
    """What one try was to say (`shown`: text, link, media), and what the network gave back."""

    shown: Mapping[str, object]
    receipt: Receipt | None

    @property
    def pictures(self) -> tuple[str, ...]:
        """The digests of the files that it showed."""
        media = self.shown.get("media")
        return tuple(str(item["digest"]) for item in media) if isinstance(media, list) else ()


class Saying(Base):
    """Questions about what was said."""

    def said(self, deliveries: Collection[int]) -> Mapping[int, list[Said]]:
        """The tries of each of these deliveries, oldest first; one that was never tried is not in it."""
        found: defaultdict[int, list[Said]] = defaultdict(list)
        with self._db.read() as connection:
            columns = (attempts.c.delivery_id, attempts.c.shown, attempts.c.receipt)
            mine = among(connection, attempts.c.delivery_id, deliveries)
            for number, shown, receipt in connection.execute(sa.select(*columns).where(mine).order_by(attempts.c.id)):
                found[number].append(Said(shown, receipt_of(receipt)))
        return found
