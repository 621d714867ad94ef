"""Posts on Threads: text, pictures, a video, the card of a link, and chains of posts.

Each post is a container that is then published. It is settled by the container whether a lost post went out. Not here:
containers (`wire/containers.py`), what goes into them (`wire/threads.py`), the client (`wire/graph.py`).

Pages: https://developers.facebook.com/docs/threads/posts
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from socrbot.errors import OutcomeUnknown, Refused, Unauthorised
from socrbot.message import (
    Capabilities,
    Finding,
    Found,
    Identity,
    Message,
    Metrics,
    Part,
    Published,
    Receipt,
    VideoLimits,
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.shared.access import Access
from socrbot.networks.shared.evidence import look, nothing_public
from socrbot.networks.shared.told import own_id
from socrbot.networks.wire import threads as wire
from socrbot.networks.wire.containers import Containers
from socrbot.networks.wire.notebook import Notebook
from socrbot.networks.wire.threads import FLOW, PERMISSIONS, REPLIES, allowed, counts, form, part_of, rights, topic_of
from socrbot.text import utf8_bytes

if TYPE_CHECKING:
    from socrbot.networks.wire.graph import Graph

# Threads says that it counts emoji by their bytes; it was seen to count other signs so too.
CAPABILITIES = Capabilities(
    text_limit=500,
    measure=utf8_bytes,
    unit="bytes",
    max_links=5,
    max_images=20,
    image_bytes=8_000_000,
    image_width=(320, 1_440),
    image_ratio=(0.1, 10.0),
    video=VideoLimits(max_bytes=1_000_000_000, seconds=(0.5, 300.0)),
    public_media=True,
    link_field=True,
    threads=True,
    expires=True,
    renews="by itself",
    metrics=("likes", "replies", "shares", "views"),
    options={"topic": wire.TOPIC},
    looks=2,
    settle_why="Threads says of what was prepared whether it was published; its lists may be late.",
    needs={
        "THREADS_USER_ID": "the account's number on Threads",
        "THREADS_ACCESS_TOKEN": "the account's access token",
    },
    optional={
        "THREADS_APP_SECRET": "the app's secret, where the app wants each call signed",
        "THREADS_GRAPH_VERSION": "the version of the interface, v1.0 where it is not set",
        "THREADS_GRAPH_BASE": "another address than Threads' own, for tests",
    },
    docs="https://developers.facebook.com/docs/threads/overview",
)
# A container lives for a day.
_A_DAY = timedelta(hours=25)


class Threads:
    """One account on Threads."""

    name = "threads"
    capabilities = CAPABILITIES

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._user = equipment.env.get("THREADS_USER_ID", "")
        token = equipment.env.get("THREADS_ACCESS_TOKEN", "")
        self._access = Access(token, folder=equipment.folder, clock=equipment.clock, renew=self._renewed)
        self._containers = Containers(equipment, lambda: self._graph, user=self._user, flow=FLOW)

    @cached_property
    def _graph(self) -> Graph:
        from socrbot.networks.wire.graph import THREADS_ALONE, connect

        return connect(self._equipment, THREADS_ALONE, token=self._access.token)

    def _renewed(self, token: str) -> tuple[str, timedelta]:
        return self._graph.renewed("th_refresh_token", token)

    def verify(self) -> Identity:
        """The account whose key we have, and what the key allows where Threads says it; renews it when that is due."""
        with nothing_public():
            self._access.look_after()
            me = self._graph.get_object("me", fields="id,username")
            warning = self._graph.warning()
            may, ends_at = rights(self._graph, self._access.token())
        if ends_at is not None:
            self._access.learn(ends_at)
        number, name = str(me.get("id")), str(me.get("username") or self._user)
        if number != self._user:
            raise Unauthorised(f"The key belongs to {name} ({number}), but THREADS_USER_ID says {self._user}.")
        return Identity(
            id=self._user,
            name=name,
            url=f"https://www.threads.net/@{name}",
            can=tuple(right for right in PERMISSIONS if right in may),
            lacks=tuple(right for right in PERMISSIONS if may and right not in may),
            expires_at=self._access.ends_at(),
            note=self._access.trouble() or warning,
        )

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        """Has a container made, and waits until it is ready. One that answers a post is made when that is known."""
        topic = topic_of(message.options)
        known = {"user": self._user, "text": part.text, "count": len(part.media)}
        with nothing_public():
            self._access.look_after()
            if part.number > 1:
                self._containers.check_quota("reply_quota_usage", "reply_config")
                return known | {"link": part.link, "media": [asdict(item) for item in part.media]}
            self._containers.check_quota()
            container, out = self._container(part, steps, topic=topic)
        return known | {"container": container} | ({"out": True} if out else {})

    def _container(
        self, part: Part, steps: Steps, *, topic: str | None = None, reply_to: str | None = None
    ) -> tuple[str, bool]:
        return self._containers.ready(
            (part.text, part.link, part.media, topic, reply_to),
            lambda: form(part, self._containers, steps, topic=topic, reply_to=reply_to),
            steps=steps,
            video=any(item.is_video for item in part.media),
        )

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:
        """Publishes the container: one call. For an answer the container is made before that, and kept."""
        container, out = payload.get("container"), payload.get("out")
        if container is None:
            if reply_to is None:
                raise Refused("A later part of a chain needs the part before it.")
            container, out = self._reply(payload, key, reply_to)
        if out:
            edge = REPLIES if reply_to else None
            found = self._find(payload, container, since=self._equipment.clock.now() - _A_DAY, edge=edge)
            if not isinstance(found, Found):
                raise OutcomeUnknown("Threads says that this post is out already.")
            return found.receipt
        return self._containers.receipt(self._containers.publish(str(container)))

    def _reply(self, payload: Payload, key: str, reply_to: Receipt) -> tuple[str, bool]:
        notes = Notebook(self._equipment.folder, self._equipment.clock, key=key)
        with nothing_public(), allowed():
            container, out = self._container(part_of(payload), notes, reply_to=reply_to.id)
        notes.keep("container", container)
        return container, out

    def find(self, intent: Intent) -> Finding:
        """Asks the container whether it was published; where its number is lost, looks among the account's posts."""
        notes = Notebook(self._equipment.folder, self._equipment.clock, key=intent.key)
        container = intent.payload.get("container") or notes.get("container")
        edge = REPLIES if intent.reply_to is not None else None
        # What was out before this try may have gone out with any try since the container was made.
        since = intent.started_at - (_A_DAY if intent.payload.get("out") else timedelta(0))
        return look(lambda: self._find(intent.payload, container, since=since, edge=edge))

    def _find(self, payload: Payload, container: object, *, since: datetime, edge: str | None) -> Finding:
        with nothing_public():
            count = int(str(payload["count"]))
            known = str(container) if container else None
            return self._containers.find(known, str(payload["text"]), count, since=since, edge=edge)

    def recent(self, since: datetime) -> list[Published]:
        """The account's posts since then and, where the access may read them, its answers; newest first."""
        with nothing_public():
            posts = FLOW.posts.since(self._graph, self._user, since)[0]
            with suppress(Refused, Unauthorised):
                posts += FLOW.posts.since(self._graph, self._user, since, edge=REPLIES)[0]
        return sorted(posts, key=lambda post: post.created_at, reverse=True)

    def delete(self, receipt: Receipt) -> None:
        """Deletes a post."""
        self._graph.remove(own_id(receipt))

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:
        """Likes, replies, shares and views, by a call for each post."""
        with nothing_public():
            counted = {receipt.id: counts(self._graph, receipt.id) for receipt in receipts}
        return {post: found for post, found in counted.items() if found is not None}
