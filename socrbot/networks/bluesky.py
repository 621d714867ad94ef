"""Bluesky: posts as records under keys of our own choosing, so that none can go out twice.

A post's key follows from its part's key alone, and the server is asked to make the record only where none is there
yet. After a lost answer the key says for certain whether the post went out. Only the account's own server is spoken
to: an outage of the app's servers stops nothing. The login stands in `bluesky_session.py`.

Rules of the record: the app.bsky.feed.post lexicon.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from socrbot import text
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import (
    Absent,
    Attachment,
    CannotTell,
    Capabilities,
    Finding,
    Found,
    Identity,
    Message,
    Part,
    Published,
    Receipt,
    Span,
    SpanKind,
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.bluesky_session import Calls

CAPABILITIES = Capabilities(
    text_limit=300,
    measure=text.graphemes,
    byte_limit=3_000,
    max_images=4,
    image_types=("image/jpeg", "image/png", "image/webp"),
    # The lexicon allows 2,000,000 since April 2026; servers from before then take half of it.
    image_bytes=1_000_000,
    alt_limit=2_000,
    threads=True,
    repeat_safe=True,
    settle=timedelta(seconds=5),
    needs=MappingProxyType(
        {
            "BSKY_HANDLE": "the account's handle, such as campaign.bsky.social",
            "BSKY_APP_PASSWORD": "an app password for socrbot: Settings, Privacy and security, App passwords",
        }
    ),
    optional=MappingProxyType({"BSKY_SERVICE": "the server to sign in at, where it is not https://bsky.social"}),
    docs="https://docs.bsky.app/docs/advanced-guides/posts",
)

POST = "app.bsky.feed.post"
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_RECORD_KEY = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_PART_KEY = re.compile(r"[0-9a-f]+@([0-9]{1,16})/([0-9]{1,6})")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:-[A-Za-z0-9]{1,8})*")
# An uploaded picture that no post shows is thrown away by the server after a few hours.
_UPLOAD_LASTS = timedelta(hours=1)
_PAGE = 100
_MOST_PAGES = 50


class Bluesky:
    """One Bluesky account, on any server that speaks the AT Protocol."""

    name = "bluesky"
    capabilities = CAPABILITIES

    def __init__(self, equipment: Equipment) -> None:
        self._clock = equipment.clock
        self._media = equipment.media
        self._calls = Calls(equipment)
        self._uploads_lost = False

    def verify(self) -> Identity:
        """Renews the login, which says who it is for: a password that was taken back is noticed at once."""
        login = self._calls.renew()
        wanted = self._calls.identifier
        notes = []
        if wanted.lower() not in (login.handle.lower(), login.did) and "@" not in wanted:
            notes.append(f"The account is called {login.handle} now, and BSKY_HANDLE says {wanted}.")
        if login.whole_account:
            notes.append("BSKY_APP_PASSWORD is the account's main password. Make an app password and use that.")
        return Identity(
            id=login.did,
            name=login.handle,
            url=f"https://bsky.app/profile/{login.did}",
            can=("post", "read back", "delete"),
            note=" ".join(notes) or None,
        )

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:
        """Uploads the pictures and builds the record. What the thread answers is added by `publish`."""
        _check(part)
        login = self._calls.login()
        record: dict[str, Any] = {"$type": POST, "text": part.text, "createdAt": _stamp(self._clock.now())}
        if languages := _languages(message.language):
            record["langs"] = languages
        if facets := list(self._facets(part)):
            record["facets"] = facets
        if part.media:
            images = [self._image(picture, steps) for picture in part.media]
            record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
        self._uploads_lost = False
        # "swapRecord": null asks for the record to be made only where there is none.
        return {"repo": login.did, "collection": POST, "rkey": record_key(key), "record": record, "swapRecord": None}

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:  # noqa: ARG002
        """Makes the record. One that is there already with the same text is the earlier try: that is success too."""
        body = _answering(payload, reply_to)
        try:
            return _receipt(self._calls.write("com.atproto.repo.putRecord", body), body)
        except Refused as error:
            if error.code == "InvalidSwap":
                return self._already_there(body)
            if error.code == "BlobNotFound":
                self._uploads_lost = True
                raise NotSent("Bluesky has lost the picture. It will be uploaded again.", code=error.code) from None
            raise

    def find(self, intent: Intent) -> Finding:
        """Looks under the post's own key on the account's own server, which took the record if anything did."""
        try:
            there = self._record(intent.payload)
        except (NotSent, OutcomeUnknown) as error:
            return CannotTell(str(error), error.retry_at if isinstance(error, NotSent) else None)
        except Refused as error:
            return CannotTell(str(error))
        if there is None:
            return Absent("The account's own server has no post under the key that was chosen for it.")
        if not _same_text(there, intent.payload):
            return CannotTell("There is a post under the key that was chosen for it, but its text is another.")
        receipt = _receipt(there, {**intent.payload, "record": there["value"]})
        return Found(receipt, f"The post is there: {receipt.url}")

    def recent(self, since: datetime) -> list[Published]:
        """The account's own posts since then, newest first, threads' later parts among them."""
        found: list[Published] = []
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = self._page(cursor)
            posts = [post for post in map(_published, page.get("records") or ()) if post]
            found += [post for post in posts if post.created_at >= since]
            cursor = str(page.get("cursor") or "")
            # Keys follow the planned time, which may differ from the real one by a day.
            if not cursor or (posts and all(post.created_at < since - timedelta(days=1) for post in posts)):
                break
        return sorted(found, key=lambda post: (post.created_at, post.id), reverse=True)

    def delete(self, receipt: Receipt) -> None:
        """Deletes the record; the server says yes to one that is gone already."""
        did, key = self._calls.login().did, _key_of(receipt)
        if receipt.id.startswith("at://") and not receipt.id.startswith(f"at://{did}/"):
            raise Refused("That post belongs to another account.")
        body = {"repo": did, "collection": POST, "rkey": key}
        self._calls.write("com.atproto.repo.deleteRecord", body)

    def _already_there(self, body: Payload) -> Receipt:
        try:
            there = self._record(body)
        except NetworkError as error:
            raise OutcomeUnknown(f"A post is there already, and we could not see which: {error}") from None
        if there is None:
            why = "Bluesky keeps a post under this key and does not show it. It may have been taken down."
            raise Refused(why, code="InvalidSwap", duplicate=True)
        if not _same_text(there, body):
            why = "Bluesky has another post under this key already."
            raise Refused(why, code="InvalidSwap", duplicate=True, original=str(there.get("uri")))
        return _receipt(there, {**body, "record": there["value"]})

    def _record(self, payload: Payload) -> dict[str, Any] | None:
        """The record under the payload's key, or None where the server says that there is none."""
        query = {name: str(payload[name]) for name in ("repo", "collection", "rkey")}
        try:
            there = self._calls.read("com.atproto.repo.getRecord", **query)
        except Refused as error:
            if error.code == "RecordNotFound" or "Could not locate record" in str(error):
                return None
            raise
        if not isinstance(there.get("value"), dict):
            raise OutcomeUnknown("Bluesky's answer could not be read.")
        return there

    def _page(self, cursor: str) -> Mapping[str, Any]:
        query = {"repo": self._calls.login().did, "collection": POST, "limit": str(_PAGE)}
        return self._calls.read("com.atproto.repo.listRecords", **query, **({"cursor": cursor} if cursor else {}))

    def _image(self, picture: Attachment, steps: Steps) -> dict[str, Any]:
        name = f"picture {picture.digest}"
        kept = None if self._uploads_lost else steps.get(name)
        blob = json.loads(kept) if kept else self._upload(picture)
        if not kept:
            steps.keep(name, json.dumps(blob), expires_at=self._clock.now() + _UPLOAD_LASTS)
        image: dict[str, Any] = {"alt": picture.alt, "image": blob}
        if picture.width > 0 and picture.height > 0:
            image["aspectRatio"] = {"width": picture.width, "height": picture.height}
        return image

    def _upload(self, picture: Attachment) -> Any:
        shown = self._media(picture)
        if len(shown.data) > CAPABILITIES.image_bytes:
            raise Refused(f"{picture.path} is too big for Bluesky, which takes pictures up to 1 MB. Make it smaller.")
        blob = self._calls.write("com.atproto.repo.uploadBlob", shown.data, mime=shown.mime).get("blob")
        if not isinstance(blob, dict):
            raise OutcomeUnknown("Bluesky took the picture, but its answer could not be read.")
        return blob

    def _facets(self, part: Part) -> Iterator[dict[str, Any]]:
        """What makes links, hashtags and mentions work. Places are UTF-8 bytes."""
        for span in part.spans:
            feature = self._feature(span)
            if feature is not None:
                start = len(part.text[: span.start].encode())
                end = start + len(part.text[span.start : span.end].encode())
                yield {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}

    def _feature(self, span: Span) -> dict[str, str] | None:
        match span.kind:
            case SpanKind.LINK:
                return {"$type": "app.bsky.richtext.facet#link", "uri": span.value}
            case SpanKind.HASHTAG if text.graphemes(span.value) <= 64 and len(span.value.encode()) <= 640:
                return {"$type": "app.bsky.richtext.facet#tag", "tag": span.value}
            case SpanKind.MENTION if "." in span.value and "@" not in span.value:
                did = self._did_of(span.value)
                return {"$type": "app.bsky.richtext.facet#mention", "did": did} if did else None
        return None

    def _did_of(self, handle: str) -> str | None:
        """Who a handle belongs to. A mention that leads nowhere is no reason to keep the post back."""
        try:
            did = self._calls.read("com.atproto.identity.resolveHandle", handle=handle.lower()).get("did")
        except Unauthorised:
            raise
        except NetworkError:
            return None
        return did if isinstance(did, str) else None


