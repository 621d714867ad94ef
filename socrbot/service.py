"""The service: APScheduler as a metronome, the ledger as the memory.

The scheduler holds no truth of ours. It wakes the bot when something is due and at least every 15 seconds, so that an
edit of the files, a jump of the clock or a computer that slept is noticed within that time.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler

from socrbot.app import App, Turn
from socrbot.clock import Clock
from socrbot.errors import SocrbotError
from socrbot.logs import Say

LONGEST_SLEEP = 15.0
# Between two looks the wall clock and the clock that never jumps may differ by this much.
JUMP = timedelta(seconds=2)


class Metronome(BlockingScheduler):  # type: ignore[misc]
    """APScheduler's blocking scheduler with a capped sleep and an eye on the clock.

    As it comes, it sleeps through a jump forward (its wait is monotonic and has no limit), and after a jump back a
    recurring job does not run until the old time comes round again (its next run is a wall time).
    """

    def __init__(self, *, clock: Clock, say: Say, **options: Any) -> None:
        super().__init__(timezone=UTC, **options)
        self._clock = clock
        self._say = say

    def _main_loop(self) -> None:
        wall, elapsed = self._clock.now(), self._clock.monotonic()
        wait = 0.0
        while self.running:
            self._clock.wait(self._event, min(wait, LONGEST_SLEEP))
            self._event.clear()
            now, mono = self._clock.now(), self._clock.monotonic()
            jumped = (now - wall) - timedelta(seconds=mono - elapsed)
            wall, elapsed = now, mono
            if abs(jumped) > JUMP:
                self._say("clock-jumped", seconds=round(jumped.total_seconds(), 1))
                for job in self.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))
            due_in = self._process_jobs()
            wait = LONGEST_SLEEP if due_in is None else float(due_in)


class Service:
    """Runs passes until it is told to stop."""

    def __init__(self, app: App, *, after: Callable[[Turn | None], None], say: Say) -> None:
        """`after` is called behind each pass, with None where the pass could not be made."""
        self.app = app
        self.say = say
        self.after = after
        self._stopping = threading.Event()
        self._metronome = Metronome(clock=app.clock, say=say)

    def run(self) -> None:
        """Stays until `stop` or SIGTERM or SIGINT; finishes the step in hand."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._on_signal)
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._metronome.add_job(
            self.one_pass, "interval", seconds=LONGEST_SLEEP, next_run_time=datetime.now(UTC), id="pass", **options
        )
        self.say("started", worker=self.app.worker)
        self._metronome.start()
        self.app.close()
        self.say("ended", worker=self.app.worker)

    def one_pass(self) -> None:
        """One pass; whatever goes wrong is said, and the next pass comes all the same."""
        turn: Turn | None = None
        try:
            turn = self.app.turn(wait=False)
        except SocrbotError as error:
            self.say("crashed", detail=str(error))
        except Exception as error:  # the service outlives every mistake, and tells of it
            self.say("crashed", detail=f"{type(error).__name__}: {error}")
        self.after(turn)
        self._wake_at(turn)

    def _wake_at(self, turn: Turn | None) -> None:
        """Asks for the next pass at the instant at which something is due, if that is before the next beat."""
        if turn is None or turn.next_due is None or self._stopping.is_set():
            return
        now = self.app.clock.now()
        if turn.next_due <= now + timedelta(seconds=LONGEST_SLEEP):
            # What is due and cannot be taken in hand (an account that is busy) must not make the bot spin.
            soon = max(turn.next_due, now + timedelta(seconds=0.2 if turn.taken else 1.0))
            job = self._metronome.get_job("pass")
            if job is not None and (job.next_run_time is None or soon < job.next_run_time):
                job.modify(next_run_time=soon)

    def stop(self) -> None:
        """Lets the pass in hand end, and starts no other."""
        self._stopping.set()
        if self._metronome.running:
            self._metronome.shutdown(wait=False)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.say("stopping", worker=self.app.worker)
        # The scheduler takes locks when it stops, and this thread may hold them.
        threading.Thread(target=self.stop, daemon=True).start()
