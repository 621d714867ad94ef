"""How many deliveries a second 1, 2 and 4 worker processes make on one PostgreSQL, next to Procrastinate alone.

    python benchmarks/fleet.py [--quick]

The accounts are dealt out to the workers, as one account is sent by one worker at a time; a worker has a thread for
each of its accounts. Procrastinate has as many processes, and as many jobs at once. PostgreSQL waits for the disk at
each commit, and the server on loopback, which answers at once, counts each post once or the run is void.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import _ours
import _postgres
from _bench import is_quick, show, show_seconds
from _engines import Task, procrastinate_plan
from _posting import HERE, server, verdict

from socrbot.clock import SystemClock
from socrbot.ledger import Ledger

# Seconds that the worker processes have to be ready.
START_UP = 4.0


def run(name: str, workers: int, task: Task) -> float | None:
    """Seconds from the common start to the last worker's end; None where the library is not installed."""
    assert task.postgres is not None
    start = time.time() + (START_UP if task.count > 50 else 1.0)
    command = [sys.executable, str(HERE / "_engines.py"), f"{name}-worker", str(task.port)]
    rest = [str(task.accounts), str(task.posts), str(task.folder), task.postgres, str(workers)]
    all_of = [
        subprocess.Popen([*command, *rest, str(number), str(start)], stdout=subprocess.PIPE, text=True)
        for number in range(workers)
    ]
    said = [process.communicate(timeout=600)[0] for process in all_of]
    if any(process.returncode for process in all_of):
        raise SystemExit(f"{name} failed: {said}")
    verdict(task.port, task.count)
    return max(float(words.split()[-1]) for words in said)


def ours(workers: int, task: Task) -> float | None:
    names = _ours.names(task.accounts)
    _ours.write(task.folder, names, task.posts)
    assert task.postgres is not None
    with Ledger.open(task.postgres, clock=SystemClock()) as ledger:
        _ours.plan(ledger, names, task.posts, due=datetime.now(UTC) - timedelta(minutes=1))
    return run("socrbot", workers, task)


def theirs(workers: int, task: Task) -> float | None:
    try:
        procrastinate_plan(task)
    except ModuleNotFoundError:
        return None
    return run("procrastinate", workers, task)


def measure(postgres: Path, port: int, workers: int, *, accounts: int, posts: int, rounds: int) -> None:
    found: list[tuple[float, float | None]] = []
    for _ in range(rounds):
        pair = []
        for engine in (ours, theirs):
            with tempfile.TemporaryDirectory(dir=HERE.parent) as folder:
                task = Task(port, accounts, posts, Path(folder), _postgres.fresh(postgres))
                pair.append(engine(workers, task))
        assert pair[0] is not None
        found.append((pair[0], pair[1]))
    count = accounts * posts
    mine = [a for a, _ in found]
    label = f"{workers} workers, {accounts} accounts"
    show_seconds(f"{label}: socrbot", mine, f"{count / sorted(mine)[len(mine) // 2]:,.0f} a second")
    others = [b for _, b in found if b is not None]
    if len(others) == len(found):
        show_seconds(f"{label}: Procrastinate", others, f"{count / sorted(others)[len(others) // 2]:,.0f} a second")
        show(f"{label}: time of socrbot / of it", [a / b for a, b in zip(mine, others, strict=True)], goal=1)
    else:
        print("  procrastinate is not installed here, and is left out")


def main() -> None:
    quick = is_quick(__doc__)
    with _postgres.server() as postgres, server(0) as port:
        if postgres is None:
            print("PostgreSQL 15 is not installed here")
            return
        cases = [(2, 4)] if quick else [(w, a) for a in (8, 32) for w in (1, 2, 4)]
        for workers, accounts in cases:
            posts = 2 if quick else 480 // accounts
            measure(postgres, port, workers, accounts=accounts, posts=posts, rounds=1 if quick else 3)


if __name__ == "__main__":
    main()
