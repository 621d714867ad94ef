"""A channel at the stand-in of Telegram."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.networks.telegram import Telegram
from tests.networks.bench import START, Bench
from tests.standins import telegram
from tests.standins.telegram import fault


@contextmanager
def open_bench(request: pytest.FixtureRequest, clock: VirtualClock, folder: Path) -> Iterator[Bench]:
    """The channel @ourcampaign, by a bot that may post in it."""
    with telegram.Telegram(now=clock.now) as standin:
        yield telegram_bench(standin, clock, folder)


def telegram_bench(standin: telegram.Telegram, clock: VirtualClock, folder: Path, *, base: str | None = None) -> Bench:
    """The bench of Telegram; `base` where the stand-in runs elsewhere."""
    return Bench(
        standin=standin,
        build=Telegram,
        env=standin.env() | ({"TELEGRAM_API_BASE": base} if base else {}),
        address="TELEGRAM_API_BASE",
        folder=folder,
        clock=clock,
        publishing="POST /bot*/send*",
        reading="POST /bot*/getUpdates",
        too_many={"status": 429},
        listens_at=START + timedelta(seconds=35),
        refusal={"status": 400, "body": fault(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")},
        outcomes={"duplicate": None},
    )
