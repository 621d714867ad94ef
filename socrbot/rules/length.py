"""Length: a text that is too long is never cut; the team is told by how much, where, and what would help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from socrbot.campaign import Campaign, Post
from socrbot.errors import Problem, Severity
from socrbot.message import Message, Part, SpanKind
from socrbot.rendering import Renderer
from socrbot.rendering.fitting import Overrun, Room, overrun, room_of
from socrbot.rules.base import Context, Held, Rule, Situation, Subject, network_title
from socrbot.rules.places import around, between, find_cut, text_of_part
from socrbot.text import has_hashtag, where_limit_falls

__all__ = ["RULES", "TOO_LONG", "Overrun"]


def check_length(subject: Subject, context: Context) -> Iterator[Problem]:
    """Texts that are too long, once for each network, wording and limit."""
    measured: set[tuple[str, tuple[Part, ...], Room]] = set()
    for message in subject.messages.values():
        room = room_of(message, context.capabilities[message.account])
        over = [(part, found) for part in message.parts if (found := overrun(part, room)) is not None]
        if not over or (message.network, message.parts, room) in measured:
            continue
        measured.add((message.network, message.parts, room))
        yield from (_problem(subject, context, message, part=part, over=found) for part, found in over)


def guard_length(situation: Situation) -> Held | None:
    """Holds a message with a part that is too long."""
    message = situation.message
    if message is None:
        return None
    room = room_of(message, situation.capabilities)
    for part in message.parts:
        over = overrun(part, room)
        if over is not None:
            return Held(TOO_LONG.code, f"On {network_title(situation.delivery.network)} it is {over}.")
    return None


def _problem(subject: Subject, context: Context, message: Message, *, part: Part, over: Overrun) -> Problem:
    post, campaign = subject.post, context.campaign
    cut = where_limit_falls(part.text, over.measure, max(over.limit - over.added, 0))
    written = text_of_part(post, message.account, part.number, campaign)
    added = _added(post, written.source if written else "", part, campaign=campaign)
    which = f"part {part.number} is" if len(message.parts) > 1 else "this is"
    hints = (
        f"Shorten the text, or write a shorter one for {network_title(message.network)} under `variants:`.",
        _why_not_split(post, part, over),
        _offer(post, message, context),
        _what_would_help(part.text, added, over),
    )
    return TOO_LONG.problem(
        find_cut(post, message.account, part, cut, campaign),
        f"On {network_title(message.network)} {which} {over}. The limit falls here: “{around(part.text, cut)}”.",
        hint=" ".join(hint for hint in hints if hint),
        post=post.id,
    )


def _offer(post: Post, message: Message, context: Context) -> str | None:
    """What `split: yes` would make of the post, with each cut in a few words; None where it would not help."""
    capabilities = context.capabilities[message.account]
    if post.split or not capabilities.threads:
        return None
    account = context.campaign.accounts[message.account]
    made = Renderer(context.campaign).render(replace(post, split=True), account, capabilities).message
    room = room_of(message, capabilities)
    if made is None or len(made.parts) < 2 or any(overrun(part, room) for part in made.parts):
        return None
    texts = [part.text.removesuffix(context.campaign.hashtag).rstrip() for part in made.parts]
    cuts = ", ".join(f"“{between(*pair)}”" for pair in pairwise(texts))
    return f"Or write `split: yes`, which would make a thread of {len(texts)}, cut here: {cuts}."


def _why_not_split(post: Post, part: Part, over: Overrun) -> str | None:
    """Why `split: yes` does not help: one word, which is never cut, is too long for a part of its own."""
    word = max(part.text.split(), key=over.measure, default="")
    if not post.split or over.measure(word) + over.added <= over.limit:
        return None
    return f"`split: yes` cuts between words only, and “{word[:20]}…” is {over.measure(word)} long by itself."


def _added(post: Post, source: str, part: Part, *, campaign: Campaign) -> dict[str, str]:
    """What socrbot itself put into the text, by what it is: the hashtag, the address of the post's link."""
    pieces = {}
    if campaign.hashtag and campaign.hashtag in part.text and not has_hashtag(source, campaign.hashtag):
        pieces["hashtag"] = campaign.hashtag
    link = campaign.links.get(post.link) if post.link else None
    if link is not None and link.url not in source and "link(" not in source:
        for span in part.spans:
            if span.kind is SpanKind.LINK and span.value.startswith(link.url):
                pieces["link"] = span.value
    return pieces


def _what_would_help(text: str, added: dict[str, str], over: Overrun) -> str | None:
    for names in (("hashtag",), ("link",), ("link", "hashtag")):
        if not added.keys() >= set(names):
            continue
        shorter = text
        for name in names:
            before, _, after = shorter.rpartition(added[name])
            shorter = (before.rstrip() + after).strip()
        if over.measure(shorter) + over.added <= over.limit:
            return f"Without the {' and the '.join(names)} it would fit."
    return None


TOO_LONG = Rule(
    code="too-long",
    severity=Severity.ERROR,
    reason="A network refuses a text that is too long. Text is never cut in silence.",
    source="Each network's own documentation, named in its file under socrbot/networks/.",
    check=check_length,
    guard=guard_length,
)

RULES = (TOO_LONG,)
