"""The promises in simulated weeks. SOCRBOT_SEED=n tries one seed alone, SOCRBOT_SEEDS=n tries as many as that."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.simulation.policies import BROKEN, Policy
from tests.simulation.running import missing, run_one, run_some
from tests.simulation.world import Home

ONE = os.environ.get("SOCRBOT_SEED")
MANY = int(os.environ.get("SOCRBOT_SEEDS", "500"))
HALVES = 2
# So many seeds reach every move in either half, the rarest included.
LONG = 1_500


@pytest.fixture
def home() -> Iterator[Home]:
    made = Home()
    yield made
    made.close()


@pytest.mark.skipif(ONE is not None, reason="one seed is asked for")
@pytest.mark.parametrize("half", range(HALVES))
def test_the_promises_hold_whatever_the_seed(half: int) -> None:
    """Faults, edits, people, deaths and clocks in any order break no promise, and every move is made."""
    counts, failures = run_some(range(half, MANY, HALVES))
    for seed, why in failures:
        print(f"SOCRBOT_SEED={seed} pytest tests/simulation\n{why}")
    assert not failures, [seed for seed, _ in failures]
    assert MANY < LONG or not missing(counts)


@pytest.mark.skipif(ONE is None, reason="no seed is asked for")
def test_one_seed(home: Home) -> None:
    """The seed that is asked for keeps the promises."""
    _, why = run_one(int(ONE or 0), home, verbose=True)
    assert why is None


def test_a_seed_is_the_same_each_time(home: Home) -> None:
    """What a seed reaches is the same whenever it runs."""
    assert run_one(4, home) == run_one(4, home)


@pytest.mark.parametrize("policy", BROKEN, ids=lambda policy: policy.name)
def test_a_broken_policy_is_caught(policy: Policy, home: Home) -> None:
    """The judge sees what a worker does that is broken on purpose, within a few of the seeds."""
    if not any(run_one(seed, home, policy=policy)[1] for seed in range(policy.seed, policy.seed + 40)):
        pytest.fail(f"nobody saw: {policy.name}")
