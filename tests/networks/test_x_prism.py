"""X once more with prism in between: it holds both sides to X's own document, and is no work of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from socrbot.clock import VirtualClock
from socrbot.message import Absent, Attachment, Found, Metrics
from tests import prism
from tests.networks.bench import START, Bench
from tests.networks.benches.x import x_bench
from tests.standins.x import X as Standin
from tests.vendor import vendor

PATHS = (
    "/2/tweets",
    "/2/tweets/{id}",
    "/2/users/me",
    "/2/users/{id}/tweets",
    "/2/media/upload",
    "/2/media/upload/initialize",
    "/2/media/upload/{id}/append",
    "/2/media/upload/{id}/finalize",
    "/2/media/metadata",
)

pytestmark = pytest.mark.xdist_group("prism")


@pytest.fixture(scope="module")
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture(scope="module")
def between(clock: VirtualClock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Standin, str]]:
    """A stand-in of X, and the address of a prism before it."""
    reason, document = prism.why_not(), vendor("x/openapi-2.167.json")
    if reason is not None:
        pytest.skip(reason)
    described = prism.prepare(document, tmp_path_factory.mktemp("prism") / "x.json", paths=PATHS)
    with Standin(now=clock.now) as standin, prism.running(described, standin.base) as address:
        yield standin, address


@pytest.fixture
def bench(between: tuple[Standin, str], clock: VirtualClock, tmp_path: Path) -> Bench:
    """An account on a server without posts, reached through prism."""
    standin, address = between
    standin.published.clear()
    standin.deleted.clear()
    standin.counts.clear()
    return x_bench(standin, clock, tmp_path, base=address)


def plain_picture(bench: Bench, number: int) -> Attachment:
    """Something that begins as a WebP does, of plain characters: prism hands bodies on as text, and spoils others."""
    picture = bench.picture(number, f"Picture {number}: “a drawing” – ŵ")
    bench.pictures[picture.digest] = f"RIFF, and so on: {number}".encode()
    return replace(picture, mime="image/webp")


def test_prism_watches(between: tuple[Standin, str]) -> None:
    """It refuses what the document refuses, before the stand-in sees it: else what follows would show nothing."""
    standin, address = between
    before = len(standin.record)
    wrong = {"text": "x", "media": {"media_ids": ["1", "2", "3", "4", "5"]}}
    assert requests.post(f"{address}/2/tweets", json=wrong, timeout=10).status_code == 422
    assert len(standin.record) == before


def test_prism_watches_the_answers_too(bench: Bench) -> None:
    """An answer of the stand-in that X would not give comes back as a fault."""
    bench.standin.fault("status", match="GET /2/users/me", status=200, body={"data": {"id": 7}})
    answer = requests.get(f"{bench.env['X_API_BASE']}/2/users/me", timeout=10)
    assert answer.status_code == 500
    assert "data" in answer.text


def test_a_thread_with_pictures_goes_through(bench: Bench) -> None:
    """Words, pictures with their descriptions, and answers."""
    media = tuple(plain_picture(bench, number) for number in range(4))
    text = "Cymru: ŵ. 👩‍👩‍👧‍👦 £9,790 & 98.3% https://example.org/petition?a=1&b=2 #SaveOurChildrensRights"
    network = bench.connect()
    network.verify()
    first, second = bench.send(network, bench.message(text, "And on.", media=media))
    posts = bench.standin.published
    assert [(post.id, post.text, post.reply_to) for post in posts] == [
        (first.id, text, None),
        (second.id, "And on.", first.id),
    ]
    assert [(item.data, item.alt) for item in posts[0].media] == [
        (bench.pictures[item.digest], item.alt) for item in media
    ]


def test_reading_goes_through(bench: Bench) -> None:
    """A lost post is found, another is absent, numbers come back."""
    network = bench.connect()
    intent = bench.intent(network, bench.message("Is it there?"))
    assert isinstance(network.find(intent), Absent)
    (receipt,) = bench.send(network, bench.message("Is it there?"))
    assert isinstance(network.find(intent), Found)
    bench.count(receipt, likes=3, replies=1, shares=2, views=40)
    assert network.metrics([receipt]) == {receipt.id: Metrics(3, 1, 2, 40)}


def test_deleting_goes_through(bench: Bench) -> None:
    """Once, and once more for what is gone, which then has no numbers."""
    network = bench.connect()
    (receipt,) = bench.send(network, bench.message("Goes."))
    network.delete(receipt)
    network.delete(receipt)
    assert bench.standin.visible == []
    assert network.metrics([receipt]) == {}
