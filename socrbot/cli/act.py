"""Commands with which a person steps in: pause, resume, retry, cancel, settle, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from socrbot.cli.common import Context, confirm, pass_context, yes_option
from socrbot.errors import SettingsError

if TYPE_CHECKING:
    from socrbot.delivery import Delivery


@click.command()
@click.option("--account", help="Pause this account only. Default: everything.")
@click.option("--reason", required=True, help="Why; kept in the log.")
@pass_context
def pause(context: Context, account: str | None, reason: str) -> None:
    """Stop everything (or one account) before the next word leaves.

    What falls due while it is paused never goes out by itself afterwards: posts with a date are missed, posts in a
    weekly queue keep their place. `socrbot resume` lists them.
    """
    ledger = context.ledger()
    now = ledger.now()
    if account is not None and account not in {row.id for row in ledger.accounts()}:
        raise SettingsError(f'The log knows no account called "{account}".')
    ledger.pause(account, reason, by=context.settings.person, now=now)
    click.echo(f"Paused: {account or 'everything'}. Nothing more goes out until: socrbot resume")
    for delivery, sent, parts in ledger.half_sent(account):
        click.echo(
            f"Careful: {delivery.post} on {delivery.account} is a thread, and {sent} of its {parts} parts are public. "
            f"See them with: socrbot log {delivery.id}"
        )


@click.command()
@click.option("--account", help="Resume this account only. Default: everything.")
@pass_context
def resume(context: Context, account: str | None) -> None:
    """Go on after a pause. Lists what fell due meanwhile; none of it goes out by itself."""
    ledger = context.ledger()
    missed = ledger.resume(account, by=context.settings.person, now=ledger.now())
    click.echo(f"Resumed: {account or 'everything'}.")
    if missed:
        click.echo("Meanwhile these fell due:")
        _list(context, missed)
        click.echo("To send one all the same: socrbot retry NUMBER")


@click.command()
@click.argument("delivery", type=int)
@yes_option
@pass_context
def retry(context: Context, delivery: int, yes: bool) -> None:
    """Send a failed or missed post again (or one that nobody could settle).

    DELIVERY is the number in `socrbot log`. Of a thread only the parts that are not public go out.
    """
    ledger = context.ledger()
    story = ledger.story(delivery)
    if story.delivery.state == "unknown":
        click.echo(
            "We don't know whether this went out. Look at the account first: if it is there, use settle instead."
        )
    confirm(f"Send {story.delivery.post} on {story.delivery.account} again?", yes=yes)
    grace = timedelta(hours=2)
    ledger.retry(delivery, by=context.settings.person, now=ledger.now(), grace=grace)
    click.echo("It goes out with the next pass of the bot.")


@click.command()
@click.argument("delivery", type=int)
@click.option("--reason", required=True, help="Why; kept in the log.")
@pass_context
def cancel(context: Context, delivery: int, reason: str) -> None:
    """Take one planned post on one account out of the plan, for good.

    It stays cancelled whatever the files say. To cancel a post everywhere, remove it from its file instead.
    """
    ledger = context.ledger()
    ledger.cancel(delivery, by=context.settings.person, reason=reason, now=ledger.now())
    click.echo(f"Cancelled: delivery {delivery} will not go out.")


@click.command()
@click.argument("delivery", type=int)
@click.option("--sent", "url", metavar="ADDRESS", help="It is public, at this address.")
@click.option("--not-sent", is_flag=True, help="It is not there: it may be sent.")
@pass_context
def settle(context: Context, delivery: int, url: str | None, not_sent: bool) -> None:
    """Say what became of a post of which the bot could not find out.

    Look at the account first. If the post is there, give its address; if it is not, say so, and it goes out again.
    """
    if (url is None) == (not not_sent):
        raise click.UsageError("Say one of the two: --sent ADDRESS, or --not-sent.")
    ledger = context.ledger()
    ledger.settle_by_person(delivery, sent=url is not None, url=url, by=context.settings.person, now=ledger.now())
    click.echo("Noted: it is public." if url else "Noted: it is not public, so it goes out with the next pass.")


@click.command("confirm-plan")
@yes_option
@pass_context
def confirm_plan(context: Context, yes: bool) -> int:
    """Say yes to a plan that cancels more than half of what was planned.

    The bot holds such a plan and asks, because an empty folder or a wrong disk looks just the same.
    """
    app = context.app()
    try:
        snapshot = app.refresh()
        asks = app.sync(snapshot)
        if asks is None:
            click.echo("There is nothing to confirm.")
            return 0
        click.echo(asks)
        confirm("Cancel them?", yes=yes)
        app.sync(snapshot, allow_mass_cancel=True, by=app.settings.person)
        click.echo("Done. See what is left with: socrbot plan")
        return 0
    finally:
        app.close()


def _list(context: Context, deliveries: Sequence[Delivery]) -> None:
    from socrbot.cli.common import table
    from socrbot.report import words
    from socrbot.report.status import zone_of

    ledger = context.ledger()
    zone, now = zone_of(ledger), ledger.now()
    table(
        ("Number", "Was due", "Account", "Post", "Now"),
        [
            (str(d.id), words.when(d.due_at, zone, now), d.account, d.post, words.state(d.state).short)
            for d in deliveries
        ],
    )


COMMANDS = (pause, resume, retry, cancel, settle, confirm_plan)
