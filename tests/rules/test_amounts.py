"""Links, hashtags and mentions: how many a network takes, and whom it lets us name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from socrbot import rules
from socrbot.campaign import Account
from socrbot.errors import Place, Severity
from tests.rules import making
from tests.rules.making import ACCOUNTS, CAPABILITIES, TAG, check, codes, post, situation

X = {"x": ACCOUNTS["x"]}
SOURCES = {
    "too-many-links": "See https://a.test/1 and https://a.test/2.",
    "too-many-hashtags": "Words #one.",
    "too-many-mentions": "Ask @one and @two.",
}


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """X takes one link, one hashtag and one mention."""
    limits = replace(CAPABILITIES["x"], max_links=1, max_hashtags=1, max_mentions=1)
    monkeypatch.setitem(making.CAPABILITIES, "x", limits)


@pytest.mark.usefixtures("tight")
@pytest.mark.parametrize(("code", "source"), SOURCES.items())
def test_more_than_a_network_takes_is_an_error_and_is_held(code: str, source: str) -> None:
    """It is told while the post is written, with both numbers, and held at the last moment."""
    [problem] = check(post(source), accounts=X)
    assert (problem.code, problem.severity) == (code, Severity.ERROR)
    assert problem.message.startswith("X takes at most 1 ")
    assert problem.message.endswith("and this has 2.")
    held = rules.look(situation(post(source)))
    assert held is not None
    assert held.code == code


@pytest.mark.usefixtures("tight")
def test_what_is_allowed_is_left_alone() -> None:
    """The same link twice is one; the campaign's own hashtag is the one that is allowed."""
    assert check(post("See https://a.test/1 and https://a.test/1, @one."), accounts=X) == ()
    assert rules.look(situation(post("See https://a.test/1."))) is None


@pytest.mark.usefixtures("tight")
def test_each_network_is_told_once() -> None:
    """Two accounts on it give one problem."""
    accounts = {**X, "x-wales": Account("x-wales", "x", Place("config/accounts.yaml", 9, 3))}
    assert codes(check(post(SOURCES["too-many-links"]), accounts=accounts)) == ["too-many-links"]


def test_a_mention_is_a_warning_where_it_is_a_risk(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the first, at its place, and holds nothing; an address of a mail is no mention."""
    monkeypatch.setitem(making.CAPABILITIES, "x", replace(CAPABILITIES["x"], mentions_at_risk=True))
    [problem] = check(post("Will you sign,\n@somebody?"))
    assert (problem.code, problem.severity) == ("mention-at-risk", Severity.WARNING)
    assert problem.place == Place("posts/law.yaml", 3, 3)
    assert "@somebody" in problem.message
    assert rules.look(situation(post("@somebody"))) is None
    assert check(post("Write to help@a.test."), accounts=X) == ()


@pytest.mark.usefixtures("tight")
def test_the_campaigns_own_hashtag_is_named_among_too_many() -> None:
    """Whoever wrote fewer learns where the last one comes from; whoever wrote it too needs no such word."""
    [added] = check(post("Words #one."), accounts=X)
    assert f"campaign's own, {TAG}, which socrbot adds by itself" in str(added.hint)
    [written] = check(post(f"Words #one {TAG}."), accounts=X)
    assert "socrbot adds" not in str(written.hint)
