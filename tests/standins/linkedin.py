"""LinkedIn's Posts API as far as an organisation or a person needs it. Strict: what LinkedIn would refuse is refused,
and what it would cut in silence is cut. Who may speak to it, and how, is in `linkedin_access.py`.

Runs by itself too: `python -m tests.standins.linkedin --port 8000 --record published.jsonl`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from tests.standins.command import run
from tests.standins.exchange import Media, Post, Reply, Request
from tests.standins.linkedin_access import PERSON, Access, fault
from tests.standins.little import RESERVED, show
from tests.standins.server import route

LONGEST, LONGEST_ALT, LONGEST_COMMENT = 3_000, 4_086, 1_250
_NEEDED = {"author", "commentary", "visibility", "distribution", "lifecycleState"}
_FIELDS = _NEEDED | {"isReshareDisabledByAuthor", "content"}
_DISTRIBUTION = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}


@dataclass
class Image:
    """A picture that was announced: by whom, what came, and how often one has to ask until it is ready."""

    owner: str
    data: bytes | None = None
    mime: str = ""
    looks: int = 0


class LinkedIn(Access):
    """The posts of one author.

    shown_after   how long a new post stays out of lists
    repeats       how long the same content is refused as a duplicate, even of a post that was deleted
    busy          how often a picture is asked for before it is ready
    """

    name: ClassVar[str] = "linkedin"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shown_after = timedelta(0)
        self.repeats = timedelta(minutes=10)
        self.busy = 1
        self.images: dict[str, Image] = {}

    # Pictures.

    @route("POST", "/rest/images")
    def announce(self, request: Request) -> Reply:
        body = request.json()
        wanted = body.get("initializeUploadRequest") if isinstance(body, dict) else None
        if request.query != {"action": "initializeUpload"} or not isinstance(wanted, dict) or set(wanted) != {"owner"}:
            return Reply(400, self.error(400))
        if wanted["owner"] != self.author:
            return Reply(403, fault(403, "ACCESS_DENIED", says="The owner is another"))
        number = f"C4E10AQ{next(self.ids)}"
        self.images[f"urn:li:image:{number}"] = Image(self.author, looks=self.busy)
        value = {
            "uploadUrl": f"https://www.linkedin.com/dms-uploads/{number}/0?ca=vector_feedshare&sync=1",
            "uploadUrlExpiresAt": int(self.now().timestamp() * 1000) + 86_400_000,
            "image": f"urn:li:image:{number}",
        }
        return Reply(200, {"value": value})

    @route("PUT", "/dms-uploads/{number}/0")
    def upload(self, request: Request, number: str) -> Reply:
        image = self.images.get(f"urn:li:image:{number}")
        if image is None or request.query != {"ca": "vector_feedshare", "sync": "1"}:
            return Reply(404, self.error(404))
        if not request.body.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
            return Reply(400, self.error(400))
        image.data, image.mime = request.body, request.headers.get("content-type", "")
        return Reply(201)

    @route("GET", "/rest/images/{urn}")
    def image(self, request: Request, urn: str) -> Reply:
        image = self.images.get(urn)
        if wrong := self.lacks("r_organization_social"):
            return wrong
        if image is None:
            return Reply(404, self.error(404))
        image.looks -= 1
        ready = "AVAILABLE" if image.looks < 0 else "PROCESSING"
        return Reply(200, {"id": urn, "owner": image.owner, "status": ready if image.data else "WAITING_UPLOAD"})

    def _media(self, item: Any, *, fields: set[str]) -> Media | None:
        """The uploaded picture that an item of a post names; None where it may not."""
        if not isinstance(item, dict) or not {"id"} <= set(item) <= fields:
            return None
        image = self.images.get(item["id"])
        if image is None or image.data is None or len(item.get("altText", "")) > LONGEST_ALT:
            return None
        return Media(image.data, item.get("altText", ""), image.mime)

    # Posts.

    @route("POST", "/rest/posts")
    def post(self, request: Request) -> Reply:
        body = request.json()
        if not isinstance(body, dict) or not _NEEDED <= set(body) <= _FIELDS:
            return Reply(422, fault(422, "UNPERMITTED_FIELDS", says="Unpermitted fields present in REQUEST_BODY"))
        scope = "w_member_social" if self.author == PERSON else "w_organization_social"
        if wrong := self.lacks(scope):
            return wrong
        if body["author"] != self.author:
            return Reply(403, fault(403, "ACCESS_DENIED", says="Field author is not the access's own"))
        fixed = (body["visibility"], body["lifecycleState"], body["distribution"])
        shown = show(body["commentary"])
        if fixed != ("PUBLIC", "PUBLISHED", _DISTRIBUTION):
            return Reply(400, self.error(400))
        if _units(_plain(body["commentary"])) > LONGEST:
            return Reply(400, fault(400, "FIELD_LENGTH_TOO_LONG", says="commentary is longer than 3000 characters"))
        parsed = self._content(body["content"]) if "content" in body else ((), None)
        if parsed is None or not (shown.text or "content" in body):
            return Reply(400, fault(400, "INVALID_CONTENT", says="content does not fit the schema"))
        if twin := self._twin(body):
            return Reply(422, twin)
        urn = f"urn:li:share:{7_400_000_000_000_000_000 + next(self.ids)}"
        extra = {"body": body, "hashtags": shown.hashtags, "cut": shown.cut}
        self.publish(Post(urn, shown.text, self.now(), parsed[0], parsed[1], account=self.author, extra=extra))
        return Reply(201, None, {"x-restli-id": urn})

    def _content(self, content: Any) -> tuple[tuple[Media, ...], str | None] | None:
        """Pictures and link of a post's content; None where the content is not one."""
        if not isinstance(content, dict) or len(content) != 1:
            return None
        kind, what = next(iter(content.items()))
        if kind == "article":
            return ((), what["source"]) if self._is_article(what) else None
        fields = {"id", "altText"}
        items = [what] if kind == "media" else what.get("images", []) if set(what) == {"images"} else []
        if kind not in ("media", "multiImage") or (kind == "multiImage" and not 2 <= len(items) <= 20):
            return None
        media = [self._media(item, fields=fields) for item in items]
        return None if None in media else (tuple(item for item in media if item), None)

    def _is_article(self, what: Any) -> bool:
        if not isinstance(what, dict) or not {"source", "title"} <= set(what):
            return False
        if not set(what) <= {"source", "title", "description", "thumbnail"} or not what["title"]:
            return False
        thumbnail = {"id": what["thumbnail"]} if "thumbnail" in what else None
        return what["source"].startswith(("http://", "https://")) and (
            thumbnail is None or self._media(thumbnail, fields={"id"}) is not None
        )

    def _twin(self, body: Any) -> dict[str, Any] | None:
        for post in self.published:
            if post.extra.get("body") == body and self.now() - post.created_at < self.repeats:
                words = f"Content is a duplicate of {post.id}"
                said = fault(
                    422, "UNPROCESSABLE_ENTITY", says=f"com.linkedin.content.BadRequestResponseException: {words}"
                )
                errors = [{"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}]
                return said | {"errorDetails": {"inputErrors": errors}}
        return None

    @route("GET", "/rest/posts")
    def posts(self, request: Request) -> Reply:
        if wrong := self.lacks("r_organization_social", "r_member_social") or self.no_finder(request, "author"):
            return wrong
        query, count = request.query, int(request.query.get("count", "10"))
        if query.get("author") != self.author or count > 100 or query.get("sortBy") not in ("LAST_MODIFIED", "CREATED"):
            return Reply(400, self.error(400))
        own = [post for post in self.visible if post.reply_to is None]
        rows = [row(post) for post in reversed(own) if self.now() - post.created_at >= self.shown_after]
        return _page(rows, int(query.get("start", "0")), count)

    @route("DELETE", "/rest/posts/{urn}")
    def delete(self, request: Request, urn: str) -> Reply:
        self.deleted.add(urn)
        return Reply(204)

    # Comments.

    @route("POST", "/rest/socialActions/{root}/comments")
    def comment(self, request: Request, root: str) -> Reply:
        body = request.json()
        if (
            not isinstance(body, dict)
            or set(body) != {"actor", "object", "message"}
            or set(body["message"]) != {"text"}
        ):
            return Reply(400, self.error(400))
        if body["actor"] != self.author:
            return Reply(403, self.error(403))
        if body["object"] != root or root not in {post.id for post in self.visible}:
            return Reply(404, self.error(404))
        if not 0 < _units(body["message"]["text"]) <= LONGEST_COMMENT:
            return Reply(400, fault(400, "FIELD_LENGTH_TOO_LONG", says="The comment is too long"))
        number = str(7_500_000_000_000_000_000 + next(self.ids))
        urn = f"urn:li:comment:({root.replace('share', 'activity')},{number})"
        made = Post(urn, body["message"]["text"], self.now(), reply_to=root, account=self.author)
        self.publish(made)
        return Reply(201, comment_row(made), {"x-restli-id": number})

    @route("GET", "/rest/socialActions/{root}/comments")
    def comments(self, request: Request, root: str) -> Reply:
        if wrong := self.lacks("r_organization_social", "r_member_social"):
            return wrong
        rows = [comment_row(post) for post in self.visible if post.reply_to == root]
        return _page(rows, int(request.query.get("start", "0")), int(request.query.get("count", "10")))

    @route("DELETE", "/rest/socialActions/{root}/comments/{number}")
    def delete_comment(self, request: Request, root: str, number: str) -> Reply:
        found = [post.id for post in self.visible if post.reply_to == root and post.id.endswith(f",{number})")]
        if request.query.get("actor") != self.author:
            return Reply(403, self.error(403))
        self.deleted.update(found)
        return Reply(204) if found else Reply(404, self.error(404))

    # Numbers.

    @route("GET", "/rest/organizationalEntityShareStatistics")
    def statistics(self, request: Request) -> Reply:
        if wrong := self.lacks("rw_organization_admin") or self.no_finder(request, "organizationalEntity"):
            return wrong
        wanted = re.fullmatch(r"List\((urn:li:share:\d+(?:,urn:li:share:\d+)*)\)", request.query.get("shares", ""))
        if wanted is None or request.query.get("organizationalEntity") != self.author:
            return Reply(400, self.error(400))
        shown = {post.id for post in self.visible}
        rows = [self._statistics(urn) for urn in wanted[1].split(",") if urn in shown]
        return Reply(200, {"elements": rows, "paging": {"start": 0, "count": 10, "links": []}})

    def _statistics(self, urn: str) -> dict[str, Any]:
        counts = self.counts.get(urn, {})
        names = {"likes": "likeCount", "replies": "commentCount", "shares": "shareCount", "views": "impressionCount"}
        total = {name: counts.get(ours, 0) for ours, name in names.items()} | {"clickCount": 0, "engagement": 0.0}
        return {"organizationalEntity": self.author, "share": urn, "totalShareStatistics": total}


def row(post: Post) -> dict[str, Any]:
    """A post as lists show it; hashtags come back as templates."""
    body, at = post.extra["body"], int(post.created_at.timestamp() * 1000)
    shown = {name: body[name] for name in ("author", "visibility", "distribution", "lifecycleState")}
    little = _as_listed(post)
    content = {"content": body["content"]} if "content" in body else {}
    times = {"createdAt": at, "publishedAt": at, "lastModifiedAt": at}
    return {"id": post.id, "commentary": little, **shown, **content, **times}


def _as_listed(post: Post) -> str:
    parts = re.split(r"(#\w+)", post.text)
    tags = {f"#{tag}": f"{{hashtag|\\#|{tag}}}" for tag in post.extra["hashtags"] if tag.isalnum()}
    return "".join(tags.get(part) or "".join(f"\\{c}" if c in RESERVED else c for c in part) for part in parts)


def comment_row(post: Post) -> dict[str, Any]:
    """A comment as LinkedIn shows it."""
    object_, number = post.id.removeprefix("urn:li:comment:(").rstrip(")").split(",")
    made = {"actor": post.account, "time": int(post.created_at.timestamp() * 1000)}
    about = {"id": number, "commentUrn": post.id, "actor": post.account, "object": object_}
    return {**about, "message": {"attributes": [], "text": post.text}, "created": made}


def _page(rows: list[dict[str, Any]], start: int, count: int) -> Reply:
    paging = {"start": start, "count": count, "links": []}
    return Reply(200, {"elements": rows[start : start + count], "paging": paging})


def _plain(little: str) -> str:
    """The text without the backslashes that escape."""
    return re.sub(r"\\(.)", r"\1", little, flags=re.DOTALL)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


if __name__ == "__main__":
    run(LinkedIn)
