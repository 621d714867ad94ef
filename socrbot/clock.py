"""The one place that reads the time, and the one rule that turns wall time into instants.

Inside socrbot an instant is an aware datetime in UTC. Wall time (naive, in the campaign's zone)
stands in the files and on the screen only. Two hours of the year are odd:

- in spring one hour of wall time does not exist: such a time is moved forward by the size of the gap;
- in autumn one hour exists twice: such a time means the first of the two.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Where the program gets its time from."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds on a clock that never jumps."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Waits until `event` is set or `seconds` have passed; True when it was set."""


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)


class VirtualClock:
    """A clock that stands still until it is moved; waiting moves it. For the demo and for tests."""

    def __init__(self, start: datetime) -> None:
        self._now = as_utc(start)
        self._elapsed = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if not event.is_set():
            self.advance(timedelta(seconds=seconds))
        return event.is_set()

    def advance(self, by: timedelta) -> None:
        """Moves time forward: the wall clock and the monotonic one alike."""
        self._now += by
        self._elapsed += by.total_seconds()

    def jump(self, by: timedelta) -> None:
        """Moves the wall clock only, forward or back, as an administrator or a wrong battery does."""
        self._now += by

    def advance_to(self, instant: datetime) -> None:
        """Moves time forward to `instant`; an instant already past changes nothing."""
        if instant > self._now:
            self.advance(instant - self._now)


class WallTime(StrEnum):
    """What kind of wall time it is."""

    ORDINARY = "ordinary"
    SKIPPED = "skipped"
    TWICE = "twice"


def as_utc(instant: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a datetime without a zone."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone")
    return instant.astimezone(UTC)


def to_instant(wall: datetime, zone: ZoneInfo) -> tuple[datetime, WallTime]:
    """The instant (UTC) that a naive wall time in `zone` means, and what kind of wall time it is.

    A skipped time is moved forward by the gap; a time that exists twice means the first.
    """
    if wall.tzinfo is not None:
        raise ValueError(f"{wall!r} is not a wall time: it has a zone")
    first = wall.replace(tzinfo=zone, fold=0)
    second = wall.replace(tzinfo=zone, fold=1)
    # PEP 495: with fold=0 a skipped time uses the offset before the gap, which moves it forward.
    instant = first.astimezone(UTC)
    if first.utcoffset() == second.utcoffset():
        return instant, WallTime.ORDINARY
    exists = instant.astimezone(zone).replace(tzinfo=None) == wall
    return instant, WallTime.TWICE if exists else WallTime.SKIPPED


def to_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """The naive wall time in `zone` of an aware instant."""
    return as_utc(instant).astimezone(zone).replace(tzinfo=None)
