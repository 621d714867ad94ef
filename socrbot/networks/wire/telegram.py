"""Telegram's Bot API: one call, and what its answer means. What is said in a channel is in `networks/telegram.py`.

The token is part of each address, so addresses never get into a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from socrbot.clock import Clock
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.http import Answer, Session
from socrbot.redact import Redactor

HOST = "https://api.telegram.org"
# A file of a multipart request: its name, its bytes, its MIME type.
File = tuple[str, bytes, str]

# What a 400 says where the bot, not the content, is the trouble.
_NOT_ALLOWED = re.compile(
    "chat not found|not enough rights|have no rights|need administrator rights|chat_write_forbidden|"
    "chat_admin_required|channel_private|bot is not a member|bot was kicked|user_banned_in_channel"
)
_MAKE_ADMIN = "Make the bot an administrator of the channel who may post messages"


class Bot:
    """A bot, by the token that BotFather gave. `base` is the address of the server."""

    def __init__(self, token: str, *, base: str, timeout: tuple[float, float], clock: Clock) -> None:
        # The part behind the colon is the secret itself; a server may send it back alone.
        self._session = Session(timeout=timeout, redact=Redactor([token, token.partition(":")[2]]))
        self._address = f"{base.rstrip('/')}/bot{token}"
        self._clock = clock

    def call(self, method: str, fields: Mapping[str, object], *, files: Mapping[str, File] | None = None) -> Any:
        """What a method of the Bot API gives ("result"). With files the request is multipart.

        Raises NetworkError: OutcomeUnknown where the call may have been carried out.
        """
        if files:
            form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}
            answer = self._session.call("POST", f"{self._address}/{method}", data=form, files=dict(files))
        else:
            answer = self._session.call("POST", f"{self._address}/{method}", json=dict(fields))
        said = answer.object()
        if answer.ok and said.get("ok") is True and "result" in said:
            return said["result"]
        raise error_of(answer, now=self._clock.now(), redact=self._session.redact)


def error_of(answer: Answer, *, now: datetime, redact: Redactor) -> NetworkError:
    """What an answer that is not a success means. `now` is aware UTC.

    Source: the Bot API's page, "Making requests" and "ResponseParameters"; descriptions as its server sends them.
    """
    said, status = answer.object(), answer.status
    words = redact(str(said.get("description") or "no reason given"))[:300]
    more = said.get("parameters")
    more = more if isinstance(more, dict) else {}
    if status == 429:
        return _too_many(more, now)
    if status in (401, 404):
        return Unauthorised("Telegram does not know this bot. Its token is wrong or was taken back.", status=status)
    if status == 403 and "MESSAGE_DELETE_FORBIDDEN" in words:
        return Refused(f"Telegram does not allow this: {words}.", status=status)
    if status == 403:
        return Unauthorised(f"Telegram does not let the bot in: {words}. {_MAKE_ADMIN}.", status=status)
    if status == 400 and "migrate_to_chat_id" in more:
        moved = f"The group has a new number, {more['migrate_to_chat_id']}. Put it into TELEGRAM_CHAT_ID."
        return Unauthorised(moved, status=status)
    if status == 400 and _NOT_ALLOWED.search(words.lower()):
        return Unauthorised(
            f"The bot cannot write there: {words}. Look at TELEGRAM_CHAT_ID. {_MAKE_ADMIN}.", status=status
        )
    if status == 413:
        return Refused("Telegram finds the files too large.", status=status)
    if 400 <= status < 500 and status != 408:
        return Refused(f"Telegram does not take this: {words}.", status=status)
    return OutcomeUnknown(f"Telegram did not say what became of it (status {status}).", status=status)


def _too_many(more: Mapping[str, Any], now: datetime) -> NotSent:
    seconds = more.get("retry_after")
    known = isinstance(seconds, int) and 0 <= seconds < 7 * 86_400
    return NotSent(
        "Telegram says that these are too many messages.",
        status=429,
        retry_at=now + timedelta(seconds=seconds) if known and seconds is not None else None,
        whole_account=True,
    )
