"""Reads what Mastodon servers answer: posts, and their text out of its HTML. Makes no call.

How a server writes a text as HTML: https://docs.joinmastodon.org/spec/activitypub/#sanitization. Links come as
pieces of which some are hidden, names without their host. Other software cuts links short in what is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any

from socrbot.errors import OutcomeUnknown
from socrbot.message import Metrics, Published, Receipt
from socrbot.networks.shared import evidence
from socrbot.text.mastodon import without_hosts

_BLOCKS = frozenset({"p", "div", "ul", "ol", "li", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
_LINES = re.compile(r"\n{3,}")


def receipt_of(answer: Mapping[str, Any]) -> Receipt:
    """The receipt for a post that was just made. Raises OutcomeUnknown where the answer is no post."""
    if "content" not in answer and "scheduled_at" in answer:
        raise OutcomeUnknown("Mastodon says that it will publish the post later, which nobody asked for.")
    post, url = answer.get("id"), answer.get("url") or answer.get("uri")
    if not isinstance(post, str | int) or not str(post) or "content" not in answer:
        raise OutcomeUnknown("Mastodon's answer could not be read.")
    return Receipt(id=str(post), url=url if isinstance(url, str) else None)


def published(item: Any) -> Published | None:
    """A post of the list as it was written; None for a boost of another one. Raises OutcomeUnknown where unreadable."""
    try:
        if item.get("reblog"):
            return None
        created = datetime.fromisoformat(item["created_at"])
        url = item.get("url") or item.get("uri")
        return Published(
            id=str(item["id"]),
            text=plain(item["content"], _names(item)),
            created_at=created.replace(tzinfo=created.tzinfo or UTC).astimezone(UTC),
            url=url if isinstance(url, str) else None,
            media_count=len(item.get("media_attachments") or ()),
            extra=MappingProxyType({"reply_to": str(item.get("in_reply_to_id") or "")}),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise OutcomeUnknown("Mastodon's list of the account's posts could not be read.") from None


def metrics_of(post: Mapping[str, Any]) -> Metrics:
    """How people took a post."""
    likes, replies, shares = (post.get(f"{name}_count") for name in ("favourites", "replies", "reblogs"))
    return Metrics(likes=_count(likes), replies=_count(replies), shares=_count(shares))


def same_words(shown: str, sent: str) -> bool:
    """Whether a post has the words that were sent; links, spaces and hosts behind names are left out of it."""
    return evidence.same_words(without_hosts(shown), without_hosts(sent))


def difference(post: Published, sent: str, *, reply_to: str) -> str | None:
    """How a post with the same words is another one, as the end of a sentence; None where it is the same."""
    if _compact(post.text) != _compact(sent):
        return "its links are not the same"
    if post.extra.get("reply_to", "") != reply_to:
        return "it stands in another place of a thread"
    return None


def plain(html: str, names: Mapping[str, str] | None = None) -> str:
    """The text that was written, from the HTML that a server made of it.

    `names` gives by a person's address ("https://example.org/@somebody") how that name is written in full.
    """
    reader = _Reader(names or {})
    reader.feed(html)
    reader.close()
    return _LINES.sub("\n\n", "".join(reader.pieces)).strip()


class _Reader(HTMLParser):
    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._names = names
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.pieces.append("\n")
        elif tag in _BLOCKS and self.pieces:
            self.pieces.append("\n\n")
        elif tag == "a":
            self._link = (dict(attrs).get("href") or "", len(self.pieces))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            href, start = self._link
            self.pieces[start:] = [self._written("".join(self.pieces[start:]), href)]
            self._link = None

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def _written(self, shown: str, href: str) -> str:
        """What stood there before the server made a link of it. Its hidden pieces belong to it."""
        if shown.startswith("@"):
            return self._names.get(href, shown)
        whole = shown.startswith(("#", "http://", "https://")) and not shown.endswith("…")
        return shown if whole or not href.startswith("http") else href


def _names(item: Mapping[str, Any]) -> dict[str, str]:
    """How the names in a post are written in full, by the addresses of the people."""
    people = item.get("mentions") or ()
    return {str(one["url"]): f"@{one['acct']}" for one in people if one.get("url") and one.get("acct")}


def _compact(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", without_hosts(text)).split())


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
