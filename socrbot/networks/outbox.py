"""The outbox: a network of its own kind, which keeps what it is given as files that a person can read.

One post is one file, `2026-03-07/19-00-00_spring-term_4fa1…-1.md` in the account's folder, its pictures beside it. The
name follows from the part's key, and a file comes into being whole or not at all: the same key is never written twice.
Nothing leaves the machine. Not here: the page that shows the posts.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from socrbot.errors import Unauthorised
from socrbot.message import (
    Absent,
    Attachment,
    Capabilities,
    Finding,
    Found,
    Identity,
    Message,
    Part,
    Published,
    Receipt,
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.shared.disk import disk_errors, sync, write_whole

CAPABILITIES = Capabilities(
    text_limit=5_000,
    measure=len,
    max_images=10,
    image_types=("image/jpeg", "image/png", "image/gif", "image/webp"),
    image_bytes=20_000_000,
    alt_limit=None,
    link_field=False,
    threads=True,
    repeat_safe=True,
    settle=timedelta(0),
    settle_why="The files are on this computer.",
    public=False,
)

_WHERE = "The outbox's folder"
# The last line of a file holds the post for programs; "<" and ">" are written so that no text can end it.
_RECORD = re.compile(r"<!-- socrbot (\{.*\}) -->")
_KEY = re.compile(r"([0-9a-f]+)@(-?\d+)/(\d+)")


class Outbox:
    """One outbox. The times in its files are in the campaign's zone; in UTC where that is not known."""

    name = "outbox"
    capabilities = CAPABILITIES

    def __init__(self, equipment: Equipment) -> None:
        self._account = equipment.account
        self._clock = equipment.clock
        self._media = equipment.media
        self._folder = equipment.folder
        self._zone = _zone(equipment.options.get("time_zone"))

    def verify(self) -> Identity:
        """Says whether the folder can be written. Raises Unauthorised where it cannot."""
        with disk_errors(_WHERE):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise Unauthorised("The outbox cannot write into its folder. Check the folder's permissions.")
        return Identity(id=self._account, name="The outbox on this computer", can=("post", "read back", "delete"))

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        """Copies the pictures; the post itself is not there yet."""
        day, name = self._file_name(key, message.post)
        with disk_errors(_WHERE):
            pictures = [{"file": self._keep(picture, day), "alt": picture.alt} for picture in part.media]
        return {
            "file": f"{day}/{name}.md",
            "account": message.account,
            "post": message.post,
            "part": part.number,
            "parts": len(message.parts),
            "text": part.text,
            "link": part.link,
            "pictures": pictures,
        }

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:
        """Writes the post's file, unless it is there already. The receipt's id and address are its path."""
        name = str(payload["file"])
        answers = reply_to.id if reply_to else None
        record = {**payload, "key": key, "answers": answers, "created_at": self._clock.now().isoformat()}
        with disk_errors(_WHERE):
            if not (self._folder / name).exists():
                write_whole(self._folder / name, self._page(record).encode())
        return Receipt(id=name, url=name)

    def find(self, intent: Intent) -> Finding:
        """Looks whether the file is there: certain, as it is written whole or not at all."""
        name = str(intent.payload["file"])
        with disk_errors(_WHERE):
            there = (self._folder / name).exists()
        return Found(Receipt(id=name, url=name), f"The file {name} is there.") if there else Absent("There is no file.")

    def recent(self, since: datetime) -> list[Published]:
        """The posts in the folder that were written since then, newest first."""
        with disk_errors(_WHERE):
            found = [_published(record) for record in self._records("*") if record]
        recent = [published for published in found if published.created_at >= since]
        return sorted(recent, key=lambda published: (published.created_at, published.id), reverse=True)

    def delete(self, receipt: Receipt) -> None:
        """Removes the post's file, and its pictures where no other post of that day shows them."""
        path = self._folder / receipt.id
        with disk_errors(_WHERE):
            record = _read(path)
            path.unlink(missing_ok=True)
            used = {file for other in self._records(path.parent.name) for file in _files(other)}
            for file in set(_files(record)) - used:
                (self._folder / file).unlink(missing_ok=True)
            if path.parent.is_dir():
                sync(path.parent)

    def _file_name(self, key: str, post: str) -> tuple[str, str]:
        """The day's folder and the file's name without its suffix: the same for ever for the same key."""
        short = re.sub(r"[^\w-]+", "-", post).encode()[:100].decode(errors="ignore")
        known = _KEY.fullmatch(key)
        if known is None:
            return "other", f"{short}_{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        planned = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(known[2]))
        local = planned.astimezone(self._zone)
        return f"{local:%Y-%m-%d}", f"{local:%H-%M-%S}_{short}_{known[1]}-{known[3]}"

    def _keep(self, picture: Attachment, day: str) -> str:
        """Puts the cleaned picture into the day's folder; returns its path in the outbox's folder."""
        shown = self._media(picture)
        name = f"{day}/{shown.digest[:16]}{Path(shown.name).suffix}"
        if not (self._folder / name).exists():
            write_whole(self._folder / name, shown.data)
        return name

    def _page(self, record: Mapping[str, Any]) -> str:
        """The post as a person reads it, with the line for programs at its end."""
        at = datetime.fromisoformat(record["created_at"]).astimezone(self._zone)
        lines = [f"{at:%A} {at.day} {at:%B %Y}, {at:%H:%M %Z}", f"Account {record['account']}, post {record['post']}"]
        if record["parts"] > 1:
            lines.append(f"Part {record['part']} of {record['parts']}")
        if record["answers"]:
            lines.append(f"It follows {record['answers']}")
        lines += ["", record["text"], ""]
        if record["link"]:
            lines += [f"Link: {record['link']}", ""]
        for number, picture in enumerate(record["pictures"], start=1):
            file = Path(picture["file"]).name
            lines += [f"![Picture {number}]({file})", "", f"Picture {number} is described as: {picture['alt']}", ""]
        data = json.dumps(record, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
        return "\n".join([*lines, f"<!-- socrbot {data} -->", ""])

    def _records(self, day: str) -> list[Mapping[str, Any]]:
        return [_read(path) for path in sorted(self._folder.glob(f"{day}/*.md"))]


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _published(record: Mapping[str, Any]) -> Published:
    return Published(
        id=record["file"],
        text=record["text"],
        created_at=datetime.fromisoformat(record["created_at"]),
        url=record["file"],
        media_count=len(record["pictures"]),
        extra={"key": record["key"], "post": record["post"]},
    )


def _files(record: Mapping[str, Any]) -> Sequence[str]:
    return [picture["file"] for picture in record.get("pictures", ())]


def _read(path: Path) -> Mapping[str, Any]:
    """The record in a post's file; an empty one where there is none."""
    try:
        last = path.read_text(encoding="utf-8").rstrip().rpartition("\n")[2]
    except (FileNotFoundError, UnicodeDecodeError):
        return {}
    found = _RECORD.fullmatch(last)
    return json.loads(found[1]) if found else {}
