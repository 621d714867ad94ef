"""How many deliveries a second, next to others who do the same work.

    python benchmarks/delivering.py [--quick]

A durable job before, a POST to a server on loopback, a durable result after; eight accounts at once. The server is
the judge: each post came, and came once, or the run is void. One server answers at once, one after 20 ms. "Floor" is
the loop without a database, "hand-written" one with the same two commits on SQLite (`synchronous=FULL`), shared by
what waits at that moment, and nothing else: no guards, no history, no recovery. All sides of one round run in turn,
each in a process of its own. Who is not installed is left out: `pip install 'socrbot[bench]'`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

import _postgres
from _bench import is_quick, show, show_seconds
from _posting import HERE, server, verdict

ACCOUNTS = 8
PEERS = ("floor", "hand-written", "socrbot", "socrbot-postgres", "huey", "dbos", "procrastinate")
ON_POSTGRES = ("socrbot-postgres", "procrastinate")


def run(name: str, port: int, posts: int, postgres: Path | None) -> float | None:
    """Seconds of one engine for so many posts on each account; None where it is not there."""
    if name in ON_POSTGRES and postgres is None:
        return None
    with tempfile.TemporaryDirectory(dir=HERE.parent) as folder:
        rest = [_postgres.fresh(postgres)] if name in ON_POSTGRES and postgres is not None else []
        command = [sys.executable, str(HERE / "_engines.py"), name, str(port), str(ACCOUNTS), str(posts), folder, *rest]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode == 3:
        return None
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-3000:]}")
    verdict(port, ACCOUNTS * posts)
    return float(done.stdout.split()[-1])


def race(milliseconds: float, posts: int, rounds: int, postgres: Path | None) -> dict[str, list[float]]:
    """The seconds of each who is there, by round."""
    found: dict[str, list[float]] = {name: [] for name in PEERS}
    with server(milliseconds) as port:
        for _ in range(rounds):
            for name in PEERS:
                seconds = run(name, port, posts, postgres)
                if seconds is None:
                    found.pop(name, None)
                elif name in found:
                    found[name].append(seconds)
    for name in set(PEERS) - found.keys():
        print(f"  {name} is not here, and is left out")
    return found


def table(found: dict[str, list[float]], posts: int, goals: dict[str, float]) -> None:
    """Others' time over ours: how many times as many deliveries a second we make. The goals are at least so much."""
    ours = found["socrbot"]
    for name, seconds in found.items():
        if name != "socrbot":
            # `show` knows goals of at most so much: the ratio is the other way round, ours over theirs.
            goal = 1 / goals[name] if name in goals else None
            ratios = [a / b for a, b in zip(ours, seconds, strict=True)]
            note = f"{1 / _median(ratios):.2f} times its speed"
            show(f"time of socrbot / of {name}", ratios, goal=goal, note=note)
    for name, seconds in found.items():
        rate = ACCOUNTS * posts / _median(seconds)
        show_seconds(f"{name}, {ACCOUNTS * posts:,} deliveries", seconds, f"{rate:,.0f} a second")


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def main() -> None:
    quick = is_quick(__doc__)
    rounds, posts = (1, 3) if quick else (3, 75)
    # A server of PostgreSQL takes longer to make than all that a quick run measures.
    with nullcontext() if quick else _postgres.server() as postgres:
        print(f"a server that answers at once; {rounds} rounds")
        table(race(0, posts, rounds, postgres), posts, {"dbos": 8, "procrastinate": 2, "hand-written": 0.5})
        if quick:
            return
        print(f"a server that takes 20 ms; {rounds} rounds")
        table(race(20, posts, rounds, postgres), posts, {"floor": 0.93})


if __name__ == "__main__":
    main()
