"""What LinkedIn is sent: a post with its pictures or the card of its link, or a comment below one. And back: what a
body says. The bodies are those of the publishing calls, JSON values only.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api,
https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/comments-api
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from socrbot.errors import Refused
from socrbot.message import Attachment, Message, Part
from socrbot.networks.base import Equipment, Steps
from socrbot.networks.shared.cards import page_card
from socrbot.networks.shared.uploads import kept
from socrbot.networks.wire.linkedin_text import escape, read
from socrbot.text import utf16_units

if TYPE_CHECKING:
    from socrbot.networks.wire.linkedin import Client

# LinkedIn's pages give no number for the length of a comment; its own box for comments takes this many.
COMMENT_LIMIT = 1_250
# LinkedIn does not say how long a picture lives that no post uses.
_IMAGE_LIVES = timedelta(hours=20)
_TITLE, _DESCRIPTION = 200, 250  # characters; more is never shown


def comment_body(part: Part, author: str) -> dict[str, Any]:
    """The body of a comment, all but the post that it stands below. A comment is plain text: nothing is escaped."""
    return {"actor": author, "message": {"text": _comment(part)}}


def check_comments(message: Message) -> None:
    """Raises Refused where a later part is too long for a comment: better now than after the first part."""
    for part in message.parts:
        if part.number > 1 and utf16_units(_comment(part)) > COMMENT_LIMIT:
            words = f"Part {part.number} would be a comment, and LinkedIn takes {COMMENT_LIMIT:,} characters there"
            raise Refused(f"{words}. Make it shorter, or give LinkedIn a text of its own (variants).")


def said(body: Mapping[str, Any]) -> tuple[str, int, str | None]:
    """What a body says: the words as people read them, how many pictures, and the link of its card."""
    if "message" in body:
        return body["message"]["text"], 0, None
    content = body.get("content") or {}
    pictures = len((content.get("multiImage") or {}).get("images") or ()) + ("media" in content)
    return read(body["commentary"]), pictures, (content.get("article") or {}).get("source")


@dataclass(frozen=True, slots=True)
class Poster:
    """Makes the bodies of posts, and uploads what they show.

    may_ask     whether it may ask LinkedIn if a picture is ready
    with_page   whether the card of a link shows what its page says; else the address alone
    """

    client: Client
    equipment: Equipment
    author: str
    may_ask: bool
    with_page: bool

    def body(self, part: Part, steps: Steps) -> dict[str, Any]:
        """The body of a post. Raises NetworkError where something could not be uploaded; nothing is public then."""
        content = self._content(part, steps)
        return {
            "author": self.author,
            "commentary": escape(part.text, part.spans),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            **({"content": content} if content else {}),
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }

    def _content(self, part: Part, steps: Steps) -> dict[str, Any]:
        images = [self._image(picture, index, steps=steps) for index, picture in enumerate(part.media)]
        self.client.await_images([image["id"] for image in images], may_ask=self.may_ask)
        if images:
            return {"multiImage": {"images": images}} if len(images) > 1 else {"media": images[0]}
        return {"article": self._article(part.link, part.link_title, steps)} if part.link else {}

    def _image(self, picture: Attachment, index: int, *, steps: Steps) -> dict[str, str]:
        def make() -> tuple[str, datetime]:
            image = self.client.upload(self.author, self.equipment.media(picture))
            return image, self._lives_until()

        image = kept(steps, picture, make, kind=f"image-{index}")
        return {"id": image} | ({"altText": picture.alt} if picture.alt else {})

    def _article(self, link: str, title: str | None, steps: Steps) -> dict[str, str]:
        """The card of a link. LinkedIn looks at no page itself: what is not given here is not shown."""
        step = f"card:{hashlib.sha256(f'{self.with_page} {link}'.encode()).hexdigest()[:24]}"
        known = steps.get(step)
        if known is None:
            known = json.dumps(self._card(link, title))
            steps.keep(step, known, expires_at=self._lives_until())
        card: dict[str, str] = json.loads(known)
        if "thumbnail" in card:
            self.client.await_images([card["thumbnail"]], may_ask=self.may_ask)
        return {"source": link, **card}

    def _card(self, link: str, title: str | None) -> dict[str, str]:
        if not self.with_page:
            return {"title": (title or urlsplit(link).netloc.removeprefix("www."))[:_TITLE]}
        private = "LINKEDIN_API_BASE" in self.equipment.env
        card = page_card(link, title=title, picture=self.equipment.card_picture, private=private)
        shown = {"title": card.title[:_TITLE], "description": card.description[:_DESCRIPTION]}
        if card.image is not None:
            shown["thumbnail"] = self.client.upload(self.author, card.image)
        return {name: value for name, value in shown.items() if value}

    def _lives_until(self) -> datetime:
        return self.equipment.clock.now() + _IMAGE_LIVES


def _comment(part: Part) -> str:
    """The text of a comment. A comment has no card, so the address stands in the text."""
    return f"{part.text}\n{part.link}" if part.link and part.link not in part.text else part.text
