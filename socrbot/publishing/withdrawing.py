"""Deletes from the networks what is public, on a person's word: the last part of a thread first.

Each deletion is committed before the next begins. What cannot be deleted is said with its address, so that a person
can do it by hand. Deleting again what is gone does no harm, so a lost answer is simply asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from socrbot.clock import Clock
from socrbot.delivery import Delivery, State
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown
from socrbot.ledger import AGAIN, BY_HAND, Ledger, PartRow
from socrbot.networks.base import Network


@dataclass(frozen=True, slots=True)
class Remains:
    """What is still public after an attempt to delete a delivery: addresses, why, and whether trying again may help."""

    delivery: Delivery
    addresses: tuple[str, ...]
    why: str
    again: bool


@dataclass(frozen=True, slots=True)
class Withdrawer:
    """`network` gives the adapter of an account, or None where its credentials are not set. `by` is the person."""

    ledger: Ledger
    network: Callable[[str], Network | None]
    clock: Clock
    by: str

    def withdraw(self, delivery: Delivery, *, reason: str) -> Remains | None:
        """Deletes every public part. Returns None where nothing is left, else what is.

        Raises LedgerError for a delivery that is not public, or that is going out at this moment.
        """
        public = [part for part in self.ledger.parts(delivery.id) if part.is_public]
        for part in reversed(public):
            failed = self._delete(delivery, part)
            if failed is not None:
                return self._remains(delivery, failed)
        self.ledger.withdraw(delivery.id, by=self.by, reason=reason, now=self.clock.now())
        return None

    def done_by_hand(self, delivery: Delivery, *, reason: str) -> None:
        """Notes that a person deleted it on the network."""
        self.ledger.withdraw(delivery.id, by=self.by, reason=reason, now=self.clock.now())

    def _delete(self, delivery: Delivery, part: PartRow) -> tuple[str, bool] | None:
        """Deletes one part. Returns why it could not be, and whether trying again may help."""
        network = self.network(delivery.account)
        if network is None:
            return f"{delivery.account} is not connected, so socrbot cannot delete there.", False
        if not network.capabilities.deletes:
            return f"{delivery.network} lets no program delete a post.", False
        if part.receipt is None or not (part.receipt.id or part.receipt.url):
            return "Nobody noted where it is.", False
        try:
            network.delete(part.receipt)
        except (NotSent, OutcomeUnknown) as error:
            return str(error), True
        except NetworkError as error:
            return str(error), False
        detail = f"Part {part.number} was deleted: {part.receipt.url or part.receipt.id}"
        self.ledger.part_gone(delivery.id, part.number, by=self.by, detail=detail, now=self.clock.now())
        return None

    def _remains(self, delivery: Delivery, failed: tuple[str, bool]) -> Remains:
        why, again = failed
        left = [part for part in self.ledger.parts(delivery.id) if part.is_public]
        addresses = tuple(part.receipt.url or part.receipt.id for part in left if part.receipt is not None)
        code = AGAIN if again else BY_HAND
        detail = f"{why} Still public: {', '.join(addresses)}"
        self.ledger.still_public(delivery.id, code, by=self.by, detail=detail, now=self.clock.now())
        return Remains(delivery, addresses, why, again)


def is_public(delivery: Delivery) -> bool:
    """Whether something of it is public, and no more of it is on its way."""
    return delivery.state is State.SENT or (delivery.state is State.FAILED and delivery.parts_out > 0)
