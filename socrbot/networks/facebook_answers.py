"""Reads Facebook's answers: a Page's posts, and what a Page's key allows. Makes no changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from socrbot.errors import NotSent, Unauthorised
from socrbot.message import Published
from socrbot.text import normalise

if TYPE_CHECKING:
    from socrbot.networks.wire.graph import Graph

PERMISSIONS = ("pages_manage_posts", "pages_read_engagement")

_FIELDS = "id,message,created_time,permalink_url,attachments{media_type,subattachments{media_type}}"
_MOST_PAGES = 20
_OWN = frozenset({"access_token", "appsecret_proof"})
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
        return cls(
            can=tuple(name for name in PERMISSIONS if name in granted),
            lacks=tuple(name for name in PERMISSIONS if name not in granted),
            expires_at=ends,
            note=_NOTE if ends is not None and ends == data_ends else None,
        )


def posts_since(graph: Graph, page: str, since: datetime) -> tuple[list[Published], bool]:
    """The Page's posts since then, newest first, and whether that is all of them.

    Meta may rank the list, so reading goes on until a whole page of it is older. Raises NotSent where the list
    cannot be read.
    """
    found: list[Published] = []
    args = {"fields": _FIELDS, "limit": "25"}
    complete = False
    for _ in range(_MOST_PAGES):
        answer = graph.get_connections(page, "published_posts", **args)
        try:
            posts = [_published(item) for item in answer["data"]]
            args = _next(answer)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise NotSent("Facebook's list of the Page's posts could not be read.") from None
        found += [post for post in posts if post.created_at >= since]
        complete = not args or (bool(posts) and all(post.created_at < since for post in posts))
        if complete:
            break
    return sorted(found, key=lambda post: post.created_at, reverse=True), complete


def same_words(shown: str, sent: str) -> bool:
    """Whether a post's words as Facebook shows them are those that were sent."""
    one, other = normalise(shown), normalise(sent)
    return one == other if one or other else shown.strip() == sent.strip()


def _published(item: Mapping[str, Any]) -> Published:
    created = datetime.fromisoformat(item["created_time"])
    if created.tzinfo is None:
        raise ValueError(created)
    return Published(
        id=str(item["id"]),
        text=item.get("message") or "",
        created_at=created.astimezone(UTC),
        url=item.get("permalink_url"),
        media_count=_pictures(item),
    )


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
