"""How Instagram is spoken to: what goes into a container, comments, and how people took a post.

Not here: how containers live (`containers.py`), and what a post on Instagram is (`networks/instagram.py`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from socrbot.errors import NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Attachment, Finding, Found, Metrics, Part, Receipt
from socrbot.networks.base import Steps
from socrbot.networks.wire.container_posts import Posts, by_list, insights
from socrbot.networks.wire.containers import GONE, Containers, Flow, Shelf
from socrbot.networks.wire.graph_errors import INSTAGRAM

if TYPE_CHECKING:
    from socrbot.networks.wire.graph import Graph

FLOW = Flow(
    names=INSTAGRAM,
    create="media",
    publish="media_publish",
    status="status_code",
    explains="status",
    quota="content_publishing_limit",
    posts=Posts("Instagram", "media", "caption"),
)
_COMMENTS = Posts("Instagram", "comments", "text", author="username")
_CLOCKS_DIFFER = timedelta(minutes=75)


def form(part: Part, containers: Containers, steps: Steps) -> dict[str, str]:
    """The fields of the container of a part; of several pictures each has a container of its own, which is made first.

    All get the shape of the first picture: Instagram would cut them to that.
    """
    shelf = containers.shelf(steps)
    caption = {"caption": part.text} if part.text else {}
    first, *others = part.media
    if not others:
        return caption | _file(first, shelf)
    children = [
        containers.child((index, item, first), partial(_child, item, first, shelf), steps=steps)
        for index, item in enumerate(part.media)
    ]
    return caption | {"media_type": "CAROUSEL", "children": ",".join(children)}


def _child(item: Attachment, first: Attachment, shelf: Shelf) -> dict[str, str]:
    return _file(item, shelf, like=None if item is first else first) | {"is_carousel_item": "true"}


def _file(item: Attachment, shelf: Shelf, *, like: Attachment | None = None) -> dict[str, str]:
    """The fields of one picture, or of a reel. Only pictures have alt texts."""
    if item.is_video:
        return {"media_type": "REELS", "video_url": shelf.show(item)}
    return {"image_url": shelf.show(item, like=like)} | ({"alt_text": item.alt} if item.alt else {})


def write_comment(graph: Graph, text: str, below: Receipt | None) -> Receipt:
    """Writes a comment below the first post of those that `below` belongs to: one call."""
    if below is None:
        raise Refused("A comment needs a post below which it stands.")
    root = _root(below)
    comment = graph.put_object(root, "comments", message=text).get("id")
    if not comment:
        raise OutcomeUnknown("Instagram answered without the number of the comment.")
    return Receipt(id=str(comment), url=below.url, extra={"root": root})


def find_comment(graph: Graph, text: str, below: Receipt | None, *, since: datetime, me: Mapping[str, Any]) -> Finding:
    """Looks for a comment of ours with these words among those since then; `me` is the account as Instagram has it.

    Raises NetworkError where that cannot be read.
    """
    name = me.get("username")
    if not name:
        raise NotSent("Instagram did not say what the account is called, so nobody knows which comments are its own.")
    root = _root(below) if below is not None else ""
    posts, complete = _COMMENTS.since(graph, root, since - _CLOCKS_DIFFER, media=False)
    own = [post for post in posts if post.extra["author"] in ("", name)]
    found = by_list((own, complete), text, 0, "Instagram")
    if isinstance(found, Found) and below is not None:
        return replace(found, receipt=Receipt(found.receipt.id, below.url, {"root": root}))
    return found


def _root(receipt: Receipt) -> str:
    """The post below which a comment stands."""
    return receipt.extra.get("root", receipt.id)


def counts(graph: Graph, post: str) -> Metrics | None:
    """Likes and comments, and shares and views where the access may read them; None for a post that is gone."""
    try:
        plain = graph.get_object(post, fields="like_count,comments_count")
    except Refused as refused:
        if refused.code not in GONE:
            raise
        return None
    more: dict[str, int] = {}
    with contextlib.suppress(Refused, Unauthorised):
        more = insights(graph.get_connections(post, "insights", metric="shares,views"))
    return Metrics(plain.get("like_count"), plain.get("comments_count"), more.get("shares"), more.get("views"))
