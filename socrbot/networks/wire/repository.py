"""A Bluesky account's own server: reads its records, and uploads what a post shows.

All of it but the uploads' login is open to anybody, and none of it makes anything public.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from socrbot.errors import NetworkError, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Attachment, Part, Published, Receipt, Rendition
from socrbot.networks.base import Equipment, Payload, Steps
from socrbot.networks.shared import evidence, uploads
from socrbot.networks.shared.cards import page_card
from socrbot.networks.wire import bluesky as wire
from socrbot.networks.wire.xrpc import Calls

# An uploaded picture that no post shows is thrown away by the server after a few hours.
_UPLOAD_LASTS = timedelta(hours=1)
_KIND = "bluesky"
_PAGE = 100
_MOST_PAGES = 50


class Repository:
    """What one account has on its server. Raises the network errors.

    `uploads_lost` is set when the server no longer had a picture: then the next post's are uploaded anew.
    """

    def __init__(self, equipment: Equipment, calls: Calls) -> None:
        self._equipment = equipment
        self._calls = calls
        self.uploads_lost = False

    def record(self, payload: Payload) -> dict[str, Any] | None:
        """The record under the payload's key, or None where the server says that there is none."""
        query = {name: str(payload[name]) for name in ("repo", "collection", "rkey")}
        try:
            there = self._calls.read("com.atproto.repo.getRecord", **query)
        except Refused as error:
            if error.code == "RecordNotFound" or "Could not locate record" in str(error):
                return None
            raise
        if not isinstance(there.get("value"), dict):
            raise OutcomeUnknown("Bluesky's answer could not be read.")
        return there

    def receipt(self, told: Receipt) -> Receipt:
        """The whole receipt of a post of which a person told us the address alone: one call.

        Raises Refused where that is no post of this account.
        """
        did = self._calls.login().did
        with evidence.nothing_public():
            there = self.record({"repo": did, "collection": wire.POST, "rkey": wire.key_of(told, did)})
        if there is None:
            where = told.url or told.id
            raise Refused(f"The thread cannot go on: Bluesky shows no post of this account at {where[:200]}")
        return wire.receipt_of(there, there["value"])

    def posts(self, since: datetime) -> list[Published]:
        """The account's posts since an instant, newest first."""
        found: list[Published] = []
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = self._page(cursor)
            posts = [post for post in map(wire.published, page.get("records") or ()) if post]
            found += [post for post in posts if post.created_at >= since]
            cursor = str(page.get("cursor") or "")
            # Keys follow the planned time, which may differ from the real one by a day.
            if not cursor or (posts and all(post.created_at < since - timedelta(days=1) for post in posts)):
                break
        return sorted(found, key=lambda post: (post.created_at, post.id), reverse=True)

    def _page(self, cursor: str) -> Mapping[str, Any]:
        query = {"repo": self._calls.login().did, "collection": wire.POST, "limit": str(_PAGE)}
        return self._calls.read("com.atproto.repo.listRecords", **query, **({"cursor": cursor} if cursor else {}))

    def did_of(self, handle: str) -> str | None:
        """Who a handle belongs to. A mention that leads nowhere is no reason to keep the post back."""
        try:
            did = self._calls.read("com.atproto.identity.resolveHandle", handle=handle).get("did")
        except Unauthorised:
            raise
        except NetworkError:
            return None
        return did if isinstance(did, str) else None

    def embed(self, part: Part, options: Mapping[str, str], steps: Steps) -> dict[str, Any] | None:
        """What a part shows below its text: its pictures, else the card of its link, else nothing."""
        address = wire.card_address(part, options)
        embed: dict[str, Any] | None = None
        if part.media:
            images = [self._image(picture, steps) for picture in part.media]
            embed = {"$type": "app.bsky.embed.images", "images": images}
        elif address is not None:
            embed = {"$type": "app.bsky.embed.external", "external": self._card(address, part.link_title, steps)}
        self.uploads_lost = False
        return embed

    def _image(self, picture: Attachment, steps: Steps) -> dict[str, Any]:
        def upload() -> tuple[str, datetime]:
            shown = self._equipment.media(picture)
            if len(shown.data) > wire.IMAGE_BYTES:
                raise Refused(
                    f"{picture.path} is too big for Bluesky, which takes pictures up to 1 MB. Make it smaller."
                )
            image: dict[str, Any] = {"alt": picture.alt, "image": self._blob(shown)}
            if shown.width > 0 and shown.height > 0:
                image["aspectRatio"] = {"width": shown.width, "height": shown.height}
            return json.dumps(image), self._runs_out()

        if self.uploads_lost:
            uploads.forget(steps, picture, kind=_KIND)
        image: dict[str, Any] = json.loads(uploads.kept(steps, picture, upload, kind=_KIND))
        return image

    def _card(self, address: str, title: str | None, steps: Steps) -> dict[str, Any]:
        """What the card of an address says: read from its page once, and kept like an upload."""
        name = f"card:{hashlib.sha256(address.encode()).hexdigest()[:24]}"
        known = None if self.uploads_lost else steps.get(name)
        if known:
            external: dict[str, Any] = json.loads(known)
            return external
        card = page_card(
            address,
            title=title,
            picture=self._equipment.card_picture,
            picture_bytes=wire.IMAGE_BYTES,
            private=self._calls.on_test_server,
        )
        external = {"uri": address, "title": card.title, "description": card.description}
        if card.image is not None:
            external["thumb"] = self._blob(card.image)
        steps.keep(name, json.dumps(external), expires_at=self._runs_out())
        return external

    def _blob(self, shown: Rendition) -> Any:
        blob = self._calls.upload("com.atproto.repo.uploadBlob", shown.data, shown.mime).get("blob")
        if not isinstance(blob, dict):
            raise OutcomeUnknown("Bluesky took the picture, but its answer could not be read.")
        return blob

    def _runs_out(self) -> datetime:
        return self._equipment.clock.now() + _UPLOAD_LASTS
