"""X as far as socrbot uses it: API v2 posts, pictures, alt texts, the account's timeline.

It weighs texts with a library of its own, not with ours. Run it by itself with `python -m tests.standins.x`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from tests.standins.command import run
from tests.standins.openapi import Document
from tests.standins.server import Post, Reply, Request, route
from tests.standins.x_uploads import Uploads, problem
from tests.vendor import VENDOR

KEYS = {
    "X_API_KEY": "apiKey0123456789abcdefgh",
    "X_API_SECRET": "apiSecret+/=0123456789abcdefghijklmnop",
    "X_ACCESS_TOKEN": "1600000000000000001-accessToken0123456789",
    "X_ACCESS_TOKEN_SECRET": "accessTokenSecret0123456789abcdefghij",
}
_HOSTS = ("https://api.twitter.com", "https://api.x.com")
_LINK = re.compile(
    r"https?://[^\s<>]+[^\s<>.,;:!?)]|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:org|com|net|uk|newtld)\b(?:/[^\s<>]*[^\s<>.,;:!?)])?",
    re.I,
)
_SHOWN = {"created_at", "entities", "attachments", "conversation_id", "public_metrics", "id", "text", "lang"}
_TIMELINE = {
    "max_results",
    "pagination_token",
    "start_time",
    "end_time",
    "since_id",
    "until_id",
    "exclude",
    "expansions",
}


@dataclass
class Window:
    """A limit: what is left of it until `reset` (aware UTC)."""

    limit: int
    left: int
    reset: datetime

    def headers(self, name: str) -> dict[str, str]:
        """As X sends it."""
        told = {"limit": self.limit, "remaining": self.left, "reset": int(self.reset.timestamp())}
        return {f"{name}-{key}": str(value) for key, value in told.items()}


@lru_cache(maxsize=1)
def document() -> Document | None:
    """X's own description of its API, where it is at hand."""
    path = VENDOR / "x" / "openapi-2.167.json"
    return Document(path).load() if path.exists() else None


def weight(text: str) -> int:
    """The weighted length, as the library that X published counts it."""
    from twitter_text import parse_tweet

    return int(parse_tweet(text).weightedLength)


