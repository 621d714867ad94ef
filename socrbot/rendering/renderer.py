"""Puts together what a post says on an account: its texts filled in, hashtag, link, pictures, and one digest."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from socrbot.campaign import Account, Campaign, Media, Post, Text, Variant, WithoutThreads
from socrbot.errors import Place, Problem, Severity
from socrbot.message import Attachment, Capabilities, FactUse, Message, Part
from socrbot.rendering.fitting import counted_options
from socrbot.rendering.layout import Additions, Layout, finished
from socrbot.rendering.templates import Fault, Words, read
from socrbot.rendering.tracking import Parameters, Tracker, track, untrack
from socrbot.text import spans, x_links

# How many wordings are kept: enough for the accounts of a few posts, which come one after the other.
_KEPT = 512
_NO_VARIANT = Variant()
_NO_OPTIONS: Mapping[str, str] = MappingProxyType({})
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
class _Said:
    """What accounts with the same wording share: its texts filled in, the facts that each says, what is wrong.

    `tracked` is whether an address in it gets parameters. `bodies` are what became of it, by layout and parameters.
    """

    post: Post
    texts: tuple[str, ...]
    facts: tuple[tuple[str, ...], ...]
    problems: tuple[Problem, ...]
    tracked: bool
    bodies: dict[tuple[Layout, Parameters], _Body]


@dataclass(frozen=True, slots=True)
class _Body:
    """What accounts with the same wording, layout and parameters share."""

    parts: tuple[Part, ...]
    digest: str
    facts: tuple[FactUse, ...]
    placeholders: tuple[str, ...]


class Renderer:
    """Makes messages out of the posts of one campaign. Safe to use from several threads."""

    def __init__(self, campaign: Campaign) -> None:
        self._campaign = campaign
        self._words = Words.of(campaign.facts, campaign.links)
        self._tracker = Tracker(campaign)
        self._kept: dict[tuple[str, tuple[Text, ...]], _Said] = {}

    def render(self, post: Post, account: Account, capabilities: Capabilities) -> Rendered:
        """What the post says on the account, on a network that can carry this.

        Accounts with the same wording get it rendered once. Texts are composed (NFC) and have no spaces at the ends
        of lines.
        """
        variant = self._campaign.variant_of(post, account) if post.variants else _NO_VARIANT
        said = self._said(post, _texts_of(post, variant))
        if said.problems:
            return Rendered(None, said.problems)
        options = {**account.options, **variant.options} if account.options or variant.options else _NO_OPTIONS
        layout = Layout.of(post, capabilities, options, texts=len(said.texts))
        body = self._body_of(said, layout, self._tracker.parameters(post, account) if said.tracked else ())
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

    def _said(self, post: Post, texts: tuple[Text, ...]) -> _Said:
        key = (post.id, texts)
        kept = self._kept.get(key)
        if kept is not None and kept.post is post:
            return kept
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        said = self._kept[key] = self._fill(post, texts)
        return said

    def _fill(self, post: Post, texts: tuple[Text, ...]) -> _Said:
        filled = [read(text.source).fill(self._words) for text in texts]
        said = [_tidy(one.text or "") for one in filled]
        problems = [
            *(_problem(fault, text, post) for one, text in zip(filled, texts, strict=True) for fault in one.faults),
            *self._problems_of(post, texts, [text for text, one in zip(said, filled, strict=True) if not one.faults]),
        ]
        link = self._link_of(post) if not problems else None
        return _Said(
            post=post,
            texts=tuple(said),
            facts=tuple(one.facts for one in filled),
            problems=tuple(dict.fromkeys(problems)),
            tracked=self._tracker.concerns([*said, link] if link is not None else said),
            bodies={},
        )

    def _body_of(self, said: _Said, layout: Layout, parameters: Parameters) -> _Body:
        key = (layout, parameters)
        body = said.bodies.get(key)
        if body is None:
            body = said.bodies[key] = self._make(said, layout, parameters)
        return body

    def _make(self, said: _Said, layout: Layout, parameters: Parameters) -> _Body:
        addresses = self._tracker.addresses(parameters)
        parts = self._parts(said, layout, addresses)
        plain = _untracked(parts, addresses)
        used = said.facts[:1] if layout.instead is WithoutThreads.FIRST else said.facts
        names = dict.fromkeys([*(name for facts in used for name in facts), *said.post.facts])
        facts = tuple(
            FactUse(fact.id, fact.statement, fact.figure) for fact in map(self._campaign.facts.__getitem__, names)
        )
        return _Body(parts, _digest(plain), facts, tuple(dict.fromkeys(_placeholders(plain))))

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

    def _parts(self, said: _Said, layout: Layout, addresses: Mapping[str, str]) -> tuple[Part, ...]:
        """The parts: hashtag in the first, pictures with the first, link with the last."""
        media = tuple(self._attachment(one) for one in said.post.media)
        link = self._link_of(said.post)
        link = addresses.get(link, link) if link is not None else None
        title = self._campaign.links[said.post.link].title if said.post.link is not None else None
        additions = Additions(
            hashtag=self._campaign.hashtag,
            link=link,
            descriptions=tuple(_descriptions(media)) if layout.described else (),
            media=bool(media),
        )
        texts, carded = finished([track(text, addresses) for text in said.texts], layout, additions)
        return tuple(
            Part(
                number=number,
                text=text,
                spans=spans(text),
                media=media if number == 1 else (),
                link=link if carded and number == len(texts) else None,
                link_title=title if carded and number == len(texts) else None,
            )
            for number, text in enumerate(texts, 1)
        )

    def _link_of(self, post: Post) -> str | None:
        return self._campaign.links[post.link].url if post.link is not None else None

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
            seconds=asset.seconds,
            crop=media.crop,
            focus=media.focus,
        )


def _texts_of(post: Post, variant: Variant) -> tuple[Text, ...]:
    """The texts for an account with this variant: its own wording where the post has one."""
    if variant.parts:
        return variant.parts
    return (variant.text,) if variant.text is not None else post.parts


def _tidy(text: str) -> str:
    """Composed, with plain line ends, without spaces at the ends of lines or blank lines around it."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return _SPACE_AT_END.sub("", text).strip()


def _descriptions(media: tuple[Attachment, ...]) -> Iterator[str]:
    """What each picture or video shows, in words for the text itself."""
    for number, one in enumerate(media, 1):
        kind = "Video" if one.is_video else "Picture"
        which = f"{kind} {number} of {len(media)}" if len(media) > 1 else kind
        if one.alt.strip():
            yield f"{which}: {_tidy(one.alt)}"


def _untracked(parts: tuple[Part, ...], addresses: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts without what was put behind their addresses: two posts that say the same are known by it."""
    if not addresses:
        return parts
    return tuple(
        replace(part, text=untrack(part.text, addresses), link=untrack(part.link, addresses) if part.link else None)
        for part in parts
    )


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
    said = counted_options(capabilities, options)
    return hashlib.sha256(_canonical([digest, said]).encode()).hexdigest() if said else digest


def _problem(fault: Fault, text: Text, post: Post) -> Problem:
    return _error(text.place_of(fault.line, fault.column), fault.code, fault.message, fault.hint, post=post)


def _error(place: Place, code: str, message: str, hint: str | None, *, post: Post) -> Problem:
    return Problem(place, Severity.ERROR, code, message, hint, post.id)
