"""What is asked all the time finds its answer by an index over what waits, however long the history is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.delivery import State
from socrbot.ledger import Filter, Ledger
from tests.ledger.desk import HOUR, START, Desk, wanted
from tests.statements import statements

# What is asked, and the indexes of deliveries by which it may be answered.
QUESTIONS: dict[str, tuple[Callable[[Desk], object], set[str]]] = {
    "claim": (lambda desk: desk.try_claim(), {"planned", "in_flight"}),
    "the whole way": (lambda desk: desk.sent(*desk.start()), {"planned", "in_flight"}),
    "due_accounts": (lambda desk: desk.ledger.due_accounts(desk.now), {"planned", "urgent", "postponed", "in_flight"}),
    "next_due": (
        lambda desk: desk.ledger.next_due(desk.now),
        {"planned", "urgent", "postponed", "in_flight", "waiting"},
    ),
    "miss_late": (lambda desk: desk.ledger.miss_late(desk.now), {"waiting"}),
    "expire": (lambda desk: desk.ledger.expire(desk.now), {"in_flight"}),
    "unknowns": (lambda desk: desk.ledger.unknowns(desk.now), set()),
    "counts": (lambda desk: desk.ledger.counts(since=desk.now - HOUR), {"open", "changed"}),
    "log": (lambda desk: desk.ledger.deliveries(Filter(limit=20, newest_first=True)), {"due"}),
    "log of failures": (
        lambda desk: desk.ledger.deliveries(Filter(states=frozenset({State.FAILED}), limit=20, newest_first=True)),
        {"settled"},
    ),
    "what is held": (lambda desk: desk.ledger.deliveries(Filter(states=frozenset({State.HELD}))), {"open"}),
    "story": (lambda desk: desk.ledger.story(1), set()),
    "words": (lambda desk: desk.ledger.sent_wording("x", "words", other_than="a"), set()),
    "planning": (lambda desk: desk.ledger.known(["a", "b"]), {"open", "identity"}),
}


@contextmanager
def asked(ledger: Ledger) -> Iterator[list[tuple[str, Any]]]:
    """The queries that are sent meanwhile."""
    found: list[tuple[str, Any]] = []

    def note(statement: str, parameters: Any) -> None:
        if statement.startswith("SELECT"):
            found.append((statement, tuple(parameters)))

    with statements(ledger._db.engine, note):
        yield found
    assert found


def make_indexes_again(ledger: Ledger, *, backwards: bool) -> None:
    """Makes the indexes anew, in the order of their names or the other way round."""
    with ledger._db.write() as connection:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        for name, sql in sorted(map(tuple, connection.exec_driver_sql(query)), reverse=backwards):
            connection.exec_driver_sql(f"DROP INDEX {name}")
            connection.exec_driver_sql(sql)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_reads_the_whole_history(tmp_path: Path, name: str, backwards: bool) -> None:
    """Each query uses an index that is made for it, in whatever order the indexes were made."""
    clock = VirtualClock(START)
    with Ledger.open(tmp_path / "ledger.sqlite", clock=clock) as ledger:
        make_indexes_again(ledger, backwards=backwards)
        desk = Desk(ledger, clock)
        desk.plan(wanted("a"), wanted("b"), wanted("c", "facebook"))
        desk.lose()
        clock.advance(HOUR)
        question, may_use = QUESTIONS[name]
        with asked(ledger) as queries:
            question(desk)
        with ledger._db.read() as connection:
            for statement, parameters in queries:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
                steps = [row[-1] for row in rows]
                assert not [step for step in steps if is_slow(step)], (statement, steps)
                used = {found for step in steps for found in re.findall(r"INDEX (?:ix|uq)_deliveries_(\w+)", step)}
                assert used <= may_use, (statement, steps)
                assert "urgent = 1" not in statement or not used & {"planned"}, (statement, steps)


def is_slow(step: str) -> bool:
    """Whether a step of a plan goes through a table that grows, in the order of its rows."""
    return bool(re.match(r"SCAN (deliveries|attempts|events|parts)(?! USING)", step))
