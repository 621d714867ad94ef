"""Runs seeds, adds up what they reached, and says what was not reached."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterable, Sequence

from socrbot.delivery import MOVES, State
from tests.simulation.people import PERSONS
from tests.simulation.policies import Policy
from tests.simulation.promises import Broken
from tests.simulation.world import Counts, Home, World

Failure = tuple[int, str]


def run_one(seed: int, home: Home, *, policy: Policy | None = None, verbose: bool = False) -> tuple[Counts, str | None]:
    """Lives through one seed. Returns what it reached, and why it failed, if it did."""
    world = World(seed, home, policy=policy, verbose=verbose)
    try:
        world.run()
    except (Exception, Broken) as error:
        if verbose:
            raise
        return world.counts, f"{type(error).__name__}: {error}"
    return world.counts, None


def run_some(seeds: Iterable[int], verbose: bool = False) -> tuple[Counts, list[Failure]]:
    """Lives through these seeds, one after the other."""
    home, counts, failures = Home(), Counter[tuple[str, str]](), list[Failure]()
    try:
        for seed in seeds:
            reached, why = run_one(seed, home, verbose=verbose)
            counts.update(reached)
            if why is not None:
                failures.append((seed, why))
    finally:
        home.close()
    return counts, failures


def run_many(seeds: Sequence[int], *, processes: int = 1, verbose: bool = False) -> tuple[Counts, list[Failure]]:
    """The same, in several processes."""
    if processes == 1:
        return run_some(seeds, verbose)
    counts, failures = Counter[tuple[str, str]](), list[Failure]()
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for reached, failed in pool.imap_unordered(run_some, [seeds[n::processes] for n in range(processes)]):
            counts.update(reached)
            failures += failed
    return counts, sorted(failures)


# No code makes this move: what is late while it is in hand goes back first, and is missed then.
_NEVER = {(State.CLAIMED, State.MISSED)}
# A refusal that comes after its try was given up: too rare to be asked of every run.
_RARE = {(State.UNKNOWN, State.FAILED)}
_MOVES = frozenset(("move", f"{before} > {after}") for before, after in MOVES - _NEVER - _RARE)
_STEPS = frozenset(("step", step.__name__) for step in PERSONS) | {("step", "killed"), ("step", "abandon")}
_NETWORK = frozenset(
    ("network", what)
    for what in (
        *("5xx without effect", "answer lost after the effect", "time-out", "late arrival", "key known"),
        *("rate limit", "dead credentials", "down", "refused", "refused as duplicate"),
        *("shown late", "shown very late", "empty list", "find: Found", "find: Absent", "find: CannotTell"),
    )
)
REQUIRED = _MOVES | _STEPS | _NETWORK | {("outcome", "late")}


def missing(counts: Counts) -> list[tuple[str, str]]:
    """What must be reached and was not."""
    return sorted(REQUIRED - counts.keys())


def tables(counts: Counts) -> str:
    """What was reached, and how often."""
    lines = [f"{what:10} {which:60} {number}" for (what, which), number in sorted(counts.items())]
    return "\n".join(lines)
