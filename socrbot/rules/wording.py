"""Wording: the campaign's hashtag exactly once, no characters that look like others, and something to say at all."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from socrbot.campaign import Post, Text
from socrbot.errors import Place, Problem, Severity
from socrbot.message import Message, SpanKind
from socrbot.rules.base import Context, Held, Rule, Situation, Subject
from socrbot.rules.places import place_at, text_of_part, texts_of
from socrbot.text import Odd, has_hashtag, odd_characters

# Marks that turn the direction of the text after them: the reader sees other words than stand there.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Joined letters, as they come out of a PDF, and the sign for what was lost: they read wrongly and pretend nothing.
_HARMLESS = frozenset("\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06\ufffd")


def check_hashtag_twice(subject: Subject, context: Context) -> Iterator[Problem]:
    """Posts that carry the campaign's hashtag more than once on some account."""
    for message in subject.wordings:
        uses = _uses(message, context.campaign.hashtag)
        if len(uses) > 1:
            number, value, _ = uses[1]
            yield HASHTAG_TWICE.problem(
                _place_of(subject.post, message, number, value=f"#{value}", context=context, nth=_nth(uses)),
                f"#{value} stands in the post {len(uses)} times.",
                hint="Once is enough: take the others out, or leave it out altogether and socrbot adds it.",
                post=subject.post.id,
            )


def check_hashtag_case(subject: Subject, context: Context) -> Iterator[Problem]:
    """The campaign's hashtag in other capitals than the campaign's own."""
    wanted = context.campaign.hashtag.removeprefix("#")
    for message in subject.wordings:
        for number, value, _ in _uses(message, wanted):
            if value != wanted:
                yield HASHTAG_CASE.problem(
                    _place_of(subject.post, message, number, value=f"#{value}", context=context, nth=0),
                    f"#{value} has other capitals than #{wanted}.",
                    hint=f"Write #{wanted}: a screen reader then says its words apart.",
                    post=subject.post.id,
                )


def check_empty(subject: Subject, context: Context) -> Iterator[Problem]:
    """Parts that say nothing once the hashtag is taken away."""
    for message in subject.wordings:
        for number in _silent_parts(message, context.campaign.hashtag):
            text = text_of_part(subject.post, message.account, number, context.campaign)
            if (
                text is not None
                and message.parts[number - 1].media
                and has_hashtag(text.source, context.campaign.hashtag)
            ):
                continue  # a picture with nothing but the hashtag, as the author wrote it
            which = f"Part {number}" if len(message.parts) > 1 else "The post"
            yield EMPTY.problem(
                text.place if text is not None else subject.post.place,
                f"{which} has no words of its own.",
                hint="Write what it says, or take it out.",
                post=subject.post.id,
            )


def check_characters(subject: Subject, _: Context) -> Iterator[Problem]:
    """Invisible and look-alike characters in texts and descriptions of pictures."""
    post = subject.post
    for _key, text in texts_of(post):
        if not text.source.isascii():
            yield from _odd(text.source, text, text.place, where="the text", post=post.id)
    for number, media in enumerate(post.media):
        if not media.alt.isascii():
            place = post.place_of(f"media.{number}.alt")
            yield from _odd(media.alt, None, place, where=f"the description of {media.file}", post=post.id)


def survey_characters(context: Context) -> Iterator[Problem]:
    """The same in the words of facts and links, which posts take over."""
    for fact in context.campaign.facts.values():
        words = f"{fact.statement}\n{fact.figure or ''}"
        if not words.isascii():
            yield from _odd(words, None, fact.place, where=f"the fact “{fact.id}”", post=None)
    for link in context.campaign.links.values():
        words = f"{link.title or ''}\n{link.url}"
        if not words.isascii():
            yield from _odd(words, None, link.place, where=f"the link “{link.name}”", post=None)


def guard_empty(situation: Situation) -> Held | None:
    """Holds a message with a part that has neither words nor pictures."""
    message = situation.message
    if message is None:
        return None
    for number in _silent_parts(message, situation.campaign.hashtag):
        if not message.parts[number - 1].media:
            return Held(EMPTY.code, "It has no words of its own.")
    return None


def _uses(message: Message, hashtag: str) -> list[tuple[int, str, int]]:
    """Where the hashtag stands in a message: (part's number, as written there, first character)."""
    wanted = hashtag.removeprefix("#").casefold()
    return [
        (part.number, span.value, span.start)
        for part in message.parts
        for span in part.spans
        if span.kind is SpanKind.HASHTAG and span.value.casefold() == wanted
    ]


