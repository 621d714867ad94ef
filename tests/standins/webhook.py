"""The other end of a webhook, as docs/networks/webhook.md asks for it: signatures, keys, looking up, deleting.

Runs by itself too: `python -m tests.standins.webhook --port 8000 --record published.jsonl`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import itertools
from typing import Any, ClassVar

from tests.standins.command import run
from tests.standins.server import Media, Post, Reply, Request, Standin, route

SECRET = "a-long-random-text-for-tests-0123456789"
PATH = "/posts/in/5f0e7c1d9a2b4c6d8e0f"
FIELDS = {
    *("post", "account", "language", "part", "parts", "text", "link"),
    *("media", "key", "reply_to", "created_at"),
}
PICTURE = {"name", "type", "alt", "width", "height", "data"}
LATE = 300  # seconds


class Webhook(Standin):
    """One address that takes posts.

    names     whether an answer to a post names id and address
    deletes   whether it knows how to delete
    asked     what it answers when somebody asks for its name; None: it answers no such question
    """

    name: ClassVar[str] = "webhook"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.names = True
        self.deletes = True
        self.asked: dict[str, Any] | None = {"name": "Our website"}
        self.keys: dict[str, Post] = {}
        self._ids = itertools.count(1)

    def env(self, **more: str) -> dict[str, str]:
        """The variables of an account that speaks to this stand-in."""
        return {"WEBHOOK_URL": f"{self.base}{PATH}", "WEBHOOK_SECRET": SECRET, **more}

    def guard(self, request: Request) -> Reply | None:
        stamp = request.headers.get("socrbot-timestamp", "")
        query = "&".join(f"{name}={_quoted(value)}" for name, value in request.query.items())
        signed = f"{stamp}.{request.method}.{query}.".encode() + request.body
        right = "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        given = request.headers.get("socrbot-signature", "")
        late = not stamp.isdigit() or abs(int(stamp) - self.now().timestamp()) > LATE
        if self.revoked or late or not hmac.compare_digest(given, right):
            return Reply(401, {"error": "the signature is wrong"})
        return None

    @route("POST", PATH)
    def take(self, request: Request) -> Reply:
        post, key = request.json(), request.headers.get("idempotency-key")
        wrong = self._wrong(post, key)
        if wrong is not None:
            self.violations.append(wrong)
            return Reply(422, {"error": wrong})
        assert isinstance(key, str)
        if key not in self.keys:
            answered = post["reply_to"]
            if answered is not None and answered["id"] not in {known.id for known in self.keys.values()}:
                return Reply(422, {"error": "it answers a post that is not here"})
            media = tuple(Media(_decoded(item["data"]), item["alt"], item["type"]) for item in post["media"])
            number = f"post-{next(self._ids)}" if self.names else key
            reply_to = answered["id"] if answered else None
            made = Post(number, post["text"], self.now(), media, post["link"], reply_to, extra={"key": key})
            self.keys[key] = self.publish(made)
        return Reply(201, self._named(self.keys[key]) if self.names else None)

    @route("GET", PATH)
    def ask(self, request: Request) -> Reply:
        key = request.query.get("key")
        if key is None:
            return Reply(405) if self.asked is None else Reply(200, self.asked)
        known = self.keys.get(key)
        return Reply(200, {"known": True, **self._named(known)} if known else {"known": False})

    @route("DELETE", PATH)
    def delete(self, request: Request) -> Reply:
        if not self.deletes:
            return Reply(405)
        self.deleted.add(request.query["id"])
        return Reply(204)

    def _named(self, post: Post) -> dict[str, str]:
        return {"id": post.id, "url": f"https://www.example.org/posts/{post.id}"}

    @staticmethod
    def _wrong(post: Any, key: str | None) -> str | None:
        """What does not keep to the page; None: nothing."""
        if not isinstance(post, dict) or set(post) != FIELDS:
            return f"these are not the fields: {sorted(post) if isinstance(post, dict) else post!r}"
        if not key or post["key"] != key:
            return "the key in the header is not that of the body"
        if not post["text"] or len(post["text"]) > 10_000:
            return "the text is missing or too long"
        if len(post["media"]) > 10 or any(set(item) != PICTURE for item in post["media"]):
            return "these are not pictures"
        if any(not _decoded(item["data"]) for item in post["media"]):
            return "a picture is not base64"
        return None


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        return b""


def _quoted(value: str) -> str:
    """As an address writes it; only what tests use."""
    return value.replace("%", "%25").replace("@", "%40").replace("/", "%2F")


if __name__ == "__main__":
    run(Webhook)
