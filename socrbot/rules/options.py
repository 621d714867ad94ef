"""Options: what only one network understands. A misspelt one would be left out in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from socrbot.campaign import Account, Post
from socrbot.errors import Place, Problem, Severity
from socrbot.message import Capabilities
from socrbot.rules.base import Context, Held, Rule, Situation, Subject, network_title


def survey_options(context: Context) -> Iterator[Problem]:
    """Options of accounts that their networks do not have, or with a value that they do not know."""
    for account in context.campaign.accounts.values():
        capabilities = context.capabilities.get(account.id)
        if account.options and capabilities is not None:
            yield from _problems(account.options, account, capabilities, place=account.place)


def check_options(subject: Subject, context: Context) -> Iterator[Problem]:
    """The same for the options of a post's variants."""
    post = subject.post
    for name, variant in post.variants.items() if post.variants else ():
        if not variant.options:
            continue
        for account in context.campaign.accounts.values():
            capabilities = context.capabilities.get(account.id)
            if name in (account.id, account.network) and capabilities is not None:
                where = f"variants.{name}.options"
                yield from _problems(
                    variant.options, account, capabilities, place=post.place_of(where), post=post, where=where
                )


def guard_options(situation: Situation) -> Held | None:
    """Holds a message with an option, or a value of one, that its network does not know."""
    message, capabilities = situation.message, situation.capabilities
    for name, value in message.options.items() if message is not None else ():
        option = capabilities.options.get(name)
        if option is None or not option.takes(value):
            return Held(UNKNOWN.code, f"{network_title(situation.delivery.network)} knows no option “{name}: {value}”.")
    return None


def _problems(
    options: Mapping[str, str],
    account: Account,
    capabilities: Capabilities,
    *,
    place: Place,
    post: Post | None = None,
    where: str = "",
) -> Iterator[Problem]:
    known, title = capabilities.options, network_title(account.network)
    about = post.id if post is not None else None
    for name, value in options.items():
        at = post.place_of(f"{where}.{name}") if post is not None else place
        option = known.get(name)
        if option is None:
            message = f"{title} has no option “{name}”."
            yield UNKNOWN.problem(at, message, hint=_nearest(name, known, f"{title} has none."), post=about)
        elif post is not None and not option.per_post:
            message = f"The option “{name}” of {title} holds for a whole account, not for a single post."
            hint = f"Write it under `options:` of {account.id} in {account.place.path}."
            yield WRONG.problem(at, message, hint=hint, post=about)
        elif not option.takes(value):
            message = f"The option “{name}” of {title} cannot be “{value}”."
            yield WRONG.problem(at, message, hint=_nearest(value, option.values, option.fits), post=about)


def _nearest(word: str, known: Mapping[str, object] | tuple[str, ...], otherwise: str) -> str:
    near = get_close_matches(word.lower(), known, n=1)
    if near:
        return f"Did you mean “{near[0]}”?"
    return f"There is: {', '.join(known)}." if known else otherwise


_SOURCE = "The network's page under docs/networks/ lists its options."
UNKNOWN = Rule(
    code="unknown-option",
    severity=Severity.ERROR,
    reason="An option that the network does not have would do nothing, and nobody would notice.",
    source=_SOURCE,
    check=check_options,
    survey=survey_options,
    guard=guard_options,
)
WRONG = Rule(
    code="wrong-option",
    severity=Severity.ERROR,
    reason="A value that the network does not know would be refused, or do something else than was meant.",
    source=_SOURCE,
)

RULES = (UNKNOWN, WRONG)
