"""Whether a bot that goes on and on needs more and more memory.

    python benchmarks/memory.py [--quick]

100,000 deliveries through one process, eight accounts at once, in ten parts of the same size. After each part the
memory of the process is noted, as the operating system counts it. The first parts fill caches; what counts is the
second half. The ratio is the memory at the end against that in the middle.
"""

from __future__ import annotations

import gc
import itertools
import statistics
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import _ours
from _bench import is_quick, show
from _posting import server, verdict

ACCOUNTS, PARTS = 8, 10


def resident() -> int:
    """The memory of this process in bytes (Linux)."""
    gc.collect()
    kilobytes = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(kilobytes.split()[1]) * 1_024


def measure(posts: int) -> list[int]:
    """The memory after each part, of so many posts on each account."""
    accounts = _ours.names(ACCOUNTS)
    with tempfile.TemporaryDirectory(dir=_ours.HERE) as folder, server(0) as port:
        _ours.write(Path(folder), accounts, posts)
        with _ours.bot(Path(folder), port) as (app, publisher):
            now = datetime.now(UTC)
            for account in accounts:
                app.ledger.go_live(account, "outbox", None, by="benchmark", now=now)
            _ours.plan(app.ledger, accounts, posts, due=now)
            found = []
            for _ in range(PARTS):
                with ThreadPoolExecutor(ACCOUNTS) as pool:
                    list(pool.map(lambda account: publisher.drain(account, limit=posts // PARTS), accounts))
                found.append(resident())
        verdict(port, posts * ACCOUNTS)
    return found


def main() -> None:
    posts = 100 if is_quick(__doc__) else 12_500
    found = measure(posts)
    half = found[PARTS // 2 - 1 :]
    show("memory at the end / in the middle", [half[-1] / half[0]], goal=1.02)
    steps = [later - earlier for earlier, later in itertools.pairwise(half)]
    growth = statistics.mean(steps) / (posts // PARTS * ACCOUNTS)
    show("memory after the first part / at the end", [found[0] / found[-1]])
    show("memory in the middle / after the first part", [half[0] / found[0]])
    print(f"  {posts * ACCOUNTS:,} deliveries; in the second half {growth:,.0f} bytes more for each")
    print("  after each part, in MB:", *(f"{each / 1e6:.1f}" for each in found))


if __name__ == "__main__":
    main()
