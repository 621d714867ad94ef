"""One virtual clock for several processes: the bot's lives, which are forked, and the networks.

The bot's wall clock may be set wrong (`jump`); the networks' clock is always right.
"""

from __future__ import annotations

import mmap
import struct
import threading
from datetime import datetime, timedelta


class SharedClock:
    """Stands still until it is moved, by whichever process. Made before the first fork."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._memory = mmap.mmap(-1, 16)

    def _read(self) -> tuple[float, float]:
        elapsed, wrong = struct.unpack("dd", self._memory[:])
        return elapsed, wrong

    def now(self) -> datetime:
        elapsed, wrong = self._read()
        return self._start + timedelta(seconds=elapsed + wrong)

    def true_now(self) -> datetime:
        """What time it is for everybody else."""
        return self._start + timedelta(seconds=self._read()[0])

    def monotonic(self) -> float:
        return self._read()[0]

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if not event.is_set():
            self.advance(seconds)
        return event.is_set()

    def advance(self, seconds: float) -> None:
        """Time passes."""
        elapsed, wrong = self._read()
        self._memory[:] = struct.pack("dd", elapsed + seconds, wrong)

    def jump(self, seconds: float) -> None:
        """The bot's wall clock is set to another time."""
        elapsed, wrong = self._read()
        self._memory[:] = struct.pack("dd", elapsed, wrong + seconds)

    def set(self, instant: datetime) -> None:
        """From now on it is this time, for everybody."""
        self._memory[:] = struct.pack("dd", (instant - self._start).total_seconds(), 0.0)
