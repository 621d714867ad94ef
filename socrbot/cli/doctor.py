"""`doctor`: asks each network whether the account's credentials work, and looks at the installation itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from socrbot import networks
from socrbot.app import App
from socrbot.campaign import Account
from socrbot.cli import public_place
from socrbot.cli.common import Context, named
from socrbot.cli.permissions import granted, lacking
from socrbot.cli.printing import print_json
from socrbot.errors import NetworkError, Unauthorised
from socrbot.message import Identity
from socrbot.report import words

if TYPE_CHECKING:
    from socrbot.cli.links import Visited

_NO_BEAT = "If the bot itself stops, nobody is told: set SOCRBOT_HEARTBEAT_URL in .env"
# Access that ends within this time is said to end soon.
SOON = timedelta(days=14)


def examine(context: Context, *, as_json: bool, links: bool = False) -> int:
    """Prints what is well and what is not. Returns 1 where something is not. `links`: tests the addresses too."""
    app = context.app()
    try:
        snapshot = app.refresh()
        findings = [_account(app, account) for account in snapshot.campaign.accounts.values()]
        alarms = _alarms(context)
        pictures = public_place.finding(app)
        tested = _test_links(app) if links else []
    finally:
        app.close()
    if as_json:
        print_json(
            {
                "accounts": findings,
                "alarms": alarms,
                **({"pictures": pictures} if pictures else {}),
                **({"links": [each.as_data() for each in tested]} if links else {}),
            }
        )
    else:
        for finding in findings:
            click.echo(f"{named(str(finding['account']), str(finding['network']))}: {finding['says']}")
        click.echo(f"Alarms: {alarms['says']}")
        if pictures:
            click.echo(f"Public pictures: {pictures['says']}")
        for each in tested:
            click.echo(f"Link {each}")
    well = all(finding["well"] for finding in findings) and all(each.well for each in tested)
    return 0 if well and alarms["well"] and (pictures is None or pictures["well"]) else 1


def _test_links(app: App) -> list[Visited]:
    from socrbot.cli.links import Visits, addresses_in
    from socrbot.http import Session

    snapshot = app.snapshot()
    addresses = addresses_in(snapshot.campaign, snapshot.capabilities, now=app.clock.now())
    return list(Visits(Session(), app.clock.monotonic).test(addresses))


def _account(app: App, account: Account) -> dict[str, object]:
    base: dict[str, object] = {"account": account.id, "network": account.network}
    if account.network not in networks.NETWORKS:
        return {**base, "well": False, "connected": False, "says": "NOT WORKING: there is no such network"}
    missing = app.missing(account)
    if missing and len(missing) < len(networks.capabilities(account.network).needs):
        says = f"NOT WORKING: in .env {', '.join(missing)} is missing. {_connect(account)}"
        return {**base, "well": False, "connected": False, "says": says}
    if missing:
        return {**base, "well": True, "connected": False, "says": f"not connected. {_connect(account)}"}
    network = app.network(account.id)
    try:
        identity = network.verify() if network is not None else None
    except NetworkError as error:
        says = f"NOT WORKING: {app.redact(str(error))}"
        if isinstance(error, Unauthorised):
            says = _with_command(says, account)
        return {**base, "well": False, "connected": True, "says": says}
    if identity is None:
        return {**base, "well": False, "connected": False, "says": "NOT WORKING: it could not be asked"}
    well = not identity.lacks
    if well:
        # Credentials that were dead and work again: the account may go on.
        app.ledger.start_account(account.id, by=app.settings.person, now=app.clock.now())
    _note_access(app, account, identity)
    says = "; ".join(_identity_words(app, account, identity))
    return {**base, "well": well, "connected": True, "identity": asdict(identity), "says": says}


def _note_access(app: App, account: Account, identity: Identity) -> None:
    """Access that was renewed meanwhile: from now on `status` speaks of the new end."""
    row, ends = app.ledger.account(account.id), identity.expires_at
    known = row.access_ends_at if row is not None else None
    if known is not None and (ends is None or ends > known):
        app.ledger.access(account.id, ends, now=app.clock.now())


def _command(account: Account) -> str:
    only = f" --account {account.id}" if account.id != account.network else ""
    return f"socrbot connect {account.network}{only}"


def _connect(account: Account) -> str:
    return f"To connect it: {_command(account)}"


def _with_command(says: str, account: Account) -> str:
    """The words with the command that connects the account, once: some networks' own words name it already."""
    named_there = f"socrbot connect {account.network}"
    return says.replace(named_there, _command(account)) if named_there in says else f"{says} {_connect(account)}"


def _identity_words(app: App, account: Account, identity: Identity) -> Iterator[str]:
    yield f"works, speaks as {identity.name}"
    if identity.can:
        yield f"may {granted(identity.can)}"
    if identity.lacks:
        yield f"MAY NOT {lacking(identity.lacks)}"
    if identity.expires_at is not None:
        now = app.clock.now()
        when = words.when(identity.expires_at, app.snapshot().campaign.zone, now)
        soon = " SOON: connect it again before that" if identity.expires_at - now < SOON else ""
        yield f"its access ends {when}{soon}"
    if identity.note:
        yield identity.note
    row = app.ledger.account(account.id)
    if networks.capabilities(account.network).public and (row is None or row.live_at is None):
        yield f"not live yet: socrbot go-live {account.id}"


def _alarms(context: Context) -> dict[str, object]:
    addresses = context.settings.alarms
    if not addresses:
        return {"well": True, "says": "nobody is told when something goes wrong. Set SOCRBOT_ALARM_URLS in .env"}
    from socrbot.alarms import available, wrong_addresses

    if not available():
        return {"well": False, "says": "NOT WORKING: the package Apprise is missing. pip install 'socrbot[alarms]'"}
    wrong = wrong_addresses(addresses)
    if wrong:
        numbers = ", ".join(map(str, wrong))
        return {"well": False, "says": f"NOT WORKING: address {numbers} in SOCRBOT_ALARM_URLS is not understood"}
    said = words.count(len(addresses), "address", "addresses")
    beat = "" if context.settings.heartbeat else f". {_NO_BEAT}"
    return {"well": True, "says": f"{said} set{beat}"}
