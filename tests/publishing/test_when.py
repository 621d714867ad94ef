"""When the bot looks after access, and when it asks how people took a post: pure decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socrbot.ledger import PublicPart
from socrbot.message import Receipt
from socrbot.publishing.access import step
from socrbot.publishing.measuring import AGES, AGES_WHERE_PAID, is_due

SENT = datetime(2026, 3, 7, 19, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def part(asked_after: timedelta | None = None) -> PublicPart:
    asked = None if asked_after is None else SENT + asked_after
    return PublicPart(1, 1, "x", Receipt("1"), SENT, asked)


@pytest.mark.parametrize(
    ("left", "warning"),
    [(11 * DAY, None), (10 * DAY, 10), (4 * DAY, 10), (3 * DAY, 3), (25 * HOUR, 3), (DAY, 1), (-DAY, 1)],
)
def test_people_are_warned_ten_three_and_one_day_before(left: timedelta, warning: int | None) -> None:
    """The nearest warning that has come; access that is over already is the last one."""
    assert step(SENT + left, SENT) == warning


@pytest.mark.parametrize(
    ("now", "asked", "due"),
    [
        (0.9 * HOUR, None, False),
        (HOUR, None, True),
        (2 * HOUR, 1.1 * HOUR, False),
        (6 * HOUR, 1.1 * HOUR, True),
        (29 * DAY, 7 * DAY, True),
        (29 * DAY, 28 * DAY, False),
    ],
)
def test_a_post_is_asked_about_when_it_has_reached_an_age(now: timedelta, asked: timedelta | None, due: bool) -> None:
    """An hour, six hours, a day, three days, a week, four weeks."""
    assert is_due(part(asked), AGES, SENT + now) is due


@given(st.lists(st.integers(0, 30 * 24 * 60), max_size=200).map(sorted), st.sampled_from([AGES, AGES_WHERE_PAID]))
def test_nobody_asks_more_often_than_there_are_ages(minutes: list[int], ages: tuple[timedelta, ...]) -> None:
    """Whenever passes are made, and however often: at most one question an age, and the last is never missed."""
    asked: timedelta | None = None
    questions = 0
    for minute in minutes:
        if is_due(part(asked), ages, SENT + timedelta(minutes=minute)):
            asked, questions = timedelta(minutes=minute), questions + 1
    assert questions <= len(ages)
    if minutes and timedelta(minutes=minutes[-1]) >= ages[-1]:
        assert asked is not None
        assert asked >= ages[-1]
