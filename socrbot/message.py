"""What the core and the networks say to each other: message, part, receipt, capabilities.

Records only. A message is built by `rendering`, carried out by a network, and kept in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class SpanKind(StrEnum):
    """What a stretch of text is."""

    HASHTAG = "hashtag"
    LINK = "link"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text with a meaning: `start` to `end` in characters of the str, end exclusive.

    `value` is the hashtag without `#`, the full address of a link, the handle of a mention without `@`.
    """

    kind: SpanKind
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A media file of a message. `digest` is the SHA-256 (hex) of the file as the team keeps it."""

    path: str
    alt: str
    mime: str
    width: int
    height: int
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Part:
    """One post on the network: a single post has one part, a thread several. `number` counts from 1."""

    number: int
    text: str
    spans: tuple[Span, ...] = ()
    media: tuple[Attachment, ...] = ()
    link: str | None = None


@dataclass(frozen=True, slots=True)
class FactUse:
    """A fact as a message said it."""

    id: str
    statement: str
    figure: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """What one delivery says: ready for one network, with nothing left to decide.

    `wording_digest` (SHA-256, hex) covers parts, links, media and alt texts, and no time: two messages with the
    same digest say the same. `placeholders` are addresses in it that the team still has to fill in.
    """

    post: str
    account: str
    network: str
    language: str
    parts: tuple[Part, ...]
    wording_digest: str
    facts: tuple[FactUse, ...] = ()
    placeholders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the network gave back for one part: its id, its public address, and what a reply or a deletion needs."""

    id: str
    url: str | None = None
    extra: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the credentials speak for, what they may do, and when they end (aware UTC; None: no known end)."""

    id: str
    name: str
    url: str | None = None
    can: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    expires_at: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A post of the account as the network shows it. `created_at` is aware UTC."""

    id: str
    text: str
    created_at: datetime
    url: str | None = None
    media_count: int = 0
    extra: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a network can carry, and what it can prove. Data only; rules, rendering and publishing decide with it.

    text_limit, measure    the longest text, and what counts as one (characters, graphemes, weighted units)
    unit                   what the count is called in a message to people ("characters")
    byte_limit             the longest text in UTF-8 bytes, where the network has one
    max_images             images in one post; 0 where it takes none
    image_types            MIME types of images that it takes
    image_bytes            the largest image in bytes
    alt_limit              the longest alt text in characters; None where it has no limit, 0 where it has no alt text
    link_field             does it take a link beside the text and make a card of it (else the text carries it)
    threads                can a part answer an earlier one
    reads_back             can the account's recent posts be read
    deletes                can a post be deleted
    repeat_safe            may the same part be sent again with the same key when an answer was lost
    settle                 how long after a lost answer an absent post is believed absent
    looks                  how many times in a row it must be absent
    needs                  variables that must be set: name -> what it is, in words
    optional               variables that may be set
    public                 False for the outbox: nothing leaves the machine, no go-live, placeholders are allowed
    price                  names in the campaign's `prices` for a post without and with a link
    docs                   the network's own page of these limits
    """

    text_limit: int
    measure: Callable[[str], int]
    unit: str = "characters"
    byte_limit: int | None = None
    max_images: int = 4
    image_types: tuple[str, ...] = ("image/jpeg", "image/png")
    image_bytes: int = 5_000_000
    alt_limit: int | None = 1_000
    link_field: bool = False
    threads: bool = False
    reads_back: bool = True
    deletes: bool = True
    repeat_safe: bool = False
    settle: timedelta = timedelta(seconds=60)
    looks: int = 1
    needs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    optional: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    public: bool = True
    price: tuple[str, str] | None = None
    docs: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The earlier try went out: here is its receipt, and the evidence in words."""

    receipt: Receipt
    evidence: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The network shows, over a complete range, that the earlier try is not there."""

    evidence: str


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The network cannot say. `retry_at` (aware UTC) is when to look again; None: only a person can find out."""

    why: str
    retry_at: datetime | None = None


Finding = Found | Absent | CannotTell
