"""A server between the bot and the real one: hands everything on, and can be told to lose what it should not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests

from tests.pds import Pds
from tests.standins.exchange import Media, Post, Reply, Request
from tests.standins.server import Standin

_HOP_BY_HOP = {"connection", "content-length", "content-encoding", "host", "keep-alive", "transfer-encoding", "date"}
# The one question for which an app view is needed.
_NUMBERS = "/xrpc/app.bsky.feed.getPosts"
_WRITES = ("com.atproto.repo.putRecord", "com.atproto.repo.createRecord", "com.atproto.repo.deleteRecord")


class Between(Standin):
    """Stands before the real server for one account.

    Its record shows every call that the bot made, its faults go wrong on the way. What is `published` it asks the real
    server after each write, with requests of its own.
    """

    name = "bluesky"

    def __init__(self, pds: Pds, did: str, *, port: int = 0) -> None:
        super().__init__(port=port)
        self._pds = pds
        self._did = did
        if pds.app_view is not None:
            self.counts = pds.app_view.counts

    def act(self, request: Request) -> Reply:
        answer = requests.request(
            request.method,
            self._pds.url + request.target,
            data=request.body or None,
            headers={name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP},
            allow_redirects=False,
            timeout=(5, 30),
        )
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
        if request.path.startswith("/xrpc/app.bsky.") and request.path != _NUMBERS:
            self.violations.append(f"a call that needs an app view: {request.path}")
        if answer.ok and request.path.removeprefix("/xrpc/") in _WRITES:
            self._look()
        return Reply(answer.status_code, answer.content, headers)

    def calls(self, name: str) -> list[Request]:
        """The calls to the method with this name, oldest first."""
        return self.requests(lambda request: request.path == f"/xrpc/{name}")

    def _look(self) -> None:
        with self.lock:
            there = {entry["uri"]: entry for entry in self._pds.records(self._did)}
            known = {post.id for post in self.published}
            for uri in there.keys() - known:
                self.publish(self._post(there[uri]))
            self.deleted |= known - there.keys()

    def _post(self, entry: Mapping[str, Any]) -> Post:
        value = entry["value"]
        return Post(
            id=entry["uri"],
            text=value["text"],
            created_at=datetime.fromisoformat(value["createdAt"]),
            media=tuple(self._media(image) for image in value.get("embed", {}).get("images", ())),
            link=value.get("embed", {}).get("external", {}).get("uri"),
            reply_to=value["reply"]["parent"]["uri"] if "reply" in value else None,
            account=self._did,
            extra=value,
        )

    def _media(self, image: Mapping[str, Any]) -> Media:
        data, mime = self._pds.blob(self._did, image["image"]["ref"]["$link"])
        return Media(data, image["alt"], mime)
