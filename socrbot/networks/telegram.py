"""A Telegram channel, by a bot that is its administrator: texts, pictures, albums, videos, threads.

Pictures on Telegram carry no alt text, so their descriptions stand in the message, unless the account says otherwise.
Nobody can read a channel back by a bot: after a lost answer a person has to look. How the server is spoken to is in
`wire/telegram.py`. Limits are those of the Bot API's page (version 10.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socrbot import text
from socrbot.errors import OutcomeUnknown, Refused
from socrbot.message import (
    CannotTell,
    Capabilities,
    Finding,
    Identity,
    Message,
    Metrics,
    Option,
    Part,
    Published,
    Receipt,
    VideoLimits,
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.shared.enclosures import enclose, enclosed
from socrbot.networks.shared.evidence import nothing_public

if TYPE_CHECKING:
    from socrbot.networks.wire.telegram import File

CAPABILITIES = Capabilities(
    text_limit=4_096,
    measure=text.utf16_units,
    caption_limit=1_024,
    max_images=10,
    image_bytes=10_000_000,
    # Width and height may be 10,000 together, and one up to 20 times the other; it shows no more than 2,560.
    image_width=(1, 2_560),
    image_ratio=(0.35, 20.0),
    video=VideoLimits(max_bytes=50_000_000, seconds=(0.1, 7_200.0), max_videos=10, alt=False, beside_images=True),
    alt_limit=0,
    alt_in_text=True,
    threads=True,
    reads_back=False,
    options={
        "descriptions": Option(
            "Telegram's pictures carry no alt text. `below` writes their descriptions below the text, so that blind "
            "people can read them; `none` leaves them out",
            ("below", "none"),
            per_post=False,
        ),
        "previews": Option("whether a link in the text gets a preview of its page", ("show", "hide")),
        "notify": Option("`silent` sends without a sound on people's telephones", ("sound", "silent")),
    },
    settle_why="Telegram shows its posts to no bot.",
    needs={
        "TELEGRAM_BOT_TOKEN": "the bot's token, from BotFather",
        "TELEGRAM_CHAT_ID": "the channel: its name with an @ (@ourcampaign), or its number, which begins with -100",
    },
    optional={"TELEGRAM_API_BASE": "an address to use instead of https://api.telegram.org: your own Bot API server"},
    docs="https://core.telegram.org/bots/api",
)
_CANNOT_READ = "Telegram shows a bot nothing of what stands in a channel"
_TOO_LATE = (
    "Telegram lets a bot delete a message only in its first 48 hours. Please delete it yourself, in Telegram's app"
)
_NUMBER = re.compile(r"(\d+)(?:\?\w+)?$")


def tailored(capabilities: Capabilities, options: Mapping[str, str], folder: Path | None) -> Capabilities:  # noqa: ARG001
    """With `descriptions: none` pictures go out without their descriptions."""
    return replace(capabilities, alt_in_text=options.get("descriptions") != "none")


class Telegram:
    """One channel, and the bot that speaks in it."""

    name = "telegram"
    capabilities = CAPABILITIES

    def __init__(self, equipment: Equipment) -> None:
        from socrbot.networks.wire.telegram import HOST, Bot

        env = equipment.env
        self.capabilities = tailored(CAPABILITIES, equipment.options, None)
        self._equipment = equipment
        self._chat = env.get("TELEGRAM_CHAT_ID", "")
        self._bot = Bot(
            env.get("TELEGRAM_BOT_TOKEN", ""),
            base=env.get("TELEGRAM_API_BASE") or HOST,
            timeout=equipment.timeout,
            clock=equipment.clock,
        )

    def verify(self) -> Identity:
        """The bot's name, and what it may do in the channel."""
        with nothing_public():
            bot = _record(self._bot.call("getMe", {}))
            member = _record(self._bot.call("getChatMember", {"chat_id": self._chat, "user_id": bot.get("id")}))
        status = member.get("status")
        posts = status == "creator" or (status == "administrator" and member.get("can_post_messages") is not False)
        return Identity(
            id=str(bot.get("id")),
            name=f"@{bot.get('username')} in {self._chat}",
            url=f"https://t.me/{self._chat[1:]}" if self._chat.startswith("@") else None,
            can=("post", "delete") if posts else (),
            lacks=() if posts else ("post (make the bot an administrator of the channel who may post messages)",),
        )

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        """Telegram takes pictures only with the post itself, so nothing is uploaded here."""
        fields: dict[str, object] = {"chat_id": self._chat}
        if message.options.get("previews") == "hide" and not part.media:
            fields["link_preview_options"] = {"is_disabled": True}
        if message.options.get("notify") == "silent":
            fields["disable_notification"] = True
        return {"fields": fields, "text": part.text, "media": enclose(part, self._equipment.media)}

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:  # noqa: ARG002
        fields: dict[str, Any] = dict(payload["fields"])  # type: ignore[call-overload]
        if reply_to is not None:
            fields["reply_parameters"] = {"message_id": next(_numbers(reply_to))}
        method, more, files = self._wish(payload)
        result = self._bot.call(method, {**fields, **more}, files=files)
        sent = [_record(message) for message in (result if isinstance(result, list) else [result])]
        numbers = [str(message.get("message_id") or "") for message in sent]
        if not numbers or not all(number.isdecimal() for number in numbers):
            raise OutcomeUnknown("Telegram said yes, but not which message it made.")
        return Receipt(numbers[0], _address(sent[0], self._chat), {"messages": " ".join(numbers)})

    def _wish(self, payload: Payload) -> tuple[str, dict[str, object], dict[str, File]]:
        """The method that carries a payload, its own fields, and its files. No parse mode: the text is plain."""
        media = enclosed(payload, self._equipment.media)
        if not media:
            return "sendMessage", {"text": payload["text"]}, {}
        kinds = ["video" if attachment.is_video else "photo" for attachment, _ in media]
        names = [f"file{number}" for number in range(len(media))]
        files = {name: (file.name, file.data, file.mime) for name, (_, file) in zip(names, media, strict=True)}
        if len(media) == 1:
            return f"send{kinds[0].title()}", {"caption": payload["text"]}, {kinds[0]: files["file0"]}
        items = [{"type": kind, "media": f"attach://{name}"} for kind, name in zip(kinds, names, strict=True)]
        items[0]["caption"] = str(payload["text"])
        return "sendMediaGroup", {"media": items}, files

    def find(self, intent: Intent) -> Finding:
        when = f"{intent.started_at:%d %B %Y, %H:%M} UTC"
        return CannotTell(f"{_CANNOT_READ}. Please open the channel and look for a post of about {when}.")

    def recent(self, since: datetime) -> list[Published]:  # noqa: ARG002
        """Raises Refused: there is no way to read a channel."""
        raise Refused(f"{_CANNOT_READ}.")

    def delete(self, receipt: Receipt) -> None:
        """Deletes every message of the post. Raises Refused where Telegram no longer lets the bot do that."""
        for number in _numbers(receipt):
            try:
                self._bot.call("deleteMessage", {"chat_id": self._chat, "message_id": number})
            except Refused as refusal:
                said = str(refusal).lower()
                if "delete not found" in said or "message_id_invalid" in said:
                    continue
                if "can't be deleted" not in said and "delete_forbidden" not in said:
                    raise
                raise Refused(f"{_TOO_LATE}: {receipt.url or f'message {number}'}", status=refusal.status) from None

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:  # noqa: ARG002
        """Nothing: Telegram tells bots no figures."""
        return {}


def _numbers(receipt: Receipt) -> Iterator[int]:
    """The numbers of a post's messages. A post that a person settled has its address alone, which ends in one."""
    found = [_NUMBER.search(word) for word in (receipt.extra.get("messages") or receipt.id).split()]
    numbers = [int(number[1]) for number in found if number]
    if not numbers:
        raise Refused("socrbot does not know the number of this message on Telegram. Please look at it yourself.")
    yield from numbers


def _record(result: object) -> dict[str, Any]:
    return result if isinstance(result, dict) else {}


def _address(message: Mapping[str, Any], chat: str) -> str:
    """Where people see a message: by the channel's public name, else by its number, for members."""
    where = _record(message.get("chat"))
    name = where.get("username") or (chat[1:] if chat.startswith("@") else "")
    number = str(where.get("id") or chat).removeprefix("-100")
    return f"https://t.me/{name or f'c/{number}'}/{message.get('message_id')}"
