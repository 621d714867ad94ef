"""Which files are read, and what happens to those that cannot be."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from socrbot import source
from socrbot.source import files
from tests.source.folder import CONFIG, codes, lines, load, load_post, texts, write


def test_posts_come_in_the_order_of_their_paths(tmp_path: Path) -> None:
    """Folders are walked, other files left alone, and the order is that of the sorted paths."""
    loaded = load(
        tmp_path,
        {
            "posts/b.yaml": "text: b",
            "posts/a/z.yml": "text: z",
            "posts/a.YAML": "text: a",
            "posts/.hidden.yaml": "txt: no",
            "posts/notes.txt": "no",
            "posts/c.yaml~": "no",
            "posts/d.yaml.txt": "text: d",
        },
    )
    assert list(texts(loaded)) == ["a", "z", "b"]
    assert lines(loaded) == [
        "d.yaml.txt: warning[two-names]: this file is not read",
        "  rename it so that it ends in .yaml",
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b"text: fine\nauthor: caf\xe9\n",
            "p.yaml:2:12: error[wrong-encoding]: byte 23 of this file (0xe9) is not UTF-8; it may stand for é",
        ),
        ("text: a".encode("utf-16"), "p.yaml: error[wrong-encoding]: this file is saved as UTF-16, not as UTF-8"),
        (
            "text: a".encode("utf-16-le"),
            "p.yaml: error[wrong-encoding]: this file is saved as UTF-16, not as UTF-8",
        ),
        (
            b"text: a\x07b\n",
            "p.yaml:1:8: error[control-character]: a character that no text can hold (U+0007) stands here",
        ),
    ],
)
def test_what_is_not_utf8_is_told_with_its_place(content: bytes, expected: str, tmp_path: Path) -> None:
    """Files in another encoding, and characters that no text holds, count as unreadable."""
    loaded = load_post(tmp_path, content)
    assert lines(loaded)[0] == expected
    assert loaded.campaign is not None
    assert loaded.campaign.unreadable == ("posts/p.yaml",)


def test_links_that_lead_out_are_not_followed(tmp_path: Path) -> None:
    """A symbolic link out of the folder is a problem, one inside it is followed, a loop ends."""
    outside = write(tmp_path / "outside", {"secret.yaml": "text: secret"})
    root = write(tmp_path / "root", {**CONFIG, "posts/a.yaml": "text: a", "shared/b.yaml": "text: b"})
    (root / "posts/out.yaml").symlink_to(outside / "secret.yaml")
    (root / "posts/outside").symlink_to(outside)
    (root / "posts/b.yaml").symlink_to(root / "shared/b.yaml")
    (root / "posts/loop").symlink_to(root / "posts")
    (root / "posts/gone.yaml").symlink_to(root / "nowhere.yaml")
    loaded = source.load(root)
    assert [str(one) for one in loaded.problems] == [
        "posts/gone.yaml: error[missing-file]: this file cannot be opened (No such file or directory)",
        "posts/out.yaml: error[outside-folder]: this leads out of the campaign's folder",
        "posts/outside: error[outside-folder]: this leads out of the campaign's folder",
    ]
    assert list(texts(loaded)) == ["a", "b"]
    assert loaded.campaign is not None
    assert loaded.campaign.unreadable == ("posts/gone.yaml", "posts/out.yaml", "posts/outside")


def test_a_name_that_cannot_be_shown_is_a_problem(tmp_path: Path) -> None:
    """File names are bytes; one that is no text, or holds a line break, could not be told in a log."""
    root = write(tmp_path, {**CONFIG, "posts/a.yaml": "text: a", "posts/two\nlines.yaml": "text: b"})
    (Path(os.fsdecode(bytes(root / "posts") + b"/caf\xe9.yaml"))).write_text("text: c")
    loaded = source.load(root)
    assert codes(loaded) == ["odd-name", "odd-name"]
    assert all("posts/" in str(one).encode("utf-8").decode() for one in loaded.problems)
    assert list(texts(loaded)) == ["a"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """What is not an ordinary file is a problem, not a program that hangs."""
    root = write(tmp_path, {**CONFIG, "posts/a.yaml": "text: a"})
    os.mkfifo(root / "posts/pipe.yaml")
    (root / "config/facts.yaml").unlink()
    os.mkfifo(root / "config/facts.yaml")
    loaded = source.load(root)
    assert codes(loaded) == ["unreadable-file", "unreadable-file"]
    assert list(texts(loaded)) == ["a"]


NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may read everything, so whoever runs the tests as root steps down for a moment."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_file_without_permission_counts_as_unreadable() -> None:
    """A file and a folder that may not be read are problems; a lost folder keeps everything from going out."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root = write(Path(folder), {**CONFIG, "posts/a.yaml": "text: a", "posts/sub/b.yaml": "text: b"})
        source.load(root)
        (root / "posts/a.yaml").chmod(0)
        (root / "posts/sub").chmod(0)
        with as_nobody():
            loaded = source.load(root)
        (root / "posts/sub").chmod(0o700)
    assert codes(loaded) == ["unreadable-file", "unreadable-file"]
    assert loaded.campaign is not None
    assert loaded.campaign.unreadable == ("posts/a.yaml",)
    assert loaded.campaign.config_unreadable


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """A file far beyond all sense is refused by its size alone."""
    root = write(tmp_path, {**CONFIG, "posts/a.yaml": "text: a"})
    with (root / "posts/b.yaml").open("wb") as file:
        file.truncate(files.LARGEST + 1)
    assert codes(source.load(root)) == ["too-large"]


