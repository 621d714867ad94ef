"""`go-live`: shows what an account is about to say and what it said lately, asks, and lets it speak."""

from __future__ import annotations

from datetime import timedelta

import click

from socrbot.app import App
from socrbot.cli.common import Context, confirm, unknown
from socrbot.cli.permissions import lacking
from socrbot.cli.printing import table
from socrbot.errors import NetworkError, SettingsError
from socrbot.networks.base import Network
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
    account = app.refresh().campaign.accounts.get(account_id)
    if account is None:
        raise unknown("account", account_id, app.snapshot().campaign.accounts)
    only = f" --account {account_id}" if account_id != account.network else ""
    network = app.network(account_id)
    if network is None:
        raise SettingsError(f"{account_id} is not connected. First run: socrbot connect {account.network}{only}")
    if not network.capabilities.public:
        click.echo(f"{account_id} needs no go-live: what it is given stays on this computer.")
        return 0
    row = app.ledger.account(account_id)
    again = row is not None and row.compare_since is not None
    if row is not None and row.live_at is not None and not again:
        since = words.when(row.live_at, app.snapshot().campaign.zone, app.clock.now())
        click.echo(f"{account_id} is live already, since {since}, by {row.live_by}.")
        return 0
    try:
        identity = network.verify()
    except NetworkError as error:
        click.echo(f"{account_id} could not be asked who it speaks for: {app.redact(str(error))}")
        click.echo("Nothing was changed. What works and what does not: socrbot doctor")
        return 1
    click.echo(f"{account_id} speaks as {identity.name} on {account.network}. {identity.url or ''}".rstrip())
    if identity.lacks:
        click.echo(f"Careful: it may not {lacking(identity.lacks)}. See: socrbot doctor")
    click.echo("")
    said = _show_recent(app, network)
    click.echo("")
    _show_next(app, account_id)
    click.echo("")
    confirm(f"Let {account_id} speak?", yes=yes)
    now, by = app.clock.now(), app.settings.person
    if row is not None and row.compare_since is not None:
        # A person has looked, in the place of a comparison. What is past stays past.
        app.ledger.compared(account_id, row.compare_since, seen=(), spare=False, by=by, now=now)
    compare = now - LOOK_BACK if said and not again else None
    app.ledger.go_live(account_id, account.network, identity, by=by, now=now, compare_since=compare)
    click.echo(f"{account_id} is live. The bot publishes at each post's time while `socrbot run` or cron is on.")
    if compare is not None:
        click.echo("Before its first post the bot compares what was said lately with the plan: nothing goes out twice.")
    return 0


def _show_recent(app: App, network: Network) -> bool:
    """Shows them. Returns whether a program has to compare them with the plan: there are some, or nobody knows."""
    now = app.clock.now()
    try:
        recent = network.recent(now - LOOK_BACK)[:RECENT]
    except NetworkError as error:
        click.echo(f"Its recent posts could not be read: {app.redact(str(error))}")
        return network.capabilities.reads_back
    zone = app.snapshot().campaign.zone
    rows = [(words.when(post.created_at, zone, now), _first_line(post.text), post.url or "") for post in recent]
    if rows:
        table(("When", "Text", "Address"), rows, title="What it said lately")
    else:
        click.echo("It said nothing in the last 30 days.")
    return bool(rows)


def _show_next(app: App, account_id: str) -> None:
    snapshot = app.snapshot()
    zone, now = snapshot.campaign.zone, app.clock.now()
    plan = app.planned(snapshot, accounts={*app.planned_accounts(snapshot.campaign), account_id})
    coming = sorted((w for w in plan.wanted if w.account == account_id and w.due_at >= now), key=lambda w: w.due_at)
    rows = [(words.when(w.due_at, zone, now), w.post, _text(app, w.post, account_id)) for w in coming[:NEXT]]
    if rows:
        table(("When", "Post", "Text"), rows, title="What comes next")
    else:
        click.echo("Nothing is planned for it in the next weeks.")


def _text(app: App, post_id: str, account_id: str) -> str:
    snapshot = app.snapshot()
    post, account = snapshot.campaign.posts[post_id], snapshot.campaign.accounts[account_id]
    message = snapshot.renderer.render(post, account, snapshot.capabilities[account.id]).message
    if message is None:
        return "(has an error)"
    held = " (has a made-up address: it will be held back)" if message.placeholders else ""
    return _first_line(message.parts[0].text) + held


def _first_line(text: str) -> str:
    line = next(iter(text.splitlines()), "")
    return line if len(line) <= 60 else f"{line[:59]}…"
