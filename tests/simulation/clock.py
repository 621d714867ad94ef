"""The time of a simulated world: this computer's clock, which jumps, and the right time, which does not."""

from __future__ import annotations

from datetime import datetime, timedelta

from socrbot.clock import VirtualClock


class Clocks(VirtualClock):
    """One for all seeds of a process: the ledger is opened with it once, and each seed begins it anew."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._start = start

    def begin(self, start: datetime) -> None:
        """Starts again at `start` (aware UTC)."""
        super().__init__(start)
        self._start = start

    def true(self) -> datetime:
        """The time of the world outside."""
        return self._start + timedelta(seconds=self._elapsed)

    def wrong(self) -> timedelta:
        """How far this computer's clock is ahead."""
        return self.now() - self.true()

    def correct(self) -> None:
        """Somebody sets the clock right."""
        self.jump(-self.wrong())
