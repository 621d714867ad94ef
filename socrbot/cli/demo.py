"""The demo: the whole way of the campaign's own posts, a week in seconds, on a clock of its own."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click

from socrbot import networks
from socrbot.app import App
from socrbot.campaign import Campaign
from socrbot.cli.printing import heading
from socrbot.clock import SystemClock, VirtualClock
from socrbot.delivery import Delivery, State
from socrbot.errors import CampaignError, Severity
from socrbot.ledger import Filter
from socrbot.logs import silent
from socrbot.rehearsing import walk
from socrbot.report import words
from socrbot.report.pictures import pictures_of
from socrbot.report.problems import problem_lines
from socrbot.settings import Settings
from socrbot.traces import DEMO

OUTBOX = "outbox"


def show(settings: Settings, *, days: int) -> None:
    """Runs the demo and prints it. Raises CampaignError where the campaign has no outbox."""
    folder = settings.data / DEMO
    shutil.rmtree(folder, ignore_errors=True)
    settings = replace(settings, data=folder, database=str(folder / "ledger.sqlite"))
    clock = VirtualClock(SystemClock().now().replace(microsecond=0))
    app = App(settings, clock=clock, say=silent, only=_outboxes(settings))
    try:
        start = clock.now()
        campaign = _show_campaign(app)
        _show_accounts(app, campaign)
        _walk(app, campaign, days)
        _show_next(app, campaign, start)
        _show_what_to_do(settings)
    finally:
        app.close()


def _outboxes(settings: Settings) -> list[str]:
    from socrbot import source

    campaign = source.load(settings.root).campaign
    found = [a.id for a in campaign.accounts.values() if a.network == OUTBOX] if campaign else []
    if campaign is not None and not found:
        raise CampaignError("config/accounts.yaml has no account on the network `outbox`, which the demo needs.")
    return found


def _show_campaign(app: App) -> Campaign:
    snapshot = app.refresh()
    campaign = snapshot.campaign
    errors = [p for p in snapshot.problems if p.severity is Severity.ERROR]
    warnings = len(snapshot.problems) - len(errors)
    click.echo(f"{campaign.name}: {words.count(len(campaign.posts), 'post')} in posts/")
    click.echo(
        f"Checked: {words.count(len(errors), 'error')}, {words.count(warnings, 'warning')}"
        + (" (see them with: socrbot check)" if snapshot.problems else "")
    )
    for line in problem_lines(errors, plain=True):
        click.echo(f"  {line}")
    return campaign


def _show_accounts(app: App, campaign: Campaign) -> None:
    click.echo("")
    heading("Accounts")
    for account in campaign.accounts.values():
        if account.network not in networks.NETWORKS:
            continue
        missing = app.missing(account)
        if not networks.capabilities(account.network).public:
            text = "ready: it keeps posts as files on this computer"
        elif missing:
            text = f"not connected. Run socrbot connect {account.network}, or set in .env: {', '.join(missing)}"
        else:
            text = "connected, and left alone in this demo"
        click.echo(f"  {account.id}: {text}")


def _walk(app: App, campaign: Campaign, days: int) -> None:
    start = app.clock.now()
    end = start + timedelta(days=days)
    click.echo("")
    heading(f"The coming {words.count(days, 'day')}, on a clock of its own")
    click.echo("The bot is the real one, and only the clock is not: it walks from post to post without waiting.")
    told: set[int] = set()
    assert isinstance(app.clock, VirtualClock)  # noqa: S101
    walk(app, app.clock, until=end, after=lambda _turn: _tell_new(app, campaign, told, start))


def _tell_new(app: App, campaign: Campaign, told: set[int], start: datetime) -> None:
    """Prints what was settled since the last look."""
    settled = frozenset({State.SENT, State.FAILED, State.MISSED, State.UNKNOWN, State.HELD})
    for delivery in app.ledger.deliveries(Filter(states=settled)):
        if delivery.id not in told:
            told.add(delivery.id)
            _tell(app, campaign, delivery, start)


def _tell(app: App, campaign: Campaign, delivery: Delivery, start: datetime) -> None:
    click.echo("")
    heading(f"{_day(delivery.due_at, campaign, start)}: {delivery.post} on {delivery.account}: {_short(delivery)}")
    if delivery.state is not State.SENT:
        why = words.reason(delivery.reason, delivery.detail)
        click.echo(f"    {why.means} {why.todo}".rstrip())
        return
    attempts = app.ledger.story(delivery.id).attempts
    for number, attempt in enumerate(attempts, 1):
        if len(attempts) > 1:
            click.echo(f"    Part {number} of {len(attempts)}:")
        for line in str(attempt.shown.get("text", "")).splitlines():
            click.echo(f"    {line}".rstrip())
        for picture in pictures_of(attempt.shown):
            click.echo(f"    {picture.in_words}")


def _short(delivery: Delivery) -> str:
    return words.state(delivery.state).short


def _day(instant: datetime, campaign: Campaign, start: datetime) -> str:
    """A time with its date: "today" would mean nothing on a clock that runs ahead."""
    return words.when(instant, campaign.zone, start - timedelta(days=2))


def _show_next(app: App, campaign: Campaign, start: datetime) -> None:
    waiting = app.ledger.deliveries(Filter(states=frozenset({State.PLANNED}), limit=5))
    click.echo("")
    heading("What comes next")
    for delivery in waiting:
        click.echo(f"  {_day(delivery.due_at, campaign, start)}: {delivery.post} on {delivery.account}")
    if not waiting:
        click.echo("  Nothing is planned.")


def _show_what_to_do(settings: Settings) -> None:
    folder = settings.data / "accounts" / OUTBOX
    shown = folder.relative_to(settings.root) if folder.is_relative_to(settings.root) else folder
    bot = _as_typed()
    start = "make run" if (settings.root / "Makefile").exists() else f"{bot} run"
    click.echo("")
    heading("What to do now")
    click.echo(f"  Look at what went out: {shown}/")
    click.echo(f"  Change a post in posts/, then check it: {bot} check")
    click.echo(f"  See posts as each network shows them: {bot} preview")
    click.echo(f"  Connect a real account: {bot} connect bluesky")
    click.echo(f"  Run the bot for good: {start}")


def _as_typed() -> str:
    """How this program is called here: by its name where that finds it, else by its path from this folder."""
    called = Path(sys.argv[0])
    if shutil.which("socrbot") or called.name != "socrbot":
        return "socrbot"
    absolute = called.absolute()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(called)
