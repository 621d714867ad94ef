"""`preview`: what each network would show, with the count against the limit, and what is wrong with the post."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from socrbot.campaign import Account, Campaign, Post, WithoutThreads
from socrbot.checking import Checked
from socrbot.cli.checking import load_checked
from socrbot.cli.common import Context, named, unknown
from socrbot.cli.printing import heading, plain, print_json
from socrbot.errors import CampaignError, Problem, Severity
from socrbot.message import Capabilities, Message, Part
from socrbot.rendering.fitting import Overrun, overrun, room_of
from socrbot.report.problems import problem_lines
from socrbot.rules.places import written_for


@dataclass(frozen=True, slots=True)
class Preview:
    """A post on one account. `written` is of how many texts the author made it there."""

    post: Post
    account: Account
    capable: Capabilities
    message: Message | None
    written: int

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it says there."""
        return self.message.parts if self.message is not None else ()

    def over(self, message: Message, part: Part) -> Overrun | None:
        """By how much a part is too long."""
        return overrun(part, room_of(message, self.capable))

    def room(self, message: Message, part: Part) -> Overrun:
        """How much of its room a part takes, whether it is too much or not."""
        return room_of(message, self.capable).used(part.text, media=bool(part.media), comment=part.number > 1)

    def about(self, message: Message) -> Iterator[str]:
        """What became of the author's texts, and what is set there."""
        made = len(message.parts)
        if made > self.written:
            yield f"split into {made} parts, since the text is too long for one"
        elif made < self.written and self.post.without_threads is WithoutThreads.JOIN:
            yield f"the {self.written} parts joined, since there are no threads"
        elif made < self.written:
            yield f"the first of {self.written} parts alone, since there are no threads"
        elif made > 1 and not self.capable.threads and self.capable.comments:
            yield "the first part, and the others as comments below it"
        if message.options:
            yield f"set: {', '.join(f'{name}: {value}' for name, value in message.options.items())}"


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
        post = campaign.posts.get(name)
        shown = list(_previews(campaign, checked, post, account))
        left_out = list(_left_out(campaign, post, account))
        if as_json:
            data.append(_data(name, shown, left_out, problems[name]))
        else:
            _print(name, shown, left_out, problems[name])
    if as_json:
        print_json(data)
    return 1 if any(p.severity is Severity.ERROR for found in problems.values() for p in found) else 0


def _previews(campaign: Campaign, checked: Checked, post: Post | None, only: str | None) -> Iterator[Preview]:
    for account in campaign.accounts_of(post) if post is not None else ():
        capable = checked.capabilities.get(account.id)
        if post is not None and capable is not None and only in (None, account.id):
            message = checked.renderer.render(post, account, capable).message
            yield Preview(post, account, capable, message, len(written_for(post, account, campaign)))


def _left_out(campaign: Campaign, post: Post | None, only: str | None) -> Iterator[tuple[str, str]]:
    """Each account that the post does not go to, and why not."""
    there = {account.id for account in campaign.accounts_of(post)} if post is not None else set()
    for account in campaign.accounts.values() if post is not None else ():
        if account.id in there or only not in (None, account.id):
            continue
        if post is not None and campaign.variant_of(post, account).skip:
            yield account.id, "skip: yes"
        elif post is not None and post.accounts:
            yield account.id, "not named in accounts"
        else:
            yield account.id, "takes only posts with a picture"


def _print(
    name: str, shown: Sequence[Preview], left_out: Sequence[tuple[str, str]], problems: Sequence[Problem]
) -> None:
    for preview in shown:
        if preview.message is not None:
            heading(f"{name} on {named(preview.account.id, preview.account.network)}")
            for line in _lines(preview, preview.message):
                click.echo(line)
            click.echo("")
    if left_out and shown:
        click.echo(f"{name} does not go to: {', '.join(f'{account} ({why})' for account, why in left_out)}")
        click.echo("")
    if problems:
        errors = any(problem.severity is Severity.ERROR for problem in problems)
        heading(f"{name} {'has an error and does not go out' if errors else 'has something to look at'}")
        for line in problem_lines(problems, plain=True):
            click.echo(f"  {line}")
        click.echo("")


def _lines(preview: Preview, message: Message) -> Iterator[str]:
    bar = "    " if plain() else "  │ "
    yield from (f"  {word}" for word in preview.about(message))
    for part in message.parts:
        room, over = preview.room(message, part), preview.over(message, part)
        which = _which(preview, message, part)
        beside = f" {room.beside}" if room.beside else ""
        yield f"  {which}{room.count:,} of {room.limit:,} {room.unit}{beside}{'. TOO LONG' if over else ''}"
        yield from (f"{bar}{line}".rstrip() for line in part.text.splitlines())
        if part.link:
            yield f"{bar}[card with the link: {part.link}]"
        for item in part.media:
            yield f"{bar}[{'video' if item.is_video else 'picture'} {item.path}: {item.alt}]"


def _which(preview: Preview, message: Message, part: Part) -> str:
    if len(message.parts) == 1:
        return ""
    if part.number > 1 and not preview.capable.threads and preview.capable.comments:
        return f"Comment {part.number - 1} of {len(message.parts) - 1}: "
    return f"Part {part.number} of {len(message.parts)}: "


def _data(
    name: str, shown: Sequence[Preview], left_out: Sequence[tuple[str, str]], problems: Sequence[Problem]
) -> dict[str, object]:
    return {
        "post": name,
        "problems": json.loads("\n".join(problem_lines(problems, format="json"))),
        "accounts": [
            {
                "account": preview.account.id,
                "network": preview.account.network,
                "limit": preview.capable.text_limit,
                "unit": preview.capable.unit,
                "options": dict(preview.message.options) if preview.message else {},
                "language": preview.message.language if preview.message else None,
                "parts": [_part_data(preview, preview.message, part) for part in preview.parts],
            }
            for preview in shown
        ],
        "left_out": dict(left_out),
    }


def _part_data(preview: Preview, message: Message | None, part: Part) -> dict[str, object]:
    return {
        "text": part.text,
        "used": preview.capable.measure(part.text),
        "fits": message is not None and preview.over(message, part) is None,
        "link": part.link,
        "media": [{"file": item.path, "alt": item.alt} for item in part.media],
    }
