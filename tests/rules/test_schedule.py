"""Times that are past, never come, are odd, or fall into the quiet hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from socrbot.campaign import Draft, Every, InSlot, Once, QuietHours, Schedule, Slot
from socrbot.delivery import Delivery, Kind, State
from socrbot.errors import Place, Problem, Severity
from socrbot.rules import History
from tests.rules.making import EMPTY_LEDGER, HAD_IT, LONG_AGO, campaign, check, codes, post, situation, survey

NIGHT = QuietHours(time(21, 30), time(7, 0))
WHEN = Place("posts/law.yaml", 5, 1)
BEFORE_SPRING = datetime(2026, 3, 20, 12, tzinfo=UTC)
BEFORE_AUTUMN = datetime(2026, 10, 20, 12, tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def once(*walls: str) -> Once:
    return Once(tuple(map(wall, walls)), listed=len(walls) > 1)


def severities(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [(problem.code, str(problem.severity)) for problem in problems]


PAST = once("2026-11-24 11:59")
AHEAD = once("2026-11-24 12:01")


@pytest.mark.parametrize("history", [None, HAD_IT, EMPTY_LEDGER])
def test_a_time_ahead_is_left_alone(history: History | None) -> None:
    """A time that is still to come is no problem, whatever the ledger knows."""
    assert check(post(schedule=AHEAD), history=history) == ()


def test_a_past_time_matters_by_what_is_known_of_it() -> None:
    """Without a ledger a warning; never planned an error; planned once it is history."""
    assert severities(check(post(schedule=PAST))) == [("past-time", "warning")]
    assert severities(check(post(schedule=PAST), history=EMPTY_LEDGER)) == [("past-time", "error")]
    assert check(post(schedule=PAST), history=HAD_IT) == ()


def test_a_ledger_that_is_younger_than_the_time_cannot_know() -> None:
    """What was due before the ledger began is a warning, for another ledger may have had it; after that an error."""
    nine, noon = datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert severities(check(post(schedule=PAST), history=History(nine))) == [("past-time", "error")]
    assert severities(check(post(schedule=PAST), history=History(noon))) == [("past-time", "warning")]
    assert check(post(schedule=PAST), history=History(noon, frozenset({"law"}))) == ()


def test_a_new_time_for_what_is_settled_is_a_problem() -> None:
    """An edit after the post went out would look like a plan and send nothing; a list or a queue is left alone."""
    nine = datetime(2026, 11, 24, 9, tzinfo=UTC)
    sent = History(LONG_AGO, frozenset({"law"}), {"law": (State.SENT, nine)})
    [problem] = check(post(schedule=AHEAD), history=sent)
    assert (problem.code, problem.severity, problem.place) == ("already-sent", Severity.ERROR, WHEN)
    assert "went out" in problem.message
    assert check(post(schedule=PAST), history=sent) == ()
    assert check(post(schedule=replace(AHEAD, listed=True)), history=sent) == ()
    assert check(post(schedule=AHEAD), history=HAD_IT) == ()
    by_hand = History(LONG_AGO, frozenset({"law"}), {"law": (State.SENT, datetime(2026, 11, 24, 12, 1, tzinfo=UTC))})
    assert check(post(schedule=AHEAD), history=by_hand) == (), "published by hand before its time: no edit"


def test_history_tells_what_became_of_single_times() -> None:
    """An edit's cancel comes back with the post; a person's does not, and what waits is not settled."""

    def one(name: str, state: State, *, by_person: bool = False, kind: Kind = Kind.ONCE) -> Delivery:
        return replace(situation(post()).delivery, post=name, state=state, by_person=by_person, kind=kind)

    history = History.of(
        [
            one("sent", State.SENT),
            one("waits", State.PLANNED),
            one("edited", State.CANCELLED),
            one("stopped", State.CANCELLED, by_person=True),
            one("weekly", State.SENT, kind=Kind.EVERY),
            one("half", State.SENT),
            one("half", State.PLANNED),
        ],
        since=LONG_AGO,
    )
    assert history.known == {"sent", "waits", "edited", "stopped", "weekly", "half"}
    assert {name: state for name, (state, _) in history.settled.items()} == {
        "sent": State.SENT,
        "stopped": State.CANCELLED,
    }


def test_a_past_time_is_told_in_words_at_its_place() -> None:
    """The problem stands at `when` and names the day and the hour."""
    [problem] = check(post(schedule=PAST))
    assert problem.place == WHEN
    assert "Tuesday 24 November 2026, 11:59" in problem.message


def test_one_past_time_of_a_list_keeps_nothing_else_back() -> None:
    """Where other times are still to come, the past one is a warning."""
    some = once("2026-11-24 11:00", "2026-11-25 11:00")
    assert severities(check(post(schedule=some), history=EMPTY_LEDGER)) == [("past-time", "warning")]
    both = once("2026-11-24 11:00", "2026-11-23 11:00")
    assert severities(check(post(schedule=both), history=EMPTY_LEDGER)) == [("past-time", "error")]


def test_past_is_counted_where_the_campaign_lives() -> None:
    """In summer 19:00 in London is 18:00 UTC."""
    seven = once("2026-07-01 19:00")
    assert check(post(schedule=seven), now=datetime(2026, 7, 1, 17, 59, tzinfo=UTC)) == ()
    assert codes(check(post(schedule=seven), now=datetime(2026, 7, 1, 18, 1, tzinfo=UTC))) == ["past-time"]


@pytest.mark.parametrize("schedule", [Draft(), InSlot("weekend"), Every(weekdays=(5,), at=time(19))])
def test_drafts_slots_and_endless_series_have_no_past(schedule: Schedule) -> None:
    """What has no date of its own is not past."""
    assert check(post(schedule=schedule), history=EMPTY_LEDGER) == ()


@pytest.mark.parametrize(
    "every",
    [
        Every(weekdays=(5,), at=time(19), since=date(2027, 1, 10), until=date(2027, 1, 9)),
        Every(weekdays=(5,), at=time(19), since=date(2027, 1, 10), until=date(2027, 1, 15)),
        Every(cron="0 9 1 * *", since=date(2027, 1, 2), until=date(2027, 1, 31)),
    ],
)
def test_a_series_without_any_time_is_an_error(every: Every) -> None:
    """No Saturday, or no first of the month, between `since` and `until`: an error, ledger or not."""
    for history in (None, HAD_IT, EMPTY_LEDGER):
        assert severities(check(post(schedule=every), history=history)) == [("never", "error")]


def test_a_series_that_has_ended_is_history_once_it_ran() -> None:
    """An ended series warns without a ledger, is an error if it never ran, and nothing if it did."""
    ended = Every(weekdays=(5,), at=time(19), until=date(2026, 11, 21))
    assert severities(check(post(schedule=ended))) == [("never", "warning")]
    assert severities(check(post(schedule=ended), history=EMPTY_LEDGER)) == [("never", "error")]
    assert check(post(schedule=ended), history=HAD_IT) == ()


@pytest.mark.parametrize("until", ["2026-11-28", "9999-12-31"])
def test_a_series_with_one_time_left_is_left_alone(until: str) -> None:
    """`until` is itself a good day, and may be as far away as dates go."""
    every = Every(weekdays=(5,), at=time(19), until=date.fromisoformat(until))
    assert check(post(schedule=every), history=EMPTY_LEDGER) == ()


def test_a_slot_that_ended_is_told_while_posts_wait_in_it() -> None:
    """An ended slot is a problem only where some post names it."""
    slot = Slot(
        "weekend", Every(weekdays=(5,), at=time(19), until=date(2026, 11, 21)), Place("config/campaign.yaml", 12, 3)
    )
    waiting = post(schedule=InSlot("weekend"))
    [problem] = [each for each in survey(campaign(waiting, slots={"weekend": slot})) if each.code == "never"]
    assert problem.place == slot.place
    assert "never" not in codes(survey(campaign(post(), slots={"weekend": slot})))


@pytest.mark.parametrize(
    "schedule",
    [once("2026-03-29 01:30"), Every(weekdays=(6,), at=time(1, 30)), Every(cron="30 1 * * sun")],
)
def test_a_time_that_the_clocks_skip_is_a_warning(schedule: Schedule) -> None:
    """01:30 on 29 March 2026 does not exist in London; the warning says when the post goes out."""
    [problem] = check(post(schedule=schedule), now=BEFORE_SPRING)
    assert (problem.code, problem.severity, problem.place) == ("time-skipped", "warning", WHEN)
    assert "It goes out at 02:30." in problem.message


@pytest.mark.parametrize(
    "schedule",
    [once("2026-10-25 01:30"), Every(weekdays=(6,), at=time(1, 30)), Every(cron="30 1 * * sun")],
)
def test_a_time_that_comes_twice_is_a_warning(schedule: Schedule) -> None:
    """01:30 on 25 October 2026 comes twice in London; it means the first."""
    [problem] = check(post(schedule=schedule), now=BEFORE_AUTUMN)
    assert (problem.code, problem.severity) == ("time-twice", "warning")
    assert "It goes out at the first." in problem.message


@pytest.mark.parametrize(
    ("schedule", "now"),
    [
        (once("2026-03-29 00:59"), BEFORE_SPRING),
        (once("2026-03-29 02:00"), BEFORE_SPRING),
        (once("2026-03-22 01:30"), BEFORE_SPRING),
        (Every(weekdays=(5,), at=time(1, 30)), BEFORE_SPRING),
        (Every(weekdays=(6,), at=time(2, 30)), BEFORE_SPRING),
        (Every(weekdays=(6,), at=time(1, 30), until=date(2026, 3, 28)), BEFORE_SPRING),
        (Every(weekdays=(6,), at=time(1, 30)), datetime(2026, 6, 1, tzinfo=UTC)),
    ],
)
def test_times_beside_the_change_are_left_alone(schedule: Schedule, now: datetime) -> None:
    """Another hour, another day, after the last day, or long before the change: nothing to say."""
    assert check(post(schedule=schedule), now=now) == ()


@pytest.mark.parametrize(
    ("schedule", "moved"),
    [
        (once("2026-11-25 22:00"), "Thursday 26 November 2026, 07:00"),
        (once("2026-11-25 21:30"), "Thursday 26 November 2026, 07:00"),
        (once("2026-11-25 06:59"), "Wednesday 25 November 2026, 07:00"),
        (Every(weekdays=(5,), at=time(23)), "Sunday 29 November 2026, 07:00"),
        (Every(cron="0 3 * * fri"), "Friday 27 November 2026, 07:00"),
    ],
)
def test_a_time_in_the_quiet_hours_is_a_warning(schedule: Schedule, moved: str) -> None:
    """The warning says to which time the post moves."""
    [problem] = check(post(schedule=schedule), quiet_hours=NIGHT)
    assert (problem.code, problem.severity, problem.place) == ("quiet-hours", "warning", WHEN)
    assert problem.message.endswith(f"It goes out at {moved}.")


@pytest.mark.parametrize(
    "schedule", [once("2026-11-25 21:29"), once("2026-11-25 07:00"), Every(weekdays=(5,), at=time(12)), Draft()]
)
def test_times_outside_the_quiet_hours_are_left_alone(schedule: Schedule) -> None:
    """The minute before they begin and the one at which they end are not quiet."""
    assert check(post(schedule=schedule), quiet_hours=NIGHT) == ()


def test_a_past_time_is_not_also_quiet_or_odd() -> None:
    """Of a time that is over, only that is said."""
    assert codes(check(post(schedule=once("2026-10-25 01:30")), quiet_hours=NIGHT)) == ["past-time"]


def test_a_slot_in_the_quiet_hours_or_at_an_odd_time_is_told_at_the_slot() -> None:
    """Slots get the same warnings, once, where they are written."""
    slot = Slot("night", Every(weekdays=(6,), at=time(1, 30)), Place("config/campaign.yaml", 12, 3))
    found = survey(campaign(slots={"night": slot}, links={}, quiet_hours=NIGHT), now=BEFORE_SPRING)
    assert codes(found) == ["time-skipped", "quiet-hours"]
    assert {problem.place for problem in found} == {slot.place}
