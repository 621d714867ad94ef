"""Many trials, each point in turn: how they are drawn, counted, and told. A kill that did not land does not count."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.judge import judge
from tests.faults.lives import Bomb, Theatre
from tests.faults.points import DECLARED, LEAVE_DOUBT, LEAVE_NOTHING, POINTS, Point
from tests.faults.scenes import SCENES

# So many trials for each kill that is wanted, and then it is said that a point cannot be met.
_PATIENCE = 12


@dataclass
class Tally:
    """What came of many trials."""

    landed: Counter[str] = field(default_factory=Counter)
    scenes: Counter[str] = field(default_factory=Counter)
    trials: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        return self.landed.total()

    def table(self, title: str) -> str:
        """The numbers, for people: each point, then the bound with the zero."""
        rate = self.trials / max(self.seconds, 0.001)
        lines = [f"{title}: {self.kills} landed kills in {self.trials} trials ({rate:.1f} trials a second)"]
        lines += [f"  {self.landed[point.name]:6}  {point.name:20} {point.says}" for point in DECLARED]
        lines += [f"  trials by scene: {dict(sorted(self.scenes.items()))}"]
        lines += [f"  posts twice, lost, or not as the ledger says: {len(self.wrong)} of {self.trials} trials"]
        if self.kills and not self.wrong:
            lines += [f"  with 95% confidence that is under {3 / self.kills:.3%} a kill, {3 / self.trials:.3%} a trial"]
        return "\n".join(lines)


def draw(point: Point, chance: random.Random) -> tuple[str, Sequence[Bomb]]:
    """The scene of a trial that aims at a point, and the deaths in it."""
    if not point.recovery:
        later = [Bomb(chance.choice([other.name for other in DECLARED if other.recovery]))]
        return chance.choice(point.scenes), [
            Bomb(point.name, chance.choice((1, 1, 2, 3))),
            *(later if chance.random() < 0.6 else []),
        ]
    before = LEAVE_NOTHING if point.name.startswith("looked") else (*LEAVE_DOUBT, *LEAVE_NOTHING)
    return chance.choice(point.scenes), [
        Bomb(chance.choice(before), chance.choice((1, 2))),
        Bomb(point.name, chance.choice((1, 1, 2))),
    ]


def kill(theatre: Theatre, *, number: int, seed: int, postgres: bool) -> Tally:
    """Trials until so many kills have landed and each point has its share of them."""
    chance, tally, began = random.Random(seed), Tally(), time.monotonic()
    share = max(1, number // len(DECLARED) * 3 // 4)
    for round_ in range(_PATIENCE * share):
        wanting = [point for point in DECLARED if tally.landed[point.name] < share]
        if tally.kills >= number and not wanting:
            break
        for point in wanting or DECLARED:
            name, bombs = draw(point, chance)
            trial = theatre.begin(SCENES[name], postgres=postgres)
            peace = trial.run(bombs)
            tally.landed.update(trial.died)
            tally.scenes[name] += 1
            tally.trials += 1
            wrong = judge(trial) if peace else ["UNFINISHED " + " ".join(judge(trial))]
            tally.wrong += [f"{said} (scene {name}, {bombs}, died at {trial.died})" for said in wrong]
            if tally.kills >= number and round_ > share:
                break
    tally.seconds = time.monotonic() - began
    return tally


def seldom(tally: Tally, number: int) -> list[str]:
    """The points at which too few kills have landed."""
    share = max(1, number // len(DECLARED) * 3 // 4)
    return [f"{name}: {tally.landed[name]} of {share}" for name in POINTS if tally.landed[name] < share]
