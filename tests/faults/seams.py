"""Meets the points in a running program, from outside: wrappers around classes, and events of the database's library.

The program knows nothing of it. Installed in a forked child, never taken out again: the child ends.
"""

from __future__ import annotations

import http.client
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import urllib3.connection

from socrbot.http import Session
from socrbot.ledger import prepared, sharing
from socrbot.ledger.ageing import Ageing
from socrbot.ledger.claims import Claims, KeptSteps
from socrbot.ledger.doubts import Doubts
from socrbot.ledger.outcomes import Outcomes
from socrbot.networks.bluesky import Bluesky
from socrbot.networks.facebook import Facebook
from socrbot.networks.instagram import Instagram
from socrbot.networks.mastodon import Mastodon
from socrbot.networks.outbox import Outbox
from socrbot.networks.x import X

ADAPTERS: tuple[type, ...] = (X, Facebook, Instagram, Mastodon, Bluesky, Outbox)
# The steps of the ledger on the way, by the method that commits them.
_STEPS = (
    (Claims, "claim", "claim"),
    (KeptSteps, "keep", "step"),
    (Claims, "intend", "intent"),
    (Outcomes, "record", "outcome"),
    (Claims, "hold", "hold"),
    (Doubts, "looked", "looked"),
    (Doubts, "settle", "settle"),
    (Ageing, "expire", "expire"),
)


class _Here(threading.local):
    """Where this thread is: in which step of the ledger, phase of an adapter, and kind of call."""

    step = ""
    wrote = False
    phase = ""
    call = ""
    sends = 0


