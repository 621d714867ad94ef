"""Walks a bot on a virtual clock from one due time to the next, for the demo and for rehearsals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from socrbot.app import App, Turn
from socrbot.clock import VirtualClock
from socrbot.rehearsing.faults import CLOCK, DOWN, PAUSE, Fault

LONGEST_STEP = timedelta(hours=6)
# What is due and was not taken (an account that waits) must not make the clock stand still, nor crawl.
_NOTHING_TAKEN = timedelta(seconds=15)
_MOMENT = timedelta(seconds=1)
_BY = "rehearsal"


def true_time(clock: VirtualClock) -> Callable[[], datetime]:
    """Gives the time (aware UTC) that it would be if nobody had changed the clock since now."""
    start = clock.now() - timedelta(seconds=clock.monotonic())
    return lambda: start + timedelta(seconds=clock.monotonic())


def walk(
    app: App, clock: VirtualClock, *, until: datetime, after: Callable[[Turn], None], faults: Sequence[Fault] = ()
) -> None:
    """Makes passes until the true time `until` (aware UTC), and calls `after` behind each."""
    now = true_time(clock)
    todo = sorted(_acts(app, clock, faults), key=lambda act: act[0])
    edges = sorted({edge for fault in faults for edge in (fault.at, fault.ends)})
    while True:
        while todo and todo[0][0] <= now():
            todo.pop(0)[1]()
        step = LONGEST_STEP
        if not any(fault.kind == DOWN and fault.at <= now() < fault.ends for fault in faults):
            turn = app.turn(wait=True)
            after(turn)
            if turn.next_due is not None:
                step = max(turn.next_due - clock.now(), _MOMENT if turn.taken else _NOTHING_TAKEN)
        if now() >= until:
            return
        ahead = min((edge for edge in (*edges, until) if edge > now()), default=until)
        clock.advance(min(step, LONGEST_STEP, ahead - now()))


def _acts(app: App, clock: VirtualClock, faults: Sequence[Fault]) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """What somebody does to the clock and to the bot, and when."""
    for fault in faults:
        if fault.kind == CLOCK:
            yield fault.at, lambda fault=fault: clock.jump(fault.lasts)  # type: ignore[misc]
        elif fault.kind == PAUSE:
            pause = _Pause(app, clock, fault.account)
            yield fault.at, pause.begin
            yield fault.ends, pause.end


class _Pause:
    """A pause that somebody makes and ends; one that was there before is left as it is."""

    def __init__(self, app: App, clock: VirtualClock, account: str | None) -> None:
        self._app, self._clock, self._account = app, clock, account
        self._ours = False

    def begin(self) -> None:
        if not any(pause.account == self._account for pause in self._app.ledger.pauses()):
            self._app.ledger.pause(self._account, "rehearsed", by=_BY, now=self._clock.now())
            self._ours = True

    def end(self) -> None:
        if self._ours:
            self._app.ledger.resume(self._account, by=_BY, now=self._clock.now())
