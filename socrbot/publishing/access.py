"""Looks after accounts whose access ends one day: has it renewed in time, and warns when it cannot be.

Which access can be renewed, and how, is the network's affair (`Network.verify`). Here is when somebody looks, and
when people are told: 10, 3 and 1 days before the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from socrbot.clock import Clock
from socrbot.errors import NetworkError
from socrbot.ledger import AccountRow, Ledger
from socrbot.networks.base import Network
from socrbot.publishing.snapshot import Snapshot
from socrbot.report.words import count

EVERY = timedelta(hours=24)
# After a look that failed.
AGAIN = timedelta(hours=1)
WARNINGS = (1, 3, 10)


@dataclass(slots=True)
class AccessWatch:
    """For one worker. `network` gives the adapter of an account, or None where its credentials are not set."""

    ledger: Ledger
    network: Callable[[str], Network | None]
    clock: Clock
    say: Callable[..., None]
    _not_before: dict[str, datetime] = field(default_factory=dict)

    def accounts(self, snapshot: Snapshot) -> list[str]:
        """The live accounts whose access is to be looked at now."""
        now = self.clock.now()
        return [row.id for row in self.ledger.accounts() if self._is_time(row, snapshot, now)]

    def _is_time(self, row: AccountRow, snapshot: Snapshot, now: datetime) -> bool:
        capable = snapshot.capabilities.get(row.id)
        if capable is None or not capable.expires or row.live_at is None or row.stopped_reason is not None:
            return False
        if (wait := self._not_before.get(row.id)) is not None and now < wait:
            return False
        return row.access_looked_at is None or not timedelta(0) <= now - row.access_looked_at < EVERY

    def run(self, account: str, snapshot: Snapshot) -> None:
        """Asks the network, if it is time; it renews the access where it should. Keeps until when that lasts.

        An answer that does not come changes nothing: a dead access is found by the next post, which stops the account.
        """
        now, before = self.clock.now(), self.ledger.account(account)
        network = self.network(account)
        if network is None or before is None or not self._is_time(before, snapshot, now):
            return
        self._not_before[account] = now + AGAIN
        try:
            identity = network.verify()
        except NetworkError as error:
            self.say("access-not-looked", account=account, detail=str(error))
            return
        self.ledger.access(account, identity.expires_at, now=now)
        del self._not_before[account]
        if identity.expires_at is not None:
            self._warn(before, identity.expires_at, now)

    def _warn(self, before: AccountRow, ends_at: datetime, now: datetime) -> None:
        """Tells people once at each of the days, of the nearest one that has come."""
        days = step(ends_at, now)
        told = None
        if before.access_looked_at is not None and before.access_ends_at is not None:
            told = step(before.access_ends_at, before.access_looked_at)
        if days is None or (told is not None and told <= days):
            return
        left = count(max((ends_at - now).days, 0), "day", "days")
        detail = f"Access to {before.id} ends in {left}. Connect it again before that: socrbot connect {before.network}"
        self.ledger.warn_of_access(before.id, days=days, detail=detail, now=now)
        self.say("access-ends", account=before.id, detail=detail)


def step(ends_at: datetime, now: datetime) -> int | None:
    """The warning that is due, by the days that are left: 1, 3 or 10; None while there is more time."""
    return next((days for days in WARNINGS if ends_at - now <= timedelta(days=days)), None)
