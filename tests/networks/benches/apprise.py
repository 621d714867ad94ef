"""A place that Apprise reaches, at the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.networks.apprise import Apprise
from socrbot.networks.base import Equipment
from tests.networks.bench import Bench
from tests.standins import apprise


@contextmanager
def open_bench(request: pytest.FixtureRequest, clock: VirtualClock, folder: Path) -> Iterator[Bench]:
    """A place behind `json://`, the plainest of Apprise's services."""
    with apprise.Apprise(now=clock.now) as standin:
        yield apprise_bench(standin, clock, folder)


def connect(equipment: Equipment) -> Apprise:
    """The adapter; the address of a server becomes one of Apprise's."""
    url = equipment.env["APPRISE_URL"]
    if url.startswith("http"):
        equipment = replace(equipment, env={**equipment.env, "APPRISE_URL": apprise.address(url)})
    return Apprise(equipment)


def apprise_bench(standin: apprise.Apprise, clock: VirtualClock, folder: Path, *, base: str | None = None) -> Bench:
    """The bench of Apprise; `base` where the stand-in runs elsewhere."""
    return Bench(
        standin=standin,
        build=connect,
        env=standin.env() | ({"APPRISE_URL": apprise.address(base)} if base else {}),
        address="APPRISE_URL",
        folder=folder,
        clock=clock,
        publishing=f"POST {apprise.PATH}",
        reading=f"GET {apprise.PATH}",
        too_many={"status": 429},
        refusal={"status": 400, "body": {"error": "no"}},
        asks=False,
        outcomes={"duplicate": None, "broken-json": None, "html-200": None},
    )
