"""The computer's clock is an hour wrong, and an answer is lost: the post is found all the same."""

from __future__ import annotations

import pytest

from tests.faults.judge import judge
from tests.faults.lives import DIED, Theatre
from tests.faults.scenes import SCENES
from tests.faults.seams import Seams

pytestmark = pytest.mark.xdist_group("forked-actions")


@pytest.mark.parametrize("scene", ["x", "facebook-plain", "mastodon-lag", "instagram-plain", "bluesky-plain"])
@pytest.mark.parametrize("wrong", [3_600, -3_600])
@pytest.mark.parametrize("set_right", [True, False])
def test_a_clock_that_is_an_hour_wrong_repeats_nothing(
    theatre: Theatre, scene: str, wrong: int, set_right: bool
) -> None:
    """As when summer time was set by hand: it died with a post on its way, and looks for it where it really is."""
    trial = theatre.begin(SCENES[scene], postgres=False)
    # What is due by a clock that is late has to be due all the same.
    theatre.clock.advance(max(0, -wrong))
    theatre.clock.jump(wrong)
    assert trial.live(Seams("publish.delivered", 1), "die", None) == DIED
    if set_right:
        theatre.clock.jump(-wrong)
    assert trial.live(Seams(), "die", None) == 0
    assert judge(trial) == []
