"""X (API v2): posts, pictures with alt texts, videos, threads, read-back, numbers.

X knows no key for a repeated post: after a lost answer only the account's own timeline can tell. Not here: how X is
spoken to (`wire/x_client.py`), and what its answers mean (`wire/x.py`).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from socrbot import text
from socrbot.errors import NotSent, OutcomeUnknown, Refused, SocrbotError
from socrbot.message import (
    Attachment,
    Capabilities,
    Finding,
    Identity,
    Message,
    Metrics,
    Part,
    Prices,
    Published,
    Receipt,
    VideoLimits,
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.shared.evidence import compare, look
from socrbot.networks.shared.told import own_id
from socrbot.networks.shared.uploads import forget, kept
from socrbot.networks.wire.x import MEDIA_GONE, VIDEO_FAILED, alike, conversation, difference

if TYPE_CHECKING:
    from socrbot.networks.wire.x_client import Client

CAPABILITIES = Capabilities(
    text_limit=280,
    measure=text.x_weight,
    image_types=("image/jpeg", "image/png", "image/webp"),
    # The newer, wider limits of X hold for some accounts only. Descriptions are for pictures.
    video=VideoLimits(max_bytes=100_000_000, seconds=(0.5, 140.0), alt=False),
    threads=True,
    mentions_at_risk=True,
    settle=timedelta(seconds=90),
    looks=2,
    settle_why="A new post can be missing from the account's timeline for a while.",
    metrics=("likes", "replies", "shares", "views"),
    metrics_batch=100,
    needs={
        "X_API_KEY": "the app's API key",
        "X_API_SECRET": "the app's API key secret",
        "X_ACCESS_TOKEN": "the account's access token",
        "X_ACCESS_TOKEN_SECRET": "the account's access token secret",
    },
    optional={"X_API_BASE": "an address to use instead of https://api.x.com, for tests"},
    price=Prices("x.post", "x.post_with_link", "x.alt_text", "x.read"),
    docs="https://docs.x.com/x-api/posts/create-post",
)
# A lost post is looked for from this long before our try on: our clock may be an hour before X's.
_MARGIN = timedelta(minutes=75)
_ADDRESS = re.compile(r"https?://[\w.]+/(?:\w+|i/web)/status/(\d+)(?:[/?#].*)?")


class X:
    """One account on X, by its OAuth 1.0a credentials."""

    name = "x"
    capabilities = CAPABILITIES

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._uploads: list[tuple[Steps, Attachment]] = []

    @cached_property
    def _client(self) -> Client:
        from socrbot.networks.wire.x_client import Client

        return Client(self._equipment)

    def verify(self) -> Identity:
        user_id, username, reads_only = self._client.introduce()
        return Identity(
            id=user_id,
            name=f"@{username}",
            url=f"https://x.com/{username}",
            can=("read",) if reads_only else ("read", "post", "delete"),
            lacks=("post (give the app “Read and write”, then make a new access token)",) if reads_only else (),
        )

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        """Uploads the media with their alt texts. The payload is the JSON of the publishing call."""
        self._uploads = [(steps, attachment) for attachment in part.media]
        media_ids = [self._media(attachment, steps) for attachment in part.media]
        return {"text": part.text, **({"media": {"media_ids": media_ids}} if media_ids else {})}

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:  # noqa: ARG002
        reply = {"reply": {"in_reply_to_tweet_id": reply_to.id}} if reply_to else {}
        with self._forgetting():
            answer = self._client.call("POST", "/2/tweets", json={**payload, **reply}, public=True)
        data = answer.object().get("data")
        post_id = data.get("id") if isinstance(data, dict) else None
        if not isinstance(post_id, str) or not post_id.isdecimal():
            raise OutcomeUnknown("X said yes, but not which post it made.", status=answer.status)
        return self._receipt(post_id, conversation(reply_to) if reply_to else post_id)

    def find(self, intent: Intent) -> Finding:
        """Compares words, links, number of pictures and place with the account's posts since just before the try."""
        sent, media = str(intent.payload["text"]), intent.payload.get("media")
        return look(lambda: self._compare(intent, sent, media))

    def _compare(self, intent: Intent, sent: str, media: Any) -> Finding:
        posts, complete = self._client.posts_since(intent.started_at - _MARGIN)
        return compare(
            sent,
            len((media or {}).get("media_ids", ())),
            posts,
            complete=complete,
            where="X",
            receipt=lambda post: self._receipt(post.id, post.extra.get("conversation", post.id)),
            same=alike,
            differs=lambda post: difference(post, sent, intent.reply_to),
        )

    def recent(self, since: datetime) -> list[Published]:
        return self._client.posts_since(since)[0]

    def delete(self, receipt: Receipt) -> None:
        post = own_id(receipt, _ADDRESS)
        try:
            answer = self._client.call("DELETE", f"/2/tweets/{post}", public=True)
        except Refused as refusal:
            if refusal.status == 404:
                return
            raise
        data = answer.object().get("data")
        if not isinstance(data, dict) or data.get("deleted") is not True:
            raise OutcomeUnknown("X did not say that the post is deleted. Please look.", status=answer.status)

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:
        """One call for all of them. X takes money for each post that it tells of."""
        return self._client.numbers([receipt.id for receipt in receipts]) if receipts else {}

    def _media(self, attachment: Attachment, steps: Steps) -> str:
        """Uploads a file with its alt text, unless X has them still. Returns X's number for it."""
        media_id = kept(steps, attachment, lambda: self._client.upload(self._equipment.media(attachment)), kind="media")
        if attachment.is_video:
            kept(steps, attachment, lambda: self._wait(media_id), kind=f"ready-{media_id}")
        elif attachment.alt:
            kept(steps, attachment, lambda: self._describe(media_id, attachment.alt), kind=f"alt-{media_id}")
        return media_id

    def _wait(self, media_id: str) -> tuple[str, None]:
        with self._forgetting():
            self._client.wait_for(media_id)
        return "ready", None

    def _describe(self, media_id: str, alt: str) -> tuple[str, None]:
        with self._forgetting():
            self._client.describe(media_id, alt)
        return "set", None

    @contextlib.contextmanager
    def _forgetting(self) -> Iterator[None]:
        """Forgets this part's uploads when X no longer has them or cannot use them, so that they are made again."""
        try:
            yield
        except (NotSent, Refused) as error:
            if error.code in (MEDIA_GONE, VIDEO_FAILED):
                for steps, attachment in self._uploads:
                    with contextlib.suppress(SocrbotError):
                        forget(steps, attachment, kind="media")
            raise

    def _receipt(self, post_id: str, thread: str) -> Receipt:
        known = self._client.account()
        where = f"https://x.com/{known[1]}/status" if known else "https://x.com/i/web/status"
        return Receipt(post_id, f"{where}/{post_id}", {"conversation": thread})
