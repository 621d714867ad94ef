"""Texts that are too long: by how much, where the limit falls, and what would help."""

from __future__ import annotations

from dataclasses import replace

import pytest

from socrbot import rules
from socrbot.campaign import Account
from socrbot.errors import Place, Problem
from tests.rules.making import ACCOUNTS, CAPABILITIES, check, post, situation, text, variant

SENTENCE = "Families win nearly every appeal, and still they wait. "


def too_long(problems: tuple[Problem, ...]) -> list[Problem]:
    return [problem for problem in problems if problem.code == "too-long"]


def test_a_text_that_just_fits_is_left_alone() -> None:
    """280 units on X, the added hashtag among them, are no problem."""
    assert not too_long(check(post("a" * (280 - 24)), accounts={"x": ACCOUNTS["x"]}))


def test_one_character_more_is_told() -> None:
    """One unit over the limit is an error that says so in the singular."""
    [problem] = too_long(check(post("a" * (281 - 24)), accounts={"x": ACCOUNTS["x"]}))
    assert "On X this is 1 character too long: 281 of at most 280." in problem.message
    assert problem.severity == "error"
    assert problem.post == "law"


def test_each_network_is_told_once_however_many_accounts_it_has() -> None:
    """Two accounts on X with the same words give one problem, Bluesky gives its own."""
    accounts = {**ACCOUNTS, "x-wales": Account("x-wales", "x", Place("config/accounts.yaml", 9, 3))}
    found = too_long(check(post(SENTENCE * 6), accounts=accounts))
    assert [problem.message.split()[1] for problem in found] == ["X", "Bluesky"]


def test_the_place_is_that_of_the_cut() -> None:
    """The place is the line and column of the file at which the limit falls, and the words around it are shown."""
    lines = "".join(f"Line {number:02d}: {SENTENCE.strip()}\n" for number in range(1, 7))
    [problem] = too_long(check(post(lines), accounts={"x": ACCOUNTS["x"]}))
    # Each line has 63 characters and its end: the limit falls after character 24 of the fifth line.
    assert problem.place == Place("posts/law.yaml", 6, 2 + 25)
    assert "Families win ne▮arly every appeal, and…”" in problem.message


def test_the_cut_is_found_in_a_text_with_braces() -> None:
    """The place is told too where a fact was written out before the cut."""
    source = "{{ fact('tribunal') }}\n" + "".join(f"{number} {SENTENCE}\n" for number in range(5))
    [problem] = too_long(check(post(source), accounts={"x": ACCOUNTS["x"]}))
    assert problem.place.line == 6


def test_own_words_for_a_network_are_what_is_too_long() -> None:
    """The place is in the variant, not in the text that the network does not get."""
    one = post("Short.", variants={"x": variant(SENTENCE * 6)})
    [problem] = too_long(check(one))
    assert problem.place.line == 12


def test_the_hashtag_is_named_where_it_is_what_is_too_much() -> None:
    """The hint says that the text would fit without the hashtag that was added."""
    [problem] = too_long(check(post("a" * 270), accounts={"x": ACCOUNTS["x"]}))
    assert problem.hint is not None
    assert problem.hint.endswith("Without the hashtag it would fit.")


def test_a_hashtag_of_the_authors_own_is_not_blamed() -> None:
    """Where the author wrote the hashtag, the hint does not speak of it."""
    [problem] = too_long(check(post("#SaveOurChildrensRights " + "a" * 270), accounts={"x": ACCOUNTS["x"]}))
    assert "Without" not in str(problem.hint)


@pytest.mark.parametrize(
    ("source", "blamed"),
    [("a" * 240, "hashtag"), ("a" * 270, "link and the hashtag"), ("#SaveOurChildrensRights " + "a" * 240, "link")],
)
def test_what_was_added_and_is_too_much_is_named(source: str, blamed: str) -> None:
    """The hint names the added hashtag, the added link, or both where only both together would help."""
    [problem] = too_long(check(post(source, link="petition"), accounts={"x": ACCOUNTS["x"]}))
    assert str(problem.hint).endswith(f"Without the {blamed} it would fit.")


def test_bytes_count_where_the_network_limits_them() -> None:
    """A text of few characters but many bytes is too long for Bluesky, in bytes."""
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
    [problem] = too_long(check(post(family * 150), accounts={"bluesky": ACCOUNTS["bluesky"]}))
    assert "774 bytes too long: 3,774 of at most 3,000" in problem.message


def test_the_part_of_a_thread_is_named() -> None:
    """In a thread it is said which part is too long, and the place is in that part."""
    one = post(parts=(text("First."), text(SENTENCE * 6, line=9)))
    [problem] = too_long(check(one, accounts={"x": ACCOUNTS["x"]}))
    assert "part 2 is" in problem.message
    assert problem.place.line == 9


def test_the_last_moment_holds_what_is_too_long() -> None:
    """A limit that shrank since the check holds the delivery; a fitting text passes."""
    fits = situation(post("Short."))
    assert rules.look(fits) is None
    held = rules.look(replace(fits, capabilities=replace(CAPABILITIES["x"], text_limit=10)))
    assert held is not None
    assert held.code == "too-long"
    assert held.detail.startswith("On X it is ")
