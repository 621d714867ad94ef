"""What Facebook is told and answers: the fields of a post, a Page's posts, their numbers, what its key allows.

Makes no changes: it reads, or gives what is to be sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from socrbot.errors import NotSent, Refused, Unauthorised
from socrbot.message import Metrics, Part, Published
from socrbot.networks.wire.graph_errors import GONE

if TYPE_CHECKING:
    from socrbot.networks.wire.graph import Graph

PERMISSIONS = ("pages_manage_posts", "pages_read_engagement")
FOR_COMMENTS = ("pages_manage_engagement", "pages_read_user_content")

_FIELDS = "id,message,created_time,permalink_url,attachments{media_type,subattachments{media_type}}"
_COMMENT_FIELDS = "id,message,created_time,permalink_url,from,attachment{type}"
_SUMS = "likes.summary(true).limit(0),comments.summary(true).limit(0)"
_MOST_PAGES = 20
_OWN = frozenset({"access_token", "appsecret_proof"})
_NO_COMMENTS = "A post in several parts needs comments, and for these the key lacks {}."
# A Page's post by the number that we got when it was made; the addresses that Facebook shows have others.
ADDRESS = re.compile(r"https?://[\w.]*facebook\.com/(\d+_\d+)/?(?:[?#].*)?")
_NOTE = "The access ends on that day unless the person who gave it opens the app again before."


@dataclass(frozen=True, slots=True)
class Rights:
    """What a Page's key allows, and until when (aware UTC; None: no known end). Empty where nobody was asked."""

    can: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    expires_at: datetime | None = None
    note: str | None = None

    @classmethod
    def read(cls, answer: Mapping[str, Any], *, page: str) -> Self:
        """From an answer of `debug_token`. Raises Unauthorised where the key is dead."""
        data = answer.get("data")
        if not isinstance(data, dict) or data.get("is_valid") is not True:
            raise Unauthorised("Facebook no longer takes this Page's key. Make a new one: socrbot connect facebook.")
        granted = set(data.get("scopes") or ())
        for scope in data.get("granular_scopes") or ():
            targets = scope.get("target_ids")
            if targets and page not in map(str, targets):
                granted.discard(scope.get("scope"))
        key_ends, data_ends = _instant(data.get("expires_at")), _instant(data.get("data_access_expires_at"))
        ends = min((end for end in (key_ends, data_ends) if end), default=None)
        missing = [name for name in FOR_COMMENTS if name not in granted]
        notes = [_NOTE] if ends is not None and ends == data_ends else []
        notes += [_NO_COMMENTS.format(" and ".join(missing))] if missing else []
        return cls(
            can=tuple(name for name in (*PERMISSIONS, *FOR_COMMENTS) if name in granted),
            lacks=tuple(name for name in PERMISSIONS if name not in granted),
            expires_at=ends,
            note=" ".join(notes) or None,
        )


def post_form(part: Part, photos: Sequence[str]) -> dict[str, str]:
    """The fields of a post; `photos` are the numbers of its uploads."""
    form = {"message": part.text} | ({"link": part.link} if part.link else {})
    return form | {f"attached_media[{index}]": json.dumps({"media_fbid": photo}) for index, photo in enumerate(photos)}


def comment_form(part: Part, photos: Sequence[str]) -> dict[str, str]:
    """The fields of a comment: it has none for a link, which goes into the words, and one for a picture."""
    if len(photos) > 1:
        raise Refused("A comment on Facebook shows one picture at most. Put the pictures into the first part.")
    link = part.link if part.link and part.link not in part.text else ""
    form = {"message": "\n".join(filter(None, (part.text, link)))}
    return form | ({"attachment_id": photos[0]} if photos else {})


def posts_since(graph: Graph, page: str, since: datetime, *, below: str | None = None) -> tuple[list[Published], bool]:
    """The Page's posts since then, newest first, and whether that is all of them; its comments, `below` a post.

    Meta may rank the list, so reading goes on until a whole page of it is older. Raises NotSent where the list
    cannot be read. Other people's comments are left out; `extra["author"]` is empty where Facebook does not say
    who wrote one.
    """
    if below is None:
        return _listed(graph, (page, "published_posts"), {"fields": _FIELDS, "limit": "25"}, since, read=_published)
    asked = {"fields": _COMMENT_FIELDS, "limit": "25", "order": "reverse_chronological", "filter": "toplevel"}
    comments, complete = _listed(graph, (below, "comments"), asked, since, read=_comment)
    return [comment for comment in comments if comment.extra["author"] in ("", page)], complete


