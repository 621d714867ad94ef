"""Commands with which a person steps in: pause, resume, retry, cancel, withdraw, settle, confirm-plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from socrbot.cli.common import Context, confirm, json_option, pass_context, the_delivery, yes_option
from socrbot.errors import SettingsError

if TYPE_CHECKING:
    from socrbot.delivery import Delivery
    from socrbot.ledger import Ledger


@click.command()
@click.option("--account", help="Pause this account only. Default: everything.")
@click.option("--reason", required=True, help="Why; kept in the log.")
@pass_context
def pause(context: Context, account: str | None, reason: str) -> None:
    """Stop everything (or one account) before the next word leaves.

    What falls due while it is paused never goes out by itself afterwards: posts with a date are missed. Posts in a
    weekly queue keep their place when everything is paused, and are missed when one account is. `socrbot resume`
    lists them.
    """
    from socrbot.cli.printing import sentence
    from socrbot.report.status import paused

    with context.ledger() as ledger:
        if account is not None:
            context.account(account, ledger)
        now = ledger.now()
        ledger.pause(account, reason, by=context.settings.person, now=now)
        for line in paused(ledger):
            sentence(line)
        for delivery, sent, parts in ledger.half_sent(account):
            click.echo(
                f"Careful: {delivery.post} on {delivery.account} is a thread, and {sent} of its {parts} parts are "
                f"public. See them with: socrbot log {delivery.id}"
            )


@click.command()
@click.option("--account", help="Resume this account only. Default: everything.")
@pass_context
def resume(context: Context, account: str | None) -> None:
    """Go on after a pause. Lists what fell due meanwhile; none of it goes out by itself."""
    from socrbot.cli.printing import sentence
    from socrbot.report.status import paused

    with context.ledger() as ledger:
        if account is not None:
            context.account(account, ledger)
        was_paused = account in {pause.account for pause in ledger.pauses()}
        missed = ledger.resume(account, by=context.settings.person, now=ledger.now())
        said = account or "everything"
        click.echo(f"Goes on: {said}." if was_paused else f"There was no pause of {said}.")
        for line in paused(ledger):
            sentence(line)
        if missed:
            _list(ledger, missed)
            click.echo("None of these goes out by itself. To send one all the same: socrbot retry NUMBER")


@click.command()
@click.argument("delivery", type=click.IntRange(min=1), metavar="NUMBER")
@yes_option
@pass_context
def retry(context: Context, delivery: int, yes: bool) -> None:
    """Send a failed, missed or cancelled post again (or one that nobody could settle).

    NUMBER is the one in `socrbot log`. Of a thread only the parts that are not public go out.
    """
    from socrbot.delivery import State, allowed

    with context.ledger() as ledger:
        found = the_delivery(ledger, delivery)
        waits = found.state in (State.PLANNED, State.CLAIMED, State.SENDING)
        if waits or not allowed(found.state, State.PLANNED, by_person=True):
            raise _not_possible(found, "so there is nothing to send again")
        if found.state is State.UNKNOWN:
            click.echo(
                "We don't know whether this went out. Look at the account first: if it is there, use settle instead."
            )
        early = found.state is State.CANCELLED and found.due_at > ledger.now()
        if early:
            confirm(f"Plan {found.post} on {found.account} again, for its own time?", yes=yes)
        else:
            confirm(f"Send {found.post} on {found.account} now?", yes=yes)
        # The grace that the plan gave it: the campaign's, or the post's own.
        grace = found.grace_until - found.due_at
        ledger.retry(delivery, by=context.settings.person, now=ledger.now(), grace=grace)
        when = f"{_at(ledger, found)}" if early else "with the next pass of the bot"
        click.echo(f"{found.post} goes out on {found.account} {when}.")


def _at(ledger: Ledger, delivery: Delivery) -> str:
    from socrbot.report import words
    from socrbot.report.status import zone_of

    return words.when(delivery.due_at, zone_of(ledger), ledger.now())


@click.command()
@click.argument("delivery", type=click.IntRange(min=1), metavar="NUMBER")
@click.option("--reason", required=True, help="Why; kept in the log.")
@pass_context
def cancel(context: Context, delivery: int, reason: str) -> None:
    """Take one planned post on one account out of the plan.

    NUMBER is the one in `socrbot log` and `socrbot status`. It stays cancelled whatever the files say; only
    `socrbot retry` brings it back. To cancel a post everywhere, remove it from its file instead.
    """
    from socrbot.delivery import State, allowed

    with context.ledger() as ledger:
        found = the_delivery(ledger, delivery)
        if not allowed(found.state, State.CANCELLED):
            raise _not_possible(found, "so it cannot be cancelled any more")
        ledger.cancel(delivery, by=context.settings.person, reason=reason, now=ledger.now())
        click.echo(f"Cancelled: {found.post} does not go out on {found.account}.")


@click.command()
@click.argument("delivery", type=click.IntRange(min=1), metavar="NUMBER")
@click.option("--sent", "url", metavar="ADDRESS", help="It is public, at this address.")
@click.option("--not-sent", is_flag=True, help="It is not there: it may be sent.")
@pass_context
def settle(context: Context, delivery: int, url: str | None, not_sent: bool) -> int:
    """Say what became of a post of which the bot could not find out.

    With the number alone, it shows what was to be said, and below it what the account shows. If the post is there, give
    its address; if it is not, say so, and it goes out again. NUMBER is the one in `socrbot log` and `socrbot status`.
    """
    from socrbot.delivery import State
    from socrbot.ledger import LOOKS_PUBLIC

    if url is not None and not_sent:
        raise click.UsageError("Say one of the two: --sent ADDRESS, or --not-sent.")
    if url is not None and not url.startswith(("https://", "http://")):
        raise click.UsageError("ADDRESS is that of the post, as the browser shows it: https://...")
    with context.ledger() as ledger:
        found = the_delivery(ledger, delivery)
        if found.state is State.HELD and found.reason == LOOKS_PUBLIC:
            if url is None and not not_sent:
                click.echo(f"{found.detail}\nIt is the same: socrbot settle {delivery} --sent ADDRESS")
                click.echo(f"It is another one: socrbot settle {delivery} --not-sent")
                return 1
            ledger.settle_looks_public(delivery, url=url, by=context.settings.person, now=ledger.now())
            goes = f"goes out at its time on {found.account}"
            click.echo(f"Noted: {found.post} {f'is public on {found.account}' if url else goes}.")
            return 0
        if found.state is not State.UNKNOWN and not (url and found.state is State.FAILED):
            raise _not_possible(found, "so there is nothing to settle")
        if url is None and not not_sent:
            from socrbot.cli.settling import look

            return look(context, delivery)
        now = ledger.now()
        ledger.settle_by_person(delivery, sent=url is not None, url=url, by=context.settings.person, now=now)
        click.echo(f"Noted: {_settled(found, sent=url is not None, late=now > found.grace_until)}")
    return 0


def _settled(found: Delivery, *, sent: bool, late: bool) -> str:
    if sent:
        return f"{found.post} is public on {found.account}."
    if late:
        return (
            f"{found.post} is not on {found.account}. Its time has passed, so it does not go out by itself. "
            f"To send it all the same: socrbot retry {found.id}"
        )
    return f"{found.post} is not on {found.account}, so it goes out with the next pass of the bot."


@click.command()
@click.argument("what", metavar="POST|NUMBER")
@click.option("--account", help="Only on this account.")
@click.option("--reason", required=True, help="Why; kept in the log.")
@click.option("--by-hand", is_flag=True, help="Somebody has deleted it on the network already: note that.")
@click.option("--erase-words", is_flag=True, help="Erase its words in the log as well, not only its pictures.")
@yes_option
@json_option
@pass_context
def withdraw(
    context: Context,
    what: str,
    account: str | None,
    reason: str,
    by_hand: bool,
    erase_words: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Delete a post from every network that can, and erase its pictures here.

    With a number only that one delivery. What is still planned of the post is cancelled. Where a network lets no
    program delete, you get the address and what to do. The exit code is 1 while something is still public.
    """
    from socrbot.cli.withdrawing import withdraw as take_down

    return take_down(
        context,
        what,
        account=account,
        reason=reason,
        by_hand=by_hand,
        words_too=erase_words,
        as_json=as_json,
        ask=lambda question: confirm(question, yes=yes),
    )


