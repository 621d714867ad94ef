"""Pictures shown to other networks through a Facebook Page."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from socrbot import networks
from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, Unauthorised
from socrbot.message import Rendition
from socrbot.networks.base import Equipment, Hosting
from tests.networks.bench import START
from tests.pictures import marked
from tests.standins.graph import Graph


@pytest.fixture
def graph() -> Iterator[Graph]:
    with Graph() as graph:
        yield graph
        assert graph.violations == []


def place(graph: Graph, folder: Path) -> Hosting:
    equipment = Equipment("facebook", graph.env(), {}, VirtualClock(START), _none, folder)
    found = networks.hosting("facebook", equipment)
    assert found is not None
    return found


def _none(*_: object) -> Rendition:
    raise AssertionError("nothing is to be fitted here")


def picture(mime: str = "image/jpeg") -> Rendition:
    out = BytesIO()
    marked().save(out, "JPEG")
    return Rendition(out.getvalue(), mime, 60, 40, "ab" * 32, "picture.jpg")


def test_a_picture_is_shown_without_a_post(graph: Graph, tmp_path: Path) -> None:
    """It lies unpublished on the Page, with its description; the address is that of its largest form."""
    address = place(graph, tmp_path).show(picture(), alt="A red block")
    ((number, photo),) = graph.photos.items()
    assert address == f"https://scontent.example/{number}.jpg?oh=1&oe=2"
    assert photo.data == picture().data
    assert photo.alt == "A red block"
    assert graph.published == []


def test_it_is_deleted_again_also_after_a_restart(graph: Graph, tmp_path: Path) -> None:
    """What was shown is known by its address; hiding twice, or something unknown, is no error."""
    address = place(graph, tmp_path).show(picture(), alt="")
    place(graph, tmp_path).hide(address)
    assert graph.photos == {}
    place(graph, tmp_path).hide(address)
    place(graph, tmp_path).hide("https://elsewhere.example/x.jpg")
    assert list((tmp_path / "shown").iterdir()) == []


def test_what_cannot_be_hidden_does_not_stop_the_post(graph: Graph, tmp_path: Path) -> None:
    """The post is out by then; Facebook removes the photo after a day."""
    shown = place(graph, tmp_path)
    address = shown.show(picture(), alt="")
    graph.fault("503", match="DELETE *")
    shown.hide(address)
    shown.hide(address)
    assert graph.photos == {}


@pytest.mark.parametrize("kind", ["503", "drop-after", "html-200", "broken-json"])
def test_a_lost_answer_means_that_nothing_was_sent(graph: Graph, tmp_path: Path, kind: str) -> None:
    """Nothing public comes of an unpublished photo, so it can be tried again."""
    graph.fault(kind, match="POST *")
    with pytest.raises(NotSent):
        place(graph, tmp_path).show(picture(), alt="")


def test_dead_keys_are_told(graph: Graph, tmp_path: Path) -> None:
    """The Page's key is the one that is dead."""
    graph.revoke()
    with pytest.raises(Unauthorised):
        place(graph, tmp_path).show(picture(), alt="")


def test_videos_cannot_be_shown_so(graph: Graph, tmp_path: Path) -> None:
    """Nothing is uploaded, and what to do instead is said."""
    with pytest.raises(NotSent, match="Name a public folder"):
        place(graph, tmp_path).show(picture("video/mp4"), alt="")
    assert graph.record == []


def test_an_address_that_is_not_https_is_not_believed(graph: Graph, tmp_path: Path) -> None:
    """Instagram would not fetch from it."""
    graph.forms = ({"width": 10, "source": "http://scontent.example/a.jpg"},)
    with pytest.raises(NotSent, match="did not say where"):
        place(graph, tmp_path).show(picture(), alt="")


def test_other_networks_offer_no_place() -> None:
    """Only Facebook's adapter has one."""
    offering = [name for name in networks.NETWORKS if name == "facebook" or _offers(name)]
    assert offering == ["facebook"]


def _offers(name: str) -> bool:
    return networks.hosting(name, Equipment("a", {}, {}, VirtualClock(START), _none, Path())) is not None
