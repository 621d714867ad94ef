"""An account at the stand-in of Threads, with a place from which it fetches pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.networks.threads import Threads
from tests.networks.bench import START, Bench
from tests.networks.benches.shelf import Shelf, open_shelf
from tests.standins import threads
from tests.standins.containers import fault


@contextmanager
def open_bench(request: pytest.FixtureRequest, clock: VirtualClock, folder: Path) -> Iterator[Bench]:
    """One account."""
    with threads.Threads(now=clock.now) as standin, open_shelf() as shelf:
        yield threads_bench(standin, clock, folder, shelf=shelf)


def threads_bench(
    standin: threads.Threads, clock: VirtualClock, folder: Path, *, shelf: Shelf, base: str | None = None
) -> Bench:
    """The bench of Threads; `base` where the stand-in runs elsewhere."""
    return Bench(
        standin=standin,
        build=Threads,
        env=standin.env() | ({"THREADS_GRAPH_BASE": base} if base else {}),
        address="THREADS_GRAPH_BASE",
        folder=folder,
        clock=clock,
        publishing="POST *threads_publish",
        reading="GET *",
        too_many={"status": 403, "body": fault(4, "Application request limit reached", transient=True)},
        listens_at=START + timedelta(hours=1),
        refusal={"status": 400, "body": fault(100, "Invalid parameter")},
        hosting=shelf,
    )
