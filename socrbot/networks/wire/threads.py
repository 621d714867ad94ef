"""How Threads is spoken to: what goes into a container, and how people took a post.

Not here: how containers live (`containers.py`), and what a post on Threads is (`networks/threads.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from socrbot.errors import NetworkError, Refused, Unauthorised
from socrbot.message import Attachment, Metrics, Option, Part
from socrbot.networks.base import Payload, Steps
from socrbot.networks.wire.container_posts import Posts, insights
from socrbot.networks.wire.containers import GONE, Containers, Flow, Shelf
from socrbot.networks.wire.graph_errors import THREADS

if TYPE_CHECKING:
    from socrbot.networks.wire.graph import Graph

FLOW = Flow(
    names=THREADS,
    create="threads",
    publish="threads_publish",
    status="status",
    explains="error_message",
    quota="threads_publishing_limit",
    posts=Posts("Threads", "threads", "text"),
)
REPLIES = "replies"
PERMISSIONS = ("threads_basic", "threads_content_publish", "threads_manage_replies")
_NO_REPLIES = (
    "This access may not answer posts, so Threads takes no post in several parts from it. "
    "Make a new key with the permission threads_manage_replies."
)
_FITS = "A topic on Threads has up to 50 characters, and neither a full stop nor the sign & in it."
TOPIC = Option(
    "the topic under which Threads files the post: up to 50 characters, neither a full stop nor & among them",
    pattern=r"#?[^.&#][^.&]{0,49}",
    fits=_FITS,
)
_TOPIC = re.compile(r"[^.&]{1,50}")


def form(
    part: Part, containers: Containers, steps: Steps, *, topic: str | None = None, reply_to: str | None = None
) -> dict[str, str]:
    """The fields of the container of a part; of several pictures each has a container of its own, which is made first.

    `topic` is what the post is filed under, `reply_to` the number of the post that it answers.
    """
    shelf = containers.shelf(steps)
    about = {"text": part.text} if part.text else {}
    about |= {"topic_tag": topic} if topic else {}
    about |= {"reply_to_id": reply_to} if reply_to else {}
    if not part.media:
        return about | {"media_type": "TEXT"} | ({"link_attachment": part.link} if part.link else {})
    if len(part.media) == 1:
        return about | _file(part.media[0], shelf)
    children = [
        containers.child((index, item), partial(_child, item, shelf), steps=steps)
        for index, item in enumerate(part.media)
    ]
    return about | {"media_type": "CAROUSEL", "children": ",".join(children)}


def topic_of(options: Mapping[str, str]) -> str | None:
    """The topic of a post, without its hash sign; None where it has none. Raises Refused for one that is none."""
    topic = options.get("topic", "").strip().removeprefix("#")
    if topic and not _TOPIC.fullmatch(topic):
        raise Refused(_FITS)
    return topic or None


def counts(graph: Graph, post: str) -> Metrics | None:
    """How people took a post; reposts and quotes are shares. None for a post that is gone."""
    try:
        found = insights(graph.get_connections(post, "insights", metric="views,likes,replies,reposts,quotes"))
    except Refused as refused:
        if refused.code not in GONE:
            raise
        return None
    shares = [found[name] for name in ("reposts", "quotes") if name in found]
    return Metrics(found.get("likes"), found.get("replies"), sum(shares) if shares else None, found.get("views"))


def rights(graph: Graph, token: str) -> tuple[tuple[str, ...], datetime | None]:
    """What a key allows, and when it ends (aware UTC). Empty where Threads does not say."""
    try:
        data = graph.get_object("debug_token", input_token=token, access_token=token)["data"]
        named = tuple(str(scope) for scope in data["scopes"])
        ends = datetime.fromtimestamp(data["expires_at"], UTC) if data.get("expires_at") else None
    except (NetworkError, KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return (), None
    return named, ends


@contextmanager
def allowed() -> Iterator[None]:
    """Around the making of an answer: a permission that only answers need stops this post, not the account."""
    try:
        yield
    except Unauthorised as no:
        if no.code is None or no.code.split("/")[0] != "10":
            raise
        raise Refused(_NO_REPLIES, status=no.status, code=no.code) from None


def part_of(payload: Payload) -> Part:
    """The part of a chain that a payload holds, which became JSON in between."""
    media: Any = payload["media"]
    link = payload.get("link")
    files = [{**kept, "focus": tuple(kept["focus"]) if kept["focus"] is not None else None} for kept in media]
    attachments = tuple(Attachment(**file) for file in files)
    return Part(2, str(payload["text"]), media=attachments, link=str(link) if link else None)


def _child(item: Attachment, shelf: Shelf) -> dict[str, str]:
    return _file(item, shelf) | {"is_carousel_item": "true"}


def _file(item: Attachment, shelf: Shelf) -> dict[str, str]:
    kind = "video" if item.is_video else "image"
    alt = {"alt_text": item.alt} if item.alt else {}
    return {"media_type": kind.upper(), f"{kind}_url": shelf.show(item)} | alt
