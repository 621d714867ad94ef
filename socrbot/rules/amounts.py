"""Amounts: how many links, hashtags and mentions a text may have, and whom it may name."""

from __future__ import annotations

from collections.abc import Iterator

from socrbot.errors import Place, Problem, Severity
from socrbot.message import Message, Part, SpanKind
from socrbot.rendering.fitting import Excess, Room, room_of
from socrbot.rules.base import Context, Held, Rule, Situation, Subject, network_title
from socrbot.rules.places import place_at, written_for
from socrbot.text import has_hashtag

_NAMES = {SpanKind.LINK: "links", SpanKind.HASHTAG: "hashtags", SpanKind.MENTION: "mentions"}


def check_amounts(subject: Subject, context: Context) -> Iterator[Problem]:
    """Texts with more links, hashtags or mentions than a network takes, once for each network."""
    told = set()
    for message in subject.messages.values():
        capabilities = context.capabilities[message.account]
        if capabilities.max_links is capabilities.max_hashtags is capabilities.max_mentions is None:
            continue
        room = room_of(message, capabilities)
        for part, excess in _excesses(message, room):
            if (message.network, part.number, excess) not in told:
                told.add((message.network, part.number, excess))
                yield _RULES[excess.kind].problem(
                    subject.post.place_of("text"),
                    f"{_said(message, part, excess)}.",
                    hint=f"Take some out, or write other words for {network_title(message.network)} under `variants:`."
                    + _own(subject, part, excess, context),
                    post=subject.post.id,
                )


def check_mentions(subject: Subject, context: Context) -> Iterator[Problem]:
    """Mentions on a network that may refuse posts for them, once for each network."""
    told = set()
    for message in subject.messages.values():
        if message.network in told or not context.capabilities[message.account].mentions_at_risk:
            continue
        named = [span.value for part in message.parts for span in part.spans if span.kind is SpanKind.MENTION]
        if named:
            told.add(message.network)
            title = network_title(message.network)
            yield AT_RISK.problem(
                _place_of(subject, message, f"@{named[0]}", context),
                f"{title} may refuse a post of a program that mentions somebody else: @{named[0]}.",
                hint="Write the name without the @, unless it is one of your own accounts.",
                post=subject.post.id,
            )


def guard_links(situation: Situation) -> Held | None:
    """Holds a message with more links than the network takes."""
    return _guard(situation, SpanKind.LINK)


def guard_hashtags(situation: Situation) -> Held | None:
    """Holds a message with more hashtags than the network takes."""
    return _guard(situation, SpanKind.HASHTAG)


def guard_mentions(situation: Situation) -> Held | None:
    """Holds a message with more mentions than the network takes."""
    return _guard(situation, SpanKind.MENTION)


def _guard(situation: Situation, kind: SpanKind) -> Held | None:
    message = situation.message
    if message is None:
        return None
    for part, excess in _excesses(message, room_of(message, situation.capabilities)):
        if excess.kind is kind:
            return Held(_RULES[kind].code, f"{_said(message, part, excess)}.")
    return None


def _excesses(message: Message, room: Room) -> Iterator[tuple[Part, Excess]]:
    for part in message.parts:
        yield from ((part, excess) for excess in room.excesses(part.spans, part.link))


def _said(message: Message, part: Part, excess: Excess) -> str:
    which = f"part {part.number}" if len(message.parts) > 1 else "this"
    title = network_title(message.network)
    return f"{title} takes at most {excess.limit} {_NAMES[excess.kind]} in a post, and {which} has {excess.count}"


def _own(subject: Subject, part: Part, excess: Excess, context: Context) -> str:
    """That one of the hashtags is the campaign's own, which nobody wrote into the post."""
    tag, post = context.campaign.hashtag, subject.post
    if excess.kind is not SpanKind.HASHTAG or not tag or not has_hashtag(part.text, tag):
        return ""
    written = (*post.parts, *(text for one in post.variants.values() for text in (one.text, *one.parts) if text))
    if any(has_hashtag(text.source, tag) for text in written):
        return ""
    return f" One of them is the campaign's own, {tag}, which socrbot adds by itself."


def _place_of(subject: Subject, message: Message, words: str, context: Context) -> Place:
    account = context.campaign.accounts[message.account]
    for text in written_for(subject.post, account, context.campaign):
        if words in text.source:
            return place_at(text, text.source.index(words))
    return subject.post.place_of("text")


_SOURCE = "Each network's own documentation, named in its file under socrbot/networks/."
TOO_MANY_LINKS = Rule(
    code="too-many-links",
    severity=Severity.ERROR,
    reason="A network with a limit refuses the whole post for one link too many.",
    source=_SOURCE,
    check=check_amounts,
    guard=guard_links,
)
TOO_MANY_HASHTAGS = Rule(
    code="too-many-hashtags",
    severity=Severity.ERROR,
    reason="A network with a limit refuses the post, or shows it to fewer people. The campaign's hashtag counts too.",
    source=_SOURCE,
    guard=guard_hashtags,
)
TOO_MANY_MENTIONS = Rule(
    code="too-many-mentions",
    severity=Severity.ERROR,
    reason="A network with a limit refuses the whole post for one mention too many.",
    source=_SOURCE,
    guard=guard_mentions,
)
AT_RISK = Rule(
    code="mention-at-risk",
    severity=Severity.WARNING,
    reason="A refused post is not sent at all. The network lets only paying programs speak to people unasked.",
    source="X's rules for self-service programs, since February 2026.",
    check=check_mentions,
)
_RULES = {
    SpanKind.LINK: TOO_MANY_LINKS,
    SpanKind.HASHTAG: TOO_MANY_HASHTAGS,
    SpanKind.MENTION: TOO_MANY_MENTIONS,
}

RULES = (TOO_MANY_LINKS, TOO_MANY_HASHTAGS, TOO_MANY_MENTIONS, AT_RISK)
