"""Posts on an Instagram account: one picture, up to ten, or a reel, with a caption; further parts as comments.

Instagram fetches the files itself, from a public address, into a container that is then published. It is settled by
the container whether a lost post went out. Not here: containers (`wire/containers.py`), what goes into them, comments
and counts (`wire/instagram.py`), the client (`wire/graph.py`).

Pages: https://developers.facebook.com/docs/instagram-platform/content-publishing
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socrbot.errors import OutcomeUnknown, Refused, Unauthorised
from socrbot.message import (
    Capabilities,
    Finding,
    Found,
    Identity,
    Message,
    Metrics,
    Option,
    Part,
    Published,
    Receipt,
    VideoLimits,
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.shared.access import Access
from socrbot.networks.shared.evidence import look, nothing_public
from socrbot.networks.shared.told import own_id
from socrbot.networks.wire.containers import Containers
from socrbot.networks.wire.instagram import FLOW, counts, find_comment, form, write_comment

if TYPE_CHECKING:
    from socrbot.networks.wire.graph import Graph

CAPABILITIES = Capabilities(
    text_limit=2_200,
    measure=len,
    max_hashtags=5,
    max_mentions=20,
    min_media=1,
    max_images=10,
    image_types=("image/jpeg",),
    image_bytes=8_000_000,
    image_width=(320, 1_440),
    image_ratio=(0.8, 1.91),
    video=VideoLimits(max_bytes=300_000_000, seconds=(3.0, 900.0), alt=False),
    public_media=True,
    comments=True,
    deletes=False,
    expires=True,
    renews="where the access was made by Instagram itself",
    metrics=("likes", "replies", "shares", "views"),
    options={
        "login": Option(
            "how the access was made: by Instagram itself, or by the Facebook Page that the account is linked to",
            values=("instagram", "facebook"),
            per_post=False,
        ),
    },
    settle=timedelta(minutes=2),
    looks=2,
    settle_why="Instagram says of what was prepared whether it was published; its lists may be late.",
    needs={
        "IG_USER_ID": "the account's number",
        "IG_ACCESS_TOKEN": "the account's access token; with login: facebook the Page's",
    },
    optional={
        "IG_APP_SECRET": "the app's secret, where the app wants each call signed",
        "IG_GRAPH_VERSION": "the version of Meta's interface, v25.0 where it is not set",
        "IG_GRAPH_BASE": "another address than Instagram's, for tests",
    },
    docs="https://developers.facebook.com/docs/instagram-platform/content-publishing",
)

# A container lives for a day: whatever came of it is not older.
_A_DAY = timedelta(hours=25)


def tailored(capabilities: Capabilities, options: Mapping[str, str], folder: Path | None) -> Capabilities:  # noqa: ARG001
    """With access through a Facebook Page posts can be deleted, and the access has no day on which it ends."""
    by_page = options.get("login") == "facebook"
    return replace(capabilities, deletes=by_page, expires=not by_page)


class Instagram:
    """One professional Instagram account."""

    name = "instagram"

    def __init__(self, equipment: Equipment) -> None:
        self.capabilities = tailored(CAPABILITIES, equipment.options, equipment.folder)
        self._equipment = equipment
        self._by_page = equipment.options.get("login") == "facebook"
        self._user = equipment.env.get("IG_USER_ID", "")
        self._token = equipment.env.get("IG_ACCESS_TOKEN", "")
        renew = None if self._by_page else (lambda token: self._graph.renewed("ig_refresh_token", token))
        self._access = Access(self._token, folder=equipment.folder, clock=equipment.clock, renew=renew)
        self._containers = Containers(equipment, lambda: self._graph, user=self._user, flow=FLOW)

    @cached_property
    def _graph(self) -> Graph:
        from socrbot.networks.wire.graph import INSTAGRAM_ALONE, INSTAGRAM_BY_PAGE, connect

        if self._by_page:
            return connect(self._equipment, INSTAGRAM_BY_PAGE)
        return connect(self._equipment, INSTAGRAM_ALONE, token=self._access.token)

    def verify(self) -> Identity:
        """The account whose key we have; renews the key when that is due."""
        with nothing_public():
            if not self._by_page:
                self._access.look_after()
            me = self._me()
        number, name = str(me.get("id" if self._by_page else "user_id")), str(me.get("username") or self._user)
        if number != self._user:
            raise Unauthorised(f"The key belongs to {name} ({number}), but IG_USER_ID says {self._user}.")
        return Identity(
            id=self._user,
            name=name,
            url=f"https://www.instagram.com/{name}/",
            expires_at=None if self._by_page else self._access.ends_at(),
            note=self._graph.warning() if self._by_page else self._access.trouble() or self._graph.warning(),
        )

    def _me(self) -> Mapping[str, Any]:
        whose = (self._user, "id,username") if self._by_page else ("me", "user_id,username")
        me: Mapping[str, Any] = self._graph.get_object(whose[0], fields=whose[1])
        return me

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        """Has a container made of the pictures and the caption, and waits until it is ready."""
        if part.number > 1:
            if part.media:
                raise Refused("Instagram takes no pictures in a comment.")
            return {"user": self._user, "comment": part.text}
        with nothing_public():
            if not self._by_page:
                self._access.look_after()
            self._containers.check_quota()
            container, out = self._container(part, steps)
        known = {"user": self._user, "container": container, "caption": part.text, "media": len(part.media)}
        return known | ({"out": True} if out else {})

    def _container(self, part: Part, steps: Steps) -> tuple[str, bool]:
        if not part.media:
            raise Refused("Instagram takes no post without a picture or a video.")
        video = any(item.is_video for item in part.media)
        what = (part.text, part.media)
        return self._containers.ready(what, lambda: form(part, self._containers, steps), steps=steps, video=video)

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:  # noqa: ARG002
        """Publishes the container, or writes the comment: one call. A container that is out already is looked up."""
        if "comment" in payload:
            return write_comment(self._graph, str(payload["comment"]), reply_to)
        container = str(payload["container"])
        if payload.get("out"):
            found = self._find(payload, since=self._equipment.clock.now() - _A_DAY)
            if not isinstance(found, Found):
                raise OutcomeUnknown("Instagram says that this post is out already.")
            return found.receipt
        return self._containers.receipt(self._containers.publish(container))

    def find(self, intent: Intent) -> Finding:
        """Asks the container whether it was published; a comment is looked for below its post."""
        # What was out before this try may have gone out with any try since the container was made.
        since = intent.started_at - (_A_DAY if intent.payload.get("out") else timedelta(0))
        return look(lambda: self._find(intent.payload, since=since, reply_to=intent.reply_to))

    def _find(self, payload: Payload, *, since: datetime, reply_to: Receipt | None = None) -> Finding:
        with nothing_public():
            if "comment" in payload:
                return find_comment(self._graph, str(payload["comment"]), reply_to, since=since, me=self._me())
            media = int(str(payload["media"]))
            return self._containers.find(str(payload["container"]), str(payload["caption"]), media, since=since)

    def recent(self, since: datetime) -> list[Published]:
        """The account's posts since then, newest first."""
        with nothing_public():
            return FLOW.posts.since(self._graph, self._user, since)[0]

    def delete(self, receipt: Receipt) -> None:
        """Deletes a post, with access through a Page, or a comment."""
        if not self._by_page and "root" not in receipt.extra:
            raise Refused("Instagram lets a program delete posts only where the access came through a Facebook Page.")
        self._graph.remove(own_id(receipt))

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:
        """Likes and comments; shares and views where the access may read them."""
        with nothing_public():
            counted = {receipt.id: counts(self._graph, receipt.id) for receipt in receipts}
        return {post: found for post, found in counted.items() if found is not None}