@click.command("confirm-plan")
@yes_option
@pass_context
def confirm_plan(context: Context, yes: bool) -> int:
    """Say yes to a plan that cancels more than half of what was planned.

    The bot holds such a plan and asks, because an empty folder or a wrong disk looks just the same.
    """
    from socrbot.cli.checking import config_errors
    from socrbot.errors import CampaignError

    app = context.app()
    try:
        snapshot = app.refresh()
        if snapshot.campaign.config_unreadable:
            raise CampaignError("A file under config/ cannot be read.", config_errors(snapshot.problems))
        asks = app.sync(snapshot)
        if asks is None:
            click.echo("There is nothing to confirm.")
            return 0
        click.echo(asks)
        confirm("Cancel them?", yes=yes)
        app.sync(snapshot, allow_mass_cancel=True, by=app.settings.person)
        app.ledger.set_meta("asks", "")
        click.echo("Done. See what is left with: socrbot plan")
        return 0
    finally:
        app.close()


def _not_possible(found: Delivery, so: str) -> SettingsError:
    from socrbot.report import words

    state = words.state(found.state)
    return SettingsError(f"{found.post} on {found.account} is {state.short}, {so}.")


def _list(ledger: Ledger, deliveries: Sequence[Delivery]) -> None:
    from socrbot.cli.printing import table
    from socrbot.report import words
    from socrbot.report.status import zone_of

    zone, now = zone_of(ledger), ledger.now()
    rows = [
        (str(d.id), words.when(d.due_at, zone, now), d.account, d.post, words.reason(d.reason).short)
        for d in deliveries
    ]
    table(("Number", "Was due", "Account", "Post", "Now"), rows, title="Meanwhile these fell due")


COMMANDS = (pause, resume, retry, cancel, withdraw, settle, confirm_plan)
