"""Addresses that still have to be filled in."""

from __future__ import annotations

import pytest

from socrbot import rules
from socrbot.errors import Place
from tests.rules.making import LINKS, campaign, check, codes, post, situation, survey


def test_a_placeholder_link_is_told_once_at_the_link() -> None:
    """However many posts use it, a made-up address is one warning where it is written."""
    users = [post("Write to your MP.", link="mp-letter", name=name) for name in ("one", "two")]
    [problem] = [each for each in survey(campaign(*users)) if each.code == "placeholder-link"]
    assert problem.severity == "warning"
    assert problem.place == LINKS["mp-letter"].place
    assert check(users[0]) == ()


def test_a_made_up_address_in_the_text_is_told_at_its_place() -> None:
    """An address on example.com that is typed into the text has no link to be told at."""
    [problem] = check(post("Read on.\nSee https://example.com/page for more."))
    assert problem.code == "placeholder-link"
    assert problem.place == Place("posts/law.yaml", 3, 7)


def test_real_addresses_are_left_alone() -> None:
    """A post with a real address gives no problem."""
    assert check(post("Sign now.", link="petition")) == ()


@pytest.mark.parametrize(("account", "held"), [("x", True), ("facebook", True), ("bluesky", True), ("outbox", False)])
def test_placeholders_reach_the_outbox_and_no_real_network(account: str, held: bool) -> None:
    """A message with a made-up address is held on every account but the outbox."""
    found = rules.look(situation(post("Write to your MP.", link="mp-letter"), account=account))
    assert (found is not None and found.code == "placeholder-link") is held
    assert rules.look(situation(post("Sign.", link="petition"), account=account)) is None


def test_every_placeholder_is_named() -> None:
    """The reason for the hold names the address."""
    found = rules.look(situation(post("Write to your MP.", link="mp-letter")))
    assert found is not None
    assert "https://example.org/mp" in found.detail
    assert "placeholder-link" not in codes(check(post("No address.")))
