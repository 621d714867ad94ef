"""A second load reads only what has changed, and always sees what has."""

from __future__ import annotations

import os
import time
from pathlib import Path

from socrbot import source
from socrbot.campaign import Asset, InSlot
from socrbot.source import files
from tests.source.folder import ACCOUNTS, CAMPAIGN, CONFIG, codes, texts, write


def settle(root: Path) -> None:
    """Waits until the files are old enough to be trusted, without sleeping: gives them an old time of change."""
    newest = max(path.stat().st_ctime_ns for path in root.rglob("*"))
    while time.time_ns() < newest + 120_000_000:
        os.sched_yield()


def test_unchanged_posts_are_the_same_objects(tmp_path: Path) -> None:
    """After an edit of one file, the posts of the others are those of the load before."""
    root = write(tmp_path, {**CONFIG, "posts/a.yaml": "text: a\n", "posts/b.yaml": "text: b\n"})
    settle(root)
    cache = source.Cache()
    first = source.load(root, cache=cache).campaign
    write(root, {"posts/b.yaml": "text: c\n"})
    second = source.load(root, cache=cache)
    assert first is not None
    assert second.campaign is not None
    assert second.campaign.posts["a"] is first.posts["a"]
    assert texts(second) == {"a": ["a"], "b": ["c"]}
    assert second.campaign.digest != first.digest


def test_a_load_that_finds_nothing_new_gives_the_same_record(tmp_path: Path) -> None:
    """Whoever works with it sees at a glance that nothing has changed; any change of config, posts or media shows."""
    post = "text: a\nmedia: [{file: media/a.png, alt: A card., people: no}]\n"
    root = write(tmp_path, {**CONFIG, "posts/a.yaml": post, "posts/b.yaml": "text: [oops\n"})
    settle(root)
    cache = source.Cache()
    first = source.load(root, cache=cache)
    assert source.load(root, cache=cache) is first
    seen = [first]
    for path, text in (
        ("media/a.png", "a picture"),
        ("config/accounts.yaml", ACCOUNTS + "  more: {network: outbox}\n"),
        ("posts/b.yaml", "text: b\n"),
        ("posts/c.yaml", "text: c\n"),
    ):
        write(root, {path: text})
        seen.append(source.load(root, cache=cache))
        assert source.load(root, cache=cache) is seen[-1]
    assert len(set(map(id, seen))) == len(seen)


def test_an_edit_of_the_same_length_in_the_same_moment_is_seen(tmp_path: Path) -> None:
    """A file that changed a moment ago is compared by its content, whatever its times say."""
    root = write(tmp_path, {**CONFIG, "posts/a.yaml": "text: a\n"})
    cache = source.Cache()
    before = (root / "posts/a.yaml").stat()
    source.load(root, cache=cache)
    write(root, {"posts/a.yaml": "text: b\n"})
    os.utime(root / "posts/a.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert texts(source.load(root, cache=cache)) == {"a": ["b"]}


def test_only_changes_that_would_show_are_trusted() -> None:
    """A signature is trusted when the file system's clock has ticked since; whole seconds need longer."""
    second = 1_000_000_000
    fine, coarse = (5 * second + 1, 10, 1, 5 * second + 1), (5 * second, 10, 1, 5 * second)
    assert not files.has_settled(fine, 5 * second + 1_000_000)
    assert files.has_settled(fine, 5 * second + 200_000_000)
    assert not files.has_settled(coarse, 6 * second)
    assert files.has_settled(coarse, 8 * second)


def test_files_come_and_go(tmp_path: Path) -> None:
    """New, renamed and deleted files are seen, and so is a file that can be read again."""
    root = write(tmp_path, {**CONFIG, "posts/a.yaml": "text: a\n", "posts/b.yaml": "text: @\n"})
    settle(root)
    cache = source.Cache()
    source.load(root, cache=cache)
    (root / "posts/a.yaml").rename(root / "posts/c.yaml")
    write(root, {"posts/b.yaml": "text: b\n", "posts/d/e.yaml": "text: e\n"})
    loaded = source.load(root, cache=cache)
    assert (codes(loaded), texts(loaded)) == ([], {"b": ["b"], "c": ["a"], "e": ["e"]})


def test_a_change_of_config_reaches_unchanged_posts(tmp_path: Path) -> None:
    """Posts are held against the new config: an account that is gone, a default slot that is new."""
    root = write(tmp_path, {**CONFIG, "posts/a.yaml": "text: a\n", "posts/b.yaml": "text: b\naccounts: facebook\n"})
    settle(root)
    cache = source.Cache()
    assert codes(source.load(root, cache=cache)) == []
    write(
        root,
        {
            "config/accounts.yaml": ACCOUNTS.replace("facebook", "bluesky"),
            "config/campaign.yaml": CAMPAIGN + "default_slot: tuesday-morning\n",
        },
    )
    loaded = source.load(root, cache=cache)
    assert codes(loaded) == ["unknown-account"]
    assert loaded.campaign is not None
    assert loaded.campaign.posts["a"].schedule == InSlot("tuesday-morning")


def test_media_are_looked_at_once_and_again_when_they_change(tmp_path: Path) -> None:
    """An unchanged picture is not opened a second time; a new one with the same name is."""
    root = write(
        tmp_path, {**CONFIG, "posts/a.yaml": "text: a\nmedia: [{file: media/c.png, alt: b}]\n", "media/c.png": b"1"}
    )
    settle(root)
    looked: list[str] = []

    def inspect(path: Path) -> Asset:
        looked.append(path.name)
        return Asset(str(path), digest=path.read_bytes().hex())

    cache = source.Cache()
    for _ in range(2):
        loaded = source.load(root, inspect=inspect, cache=cache)
    assert looked == ["c.png"]
    (root / "media/c.png").write_bytes(b"2")
    loaded = source.load(root, inspect=inspect, cache=cache)
    assert looked == ["c.png", "c.png"]
    assert loaded.campaign is not None
    assert loaded.campaign.assets["media/c.png"] == Asset("media/c.png", digest="32")
