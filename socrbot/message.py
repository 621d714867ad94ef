"""What the core and the networks say to each other: message, part, receipt, capabilities.

Records only. A message is built by `rendering`, carried out by a network, and kept in the ledger.
"""

from __future__ import annotations

import re
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
    """A media file of a message. `digest` is the SHA-256 (hex) of the file as the team keeps it.

    seconds    how long a video is; None for a picture
    crop       may it be cut to fit a network's shape (else it gets margins)
    focus      what matters most in the picture: x from -1 (left) to 1, y from -1 (bottom) to 1
    """

    path: str
    alt: str
    mime: str
    width: int
    height: int
    size: int
    digest: str
    seconds: float | None = None
    crop: bool = False
    focus: tuple[float, float] | None = None

    @property
    def is_video(self) -> bool:
        """Whether it is a video; else it is a picture."""
        return self.mime.startswith("video/")


@dataclass(frozen=True, slots=True)
class Rendition:
    """A media file as it leaves the machine: without metadata, and of a form that its network takes.

    `digest` is the SHA-256 (hex) of `data`; `name` a plain file name with the right ending. Width and height are in
    pixels, `seconds` how long a video is.
    """

    data: bytes = field(repr=False)
    mime: str
    width: int
    height: int
    digest: str
    name: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One post on the network: a single post has one part, a thread several. `number` counts from 1.

    `link_title` is what the campaign calls `link`, for a card whose page says nothing of itself.
    """

    number: int
    text: str
    spans: tuple[Span, ...] = ()
    media: tuple[Attachment, ...] = ()
    link: str | None = None
    link_title: str | None = None


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
    same digest say the same. `placeholders` are addresses in it that the team still has to fill in. `options` are
    what only its network understands: the account's own, and above them the post's (`Capabilities.options`).
    """

    post: str
    account: str
    network: str
    language: str
    parts: tuple[Part, ...]
    wording_digest: str
    facts: tuple[FactUse, ...] = ()
    placeholders: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


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
class Metrics:
    """How people took a post. None: the network does not say."""

    likes: int | None = None
    replies: int | None = None
    shares: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A setting that only one network understands, for an account or for a single post.

    `words` says what it does. `values` are all that may stand there; empty where anything may. `per_post` is False
    where it makes sense for the account alone. `counted` is True where its text counts as part of the post's. `pattern`
    is a regular expression that the whole value has to fit, and `fits` says in words what does; both or neither.
    """

    words: str
    values: tuple[str, ...] = ()
    per_post: bool = True
    counted: bool = False
    pattern: str = ""
    fits: str = ""

    def takes(self, value: str) -> bool:
        """Whether this value may stand there."""
        if self.values:
            return value in self.values
        return not self.pattern or re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """Which videos a network takes: MIME types, bytes, seconds, and how many in one post.

    `alt` says whether a video can have a description, `beside_images` whether pictures may stand in the same post.
    """

    types: tuple[str, ...] = ("video/mp4",)
    max_bytes: int = 100_000_000
    seconds: tuple[float, float] = (0.5, 140.0)
    max_videos: int = 1
    alt: bool = True
    beside_images: bool = False


@dataclass(frozen=True, slots=True)
class Prices:
    """Names in the campaign's `prices` for what a network charges; None where it takes nothing for it."""

    post: str
    with_link: str
    alt_text: str | None = None
    read: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a network can carry, and what it can prove. Data only; rules, rendering and publishing decide with it.

    text_limit, measure    the longest text, and what counts as one (characters, graphemes, weighted units)
    unit                   what the count is called in a message to people ("characters")
    byte_limit             the longest text in UTF-8 bytes, where the network has one
    caption_limit          the longest text beside pictures, where that is less than without
    max_links, max_hashtags, max_mentions   how many a text may have; None: no limit
    mentions_at_risk       may it refuse a post for naming somebody else
    min_media              how many pictures or videos a post must have at least
    max_images             images in one post; 0 where it takes none
    image_types            MIME types of images that it takes
    image_bytes            the largest image in bytes
    image_width            the narrowest and widest image in pixels; wider ones are made smaller
    image_ratio            the lowest and highest width / height; others get margins, or are cut where the author allows
    image_pixels           the most pixels in an image
    video                  which videos it takes; None: none
    alt_limit              the longest alt text in characters; None where it has no limit, 0 where it has no alt text
    alt_in_text            are descriptions written below the text, for want of an alt text that readers would get
    public_media           does it fetch media from a public address, instead of taking them from us
    link_field             does it take a link beside the text and make a card of it (else the text carries it)
    threads                can a part answer an earlier one
    comments               can later parts be comments below the first
    comment_limit          the longest comment, where that is less than a post
    reads_back             can the account's recent posts be read
    deletes                can a post be deleted
    repeat_safe            may the same part be sent again with the same key when an answer was lost
    settle                 how long after a lost answer an absent post is believed absent
    looks                  how many times in a row it must be absent
    settle_why             why so long and so often, in a sentence for people
    expires                does the access end one day unless it is renewed
    renews                 when socrbot renews it, in words ("by itself", "where …"); empty where only a person can
    metrics                which fields of Metrics it gives
    metrics_batch          of how many posts it tells by one call
    options                settings that only this network understands, by name
    needs                  variables that must be set: name -> what it is, in words
    optional               variables that may be set
    public                 False for the outbox: nothing leaves the machine, no go-live, placeholders are allowed
    price                  what it charges; None where it is free
    docs                   the network's own page of these limits
    """

    text_limit: int
    measure: Callable[[str], int]
    unit: str = "characters"
    byte_limit: int | None = None
    caption_limit: int | None = None
    max_links: int | None = None
    max_hashtags: int | None = None
    max_mentions: int | None = None
    mentions_at_risk: bool = False
    min_media: int = 0
    max_images: int = 4
    image_types: tuple[str, ...] = ("image/jpeg", "image/png")
    image_bytes: int = 5_000_000
    image_width: tuple[int, int] | None = None
    image_ratio: tuple[float, float] | None = None
    image_pixels: int | None = None
    video: VideoLimits | None = None
    alt_limit: int | None = 1_000
    alt_in_text: bool = False
    public_media: bool = False
    link_field: bool = False
    threads: bool = False
    comments: bool = False
    comment_limit: int | None = None
    reads_back: bool = True
    deletes: bool = True
    repeat_safe: bool = False
    settle: timedelta = timedelta(seconds=60)
    looks: int = 1
    settle_why: str = ""
    expires: bool = False
    renews: str = ""
    metrics: tuple[str, ...] = ()
    metrics_batch: int = 1
    options: Mapping[str, Option] = field(default_factory=lambda: MappingProxyType({}))
    needs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    optional: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    public: bool = True
    price: Prices | None = None
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
