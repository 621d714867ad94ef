"""The worst server there is for secrets: whatever it is asked, it repeats in its answer all that it was sent."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

MODES = ("refused", "unauthorised", "forbidden", "too much", "failing", "unreadable", "yes")
_STATUS = {
    "refused": 400,
    "unauthorised": 401,
    "forbidden": 403,
    "too much": 429,
    "failing": 500,
    "unreadable": 200,
    "yes": 200,
}


def token(planted: str) -> str:
    """A token like those of Bluesky, with the planted secret as its signature."""
    claims = {"iat": 1_700_000_000, "exp": 4_000_000_000, "scope": "com.atproto.appPass"}
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{middle}.{planted}"


class Echo:
    """X, Facebook and Bluesky in one, and an alarm receiver too. Use it as a context manager.

    mode      how it answers from now on, one of MODES
    heard     all that it was ever sent, as text
    signs_in  whether Bluesky's login is given (with `tokens`), whatever the mode
    """

    def __init__(self, *, access: str, refresh: str) -> None:
        self.mode = "refused"
        self.signs_in = True
        self.heard: list[str] = []
        self._login = {"accessJwt": access, "refreshJwt": refresh, "did": "did:plc:abc", "handle": "us.test"}
        echo = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
                said = f"{self.command} {self.path}\n{self.headers}\n{body}"
                echo.heard.append(said)
                status, answer = echo.answer(self.path, said)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("X-Echo", said.replace("\r", " ").replace("\n", " ")[:2000])
                self.end_headers()
                self.wfile.write(answer)

            do_POST = do_DELETE = do_GET  # noqa: N815 - the names that http.server wants

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, said: str) -> tuple[int, bytes]:
        """Status and body."""
        if self.signs_in and path.endswith(("createSession", "refreshSession")):
            return 200, json.dumps(self._login).encode()
        if self.mode == "unreadable":
            return 200, f'{{"id": "1", "detail": "{said}'.encode()
        error = {"message": said, "code": 100, "type": "OAuthException", "error_user_msg": said}
        facebook = "/v2" in path or "debug_token" in path
        answer: dict[str, Any] = {"detail": said, "title": said, "message": said, "name": said, "username": said}
        answer |= {"error": error if facebook else "InvalidRequest", "errors": [{"message": said, "code": 99}]}
        if self.mode == "yes":
            answer = {"id": "1", "name": "Us", "data": {"id": "1", "username": "us", "name": "Us", "text": "x"}}
            answer |= {"uri": "at://did:plc:abc/app.bsky.feed.post/1", "cid": "bafy", "echo": said}
        return _STATUS[self.mode], json.dumps(answer).encode()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
