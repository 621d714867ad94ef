"""Files that go out inside the publishing call itself, on networks where nothing can be uploaded beforehand.

The payload names each file and the digest of what leaves the machine; the bytes are made again for the call, and must
be those. Not here: how a network is given the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import cast

from socrbot.errors import NotSent
from socrbot.message import Attachment, Part, Rendition
from socrbot.networks.base import Payload


def enclose(part: Part, media: Callable[[Attachment], Rendition]) -> list[dict[str, object]]:
    """What a payload says of a part's files, in JSON values. Raises NotSent or Refused where one cannot be used."""
    return [{**_plain(attachment), "sends": media(attachment).digest} for attachment in part.media]


def enclosed(payload: Payload, media: Callable[[Attachment], Rendition]) -> list[tuple[Attachment, Rendition]]:
    """The files that a payload names under "media", each with its bytes.

    Raises NotSent where a file is no longer what the payload was written for, and what `media` raises.
    """
    files = []
    for written in cast("Sequence[Mapping[str, object]]", payload.get("media", ())):
        attachment = _attachment(written)
        rendition = media(attachment)
        if rendition.digest != written["sends"]:
            raise NotSent(f"{attachment.path} has changed since this was made ready.")
        files.append((attachment, rendition))
    return files


def _plain(attachment: Attachment) -> dict[str, object]:
    focus = attachment.focus
    return {**asdict(attachment), "focus": list(focus) if focus is not None else None}


def _attachment(written: Mapping[str, object]) -> Attachment:
    fields = {name: value for name, value in written.items() if name != "sends"}
    focus = cast("Sequence[float] | None", fields.pop("focus", None))
    return Attachment(**fields, focus=None if focus is None else (focus[0], focus[1]))  # type: ignore[arg-type]
