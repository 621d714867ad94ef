"""Puts together what a post says on an account: its texts filled in, hashtag, link, pictures, and one digest."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from socrbot.campaign import Account, Campaign, Media, Post, Text
from socrbot.errors import Place, Problem, Severity
from socrbot.message import Attachment, Capabilities, FactUse, Message, Part, SpanKind
from socrbot.rendering.templates import Fault, Words, read
from socrbot.text import add_hashtag, has_hashtag, leads_on, spans, x_links

# How many bodies are kept: enough for the accounts of a few posts, which come one after the other.
_KEPT = 512
_SPACE_AT_END = re.compile(r"[^\S\n]+$", re.MULTILINE)
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode
_PLACEHOLDER = re.compile(
    r"(?:https?://)?(?:[^/?#@]*@)?(?:[^/?#:]+\.)?example\.(?:org|com|net)(?![^/?#:])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a post says on one account, or the problems that keep it from saying anything."""

    message: Message | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Body:
    """What accounts with the same wording share."""

    parts: tuple[Part, ...]
    digest: str
    facts: tuple[FactUse, ...]
    placeholders: tuple[str, ...]
    problems: tuple[Problem, ...]


class Renderer:
    """Makes messages out of the posts of one campaign. Safe to use from several threads."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._words = Words.of(campaign.facts, campaign.links)
        self._kept: dict[tuple[object, ...], tuple[Post, _Body]] = {}

    def render(self, post: Post, account: Account, capabilities: Capabilities) -> Rendered:
        """What the post says on the account, on a network that can carry this.

        Accounts with the same wording get it rendered once. Texts are composed (NFC) and have no spaces at the ends
        of lines.
        """
        texts = self._texts_of(post, account)
        # A post shows pictures or the card of a link, so beside pictures the link stands in the text.
        carded = capabilities.link_field and post.link is not None and not (post.media and len(texts) == 1)
        body = self._body_of(post, texts, carded, described=capabilities.alt_in_text)
        if body.problems:
            return Rendered(None, body.problems)
        options = {**account.options, **self._campaign.variant_of(post, account).options}
        message = Message(
            post=post.id,
            account=account.id,
            network=account.network,
            language=post.language or self._campaign.language,
            parts=body.parts,
            wording_digest=_with_options(body.digest, options, capabilities),
            facts=body.facts,
            placeholders=body.placeholders,
            options=options,
        )
        return Rendered(message)

    def _texts_of(self, post: Post, account: Account) -> tuple[Text, ...]:
        """The texts for this account: its own wording where the post has one."""
        if not post.variants:
            return post.parts
        variant = self._campaign.variant_of(post, account)
        if variant.parts:
            return variant.parts
        return (variant.text,) if variant.text is not None else post.parts

    def _body_of(self, post: Post, texts: tuple[Text, ...], link_field: bool, *, described: bool) -> _Body:
        key = (post.id, link_field, described, texts)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is post:
            return kept[1]
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        body = self._make(post, texts, link_field, described=described)
        self._kept[key] = (post, body)
        return body

    def _make(self, post: Post, texts: tuple[Text, ...], link_field: bool, *, described: bool) -> _Body:
        filled = [read(text.source).fill(self._words) for text in texts]
        said = [_tidy(one.text or "") for one in filled]
        problems = [
            *(_problem(fault, text, post) for one, text in zip(filled, texts, strict=True) for fault in one.faults),
            *self._problems_of(post, texts, [text for text, one in zip(said, filled, strict=True) if not one.faults]),
        ]
        if problems:
            return _Body((), "", (), (), tuple(dict.fromkeys(problems)))
        parts = self._parts(post, said, link_field, described=described)
        names = dict.fromkeys([*(name for one in filled for name in one.facts), *post.facts])
        facts = tuple(
            FactUse(fact.id, fact.statement, fact.figure) for fact in map(self._campaign.facts.__getitem__, names)
        )
        return _Body(parts, _digest(parts), facts, tuple(dict.fromkeys(_placeholders(parts))), ())

    def _problems_of(self, post: Post, texts: tuple[Text, ...], said: list[str]) -> Iterator[Problem]:
        """What is wrong with a post beside the mistakes in its texts."""
        for name in post.facts:
            if name not in self._campaign.facts:
                yield _error(post.place_of("facts"), "unknown-fact", *self._words.unknown("fact", name), post=post)
        if post.link is not None and post.link not in self._campaign.links:
            yield _error(post.place_of("link"), "unknown-link", *self._words.unknown("link", post.link), post=post)
        if not texts:
            yield _error(post.place, "empty-text", "The post has no text.", "Write what it is to say.", post=post)
        if len(said) == len(texts):
            for text, one in zip(texts, said, strict=True):
                if not one:
                    yield _error(
                        text.place, "empty-text", "The text says nothing.", "Write what it is to say.", post=post
                    )

    def _parts(self, post: Post, said: list[str], link_field: bool, *, described: bool) -> tuple[Part, ...]:
        """The parts: hashtag in the first, pictures with the first, link with the last.

        `described`: the descriptions of the pictures stand below the text of the first.
        """
        link = self._campaign.links[post.link].url if post.link is not None else None
        said = self._with_hashtag_and_link(said, None if link_field else link)
        media = tuple(self._attachment(one) for one in post.media)
        if described and media:
            said[0] = "\n\n".join([said[0], *_descriptions(media)])
        return tuple(
            Part(
                number=number,
                text=text,
                spans=spans(text),
                media=media if number == 1 else (),
                link=link if link_field and number == len(said) else None,
            )
            for number, text in enumerate(said, 1)
        )

    def _with_hashtag_and_link(self, said: list[str], link: str | None) -> list[str]:
        """The texts with the hashtag, where none has it, and with the address, where none has it."""
        first, last = 0, len(said) - 1
        said = list(said)
        if link is not None and any(link in _links(text) for text in said):
            link = None
        # "Sign here:" wants its address right behind it, before any hashtag.
        if link is not None and leads_on(said[last]):
            said[last], link = _with_line(said[last], link), None
        tag = self._campaign.hashtag
        if tag and not any(has_hashtag(text, tag) for text in said):
            said[first] = add_hashtag(said[first], tag)
        if link is not None:
            said[last] = _with_line(said[last], link)
        return said

    def _attachment(self, media: Media) -> Attachment:
        """The file of a post as a message carries it; without size and digest where the file could not be looked at."""
        asset = self._campaign.assets.get(media.file)
        if asset is None:
            return Attachment(media.file, media.alt, mime="", width=0, height=0, size=0, digest="")
        return Attachment(
            path=media.file,
            alt=unicodedata.normalize("NFC", media.alt),
            mime=asset.mime,
            width=asset.width,
            height=asset.height,
            size=asset.size,
            digest=asset.digest,
        )


def _tidy(text: str) -> str:
    """Composed, with plain line ends, without spaces at the ends of lines or blank lines around it."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return _SPACE_AT_END.sub("", text).strip()


