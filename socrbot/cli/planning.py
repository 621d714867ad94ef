"""`plan`: what will go out when and where, what it costs, and what changed since the last run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

import click

from socrbot.app import App
from socrbot.cli.checking import config_errors
from socrbot.cli.common import Context
from socrbot.cli.logging_out import start_of
from socrbot.cli.printing import heading, print_json, table
from socrbot.delivery import Add, Cancel, Change, Delivery, Hold, Move, Restore, State, Wanted
from socrbot.errors import CampaignError, SettingsError
from socrbot.ledger import Filter
from socrbot.publishing.costs import cost_of
from socrbot.report import words
from socrbot.report.status import delivery_data, question

DEFAULT = timedelta(days=14)
# So many changes are listed one by one.
LISTED = 40
Costs = Mapping[tuple[str, str, str], float]


def show_plan(context: Context, *, until: str | None, as_json: bool) -> int:
    """Prints the plan. Returns 1 where a person has to answer something."""
    app = context.app()
    try:
        return _show(app, until=until, as_json=as_json)
    finally:
        app.close()


def _show(app: App, *, until: str | None, as_json: bool) -> int:
    snapshot, now = app.refresh(), app.clock.now()
    campaign = snapshot.campaign
    if campaign.config_unreadable:
        problems = config_errors(snapshot.problems)
        raise CampaignError("A file under config/ cannot be read, so nothing is planned.", problems)
    end = start_of(until, campaign.zone, now) + timedelta(days=1) if until else now + DEFAULT
    if end <= now:
        raise SettingsError(f"{until} is past. What went out then: socrbot log --since {until}")
    plan = app.planned(snapshot, until=end)
    coming = sorted((w for w in plan.wanted if w.due_at < end), key=lambda w: (w.due_at, w.account))
    costs = {wanted.identity: _cost(app, wanted) for wanted in coming}
    changes = [_change(app, change) for change in plan.changes]
    waiting = _waiting(app, plan.wanted)
    if as_json:
        lines = [{**_wanted_data(w), "cost_usd": costs[w.identity]} for w in coming]
        months = [asdict(bill) for bill in bills(app, coming, costs)]
        asked_for = [delivery_data(one) for one in waiting]
        found = {"until": end, "asks": plan.asks, "changes": changes, "waiting": asked_for, "coming": lines}
        print_json({**found, "costs": months})
        return 1 if plan.asks else 0
    if plan.asks:
        click.echo(f"{question(plan.asks)}\n")
    _print_waiting(app, waiting)
    _print_coming(app, coming, costs)
    _print_changes(app, plan.changes, changes)
    _print_left_out(app)
    return 1 if plan.asks else 0


def _waiting(app: App, wanted: Sequence[Wanted]) -> list[Delivery]:
    """What waits in the ledger beside the plan of the files: asked for by a person, or due and waiting for its turn."""
    states = frozenset({State.PLANNED, State.HELD})
    of_files = {one.identity: one.due_at for one in wanted}
    found = app.ledger.deliveries(Filter(states=states))
    return [
        one for one in found if of_files.get((one.post, one.account, one.occurrence)) != one.due_at and one.by_person
    ]


def _print_waiting(app: App, waiting: Sequence[Delivery]) -> None:
    if not waiting:
        return
    zone, now = app.snapshot().campaign.zone, app.clock.now()
    rows = [
        (str(one.id), words.when(one.due_at, zone, now), one.account, one.post, words.state(one.state).short)
        for one in waiting
    ]
    table(("Number", "Due", "Account", "Post", "State"), rows, title="Asked for by a person, and still waiting")
    click.echo("")


def _print_coming(app: App, coming: Sequence[Wanted], costs: Costs) -> None:
    zone, now = app.snapshot().campaign.zone, app.clock.now()
    states = frozenset({State.PLANNED, State.HELD})
    known = {(d.post, d.account, d.occurrence): d for d in app.ledger.deliveries(Filter(states=states))}
    if not coming:
        click.echo("Nothing is planned for this time.")
        return
    rows = []
    for wanted in coming:
        note = _note(app, wanted, known.get(wanted.identity))
        cost = costs[wanted.identity]
        rows.append(
            (words.when(wanted.due_at, zone, now), wanted.account, wanted.post, words.money(cost) if cost else "", note)
        )
    shown = [index for index in range(5) if index < 3 or any(row[index] for row in rows)]
    headings = ("When", "Account", "Post", "Cost", "Note")
    table([headings[i] for i in shown], [[row[i] for i in shown] for row in rows], title="What goes out")
    _print_costs(app, coming, costs)


def _print_costs(app: App, coming: Sequence[Wanted], costs: Costs) -> None:
    """A line for each account and month that costs something, against its budget."""
    found = bills(app, coming, costs)
    if found:
        click.echo("")
        rows = [
            (
                bill.account,
                bill.month,
                words.money(bill.spent),
                words.money(bill.planned),
                words.money(bill.budget) if bill.budget is not None else "none",
                bill.says,
            )
            for bill in found
        ]
        table(("Account", "Month", "Spent", "Planned", "Budget", "Note"), rows, title="What it costs")
        click.echo("Prices from config/campaign.yaml, in US dollars. Only the time that is shown above is counted.")


@dataclass(frozen=True, slots=True)
class Bill:
    """What an account costs in a calendar month ("2026-03"), in US dollars: already spent, and by what is planned."""

    account: str
    month: str
    spent: float
    planned: float
    budget: float | None

    @property
    def says(self) -> str:
        """Whether the budget lasts."""
        over = self.budget is not None and self.spent + self.planned > self.budget
        return "OVER BUDGET: what passes it will be held back" if over else ""


def bills(app: App, coming: Sequence[Wanted], costs: Costs) -> list[Bill]:
    """The bills of all accounts that cost something or have a budget, by month and account."""
    snapshot, now = app.snapshot(), app.clock.now()
    zone, this = snapshot.campaign.zone, f"{app.clock.now().astimezone(snapshot.campaign.zone):%Y-%m}"
    planned: defaultdict[tuple[str, str], float] = defaultdict(float)
    for wanted in coming:
        planned[f"{wanted.due_at.astimezone(zone):%Y-%m}", wanted.account] += costs[wanted.identity]
    accounts = [name for name in snapshot.campaign.accounts if app.guards.spent(snapshot, name, now=now)]
    for name in accounts:
        planned.setdefault((this, name), 0)
    return [
        Bill(
            account=name,
            month=month,
            spent=app.guards.spent(snapshot, name, now=now) if month == this else 0.0,
            planned=round(amount, 4),
            budget=snapshot.campaign.accounts[name].budget,
        )
        for (month, name), amount in sorted(planned.items())
        if amount or name in accounts
    ]


def _note(app: App, wanted: Wanted, known: Delivery | None) -> str:
    """What stands against it now, as far as one can tell ahead of its time."""
    if known is not None and known.reason == "mass-cancel":
        return f"held back: {words.reason(known.reason).short}"
    snapshot = app.snapshot()
    delivery = known or Delivery(
        id=0,
        post=wanted.post,
        account=wanted.account,
        network=wanted.network,
        occurrence=wanted.occurrence,
        kind=wanted.kind,
        state=State.PLANNED,
        nominal=wanted.nominal,
        due_at=wanted.due_at,
        grace_until=wanted.grace_until,
        path=wanted.path,
        line=wanted.line,
    )
    at_its_time = max(wanted.due_at, app.clock.now())
    held = app.guards.look(snapshot, delivery, snapshot.message(delivery), now=at_its_time)
    return f"held back: {words.reason(held.code).short}" if held is not None else ""


def _cost(app: App, wanted: Wanted) -> float:
    """What the network charges for it, by the prices in the configuration (US dollars)."""
    snapshot = app.snapshot()
    post, account = snapshot.campaign.posts.get(wanted.post), snapshot.campaign.accounts.get(wanted.account)
    capable = snapshot.capabilities.get(wanted.account)
    if post is None or account is None or capable is None or capable.price is None:
        return 0.0
    message = snapshot.renderer.render(post, account, capable).message
    return cost_of(message, capable, snapshot.campaign.prices) if message is not None else 0.0


def _print_changes(app: App, changes: Sequence[Change], described: Sequence[Mapping[str, object]]) -> None:
    click.echo("")
    heading("Changed since the last run")
    if not changes:
        click.echo("Nothing.")
    elif all(isinstance(change, Add) for change in changes) and not app.ledger.deliveries(Filter(limit=1)):
        click.echo("All of it is new: the bot has not planned anything yet.")
    else:
        for change in described[:LISTED]:
            click.echo(str(change["says"]))
        if len(described) > LISTED:
            click.echo(f"And {len(described) - LISTED} more. All of them: socrbot plan --json")


def _change(app: App, change: Change) -> dict[str, object]:
    """One change for programs; `says` is the same in a sentence."""
    zone, now = app.snapshot().campaign.zone, app.clock.now()
    if isinstance(change, Add | Restore):
        wanted = change.wanted
        says = f"New: {wanted.post} on {wanted.account}, {words.when(wanted.due_at, zone, now)}"
        return {"change": "new", **_about(wanted.post, wanted.account), "due_at": wanted.due_at, "says": says}
    was = app.ledger.delivery(change.id)
    about, name = _about(was.post, was.account), f"{was.post} on {was.account}"
    match change:
        case Move(wanted=wanted) if wanted.due_at == was.due_at:
            return {"change": "moved", **about, "due_at": was.due_at, "says": f"Stands elsewhere in the files: {name}"}
        case Move(wanted=wanted):
            times = f"from {words.when(was.due_at, zone, now)} to {words.when(wanted.due_at, zone, now)}"
            return {"change": "moved", **about, "due_at": wanted.due_at, "says": f"Moved: {name}, {times}"}
        case Cancel(detail=detail):
            return {"change": "cancelled", **about, "due_at": None, "says": f"Cancelled: {name}. {detail}"}
        case Hold(detail=detail):
            return {"change": "held", **about, "due_at": was.due_at, "says": f"Held back: {name}. {detail}"}
    return {"change": "released", **about, "due_at": was.due_at, "says": f"Free to go out again: {name}"}


def _about(post: str, account: str) -> dict[str, object]:
    return {"post": post, "account": account}


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
        click.echo("")
        heading("Not connected, so nothing is planned for them")
        for account in left_out:
            only = f" --account {account.id}" if account.id != account.network else ""
            click.echo(f"{account.id}: run socrbot connect {account.network}{only}")
