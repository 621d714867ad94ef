"""Six policies that are broken on purpose: each is caught in every run, at the points predicted, and nowhere else."""

from __future__ import annotations

import os
import signal

import pytest

from tests.faults.judge import judge
from tests.faults.lives import Bomb, Theatre, Trial
from tests.faults.points import POINTS
from tests.faults.policies import BROKEN
from tests.faults.scenes import SCENES
from tests.faults.seams import Seams

pytestmark = pytest.mark.xdist_group("forked-policies")
HARM = [(name, point) for name, broken in BROKEN.items() for point in broken.harm]
HARMLESS = [(name, point) for name, broken in BROKEN.items() for point in broken.harmless]


def attack(theatre: Theatre, scene: str, point: str, policy: str | None, *, stopped: bool) -> list[str]:
    """What the judge says after a death, or a long halt, at the first visit to a point."""
    trial = theatre.begin(SCENES[scene], postgres=False)
    if stopped:
        halt(trial, point, policy)
    else:
        trial.run([Bomb(point)], policy=policy)
        assert trial.died == [point]
    return judge(trial)


def halt(trial: Trial, point: str, policy: str | None) -> None:
    """A worker is stopped at a point for longer than its lease; another does its work; then it goes on."""
    halted = trial.start(Seams(point, 1), "stop", policy)
    _, status = os.waitpid(halted, os.WUNTRACED)
    assert os.WIFSTOPPED(status), (point, status)
    assert trial.live(Seams(), "die", policy) == 0
    os.kill(halted, signal.SIGCONT)
    assert os.waitstatus_to_exitcode(os.waitpid(halted, 0)[1]) == 0
    trial.theatre.servers.quiet()


@pytest.mark.parametrize(("policy", "point"), HARM)
def test_a_broken_policy_is_caught_where_it_does_harm(theatre: Theatre, policy: str, point: str) -> None:
    """The judge says what was predicted of it. That the same deaths do no harm without it, other tests show."""
    broken = BROKEN[policy]
    told = attack(theatre, broken.scene, point, policy, stopped=broken.stopped)
    assert any(line.startswith(broken.verdict) for line in told), told


@pytest.mark.parametrize(("policy", "point"), HARMLESS)
def test_a_broken_policy_does_no_harm_where_none_was_predicted(theatre: Theatre, policy: str, point: str) -> None:
    """The judge accuses nobody of what cannot have happened there."""
    broken = BROKEN[policy]
    assert attack(theatre, broken.scene, point, policy, stopped=broken.stopped) == []


@pytest.mark.parametrize("scene", ["x", "facebook", "instagram", "mastodon", "bluesky"])
def test_a_worker_that_was_stopped_past_its_lease_repeats_nothing(theatre: Theatre, scene: str) -> None:
    """Another worker has done its work meanwhile; it notices, and says nothing a second time."""
    for point in ("claim.committed", "intent.ready", "intent.committed", "publish.delivered", "publish.answered"):
        trial = theatre.begin(SCENES[scene], postgres=False)
        halt(trial, point, None)
        assert judge(trial) == [], point


def test_the_points_are_many_and_each_is_declared_once() -> None:
    """At least twenty, with a sentence each."""
    assert len(POINTS) >= 20
    assert all(point.says.endswith(".") and point.scenes for point in POINTS.values())
