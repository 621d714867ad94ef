"""Instagram: containers, public pictures, kinds of posts. The cases of every network are in `test_contract.py`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, Refused
from socrbot.message import Attachment, Rendition
from tests.networks.bench import START, Bench
from tests.networks.benches.instagram import calls, instagram_bench, prepare
from tests.networks.benches.shelf import Shelf
from tests.standins.instagram import Instagram as Standin

DAY = timedelta(days=1)
STATUS = "GET /v25.0/179*"


@pytest.fixture
def server(clock: VirtualClock) -> Iterator[Standin]:
    """The stand-in; after each test every request is found to be one that Meta's own lists allow."""
    with Standin(now=clock.now) as standin:
        yield standin
        assert standin.violations == []


@pytest.fixture
def bench(server: Standin, clock: VirtualClock, tmp_path: Path, shelf: Shelf) -> Bench:
    return dataclasses.replace(instagram_bench(server, clock, tmp_path, shelf=shelf), network="instagram")


# The container.


def test_the_container_is_kept_before_anything_is_public(bench: Bench, server: Standin) -> None:
    """Death between container and publishing: the next process publishes the very same container, and no other."""
    message, steps = bench.message("Kept."), bench.steps()
    first = prepare(bench, message, steps)
    assert server.published == []
    assert first["container"] in {value for value, _ in steps.kept.values()}
    bench.clock.advance(timedelta(hours=20))
    again = prepare(bench, message, steps)
    bench.connect().publish(again, key="k", reply_to=None)
    assert again == first
    assert calls(server) == ["media", "media_publish"]
    assert [post.text for post in server.published] == ["Kept."]


def test_the_picture_is_shown_only_until_the_container_is_ready(bench: Bench, server: Standin, shelf: Shelf) -> None:
    """Instagram has fetched it by then: nothing stays on the public web."""
    prepare(bench, bench.message("Shown for a moment."), bench.steps())
    assert len(shelf.ever) == 1
    assert shelf.shown == {}
    assert [file.mime for file in server.fetched] == ["image/jpeg"]


def test_a_container_that_is_not_ready_is_come_back_to(bench: Bench, server: Standin, shelf: Shelf) -> None:
    """After seventeen seconds the bot goes, keeping container and picture; it comes back and makes no other."""
    message, steps = bench.message("Slow."), bench.steps()
    server.ready_after = timedelta(minutes=3)
    with pytest.raises(NotSent) as caught:
        prepare(bench, message, steps)
    assert caught.value.retry_at == START + timedelta(seconds=17 + 60)
    assert not caught.value.whole_account
    assert len(shelf.shown) == 1
    bench.clock.advance(timedelta(minutes=3))
    prepare(bench, message, steps)
    assert calls(server) == ["media"]
    assert shelf.shown == {}
    assert len(server.requests(STATUS)) < 8


def test_a_look_that_fails_keeps_container_and_picture(bench: Bench, server: Standin, shelf: Shelf) -> None:
    """Instagram goes on making it meanwhile: the picture must not be taken away under its hands."""
    message, steps = bench.message("Looked at."), bench.steps()
    server.fault("503", match=STATUS)
    with pytest.raises(NotSent):
        prepare(bench, message, steps)
    assert len(shelf.shown) == 1
    prepare(bench, message, steps)
    assert calls(server) == ["media"]
    assert shelf.shown == {}


def test_one_that_expired_or_is_nearly_a_day_old_is_made_anew(bench: Bench, server: Standin) -> None:
    """By its own step, or by Instagram's word."""
    message, steps = bench.message("A day later."), bench.steps()
    first = prepare(bench, message, steps)
    bench.clock.advance(timedelta(hours=23, minutes=30))
    second = prepare(bench, message, steps)
    server.containers[str(second["container"])].made_at -= DAY
    third = prepare(bench, message, steps)
    assert len({first["container"], second["container"], third["container"]}) == 3
    bench.connect().publish(third, key="k", reply_to=None)
    assert len(server.published) == 1


def test_one_that_expires_before_it_is_published_comes_again(bench: Bench, server: Standin) -> None:
    """Instagram refuses to publish it; that is no fault of the post."""
    payload = prepare(bench, bench.message("Too late."), bench.steps())
    bench.clock.advance(DAY)
    with pytest.raises(NotSent):
        bench.connect().publish(payload, key="k", reply_to=None)
    assert server.published == []


def test_another_text_is_another_container(bench: Bench) -> None:
    """After an edit nothing of the old words goes out."""
    picture, steps = bench.picture(1, "Alt"), bench.steps()
    one = prepare(bench, bench.message("Before.", media=(picture,)), steps)
    two = prepare(bench, bench.message("After.", media=(picture,)), steps)
    three = prepare(bench, bench.message("After.", media=(dataclasses.replace(picture, alt="Other"),)), steps)
    assert len({one["container"], two["container"], three["container"]}) == 3


