"""The hashtag, characters that are not what they seem, and texts that say nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from socrbot import rules
from socrbot.errors import Place
from socrbot.message import Part
from tests.rules.making import (
    ACCOUNTS,
    LINKS,
    TAG,
    campaign,
    check,
    codes,
    fact,
    picture,
    post,
    situation,
    survey,
    text,
    variant,
)

BOLD = "\U0001d5ff\U0001d5f6\U0001d5f4\U0001d5f5\U0001d601\U0001d600"  # "rights" in mathematical letters


@pytest.mark.parametrize("source", ["The law protects us.", f"The law {TAG} protects us.", f"{TAG}\nThe law."])
def test_the_hashtag_once_is_fine_wherever_it_stands(source: str) -> None:
    """Added by socrbot or written by the author: once is no problem."""
    assert check(post(source)) == ()


def test_the_hashtag_twice_is_an_error_at_the_second() -> None:
    """The place is that of the second one, and accounts with the same words do not repeat it."""
    [problem] = check(post(f"{TAG}: the law.\nSign {TAG}"))
    assert problem.code == "hashtag-twice"
    assert problem.severity == "error"
    assert problem.place == Place("posts/law.yaml", 3, 2 + 6)


def test_the_hashtag_twice_over_a_thread_is_an_error() -> None:
    """Once in each of two parts is twice in the post."""
    one = post(parts=(text(f"One. {TAG}"), text(f"Two. {TAG}", line=9)))
    [problem] = check(one, accounts={"x": ACCOUNTS["x"]})
    assert problem.code == "hashtag-twice"
    assert problem.place == Place("posts/law.yaml", 9, 2 + 6)


def test_other_hashtags_and_longer_ones_do_not_count() -> None:
    """#SEND and #SaveOurChildrensRightsNow are other hashtags."""
    assert check(post(f"{TAG} #SEND {TAG}Now #SEND")) == ()


def test_other_capitals_are_a_warning_with_the_right_ones() -> None:
    """All small letters are read out as one word: a warning that says what to write."""
    [problem] = check(post(f"Now. {TAG.lower()}"))
    assert problem.code == "hashtag-case"
    assert problem.severity == "warning"
    assert problem.place == Place("posts/law.yaml", 2, 2 + 6)
    assert TAG in str(problem.hint)


def test_mathematical_letters_are_an_error_with_the_plain_ones() -> None:
    """Letters from a font generator are told once a text, with the letter to type."""
    [problem] = check(post(f"Our\n{BOLD} now"))
    assert problem.code == "look-alike-letter"
    assert problem.severity == "error"
    assert problem.place == Place("posts/law.yaml", 3, 3)
    assert "6 characters" in problem.message
    assert problem.hint == "Type “r” instead."


@pytest.mark.parametrize("char", ["\u202e", "\u200f", "\u2066"])
def test_hidden_marks_of_direction_are_an_error(char: str) -> None:
    """A mark that turns the text is an error, named and numbered."""
    [problem] = check(post(f"The law {char}protects us."))
    assert problem.code == "hidden-direction"
    assert problem.severity == "error"
    assert f"U+{ord(char):04X}" in problem.message


@pytest.mark.parametrize(
    ("char", "hint"), [("\u00a0", "Type an ordinary space instead."), ("\u200b", "Delete it"), ("\u00ad", "Delete it")]
)
def test_invisible_characters_are_a_warning_with_what_to_do(char: str, hint: str) -> None:
    """A word processor's blanks are a warning."""
    [problem] = check(post(f"The law{char}protects us."))
    assert problem.code == "odd-character"
    assert problem.severity == "warning"
    assert str(problem.hint).startswith(hint)


def test_ordinary_typography_is_left_alone() -> None:
    """Curly quotes, dashes, accents, emoji with joiners and Welsh are no oddities."""
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert check(post(f"“It’s the law” – café… {family} Ŵyl ❤️")) == ()


def test_odd_characters_are_seen_in_descriptions_and_variants() -> None:
    """The description of a picture and a network's own words are looked at as well."""
    one = post(
        media=(picture(alt=f"A card: our {BOLD}."),),
        variants={"x": variant("The law\u00a0now.")},
    )
    found = {problem.code: problem for problem in check(one)}
    assert found.keys() == {"look-alike-letter", "odd-character"}
    assert found["odd-character"].place == Place("posts/law.yaml", 12, 2 + 8)
    assert "description of media/card.png" in found["look-alike-letter"].message


def test_odd_characters_in_facts_are_told_at_the_fact() -> None:
    """What posts take over from a fact is looked at where it is written, once."""
    whole = campaign(facts={"tribunal": fact(statement=f"Our {BOLD}.")}, links={"petition": LINKS["petition"]})
    [problem] = survey(whole)
    assert problem.code == "look-alike-letter"
    assert problem.place == fact().place


@pytest.mark.parametrize("source", ["", "  \n", TAG, f"{{% if false %}}words{{% endif %}}{TAG}"])
def test_a_post_without_words_is_an_error(source: str) -> None:
    """Nothing, blanks, the hashtag alone, and a template that comes to nothing say nothing."""
    assert codes(check(post(source))) == ["empty-text"]


def test_a_picture_may_stand_with_the_hashtag_alone() -> None:
    """With a picture the author may leave it at the hashtag, but must write it."""
    assert check(post(TAG, media=(picture(),))) == ()
    assert codes(check(post(" ", media=(picture(),)))) == ["empty-text"]


@pytest.mark.parametrize("said", ["", "   ", TAG])
def test_a_message_without_words_is_held(said: str) -> None:
    """At the last moment a message with neither words nor pictures does not go out."""
    made = situation(post())
    assert made.message is not None
    held = rules.look(replace(made, message=replace(made.message, parts=(Part(1, said),))))
    assert held is not None
    assert held.code == "empty-text"
