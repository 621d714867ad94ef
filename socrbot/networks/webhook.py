"""A webhook: each post as JSON, signed, to an address of the team's own. What the other end must do is in its page.

For places that socrbot does not know: a website, an app, a chain of other programs. The other end gets a key with each
post, by which it can tell a repeated one, and may say later whether it has it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import (
    Absent,
    CannotTell,
    Capabilities,
    Finding,
    Found,
    Identity,
    Message,
    Metrics,
    Option,
    Part,
    Published,
    Receipt,
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.shared.enclosures import enclose, enclosed
from socrbot.networks.shared.evidence import look, nothing_public
from socrbot.redact import Redactor, pieces

if TYPE_CHECKING:
    from socrbot.http import Answer

CAPABILITIES = Capabilities(
    text_limit=10_000,
    measure=len,
    max_images=10,
    image_types=("image/jpeg", "image/png", "image/gif", "image/webp"),
    alt_limit=None,
    link_field=True,
    threads=True,
    reads_back=False,
    # The page asks the other end to know a key again.
    repeat_safe=True,
    options={
        "look_up": Option(
            "`by-key`: after a lost answer the other end is asked whether it has the post; `never` as it is without",
            ("by-key", "never"),
            per_post=False,
        )
    },
    settle_why="The other end is asked by the post's key, if it can be.",
    needs={
        "WEBHOOK_URL": "the address that takes the posts",
        "WEBHOOK_SECRET": "a long random text that both ends know, with which posts are signed",
    },
)
# The other end may have carried out a request that it, or something before it, answers so.
_MAY_HAVE_ARRIVED = (408, 409, 425)
_CANNOT_READ = "The other end shows nobody what it has"


class Webhook:
    """One address that takes posts."""

    name = "webhook"
    capabilities = CAPABILITIES

    def __init__(self, equipment: Equipment) -> None:
        from socrbot.http import Session

        self._equipment = equipment
        self._url = equipment.env.get("WEBHOOK_URL", "")
        self._secret = equipment.env.get("WEBHOOK_SECRET", "")
        redact = Redactor(pieces([self._url, self._secret]))
        self._session = Session(timeout=equipment.timeout, redact=redact)

    def verify(self) -> Identity:
        """Asks the other end for its name. One that answers no such question is taken by its host."""
        with nothing_public():
            answer = self._ask("GET")
        host = urlsplit(self._url).hostname or "the other end"
        if answer.status in (405, 501):
            return Identity(id=host, name=host, can=("post",), note="it does not say who it is")
        name = str(self._said(answer).get("name") or host)
        return Identity(id=name, name=name, can=("post", "delete"))

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        return {
            "post": message.post,
            "account": message.account,
            "language": message.language,
            "part": part.number,
            "parts": len(message.parts),
            "text": part.text,
            "link": part.link,
            "media": enclose(part, self._equipment.media),
        }

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:
        pictures = [
            {
                "name": file.name,
                "type": file.mime,
                "alt": attachment.alt,
                "width": file.width,
                "height": file.height,
                "data": base64.b64encode(file.data).decode(),
            }
            for attachment, file in enclosed(payload, self._equipment.media)
        ]
        answered = {"id": reply_to.id, "url": reply_to.url} if reply_to else None
        created_at = self._equipment.clock.now().isoformat()
        post = {**payload, "media": pictures, "key": key, "reply_to": answered, "created_at": created_at}
        answer = self._ask("POST", body=json.dumps(post).encode(), key=key)
        return _receipt(self._said(answer), key)

    def find(self, intent: Intent) -> Finding:
        if self._equipment.options.get("look_up") != "by-key":
            return CannotTell(f"{_CANNOT_READ}, so the bot cannot look. Please look there yourself.")
        return look(lambda: self._look(intent.key))

    def recent(self, since: datetime) -> list[Published]:  # noqa: ARG002
        """Raises Refused: the other end shows no posts."""
        raise Refused(f"{_CANNOT_READ}.")

    def delete(self, receipt: Receipt) -> None:
        """Asks the other end to delete. Raises Refused where it does not know how."""
        answer = self._ask("DELETE", id=receipt.id)
        if answer.status in (404, 405, 501):
            where = receipt.url or receipt.id
            raise Refused(f"The other end deletes nothing. Please delete it there yourself: {where}")
        if answer.status != 410:
            self._said(answer)

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:  # noqa: ARG002
        """Nothing: the other end tells no figures."""
        return {}

    def _look(self, key: str) -> Finding:
        said = self._said(self._ask("GET", key=key))
        if said.get("known") is True:
            return Found(_receipt(said, key), "The other end says that it has it.")
        if said.get("known") is False:
            return Absent("The other end says that it does not have it.")
        return CannotTell("The other end did not say whether it has it.")

    def _ask(self, method: str, *, body: bytes = b"", **query: str) -> Answer:
        """One signed request. `key` goes into a header where there is a body, else into the address."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": query.pop("key")} if body else {}
        url = self._url + (("&" if "?" in self._url else "?") + urlencode(query) if query else "")
        now = int(self._equipment.clock.now().timestamp())
        signed = f"{now}.{method}.{urlsplit(url).query}.".encode() + body
        headers["Socrbot-Timestamp"] = str(now)
        headers["Socrbot-Signature"] = "sha256=" + hmac.digest(self._secret.encode(), signed, hashlib.sha256).hex()
        return self._session.call(method, url, data=body or None, headers=headers)

    def _said(self, answer: Answer) -> dict[str, Any]:
        """The JSON object of an answer that says yes; an empty body counts as an empty object. Raises NetworkError."""
        if answer.ok and (not answer.body.strip() or isinstance(answer.json(), dict)):
            return answer.object()
        raise self._error(answer)

    def _error(self, answer: Answer) -> NetworkError:
        status = answer.status
        why = self._session.redact(str(answer.object().get("error") or f"status {status}"))[:300]
        if status in (401, 403, 404, 410):
            return Unauthorised(f"The other end takes no posts from here: {why}.", status=status)
        if status == 429:
            wait = answer.headers.get("Retry-After", "")
            named = wait.isdecimal() and len(wait) < 7
            at = self._equipment.clock.now() + timedelta(seconds=int(wait)) if named else None
            return NotSent("The other end wants fewer posts.", status=status, retry_at=at, whole_account=True)
        if 400 <= status < 500 and status not in _MAY_HAVE_ARRIVED:
            return Refused(f"The other end does not take this: {why}.", status=status)
        return OutcomeUnknown(f"The other end did not say what became of it (status {status}).", status=status)


def _receipt(said: Mapping[str, Any], key: str) -> Receipt:
    """What the other end calls the post; our key where it calls it nothing."""
    url = said.get("url")
    return Receipt(str(said.get("id") or key), url if isinstance(url, str) and url.startswith("http") else None)
