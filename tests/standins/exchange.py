"""What passes between a client and a stand-in, and what can go wrong between them. Records only."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import parse_qsl

# What a stand-in can be told to do wrong, and whether the request is carried out.
FAULTS: Mapping[str, bool] = {
    "delay": True,  # carried out at once; the answer comes when the client has given up
    "delay-before": False,  # never carried out; the client gives up
    "act-late": True,  # the client gives up first, then it is carried out
    "drop-before": False,  # the connection closes before anything is done
    "drop-after": True,  # carried out, and the connection closes without an answer
    "reset-after": True,  # the same, with a reset
    "drop-in-reply": True,  # carried out, half an answer
    "broken-json": True,  # carried out, status 200 with rubbish
    "html-200": True,  # carried out, status 200 with a page for people
    "html-502": False,  # a gateway's page; nothing done
    "html-502-after": True,  # a gateway's page; carried out
    "status": False,  # the given status, headers and body; nothing done
    "status-after": True,  # the same; carried out
    "503": False,  # status 503; nothing done
    "503-after": True,  # status 503; carried out
    "duplicate": True,  # a proxy repeats the request: carried out twice, the second answer comes back
}
# For these a client has to lose its patience.
WAITING = ("delay", "act-late", "delay-before")
# These send no whole answer.
SILENT = (*WAITING, "drop-before", "drop-after", "reset-after", "drop-in-reply")
ACTED = tuple(kind for kind, acts in FAULTS.items() if acts)
NOT_ACTED = tuple(kind for kind, acts in FAULTS.items() if not acts)


@dataclass(frozen=True)
class Field:
    """One field of a multipart body."""

    data: bytes
    filename: str | None = None
    mime: str | None = None


@dataclass(frozen=True)
class Request:
    """What a client sent. Header names are in lower case; `at` is aware UTC, `moment` monotonic seconds.

    `target` is path and query as they came: `query` has the last of several values of one name.
    """

    number: int
    at: datetime
    moment: float
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    target: str = ""

    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def form(self) -> dict[str, str]:
        """The fields of a urlencoded body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def multipart(self) -> dict[str, Field]:
        """The fields of a multipart body, byte for byte. An empty dict where it is none."""
        found = re.search(r'boundary="?([^";]+)', self.headers.get("content-type", ""))
        if not found:
            return {}
        pieces = (b"\r\n" + self.body).split(b"\r\n--" + found[1].encode())[1:-1]
        return dict(_field(piece.removeprefix(b"\r\n")) for piece in pieces)

    def fields(self) -> dict[str, str]:
        """Query, form and multipart text fields in one, as some networks read them."""
        if "multipart" not in self.headers.get("content-type", ""):
            return {**self.query, **self.form()}
        texts = {k: f.data.decode() for k, f in self.multipart().items() if f.filename is None}
        return {**self.query, **texts}


def _field(piece: bytes) -> tuple[str, Field]:
    head, _, data = piece.partition(b"\r\n\r\n")
    headers = BytesHeaderParser().parsebytes(head)
    name = str(headers.get_param("name", "", "content-disposition"))
    filename = headers.get_filename()
    return name, Field(data, filename, headers.get_content_type() if "content-type" in headers else None)


@dataclass(frozen=True)
class Reply:
    """What a handler answers: a body of bytes goes out as it is, anything else but None as JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> tuple[bytes, str]:
        """The bytes and their type."""
        if isinstance(self.body, bytes):
            return self.body, "text/html; charset=utf-8"
        return (b"" if self.body is None else json.dumps(self.body).encode()), "application/json; charset=utf-8"


@dataclass(frozen=True)
class Seen:
    """One line of the record. `acted`: a handler carried it out and said yes; `status` None: no whole answer."""

    request: Request
    acted: bool
    status: int | None
    fault: str | None = None


@dataclass(frozen=True)
class Media:
    """A picture as it arrived."""

    data: bytes
    alt: str = ""
    mime: str = ""


@dataclass(frozen=True)
class Post:
    """A post that the public can see, as the network has it. `created_at` is aware UTC."""

    id: str
    text: str
    created_at: datetime
    media: tuple[Media, ...] = ()
    link: str | None = None
    reply_to: str | None = None
    account: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> dict[str, Any]:
        """The post as JSON values, pictures by their size."""
        media = [{"alt": item.alt, "mime": item.mime, "bytes": len(item.data)} for item in self.media]
        return {**asdict(replace(self, media=())), "created_at": self.created_at.isoformat(), "media": media}


Match = str | Callable[[Request], bool] | None


@dataclass
class Fault:
    kind: str
    times: int
    match: Match
    reply: Reply

    def given(self, default: Any) -> Reply:
        """The answer that the fault names; `default` is the body where it names none."""
        return replace(self.reply, body=default) if self.reply.body is None else self.reply

    def wants(self, request: Request) -> bool:
        """Whether it strikes this request."""
        if callable(self.match):
            return self.match(request)
        return self.match is None or fnmatch.fnmatchcase(f"{request.method} {request.path}", self.match)
