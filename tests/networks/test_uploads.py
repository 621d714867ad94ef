"""An upload is made once, and anew where it would not be the same or is no longer there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent
from socrbot.message import Attachment
from socrbot.networks.shared.uploads import forget, kept
from tests.networks.bench import START, MemorySteps

PICTURE = Attachment("media/a.png", "Alt", "image/png", 16, 9, 100, "d" * 64)


class Uploads:
    """Gives each upload the next number."""

    def __init__(self, ends: datetime | None = None) -> None:
        self.made = 0
        self.ends = ends

    def __call__(self) -> tuple[str, datetime | None]:
        self.made += 1
        return str(self.made), self.ends


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def steps(clock: VirtualClock) -> MemorySteps:
    return MemorySteps(clock)


def test_the_same_file_is_uploaded_once(steps: MemorySteps) -> None:
    """The second time the number of the first is given."""
    make = Uploads()
    assert [kept(steps, PICTURE, make, kind="photo") for _ in range(3)] == ["1", "1", "1"]
    assert make.made == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(PICTURE, digest="e" * 64),
        replace(PICTURE, alt="Another description"),
        replace(PICTURE, crop=True),
        replace(PICTURE, focus=(0.5, 0.0)),
    ],
)
def test_what_would_arrive_otherwise_is_another_upload(steps: MemorySteps, other: Attachment) -> None:
    """File, description, crop and focus count; where the team keeps the file does not."""
    make = Uploads()
    assert kept(steps, PICTURE, make, kind="photo") == "1"
    assert kept(steps, other, make, kind="photo") == "2"
    assert kept(steps, replace(PICTURE, path="media/moved.png"), make, kind="photo") == "1"


def test_kinds_are_kept_apart(steps: MemorySteps) -> None:
    """A container for a picture is not the picture."""
    make = Uploads()
    assert [kept(steps, PICTURE, make, kind=kind) for kind in ("photo", "container", "photo")] == ["1", "2", "1"]


def test_one_that_ran_out_is_made_anew(steps: MemorySteps, clock: VirtualClock) -> None:
    """The network's own end of it is believed."""
    make = Uploads(START + timedelta(hours=1))
    kept(steps, PICTURE, make, kind="photo")
    clock.advance(timedelta(minutes=59))
    assert kept(steps, PICTURE, make, kind="photo") == "1"
    clock.advance(timedelta(minutes=1))
    assert kept(steps, PICTURE, make, kind="photo") == "2"


def test_one_that_the_network_lost_is_made_anew(steps: MemorySteps) -> None:
    """Only that one is forgotten."""
    make, other = Uploads(), replace(PICTURE, digest="e" * 64)
    kept(steps, PICTURE, make, kind="photo")
    kept(steps, other, make, kind="photo")
    forget(steps, PICTURE, kind="photo")
    assert kept(steps, PICTURE, make, kind="photo") == "3"
    assert kept(steps, other, make, kind="photo") == "2"


def test_an_upload_that_failed_is_not_kept(steps: MemorySteps) -> None:
    """The error comes through, and the next try uploads."""

    def fails() -> tuple[str, datetime | None]:
        raise NotSent("no connection")

    with pytest.raises(NotSent):
        kept(steps, PICTURE, fails, kind="photo")
    assert steps.kept == {}
