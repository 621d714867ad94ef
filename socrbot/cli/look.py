"""Commands that show: status, log, metrics, plan, doctor. The first three read the ledger alone, so they are quick."""

from __future__ import annotations

import click

from socrbot.cli.common import Context, json_option, pass_context

STATES = ("planned", "held", "sent", "failed", "missed", "unknown", "cancelled", "withdrawn", "sending", "claimed")


@click.command()
@json_option
@pass_context
def status(context: Context, as_json: bool) -> int:
    """What is due, waiting, held and failed, per account, and whether the bot is alive.

    The exit code is 1 when something needs a person.
    """
    from socrbot.cli.printing import print_json, show
    from socrbot.report.status import nothing_yet, read, shown

    ledger = context.reading()
    if ledger is None:
        if as_json:
            print_json(None)
        else:
            show(nothing_yet())
        return 0
    with ledger:
        found = read(ledger)
    if as_json:
        print_json(found.as_data())
    else:
        for block in shown(found):
            show(block)
    return 1 if found.needs_a_person else 0


@click.command("log")
@click.argument("delivery", type=click.IntRange(min=1), required=False, metavar="[NUMBER]")
@click.option("--account", help="Only this account.")
@click.option("--post", help="Only this post.")
@click.option("--since", metavar="DATE", help="Only from this day on: 2026-03-07, today or yesterday.")
@click.option("--state", type=click.Choice(STATES), help="Only what is in this state.")
@click.option("--follow", is_flag=True, help="Stay, and print what happens as it happens.")
@json_option
@pass_context
def log(
    context: Context,
    delivery: int | None,
    account: str | None,
    post: str | None,
    since: str | None,
    state: str | None,
    follow: bool,
    as_json: bool,
) -> int:
    """The history that staff read. With a number: the whole story of one delivery.

    A delivery is one post on one account at one time.

    \b
    socrbot log                     the last hundred that are no longer waiting
    socrbot log --state failed      what did not go out
    socrbot log 42                  everything that happened to delivery 42
    """
    from socrbot.cli import logging_out
    from socrbot.cli.logging_out import Wish
    from socrbot.media import Store

    if delivery is not None and (account or post or since or state or follow):
        raise click.UsageError("A number stands alone: it names one delivery, so there is nothing to choose from.")
    ledger = context.reading()
    if ledger is None:
        return logging_out.nothing_yet(delivery, as_json=as_json)
    with ledger:
        if delivery is not None:
            logging_out.one(ledger, delivery, Store.below(context.settings.data).path, as_json=as_json)
            return 0
        if account is not None:
            context.account(account, ledger)
        if post is not None:
            context.post(post, ledger)
        wish = Wish.understand(ledger, account=account, post=post, since=since, state=state)
        if follow:
            logging_out.follow(ledger, wish, as_json=as_json)
        else:
            logging_out.many(ledger, wish, as_json=as_json)
    return 0


@click.command()
@click.option("--account", help="Only this account.")
@click.option("--post", help="Only this post.")
@click.option("--since", metavar="DATE", help="Only from this day on: 2026-03-07, today or yesterday.")
@json_option
@pass_context
def metrics(context: Context, account: str | None, post: str | None, since: str | None, as_json: bool) -> int:
    """How people took what went out: likes, replies, shares and views, where the network tells them.

    The bot asks by itself: an hour after a post, and then less and less often, for four weeks. Where asking costs
    money, only for accounts with `metrics: yes` in config/accounts.yaml.
    """
    from socrbot.cli import logging_out
    from socrbot.cli.logging_out import Wish
    from socrbot.cli.measuring import show_metrics

    ledger = context.reading()
    if ledger is None:
        return logging_out.nothing_yet(None, as_json=as_json)
    with ledger:
        if account is not None:
            context.account(account, ledger)
        if post is not None:
            context.post(post, ledger)
        wish = Wish.understand(ledger, account=account, post=post, since=since, state=None)
        show_metrics(ledger, wish, as_json=as_json)
    return 0


@click.command()
@click.option("--until", metavar="DATE", help="Up to and including this day: 2026-03-07. Default: two weeks.")
@json_option
@pass_context
def plan(context: Context, until: str | None, as_json: bool) -> int:
    """What will go out when and where, what it costs, and what changed since the last run.

    It only looks: nothing is planned or sent by it.
    """
    from socrbot.cli.planning import show_plan

    return show_plan(context, until=until, as_json=as_json)


@click.command()
@click.option("--links", is_flag=True, help="Also test every address in config/campaign.yaml and in coming posts.")
@json_option
@pass_context
def doctor(context: Context, links: bool, as_json: bool) -> int:
    """Whether each account's credentials work, what they may do and when they end.

    Asks the networks, and changes nothing there.
    """
    from socrbot.cli.doctor import examine

    return examine(context, as_json=as_json, links=links)


COMMANDS = (status, log, metrics, plan, doctor)
