"""One seed's world: a campaign, networks, two workers on one ledger, people, and weeks of virtual time."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random

import sqlalchemy as sa

from socrbot import networks
from socrbot.campaign import Account, Campaign, InSlot, Post, QuietHours, Schedule, Text
from socrbot.checking import Checker
from socrbot.clock import to_wall
from socrbot.delivery import State
from socrbot.errors import Place
from socrbot.ledger import Ledger
from socrbot.ledger.schema import metadata
from tests.planning import world as plans
from tests.simulation.clock import Clocks
from tests.simulation.kinds import HOUR, KINDS, Kind
from tests.simulation.networks import Server
from tests.simulation.people import PERSONS
from tests.simulation.policies import Policy
from tests.simulation.promises import Judge
from tests.simulation.stage import Actor, Death
from tests.simulation.worker import LEASE, Worker

DAY = timedelta(days=1)
# Both changes of the clocks in London, and weeks without one.
STARTS = (
    datetime(2026, 3, 21, 9, tzinfo=UTC),
    datetime(2026, 10, 17, 9, tzinfo=UTC),
    datetime(2026, 6, 1, 9, tzinfo=UTC),
)
LONG = timedelta(weeks=2)
STEPS = 45

Counts = Counter[tuple[str, str]]


class Home:
    """What all seeds of one process share: the ledger's file (in memory where that can be), and two threads."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self.folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        self.clock = Clocks(STARTS[0])
        self.ledger = Ledger.open(Path(self.folder.name) / "ledger.sqlite", clock=self.clock)
        with self.ledger._db.read() as connection:
            self.empty = {
                table: [row._asdict() for row in connection.execute(sa.select(table))]
                for table in metadata.sorted_tables
            }
        self.actors = [Actor("worker-0"), Actor("worker-1")]

    def clear(self, start: datetime) -> None:
        """A new ledger, as it was right after it had been made: much quicker than to make one."""
        self.clock.begin(start)
        with self.ledger._db.write() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(sa.delete(table))
            for table, rows in self.empty.items():
                if rows:
                    connection.execute(sa.insert(table), rows)

    def close(self) -> None:
        self.ledger.close()
        self.folder.cleanup()


