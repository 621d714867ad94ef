"""Pictures shown through a Facebook Page: uploaded without a post, and found at the address that Facebook gives them.

Experimental: Meta describes neither how long such an address lives, nor that Instagram and Threads fetch from it.
For campaigns without a web server of their own. Not here: posts with pictures (`facebook.py`).

Page: https://developers.facebook.com/docs/graph-api/reference/page/photos
"""

from __future__ import annotations

import contextlib
import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socrbot.errors import NetworkError, NotSent
from socrbot.message import Rendition
from socrbot.networks.base import Equipment
from socrbot.networks.shared.disk import disk_errors, write_whole
from socrbot.networks.shared.evidence import nothing_public

if TYPE_CHECKING:
    from socrbot.networks.wire.graph import Graph


class PagePhotos:
    """Shows pictures through the Page of one account. Which photo is behind an address is kept in its folder."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._page = equipment.env.get("FB_PAGE_ID", "")
        self._shown = equipment.folder / "shown"

    @cached_property
    def _graph(self) -> Graph:
        from socrbot.networks.wire.graph import connect

        return connect(self._equipment)

    def show(self, rendition: Rendition, *, alt: str) -> str:
        """Uploads a picture without a post, and gives the address of its largest form. Raises NetworkError."""
        if rendition.mime.startswith("video/"):
            raise NotSent("A Facebook page can show pictures to other networks, but no videos. Name a public folder.")
        form = {"published": "false"} | ({"alt_text_custom": alt} if alt else {})
        with nothing_public():
            file = (rendition.name, rendition.data, rendition.mime)
            photo = str(self._graph.put_photo(file, f"{self._page}/photos", **form).get("id") or "")
            address = _largest(self._graph.get_object(photo, fields="images")) if photo else None
        if address is None:
            raise NotSent("Facebook took a picture and did not say where it can be seen. See socrbot doctor.")
        with disk_errors("The folder of the Facebook account"):
            write_whole(self._note(address), photo.encode())
        return address

    def hide(self, address: str) -> None:
        """Deletes the photo. Where that fails Facebook does it: a photo without a post is removed after a day."""
        note = self._note(address)
        with contextlib.suppress(OSError, NetworkError):
            self._graph.delete_object(note.read_text(encoding="utf-8"))
            note.unlink()

    def _note(self, address: str) -> Path:
        return self._shown / hashlib.sha256(address.encode()).hexdigest()[:32]


def _largest(answer: dict[str, Any]) -> str | None:
    """The https address of the widest of a photo's forms, as Facebook lists them."""
    listed = answer.get("images")
    forms = [form for form in listed if isinstance(form, dict)] if isinstance(listed, list) else []
    widest = max(forms, key=_width, default={})
    address = str(widest.get("source"))
    return address if address.startswith("https://") else None


def _width(form: dict[str, Any]) -> int:
    width = form.get("width")
    return width if isinstance(width, int) else 0
