"""Files that go out inside the publishing call: written down by their digest, and the same bytes when they go."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from socrbot.errors import NotSent, Refused
from socrbot.message import Attachment, Part, Rendition
from socrbot.networks.shared.enclosures import enclose, enclosed

PLAIN = Attachment("media/a.png", "A drawing", "image/png", 16, 9, 4, "a" * 64)
MARKED = replace(PLAIN, path="media/b.png", crop=True, focus=(0.5, -1.0))
CLIP = replace(PLAIN, path="media/c.mp4", mime="video/mp4", seconds=3.5)


def media(attachment: Attachment) -> Rendition:
    return Rendition(attachment.path.encode(), attachment.mime, 16, 9, attachment.path, "file")


def test_files_come_back_as_they_were_written_down() -> None:
    """Through JSON, as the ledger keeps them: every field, in order, each with its own bytes."""
    files = (PLAIN, MARKED, CLIP)
    payload = {"media": json.loads(json.dumps(enclose(Part(1, "Look.", media=files), media)))}
    found = enclosed(payload, media)
    assert tuple(attachment for attachment, _ in found) == files
    assert [rendition.data for _, rendition in found] == [file.path.encode() for file in files]


def test_a_file_that_changed_in_between_is_not_sent() -> None:
    """The next try writes down the new one."""
    payload = {"media": enclose(Part(1, "Look.", media=(PLAIN,)), media)}
    with pytest.raises(NotSent, match=PLAIN.path):
        enclosed(payload, lambda attachment: replace(media(attachment), digest="another"))


def test_a_file_that_cannot_be_used_is_said_at_once() -> None:
    """Before anything is written down."""

    def broken(attachment: Attachment) -> Rendition:
        raise Refused(f"{attachment.path} is broken.")

    with pytest.raises(Refused):
        enclose(Part(1, "Look.", media=(PLAIN,)), broken)


def test_a_post_without_files_has_none() -> None:
    """Whether the payload says so or not."""
    assert enclose(Part(1, "Words."), media) == []
    assert enclosed({}, media) == enclosed({"media": []}, media) == []
