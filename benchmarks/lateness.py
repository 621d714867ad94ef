"""How late a delivery is taken in hand, what an idle bot costs, and whether a busy one grows.

    python benchmarks/lateness.py [--quick]

1,000 deliveries due at one instant, and 200 at random instants: lateness is from due to the committed claim (and the
next one), 99 of 100 are no later. Against a heap and a condition variable, which keep nothing, and APScheduler with
its SQL job store. Then the service itself, idle, with its wake-ups counted, and the memory of many deliveries.
"""

from __future__ import annotations

import heapq
import random
import statistics
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import _ours
from _bench import is_quick, show, show_seconds
from _posting import server

from socrbot.clock import SystemClock
from socrbot.delivery import Add, Kind, Wanted
from socrbot.ledger import Ledger
from socrbot.service import LONGEST_SLEEP, Metronome

THREADS = 10


def p99(late: list[float]) -> float:
    return statistics.quantiles(late, n=100)[98]


def heap(instants: list[float]) -> list[float]:
    """Lateness of a heap and a condition: nothing is kept, nothing is written."""
    waiting, late, ready = sorted(instants), [], threading.Condition()

    def work() -> None:
        while True:
            with ready:
                while waiting and (left := waiting[0] - time.time()) > 0:
                    ready.wait(left)
                if not waiting:
                    ready.notify_all()
                    return
                due = heapq.heappop(waiting)
                late.append(time.time() - due)
                ready.notify()

    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(THREADS):
            pool.submit(work)
    return late


def ledger(instants: list[float]) -> list[float]:
    """Lateness of durable claims, one account a delivery: the ledger is asked when the next thing is due."""
    with tempfile.TemporaryDirectory(dir=_ours.HERE) as folder:
        with Ledger.open(Path(folder) / "ledger.sqlite", clock=SystemClock()) as opened:
            adds = [Add(_wanted(number, due)) for number, due in enumerate(instants)]
            end = datetime.now(UTC)
            opened.apply(adds, now=end, by="b", planned_until=end, first_seen=(), campaign_digest="x")
            return _claim_all(opened, dict(enumerate(instants)))


def _wanted(number: int, due: float) -> Wanted:
    at = datetime.fromtimestamp(due, UTC)
    end = at + timedelta(days=1)
    return Wanted(f"post-{number}", f"a{number}", "outbox", "once", Kind.ONCE, at, at, end, "posts/all.yaml", 1)


def _claim_all(opened: Ledger, waiting: dict[int, float]) -> list[float]:
    late: list[float] = []

    def claim(number: int) -> None:
        got = opened.claim(
            f"a{number}",
            worker="w",
            lease=timedelta(minutes=3),
            spacing=timedelta(0),
            now=datetime.now(UTC),
            monotonic=time.monotonic(),
        )
        assert got is not None
        late.append(time.time() - got.delivery.due_at.timestamp())

    with ThreadPoolExecutor(THREADS) as pool:
        for number, due in sorted(waiting.items(), key=lambda item: item[1]):
            if (left := due - time.time()) > 0:
                time.sleep(left)
            pool.submit(claim, number)
    assert len(late) == len(waiting)
    return late


_fired: list[float] = []


def _fire(due: float) -> None:
    _fired.append(time.time() - due)


def apscheduler(instants: list[float]) -> list[float]:
    """Lateness of APScheduler with its SQL job store on SQLite."""
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    _fired.clear()
    with tempfile.TemporaryDirectory(dir=_ours.HERE) as folder:
        store = SQLAlchemyJobStore(url=f"sqlite:///{folder}/jobs.sqlite")
        job_options = {"misfire_grace_time": None}
        scheduler = BackgroundScheduler(timezone=UTC, jobstores={"default": store}, job_defaults=job_options)
        for due in instants:
            scheduler.add_job(_fire, "date", run_date=datetime.fromtimestamp(due, UTC), args=[due])
        scheduler.start()
        while len(_fired) < len(instants):
            time.sleep(0.01)
        scheduler.shutdown()
    return list(_fired)


def at_once(count: int, ahead: float) -> list[float]:
    return [time.time() + ahead] * count


def at_random(count: int, ahead: float, seed: int) -> list[float]:
    start, choose = time.time() + ahead, random.Random(seed)
    return [start + choose.random() * count / 50 for _ in range(count)]


def compare(title: str, rounds: int, make: Callable[[int], list[float]], goal: float) -> None:
    """The 99th of 100, ours over that of the floor and over that of APScheduler."""
    floor, ours, theirs = [], [], []
    for number in range(rounds):
        floor.append(p99(heap(make(number))))
        ours.append(p99(ledger(make(number))))
        theirs.append(p99(apscheduler(make(number))))
    print(f"{title}; {rounds} rounds")
    show("lateness (p99), ledger / heap", [a / b for a, b in zip(ours, floor, strict=True)], goal=goal)
    show("lateness (p99), ledger / APScheduler", [a / b for a, b in zip(ours, theirs, strict=True)], goal=0.1)
    for name, seconds in (("heap", floor), ("ledger", ours), ("APScheduler with SQL", theirs)):
        show_seconds(f"{name}, p99", seconds)


class _Counted(SystemClock):
    """A clock that counts how often somebody waits on it; it waits a hundredth of the time."""

    waits = 0
    waited = 0.0

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.waits += 1
        self.waited += seconds
        return event.wait(seconds / 100)


def wake_ups(minutes: float) -> float:
    """How often a minute the service's metronome wakes with nothing to do."""
    clock = _Counted()
    metronome = Metronome(clock=clock, say=lambda *_, **__: None, longest_sleep=LONGEST_SLEEP)
    thread = threading.Thread(target=metronome.start)
    thread.start()
    while clock.waited < minutes * 60:
        time.sleep(0.05)
    metronome.stop()
    thread.join()
    # The first wait is the start.
    return (clock.waits - 1) / (clock.waited / 60)


def growth(posts: int) -> tuple[float, int]:
    """Bytes that stay for each delivery, between the first fifth of them and the last, and how many there were."""
    names = _ours.names(8)
    with tempfile.TemporaryDirectory(dir=_ours.HERE) as name, server(0) as port:
        _ours.write(Path(name), names, posts)
        with _ours.bot(Path(name), port) as (app, publisher):
            _ours.plan(app.ledger, names, posts, due=datetime.now(UTC) - timedelta(minutes=1))
            for account in names:
                publisher.drain(account, limit=posts // 5)
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
            rest = sum(publisher.drain(account, limit=10**9) for account in names)
            grown = tracemalloc.get_traced_memory()[0] - before
            tracemalloc.stop()
    return grown / rest, rest


def main() -> None:
    quick = is_quick(__doc__)
    rounds = 1 if quick else 3
    many, some = (20, 10) if quick else (1000, 200)
    ahead = 0.3 if quick else 4.0
    compare(f"{many:,} due at one instant", rounds, lambda _: at_once(many, ahead), 3)
    compare(f"{some:,} at random instants", rounds, lambda seed: at_random(some, ahead, seed), 2)
    print("idle and busy")
    found = wake_ups(0.5 if quick else 10)
    show("wake-ups a minute, idle", [found], goal=6)
    bytes_each, count = growth(5 if quick else 500)
    print(f"  {count:,} deliveries left {bytes_each:,.0f} bytes each behind")


if __name__ == "__main__":
    main()
