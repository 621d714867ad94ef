"""Days, times and lengths of time: one form is taken, near misses are shown in it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socrbot.source import cron, dates
from socrbot.source.problems import Mistake


def hint(parse: object, text: str) -> str | None:
    with pytest.raises(Mistake) as caught:
        parse(text)  # type: ignore[operator]
    return caught.value.hint


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-3-7 19:00", "write 2026-03-07 19:00"),
        ("2026/03/07 19:00", "write 2026-03-07 19:00"),
        ("2026-03-07T19:00", "write 2026-03-07 19:00"),
        ("2026-03-07 19:00:00", "write 2026-03-07 19:00"),
        ("2026-03-07  19.00", "write 2026-03-07 19:00"),
        ("2026-03-07 7pm", "write 2026-03-07 19:00"),
        ("2026-03-07 7.30 p.m.", "write 2026-03-07 19:30"),
        ("13/3/2026 at 12am", "write 2026-03-13 00:00"),
        ("7 March 2026, 19:00", "write 2026-03-07 19:00"),
        ("Sat 7th Mar 2026 noon", "write 2026-03-07 12:00"),
        ("March 7, 2026 1900", "write 2026-03-07 19:00"),
        ("7/7/2026 7pm", "write 2026-07-07 19:00"),
        ("7/3/2026 7pm", "write 2026-03-07 19:00 for 7 March or 2026-07-03 19:00 for 3 July"),
        ("2026-03-07", "write 2026-03-07 19:00, with the time that you want"),
        ("2026-03-07 19:00 GMT", "write the year, the month, the day and the time: 2026-03-07 19:00"),
        ("2026-02-30 19:00", "write the year, the month, the day and the time: 2026-03-07 19:00"),
        ("2026-03-07 25:00", "write the year, the month, the day and the time: 2026-03-07 19:00"),
        ("tomorrow", "write the year, the month, the day and the time: 2026-03-07 19:00"),
        ("2026-W10-6 19:00", "write the year, the month, the day and the time: 2026-03-07 19:00"),
    ],
)
def test_a_near_miss_is_shown_and_not_taken(written: str, meant: str) -> None:
    """Other ways to write a time are refused with the form to write, and with both where two are meant."""
    assert hint(dates.wall, written) == meant


@pytest.mark.parametrize(
    ("parse", "written", "meant"),
    [
        (dates.day, "1/3/2027", "write 2027-03-01 for 1 March or 2027-01-03 for 3 January"),
        (dates.day, "20270301", "write the year, the month and the day: 2026-03-07"),
        (dates.clock_time, "7pm", "write 19:00"),
        (dates.clock_time, "8:30", "write 08:30"),
        (dates.clock_time, "24:00", "write hours and minutes of the day with 24 hours, like 08:30 or 19:00"),
        (dates.duration, "2h", "write 2 hours"),
        (dates.duration, "1.5 hours", "write 90 minutes"),
        (dates.duration, "4 Weeks", "write 28 days"),
        (dates.duration, "soon", "write a number and a unit: 90 seconds, 30 minutes, 2 hours, 28 days"),
        (dates.every, "saturdays 19:00", "write saturday"),
        (dates.every, "mon & thu 19:00", "write monday, thursday"),
        (dates.every, "daily 19:00", "write day for every day, weekday for Monday to Friday"),
        (dates.every, "19:00", "write for example: saturday 19:00"),
        (dates.every, "monday, monday 19:00", "name each weekday once"),
        (cron.cron, "30 8 * *", 'This has 4. Write for example "30 8 * * mon,thu"'),
        (cron.cron, "30 8 * * 1", 'Write for example "30 8 * * mon,thu"'),
        (cron.cron, "30 8 1 * mon", "Put * for one of them"),
        (cron.cron, "60 8 * * *", 'write for example "30 8 * * mon,thu"'),
        (cron.cron, "0 8 30 2 *", 'write for example "30 8 * * mon,thu"'),
        (cron.cron, "0 8 * * sun-mon", "List the names instead, with commas"),
    ],
)
def test_other_values_have_their_hints(parse: object, written: str, meant: str | None) -> None:
    """Each refusal says what to write, as far as that can be told."""
    assert hint(parse, written) == meant


def test_right_values_are_taken() -> None:
    """The one form of each is read."""
    assert dates.wall("2026-03-07 19:00") == datetime(2026, 3, 7, 19)  # noqa: DTZ001
    assert dates.day("2028-02-29") == date(2028, 2, 29)
    assert dates.clock_time("00:00") == time(0)
    assert [dates.duration(text) for text in ("1 second", "90 seconds", "2 weeks")] == [
        timedelta(seconds=1),
        timedelta(seconds=90),
        timedelta(days=14),
    ]
    assert [cron.cron(text) for text in ("*/5 8-18/2 * * *", "0  9 1,15 2-4 *", "0 9 * * mon-fri")] == [
        "*/5 8-18/2 * * *",
        "0 9 1,15 2-4 *",
        "0 9 * * mon-fri",
    ]


@given(st.datetimes(min_value=datetime(1000, 1, 1)))  # noqa: DTZ001
def test_every_minute_can_be_written(moment: datetime) -> None:
    """A time written in the one form comes back as it was, to the minute."""
    minute = moment.replace(second=0, microsecond=0)
    assert dates.wall(f"{minute:%Y-%m-%d %H:%M}") == minute


@given(st.text(max_size=30) | st.text("0123456789-/:. TZapm", max_size=20))
def test_any_other_text_is_a_mistake_and_never_an_accident(text: str) -> None:
    """Whatever is written, a field gives a value or a Mistake."""
    messages = []
    for parse in (dates.wall, dates.day, dates.clock_time, dates.duration, dates.every, cron.cron):
        try:
            parse(text)
        except Mistake as mistake:
            messages.append(mistake.message)
    assert all(message.isprintable() for message in messages)
