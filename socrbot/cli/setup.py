"""Commands that set an account up: connect it, let it speak."""

from __future__ import annotations

import click

from socrbot.cli.common import Context, pass_context, yes_option


@click.command()
@click.argument("network")
@click.option("--account", help="The account in config/accounts.yaml. Default: the first one on that network.")
@pass_context
def connect(context: Context, network: str, account: str | None) -> int:
    """Ask for what a network needs, try it, and write it to .env.

    Nothing goes out afterwards before `socrbot go-live ACCOUNT`.
    """
    from socrbot.cli.connecting import connect_account

    return connect_account(context, network, account)


@click.command("go-live")
@click.argument("account")
@yes_option
@pass_context
def go_live(context: Context, account: str, yes: bool) -> int:
    """Let an account speak. Shows its next ten posts and its recent ones on the network, and asks."""
    from socrbot.cli.going_live import go_live_with

    return go_live_with(context, account, yes=yes)


COMMANDS = (connect, go_live)
