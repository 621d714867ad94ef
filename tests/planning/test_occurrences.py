"""When a schedule is due: single times, lists, recurring ones, and the two odd hours of the year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.campaign import Draft, InSlot, Once, Schedule
from socrbot.clock import WallTime, to_wall
from socrbot.delivery import Kind
from socrbot.planning import Occurrence, occurrences
from socrbot.planning.occurrences import named, upcoming
from tests.planning.world import ALL_WEEK, LONDON, cron, every, once, utc, wall


def between(
    schedule: Schedule, start: str, end: str, *, zone: ZoneInfo = LONDON, first_seen: datetime | None = None
) -> list[Occurrence]:
    """The occurrences between two times in UTC."""
    return list(occurrences(schedule, zone=zone, start=utc(start), end=utc(end), first_seen=first_seen))


def keys(found: list[Occurrence]) -> list[str]:
    """Their keys."""
    return [occurrence.key for occurrence in found]


def test_a_single_time_is_called_once() -> None:
    """A single time keeps its identity when it is edited; so its key is not its time."""
    assert between(once("2026-03-07T19:00"), "2026-01-01", "2027-01-01") == [
        Occurrence("once", Kind.ONCE, wall("2026-03-07T19:00"), utc("2026-03-07T19:00"), WallTime.ORDINARY)
    ]


def test_a_list_is_known_by_its_times_and_each_counts_once() -> None:
    """Times in a list come in order, under their wall time; one that is written twice is one."""
    schedule = Once(
        (wall("2026-07-02T09:00"), wall("2026-07-01T09:00"), wall("2026-07-02T09:00")),
        listed=True,
    )
    assert keys(between(schedule, "2026-01-01", "2027-01-01")) == ["2026-07-01T09:00", "2026-07-02T09:00"]


def test_a_list_of_one_time_is_still_a_list() -> None:
    """A list with one time has that time as its key: a second may be added later."""
    schedule = Once((wall("2026-07-02T09:00"),), listed=True)
    assert keys(between(schedule, "2026-01-01", "2027-01-01")) == ["2026-07-02T09:00"]


def test_drafts_and_queued_posts_have_no_times_of_their_own() -> None:
    """A draft has none; a post in a slot waits for its queue."""
    assert between(Draft(), "2026-01-01", "2027-01-01") == []
    assert between(InSlot("weekly"), "2026-01-01", "2027-01-01") == []


def test_the_window_takes_its_start_and_leaves_its_end() -> None:
    """Windows that meet share no occurrence and lose none."""
    daily = every(ALL_WEEK, "09:00")
    assert keys(between(daily, "2026-01-05T09:00", "2026-01-06T09:00")) == ["2026-01-05T09:00"]
    assert keys(between(daily, "2026-01-05T09:01", "2026-01-06T09:01")) == ["2026-01-06T09:00"]


def test_weekdays_keep_their_wall_time_over_the_year() -> None:
    """Monday and Thursday at 19:00 is 19:00 in winter and in summer."""
    found = between(every([0, 3], "19:00"), "2026-03-23", "2026-04-06")
    assert keys(found) == ["2026-03-23T19:00", "2026-03-26T19:00", "2026-03-30T19:00", "2026-04-02T19:00"]
    assert [o.instant.hour for o in found] == [19, 19, 18, 18]


def test_until_is_the_last_day() -> None:
    """It still goes out on that day."""
    found = between(every(ALL_WEEK, "19:00", until=date(2026, 1, 6)), "2026-01-05", "2026-02-01")
    assert keys(found) == ["2026-01-05T19:00", "2026-01-06T19:00"]


def test_since_is_the_first_day() -> None:
    """Nothing goes out before it."""
    found = between(every(ALL_WEEK, "19:00", since=date(2026, 1, 30)), "2026-01-05", "2026-02-01")
    assert keys(found) == ["2026-01-30T19:00", "2026-01-31T19:00"]


@pytest.mark.parametrize("start", ["2026-01-01", "2026-01-06", "2025-06-01"])
def test_count_counts_from_since_whatever_the_window(start: str) -> None:
    """The same three days have the series, from whenever one looks."""
    series = every(ALL_WEEK, "19:00", since=date(2026, 1, 5), count=3)
    expected = ["2026-01-05T19:00", "2026-01-06T19:00", "2026-01-07T19:00"]
    assert keys(between(series, start, "2026-02-01")) == [key for key in expected if key >= start]


def test_count_without_since_counts_from_when_the_post_was_first_seen() -> None:
    """A time of day that was over when the post appeared is not counted: three means three."""
    series = every(ALL_WEEK, "19:00", count=3)
    found = between(series, "2026-01-01", "2026-02-01", first_seen=utc("2026-01-05T20:00"))
    assert keys(found) == ["2026-01-06T19:00", "2026-01-07T19:00", "2026-01-08T19:00"]


def test_count_and_until_both_end_a_series() -> None:
    """Whichever comes first."""
    series = every(ALL_WEEK, "19:00", since=date(2026, 1, 5), count=3, until=date(2026, 1, 6))
    assert len(between(series, "2026-01-01", "2026-02-01")) == 2
    over = every([0], "19:00", since=date(2026, 2, 1), until=date(2026, 1, 1), count=2)
    assert between(over, "2026-01-01", "2027-01-01") == []


def test_a_count_over_years_is_found() -> None:
    """A leap-day post that is to go out three times ends in the third leap year."""
    series = cron("0 9 29 2 *", since=date(2025, 1, 1), count=3)
    assert keys(between(series, "2025-01-01", "2060-01-01")) == [f"{year}-02-29T09:00" for year in (2028, 2032, 2036)]


def test_short_months_have_no_31st() -> None:
    """A post for the 31st goes out in seven months of the year, one for the last day in all."""
    assert len(between(cron("0 9 31 * *"), "2026-01-01", "2027-01-01")) == 7
    last = between(cron("0 9 last * *"), "2028-01-01", "2029-01-01")
    assert [o.wall.day for o in last] == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def test_each_half_hour_of_the_short_day_has_its_occurrence() -> None:
    """Every half hour in London on 29 March 2026: 48 wall times, of which two are moved forward by an hour."""
    found = [o for o in between(cron("*/30 * * * *"), "2026-03-28", "2026-03-31") if o.wall.date() == date(2026, 3, 29)]
    assert len({o.key for o in found}) == len(found) == 48
    moved = {o.key: to_wall(o.instant, LONDON) for o in found if o.odd is WallTime.SKIPPED}
    assert moved == {
        "2026-03-29T01:00": wall("2026-03-29T02:00"),
        "2026-03-29T01:30": wall("2026-03-29T02:30"),
    }


def test_each_half_hour_of_the_long_day_has_one_occurrence() -> None:
    """Every half hour in London on 25 October 2026: 48, and none in the second pass of the doubled hour."""
    around = between(cron("*/30 * * * *"), "2026-10-24", "2026-10-27")
    found = [o for o in around if o.wall.date() == date(2026, 10, 25)]
    assert len({o.instant for o in found}) == len(found) == 48
    assert not [o for o in found if utc("2026-10-25T01:00") <= o.instant < utc("2026-10-25T02:00")]


SCHEDULES = {
    "once": once("2026-03-29T01:30"),
    "list": Once((wall("2026-03-29T01:30"), wall("2026-10-25T01:30")), listed=True),
    "every": every(ALL_WEEK, "01:30"),
    "cron": cron("30 1 * * *"),
    "cron by weekday": cron("30 1 * * sun"),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_half_past_one_in_march_fires_once_moved_forward(name: str) -> None:
    """01:30 on 29 March 2026 does not exist in London: it goes out once, at 02:30 summer time."""
    found = between(SCHEDULES[name], "2026-03-28T12:00", "2026-03-29T12:00")
    assert [(o.instant, o.odd) for o in found] == [(utc("2026-03-29T01:30"), WallTime.SKIPPED)]


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name != "once"])
def test_half_past_one_in_october_fires_once_the_first_time(name: str) -> None:
    """01:30 on 25 October 2026 comes twice in London: it goes out once, the first time."""
    found = between(SCHEDULES[name], "2026-10-24T12:00", "2026-10-25T12:00")
    assert [(o.instant, o.odd) for o in found] == [(utc("2026-10-25T00:30"), WallTime.TWICE)]


@pytest.mark.parametrize("schedule", [every([6], "01:30"), cron("30 1 * * sun")], ids=["every", "cron"])
def test_a_slot_over_both_changes_has_one_time_a_week(schedule: object) -> None:
    """A weekly slot at 01:30 on Sundays keeps a time for each Sunday of the year, earliest first."""
    coming = upcoming(schedule, LONDON, utc("2026-01-01T00:00"))  # type: ignore[arg-type]
    found = [next(coming) for _ in range(52)]
    assert [o.wall for o in found] == [wall("2026-01-04T01:30") + timedelta(weeks=n) for n in range(52)]
    assert [o.instant for o in found] == sorted({o.instant for o in found})


def test_coming_times_end_with_their_schedule() -> None:
    """A slot that ends has no time after its last day, and one that never comes has none at all."""
    assert keys(list(upcoming(every([0], "09:00", until=date(2026, 1, 12)), LONDON, utc("2026-01-01T00:00")))) == [
        "2026-01-05T09:00",
        "2026-01-12T09:00",
    ]
    assert list(upcoming(cron("0 9 30 2 *"), LONDON, utc("2026-01-01T00:00"))) == []
    assert list(upcoming(every([], "09:00"), LONDON, utc("2026-01-01T00:00"))) == []


def test_coming_times_wait_for_the_day_from_which_they_count() -> None:
    """A slot that starts in three years has its first time then."""
    first = next(upcoming(every([0], "09:00", since=date(2029, 1, 1)), LONDON, utc("2026-01-01T00:00")))
    assert first.key == "2029-01-01T09:00"


@pytest.mark.parametrize(
    ("key", "there"),
    [("2026-01-05T19:00", True), ("2026-01-06T19:00", False), ("2026-01-05T19:30", False), ("once", False)],
)
def test_one_occurrence_is_found_by_its_key(key: str, there: bool) -> None:
    """A key names an occurrence only while the schedule has that very time."""
    found = named(every([0], "19:00"), LONDON, key, first_seen=utc("2026-01-01T00:00"))
    assert (found is not None and found.key == key) is there


ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Paris", "Europe/Athens", "Europe/Chisinau",
        "Atlantic/Azores", "America/Scoresbysund", "America/St_Johns", "America/Halifax", "America/New_York",
        "America/Havana", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage",
        "America/Adak", "America/Santiago", "America/Asuncion", "America/Miquelon", "America/Nuuk",
        "Asia/Jerusalem", "Asia/Beirut", "Africa/Cairo", "Africa/Casablanca", "Australia/Sydney",
        "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Antarctica/Troll",
        "Pacific/Norfolk",
    )
]  # fmt: skip


@cache
def transitions(zone: ZoneInfo) -> tuple[tuple[datetime, timedelta], ...]:
    """The instants from 2025 to 2035 at which the zone changes its clocks, and by how much."""
    hour = datetime(2025, 1, 1, tzinfo=UTC)
    found = []
    while hour.year < 2036:
        later = hour + timedelta(hours=6)
        if hour.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            found.append(_exactly(zone, hour, later))
        hour = later
    return tuple(found)


def _exactly(zone: ZoneInfo, before: datetime, after: datetime) -> tuple[datetime, timedelta]:
    old, new = before.astimezone(zone).utcoffset(), after.astimezone(zone).utcoffset()
    assert old is not None
    assert new is not None
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(second=0, microsecond=0), new - old


def test_the_zones_have_changes_to_look_at() -> None:
    """Thirty zones change their clocks in these years, six hundred times in all: the next test means something."""
    counts = [len(transitions(zone)) for zone in ZONES]
    assert sum(1 for count in counts if count) >= 30
    assert sum(counts) >= 600


@pytest.mark.parametrize("zone", ZONES, ids=lambda zone: zone.key)
def test_every_change_of_the_clocks_gives_each_wall_time_one_occurrence(zone: ZoneInfo) -> None:
    """Around each change, every wall time occurs once: in the gap moved forward, in the overlap the first time."""
    for instant, size in transitions(zone):
        change = to_wall(instant - timedelta(seconds=1), zone).replace(second=0) + timedelta(minutes=1)
        for minutes in (-90, -45, -15, 0, 15, 29, 45, 59, 60, 90):
            intended = change + timedelta(minutes=minutes)
            daily = every(ALL_WEEK, intended.time().isoformat())
            window = occurrences(daily, zone=zone, start=instant - timedelta(days=2), end=instant + timedelta(days=2))
            _judge(list(window), intended, zone=zone, change=(instant, size))


def _judge(found: list[Occurrence], intended: datetime, *, zone: ZoneInfo, change: tuple[datetime, timedelta]) -> None:
    """Holds what was found to a rule that is worked out from the change alone."""
    instant, size = change
    begins = to_wall(instant - timedelta(seconds=1), zone).replace(second=0) + timedelta(minutes=1)
    before = instant - begins.replace(tzinfo=UTC)
    exact = [o for o in found if o.wall == intended]
    assert len(exact) == 1
    assert len({o.key for o in found}) == len(found)
    # By the old clocks until the change; a wall time in the gap keeps them, one that exists twice too.
    by_old_clocks = intended.replace(tzinfo=UTC) + before
    old = intended < begins + max(size, timedelta(0))
    assert exact[0].instant == (by_old_clocks if old else by_old_clocks - size)
    skipped = begins <= intended < begins + size
    twice = begins + size <= intended < begins
    assert exact[0].odd is (WallTime.SKIPPED if skipped else WallTime.TWICE if twice else WallTime.ORDINARY)
    assert to_wall(exact[0].instant, zone) == (intended + size if skipped else intended)


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sets(st.integers(0, 6), min_size=1),
    st.times(min_value=time(0), max_value=time(23, 59)).map(lambda t: t.replace(second=0, microsecond=0)),
    st.datetimes(wall("2025-01-01T00:00"), wall("2034-01-01T00:00")),
    st.lists(st.integers(1, 400), min_size=1, max_size=6),
)
def test_windows_in_a_row_find_what_one_window_finds(
    zone: ZoneInfo, weekdays: set[int], when: time, begin: datetime, steps: list[int]
) -> None:
    """However the time is cut into windows, each occurrence is found in exactly one of them."""
    schedule = every(sorted(weekdays), when.isoformat())
    start = begin.replace(tzinfo=UTC)
    cuts = [start]
    for step in steps:
        cuts.append(cuts[-1] + timedelta(hours=step))
    pieces = [o for a, b in pairwise(cuts) for o in occurrences(schedule, zone=zone, start=a, end=b)]
    whole = list(occurrences(schedule, zone=zone, start=start, end=cuts[-1]))
    assert sorted(o.key for o in pieces) == [o.key for o in whole]
    assert all(o.wall.weekday() in weekdays for o in whole)


def test_far_ahead_and_far_back_stay_within_the_calendar() -> None:
    """A window at the end of the calendar is no error."""
    end = datetime.max.replace(tzinfo=UTC)
    assert between(once("2026-03-07T19:00"), "2026-01-01", "9999-12-31") != []
    assert list(occurrences(every([0], "09:00"), zone=LONDON, start=end - timedelta(days=30), end=end)) == []
