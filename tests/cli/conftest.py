"""A small campaign, a desk to type commands at, and stand-ins for the networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.standins.graph import Graph
from tests.standins.x import KEYS, X
from tests.whole.campaigns import write

POSTS = {
    "petition.yaml": "text: Sign today.\nwhen: {every: day 12:00}\n",
    "queued.yaml": "text: This one waits for its turn.\n",
}
Make = Callable[..., Desk]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a campaign: `make(posts, accounts={"x": "x"}, env={...})`."""

    def build(
        posts: dict[str, str] | None = None,
        *,
        accounts: dict[str, str] | None = None,
        env: dict[str, str] | None = None,
    ) -> Desk:
        root = tmp_path / "campaign"
        root.mkdir(exist_ok=True)
        write(root, POSTS if posts is None else posts, accounts=accounts)
        return Desk(root, env or {})

    return build


@pytest.fixture
def desk(make: Make) -> Desk:
    """A desk at a campaign with an outbox and two posts."""
    return make()


@pytest.fixture
def x() -> Iterator[X]:
    """X, as far as we use it."""
    with X() as server:
        yield server


@pytest.fixture
def graph() -> Iterator[Graph]:
    """The Graph API with one Page."""
    with Graph() as server:
        yield server


@pytest.fixture
def on_x(make: Make, x: X) -> Desk:
    """A desk at a campaign that speaks on the outbox and on X, whose credentials are set."""
    return make(accounts={"outbox": "outbox", "x": "x"}, env={**KEYS, "X_API_BASE": x.base})
