"""Reads the posts of an Instagram or Threads account, and what they prove of a lost one. Makes no changes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from socrbot.errors import NotSent
from socrbot.message import Absent, CannotTell, Finding, Found, Published, Receipt
from socrbot.networks.shared.evidence import compare, other_links

if TYPE_CHECKING:
    from socrbot.networks.wire.graph import Graph

_MOST_PAGES = 20
_OWN = frozenset({"access_token", "appsecret_proof"})
_WORDLESS = "wordless"
_MEDIA = frozenset({"IMAGE", "VIDEO"})


@dataclass(frozen=True, slots=True)
class Posts:
    """How an account's posts are asked for: the edge that lists them, and the field that holds a post's words.

    `author` is the field that names who wrote one, where others write there too; empty where nobody else does.
    """

    network: str
    edge: str
    text: str
    author: str = ""

    def since(
        self, graph: Graph, owner: str, since: datetime, *, edge: str | None = None, media: bool = True
    ) -> tuple[list[Published], bool]:
        """The posts since then, newest first, and whether that is all of them.

        `edge` names another list, `media` is False for one of comments. Raises NotSent where it cannot be read.
        """
        fields = f"id,{self.text},timestamp" + (",permalink,media_type,children{id}" if media else "")
        fields += f",{self.author}" if self.author else ""
        args = {"fields": fields, "limit": "25"}
        found: list[Published] = []
        complete = False
        for _ in range(_MOST_PAGES):
            answer = graph.get_connections(owner, edge or self.edge, **args)
            try:
                posts = [self._published(item) for item in answer["data"]]
                args = _next(answer)
            except (KeyError, TypeError, ValueError, AttributeError):
                raise NotSent(f"{self.network}'s list of the account's posts could not be read.") from None
            found += [post for post in posts if post.created_at >= since]
            complete = not args or (bool(posts) and all(post.created_at < since for post in posts))
            if complete:
                break
        return sorted(found, key=lambda post: post.created_at, reverse=True), complete

    def _published(self, item: Mapping[str, Any]) -> Published:
        created = datetime.fromisoformat(item["timestamp"])
        if created.tzinfo is None:
            raise ValueError(created)
        return Published(
            id=str(item["id"]),
            text=item.get(self.text) or "",
            created_at=created.astimezone(UTC),
            url=item.get("permalink"),
            media_count=_media(item),
            extra=({} if self.text in item else {_WORDLESS: "yes"})
            | ({"author": str(item.get(self.author) or "")} if self.author else {}),
        )


def by_list(listed: tuple[list[Published], bool], text: str, media: int, network: str) -> Finding:
    """What a list of posts (and whether it is complete) proves of one with these words and as many pictures.

    The same words with other addresses, or of nobody knows whom, are left to a person. Posts whose
    words are not shown (Instagram keeps them back from some kinds of access) prove nothing.
    """
    posts, complete = listed
    mute = [post for post in posts if _WORDLESS in post.extra and post.media_count == media]
    finding: Finding = Absent("")

    def differs(post: Published) -> str | None:
        anybody = not post.extra.get("author", "the account")
        return "it may be somebody else's" if anybody else other_links(post.text, text)

    if text.strip():
        finding = compare(text, media, posts, complete=complete, where=network, receipt=receipt, differs=differs)
        if isinstance(finding, Found):
            return finding
    if mute:
        return CannotTell(f"{network} shows a post of that time without its words. Is it this one? {mute[0].url or ''}")
    if not text.strip():
        return _without_words(posts, media, complete=complete, network=network)
    return finding


def _without_words(posts: list[Published], media: int, *, complete: bool, network: str) -> Finding:
    if not complete:
        return CannotTell(f"{network} did not show all posts since then.")
    if any(not post.text.strip() and post.media_count == media for post in posts):
        return CannotTell(f"{network} shows a post without words of that time; it cannot be told whether it is this.")
    return Absent(f"{network} does not show it among the {len(posts)} posts since then.")


def receipt(post: Published) -> Receipt:
    """The receipt of a post that was found."""
    return Receipt(id=post.id, url=post.url)


def insights(answer: Mapping[str, Any]) -> dict[str, int]:
    """Each count of an answer of Meta's insights by its name; what cannot be read is left out."""
    found: dict[str, int] = {}
    for line in answer.get("data") or ():
        with suppress(KeyError, IndexError, TypeError, ValueError):
            found[str(line["name"])] = int(line["values"][0]["value"])
    return found


def _media(item: Mapping[str, Any]) -> int:
    """How many pictures and videos a post has."""
    inside = item.get("children", {}).get("data")
    return len(inside) if inside else int(item.get("media_type") in _MEDIA)


def _next(answer: Mapping[str, Any]) -> dict[str, str]:
    """The fields that ask for the next page; none after the last. Its address comes with our key, which stays out."""
    address = (answer.get("paging") or {}).get("next") or ""
    return {name: value for name, value in parse_qsl(urlsplit(address).query) if name not in _OWN}
