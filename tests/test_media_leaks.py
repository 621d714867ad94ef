"""What hides in a file does not leave: each file of the corpus goes through the real media path for each network, and
what comes out is read by exiftool, by its structure, and byte by byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from socrbot import networks
from socrbot.media import Assets, inspect
from socrbot.message import Attachment, Capabilities, Rendition, VideoLimits
from tests.media.planting import DAY, NAME, PLACE, jpeg_of, marks
from tests.media.reading import PIECES, leaks, read
from tests.media_corpus import corpus

ANY = Capabilities(500, len, image_types=("image/jpeg", "image/png"), image_bytes=10**9, video=VideoLimits())
PLACES: Mapping[str, Capabilities] = {**networks.all_capabilities(), "any": ANY}
FILES = sorted(corpus())


@dataclass(frozen=True)
class Sent:
    """What leaves of one file for one network."""

    name: str
    network: str
    rendition: Rendition
    path: Path


def attached(path: Path, root: Path) -> Attachment:
    asset = inspect(path, root)
    assert asset.problem is None, f"{path.name}: {asset.problem}"
    return Attachment(
        path.name, "A red block", asset.mime, asset.width, asset.height, asset.size, asset.digest, asset.seconds
    )


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus on the disk."""
    folder = tmp_path_factory.mktemp("corpus")
    for name, data in corpus().items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="session")
def sent(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Sent]]:
    """What leaves of each file, for each network that takes its kind."""
    out, assets = tmp_path_factory.mktemp("sent"), Assets(planted)
    made: dict[str, list[Sent]] = {name: [] for name in FILES}
    for name in FILES:
        whole = attached(planted / name, planted)
        for network, capable in PLACES.items():
            if capable.video is None if whole.is_video else capable.max_images == 0:
                continue
            for number, (like, crop) in enumerate(((None, False), (replace(whole, width=300, height=100), True))):
                rendition = assets.rendition(replace(whole, crop=crop), capable, like)
                path = out / f"{name}.{network}.{number}{Path(rendition.name).suffix}"
                path.write_bytes(rendition.data)
                made[name].append(Sent(name, network, rendition, path))
    return made


@pytest.fixture(scope="session")
def seen(sent: Mapping[str, list[Sent]]) -> Mapping[Path, Mapping[str, object]]:
    """What exiftool finds in each file that leaves."""
    return read([one.path for each in sent.values() for one in each])


def test_the_corpus_has_every_format() -> None:
    """Formats that can be written here are all there; a missing library leaves out its own and nothing else."""
    kinds = {Path(name).suffix for name in FILES}
    assert kinds >= {".jpg", ".png", ".webp", ".gif"}
    pytest.importorskip("pillow_heif")
    pytest.importorskip("av")
    assert kinds >= {".heic", ".mp4", ".mov"}


def test_each_file_of_the_corpus_hides_something(planted: Path) -> None:
    """Before the cleaning the place, the name or the day is there, in plain bytes or for exiftool."""
    found = read([planted / name for name in FILES], "-b")
    for name in FILES:
        said = json.dumps(found[planted / name])
        plain = any(mark in corpus()[name] for mark in marks())
        assert plain or PLACE in said or NAME in said or DAY in said, name


@pytest.mark.parametrize("name", FILES)
def test_no_planted_byte_leaves(name: str, sent: Mapping[str, list[Sent]]) -> None:
    """Neither in any coding of the letters nor as numbers."""
    assert sent[name]
    for one in sent[name]:
        assert not [mark for mark in marks() if mark in one.rendition.data], one.network


@pytest.mark.parametrize("name", FILES)
def test_an_independent_tool_finds_only_what_a_decoder_needs(
    name: str, sent: Mapping[str, list[Sent]], seen: Mapping[Path, Mapping[str, object]]
) -> None:
    """exiftool finds sizes and codes, no date, and not one tag that is not on the list."""
    for one in sent[name]:
        assert list(leaks(seen[one.path])) == [], one.network


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_built_of_what_a_decoder_needs(name: str, sent: Mapping[str, list[Sent]]) -> None:
    """Segment by segment, chunk by chunk, box by box, to its last byte: nothing else is in it."""
    for one in sent[name]:
        assert list(PIECES[one.rendition.mime](one.rendition.data)) == [], one.network


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".jpg", ".png"))])
def test_the_look_at_the_structure_would_see_what_is_planted(name: str) -> None:
    """Each JPEG and PNG of the corpus has a piece that must not be there."""
    kind = "image/jpeg" if name.endswith(".jpg") else "image/png"
    assert list(PIECES[kind](corpus()[name]))
    assert list(PIECES["image/jpeg"](jpeg_of())) == []


def test_the_list_of_what_is_allowed_would_see_what_is_planted(planted: Path) -> None:
    """What exiftool finds in the files of the corpus is not on the list: a leak would be told."""
    names = [name for name in FILES if name.startswith(("exif", "xmp.", "iptc", "comment", "keys", "names", "tracks"))]
    found = read([planted / name for name in names])
    assert len(names) > 10
    for name in names:
        assert list(leaks(found[planted / name])), name
