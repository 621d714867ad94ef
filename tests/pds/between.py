"""A server between the bot and the real one: hands everything on, and can be told to lose what it should not."""

from __future__ import annotations

import requests

from tests.standins.exchange import Reply, Request
from tests.standins.server import Standin

_HOP_BY_HOP = {"connection", "content-length", "content-encoding", "host", "keep-alive", "transfer-encoding", "date"}


class Between(Standin):
    """Stands before `upstream`. Its record shows every call that the bot made, its faults go wrong on the way."""

    name = "between"

    def __init__(self, upstream: str) -> None:
        super().__init__()
        self.upstream = upstream

    def act(self, request: Request) -> Reply:
        answer = requests.request(
            request.method,
            self.upstream + request.path,
            params=dict(request.query),
            data=request.body or None,
            headers={name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP},
            allow_redirects=False,
            timeout=(5, 30),
        )
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
        return Reply(answer.status_code, answer.content, kept)

    def calls(self, name: str = "*") -> list[Request]:
        """The calls to the method with this name, oldest first."""
        return self.requests(lambda request: name in ("*", request.path.removeprefix("/xrpc/")))
