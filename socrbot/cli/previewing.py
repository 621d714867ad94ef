"""`preview`: what each network would show, with the count against the limit."""

from __future__ import annotations

from collections.abc import Iterator

import click

from socrbot import networks, source
from socrbot.campaign import Account, Campaign, Post
from socrbot.cli.common import Context, did_you_mean, plain, print_json
from socrbot.errors import CampaignError, Problem, SettingsError
from socrbot.media import Assets
from socrbot.message import Capabilities, Message, Part
from socrbot.rendering import Renderer


def show_previews(context: Context, post_id: str | None, *, account: str | None, as_json: bool) -> int:
    """Prints the previews. Returns 1 where one cannot be made or is too long."""
    loaded = source.load(context.root, inspect=Assets(context.root).inspect)
    campaign = loaded.campaign
    if campaign is None:
        raise CampaignError("The campaign's files cannot be understood.", loaded.problems)
    posts = _posts(campaign, post_id, dict(loaded.faulty))
    if account is not None and account not in campaign.accounts:
        raise SettingsError(f'There is no account called "{account}".{did_you_mean(account, campaign.accounts)}')
    renderer = Renderer(campaign)
    fine, data = True, []
    for post in posts:
        for target in campaign.accounts_of(post):
            if account not in (None, target.id) or target.network not in networks.NETWORKS:
                continue
            capable = networks.capabilities(target.network)
            rendered = renderer.render(post, target, capable)
            message = rendered.message
            fits = message is not None and all(_fits(part, capable) for part in message.parts)
            fine = fine and fits
            if as_json:
                data.append(_data(post, target, message, capable, rendered.problems))
            else:
                for line in _lines(post, target, message, capable, rendered.problems):
                    click.echo(line)
    if as_json:
        print_json(data)
    return 0 if fine else 1


def _posts(campaign: Campaign, post_id: str | None, faulty: dict[str, Problem]) -> list[Post]:
    if post_id is None:
        return list(campaign.posts.values())
    if post_id in campaign.posts:
        return [campaign.posts[post_id]]
    if post_id in faulty:
        raise CampaignError(f"{post_id} has an error.", [faulty[post_id]])
    raise SettingsError(f'There is no post called "{post_id}".{did_you_mean(post_id, campaign.posts)}')


def _fits(part: Part, capable: Capabilities) -> bool:
    within_bytes = capable.byte_limit is None or len(part.text.encode()) <= capable.byte_limit
    return capable.measure(part.text) <= capable.text_limit and within_bytes


def _lines(
    post: Post, account: Account, message: Message | None, capable: Capabilities, problems: tuple[Problem, ...]
) -> Iterator[str]:
    yield f"{post.id} on {account.id} ({account.network})"
    if message is None:
        for problem in problems:
            yield f"  {problem}"
        yield ""
        return
    for part in message.parts:
        used = capable.measure(part.text)
        over = "" if _fits(part, capable) else "  TOO LONG"
        number = f"part {part.number} of {len(message.parts)}, " if len(message.parts) > 1 else ""
        yield f"  {number}{used:,} of {capable.text_limit:,} {capable.unit}{over}"
        bar = "  " if plain() else "  │ "
        yield from (f"{bar}{line}".rstrip() for line in part.text.splitlines())
        if part.link:
            yield f"{bar}[link card: {part.link}]"
        for item in part.media:
            yield f"{bar}[picture {item.path}: {item.alt}]"
    yield ""


def _data(
    post: Post, account: Account, message: Message | None, capable: Capabilities, problems: tuple[Problem, ...]
) -> dict[str, object]:
    return {
        "post": post.id,
        "account": account.id,
        "network": account.network,
        "limit": capable.text_limit,
        "unit": capable.unit,
        "problems": [str(problem) for problem in problems],
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
