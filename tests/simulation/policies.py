"""Which parts of the product a worker is made of; the ones that are broken on purpose show that the judge sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from socrbot.campaign import Campaign
from socrbot.delivery import Claim, Outcome, State
from socrbot.ledger import Unknown
from socrbot.message import Absent, CannotTell, Capabilities
from socrbot.networks.base import Network
from socrbot.publishing.guards import Guards
from socrbot.publishing.publisher import Publisher
from socrbot.publishing.reconcile import Reconciler


@dataclass(frozen=True)
class Policy:
    """The product as it is. `seed` is where to begin for what few seeds show, `read` how files are understood."""

    name: str = "the product"
    seed: int = 0
    guards: type[Guards] = Guards
    publisher: type[Publisher] = Publisher
    reconciler: type[Reconciler] = Reconciler
    read: Callable[[Campaign], Campaign] = lambda campaign: campaign


class Blind(Reconciler):
    """Sends again whatever is unknown, without looking."""

    def _ask(self, network: Network, unknown: Unknown) -> Any:
        return Absent("Nobody looked.")

    def _absent(self, unknown: Unknown, capabilities: Capabilities, evidence: str) -> None:
        self.ledger.settle(unknown.delivery.id, found=None, evidence=evidence, now=self.clock.now(), by=self.worker)


class Hasty(Reconciler):
    """Believes the first empty answer, at once."""

    def _absent(self, unknown: Unknown, capabilities: Capabilities, evidence: str) -> None:
        self.ledger.settle(unknown.delivery.id, found=None, evidence=evidence, now=self.clock.now(), by=self.worker)


class Resigned(Reconciler):
    """Never looks for a lost answer, and tells nobody."""

    def _ask(self, network: Network, unknown: Unknown) -> Any:
        return CannotTell("Not today.")

    def accounts(self) -> list[str]:
        return []


class Optimist(Publisher):
    """Takes a lost answer for a refusal that may be tried again."""

    def _record(self, claim: Claim, attempt: int | None, outcome: Outcome) -> None:
        if outcome.state is State.UNKNOWN:
            outcome = Outcome(State.PLANNED, "not-sent", "Surely not.", not_before=self.clock.now())
        super()._record(claim, attempt, outcome)


class Forgetful(Publisher):
    """Speaks without a word in the ledger: the intent is committed only in its head."""

    def _intend(self, work: Any, part: Any, key: str, payload: Any, previous: Any) -> Any:
        with_receipt = work.network.publish(payload, key=key, reply_to=previous)
        del with_receipt
        return super()._intend(work, part, key, payload, previous)


def hurried(campaign: Campaign) -> Campaign:
    """A campaign that reads as if it asked for no distance between two posts: neither plan nor publisher keeps one."""
    return replace(campaign, spacing=timedelta(0))


BROKEN = (
    Policy("blind resend", reconciler=Blind),
    Policy("believes the first empty answer", reconciler=Hasty),
    Policy("never looks", reconciler=Resigned),
    Policy("takes lost for refused", publisher=Optimist),
    Policy("speaks without an intent", publisher=Forgetful),
    Policy("keeps no distance", read=hurried),
)
