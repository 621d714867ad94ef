"""Cron expressions: what is refused, and in which words."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.planning import valid_cron
from socrbot.planning.cron import MONTHS, WEEKDAYS, cron_walls
from socrbot.source import cron as source_cron
from socrbot.source import problems as source_problems
from tests.planning.world import wall


@pytest.mark.parametrize(
    "text",
    [
        "30 8 * * mon,thu",
        "*/30 * * * *",
        "0 9 1,15 * *",
        "0 9 last * *",
        "0 9 29 feb *",
        "0 9 31 * *",
        "5-50/15 8-18/2 * jan-mar,dec mon-fri",
        "0 9 * 6 SUN",
        "  0  9  *  *  * ",
        "*/60 */24 */31 */12 *",
    ],
)
def test_usable_expressions_have_no_problem(text: str) -> None:
    """What APScheduler counts as cron does is accepted."""
    assert valid_cron(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "five parts"),
        ("30 8 * *", "This has 4"),
        ("0 30 8 * * mon", "This has 6"),
        ("30 8 * * 1", "Weekdays stand in a cron line by name"),
        ("30 8 * * 1-5", "Weekdays stand in a cron line by name"),
        ("30 8 * * */2", "Weekdays stand in a cron line by name"),
        ("30 8 13 * fri", "cannot stand together"),
        ("30 8 */2 * fri", "cannot stand together"),
        ("60 8 * * *", 'The minute "60" is outside 0 to 59'),
        ("0 24 * * *", 'The hour "24" is outside 0 to 23'),
        ("0 8 0 * *", "outside 1 to 31"),
        ("0 8 * 13 *", "outside 1 to 12"),
        ("50-10 8 * * *", "runs backwards"),
        ("*/0 8 * * *", "is 0"),
        ("*/100 8 * * *", "not understood"),
        ("0 8 * * monday", 'The weekday "monday" is not understood. Use mon'),
        ("0 8 * * mon-", "not understood"),
        ("0 8 * * mon-fri/2", "not understood"),
        ("0 8 * * sat-mon", "runs backwards"),
        ("0 8 * * mon,,tue", "not understood"),
        ("0 8 * * mon#2", "not understood"),
        ("0 8 L * *", "not understood"),
        ("0 8 lastly * *", "not understood"),
        ("0 8 * jan/2 *", "not understood"),
        ("0 8 * january *", "not understood"),
        ("-5 8 * * *", "not understood"),
        ("1.5 8 * * *", "not understood"),
        ("٣ 8 * * *", "not understood"),
        ("@daily", "five parts"),
        ("0 8 30 2 *", "never comes"),
        ("0 8 31 feb,apr,jun *", "never comes"),
    ],
)
def test_what_cannot_be_used_is_said_in_words(text: str, words: str) -> None:
    """Each expression that would fail, never fire, or mean something else gets a sentence of its own."""
    problem = valid_cron(text)
    assert problem is not None
    assert words in problem


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("*/60 8 * * *", ["08:00"]),
        ("0 */24 * * *", ["00:00"]),
        ("50/30,10-12/5 8 * * *", ["08:10", "08:50"]),
        ("0 9 */40 * *", []),
        ("0 9 2/40 * *", ["09:00"]),
    ],
)
def test_a_step_wider_than_its_range_leaves_the_first(text: str, times: list[str]) -> None:
    """As cron reads it; the day asked about is the second of a month."""
    found = cron_walls(text, wall("2026-03-02T00:00"), wall("2026-03-03T00:00"))
    assert [each.strftime("%H:%M") for each in found] == times


_NUMBER = st.integers(0, 62)
_ITEM = st.one_of(
    st.just("*"),
    _NUMBER.map(str),
    st.builds("{}-{}".format, _NUMBER, _NUMBER),
    st.builds("*/{}".format, _NUMBER),
    st.builds("{}/{}".format, _NUMBER, _NUMBER),
    st.builds("{}-{}/{}".format, _NUMBER, _NUMBER, _NUMBER),
    st.sampled_from(["last", "jan", "mar-may", *WEEKDAYS, "mon-fri"]),
)
_PART = st.one_of(st.just("*"), st.lists(_ITEM, min_size=1, max_size=2).map(",".join))
_USUAL = st.sampled_from(["0 8 {} {} *", "{} {} * * *", "0 8 * {} mon", "{} 8 {} * *"])


@settings(max_examples=200, deadline=None)
@given(_USUAL, _PART, _PART)
def test_what_the_files_may_say_can_be_counted(form: str, first: str, second: str) -> None:
    """Whatever reading the files lets through, planning takes too; and what planning takes never fails."""
    text = form.format(first, second)
    try:
        source_cron.cron(text)
    except source_problems.Mistake:
        pass
    else:
        assert valid_cron(text) is None
    if valid_cron(text) is None:
        list(cron_walls(text, wall("2026-02-27T00:00"), wall("2026-03-02T00:00")))


def _matches(text: str, when: datetime) -> bool:
    """Cron's own reading, minute by minute, of plain lists and ranges."""
    values = (when.minute, when.hour, when.day, when.month, when.weekday())
    names = ((), (), (), ("", *MONTHS), WEEKDAYS)
    return all(_in(part, value, name) for part, value, name in zip(text.split(), values, names, strict=True))


def _in(part: str, value: int, names: tuple[str, ...]) -> bool:
    for item in part.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        low = 0 if span == "*" else names.index(first) if first in names else int(first)
        high = 10**6 if span == "*" else low if not last else names.index(last) if last in names else int(last)
        if low <= value <= high and (value - low) % int(step or 1) == 0:
            return True
    return False


_MINUTES = st.sampled_from(["0", "30", "*/20", "5,45", "10-40/15", "59"])
_HOURS = st.sampled_from(["*", "8", "0,23", "9-17", "*/6"])
_DAYS = st.sampled_from([("*", "mon"), ("*", "mon-fri"), ("*", "sat,sun"), ("1", "*"), ("28-31", "*"), ("*", "*")])
_MONTHS = st.sampled_from(["*", "2", "jan,dec", "mar-may"])


@settings(max_examples=60, deadline=None)
@given(_MINUTES, _HOURS, _DAYS, _MONTHS, st.datetimes(wall("2025-01-01T00:00"), wall("2030-01-01T00:00")))
def test_the_trigger_names_each_matching_minute(
    minutes: str, hours: str, days: tuple[str, str], months: str, start: datetime
) -> None:
    """Over three days, exactly the minutes that match the five parts are named, in order, each once."""
    text = f"{minutes} {hours} {days[0]} {months} {days[1]}"
    start = start.replace(second=0, microsecond=0)
    minutes_of_three_days = (start + timedelta(minutes=n) for n in range(3 * 1440))
    expected = [minute for minute in minutes_of_three_days if _matches(text, minute)]
    assert list(cron_walls(text, start, start + timedelta(days=3))) == expected
