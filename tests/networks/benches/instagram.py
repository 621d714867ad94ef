"""An account at the stand-in of Instagram, with a place from which it fetches pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.networks.instagram import Instagram
from tests.networks.bench import START, Bench
from tests.networks.benches.shelf import Shelf, open_shelf
from tests.standins import instagram
from tests.standins.containers import fault


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
        publishing="POST *media_publish",
        answering="POST *comments",
        reading="GET *",
        too_many={"status": 403, "body": fault(4, "Application request limit reached", transient=True)},
        # Before a post is published, its picture was waited for.
        listens_at=START + timedelta(hours=1, seconds=2),
        refusal={"status": 400, "body": fault(100, "Invalid parameter")},
        options={"login": "facebook"} if standin.by_page else {},
        hosting=shelf,
    )
