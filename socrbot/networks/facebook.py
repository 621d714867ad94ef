"""Posts on a Facebook Page: text, link, pictures, and comments below, through facebook-sdk.

Pictures are uploaded unpublished first, so that one call makes the post. Facebook takes no key for a post: after a
lost answer the Page's own posts are read back and compared. Later parts become comments below the first. Not here: the
client and its errors (`wire/graph.py`, `wire/graph_errors.py`), the reading of its answers (`wire/facebook.py`).

Pages: https://developers.facebook.com/docs/pages-api/posts
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from socrbot.errors import NotSent, OutcomeUnknown, Unauthorised
from socrbot.message import (
    Attachment,
    Capabilities,
    Finding,
    Identity,
    Message,
    Metrics,
    Part,
    Published,
    Receipt,
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.shared.evidence import compare, look, nothing_public, other_links
from socrbot.networks.shared.told import own_id
from socrbot.networks.shared.uploads import kept
from socrbot.networks.wire.facebook import ADDRESS, Rights, comment_form, not_ours, numbers, post_form, posts_since
from socrbot.networks.wire.page_photos import PagePhotos
from socrbot.text import utf16_units

if TYPE_CHECKING:
    from socrbot.networks.wire.graph import Graph

# Facebook does not say in what it counts; this is the stricter reading.
CAPABILITIES = Capabilities(
    text_limit=63_206,
    measure=utf16_units,
    max_images=10,
    image_types=("image/jpeg", "image/png", "image/gif"),
    image_bytes=10_000_000,
    link_field=True,
    comments=True,
    metrics=("likes", "replies", "shares"),
    metrics_batch=25,
    # A list that may be ranked, or late, is weak evidence of absence.
    settle=timedelta(minutes=5),
    looks=2,
    settle_why="A Page's list of posts may be ranked or late, so one look that finds nothing proves little.",
    expires=True,
    needs={
        "FB_PAGE_ID": "the Page's number",
        "FB_PAGE_ACCESS_TOKEN": "the Page's access token, made by a person who may post on the Page",
    },
    optional={
        "FB_APP_ID": "the app's number; with the app's secret socrbot can tell when the access ends",
        "FB_APP_SECRET": "the app's secret",
        "FB_GRAPH_VERSION": "the version of Facebook's interface, v25.0 where it is not set",
        "FB_GRAPH_BASE": "another address than Facebook's, for tests",
    },
    docs="https://developers.facebook.com/docs/pages-api/posts",
)

# Facebook removes a picture that no post uses after about a day.
_PHOTO_LIVES = timedelta(hours=20)
# A post's time is Facebook's, the start of a try is ours: ours may be an hour before theirs.
_CLOCKS_DIFFER = timedelta(minutes=75)


class Facebook:
    """One Facebook Page."""

    name = "facebook"
    capabilities = CAPABILITIES
    hosting = PagePhotos

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._page = equipment.env.get("FB_PAGE_ID", "")
        self._app = (equipment.env.get("FB_APP_ID", ""), equipment.env.get("FB_APP_SECRET", ""))

    @cached_property
    def _graph(self) -> Graph:
        from socrbot.networks.wire.graph import connect

        return connect(self._equipment)

    def verify(self) -> Identity:
        """The Page whose key we have. With the app's number and secret also what the key allows, and until when."""
        with nothing_public():
            me = self._graph.get_object("me", fields="id,name")
            warning = self._graph.warning()
            told = self._graph.debug_access_token(self._graph.access_token, *self._app) if all(self._app) else None
            rights = Rights() if told is None else Rights.read(told, page=self._page)
        if str(me.get("id")) != self._page:
            wrong = f"the key belongs to {me.get('name')} ({me.get('id')}), but FB_PAGE_ID says {self._page}"
            raise Unauthorised(f"This is not the Page's own key: {wrong}.")
        return Identity(
            id=self._page,
            name=str(me.get("name") or self._page),
            url=f"https://www.facebook.com/{self._page}",
            can=rights.can,
            lacks=rights.lacks,
            expires_at=rights.expires_at,
            note=rights.note or warning,
        )

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        """Uploads the pictures, unpublished. The payload has the form of the publishing call, field by field."""
        with nothing_public():
            photos = [self._photo(picture, index, steps) for index, picture in enumerate(part.media)]
        return {"page": self._page, "form": post_form(part, photos) if part.number == 1 else comment_form(part, photos)}

    def _photo(self, picture: Attachment, index: int, steps: Steps) -> str:
        """The id of the picture, uploaded now or at an earlier try. Each place in a post needs an upload of its own."""
        return kept(steps, picture, lambda: self._upload(picture), kind=f"photo-{index}")

    def _upload(self, picture: Attachment) -> tuple[str, datetime]:
        shown = self._equipment.media(picture)
        form = {"published": "false"} | ({"alt_text_custom": picture.alt} if picture.alt else {})
        file = (shown.name, shown.data, shown.mime)
        photo = self._graph.put_photo(file, f"{self._page}/photos", **form).get("id")
        if not photo:
            raise NotSent("Facebook took a picture and did not say under which number.")
        return str(photo), self._equipment.clock.now() + _PHOTO_LIVES

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:  # noqa: ARG002
        """One POST: to the Page's feed, or for a later part as a comment below the first."""
        form, root = _form(payload), _root(reply_to)
        place = (root, "comments") if root else (payload["page"], "feed")
        post = self._graph.put_object(*place, **form).get("id")
        if not post:
            raise OutcomeUnknown("Facebook answered without the number of the post.")
        return _receipt(str(post), root=root)

    def find(self, intent: Intent) -> Finding:
        """Compares words and number of pictures with the Page's posts, or its comments below the first part."""
        return look(lambda: self._compare(intent))

    def _compare(self, intent: Intent) -> Finding:
        form, root = _form(intent.payload), _root(intent.reply_to)
        since = intent.started_at - _CLOCKS_DIFFER
        with nothing_public():
            posts, complete = posts_since(self._graph, self._page, since, below=root)
        sent = form.get("message", "")
        return compare(
            sent,
            sum(name.startswith("attach") for name in form),
            posts,
            complete=complete,
            where="The Page",
            receipt=lambda post: _receipt(post.id, post.url, root=root),
            differs=lambda post: not_ours(post) or other_links(post.text, sent),
        )

    def recent(self, since: datetime) -> list[Published]:
        """The Page's posts since then, newest first; comments are not among them."""
        with nothing_public():
            return posts_since(self._graph, self._page, since)[0]

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:
        """Likes, comments and shares. How often a post was seen costs a call for each, and is left out."""
        found: dict[str, Metrics] = {}
        for comments in (False, True):
            ids = [receipt.id for receipt in receipts if ("root" in receipt.extra) is comments]
            with nothing_public():
                found |= numbers(self._graph, ids, comments=comments) if ids else {}
        return found

    def delete(self, receipt: Receipt) -> None:
        """Deletes the post or comment; its pictures go with it, and the comments below a post."""
        self._graph.remove(own_id(receipt, ADDRESS))


def _form(payload: Payload) -> dict[str, str]:
    """The fields of the publishing call."""
    form: Any = payload["form"]
    return {str(name): str(value) for name, value in form.items()}


def _root(reply_to: Receipt | None) -> str | None:
    """The post below which a part becomes a comment."""
    return reply_to.extra.get("root", reply_to.id) if reply_to is not None else None


def _receipt(post: str, url: str | None = None, *, root: str | None = None) -> Receipt:
    return Receipt(post, url or f"https://www.facebook.com/{post}", {"root": root} if root else {})
