"""When a post is due: schedules as wall times, each turned into an instant by the one rule of `clock`.

Recurrence is counted in floating time, without a zone, and the key of an occurrence is its wall time. So a clock
change can neither double an occurrence nor swallow it: 01:30 in October has one key, though the hour comes twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from socrbot.campaign import Every, Once, Schedule
from socrbot.clock import to_instant, to_wall
from socrbot.delivery import Kind
from socrbot.planning.cron import cron_walls
from socrbot.planning.records import Occurrence

_DAY = timedelta(days=1)
# A zone may skip a whole day: so far an instant and its wall time can lie apart, seen from either.
MARGIN = 2 * _DAY
# A date that comes at all comes within eight years; a series that is empty for longer is at its end.
_PATIENCE = 9
_FIRST, _LAST = date(MINYEAR + 1, 1, 1), date(MAXYEAR - 1, 12, 31)


def occurrences(
    schedule: Schedule, *, zone: ZoneInfo, start: datetime, end: datetime, first_seen: datetime | None = None
) -> Iterator[Occurrence]:
    """The occurrences of a schedule from `start` to before `end` (aware UTC), by wall time, each once.

    `first_seen` is from when a `count` without `since` counts (aware UTC; `start` where None). A post in a slot has
    none of its own: `queues` gives it a place. A draft has none.
    """
    if isinstance(schedule, Once):
        found: tuple[Occurrence, ...] = listed(schedule, zone)
    elif isinstance(schedule, Every):
        days = day_of(start, zone, -MARGIN), day_of(end, zone, MARGIN)
        found = recurring(schedule, zone, *days, first_seen=first_seen or start)
    else:
        found = ()
    return (occurrence for occurrence in found if start <= occurrence.instant < end)


def day_of(instant: datetime, zone: ZoneInfo, margin: timedelta) -> date:
    """The day in `zone` on which an instant falls, moved by `margin` (kept within the calendar)."""
    try:
        day = (to_wall(instant, zone) + margin).date()
    except OverflowError:
        day = date.max if margin > timedelta(0) else date.min
    return min(max(day, _FIRST), _LAST)


def listed(once: Once, zone: ZoneInfo) -> tuple[Occurrence, ...]:
    """Every time of a post with one time or a list of times, in order; a time written twice is one."""
    if not once.listed:
        return tuple(_occurrence(wall, Kind.ONCE, zone, key="once") for wall in once.walls[:1])
    return tuple(_occurrence(wall, Kind.LIST, zone) for wall in sorted(set(once.walls)))


def recurring(every: Every, zone: ZoneInfo, first: date, last: date, *, first_seen: datetime) -> tuple[Occurrence, ...]:
    """The occurrences of a recurring schedule on the days from `first` to `last`, by wall time.

    With `count`, only the first so many from `since`, or from `first_seen` (aware UTC) where there is no `since`.
    """
    if every.count is None:
        return _series(every, zone, first, last)
    begin = None if every.since is not None else first_seen
    final = _final(every, zone, begin)
    if final is None:
        return ()
    found = _series(every, zone, first, min(last, final.date()))
    return tuple(o for o in found if o.wall <= final and (begin is None or o.instant >= begin))


def named(every: Every, zone: ZoneInfo, key: str, *, first_seen: datetime) -> Occurrence | None:
    """The occurrence with this key, or None where the schedule has none."""
    try:
        day = datetime.fromisoformat(key).date()
    except ValueError:
        return None
    found = recurring(every, zone, day, day, first_seen=first_seen)
    return next((occurrence for occurrence in found if occurrence.key == key), None)


def upcoming(every: Every, zone: ZoneInfo, after: datetime) -> Iterator[Occurrence]:
    """The occurrences later than `after` (aware UTC), earliest first, without end unless the schedule has one.

    A `count` without `since` has no beginning here, and is not looked at.
    """
    endless = every if every.since is not None else replace(every, count=None)
    empty = 0
    for first, last in _years(day_of(after, zone, -MARGIN)):
        found = recurring(endless, zone, first, last, first_seen=after)
        yield from sorted((o for o in found if o.instant > after), key=lambda o: o.instant)
        empty = 0 if found else empty + 1
        if empty > _PATIENCE or (every.until is not None and every.until < last):
            return


def _years(day: date) -> Iterator[tuple[date, date]]:
    """Whole years from the one of `day` on, as far as the calendar goes."""
    return ((date(year, 1, 1), date(year, 12, 31)) for year in range(max(day, _FIRST).year, _LAST.year + 1))


@lru_cache(maxsize=4096)
def _final(every: Every, zone: ZoneInfo, begin: datetime | None) -> datetime | None:
    """The last wall time of a counted series; None where it has none at all. `begin` stands in for `since`."""
    left, final, empty = every.count or 0, None, 0
    for first, last in _years(every.since or (_FIRST if begin is None else day_of(begin, zone, -MARGIN))):
        found = (o.wall for o in _series(every, zone, first, last) if begin is None or o.instant >= begin)
        counted = list(islice(found, left))
        final = counted[-1] if counted else final
        left, empty = left - len(counted), 0 if counted else empty + 1
        if left <= 0 or empty > _PATIENCE:
            break
    return final


@lru_cache(maxsize=4096)
def _series(every: Every, zone: ZoneInfo, first: date, last: date) -> tuple[Occurrence, ...]:
    """Everything between two days (inclusive) that weekdays or cron, `since` and `until` allow."""
    first = max(first, every.since or first)
    last = min(last, every.until or last)
    return tuple(_occurrence(wall, Kind.EVERY, zone) for wall in _walls(every, first, last))


def _walls(every: Every, first: date, last: date) -> Iterator[datetime]:
    if first > last:
        return
    if every.cron is not None:
        midnight = datetime.combine(first, time())
        yield from cron_walls(every.cron, midnight, datetime.combine(last, time()) + _DAY)
    elif every.at is not None:
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            if day.weekday() in every.weekdays:
                yield datetime.combine(day, every.at)


def _occurrence(wall: datetime, kind: Kind, zone: ZoneInfo, *, key: str | None = None) -> Occurrence:
    instant, odd = to_instant(wall, zone)
    return Occurrence(key or key_of(wall), kind, wall, instant, odd)


def key_of(wall: datetime) -> str:
    """A wall time as the key of an occurrence, to the minute where it has no seconds."""
    return wall.isoformat(timespec="seconds" if wall.second else "minutes")