def _nth(uses: list[tuple[int, str, int]]) -> int:
    """Whether the second use is the second in its own part (1), or the first there (0)."""
    return 1 if uses[0][0] == uses[1][0] else 0


def _place_of(post: Post, message: Message, number: int, *, value: str, context: Context, nth: int) -> Place:
    """Where the text has `value` for the time `nth` (from 0), where that can be told."""
    text = text_of_part(post, message.account, number, context.campaign)
    if text is None:
        return post.place_of("text")
    lower, wanted, index = text.source.casefold(), value.casefold(), -1
    if len(lower) != len(text.source):
        return text.place
    for _ in range(nth + 1):
        index = lower.find(wanted, index + 1)
    return place_at(text, index) if index >= 0 else text.place


def _silent_parts(message: Message, hashtag: str) -> Iterator[int]:
    """The numbers of parts in which nothing stands but the hashtag."""
    for part in message.parts:
        # Whatever is longer than the hashtag has words of its own.
        if len(part.text) <= len(hashtag) + 2:
            says = part.text.strip().casefold()
            if not says or says == hashtag.casefold():
                yield part.number


def _odd(words: str, text: Text | None, place: Place, *, where: str, post: str | None) -> Iterator[Problem]:
    """One problem for each kind of odd character, at the first of its kind."""
    found: dict[str, list[Odd]] = {}
    for odd in odd_characters(words):
        found.setdefault(_kind_of(odd.char).code, []).append(odd)
    for odds in found.values():
        first, rule = odds[0], _kind_of(odds[0].char)
        yield rule.problem(
            place_at(text, first.index) if text is not None else place,
            f"There {_are(odds)} in {where}: {_names(odds)}.",
            hint=_instead(first),
            post=post,
        )


def _are(odds: list[Odd]) -> str:
    what = _WORDS[_kind_of(odds[0].char).code]
    return f"is {what}" if len(odds) == 1 else f"are {len(odds)} characters like this ({what})"


def _names(odds: Iterable[Odd]) -> str:
    return ", ".join(dict.fromkeys(f"{odd.name.lower()} (U+{ord(odd.char):04X})" for odd in odds))


def _instead(odd: Odd) -> str:
    if odd.replacement is None:
        return "Type again what was meant."
    if odd.replacement == "":
        return "Delete it: take the words out and type them again."
    blank = {" ": "an ordinary space", "\n": "an ordinary line break"}.get(odd.replacement)
    return f"Type {blank or f'“{odd.replacement}”'} instead."


def _kind_of(char: str) -> Rule:
    if char in _DIRECTION:
        return DIRECTION
    return ODD if unicodedata.category(char)[0] in "CZM" or char in _HARMLESS else LOOK_ALIKE


HASHTAG_TWICE = Rule(
    code="hashtag-twice",
    severity=Severity.ERROR,
    reason="Every post carries the campaign's hashtag exactly once; twice looks like spam.",
    check=check_hashtag_twice,
)
HASHTAG_CASE = Rule(
    code="hashtag-case",
    severity=Severity.WARNING,
    reason="With a capital at each word a screen reader says the words apart.",
    source="Royal National Institute of Blind People: advice on accessible hashtags.",
    check=check_hashtag_case,
)
EMPTY = Rule(
    code="empty-text",
    severity=Severity.ERROR,
    reason="A post with nothing but a hashtag says nothing.",
    check=check_empty,
    guard=guard_empty,
)
LOOK_ALIKE = Rule(
    code="look-alike-letter",
    severity=Severity.ERROR,
    reason="Fancy letters from a “font generator” are mathematical signs: screen readers stumble over them.",
    source="Unicode Technical Report 25: these letters are meant for formulas only.",
    check=check_characters,
    survey=survey_characters,
)
DIRECTION = Rule(
    code="hidden-direction",
    severity=Severity.ERROR,
    reason="An invisible mark that turns the direction of the text can make readers see other words than stand there.",
    source="Unicode Standard Annex 9, and Unicode Technical Report 36 on what it may be abused for.",
)
ODD = Rule(
    code="odd-character",
    severity=Severity.WARNING,
    reason="Invisible and special characters come from a word processor; they break hashtags and addresses.",
)

# What one such character is called in a sentence.
_WORDS = {
    LOOK_ALIKE.code: "a character that only looks like a letter",
    DIRECTION.code: "a hidden mark that turns the direction of the text",
    ODD.code: "a character that does not belong in plain text",
}

RULES = (HASHTAG_TWICE, HASHTAG_CASE, EMPTY, LOOK_ALIKE, DIRECTION, ODD)
