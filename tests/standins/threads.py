"""Threads as far as socrbot needs it: containers, posts, answers, counts, keys.

Strict about what Threads documents: fields, lengths in bytes, links, permissions. Runs by itself too:
`python -m tests.standins.threads --port 8000 --record published.jsonl`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tests.standins.command import run
from tests.standins.containers import Container, ContainerStandin, fault
from tests.standins.exchange import Post, Reply, Request
from tests.standins.server import route

USER = "26000000000000001"
TOKEN = "THAAtokenfortestsonly0123456789"
NAME = "ourcampaign"
# What may be sent to an edge, by Threads' documentation.
PARAMETERS: Mapping[tuple[str, str], frozenset[str]] = {
    ("POST", "threads"): frozenset(
        {
            "media_type",
            "text",
            "image_url",
            "video_url",
            "alt_text",
            "is_carousel_item",
            "children",
            "reply_to_id",
            "reply_control",
            "topic_tag",
            "link_attachment",
        }
    ),
    ("POST", "threads_publish"): frozenset({"creation_id"}),
    ("GET", "threads"): frozenset({"fields", "limit", "since", "until", "after", "before"}),
    ("GET", "replies"): frozenset({"fields", "limit", "since", "until", "after", "before"}),
    ("GET", "threads_publishing_limit"): frozenset({"fields"}),
    ("GET", "insights"): frozenset({"metric"}),
}
LINK = re.compile(r"https?://\S+")


class Threads(ContainerStandin):
    """One account. `scopes` are what the key allows; `tester` whether debug_token tells it."""

    name: ClassVar[str] = "threads"
    user = USER
    token = TOKEN
    status = "status"
    reason = "error_message"
    photo_types: ClassVar[Mapping[str, str]] = {"image/jpeg": "JPEG", "image/png": "PNG"}
    ratio = (0.1, 10.0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scopes = ["threads_basic", "threads_content_publish", "threads_manage_replies", "threads_read_replies"]
        self.tester = True
        self.quota = 250
        self.reply_quota = 1_000

    def env(self, **more: str) -> dict[str, str]:
        """The variables of an account that speaks to this stand-in."""
        return {"THREADS_USER_ID": USER, "THREADS_ACCESS_TOKEN": TOKEN, "THREADS_GRAPH_BASE": self.base, **more}

    def guard(self, request: Request) -> Reply | None:
        if not re.match(r"/(v1\.0/|refresh_access_token$)", request.path):
            self.violations.append(f"no version in the path: {request.path}")
        return super().guard(request)

    # Who one is.

    @route("GET", "/{version}/me")
    def me(self, request: Request, version: str) -> Reply:
        return Reply(200, {"id": USER, "username": NAME})

    @route("GET", "/refresh_access_token")
    def refresh(self, request: Request) -> Reply:
        return self.renewed(request, "th_refresh_token")

    @route("GET", "/{version}/debug_token")
    def debug_token(self, request: Request, version: str) -> Reply:
        key = self.keys.get(request.query.get("input_token", ""))
        if not self.tester or key is None:
            return Reply(400, fault(100, "(#100) You must provide an app access token"))
        data = {"is_valid": True, "scopes": self.scopes, "expires_at": int(key.ends_at.timestamp())}
        return Reply(200, {"data": data})

    # Publishing.

    @route("POST", "/{version}/{user}/threads")
    def create(self, request: Request, version: str, user: str) -> Reply:
        answered = request.fields().get("reply_to_id")
        if answered is not None and "threads_manage_replies" not in self.scopes:
            return Reply(403, fault(10, "Application does not have permission for this action"))
        if answered is not None and self.find(answered) is None:
            return Reply(400, self.missing(answered))
        return self.make(request, user)

    @route("POST", "/{version}/{user}/threads_publish")
    def publish_container(self, request: Request, version: str, user: str) -> Reply:
        container = self.containers.get(request.fields().get("creation_id", ""))
        fields = container.fields if container is not None else {}
        more = {"text": fields.get("text", ""), "link": fields.get("link_attachment")}
        return self.go(request, user, more | {"reply_to": fields.get("reply_to_id")})

    @route("GET", "/{version}/{user}/threads_publishing_limit")
    def limit(self, request: Request, version: str, user: str) -> Reply:
        known = {
            "quota_usage": self.used_up(),
            "config": {"quota_total": self.quota, "quota_duration": 86_400},
            "reply_quota_usage": sum(post.reply_to is not None for post in self.published),
            "reply_config": {"quota_total": self.reply_quota, "quota_duration": 86_400},
        }
        return Reply(200, {"data": [{name: known[name] for name in request.query["fields"].split(",")}]})

    def refused(self, fields: Mapping[str, str], children: Sequence[Container]) -> dict[str, Any] | None:
        text, kind, alt = fields.get("text", ""), fields.get("media_type"), fields.get("alt_text")
        child, topic = fields.get("is_carousel_item") == "true", fields.get("topic_tag")
        wants = {"TEXT": "text", "IMAGE": "image_url", "VIDEO": "video_url", "CAROUSEL": "children"}.get(kind or "")
        if (
            wants is None
            or not fields.get(wants)
            or (kind == "TEXT") != (not {"image_url", "video_url", "children"} & set(fields))
        ):
            return fault(100, "Param media_type must be one of {TEXT, IMAGE, VIDEO, CAROUSEL} with its field")
        if kind == "CAROUSEL" and not 2 <= len(children) <= 20:
            return fault(100, "Param children must have between 2 and 20 items")
        if len(text.encode()) > 500:
            return fault(100, "Param text must be at most 500 characters long.")
        if len(set(LINK.findall(text)) | {fields.get("link_attachment", "")} - {""}) > 5:
            return fault(100, "THREADS_API__LINK_LIMIT_EXCEEDED")
        if topic is not None and not re.fullmatch(r"[^.&]{1,50}", topic):
            return fault(100, "Param topic_tag must be between 1 and 50 characters without periods or ampersands")
        if "link_attachment" in fields and kind != "TEXT":
            return fault(100, "Param link_attachment is only for text posts")
        if (child and text) or (alt is not None and (kind not in ("IMAGE", "VIDEO") or not 0 < len(alt) <= 1_000)):
            return fault(100, "Param text or alt_text is not allowed here")
        return None

    def used_up(self, container: Container | None = None) -> int:
        answers = container is not None and "reply_to_id" in container.fields
        return 0 if answers else super().used_up()

    # Lists and objects.

    @route("GET", "/{version}/{user}/threads")
    def posts(self, request: Request, version: str, user: str) -> Reply:
        return self.listed(request, [post for post in self.visible if post.reply_to is None])

    @route("GET", "/{version}/{user}/replies")
    def replies(self, request: Request, version: str, user: str) -> Reply:
        if "threads_read_replies" not in self.scopes:
            return Reply(403, fault(10, "Application does not have permission for this action"))
        return self.listed(request, [post for post in self.visible if post.reply_to is not None])

    @route("GET", "/{version}/{post}/insights")
    def insights_of(self, request: Request, version: str, post: str) -> Reply:
        counted = self.counts.get(post, {})
        known = {name: counted.get(name, 0) for name in ("views", "likes", "replies", "quotes")}
        return self.insights(post, known | {"reposts": counted.get("shares", 0), "shares": 0}, request)

    @route("GET", "/{version}/{thing}")
    def read(self, request: Request, version: str, thing: str) -> Reply:
        wanted = request.query.get("fields", "id")
        if thing in self.containers:
            return self.look(self.containers[thing], wanted)
        post = self.find(thing)
        if post is None:
            return Reply(400, self.missing(thing))
        known = self.line(post)
        return Reply(200, {name: known[name] for name in ["id", *wanted.split(",")] if name in known})

    @route("DELETE", "/{version}/{post}")
    def delete(self, request: Request, version: str, post: str) -> Reply:
        return self.erased(post)

    def line(self, post: Post) -> dict[str, Any]:
        return super().line(post) | ({"text": post.text} if post.text else {})

    def permalink(self, post: Post) -> str:
        return f"https://www.threads.net/@{NAME}/post/{post.id}"

    def check(self, request: Request, reply: Reply) -> None:
        edge = re.fullmatch(r"/v1\.0/\d+/(\w+)", request.path)
        if edge is None:
            return
        unknown = set(request.fields()) - {"access_token"} - PARAMETERS.get((request.method, edge[1]), frozenset())
        if unknown or (request.method, edge[1]) not in PARAMETERS:
            self.violations.append(f"{request.method} {edge[1]}: {sorted(unknown)} is not known")


if __name__ == "__main__":
    run(Threads)
