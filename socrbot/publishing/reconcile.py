"""Settles deliveries whose answer was lost, by evidence only.

Found on the network: sent. Absent, over a complete range, often enough and long enough after the try: not sent, so
it may go out again. Anything else: it stays unknown and a person is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from socrbot.clock import Clock
from socrbot.errors import Lost, NetworkError, NotSent
from socrbot.ledger import Ledger, Unknown
from socrbot.message import Absent, CannotTell, Capabilities, Finding, Found, Receipt
from socrbot.networks.base import Intent, Network

# How long to wait before a network that could not tell is asked again, by how often it was asked.
_PATIENCE = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
# No network looks for a lost post among posts that went out so long before the try.
_LONG_BEFORE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Looks for the truth about each unknown delivery. `settle` overrides the networks' own settling time."""

    ledger: Ledger
    network: Callable[[str], Network | None]
    clock: Clock
    worker: str
    say: Callable[..., None]
    settle: timedelta | None = None

    def accounts(self) -> list[str]:
        """The accounts with an unknown delivery that wants to be looked for now."""
        return list(dict.fromkeys(unknown.delivery.account for unknown in self._waiting()))

    def run(self, account: str) -> int:
        """Looks for every unknown delivery of the account whose time has come. Returns how many it looked for.

        Not while another thread speaks for the account: an adapter is for one thread at a time.
        """
        waiting = [unknown for unknown in self._waiting() if unknown.delivery.account == account]
        for unknown in waiting:
            try:
                self._look(unknown)
            except Lost:
                continue
        return len(waiting)

    def _waiting(self) -> list[Unknown]:
        now = self.clock.now()
        return [unknown for unknown in self.ledger.unknowns(now) if _is_time(unknown, now)]

    def _look(self, unknown: Unknown) -> None:
        network = self.network(unknown.delivery.account)
        if network is None:
            later = self.clock.now() + _PATIENCE[-1]
            self.ledger.looked(
                unknown,
                absent=False,
                detail="The account is not connected, so we cannot look.",
                next_look_at=later,
                now=self.clock.now(),
            )
            return
        finding = self._of_this_one(unknown, self._ask(network, unknown))
        self.say("looked", delivery=unknown.delivery.id, account=unknown.delivery.account, finding=_word(finding))
        match finding:
            case Found(receipt=receipt, evidence=evidence):
                self._settle(unknown, receipt, evidence)
            case Absent(evidence=evidence):
                self._absent(unknown, network.capabilities, evidence)
            case CannotTell(why=why, retry_at=retry_at):
                now = self.clock.now()
                patience = _PATIENCE[min(unknown.looks, len(_PATIENCE) - 1)]
                later = max(retry_at or now, now + patience)
                # Where nothing can ever be read back, only a person can look.
                again = later if network.capabilities.reads_back or retry_at is not None else None
                self.ledger.looked(unknown, absent=False, detail=why, next_look_at=again, now=now)

    def _ask(self, network: Network, unknown: Unknown) -> Finding:
        intent = Intent(
            payload=unknown.payload,
            key=unknown.key,
            number=unknown.part,
            started_at=unknown.started_at,
            reply_to=unknown.reply_to,
        )
        try:
            return network.find(intent)
        except NetworkError as error:
            return CannotTell(str(error), error.retry_at if isinstance(error, NotSent) else None)

    def _of_this_one(self, unknown: Unknown, finding: Finding) -> Finding:
        """The finding; CannotTell where the post that was found is known to be that of another delivery or part.

        Two posts may have the same words and differ in what a network's list does not show, such as a link's card.
        """
        if not isinstance(finding, Found):
            return finding
        found, mine = finding.receipt, (unknown.delivery.id, unknown.part)
        for part in self.ledger.public_parts(since=unknown.started_at - _LONG_BEFORE):
            same = part.receipt.id in (found.id, found.url) and part.account == unknown.delivery.account
            if same and (part.delivery_id, part.part) != mine:
                where = found.url or found.id
                return CannotTell(
                    f"There is a post with the same words, but that is delivery {part.delivery_id}: {where}"
                )
        return finding

    def _settle(self, unknown: Unknown, found: Receipt | None, evidence: str) -> None:
        """Ends the doubt about the very try that was looked for, and about no later one."""
        self.ledger.settle(
            unknown.delivery.id,
            found=found,
            evidence=evidence,
            now=self.clock.now(),
            by=self.worker,
            attempt=unknown.attempt_id,
        )

    def _absent(self, unknown: Unknown, capabilities: Capabilities, evidence: str) -> None:
        now = self.clock.now()
        if unknown.delivery.reason == "duplicate-answer":
            # The network says that it has it, and does not show it. To send again would go round in circles.
            self.ledger.looked(unknown, absent=False, detail=evidence, next_look_at=None, now=now)
            return
        settled_at = unknown.started_at + (capabilities.settle if self.settle is None else self.settle)
        if now >= settled_at and unknown.absent_looks + 1 >= capabilities.looks:
            self._settle(unknown, None, evidence)
            return
        counts = now >= settled_at
        pause = (capabilities.settle if self.settle is None else self.settle) if counts else timedelta(0)
        next_look_at = max(settled_at, now + pause)
        self.ledger.looked(unknown, absent=counts, detail=evidence, next_look_at=next_look_at, now=now)


def _is_time(unknown: Unknown, now: datetime) -> bool:
    return unknown.next_look_at is None or unknown.next_look_at <= now


def _word(finding: Finding) -> str:
    match finding:
        case Found():
            return "found"
        case Absent():
            return "absent"
        case _:
            return "cannot-tell"
