"""Schedules: times that are past, never come, do not exist or exist twice, or fall into the quiet hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from socrbot.campaign import Every, InSlot, Once, Post, Slot
from socrbot.clock import WallTime, to_instant, to_wall
from socrbot.delivery import State
from socrbot.errors import Problem, Severity
from socrbot.planning.arranging import Quiet
from socrbot.planning.occurrences import occurrences, upcoming
from socrbot.rules.base import Context, Rule, Subject

_DAY = timedelta(days=1)
_BECAME = {
    State.SENT: "it went out",
    State.WITHDRAWN: "it went out, and was deleted",
    State.FAILED: "it could not be sent",
    State.MISSED: "it was too late",
    State.CANCELLED: "somebody cancelled it",
}


def check_past(subject: Subject, context: Context) -> Iterator[Problem]:
    """Dated posts whose time is past though nothing was ever planned for them."""
    post = subject.post
    if not isinstance(post.schedule, Once):
        return
    past = [wall for wall in post.schedule.walls if to_instant(wall, context.campaign.zone)[0] <= context.now]
    severity = _severity_of_past(post, max(past), context) if past else None
    if severity is None:
        return
    if len(past) < len(post.schedule.walls):
        severity = Severity.WARNING  # the other times still come
    them = "This time is" if len(past) == 1 else "These times are"
    yield PAST.problem(
        post.place_of("when"),
        f"{them} already past: {'; '.join(map(wall_in_words, past))}.",
        hint="Write a time that is still to come, or move the file to posts/drafts/.",
        post=post.id,
        severity=severity,
    )


def check_settled(subject: Subject, context: Context) -> Iterator[Problem]:
    """Posts that got a new time after their only one was used up."""
    post = subject.post
    settled = context.history.settled.get(post.id) if context.history is not None else None
    if settled is None or not isinstance(post.schedule, Once) or post.schedule.listed:
        return
    became, was_for = settled
    time_now = to_instant(post.schedule.walls[0], context.campaign.zone)[0]
    if time_now > context.now and time_now != was_for:
        yield SETTLED.problem(
            post.place_of("when"),
            f"This post had its time already ({_BECAME.get(became, 'over')}). A new time does not send it again.",
            hint="To say it again, write a new post with an id of its own and other words.",
            post=post.id,
        )


def check_never(subject: Subject, context: Context) -> Iterator[Problem]:
    """Recurring posts of which no time is left between their first and their last day."""
    post = subject.post
    every = post.schedule
    if not isinstance(every, Every) or every.until is None or _comes_again(every, context):
        return
    if every.since is not None and not _comes_from(every, every.since, context):
        severity: Severity | None = Severity.ERROR
        why = f"No time falls between {_day(every.since)} and {_day(every.until)}"
    else:
        severity = _severity_of_past(post, datetime.combine(every.until, time.max), context)
        why = f"No time is left before its last day, {_day(every.until)}"
    if severity is not None:
        yield NEVER.problem(
            post.place_of("when.until"),
            f"{why}, so this post never goes out.",
            hint="Write a later day at `until:`, or move the file to posts/drafts/.",
            post=post.id,
            severity=severity,
        )


def survey_never(context: Context) -> Iterator[Problem]:
    """Slots that have come to their end while posts still wait in them."""
    for slot in context.campaign.slots.values():
        if slot.every.until is None or _comes_again(slot.every, context):
            continue
        waiting = sum(_waits_in(post, slot) for post in context.campaign.posts.values())
        if waiting:
            yield NEVER.problem(
                slot.place,
                f"The slot “{slot.name}” ended on {_day(slot.every.until)}, and {waiting} of the posts name it.",
                hint="Write a later day at `until:`, or give the posts another slot.",
            )


def check_odd_times(subject: Subject, context: Context) -> Iterator[Problem]:
    """Times to come that the change of the clocks skips or brings twice."""
    post = subject.post
    for wall, odd in _odd_times(post.schedule, context):
        rule, message, hint = _odd_in_words(wall, odd, context.campaign.zone)
        yield rule.problem(post.place_of("when"), message, hint=hint, post=post.id)


def survey_odd_times(context: Context) -> Iterator[Problem]:
    """The same for the times of slots."""
    for slot in context.campaign.slots.values():
        for wall, odd in _odd_times(slot.every, context):
            rule, message, hint = _odd_in_words(wall, odd, context.campaign.zone)
            yield rule.problem(slot.place, f"Slot “{slot.name}”: {message}", hint=hint)


def check_quiet(subject: Subject, context: Context) -> Iterator[Problem]:
    """Posts whose time is within the quiet hours."""
    post = subject.post
    if context.campaign.quiet_hours is None:
        return
    moved = _first_quiet(post.schedule, context)
    if moved is not None:
        message, hint = _quiet_in_words(*moved, context)
        yield QUIET.problem(post.place_of("when"), message, hint=hint, post=post.id)


def survey_quiet(context: Context) -> Iterator[Problem]:
    """Slots whose time is within the quiet hours."""
    if context.campaign.quiet_hours is None:
        return
    for slot in context.campaign.slots.values():
        moved = _first_quiet(slot.every, context)
        if moved is not None:
            message, hint = _quiet_in_words(*moved, context)
            yield QUIET.problem(slot.place, f"Slot “{slot.name}”: {message}", hint=hint)


def wall_in_words(wall: datetime) -> str:
    """A wall time as people write it: "Saturday 7 March 2026, 19:00"."""
    return f"{wall:%A} {_day(wall)}, {wall:%H:%M}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _severity_of_past(post: Post, wall: datetime, context: Context) -> Severity | None:
    """How much a time that is past matters: not at all once the post was planned for it.

    A ledger that is younger than the time cannot know whether an earlier one had it: then it is no error.
    """
    history = context.history
    if history is None:
        return Severity.WARNING
    if post.id in history.known:
        return None
    return Severity.ERROR if to_instant(wall, context.campaign.zone)[0] >= history.since else Severity.WARNING


def _waits_in(post: Post, slot: Slot) -> bool:
    return isinstance(post.schedule, InSlot) and post.schedule.slot == slot.name


def _comes_again(every: Every, context: Context) -> bool:
    """Whether a recurring time with a last day comes once more."""
    return every.until is None or next(upcoming(every, context.campaign.zone, context.now), None) is not None


def _comes_from(every: Every, first: date, context: Context) -> bool:
    """Whether a recurring time comes at all from the day `first` on."""
    midnight = to_instant(datetime.combine(first, time()), context.campaign.zone)[0]
    return next(upcoming(every, context.campaign.zone, midnight - timedelta(minutes=1)), None) is not None


def _odd_times(schedule: object, context: Context) -> Iterator[tuple[datetime, WallTime]]:
    """The odd ones among the times of a schedule that the plan looks ahead to; of dated posts all that are to come."""
    zone = context.campaign.zone
    if isinstance(schedule, Once):
        for wall in schedule.walls:
            instant, odd = to_instant(wall, zone)
            if odd is not WallTime.ORDINARY and instant > context.now:
                yield wall, odd
    elif isinstance(schedule, Every):
        for day in _changes(zone, context.today, context.campaign.plan_ahead.days):
            if schedule.at is None or _is_odd(datetime.combine(day, schedule.at), zone):
                yield from _odd_on(schedule, day, context)


def _odd_on(every: Every, day: date, context: Context) -> Iterator[tuple[datetime, WallTime]]:
    zone = context.campaign.zone
    start = to_instant(datetime.combine(day, time()), zone)[0]
    for found in occurrences(every, zone=zone, start=max(start, context.now), end=start + 2 * _DAY):
        if found.odd is not WallTime.ORDINARY and found.wall.date() == day:
            yield found.wall, found.odd


def _is_odd(wall: datetime, zone: ZoneInfo) -> bool:
    return to_instant(wall, zone)[1] is not WallTime.ORDINARY


@lru_cache(maxsize=64)
def _changes(zone: ZoneInfo, first: date, days: int) -> tuple[date, ...]:
    """The days, from `first` on, on which the clocks change in the zone."""
    midnights = [datetime.combine(first + number * _DAY, time(), zone) for number in range(days + 2)]
    return tuple(
        midnight.date() for midnight, following in pairwise(midnights) if midnight.utcoffset() != following.utcoffset()
    )


def _odd_in_words(wall: datetime, odd: WallTime, zone: ZoneInfo) -> tuple[Rule, str, str]:
    said = wall_in_words(wall)
    if odd is WallTime.TWICE:
        message = f"{said} comes twice, because the clocks go back. It goes out at the first."
        return TWICE, message, "If you mean the second, write a time after the change."
    instead = to_wall(to_instant(wall, zone)[0], zone)
    message = f"{said} does not exist, because the clocks go forward. It goes out at {instead:%H:%M}."
    return SKIPPED, message, f"Write {instead:%H:%M} if that is what you mean."


def _first_quiet(schedule: object, context: Context) -> tuple[datetime, datetime] | None:
    """The first time to come that is quiet, and the one to which it moves, as wall times."""
    quiet = _quiet(context)
    zone = context.campaign.zone
    for instant in _coming(schedule, context, quiet):
        leaves = quiet.leave(instant)
        if leaves != instant:
            return to_wall(instant, zone), to_wall(leaves, zone)
    return None


def _coming(schedule: object, context: Context, quiet: Quiet) -> Iterator[datetime]:
    zone = context.campaign.zone
    if isinstance(schedule, Once):
        instants = (to_instant(wall, zone)[0] for wall in schedule.walls)
        yield from (instant for instant in instants if instant > context.now)
    elif isinstance(schedule, Every) and schedule.at is not None:
        # All its times are at one time of day, so the next one stands for all.
        if quiet.covers(schedule.at):
            first = next(upcoming(schedule, zone, context.now), None)
            yield from () if first is None else (first.instant,)
    elif isinstance(schedule, Every):
        end = context.now + context.campaign.plan_ahead
        found = occurrences(schedule, zone=zone, start=context.now, end=end)
        yield from (occurrence.instant for occurrence in found)


def _quiet(context: Context) -> Quiet:
    return Quiet(context.campaign.quiet_hours, context.campaign.zone)


def _quiet_in_words(wall: datetime, moved: datetime, context: Context) -> tuple[str, str]:
    hours = context.campaign.quiet_hours
    between = f"{hours.start:%H:%M} to {hours.end:%H:%M}" if hours is not None else "none"
    message = f"{wall_in_words(wall)} is in the quiet hours ({between}). It goes out at {wall_in_words(moved)}."
    return message, "Write that time, or another one outside the quiet hours."


PAST = Rule(
    code="past-time",
    severity=Severity.ERROR,
    reason="A post for a time that is over never goes out on its own. Somebody has to decide what becomes of it.",
    check=check_past,
)
SETTLED = Rule(
    code="already-sent",
    severity=Severity.ERROR,
    reason="What happened stays as it was. An edit of the time after it would look like a plan and send nothing.",
    check=check_settled,
)
NEVER = Rule(
    code="never",
    severity=Severity.ERROR,
    reason="A schedule that ends before it begins sends nothing, and nobody would notice.",
    check=check_never,
    survey=survey_never,
)
SKIPPED = Rule(
    code="time-skipped",
    severity=Severity.WARNING,
    reason="On one night in spring an hour does not exist. The post goes out all the same, later by that hour.",
    source="The IANA time zone database.",
    check=check_odd_times,
    survey=survey_odd_times,
)
TWICE = Rule(
    code="time-twice",
    severity=Severity.WARNING,
    reason="On one night in autumn an hour comes twice. The post goes out once, at the first.",
    source="The IANA time zone database.",
)
QUIET = Rule(
    code="quiet-hours",
    severity=Severity.WARNING,
    reason="Nothing goes out in the quiet hours, so the post goes out at another time than the file says.",
    check=check_quiet,
    survey=survey_quiet,
)

# Problems of a time that is over. They go as soon as the ledger has the post.
OVER = frozenset({PAST.code, NEVER.code})
RULES = (PAST, SETTLED, NEVER, SKIPPED, TWICE, QUIET)