class X(Uploads):
    """One X, with one account.

    windows       limits by the start of their headers; each post uses up one of each
    replies       False: no replies, not even to the account's own posts
    page_size     the most posts in a page, whatever is asked for
    knows         names of the field parameter that it takes
    hidden        ids that the timeline does not show (yet)
    """

    name = "x"
    user_id = "1600000000000000001"
    username = "campaign"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Both are slow the first time, slower than a client under test may be patient.
        weight("")
        document()
        reset = self.now() + timedelta(minutes=15)
        self.windows = {"x-rate-limit": Window(10_000, 10_000, reset)}
        self.replies = True
        self.page_size = 100
        self.knows = ("post.fields", "tweet.fields")
        self.hidden: set[str] = set()
        self.access = "read-write"
        self.keys = dict(KEYS)

    # What every request passes.

    def guard(self, request: Request) -> Reply | None:
        """Refuses a request whose signature was not made with the account's keys for X's own address."""
        if self.revoked or not self._signed(request):
            return Reply(401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"})
        return None

    def _signed(self, request: Request) -> bool:
        found = dict(re.findall(r'(oauth_\w+)="([^"]*)"', request.headers.get("authorization", "")))
        if found.get("oauth_consumer_key") != quote(self.keys["X_API_KEY"], safe="~") or found.get(
            "oauth_token"
        ) != quote(self.keys["X_ACCESS_TOKEN"], safe="~"):
            return False
        given = found.pop("oauth_signature", "")
        return any(hmac.compare_digest(given, quote(self._signature(host, request, found), safe="")) for host in _HOSTS)

    def _signature(self, host: str, request: Request, oauth: Mapping[str, str]) -> str:
        """RFC 5849, section 3.4: method, address and sorted parameters; JSON and multipart bodies are no part of it."""
        pairs = [*oauth.items(), *((_escape(name), _escape(value)) for name, value in request.query.items())]
        parameters = "&".join(f"{name}={value}" for name, value in sorted(pairs))
        base = "&".join(map(_escape, (request.method, host + request.path, parameters)))
        key = f"{_escape(self.keys['X_API_SECRET'])}&{_escape(self.keys['X_ACCESS_TOKEN_SECRET'])}"
        return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()

    def check(self, request: Request, reply: Reply) -> None:
        """Holds both sides to X's own document."""
        described = document()
        old_name = "tweet.fields" in request.query
        if described is not None and not old_name:
            self.violations += described.faults(request, reply)

    def error(self, status: int) -> Any:
        """A body for a status that a test asks for."""
        return {"title": "Error", "detail": "told to", "type": "about:blank", "status": status}

    # Posts.

    @route("POST", "/2/tweets")
    def create(self, request: Request) -> Reply:
        """Makes a post, or says why not."""
        body = request.json()
        for window in self.windows.values():
            if window.left <= 0 and self.now() >= window.reset:
                window.left, window.reset = window.limit, self.now() + timedelta(minutes=15)
        if any(window.left <= 0 for window in self.windows.values()):
            return Reply(
                429,
                {"title": "Too Many Requests", "type": "about:blank", "status": 429, "detail": "Too Many Requests"},
                self._limits(),
            )
        refusal = (
            problem(400, "invalid-request", "no JSON object") if not isinstance(body, dict) else self._refusal(body)
        )
        if refusal:
            return refusal
        for window in self.windows.values():
            window.left -= 1
        post = self.publish(self._post(body))
        told = {"id": post.id, "text": self._rewritten(post)[0], "edit_history_post_ids": [post.id]}
        return Reply(201, {"data": told}, self._limits())

    def _limits(self) -> dict[str, str]:
        return {name: value for window in self.windows for name, value in self.windows[window].headers(window).items()}

    def _refusal(self, body: Mapping[str, Any]) -> Reply | None:
        text, answered = body.get("text", ""), (body.get("reply") or {}).get("in_reply_to_tweet_id")
        media_ids = (body.get("media") or {}).get("media_ids", [])
        if not text and not media_ids:
            return problem(400, "invalid-request", "One or more parameters to your request was invalid.")
        if weight(text) > 280:
            return problem(400, "invalid-request", "The text is too long.")
        found = [self._upload(media_id) for media_id in media_ids]
        if any(upload is None or not upload.ready for upload in found) or (
            len(found) > 1 and any(upload and upload.media.mime.startswith("video/") for upload in found)
        ):
            complaint = {"parameters": {"media.media_ids": media_ids}, "message": "Your media IDs are invalid."}
            return Reply(400, {"errors": [complaint], "title": "Invalid Request", "type": "about:blank", "status": 400})
        if answered and not self.replies:
            words = (
                "Reply not allowed because you have not been mentioned or otherwise engaged by the author of the post."
            )
            return Reply(403, {"title": "Forbidden", "detail": words, "type": "about:blank", "status": 403})
        if answered and answered not in {post.id for post in self.visible}:
            return problem(
                404, "resource-not-found", f"No post {answered}.", resource_type="post", resource_id=answered
            )
        if any(post.text == text for post in self.visible):
            words = "You are not allowed to create a Tweet with duplicate content."
            return Reply(403, {"title": "Forbidden", "detail": words, "type": "about:blank", "status": 403})
        return None

    def _post(self, body: Mapping[str, Any]) -> Post:
        new, answered = str(next(self._ids)), (body.get("reply") or {}).get("in_reply_to_tweet_id")
        before = next((post for post in self.published if post.id == answered), None)
        return Post(
            id=new,
            text=body.get("text", ""),
            created_at=self.now(),
            media=tuple(self._uploads[media_id].media for media_id in (body.get("media") or {}).get("media_ids", ())),
            reply_to=answered,
            account=self.username,
            extra={"conversation": before.extra["conversation"] if before else new},
        )

    @route("DELETE", "/2/tweets/{post_id}")
    def delete(self, request: Request, post_id: str) -> Reply:
        """Deletes a post."""
        if post_id not in {post.id for post in self.visible}:
            return problem(404, "resource-not-found", f"No post {post_id}.", resource_type="post", resource_id=post_id)
        self.deleted.add(post_id)
        return Reply(200, {"data": {"deleted": True}})

    # Reading.

    @route("GET", "/2/users/me")
    def me(self, request: Request) -> Reply:
        """Whose keys these are."""
        told = {"id": self.user_id, "name": "The Campaign", "username": self.username}
        return Reply(200, {"data": told}, {"x-access-level": self.access})

    @route("GET", "/2/users/{user_id}/tweets")
    def timeline(self, request: Request, user_id: str) -> Reply:
        """The account's posts, newest first, page by page."""
        query = request.query
        unknown = query.keys() - _TIMELINE - set(self.knows)
        wished = next((query[name].split(",") for name in self.knows if name in query), [])
        if unknown or not set(wished) <= _SHOWN or user_id != self.user_id:
            return problem(400, "invalid-request", f"The query parameter {sorted(unknown)} is not one of these.")
        since = datetime.fromisoformat(query["start_time"]) if "start_time" in query else None
        posts = [post for post in reversed(self.visible) if since is None or post.created_at >= since]
        posts = [post for post in posts if post.id not in self.hidden]
        size, first = min(int(query.get("max_results", 10)), self.page_size), int(query.get("pagination_token", 0))
        page = posts[first : first + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if first + size < len(posts):
            meta["next_token"] = str(first + size)
        shown = {"data": [self._shown(post, wished, old="tweet.fields" in query) for post in page]} if page else {}
        return Reply(200, {**shown, "meta": meta}, self._limits())

    @route("GET", "/2/tweets")
    def posts(self, request: Request) -> Reply:
        """Posts by their ids; those that are gone are named among the errors."""
        ids = request.query.get("ids", "").split(",")
        wished = next((request.query[name].split(",") for name in self.knows if name in request.query), [])
        unknown = request.query.keys() - {"ids"} - set(self.knows)
        if unknown or not 1 <= len(ids) <= 100 or not all(one.isdecimal() for one in ids):
            return problem(400, "invalid-request", "One or more parameters to your request was invalid.")
        there = {post.id: post for post in self.visible}
        old = "tweet.fields" in request.query
        found = [self._shown(there[one], wished, old=old) for one in ids if one in there]
        gone = [
            problem(404, "resource-not-found", f"No post {one}.", resource_type="post", resource_id=one).body
            for one in ids
            if one not in there
        ]
        return Reply(200, {**({"data": found} if found else {}), **({"errors": gone} if gone else {})}, self._limits())

    def _told_of(self, post: Post, *, old: bool) -> dict[str, int]:
        counts = self.counts.get(post.id, {})
        quotes = min(counts.get("shares", 0), 1)
        return {
            "retweet_count" if old else "repost_count": counts.get("shares", 0) - quotes,
            "quote_count": quotes,
            "like_count": counts.get("likes", 0),
            "reply_count": counts.get("replies", 0),
            "impression_count": counts.get("views", 0),
            "bookmark_count": 7,
        }

    def _shown(self, post: Post, wished: list[str], *, old: bool) -> dict[str, Any]:
        text, urls = self._rewritten(post)
        edits = "edit_history_tweet_ids" if old else "edit_history_post_ids"
        fields: dict[str, Any] = {
            "created_at": f"{post.created_at:%Y-%m-%dT%H:%M:%S}.000Z",
            "conversation_id": post.extra["conversation"],
            "public_metrics": self._told_of(post, old=old),
            **({"entities": {"urls": urls}} if urls else {}),
            **(
                {"attachments": {"media_keys": [f"3_{post.id}{n}" for n, _ in enumerate(post.media)]}}
                if post.media
                else {}
            ),
        }
        return {
            "id": post.id,
            "text": text,
            edits: [post.id],
            **{name: fields[name] for name in wished if name in fields},
        }

    def _rewritten(self, post: Post) -> tuple[str, list[dict[str, Any]]]:
        """The text as X gives it back: links as t.co, one more for pictures, three characters escaped."""
        urls: list[dict[str, Any]] = []

        def short(found: re.Match[str]) -> str:
            return self._link(urls, _full(found[0]), found[0])

        text = _LINK.sub(short, html.escape(unicodedata.normalize("NFC", post.text), quote=False))
        for entity in urls:
            entity["expanded_url"] = html.unescape(entity["expanded_url"])
        if post.media:
            where = f"https://x.com/{self.username}/status/{post.id}/photo/1"
            text = f"{text} {self._link(urls, where, f'pic.x.com/{post.id}')}".strip()
            urls[-1]["media_key"] = f"3_{post.id}0"
        for entity in urls:
            entity["start"] = text.index(entity["url"])
            entity["end"] = entity["start"] + len(entity["url"])
        return text, urls

    def _link(self, urls: list[dict[str, Any]], full: str, shown: str) -> str:
        url = "https://t.co/" + base64.b32encode(hashlib.sha1(f"{full}{len(urls)}".encode()).digest())[:10].decode()
        urls.append({"start": 0, "end": 0, "url": url, "expanded_url": full, "display_url": shown[:24]})
        return url


def _full(link: str) -> str:
    """A link as X spells it out: with a scheme, host in small letters, a slash behind a bare host."""
    scheme, _, rest = link.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{(scheme or 'http').lower()}://{host.lower()}{slash or '/'}{path}"


def _escape(text: str) -> str:
    return quote(text, safe="~")


if __name__ == "__main__":
    run(X)
