"""What else can happen at a point: the disk is full, the database is locked, the answer is lost, the clock jumps."""

from __future__ import annotations

import pytest

from tests.faults.judge import judge
from tests.faults.lives import Bomb, Theatre
from tests.faults.points import DECLARED, Point
from tests.faults.scenes import SCENES

pytestmark = pytest.mark.xdist_group("forked-actions")
_LEDGER = {point.name for point in DECLARED if point.name.endswith((".written", ".committed"))} - {"file.written"}
_CALLS = {
    point.name for point in DECLARED if point.name.startswith(("publish.", "look.", "upload.", "alt.", "container."))
}


def _fits(point: Point, action: str) -> bool:
    if action in ("disk full", "locked"):
        return point.name in _LEDGER or (action == "disk full" and point.name.startswith("file."))
    return action.startswith("clock") or point.name in _CALLS


CASES = [
    (point, action)
    for action in ("disk full", "locked", "answer lost", "clock forward", "clock back")
    for point in DECLARED
    if _fits(point, action)
]


@pytest.mark.parametrize("action", ["disk full", "locked", "answer lost", "clock forward", "clock back"])
def test_trouble_at_any_point_neither_repeats_nor_loses_a_post(theatre: Theatre, action: str) -> None:
    """Each is there once in the end, whatever happened at whichever point."""
    wrong, met = list[str](), 0
    for number, (point, _) in enumerate(case for case in CASES if case[1] == action):
        scene = point.scenes[number % len(point.scenes)]
        trial = theatre.begin(SCENES[scene], postgres=False)
        before = [Bomb("intent.committed")] if point.recovery else []
        peace = trial.run([*before, Bomb(point.name, action=action)])
        told = judge(trial) if peace else ["UNFINISHED", *judge(trial)]
        met += 1
        wrong += [f"{line} ({action} at {point.name}, scene {scene})" for line in told]
    assert met > 0
    assert wrong == []
