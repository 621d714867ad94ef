"""Telegram's Bot API as far as a channel needs it: texts, pictures, albums, videos, answers, deleting.

Stricter than Telegram: a parameter that the method does not have is refused, and so is a file that nothing names.
Runs by itself too: `python -m tests.standins.telegram --port 8000 --record published.jsonl`.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from PIL import Image

from tests.standins.command import run
from tests.standins.exchange import Field
from tests.standins.server import Media, Post, Reply, Request, Standin, route

BOT = 7919000001
TOKEN = f"{BOT}:AAtest-only_bot-token-0123456789abcd"
CHANNEL = "ourcampaign"
CHAT = -1001234567890
TOO_OLD = timedelta(hours=48)

_SENDING = {"chat_id", "disable_notification", "reply_parameters"}
PARAMETERS: Mapping[str, set[str]] = {
    "getMe": set(),
    "getChatMember": {"chat_id", "user_id"},
    "sendMessage": {*_SENDING, "text", "link_preview_options"},
    "sendPhoto": {*_SENDING, "caption", "photo"},
    "sendVideo": {*_SENDING, "caption", "video"},
    "sendMediaGroup": {*_SENDING, "media"},
    "deleteMessage": {"chat_id", "message_id"},
}


class Wrong(Exception):
    """Something that Telegram answers with status 400."""


def fault(status: int, description: str, **parameters: Any) -> dict[str, Any]:
    """An error body."""
    more = {"parameters": parameters} if parameters else {}
    return {"ok": False, "error_code": status, "description": description, **more}


def units(text: str) -> int:
    """UTF-16 code units, counted without help from the code under test."""
    return sum(2 if ord(char) > 0xFFFF else 1 for char in text)


class Telegram(Standin):
    """One bot, one channel.

    member   what getChatMember says of the bot
    public   whether the channel has a public name
    """

    name: ClassVar[str] = "telegram"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.member: dict[str, Any] = {"status": "administrator", "can_post_messages": True}
        self.public = True
        self.sent: dict[int, Any] = {}
        self.previews: list[bool] = []
        self.silent: list[bool] = []
        self._ids = itertools.count(101)

    def env(self, **more: str) -> dict[str, str]:
        """The variables of an account that speaks to this stand-in."""
        return {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_CHAT_ID": f"@{CHANNEL}",
            "TELEGRAM_API_BASE": self.base,
            **more,
        }

    def error(self, status: int) -> Any:
        if status == 429:
            return fault(429, "Too Many Requests: retry after 35", retry_after=35)
        words = {401: "Unauthorized", 403: "Forbidden: bot was kicked from the channel chat", 404: "Not Found"}
        return fault(status, words.get(status, "Bad Gateway" if status >= 500 else "Bad Request: wrong"))

    def guard(self, request: Request) -> Reply | None:
        good = request.path.startswith(f"/bot{TOKEN}/") and not self.revoked
        return None if good else Reply(401, self.error(401))

    @route("POST", "/bot{token}/{method}")
    def call(self, request: Request, token: str, method: str) -> Reply:
        if method not in PARAMETERS:
            return Reply(404, self.error(404))
        files = {name: field for name, field in request.multipart().items() if field.filename is not None}
        given = self._given(request)
        unknown = {*given, *(files if method != "sendMediaGroup" else ())} - PARAMETERS[method]
        if unknown:
            self.violations.append(f"{method} has no parameter {sorted(unknown)}")
            return Reply(400, fault(400, f"Bad Request: unknown {sorted(unknown)}"))
        try:
            if "chat_id" in PARAMETERS[method] and given.get("chat_id") not in (f"@{CHANNEL}", str(CHAT), CHAT):
                raise Wrong("chat not found")
            result = getattr(self, f"_{method}")(given, files)
        except Wrong as wrong:
            return Reply(400, fault(400, f"Bad Request: {wrong}"))
        return Reply(200, {"ok": True, "result": result})

    @staticmethod
    def _given(request: Request) -> dict[str, Any]:
        """The parameters: of a JSON body as they are, of a form read as JSON where they are no plain text."""
        if "json" in request.headers.get("content-type", ""):
            return dict(request.json() or {})
        texts = ("caption", "text", "chat_id")
        return {name: value if name in texts else json.loads(value) for name, value in request.fields().items()}

    def _getMe(self, given: dict[str, Any], files: dict[str, Field]) -> dict[str, Any]:  # noqa: N802
        return {"id": BOT, "is_bot": True, "first_name": "Our campaign", "username": "ourcampaign_bot"}

    def _getChatMember(self, given: dict[str, Any], files: dict[str, Field]) -> dict[str, Any]:  # noqa: N802
        if given.get("user_id") != BOT:
            raise Wrong("invalid user_id specified")
        return {"user": {"id": BOT, "is_bot": True}, **self.member}

    def _sendMessage(self, given: dict[str, Any], files: dict[str, Field]) -> dict[str, Any]:  # noqa: N802
        text = given.get("text", "")
        if not text.strip():
            raise Wrong("message text is empty")
        if units(text) > 4_096:
            raise Wrong("message is too long")
        preview = given.get("link_preview_options", {})
        self.previews.append(not preview.get("is_disabled", False))
        return self._add(given, text, ())[0]

    def _sendPhoto(self, given: dict[str, Any], files: dict[str, Field]) -> dict[str, Any]:  # noqa: N802
        return self._add(given, self._caption(given), (self._photo(files.get("photo")),))[0]

    def _sendVideo(self, given: dict[str, Any], files: dict[str, Field]) -> dict[str, Any]:  # noqa: N802
        return self._add(given, self._caption(given), (self._video(files.get("video")),))[0]

    def _sendMediaGroup(self, given: dict[str, Any], files: dict[str, Field]) -> list[dict[str, Any]]:  # noqa: N802
        items = given.get("media")
        if not isinstance(items, list) or not 2 <= len(items) <= 10:
            raise Wrong("the number of media in a group must be between 2 and 10")
        media = []
        for item in items:
            if set(item) - {"type", "media", "caption"}:
                raise Wrong(f"unknown fields of a medium: {sorted(item)}")
            file = files.pop(str(item.get("media")).removeprefix("attach://"), None)
            media.append(self._video(file) if item["type"] == "video" else self._photo(file))
        captions = [self._caption(item) for item in items]
        if files or any(captions[1:]):
            raise Wrong("a file that nothing names, or a caption behind the first")
        return self._add(given, captions[0], tuple(media))

    def _deleteMessage(self, given: dict[str, Any], files: dict[str, Field]) -> bool:  # noqa: N802
        number = given.get("message_id")
        if not isinstance(number, int) or number not in self.sent:
            raise Wrong("message to delete not found")
        post = self.sent[number]
        if self.now() - post.created_at >= TOO_OLD:
            raise Wrong("message can't be deleted for everyone")
        del self.sent[number]
        if post not in self.sent.values():
            self.deleted.add(post.id)
        return True

    @staticmethod
    def _caption(given: dict[str, Any]) -> str:
        caption: str = given.get("caption", "")
        if units(caption) > 1_024:
            raise Wrong("message caption is too long")
        return caption

    @staticmethod
    def _photo(file: Field | None) -> Media:
        if file is None or not file.data:
            raise Wrong("there is no photo in the request")
        if len(file.data) > 10_000_000:
            raise Wrong("file is too big")
        try:
            width, height = Image.open(io.BytesIO(file.data)).size
        except OSError:
            raise Wrong("IMAGE_PROCESS_FAILED") from None
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise Wrong("PHOTO_INVALID_DIMENSIONS")
        return Media(file.data, mime=file.mime or "")

    @staticmethod
    def _video(file: Field | None) -> Media:
        if file is None or file.data[4:8] != b"ftyp":
            raise Wrong("there is no video in the request")
        if len(file.data) > 50_000_000:
            raise Wrong("file is too big")
        return Media(file.data, mime=file.mime or "")

    def _add(self, given: dict[str, Any], text: str, media: tuple[Media, ...]) -> list[dict[str, Any]]:
        """Makes one post public: one message, or one for each picture of an album."""
        answered = given.get("reply_parameters", {}).get("message_id")
        if answered is not None and answered not in self.sent:
            raise Wrong("message to be replied not found")
        self.silent.append(given.get("disable_notification", False))
        numbers = [next(self._ids) for _ in media or (None,)]
        reply_to = str(answered) if answered is not None else None
        post = Post(str(numbers[0]), text.strip(), self.now(), media, reply_to=reply_to, account=CHANNEL)
        self.sent |= dict.fromkeys(numbers, self.publish(post))
        chat: dict[str, Any] = {"id": CHAT, "type": "channel", "title": "Our campaign"}
        if self.public:
            chat["username"] = CHANNEL
        return [{"message_id": number, "chat": chat, "date": int(self.now().timestamp())} for number in numbers]


if __name__ == "__main__":
    run(Telegram)
