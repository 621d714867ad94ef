"""`publish --now`: shows what would go out, asks, and sends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import click

from socrbot.app import App
from socrbot.campaign import Account, Draft, Post
from socrbot.cli.common import Context, named, unknown
from socrbot.cli.printing import heading
from socrbot.delivery import Delivery, State
from socrbot.errors import CampaignError, SettingsError
from socrbot.ledger import Filter
from socrbot.report import words
from socrbot.report.status import todo


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
        _refuse_while_paused(app, chosen, urgent=urgent)
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
                grace=snapshot.campaign.grace_of(post) + (timedelta(0) if urgent else _turn(app, account.id)),
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
        raise CampaignError(f"{post_id} has an error and cannot go out.", [problem])
    post = snapshot.campaign.posts.get(post_id)
    if post is None:
        raise unknown("post", post_id, {*snapshot.campaign.posts, *snapshot.faulty})
    if isinstance(post.schedule, Draft):
        raise SettingsError(
            f"{post_id} is a draft, and drafts do not go out. When it is ready, move {post.path} out of posts/drafts/, "
            "or take `draft: yes` out of it."
        )
    return post


def _refuse_while_paused(app: App, accounts: Sequence[Account], *, urgent: bool) -> None:
    """Made due during a pause, a post would lose its own time and not go out either."""
    concerned = {None, *(account.id for account in accounts)}
    pause = next((pause for pause in app.ledger.pauses() if pause.account in concerned), None)
    if pause is not None and not urgent:
        raise SettingsError(
            f"{pause.account or 'Everything'} is paused ({pause.reason}). Nothing was changed. "
            'To send it all the same: --urgent --reason "why". To end the pause: socrbot resume'
        )


def _accounts(app: App, post: Post, wanted: Sequence[str]) -> list[Account]:
    own = {account.id: account for account in app.snapshot().campaign.accounts_of(post)}
    for name in wanted:
        if name not in own:
            if name not in app.snapshot().campaign.accounts:
                raise unknown("account", name, app.snapshot().campaign.accounts)
            raise SettingsError(f"{post.id} does not go to {name}. It goes to: {', '.join(own)}.")
    chosen = [own[name] for name in wanted or own]
    away = [account.id for account in chosen if not app.connected(account.id)]
    if wanted and away:
        raise SettingsError(f"{', '.join(away)} is not connected. First run: {_connect(own[away[0]])}")
    chosen = [account for account in chosen if account.id not in away]
    if not chosen:
        first = next(iter(own.values()), None)
        how = f" First run: {_connect(first)}" if first is not None else ""
        raise SettingsError(f"None of the accounts of {post.id} is connected.{how}")
    return chosen


def _connect(account: Account) -> str:
    return f"socrbot connect {account.network} --account {account.id}"


def _show(app: App, post: Post, account: Account) -> None:
    snapshot = app.snapshot()
    rendered = snapshot.renderer.render(post, account, snapshot.capabilities[account.id])
    if rendered.message is None:
        raise CampaignError(f"{post.id} cannot be made for {account.id}.", rendered.problems)
    heading(f"{post.id} on {named(account.id, account.network)}")
    for part in rendered.message.parts:
        for line in part.text.splitlines() or [""]:
            click.echo(f"    {line}")
        if part.link:
            click.echo(f"    [link: {part.link}]")
        for item in part.media:
            click.echo(f"    [picture: {item.alt}]")
    click.echo("")


def _report(app: App, deliveries: Sequence[Delivery]) -> int:
    for delivery in deliveries:
        address = next((part.receipt.url for part in app.ledger.parts(delivery.id) if part.receipt), None)
        click.echo(f"{delivery.account}: {words.state(delivery.state).short}. {_more(app, delivery, address)}".rstrip())
    return 0 if all(delivery.state is State.SENT for delivery in deliveries) else 1


def _more(app: App, delivery: Delivery, address: str | None) -> str:
    if delivery.state is State.SENT:
        return address or ""
    if delivery.state is State.PLANNED and not delivery.reason:
        return _why_it_waits(app, delivery)
    why = words.reason(delivery.reason, delivery.detail)
    # What is planned still is tried anew without anybody's doing.
    what = "The running bot tries again by itself." if delivery.state is State.PLANNED else todo(delivery)
    return f"{why.means} {what} The whole story: socrbot log {delivery.id}".replace("  ", " ")


def _turn(app: App, account: str, *, before: Delivery | None = None) -> timedelta:
    """How long the account needs for its distance to the last post, and for what waits for its turn already.

    `before`: only for what comes before this delivery.
    """
    row, campaign, now = app.ledger.account(account), app.snapshot().campaign, app.clock.now()
    known = campaign.accounts.get(account)
    if row is None or known is None:
        return timedelta(0)
    spacing = campaign.spacing_of(known)
    due = app.ledger.deliveries(Filter(account=account, states=frozenset({State.PLANNED}), until=now))
    ahead = [one for one in due if before is None or (one.due_at, one.id) < (before.due_at, before.id)]
    first = max(row.last_sent_at + spacing - now, timedelta(0)) if row.last_sent_at is not None else timedelta(0)
    return first + len(ahead) * spacing


def _why_it_waits(app: App, delivery: Delivery) -> str:
    """Why something that is due now is still planned after a pass."""
    wait = _turn(app, delivery.account, before=delivery)
    if wait:
        until = words.when(app.clock.now() + wait, app.snapshot().campaign.zone, app.clock.now())
        return (
            f"Two posts on one account keep their distance (`spacing`), so the running bot sends it {until}. "
            'To send it at once all the same: --urgent --reason "why"'
        )
    return "It has to wait for its turn on the account, and goes out with one of the next passes of the bot."
