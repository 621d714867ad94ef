"""From what a post says to the texts of its parts: joined or split, with hashtag, link and descriptions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from socrbot.campaign import Post, WithoutThreads
from socrbot.message import Capabilities, SpanKind
from socrbot.rendering.fitting import Room
from socrbot.text import add_hashtag, has_hashtag, leads_on, spans, split


@dataclass(frozen=True, slots=True)
class Layout:
    """How the texts of a post become parts on an account: accounts with the same layout get the same parts.

    instead      what becomes of several texts, where they cannot be a thread and the author chose
    link_field   may the link stand beside the text
    described    do the descriptions of the pictures stand below the text
    room         what a part may hold, where a text that is too long may be split; None where it may not
    """

    instead: WithoutThreads | None
    link_field: bool
    described: bool
    room: Room | None

    @classmethod
    def of(cls, post: Post, capabilities: Capabilities, options: Mapping[str, str], *, texts: int) -> Layout:
        """The layout of a post with that many texts on an account with these options."""
        if texts == 1 and not (post.split or post.media or post.link):
            return PLAIN
        comments = capabilities.comments and post.without_threads is WithoutThreads.COMMENTS
        splits = post.split and (capabilities.threads or comments)
        several = texts > 1 or splits
        return cls(
            instead=instead_of_thread(post, capabilities) if several else None,
            link_field=capabilities.link_field and post.link is not None,
            described=capabilities.alt_in_text and bool(post.media),
            room=Room.of(capabilities, options) if splits else None,
        )


# That of nearly every post: one text, and nothing beside it.
PLAIN = Layout(instead=None, link_field=False, described=False, room=None)


@dataclass(frozen=True, slots=True)
class Additions:
    """What is added to the texts: hashtag and link where no text has them, descriptions; `media`: pictures go along."""

    hashtag: str
    link: str | None
    descriptions: tuple[str, ...] = ()
    media: bool = False


def instead_of_thread(post: Post, capabilities: Capabilities) -> WithoutThreads | None:
    """What becomes of several parts there; None where they stay a thread, or nothing was chosen that can be done."""
    chosen = post.without_threads
    if capabilities.threads or (chosen is WithoutThreads.COMMENTS and not capabilities.comments):
        return None
    return chosen


def arranged(said: Sequence[str], layout: Layout) -> list[str]:
    """The texts as the network can carry them: joined, the first alone, or all."""
    if layout.instead is WithoutThreads.JOIN:
        return ["\n\n".join(said)]
    return list(said[:1] if layout.instead is WithoutThreads.FIRST else said)


def finished(said: Sequence[str], layout: Layout, additions: Additions) -> tuple[list[str], bool]:
    """The texts of all parts, and whether the link stands beside the last of them, as a card."""
    texts = arranged(said, layout)
    whole, carded = _dressed(texts, layout, additions)
    if layout.room is None or _fit(whole, layout.room, additions, carded=carded):
        return whole, carded
    pieces = _split(texts, layout, additions, layout.room)
    return _dressed(pieces, layout, additions) if len(pieces) > len(texts) else (whole, carded)


def _fit(texts: Sequence[str], room: Room, additions: Additions, *, carded: bool) -> bool:
    """Whether each part fits: the first shows the pictures, the last the card."""
    return all(
        room.fits(
            text,
            media=additions.media and number == 1,
            link=additions.link if carded and number == len(texts) else None,
        )
        for number, text in enumerate(texts, 1)
    )


def _carded(number: int, layout: Layout, additions: Additions) -> bool:
    """Whether the last of so many parts takes the link as a card: not beside pictures, and not in a comment."""
    alone = number == 1 and not additions.media
    thread = number > 1 and layout.instead is not WithoutThreads.COMMENTS
    return layout.link_field and (alone or thread)


def _dressed(texts: Sequence[str], layout: Layout, additions: Additions) -> tuple[list[str], bool]:
    """The texts with all that is added: hashtag in the first, link in the last, descriptions below the first."""
    carded = _carded(len(texts), layout, additions)
    link = None if carded else _link_to_add(texts, additions)
    done = list(texts)
    # "Sign here:" wants its address right behind it, before any hashtag.
    if link is not None and leads_on(done[-1]):
        done[-1], link = with_line(done[-1], link), None
    if _wants_hashtag(texts, additions):
        done[0] = add_hashtag(done[0], additions.hashtag)
    if link is not None:
        done[-1] = with_line(done[-1], link)
    done[0] = "\n\n".join([done[0], *additions.descriptions])
    return done, carded


def _split(texts: Sequence[str], layout: Layout, additions: Additions, room: Room) -> list[str]:
    """Each text in as many pieces as it takes; as it is where it fits or cannot be cut."""
    wants_hashtag = _wants_hashtag(texts, additions)
    # Whatever is split has several parts, and its last one shows no pictures.
    card = additions.link if _carded(2, layout, additions) else None
    link = _link_to_add(texts, additions) if card is None else None

    def opened(text: str) -> str:
        text = add_hashtag(text, additions.hashtag) if wants_hashtag else text
        return "\n\n".join([text, *additions.descriptions])

    def closed(text: str) -> str:
        return with_line(text, link) if link is not None else text

    pieces: list[str] = []
    for number, text in enumerate(texts):
        first = (lambda part: room.fits(opened(part), media=additions.media)) if number == 0 else room.fits
        last = (lambda part: room.fits(closed(part), link=card)) if number == len(texts) - 1 else room.fits
        whole = (lambda _: False) if len(texts) == 1 else None
        pieces.extend(split(text, room.fits, first=first, last=last, whole=whole))
    return pieces


def _wants_hashtag(texts: Sequence[str], additions: Additions) -> bool:
    return bool(additions.hashtag) and not any(has_hashtag(text, additions.hashtag) for text in texts)


def _link_to_add(texts: Sequence[str], additions: Additions) -> str | None:
    """The link, unless some text has it."""
    link = additions.link
    return None if link is None or any(link in links_in(text) for text in texts) else link


def with_line(text: str, line: str) -> str:
    """The text with one more line: close to a text of one paragraph, apart from several."""
    apart = "\n\n" in text and not text.rpartition("\n")[2].startswith("#")
    return f"{text}\n\n{line}" if apart else f"{text}\n{line}"


def links_in(text: str) -> frozenset[str]:
    """The addresses in a text."""
    return frozenset(span.value for span in spans(text) if span.kind is SpanKind.LINK)
