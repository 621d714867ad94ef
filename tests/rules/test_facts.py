"""Facts that are old, retired, gone, or lack their source."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from socrbot import rules
from socrbot.campaign import Every, Fact
from socrbot.errors import Place
from tests.rules.making import campaign, check, codes, fact, post, situation, survey

USES = "So many win: {{ fact('tribunal').figure }} of them."
WEEKLY = Every(weekdays=(0,), at=datetime(2026, 1, 1, 9).time())  # noqa: DTZ001
LAST_DAY = date(2026, 11, 24)


def with_fact(**changes: Any) -> dict[str, Any]:
    return {"facts": {"tribunal": fact(**changes)}}


def test_a_fact_in_order_is_left_alone() -> None:
    """A fact with source and a day far ahead gives no problem and no hold."""
    assert check(post(USES)) == ()
    assert survey(campaign(post(USES, schedule=WEEKLY))) == survey(campaign())
    assert rules.look(situation(post(USES))) is None


def test_a_stale_fact_is_an_error_where_it_is_used() -> None:
    """The problem stands at the very words that use the fact."""
    [problem] = check(post("First line.\n" + USES), **with_fact(check_again=date(2026, 11, 23)))
    assert problem.code == "fact-stale"
    assert problem.severity == "error"
    assert problem.place == Place("posts/law.yaml", 3, 2 + USES.index("fact(") + 1)
    assert "23 November 2026" in problem.message


def test_a_fact_may_go_out_on_its_last_day() -> None:
    """`check_again` itself is still a good day: for the check and for the last moment."""
    assert check(post(USES), **with_fact(check_again=LAST_DAY)) == ()
    assert rules.look(situation(post(USES), **with_fact(check_again=LAST_DAY))) is None


@pytest.mark.parametrize(
    ("now", "held"),
    [
        (datetime(2026, 7, 1, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 7, 1, 23, 0, tzinfo=UTC), True),
    ],
)
def test_the_day_ends_where_the_campaign_lives(now: datetime, held: bool) -> None:
    """In British summer time the last day is over at 23:00 UTC."""
    found = rules.look(situation(post(USES), now=now, **with_fact(check_again=date(2026, 7, 1))))
    assert (found is not None) is held


def test_a_fact_that_is_only_listed_counts_too() -> None:
    """A post that names a stale fact under `facts` is an error, and is held."""
    one = post("Nearly all win.", facts=("tribunal",), places={"facts.0": Place("posts/law.yaml", 7, 5)})
    [problem] = check(one, **with_fact(check_again=date(2026, 1, 1)))
    assert problem.place == Place("posts/law.yaml", 7, 5)
    held = rules.look(situation(one, **with_fact(check_again=date(2026, 1, 1))))
    assert held is not None
    assert held.code == "fact-stale"


def test_a_retired_fact_is_an_error_with_its_reason() -> None:
    """A retired fact says why, and is not called stale as well."""
    [problem] = check(post(USES), **with_fact(retired="New figures came out", check_again=date(2026, 1, 1)))
    assert problem.code == "fact-retired"
    assert "New figures came out." in problem.message
    held = rules.look(situation(post(USES), **with_fact(retired="New figures came out")))
    assert held is not None
    assert held.code == "fact-retired"


def test_a_fact_that_is_gone_holds() -> None:
    """A message that was made with a fact which the files no longer have does not go out."""
    made = situation(post(USES))
    held = rules.look(replace(made, campaign=campaign(post(USES), facts={})))
    assert held is not None
    assert held.code == "fact-gone"


def test_a_fact_near_its_day_is_told_once_with_how_many_use_it() -> None:
    """Two of three posts use it: one warning, at the fact, which says "2 posts"."""
    posts = [post(USES, schedule=WEEKLY, name=name) for name in ("one", "two")]
    whole = campaign(
        *posts, post("Nothing.", schedule=WEEKLY, name="three"), **with_fact(check_again=date(2026, 12, 8))
    )
    [problem] = [each for each in survey(whole) if each.code == "fact-soon-stale"]
    assert problem.severity == "warning"
    assert problem.place == fact().place
    assert "2 posts use it" in problem.message
    assert "8 December 2026" in problem.message


@pytest.mark.parametrize(
    "one",
    [
        fact(check_again=date(2026, 12, 9)),
        fact(check_again=date(2026, 11, 23)),
        fact(check_again=date(2026, 12, 1), retired="Old."),
    ],
)
def test_facts_far_from_their_day_past_it_or_retired_are_not_near(one: Fact) -> None:
    """More than 14 days ahead, already past, or retired: no reminder."""
    whole = campaign(post(USES, schedule=WEEKLY), facts={"tribunal": one})
    assert "fact-soon-stale" not in codes(survey(whole))


def test_nobody_is_reminded_of_what_no_post_uses() -> None:
    """A near or unsourced fact that no post, or only a draft, uses is not a problem."""
    bare = {"check_again": LAST_DAY, "source": None}
    for whole in (campaign(**with_fact(**bare)), campaign(post(USES), **with_fact(**bare))):
        assert not {"fact-soon-stale", "fact-no-source"} & set(codes(survey(whole)))


def test_a_fact_without_source_or_day_is_a_warning() -> None:
    """What is missing is named, and how many posts use the fact."""
    whole = campaign(post(USES, schedule=WEEKLY), **with_fact(source=None, check_again=None))
    [problem] = [each for each in survey(whole) if each.code == "fact-no-source"]
    assert problem.severity == "warning"
    assert "no `source` and `check_again`" in problem.message
    assert "1 post uses it" in problem.message
