"""Bluesky: posts as records under keys of our own choosing, so that none can go out twice.

A post's key follows from its part's key alone, and the server is asked to make the record only where none is there
yet. After a lost answer the key says for certain whether the post went out. Only the account's own server is spoken
to, but for `metrics`: an outage of the app's servers stops nothing else.

The login stands in `wire/xrpc.py`, what a record says in `wire/bluesky.py`, what is read and uploaded for it in
`wire/repository.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from socrbot import text
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused
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
from socrbot.networks.shared import evidence
from socrbot.networks.wire import bluesky as wire
from socrbot.networks.wire.repository import Repository
from socrbot.networks.wire.xrpc import Calls

CAPABILITIES = Capabilities(
    text_limit=wire.TEXT_LIMIT,
    measure=text.graphemes,
    byte_limit=wire.BYTE_LIMIT,
    max_images=wire.MOST_IMAGES,
    image_types=("image/jpeg", "image/png", "image/webp"),
    image_bytes=wire.IMAGE_BYTES,
    alt_limit=2_000,
    threads=True,
    repeat_safe=True,
    settle=timedelta(seconds=5),
    settle_why="The account's own server knows its posts by their keys at once.",
    metrics=("likes", "replies", "shares"),
    metrics_batch=25,
    options=MappingProxyType(
        {"card": Option("`yes`: a link is shown as a card, with its page's title and picture", values=("yes", "no"))}
    ),
    needs=MappingProxyType(
        {
            "BSKY_HANDLE": "the account's handle, such as campaign.bsky.social",
            "BSKY_APP_PASSWORD": "an app password for socrbot: Settings, Privacy and security, App passwords",
        }
    ),
    optional=MappingProxyType({"BSKY_SERVICE": "the server to sign in at, where it is not https://bsky.social"}),
    docs="https://docs.bsky.app/docs/advanced-guides/posts",
)


def tailored(capabilities: Capabilities, options: Mapping[str, str], folder: Path | None) -> Capabilities:  # noqa: ARG001
    """With `card: yes` the account's cards carry the link, so that it takes no room in the text."""
    return replace(capabilities, link_field=True) if options.get("card") == "yes" else capabilities


class Bluesky:
    """One Bluesky account, on any server that speaks the AT Protocol."""

    name = "bluesky"

    def __init__(self, equipment: Equipment) -> None:
        self.capabilities = tailored(CAPABILITIES, equipment.options, equipment.folder)
        self._clock = equipment.clock
        self._calls = Calls(equipment)
        self._repository = Repository(equipment, self._calls)

    def verify(self) -> Identity:
        """Renews the login, which says who it is for: a password that was taken back is noticed at once."""
        login = self._calls.renew()
        wanted = self._calls.identifier
        notes = []
        if wanted.lower() not in (login.handle.lower(), login.did) and "@" not in wanted:
            notes.append(f"The account is called {login.handle} now, and BSKY_HANDLE says {wanted}.")
        if login.whole_account:
            notes.append("BSKY_APP_PASSWORD is the account's main password. Make an app password and use that.")
        url, can = f"https://bsky.app/profile/{login.did}", ("post", "read back", "delete")
        return Identity(login.did, login.handle, url, can=can, note=" ".join(notes) or None)

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:
        """Uploads the pictures and builds the record. What the thread answers is added by `publish`."""
        wire.check(part)
        login = self._calls.login()
        record = wire.post_record(
            part,
            language=message.language,
            at=self._clock.now(),
            did_of=self._repository.did_of,
            embed=self._repository.embed(part, message.options, steps),
        )
        rkey = wire.record_key(key)
        # "swapRecord": null asks for the record to be made only where there is none.
        return {"repo": login.did, "collection": wire.POST, "rkey": rkey, "record": record, "swapRecord": None}

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:  # noqa: ARG002
        """Makes the record. One that is there already with the same text is the earlier try: that is success too.

        One call, or two where one look is needed: at the record that is there, or at a part before this one of which
        we know the address alone. It never signs in: `prepare` has seen to the login.
        """
        told = reply_to is not None and not wire.can_be_answered(reply_to)
        body = wire.answering(payload, self._repository.receipt(reply_to) if told and reply_to else reply_to)
        try:
            return wire.receipt_of(self._calls.write_once("com.atproto.repo.putRecord", body), body["record"])
        except Refused as error:
            if error.code == "InvalidSwap":
                return self._already_there(body, may_look=not told)
            if error.code == "BlobNotFound":
                self._repository.uploads_lost = True
                raise NotSent("Bluesky has lost the picture. It will be uploaded again.", code=error.code) from None
            raise

    def find(self, intent: Intent) -> Finding:
        """Looks under the post's own key on the account's own server, which took the record if anything did."""
        return evidence.look(lambda: self._under_its_key(intent.payload))

    def recent(self, since: datetime) -> list[Published]:
        """The account's own posts since then, newest first, threads' later parts among them."""
        return self._repository.posts(since)

    def delete(self, receipt: Receipt) -> None:
        """Deletes the record; the server says yes to one that is gone already."""
        did = self._calls.login().did
        body = {"repo": did, "collection": wire.POST, "rkey": wire.key_of(receipt, did)}
        self._calls.write("com.atproto.repo.deleteRecord", body)

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:
        """Counted by the app's servers, which the account's own server asks. While they are down: NotSent."""
        names = {wire.uri_of(receipt): receipt.id for receipt in receipts}
        with evidence.nothing_public():
            views = self._calls.ask("app.bsky.feed.getPosts", uris=list(names)).get("posts") or ()
        return {names[view["uri"]]: wire.metrics_of(view) for view in views if view.get("uri") in names}

    def _under_its_key(self, payload: Payload) -> Finding:
        there = self._repository.record(payload)
        if there is None:
            return Absent("The account's own server has no post under the key that was chosen for it.")
        if not wire.same_text(there, payload):
            return CannotTell("There is a post under the key that was chosen for it, but its text is another.")
        receipt = wire.receipt_of(there, there["value"])
        return Found(receipt, f"The post is there: {receipt.url}")

    def _already_there(self, body: Payload, *, may_look: bool) -> Receipt:
        """The receipt of the record that is there under our key; a look that is not had is left to `find`."""
        if not may_look:
            raise OutcomeUnknown("A post is there already. We look which.")
        try:
            there = self._repository.record(body)
        except NetworkError as error:
            raise OutcomeUnknown(f"A post is there already, and we could not see which: {error}") from None
        if there is None:
            why = "Bluesky keeps a post under this key and does not show it. It may have been taken down."
            raise Refused(why, code="InvalidSwap", duplicate=True)
        if not wire.same_text(there, body):
            why = "Bluesky has another post under this key already."
            raise Refused(why, code="InvalidSwap", duplicate=True, original=str(there.get("uri")))
        return wire.receipt_of(there, there["value"])
