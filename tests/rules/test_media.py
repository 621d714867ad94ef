"""Pictures: described, with consent, there, usable, and not too many."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from socrbot import media, rules
from socrbot.campaign import Asset, Media
from socrbot.errors import Place
from tests.rules.making import ACCOUNTS, asset, check, codes, picture, post, situation


def test_a_picture_in_order_is_left_alone() -> None:
    """Described, without people, there and readable: no problem, no hold."""
    one = post(media=(picture(),))
    assert check(one) == ()
    assert rules.look(situation(one)) is None


@pytest.mark.parametrize("alt", ["", "   ", "\n"])
def test_a_picture_without_description_is_an_error(alt: str) -> None:
    """An empty description is an error at its place, and a hold."""
    one = post(media=(picture(alt=alt),), places={"media.0.alt": Place("posts/law.yaml", 10, 10)})
    [problem] = check(one)
    assert problem.code == "alt-missing"
    assert problem.place == Place("posts/law.yaml", 10, 10)
    held = rules.look(situation(one))
    assert held is not None
    assert held.code == "alt-missing"


@pytest.mark.parametrize(
    "alt", ["card.png", "IMG_2034.JPG", "img 2034", "DSC0001", "Card", "20261124_193000", "my-photo(1).jpeg", "1"]
)
def test_a_file_name_is_no_description(alt: str) -> None:
    """The file's own name, another file's, and what a camera calls its pictures are errors."""
    assert codes(check(post(media=(picture(alt=alt),)))) == ["alt-is-filename"]


@pytest.mark.parametrize(
    "alt",
    [
        "Image of a mother and the words: 98.3% win.",
        "The file card.png shown on a screen",
        "A card. It says: 2014.",
        "20 weeks",
    ],
)
def test_a_sentence_is_a_description(alt: str) -> None:
    """Sentences with numbers, or with a file's name inside, are left alone."""
    assert check(post(media=(picture(alt=alt),))) == ()


def test_a_description_that_is_too_long_is_told_by_network() -> None:
    """1,001 characters are too many where 1,000 is the limit, and fit where it is 2,000."""
    problems = check(post(media=(picture(alt="a b" * 333 + "cd"),)))
    assert codes(problems) == ["alt-too-long"] * 3
    assert (
        "On X the description of media/card.png is 1 character too long: 1,001 of at most 1,000" in problems[1].message
    )


@pytest.mark.parametrize(("people", "said"), [(True, "shows people"), (None, "nothing is said")])
def test_silence_about_people_counts_as_people(people: bool | None, said: str) -> None:
    """People who may be recognised need a consent that cannot be recorded yet: an error, and a hold."""
    one = post(media=(replace(picture(), people=people, consent="form-12"),))
    [problem] = check(one)
    assert problem.code == "no-consent"
    assert said in problem.message
    assert "people: no" in str(problem.hint)
    held = rules.look(situation(one))
    assert held is not None
    assert held.code == "no-consent"


def test_a_picture_that_was_not_found_is_missing(tmp_path: Path) -> None:
    """A file that is not there is told as missing, whether or not anybody looked for it."""
    one = post(media=(picture(file="media/gone.png"),))
    looked = media.inspect(Path("media/gone.png"), tmp_path)
    for assets in ({}, {"media/gone.png": looked}):
        assert codes(check(one, assets=assets)) == ["media-missing"]
        held = rules.look(situation(one, assets=assets))
        assert held is not None
        assert held.code == "media-missing"


def test_a_picture_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    """What was seen when the file was opened stands in the message and in the reason for the hold."""
    (tmp_path / "card.png").write_text("no picture")
    seen: Asset = media.inspect(Path("card.png"), tmp_path)
    one = post(media=(picture(file="card.png"),))
    [problem] = check(one, assets={"card.png": seen})
    assert problem.code == "media-unusable"
    assert "not a JPEG" in problem.message
    held = rules.look(situation(one, assets={"card.png": seen}))
    assert held is not None
    assert held.code == "media-unusable"


def test_a_picture_that_did_not_reach_the_message_holds() -> None:
    """A message that was made without the post's picture does not go out."""
    made = situation(post(media=(picture(),)), written=post())
    held = rules.look(made)
    assert held is not None
    assert held.code == "media-unusable"


def test_more_pictures_than_a_network_takes() -> None:
    """Five pictures are too many for X and Bluesky, not for Facebook, and are held there."""
    pictures: tuple[Media, ...] = tuple(picture(file=f"media/{number}.png") for number in range(5))
    assets = {each.file: asset(each.file) for each in pictures}
    one = post(media=pictures)
    problems = check(one, assets=assets, accounts={name: ACCOUNTS[name] for name in ("x", "bluesky", "facebook")})
    assert codes(problems) == ["media-too-many"] * 2
    assert problems[0].message == "X takes at most 4 pictures in a post, this one has 5."
    held = rules.look(situation(one, assets=assets))
    assert held is not None
    assert held.code == "media-too-many"
    assert rules.look(situation(one, account="facebook", assets=assets)) is None
