"""`publish --now`: shows what would go out, asks, and sends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from socrbot.app import App
from socrbot.campaign import Account, Post
from socrbot.cli.common import Context, did_you_mean
from socrbot.delivery import Delivery, State
from socrbot.errors import SettingsError
from socrbot.ledger import Filter
from socrbot.report import words


def publish_now(
    context: Context,
    post_id: str,
    accounts: Sequence[str],
    *,
    urgent: bool,
    reason: str,
    ask: Callable[[str], None],
) -> int:
    """Publishes one post on some or all of its accounts. Returns the exit code."""
    app = context.app()
    try:
        snapshot = app.refresh()
        post = _post(app, post_id)
        chosen = _accounts(app, post, accounts)
        for account in chosen:
            _show(app, post, account)
        ask(f"Publish this now on {', '.join(account.id for account in chosen)}?")
        app.sync(snapshot)
        now = app.clock.now()
        ids = [
            app.ledger.publish_now(
                post.id,
                account.id,
                account.network,
                now=now,
                by=app.settings.person,
                urgent=urgent,
                reason=reason,
                grace=snapshot.campaign.grace_of(post),
                path=post.path,
                line=post.place.line,
            ).id
            for account in chosen
        ]
        app.turn(wait=True)
        return _report(app, app.ledger.deliveries(Filter(ids=ids)))
    finally:
        app.close()


def _post(app: App, post_id: str) -> Post:
    snapshot = app.snapshot()
    if (problem := snapshot.faulty.get(post_id)) is not None:
        raise SettingsError(f"{post_id} has an error and cannot go out. {problem.place}: {problem.message}")
    post = snapshot.campaign.posts.get(post_id)
    if post is None:
        raise SettingsError(f'There is no post called "{post_id}".{did_you_mean(post_id, snapshot.campaign.posts)}')
    return post


def _accounts(app: App, post: Post, wanted: Sequence[str]) -> list[Account]:
    own = {account.id: account for account in app.snapshot().campaign.accounts_of(post)}
    for name in wanted:
        if name not in own:
            raise SettingsError(f'{post.id} does not go to an account called "{name}".{did_you_mean(name, own)}')
    chosen = [own[name] for name in wanted or own]
    away = [account.id for account in chosen if not app.connected(account.id)]
    if wanted and away:
        raise SettingsError(f"{', '.join(away)} is not connected. Set it up with: socrbot connect")
    chosen = [account for account in chosen if account.id not in away]
    if not chosen:
        raise SettingsError(f"None of the accounts of {post.id} is connected. Set one up with: socrbot connect")
    return chosen


def _show(app: App, post: Post, account: Account) -> None:
    snapshot = app.snapshot()
    rendered = snapshot.renderer.render(post, account, snapshot.capabilities[account.network])
    if rendered.message is None:
        raise SettingsError(f"{post.id} cannot be made for {account.id}. Look at it with: socrbot check")
    click.echo(f"On {account.id} ({account.network}):")
    for part in rendered.message.parts:
        for line in part.text.splitlines() or [""]:
            click.echo(f"    {line}")
        for item in part.media:
            click.echo(f"    [picture: {item.alt}]")
    click.echo("")


def _report(app: App, deliveries: Sequence[Delivery]) -> int:
    for delivery in deliveries:
        state = words.state(delivery.state)
        address = next((part.receipt.url for part in app.ledger.parts(delivery.id) if part.receipt), None)
        click.echo(f"{delivery.account}: {state.short}. {address or delivery.detail or ''}".rstrip())
    return 0 if all(delivery.state is State.SENT for delivery in deliveries) else 1
