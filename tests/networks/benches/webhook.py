"""An address that takes posts, at the stand-in of a webhook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.networks.webhook import Webhook
from tests.networks.bench import START, Bench
from tests.standins import webhook


@contextmanager
def open_bench(request: pytest.FixtureRequest, clock: VirtualClock, folder: Path) -> Iterator[Bench]:
    """A website that keeps to the page."""
    with webhook.Webhook(now=clock.now) as standin:
        yield webhook_bench(standin, clock, folder)


def webhook_bench(standin: webhook.Webhook, clock: VirtualClock, folder: Path, *, base: str | None = None) -> Bench:
    """The bench of a webhook; `base` where the stand-in runs elsewhere."""
    return Bench(
        standin=standin,
        build=Webhook,
        env=standin.env() | ({"WEBHOOK_URL": f"{base}{webhook.PATH}"} if base else {}),
        address="WEBHOOK_URL",
        folder=folder,
        clock=clock,
        publishing=f"POST {webhook.PATH}",
        reading=f"GET {webhook.PATH}",
        too_many={"status": 429, "headers": {"Retry-After": "90"}},
        listens_at=START + timedelta(seconds=90),
        refusal={"status": 422, "body": {"error": "no"}},
        outcomes={"duplicate": None},
    )
