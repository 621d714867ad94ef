"""Fetches a page or a picture of a stranger's server, with as little trust as possible.

Bounded in bytes, in redirects, and in time as a whole: a server that drips a byte a second is left. Nothing is sent
that says who asks: no cookie, no credentials. It connects to public addresses alone: a name is looked up once, and the
very address that was found is used, so neither a mistake in a file nor a name server can point it at a machine of the
office network.

It has a way out of its own because `http.Session` reads every answer to its end and goes wherever a name leads. It
uses no proxy: where one is needed, no page is reached.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import ssl
import threading
import zlib
from dataclasses import dataclass
from email.message import Message as Headers
from functools import cache
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from socrbot import __version__
from socrbot.networks.wire.hosts import is_public

_REDIRECTS = 3
_PATIENCE = 8.0  # seconds for a connection, or for the next bytes
_MOVED = frozenset({301, 302, 303, 307, 308})
_SAFE = "/%:=&?~#+!$,;'@()*[]"


class NotFetched(Exception):
    """Nothing usable is there. Says why, for whoever looks for a mistake."""


@dataclass(frozen=True, slots=True)
class Page:
    """What came: the address that it came from in the end, its MIME type, its charset where the server names one."""

    address: str
    mime: str
    charset: str | None
    data: bytes
    whole: bool


class Visit:
    """A visit to a page and to what belongs to it, `seconds` long in all. Use it as a context manager.

    `private` lets it connect to any address: for tests on the loopback.
    """

    def __init__(self, *, seconds: float, private: bool = False) -> None:
        self._private = private
        self._over = False
        self._lines: list[socket.socket] = []
        self._lock = threading.Lock()
        self._alarm = threading.Timer(seconds, self._end)
        self._alarm.daemon = True

    def __enter__(self) -> Self:
        self._alarm.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._alarm.cancel()
        self._end()

    def fetch(self, address: str, *, kinds: tuple[str, ...], most: int) -> Page:
        """What is at a web address: at most `most` bytes of it, of a MIME type that begins with one of `kinds`.

        Raises NotFetched, OSError, http.client.HTTPException or ValueError.
        """
        for _ in range(_REDIRECTS + 1):
            page, address = self._ask(address, kinds, most)
            if page is not None:
                return page
        raise NotFetched("The page leads from one address to the next.")

    def _ask(self, address: str, kinds: tuple[str, ...], most: int) -> tuple[Page | None, str]:
        """One request: what came, or where it leads."""
        url = _checked(address)
        connection = self._connected(url)
        try:
            path = quote(url.path or "/", safe=_SAFE) + (f"?{quote(url.query, safe=_SAFE)}" if url.query else "")
            connection.request("GET", path, headers=_headers(kinds))
            answer = connection.getresponse()
            if answer.status in _MOVED:
                return None, urljoin(address, answer.headers.get("Location", ""))
            if answer.status != 200:
                raise NotFetched(f"The server answered {answer.status}.")
            return self._page(answer, address, kinds, most), address
        finally:
            connection.close()

    def _page(self, answer: http.client.HTTPResponse, address: str, kinds: tuple[str, ...], most: int) -> Page:
        headers: Headers = answer.headers
        mime = headers.get_content_type()
        if not mime.startswith(kinds):
            raise NotFetched(f"It is {mime}.")
        packed = answer.read(most + 1)
        if self._over or (answer.length and len(packed) <= most):
            raise NotFetched("It took too long, or broke off.")
        data = _unpacked(packed, headers.get("Content-Encoding", "identity"), most + 1)
        return Page(address, mime, headers.get_content_charset(), data[:most], len(data) <= most)

    def _connected(self, url: SplitResult) -> http.client.HTTPConnection:
        host, secure = url.hostname or "", url.scheme == "https"
        port = url.port or (443 if secure else 80)
        line = self._line(host, port)
        try:
            connection = http.client.HTTPConnection(host, port, timeout=_PATIENCE)
            connection.default_port = 443 if secure else 80
            connection.sock = _certificates().wrap_socket(line, server_hostname=host) if secure else line
        except BaseException:
            line.close()
            raise
        return connection

    def _line(self, host: str, port: int) -> socket.socket:
        """A connection to a host, which ends when the time is over."""
        found = [each[4] for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        places = [place for place in found if self._private or is_public(str(place[0]))]
        for last, place in enumerate(places, 1):
            if self._over:
                break
            try:
                line = socket.create_connection((str(place[0]), port), _PATIENCE)
            except OSError:
                if last == len(places):
                    raise
            else:
                return self._watched(line)
        raise NotFetched("The address is not a public one, or took too long.")

    def _watched(self, line: socket.socket) -> socket.socket:
        with self._lock:
            # A second handle on the same line: the first is taken over by what encrypts it.
            self._lines.append(socket.socket(fileno=os.dup(line.fileno())))
        if self._over:
            self._end()
        return line

    def _end(self) -> None:
        with self._lock:
            self._over = True
            for line in self._lines:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
                line.close()
            self._lines.clear()


def _checked(address: str) -> SplitResult:
    url = urlsplit(address)
    if url.scheme not in ("http", "https") or not url.hostname or "@" in url.netloc:
        raise NotFetched("That is no address of a page.")
    return url


def _headers(kinds: tuple[str, ...]) -> dict[str, str]:
    accepts = ", ".join(f"{kind}*" if kind.endswith("/") else kind for kind in kinds)
    agent = f"Mozilla/5.0 (compatible; socrbot/{__version__}; link card)"
    return {"Accept": accepts, "Accept-Encoding": "identity", "User-Agent": agent, "Connection": "close"}


def _unpacked(data: bytes, encoding: str, most: int) -> bytes:
    """The bytes as they were before the server packed them, which some do unasked; never more than `most`."""
    packed = encoding.strip().lower()
    if packed in ("", "identity"):
        return data
    if packed not in ("gzip", "x-gzip", "deflate"):
        raise NotFetched(f"It is packed in a way that we do not know: {packed[:20]}.")
    try:
        return zlib.decompressobj(47).decompress(data, most)
    except zlib.error:
        raise NotFetched("It is damaged.") from None


@cache
def _certificates() -> ssl.SSLContext:
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    return ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
