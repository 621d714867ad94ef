"""What the benchmarks share: their one option, two stopwatches, and the form of a line.

A line is the median of a ratio over some rounds, with the least and the greatest. Both sides of a ratio are measured in
the same round, so that a computer that is busy with something else slows both of them.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable, Sequence

# Whether lines say if a goal is met: not where next to nothing was measured.
_judges: list[bool] = []


def is_quick(about: str | None) -> bool:
    """Reads the command line. `--quick` measures next to nothing: it shows that the benchmark still runs."""
    lines = (about or "").splitlines()
    parser = argparse.ArgumentParser(description=lines[0] if lines else None)
    parser.add_argument("--quick", action="store_true", help="small and rough, in a few seconds")
    quick = bool(parser.parse_args().quick)
    _judges.append(not quick)
    return quick


def processor(work: Callable[[], object]) -> float:
    """Seconds of processor time for the work, which other programs hardly disturb."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def watch(work: Callable[[], object]) -> float:
    """Seconds on the clock for the work."""
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def show(label: str, ratios: Sequence[float], *, goal: float | None = None, note: str = "") -> None:
    """Prints one ratio: median, least and greatest, and whether the median keeps the goal (at most so much)."""
    median = statistics.median(ratios)
    digits = 3 if median < 1 else 2 if median < 100 else 0
    spread = f"({min(ratios):,.{digits}f} to {max(ratios):,.{digits}f})"
    verdict = ("met" if median <= goal else "MISSED") if goal is not None and all(_judges) else "-"
    said = "" if goal is None else f"goal {goal:g}: {verdict}"
    print(f"  {label:<46} {median:8,.{digits}f}  {spread:<18} {said:<16} {note}".rstrip())


def show_seconds(label: str, seconds: Sequence[float], note: str = "") -> None:
    """Prints a time for orientation: the median, in milliseconds where it is short."""
    median = statistics.median(seconds)
    said = f"{median:8.2f} s" if median >= 1 else f"{median * 1e3:8.1f} ms"
    print(f"  {label:<46} {said}  {note}".rstrip())
