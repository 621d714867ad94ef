"""`settle NUMBER` without an answer: what was to be said, and what the account shows, one below the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import click

from socrbot.app import App
from socrbot.cli.common import Context, the_delivery
from socrbot.cli.printing import heading
from socrbot.delivery import Delivery
from socrbot.errors import NetworkError
from socrbot.ledger import AttemptRow
from socrbot.message import Published
from socrbot.report import words
from socrbot.report.pictures import pictures_of

# Posts from so long before the try are shown: two clocks may differ.
_BEFORE = timedelta(minutes=75)
_MOST = 20


def look(context: Context, number: int) -> int:
    """Prints both sides and how to answer. Returns 1: somebody still has to."""
    app = context.app()
    try:
        app.refresh()
        delivery = the_delivery(app.ledger, number)
        tries = [one for one in app.ledger.story(number).attempts if one.state in ("open", "unknown", "failed")]
        for line in _sides(app, delivery, tries[-1] if tries else None):
            click.echo(line)
        click.echo("")
        heading("Which is it?")
        click.echo(f"It is there:       socrbot settle {number} --sent ADDRESS")
        click.echo(f"It is not there:   socrbot settle {number} --not-sent")
        return 1
    finally:
        app.close()


def _sides(app: App, delivery: Delivery, attempt: AttemptRow | None) -> Iterator[str]:
    zone, now = app.snapshot().campaign.zone, app.clock.now()
    if attempt is None:
        yield f"{delivery.post} on {delivery.account} was never tried."
        return
    yield f"What was to be said on {delivery.account}, {words.when(attempt.started_at, zone, now)}"
    yield from _indented(str(attempt.shown.get("text", "")))
    for picture in pictures_of(attempt.shown):
        yield f"    {picture.in_words}"
    yield f"What we know: {attempt.detail or delivery.detail or 'the answer got lost'}"
    yield ""
    posts = _shown(app, delivery, attempt)
    if isinstance(posts, str):
        yield posts
        return
    since = words.when(attempt.started_at - _BEFORE, zone, now)
    yield f"What the account shows since {since}: {words.count(len(posts), 'post')}"
    for post in posts[:_MOST]:
        pictures = f", {words.count(post.media_count, 'picture')}" if post.media_count else ""
        yield f"  {words.when(post.created_at, zone, now)}{pictures}: {post.url or post.id}"
        yield from _indented(post.text)


def _shown(app: App, delivery: Delivery, attempt: AttemptRow) -> list[Published] | str:
    """The account's posts since shortly before the try, or in a sentence why they cannot be shown."""
    network = app.network(delivery.account)
    if network is None:
        return f"{delivery.account} is not connected, so its posts cannot be shown. Please look at it yourself."
    if not network.capabilities.reads_back:
        return f"No program can read the posts of {delivery.account}. Please look at it yourself."
    try:
        return network.recent(attempt.started_at - _BEFORE)
    except NetworkError as error:
        return f"The posts of {delivery.account} cannot be read now: {app.redact(str(error))}"


def _indented(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"    {line}".rstrip()
