"""Pictures that cannot be used are one clear problem; none of them raises."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from socrbot import media
from socrbot.errors import NotSent
from socrbot.media import Assets, inspect
from socrbot.message import Capabilities
from tests.pictures import PLANTED, attachment, cleaned, digest, gif, marked, noise, photo, png, rendition, webp


def problem(path: Path, root: Path) -> str:
    asset = inspect(path, root)
    assert asset.problem
    assert (asset.mime, asset.size, asset.digest) == ("", 0, "")
    return asset.problem


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    """A file that is not there, or cannot be, is a problem and no exception."""
    assert "no such file" in problem(tmp_path / "none.png", tmp_path)
    assert problem(tmp_path / ("x" * 300 + ".png"), tmp_path)
    assert problem(Path("a\0b.png"), tmp_path)
    (tmp_path / "file").write_text("x")
    assert problem(Path("file/a.png"), tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    assert problem(Path("loop"), tmp_path)


def test_a_file_outside_the_campaign_is_a_problem(tmp_path: Path) -> None:
    """Neither dots nor a symbolic link lead out of the campaign's folder."""
    root = tmp_path / "campaign"
    root.mkdir()
    photo(tmp_path / "secret.jpg")
    (root / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    assert "outside" in problem(Path("../secret.jpg"), root)
    assert "outside" in problem(tmp_path / "secret.jpg", root)
    assert "outside" in problem(Path("link.jpg"), root)
    photo(root / "real.jpg")
    (root / "inner.jpg").symlink_to(root / "real.jpg")
    assert inspect(Path("inner.jpg"), root).problem is None


def test_what_is_no_file_is_a_problem(tmp_path: Path) -> None:
    """A folder or a pipe is not opened: a pipe would keep the bot waiting for ever."""
    os.mkfifo(tmp_path / "pipe.png")
    assert "not a file" in problem(tmp_path / "pipe.png", tmp_path)
    assert "not a file" in problem(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"Not a picture at all, but a letter.", "not a JPEG, PNG, GIF, WebP or HEIC"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a JPEG, PNG, GIF, WebP or HEIC"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(200), "damaged"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(200), "video is damaged"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "not a JPEG"),
        (b"\x00\x00\x00\x18ftypavif" + bytes(200), "not a JPEG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "damaged|not a JPEG"),
    ],
)
def test_what_is_no_picture_is_a_problem(tmp_path: Path, content: bytes, says: str) -> None:
    """The content decides, not the name."""
    path = tmp_path / "card.png"
    path.write_bytes(content)
    assert re.search(says, problem(path, tmp_path))


@pytest.mark.parametrize("make", [photo, png, webp])
def test_a_truncated_picture_is_a_problem(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """A file that broke off while it was copied is found while it is checked, not by the network."""
    path = make(tmp_path / "a")
    big = tmp_path / "b"
    noise((200, 200)).save(big, {photo: "JPEG", png: "PNG", webp: "WEBP"}[make])
    data = big.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    assert "damaged" in problem(path, tmp_path)


def test_a_bomb_is_a_problem(tmp_path: Path) -> None:
    """A small file that would unfold to gigabytes is refused by its header."""
    path = tmp_path / "bomb.png"
    Image.new("1", (30_000, 30_000)).save(path)
    assert path.stat().st_size < 1_000_000
    assert "pixels" in problem(path, tmp_path)
    Image.new("1", (9_000, 9_000)).save(path)
    assert "81 million pixels" in problem(path, tmp_path)


def test_a_file_too_large_is_a_problem(tmp_path: Path) -> None:
    """The limit of 20 MB is said with the file's own size."""
    path = photo(tmp_path / "a.jpg")
    with path.open("ab") as file:
        file.truncate(media.MAX_BYTES + 2_000_000)
    assert "22.0 MB" in problem(path, tmp_path)


def test_a_moving_picture_is_a_problem(tmp_path: Path) -> None:
    """Only the first frame would go out; that is not decided in silence."""
    path = tmp_path / "a.gif"
    marked().save(path, save_all=True, append_images=[noise((60, 40))], duration=100)
    assert "moves" in problem(path, tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, 3_000), junk=st.binary(min_size=1, max_size=40), which=st.sampled_from(["j", "p", "w", "g"])
)
def test_a_damaged_picture_never_raises(tmp_path: Path, place: int, junk: bytes, which: str) -> None:
    """Whatever bytes are wrong, `inspect` answers, and what it accepts can be cleaned and holds nothing hidden."""
    make = {"j": photo, "p": png, "w": webp, "g": gif}[which]
    path = make(tmp_path / f"damaged.{which}")
    data = bytearray(path.read_bytes())
    place %= len(data)
    data[place : place + len(junk)] = junk
    path.write_bytes(data)
    if inspect(path, tmp_path).problem is None:
        assert PLANTED.encode() not in rendition(path).data


def test_a_file_is_looked_into_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unchanged files cost a stat; a changed one is seen at once."""
    path = photo(tmp_path / "a.jpg")
    assets = Assets(tmp_path)
    first = assets.inspect(path)
    assert assets.inspect(Path("a.jpg")) is first
    photo(path, image=marked((80, 50)))
    assert assets.inspect(path).width == 80
    path.unlink()
    assert "no such file" in str(assets.inspect(path).problem)
    photo(path)
    assert assets.inspect(path).problem is None


def test_a_change_is_seen_when_the_file_is_wanted(tmp_path: Path) -> None:
    """The attachment's path and digest are enough; after a change the file is looked into afresh."""
    path = photo(tmp_path / "media" / "a.jpg")
    assets = Assets(tmp_path)
    wanted = replace(attachment(path), path="media/a.jpg")
    assert assets.inspect(path).digest == wanted.digest
    assert assets.rendition(wanted, Capabilities(500, len)).data == cleaned(path)[0]
    photo(path, image=marked((80, 50)))
    with pytest.raises(NotSent):
        assets.rendition(wanted, Capabilities(500, len))
    assert assets.inspect(path).digest == digest(path)
