"""Checking again and again: what is kept from one check to the next never changes an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot import rules
from socrbot.campaign import Campaign, Once
from socrbot.checking import Checked, Checker
from socrbot.delivery import State
from socrbot.errors import Place, Problem, Severity
from tests.rules.making import CAPABILITIES, LONG_AGO, NOW, campaign, fact, post

# Twelve o'clock is NOW in London; one time is over, the others are still to come.
BEFORE, SOON, LATER = (Once((datetime.fromisoformat(f"2026-11-24T{hour}:00"),)) for hour in (11, 13, 15))


def new_checker() -> Checker:
    return Checker(tuple(CAPABILITIES), lambda _: CAPABILITIES)


POSTS = (
    post("The law protects children.", name="over", schedule=BEFORE),
    post("Soon it says so again.", name="soon", schedule=SOON),
    post("{{ fact('tribunal') }}", name="figure", schedule=LATER),
    post("{{ fact('nothing') }}", name="wrong", schedule=LATER),
)
EDITED = (*POSTS[:3], post("It names nothing that is not there.", name="wrong", schedule=LATER))
NAMES = [one.id for one in POSTS]
FACTS = ({"tribunal": fact()}, {"tribunal": fact(check_again=NOW.date())}, {})
MINUTES = st.sampled_from((0, 1, 59, 60, 61, 200, 24 * 60, -120))


@st.composite
def looks(draw: st.DrawFn) -> tuple[Campaign, datetime, rules.History]:
    """A campaign, the time at which it is checked, and what the ledger knows by then."""
    chosen = draw(st.sets(st.sampled_from(NAMES)))
    posts = draw(st.sampled_from((POSTS, EDITED)))
    whole = campaign(*(one for one in posts if one.id in chosen), facts=draw(st.sampled_from(FACTS)))
    known = draw(st.sets(st.sampled_from(NAMES)))
    settled = dict.fromkeys(draw(st.sets(st.sampled_from(sorted(known)))) if known else (), (State.SENT, NOW))
    history = rules.History(LONG_AGO, frozenset(known), settled)
    return whole, NOW + timedelta(minutes=draw(MINUTES)), history


def check(checker: Checker, whole: Campaign, now: datetime, history: rules.History) -> Checked:
    return checker.check(whole, (), {}, now=now, history=history)


@settings(deadline=None)
@given(st.lists(looks(), min_size=2, max_size=6))
def test_a_checker_that_remembers_answers_like_a_new_one(
    each: list[tuple[Campaign, datetime, rules.History]],
) -> None:
    """Whatever was checked before, at whatever time. A ledger forgets no post, though a settled one may come back."""
    checker, known = new_checker(), frozenset[str]()
    for whole, now, later in each:
        known |= later.known
        history = replace(later, known=known)
        kept, fresh = (
            check(checker, whole, now, history),
            check(new_checker(), whole, now, history),
        )
        assert (kept.problems, kept.faulty) == (fresh.problems, fresh.faulty)


def test_the_same_answer_is_the_same_record() -> None:
    """While nothing changes, whoever works with the answer sees it at a glance; an edit gives another one."""
    checker, whole = new_checker(), campaign(*POSTS)
    first = check(checker, whole, NOW, rules.History(LONG_AGO))
    assert check(checker, replace(whole), NOW + timedelta(minutes=5), rules.History(LONG_AGO)) is first
    # The ledger has the posts now, which is no news of those that are still to come.
    had = rules.History(LONG_AGO, frozenset({"soon", "figure"}))
    assert check(checker, whole, NOW + timedelta(minutes=6), had) is first
    assert check(checker, campaign(*POSTS[1:]), NOW + timedelta(minutes=7), had) is not first


def test_what_loading_found_comes_first() -> None:
    """What the files have wrong is told in its place, and is the reason for which its post is faulty."""
    found = Problem(
        Place("posts/law.yaml", 1, 1), Severity.ERROR, "unknown-key", "There is no such key.", None, "wrong"
    )
    checked = new_checker().check(campaign(*POSTS), (found,), {"wrong": found}, now=NOW)
    assert found in checked.problems
    assert list(checked.problems) == sorted(checked.problems, key=lambda one: one.place)
    assert checked.faulty["wrong"] is found
