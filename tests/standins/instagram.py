"""Instagram's publishing as far as socrbot needs it: containers, posts, comments, counts, keys.

Every request is held to Meta's own lists of parameters and fields where they are at hand. Runs by itself too:
`python -m tests.standins.instagram --port 8000 --record published.jsonl`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tests.standins.command import run
from tests.standins.containers import (
    PROTOCOL,
    Container,
    ContainerStandin,
    fault,
    fits,
    vendor_fields,
    vendor_parameters,
)
from tests.standins.exchange import Post, Reply, Request
from tests.standins.server import route

USER = "17841400000000001"
TOKEN = "IGQVtokenfortestsonly0123456789"
PAGE_TOKEN = "EAAGpagetokenofinstagramfortests0123456789"
NAME = "ourcampaign"


class Instagram(ContainerStandin):
    """One professional account.

    by_page          whether the key came through a Facebook Page: then posts can be deleted
    shows_captions   whether lists tell the words of posts
    tells_authors    whether lists tell who wrote a comment
    shows_insights   whether the key may read insights
    hashtags         how many hashtags a caption may have
    """

    name: ClassVar[str] = "instagram"
    user = USER
    token = TOKEN
    status = "status_code"
    reason = "status"
    photo_types: ClassVar[Mapping[str, str]] = {"image/jpeg": "JPEG"}
    ratio = (0.8, 1.91)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.by_page = False
        self.shows_captions = True
        self.tells_authors = True
        self.shows_insights = True
        self.hashtags = 5
        self.keys[PAGE_TOKEN] = self.keys[TOKEN]

    def env(self, **more: str) -> dict[str, str]:
        """The variables of an account that speaks to this stand-in."""
        token = PAGE_TOKEN if self.by_page else TOKEN
        return {"IG_USER_ID": USER, "IG_ACCESS_TOKEN": token, "IG_GRAPH_BASE": self.base, **more}

    def guard(self, request: Request) -> Reply | None:
        if not re.match(r"/(v\d+\.\d|refresh_access_token$)", request.path):
            self.violations.append(f"no version in the path: {request.path}")
        no = super().guard(request)
        if no is None and request.fields()["access_token"].startswith("EAAG") != self.by_page:
            return Reply(400, fault(190, "Invalid OAuth access token - Cannot parse access token"))
        return no

    # Who one is.

    @route("GET", "/{version}/me")
    def me(self, request: Request, version: str) -> Reply:
        return Reply(200, {"user_id": USER, "username": NAME, "id": "9900000000000001"})

    @route("GET", "/refresh_access_token")
    def refresh(self, request: Request) -> Reply:
        return self.renewed(request, "ig_refresh_token")

    # Publishing.

    @route("POST", "/{version}/{user}/media")
    def create(self, request: Request, version: str, user: str) -> Reply:
        return self.make(request, user)

    @route("POST", "/{version}/{user}/media_publish")
    def publish_container(self, request: Request, version: str, user: str) -> Reply:
        container = self.containers.get(request.fields().get("creation_id", ""))
        if container is not None and container.children:
            self._same_shape(container)
        return self.go(request, user, {"text": container.fields.get("caption", "") if container else ""})

    @route("GET", "/{version}/{user}/content_publishing_limit")
    def limit(self, request: Request, version: str, user: str) -> Reply:
        config = {"quota_total": self.quota, "quota_duration": 86_400}
        return Reply(200, {"data": [{"config": config, "quota_usage": self.used_up()}]})

    def refused(self, fields: Mapping[str, str], children: Sequence[Container]) -> dict[str, Any] | None:
        caption, kind, alt = fields.get("caption", ""), fields.get("media_type", "IMAGE"), fields.get("alt_text")
        child = fields.get("is_carousel_item") == "true"
        wants = {"IMAGE": "image_url", "REELS": "video_url", "VIDEO": "video_url", "CAROUSEL": "children"}.get(kind)
        if wants is None or wants not in fields or (kind == "VIDEO" and not child):
            return fault(100, "Only photo or video can be accepted as media type.", subcode=2207023)
        if kind == "CAROUSEL" and not 2 <= len(children) <= 10:
            return fault(100, "The number of carousel items is wrong", subcode=2207028)
        if len(caption) > 2_200:
            return fault(36004, "The caption was too long", subcode=2207010)
        if (
            len(re.findall(r"(?<![\w/&])#\w+", caption)) > self.hashtags
            or len(re.findall(r"(?<!\w)@\w+", caption)) > 20
        ):
            return fault(100, "The caption has too many tags", subcode=2207040)
        if (child and caption) or (alt is not None and (kind != "IMAGE" or not 0 < len(alt) <= 1_000)):
            return fault(100, "Invalid parameter: caption or alt_text")
        return None

    def _same_shape(self, container: Container) -> None:
        """Instagram would cut pictures to the shape of the first: none may need it."""
        import io

        from PIL import Image

        shapes = [Image.open(io.BytesIO(item.data)).size for item in container.media or () if "image" in item.mime]
        ratios = [width / height for width, height in shapes]
        if ratios and max(ratios) - min(ratios) > 0.02 * ratios[0]:
            self.violations.append(f"pictures of several shapes in a carousel: {shapes}")

    # Comments, lists, objects.

    @route("GET", "/{version}/{user}/media")
    def media(self, request: Request, version: str, user: str) -> Reply:
        return self.listed(request, [post for post in self.visible if post.reply_to is None])

    @route("POST", "/{version}/{post}/comments")
    def comment(self, request: Request, version: str, post: str) -> Reply:
        text, root = request.fields().get("message", ""), self.find(post)
        if root is None or root.reply_to is not None:
            return Reply(400, self.missing(post))
        if not 0 < len(text) <= 2_200:
            return Reply(400, fault(100, "Invalid parameter: message"))
        made = Post(str(17_800_000_000_000_000 + next(self._ids)), text, self.now(), reply_to=post, account=USER)
        return Reply(200, {"id": self.publish(made).id})

    @route("GET", "/{version}/{post}/comments")
    def comments(self, request: Request, version: str, post: str) -> Reply:
        if self.find(post) is None:
            return Reply(400, self.missing(post))
        return self.listed(request, [known for known in self.visible if known.reply_to == post])

    @route("GET", "/{version}/{post}/insights")
    def insights_of(self, request: Request, version: str, post: str) -> Reply:
        if not self.shows_insights:
            return Reply(403, fault(10, "(#10) Application does not have permission for this action"))
        counted = self.counts.get(post, {})
        return self.insights(post, {"shares": counted.get("shares"), "views": counted.get("views")}, request)

    @route("GET", "/{version}/{thing}")
    def read(self, request: Request, version: str, thing: str) -> Reply:
        wanted = request.query.get("fields", "id")
        if thing in self.containers:
            self._listed_fields("ShadowIGMediaBuilder", wanted)
            return self.look(self.containers[thing], wanted)
        if thing == USER:
            return Reply(200, {"id": USER, "username": NAME})
        post = self.find(thing)
        if post is None:
            return Reply(400, self.missing(thing))
        self._listed_fields("IGMedia", wanted)
        counted = self.counts.get(thing, {})
        known = self.line(post) | {"like_count": counted.get("likes", 0), "comments_count": counted.get("replies", 0)}
        return Reply(200, {name: known[name] for name in ["id", *wanted.split(",")] if name in known})

    @route("DELETE", "/{version}/{thing}")
    def delete(self, request: Request, version: str, thing: str) -> Reply:
        post = self.find(thing)
        if not self.by_page and post is not None and post.reply_to is None:
            return Reply(400, fault(100, "Unsupported delete request"))
        return self.erased(thing)

    def line(self, post: Post) -> dict[str, Any]:
        words = "caption" if post.reply_to is None else "text"
        shown = {words: post.text} if post.text and (self.shows_captions or post.reply_to) else {}
        if post.reply_to is not None and self.tells_authors:
            shown["username"] = NAME if post.account == USER else post.account
        return super().line(post) | shown

    def permalink(self, post: Post) -> str:
        return f"https://www.instagram.com/p/{post.id}/"

    # Meta's own lists.

    def check(self, request: Request, reply: Reply) -> None:
        edge = re.fullmatch(
            r"/v[\d.]+/\d+/(media|media_publish|content_publishing_limit|comments|insights)", request.path
        )
        if edge is None:
            return
        known = {**vendor_parameters("IGUser"), ("GET", "comments"): {}}
        if edge[1] in ("comments", "insights"):
            known = dict(vendor_parameters("IGMedia"))
        parameters = known.get((request.method, edge[1]))
        if parameters is None:
            if vendor_parameters("IGUser"):
                self.violations.append(f"no such edge: {request.method} {edge[1]}")
            return
        for name, value in request.fields().items():
            kind = parameters.get(name)
            if name not in PROTOCOL and (kind is None or not fits(value, kind)):
                self.violations.append(f"{request.method} {edge[1]}: {name}={value!r} is not {kind or 'known'}")

    def _listed_fields(self, name: str, wanted: str) -> None:
        unknown = set(wanted.split(",")) - vendor_fields(name)
        if unknown and vendor_fields(name):
            self.violations.append(f"{name} has no field {sorted(unknown)}")


if __name__ == "__main__":
    run(Instagram)
