"""`python -m tests.simulation SEED [--verbose]` lives through one seed; `--many N` through N from it on, and counts."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.simulation.running import Failure, missing, run_many, tables


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--many", type=int, default=1, metavar="N", help="run so many seeds, from SEED on")
    parser.add_argument("--processes", type=int, default=1, help="in so many processes")
    parser.add_argument("--verbose", action="store_true", help="tell the story of the seed")
    asked = parser.parse_args()
    begun = time.monotonic()
    seeds = range(asked.seed, asked.seed + asked.many)
    counts, failures = run_many(seeds, processes=asked.processes, verbose=asked.verbose)
    _report(counts, failures, asked.many, time.monotonic() - begun)
    return 1 if failures or (asked.many > 1 and missing(counts)) else 0


def _report(counts: Counter[tuple[str, str]], failures: list[Failure], many: int, seconds: float) -> None:
    print(tables(counts))
    for seed, why in failures:
        print(f"seed {seed}: {why}")
    for what, which in missing(counts) if many > 1 else ():
        print(f"never reached: {what}: {which}")
    print(f"{many} seeds, {len(failures)} failed, {seconds:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
