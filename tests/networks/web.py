"""A web server that says just the bytes it is told to say: for pages that strangers wrote, and worse ones."""

from __future__ import annotations

import itertools
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager


def html(body: str | bytes, *, mime: str = "text/html; charset=utf-8", more: str = "") -> list[bytes]:
    """A whole answer with this body."""
    data = body.encode() if isinstance(body, str) else body
    return [f"HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\n{more}\r\n".encode(), data]


def moved(where: str, status: int = 302) -> list[bytes]:
    """An answer that leads on."""
    return [f"HTTP/1.1 {status} Moved\r\nLocation: {where}\r\nSet-Cookie: who=you\r\n\r\n".encode()]


class Web:
    """`answers` is what is said at each path: pieces of bytes, sent one after the other, or what makes them."""

    def __init__(self, port: int, gone: threading.Event) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.answers: dict[str, Iterable[bytes] | Callable[[], Iterable[bytes]]] = {}
        self.asked: list[bytes] = []
        self.gone = gone

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.split(b" ")[1].decode() for request in self.asked]

    def page(self, head: str, path: str = "/") -> str:
        """Puts a page with this head there, and gives its address."""
        self.answers[path] = html(f"<!doctype html><html><head>{head}</head><body>Hello</body></html>")
        return self.base + path

    def drips(self) -> Iterator[bytes]:
        """A body that comes a letter at a time, until the one who asked has gone."""
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Slow</title>"
        for _ in itertools.count():
            self.gone.wait(0.02)
            yield b" "


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        request = b""
        while b"\r\n\r\n" not in request and (more := self.request.recv(65_536)):
            request += more
        if not request:
            return
        web = self.server.web
        web.asked.append(request)
        answer = web.answers.get(request.split(b" ")[1].decode(), [b"HTTP/1.1 404 Not Found\r\n\r\n"])
        try:
            for piece in answer() if callable(answer) else answer:
                self.request.sendall(piece)
        except OSError:
            self.server.left.set()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    web: Web
    left: threading.Event


@contextmanager
def serving() -> Iterator[Web]:
    """A server on the loopback, for as long as the block runs."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.left = threading.Event()
        server.web = Web(server.server_address[1], server.left)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server.web
        server.shutdown()
        thread.join()
