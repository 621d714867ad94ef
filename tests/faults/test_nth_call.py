"""Each call of the database and of a socket fails once, in turn, until a run has no failure left.

All scenes with SOCRBOT_FORKED_KILLS set, else the one in which an answer is lost as well.
"""

from __future__ import annotations

import os

import pytest

from tests.faults.judge import judge
from tests.faults.lives import Theatre
from tests.faults.scenes import SCENES
from tests.faults.seams import Seams

pytestmark = pytest.mark.xdist_group("forked-calls")
SCENES_ = ("x-lost", "bluesky-plain", "instagram-plain") if "SOCRBOT_FORKED_KILLS" in os.environ else ("x-lost",)


@pytest.mark.parametrize("scene", SCENES_)
def test_whichever_call_fails_nothing_is_repeated_or_lost(theatre: Theatre, scene: str) -> None:
    """The bot goes on as after any trouble, and each post is there once in the end."""
    number, failures = 0, list[str]()
    while True:
        number += 1
        trial = theatre.begin(SCENES[scene], postgres=False)
        failed, code = once(trial, number)
        if not failed:
            break
        wrong = judge(trial)
        assert (code, wrong) == (0, []), f"call {number} ({failed}): {wrong}"
        failures.append(failed)
    kinds = {failed.split(" in ")[0].split()[0] for failed in failures}
    assert {"execute", "commit,", "connect", "send", "receive", "read"} <= kinds, kinds
    print(f"\n{scene}: {len(failures)} calls failed in turn, repeated or lost: 0")


def once(trial: object, number: int) -> tuple[str, int]:
    """One life in which the call of this number fails. Returns which call that was, and how the life ended."""
    hear, tell = os.pipe()
    seams = Seams(fail=number)
    code = trial.live(seams, "die", None, tell)  # type: ignore[attr-defined]
    os.close(tell)
    with os.fdopen(hear) as told:
        return told.read().split("\n")[1], code
