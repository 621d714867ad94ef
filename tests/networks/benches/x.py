"""An account at the stand-in of X, and two short ways to publish with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NetworkError, Refused
from socrbot.message import Receipt
from socrbot.networks.x import X
from tests.networks.bench import START, Bench
from tests.standins.x import KEYS, Window
from tests.standins.x import X as Standin

POST = "POST /2/tweets"
READ = "GET /2/users/*/tweets"
RESET = START + timedelta(minutes=7)


@contextmanager
def open_bench(request: pytest.FixtureRequest, clock: VirtualClock, folder: Path) -> Iterator[Bench]:
    """One account at a stand-in of its own."""
    with Standin(now=clock.now) as standin:
        yield x_bench(standin, clock, folder)


def x_bench(standin: Standin, clock: VirtualClock, folder: Path, *, base: str | None = None) -> Bench:
    """The bench of X; `base` where the stand-in runs elsewhere."""
    return Bench(
        standin=standin,
        build=X,
        env={**KEYS, "X_API_BASE": base or standin.base},
        address="X_API_BASE",
        folder=folder,
        clock=clock,
        publishing=POST,
        reading=READ,
        too_many={"status": 429, "headers": Window(100, 0, RESET).headers("x-rate-limit")},
        listens_at=RESET,
        refusal={"status": 400, "body": {"title": "Invalid Request", "detail": "no", "type": "about:blank"}},
        # X refuses the second of two equal posts: that is what a repeated request comes back with.
        outcomes={"duplicate": Refused},
    )


def publish(bench: Bench, text: str = "Some words.", **more: Any) -> Receipt:
    """Sends one post with a new adapter."""
    return bench.send(bench.connect(), bench.message(text, **more))[0]


def error_of(bench: Bench, text: str = "Some words.", **more: Any) -> NetworkError:
    """What publishing fails with."""
    with pytest.raises(NetworkError) as caught:
        publish(bench, text, **more)
    return caught.value
