"""Accounts: each post goes somewhere, each account is on a network that socrbot knows, threads go where they can."""

from __future__ import annotations

from collections.abc import Iterator

from socrbot.campaign import Account, Campaign, Post, WithoutThreads
from socrbot.errors import Problem, Severity
from socrbot.message import Capabilities
from socrbot.rendering.layout import instead_of_thread
from socrbot.rules.base import Context, Held, Rule, Situation, Subject, network_title
from socrbot.rules.places import written_for
from socrbot.text.names import known_network


def survey_networks(context: Context) -> Iterator[Problem]:
    """Accounts on networks that socrbot does not know."""
    from difflib import get_close_matches

    for account in context.campaign.accounts.values():
        if account.network not in context.networks:
            meant = known_network(account.network)
            near = [meant] if meant in context.networks else get_close_matches(account.network, context.networks, n=1)
            known = ", ".join(sorted(context.networks))
            hint = f"Did you mean “{near[0]}”?" if near else f"It knows {known}."
            if meant == "apprise":
                hint = "Write `network: apprise`, which reaches it; docs/networks/apprise.md has how."
            yield UNKNOWN_NETWORK.problem(
                account.place,
                f"The account “{account.id}” is on the network “{account.network}”, which socrbot does not know.",
                hint=hint,
            )


def survey_same(context: Context) -> Iterator[Problem]:
    """Two accounts with the same keys: every post would go out twice."""
    for account in context.campaign.accounts.values():
        other = _same_keys(account, context.campaign)
        if other is not None and (capable := context.capabilities.get(account.id)) is not None and capable.public:
            prefix = f"{account.network.upper()}_{account.id.upper().replace('-', '_')}"
            yield SAME_ACCOUNT.problem(
                account.place,
                f"“{account.id}” and “{other.id}” use the same keys, so they are one account on "
                f"{network_title(account.network)}, and each post would go out there twice.",
                hint=f"Give one of them keys of its own with `env: {prefix}`, or take it out.",
            )


def guard_same(situation: Situation) -> Held | None:
    """Holds what goes to an account by the keys of another one."""
    account = situation.campaign.accounts.get(situation.delivery.account)
    if account is None or not situation.capabilities.public:
        return None
    other = _same_keys(account, situation.campaign)
    if other is None:
        return None
    return Held(SAME_ACCOUNT.code, f"{account.id} uses the keys of {other.id}, so it would go out there twice.")


def _same_keys(account: Account, campaign: Campaign) -> Account | None:
    """The first account above this one with the same keys."""
    for other in campaign.accounts.values():
        if other.id == account.id:
            return None
        if (other.network, other.env) == (account.network, account.env):
            return other
    return None


def check_somewhere(subject: Subject, context: Context) -> Iterator[Problem]:
    """Posts that are left out on every account."""
    post = subject.post
    if not subject.messages and not context.campaign.accounts_of(post):
        yield NO_ACCOUNT.problem(
            post.place_of("accounts"),
            "This post goes to no account, so it never goes out.",
            hint="Name an account in `accounts:`, or take `skip: yes` out of one of its `variants:`.",
            post=post.id,
        )


def check_threads(subject: Subject, context: Context) -> Iterator[Problem]:
    """Posts in several parts for networks where a post cannot answer another, and nobody said what is to become."""
    post = subject.post
    if len(post.parts) == 1 and not post.variants:
        return
    told = set()
    for account in context.campaign.accounts_of(post):
        capabilities = context.capabilities.get(account.id)
        if capabilities is None or _can_carry_parts(post, capabilities) or account.network in told:
            continue
        number = len(written_for(post, account, context.campaign))
        if number > 1:
            told.add(account.network)
            yield CANNOT_THREAD.problem(
                post.place_of("without_threads" if post.without_threads else "parts"),
                f"{_cannot(account.network, number, post, capabilities)}.",
                hint=_choices(account.network, capabilities, post),
                post=post.id,
            )


def guard_threads(situation: Situation) -> Held | None:
    """Holds a message in several parts on a network where a post cannot answer another, and nothing was chosen."""
    post, number = situation.post, len(situation.message.parts) if situation.message else 0
    if post is None or number <= 1 or _can_carry_parts(post, situation.capabilities):
        return None
    return Held(CANNOT_THREAD.code, f"{_cannot(situation.delivery.network, number, post, situation.capabilities)}.")


def _can_carry_parts(post: Post, capabilities: Capabilities) -> bool:
    """Whether several parts go out there in some way that the author wanted."""
    return capabilities.threads or instead_of_thread(post, capabilities) is not None


def _cannot(network: str, number: int, post: Post, capabilities: Capabilities) -> str:
    wished = post.without_threads is WithoutThreads.COMMENTS and not capabilities.comments
    comments = ", nor the others as comments below the first" if wished else ""
    return f"{network_title(network)} cannot show a post in {number} parts{comments}"


def _choices(network: str, capabilities: Capabilities, post: Post) -> str:
    """The lines to choose from."""
    if post.without_threads is not None:
        return (
            f"Write under `variants: {network}:` one `text:` for it, or `skip: yes`. "
            "Or change the line `without_threads:` to `join` (all parts in one text) or `first part only`; "
            "it then holds for every network without threads."
        )
    comments = ", or `without_threads: comments` (the others below the first)" if capabilities.comments else ""
    joined = "`without_threads: join` (all parts in one text)"
    return (
        f"Add one of these lines to the post: {joined}, `without_threads: first part only`{comments}. "
        f"Or write under `variants: {network}:` one `text:` for it, or `skip: yes`."
    )


UNKNOWN_NETWORK = Rule(
    code="unknown-network",
    severity=Severity.ERROR,
    reason="Nothing can be sent to an account on a network that socrbot has no way to.",
    survey=survey_networks,
)
SAME_ACCOUNT = Rule(
    code="same-account",
    severity=Severity.ERROR,
    reason="Two names for one account on a network would say everything twice.",
    survey=survey_same,
    guard=guard_same,
)
NO_ACCOUNT = Rule(
    code="no-account",
    severity=Severity.WARNING,
    reason="A post that is skipped everywhere is easily forgotten; a draft says the same on purpose.",
    check=check_somewhere,
)
CANNOT_THREAD = Rule(
    code="cannot-thread",
    severity=Severity.ERROR,
    reason="The parts of a thread make sense only together, so none goes out where they cannot be joined.",
    source="Each network's own documentation, named in its file under socrbot/networks/.",
    check=check_threads,
    guard=guard_threads,
)

RULES = (UNKNOWN_NETWORK, SAME_ACCOUNT, NO_ACCOUNT, CANNOT_THREAD)
