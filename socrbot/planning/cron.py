"""Cron expressions: whether one can be used, and the wall times that it names.

APScheduler's trigger does the counting. It is asked as if the campaign lived in UTC, so that no change of the clocks
ever reaches it. It reads three things in its own way. Two are refused here: it numbers weekdays from Monday = 0, and
it joins day of month and weekday with "and". The third is written anew for it: it takes no step that is wider than its
range, as in */60, which to cron is the first minute alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_EXAMPLE = 'Write for example "30 8 * * mon,thu".'
_NUMBERS = re.compile(r"(?:\*|(?P<first>\d{1,2})(?:-(?P<last>\d{1,2}))?)(?:/(?P<step>\d{1,2}))?", re.ASCII)
_MOMENT = timedelta(microseconds=1)
# Eight years hold every date that there is, and one of them always has a 29 February (1900 and 2100 have none).
_TRIAL = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    word: str | None = None


_PARTS = (
    _Part("minute", 0, 59),
    _Part("hour", 0, 23),
    _Part("day of the month", 1, 31, word="last"),
    _Part("month", 1, 12, names=MONTHS),
    _Part("weekday", 0, -1, names=WEEKDAYS),
)


def valid_cron(text: str) -> str | None:
    """What is wrong with a cron expression, in a sentence or two for a person; None where it can be used.

    Five parts: minute, hour, day of the month (or "last"), month (numbers or names), weekday (names only).
    """
    written = text.split()
    if len(written) != len(_PARTS):
        return (
            "A cron line has five parts: minute, hour, day of the month, month, weekday. "
            f"This has {len(written)}. {_EXAMPLE}"
        )
    for part, value in zip(_PARTS, written, strict=True):
        for item in value.lower().split(","):
            problem = _problem_of(part, item)
            if problem is not None:
                return problem
    if written[2] != "*" and written[4] != "*":
        return "A day of the month and a weekday cannot stand together in one cron line. Put * for one of them."
    return _never(text)


def _problem_of(part: _Part, item: str) -> str | None:
    if item == part.word:
        return None
    if part.names and item[:1].isalpha():
        return _problem_of_names(part, item)
    found = _NUMBERS.fullmatch(item)
    if found is None:
        return f'The {part.name} "{item}" is not understood. {_EXAMPLE}'
    if found["first"] is None and found["step"] is None:
        return None
    if part.name == "weekday":
        return f"Weekdays stand in a cron line by name: their numbers mean other days in other programs. {_EXAMPLE}"
    return _problem_of_numbers(part, found)


def _problem_of_numbers(part: _Part, found: re.Match[str]) -> str | None:
    first = part.low if found["first"] is None else int(found["first"])
    last = part.high if found["last"] is None else int(found["last"])
    if not (part.low <= first <= part.high and part.low <= last <= part.high):
        return f'The {part.name} "{found[0]}" is outside {part.low} to {part.high}.'
    if first > last:
        return f'The {part.name} "{found[0]}" runs backwards. Write the smaller number first.'
    if found["step"] is not None and int(found["step"]) == 0:
        return f'The step in the {part.name} "{found[0]}" is 0. Write 1 or more.'
    return None


def _problem_of_names(part: _Part, item: str) -> str | None:
    first, dash, last = item.partition("-")
    ends = (first, last) if dash else (first,)
    unknown = [name for name in ends if name not in part.names]
    if unknown:
        return f'The {part.name} "{item}" is not understood. Use {", ".join(part.names)}.'
    if dash and part.names.index(first) > part.names.index(last):
        return f'The {part.name} "{item}" runs backwards. List the names instead, with commas.'
    return None


def _never(text: str) -> str | None:
    if next(cron_walls(text, *_TRIAL), None) is None:
        return "This cron line names a day that never comes, such as 30 February."
    return None


def cron_walls(text: str, first: datetime, last: datetime) -> Iterator[datetime]:
    """The naive wall times that a cron expression names from `first` to before `last`, in order.

    `first` and `last` are wall times too; a zone of theirs is ignored. Raises ValueError for an expression of which
    `valid_cron` has something to say.
    """
    from apscheduler.triggers.cron import CronTrigger

    trigger = CronTrigger.from_crontab(_for_trigger(text), timezone=UTC)
    trigger.end_date = last.replace(tzinfo=UTC) - _MOMENT
    asked = first.replace(tzinfo=UTC)
    found = trigger.get_next_fire_time(None, asked)
    while found is not None:
        yield found.replace(tzinfo=None)
        found = trigger.get_next_fire_time(found, found)


def _for_trigger(text: str) -> str:
    """The expression in lower case, with steps that leave only the first number of their range taken out."""
    written = text.lower().split()
    parts = [_narrow(part, value) for part, value in zip(_PARTS, written, strict=False)]
    return " ".join([*parts, *written[len(parts) :]])


def _narrow(part: _Part, value: str) -> str:
    return ",".join(_first_only(part, item) for item in value.split(","))


def _first_only(part: _Part, item: str) -> str:
    found = _NUMBERS.fullmatch(item)
    if found is None or found["step"] is None:
        return item
    first = part.low if found["first"] is None else int(found["first"])
    last = part.high if found["last"] is None else int(found["last"])
    return str(first) if int(found["step"]) > last - first else item
