"""An account at the stand-in of Instagram, with a place from which it fetches pictures."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import OutcomeUnknown
from socrbot.message import Message
from socrbot.networks.base import Intent, Payload
from socrbot.networks.instagram import Instagram
from tests.networks.bench import START, Bench, MemorySteps
from tests.networks.benches.shelf import Shelf, open_shelf
from tests.standins import instagram
from tests.standins.containers import fault

PUBLISH = "POST *media_publish"


@contextmanager
def open_bench(request: pytest.FixtureRequest, clock: VirtualClock, folder: Path) -> Iterator[Bench]:
    """One account, whose key came from Instagram itself."""
    with instagram.Instagram(now=clock.now) as standin, open_shelf() as shelf:
        yield instagram_bench(standin, clock, folder, shelf=shelf)


def instagram_bench(
    standin: instagram.Instagram, clock: VirtualClock, folder: Path, *, shelf: Shelf, base: str | None = None
) -> Bench:
    """The bench of Instagram; `base` where the stand-in runs elsewhere."""
    return Bench(
        standin=standin,
        build=Instagram,
        env=standin.env() | ({"IG_GRAPH_BASE": base} if base else {}),
        address="IG_GRAPH_BASE",
        folder=folder,
        clock=clock,
        publishing=PUBLISH,
        answering="POST *comments",
        reading="GET *",
        too_many={"status": 403, "body": fault(4, "Application request limit reached", transient=True)},
        # Before a post is published, its picture was waited for.
        listens_at=START + timedelta(hours=1, seconds=2),
        refusal={"status": 400, "body": fault(100, "Invalid parameter")},
        options={"login": "facebook"} if standin.by_page else {},
        hosting=shelf,
    )


def by_page(bench: Bench, server: instagram.Instagram) -> Bench:
    """The same account, with access through a Facebook Page."""
    server.by_page = True
    return dataclasses.replace(bench, env=server.env(), options={"login": "facebook"})


def prepare(bench: Bench, message: Message, steps: MemorySteps) -> Payload:
    """What a new process prepares; through JSON, as the ledger keeps it."""
    part = message.parts[0]
    payload = bench.connect().prepare(message, part, key="k", steps=steps)
    return dict(json.loads(json.dumps(payload)))


def lost(bench: Bench, text: str, kind: str = "drop-after") -> Intent:
    """A post whose publishing call got no answer."""
    payload, began = prepare(bench, bench.message(text), bench.steps()), bench.clock.now()
    bench.standin.fault(kind, match=PUBLISH)
    with pytest.raises(OutcomeUnknown):
        bench.connect().publish(payload, key="k", reply_to=None)
    return Intent(payload, "k", 1, began)


def calls(server: instagram.Instagram, method: str = "POST") -> list[str]:
    return [request.path.rpartition("/")[2] for request in server.requests(f"{method} *")]
