"""Moves times later, never earlier, until they keep the quiet hours and the spacing of their account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from socrbot.campaign import QuietHours
from socrbot.clock import to_wall

_DAY = timedelta(days=1)
_REMEMBERED = 200_000


class Quiet:
    """A campaign's quiet hours, asked for instants. Remembers its answers: many posts share one time.

    Without hours, or with hours that end when they begin, nothing is ever quiet. `asked` is what it was made with.
    """

    def __init__(self, hours: QuietHours | None, zone: ZoneInfo) -> None:
        self.asked = hours
        self.hours = hours if hours is not None and hours.start != hours.end else None
        self.zone = zone
        self._known: dict[datetime, datetime] = {}

    def covers(self, wall: time) -> bool:
        """Whether a time of day is quiet. The first minute of the quiet hours is, the one at which they end is not."""
        if self.hours is None:
            return False
        start, end = self.hours.start, self.hours.end
        return start <= wall < end if start < end else wall >= start or wall < end

    def leave(self, instant: datetime) -> datetime:
        """The first instant at or after `instant` (aware UTC) that is not quiet."""
        if self.hours is None:
            return instant
        found = self._known.get(instant)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[instant] = self._leave(instant, self.hours.end)
        return found

    def _leave(self, instant: datetime, end: time) -> datetime:
        wall = to_wall(instant, self.zone)
        while self.covers(wall.time()):
            day = wall.date() if wall.time() < end else wall.date() + _DAY
            instant = self._next(datetime.combine(day, end), instant)
            wall = to_wall(instant, self.zone)
        return instant

    def _next(self, wall: datetime, after: datetime) -> datetime:
        """The instant of a wall time, and of the second one where the hour comes twice and the first is over."""
        first = wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        return first if first > after else wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)


def arrange(
    nominal: Iterable[datetime], *, quiet: Quiet, spacing: timedelta, last: datetime | None = None
) -> Iterator[datetime]:
    """When each delivery of one account is due: one instant for each nominal one, in the same order (aware UTC).

    `nominal` is in the order in which the deliveries are to go out, earliest first. `last` is when the account last
    sent, or will have sent, something. A due time is never earlier than its nominal time, never in quiet hours, and
    at least `spacing` after the one before it.
    """
    free = None if last is None else last + spacing
    for wish in nominal:
        due = wish if free is None or free <= wish else free
        due = quiet.leave(due)
        free = due + spacing
        yield due


def to_the_minute(sent: datetime) -> datetime:
    """The minute in which something was sent.

    A delivery goes out a few seconds after its time. Counted to the second, each one sent would push those behind it
    by these seconds, over and over; claiming keeps the exact spacing.
    """
    return sent.replace(second=0, microsecond=0)
