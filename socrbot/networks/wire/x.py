"""What X's answers mean: its refusals as our four errors, its posts as ours, and whether two posts say the same. Pure.

X refuses in three forms: a problem, a list of errors as in version 1.1, or a page for people. Sources:
https://docs.x.com/x-api/fundamentals/response-codes-and-errors, and for some wordings what developers report.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from socrbot import text
from socrbot.clock import as_utc
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Metrics, Published, Receipt

if TYPE_CHECKING:
    from socrbot.http import Answer

# The code of a NotSent that says: upload the pictures again.
MEDIA_GONE = "media-gone"
# The code of a Refused that says: this upload is no good, another may be.
VIDEO_FAILED = "video-failed"
# Limits with a reset time of their own; all of them must leave room.
_WINDOWS = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")
_NO_REPLY = ("not been mentioned or otherwise engaged", "only reply to or quote posts where")
_NO_RIGHT = ("not permitted", "permission", "suspended", " locked", "access level", "attached to a project")
# Version 1.1: wrong or dead keys, suspended, locked, an app without the right to write.
_NO_RIGHT_CODES = {"32", "63", "64", "89", "261", "326"}
_DUPLICATE_CODE = "187"
_SCHEME = re.compile(r"https?://(?:www\.)?")
_LAST_SLASH = re.compile(r"/(?=[^\w\s/]*(?:\s|$))")
_PICTURE = re.compile(r"https?://(?:x|twitter)\.com/\w+/status/\d+/(?:photo|video)/\d+")


@dataclass(frozen=True, slots=True)
class _Problem:
    """What a refusal says: the end of its type, its codes, its sentences; `readable` where it came from X itself."""

    kind: str
    codes: frozenset[str]
    said: str
    readable: bool


def network_error(answer: Answer, *, public: bool) -> NetworkError:
    """The meaning of an answer that is no success; `public` where the request could have published something."""
    found = _problem(answer)
    told = found.said[:300] or f"status {answer.status}"
    facts: dict[str, Any] = {
        "status": answer.status,
        "code": found.kind or min(found.codes, default=f"http-{answer.status}"),
    }
    match answer.status:
        case 401:
            return Unauthorised(f"X does not accept the account's keys ({told}).", **facts)
        case 402:
            return Unauthorised(f"The account is out of credits at X ({told}).", **facts)
        case 429:
            return _too_many(answer.headers, found, facts)
        case 400 if _names_media(answer):
            return NotSent("X no longer has the pictures; they must be uploaded again.", status=400, code=MEDIA_GONE)
        case status if 400 <= status < 500 and status not in (408, 409):
            if found.readable:
                return _refusal(found, told, facts)
            return NotSent(f"Something on the way to X turned us away (status {status}).", **facts)
    if public:
        return OutcomeUnknown(f"X broke down over it ({told}): it may have gone out.", **facts)
    return NotSent(f"X broke down over it ({told}).", **facts)


def _refusal(found: _Problem, told: str, facts: Mapping[str, Any]) -> NetworkError:
    said, status = found.said.lower(), facts["status"]
    if status == 403 and ("duplicate content" in said or _DUPLICATE_CODE in found.codes):
        return Refused("X has this text from this account already.", status=403, code="duplicate", duplicate=True)
    if status == 403 and any(words in said for words in _NO_REPLY):
        words = f"X does not let this account answer or mention there ({told}). A thread ends at this point."
        return Refused(words, status=403, code="reply-not-allowed")
    no_right = found.kind == "client-forbidden" or bool(found.codes & _NO_RIGHT_CODES)
    if status == 403 and (no_right or any(words in said for words in _NO_RIGHT)):
        return Unauthorised(f"X does not let this account or app do that ({told}).", **facts)
    if status == 404:
        return Refused(f"X does not know that post ({told}).", **facts)
    if status == 413:
        return Refused(f"A file is too large for X ({told}).", **facts)
    return Refused(f"X refused it: {told}", **facts)


def _too_many(headers: Mapping[str, str], found: _Problem, facts: Mapping[str, Any]) -> NotSent:
    retry_at = max(_resets(headers), default=None)
    what = "The month's posts at X are used up" if found.kind == "usage-capped" else "X has had too many requests"
    until = f"; it listens again at {retry_at:%Y-%m-%d %H:%M} UTC" if retry_at else ""
    return NotSent(f"{what}{until}.", retry_at=retry_at, whole_account=True, **facts)


def _resets(headers: Mapping[str, str]) -> Iterator[datetime]:
    """When each used-up limit starts anew; one that does not say what is left counts as used up."""
    from socrbot.http import epoch

    for window in _WINDOWS:
        reset = epoch(headers.get(f"{window}-reset"))
        if reset is not None and headers.get(f"{window}-remaining", "0").strip() == "0":
            yield reset


def _problem(answer: Answer) -> _Problem:
    body = answer.object()
    listed = body.get("errors")
    errors = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    says = [body.get("title"), body.get("detail"), *(item.get("message", item.get("detail")) for item in errors)]
    kind = str(body.get("type") or "").rsplit("/", 1)[-1]
    return _Problem(
        kind="" if kind == "about:blank" else kind,
        codes=frozenset(str(item["code"]) for item in errors if "code" in item),
        said=" ".join(dict.fromkeys(say for say in says if isinstance(say, str))),
        readable=bool(body),
    )


def _names_media(answer: Answer) -> bool:
    said = answer.body.decode("utf-8", "replace").lower()
    return "media_ids" in said or "media id" in said


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a timeline, newest post first; `more` is the token of the next page."""

    posts: tuple[Published, ...]
    more: str | None


