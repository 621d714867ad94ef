"""Everything that Apprise reaches: Discord, Slack, Matrix, Mattermost, e-mail and the rest. One place an account.

Apprise tells little: no number or address of what was sent, no reading back, no deleting, and one word for every
failure. What can be made of its log is in `wire/apprise_log.py`; else a failure may have gone out, and a person looks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from socrbot.errors import OutcomeUnknown, Refused, Unauthorised
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
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.shared.disk import disk_errors, write_whole
from socrbot.networks.shared.enclosures import enclose, enclosed
from socrbot.networks.wire.apprise_log import failure, hearing

CAPABILITIES = Capabilities(
    # Until the service behind the address is known: `tailored`.
    text_limit=1_000,
    measure=len,
    alt_limit=0,
    alt_in_text=True,
    reads_back=False,
    deletes=False,
    options={
        "descriptions": Option(
            "Apprise carries no alt text. `below` writes the descriptions of pictures below the text, so that blind "
            "people can read them; `none` leaves them out",
            ("below", "none"),
            per_post=False,
        ),
        "title": Option("a title, for services that have one: the subject of an e-mail, say", counted=True),
    },
    settle_why="Nothing can be read back.",
    needs={"APPRISE_URL": "the address of the place, in Apprise's form, with its password"},
    docs="https://appriseit.com/services/",
)
_MISSING = "The package Apprise is missing, which reaches this place. Install it with: pip install 'socrbot[alarms]'"
_NOT_UNDERSTOOD = "Apprise does not understand this address. How the addresses look: https://appriseit.com/services/"
_CANNOT_READ = "Apprise cannot read what was said there"


def tailored(capabilities: Capabilities, options: Mapping[str, str], folder: Path | None) -> Capabilities:
    """The limits of the service behind the address, as `verify` kept them; with `descriptions: none`, without these."""
    described = options.get("descriptions") != "none"
    try:
        kept = json.loads((folder / "limits.json").read_text(encoding="utf-8")) if folder is not None else {}
        longest, files = int(kept.get("text", capabilities.text_limit)), bool(kept.get("files", True))
    except (OSError, ValueError, TypeError, AttributeError):
        longest, files = capabilities.text_limit, True
    return replace(
        capabilities,
        text_limit=longest,
        max_images=capabilities.max_images if files else 0,
        alt_in_text=described,
    )


class Apprise:
    """One place, by its Apprise address."""

    name = "apprise"

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._url = equipment.env.get("APPRISE_URL", "")

    @property
    def capabilities(self) -> Capabilities:
        """What the place can carry, as far as is known."""
        return tailored(CAPABILITIES, self._equipment.options, self._equipment.folder)

    def verify(self) -> Identity:
        """Looks whether Apprise understands the address, and keeps the service's limits. Sends nothing."""
        service = self._service()
        limits = {"text": int(service.body_maxlen), "files": bool(service.attachment_support)}
        with disk_errors("The account's folder"):
            write_whole(self._equipment.folder / "limits.json", json.dumps(limits).encode())
        name = str(service.service_name)
        note = "whether the address still works is only seen when something is sent"
        return Identity(id=name, name=f"a place on {name}", can=("post",), note=note)

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        service = self._service()
        if len(part.text) > service.body_maxlen:
            raise Refused(f"{service.service_name} takes at most {service.body_maxlen:,} characters.")
        if 0 < service.body_max_line_count < part.text.count("\n") + 1:
            raise Refused(f"{service.service_name} shows only the first {service.body_max_line_count} lines of a text.")
        if part.media and not service.attachment_support:
            raise Refused(f"{service.service_name} takes no pictures.")
        return {
            "text": part.text,
            "title": message.options.get("title", "") if service.title_maxlen > 0 else "",
            "media": enclose(part, self._equipment.media),
        }

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:  # noqa: ARG002
        """One message, by Apprise. It gives no number, so the receipt has a digest of the words instead."""
        if reply_to is not None:
            raise Refused("Apprise cannot answer an earlier message.")
        files = [file for _, file in enclosed(payload, self._equipment.media)]
        service = self._service()
        from apprise import Apprise as Messenger
        from apprise.attachment import memory

        attach: Any = memory.AttachMemory
        try:
            attached = [attach(content=file.data, name=file.name, mimetype=file.mime) for file in files]
            with hearing() as lines:
                sent = Messenger([service], asset=service.asset).notify(
                    body=str(payload["text"]),
                    title=str(payload["title"]),
                    body_format="text",
                    attach=attached or None,
                )
        except Exception as error:  # a hundred services, each with code of its own
            raise OutcomeUnknown(f"Something went wrong in Apprise ({type(error).__name__}).") from None
        if not sent:
            raise failure(lines, files=bool(files))
        return Receipt(hashlib.sha256(str(payload["text"]).encode()).hexdigest()[:16])

    def find(self, intent: Intent) -> Finding:
        when = f"{intent.started_at:%d %B %Y, %H:%M} UTC"
        return CannotTell(f"{_CANNOT_READ}. Please look there for a message of about {when}.")

    def recent(self, since: datetime) -> list[Published]:  # noqa: ARG002
        """Raises Refused: there is no reading back."""
        raise Refused(f"{_CANNOT_READ}.")

    def delete(self, receipt: Receipt) -> None:  # noqa: ARG002
        """Raises Refused: there is no deleting."""
        raise Refused("Apprise cannot delete what was said. Please delete it there yourself.")

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:  # noqa: ARG002
        """Nothing: Apprise tells no figures."""
        return {}

    def _service(self) -> Any:
        """The service behind the address, set to send once, whole, and nowhere else. Raises Unauthorised."""
        from socrbot.http import hush

        hush()
        try:
            import apprise
        except ModuleNotFoundError:
            raise Unauthorised(_MISSING) from None
        asset = apprise.AppriseAsset(async_mode=False, app_id="socrbot", image_url_mask="", image_url_logo="")
        with hearing():
            service: Any = apprise.Apprise.instantiate(self._url, asset=asset)
        if service is None:
            raise Unauthorised(_NOT_UNDERSTOOD)
        # The number of places is told times the number of tries.
        service.retry, service.optional, service.interpret_emojis = 0, False, False
        service.overflow_mode, service.redirects = apprise.OverflowMode.UPSTREAM, False
        service.socket_connect_timeout, service.socket_read_timeout = self._equipment.timeout
        if len(service) != 1:
            raise Unauthorised(
                f"This address names {len(service)} places. Make an account for each, so that it can be told which of "
                "them got a message."
            )
        return service
