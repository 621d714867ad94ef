"""One process of the bot: the product's own `App`, with the files, the adapters and the ledger's door stood in for.

Files become records, adapters become models, and every call to the ledger passes a seam, at which the process may
die, stand still for hours, or be told that the ledger is busy. Passes, plan, guards, publisher and ledger are real.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from socrbot.app import App
from socrbot.campaign import Account
from socrbot.delivery import Claim
from socrbot.errors import LedgerError
from socrbot.networks.base import Network
from socrbot.publishing.access import AccessWatch
from socrbot.publishing.acquainting import Acquainter
from socrbot.publishing.ahead import LookAhead
from socrbot.publishing.erasing import Eraser
from socrbot.publishing.measuring import Measurer
from socrbot.publishing.snapshot import Snapshot
from socrbot.syncing import Syncer
from tests.simulation.kinds import SECOND
from tests.simulation.networks import TIMEOUT, Model, Try
from tests.simulation.stage import Death

if TYPE_CHECKING:
    from tests.simulation.world import World

LEASE = 180 * SECOND
WRITES = frozenset(
    {
        *("apply", "claim", "expire", "hold", "intend", "looked"),
        *("miss_late", "part_sent", "record", "release_claim", "settle"),
    }
)
RECORDS = frozenset({"part_sent", "record"})
# A pass says what ended it by the name of its class; trouble with the ledger is no mistake.
_MISTAKE = re.compile(r"(?!LedgerError|Lost)\w+: ")
NOWHERE = Path("/nonexistent")


class Inline:
    """A pool of threads without threads: what is handed in is done at once."""

    def submit(self, work: Callable[[str], int], account: str) -> Future[int]:
        done: Future[int] = Future()
        done.set_result(work(account))
        return done


class Door:
    """The ledger as one worker sees it: what it calls goes through to the real one, past the worker's seams."""

    def __init__(self, world: World, worker: Worker) -> None:
        self._world, self._worker = world, worker

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._world.ledger, name)
        if name not in WRITES:
            return real
        check = getattr(self, f"_{name}", None)

        def through(*args: Any, **kwargs: Any) -> Any:
            self._worker.step(f"{name}, before")
            self._busy(name)
            result = real(*args, **kwargs) if check is None else check(real, *args, **kwargs)
            if name in RECORDS:
                self._busy(name)
            self._worker.step(f"{name}, after")
            return result

        return through

    def _busy(self, name: str) -> None:
        if self._world.chance(self._world.faults / 4):
            self._world.count("ledger", f"busy at {name}")
            raise LedgerError("The ledger is busy.")

    def _intend(self, real: Callable[..., Any], claim: Claim, **values: Any) -> Any:
        attempt = real(claim, **values)
        if isinstance(attempt, int):
            self._world.judge.intended(claim, attempt, values["part"], self._worker)
        return attempt

    def _claim(self, real: Callable[..., Any], account: str, **values: Any) -> Any:
        claim = real(account, **values)
        if claim is not None:
            self._world.judge.claimed(claim, values["spacing"])
        return claim

    def _part_sent(self, real: Callable[..., Any], claim: Claim, attempt: int, *args: Any, **values: Any) -> Any:
        return self._world.judge.recorded(claim, attempt, lambda: real(claim, attempt, *args, **values))

    def _record(self, real: Callable[..., Any], claim: Claim, attempt: int | None, *args: Any, **values: Any) -> Any:
        return self._world.judge.recorded(claim, attempt, lambda: real(claim, attempt, *args, **values))


class Worker(App):
    """A worker of the simulation; it ends with `Death`, and another one begins in its place."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.number = world, number
        self.clock = world.clock
        self.worker = f"worker-{number}"
        self.only = None
        self.sent: tuple[Claim, int, int] | None = None
        self.ledger = Door(world, self)  # type: ignore[assignment]  # the same calls
        self._checker = world.checker
        self._snapshot: Snapshot | None = None
        self._models: dict[str, Model] = {}
        self._lock = Lock()
        self._stopping = Event()
        self._pool = Inline()  # type: ignore[assignment]
        self._busy = {}
        self.syncer = Syncer(self.ledger, self.clock, self.say)
        self._asked = None
        self._told = set()
        self._not_connected = None
        self._looked, self._caught_up = True, False
        self._note_ledger = lambda: None  # type: ignore[method-assign]
        self.guards = world.policy.guards(self.ledger, self.connected)
        self.ahead = LookAhead(self.ledger, self.guards)
        self.publisher = world.policy.publisher(
            ledger=self.ledger,
            guards=self.guards,
            network=self.network,
            snapshot=self.snapshot,
            stopping=self._stopping.is_set,
            clock=self.clock,
            worker=self.worker,
            lease=LEASE,
            longest_call=TIMEOUT,
            say=self.say,
        )
        self.reconciler = world.policy.reconciler(self.ledger, self.network, self.clock, self.worker, self.say)
        self.acquainter = Acquainter(self.ledger, self.network, self.clock, self.worker, self.say)
        self.access = AccessWatch(self.ledger, self.network, self.clock, self.say)
        self.eraser = Eraser(self.ledger, NOWHERE, lambda _files: None)
        self.measurer = Measurer(self.ledger, self.network, self.clock, self.say)

    def _tidy(self, _now: object) -> None:
        """These weeks have no public folder."""

    def redact(self, text: str) -> str:  # type: ignore[override]
        """There are no secrets here."""
        return text

    def say(self, action: str, **what: Any) -> None:
        """Counts, and tells the story."""
        self.world.count("said", action)
        self.world.story(self.worker, action, **what)
        if action == "crashed" and _MISTAKE.match(str(what.get("detail"))):
            raise AssertionError(f"the product broke: {what}")

    def refresh(self) -> Snapshot:
        campaign = self.world.policy.read(self.world.campaign)
        checked = self._checker.check(
            campaign, (), {}, now=self.clock.now(), history=self.syncer.history(campaign.posts)
        )
        snapshot = Snapshot(campaign, checked.problems, checked.faulty, checked.renderer, checked.capabilities)
        if self._snapshot is None or snapshot != self._snapshot:
            self._snapshot = snapshot
        return self._snapshot

    def missing(self, account: Account) -> tuple[str, ...]:
        return ()

    def network(self, account: str) -> Network | None:
        server = self.world.servers.get(account)
        if server is None:
            return None
        return self._models.setdefault(account, Model(server, self))

    def step(self, name: str) -> None:
        """A seam. The process may die here, or stand still while everybody else goes on."""
        world = self.world
        if world.faults == 0 or world.ending:
            return
        luck = world.rng.random()
        if luck < world.deaths:
            self._count_death(name)
            raise Death(name)
        if luck < world.deaths + world.stops:
            world.count("stood still", name)
            world.story(self.worker, "stands still", at=name)
            world.actors[self.number].pause(name)

    def _count_death(self, name: str) -> None:
        hands = list(self.publisher.in_hand)
        state = self.world.ledger.delivery(hands[0]).state if hands else "nothing in hand"
        self.world.count("death", f"{name} ({state})")
        self.world.story(self.worker, "dies", at=name, state=state)

    def sending(self, key: str, text: str) -> Try:
        """What goes over the wire now is the try whose intent was committed last."""
        return self.world.judge.wire(self, key, text)
