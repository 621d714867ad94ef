"""The clocks, and the rule that turns wall time into instants."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.clock import SystemClock, VirtualClock, WallTime, as_utc, to_instant, to_wall

LONDON = ZoneInfo("Europe/London")
wall = datetime.fromisoformat
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ZONES = [
    ZoneInfo(name)
    for name in ("Europe/London", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Chatham", "Africa/Casablanca")
]


def test_an_ordinary_time_is_what_the_zone_says() -> None:
    """A summer time in London is an hour ahead of UTC."""
    assert to_instant(wall("2026-07-01T09:00"), LONDON) == (datetime(2026, 7, 1, 8, 0, tzinfo=UTC), WallTime.ORDINARY)


def test_a_skipped_time_is_moved_forward() -> None:
    """01:30 does not exist on 29 March 2026 in London; it becomes 02:30 summer time."""
    instant, kind = to_instant(wall("2026-03-29T01:30"), LONDON)
    assert (instant, kind) == (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), WallTime.SKIPPED)
    assert to_wall(instant, LONDON) == wall("2026-03-29T02:30")


def test_a_time_that_exists_twice_means_the_first() -> None:
    """01:30 comes twice on 25 October 2026 in London; the first is summer time."""
    expected = (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), WallTime.TWICE)
    assert to_instant(wall("2026-10-25T01:30"), LONDON) == expected
    assert to_instant(wall("2026-10-25T01:30").replace(fold=1), LONDON) == expected


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("2026-03-29T00:59", WallTime.ORDINARY),
        ("2026-03-29T01:00", WallTime.SKIPPED),
        ("2026-03-29T01:59", WallTime.SKIPPED),
        ("2026-03-29T02:00", WallTime.ORDINARY),
        ("2026-10-25T00:59", WallTime.ORDINARY),
        ("2026-10-25T01:00", WallTime.TWICE),
        ("2026-10-25T01:59", WallTime.TWICE),
        ("2026-10-25T02:00", WallTime.ORDINARY),
    ],
)
def test_the_odd_hours_have_sharp_ends(written: str, kind: WallTime) -> None:
    """The odd hour begins with its first minute and ends before the next hour's."""
    assert to_instant(wall(written), LONDON)[1] is kind


def test_half_an_hour_is_moved_by_half_an_hour() -> None:
    """Lord Howe Island moves its clocks by thirty minutes, so a skipped time moves by as much."""
    zone = ZoneInfo("Australia/Lord_Howe")
    instant, kind = to_instant(wall("2026-10-04T02:15"), zone)
    assert kind is WallTime.SKIPPED
    assert to_wall(instant, zone) == wall("2026-10-04T02:45")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ZONES), st.datetimes(wall("2025-01-01T00:00"), wall("2035-01-01T00:00")))
def test_wall_time_comes_back_from_its_instant(zone: ZoneInfo, meant: datetime) -> None:
    """A wall time that exists is the wall time of its instant; one that does not comes back later."""
    instant, kind = to_instant(meant, zone)
    back = to_wall(instant, zone)
    assert instant.tzinfo is UTC
    assert back > meant if kind is WallTime.SKIPPED else back == meant.replace(fold=0)


def test_naive_and_aware_times_are_not_mixed_up() -> None:
    """A wall time with a zone and an instant without one are refused."""
    with pytest.raises(ValueError, match="has a zone"):
        to_instant(START, LONDON)
    with pytest.raises(ValueError, match="no time zone"):
        as_utc(wall("2026-03-01T12:00"))


def test_as_utc_keeps_the_instant() -> None:
    """The same instant in another zone is the same instant in UTC."""
    ahead = datetime(2026, 3, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    assert as_utc(ahead) == START
    assert as_utc(ahead).tzinfo is UTC


def test_the_virtual_clock_stands_still_until_it_is_moved() -> None:
    """Reading it changes nothing; moving it moves wall clock and monotonic clock alike."""
    clock = VirtualClock(START)
    assert clock.now() == clock.now() == START
    clock.advance(timedelta(minutes=5))
    assert (clock.now(), clock.monotonic()) == (START + timedelta(minutes=5), 300.0)


def test_a_jump_moves_the_wall_clock_alone() -> None:
    """After a jump back the monotonic clock has not moved: that is how a jump is noticed."""
    clock = VirtualClock(START)
    clock.jump(timedelta(hours=-1))
    assert (clock.now(), clock.monotonic()) == (START - timedelta(hours=1), 0.0)


def test_advance_to_never_goes_back() -> None:
    """An instant ahead is reached, one in the past changes nothing."""
    clock = VirtualClock(START)
    clock.advance_to(START + timedelta(days=1))
    clock.advance_to(START)
    assert (clock.now(), clock.monotonic()) == (START + timedelta(days=1), 86400.0)


def test_waiting_moves_the_virtual_clock_unless_the_event_is_set() -> None:
    """Waiting takes virtual time only, and none at all where there is nothing to wait for."""
    clock, event = VirtualClock(START), threading.Event()
    assert clock.wait(event, 10) is False
    event.set()
    assert clock.wait(event, 10) is True
    assert clock.monotonic() == 10.0


def test_the_system_clock_tells_utc_and_wakes_on_an_event() -> None:
    """Its time is aware and in UTC, its monotonic time never falls, and a set event ends the wait at once."""
    clock, event = SystemClock(), threading.Event()
    before = clock.monotonic()
    event.set()
    assert clock.wait(event, 30) is True
    assert 0 <= clock.monotonic() - before < 30
    assert clock.now().tzinfo is UTC
