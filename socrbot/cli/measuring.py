"""`metrics`: how people took what went out, a line for each delivery."""

from __future__ import annotations

import click

from socrbot.cli.logging_out import Wish
from socrbot.cli.printing import print_json, table
from socrbot.delivery import Delivery, State
from socrbot.ledger import Filter, Ledger
from socrbot.report import taken, words
from socrbot.report.status import zone_of

LINES = 100


def show_metrics(ledger: Ledger, wish: Wish, *, as_json: bool) -> None:
    """Prints the newest numbers of the deliveries that fit, newest last; without a day, of the last hundred."""
    sent = ledger.deliveries(
        Filter(
            account=wish.account,
            post=wish.post,
            since=wish.since,
            states=frozenset({State.SENT}),
            limit=None if wish.since else LINES,
            newest_first=True,
        )
    )[::-1]
    readings = ledger.readings([one.id for one in sent])
    found = [(one, taken.latest(readings.get(one.id, ()))) for one in sent]
    if as_json:
        print_json([{**_about(one), **(taken.as_data(last) or {})} for one, last in found])
        return
    zone, now = zone_of(ledger), ledger.now()
    rows = [
        (
            str(one.id),
            words.when(one.due_at, zone, now),
            one.account,
            one.post,
            *("" if (value := getattr(last[0], name)) is None else f"{value:,}" for name in taken.NAMES),
            words.when(last[1], zone, now),
        )
        for one, last in found
        if last is not None
    ]
    if rows:
        table(("Number", "Due", "Account", "Post", "Likes", "Replies", "Shares", "Views", "Read"), rows)
    else:
        click.echo("No numbers yet. The bot asks an hour after a post, then less and less often.")
    click.echo("An empty place means that the network does not tell, or was not asked yet.")


def _about(delivery: Delivery) -> dict[str, object]:
    return {"delivery": delivery.id, "post": delivery.post, "account": delivery.account}