def _with_line(text: str, line: str) -> str:
    """The text with one more line: close to a text of one paragraph, apart from several."""
    apart = "\n\n" in text and not text.rpartition("\n")[2].startswith("#")
    return f"{text}\n\n{line}" if apart else f"{text}\n{line}"


def _descriptions(media: tuple[Attachment, ...]) -> Iterator[str]:
    """What each picture or video shows, in words for the text itself."""
    for number, one in enumerate(media, 1):
        kind = "Video" if one.is_video else "Picture"
        which = f"{kind} {number} of {len(media)}" if len(media) > 1 else kind
        if one.alt.strip():
            yield f"{which}: {_tidy(one.alt)}"


def _links(text: str) -> set[str]:
    return {span.value for span in spans(text) if span.kind is SpanKind.LINK}


def _placeholders(parts: tuple[Part, ...]) -> Iterator[str]:
    """Addresses on example.org, .com and .net: in the text, with or without http://, or beside it."""
    for part in parts:
        found = (part.text[start:end] for start, end in x_links(part.text)) if "xample." in part.text.lower() else ()
        for address in (*found, part.link or ""):
            if _PLACEHOLDER.match(address):
                yield address


def _digest(parts: tuple[Part, ...]) -> str:
    """SHA-256 (hex) of what the parts say, and of nothing else."""
    said = [
        {"text": part.text, "link": part.link, "media": [[media.digest, media.alt] for media in part.media]}
        for part in parts
    ]
    return hashlib.sha256(_canonical(said).encode()).hexdigest()


def _with_options(digest: str, options: Mapping[str, str], capabilities: Capabilities) -> str:
    """The digest with those options in it whose text is part of what is said."""
    said = {name: options[name] for name, option in capabilities.options.items() if option.counted and name in options}
    return hashlib.sha256(_canonical([digest, said]).encode()).hexdigest() if said else digest


def _problem(fault: Fault, text: Text, post: Post) -> Problem:
    return _error(text.place_of(fault.line, fault.column), fault.code, fault.message, fault.hint, post=post)


def _error(place: Place, code: str, message: str, hint: str | None, *, post: Post) -> Problem:
    return Problem(place, Severity.ERROR, code, message, hint, post.id)
