"""The public place for pictures, as the whole bot uses it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.app import App
from socrbot.clock import VirtualClock
from socrbot.hosting import PublicFolder
from socrbot.message import Attachment
from socrbot.networks.wire.page_photos import PagePhotos
from socrbot.settings import load
from tests.cli.desk import Desk
from tests.networks.bench import START
from tests.pictures import marked, photo
from tests.standins.graph import PAGE, TOKEN
from tests.whole.campaigns import write

KEYS = {"IG_USER_ID": "17841400000000000", "IG_ACCESS_TOKEN": "planted-access-key"}
FOLDER = "media: {public_url: https://media.example.invalid/posts, folder: public}\n"
POST = """\
text: See it.
media:
  - {file: media/a.jpg, alt: A red block on white, people: no}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A campaign with a post that has a picture, for Instagram and Facebook, and no public place."""
    write(tmp_path, {"post.yaml": POST}, accounts={"facebook": "facebook", "instagram": "instagram"})
    photo(tmp_path / "media" / "a.jpg", image=marked((600, 400)))
    return tmp_path


def say(root: Path, line: str) -> None:
    with (root / "config" / "campaign.yaml").open("a", encoding="utf-8") as file:
        file.write(line)


@pytest.fixture
def app(root: Path) -> Iterator[App]:
    env = {**KEYS, "FB_PAGE_ID": PAGE, "FB_PAGE_ACCESS_TOKEN": TOKEN, "SOCRBOT_DATA_DIR": str(root / "data")}
    made = App(load(root, env), clock=VirtualClock(START), say=lambda *_, **__: None)
    yield made
    made.close()


def test_check_says_at_once_that_a_picture_cannot_be_shown(root: Path) -> None:
    """Long before its time, with what to do; once there is a place, nothing is wrong any more."""
    desk = Desk(root, {})
    done = desk("check")
    assert done.code == 1
    assert "no-public-address" in done.out
    assert "docs/operating.md" in done.out
    say(root, FOLDER)
    done = desk("check")
    assert "no-public-address" not in done.out
    assert done.code == 0


def test_doctor_says_what_is_wrong_with_the_place(root: Path) -> None:
    """In its own line, and nothing of the test picture is left in the folder."""
    assert "no place. Instagram can show no pictures" in Desk(root, {})("doctor").out
    say(root, FOLDER)
    done = Desk(root, {})("doctor")
    assert "Public pictures: NOT WORKING: The name media.example.invalid leads nowhere." in done.out
    assert done.code == 1
    assert [path.name for path in (root / "public").iterdir()] == ["index.html"]
    assert not Desk(root, {})("doctor", "--json").data["pictures"]["well"]


def test_only_networks_that_fetch_get_the_place(root: Path, app: App) -> None:
    """And it changes with the files: an adapter is made anew when the place is another."""
    before = app.network("instagram")
    campaign = app.snapshot().campaign
    assert app.equipping.equipment(campaign.accounts["instagram"], campaign).hosting is None
    assert app.network("instagram") is before
    say(root, FOLDER)
    campaign = app.refresh().campaign
    assert isinstance(app.equipping.equipment(campaign.accounts["instagram"], campaign).hosting, PublicFolder)
    assert app.equipping.equipment(campaign.accounts["facebook"], campaign).hosting is None
    assert app.network("instagram") is not before


def test_the_place_can_be_the_page(root: Path, app: App) -> None:
    """`through: facebook` uses the Page's account, where it is connected."""
    say(root, "media: {through: facebook}\n")
    campaign = app.refresh().campaign
    assert isinstance(app.equipping.hosting(campaign), PagePhotos)


def test_what_is_withdrawn_goes_from_the_public_folder_too(root: Path, app: App) -> None:
    """Everything that was made of the file: what is kept, and what still lies in the folder."""
    say(root, FOLDER)
    campaign = app.refresh().campaign
    made = app.equipping.equipment(campaign.accounts["instagram"], campaign)
    asset = campaign.assets["media/a.jpg"]
    wanted = Attachment("media/a.jpg", "A red block", asset.mime, asset.width, asset.height, asset.size, asset.digest)
    assert made.hosting is not None
    rendition = made.media(wanted)
    made.hosting.show(rendition, alt="")
    (root / "public" / "logo.jpg").write_bytes(b"the team's own")
    assert hashlib.sha256(rendition.data).hexdigest() == rendition.digest
    app.eraser.erase([asset.digest])
    assert sorted(path.name for path in (root / "public").iterdir()) == ["index.html", "logo.jpg"]
    assert app.store.path(asset.digest) is None


def test_a_pass_takes_away_what_a_given_up_post_left_behind(root: Path, app: App) -> None:
    """Nobody has to show another picture for it, or to start the bot anew: a day later it is gone."""
    say(root, FOLDER)
    app.turn(wait=True)
    left = root / "public" / f"{'a' * 32}.jpg"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"a picture")
    os.utime(left, (START.timestamp(), START.timestamp()))
    clock = app.clock
    assert isinstance(clock, VirtualClock)
    clock.advance(timedelta(hours=2))
    app.turn(wait=True)
    assert left.exists()
    clock.advance(timedelta(hours=23))
    app.turn(wait=True)
    assert not left.exists()
