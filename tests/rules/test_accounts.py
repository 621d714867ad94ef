"""Posts that go nowhere, accounts on unknown networks, threads where none can be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from socrbot import rules
from socrbot.campaign import Account, Variant, WithoutThreads
from socrbot.errors import Place
from socrbot.message import Part
from tests.rules import making
from tests.rules.making import ACCOUNTS, CAPABILITIES, campaign, check, codes, post, situation, survey, text, variant

SKIP = Variant(skip=True)
THREAD = (text("One."), text("Two.", line=9))


def test_two_names_for_one_account_are_an_error() -> None:
    """With the same keys each post would go out twice; keys of its own make a second account; the guard holds it."""
    again = Account("x-again", "x", Place("config/accounts.yaml", 9, 3))
    whole = campaign(accounts={**ACCOUNTS, "x-again": again})
    (found,) = [one for one in survey(whole) if one.code == "same-account"]
    assert found.place == again.place
    assert "“x-again” and “x” use the same keys" in found.message
    assert found.hint is not None
    assert "env: X_X_AGAIN" in found.hint
    own = campaign(accounts={**ACCOUNTS, "x-again": replace(again, env="X_AGAIN")})
    assert [one.code for one in survey(own) if one.code == "same-account"] == []
    held = rules.look(situation(post(), account="x-again", accounts=whole.accounts))
    assert held is not None
    assert held.code == "same-account"


def test_a_post_that_is_skipped_everywhere_is_a_warning() -> None:
    """All accounts skipped, or the one that it names: it goes nowhere."""
    assert codes(check(post(variants=dict.fromkeys(ACCOUNTS, SKIP)))) == ["no-account"]
    assert codes(check(post(accounts=("x",), variants={"x": SKIP}))) == ["no-account"]
    assert check(post(accounts=("x",), variants={"facebook": SKIP})) == ()


def test_an_account_on_an_unknown_network_is_an_error_with_the_nearest() -> None:
    """A misspelt network is told at the account, and its posts are still checked for the others."""
    accounts = {**ACCOUNTS, "page": Account("page", "facebok", Place("config/accounts.yaml", 9, 3))}
    [problem] = [each for each in survey(campaign(accounts=accounts)) if each.code == "unknown-network"]
    assert problem.place.line == 9
    assert problem.hint == "Did you mean “facebook”?"
    assert check(post(), accounts=accounts) == ()


def test_a_thread_for_a_network_that_cannot_thread_is_an_error() -> None:
    """Facebook cannot join two parts; the hint says where to write one text for it."""
    [problem] = check(post(parts=THREAD))
    assert problem.code == "cannot-thread"
    assert "Facebook" in problem.message
    assert "`variants: facebook:`" in str(problem.hint)


def test_a_thread_is_left_alone_where_it_can_be_or_is_not_sent() -> None:
    """Networks that can join parts, one text in a variant, and a skipped account are no problem."""
    assert check(post(parts=THREAD), accounts={"x": ACCOUNTS["x"], "bluesky": ACCOUNTS["bluesky"]}) == ()
    assert check(post(parts=THREAD, variants={"facebook": variant("In one.")})) == ()
    assert check(post(parts=THREAD, variants={"facebook": SKIP})) == ()


def test_a_thread_in_a_variant_counts_too() -> None:
    """An ordinary post whose own words for Facebook are a thread is an error."""
    assert codes(check(post(variants={"facebook": Variant(parts=THREAD)}))) == ["cannot-thread"]


def test_a_thread_is_held_where_it_cannot_be() -> None:
    """At the last moment two parts do not go to a network that cannot join them."""
    made = situation(post(), account="facebook")
    assert made.message is not None
    two = replace(made.message, parts=(Part(1, "One."), Part(2, "Two.")))
    held = rules.look(replace(made, message=two))
    assert held is not None
    assert held.code == "cannot-thread"
    assert rules.look(replace(made, message=two, capabilities=CAPABILITIES["x"])) is None


@pytest.mark.parametrize("chosen", [WithoutThreads.JOIN, WithoutThreads.FIRST])
def test_a_choice_for_networks_without_threads_settles_it(chosen: WithoutThreads) -> None:
    """With it the post goes to Facebook in one part, and nothing holds it."""
    one = post(parts=THREAD, without_threads=chosen)
    assert check(one) == ()
    assert rules.look(situation(one, account="facebook")) is None


def test_comments_are_offered_where_the_network_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The choice is named only there; who chose it where there are none is told so."""
    asked = post(parts=THREAD)
    [problem] = check(asked)
    assert "`without_threads: join`" in str(problem.hint)
    assert "comments" not in str(problem.hint)
    wished = post(parts=THREAD, without_threads=WithoutThreads.COMMENTS)
    [problem] = check(wished)
    assert "comments below the first" in problem.message
    monkeypatch.setitem(making.CAPABILITIES, "facebook", replace(CAPABILITIES["facebook"], comments=True))
    [problem] = check(asked)
    assert "`without_threads: comments`" in str(problem.hint)
    assert check(wished) == ()
    made = situation(wished, account="facebook")
    assert made.message is not None
    assert len(made.message.parts) == 2
    assert rules.look(made) is None


@pytest.mark.parametrize(
    ("name", "hint"), [("twitter", "“x”"), ("fb", "“facebook”"), ("discord", "network: apprise"), ("email", "apprise")]
)
def test_other_names_of_networks_are_understood(name: str, hint: str) -> None:
    """What people call a network leads to the name that is written, or to Apprise."""
    [problem] = survey(campaign(accounts={"a": replace(ACCOUNTS["x"], id="a", network=name)}, links={}))
    assert hint in str(problem.hint)


def test_who_wrote_the_line_already_is_not_told_to_add_it() -> None:
    """With `without_threads: comments` on a network without comments, other words for it come first."""
    [problem] = check(post(parts=THREAD, without_threads=WithoutThreads.COMMENTS))
    assert str(problem.hint).startswith("Write under `variants: facebook:` one `text:`")
    assert "Add one of these lines" not in str(problem.hint)
