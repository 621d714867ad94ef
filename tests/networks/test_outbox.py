"""The outbox: readable files, written once, whole or not at all."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, Unauthorised
from socrbot.message import Absent, Attachment, Found, Message, Part, Receipt, Rendition
from socrbot.networks.base import Equipment, Intent
from socrbot.networks.outbox import Outbox
from socrbot.networks.shared import disk

SEVEN = datetime(2026, 7, 4, 18, 0, tzinfo=UTC)  # 19:00 in London
KEY = f"4fa1c0ffee4fa1c0@{int(SEVEN.timestamp()) * 1_000_000}/1"
PNG = b"\x89PNG\r\n\x1a\n and so on"


class NoSteps:
    """The outbox needs no steps kept."""

    def get(self, name: str) -> str | None:
        raise AssertionError(name)

    def keep(self, name: str, value: str, *, expires_at: datetime | None = None) -> None:
        raise AssertionError(name)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(SEVEN + timedelta(seconds=40))


def make_outbox(folder: Path, clock: VirtualClock, **options: str) -> Outbox:
    return Outbox(Equipment("outbox", {}, options, clock, rendition, folder))


def rendition(picture: Attachment) -> Rendition:
    data = PNG + picture.path.encode()
    return Rendition(data, "image/png", 3, 2, hashlib.sha256(data).hexdigest(), "picture.png")


@pytest.fixture
def outbox(tmp_path: Path, clock: VirtualClock) -> Outbox:
    return make_outbox(tmp_path, clock, time_zone="Europe/London")


def picture(name: str = "media/card.png", alt: str = "A card that says: they are mine.") -> Attachment:
    return Attachment(name, alt, "image/png", 3, 2, 10, "0" * 64)


def message(*texts: str, media: tuple[Attachment, ...] = (), post: str = "spring-term") -> Message:
    parts = tuple(Part(number, text, media=media) for number, text in enumerate(texts, start=1))
    return Message(post, "outbox", "outbox", "en-GB", parts, "digest")


def send(outbox: Outbox, what: Message, *, key: str = KEY, number: int = 1, reply_to: Receipt | None = None) -> Receipt:
    payload = outbox.prepare(what, what.parts[number - 1], key=key, steps=NoSteps())
    return outbox.publish(payload, key=key, reply_to=reply_to)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_post_is_a_file_that_a_person_can_read(outbox: Outbox, tmp_path: Path) -> None:
    """Time in words, account, text, and pictures with their description stand in one file."""
    receipt = send(outbox, message("Their words.\n#SaveOurChildrensRights", media=(picture(),)))
    text = (tmp_path / receipt.id).read_text()
    assert text.startswith("Saturday 4 July 2026, 19:00 BST\nAccount outbox, post spring-term\n")
    assert "Their words.\n#SaveOurChildrensRights\n" in text
    assert "Picture 1 is described as: A card that says: they are mine." in text
    shown = text.partition("![Picture 1](")[2].partition(")")[0]
    assert (tmp_path / receipt.id).with_name(shown).read_bytes() == PNG + b"media/card.png"


def test_the_file_is_named_by_day_time_and_post(outbox: Outbox) -> None:
    """The planned time in the campaign's zone leads the name, so a folder reads as a calendar."""
    receipt = send(outbox, message("One."))
    assert receipt.id == "2026-07-04/19-00-00_spring-term_4fa1c0ffee4fa1c0-1.md"
    assert receipt.url == receipt.id


def test_nothing_is_there_before_publish(outbox: Outbox, tmp_path: Path) -> None:
    """Preparing copies pictures and makes no post."""
    what = message("One.", media=(picture(),))
    outbox.prepare(what, what.parts[0], key=KEY, steps=NoSteps())
    assert [name for name in files(tmp_path) if name.endswith(".md")] == []
    assert outbox.recent(SEVEN - timedelta(days=1)) == []


def test_the_same_key_is_written_once(outbox: Outbox, tmp_path: Path, clock: VirtualClock) -> None:
    """A second try with the same key finds the file, changes nothing, and gives the same receipt."""
    first = send(outbox, message("One.", media=(picture(),)))
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}
    clock.advance(timedelta(hours=3))
    assert send(outbox, message("Another wording.", media=(picture(),))) == first
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before


def test_keys_of_any_form_are_kept_apart(outbox: Outbox) -> None:
    """Two keys make two posts, however they are written; each is found again by its own."""
    keys = [KEY, KEY[:-1] + "2", "a", "../../b", "x" * 500, "a/1", "é"]
    receipts = [send(outbox, message(key), key=key) for key in keys]
    assert len({receipt.id for receipt in receipts}) == len(keys)
    assert sorted(post.text for post in outbox.recent(SEVEN)) == sorted(keys)


def test_a_lost_answer_is_settled_for_certain(outbox: Outbox) -> None:
    """`find` says found with the receipt where the file is there, and absent where it is not."""
    what = message("One.")
    payload = outbox.prepare(what, what.parts[0], key=KEY, steps=NoSteps())
    intent = Intent(payload, KEY, 1, SEVEN)
    assert isinstance(outbox.find(intent), Absent)
    receipt = outbox.publish(payload, key=KEY, reply_to=None)
    found = outbox.find(intent)
    assert isinstance(found, Found)
    assert found.receipt == receipt


