"""`preview`: what each network would show, with the count against the limit, and what is wrong with the post."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import click

from socrbot.campaign import Account, Campaign, Post
from socrbot.checking import Checked
from socrbot.cli.checking import load_checked
from socrbot.cli.common import Context, named, unknown
from socrbot.cli.printing import heading, plain, print_json
from socrbot.errors import CampaignError, Problem, Severity
from socrbot.message import Capabilities, Message, Part
from socrbot.report.problems import problem_lines


def show_previews(context: Context, post_id: str | None, *, account: str | None, as_json: bool) -> int:
    """Prints the previews. Returns 1 where a post has an error."""
    loaded, checked = load_checked(context)
    campaign = loaded.campaign
    if campaign is None or checked is None:
        raise CampaignError("The campaign's files cannot be understood.", loaded.problems)
    if account is not None and account not in campaign.accounts:
        raise unknown("account", account, campaign.accounts)
    known = {*campaign.posts, *checked.faulty}
    if post_id is not None and post_id not in known:
        raise unknown("post", post_id, known)
    chosen = [post_id] if post_id is not None else [*campaign.posts, *(set(checked.faulty) - set(campaign.posts))]
    problems = {name: [p for p in checked.problems if p.post == name] for name in chosen}
    data = []
    for name in chosen:
        shown = list(_previews(campaign, checked, campaign.posts.get(name), account))
        if as_json:
            data.append(_data(name, shown, problems[name]))
        else:
            _print(name, shown, problems[name])
    if as_json:
        print_json(data)
    return 1 if any(p.severity is Severity.ERROR for found in problems.values() for p in found) else 0


def _previews(
    campaign: Campaign, checked: Checked, post: Post | None, only: str | None
) -> Iterator[tuple[Account, Capabilities, Message | None]]:
    for account in campaign.accounts_of(post) if post is not None else ():
        capable = checked.capabilities.get(account.id)
        if post is not None and capable is not None and only in (None, account.id):
            yield account, capable, checked.renderer.render(post, account, capable).message


def _print(
    name: str, shown: Sequence[tuple[Account, Capabilities, Message | None]], problems: Sequence[Problem]
) -> None:
    for account, capable, message in shown:
        if message is not None:
            heading(f"{name} on {named(account.id, account.network)}")
            for line in _lines(message, capable):
                click.echo(line)
            click.echo("")
    if problems:
        errors = any(problem.severity is Severity.ERROR for problem in problems)
        heading(f"{name} {'has an error and does not go out' if errors else 'has something to look at'}")
        for line in problem_lines(problems, plain=True):
            click.echo(f"  {line}")
        click.echo("")


def _fits(part: Part, capable: Capabilities) -> bool:
    within_bytes = capable.byte_limit is None or len(part.text.encode()) <= capable.byte_limit
    return capable.measure(part.text) <= capable.text_limit and within_bytes


def _lines(message: Message, capable: Capabilities) -> Iterator[str]:
    bar = "    " if plain() else "  │ "
    for part in message.parts:
        number = f"Part {part.number} of {len(message.parts)}: " if len(message.parts) > 1 else ""
        over = "" if _fits(part, capable) else ". TOO LONG"
        yield f"  {number}{capable.measure(part.text):,} of {capable.text_limit:,} {capable.unit}{over}"
        yield from (f"{bar}{line}".rstrip() for line in part.text.splitlines())
        if part.link:
            yield f"{bar}[link: {part.link}]"
        for item in part.media:
            yield f"{bar}[picture {item.path}: {item.alt}]"


def _data(
    name: str, shown: Sequence[tuple[Account, Capabilities, Message | None]], problems: Sequence[Problem]
) -> dict[str, object]:
    return {
        "post": name,
        "problems": json.loads("\n".join(problem_lines(problems, format="json"))),
        "accounts": [
            {
                "account": account.id,
                "network": account.network,
                "limit": capable.text_limit,
                "unit": capable.unit,
                "parts": [
                    {
                        "text": part.text,
                        "used": capable.measure(part.text),
                        "fits": _fits(part, capable),
                        "link": part.link,
                        "media": [{"file": item.path, "alt": item.alt} for item in part.media],
                    }
                    for part in (message.parts if message else ())
                ],
            }
            for account, capable, message in shown
        ],
    }
