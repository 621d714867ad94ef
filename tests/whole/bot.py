"""A bot on a campaign folder: in this process on a virtual clock, or as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from socrbot.app import App, Turn
from socrbot.clock import VirtualClock
from socrbot.delivery import Delivery, State
from socrbot.ledger import Filter
from socrbot.settings import load

ROOT = Path(__file__).resolve().parents[2]
# A Tuesday, half past eight in the evening in London.
START = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)


class Bot:
    """One worker in this process. `heard` is what it said in its running log."""

    def __init__(self, root: Path, *, env: Mapping[str, str] | None = None, clock: VirtualClock | None = None) -> None:
        self.root = root
        self.env = dict(env or {})
        self.clock = clock or VirtualClock(START)
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.app = self._open()

    def _open(self) -> App:
        return App(load(self.root, self.env), clock=self.clock, say=self._hear)

    def _hear(self, action: str, **fields: Any) -> None:
        self.heard.append((action, fields))

    def restart(self) -> None:
        """Ends the worker and begins another on the same ledger."""
        self.app.close()
        self.app = self._open()

    def close(self) -> None:
        self.app.close()

    def go_live(self, *accounts: str) -> None:
        """Lets accounts speak."""
        for name in accounts:
            account = self.app.refresh().campaign.accounts[name]
            self.app.ledger.go_live(name, account.network, None, by="test", now=self.clock.now())

    def turn(self) -> Turn:
        """One pass that waits for everything."""
        return self.app.turn(wait=True)

    def run_until(self, end: datetime, *, step: timedelta = timedelta(minutes=15)) -> None:
        """Passes on the virtual clock, at each due time and at least once a step."""
        while True:
            turn = self.turn()
            now = self.clock.now()
            if now >= end:
                return
            ahead = max(turn.next_due or end, now + timedelta(seconds=1))
            self.clock.advance_to(min(ahead, now + step, end))

    def deliveries(self, **conditions: Any) -> list[Delivery]:
        return self.app.ledger.deliveries(Filter(**conditions))

    def states(self) -> dict[str, str]:
        """ "post on account" -> state, of all deliveries but the merely planned."""
        return {f"{d.post} on {d.account}": str(d.state) for d in self.deliveries() if d.state is not State.PLANNED}


def environment(root: Path, **extra: str) -> dict[str, str]:
    """The environment of a bot's process: ours without what belongs to the machine, and what the test sets."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR", "TZ")}
    return {**kept, "PYTHONPATH": str(ROOT), "SOCRBOT_CAMPAIGN": str(root), "SOCRBOT_PERSON": "tester", **extra}


def socrbot(root: Path, *arguments: str, env: Mapping[str, str] | None = None, **options: Any) -> Any:
    """Runs one command to its end and returns what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "socrbot", *arguments],
        env=environment(root, **(env or {})),
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


# Nine in the evening in London, half an hour after a bot's first look.
TONIGHT = "when: 2026-11-24 21:00\n"
NINE = START + timedelta(minutes=30)
ONE = {"hello.yaml": TONIGHT + "text: Hello, everyone.\n"}


def events(bot: Bot) -> list[str]:
    """The history of the only delivery, as stable words."""
    (delivery,) = bot.deliveries()
    return [event.action for event in bot.app.ledger.story(delivery.id).events]


def settle_down(bot: Bot, hours: float = 1.5) -> None:
    """Lets the bot go on until everything has had its chance."""
    bot.run_until(bot.clock.now() + timedelta(hours=hours))
