"""The demo: the whole way of the campaign's own posts, a week in seconds, on a clock of its own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import click

from socrbot import networks
from socrbot.app import App
from socrbot.campaign import Campaign
from socrbot.clock import SystemClock, VirtualClock
from socrbot.delivery import Delivery, State
from socrbot.errors import CampaignError, Severity
from socrbot.ledger import Filter
from socrbot.logs import silent
from socrbot.report import words
from socrbot.settings import Settings

OUTBOX = "outbox"


def show(settings: Settings, *, days: int) -> None:
    """Runs the demo and prints it. Raises CampaignError where the campaign has no outbox."""
    folder = settings.data / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    settings = replace(settings, data=folder, database=str(folder / "ledger.sqlite"))
    clock = VirtualClock(SystemClock().now().replace(microsecond=0))
    app = App(settings, clock=clock, say=silent, only=_outboxes(settings))
    try:
        campaign = _show_campaign(app)
        _show_accounts(app, campaign)
        _walk(app, campaign, days)
        _show_next(app, campaign)
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
    for problem in errors:
        click.echo(f"  {problem}")
    return campaign


def _show_accounts(app: App, campaign: Campaign) -> None:
    click.echo("")
    click.echo("Accounts")
    for account in campaign.accounts.values():
        if account.network not in networks.NETWORKS:
            continue
        missing = app.missing(account)
        if not networks.capabilities(account.network).public:
            text = "ready: it keeps posts as files on this computer"
        elif missing:
            text = f"not connected: set {', '.join(missing)}"
        else:
            text = "connected, and left alone in this demo"
        click.echo(f"  {account.id}: {text}")


def _walk(app: App, campaign: Campaign, days: int) -> None:
    start = app.clock.now()
    end = start + timedelta(days=days)
    click.echo("")
    click.echo(f"The coming {words.count(days, 'day')}, on a clock of its own: the code is the same as in the service.")
    told: set[int] = set()
    while True:
        turn = app.turn(wait=True)
        _tell_new(app, campaign, told, start)
        if app.clock.now() >= end:
            break
        assert isinstance(app.clock, VirtualClock)  # noqa: S101
        # What is due and not taken (an account that waits) must not make the clock stand still.
        ahead = max(turn.next_due or end, app.clock.now() + timedelta(seconds=1))
        app.clock.advance_to(min(ahead, app.clock.now() + timedelta(hours=6), end))


def _tell_new(app: App, campaign: Campaign, told: set[int], start: datetime) -> None:
    """Prints what was settled since the last look."""
    settled = frozenset({State.SENT, State.FAILED, State.MISSED, State.UNKNOWN, State.HELD})
    for delivery in app.ledger.deliveries(Filter(states=settled)):
        if delivery.id not in told:
            told.add(delivery.id)
            _tell(app, campaign, delivery, start)


def _tell(app: App, campaign: Campaign, delivery: Delivery, start: datetime) -> None:
    when = words.when(delivery.due_at, campaign.zone, start - timedelta(days=2))
    click.echo("")
    click.echo(f"{when}: {delivery.post} -> {delivery.account}: {words.state(delivery.state).short}")
    if delivery.state is not State.SENT:
        click.echo(f"    {delivery.detail or ''}")
        return
    for attempt in app.ledger.story(delivery.id).attempts:
        for line in str(attempt.shown.get("text", "")).splitlines():
            click.echo(f"    | {line}".rstrip())
        media = attempt.shown.get("media")
        for item in media if isinstance(media, Sequence) else ():
            click.echo(f"    | [picture: {item['alt']}]")


def _show_next(app: App, campaign: Campaign) -> None:
    waiting = app.ledger.deliveries(Filter(states=frozenset({State.PLANNED}), limit=5))
    now: datetime = app.clock.now()
    click.echo("")
    click.echo("What comes next")
    for delivery in waiting:
        click.echo(f"  {words.when(delivery.due_at, campaign.zone, now)}: {delivery.post} -> {delivery.account}")
    if not waiting:
        click.echo("  Nothing is planned.")


def _show_what_to_do(settings: Settings) -> None:
    shown = settings.data.relative_to(settings.root) if settings.data.is_relative_to(settings.root) else settings.data
    click.echo("")
    click.echo("What to do now")
    click.echo(f"  Look at what went out:          {shown / 'accounts' / OUTBOX}/")
    click.echo("  Change a post, then check it:   edit a file in posts/, then: .venv/bin/socrbot check")
    click.echo("  See it as each network will:    .venv/bin/socrbot preview")
    click.echo("  Connect a real account:         .venv/bin/socrbot connect bluesky")
    click.echo("  Run the bot for good:           make run")
