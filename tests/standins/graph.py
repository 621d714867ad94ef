"""Meta's Graph API as far as a Facebook Page needs it: pictures, posts, reading back, deleting, and who one is.

Every request is held to Meta's own lists of parameters where they are at hand. Runs by itself too:
`python -m tests.standins.graph --port 8000 --record published.jsonl`.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar

from tests.standins.command import run
from tests.standins.server import Media, Post, Reply, Request, Standin, route
from tests.vendor import VENDOR

PAGE = "104729000000001"
TOKEN = "EAAGpagetokenfortestsonly0123456789"
APP_ID = "7919000000001"
APP_SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
NAME = "Save Our Children's Rights"

# What any call of the Graph API takes besides the parameters of its edge.
PROTOCOL = frozenset({"access_token", "appsecret_proof", "fields", "after", "before", "pretty"})
DUPLICATE = {
    "message": "Duplicate status message",
    "type": "OAuthException",
    "code": 506,
    "error_subcode": 1455006,
    "is_transient": False,
    "error_user_title": "Duplicate Status Update",
    "error_user_msg": (
        "This status update is identical to the last one you posted. "
        "Try posting something different, or delete your previous update."
    ),
    "fbtrace_id": "F4Iffln/NwA",
}


def fault(code: int, message: str, *, subcode: int | None = None, transient: bool | None = None) -> dict[str, Any]:
    """An error body."""
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AtesttraceAB"}
    if subcode is not None:
        error["error_subcode"] = subcode
    if transient is not None:
        error["is_transient"] = transient
    return {"error": error}


class Graph(Standin):
    """One Facebook Page.

    scopes        what the token allows, as debug_token tells it
    expires_at    seconds since 1970 when the token ends, 0 for never; data_access_expires_at the same
    shown_after   how long a new post stays out of the list of published posts
    repeats       how long the same words are refused as a duplicate of the last post
    wants_proof   whether calls without appsecret_proof are refused
    page_size     the most posts that one page of a list holds
    tells_authors whether a list of comments says who wrote them
    forms         in which sizes and where a photo is shown; an address that is not said is made of its number
    usage         the headers with which each answer tells how much of the allowed calls is used
    """

    name: ClassVar[str] = "graph"
    forms: tuple[dict[str, Any], ...] = (
        {"width": 130, "source": "https://scontent.example/small.jpg"},
        {"width": 960, "source": None},
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.token = TOKEN
        self.photos: dict[str, Media] = {}
        self.used: set[str] = set()
        self.scopes = ["pages_show_list", "pages_manage_posts", "pages_read_engagement"]
        self.scopes += ["pages_manage_engagement", "pages_read_user_content"]
        self.tells_authors = True
        self.granular: list[dict[str, Any]] = []
        self.expires_at = 0
        self.data_access_expires_at = 0
        self.shown_after = timedelta(0)
        self.repeats = timedelta(minutes=30)
        self.wants_proof = False
        self.page_size = 100
        self.usage: dict[str, str] = {"X-App-Usage": '{"call_count":1,"total_cputime":0,"total_time":0}'}
        self._ids = itertools.count(1)

    def env(self, **more: str) -> dict[str, str]:
        """The variables of an account that speaks to this stand-in."""
        return {"FB_PAGE_ID": PAGE, "FB_PAGE_ACCESS_TOKEN": TOKEN, "FB_GRAPH_BASE": self.base, **more}

    def error(self, status: int) -> Any:
        if status == 429:
            return fault(4, "(#4) Application request limit reached", transient=True)
        if status == 401:
            return self._dead_token()
        if status == 403:
            return fault(200, "(#200) If posting to a page, requires both pages_read_engagement and pages_manage_posts")
        if status >= 500:
            return fault(2, "An unexpected error has occurred. Please retry your request later.", transient=True)
        return fault(100, "(#100) Invalid parameter")

    def guard(self, request: Request) -> Reply | None:
        if not re.match(r"/v\d+\.\d/", request.path):
            self.violations.append(f"no version in the path: {request.path}")
            return self._no(400, fault(2635, "(#2635) You are calling a deprecated version of the Ads API."))
        fields = request.fields()
        given = fields.get("access_token")
        if request.path.endswith("/debug_token"):
            good = given == f"{APP_ID}|{APP_SECRET}"
            return None if good else self._no(400, fault(190, "Invalid OAuth access token signature.", subcode=None))
        if given is None:
            return self._no(400, fault(104, "An access token is required to request this resource."))
        if given != self.token or self.revoked:
            return self._no(400, self._dead_token())
        return self._check_proof(fields.get("appsecret_proof"))

    def _check_proof(self, proof: str | None) -> Reply | None:
        right = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
        if proof is None and self.wants_proof:
            return self._no(400, fault(100, "API calls from the server require an appsecret_proof argument"))
        if proof is not None and proof != right:
            return self._no(400, fault(100, "Invalid appsecret_proof provided in the API argument"))
        return None

    @staticmethod
    def _dead_token() -> dict[str, Any]:
        message = (
            "Error validating access token: The session has been invalidated because the user changed their password."
        )
        return fault(190, message, subcode=460)

    @staticmethod
    def _no(status: int, body: dict[str, Any]) -> Reply:
        return Reply(status, body)

    def act(self, request: Request) -> Reply:
        reply = super().act(request)
        return Reply(reply.status, reply.body, {**self.usage, **reply.headers})

    # The calls.

    @route("GET", "/{version}/me")
    def me(self, request: Request, version: str) -> Reply:
        return Reply(200, {"name": NAME, "id": PAGE})

    @route("GET", "/{version}/debug_token")
    def debug_token(self, request: Request, version: str) -> Reply:
        alive = request.query.get("input_token") == self.token and not self.revoked
        data: dict[str, Any] = {"app_id": APP_ID, "type": "PAGE", "is_valid": alive, "scopes": self.scopes}
        data |= {"expires_at": self.expires_at, "data_access_expires_at": self.data_access_expires_at}
        data |= {"granular_scopes": self.granular, "profile_id": PAGE}
        return Reply(200, {"data": data})

    @route("POST", "/{version}/{page}/photos")
    def photo(self, request: Request, version: str, page: str) -> Reply:
        source = request.multipart().get("source")
        fields = request.fields()
        if source is None or source.filename is None or not source.data:
            return Reply(400, fault(324, "(#324) Missing or invalid image file"))
        if not source.data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
            return Reply(400, fault(324, "(#324) Missing or invalid image file"))
        photo = str(200_000_000_000_000 + next(self._ids))
        self.photos[photo] = Media(source.data, fields.get("alt_text_custom", ""), source.mime or "")
        if fields.get("published") == "false":
            return Reply(200, {"id": photo})
        post = self._add(fields.get("caption", ""), (photo,), None)
        return Reply(200, {"id": photo, "post_id": post.id})

    @route("POST", "/{version}/{page}/feed")
    def feed(self, request: Request, version: str, page: str) -> Reply:
        fields = request.fields()
        text, link = fields.get("message", ""), fields.get("link")
        attached = [json.loads(value) for name, value in fields.items() if re.fullmatch(r"attached_media\[\d+\]", name)]
        photos = tuple(str(item.get("media_fbid")) for item in attached)
        if page != PAGE:
            return Reply(400, self._missing("post", page))
        if not (text or link or photos):
            return Reply(400, fault(100, "(#100) The status you are trying to publish is blank."))
        last = next((post for post in reversed(self.visible) if post.reply_to is None), None)
        if last and (last.text, last.link) == (text, link) and text and self.now() - last.created_at < self.repeats:
            return Reply(400, {"error": DUPLICATE})
        if len(set(photos)) < len(photos) or any(photo not in self.photos or photo in self.used for photo in photos):
            return Reply(400, fault(100, "(#100) Invalid parameter: attached_media holds a photo that cannot be used"))
        return Reply(200, {"id": self._add(text, photos, link).id})

    @route("GET", "/{version}/{page}/published_posts")
    def published_posts(self, request: Request, version: str, page: str) -> Reply:
        posts = [post for post in self.visible if post.reply_to is None]
        known = [post for post in reversed(posts) if self.now() - post.created_at >= self.shown_after]
        start = int(request.query.get("after", "0"))
        size = min(int(request.query.get("limit", "25")), self.page_size)
        shown = known[start : start + size]
        body: dict[str, Any] = {"data": [self._line(post) for post in shown]}
        if shown:
            body["paging"] = {"cursors": {"before": str(start), "after": str(start + size)}}
        if start + size < len(known):
            fields = f"fields={request.query.get('fields', 'id')}&limit={size}&after={start + size}"
            body["paging"]["next"] = f"https://graph.facebook.com{request.path}?access_token={TOKEN}&{fields}"
        return Reply(200, body)

    @route("POST", "/{version}/{post}/comments")
    def comment(self, request: Request, version: str, post: str) -> Reply:
        fields = request.fields()
        text, photo = fields.get("message", ""), fields.get("attachment_id")
        unknown = fields.keys() - PROTOCOL - {"message", "attachment_id"}
        if unknown:
            self.violations.append(f"POST comments: {sorted(unknown)} is not known")
        if post not in {known.id for known in self.visible if known.reply_to is None}:
            return Reply(400, self._missing("post", post))
        if not (text or photo) or (photo is not None and (photo not in self.photos or photo in self.used)):
            return Reply(400, fault(100, "(#100) Invalid parameter"))
        return Reply(200, {"id": self._add(text, (photo,) if photo else (), None, below=post).id})

    @route("GET", "/{version}/{post}/comments")
    def comments(self, request: Request, version: str, post: str) -> Reply:
        if post not in {known.id for known in self.visible}:
            return Reply(400, self._missing("get", post))
        known = [each for each in reversed(self.visible) if each.reply_to == post]
        return Reply(200, {"data": [self._comment_line(each) for each in known]})

    def _comment_line(self, post: Post) -> dict[str, Any]:
        line = {**self._line(post), "from": {"id": post.account, "name": NAME}}
        line.pop("attachments", None)
        if not self.tells_authors:
            line.pop("from")
        return {**line, **({"attachment": {"type": "photo"}} if post.media else {})}

    @route("GET", "/{version}/")
    def several(self, request: Request, version: str) -> Reply:
        wanted, fields = request.query.get("ids", "").split(","), request.query.get("fields", "")
        there = {post.id: post for post in self.visible}
        gone = [one for one in wanted if one not in there]
        if gone:
            return Reply(404, fault(803, f"(#803) Some of the aliases you requested do not exist: {','.join(gone)}"))
        if "shares" in fields and any(there[one].reply_to for one in wanted):
            return Reply(400, fault(100, "(#100) Tried accessing nonexisting field (shares) on node type (Comment)"))
        return Reply(200, {one: self._told_of(there[one], fields) for one in wanted})

    def _told_of(self, post: Post, fields: str) -> dict[str, Any]:
        counts, line = self.counts.get(post.id, {}), {"id": post.id}
        told: dict[str, Any] = {}
        if counts.get("shares") and "shares" in fields:
            told["shares"] = {"count": counts["shares"]}
        for name, count in (("likes", counts.get("likes", 0)), ("comments", counts.get("replies", 0))):
            if f"{name}.summary(true).limit(0)" in fields:
                told[name] = {"data": [], "summary": {"total_count": count, "can_comment": True}}
        return {**told, **line}

    @route("GET", "/{version}/{post}")
    def zz_read(self, request: Request, version: str, post: str) -> Reply:
        # Routes are tried by name: this one last, as its place has no name of its own.
        if post in self.photos and request.query.get("fields") == "images":
            return Reply(200, {"id": post, "images": self._forms(post)})
        there = post in {known.id for known in self.visible}
        return Reply(200, {"id": post}) if there else Reply(400, self._missing("get", post))

    @route("DELETE", "/{version}/{post}")
    def delete(self, request: Request, version: str, post: str) -> Reply:
        if self.photos.pop(post, None) is not None:
            return Reply(200, {"success": True})
        if post not in {known.id for known in self.visible}:
            return Reply(400, self._missing("delete", post))
        self.deleted |= {post, *(known.id for known in self.visible if known.reply_to == post)}
        return Reply(200, {"success": True})

    def _forms(self, photo: str) -> list[dict[str, Any]]:
        large = f"https://scontent.example/{photo}.jpg?oh=1&oe=2"
        return [form | {"source": form["source"] or large} for form in self.forms]

    @staticmethod
    def _missing(what: str, thing: str) -> dict[str, Any]:
        message = (
            f"Unsupported {what} request. Object with ID '{thing}' does not exist, cannot be loaded due to missing "
            "permissions, or does not support this operation."
        )
        body = fault(100, message, subcode=33)
        body["error"]["type"] = "GraphMethodException"
        return body

    def _add(self, text: str, photos: tuple[str, ...], link: str | None, *, below: str | None = None) -> Post:
        self.used.update(photos)
        media = tuple(self.photos[photo] for photo in photos)
        number = 300_000_000_000_000 + next(self._ids)
        name = f"{below.rpartition('_')[2]}_{number}" if below else f"{PAGE}_{number}"
        return self.publish(Post(name, text, self.now(), media, link, reply_to=below, account=PAGE))

    @staticmethod
    def _line(post: Post) -> dict[str, Any]:
        created: datetime = post.created_at
        line: dict[str, Any] = {"id": post.id, "created_time": f"{created:%Y-%m-%dT%H:%M:%S}+0000"}
        line["permalink_url"] = post.extra.get("permalink_url", f"https://www.facebook.com/{post.id}")
        if post.text:
            line["message"] = post.text
        if len(post.media) > 1:
            inside = {"data": [{"media_type": "photo"} for _ in post.media]}
            line["attachments"] = {"data": [{"media_type": "album", "subattachments": inside}]}
        elif post.media or post.link:
            line["attachments"] = {"data": [{"media_type": "photo" if post.media else "link"}]}
        return line

    # Meta's own lists.

    def check(self, request: Request, reply: Reply) -> None:
        edge = re.fullmatch(r"/v[\d.]+/\d+/(feed|photos|published_posts)", request.path)
        known = page_parameters().get((request.method, edge[1])) if edge else None
        if known is None:
            return
        fields = {**request.query, **request.fields()}
        for name, value in fields.items():
            if name in PROTOCOL:
                continue
            kind = known.get(re.sub(r"\[\d+\]$", "", name))
            if kind is None or not fits(value, kind):
                self.violations.append(
                    f"{request.method} {edge and edge[1]}: {name}={value!r} is not {kind or 'known'}"
                )


@cache
def page_parameters() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """(method, edge) -> parameter -> type, as Meta lists them for a Page; empty where the lists are not at hand."""
    path = VENDOR / "meta" / "Page.json"
    if not path.exists():
        return {}
    apis = json.loads(path.read_text())["apis"]
    return {
        (api["method"], api["endpoint"]): {param["name"]: param["type"] for param in api["params"]}
        for api in apis
        if api.get("endpoint")
    }


def fits(value: str, kind: str) -> bool:
    """Whether a value, as it goes over the line, is of one of Meta's types."""
    if kind == "bool":
        return value in ("true", "false")
    if kind == "unsigned int":
        return value.isdigit()
    if kind == "list<Object>":
        return value.startswith("{") and isinstance(json.loads(value), dict)
    return kind == "string"


if __name__ == "__main__":
    run(Graph)
