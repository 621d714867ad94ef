"""Pictures: described, with consent, there, usable, and not too many."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from socrbot import media, rules
from socrbot.campaign import Asset, Media, Post, PublicMedia
from socrbot.errors import Place, Problem
from socrbot.message import Capabilities, VideoLimits
from socrbot.rendering import Renderer
from tests.rules.making import ACCOUNTS, asset, campaign, check, codes, context, picture, post, situation

VIDEO = "media/march.mp4"
FETCHES = Capabilities(2_200, len, min_media=1, max_images=10, public_media=True)
TAKES_VIDEOS = Capabilities(500, len, video=VideoLimits(max_bytes=50_000_000, seconds=(1.0, 60.0)))
FOLDER = PublicMedia(Place("config/campaign.yaml", 9, 1), url="https://media.example.uk", folder="public")
PAGE = PublicMedia(Place("config/campaign.yaml", 9, 1), through="facebook")


def clip(**changes: Any) -> Asset:
    """A short video that is in order."""
    return replace(Asset(VIDEO, "video/mp4", 4_000_000, 720, 1280, "cd" * 32, seconds=12.0), **changes)


def moving() -> Media:
    """A post's video."""
    return picture(file=VIDEO, alt="A march goes by.")


def told(one: Post, capabilities: Capabilities, **changes: Any) -> tuple[Problem, ...]:
    """The problems of a post for one account whose network has these capabilities; the last guard agrees."""
    assets = {each.file: asset(each.file) for each in one.media} | {VIDEO: changes.pop("video", clip())}
    whole = campaign(one, accounts={"x": ACCOUNTS["x"]}, assets=assets, **changes)
    problems = rules.check_post(one, Renderer(whole), replace(context(whole), capabilities={"x": capabilities}))
    held = rules.look(replace(situation(one, assets=assets), campaign=whole, capabilities=capabilities))
    assert (held.code if held else None) == (problems[0].code if problems else None)
    return problems


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


def test_a_network_for_pictures_gets_none_without() -> None:
    """A post without a picture is an error there; who never named the account is told how to leave it out always."""
    [problem] = told(post(), FETCHES)
    assert (problem.code, problem.message) == ("needs-picture", "X needs a picture, and this post has none.")
    assert "only_with_media: yes" in str(problem.hint)
    [problem] = told(post(accounts=("x",), places={"accounts": Place("posts/law.yaml", 3, 1)}), FETCHES)
    assert problem.place == Place("posts/law.yaml", 3, 1)
    assert "take x out of `accounts:`" in str(problem.hint)
    assert "needs at least 2 pictures" in told(post(media=(picture(),)), replace(TAKES_VIDEOS, min_media=2))[0].message


def test_pictures_that_are_fetched_need_a_public_address() -> None:
    """Without `media:` in config/campaign.yaml a picture for such a network is an error at once; with it, it is not."""
    [problem] = told(post(media=(picture(),)), FETCHES)
    assert problem.code == "no-public-address"
    assert "config/campaign.yaml" in str(problem.hint)
    assert told(post(media=(picture(),)), FETCHES, public_media=FOLDER) == ()
    assert told(post(media=(picture(),)), FETCHES, public_media=PAGE) == ()
    with_video = replace(FETCHES, video=VideoLimits())
    assert told(post(media=(moving(),)), with_video, public_media=FOLDER) == ()
    [problem] = told(post(media=(moving(),)), with_video, public_media=PAGE)
    assert "can only show pictures" in problem.message


@pytest.mark.parametrize(
    ("video", "says"),
    [
        (clip(seconds=61.0), "too long: 61 seconds of at most 60"),
        (clip(seconds=0.4), "too short: 0.4 seconds of at least 1"),
        (clip(size=70_400_000), "too large: 70.4 MB of at most 50 MB"),
    ],
)
def test_a_video_beyond_a_limit_is_an_error(video: Asset, says: str) -> None:
    """Its own measure and the network's both stand in the message."""
    [problem] = told(post(media=(moving(),)), TAKES_VIDEOS, video=video)
    assert problem.code == "video-unsuitable"
    assert says in problem.message


def test_a_video_goes_only_where_videos_are_taken() -> None:
    """A network without videos is told; one with them takes one, alone, unless it says otherwise."""
    assert told(post(media=(moving(),)), TAKES_VIDEOS) == ()
    [problem] = told(post(media=(moving(),)), replace(TAKES_VIDEOS, video=None))
    assert "takes no videos" in problem.message
    [problem] = told(post(media=(moving(), moving())), TAKES_VIDEOS)
    assert "at most 1 video in a post, this one has 2" in problem.message
    [problem] = told(post(media=(moving(), picture())), TAKES_VIDEOS)
    assert "either pictures or a video" in problem.message


def test_where_videos_stand_beside_pictures_they_count_as_one_of_them() -> None:
    """Three pictures and a video are four; five things are too many where four is the most."""
    mixes = replace(TAKES_VIDEOS, video=VideoLimits(beside_images=True), max_images=4)
    pictures = tuple(picture(file=f"media/{number}.png") for number in range(4))
    assert told(post(media=(moving(), *pictures[:3])), mixes) == ()
    [problem] = told(post(media=(moving(), *pictures)), mixes)
    assert problem.code == "media-too-many"


def test_a_description_that_a_network_would_drop_has_no_limit_there() -> None:
    """Where videos have no description, a long one is no problem."""
    long = replace(moving(), alt="A march goes by. " * 100)
    assert codes(told_of_alt(long, alt=True)) == ["alt-too-long"]
    assert told_of_alt(long, alt=False) == ()


def told_of_alt(media: Media, *, alt: bool) -> tuple[Problem, ...]:
    one = post(media=(media,))
    whole = campaign(one, accounts={"x": ACCOUNTS["x"]}, assets={VIDEO: clip()})
    capable = replace(TAKES_VIDEOS, video=VideoLimits(alt=alt))
    return rules.check_post(one, Renderer(whole), replace(context(whole), capabilities={"x": capable}))


def test_where_no_video_goes_another_video_is_not_proposed() -> None:
    """The account is left out instead; a video that is too long can be another one."""
    [problem] = told(post(media=(moving(),)), Capabilities(500, len))
    assert str(problem.hint) == "Write `skip: yes` under `variants:` and x: then the post does not go there."
    [problem] = told(post(media=(moving(),), accounts=("x",)), Capabilities(500, len))
    assert str(problem.hint) == "Take x out of `accounts:`."
    [problem] = told(post(media=(moving(),)), TAKES_VIDEOS, video=clip(seconds=99.0))
    assert str(problem.hint).startswith("Take another video.")
