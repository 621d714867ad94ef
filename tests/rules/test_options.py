"""Options: names and values that a network does not know are told, and hold what they belong to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from socrbot import networks, rules
from socrbot.campaign import Variant
from socrbot.message import Option
from tests.rules import making
from tests.rules.making import ACCOUNTS, CAPABILITIES, campaign, check, codes, post, situation, survey


@pytest.fixture(autouse=True)
def options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bluesky understands three options."""
    known = {
        "visibility": Option("who sees it", ("public", "unlisted")),
        "warning": Option("a content warning"),
        "server": Option("the server", per_post=False),
    }
    monkeypatch.setitem(making.CAPABILITIES, "bluesky", replace(CAPABILITIES["bluesky"], options=known))


def wish(**written: str) -> dict[str, Variant]:
    return {"bluesky": Variant(options=written)}


@pytest.mark.parametrize(
    ("written", "code", "hint"),
    [
        ({"visibilty": "public"}, "unknown-option", "Did you mean “visibility”?"),
        ({"visibility": "unlistd"}, "wrong-option", "Did you mean “unlisted”?"),
        ({"visibility": "nobody"}, "wrong-option", "There is: public, unlisted."),
        ({"server": "a.test"}, "wrong-option", "under `options:` of bluesky"),
    ],
)
def test_a_mistake_in_an_option_is_told(written: dict[str, str], code: str, hint: str) -> None:
    """With the nearest name or value, or all there are."""
    [problem] = check(post(variants=wish(**written)))
    assert problem.code == code
    assert hint in str(problem.hint)


def test_what_the_network_understands_is_left_alone() -> None:
    """A known value, and any value of an option without a list; the post's words stay."""
    one = post("The law.", variants=wish(visibility="unlisted", warning="Sad news"))
    assert check(one) == ()
    made = situation(one, account="bluesky")
    assert made.message is not None
    assert made.message.parts[0].text.startswith("The law.")
    assert made.message.options == {"visibility": "unlisted", "warning": "Sad news"}
    assert rules.look(made) is None


def test_an_accounts_options_are_looked_at_too() -> None:
    """At the account, once, where one that holds for the whole account is allowed."""
    wrong = replace(ACCOUNTS["bluesky"], options={"sever": "a.test", "server": "a.test"})
    accounts = {**ACCOUNTS, "bluesky": wrong}
    [problem] = [one for one in survey(campaign(accounts=accounts)) if "option" in one.code]
    assert (problem.code, problem.place) == ("unknown-option", wrong.place)
    held = rules.look(situation(post(), account="bluesky", accounts=accounts))
    assert held is not None
    assert held.code == "unknown-option"


def test_options_for_a_network_without_any_are_told() -> None:
    """It says that there are none."""
    [problem] = check(post(variants={"x": Variant(options={"visibility": "public"})}))
    assert problem.hint == "X has none."
    assert codes((problem,)) == ["unknown-option"]


@pytest.mark.parametrize("topic", ["SEND.", "Schools & law", "x" * 51, "#"])
def test_a_value_that_does_not_fit_is_told_and_held(topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an option has no list of values but a form, what does not fit is a problem with the form in words."""
    limits = replace(CAPABILITIES["x"], options={"topic": networks.capabilities("threads").options["topic"]})
    monkeypatch.setitem(making.CAPABILITIES, "x", limits)
    wrong = post("The law.", variants={"x": Variant(options={"topic": topic})})
    [problem] = check(wrong)
    assert problem.code == "wrong-option"
    assert "50 characters" in str(problem.hint)
    assert rules.look(situation(wrong)) is not None
    for good in ("SEND", "#SEND law", "é" * 50):
        assert check(post("The law.", variants={"x": Variant(options={"topic": good})})) == ()
