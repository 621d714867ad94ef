"""Several workers on one thread of time: each goes on only while it has the baton, so a seed decides all of it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


class Death(BaseException):
    """The process of a worker ends here. No code of the product may catch it."""


@dataclass
class Actor:
    """A thread that works only while `run` or `resume` waits for it. It gives the baton back by `pause`.

    `error` is what its last piece of work raised. `where` is the step at which it stands still, "" when it is idle.
    """

    name: str
    where: str = ""
    error: BaseException | None = None
    _orders: queue.SimpleQueue[Callable[[], None] | None] = field(default_factory=queue.SimpleQueue)
    _baton: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _go_on: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _dies: bool = False

    def __post_init__(self) -> None:
        threading.Thread(target=self._live, name=self.name, daemon=True).start()

    def run(self, work: Callable[[], None]) -> None:
        """Begins a piece of work; returns when it ends or pauses."""
        self.error = None
        self._orders.put(work)
        self._baton.acquire()

    def pause(self, where: str) -> None:
        """Called by the actor itself: stands still until `resume`. Raises Death where that is what comes."""
        self.where = where
        self._baton.release()
        self._go_on.acquire()
        self.where = ""
        if self._dies:
            self._dies = False
            raise Death(where)

    def resume(self, *, die: bool = False) -> None:
        """Lets it go on, or end; returns when it has ended or pauses again."""
        self._dies = die
        self._go_on.release()
        self._baton.acquire()

    def _live(self) -> None:
        while (work := self._orders.get()) is not None:
            try:
                work()
            except BaseException as error:  # handed to whoever asked
                self.error = error
            del work
            self._baton.release()
