"""One trial: lives of the bot, forked one after the other, that die where they are told, until one survives.

Not here: whether it was right (`judge.py`).
"""

from __future__ import annotations

import errno
import functools
import gc
import hashlib
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from socrbot.app import App
from socrbot.delivery import State
from socrbot.errors import LedgerError
from socrbot.ledger import Filter, engine
from tests.faults import policies
from tests.faults.clock import SharedClock
from tests.faults.scenes import DUE, Postgres, Scene, Stage, warm
from tests.faults.seams import Seams
from tests.faults.servers import Servers

OPEN = frozenset({State.PLANNED, State.CLAIMED, State.SENDING, State.UNKNOWN})
MOST_TURNS = 60
DIED, UNFINISHED = -signal.SIGKILL, 3


@dataclass(frozen=True, slots=True)
class Bomb:
    """What is done to a life at which visit of which point; `action` is one of ACTIONS."""

    point: str
    visit: int = 1
    action: str = "die"


def die(_point: str) -> None:
    """The end, without a word to anybody."""
    os.kill(os.getpid(), signal.SIGKILL)


def _full(point: str) -> None:
    if point.partition(".")[0] in ("file", "upload"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    _sqlite("database or disk is full", sqlite3.SQLITE_FULL, point)


def _locked(point: str) -> None:
    _sqlite("database is locked", sqlite3.SQLITE_BUSY, point)


def _sqlite(words: str, code: int, point: str) -> None:
    if point.endswith(".committed"):
        # The library has returned already: what a caller sees then is the ledger's own error.
        raise LedgerError(f"The ledger did not say whether it has it ({words}).")
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    raise error


def _lost(_point: str) -> None:
    raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))


def actions(clock: SharedClock) -> dict[str, Callable[[str], None]]:
    """Everything that can happen at a point."""
    return {
        "die": die,
        # To this very thread: sent to the process, another thread may take it, and this one goes on for a moment.
        "stop": lambda _point: signal.pthread_kill(threading.get_ident(), signal.SIGSTOP),
        "disk full": _full,
        "locked": _locked,
        "answer lost": _lost,
        "clock forward": lambda _point: clock.jump(3_600),
        "clock back": lambda _point: clock.jump(-3_600),
    }


@dataclass
class Theatre:
    """Everything that trials share: the clock, the networks' process, the scenes on the disk, perhaps PostgreSQL."""

    folder: Path
    clock: SharedClock
    servers: Servers
    postgres: Postgres | None = None
    stages: dict[str, Stage] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path) -> Theatre:
        """Starts the networks. Call it before anything has started a thread."""
        warm()
        # A login's fingerprint is slow to make on purpose; it is the same in every life.
        hashlib.pbkdf2_hmac = functools.cache(hashlib.pbkdf2_hmac)
        clock = SharedClock(DUE)
        _share_engines()
        return cls(folder, clock, Servers(clock))

    def stage(self, scene: Scene) -> Stage:
        """The scene, made at its first use."""
        if scene.name not in self.stages:
            self.stages[scene.name] = Stage(scene, self.folder, env=self.servers.env, clock=self.clock)
            self._warm(scene, postgres=False)
        return self.stages[scene.name]

    def _warm(self, scene: Scene, *, postgres: bool) -> None:
        """Lives one life in this process, so that the children need not import and compile everything anew."""
        trial = self.begin(scene, postgres=postgres)
        assert trial.perform() == 0
        gc.collect()
        gc.freeze()

    def begin(self, scene: Scene, *, postgres: bool) -> Trial:
        """A new trial: all that was before is forgotten."""
        stage = self.stage(scene)
        if postgres:
            assert self.postgres is not None
            if self.postgres.begin(stage, self.clock):
                self._warm(scene, postgres=True)
                return self.begin(scene, postgres=True)
        data = stage.fresh()
        self.servers.begin(str(stage.folder / "public"), dict(scene.faults), {scene.network: scene.lag})
        self.clock.set(DUE)
        return Trial(self, stage, data, self.postgres if postgres else None)

    def close(self) -> None:
        """Ends the networks."""
        self.servers.stop()
        if self.postgres is not None:
            self.postgres.close()


