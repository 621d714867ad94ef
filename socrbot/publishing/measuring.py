"""Asks the networks how people took what went out: soon after, and then ever more rarely.

Where asking costs money it is done only for accounts that say `metrics: yes`, and rarely. A network that is down, or
wants fewer calls, is left alone for a while; nothing else waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from socrbot.clock import Clock
from socrbot.errors import NetworkError, NotSent, Refused
from socrbot.ledger import Ledger, PublicPart
from socrbot.networks.base import Network
from socrbot.networks.shared.told import is_told
from socrbot.publishing.snapshot import Snapshot

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# How old a post is when its network is asked; of several that passed in an outage only the last counts.
AGES = (_HOUR, 6 * _HOUR, _DAY, 3 * _DAY, 7 * _DAY, 28 * _DAY)
AGES_WHERE_PAID = (_DAY, 7 * _DAY)
# Nobody asks about a post that is older than this.
OLDEST = 30 * _DAY
# After a call that failed, and between two calls to one account.
AGAIN = _HOUR
PAUSE = timedelta(minutes=10)


@dataclass(slots=True)
class Measurer:
    """For one worker. `network` gives the adapter of an account, or None where its credentials are not set."""

    ledger: Ledger
    network: Callable[[str], Network | None]
    clock: Clock
    say: Callable[..., None]
    _not_before: dict[str, datetime] = field(default_factory=dict)
    _looked_at: datetime | None = None

    def accounts(self, snapshot: Snapshot) -> list[str]:
        """The accounts with posts about which their network is to be asked now."""
        now = self.clock.now()
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < timedelta(minutes=1):
            return []
        self._looked_at = now
        due = self._due(snapshot, now)
        return [account for account in due if now >= self._not_before.get(account, now)]

    def run(self, account: str, snapshot: Snapshot) -> int:
        """Asks about every post of the account whose time has come. Returns how many parts were asked about."""
        network, now = self.network(account), self.clock.now()
        parts = self._due(snapshot, now).get(account, [])
        if network is None or not parts:
            return 0
        self._not_before[account] = now + PAUSE
        asked = 0
        for some in _in_pieces(parts, network.capabilities.metrics_batch):
            try:
                told = network.metrics([part.receipt for part in some])
            except Refused as error:  # of these posts: the others are asked about all the same
                self._not_before[account] = now + AGAIN
                self.say("not-measured", account=account, detail=str(error))
                continue
            except NetworkError as error:
                wait = error.retry_at if isinstance(error, NotSent) else None
                self._not_before[account] = max(wait or now, now + AGAIN)
                self.say("not-measured", account=account, detail=str(error))
                break
            for part in some:
                self.ledger.measured(part, told.get(part.receipt.id), now=now)
            asked += len(some)
        return asked

    def _due(self, snapshot: Snapshot, now: datetime) -> dict[str, list[PublicPart]]:
        wanted = dict(_ages(snapshot))
        found: dict[str, list[PublicPart]] = {}
        if not wanted:
            return found
        for part in self.ledger.public_parts(since=now - OLDEST):
            # Of a post that a person told us of, the network knows no address.
            known = bool(part.receipt.id) and not is_told(part.receipt)
            if part.account in wanted and known and is_due(part, wanted[part.account], now):
                found.setdefault(part.account, []).append(part)
        return found


def _ages(snapshot: Snapshot) -> Iterator[tuple[str, Sequence[timedelta]]]:
    """The accounts about whose posts somebody asks, and at which ages."""
    for name, account in snapshot.campaign.accounts.items():
        capable = snapshot.capabilities.get(name)
        if capable is None or not capable.metrics:
            continue
        paid = capable.price is not None and capable.price.read is not None
        if account.metrics is True or (account.metrics is None and not paid):
            yield name, AGES_WHERE_PAID if paid else AGES


def is_due(part: PublicPart, ages: Sequence[timedelta], now: datetime) -> bool:
    """Whether an age has passed at which nobody has asked yet."""
    passed = [part.sent_at + age for age in ages if part.sent_at + age <= now]
    return bool(passed) and (part.asked_at is None or part.asked_at < passed[-1])


def _in_pieces(parts: Sequence[PublicPart], size: int) -> Iterator[Sequence[PublicPart]]:
    return (parts[at : at + max(size, 1)] for at in range(0, len(parts), max(size, 1)))
