"""`plan`: what will go out when and where, what it costs, and what changed since the last run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import click

from socrbot.app import App
from socrbot.cli.common import Context, print_json, table
from socrbot.cli.logging_out import start_of
from socrbot.delivery import Add, Cancel, Change, Delivery, Hold, Move, Restore, State, Wanted
from socrbot.ledger import Filter
from socrbot.message import SpanKind
from socrbot.report import words

DEFAULT = timedelta(days=14)


def show_plan(context: Context, *, until: str | None, as_json: bool) -> int:
    """Prints the plan. Returns 1 where a person has to answer something."""
    app = context.app()
    try:
        return _show(app, until=until, as_json=as_json)
    finally:
        app.close()


def _show(app: App, *, until: str | None, as_json: bool) -> int:
    snapshot = app.refresh()
    campaign, now = snapshot.campaign, app.clock.now()
    end = start_of(until, campaign.zone) + timedelta(days=1) if until else now + DEFAULT
    plan = app.planned(snapshot, until=end)
    coming = sorted((w for w in plan.wanted if w.due_at < end), key=lambda w: (w.due_at, w.account))
    costs = {wanted.identity: _cost(app, wanted) for wanted in coming}
    changes = [line for change in plan.changes if (line := _change(app, change)) is not None]
    if as_json:
        print_json(
            {
                "until": end,
                "asks": plan.asks,
                "changes": changes,
                "coming": [{**_wanted_data(w), "cost_usd": costs[w.identity]} for w in coming],
            }
        )
        return 1 if plan.asks else 0
    if plan.asks:
        click.echo(f"{plan.asks} Say yes with: socrbot confirm-plan\n")
    _print_coming(app, coming, costs)
    click.echo("\nChanged since the last run")
    for line in changes[:40] or ["Nothing."]:
        click.echo(f"  {line}")
    if len(changes) > 40:
        click.echo(f"  and {len(changes) - 40} more")
    _print_left_out(app)
    return 1 if plan.asks else 0


def _print_coming(app: App, coming: Sequence[Wanted], costs: Mapping[tuple[str, str, str], float]) -> None:
    zone, now = app.snapshot().campaign.zone, app.clock.now()
    held = {(d.post, d.account, d.occurrence): d for d in app.ledger.deliveries(Filter(states=frozenset({State.HELD})))}
    if not coming:
        click.echo("Nothing is planned for this time.")
        return
    rows = []
    for wanted in coming:
        why = held.get(wanted.identity)
        note = f"held back: {words.reason(why.reason).short}" if why else ""
        cost = costs[wanted.identity]
        rows.append(
            (words.when(wanted.due_at, zone, now), wanted.account, wanted.post, words.money(cost) if cost else "", note)
        )
    table(("When", "Account", "Post", "Cost", "Note"), rows)
    total = sum(costs.values())
    if total:
        click.echo(f"Cost in all: {words.money(total)} (prices from config/campaign.yaml)")


def _cost(app: App, wanted: Wanted) -> float:
    """What the network charges for it, by the prices in the configuration (US dollars)."""
    snapshot = app.snapshot()
    names = snapshot.capabilities[wanted.network].price
    post, account = snapshot.campaign.posts.get(wanted.post), snapshot.campaign.accounts.get(wanted.account)
    if names is None or post is None or account is None:
        return 0.0
    message = snapshot.renderer.render(post, account, snapshot.capabilities[wanted.network]).message
    parts = message.parts if message is not None else ()
    linked = [any(span.kind is SpanKind.LINK for span in part.spans) for part in parts]
    return sum(snapshot.campaign.prices.get(names[1] if link else names[0], 0.0) for link in linked)


def _change(app: App, change: Change) -> str | None:
    zone, now = app.snapshot().campaign.zone, app.clock.now()
    match change:
        case Add(wanted=wanted) | Restore(wanted=wanted):
            return f"new: {wanted.post} on {wanted.account}, {words.when(wanted.due_at, zone, now)}"
        case Move(id=number, wanted=wanted):
            was = words.when(_known(app, number).due_at, zone, now)
            return f"moved: {wanted.post} on {wanted.account}, from {was} to {words.when(wanted.due_at, zone, now)}"
        case Cancel(id=number, detail=detail):
            return f"cancelled: {_known(app, number).post} on {_known(app, number).account}. {detail}"
        case Hold(id=number, detail=detail):
            return f"held back: {_known(app, number).post} on {_known(app, number).account}. {detail}"
        case _:
            return f"free to go out again: {_known(app, change.id).post} on {_known(app, change.id).account}"


def _known(app: App, number: int) -> Delivery:
    return app.ledger.delivery(number)


def _wanted_data(wanted: Wanted) -> dict[str, object]:
    return {
        "post": wanted.post,
        "account": wanted.account,
        "network": wanted.network,
        "occurrence": wanted.occurrence,
        "due_at": wanted.due_at,
        "file": wanted.path,
        "line": wanted.line,
    }


def _print_left_out(app: App) -> None:
    """Accounts that nothing is planned for, and why."""
    campaign = app.snapshot().campaign
    planned = app.planned_accounts(campaign)
    left_out = [account for account in campaign.accounts.values() if account.id not in planned]
    if left_out:
        click.echo("\nNot connected, so nothing is planned for them")
        for account in left_out:
            click.echo(
                f"  {account.id}: set {', '.join(app.missing(account))}, or run: socrbot connect {account.network}"
            )
