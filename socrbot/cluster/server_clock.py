"""One time for all machines: that of the database's server."""

from __future__ import annotations

from datetime import datetime, timedelta

from socrbot.clock import SystemClock
from socrbot.ledger import Ledger


class ServerClock(SystemClock):
    """The time of the database's server, so that all machines agree, whatever their own clocks say.

    Between two looks at the server it goes on by the machine's clock that never jumps.
    """

    def __init__(self) -> None:
        self._seen: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        if self._seen is None:
            return super().now()
        instant, elapsed = self._seen
        return instant + timedelta(seconds=self.monotonic() - elapsed)

    def follow(self, ledger: Ledger) -> None:
        """Looks at the server's clock. Raises LedgerError."""
        instant = ledger.now()
        # Taken after the answer: rather late by the way there than early.
        self._seen = instant, self.monotonic()
