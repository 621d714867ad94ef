"""`rehearse`: what the bot will do until a day, on a clock of its own, in the terminal, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from socrbot.cli.common import Context, unknown
from socrbot.cli.logging_out import start_of
from socrbot.cli.printing import heading, print_json, sentence, table
from socrbot.clock import SystemClock
from socrbot.errors import SettingsError
from socrbot.rehearsing import Wanted, campaign_of, rehearse, understand
from socrbot.report import words
from socrbot.report.rehearsal import Group, Rehearsal, render
from socrbot.report.status import question
from socrbot.telling import write_page
from socrbot.traces import REHEARSAL_PAGE

DEFAULT = timedelta(days=14)
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be rehearsed, as it was typed."""

    until: str | None = None
    faults: Sequence[str] = ()
    accounts: Sequence[str] = ()
    posts: Sequence[str] = ()
    as_if_live: bool = False
    page: str | None = None


def show(context: Context, wish: Wish, *, as_json: bool) -> int:
    """Rehearses, prints it and writes the page. Returns 1 where something needs a person."""
    settings, clock = context.settings, SystemClock()
    campaign = campaign_of(settings)
    start = clock.now().replace(microsecond=0)
    until = start_of(wish.until, campaign.zone, start) + timedelta(days=1) if wish.until else start + DEFAULT
    if not start < until <= start + LONGEST:
        raise SettingsError(f"{wish.until} cannot be rehearsed. Name a day from today on, within a year.")
    _refuse_unknown("account", wish.accounts, campaign.accounts)
    _refuse_unknown("post", wish.posts, campaign.posts)
    faults = [
        understand(text, zone=campaign.zone, start=start, accounts=campaign.accounts, posts=campaign.posts)
        for text in wish.faults
    ]
    page = Path(wish.page) if wish.page else settings.data / REHEARSAL_PAGE
    wanted = Wanted(until, faults, wish.as_if_live, wish.accounts, wish.posts)
    result = rehearse(settings, campaign, wanted, clock=clock)
    _write(page, render(result))
    if as_json:
        print_json({**result.as_data(), "page": str(page)})
    else:
        _print(result, page)
    return 1 if result.needs_a_person else 0


def _refuse_unknown(kind: str, names: Sequence[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise unknown(kind, name, known)


def _write(page: Path, html: str) -> None:
    try:
        page.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_page(page, html)
    except OSError as error:
        raise SettingsError(f"The page {page} cannot be written: {error.strerror}. Name another: --page FILE") from None


def _print(result: Rehearsal, page: Path) -> None:
    heading(f"Rehearsed from {result.when(result.start)} to {result.when(result.until)}")
    sentence("Nothing left this computer, and nothing was changed. This is what the bot would do.")
    for line in result.faults:
        sentence(f"Made to go wrong: {line}")
    for asks in result.asks:
        sentence(f"The bot asks: {question(asks)}")
    if result.errors:
        sentence(f"{words.count(result.errors, 'file').capitalize()} with errors. See them with: socrbot check")
    click.echo("")
    for group in result.groups():
        _print_group(result, group)
    if not result.scenes:
        click.echo("Nothing is planned in this time.")
    click.echo("")
    table(
        ("Account", "Network", "May it publish?", "Rehearsed"),
        [(p.id, p.network, p.standing, "yes" if p.rehearsed else "no") for p in result.places],
        title="Accounts",
    )
    click.echo("")
    if result.costs:
        rows = [(cost.month, cost.account, cost.says) for cost in result.costs]
        table(("Month", "Account", "Costs"), rows, title="What it costs")
        click.echo("")
    heading(result.headline())
    click.echo(f"With the posts as each network will show them: {page}")


def _print_group(result: Rehearsal, group: Group) -> None:
    scene = group.first
    cost = f", {words.money(group.cost)}" if group.cost else ""
    heading(f"{result.when(scene.at or scene.due_at)}: {scene.post} on {group.accounts}: {scene.says}{cost}")
    for line in group.remarks:
        sentence(f"    {line}")
