"""The base of every stand-in: a threaded HTTP server on the loopback with routes, a record, and faults.

A stand-in is a subclass with methods marked `@route(...)`. It keeps what was really published: that list, not the
client's belief, is what tests judge by. Knows nothing of any network.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.standins.exchange import (  # noqa: F401 (all of it is the base's)
    ACTED,
    FAULTS,
    NOT_ACTED,
    SILENT,
    Fault,
    Field,
    Match,
    Media,
    Post,
    Reply,
    Request,
    Seen,
)

_LONGEST_HOLD = 30.0  # seconds

Handler = Callable[..., Reply]


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Marks a method of a stand-in as the answer to a method and path; `{name}` in it becomes an argument."""
    expression = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern)))

    def mark(handler: Handler) -> Handler:
        handler.__dict__.setdefault("routes", []).append((method, expression))
        return handler

    return mark


class Standin:
    """A server that plays a network. Use it as a context manager; `base` is its address.

    published   every post that ever became public, also those deleted since: what tests judge by
    record      every request, in order of arrival
    violations  what a check of requests and answers found; a test ends with none
    counts      likes, replies, shares, views of a post, by its id: the subclass tells them
    announces   False: it closes connections without a word
    revoked     True: the credentials are dead from now on (the subclass refuses them)
    now         where the stand-in reads the time
    """

    name: ClassVar[str] = "standin"
    announces = True

    def __init__(
        self, *, port: int = 0, record_file: Path | None = None, now: Callable[[], datetime] | None = None
    ) -> None:
        self.now = now or (lambda: datetime.now(UTC))
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.record: list[Seen] = []
        self.published: list[Post] = []
        self.deleted: set[str] = set()
        self.violations: list[str] = []
        self.counts: dict[str, Mapping[str, int]] = {}
        self.revoked = False
        self._faults: list[Fault] = []
        self._record_file = record_file
        self._numbers = itertools.count(1)
        self._routes = [
            (method, expression, getattr(self, name))
            for name in dir(type(self))
            for method, expression in getattr(getattr(type(self), name), "routes", ())
        ]
        self._server = _Server(("127.0.0.1", port), self)

    # What tests use.

    @property
    def base(self) -> str:
        """The address, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def visible(self) -> list[Post]:
        """What the public sees now, oldest first."""
        with self.lock:
            return [post for post in self.published if post.id not in self.deleted]

    def fault(
        self,
        kind: str,
        *,
        times: int = 1,
        match: Match = None,
        status: int = 503,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> None:
        """Lets the next `times` requests that match go wrong.

        kind     one of FAULTS
        match    "POST /2/tweets" (wildcards allowed) or a function of the request; None: any request
        status, headers, body    what "status" and "status-after" answer
        """
        if kind not in FAULTS:
            raise ValueError(f"no such fault: {kind}")
        if kind.startswith("html-502"):
            status, body = 502, b"<html><body><h1>502 Bad Gateway</h1></body></html>"
        with self.lock:
            self._faults.append(Fault(kind, times, match, Reply(status, body, headers or {})))

    def clear_faults(self) -> int:
        """From now on nothing goes wrong. Returns how many faults had not struck yet."""
        with self.lock:
            left = len(self._faults)
            self._faults.clear()
            return left

    def requests(self, match: Match = None) -> list[Request]:
        """The requests so far that match, oldest first."""
        wanted = Fault("status", 1, match, Reply())
        with self.lock:
            return [seen.request for seen in self.record if wanted.wants(seen.request)]

    def wait_until(self, true: Callable[[], bool], *, seconds: float = 5.0) -> bool:
        """Waits until something is so, which a request of another thread brings about. False: it never was."""
        with self.changed:
            return self.changed.wait_for(true, seconds)

    def revoke(self) -> None:
        """The credentials are dead from now on."""
        self.revoked = True

    # What subclasses use and override.

    def publish(self, post: Post) -> Post:
        """Makes a post public, and writes it to the record file."""
        with self.lock:
            self.published.append(post)
            if self._record_file is not None:
                with self._record_file.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(post.line()) + "\n")
            return post

    def error(self, status: int) -> Any:
        """The body that this network sends with a status for which a fault names none."""
        return {"error": status}

    def guard(self, request: Request) -> Reply | None:
        """A refusal before any handler runs (credentials, say), or None."""
        return None

    def check(self, request: Request, reply: Reply) -> None:
        """Looks at each request and its answer; appends what is wrong to `violations`."""

    def act(self, request: Request) -> Reply:
        """Carries a request out."""
        with self.lock:
            reply = self.guard(request) or self._handle(request)
            self.check(request, reply)
            return reply

    def _handle(self, request: Request) -> Reply:
        for method, expression, handler in self._routes:
            found = expression.fullmatch(request.path)
            if found and method == request.method:
                reply: Reply = handler(request, **{name: unquote(value) for name, value in found.groupdict().items()})
                return reply
        return Reply(404, self.error(404))

    def next_fault(self, request: Request) -> Fault | None:
        """The fault that strikes this request, used up by one."""
        with self.lock:
            fault = next((fault for fault in self._faults if fault.wants(request)), None)
            if fault is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
            return fault

    def note(self, seen: Seen) -> None:
        """Adds a line to the record, in order of arrival."""
        with self.lock:
            self.record.append(seen)
            self.record.sort(key=lambda line: line.request.number)
            self.changed.notify_all()

    def number(self) -> int:
        """The number of the next request."""
        return next(self._numbers)

    # Life.

    def start(self) -> Self:
        """Listens in a thread of its own."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name=self.name).start()
        return self

    def stop(self) -> None:
        """Stops listening and closes every connection: from now on connections are refused."""
        self._server.shutdown()
        self._server.close_all()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], standin: Standin) -> None:
        self.standin = standin
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._workers: list[threading.Thread] = []
        super().__init__(address, _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        self._workers = [worker for worker in self._workers if worker.is_alive()]
        worker = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        self._workers.append(worker)
        worker.start()

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nothing to report; anything else is a fault of the stand-in."""
        import sys

        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)
            self.standin.violations.append(f"the stand-in failed: {sys.exception()!r}")

    def close_all(self) -> None:
        self.stopping.set()
        self.server_close()
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for worker in self._workers:
            worker.join(2)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        if self.path.startswith("/_standin/"):
            self._control()
            return
        standin, request = self.server.standin, self._read()
        fault = standin.next_fault(request)
        if fault is None:
            reply = standin.act(request)
            standin.note(Seen(request, reply.status < 400, reply.status))
            self._answer(reply)
        else:
            self._misbehave(request, fault)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve  # noqa: N815

    def _read(self) -> Request:
        parts, length = urlsplit(self.path), int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            # The client died on its way: no server acts on half a request.
            raise ConnectionResetError
        return Request(
            number=self.server.standin.number(),
            at=self.server.standin.now(),
            moment=time.monotonic(),
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            target=self.path,
        )

    def _misbehave(self, request: Request, fault: Fault) -> None:
        standin, kind = self.server.standin, fault.kind
        if kind in ("act-late", "delay-before"):
            self._hold()
        acts = FAULTS[kind]
        if kind == "duplicate":
            standin.act(request)
        real = standin.act(request) if acts else Reply(fault.reply.status)
        answers = {
            "duplicate": real,
            "broken-json": Reply(200, b'{"data": {"id": "12'),
            "html-200": Reply(200, b"<html><body>Welcome</body></html>"),
        }
        silent = kind in SILENT
        reply = answers.get(kind) or fault.given(standin.error(fault.reply.status))
        standin.note(Seen(request, acts and real.status < 400, None if silent else reply.status, kind))
        if not silent:
            self._answer(reply)
            return
        if kind == "delay":
            self._hold()
        if kind == "drop-in-reply":
            self._answer(real, half=True)
        self._drop(reset=kind == "reset-after")

    def _answer(self, reply: Reply, *, half: bool = False) -> None:
        content, mime = reply.content()
        self.send_response(reply.status)
        if self.close_connection and self.server.standin.announces:
            self.send_header("Connection", "close")
        for name, value in {"Content-Type": mime, **reply.headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if half else content)
        self.wfile.flush()

    def _hold(self) -> None:
        """Waits until the client has gone, or the stand-in stops."""
        until = time.monotonic() + _LONGEST_HOLD
        while time.monotonic() < until and not self.server.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.05)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return

    def _drop(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            for end in (self.rfile, self.wfile, self.connection):
                end.close()
            self.rfile, self.wfile = io.BytesIO(), io.BytesIO()
            return
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _control(self) -> None:
        """For a test in another process: POST /_standin/fault, GET /_standin/published, GET /_standin/record."""
        standin, wish = self.server.standin, self.path.removeprefix("/_standin/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if wish == "fault":
            standin.fault(**json.loads(body))
        elif wish == "clear":
            standin.clear_faults()
        elif wish == "revoke":
            standin.revoke()
        with standin.lock:
            seen = [(line.request.method, line.request.path, line.acted, line.status) for line in standin.record]
            self._answer(Reply(200, {"published": [post.line() for post in standin.published], "record": seen}))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the record says it all."""


@contextlib.contextmanager
def refused() -> Iterator[str]:
    """The address of a port at which nobody listens, and which nobody else is given meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
