"""A campaign, its networks and some machines. The networks' own record is the judge."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from socrbot.clock import SystemClock, VirtualClock
from socrbot.delivery import Delivery, State
from socrbot.ledger import Filter, Ledger
from tests.cluster.server import Server
from tests.standins.exchange import Reply, Request
from tests.standins.graph import Graph
from tests.standins.x import KEYS, X
from tests.whole.bot import Bot, environment
from tests.whole.campaigns import write
from tests.whole.life import Life

LEASE = 2.6
SWEEP = 2
ACCOUNTS = {"x": "x", "facebook": "facebook"}
OPEN = frozenset({State.PLANNED, State.CLAIMED, State.SENDING, State.UNKNOWN})


class _Slow:
    """Takes its time before and after it acts, so that accidents fall everywhere."""

    slowness = 0.1

    def act(self, request: Request) -> Reply:
        threading.Event().wait(self.slowness / 2)
        reply: Reply = super().act(request)  # type: ignore[misc]
        threading.Event().wait(self.slowness / 2)
        return reply


class SlowX(_Slow, X):
    """X, slower."""


class SlowGraph(_Slow, Graph):
    """The Graph API, slower."""


class Fleet:
    """Use it as a context manager: at the end every machine is ended."""

    def __init__(self, root: Path, server: Server) -> None:
        self.root, self.server = root, server
        self._stack = ExitStack()
        self.x = SlowX()
        self.graph = SlowGraph()
        self.machines: list[Life] = []
        self.batches = 0

    def __enter__(self) -> Self:
        for network in (self.x, self.graph):
            self._stack.enter_context(network)
        self.env = environment(
            self.root,
            SOCRBOT_DATABASE_URL=self.server.url,
            SOCRBOT_LEASE_SECONDS=str(LEASE),
            SOCRBOT_TIMEOUT_SECONDS="1.2",
            SOCRBOT_SETTLE_SECONDS="1.5",
            X_API_BASE=self.x.base,
            **KEYS,
            **self.graph.env(),
        )
        write(self.root, {}, accounts=ACCOUNTS)
        self.server.ask("DROP SCHEMA public CASCADE")
        self.server.ask("CREATE SCHEMA public")
        return self

    def __exit__(self, *_: object) -> None:
        for machine in self.machines:
            machine.kill()
        self._stack.close()

    def posts(self, number: int, *, due: timedelta = timedelta(minutes=-10), plan: bool = True) -> None:
        """Posts for every account, due so long from now; planned by somebody who was there in time."""
        self.batches += 1
        at = (datetime.now(UTC) + due).replace(second=0, microsecond=0)
        wall = at.astimezone(_zone()).strftime("%Y-%m-%d %H:%M")
        post = "- id: post-{0:02}-{1:03}\n  when: {2}\n  text: Words of batch {0}, number {1}.\n"
        lines = [post.format(self.batches, n, wall) for n in range(number)]
        (self.root / "posts" / f"batch-{self.batches}.yaml").write_text("".join(lines), encoding="utf-8")
        if plan:
            bot = Bot(self.root, env=self.env, clock=VirtualClock(at - timedelta(minutes=5)))
            bot.go_live(*ACCOUNTS)
            bot.app.sync(bot.app.refresh())
            bot.close()

    def machine(self, **more: str) -> Life:
        made = Life(["tests.cluster.machine", str(SWEEP)], {**self.env, **more})
        self.machines.append(made)
        return made

    def deliveries(self, *states: State) -> list[Delivery]:
        which = Filter(states=frozenset(states)) if states else Filter()
        with Ledger.open(self.server.url, clock=SystemClock(), read_only=True) as ledger:
            return ledger.deliveries(which)

    def drained(self) -> bool:
        return not self.deliveries(*OPEN)

    def published(self, account: str) -> list[str]:
        """The words that this network has, in the order in which they came."""
        network = self.x if account == "x" else self.graph
        with network.lock:
            return [post.text.split(" #")[0].strip() for post in network.published]

    def judge(self) -> int:
        """Each post once on each network, in its order; the ledger agrees. Returns how many answers had been lost."""
        with Ledger.open(self.server.url, clock=SystemClock(), read_only=True) as ledger:
            found = ledger.deliveries(Filter())
            assert {d.state for d in found} == {State.SENT}, collections.Counter((d.state, d.reason) for d in found)
            events = ledger.events()
        doubted = {event.delivery_id for event in events if event.after is State.UNKNOWN}
        # What was in doubt, or told to wait before another try, goes out behind others; nothing else does.
        behind = doubted | {event.delivery_id for event in events if event.action == "not-sent"}
        for account in ACCOUNTS:
            mine = [d for d in found if d.account == account]
            texts = self.published(account)
            assert sorted(texts) == sorted(map(_words, mine)), (account, collections.Counter(texts).most_common(3))
            wanted = [_words(d) for d in sorted(mine, key=lambda d: (d.nominal, d.id)) if d.id not in behind]
            came = [text for text in texts if text in set(wanted)]
            assert came == wanted, (account, [pair for pair in zip(came, wanted, strict=True) if pair[0] != pair[1]])
        assert self.x.violations == self.graph.violations == []
        return len(doubted)


def _words(delivery: Delivery) -> str:
    _, batch, number = delivery.post.split("-")
    return f"Words of batch {int(batch)}, number {int(number)}."


def wait_until(true: Callable[[], bool], *, seconds: float) -> float:
    """Waits until something is so, and returns how long that took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not come about in time"
        threading.Event().wait(0.1)
    return time.monotonic() - began


def _zone() -> object:
    from zoneinfo import ZoneInfo

    return ZoneInfo("Europe/London")
