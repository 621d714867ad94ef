"""The public folder for pictures, and what `doctor` finds out about its address from outside."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent
from socrbot.hosting import PublicFolder, examine
from socrbot.http import Session
from socrbot.message import Rendition
from tests.standins.exchange import Reply, Request
from tests.standins.server import Standin

NOW = datetime(2026, 3, 7, 19, 0, tzinfo=UTC)
URL = "https://media.example.uk/posts"
PICTURE = Rendition(b"\xff\xd8\xffpicture", "image/jpeg", 60, 40, "ab" * 32, "picture.jpg")
KINDS = {".jpg": "image/jpeg", ".png": "image/png", ".mp4": "video/mp4", ".html": "text/html"}


class WebServer(Standin):
    """A web server that shows a folder under /posts. `wrong` is what is wrong with it."""

    name = "web server"

    def __init__(self, folder: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = folder
        self.wrong = ""
        self.robots = ""
        self.seen: dict[str, bytes] = {}

    def act(self, request: Request) -> Reply:
        whole = {
            "login": Reply(401),
            "turned-away": Reply(403),
            "elsewhere": Reply(301, b"", {"Location": "https://www.example.uk/"}),
            "broken": Reply(500),
            "login-page": Reply(200, b"<html>Please sign in</html>", {"Content-Type": "text/html"}),
        }.get(self.wrong)
        if request.path == "/robots.txt":
            return Reply(200 if self.robots else 404, self.robots.encode(), {"Content-Type": "text/plain"})
        return whole or self._file(request.path.removeprefix("/posts/"))

    def _file(self, name: str) -> Reply:
        if not name and self.wrong == "listing":
            return Reply(200, "\n".join(names(self.folder)).encode())
        path = self.folder / (name or "index.html")
        if self.wrong == "cache" and name in self.seen:
            return Reply(200, self.seen[name], {"Content-Type": "image/png"})
        if self.wrong == "other-folder" or not path.is_file():
            return Reply(404, b"no")
        self.seen[name] = path.read_bytes()
        kind = "application/octet-stream" if self.wrong == "kind" else KINDS[path.suffix]
        return Reply(200, self.seen[name], {"Content-Type": kind})


@dataclass
class Place:
    """A public folder, and the web server in front of it."""

    folder: Path
    server: WebServer
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(NOW))
    leads_to: tuple[str, ...] = ("93.184.216.34",)

    @property
    def public(self) -> PublicFolder:
        return PublicFolder(URL, self.folder, self.clock)

    def examined(self, place: PublicFolder | None = None) -> str:
        """What doctor says, in one text."""
        session = Session(addresses={"https://media.example.uk": self.server.base})
        return " ".join(examine(place or self.public, session, resolve=lambda _: self.leads_to))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "public"
    with WebServer(folder) as server:
        yield Place(folder, server)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_shown_under_a_name_that_nobody_can_guess(place: Place) -> None:
    """128 random bits, the right ending, readable by the web server; the same picture gets another name each time."""
    one, two = (place.public.show(PICTURE, alt="A red block") for _ in range(2))
    assert one != two
    for address in (one, two):
        assert re.fullmatch(re.escape(URL) + r"/[0-9a-f]{32}\.jpg", address)
        path = place.folder / address.rpartition("/")[2]
        assert path.read_bytes() == PICTURE.data
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert stat.S_IMODE(place.folder.stat().st_mode) & 0o555 == 0o555


def test_the_folder_lists_nothing(place: Place) -> None:
    """An empty page stands in it; one that the team made is left alone."""
    place.public.show(PICTURE, alt="")
    assert (place.folder / "index.html").read_text() == "<!doctype html><title></title>\n"
    (place.folder / "index.html").write_text("ours")
    place.public.show(PICTURE, alt="")
    assert (place.folder / "index.html").read_text() == "ours"


def test_what_was_hidden_is_gone(place: Place) -> None:
    """And hiding it again, or something that was never there, or never ours, is no error and takes nothing away."""
    address = place.public.show(PICTURE, alt="")
    place.public.hide(address)
    place.public.hide(address)
    assert names(place.folder) == ["index.html"]
    for other in (f"{URL}/index.html", f"{URL}/../index.html", "https://elsewhere.example/x.jpg", "", f"{URL}/"):
        place.public.hide(other)
    assert names(place.folder) == ["index.html"]


def test_what_was_left_behind_goes_after_a_day(place: Place) -> None:
    """Finished or not; newer files, and files that are not the bot's, stay."""
    old = place.public.show(PICTURE, alt="").rpartition("/")[2]
    part = place.folder / f".{'0' * 32}.jpg.part"
    (place.folder / "logo.jpg").write_bytes(b"the team's own")
    part.write_bytes(b"half")
    for path in (part, place.folder / "logo.jpg"):
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    place.clock.advance(timedelta(hours=23))
    assert place.public.tidy() == 0
    new = place.public.show(PICTURE, alt="").rpartition("/")[2]
    place.clock.advance(timedelta(hours=2))
    assert place.public.tidy() == 2
    assert set(names(place.folder)) == {"index.html", "logo.jpg", new}
    assert old not in names(place.folder)
    assert PublicFolder(URL, place.folder / "none", place.clock).tidy() == 0


