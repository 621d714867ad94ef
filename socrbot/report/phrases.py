"""Times, lengths of time, numbers and money in words. Pure: the present instant is handed in."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_ZONES = {"Europe/London": "UK time", "UTC": "UTC", "Etc/UTC": "UTC"}


def when(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """An instant (aware) in words, in the zone: "Saturday 7 March 2026, 7:00 pm UK time".

    Yesterday, today and tomorrow, as seen from `now` (aware), are called so. In the hour that comes twice in autumn
    the zone's own letters say which of the two is meant.
    """
    local = instant.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    day = near or f"{local:%A} {local.day} {local:%B %Y}"
    return f"{day}, {clock_time(local.time())} {zone_name(zone)}{_which_of_two(local)}"


def clock_time(at: time) -> str:
    """A time of day: "7:00 pm", "12:00 noon", "12:00 midnight"."""
    if (at.hour, at.minute) in ((0, 0), (12, 0)):
        return "12:00 noon" if at.hour else "12:00 midnight"
    return f"{at.hour % 12 or 12}:{at.minute:02d} {'pm' if at.hour >= 12 else 'am'}"


def zone_name(zone: ZoneInfo) -> str:
    """A time zone as people call it: "UK time", "Paris time"."""
    key = zone.key or "local"
    return _ZONES.get(key) or f"{key.rpartition('/')[2].replace('_', ' ')} time"


def length(delta: timedelta) -> str:
    """A length of time in words: "2 hours 5 minutes". Rounded down to minutes, to hours from one day on."""
    delta = abs(delta)
    if delta < _MINUTE:
        return "less than a minute"
    if delta < _HOUR:
        return count(delta // _MINUTE, "minute")
    if delta < _DAY:
        return _two(delta // _HOUR, "hour", delta % _HOUR // _MINUTE, "minute")
    days = delta // _DAY
    return _two(days, "day", delta % _DAY // _HOUR if days < 3 else 0, "hour")


def ago(delta: timedelta) -> str:
    """How long ago something was: "5 minutes ago". A negative length is still to come."""
    if -_MINUTE < delta < _MINUTE:
        return "just now"
    return f"{length(delta)} ago" if delta > timedelta(0) else until(-delta)


def until(delta: timedelta) -> str:
    """How long it is until something: "in 5 minutes". A negative length is past."""
    if -_MINUTE < delta < _MINUTE:
        return "now"
    return f"in {length(delta)}" if delta > timedelta(0) else ago(-delta)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number of things: "no posts", "1 post", "1,200 posts", "2 deliveries"."""
    many = plural or (f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s")
    if number == 0:
        return f"no {many}"
    return f"{number:,} {noun if number == 1 else many}"


def money(usd: float) -> str:
    """A sum in US dollars: "US$1.20"; parts of a cent are shown where there are any: "US$0.015"."""
    exact = f"{usd:,.4f}".rstrip("0")
    whole, _, cents = exact.partition(".")
    return f"US${whole}.{cents:0<2}"


def _two(larger: int, unit: str, smaller: int, smaller_unit: str) -> str:
    first = count(larger, unit)
    return f"{first} {count(smaller, smaller_unit)}" if smaller else first


def _which_of_two(local: datetime) -> str:
    other = local.replace(fold=1 - local.fold)
    if other.utcoffset() == local.utcoffset():
        return ""
    return f" ({local.tzname()})"
