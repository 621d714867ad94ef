"""`connect`: asks for an account's variables, tries them, and writes `.env` (mode 600)."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from socrbot import networks, source
from socrbot.app import App
from socrbot.campaign import Account
from socrbot.cli.common import Context, did_you_mean, named, unknown
from socrbot.cli.permissions import lacking
from socrbot.clock import SystemClock
from socrbot.errors import CampaignError, NetworkError, SettingsError, Unauthorised
from socrbot.logs import silent
from socrbot.redact import is_secret
from socrbot.settings import load
from socrbot.text.names import known_network

# Variables that nobody needs who only wants to publish; they are set in `.env` by hand.
_FOR_TESTERS = ("_BASE", "_VERSION")


def connect_account(context: Context, network: str, account_id: str | None) -> int:
    """Connects one account. Returns 1 where the network does not accept what was given."""
    if network not in networks.NETWORKS:
        meant = known_network(network)
        if meant in networks.NETWORKS:
            raise SettingsError(f'There is no network "{network}". Did you mean "{meant}"?')
        raise unknown("network", network, networks.NETWORKS)
    account = _account(context, network, account_id)
    capable = networks.capabilities(network)
    if not capable.needs:
        click.echo(f"{account.id} needs no access details. It is ready.")
        return 0
    click.echo(f"Connecting {named(account.id, network)}. Where these come from: docs/networks/{network}.md")
    values = {}
    for name, meaning in capable.needs.items():
        values[networks.variable(network, name, account.env)] = _ask(account, name, meaning, optional=False)
    for name, meaning in capable.optional.items():
        if name.endswith(_FOR_TESTERS):
            continue
        if answer := _ask(account, name, meaning, optional=True):
            values[networks.variable(network, name, account.env)] = answer
    return _try_and_keep(context, account, values)


def _ask(account: Account, name: str, meaning: str, *, optional: bool) -> str:
    """One answer; what is secret is not shown while it is typed."""
    variable = networks.variable(account.network, name, account.env)
    question = f"{meaning[:1].upper()}{meaning[1:]} ({variable})"
    try:
        answer: str = click.prompt(
            f"{question}, or Enter to leave it out" if optional else question,
            # Answers that come through a pipe are not shown anyhow.
            hide_input=is_secret(name) and sys.stdin.isatty(),
            default="" if optional else None,
            show_default=False,
        )
    except click.Abort:
        if optional and not sys.stdin.isatty():
            return ""
        if not sys.stdin.isatty():
            raise SettingsError(
                f"connect asks for {variable}, and nobody is there to answer. Run it in a terminal, "
                f"or write {variable} into .env by hand; then see: socrbot doctor"
            ) from None
        raise
    return answer.strip()


def _account(context: Context, network: str, account_id: str | None) -> Account:
    loaded = source.load(context.root)
    if loaded.campaign is None:
        raise CampaignError("The campaign's files cannot be understood.", loaded.problems)
    accounts = {a.id: a for a in loaded.campaign.accounts.values() if a.network == network}
    if account_id is None and accounts:
        return next(iter(accounts.values()))
    if account_id in accounts:
        return accounts[account_id]
    which = f' called "{account_id}"' if account_id else ""
    hint = did_you_mean(account_id, accounts) if account_id else ""
    raise SettingsError(
        f"config/accounts.yaml has no account{which} on {network}.{hint} To add it, write below `accounts:`\n"
        f"  {account_id or network}:\n    network: {network}"
    )


def _try_and_keep(context: Context, account: Account, values: Mapping[str, str]) -> int:
    settings = load(context.root, {**os.environ, **values})
    only = f" --account {account.id}" if account.id != account.network else ""
    app = App(settings, clock=SystemClock(), say=silent)
    try:
        network = app.network(account.id)
        if network is None:
            raise SettingsError(f"{account.id} needs {', '.join(app.missing(account))}.")
        identity = network.verify()
        app.ledger.start_account(account.id, by=settings.person, now=app.clock.now())
        row = app.ledger.account(account.id)
    except NetworkError as error:
        did = "did not accept this" if isinstance(error, Unauthorised) else "could not be asked"
        click.echo(f"{account.network} {did}: {app.redact(str(error))}")
        click.echo(f"Nothing was written. Try again with: socrbot connect {account.network}{only}")
        return 1
    finally:
        app.close()
    path = context.root / ".env"
    write_env(path, values)
    click.echo(f"It works: you speak as {identity.name}.")
    if identity.lacks:
        click.echo(f"Careful: it may not {lacking(identity.lacks)}: that permission is missing.")
    click.echo(f"Written to {path}. Keep that file to yourself.")
    if stronger := [name for name in values if os.environ.get(name) not in (None, "", values[name])]:
        click.echo(f"Careful: {', '.join(stronger)} is also set in the environment, and that wins over .env.")
    click.echo("If the bot is running, stop it and start it again: it reads that file when it starts.")
    if row is None or row.live_at is None:
        click.echo(f"Nothing goes out yet. When you are ready: socrbot go-live {account.id}")
    return 0


def write_env(path: Path, values: Mapping[str, str]) -> None:
    """Puts variables into an env file: their lines are replaced in place, all else stays as it is; mode 600.

    All of them or, where something goes wrong, none. Raises OSError.
    """
    from dotenv import set_key

    path = path.resolve()
    half = path.with_name(f"{path.name}.new")
    half.unlink(missing_ok=True)
    try:
        os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        if path.exists():
            shutil.copyfile(path, half)
        for name, value in values.items():
            set_key(half, name, value, quote_mode="always", encoding="utf-8")
        half.chmod(0o600)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