def record_key(key: str) -> str:
    """The record's key: thirteen characters (a TID) that follow from the part's key alone.

    Keys of the form `<hex digest>@<microseconds since 1970>/<part>` sort by that time, and by part within a time:
    lists of posts are sorted by record key. Posts planned for the same time are told apart by the hash, so it fills
    the last ten thousand microseconds as well as the ten bits meant for it. Any other key sorts before all of these.
    """
    digest = int.from_bytes(hashlib.sha256(key.encode()).digest())
    planned = _PART_KEY.fullmatch(key)
    if planned is None:
        return _tid(digest % 2**59)
    part = min(int(planned[2]), 99)
    microseconds = int(planned[1]) + part * 10_000 + digest % 10_000
    return _tid((microseconds % 2**53) << 10 | digest // 10_000 % 2**10)


def _tid(number: int) -> str:
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def _check(part: Part) -> None:
    """Raises Refused for what the server would refuse, before anything is uploaded."""
    length, size = text.graphemes(part.text), len(part.text.encode())
    if length > CAPABILITIES.text_limit:
        raise Refused(f"The text has {length} characters, and Bluesky takes 300. Make it shorter.")
    if size > 3_000:
        raise Refused(f"The text needs {size} bytes, and Bluesky takes 3,000. Make it shorter.")
    if len(part.media) > CAPABILITIES.max_images:
        raise Refused(f"The post has {len(part.media)} pictures, and Bluesky takes 4.")


def _languages(language: str) -> list[str]:
    """The language as written and without its country: some feeds look for "en" alone."""
    found = _LANGUAGE.fullmatch(language)
    return list(dict.fromkeys((language, found[1]))) if found else []


def _answering(payload: Payload, reply_to: Receipt | None) -> Payload:
    """The payload with what it answers: the part before, and the thread's first part."""
    record = payload["record"]
    if reply_to is None or not isinstance(record, dict):
        return payload
    extra = reply_to.extra
    if "uri" not in extra or "cid" not in extra:
        raise Refused("The thread cannot go on: we don't know enough of the part before to answer it.")
    root = {"uri": extra.get("root_uri", extra["uri"]), "cid": extra.get("root_cid", extra["cid"])}
    reply = {"root": root, "parent": {"uri": extra["uri"], "cid": extra["cid"]}}
    return {**payload, "record": {**record, "reply": reply}}


def _receipt(given: Mapping[str, Any], body: Payload) -> Receipt:
    """The receipt for a record, from an answer that names it and the body that holds it."""
    uri, cid, record = given.get("uri"), given.get("cid"), body["record"]
    if not isinstance(uri, str) or not isinstance(cid, str):
        raise OutcomeUnknown("Bluesky's answer could not be read.")
    reply = record.get("reply") if isinstance(record, dict) else None
    root = reply["root"] if reply else {"uri": uri, "cid": cid}
    extra = {"uri": uri, "cid": cid, "root_uri": root["uri"], "root_cid": root["cid"]}
    return Receipt(id=uri, url=_address(uri), extra=MappingProxyType(extra))


def _address(uri: str) -> str:
    """Where people see the record. With the account's DID: a handle may change."""
    did, _, key = uri.removeprefix("at://").split("/")
    return f"https://bsky.app/profile/{did}/post/{key}"


def _same_text(there: Mapping[str, Any], payload: Payload) -> bool:
    record = payload["record"]
    return isinstance(record, dict) and bool(there["value"].get("text") == record.get("text"))


def _key_of(receipt: Receipt) -> str:
    """The record's key, from a receipt of ours or from an address that a person copied out of the app."""
    address = receipt.extra.get("uri", receipt.id) or receipt.url or ""
    key = re.split(r"[?#]", address)[0].rstrip("/").rpartition("/")[2]
    if not _RECORD_KEY.fullmatch(key):
        raise Refused("We cannot tell which post that is. Delete it in the app.")
    return key


def _published(entry: Mapping[str, Any]) -> Published | None:
    """A record as a published post; None where it does not say when it was made."""
    value = entry["value"]
    try:
        created = datetime.fromisoformat(value["createdAt"])
    except (KeyError, TypeError, ValueError):
        return None
    embed = value.get("embed") or {}
    pictures = embed.get("images") or (embed.get("media") or {}).get("images") or ()
    return Published(
        id=entry["uri"],
        text=str(value.get("text", "")),
        created_at=created.replace(tzinfo=created.tzinfo or UTC).astimezone(UTC),
        url=_address(entry["uri"]),
        media_count=len(pictures),
        extra=MappingProxyType({"uri": entry["uri"], "cid": entry["cid"]}),
    )


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
