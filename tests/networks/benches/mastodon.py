"""An account at a mastodon_mock that runs for the whole of the tests, with a stricter server before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.networks.mastodon import Mastodon
from tests.networks.bench import START, Bench
from tests.standins import mastodon as standins

POSTS = "POST /api/v1/statuses"
MEDIA = "POST /api/v2/media"
LIST = "GET /api/v1/accounts/*/statuses"
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
