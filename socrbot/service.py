"""The service: APScheduler as a metronome, the ledger as the memory.

The scheduler holds no truth of ours. It wakes the bot when something is due and at least every 15 seconds, so that an
edit of the files, a jump of the clock or a computer that slept is noticed within that time.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import FrameType

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.blocking import BlockingScheduler

from socrbot import watchdog
from socrbot.app import App, Turn
from socrbot.clock import Clock
from socrbot.errors import SocrbotError
from socrbot.logs import Say

LONGEST_SLEEP = 15.0
# After the signal to end, what is in hand has so many seconds; then it is let go of.
PATIENCE = 8.0
# Between two looks the wall clock and the clock that never jumps may differ by this much.
JUMP = timedelta(seconds=2)


class Metronome(BlockingScheduler):  # type: ignore[misc]
    """APScheduler's blocking scheduler with a capped sleep and an eye on the clock.

    As it comes, it sleeps through a jump forward (its wait is monotonic and has no limit), and after a jump back a
    recurring job does not run until the old time comes round again (its next run is a wall time).
    """

    def __init__(self, *, clock: Clock, say: Say, longest_sleep: float) -> None:
        super().__init__(timezone=UTC)
        self.stopping = threading.Event()
        self._clock = clock
        self._say = say
        self._longest_sleep = longest_sleep

    def _main_loop(self) -> None:
        wall, elapsed = self._clock.now(), self._clock.monotonic()
        wait = 0.0
        while not self.stopping.is_set():
            self._clock.wait(self._event, min(wait, self._longest_sleep))
            self._event.clear()
            now, mono = self._clock.now(), self._clock.monotonic()
            jumped = (now - wall) - timedelta(seconds=mono - elapsed)
            wall, elapsed = now, mono
            if abs(jumped) > JUMP:
                self._say("clock-jumped", seconds=round(jumped.total_seconds(), 1))
                self.run_in(0.0)
            due_in = self._process_jobs()
            wait = self._longest_sleep if due_in is None else float(due_in)
        # Not waiting here: it would hold a lock that the job in hand may need at its end.
        self.shutdown(wait=False)

    def run_in(self, seconds: float) -> None:
        """Lets every job run in so many seconds, unless it runs before that anyway."""
        soon = datetime.now(UTC) + timedelta(seconds=seconds)
        with suppress(JobLookupError):  # it is stopping at this moment
            for job in self.get_jobs():
                if seconds == 0.0 or job.next_run_time is None or soon < job.next_run_time:
                    job.modify(next_run_time=soon)

    def stop(self) -> None:
        """Lets the job in hand end, and starts no other. Safe before, during and after `start`."""
        self.stopping.set()
        if self._event is not None:
            self._event.set()


class Service:
    """Runs passes until it is told to stop."""

    def __init__(
        self,
        app: App,
        *,
        after: Callable[[Turn | None], None],
        say: Say,
        signals: bool = True,
        longest_sleep: float = LONGEST_SLEEP,
    ) -> None:
        """`after` is called behind each pass, with None where the pass could not be made.

        `signals`: whether SIGTERM and SIGINT end it, which only the main thread of a program can arrange.
        `longest_sleep` is in seconds.
        """
        self.app = app
        self.say = say
        self.after = after
        self._signals = signals
        self._longest_sleep = longest_sleep
        self._passing = threading.Lock()
        self._ended = threading.Event()
        self._metronome = Metronome(clock=app.clock, say=say, longest_sleep=longest_sleep)

    def run(self) -> None:
        """Stays until `stop` or SIGTERM or SIGINT; finishes the step in hand."""
        if self._signals:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, self._on_signal)
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        first = datetime.now(UTC)
        self._metronome.add_job(
            self.one_pass, "interval", seconds=self._longest_sleep, next_run_time=first, id="pass", **options
        )
        self.say("started", worker=self.app.worker)
        self._metronome.start()
        with self._passing:
            self.app.close()
        self._ended.set()
        self.say("ended", worker=self.app.worker)

    def one_pass(self) -> None:
        """One pass; whatever goes wrong is said, and the next pass comes all the same."""
        with self._passing:
            if not self._metronome.stopping.is_set():
                self._pass()

    def _pass(self) -> None:
        turn: Turn | None = None
        try:
            self.app.beat()
            turn = self.app.turn(wait=False)
        except SocrbotError as error:
            self.say("crashed", detail=str(error))
        except Exception as error:  # the service outlives every mistake, and tells of it
            self.say("crashed", detail=f"{type(error).__name__}: {error}")
        self.after(turn)
        watchdog.tell(watchdog.READY)
        watchdog.tell(watchdog.ALIVE)
        if turn is not None and turn.next_due is not None:
            # What is due and cannot be taken in hand (an account that is busy) must not make the bot spin.
            soonest = 0.2 if turn.taken else 1.0
            self._metronome.run_in(max((turn.next_due - self.app.clock.now()).total_seconds(), soonest))

    def stop(self) -> None:
        """Lets the pass in hand end, and starts no other."""
        self.app.stop()
        self._metronome.stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        # Stopping takes locks that this very thread may hold at this moment.
        threading.Thread(target=self._stop_by_signal, daemon=True).start()

    def _stop_by_signal(self) -> None:
        """Ends the process within ten seconds, whatever a network or an alarm is still waiting for."""
        self.say("stopping", worker=self.app.worker)
        watchdog.tell(watchdog.STOPPING)
        self.stop()
        if self._ended.wait(PATIENCE):
            return
        self.app.publisher.abandon()
        self.say("ended", worker=self.app.worker, detail="Something was still waiting; it was let go of.")
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)
