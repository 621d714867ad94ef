"""What is asked all the time finds its answer by an index over what waits, however long the history is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from socrbot.clock import VirtualClock
from socrbot.ledger import Filter, Ledger
from tests.ledger.desk import HOUR, START, Desk, wanted

QUESTIONS: dict[str, Callable[[Desk], object]] = {
    "claim": lambda desk: desk.try_claim(),
    "due_accounts": lambda desk: desk.ledger.due_accounts(desk.now),
    "next_due": lambda desk: desk.ledger.next_due(desk.now),
    "miss_late": lambda desk: desk.ledger.miss_late(desk.now),
    "expire": lambda desk: desk.ledger.expire(desk.now),
    "unknowns": lambda desk: desk.ledger.unknowns(desk.now),
    "counts": lambda desk: desk.ledger.counts(since=desk.now - HOUR),
    "log": lambda desk: desk.ledger.deliveries(Filter(limit=20, newest_first=True)),
    "log of an account": lambda desk: desk.ledger.deliveries(Filter(account="x", limit=20, newest_first=True)),
    "story": lambda desk: desk.ledger.story(1),
    "changes": lambda desk: desk.ledger.changed_since(3),
    "words": lambda desk: desk.ledger.sent_wording("x", "words", other_than="a"),
}


@contextmanager
def asked(ledger: Ledger) -> Iterator[list[tuple[str, Any]]]:
    """The queries that are sent meanwhile."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            found.append((statement, parameters))

    sa.event.listen(ledger._db.engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(ledger._db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_reads_the_whole_history(tmp_path: Path, name: str) -> None:
    """No query goes through a whole table that grows, and none sorts what an index has in order."""
    clock = VirtualClock(START)
    with Ledger.open(tmp_path / "ledger.sqlite", clock=clock) as ledger:
        desk = Desk(ledger, clock)
        desk.plan(wanted("a"), wanted("b"), wanted("c", "facebook"))
        desk.lose()
        clock.advance(HOUR)
        with asked(ledger) as queries:
            QUESTIONS[name](desk)
        assert queries
        with ledger._db.read() as connection:
            for statement, parameters in queries:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
                steps = [row[-1] for row in plan]
                assert not [step for step in steps if is_slow(step)], (statement, steps)


def is_slow(step: str) -> bool:
    """Whether a step of a plan goes through all rows of a table that grows, but for one that stops after a few."""
    if not step.startswith("SCAN"):
        return step.startswith("USE TEMP B-TREE FOR ORDER BY")
    partial = ("ix_deliveries_planned", "ix_deliveries_waiting", "uq_deliveries_in_flight", "ix_attempts_look")
    stops = ("ix_deliveries_due",)
    grows = any(step.startswith(f"SCAN {table}") for table in ("deliveries", "attempts", "events", "parts"))
    return grows and not any(index in step for index in (*partial, *stops))
