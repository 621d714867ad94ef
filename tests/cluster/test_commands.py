"""`socrbot worker` and `socrbot ledger copy`, as a person types them; and that a plan and its jobs belong together."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from procrastinate.manager import JobManager
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector

from socrbot.clock import SystemClock
from socrbot.cluster.engine import QUEUE, Waker, address
from socrbot.delivery import Add
from socrbot.ledger import Ledger
from tests.cli.desk import Desk
from tests.ledger.desk import wanted
from tests.whole.campaigns import write


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    write(tmp_path, {"hello.yaml": "text: Hello.\n"})
    return Desk(tmp_path, {})


def test_a_worker_needs_a_shared_database(desk: Desk) -> None:
    """Without one it says what to set, and what to use on one computer."""
    done = desk("worker")
    assert done.code == 2
    assert "SOCRBOT_DATABASE_URL" in done.err
    assert "socrbot run" in done.err


def test_a_worker_needs_its_packages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them it says how to get them, and opens no database."""
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    desk.env["SOCRBOT_DATABASE_URL"] = "postgresql://nobody:pa55word@nowhere.invalid/x"
    done = desk("worker")
    assert done.code == 2
    assert "pip install 'socrbot[cluster]'" in done.err
    assert "pa55word" not in done.err


def test_a_ledger_is_copied_by_the_name_of_a_variable(desk: Desk, postgres: str) -> None:
    """No address on the command line; a second copy is refused."""
    desk("tick")
    with Ledger.open(desk.root / "data" / "ledger.sqlite", clock=SystemClock()) as ledger:
        old = ledger.id
        with ledger._db.write() as connection:
            connection.exec_driver_sql("DELETE FROM workers")
    desk.env["SHARED"] = postgres
    done = desk("ledger", "copy", "data/ledger.sqlite", "SHARED")
    assert done.code == 0, done.err
    assert "Copied and compared: 1 deliveries" in done.out
    with Ledger.open(postgres, clock=SystemClock()) as ledger:
        assert ledger.id == old
    again = desk("ledger", "copy", "data/ledger.sqlite", "SHARED")
    assert again.code == 1
    assert "not empty" in again.err


def test_a_plan_and_its_jobs_come_about_together_or_not_at_all(postgres: str) -> None:
    """What wakes the fleet is written in the plan's transaction: undone with it, and once for each account."""
    from procrastinate import App

    with Ledger.open(postgres, clock=SystemClock()) as ledger:
        reach = SyncPsycopgConnector(conninfo=address(postgres), min_size=1, max_size=2)
        reach.open()
        App(connector=reach).schema_manager.apply_schema()
        jobs, waker, now = JobManager(reach), Waker(JobManager(reach)), datetime.now(UTC)

        def waiting() -> list[tuple[str | None, datetime | None]]:
            return [(job.lock, job.scheduled_at) for job in jobs.list_jobs(queue=QUEUE, status="todo")]

        def together(connection: object, openings: dict[str, datetime]) -> None:
            waker.wake(openings, connection=connection)

        def broken(connection: object, openings: dict[str, datetime]) -> None:
            together(connection, openings)
            raise RuntimeError("the machine dies here")

        def plan(name: str, due: datetime, alongside: object) -> None:
            item = Add(wanted(name, due_at=due))
            ledger.apply([item], now=now, by="plan", alongside=alongside)  # type: ignore[arg-type]

        late, soon = now + timedelta(hours=2), now + timedelta(hours=1)
        with pytest.raises(RuntimeError):
            plan("one", late, broken)
        assert (ledger.deliveries(), waiting()) == ([], [])
        plan("one", late, together)
        assert waiting() == [("account:x", late)]
        plan("two", soon, together)
        assert waiting() == [("account:x", soon)]
        plan("three", late, together)
        assert waiting() == [("account:x", soon)]
        reach.close()
