"""Days, times of day and lengths of time: the one form in which each is written, and a hint for every near miss.

A near miss is never accepted: it is shown in the right form, in both where it could mean two days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from socrbot.source.problems import Mistake, did_you_mean, said

WALL_FORM = "2026-03-07 19:00"
DAY_FORM = "2026-03-07"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_SHORT_UNITS = {"s": "second", "sec": "second", "m": "minute", "min": "minute", "h": "hour", "hr": "hour", "d": "day"}
_LONGEST = timedelta(days=3660)

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]+)\.?,? (\d{4})")
_MONTH_DAY = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_WEEKDAY_BEFORE = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? ", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d{2})(?::\d{2})?)? ?([ap])?\.?(?:m\.?)?$")
_DURATION = re.compile(r"(\d+) ([a-z]+?)s?$")
_NEAR_DURATION = re.compile(r"(\d+(?:\.\d+)?) ?([a-z]+?)s?\.?$")
_ZONE = re.compile(r"(?:z|[+-]\d{2}:?\d{2}| (?:gmt|bst|utc))$")
_TIME = re.compile(r"[0-2]\d:[0-5]\d$", re.ASCII)


def wall(text: str) -> datetime:
    """The wall time that `2026-03-07 19:00` means. Raises Mistake."""
    # fromisoformat alone takes many other forms.
    if len(text) == 16 and text[4] == text[7] == "-" and text[10] == " " and text[13] == ":":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise Mistake("bad-date", _why_not(text), _wall_hint(text))


def day(text: str) -> date:
    """The day that `2026-03-07` means. Raises Mistake."""
    if len(text) == 10 and text[4] == text[7] == "-":
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    days = [f"{found:%Y-%m-%d}" for found in _days(text.lower())]
    hint = f"write {_either(days)}" if days else f"write the year, the month and the day: {DAY_FORM}"
    raise Mistake("bad-date", f"{said(text)} is not a day", hint)


def clock_time(text: str) -> time:
    """The time of day that `19:00` means. Raises Mistake."""
    if _TIME.match(text) and text < "24":
        return time.fromisoformat(text)
    near = _near_time(text.lower())
    hint = f"write {near}" if near else "write hours and minutes of the day with 24 hours, like 08:30 or 19:00"
    raise Mistake("bad-time", f"{said(text)} is not a time of day", hint)


def duration(text: str) -> timedelta:
    """The length of time that `90 seconds` or `2 hours` means. Raises Mistake."""
    found = _DURATION.fullmatch(text)
    if found and found[2] in _UNITS:
        # A number with hundreds of digits is a mistake like any other.
        seconds = min(int(found[1][:12]), 10**9) * _UNITS[found[2]]
        if timedelta(seconds=seconds) <= _LONGEST:
            return timedelta(seconds=seconds)
        raise Mistake("bad-duration", f"{said(text)} is longer than ten years")
    raise Mistake("bad-duration", f"{said(text)} is not a length of time", _duration_hint(text))


def some_time(text: str) -> timedelta:
    """As duration, but longer than nothing."""
    found = duration(text)
    if not found:
        raise Mistake("bad-duration", f"{said(text)} is no time at all", "write a length of time such as 2 hours")
    return found


def every(text: str) -> tuple[tuple[int, ...], time]:
    """The weekdays (0 is Monday) and the time that `monday, thursday 19:00` means. Raises Mistake."""
    days, _, at = text.strip().rpartition(" ")
    if not days:
        raise Mistake("bad-weekday", f"{said(text)} is not a weekday with a time", "write for example: saturday 19:00")
    try:
        hour = clock_time(at)
    except Mistake as mistake:
        raise Mistake("bad-time", mistake.message, f"{mistake.hint}, behind the weekday: saturday 19:00") from None
    return _weekdays(days), hour


def _weekdays(text: str) -> tuple[int, ...]:
    named = text.lower().strip()
    if named == "day":
        return tuple(range(7))
    if named == "weekday":
        return tuple(range(5))
    found: list[int] = []
    for word in re.split(r" *, *", named):
        if word not in WEEKDAYS:
            raise Mistake("bad-weekday", f"{said(word)} is not a weekday", _weekday_hint(word))
        number = WEEKDAYS.index(word)
        if number in found:
            raise Mistake("repeated", f"{word} stands there twice", "name each weekday once")
        found.append(number)
    return tuple(sorted(found))


def _weekday_hint(word: str) -> str | None:
    words = [name for name in WEEKDAYS if any(part.startswith(name[:3]) for part in re.split(r"[ &]+", word))]
    if words:
        return f"write {', '.join(words)}"
    if word in ("daily", "days", "every day", "weekdays"):
        return "write day for every day, weekday for Monday to Friday"
    return did_you_mean(word, [*WEEKDAYS, "day", "weekday"])


def _why_not(text: str) -> str:
    """What is wrong with a date and time, in one sentence."""
    found = _YEAR_FIRST.match(text)
    if found and not _day(int(found[1]), int(found[2]), int(found[3])):
        return f'there is no such day as "{found[0]}"'
    if found and found.end() == len(text):
        return f'the time is missing behind "{text}"'
    if found and _ZONE.search(text[found.end() :].lower()):
        return f"{said(text)} names a time zone; times in the files are always those of the campaign's own zone"
    return f"{said(text)} is not a date with a time"


def _wall_hint(text: str) -> str:
    """The same time in the right form, as far as it can be told."""
    general = f"write the year, the month, the day and the time: {WALL_FORM}"
    lowered = " ".join(re.sub(r"^(\d{4}-\d{2}-\d{2})t", r"\1 ", text.lower()).split())
    rest = _rest_behind_day(lowered)
    if rest is None or _ZONE.search(rest):
        return general
    at = _near_time(rest.strip(" ,")) if rest.strip(" ,") else "19:00"
    times = [f"{found:%Y-%m-%d} {at}" for found in _days(lowered)]
    if not at or not times:
        return general
    return f"write {_either(times)}" + ("" if rest.strip(" ,") else ", with the time that you want")


def _either(forms: list[str]) -> str:
    """One form, or two of which one was meant."""
    if len(forms) == 1:
        return forms[0]
    named = [f"{form} for {date.fromisoformat(form[:10]):%-d %B}" for form in forms]
    return " or ".join(named)


def _rest_behind_day(lowered: str) -> str | None:
    """What follows the day in a date as people write it ("at" left out)."""
    bare = _WEEKDAY_BEFORE.sub("", lowered)
    for form in (_YEAR_FIRST, _YEAR_LAST, _DAY_MONTH, _MONTH_DAY):
        found = form.match(bare)
        if found:
            return re.sub(r"^,? ?(?:at )?", "", bare[found.end() :])
    return None


def _days(lowered: str) -> list[date]:
    """The days that a date as people write it can mean; two where day and month can change places."""
    bare = _WEEKDAY_BEFORE.sub("", " ".join(lowered.split()))
    return list(dict.fromkeys(found for found in _readings(bare) if found))


def _readings(bare: str) -> Iterator[date | None]:
    if found := _YEAR_FIRST.match(bare):
        yield _day(int(found[1]), int(found[2]), int(found[3]))
    elif found := _YEAR_LAST.match(bare):
        yield _day(int(found[3]), int(found[2]), int(found[1]))
        yield _day(int(found[3]), int(found[1]), int(found[2]))
    elif found := _DAY_MONTH.match(bare):
        yield _day(int(found[3]), _month(found[2]), int(found[1]))
    elif found := _MONTH_DAY.match(bare):
        yield _day(int(found[3]), _month(found[1]), int(found[2]))


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _month(word: str) -> int:
    """The month that a word begins the name of; 0 for none."""
    return _MONTHS.index(word[:3]) + 1 if word[:3] in _MONTHS else 0


def _near_time(lowered: str) -> str | None:
    """The time of day that people write as 7pm, 7.30 pm, 19.00, 1900, noon; None where it cannot be told."""
    if lowered == "noon":
        return "12:00"
    found = _CLOCK.match(lowered) or re.match(r"(\d{2})(\d{2})()$", lowered)
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "p" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def _duration_hint(text: str) -> str:
    found = _NEAR_DURATION.fullmatch(text.lower().strip())
    unit = _SHORT_UNITS.get(found[2], found[2]) if found else ""
    if found and unit in _UNITS:
        return f"write {_as_duration(float(found[1][:9]) * _UNITS[unit])}"
    return "write a number and a unit: 90 seconds, 30 minutes, 2 hours, 28 days"


def _as_duration(seconds: float) -> str:
    """Seconds in the largest unit that leaves no rest."""
    whole = round(seconds)
    unit = next(name for name in ("day", "hour", "minute", "second") if whole % _UNITS[name] == 0)
    number = whole // _UNITS[unit]
    return f"{number} {unit}{'' if number == 1 else 's'}"