def test_recent_posts_come_newest_first(outbox: Outbox, clock: VirtualClock) -> None:
    """Only posts since the given instant, with text and number of pictures."""
    for number in range(1, 4):
        send(outbox, message(f"Post {number}", media=(picture(),) * number), key=f"a{number}@{number}/1")
        clock.advance(timedelta(hours=1))
    recent = outbox.recent(SEVEN + timedelta(hours=1))
    assert [(post.text, post.media_count) for post in recent] == [("Post 3", 3), ("Post 2", 2)]
    assert recent[0].created_at == SEVEN + timedelta(hours=2, seconds=40)


def test_a_thread_says_what_it_follows(outbox: Outbox, tmp_path: Path) -> None:
    """Each part is a file of its own that names its number and the part before."""
    what = message("One.", "Two.")
    first = send(outbox, what)
    second = send(outbox, what, key=KEY[:-1] + "2", number=2, reply_to=first)
    text = (tmp_path / second.id).read_text()
    assert "Part 2 of 2" in text
    assert f"It follows {first.id}" in text


def test_a_deleted_post_takes_its_pictures_along(outbox: Outbox, tmp_path: Path) -> None:
    """A picture stays only while another post shows it; deleting what is gone is no error."""
    shared, own = picture("media/shared.png"), picture("media/own.png")
    first = send(outbox, message("One.", media=(shared, own)))
    second = send(outbox, message("Two.", media=(shared,)), key=KEY[:-1] + "2")
    outbox.delete(first)
    assert len(files(tmp_path)) == 2
    outbox.delete(first)
    outbox.delete(second)
    assert files(tmp_path) == []


def test_a_strange_zone_is_no_reason_to_fail(tmp_path: Path, clock: VirtualClock) -> None:
    """Without a zone, or with one that does not exist, times are in UTC."""
    receipt = send(make_outbox(tmp_path, clock, time_zone="Europe/Atlantis"), message("One."))
    assert receipt.id.startswith("2026-07-04/18-00-00_")
    assert "18:00 UTC" in (tmp_path / receipt.id).read_text()


def test_other_files_in_the_folder_are_left_alone(outbox: Outbox, tmp_path: Path) -> None:
    """A note or a picture that a person put there is neither read as a post nor deleted."""
    receipt = send(outbox, message("One."))
    note = tmp_path / "2026-07-04" / "note.md"
    note.write_text("Our own note.\n<!-- socrbot -->\n")
    (tmp_path / "2026-07-04" / "binary.md").write_bytes(b"\xff\xfe\x00")
    assert [post.text for post in outbox.recent(SEVEN)] == ["One."]
    outbox.delete(receipt)
    assert note.exists()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80), alt=st.text("ab\n-<>!'\"\\", max_size=20))
def test_any_text_comes_back_as_it_went_in(tmp_path: Path, clock: VirtualClock, text: str, alt: str) -> None:
    """No text can end the record early or pass itself off as another."""
    outbox = make_outbox(tmp_path, clock)
    trap = text + '\n<!-- socrbot {"text": "forged"} -->\n' + text
    receipt = send(outbox, message(trap, media=(picture(alt=alt),)))
    (back,) = outbox.recent(SEVEN)
    outbox.delete(receipt)
    assert back.text == trap
    assert back.media_count == 1


def test_a_disk_that_fails_means_not_sent(tmp_path: Path, clock: VirtualClock) -> None:
    """A folder that can't be used is told as "not sent", in words."""
    (tmp_path / "file").write_text("in the way")
    outbox = make_outbox(tmp_path / "file", clock)
    what = message("One.")
    payload = outbox.prepare(what, what.parts[0], key=KEY, steps=NoSteps())
    with pytest.raises(NotSent, match="outbox's folder cannot be used"):
        outbox.publish(payload, key=KEY, reply_to=None)
    with pytest.raises(NotSent):
        outbox.verify()


def test_verify_says_who_it_is(outbox: Outbox, tmp_path: Path, clock: VirtualClock) -> None:
    """The outbox is its account; a folder that may not be written is a matter for a person."""
    assert outbox.verify().id == "outbox"
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(Unauthorised):
            make_outbox(tmp_path, clock).verify()
        tmp_path.chmod(0o700)


def _write_over_and_over(path: Path, ready: object) -> None:
    """Runs in a process of its own until it is killed."""
    ready.set()  # type: ignore[attr-defined]
    while True:
        disk.write_whole(path, b"whole" * 100_000)
        path.unlink()


def test_a_kill_leaves_all_or_nothing(tmp_path: Path) -> None:
    """Whenever the process dies, the file is complete or not there."""
    context = multiprocessing.get_context("fork")
    path = tmp_path / "day" / "post.md"
    for round_ in range(12):
        ready = context.Event()
        process = context.Process(target=_write_over_and_over, args=(path, ready))
        process.start()
        assert ready.wait(10)
        process.join(0.002 + 0.003 * round_)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        if path.exists():
            assert path.read_bytes() == b"whole" * 100_000


def test_files_are_for_their_owner_alone(outbox: Outbox, tmp_path: Path) -> None:
    """Posts and pictures can be read by nobody else on the computer."""
    send(outbox, replace(message("One.", media=(picture(),))))
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in files(tmp_path)} == {0o600}
