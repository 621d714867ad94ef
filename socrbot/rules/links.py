"""Links: an address that the team still has to fill in never reaches a real network."""

from __future__ import annotations

from collections.abc import Iterator

from socrbot.errors import Problem, Severity
from socrbot.rules.base import Context, Held, Rule, Situation, Subject
from socrbot.rules.places import place_at, texts_of

_HINT = "Write the real address. Until then only the outbox takes posts with it."


def survey_placeholders(context: Context) -> Iterator[Problem]:
    """Named links whose address is still to be filled in, once each."""
    for link in context.campaign.links.values():
        if link.placeholder:
            yield PLACEHOLDER.problem(
                link.place, f"The link “{link.name}” has a made-up address, {link.url}.", hint=_HINT
            )


def check_placeholders(subject: Subject, context: Context) -> Iterator[Problem]:
    """Placeholder addresses that were typed into the text itself: no named link accounts for them."""
    found = dict.fromkeys(address for message in subject.wordings for address in message.placeholders)
    if not found:
        return
    named = {link.url for link in context.campaign.links.values()}
    for address in found:
        if address in named:
            continue
        texts = (text for _, text in texts_of(subject.post) if address in text.source)
        text = next(texts, None)
        place = place_at(text, text.source.index(address)) if text is not None else subject.post.place
        yield PLACEHOLDER.problem(
            place, f"The text has a made-up address, {address}.", hint=_HINT, post=subject.post.id
        )


def guard_placeholders(situation: Situation) -> Held | None:
    """Holds a message with a placeholder address on every account but the outbox."""
    message = situation.message
    if message is None or not message.placeholders or not situation.capabilities.public:
        return None
    return Held("placeholder-link", f"It has a made-up address: {', '.join(message.placeholders)}.")


PLACEHOLDER = Rule(
    code="placeholder-link",
    severity=Severity.WARNING,
    reason="Addresses on example.org, example.com and example.net lead nowhere; readers must not be sent there.",
    source="RFC 2606, section 3: these names are kept free for examples.",
    check=check_placeholders,
    survey=survey_placeholders,
    guard=guard_placeholders,
)

RULES = (PLACEHOLDER,)
