"""Children that die by SIGKILL at a named point, and are recovered by the next; the networks' record is the judge.

SOCRBOT_FORKED_KILLS sets another number of kills, SOCRBOT_SEED a seed, SOCRBOT_KILLS_TABLE a file for the numbers.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults.killing import Tally, kill, seldom
from tests.faults.lives import Theatre

# A quarter of them falls on PostgreSQL.
KILLS = int(os.environ.get("SOCRBOT_FORKED_KILLS", "500"))


def _judge(tally: Tally, number: int, title: str) -> None:
    table = tally.table(title)
    print(f"\n{table}")
    if where := os.environ.get("SOCRBOT_KILLS_TABLE"):
        with Path(where).open("a", encoding="utf-8") as file:
            file.write(f"{table}\n\n")
    assert tally.wrong == [], table
    assert seldom(tally, number) == [], table


def _seed() -> int:
    return int(os.environ.get("SOCRBOT_SEED", str(random.SystemRandom().randrange(10**9))))


@pytest.mark.timeout(7_200)
@pytest.mark.xdist_group("forked-sqlite")
def test_no_death_at_any_point_repeats_or_loses_a_post(theatre: Theatre) -> None:
    """After deaths at each point, and in the recovery from them, each post is there once, with the id in the ledger."""
    number, seed = KILLS * 3 // 4, _seed()
    _judge(kill(theatre, number=number, seed=seed, postgres=False), number, f"SQLite, seed {seed}")


@pytest.mark.timeout(7_200)
@pytest.mark.xdist_group("forked-postgres")
def test_no_death_repeats_or_loses_a_post_with_postgresql(with_postgres: Theatre) -> None:
    """The same with the ledger on a PostgreSQL server."""
    number, seed = KILLS // 4, _seed()
    _judge(kill(with_postgres, number=number, seed=seed, postgres=True), number, f"PostgreSQL, seed {seed}")
