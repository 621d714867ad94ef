"""Somebody to be told: a web hook on the loopback that keeps what it gets, and a dead man's switch."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Receiver:
    """Use it as a context manager.

    messages   what was told, oldest first: {"title": ..., "message": ...}
    beats      how often the dead man's switch was fetched
    status     what it answers from now on
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.beats = 0
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                receiver.beats += 1
                self._answer()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if receiver.status < 300:
                    receiver.messages.append(json.loads(body))
                self._answer()

            def _answer(self) -> None:
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    @property
    def alarm(self) -> str:
        """Its address for Apprise."""
        return f"json://127.0.0.1:{self.port}/hook-secret-path"

    @property
    def switch(self) -> str:
        """The address of the dead man's switch."""
        return f"http://127.0.0.1:{self.port}/ping-secret-path"

    def bodies(self) -> str:
        """All that was told, in one text."""
        return "\n".join(f"{message['title']}\n{message['message']}" for message in self.messages)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