def not_ours(post: Published) -> str | None:
    """Why a comment may be another's, as the end of a sentence; None for the Page's own and for posts."""
    return None if post.extra.get("author", "Page") else "it may be somebody else's"


def _listed(
    graph: Graph,
    place: tuple[str, str],
    asked: Mapping[str, str],
    since: datetime,
    *,
    read: Callable[[Mapping[str, Any]], Published],
) -> tuple[list[Published], bool]:
    found: list[Published] = []
    args, complete = dict(asked), False
    for _ in range(_MOST_PAGES):
        answer = graph.get_connections(*place, **args)
        try:
            posts = [read(item) for item in answer["data"]]
            args = _next(answer)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise NotSent("Facebook's list of the Page's posts could not be read.") from None
        found += [post for post in posts if post.created_at >= since]
        complete = not args or (bool(posts) and all(post.created_at < since for post in posts))
        if complete:
            break
    return sorted(found, key=lambda post: post.created_at, reverse=True), complete


def numbers(graph: Graph, ids: Sequence[str], *, comments: bool) -> dict[str, Metrics]:
    """How people took these posts (or comments, which nobody can share); those that are gone are left out.

    One call for all of them; where one of them is gone, Facebook refuses the whole question, and each is asked for.
    """
    fields = _SUMS if comments else f"shares,{_SUMS}"
    try:
        answer = graph.get_objects(list(ids), fields=fields)
    except Refused as refused:
        if refused.code not in GONE:
            raise
        return (
            {} if len(ids) == 1 else {k: v for one in ids for k, v in numbers(graph, [one], comments=comments).items()}
        )
    try:
        return {name: _numbers(answer[name], shared=not comments) for name in ids if name in answer}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise NotSent("Facebook's numbers of the Page's posts could not be read.") from None


def _numbers(item: Mapping[str, Any], *, shared: bool) -> Metrics:
    likes, comments = (int(item[name]["summary"]["total_count"]) for name in ("likes", "comments"))
    # A post that nobody shared has no such field.
    return Metrics(likes, comments, int(item.get("shares", {}).get("count", 0)) if shared else None)


def _published(item: Mapping[str, Any]) -> Published:
    return Published(
        id=str(item["id"]),
        text=item.get("message") or "",
        created_at=_created(item),
        url=item.get("permalink_url"),
        media_count=_pictures(item),
    )


def _comment(item: Mapping[str, Any]) -> Published:
    return Published(
        id=str(item["id"]),
        text=item.get("message") or "",
        created_at=_created(item),
        url=item.get("permalink_url"),
        media_count=int((item.get("attachment") or {}).get("type") == "photo"),
        extra={"author": str((item.get("from") or {}).get("id") or "")},
    )


def _created(item: Mapping[str, Any]) -> datetime:
    created = datetime.fromisoformat(item["created_time"])
    if created.tzinfo is None:
        raise ValueError(created)
    return created.astimezone(UTC)


def _pictures(item: Mapping[str, Any]) -> int:
    """How many pictures a post shows: one that stands alone, or those of an album. The card of a link is none."""
    count = 0
    for attachment in item.get("attachments", {}).get("data", ()):
        inside = attachment.get("subattachments", {}).get("data")
        kinds = [part.get("media_type") for part in (inside or [attachment])]
        count += sum(kind in ("photo", "video") for kind in kinds)
    return count


def _next(answer: Mapping[str, Any]) -> dict[str, str]:
    """The fields that ask for the next page; none after the last. Its address comes with our key, which stays out."""
    address = (answer.get("paging") or {}).get("next") or ""
    return {name: value for name, value in parse_qsl(urlsplit(address).query) if name not in _OWN}


def _instant(seconds: Any) -> datetime | None:
    """An instant from seconds since 1970; None for 0, which means that there is no end."""
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and seconds > 0 else None
