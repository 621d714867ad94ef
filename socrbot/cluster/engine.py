"""What we ask of Procrastinate: to wake somebody for an account, and to forget jobs that nobody works on."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from socrbot.errors import SettingsError

if TYPE_CHECKING:
    from procrastinate import App as Engine
    from procrastinate.jobs import Job
    from procrastinate.manager import JobManager

QUEUE = "socrbot"


def address(database: str) -> str:
    """The database's address as the engine reads it. Raises SettingsError for another one, or without the engine."""
    if not re.match(r"postgres(ql)?(\+\w+)?://", database):
        raise SettingsError(
            "`socrbot worker` shares its work with other machines, and needs a PostgreSQL database for that: set "
            "SOCRBOT_DATABASE_URL. On one computer alone, use: socrbot run"
        )
    try:
        import procrastinate  # noqa: F401
    except ModuleNotFoundError:
        raise SettingsError("`socrbot worker` needs more packages: pip install 'socrbot[cluster]'") from None
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", database)


class Waker:
    """Tells the fleet when an account wants to be looked after. Safe to use from several threads."""

    def __init__(self, jobs: JobManager) -> None:
        """`jobs` reaches the engine's tables from any thread."""
        self._jobs = jobs

    def wake(self, accounts: Mapping[str, datetime], *, connection: Any = None) -> None:
        """Lets somebody look after each account at its time (UTC); whoever is to be woken earlier stays so.

        With a driver's `connection` it happens in the transaction that is open there.
        """
        waiting = {job.queueing_lock: job for job in self._jobs.list_jobs(queue=QUEUE, status="todo")}
        for account, at in accounts.items():
            job = waiting.get(lock_of(account))
            if job is None or (job.scheduled_at is not None and job.scheduled_at > at):
                _defer(self._jobs, account, at, instead_of=job, connection=connection)


class Rescue:
    """Takes away jobs that stay "doing" though nobody works on them: they would keep their account from others."""

    def __init__(self, dead: float) -> None:
        """`dead`: after so many seconds without a sign of life a worker is dead for the engine."""
        self._dead = dead
        self._lock = threading.Lock()
        # What this process does for the engine, under which numbers, and which of its jobs it did not have in hand.
        self._running: set[int | None] = set()
        self._names: set[int | None] = set()
        self._orphans: set[int | None] = set()

    @contextmanager
    def noted(self, job: Job) -> Iterator[None]:
        """Notes that this process really works on a job."""
        with self._lock:
            self._names.add(job.worker_id)
            self._running.add(job.id)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(job.id)

    async def look(self, engine: Engine) -> None:
        """Takes away the jobs of dead workers, and those of this process that it had not in hand at two looks in a row:
        the word that they were done got lost, on a connection that broke, and their worker lives.
        """
        from procrastinate.exceptions import ConnectorException
        from procrastinate.jobs import Status

        jobs = engine.job_manager
        dead = {job.id for job in await jobs.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=self._dead)}
        doing = await jobs.list_jobs_async(queue=QUEUE, status="doing")
        with self._lock:
            known = self._names - {None}
            left = {job.id for job in doing if job.worker_id in known and job.id not in self._running}
        found = dead | (left & self._orphans)
        self._orphans = left - found
        for number in found - {None}:
            with suppress(ConnectorException):  # another machine was faster
                await jobs.finish_job_by_id_async(job_id=number or 0, status=Status.FAILED, delete_job=True)


def lock_of(account: str) -> str:
    """The name of the lock with which the engine lets one job of an account run, and one wait."""
    return f"account:{account}"


def _defer(jobs: JobManager, account: str, at: datetime, *, instead_of: Job | None, connection: Any) -> None:
    from procrastinate.exceptions import AlreadyEnqueued
    from procrastinate.tasks import configure_task

    lock = lock_of(account)
    deferrer = configure_task(
        name="account",
        job_manager=jobs,
        lock=lock,
        queueing_lock=lock,
        queue=QUEUE,
        schedule_at=at,
        connection=connection,
    )
    # Within a plan's transaction only this step is undone when another machine was faster, not the plan.
    with suppress(AlreadyEnqueued), connection.transaction() if connection is not None else nullcontext():
        if instead_of is not None and instead_of.id is not None:
            jobs.cancel_job_by_id(instead_of.id, delete_job=True, connection=connection)
        deferrer.defer(account=account)


async def make_tables(engine: Engine) -> None:
    """Makes the engine's tables beside the ledger's, where they are not there yet."""
    from procrastinate.exceptions import ConnectorException

    if await engine.check_connection_async():
        return
    try:
        await engine.schema_manager.apply_schema_async()
    except ConnectorException:
        # Two machines that start at the same moment: one of them is too late.
        if not await engine.check_connection_async():
            raise
