"""Commands that make the bot work: the service, one pass for cron, one post by hand, the demo."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from socrbot.cli import copies
from socrbot.cli.common import Context, confirm, json_option, pass_context, yes_option

if TYPE_CHECKING:
    from socrbot.app import Turn


@click.command()
@pass_context
def run(context: Context) -> None:
    """Run the bot: it publishes what is due and notices edits by itself.

    It stays until you stop it (Ctrl-C, or the service manager). What it does is written to the screen as it
    happens, and for good to the ledger: see it with `socrbot log`.
    """
    from socrbot.app import App
    from socrbot.clock import SystemClock
    from socrbot.logs import configure
    from socrbot.service import Service
    from socrbot.telling import Teller
    from socrbot.traces import LOG_PAGE

    settings = context.settings
    say = configure(redact=settings.redactor(), as_json=not sys.stderr.isatty())
    app = App(settings, clock=SystemClock(), say=say)
    if sys.stderr.isatty():
        page = settings.data / LOG_PAGE
        click.echo(f"The bot is running. Stop it with Ctrl-C. How it goes: socrbot status, or the page {page}")
    Service(app, after=Teller(app, say=say).after, say=say).run()


@click.command()
@json_option
@pass_context
def tick(context: Context, as_json: bool) -> int:
    """Make one pass and end: for cron.

    Plans, publishes what is due now, settles lost answers, writes the log page. Two ticks at once do no harm.
    """
    from socrbot.app import App
    from socrbot.cli.printing import print_json
    from socrbot.clock import SystemClock
    from socrbot.errors import SocrbotError
    from socrbot.logs import configure
    from socrbot.telling import Teller

    settings = context.settings
    say = configure(redact=settings.redactor(), as_json=not sys.stderr.isatty())
    app = App(settings, clock=SystemClock(), say=say)
    teller = Teller(app, say=say)
    try:
        try:
            app.beat()
            turn = app.turn(wait=True)
        except SocrbotError:
            teller.after(None)
            raise
        teller.after(turn)
        counts = {str(state): number for state, number in app.ledger.counts().items()}
    finally:
        app.close()
    if as_json:
        print_json({"asks": turn.asks, "next_due": turn.next_due, "counts": counts})
    else:
        _say_turn(turn)
    return 1 if turn.asks else 0


def _say_turn(turn: Turn) -> None:
    from socrbot.report.status import question

    if turn.asks:
        click.echo(question(turn.asks))
    click.echo("One pass is done. See what happened with: socrbot log")


@click.command()
@click.argument("post")
@click.option("--account", "accounts", multiple=True, help="Only this account. May be given more than once.")
@click.option("--now", "at_once", is_flag=True, help="Publish it now instead of at its time.")
@click.option("--urgent", is_flag=True, help="Pass the queue, spacing, quiet hours and a pause. Needs --reason.")
@click.option("--reason", help="Why it cannot wait; kept in the log.")
@yes_option
@pass_context
def publish(
    context: Context, post: str, accounts: tuple[str, ...], at_once: bool, urgent: bool, reason: str | None, yes: bool
) -> int:
    """Publish one post now, after a question.

    It uses up the post's next time: it will not go out twice. The checks of facts, consent and length are never
    passed over, not even with --urgent.
    """
    if not at_once:
        raise click.UsageError("Posts go out by themselves at their time. To publish this one now, add --now.")
    if urgent and not (reason or "").strip():
        raise click.UsageError("--urgent needs a --reason. It is kept in the log.")
    from socrbot.cli.publishing import publish_now

    return publish_now(context, post, accounts, urgent=urgent, reason=reason or "", ask=lambda q: confirm(q, yes=yes))


@click.command()
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 60), help="How many days to walk through.")
@pass_context
def demo(context: Context, days: int) -> None:
    """Walk the bot through the coming week in seconds. Nothing leaves this computer.

    The very same code runs as in the service, on a clock of its own, with a ledger of its own in data/demo/.
    """
    from socrbot.cli.demo import show

    show(context.settings, days=days)


@click.command()
@click.option("--until", metavar="DATE", help="Up to and including this day: 2026-12-24. Default: two weeks.")
@click.option("--fault", "faults", multiple=True, metavar="FAULT", help="Let something go wrong. See above.")
@click.option("--as-if-live", is_flag=True, help="As if every account were connected and live.")
@click.option("--account", "accounts", multiple=True, help="Show only this account. May be given more than once.")
@click.option("--post", "posts", multiple=True, help="Show only this post. May be given more than once.")
@click.option("--page", metavar="FILE", help="Where the page goes. Default: data/rehearsal.html")
@json_option
@pass_context
def rehearse(context: Context, as_json: bool, **typed: Any) -> int:
    """Rehearse what is to come: weeks in seconds, and nothing leaves this computer.

    The very same code runs as in the service, on a clock of its own, with a copy of the ledger. It shows what will go
    out when and where, what would be held back or be too late and why, and what it costs; with the posts as each
    network will show them, on a page. The exit code is 1 when something needs a person.

    \b
    With --fault something goes wrong on purpose. It may be given more than once:
    outage=2h@2026-12-01T18:00      no network can be reached (outage:x=2h@... only X)
    slow=1h@2026-12-01T18:00        posts arrive, but answers come too late
    lost=1@2026-12-01T18:00         so many answers get lost from then on
    refuse:x=petition               X refuses the post "petition"
    down=6h@2026-12-01T18:00        the bot does not run
    clock=+1h@2026-12-01T18:00      the computer's clock jumps
    pause=3h@2026-12-01T18:00       publishing is paused, and goes on
    """
    from socrbot.cli.rehearsing import Wish, show

    return show(context, Wish(**typed), as_json=as_json)


COMMANDS = (run, tick, publish, demo, rehearse, *copies.COMMANDS)
