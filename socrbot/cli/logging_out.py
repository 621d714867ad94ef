"""`log`: many deliveries a line each, or events as they happen. The story of one delivery: `story.py`."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click

from socrbot.cli.common import the_delivery
from socrbot.cli.printing import print_json, table
from socrbot.cli.story import event_data, event_line, story_data, story_lines
from socrbot.clock import to_instant, to_wall
from socrbot.delivery import Delivery, State
from socrbot.errors import SettingsError
from socrbot.ledger import Event, Filter, Ledger
from socrbot.report import words
from socrbot.report.pictures import Kept
from socrbot.report.status import delivery_data, zone_of

LINES = 100
# While it follows, the ledger is asked this often, in seconds.
EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see; None: all of it. `since` is an instant (aware UTC)."""

    account: str | None = None
    post: str | None = None
    since: datetime | None = None
    state: State | None = None

    @classmethod
    def understand(
        cls, ledger: Ledger, *, account: str | None, post: str | None, since: str | None, state: str | None
    ) -> Wish:
        """From the options of the command. Raises SettingsError for what is no date."""
        day = start_of(since, zone_of(ledger), ledger.now()) if since else None
        return cls(account, post, day, State(state) if state else None)

    def wants(self, event: Event, about: Delivery | None) -> bool:
        """Whether an event (and the delivery that it is about) is among what is wanted."""
        if self.account is not None and event.account not in (self.account, None):
            return False
        if self.post is not None and (about is None or about.post != self.post):
            return False
        return self.state is None or event.after is self.state


def nothing_yet(delivery: int | None, *, as_json: bool) -> int:
    """What `log` says where there is no ledger yet. Returns the exit code."""
    if delivery is not None:
        raise SettingsError(f"There is no delivery {delivery}: nothing has been planned yet.")
    if as_json:
        print_json([])
    else:
        click.echo("The log is empty: nothing has been planned yet. What would go out: socrbot plan")
    return 0


def many(ledger: Ledger, wish: Wish, *, as_json: bool) -> None:
    """Prints the last deliveries that fit, newest last."""
    zone, now = zone_of(ledger), ledger.now()
    found = ledger.deliveries(
        Filter(
            account=wish.account,
            post=wish.post,
            since=wish.since,
            states=frozenset({wish.state}) if wish.state else frozenset(State) - {State.PLANNED},
            limit=None if wish.since else LINES,
            newest_first=True,
        )
    )[::-1]
    if as_json:
        print_json([delivery_data(delivery) for delivery in found])
    elif found:
        table(("Number", "Due", "Account", "Post", "State", "Why"), [_line(d, zone, now) for d in found])
    elif wish == Wish():
        click.echo("Nothing has gone out yet. What comes next: socrbot plan")
    else:
        click.echo("There is nothing in the log that fits.")


def _line(delivery: Delivery, zone: ZoneInfo, now: datetime) -> tuple[str, ...]:
    said = delivery.state in (State.SENT, State.PLANNED) or not delivery.reason
    return (
        str(delivery.id),
        words.when(delivery.due_at, zone, now),
        delivery.account,
        delivery.post,
        words.state(delivery.state).short,
        "" if said else words.reason(delivery.reason).short,
    )


def start_of(day: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The first instant (UTC) of a day given as 2026-03-07, today, yesterday or tomorrow; `now` is aware.

    Raises SettingsError for anything else.
    """
    near = {"yesterday": -1, "today": 0, "tomorrow": 1}.get(day.lower())
    if near is not None:
        wall = to_wall(now, zone).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=near)
        return to_instant(wall, zone)[0]
    try:
        wall = datetime.strptime(day, "%Y-%m-%d")  # noqa: DTZ007 - a wall time, made an instant below
        return to_instant(wall, zone)[0]
    except (ValueError, OverflowError):
        raise SettingsError(f'"{day}" is no date. Write it like this: 2026-03-07') from None


def one(ledger: Ledger, number: int, kept: Kept, *, as_json: bool) -> None:
    """Prints everything that is known of one delivery, and where its pictures are kept.

    Raises SettingsError where there is none of this number.
    """
    the_delivery(ledger, number)
    story = ledger.story(number)
    if as_json:
        print_json(story_data(story, kept))
        return
    for line in story_lines(story, kept, zone_of(ledger), ledger.now()):
        click.echo(line)


def follow(ledger: Ledger, wish: Wish, *, as_json: bool, rounds: int | None = None) -> None:
    """Prints events as they happen, until it is interrupted (or for a number of rounds).

    With a day given, the deliveries since then come first. In JSON each event is one line.
    """
    seen = ledger.newest_event()
    if wish.since is not None and not as_json:
        many(ledger, wish, as_json=False)
    try:
        click.echo("Waiting for news. Stop with Ctrl-C.", err=True)
        while rounds is None or rounds > 0:
            seen = _news(ledger, wish, seen, as_json=as_json)
            rounds = None if rounds is None else rounds - 1
            if rounds is None or rounds > 0:
                time.sleep(EVERY)
    except KeyboardInterrupt:
        click.echo("", err=True)


def _news(ledger: Ledger, wish: Wish, seen: int, *, as_json: bool) -> int:
    """Prints what happened after the event of number `seen`. Returns the number of the last event."""
    zone = zone_of(ledger)
    for event in ledger.events(after_id=seen):
        seen = event.id
        about = ledger.delivery(event.delivery_id) if event.delivery_id is not None else None
        if not wish.wants(event, about):
            continue
        if as_json:
            post = about.post if about is not None else None
            click.echo(json.dumps({**event_data(event), "post": post}, ensure_ascii=False, default=str))
        else:
            name = f"{about.post} on {about.account} ({about.id}): " if about is not None else ""
            where = f"{event.account}: " if about is None and event.account else ""
            click.echo(f"{name}{where}{event_line(event, zone, ledger.now())}")
    return seen
