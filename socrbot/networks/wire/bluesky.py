"""What Bluesky's records say: keys, text, links, threads, and the receipts made of them. Makes no call.

Rules: the app.bsky.feed.post and app.bsky.embed.* lexicons of the AT Protocol.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from socrbot import text
from socrbot.errors import OutcomeUnknown, Refused
from socrbot.message import Metrics, Part, Published, Receipt, Span, SpanKind
from socrbot.networks.base import Payload

POST = "app.bsky.feed.post"
TEXT_LIMIT, BYTE_LIMIT, MOST_IMAGES = 300, 3_000, 4
# The lexicon allows 2,000,000 for pictures since April 2026; servers from before then take half of it. The picture of
# a card may have no more than this anywhere.
IMAGE_BYTES = 1_000_000
_MOST_LANGUAGES = 3
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_RECORD_KEY = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_PART_KEY = re.compile(r"[0-9a-f]+@([0-9]{1,16})/([0-9]{1,6})")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:-[A-Za-z0-9]{1,8})*")
_PROFILE = re.compile(r"(?:at://|/profile/)(did:[a-z]+:[^/?#]+)")


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


def check(part: Part) -> None:
    """Raises Refused for what the server would refuse, before anything is uploaded."""
    length, size = text.graphemes(part.text), len(part.text.encode())
    if length > TEXT_LIMIT:
        raise Refused(f"The text has {length} characters, and Bluesky takes {TEXT_LIMIT}. Make it shorter.")
    if size > BYTE_LIMIT:
        raise Refused(f"The text needs {size} bytes, and Bluesky takes {BYTE_LIMIT:,}. Make it shorter.")
    if len(part.media) > MOST_IMAGES:
        raise Refused(f"The post has {len(part.media)} pictures, and Bluesky takes {MOST_IMAGES}.")


def post_record(
    part: Part, *, language: str, at: datetime, did_of: Callable[[str], str | None], embed: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The record of a post made `at` an instant. `did_of` says whose a handle is; `embed` is what it shows."""
    record: dict[str, Any] = {"$type": POST, "text": part.text, "createdAt": _stamp(at)}
    if languages := _languages(language):
        record["langs"] = languages
    if facets := list(_facets(part, did_of)):
        record["facets"] = facets
    if embed is not None:
        record["embed"] = embed
    return record


def card_address(part: Part, options: Mapping[str, str]) -> str | None:
    """The address that a part shows as a card: its link, or the last one in its text where cards are wanted.

    None beside pictures: a post has one or the other.
    """
    if part.media:
        return None
    inside = [span.value for span in part.spans if span.kind is SpanKind.LINK]
    return part.link or (inside[-1] if inside and options.get("card") == "yes" else None)


def _languages(language: str) -> list[str]:
    """The language as written and without its country: some feeds look for "en" alone."""
    found = _LANGUAGE.fullmatch(language)
    return list(dict.fromkeys((language, found[1])))[:_MOST_LANGUAGES] if found else []


def _facets(part: Part, did_of: Callable[[str], str | None]) -> Iterator[dict[str, Any]]:
    """What makes links, hashtags and mentions work. Places are UTF-8 bytes."""
    for span in part.spans:
        feature = _feature(span, did_of)
        if feature is not None:
            start = len(part.text[: span.start].encode())
            end = start + len(part.text[span.start : span.end].encode())
            yield {"index": {"byteStart": start, "byteEnd": end}, "features": [feature]}


def _feature(span: Span, did_of: Callable[[str], str | None]) -> dict[str, str] | None:
    match span.kind:
        case SpanKind.LINK:
            return {"$type": "app.bsky.richtext.facet#link", "uri": span.value}
        case SpanKind.HASHTAG if text.graphemes(span.value) <= 64 and len(span.value.encode()) <= 640:
            return {"$type": "app.bsky.richtext.facet#tag", "tag": span.value}
        case SpanKind.MENTION if "." in span.value and "@" not in span.value:
            did = did_of(span.value.lower())
            return {"$type": "app.bsky.richtext.facet#mention", "did": did} if did else None
    return None


def answering(payload: Payload, above: Receipt | None) -> Payload:
    """The payload with what it answers: the part before, and the thread's first part."""
    record = payload["record"]
    if above is None or not isinstance(record, dict):
        return payload
    extra = above.extra
    root = {"uri": extra.get("root_uri", extra["uri"]), "cid": extra.get("root_cid", extra["cid"])}
    reply = {"root": root, "parent": {"uri": extra["uri"], "cid": extra["cid"]}}
    return {**payload, "record": {**record, "reply": reply}}


def can_be_answered(receipt: Receipt) -> bool:
    """Whether we know enough of a part to answer it; not where a person told us its address alone."""
    return "uri" in receipt.extra and "cid" in receipt.extra


def receipt_of(given: Mapping[str, Any], record: object) -> Receipt:
    """The receipt for a record, from an answer that names it. Raises OutcomeUnknown where the answer does not."""
    uri, cid = given.get("uri"), given.get("cid")
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


def same_text(there: Mapping[str, Any], payload: Payload) -> bool:
    """Whether a record that is there says what the payload says."""
    record = payload["record"]
    return isinstance(record, dict) and bool(there["value"].get("text") == record.get("text"))


def uri_of(receipt: Receipt) -> str:
    """The record's name (at://…) as the network writes it; else whatever we have."""
    return receipt.extra.get("uri", receipt.id)


def key_of(receipt: Receipt, did: str) -> str:
    """The key of a record of this account, from a receipt of ours or from an address that a person copied.

    Raises Refused where it is none, or belongs to another account.
    """
    address = receipt.extra.get("uri", receipt.id) or receipt.url or ""
    owner = _PROFILE.search(address)
    if owner is not None and owner[1] != did:
        raise Refused("That post belongs to another account.")
    key = re.split(r"[?#]", address)[0].rstrip("/").rpartition("/")[2]
    if not _RECORD_KEY.fullmatch(key):
        raise Refused(f"We cannot tell which post that is: {address[:200] or 'there is no address'}")
    return key


def published(entry: Mapping[str, Any]) -> Published | None:
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


def metrics_of(view: Mapping[str, Any]) -> Metrics:
    """How people took a post, as the app view shows it. To quote a post is to share it."""
    shares = [view[name] for name in ("repostCount", "quoteCount") if isinstance(view.get(name), int)]
    likes, replies = view.get("likeCount"), view.get("replyCount")
    return Metrics(
        likes=likes if isinstance(likes, int) else None,
        replies=replies if isinstance(replies, int) else None,
        shares=sum(shares) if shares else None,
    )


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
