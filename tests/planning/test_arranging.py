"""Quiet hours and spacing move times later, and only as far as they must."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.campaign import QuietHours
from socrbot.clock import to_wall
from socrbot.planning import Quiet, arrange
from tests.planning.world import LONDON, at, utc

NIGHT = QuietHours(time(21, 30), time(7, 0))
HALF_HOUR = timedelta(minutes=30)


def arranged(
    *nominal: datetime, hours: QuietHours | None = None, spacing: timedelta = timedelta(0), last: datetime | None = None
) -> list[datetime]:
    """Times in London, arranged."""
    return list(arrange(nominal, quiet=Quiet(hours, LONDON), spacing=spacing, last=last))


def test_nothing_moves_without_a_reason() -> None:
    """Without quiet hours and spacing, several may go out at once."""
    same = at("2026-07-01T22:00")
    assert arranged(same, same) == [same, same]


@pytest.mark.parametrize(
    ("nominal", "due"),
    [
        ("2026-07-01T21:29", "2026-07-01T21:29"),
        ("2026-07-01T21:30", "2026-07-02T07:00"),
        ("2026-07-01T23:59", "2026-07-02T07:00"),
        ("2026-07-02T00:00", "2026-07-02T07:00"),
        ("2026-07-02T06:59", "2026-07-02T07:00"),
        ("2026-07-02T07:00", "2026-07-02T07:00"),
    ],
)
def test_quiet_hours_over_midnight_end_in_the_morning(nominal: str, due: str) -> None:
    """What is due in the night goes out when the night ends, and not a minute later."""
    assert arranged(at(nominal), hours=NIGHT) == [at(due)]


def test_quiet_hours_within_a_day() -> None:
    """A quiet hour at noon moves to its end."""
    noon = QuietHours(time(12), time(13))
    assert arranged(at("2026-07-01T12:30"), at("2026-07-01T13:00"), hours=noon) == [at("2026-07-01T13:00")] * 2


def test_quiet_hours_that_end_when_they_begin_are_none() -> None:
    """Otherwise nothing would ever go out."""
    assert arranged(at("2026-07-01T12:00"), hours=QuietHours(time(9), time(9))) == [at("2026-07-01T12:00")]


def test_posts_of_an_account_keep_their_distance() -> None:
    """Each waits for the one before it, and what stands far enough apart does not move."""
    wishes = [at("2026-07-01T09:00"), at("2026-07-01T09:00"), at("2026-07-01T09:10"), at("2026-07-01T12:00")]
    due = ["09:00", "09:30", "10:00", "12:00"]
    assert arranged(*wishes, spacing=HALF_HOUR) == [at(f"2026-07-01T{each}") for each in due]


def test_the_last_post_that_was_sent_counts_too() -> None:
    """Ten minutes after a post, the next has to wait for another twenty."""
    due = arranged(at("2026-07-01T09:10"), spacing=HALF_HOUR, last=at("2026-07-01T09:00"))
    assert due == [at("2026-07-01T09:30")]


def test_spacing_into_the_night_waits_for_the_morning() -> None:
    """A post that spacing pushes into the quiet hours goes out at their end, and the next keeps its distance to it."""
    wishes = [at("2026-07-01T21:15")] * 3
    due = [at("2026-07-01T21:15"), at("2026-07-02T07:00"), at("2026-07-02T07:30")]
    assert arranged(*wishes, hours=NIGHT, spacing=HALF_HOUR) == due


def test_an_end_that_does_not_exist_is_moved_forward() -> None:
    """Quiet until 01:30 on the night when there is no 01:30: they end at 02:30 summer time."""
    hours = QuietHours(time(22), time(1, 30))
    assert arranged(at("2026-03-28T23:00"), hours=hours) == [utc("2026-03-29T01:30")]


def test_an_end_that_comes_twice_is_never_in_the_past() -> None:
    """Quiet until 01:30 in the night of two 01:30s: in the second 01:10 the end is the second 01:30."""
    hours = QuietHours(time(22), time(1, 30))
    assert arranged(utc("2026-10-25T00:10"), hours=hours) == [utc("2026-10-25T00:30")]
    assert arranged(utc("2026-10-25T00:40"), hours=hours) == [utc("2026-10-25T00:40")]
    assert arranged(utc("2026-10-25T01:10"), hours=hours) == [utc("2026-10-25T01:30")]


_MINUTE = st.times().map(lambda t: t.replace(second=0, microsecond=0))
_HOURS = st.one_of(st.none(), st.builds(QuietHours, _MINUTE, _MINUTE))
_ZONES = st.sampled_from(
    [LONDON, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/St_Johns"), ZoneInfo("Antarctica/Troll")]
)
# Close together and around the changes of the clocks, so that pushes and odd hours really happen.
_AROUND = st.sampled_from(["2026-03-28T20:00", "2026-10-24T20:00", "2026-04-04T12:00", "2026-10-03T12:00"]).map(utc)
_WISHES = st.builds(
    lambda start, minutes: sorted(start + timedelta(minutes=m) for m in minutes),
    _AROUND,
    st.lists(st.integers(0, 2000), max_size=12),
)


@settings(max_examples=300, deadline=None)
@given(
    _WISHES,
    _HOURS,
    _ZONES,
    st.integers(0, 300).map(lambda minutes: timedelta(minutes=minutes)),
    st.one_of(st.none(), _AROUND),
)
def test_arranging_keeps_its_promises(
    wishes: list[datetime], hours: QuietHours | None, zone: ZoneInfo, spacing: timedelta, last: datetime | None
) -> None:
    """Never earlier, never in quiet hours, never too close, in order; and what is arranged stays where it is."""
    quiet = Quiet(hours, zone)
    due = list(arrange(wishes, quiet=quiet, spacing=spacing, last=last))
    assert len(due) == len(wishes)
    assert all(time >= wish for time, wish in zip(due, wishes, strict=True))
    assert all(time.tzinfo is UTC for time in due)
    assert not any(quiet.covers(to_wall(time, zone).time()) for time in due)
    assert all(later - earlier >= spacing for earlier, later in pairwise([*filter(None, [last]), *due]))
    assert list(arrange(due, quiet=quiet, spacing=spacing, last=last)) == due


@settings(max_examples=100, deadline=None)
@given(_WISHES, st.integers(1, 300).map(lambda minutes: timedelta(minutes=minutes)))
def test_nothing_waits_longer_than_it_must(wishes: list[datetime], spacing: timedelta) -> None:
    """Without quiet hours, each goes out at its time or exactly one spacing after the one before."""
    due = list(arrange(wishes, quiet=Quiet(None, LONDON), spacing=spacing))
    for number, (at_last, wish) in enumerate(zip(due, wishes, strict=True)):
        assert at_last in (wish, due[number - 1] + spacing)
