"""The pictures and videos of what went out, as the log shows them: described, and kept as they were sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Where what was sent is kept: by its own digest, or by that of the file that it was made from. None: no longer.
Kept = Callable[[str], Path | None]


@dataclass(frozen=True, slots=True)
class SentPicture:
    """One picture or video of a part. `file` is what was sent, where it is still kept."""

    alt: str
    is_video: bool
    file: Path | None

    @property
    def in_words(self) -> str:
        """Its description, in a line."""
        return f"[{'video' if self.is_video else 'picture'}: {self.alt}]"


def pictures_of(shown: Mapping[str, object], kept: Kept = lambda _digest: None) -> list[SentPicture]:
    """The pictures of a try (`shown` as in the ledger); none where they were erased."""
    media = shown.get("media")
    return [_picture(item, kept) for item in media] if isinstance(media, list) else []


def _picture(item: Mapping[str, Any], kept: Kept) -> SentPicture:
    # A try that took an upload over from before a restart knows only the file that it was made from.
    return SentPicture(item["alt"], bool(item.get("video")), kept(item.get("sent") or item.get("digest") or ""))