@dataclass
class Seams:
    """Counts the visits to each point and acts at one of them.

    at, visit, act   the point, which visit to it (from 1), and what is done there
    fail             at which call (from 1) of database or socket one raises; 0: none
    """

    at: str = ""
    visit: int = 1
    act: Callable[[str], None] = lambda _: None
    fail: int = 0
    visits: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    failed: str = ""
    met: bool = False
    _here: _Here = field(default_factory=_Here)

    def meet(self, point: str) -> None:
        """The program is at this point."""
        self.visits[point] += 1
        if point == self.at and self.visits[point] == self.visit:
            self.met = True
            self.act(point)

    def call(self, what: str, error: Callable[[], Exception]) -> None:
        """A call of the database or the network begins or has ended; one of them raises."""
        self.calls += 1
        if self.calls == self.fail:
            self.failed = f"{what} in {self._here.step or self._here.phase or 'the rest'}"
            raise error()

    def install(self) -> None:
        """Puts itself around the classes."""
        for cls, method, step in _STEPS:
            self._around_step(cls, method, lambda _a, _k, step=step: step)
        self._around_step(Outcomes, "part_sent", lambda _a, kwargs: "sent" if kwargs["last"] else "part")
        for adapter in ADAPTERS:
            for method in ("prepare", "publish", "find"):
                self._around_phase(adapter, method)
        self._around_database()
        self._around_connection()
        self._around_session()
        self._around_files()

    # The ledger.

    def _around_step(self, cls: type, method: str, name: Callable[[Any, Any], str]) -> None:
        real, here = getattr(cls, method), self._here

        def step(*args: Any, **kwargs: Any) -> Any:
            outer, here.step = here.step, name(args, kwargs)
            try:
                if here.step == "intent":
                    self.meet("intent.ready")
                here.wrote = False
                result = real(*args, **kwargs)
                if here.wrote:
                    self.meet(f"{here.step}.committed")
                return result
            finally:
                here.step = outer

        setattr(cls, method, step)

    def _around_database(self) -> None:
        here = self._here

        def asked(statement: str, *, on_sqlite: bool) -> None:
            self.call(f"execute {statement.split(maxsplit=1)[0]}", lambda: _database_error(sqlite=on_sqlite))
            if statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
                here.wrote = True

        def executing(_cursor: Any, statement: str, _parameters: Any, context: Any) -> None:
            asked(statement, on_sqlite=context.dialect.name == "sqlite")

        def committing(connection: sa.Connection) -> None:
            if here.step and here.wrote:
                self.meet(f"{here.step}.written")

        sa.event.listen(sa.Engine, "do_execute", executing)
        over = prepared.hand_over

        def handing_over(raw: Any, sql: str, parameters: Any = ()) -> Any:
            asked(sql, on_sqlite=isinstance(raw, sqlite3.Connection))
            return over(raw, sql, parameters)

        prepared.hand_over = sharing.hand_over = handing_over  # type: ignore[attr-defined]
        sa.event.listen(sa.Engine, "commit", committing)
        dialect = sa.engine.default.DefaultDialect
        real = dialect.do_commit

        def commit(this: Any, connection: Any) -> None:
            self.call("commit, before", lambda: _database_error(sqlite=this.name == "sqlite"))
            real(this, connection)
            self.call("commit, after", lambda: _database_error(sqlite=this.name == "sqlite"))

        dialect.do_commit = commit  # type: ignore[method-assign]

    # The networks.

    def _around_phase(self, adapter: type, method: str) -> None:
        real, here = getattr(adapter, method), self._here

        def phase(*args: Any, **kwargs: Any) -> Any:
            here.phase = method
            try:
                return real(*args, **kwargs)
            finally:
                here.phase = here.call = ""

        setattr(adapter, method, phase)

    def _at(self, stage: str) -> None:
        if self._here.call:
            self.meet(f"{self._here.call}.{stage}")

    def _around_session(self) -> None:
        real, here = Session.send, self._here

        def send(this: Any, request: Any, **kwargs: Any) -> Any:
            here.call = _kind(here.phase, str(request.method), str(request.url))
            try:
                response = real(this, request, **kwargs)
                self._at("looked" if here.call == "container" and request.method == "GET" else "answered")
                return response
            finally:
                here.call = ""

        Session.send = send  # type: ignore[method-assign]

    def _around_connection(self) -> None:
        connection, here = urllib3.connection.HTTPConnection, self._here
        connect, answer, send = connection.connect, connection.getresponse, http.client.HTTPConnection.send

        def connecting(this: Any) -> None:
            here.sends = 0
            self._at("unconnected")
            self.call("connect", lambda: ConnectionRefusedError("told to"))
            connect(this)
            self._at("connected")

        def sending(this: Any, data: Any) -> None:
            if this.sock is None and this.auto_open:
                this.connect()
            self.call("send", lambda: BrokenPipeError("told to"))
            here.sends += 1
            if here.call and here.sends > 1 and isinstance(data, bytes) and len(data) > 1:
                send(this, data[: len(data) // 2])
                self._at("body")
                send(this, data[len(data) // 2 :])
            else:
                send(this, data)

        def answering(this: Any) -> Any:
            self._at("delivered")
            self.call("receive", lambda: ConnectionResetError("told to"))
            response = answer(this)
            self._at("reply")
            self.call("read", lambda: ConnectionResetError("told to"))
            return response

        connection.connect = connecting  # type: ignore[method-assign]
        connection.getresponse = answering  # type: ignore[method-assign]
        http.client.HTTPConnection.send = sending  # type: ignore[method-assign]

    def _around_files(self) -> None:
        real, here = Path.replace, self._here

        def replace(this: Any, target: Any) -> Any:
            post = here.phase == "publish" and str(target).endswith(".md")
            if post:
                self.meet("file.written")
            result = real(this, target)
            if post:
                self.meet("file.named")
            return result

        Path.replace = replace  # type: ignore[method-assign]


def _kind(phase: str, method: str, url: str) -> str:
    """What a request is for."""
    if phase == "find":
        return "look"
    if phase == "publish":
        return "publish" if method == "POST" else ""
    if phase != "prepare":
        return ""
    path = url.partition("?")[0]
    if path.endswith("/media/metadata"):
        return "alt"
    if "/1784" in path or (method == "GET" and "/179" in path):
        return "container" if path.endswith("/media") or method == "GET" else ""
    uploads = ("/media/upload", "/photos", "/api/v2/media", "uploadBlob")
    return "upload" if method == "POST" and path.endswith(uploads) else ""


def _database_error(*, sqlite: bool) -> Exception:
    if sqlite:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        return error
    import psycopg

    return psycopg.OperationalError("the server closed the connection unexpectedly")
