"""Cron expressions: five fields, weekdays by name only.

Numbers for weekdays are refused because programs count them differently, and so is a day of the month together
with a weekday, because some programs read it as "and", others as "or".
"""

from __future__ import annotations

import re

from socrbot.source.problems import Mistake, said

_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12))
_STEP = re.compile(r"(\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?$", re.ASCII)
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def cron(text: str) -> str:
    """The expression, in lower case with single spaces. Raises Mistake."""
    fields = text.lower().split()
    if len(fields) != 5:
        message = f"{said(text)} has {len(fields)} fields, and a cron expression has five"
        raise Mistake("bad-cron", message, 'minute, hour, day of the month, month, weekday: "30 8 * * mon,thu"')
    sets = [_numbers(field, *limits) for field, limits in zip(fields, _FIELDS, strict=False)]
    _check_weekdays(fields[4])
    if fields[2] != "*" and fields[4] != "*":
        message = f"{said(text)} has a day of the month and a weekday, which different programs read differently"
        raise Mistake("bad-cron", message, "keep one of the two and write * for the other")
    if not any(number <= _LONGEST_MONTH[month - 1] for number in sets[2] for month in sets[3]):
        raise Mistake("bad-cron", f"{said(text)} names a day that its months do not have, so it would never come")
    return " ".join(fields)


def _numbers(field: str, name: str, low: int, high: int) -> set[int]:
    """The numbers that one field stands for."""
    found: set[int] = set()
    for part in field.split(","):
        step = _STEP.match(part)
        if not step:
            message = f"{said(part)} cannot be read as the {name}"
            raise Mistake("bad-cron", message, f"write * or numbers from {low} to {high}")
        first = int(step[2]) if step[2] else low
        last = int(step[3]) if step[3] else (high if step[1] == "*" or step[4] else first)
        width = int(step[4] or 1)
        if not (low <= first <= last <= high and width):
            raise Mistake("bad-cron", f"{said(part)} is out of range for the {name}", f"it goes from {low} to {high}")
        found.update(range(first, last + 1, width))
    return found


def _check_weekdays(field: str) -> None:
    if field == "*":
        return
    for part in field.split(","):
        first, dash, last = part.partition("-")
        if first not in _NAMES or (dash and last not in _NAMES):
            message = f"{said(part)} is not a weekday; cron numbers are read differently by different programs"
            raise Mistake("bad-cron", message, f"write names: {', '.join(_NAMES)}")
        if dash and _NAMES.index(first) > _NAMES.index(last):
            raise Mistake("bad-cron", f"{said(part)} runs backwards", "begin with the earlier day: monday is the first")