def test_without_posts_nothing_goes_out(tmp_path: Path) -> None:
    """A folder posts that is not there may be a wrong mount: nothing may be cancelled for it."""
    root = write(tmp_path, {**CONFIG})
    (root / "posts").rmdir()
    loaded = source.load(root)
    assert codes(loaded) == ["missing-file"]
    assert loaded.campaign is not None
    assert loaded.campaign.config_unreadable


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """No folder, no campaign, one problem."""
    loaded = source.load(tmp_path / "nowhere")
    assert (loaded.campaign, codes(loaded)) == (None, ["missing-file"])


MEDIA_PATHS = {
    "media/card.png": [],
    "media/crad.png": [
        'p.yaml:2:10: error[missing-media]: there is no file "media/crad.png"',
        '  did you mean "media/card.png"?',
    ],
    "media": [
        'p.yaml:2:10: error[missing-media]: there is no file "media"',
        "  there is: media/card.png, media/link.png",
    ],
    "../card.png": [
        'p.yaml:2:10: error[media-outside]: "../card.png" leads out of the campaign\'s folder',
        "  put the file into the folder media, and write media/ and its name",
    ],
    "/etc/hostname": [
        'p.yaml:2:10: error[media-outside]: "/etc/hostname" leads out of the campaign\'s folder',
        "  put the file into the folder media, and write media/ and its name",
    ],
    "media/link.png": [
        'p.yaml:2:10: error[media-outside]: "media/link.png" leads out of the campaign\'s folder',
        "  put the file into the folder media, and write media/ and its name",
    ],
    "media\\card.png": [
        'p.yaml:2:10: error[missing-media]: "media\\card.png" has backslashes in it; paths have forward slashes',
        "  write media/card.png",
    ],
    '"media/\\0"': [
        'p.yaml:2:10: error[media-outside]: "media/<U+0000>" leads out of the campaign\'s folder',
        "  put the file into the folder media, and write media/ and its name",
    ],
}


@pytest.mark.parametrize("path", MEDIA_PATHS)
def test_media_stay_in_the_folder(path: str, tmp_path: Path) -> None:
    """A media file has to be there, inside the campaign's folder."""
    (tmp_path / "secret.png").write_bytes(b"secret")
    root = write(tmp_path / "root", {"media/card.png": b"card"})
    (root / "media/link.png").symlink_to(tmp_path / "secret.png")
    loaded = load_post(root, f"text: a\nmedia: [{{file: {path}, alt: b}}]\n")
    assert lines(loaded) == MEDIA_PATHS[path]
    assert loaded.campaign is not None
    assert list(loaded.campaign.assets) == ([] if loaded.problems else ["media/card.png"])
