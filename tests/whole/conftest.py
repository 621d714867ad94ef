"""A campaign folder, stand-ins, and bots on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from tests.standins.graph import Graph
from tests.standins.x import KEYS, X
from tests.whole.bot import START, Bot
from tests.whole.campaigns import write

Make = Callable[..., Bot]


@pytest.fixture
def clock() -> VirtualClock:
    """The time for bots and networks alike."""
    return VirtualClock(START)


@pytest.fixture
def x(clock: VirtualClock) -> Iterator[X]:
    """X, as far as we use it. What it was sent is valid by X's own document."""
    with X(now=clock.now) as server:
        yield server
    assert server.violations == []


@pytest.fixture
def graph(clock: VirtualClock) -> Iterator[Graph]:
    """The Graph API with one Page."""
    with Graph(now=clock.now) as server:
        yield server
    assert server.violations == []


@pytest.fixture
def networks(x: X, graph: Graph) -> dict[str, str]:
    """The variables that connect accounts to the stand-ins, with waits that suit a test."""
    return {**KEYS, "X_API_BASE": x.base, **graph.env(), "SOCRBOT_TIMEOUT_SECONDS": "2"}


@pytest.fixture
def make(tmp_path: Path, networks: Mapping[str, str], clock: VirtualClock) -> Iterator[Make]:
    """Writes a campaign and puts a bot on it: `make(posts, accounts=..., live=..., **more)`."""
    made: list[Bot] = []

    def build(
        posts: Mapping[str, str], *, live: bool = True, env: Mapping[str, str] | None = None, **more: object
    ) -> Bot:
        accounts = more.get("accounts") or {"outbox": "outbox"}
        write(tmp_path, posts, **more)  # type: ignore[arg-type]
        bot = Bot(tmp_path, env={**networks, **(env or {})}, clock=clock)
        made.append(bot)
        if live:
            bot.go_live(*accounts)  # type: ignore[misc]
        return bot

    yield build
    for bot in made:
        bot.close()
