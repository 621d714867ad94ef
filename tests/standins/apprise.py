"""A service behind Apprise: what `json://user:password@host/path` posts to. It knows no ids, and nothing but taking.

Runs by itself too: `python -m tests.standins.apprise --port 8000 --record published.jsonl`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any, ClassVar

from tests.standins.command import run
from tests.standins.server import Media, Post, Reply, Request, Standin, route

USER, PASSWORD = "campaign", "apprise-password-0123456789"
PATH = "/hooks/8c1f0e7d5a3b49f2"
FIELDS = {"version", "title", "message", "attachments", "type"}
LONGEST = 32_768


def address(base: str) -> str:
    """The Apprise address of a server."""
    return f"json://{USER}:{PASSWORD}@{base.partition('://')[2]}{PATH}"


class Apprise(Standin):
    """One place that takes messages. A post's id is the digest of its words, as the place itself gives it none."""

    name: ClassVar[str] = "apprise"

    def env(self, **more: str) -> dict[str, str]:
        """The variables of an account that speaks to this stand-in."""
        return {"APPRISE_URL": address(self.base), **more}

    def guard(self, request: Request) -> Reply | None:
        right = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        good = request.headers.get("authorization") == right and not self.revoked
        return None if good else Reply(401, {"error": "no"})

    @route("POST", PATH)
    def take(self, request: Request) -> Reply:
        sent = request.json()
        wrong = self._wrong(sent)
        if wrong is not None:
            self.violations.append(wrong)
            return Reply(400, {"error": wrong})
        if len(sent["message"]) > LONGEST:
            return Reply(413, {"error": "too long"})
        text = sent["message"]
        media = tuple(Media(_decoded(item["base64"]), mime=item["mimetype"]) for item in sent["attachments"])
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        self.publish(Post(digest, text, self.now(), media, extra={"title": sent["title"]}))
        return Reply(200, {"ok": True})

    @staticmethod
    def _wrong(sent: Any) -> str | None:
        """What is not as Apprise sends it; None: nothing."""
        if not isinstance(sent, dict) or set(sent) != FIELDS or not sent["message"]:
            return f"these are not the fields: {sent!r:.200}"
        if any(not _decoded(item["base64"]) or not item["filename"] for item in sent["attachments"]):
            return "a file is not base64, or has no name"
        return None


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        return b""


if __name__ == "__main__":
    run(Apprise)
