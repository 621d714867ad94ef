"""Mastodon: posts, threads and media on the account's own server, through Mastodon.py.

Each part has a key of its own, with which most servers make the post once however often they are asked. That is not
trusted alone: the key is forgotten after an hour, and some servers ignore it. After a lost answer the account's own
posts are read back. Not here: requests and errors (`wire/mastodon.py`), a server's limits
(`wire/mastodon_limits.py`), the reading of posts (`wire/mastodon_answers.py`).

Posts: https://docs.joinmastodon.org/methods/statuses/
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from socrbot.errors import NetworkError
from socrbot.message import (
    Capabilities,
    Finding,
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
from socrbot.networks.shared.evidence import compare, look, nothing_public
from socrbot.networks.wire.mastodon_answers import difference, metrics_of, published, receipt_of, same_words
from socrbot.networks.wire.mastodon_limits import Limits
from socrbot.networks.wire.mastodon_requests import Files, fields, form_of
from socrbot.text.mastodon import mastodon_length

if TYPE_CHECKING:
    from socrbot.networks.wire.mastodon import Server

# What Mastodon allows as it comes. Each server may allow more or less, and says so: see `tailored`.
CAPABILITIES = Capabilities(
    text_limit=500,
    measure=mastodon_length,
    max_images=4,
    image_types=("image/jpeg", "image/png", "image/gif", "image/webp"),
    image_bytes=10_000_000,
    image_pixels=16_777_216,
    video=VideoLimits(max_bytes=40_000_000, seconds=(0.1, 3_600.0)),
    alt_limit=1_500,
    threads=True,
    metrics=("likes", "replies", "shares"),
    options=MappingProxyType(
        {
            "visibility": Option(
                "who sees the post: everybody, everybody but not in public lists (unlisted), or followers (private)",
                values=("public", "unlisted", "private"),
            ),
            "content_warning": Option("words that stand for the post until somebody opens it", counted=True),
            "sensitive": Option("hide pictures until somebody opens them", values=("yes", "no")),
        }
    ),
    settle_why="The server's list of the account's posts shows a new one at once, but a slow server may be at work.",
    needs=MappingProxyType(
        {
            "MASTODON_BASE_URL": "the address of the account's server, such as https://mastodon.social",
            "MASTODON_ACCESS_TOKEN": "the access token of an application: Preferences, Development",
        }
    ),
    docs="https://docs.joinmastodon.org/user/posting/",
)

# A post's time is the server's, the start of a try is ours: ours may be an hour before theirs.
_CLOCKS_DIFFER = timedelta(minutes=75)
_MOST_PAGES = 25


def tailored(capabilities: Capabilities, options: Mapping[str, str], folder: Path | None) -> Capabilities:  # noqa: ARG001
    """What the account's server allows, as it said when it was last asked; Mastodon's usual limits before that."""
    limits = Limits.kept(folder)
    return capabilities if limits is None else limits.applied_to(capabilities)


class Mastodon:
    """One account on a Mastodon server, or on one that speaks like it."""

    name = "mastodon"

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._clock = equipment.clock
        self._account: str | None = None
        self.capabilities = tailored(CAPABILITIES, equipment.options, equipment.folder)

    @cached_property
    def _server(self) -> Server:
        from socrbot.networks.wire.mastodon import Server

        return Server(self._equipment)

    @cached_property
    def _files(self) -> Files:
        return Files(self._server, self._equipment)

    def verify(self) -> Identity:
        """The account of the token, and what the token's app lacks. Reads the server's limits afresh."""
        with nothing_public():
            me = self._server.me()
            self._learn()
            lacks = self._server.lacking()
        self._account = str(me["id"])
        name = str(me.get("acct") or me.get("username") or me["id"])
        moved = "The account has moved to another server. Posts here reach few people." if me.get("moved") else None
        return Identity(
            id=self._account,
            name=f"@{name}@{urlsplit(self._server.base).hostname}",
            url=str(me["url"]) if me.get("url") else None,
            can=("post", "read back", "delete"),
            lacks=lacks,
            note=moved,
        )

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        """Uploads the files, and waits a little until the server has finished with them."""
        limits = Limits.kept(self._equipment.folder)
        if limits is None or not limits.is_fresh(self._server.base, self._clock.now()):
            self._learn()
        form = form_of(message, part, self.capabilities)
        if part.media:
            with nothing_public():
                form["media_ids"] = self._files.numbers(part.media, steps)
        return {"form": form}

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:
        """One POST, with a key that is the same for each try of the same part."""
        once = f"socrbot-{hashlib.sha256(key.encode()).hexdigest()[:40]}"
        return receipt_of(self._server.post(fields(payload), key=once, reply_to=reply_to.id if reply_to else None))

    def find(self, intent: Intent) -> Finding:
        """Compares words, links, number of pictures and place with the account's posts since just before the try."""
        return look(lambda: self._find(intent))

    def recent(self, since: datetime) -> list[Published]:
        """The account's posts since then, newest first, without what it boosted."""
        with nothing_public():
            return self._posts(since)[0]

    def delete(self, receipt: Receipt) -> None:
        """Deletes the post; its pictures go with it."""
        self._server.delete(receipt)

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:
        """Favourites, replies and boosts, as the account's own server knows them."""
        with nothing_public():
            found = {receipt.id: self._server.one(receipt.id) for receipt in receipts}
        return {post: metrics_of(one) for post, one in found.items() if one is not None}

    def _learn(self) -> None:
        """Reads the server's limits. Without an answer, those that we have go on: no post waits for this."""
        try:
            server, now = self._server.base, self._clock.now()
            limits = Limits.read(self._server.about(), server=server, now=now)
            limits.keep(self._equipment.folder)
        except NetworkError:
            return
        self.capabilities = limits.applied_to(CAPABILITIES)

    def _find(self, intent: Intent) -> Finding:
        form, reply_to = fields(intent.payload), intent.reply_to.id if intent.reply_to else ""
        words = form["status"]
        posts, complete = self._posts(intent.started_at - _CLOCKS_DIFFER)
        return compare(
            words,
            len(form.get("media_ids", ())),
            posts,
            complete=complete,
            where="Mastodon",
            receipt=lambda post: Receipt(post.id, post.url),
            same=same_words,
            differs=lambda post: difference(post, words, reply_to=reply_to),
        )

    def _posts(self, since: datetime) -> tuple[list[Published], bool]:
        """The account's posts since then, newest first, and whether these are all."""
        account = self._account = self._account or str(self._server.me()["id"])
        found: list[Published] = []
        before = None
        for _ in range(_MOST_PAGES):
            page = self._server.posts(account, before=before)
            posts = [post for post in map(published, page) if post is not None]
            found += [post for post in posts if post.created_at >= since]
            if not page or (posts and all(post.created_at < since for post in posts)):
                return sorted(found, key=lambda post: (post.created_at, len(post.id), post.id), reverse=True), True
            before = str(page[-1]["id"])
        return found, False
