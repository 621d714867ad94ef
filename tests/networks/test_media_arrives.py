"""What a server receives of a file that hides something: the picture, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from socrbot.media import Assets
from socrbot.message import Attachment, Rendition
from tests.media.planting import marks
from tests.media.reading import PIECES, leaks, read
from tests.media_corpus import corpus
from tests.networks.bench import Bench
from tests.networks.cases import each_network
from tests.standins.exchange import Media

BEGINNINGS = {b"\xff\xd8": "image/jpeg", b"\x89PNG": "image/png", b"ftyp": "video/mp4"}
PICTURES = ("all.jpg", "exif.png")


@pytest.fixture(params=each_network())
def network_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def arrived(bench: Bench, tmp_path: Path) -> Callable[..., Sequence[Media]]:
    """Sends files of the corpus through the real media path, and gives what the server received of them."""
    assets = Assets(tmp_path)
    given: list[Rendition] = []

    def attachment(name: str) -> Attachment:
        (tmp_path / name).write_bytes(corpus()[name])
        seen = assets.inspect(Path(name))
        return Attachment(
            name, "A red block.", seen.mime, seen.width, seen.height, seen.size, seen.digest, seen.seconds
        )

    def media(wanted: Attachment, like: Attachment | None = None) -> Rendition:
        given.append(assets.rendition(wanted, bench.capable, like))
        return given[-1]

    def send(*names: str) -> Sequence[Media]:
        network = bench.build(replace(bench.equipment(), media=media))
        network.verify()
        message = bench.message("See what we did.", media=tuple(attachment(name) for name in names))
        bench.send(network, message)
        (post,) = bench.standin.visible
        assert {one.data for one in post.media} <= {one.data for one in given}
        return post.media

    return send


def look(received: Sequence[Media], folder: Path) -> None:
    """Fails where anything is in the files that should not be, whoever looks."""
    paths = []
    for number, one in enumerate(received):
        kind = next(kind for begin, kind in BEGINNINGS.items() if begin in one.data[:8])
        assert not [mark for mark in marks() if mark in one.data]
        assert list(PIECES[kind](one.data)) == []
        paths.append(folder / f"received-{number}.{kind.rpartition('/')[2]}")
        paths[-1].write_bytes(one.data)
    for path, found in read(paths).items():
        assert list(leaks(found)) == [], path.name


def test_pictures_arrive_with_nothing_hidden_in_them(
    arrived: Callable[..., Sequence[Media]], bench: Bench, tmp_path: Path
) -> None:
    """Byte for byte what the media path made; neither exiftool nor a search finds the place or the name."""
    number = min(bench.capable.max_images, len(PICTURES))
    if not number:
        pytest.skip("this network takes no pictures")
    received = arrived(*PICTURES[:number])
    assert len(received) == number
    look(received, tmp_path)


def test_a_video_arrives_with_nothing_hidden_in_it(
    arrived: Callable[..., Sequence[Media]], bench: Bench, tmp_path: Path
) -> None:
    """Names, places and tracks that tell where the camera was stay behind."""
    pytest.importorskip("av")
    video = bench.capable.video
    if video is None:
        pytest.skip("this network takes no videos")
    (received,) = arrived("keys.mp4")
    look([received], tmp_path)


def test_no_request_carries_what_was_planted(arrived: Callable[..., Sequence[Media]], bench: Bench) -> None:
    """Not in a name, not in a field, not in another file: no request to the server has it in any form."""
    if not bench.capable.max_images:
        pytest.skip("this network takes no pictures")
    arrived(PICTURES[0])
    for request in bench.standin.requests():
        sent = request.body + os.fsencode(request.path) + repr(request.headers).encode()
        assert not [mark for mark in marks() if mark in sent]
