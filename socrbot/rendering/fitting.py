"""Whether a text fits a network: by its length, in the network's own count, and by what stands in it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from socrbot.message import Capabilities, Message, Part, Span, SpanKind
from socrbot.text import spans


@dataclass(frozen=True, slots=True)
class Overrun:
    """By how much a text is too long. `limit` and `count` are in the network's `unit`, or in bytes.

    `beside` says in words under which circumstances the limit holds ("beside pictures"), "" where it always does.
    `added` is what of the count is not in the text itself.
    """

    count: int
    limit: int
    unit: str
    measure: Callable[[str], int]
    beside: str = ""
    added: int = 0

    def __str__(self) -> str:
        over = self.count - self.limit
        unit = self.unit.removesuffix("s") if over == 1 else self.unit
        beside = f" {self.beside}" if self.beside else ""
        return f"{over:,} {unit} too long: {self.count:,} of at most {self.limit:,}{beside}"


@dataclass(frozen=True, slots=True)
class Excess:
    """More of something in a text than a network takes."""

    kind: SpanKind
    count: int
    limit: int


@dataclass(frozen=True, slots=True)
class Room:
    """What a part may hold on an account. `counted` are texts of options, which count as part of each part."""

    text_limit: int
    measure: Callable[[str], int]
    unit: str
    byte_limit: int | None
    caption_limit: int | None
    comment_limit: int | None
    most: tuple[tuple[SpanKind, int], ...]
    counted: tuple[str, ...] = ()

    @classmethod
    def of(cls, capabilities: Capabilities, options: Mapping[str, str]) -> Room:
        """The room on an account with these options."""
        limits = (
            (SpanKind.LINK, capabilities.max_links),
            (SpanKind.HASHTAG, capabilities.max_hashtags),
            (SpanKind.MENTION, capabilities.max_mentions),
        )
        return cls(
            text_limit=capabilities.text_limit,
            measure=capabilities.measure,
            unit=capabilities.unit,
            byte_limit=capabilities.byte_limit,
            caption_limit=capabilities.caption_limit,
            comment_limit=None if capabilities.threads else capabilities.comment_limit,
            most=tuple((kind, limit) for kind, limit in limits if limit is not None),
            counted=tuple(counted_options(capabilities, options).values()),
        )

    def fits(self, text: str, *, media: bool = False, link: str | None = None) -> bool:
        """Whether a part with this text is taken. `media`: it shows pictures. `link` is that of its card."""
        if self.overrun(text, media=media) is not None:
            return False
        return not self.most or not any(self.excesses(spans(text), link))

    def overrun(self, text: str, *, media: bool = False, comment: bool = False) -> Overrun | None:
        """By how much the text is too long: by the network's count first, by its bytes else. None where it fits."""
        used = self.used(text, media=media, comment=comment)
        if used.count > used.limit:
            return used
        # A character takes four bytes at most, so a short text need not be encoded.
        longest = 4 * (len(text) + sum(map(len, self.counted)))
        if self.byte_limit is None or longest <= self.byte_limit:
            return None
        added = sum(map(_bytes, self.counted))
        size = _bytes(text) + added
        return Overrun(size, self.byte_limit, "bytes", _bytes, added=added) if size > self.byte_limit else None

    def used(self, text: str, *, media: bool = False, comment: bool = False) -> Overrun:
        """How much of the room a text takes by the network's own count, whether it is too much or not."""
        beside, limit = "", self.text_limit
        if media and self.caption_limit is not None:
            beside, limit = "beside pictures", self.caption_limit
        if comment and self.comment_limit is not None:
            beside, limit = "in a comment", self.comment_limit
        added = sum(map(self.measure, self.counted)) if self.counted else 0
        return Overrun(self.measure(text) + added, limit, self.unit, self.measure, beside, added)

    def excesses(self, found: tuple[Span, ...], link: str | None = None) -> Iterator[Excess]:
        """What there is too much of: links (each address counts once, and so does the card's), hashtags, mentions."""
        for kind, limit in self.most:
            values = [span.value for span in found if span.kind is kind]
            count = len({*values, *([link] if link else ())}) if kind is SpanKind.LINK else len(values)
            if count > limit:
                yield Excess(kind, count, limit)


def room_of(message: Message, capabilities: Capabilities) -> Room:
    """What each part of a message may hold."""
    return Room.of(capabilities, message.options)


def overrun(part: Part, room: Room) -> Overrun | None:
    """By how much a part is too long; None where it fits."""
    return room.overrun(part.text, media=bool(part.media), comment=part.number > 1)


def counted_options(capabilities: Capabilities, options: Mapping[str, str]) -> dict[str, str]:
    """Those options whose text counts as part of what is said."""
    return {name: options[name] for name, option in capabilities.options.items() if option.counted and name in options}


def _bytes(text: str) -> int:
    return len(text.encode())
