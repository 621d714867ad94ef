"""Descriptions of pictures on networks that have no place of their own for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from socrbot.campaign import Asset, Media
from socrbot.errors import Place
from socrbot.rendering import Renderer
from tests.rendering.making import CARD, PLAIN, TAG, campaign, message, post

IN_TEXT = replace(PLAIN, alt_in_text=True, alt_limit=0)
CLIP = Asset("media/clip.mp4", mime="video/mp4", size=10, width=4, height=3, digest="e" * 64, seconds=9.0)
CAMPAIGN = campaign(assets={CARD.path: CARD, CLIP.path: CLIP})


def shown(*files: str) -> tuple[Media, ...]:
    return tuple(Media(file, f"A drawing, {number}.", Place("posts/a.yaml")) for number, file in enumerate(files, 1))


@pytest.mark.parametrize(
    ("files", "below"),
    [
        ((CARD.path,), "Picture: A drawing, 1."),
        ((CARD.path, CARD.path), "Picture 1 of 2: A drawing, 1.\n\nPicture 2 of 2: A drawing, 2."),
        ((CARD.path, CLIP.path), "Picture 1 of 2: A drawing, 1.\n\nVideo 2 of 2: A drawing, 2."),
    ],
)
def test_descriptions_stand_below_the_text(files: tuple[str, ...], below: str) -> None:
    """After the hashtag and the link, and in the first part alone, which is the one that shows the pictures."""
    made = Renderer(CAMPAIGN).render(
        post("Look.", "More.", media=shown(*files), link="petition"), CAMPAIGN.accounts["x"], IN_TEXT
    )
    assert made.message is not None
    first, second = made.message.parts
    assert first.text == f"Look. {TAG}\n\n{below}"
    assert "Picture" not in second.text
    assert [item.alt for item in first.media] == [item.alt for item in shown(*files)]


def test_the_same_post_is_made_for_each_kind_of_network() -> None:
    """A network with alt text and one without, asked in turn, each get their own."""
    renderer, told = Renderer(CAMPAIGN), post("Look.", media=shown(CARD.path))
    for capabilities, wanted in ((PLAIN, False), (IN_TEXT, True), (PLAIN, False)):
        made = renderer.render(told, CAMPAIGN.accounts["x"], capabilities).message
        assert made is not None
        assert ("Picture:" in made.parts[0].text) is wanted


def test_without_pictures_nothing_is_added() -> None:
    """A text alone stays as it is, and so does a picture without a description, which is held back anyhow."""
    assert message(post("Look."), capabilities=IN_TEXT).parts[0].text == f"Look. {TAG}"
    bare = (Media(CARD.path, " ", Place("posts/a.yaml")),)
    assert message(post("Look.", media=bare), capabilities=IN_TEXT).parts[0].text == f"Look. {TAG}"
