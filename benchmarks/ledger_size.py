"""Whether a ledger stays quick when it grows: the same questions to a small and to a large one, in turn, in one run.

    python benchmarks/ledger_size.py [--quick]

Printed are ratios, a million deliveries to a thousand: the median over the rounds with the middle half of them, as
single questions of a fraction of a millisecond have outliers on any computer. "history" is a ledger whose
deliveries are nearly all over; "plan" one whose deliveries are nearly all still to come. Counting grows with what it
counts: all that is open, and, of what is over, what changed in the time asked for.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from _bench import is_quick

from socrbot.clock import VirtualClock
from socrbot.ledger import Filter, Ledger, schema
from socrbot.ledger.schema import UtcDateTime

NOW = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
ACCOUNTS = ("x", "facebook", "bluesky", "mastodon", "outbox")
SMALL = 1_000
DUE = 100
STEP = timedelta(minutes=15)
Row = tuple[object, ...]


def text(instant: datetime) -> str:
    return instant.isoformat(" ", "microseconds")


def rows(size: int, *, ahead: bool) -> Iterator[dict[str, object]]:
    """`DUE` deliveries due now; the others, one each quarter of an hour, are all sent already or all to come."""
    for number in range(size):
        due = number < DUE
        distance = timedelta(0) if due else (number - DUE + 1) * STEP
        due_at = text(NOW + distance if ahead else NOW - distance)
        yield {
            "id": number + 1,
            "post": f"post-{number // len(ACCOUNTS)}",
            "account": ACCOUNTS[number % len(ACCOUNTS)],
            "network": ACCOUNTS[number % len(ACCOUNTS)],
            "occurrence": "once",
            "kind": "once",
            "state": "planned" if due or ahead else "sent",
            "nominal": due_at,
            "due_at": due_at,
            "grace_until": text(NOW + timedelta(hours=2) + (distance if ahead else timedelta(0))),
            "attempts": 0,
            "parts_out": 0,
            "urgent": 0,
            "by_person": 0,
            "path": "posts/benchmark.yaml",
            "line": 1,
            "changed_at": text(NOW - distance),
            "created_at": text(NOW - distance),
        }


def fill(path: Path, size: int, *, ahead: bool) -> Ledger:
    """A ledger with so many deliveries, each with an event, on this path."""
    ledger = Ledger.open(path, clock=VirtualClock(NOW))
    for account in ACCOUNTS:
        ledger.go_live(account, account, None, by="benchmark", now=NOW)
    assert isinstance(schema.deliveries.c.due_at.type, UtcDateTime)
    names = tuple(next(rows(1, ahead=ahead)))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        marks = ", ".join(f":{name}" for name in names)
        connection.executemany(f"INSERT INTO deliveries ({', '.join(names)}) VALUES ({marks})", rows(size, ahead=ahead))
        connection.execute(
            "INSERT INTO events (at, action, delivery_id, account, state_after, actor)"
            " SELECT created_at, 'planned', id, account, 'planned', 'plan' FROM deliveries"
        )
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return ledger


def claim(ledger: Ledger) -> float:
    """Seconds for one claim; giving it back is not counted."""
    started = time.perf_counter()
    got = ledger.claim("x", worker="w", lease=timedelta(minutes=3), spacing=timedelta(0), now=NOW, monotonic=0.0)
    seconds = time.perf_counter() - started
    assert got is not None
    ledger.release_claim(got, now=NOW)
    return seconds


def timed(question: Callable[[Ledger], object]) -> Callable[[Ledger], float]:
    def ask(ledger: Ledger) -> float:
        started = time.perf_counter()
        question(ledger)
        return time.perf_counter() - started

    return ask


QUESTIONS: dict[str, Callable[[Ledger], float]] = {
    "claim": claim,
    "due_accounts": timed(lambda ledger: ledger.due_accounts(NOW)),
    "next_due": timed(lambda ledger: ledger.next_due(NOW)),
    "miss_late": timed(lambda ledger: ledger.miss_late(NOW)),
    "expire": timed(lambda ledger: ledger.expire(NOW)),
    "counts of a week": timed(lambda ledger: ledger.counts(since=NOW - timedelta(days=7))),
    "counts of all time": timed(lambda ledger: ledger.counts()),
    "log, newest 20": timed(lambda ledger: ledger.deliveries(Filter(until=NOW, limit=20, newest_first=True))),
}


def compare(small: Ledger, large: Ledger, rounds: int) -> None:
    print(f"  {'question':20} {'small':>10} {'large':>10} {'ratio':>7}   middle half")
    for name, ask in QUESTIONS.items():
        pairs = [(ask(small), ask(large)) for _ in range(rounds + 3)][3:]
        ratios = [b / a for a, b in pairs]
        low, _, high = statistics.quantiles(ratios, n=4)
        times = [statistics.median(column) * 1e3 for column in zip(*pairs, strict=True)]
        ratio = statistics.median(ratios)
        print(f"  {name:20} {times[0]:7.2f} ms {times[1]:7.2f} ms {ratio:7.2f}   {low:.2f} to {high:.2f}")


def main() -> None:
    size, rounds = (5_000, 5) if is_quick(__doc__) else (1_000_000, 40)
    with tempfile.TemporaryDirectory() as name:
        for title, ahead in (("history", False), ("plan", True)):
            folder = Path(name) / title
            started = time.perf_counter()
            with fill(folder / "small.sqlite", SMALL, ahead=ahead) as small:
                with fill(folder / "large.sqlite", size, ahead=ahead) as large:
                    seconds = time.perf_counter() - started
                    print(f"{title}: {size:,} deliveries against {SMALL:,} (made in {seconds:.0f} s)")
                    compare(small, large, rounds)


if __name__ == "__main__":
    main()
