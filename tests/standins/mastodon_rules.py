"""Where Mastodon is stricter or different than mastodon_mock, written down once more and not with our own code.

How long a text is, what HTML becomes of it, which files are taken, and what Mastodon's documentation says of answers.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import regex
from PIL import Image

from tests.standins.exchange import Field, Reply, Request
from tests.vendor import VENDOR

TEXT_LIMIT = 500
ALT_LIMIT = 1_500
PIXELS = 16_777_216
BYTES = 10_485_760
_REMOTE = re.compile(r"(^|[^/\w])@(([a-z0-9_]+)@[a-z0-9.\-]+[a-z0-9]+)", re.IGNORECASE)
_HASHTAG = regex.compile(r"(?<![\p{L}\p{N}_/&])#([\p{L}\p{M}\p{N}_]*[\p{L}_][\p{L}\p{M}\p{N}_]*)")
_ROOT = "urn:mastodon"
_DOCUMENT = VENDOR / "mastodon" / "openapi-4.7.json"


def length(text: str, warning: str = "") -> int:
    """How Mastodon counts: by the expression of its own web page, which Mastodon.py carries along."""
    from mastodon._url_regex import url_regex

    text = url_regex.sub(lambda found: found.group(2) + "x" * 23, text)
    return len(regex.findall(r"\X", _REMOTE.sub(r"\1@\3", text) + warning))


def as_html(text: str, people: Mapping[str, str]) -> str:
    """What Mastodon makes of a text. `people` gives the address of each name that it knows."""
    from mastodon._url_regex import url_regex

    pieces, position = [], 0
    for found in url_regex.finditer(text):
        pieces += [_without_links(text[position : found.start(3)], people), _link(found.group(3))]
        position = found.end()
    pieces.append(_without_links(text[position:], people))
    blocks = re.split(r"\n\n+", "".join(pieces).strip())
    return "".join(f"<p>{block}</p>".replace("\n", "<br />") for block in blocks) if text.strip() else ""


def _link(url: str) -> str:
    prefix = re.match(r"https?://(?:www\.)?", url)[0]  # type: ignore[index]
    shown, rest = url[len(prefix) :][:30], url[len(prefix) + 30 :]
    spans = [("invisible", prefix), ("ellipsis" if rest else "", shown), ("invisible", rest)]
    inside = "".join(f'<span class="{kind}">{html.escape(piece)}</span>' for kind, piece in spans)
    return f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener noreferrer">{inside}</a>'


def _without_links(text: str, people: Mapping[str, str]) -> str:
    text = html.escape(text).replace("&#x27;", "&#39;")
    text = _HASHTAG.sub(
        r'<a href="https://mock.local/tags/\1" class="mention hashtag" rel="tag">#<span>\1</span></a>', text
    )
    for name, url in people.items():
        short = name.partition("@")[0]
        link = f'<span class="h-card"><a href="{url}" class="u-url mention">@<span>{short}</span></a></span>'
        text = text.replace(f"@{name}", link)
    return text


def file_trouble(fields: Mapping[str, Field]) -> str | None:
    """Why Mastodon would not take an upload; None where it would."""
    file = fields.get("file")
    if file is None or not file.filename:
        return "Validation failed: File can't be blank"
    if len(fields["description"].data.decode()) > ALT_LIMIT if "description" in fields else False:
        return f"Validation failed: Description is too long (maximum is {ALT_LIMIT} characters)"
    if str(file.mime).startswith("image/"):
        try:
            with Image.open(io.BytesIO(file.data)) as image:
                image.load()
                pixels = image.width * image.height
        except OSError:
            return "Validation failed: File has contents that are not what they are reported to be"
        if pixels > PIXELS or len(file.data) > BYTES:
            return "Validation failed: File is too large"
    focus = fields["focus"].data.decode() if "focus" in fields else "0,0"
    if not re.fullmatch(r"-?[0-9.]+,-?[0-9.]+", focus) or any(abs(float(one)) > 1 for one in focus.split(",")):
        return "Validation failed: Focus is invalid"
    return None


def answer_faults(request: Request, reply: Reply) -> Iterator[str]:
    """What is wrong with an answer by Mastodon's documentation; nothing where that is not at hand."""
    if not _DOCUMENT.exists() or not isinstance(reply.body, dict | list):
        return
    from jsonschema import Draft202012Validator

    document, registry = _document(_DOCUMENT)
    operation = _operation(document, request)
    if operation is None:
        yield f"{request.method} {request.path} is not in Mastodon's documentation"
        return
    wanted = operation["responses"].get(str(reply.status))
    if wanted is None:
        yield f"{request.method} {request.path}: the status {reply.status} is not in Mastodon's documentation"
        return
    schema = wanted.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return
    rooted = json.loads(json.dumps(schema).replace('"#/', f'"{_ROOT}#/'))
    for error in Draft202012Validator(rooted, registry=registry).iter_errors(reply.body):
        yield f"{request.method} {request.path}: {error.json_path}: {error.message[:200]}"


@lru_cache(maxsize=1)
def _document(path: Path) -> tuple[dict[str, Any], Any]:
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    document: dict[str, Any] = json.loads(path.read_text())
    return document, Registry().with_resource(_ROOT, Resource(document, DRAFT202012))


def _operation(document: dict[str, Any], request: Request) -> dict[str, Any] | None:
    best: tuple[int, dict[str, Any]] | None = None
    for pattern, item in document["paths"].items():
        expression = re.sub(r"\\\{(\w+)\\\}", r"[^/]+", re.escape(pattern))
        if request.method.lower() in item and re.fullmatch(expression, request.path.rstrip("/")):
            holes = pattern.count("{")
            if best is None or holes < best[0]:
                best = (holes, item[request.method.lower()])
    return best[1] if best else None
