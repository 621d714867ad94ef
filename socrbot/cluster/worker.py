"""One machine's worker: what it does for the engine, and its own look round, which needs no engine."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from socrbot import watchdog
from socrbot.app import App, Turn
from socrbot.cluster.engine import QUEUE, Rescue, Waker, address, make_tables
from socrbot.cluster.server_clock import ServerClock
from socrbot.errors import CampaignError, SocrbotError
from socrbot.logs import Say

if TYPE_CHECKING:
    from procrastinate import App as Engine
    from procrastinate import JobContext

# Seconds. How often each worker looks round, and how often the fleet plans and looks for lost answers.
SWEEP = 15
# Seconds. The engine is told of jobs that are due now; those of a later time it finds by asking this often.
POLL = 1.0
# Seconds. So long the engine waits for a connection; then the worker begins anew, once the database is there.
WAIT = 5.0
# Seconds. After the signal to end, what is in hand has so long; then it is let go of.
PATIENCE = 8.0
# The files are looked at again before a job, unless that was done within this time.
FRESH = timedelta(seconds=2)


class Worker:
    """One machine's share of the work, until it is told to stop."""

    def __init__(
        self,
        app: App,
        *,
        clock: ServerClock,
        after: Callable[[Turn | None], None],
        say: Say,
        concurrency: int = 8,
        sweep: int = SWEEP,
    ) -> None:
        """`clock` is the app's. `after` is called behind each plan, with None where it could not be made.

        `concurrency` is how many accounts are worked on at once. `sweep` is in seconds: so often it looks round, and
        after so long without a sign of life a worker is dead for the engine.
        """
        self._address = address(app.settings.database)
        self.app = app
        self.say = say
        self._clock = clock
        self._after = after
        self._concurrency = concurrency
        self._sweep = sweep
        self._waker: Waker | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._files = threading.Lock()
        self._read_at: datetime | None = None
        self._busy: set[str] = set()
        self._rescue = Rescue(dead=sweep)
        app.syncer.alongside = self._told_of_plan

    # Life.

    def run(self) -> None:
        """Stays until SIGTERM or SIGINT; finishes the step in hand."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._on_signal)
        self.say("started", worker=self.app.worker)
        asyncio.run(self._main())
        self.app.close()
        self._ended.set()
        self.say("ended", worker=self.app.worker)

    def _on_signal(self, _number: int, _frame: object) -> None:
        threading.Thread(target=self._stop_by_signal, daemon=True).start()

    def _stop_by_signal(self) -> None:
        """Ends the process within ten seconds, whatever a network is still waiting for."""
        self.say("stopping", worker=self.app.worker)
        watchdog.tell(watchdog.STOPPING)
        self.app.stop()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._ended.wait(PATIENCE):
            return
        self.app.publisher.abandon()
        self.say("ended", worker=self.app.worker, detail="Something was still waiting; it was let go of.")
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(self._concurrency + 4, thread_name_prefix="job"))
        looking = asyncio.create_task(self._look_round_for_ever())
        while not self._stop.is_set():
            try:
                await self._live()
            except Exception as error:  # the database went away: a new life begins when it is back
                self._crashed(error)
            await self._pause(1.0)
        await looking

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)

    async def _live(self) -> None:
        """Works for the engine until told to stop, or until the database goes away."""
        from procrastinate.manager import JobManager
        from procrastinate.sync_psycopg_connector import SyncPsycopgConnector

        # Fails at once where there is no database, which the engine's pool would wait for.
        await asyncio.to_thread(self._clock.follow, self.app.ledger)
        engine = self._engine()
        reach = SyncPsycopgConnector(conninfo=self._address, min_size=1, max_size=self._concurrency + 2, timeout=WAIT)
        try:
            async with engine.open_async():
                await make_tables(engine)
                await asyncio.to_thread(reach.open)
                self._waker = Waker(JobManager(reach))
                await self._work(engine)
        finally:
            self._waker = None
            await asyncio.to_thread(reach.close)

    async def _work(self, engine: Engine) -> None:
        work = asyncio.create_task(
            engine.run_worker_async(
                queues=[QUEUE],
                concurrency=self._concurrency,
                fetch_job_polling_interval=POLL,
                update_heartbeat_interval=self._sweep / 5,
                stalled_worker_timeout=self._sweep,
                delete_jobs="always",
                install_signal_handlers=False,
            )
        )
        told = asyncio.create_task(self._stop.wait())
        rescue = asyncio.create_task(self._rescue_for_ever(engine))
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        for task in (told, rescue):
            task.cancel()
        if self._stop.is_set():
            # To the engine that means: finish what runs, begin nothing.
            work.cancel()
        with suppress(asyncio.CancelledError):
            await work

    def _engine(self) -> Engine:
        """The engine with our tasks."""
        from procrastinate import App as Engine
        from procrastinate import PsycopgConnector

        engine = Engine(connector=PsycopgConnector(conninfo=self._address, min_size=1, max_size=4, timeout=WAIT))

        def account(context: JobContext, account: str) -> None:
            with self._rescue.noted(context.job):
                self._look_after(account)

        engine.task(name="account", queue=QUEUE, pass_context=True)(account)
        often = f"* * * * * */{self._sweep}"
        for name, cron, step in (
            ("plan", often, self._plan),
            ("reconcile", often, self._reconcile),
            ("look-after", "* * * * *", self._look_for_work),
        ):
            self._add_regular(engine, name, cron, step)

        async def housekeeping(timestamp: int) -> None:  # noqa: ARG001 - the engine hands it over
            """Forgets the engine's dead workers, and what is left of jobs that ended in an odd way."""
            odd = {"include_failed": True, "include_cancelled": True, "include_aborted": True}
            await engine.job_manager.prune_stalled_workers(3600)
            await engine.job_manager.delete_old_jobs(nb_hours=24, queue=QUEUE, **odd)

        engine.periodic(cron="7 * * * *")(engine.task(name="housekeeping", queue=QUEUE)(housekeeping))
        return engine

    def _add_regular(self, engine: Engine, name: str, cron: str, step: Callable[[], None]) -> None:
        """Something that one machine of the fleet does at these times."""

        def regular(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - the engine hands it over
            with self._rescue.noted(context.job):
                try:
                    step()
                except Exception as error:  # it comes again at its next time
                    self._crashed(error)

        task = engine.task(name=name, queue=QUEUE, lock=name, queueing_lock=name, priority=10, pass_context=True)
        engine.periodic(cron=cron)(task(regular))

    def _crashed(self, error: Exception) -> None:
        detail = str(error) if isinstance(error, SocrbotError) else f"{type(error).__name__}: {error}"
        self.say("crashed", detail=self.app.redact(detail))

    # What the jobs do. Each is safe to be done twice, and at any time.

    def _look_after(self, account: str) -> None:
        """Sends what is due on one account, looks for its lost answers, and says when to look again."""
        with self._lock:
            if account in self._busy:
                return
            self._busy.add(account)
        try:
            self._clock.follow(self.app.ledger)
            # Else its own look round, or another machine's, comes back to it.
            done = self.app.work(account) if self._files_are_those_of_the_plan() else 0
            at = self._openings().get(account)
            if at is not None and (done or at > self._clock.now()):
                self._wake({account: at})
        except Exception as error:  # said, and found again by the next look round
            self._crashed(error)
        finally:
            with self._lock:
                self._busy.discard(account)

    def _files_are_those_of_the_plan(self) -> bool:
        """Whether the files on this machine are those of the last plan; a machine that is behind sends nothing."""
        if not self._refresh():
            return False
        if self.app.snapshot().campaign.digest == self.app.ledger.meta("campaign_digest"):
            return True
        self.say("other-files", detail="The files here are not those of the last plan. Nothing goes out from here.")
        return False

    def _refresh(self) -> bool:
        """Reads the files anew if that was not done a moment ago; False where they cannot be understood."""
        with self._files:
            now = self._clock.now()
            if self._read_at is not None and timedelta(0) <= now - self._read_at < FRESH:
                return True
            try:
                self.app.refresh()
            except CampaignError:
                return False
            self._read_at = now
            return True

    def _plan(self) -> None:
        turn: Turn | None = None
        try:
            self._clock.follow(self.app.ledger)
            with self._files:
                ready, asks = self.app.prepare()
                self._read_at = self._clock.now()
                if ready:
                    self.app.ledger.set_meta("campaign_digest", self.app.snapshot().campaign.digest)
            turn = Turn(0, asks, None)
        finally:
            self._after(turn)

    def _reconcile(self) -> None:
        self._wake(dict.fromkeys(self.app.reconciler.accounts(), self._clock.now()))

    def _look_for_work(self) -> None:
        """Wakes accounts whose access, or whose posts' numbers, are to be looked at."""
        if self._refresh():
            self._wake(dict.fromkeys(self.app.to_look_after(), self._clock.now()))

    # Waking.

    def _openings(self) -> dict[str, datetime]:
        return self.app.ledger.openings(self._clock.now(), spacing=self.app.spacing())

    def _told_of_plan(self, connection: object, openings: Mapping[str, datetime]) -> None:
        """In the plan's own transaction: the plan and its jobs come about together, or not at all."""
        self._wake(openings, connection=connection)

    def _wake(self, accounts: Mapping[str, datetime], *, connection: Any = None) -> None:
        """Without the engine nobody is woken now; the look round makes up for it."""
        if self._waker is not None and accounts:
            self._waker.wake(accounts, connection=connection)

    async def _look_round_for_ever(self) -> None:
        while not self._stop.is_set():
            try:
                await asyncio.to_thread(self._look_round)
            except Exception as error:  # it looks again soon
                self._crashed(error)
            await self._pause(self._sweep)

    def _look_round(self) -> None:
        """Finds what the engine forgot: takes from the dead, and wakes whatever the ledger says is or will be due."""
        self._clock.follow(self.app.ledger)
        self.app.beat()
        self.app.expire()
        lost = dict.fromkeys(self.app.reconciler.accounts(), self._clock.now())
        self._wake({**self._openings(), **lost})
        watchdog.tell(watchdog.READY)
        watchdog.tell(watchdog.ALIVE)

    async def _rescue_for_ever(self, engine: Engine) -> None:
        while True:
            try:
                await self._rescue.look(engine)
            except Exception as error:  # it is tried again soon
                self._crashed(error)
            await asyncio.sleep(self._sweep)