def test_a_picture_that_cannot_be_fetched_is_tried_again(bench: Bench, server: Standin, shelf: Shelf) -> None:
    """A public address that does not answer is not the post's fault; nothing stays behind."""
    hidden = dataclasses.replace(bench, hosting=Nowhere(shelf))
    message, steps = bench.message("Not found."), bench.steps()
    with pytest.raises(NotSent, match="2207052"):
        prepare(hidden, message, steps)
    assert shelf.shown == {}
    prepare(bench, message, steps)
    assert calls(server) == ["media", "media"]


class Nowhere:
    """Promises addresses at which nothing is."""

    def __init__(self, shelf: Shelf) -> None:
        self._base = shelf.base

    def show(self, rendition: Rendition, *, alt: str) -> str:
        return f"{self._base}/nothing"

    def hide(self, address: str) -> None:
        """There is nothing."""


def test_a_file_that_instagram_cannot_use_is_refused(bench: Bench, server: Standin, shelf: Shelf) -> None:
    """It would be refused each time: a person has to look."""
    bad = bench.picture(1, "Alt")
    bench.pictures[bad.digest] = b"no picture"
    with pytest.raises(Refused, match="2207005"):
        prepare(bench, bench.message("Broken.", media=(bad,)), bench.steps())
    assert (server.published, shelf.shown) == ([], {})


def test_without_a_public_place_it_says_what_to_write(bench: Bench, server: Standin) -> None:
    """Nothing is asked of Instagram that could not succeed."""
    with pytest.raises(Refused, match=r"media: public_url in config/campaign\.yaml"):
        prepare(dataclasses.replace(bench, hosting=None), bench.message("Where?"), bench.steps())
    assert calls(server) == []


# Kinds of posts.


def test_a_reel_is_made_of_a_video(bench: Bench, server: Standin) -> None:
    """It has a caption and no description."""
    video = Attachment("media/a.mp4", "Alt", "video/mp4", 1080, 1920, 20, "f" * 64, seconds=12.0)
    bench.pictures[video.digest] = b"\0\0\0\x18ftypmp42 rest"
    server.ready_after = timedelta(seconds=25)
    bench.send(bench.connect(), bench.message("A reel.", media=(video,)))
    (container,) = server.containers.values()
    assert {name: container.fields[name] for name in ("media_type", "caption")} == {
        "media_type": "REELS",
        "caption": "A reel.",
    }
    assert "alt_text" not in container.fields
    assert [file.mime for file in server.fetched] == ["video/mp4"]


def test_all_pictures_are_asked_for_in_the_shape_of_the_first(bench: Bench) -> None:
    """Instagram would cut them to that, so they are fitted before."""
    asked: list[tuple[str, str | None]] = []

    class Watched(Bench):
        def _rendition(self, attachment: Attachment, like: Attachment | None = None) -> Rendition:
            asked.append((attachment.path, like.path if like else None))
            return super()._rendition(attachment, like)

    watched = Watched(**{item.name: getattr(bench, item.name) for item in dataclasses.fields(bench)})
    media = tuple(bench.picture(number, "Alt") for number in (1, 2, 3))
    watched.send(watched.connect(), bench.message("Three.", media=media))
    first = media[0].path
    assert asked == [(first, None), (media[1].path, first), (media[2].path, first)]


def test_a_carousel_that_died_half_way_goes_on(bench: Bench, server: Standin, shelf: Shelf) -> None:
    """Pictures that Instagram has are not sent again, and none of them stays public."""
    message, steps = (
        bench.message("Three.", media=tuple(bench.picture(n, f"Alt {n}") for n in (1, 2, 3))),
        bench.steps(),
    )
    server.fault("503", match=lambda request: request.fields().get("media_type") == "CAROUSEL")
    with pytest.raises(NotSent):
        prepare(bench, message, steps)
    payload = prepare(bench, message, steps)
    bench.connect().publish(payload, key="k", reply_to=None)
    (post,) = server.published
    assert [item.alt for item in post.media] == ["Alt 1", "Alt 2", "Alt 3"]
    assert shelf.shown == {}


def test_comments_stand_below_the_first_post(bench: Bench, server: Standin) -> None:
    """However many, and each by one call; pictures in a comment are refused before anything goes out."""
    first, second, _ = bench.send(bench.connect(), bench.message("Post.", "One.", "Two."))
    assert second.extra == {"root": first.id}
    assert calls(server)[-2:] == ["comments", "comments"]
    message = bench.message("Post.", "With a picture.")
    part = dataclasses.replace(message.parts[1], media=message.parts[0].media)
    with pytest.raises(Refused):
        bench.connect().prepare(message, part, key="k", steps=bench.steps())
