"""What a Mastodon server allows: read from it about once a day, kept in the account's folder. Makes no call.

Servers differ: many allow longer texts than Mastodon's own 500 characters, some fewer pictures.
What a server says: https://docs.joinmastodon.org/entities/Instance/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from socrbot.message import Capabilities
from socrbot.networks.shared.disk import disk_errors, write_whole
from socrbot.text.mastodon import LINK_LENGTH, measure_with

_LASTS = timedelta(days=1)
_FILE = "limits.json"


@dataclass(frozen=True, slots=True)
class Limits:
    """A server's limits; None where it does not name one.

    server     its address
    read_at    when they were read: seconds since 1970
    characters, link   the longest text, and what each link counts
    media, alt         pictures in a post, characters of a description
    types              MIME types of files
    image_bytes, image_pixels, video_bytes   of one file
    """

    server: str
    read_at: float
    characters: int | None = None
    link: int | None = None
    media: int | None = None
    alt: int | None = None
    types: tuple[str, ...] = ()
    image_bytes: int | None = None
    image_pixels: int | None = None
    video_bytes: int | None = None

    @classmethod
    def read(cls, about: Mapping[str, Any], *, server: str, now: datetime) -> Self:
        """From a server's answer about itself, in either version; other software writes some at the top of it."""
        configuration = _inner(about, "configuration")
        statuses, media = _inner(configuration, "statuses"), _inner(configuration, "media_attachments")
        types = media.get("supported_mime_types")
        return cls(
            server=server,
            read_at=now.timestamp(),
            characters=_number(statuses.get("max_characters"), about.get("max_toot_chars")),
            link=_number(statuses.get("characters_reserved_per_url")),
            media=_number(statuses.get("max_media_attachments"), about.get("max_media_attachments")),
            alt=_number(media.get("description_limit"), about.get("description_limit")),
            types=tuple(one for one in types if isinstance(one, str)) if isinstance(types, list) else (),
            image_bytes=_number(media.get("image_size_limit")),
            image_pixels=_number(media.get("image_matrix_limit")),
            video_bytes=_number(media.get("video_size_limit")),
        )

    @classmethod
    def kept(cls, folder: Path | None) -> Self | None:
        """From the account's folder; None where nothing readable is there."""
        try:
            found = json.loads((folder / _FILE).read_bytes()) if folder is not None else None
        except (OSError, ValueError, RecursionError):
            return None
        return cls._of_json(found) if isinstance(found, dict) else None

    @classmethod
    def _of_json(cls, found: Mapping[str, Any]) -> Self | None:
        server, read_at, types = found.get("server"), found.get("read_at"), found.get("types")
        if not isinstance(server, str) or not isinstance(read_at, int | float) or not isinstance(types, list):
            return None
        numbers = ("characters", "link", "media", "alt", "image_bytes", "image_pixels", "video_bytes")
        return cls(
            server=server,
            read_at=read_at,
            types=tuple(one for one in types if isinstance(one, str)),
            **{name: _number(found.get(name)) for name in numbers},
        )

    def keep(self, folder: Path) -> None:
        """Into the account's folder. Raises NotSent where the disk fails."""
        with disk_errors("The file that keeps the limits of the Mastodon server"):
            write_whole(folder / _FILE, json.dumps(asdict(self)).encode())

    def is_fresh(self, server: str, now: datetime) -> bool:
        """Whether they are this server's, and of the last day."""
        return self.server == server and 0 <= now.timestamp() - self.read_at < _LASTS.total_seconds()

    def applied_to(self, capable: Capabilities) -> Capabilities:
        """The capabilities with this server's limits in place of Mastodon's usual ones."""
        images = tuple(kind for kind in capable.image_types if kind in self.types) or capable.image_types
        video = capable.video
        if video is not None and self.types and not set(video.types) & set(self.types):
            video = None
        if video is not None:
            video = replace(video, max_bytes=self.video_bytes or video.max_bytes)
        return replace(
            capable,
            text_limit=self.characters or capable.text_limit,
            measure=measure_with(self.link) if self.link not in (None, LINK_LENGTH) else capable.measure,
            max_images=self.media or capable.max_images,
            alt_limit=self.alt or capable.alt_limit,
            image_types=images,
            image_bytes=self.image_bytes or capable.image_bytes,
            image_pixels=self.image_pixels or capable.image_pixels,
            video=video,
        )


def _inner(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _number(*given: Any) -> int | None:
    """The first that is a sensible limit."""
    return next((one for one in given if isinstance(one, int) and not isinstance(one, bool) and 0 < one < 2**40), None)
