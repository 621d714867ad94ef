"""`connect`: asks for an account's variables, tries them, and writes `.env` (mode 600)."""

from __future__ import annotations

import os
from pathlib import Path

import click

from socrbot import networks
from socrbot.app import App
from socrbot.campaign import Account
from socrbot.cli.common import Context, did_you_mean
from socrbot.clock import SystemClock
from socrbot.errors import NetworkError, SettingsError
from socrbot.logs import silent
from socrbot.redact import is_secret
from socrbot.settings import load


def connect_account(context: Context, network: str, account_id: str | None) -> int:
    """Connects one account. Returns 1 where the network does not accept what was given."""
    if network not in networks.NETWORKS:
        raise SettingsError(f'There is no network called "{network}".{did_you_mean(network, networks.NETWORKS)}')
    account = _account(context, network, account_id)
    capable = networks.capabilities(network)
    if not capable.needs:
        click.echo(f"{network} needs nothing. It is ready.")
        return 0
    click.echo(f"Connecting {account.id} to {network}. How to get these: docs/networks/{network}.md")
    values = {}
    for name, meaning in capable.needs.items():
        variable = networks.variable(network, name, account.env)
        values[variable] = click.prompt(f"{meaning} ({variable})", hide_input=is_secret(name)).strip()
    for name, meaning in capable.optional.items():
        variable = networks.variable(network, name, account.env)
        answer = click.prompt(
            f"{meaning} ({variable}), or Enter to leave it out",
            default="",
            show_default=False,
            hide_input=is_secret(name),
        ).strip()
        if answer:
            values[variable] = answer
    return _try_and_keep(context, account, values)


def _account(context: Context, network: str, account_id: str | None) -> Account:
    from socrbot import source

    campaign = source.load(context.root).campaign
    accounts = [a for a in campaign.accounts.values() if a.network == network] if campaign else []
    if account_id is not None:
        accounts = [a for a in accounts if a.id == account_id]
    if not accounts:
        raise SettingsError(
            f"config/accounts.yaml has no such account on {network}. Add it there first:\n"
            f"  {account_id or network}:\n    network: {network}"
        )
    return accounts[0]


def _try_and_keep(context: Context, account: Account, values: dict[str, str]) -> int:
    from socrbot.message import Identity

    settings = load(context.root, {**os.environ, **values})
    app = App(settings, clock=SystemClock(), say=silent)
    try:
        network = app.network(account.id)
        identity: Identity | None = network.verify() if network is not None else None
    except NetworkError as error:
        click.echo(f"{account.network} did not accept this: {settings.redactor()(str(error))}")
        click.echo("Nothing was written. Try again with: socrbot connect " + account.network)
        return 1
    finally:
        app.close()
    path = context.root / ".env"
    write_env(path, values)
    if identity is not None:
        click.echo(f"It works: you speak as {identity.name}.")
        if identity.lacks:
            click.echo(f"Careful: the permission {', '.join(identity.lacks)} is missing.")
    click.echo(f"Written to {path}. Keep that file to yourself.")
    click.echo(f"Nothing goes out yet. When you are ready: socrbot go-live {account.id}")
    return 0


def write_env(path: Path, values: dict[str, str]) -> None:
    """Puts variables into an env file: existing lines are replaced in place, all else stays as it is; mode 600."""
    from dotenv import set_key

    if not path.exists():
        path.touch(mode=0o600)
    path.chmod(0o600)
    for name, value in values.items():
        set_key(path, name, value, quote_mode="always", encoding="utf-8")
    path.chmod(0o600)
