"""Length: a text that is too long is never cut; the team is told by how much, and where the limit falls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from socrbot.campaign import Campaign, Post
from socrbot.errors import Problem, Severity
from socrbot.message import Capabilities, Message, Part
from socrbot.rules.base import Context, Held, Rule, Situation, Subject, network_title
from socrbot.rules.places import around, place_of_cut, text_of_part
from socrbot.text import has_hashtag, where_limit_falls


@dataclass(frozen=True, slots=True)
class Overrun:
    """By how much a text is too long. `limit` and `count` are in the network's `unit`, or in bytes."""

    count: int
    limit: int
    unit: str
    measure: Callable[[str], int]

    def __str__(self) -> str:
        over = self.count - self.limit
        unit = self.unit.removesuffix("s") if over == 1 else self.unit
        return f"{over:,} {unit} too long: {self.count:,} of at most {self.limit:,}"


def overrun(text: str, capabilities: Capabilities) -> Overrun | None:
    """By how much the text is too long for a network: by its count first, by its bytes else. None where it fits."""
    count = capabilities.measure(text)
    if count > capabilities.text_limit:
        return Overrun(count, capabilities.text_limit, capabilities.unit, capabilities.measure)
    limit = capabilities.byte_limit
    # A character takes four bytes at most, so a short text need not be encoded.
    if limit is not None and len(text) * 4 > limit and (size := _bytes(text)) > limit:
        return Overrun(size, limit, "bytes", _bytes)
    return None


def check_length(subject: Subject, context: Context) -> Iterator[Problem]:
    """Texts that are too long, once for each network and wording."""
    measured: set[tuple[str, str]] = set()
    for message in subject.messages.values():
        wording = (message.network, message.wording_digest)
        if wording in measured:
            continue
        measured.add(wording)
        capabilities = context.capabilities[message.account]
        for part in message.parts:
            over = overrun(part.text, capabilities)
            if over is not None:
                yield _problem(subject, context.campaign, message, part=part, over=over)


def guard_length(situation: Situation) -> Held | None:
    """Holds a message with a part that is too long."""
    for part in situation.message.parts if situation.message else ():
        over = overrun(part.text, situation.capabilities)
        if over is not None:
            return Held(TOO_LONG.code, f"On {network_title(situation.delivery.network)} it is {over}.")
    return None


def _problem(subject: Subject, campaign: Campaign, message: Message, *, part: Part, over: Overrun) -> Problem:
    post = subject.post
    cut = where_limit_falls(part.text, over.measure, over.limit)
    written = text_of_part(post, message.account, part.number, campaign)
    added = _added(post, written.source if written else "", part.text, campaign=campaign)
    which = f"part {part.number} is" if len(message.parts) > 1 else "this is"
    return TOO_LONG.problem(
        place_of_cut(written, part.text, cut) if written is not None else post.place_of("text"),
        f"On {network_title(message.network)} {which} {over}. The limit falls here: “{around(part.text, cut)}”.",
        hint=_hint(message.network, _what_would_help(part.text, added, over)),
        post=post.id,
    )


def _hint(network: str, added: str | None) -> str:
    shorten = f"Shorten the text, or write a shorter one for {network_title(network)} under `variants:`."
    return f"{shorten} Without the {added} it would fit." if added else shorten


def _added(post: Post, source: str, text: str, *, campaign: Campaign) -> dict[str, str]:
    """What socrbot itself put into the text, by what it is: the hashtag, the address of the post's link."""
    pieces = {}
    if campaign.hashtag and campaign.hashtag in text and not has_hashtag(source, campaign.hashtag):
        pieces["hashtag"] = campaign.hashtag
    link = campaign.links.get(post.link) if post.link else None
    if link is not None and link.url in text and link.url not in source and "link(" not in source:
        pieces["link"] = link.url
    return pieces


def _what_would_help(text: str, added: dict[str, str], over: Overrun) -> str | None:
    for names in (("hashtag",), ("link",), ("link", "hashtag")):
        if not added.keys() >= set(names):
            continue
        shorter = text
        for name in names:
            before, _, after = shorter.rpartition(added[name])
            shorter = (before.rstrip() + after).strip()
        if over.measure(shorter) <= over.limit:
            return " and the ".join(names)
    return None


def _bytes(text: str) -> int:
    return len(text.encode())


TOO_LONG = Rule(
    code="too-long",
    severity=Severity.ERROR,
    reason="A network refuses a text that is too long. Text is never cut in silence.",
    source="Each network's own documentation, named in its file under socrbot/networks/.",
    check=check_length,
    guard=guard_length,
)

RULES = (TOO_LONG,)
