"""Bluesky's app view, as far as socrbot asks it: numbers of posts. The real server passes the question on to it.

It knows the posts from the real server, and the numbers from the test. Told to be `down`, it answers nothing but
failures, as on a bad day.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import requests

from tests.standins.exchange import Reply, Request
from tests.standins.server import Standin, route

_MOST = 25
_NAMES = {"likes": "likeCount", "replies": "replyCount", "shares": "repostCount"}


class AppView(Standin):
    """`server` is the address of the real server, once that runs."""

    name = "bluesky app view"

    def __init__(self) -> None:
        super().__init__()
        self.server = ""
        self.down = False

    def error(self, status: int) -> object:
        return {"error": "UpstreamFailure", "message": f"error {status}"}

    @route("GET", "/xrpc/app.bsky.feed.getPosts")
    def posts(self, request: Request) -> Reply:
        """At most 25 at once, for a server that says for whom it asks; posts that are gone are left out."""
        if self.down:
            return Reply(503, self.error(503))
        wanted = parse_qs(urlsplit(request.target).query)["uris"]
        if not request.headers.get("authorization", "").startswith("Bearer ") or len(wanted) > _MOST:
            return Reply(400, {"error": "InvalidRequest", "message": "too many, or from nobody"})
        views = [self._view(uri) for uri in wanted if self._exists(uri)]
        return Reply(200, {"posts": views})

    def _exists(self, uri: str) -> bool:
        repo, collection, key = uri.removeprefix("at://").split("/")
        query = {"repo": repo, "collection": collection, "rkey": key}
        return requests.get(f"{self.server}/xrpc/com.atproto.repo.getRecord", params=query, timeout=10).ok

    def _view(self, uri: str) -> dict[str, object]:
        counts = self.counts.get(uri, {})
        numbers = {theirs: counts.get(ours, 0) for ours, theirs in _NAMES.items()}
        return {"uri": uri, "quoteCount": 0, **numbers}
