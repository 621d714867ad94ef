"""What is sent to a Mastodon server: the fields of a post, and its files. Answers and errors stand in `mastodon.py`."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from socrbot.errors import NotSent, Refused
from socrbot.message import Attachment, Capabilities, Message, Part
from socrbot.networks.base import Equipment, Payload, Steps
from socrbot.networks.shared.uploads import forget, kept, step_name
from socrbot.text import graphemes

if TYPE_CHECKING:
    from socrbot.networks.wire.mastodon import Server

_KIND = "media"
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-.*)?", re.IGNORECASE)
# A server throws away a file that no post uses after a day.
_UPLOAD_LASTS = timedelta(hours=20)
# Seconds between looks whether the server has finished with a file.
_PAUSES = (1, 2, 3, 4, 5, 5)
_LATER = timedelta(minutes=1)


def form_of(message: Message, part: Part, capable: Capabilities) -> dict[str, Any]:
    """The fields of a post, but for its files. Raises Refused for what the server would refuse.

    A content warning hides pictures too, unless the option `sensitive` says no.
    """
    options = message.options
    warning = options.get("content_warning", "").strip()
    _check(part, warning, capable)
    form: dict[str, Any] = {"status": part.text}
    if warning:
        form["spoiler_text"] = warning
    if hidden := options.get("sensitive", "yes" if warning else ""):
        form["sensitive"] = hidden == "yes"
    if visibility := options.get("visibility"):
        form["visibility"] = visibility
    if language := _LANGUAGE.fullmatch(message.language):
        form["language"] = language[1].lower()
    return form


def fields(payload: Payload) -> dict[str, Any]:
    """The fields of the publishing call, out of a payload as the ledger keeps it."""
    form: Any = payload["form"]
    return dict(form)


def _check(part: Part, warning: str, capable: Capabilities) -> None:
    length = capable.measure(part.text) + graphemes(warning)
    if length > capable.text_limit:
        raise Refused(f"The text has {length} characters, and the server takes {capable.text_limit}. Make it shorter.")
    if len(part.media) > capable.max_images:
        raise Refused(f"The post has {len(part.media)} pictures, and the server takes {capable.max_images}.")
    if len(part.media) > 1 and any(one.is_video for one in part.media):
        raise Refused("Mastodon takes one video in a post, and no pictures beside it.")


class Files:
    """The files of posts on one server: handed over once, and waited for until the server has finished with them."""

    def __init__(self, server: Server, equipment: Equipment) -> None:
        self._server = server
        self._media = equipment.media
        self._clock = equipment.clock
        self._finished: set[str] = set()

    def numbers(self, files: Sequence[Attachment], steps: Steps) -> list[str]:
        """The server's numbers for the files, in order, each ready to be shown.

        Raises NotSent where the server needs longer; the numbers are kept, so the next try goes on from there.
        """
        numbers = [self._number(file, steps) for file in files]
        for file, number in zip(files, numbers, strict=True):
            self._wait_for(number, file, steps)
        return numbers

    def _number(self, file: Attachment, steps: Steps) -> str:
        """The number of a file: of an earlier try, if the server still has it for us, else of one uploaded now."""
        known = steps.get(step_name(file, _KIND))
        if known:
            state = self._look_at(known, file, steps)
            if state is None:
                forget(steps, file, kind=_KIND)
        return kept(steps, file, lambda: self._upload(file), kind=_KIND)

    def _upload(self, file: Attachment) -> tuple[str, datetime | None]:
        shown = self._media(file)
        number, ready = self._server.upload(shown.data, shown.mime, name=shown.name, alt=file.alt, focus=file.focus)
        if ready:
            self._finished.add(number)
        return number, self._clock.now() + _UPLOAD_LASTS

    def _wait_for(self, number: str, file: Attachment, steps: Steps) -> None:
        for pause in _PAUSES:
            if number in self._finished:
                return
            self._clock.wait(threading.Event(), pause)
            self._look_at(number, file, steps)
        if number not in self._finished:
            raise NotSent(f"Mastodon is still working on {file.path}.", retry_at=self._clock.now() + _LATER)

    def _look_at(self, number: str, file: Attachment, steps: Steps) -> bool | None:
        """Whether the server has finished with a file; None where it is gone."""
        try:
            ready = self._server.is_ready(number)
        except Refused as error:
            forget(steps, file, kind=_KIND)
            raise Refused(f"Mastodon could not make use of {file.path}. {error}", status=error.status) from None
        if ready:
            self._finished.add(number)
        return ready
