"""`doctor`: asks each network whether the account's credentials work, and looks at the installation itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import click

from socrbot import networks
from socrbot.app import App
from socrbot.campaign import Account
from socrbot.cli.common import Context, print_json
from socrbot.errors import NetworkError
from socrbot.message import Identity
from socrbot.report import words


def examine(context: Context, *, as_json: bool) -> int:
    """Prints what is well and what is not. Returns 1 where something is not."""
    app = context.app()
    try:
        snapshot = app.refresh()
        findings = [_account(app, account) for account in snapshot.campaign.accounts.values()]
        alarms = _alarms(context)
    finally:
        app.close()
    if as_json:
        print_json({"accounts": findings, "alarms": alarms})
    else:
        for finding in findings:
            click.echo(f"{finding['account']} ({finding['network']}): {finding['says']}")
        click.echo(f"alarms: {alarms['says']}")
    return 0 if all(finding["well"] for finding in findings) and alarms["well"] else 1


def _account(app: App, account: Account) -> dict[str, object]:
    base: dict[str, object] = {"account": account.id, "network": account.network}
    if account.network not in networks.NETWORKS:
        return {**base, "well": False, "says": "there is no such network"}
    missing = app.missing(account)
    if missing:
        return {**base, "well": True, "connected": False, "says": f"not connected: set {', '.join(missing)}"}
    network = app.network(account.id)
    try:
        identity = network.verify() if network is not None else None
    except NetworkError as error:
        says = f"NOT WORKING: {app.redact(str(error))}"
        return {**base, "well": False, "connected": True, "says": says}
    if identity is None:
        return {**base, "well": False, "connected": False, "says": "NOT WORKING: it cannot be reached"}
    well = not identity.lacks
    if well:
        # Credentials that were dead and work again: the account may go on.
        app.ledger.start_account(account.id, by=app.settings.person, now=app.clock.now())
    says = "; ".join(_identity_words(app, account, identity))
    return {**base, "well": well, "connected": True, "identity": asdict(identity), "says": says}


def _identity_words(app: App, account: Account, identity: Identity) -> Iterator[str]:
    yield f"works, speaks as {identity.name}"
    if identity.can:
        yield f"may {', '.join(identity.can)}"
    if identity.lacks:
        yield f"LACKS {', '.join(identity.lacks)}"
    if identity.expires_at is not None:
        now = app.clock.now()
        yield f"ends {words.when(identity.expires_at, app.snapshot().campaign.zone, now)}"
    if identity.note:
        yield identity.note
    row = app.ledger.account(account.id)
    if networks.capabilities(account.network).public and (row is None or row.live_at is None):
        yield f"not live yet: socrbot go-live {account.id}"


def _alarms(context: Context) -> dict[str, object]:
    addresses = context.settings.alarms
    if not addresses:
        return {"well": True, "says": "nobody is told when something goes wrong: set SOCRBOT_ALARM_URLS in .env"}
    from socrbot.alarms import wrong_addresses

    wrong = wrong_addresses(addresses)
    if wrong:
        numbers = ", ".join(map(str, wrong))
        return {"well": False, "says": f"NOT WORKING: address {numbers} in SOCRBOT_ALARM_URLS is not understood"}
    return {"well": True, "says": f"{words.count(len(addresses), 'address', 'addresses')} set"}