@dataclass
class Trial:
    """One campaign, one ledger, several lives. `died` are the points at which lives have really died."""

    theatre: Theatre
    stage: Stage
    data: Path
    postgres: Postgres | None
    died: list[str] = field(default_factory=list)
    met: list[str] = field(default_factory=list)

    def run(self, bombs: Sequence[Bomb], *, policy: str | None = None) -> bool:
        """A life for each bomb, and one without at the end. Returns whether the last one came to an end in peace."""
        for bomb in bombs:
            code = self.live(Seams(bomb.point, bomb.visit), bomb.action, policy)
            if code == DIED:
                self.died.append(bomb.point)
        return self.live(Seams(), "die", policy) == 0

    def live(self, seams: Seams, action: str, policy: str | None, tell: int | None = None) -> int:
        """One life to its end. Returns how it ended."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.start(seams, action, policy, tell), 0)[1])
        self.theatre.servers.quiet()
        assert code in (0, DIED, UNFINISHED), code
        return code

    def start(self, seams: Seams, action: str, policy: str | None, tell: int | None = None) -> int:
        """Begins a life; returns its process id. What `seams` met is written to `tell` at its end."""
        child = os.fork()
        if child:
            return child
        code = 1
        gc.disable()
        try:
            code = self._life(seams, action, policy)
            if tell is not None:
                os.write(tell, f"{seams.calls}\n{seams.failed}\n{int(seams.met)}".encode())
        except BaseException:
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)

    def _life(self, seams: Seams, action: str, policy: str | None) -> int:
        clock = self.theatre.clock
        if policy is not None:
            policies.POLICIES[policy]()
        seams.act = actions(clock)[action]
        seams.install()
        return self.perform()

    def perform(self) -> int:
        """Makes passes until nothing is left to do."""
        clock = self.theatre.clock
        database = self.postgres.address if self.postgres else None
        settings = self.stage.scene.settings(self.stage.root, self.data, self.stage.env, database)
        app = _again(lambda: self.stage.open(clock, settings))
        for _ in range(MOST_TURNS):
            done, ahead = _turn(app)
            if done:
                app.close()
                return 0
            now = clock.now()
            until = min(max(ahead or now, now + timedelta(seconds=1)), now + timedelta(minutes=30))
            clock.advance((until - now).total_seconds())
        return UNFINISHED


def _again(make: Callable[[], Any]) -> Any:
    """What a service manager does: starts it anew where it could not start."""
    try:
        return make()
    except LedgerError:
        return make()


def _turn(app: App) -> tuple[bool, datetime | None]:
    """One pass from claiming on, as the service makes it; what goes wrong in it is tried again at the next.

    Whether all is done, and when there is more to do. Files are not read and nothing is planned: that comes before.
    """
    try:
        app.ledger.expire(app.clock.now())
        app.ledger.miss_late(app.clock.now())
        if app._drain(wait=True) == 0 and not app.ledger.deliveries(Filter(states=OPEN)):
            return True, None
        return False, app.ledger.next_due(app.clock.now())
    except LedgerError:
        return False, None


def _share_engines() -> None:
    """Lets the lives know the statements that the ledgers before them have made: only the first has to make them."""
    real = engine.connect
    known: dict[bool, Any] = {}

    def connect(where: str | Path, *, clock: Any, read_only: bool) -> engine.Database:
        made = real(where, clock=clock, read_only=read_only)
        first = known.setdefault(made.sqlite, made.engine)
        made.engine.dialect, made.engine._compiled_cache = first.dialect, first._compiled_cache
        return made

    engine.connect = connect
