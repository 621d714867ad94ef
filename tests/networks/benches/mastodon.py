"""An account at a mastodon_mock that runs for the whole of the tests, with a stricter server before it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.message import Attachment, Message
from socrbot.networks.base import Intent, Payload
from socrbot.networks.mastodon import Mastodon
from tests.networks.bench import START, Bench, MemorySteps
from tests.standins import mastodon as standins

POSTS = "POST /api/v1/statuses"
MEDIA = "POST /api/v2/media"
CHECK = "GET /api/v1/accounts/verify_credentials"
LIST = "GET /api/v1/accounts/*/statuses"
WORDS = "Their words are theirs. https://example.org/petition?a=1&b=2"
LISTENS_AT = START + timedelta(minutes=5)
_running: list[standins.Real] = []


def real(request: pytest.FixtureRequest) -> standins.Real:
    """The one mastodon_mock of this run; it is stopped at the end of it."""
    if not _running:
        _running.append(standins.Real())
        request.session.addfinalizer(lambda: _running.pop().stop())
    return _running[0]


@contextmanager
def open_bench(request: pytest.FixtureRequest, clock: VirtualClock, folder: Path) -> Iterator[Bench]:
    """A new account, so tests know nothing of each other."""
    with standins.Mastodon(now=clock.now, real=real(request)) as standin:
        yield Bench(
            standin=standin,
            build=Mastodon,
            env=standin.env(),
            address="MASTODON_BASE_URL",
            folder=folder,
            clock=clock,
            publishing=POSTS,
            reading=LIST,
            too_many={
                "status": 429,
                "headers": {"X-RateLimit-Limit": "300", "X-RateLimit-Reset": LISTENS_AT.isoformat()},
                "body": {"error": "Too many requests"},
            },
            listens_at=LISTENS_AT,
            refusal={"status": 422, "body": {"error": "Validation failed: Text can't be blank"}},
            outcomes={"duplicate": None},
            knows_keys=True,
            network="mastodon",
        )


def prepared(
    bench: Bench,
    text: str = WORDS,
    *,
    media: tuple[Attachment, ...] = (),
    options: Mapping[str, str] | None = None,
    steps: MemorySteps | None = None,
) -> Payload:
    """What a post would send, its media uploaded, by an adapter as after a restart."""
    message = said(bench, text, media=media, options=options)
    part = message.parts[0]
    return bench.connect().prepare(message, part, key=bench.key(message, part), steps=steps or bench.steps())


def said(
    bench: Bench, text: str, *, media: tuple[Attachment, ...] = (), options: Mapping[str, str] | None = None
) -> Message:
    return replace(bench.message(text, media=media), options=options or {})


def send(bench: Bench, payload: Payload, key: str = "k") -> str:
    """The publishing call alone. Gives the id of the post."""
    return bench.connect().publish(payload, key=key, reply_to=None).id


def intent(payload: Payload, key: str = "k") -> Intent:
    return Intent(payload=json.loads(json.dumps(payload)), key=key, number=1, started_at=START)
