"""What must be right before a post goes out: seen while it is written, and again at the last moment.

Pure. One file a subject; `RULES` has them all, in the order in which a delivery is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from socrbot.campaign import Campaign, Post
from socrbot.errors import Problem
from socrbot.message import Message
from socrbot.rules import accounts, amounts, carrying, facts, length, links, media, options, schedule, wording
from socrbot.rules.base import Context, Held, History, Rule, Situation, Subject

if TYPE_CHECKING:
    from socrbot.rendering import Renderer

__all__ = [
    "RULES",
    "Context",
    "Held",
    "History",
    "Rule",
    "Situation",
    "Subject",
    "check_campaign",
    "check_post",
    "look",
]

RULES: tuple[Rule, ...] = (
    *media.RULES,
    *carrying.RULES,
    *facts.RULES,
    *links.RULES,
    *wording.RULES,
    *length.RULES,
    *amounts.RULES,
    *accounts.RULES,
    *options.RULES,
    *schedule.RULES,
)

_CHECKS = tuple(rule.check for rule in RULES if rule.check is not None)
_SURVEYS = tuple(rule.survey for rule in RULES if rule.survey is not None)
_GUARDS = tuple((rule.code, rule.guard) for rule in RULES if rule.guard is not None)


def check_post(post: Post, renderer: Renderer, context: Context) -> tuple[Problem, ...]:
    """Every problem of one post, on all its accounts; the same one is told once."""
    found: list[Problem] = []
    messages: dict[str, Message] = {}
    for account in context.campaign.accounts_of(post):
        capabilities = context.capabilities.get(account.id)
        if capabilities is None:
            continue
        rendered = renderer.render(post, account, capabilities)
        if rendered.problems:
            found.extend(rendered.problems)
        if rendered.message is not None:
            messages[account.id] = rendered.message
    subject = Subject(post, messages)
    for check in _CHECKS:
        found.extend(check(subject, context))
    return tuple(dict.fromkeys(found))


def check_campaign(campaign: Campaign, context: Context) -> tuple[Problem, ...]:
    """Every problem that belongs to no single post: links, facts, slots, accounts. `context` is about `campaign`."""
    if campaign is not context.campaign:
        raise ValueError("The context is about another campaign.")
    return tuple(dict.fromkeys(problem for survey in _SURVEYS for problem in survey(context)))


def look(situation: Situation) -> Held | None:
    """The first reason why the delivery must not go out now, or None.

    A guard that fails is a reason: what cannot be decided is held.
    """
    post, message = situation.post, situation.message
    if post is None:
        return Held("post-not-found", f"The post “{situation.delivery.post}” is no longer in the files.")
    if message is None:
        return Held("cannot-render", "The text of this post could not be made.")
    for code, guard in _GUARDS:
        try:
            held = guard(situation)
        except Exception as error:
            # Whatever it is: nothing goes out unseen.
            return Held("cannot-decide", f"The check “{code}” failed ({type(error).__name__}).")
        if held is not None:
            return held
    return None
