"""Stands in for a network in a rehearsal: keeps each post as a file in a folder of its own, and goes wrong as told.

What an account can carry and prove stays its own, so that limits, threads, prices and read-back are the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from socrbot.errors import NotSent, OutcomeUnknown, Refused
from socrbot.message import (
    CannotTell,
    Capabilities,
    Finding,
    Found,
    Identity,
    Message,
    Metrics,
    Part,
    Published,
    Receipt,
)
from socrbot.networks.base import Intent, Network, Payload, Steps
from socrbot.rehearsing.faults import LOST, OUTAGE, REFUSE, SLOW, Fault


@dataclass(slots=True)
class Weather:
    """What goes wrong on every stage. `now` is the true time (aware UTC); `arrived` when each part's key arrived."""

    faults: Sequence[Fault]
    now: Callable[[], datetime]
    arrived: dict[str, datetime] = field(default_factory=dict)
    _lost: dict[Fault, int] = field(default_factory=dict)

    def unreachable(self, account: str) -> bool:
        """Whether there is an outage."""
        return self._is(OUTAGE, account)

    def slow(self, account: str) -> bool:
        """Whether answers come too late."""
        return self._is(SLOW, account)

    def refuses(self, account: str, post: object) -> bool:
        """Whether the network will not take this post."""
        return any(f.kind == REFUSE and f.account == account and f.post == post for f in self.faults)

    def loses(self, account: str) -> bool:
        """Whether this answer gets lost; counts it."""
        now = self.now()
        for fault in self.faults:
            used = self._lost.get(fault, 0)
            if fault.kind == LOST and fault.account in (None, account) and fault.at <= now and used < fault.times:
                self._lost[fault] = used + 1
                return True
        return False

    def _is(self, kind: str, account: str) -> bool:
        return any(fault.kind == kind and fault.concerns(account, self.now()) for fault in self.faults)


class Stage:
    """One account in a rehearsal. `kept` is the outbox that keeps what it says; `ends_at` when its access ends."""

    def __init__(
        self,
        account: str,
        capabilities: Capabilities,
        *,
        kept: Network,
        weather: Weather,
        ends_at: datetime | None = None,
    ) -> None:
        self.name = account
        self.capabilities = capabilities
        self._kept = kept
        self._weather = weather
        self._ends_at = ends_at

    def verify(self) -> Identity:
        """Says what the ledger knows; asks nobody."""
        return Identity(id=self.name, name=self.name, expires_at=self._ends_at)

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:
        """Makes the pictures as they would leave. Raises NotSent where they could not be handed over."""
        if part.media:
            self._reach()
        return self._kept.prepare(message, part, key=key, steps=steps)

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:
        """Keeps the post, and loses the answer where that is to be rehearsed."""
        if self._weather.unreachable(self.name):
            raise NotSent("The network could not be reached (rehearsed).")
        if self._weather.refuses(self.name, payload["post"]):
            raise Refused("The network refused it (rehearsed).")
        receipt = self._kept.publish(payload, key=key, reply_to=reply_to)
        self._weather.arrived.setdefault(key, self._weather.now())
        if self._weather.slow(self.name) or self._weather.loses(self.name):
            raise OutcomeUnknown("The answer got lost (rehearsed).")
        return receipt

    def find(self, intent: Intent) -> Finding:
        """What the account's own network could find out: nothing, where it shows no program what is there."""
        self._reach()
        if "file" not in intent.payload:
            return CannotTell("It was sent before this rehearsal. Only the real bot can look for it.")
        if not (self.capabilities.reads_back or self.capabilities.repeat_safe):
            return CannotTell("This network shows no program what is there.")
        found = self._kept.find(intent)
        return Found(found.receipt, "The post is there (rehearsed).") if isinstance(found, Found) else found

    def recent(self, since: datetime) -> list[Published]:
        """What went out in this rehearsal."""
        return self._kept.recent(since)

    def delete(self, receipt: Receipt) -> None:
        """Takes it off the stage."""
        self._kept.delete(receipt)

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:
        """Nobody liked anything yet; what asking costs is counted."""
        return {receipt.id: Metrics() for receipt in receipts}

    def _reach(self) -> None:
        if self._weather.unreachable(self.name):
            raise NotSent("The network could not be reached (rehearsed).")
        if self._weather.slow(self.name):
            raise NotSent("The network answered too late (rehearsed).")
