"""Facts: a figure never goes out after the day by which it must be checked again, and never once it is retired."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from socrbot.campaign import Draft, Fact, Post
from socrbot.errors import Place, Problem, Severity
from socrbot.rules.base import Context, Held, Rule, Situation, Subject
from socrbot.rules.places import place_at, texts_of

# How long before its last day the team is reminded of a fact.
SOON = timedelta(days=14)

_FACT_CALL = re.compile(r"""\bfact\(\s*['"]([^'"]+)['"]""")


def check_stale(subject: Subject, context: Context) -> Iterator[Problem]:
    """Facts of the post whose last day has passed."""
    today = context.today
    for fact in _facts_of(subject, context):
        if fact.retired is None and is_stale(fact, today):
            yield STALE.problem(
                _place_of_use(subject.post, fact.id),
                f"The fact “{fact.id}” had to be checked again by {in_words(fact.check_again)}.",
                hint=f"Look whether it still holds, then change `checked` and `check_again` at {fact.place}.",
                post=subject.post.id,
            )


def check_retired(subject: Subject, context: Context) -> Iterator[Problem]:
    """Facts of the post that the team has retired."""
    for fact in _facts_of(subject, context):
        if fact.retired is not None:
            yield RETIRED.problem(
                _place_of_use(subject.post, fact.id),
                f"The fact “{fact.id}” is retired: {_sentence(fact.retired)}",
                hint="Use another fact, or take the sentence out.",
                post=subject.post.id,
            )


def survey_soon(context: Context) -> Iterator[Problem]:
    """Facts in use whose last day is near, once each."""
    today = context.today
    near = [fact for fact in _current(context) if fact.check_again is not None and _is_near(fact.check_again, today)]
    for fact, posts in _in_use(near, context):
        yield SOON_STALE.problem(
            fact.place,
            f"The fact “{fact.id}” must be checked again by {in_words(fact.check_again)}; {_posts_use(posts)} it.",
            hint="After that day they are held. Look whether it still holds, then change `checked` and `check_again`.",
        )


def survey_unsourced(context: Context) -> Iterator[Problem]:
    """Facts in use that lack their source or the day by which they must be checked again, once each."""
    lacking = [fact for fact in _current(context) if fact.source is None or fact.check_again is None]
    for fact, posts in _in_use(lacking, context):
        absent = {"source": fact.source, "check_again": fact.check_again}
        missing = " and ".join(f"`{key}`" for key, value in absent.items() if value is None)
        yield NO_SOURCE.problem(
            fact.place,
            f"The fact “{fact.id}” has no {missing}, and {_posts_use(posts)} it.",
            hint="Say where it comes from, and the last day on which it may be used (`check_again: 2027-01-31`).",
        )


def guard_retired(situation: Situation) -> Held | None:
    """Holds what uses a fact that is gone or retired."""
    for name in _named(situation):
        fact = situation.campaign.facts.get(name)
        if fact is None:
            return Held("fact-gone", f"The fact “{name}” is no longer in config/facts.yaml.")
        if fact.retired is not None:
            return Held(RETIRED.code, f"The fact “{name}” is retired: {_sentence(fact.retired)}")
    return None


def guard_stale(situation: Situation) -> Held | None:
    """Holds what uses a fact whose last day has passed."""
    today = situation.today
    for name in _named(situation):
        fact = situation.campaign.facts[name]
        if is_stale(fact, today):
            return Held(STALE.code, f"The fact “{name}” had to be checked again by {in_words(fact.check_again)}.")
    return None


def is_stale(fact: Fact, today: date) -> bool:
    """Whether the last day on which the fact may go out has passed."""
    return fact.check_again is not None and today > fact.check_again


def in_words(day: date | None) -> str:
    """A day as people write it: "31 January 2027"."""
    return f"{day.day} {day:%B %Y}" if day is not None else "an unknown day"


def _named(situation: Situation) -> Iterable[str]:
    said = [fact.id for fact in situation.message.facts] if situation.message else []
    listed = situation.post.facts if situation.post else ()
    return dict.fromkeys([*said, *listed])


def _facts_of(subject: Subject, context: Context) -> Iterator[Fact]:
    """The facts that a post uses on any account; unknown ones are the renderer's business."""
    names = dict.fromkeys(subject.post.facts)
    for message in subject.wordings:
        for use in message.facts:
            names[use.id] = None
    return (context.campaign.facts[name] for name in names if name in context.campaign.facts)


def _place_of_use(post: Post, name: str) -> Place:
    for _, text in texts_of(post):
        for call in _FACT_CALL.finditer(text.source):
            if call.group(1) == name:
                return place_at(text, call.start())
    if name in post.facts:
        return post.place_of(f"facts.{post.facts.index(name)}")
    return post.place


def _current(context: Context) -> Iterator[Fact]:
    return (fact for fact in context.campaign.facts.values() if fact.retired is None)


def _is_near(last: date, today: date) -> bool:
    return today <= last <= today + SOON


def _in_use(facts: list[Fact], context: Context) -> Iterator[tuple[Fact, int]]:
    """Those of the facts that posts use, with how many posts do. Looks at the posts only where there is a fact."""
    if not facts:
        return
    uses = Counter(name for post in context.campaign.posts.values() for name in _names_in(post))
    yield from ((fact, uses[fact.id]) for fact in facts if uses[fact.id])


def _names_in(post: Post) -> set[str]:
    if isinstance(post.schedule, Draft):
        return set()
    names = set(post.facts)
    for _, text in texts_of(post):
        if "{" in text.source:
            names.update(_FACT_CALL.findall(text.source))
    return names


def _posts_use(number: int) -> str:
    return "1 post uses" if number == 1 else f"{number} posts use"


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


STALE = Rule(
    code="fact-stale",
    severity=Severity.ERROR,
    reason="Figures age. MPs, journalists and families read them, so an old one must not go out.",
    check=check_stale,
    guard=guard_stale,
)
RETIRED = Rule(
    code="fact-retired",
    severity=Severity.ERROR,
    reason="The team has said that this fact must no longer be used.",
    check=check_retired,
    guard=guard_retired,
)
SOON_STALE = Rule(
    code="fact-soon-stale",
    severity=Severity.WARNING,
    reason="A fact whose last day comes near is checked in good time, before posts are held for it.",
    survey=survey_soon,
)
NO_SOURCE = Rule(
    code="fact-no-source",
    severity=Severity.WARNING,
    reason="A fact that anybody may ask about needs a source, and a day by which somebody looks at it again.",
    survey=survey_unsourced,
)

RULES = (RETIRED, STALE, SOON_STALE, NO_SOURCE)