def test_what_was_withdrawn_is_erased(place: Place) -> None:
    """By the digest of its bytes."""
    place.public.show(PICTURE, alt="")
    assert place.public.erase(["00" * 32]) == 0
    assert place.public.erase([hashlib.sha256(PICTURE.data).hexdigest()]) == 1
    assert names(place.folder) == ["index.html"]


def test_a_folder_that_cannot_be_written_to_says_so(tmp_path: Path, place: Place) -> None:
    """Nothing is sent then, and the key to look at is named."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotSent, match=r"public folder.*config/campaign\.yaml"):
        PublicFolder(URL, tmp_path / "file", place.clock).show(PICTURE, alt="")


def test_a_place_that_answers_as_it_must_is_well(place: Place) -> None:
    """And nothing of the test is left behind."""
    assert place.examined() == ""
    assert names(place.folder) == ["index.html"]
    assert place.server.requests("GET /posts/*")[0].headers["user-agent"].startswith("facebookexternalhit")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("login", "asks for a password"),
        ("turned-away", "turns visitors away"),
        ("elsewhere", "sends visitors on to another address"),
        ("broken", "an error (500)"),
        ("login-page", "calls the picture text/html instead of image/png"),
        ("kind", "calls the picture application/octet-stream"),
        ("other-folder", "does not find the picture"),
        ("listing", "lists the files"),
        ("cache", "still there"),
    ],
)
def test_each_thing_that_can_be_wrong_is_told(place: Place, wrong: str, says: str) -> None:
    """In words for whoever looks after the web server; the test picture is taken away all the same."""
    place.server.wrong = wrong
    assert says in place.examined()
    assert names(place.folder) == ["index.html"]


def test_an_address_that_meta_cannot_use_is_told(place: Place) -> None:
    """No https, a name that leads nowhere, a name or a number inside the team's own network."""
    assert "does not begin with https" in place.examined(
        PublicFolder("http://media.example.uk", place.folder, place.clock)
    )
    assert "letters beyond a to z" in place.examined(PublicFolder(f"{URL}/bïlder", place.folder, place.clock))
    assert "your own network" in place.examined(PublicFolder("https://192.168.1.20/x", place.folder, place.clock))
    place.leads_to = ("127.0.0.1", "::1")
    assert "your own network (127.0.0.1)" in place.examined()
    place.leads_to = ("10.0.0.7", "93.184.216.34")
    assert place.examined() == ""
    place.leads_to = ()
    assert "leads nowhere" in place.examined()


def test_a_site_that_keeps_meta_out_is_told(place: Place) -> None:
    """By its robots.txt, where that is for Meta's visitor or for all."""
    place.server.robots = "User-agent: facebookexternalhit\nDisallow: /posts\n"
    assert "robots.txt keeps Meta's servers out" in place.examined()
    place.server.robots = "User-agent: *\nDisallow: /private\n"
    assert place.examined() == ""


def test_a_server_that_is_down_is_told(place: Place) -> None:
    """The address cannot be reached, and the test picture is gone."""
    place.server.stop()
    assert "cannot be reached" in place.examined()
    assert names(place.folder) == ["index.html"]