class World:
    """Everything follows from `seed`. `run` raises Broken where a promise is broken."""

    def __init__(self, seed: int, home: Home, *, policy: Policy | None = None, verbose: bool = False) -> None:
        self.rng = Random(seed)
        self.seed, self.policy, self.verbose = seed, policy or Policy(), verbose
        self.counts: Counts = Counter()
        self.clock, self.ledger, self.actors = home.clock, home.ledger, home.actors
        self.start = self.rng.choice(STARTS)
        home.clear(self.start)
        self.honest = self.rng.random() < 0.7
        self.faults = self.rng.choice([0.02, 0.06, 0.15])
        self.deaths = self.rng.choice([0.0, 0.004, 0.012])
        self.stops = self.rng.choice([0.004, 0.02, 0.06])
        self.checker = Checker(
            tuple(networks.NETWORKS),
            lambda accounts: {name: KINDS[account.network].capabilities for name, account in accounts.items()},
        )
        self.judge = Judge(self)
        kinds = self.rng.sample(list(KINDS.values()), 2)
        self.servers = {kind.name: self._server(kind) for kind in kinds}
        self.live: set[str] = set()
        self.paused: set[str | None] = set()
        self.names = itertools.count(1)
        self.removed: dict[str, Post] = {}
        self.crowded, self.wanted = self.chance(0.4), list[str]()
        self.campaign = self._campaign(kinds)
        # When the last pass said that there is something to do, as the service hears it.
        self.next_due: datetime | None = None
        # Somebody who is none of the workers acts in the place of one.
        self.ending = False
        # Whether the clock ever jumped: then a settling time may have passed sooner than it should.
        self.jumped = False
        self.births = itertools.count(1)
        self.workers = [Worker(self, 0), Worker(self, 1)]

    # Telling

    def count(self, what: str, which: str) -> None:
        """Notes that something was reached."""
        self.counts[what, which] += 1

    def story(self, who: str, action: str, **what: object) -> None:
        """A line of what happened, for those who want to read it."""
        if self.verbose:
            details = "  ".join(f"{name}={value}" for name, value in what.items())
            print(f"{self.clock.now():%m-%d %H:%M:%S}  {who:9} {action}  {details}")

    def chance(self, likely: float) -> bool:
        """Whether something happens that is as likely as that."""
        return self.rng.random() < likely

    # The campaign

    def _server(self, kind: Kind) -> Server:
        return Server(
            kind.name, kind, self.clock, self.rng, self.faults, self.honest, lambda what: self.count("network", what)
        )

    def _campaign(self, kinds: list[Kind]) -> Campaign:
        posts = [self.post() for _ in range(self.rng.randint(3, 6))]
        accounts = {kind.name: Account(kind.name, kind.name, Place("config/accounts.yaml")) for kind in kinds}
        made = plans.campaign(*posts, spacing=self.rng.choice([timedelta(0), timedelta(minutes=20)]))
        quiet = QuietHours(time(22), time(7)) if self.chance(0.3) else None
        return replace(made, accounts=accounts, quiet_hours=quiet)

    def post(self) -> Post:
        """A new post at some time of the weeks to come."""
        name = f"post-{next(self.names)}"
        texts = [f"Words {n} of {name}" for n in range(2 if self.chance(0.25) else 1)]
        place = Place(f"posts/{name}.yaml", 1, 1)
        parts = tuple(Text(text, place) for text in texts)
        names = self.rng.sample(list(self.servers), self.rng.randint(1, 2))
        return Post(name, parts, self.schedule(), place, accounts=tuple(names), digest=f"{name} {self.rng.random()}")

    def schedule(self) -> Schedule:
        """Some time from now on; the changes of the clocks are likely ones."""
        now = to_wall(self.clock.now(), plans.LONDON)
        change = {3: plans.wall("2026-03-29T01:30"), 10: plans.wall("2026-10-25T01:30")}.get(self.start.month)
        match self.rng.choice(["once", "once", "list", "every", "slot", "change"]):
            case "list":
                return plans.once(*(self._time(now) for _ in range(2)))
            case "every":
                return plans.every((1, 4), "09:15", count=2)
            case "slot":
                return InSlot("weekly")
            case "change" if change is not None and change > now:
                return plans.once(change.isoformat())
        return plans.once(self._time(now))

    def _time(self, now: datetime) -> str:
        """A time from now on; in some campaigns several posts want the same one."""
        wanted = [time for time in self.wanted if time > f"{now:%Y-%m-%dT%H:%M:%S}"]
        if self.crowded and wanted and self.chance(0.7):
            return self.rng.choice(wanted)
        self.wanted.append(self._some_time(now))
        return self.wanted[-1]

    def _some_time(self, now: datetime) -> str:
        later = now + self.rng.random() * LONG
        return later.replace(minute=self.rng.choice([0, 30]), second=0, microsecond=0).isoformat()

    # What happens

    def run(self) -> Counts:
        """Lives through the weeks, then lets all come to rest. Returns what was reached."""
        try:
            self._begin()
            for _ in range(STEPS):
                self._step()
                self.judge.look()
                if self.clock.now() > self.start + LONG + DAY:
                    break
            self._rest()
            self.judge.finish()
        finally:
            self._end()
        return self.counts

    def _begin(self) -> None:
        for account in self.servers:
            if self.chance(0.9):
                self.go_live(account)

    def go_live(self, account: str) -> None:
        """A person lets the account publish."""
        self.live.add(account)
        self.ledger.go_live(account, account, None, by="Ann", now=self.clock.now())

    def _step(self) -> None:
        choice = self.rng.random()
        if choice < 0.42:
            self._wait()
            self._pass()
        elif choice < 0.55:
            self._pass()
        elif choice < 0.8:
            self._resume()
        else:
            act = self.rng.choice(PERSONS)
            self.count("step", act.__name__)
            self.story("somebody", act.__name__)
            act(self)

    def _wait(self) -> None:
        now, due = self.clock.now(), self.next_due
        if due is not None and due > now and self.chance(0.85):
            late = self.rng.choice([0, 0, 1, 30]) * timedelta(seconds=1)
            self.clock.advance(min(due - now + late, 2 * DAY))
        else:
            self.clock.advance(self.rng.choice([timedelta(seconds=20), LEASE, HOUR / 2, 6 * HOUR]))

    def _pass(self) -> None:
        idle = [number for number, actor in enumerate(self.actors) if not actor.where]
        if idle:
            number = self.rng.choice(idle)
            self.count("step", "pass")
            self.actors[number].run(self._turn(number))
            self._after(number)
        else:
            self._resume()

    def _turn(self, number: int) -> Callable[[], None]:
        worker = self.workers[number]

        def turn() -> None:
            self.next_due = worker.turn(wait=True).next_due

        return turn

    def _resume(self) -> None:
        still = [number for number, actor in enumerate(self.actors) if actor.where]
        if not still:
            return
        number = self.rng.choice(still)
        if self.chance(0.1):
            # It is told to end, and its time is up.
            self.count("step", "abandon")
            self.story("somebody", "stops", worker=self.workers[number].worker)
            self.ending = True
            self.workers[number].publisher.abandon()
            self.ending = False
        die = self.chance(0.15)
        if die:
            self.workers[number]._count_death(self.actors[number].where)
        self.count("step", "killed" if die else "resumed")
        self.story(self.workers[number].worker, "is killed" if die else "goes on", at=self.actors[number].where)
        self.actors[number].resume(die=die)
        self._after(number)

    def _after(self, number: int) -> None:
        """A worker that ended is followed by a new process."""
        error, self.actors[number].error = self.actors[number].error, None
        if error is None or self.actors[number].where:
            return
        if isinstance(error, Death):
            self.workers[number] = Worker(self, 2 * next(self.births) + number)
            self.workers[number].number = number
        elif not _is_trouble_of_the_ledger(error):
            raise error

    def _rest(self) -> None:
        """Liveness: without faults everything comes to an end, in bounded time."""
        self.faults = 0.0
        for server in self.servers.values():
            server.faults, server.honest, server.dead, server.down_until = 0.0, True, False, None
            server.quiet_until = None
        for number, actor in enumerate(self.actors):
            while actor.where:
                actor.resume()
                self._after(number)
        self.clock.correct()
        self._people_help()
        for _ in range(120):
            self.actors[0].run(self._turn(0))
            self._after(0)
            self.judge.look()
            if not self._goes_on():
                return
            due = self.next_due
            soon = self.clock.now() + timedelta(seconds=1)
            self.clock.advance_to(max(due, soon) if due is not None else soon + HOUR)
        raise AssertionError("liveness: it does not come to rest")

    def _people_help(self) -> None:
        now = self.clock.now()
        for account in self.servers:
            if account not in self.live:
                self.go_live(account)
            self.ledger.start_account(account, by="Ann", now=now)
        for scope in list(self.paused):
            self.ledger.resume(scope, by="Ann", now=now)
        self.paused.clear()

    def _goes_on(self) -> bool:
        counts = self.ledger.counts()
        for delivery in self.ledger.deliveries():
            if delivery.state is State.UNKNOWN and not self._looks_coming(delivery.id):
                from tests.simulation.people import settle

                settle(self, delivery)
                return True
        waiting = (State.PLANNED, State.CLAIMED, State.SENDING, State.UNKNOWN, State.HELD)
        return any(counts[state] for state in waiting)

    def _looks_coming(self, delivery: int) -> bool:
        attempts = self.ledger.story(delivery).attempts
        return any(one.state in ("open", "unknown") and one.next_look_at is not None for one in attempts)

    def _end(self) -> None:
        """Leaves no thread behind that stands still."""
        self.deaths = self.stops = 0.0
        for actor in self.actors:
            while actor.where:
                with suppress(BaseException):
                    actor.resume(die=True)


def _is_trouble_of_the_ledger(error: BaseException) -> bool:
    from socrbot.errors import LedgerError

    return isinstance(error, LedgerError)
