"""`go-live`: shows what an account is about to say and what it said lately, asks, and lets it speak."""

from __future__ import annotations

from datetime import timedelta

import click

from socrbot.app import App
from socrbot.cli.common import Context, confirm, did_you_mean, table
from socrbot.errors import NetworkError, SettingsError
from socrbot.report import words

NEXT, RECENT = 10, 10
LOOK_BACK = timedelta(days=30)


def go_live_with(context: Context, account_id: str, *, yes: bool) -> int:
    """Lets one account speak from now on."""
    app = context.app()
    try:
        return _go_live(app, account_id, yes=yes)
    finally:
        app.close()


def _go_live(app: App, account_id: str, *, yes: bool) -> int:
    snapshot = app.refresh()
    account = snapshot.campaign.accounts.get(account_id)
    if account is None:
        hint = did_you_mean(account_id, snapshot.campaign.accounts)
        raise SettingsError(f'There is no account called "{account_id}".{hint}')
    network = app.network(account_id)
    if network is None:
        raise SettingsError(f"{account_id} is not connected. Run: socrbot connect {account.network}")
    identity = network.verify()
    click.echo(f"{account_id} speaks as {identity.name} on {account.network}. {identity.url or ''}".rstrip())
    _show_recent(app, account_id)
    _show_next(app, account_id)
    confirm(f"Let {account_id} speak?", yes=yes)
    app.ledger.go_live(account_id, account.network, identity, by=app.settings.person, now=app.clock.now())
    click.echo(f"{account_id} is live. The bot publishes at each post's time while `socrbot run` or cron is on.")
    return 0


def _show_recent(app: App, account_id: str) -> None:
    network = app.network(account_id)
    now = app.clock.now()
    try:
        recent = network.recent(now - LOOK_BACK)[:RECENT] if network is not None else []
    except NetworkError as error:
        click.echo(f"Its recent posts could not be read: {app.redact(str(error))}")
        return
    zone = app.snapshot().campaign.zone
    rows = [(words.when(post.created_at, zone, now), _first_line(post.text), post.url or "") for post in recent]
    if rows:
        table(("When", "Text", "Address"), rows, title="What it said lately")
    else:
        click.echo("It said nothing in the last 30 days.")


def _show_next(app: App, account_id: str) -> None:
    snapshot = app.snapshot()
    zone, now = snapshot.campaign.zone, app.clock.now()
    plan = app.planned(snapshot, accounts={*app.planned_accounts(snapshot.campaign), account_id})
    coming = sorted((w for w in plan.wanted if w.account == account_id and w.due_at >= now), key=lambda w: w.due_at)
    rows = [(words.when(w.due_at, zone, now), w.post, _text(app, w.post, account_id)) for w in coming[:NEXT]]
    if rows:
        table(("When", "Post", "Text"), rows, title="What comes next")
    else:
        click.echo("Nothing is planned for it.")


def _text(app: App, post_id: str, account_id: str) -> str:
    snapshot = app.snapshot()
    post, account = snapshot.campaign.posts[post_id], snapshot.campaign.accounts[account_id]
    message = snapshot.renderer.render(post, account, snapshot.capabilities[account.network]).message
    if message is None:
        return "(has an error)"
    held = " (has a placeholder address: it will be held back)" if message.placeholders else ""
    return _first_line(message.parts[0].text) + held


def _first_line(text: str) -> str:
    line = next(iter(text.splitlines()), "")
    return line if len(line) <= 60 else f"{line[:59]}…"