def page_of_posts(answer: Answer, *, username: str) -> Page | None:
    """A page of a timeline; None where the answer is no whole page that can be read."""
    body = answer.object()
    meta, data = body.get("meta"), body.get("data", [])
    if not isinstance(meta, dict) or not isinstance(data, list) or body.get("errors"):
        return None
    try:
        posts = tuple(_published(item, username=username) for item in data)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return Page(posts, meta.get("next_token")) if meta.get("result_count") == len(posts) else None


def numbers_of_posts(answer: Answer) -> dict[str, Metrics] | None:
    """How people took the posts that X still has, by their ids; None where the answer cannot be read.

    A quote counts as a share. X names the posts that are gone among its errors.
    """
    body = answer.object()
    data, errors = body.get("data", []), body.get("errors", [])
    if not isinstance(data, list) or not isinstance(errors, list) or not (data or errors):
        return None
    try:
        return {str(item["id"]): _numbers(item["public_metrics"]) for item in data}
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _numbers(given: Mapping[str, Any]) -> Metrics:
    # Reposts had another name before 2026.
    reposts = given["repost_count"] if "repost_count" in given else given["retweet_count"]
    return Metrics(
        likes=int(given["like_count"]),
        replies=int(given["reply_count"]),
        shares=int(reposts) + int(given.get("quote_count", 0)),
        views=int(given["impression_count"]) if "impression_count" in given else None,
    )


def seconds_to_wait(upload: Mapping[str, Any]) -> float | None:
    """How long to wait before asking again whether X has worked through an upload; None where it is ready.

    Raises Refused where X cannot use it.
    """
    told = upload.get("processing_info")
    info: Mapping[str, Any] = told if isinstance(told, dict) else {}
    if info.get("state") == "failed":
        raise Refused("X cannot use the video. It takes MP4 with H.264 pictures and AAC sound.", code=VIDEO_FAILED)
    if info.get("state") not in ("pending", "in_progress"):
        return None
    seconds = info.get("check_after_secs")
    return float(min(max(seconds, 1), 30)) if isinstance(seconds, int) else 5.0


def _published(item: Mapping[str, Any], *, username: str) -> Published:
    said = _plain(item["text"])
    for link in (item.get("entities") or {}).get("urls") or ():
        # X shows a link as t.co, and adds one for a picture.
        full = link.get("expanded_url") or link["url"]
        picture = link.get("media_key") or _PICTURE.fullmatch(full)
        said = said.replace(link["url"], "" if picture else full)
    return Published(
        id=str(item["id"]),
        text=said.strip(),
        created_at=as_utc(datetime.fromisoformat(item["created_at"])),
        url=f"https://x.com/{username}/status/{item['id']}",
        media_count=len((item.get("attachments") or {}).get("media_keys") or ()),
        extra={"conversation": str(item["conversation_id"])} if item.get("conversation_id") else {},
    )


def conversation(receipt: Receipt) -> str:
    """The id of the first post of the thread that a post belongs to."""
    return receipt.extra.get("conversation", receipt.id)


def alike(shown: str, sent: str) -> bool:
    """Whether a text as X shows it has the words that were sent, whatever its links."""
    return _exact(shown) == _exact(sent) or _words(shown) == _words(sent)


def difference(post: Published, sent: str, reply_to: Receipt | None) -> str | None:
    """How a post with the same words differs in place or links, in words; None where it does not."""
    thread = conversation(reply_to) if reply_to else post.id
    if post.extra.get("conversation", thread) != thread:
        return "it stands elsewhere in the conversation"
    return None if _exact(post.text) == _exact(sent) else "its link is another"


def _words(said: str) -> str:
    return text.normalise(_plain(said)).casefold()


def _exact(said: str) -> str:
    """A text with its links, in the form in which X's changes to it do not show: it adds schemes and slashes."""
    bare = _SCHEME.sub("", unquote(_plain(unicodedata.normalize("NFC", said))).casefold())
    return " ".join(_LAST_SLASH.sub("", bare).split())


def _plain(said: str) -> str:
    """X writes these three as HTML does."""
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
