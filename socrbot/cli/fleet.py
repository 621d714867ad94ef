"""Commands for more than one machine: a worker on each, and the move of the ledger to a database that they share."""

from __future__ import annotations

import sys

import click

from socrbot.cli.common import Context, pass_context


@click.command()
@click.option(
    "--concurrency",
    default=8,
    show_default=True,
    type=click.IntRange(1, 64),
    help="How many accounts this machine works on at once.",
)
@pass_context
def worker(context: Context, concurrency: int) -> None:
    """Run this machine's share of the bot, beside others.

    For campaigns that use several computers: each runs a worker, and all share one PostgreSQL database
    (SOCRBOT_DATABASE_URL). If one dies, the others go on with its work. It stays until you stop it. On one computer
    alone, use `socrbot run`.
    """
    from socrbot.cluster import ServerClock, Worker, address

    settings = context.settings
    address(settings.database)

    from socrbot.app import App
    from socrbot.logs import configure
    from socrbot.telling import Teller

    say = configure(redact=settings.redactor(), as_json=not sys.stderr.isatty())
    clock = ServerClock()
    app = App(settings, clock=clock, say=say, threads=1)
    if sys.stderr.isatty():
        click.echo("This machine's worker is running. Stop it with Ctrl-C. How it goes: socrbot status")
    Worker(app, clock=clock, after=Teller(app, say=say).after, say=say, concurrency=concurrency).run()


@click.group()
def ledger() -> None:
    """Move the ledger to another database."""


@ledger.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@pass_context
def copy(context: Context, source: str, target: str) -> None:
    """Copy a whole ledger: from SQLite to PostgreSQL, or back.

    FROM and TO are files, addresses (postgresql://...), or names of variables in .env that hold one, so that no
    password stands on the command line. TO must be empty. Stop the bot first, and wait two minutes. FROM is left as it
    is; TO has all of it, compared row by row, or nothing.
    """
    from socrbot.clock import SystemClock
    from socrbot.ledger.moving import copy_ledger

    env = context.settings.env
    progress = _show if sys.stderr.isatty() else None
    copied = copy_ledger(env.text(source, source), env.text(target, target), clock=SystemClock(), progress=progress)
    rows = sum(copied.rows.values())
    click.echo(
        f"Copied and compared: {copied.rows['deliveries']} deliveries, {copied.rows['events']} events, {rows} rows in "
        "all."
    )
    click.echo(
        "Now set SOCRBOT_DATABASE_URL on every machine, and put the old ledger away: two ledgers must never work."
    )


def _show(table: str, done: int, total: int) -> None:
    click.echo(f"\r{table}: {done} of {total}    ", err=True, nl=done == total)


RUN = (worker,)
SET_UP = (ledger,)
