"""A Page at the stand-in of the Graph API, and short ways to publish on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import OutcomeUnknown, Refused
from socrbot.message import Receipt
from socrbot.networks.base import Intent, Payload
from socrbot.networks.facebook import Facebook
from tests.networks.bench import START, Bench, MemorySteps
from tests.standins.graph import APP_ID, APP_SECRET, PAGE, Graph, fault

FEED = f"POST /v25.0/{PAGE}/feed"
PHOTOS = f"POST /v25.0/{PAGE}/photos"
LIST = "GET *published_posts"
WORDS = "Their words are theirs.\n\n#SaveOurChildrensRights"
APP = {"FB_APP_ID": APP_ID, "FB_APP_SECRET": APP_SECRET}
NO_APP = {"FB_APP_ID": "", "FB_APP_SECRET": ""}


@contextmanager
def open_bench(request: pytest.FixtureRequest, clock: VirtualClock, folder: Path) -> Iterator[Bench]:
    """One Page at a stand-in of its own."""
    with Graph(now=clock.now) as standin:
        yield facebook_bench(standin, clock, folder)


def facebook_bench(standin: Graph, clock: VirtualClock, folder: Path, *, base: str | None = None) -> Bench:
    """The bench of Facebook; `base` where the stand-in runs elsewhere."""
    return Bench(
        standin=standin,
        build=Facebook,
        env=standin.env(**APP) | ({"FB_GRAPH_BASE": base} if base else {}),
        address="FB_GRAPH_BASE",
        folder=folder,
        clock=clock,
        publishing=FEED,
        answering="POST /v25.0/*/comments",
        reading=LIST,
        too_many={"status": 403, "body": fault(4, "(#4) Application request limit reached", transient=True)},
        listens_at=START + timedelta(hours=1),
        refusal={"status": 400, "body": fault(100, "(#100) Invalid parameter")},
        # Facebook refuses the second of two equal posts: that is what a repeated request comes back with.
        outcomes={"duplicate": Refused},
        network="facebook",
    )


def prepared(
    bench: Bench, text: str = WORDS, *colours: int, link: str | None = None, steps: MemorySteps | None = None
) -> Payload:
    """What a post would send, its pictures uploaded."""
    message = bench.message(text, media=tuple(bench.picture(colour, f"Alt {colour}") for colour in colours), link=link)
    part = message.parts[0]
    return bench.connect().prepare(message, part, key=bench.key(message, part), steps=steps or bench.steps())


def publish(bench: Bench, payload: Payload) -> Receipt:
    """The publishing call alone."""
    return bench.connect().publish(payload, key="k", reply_to=None)


def send(bench: Bench, text: str = WORDS, *colours: int, link: str | None = None) -> Receipt:
    """One post, with pictures of these colours."""
    return publish(bench, prepared(bench, text, *colours, link=link))


def lost(bench: Bench, text: str = WORDS, *colours: int) -> Payload:
    """A post that came out although its answer was lost."""
    payload = prepared(bench, text, *colours)
    bench.standin.fault("drop-after", match=FEED)
    with pytest.raises(OutcomeUnknown):
        publish(bench, payload)
    return payload


def intent(payload: Payload, at: datetime = START) -> Intent:
    """The intent of a try that began at `at`."""
    return Intent(payload=payload, key="k", number=1, started_at=at)


def answers(standin: Graph, match: str, body: Mapping[str, Any], status: int = 200, **more: Any) -> None:
    """The next request that matches is answered so, and not carried out."""
    standin.fault("status", match=match, status=status, body=body, **more)
