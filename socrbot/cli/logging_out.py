"""Prints the history: many deliveries a line each, one with its whole story, or events as they happen."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from socrbot.cli.common import print_json, table
from socrbot.clock import to_instant
from socrbot.delivery import Delivery, State
from socrbot.errors import SettingsError
from socrbot.ledger import AttemptRow, Event, Filter, Ledger, Story
from socrbot.report import words
from socrbot.report.status import delivery_data, zone_of

LINES = 100
# While it follows, the ledger is asked this often, in seconds.
EVERY = 1.0


def many(
    ledger: Ledger, *, account: str | None, post: str | None, since: str | None, state: str | None, as_json: bool
) -> None:
    """Prints the last deliveries that fit, newest last."""
    zone, now = zone_of(ledger), ledger.now()
    states = frozenset({State(state)}) if state else frozenset(State) - {State.PLANNED}
    found = ledger.deliveries(
        Filter(
            account=account,
            post=post,
            since=start_of(since, zone) if since else None,
            states=states,
            limit=None if since else LINES,
            newest_first=True,
        )
    )[::-1]
    if as_json:
        print_json([delivery_data(delivery) for delivery in found])
    elif not found:
        click.echo("There is nothing in the log that fits.")
    else:
        table(("Number", "Due", "Account", "Post", "State", "Why"), [_line(d, zone, now) for d in found])


def _line(delivery: Delivery, zone: ZoneInfo, now: datetime) -> tuple[str, ...]:
    why = "" if delivery.state is State.SENT or not delivery.reason else words.reason(delivery.reason).short
    return (
        str(delivery.id),
        words.when(delivery.due_at, zone, now),
        delivery.account,
        delivery.post,
        words.state(delivery.state).short,
        why,
    )


def start_of(day: str, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) of a day given as 2026-03-07. Raises SettingsError for anything else."""
    try:
        wall = datetime.strptime(day, "%Y-%m-%d")  # noqa: DTZ007 - a wall time, made an instant below
    except ValueError:
        raise SettingsError(f'"{day}" is no date. Write it like this: 2026-03-07') from None
    return to_instant(wall, zone)[0]


def one(ledger: Ledger, delivery: int, *, as_json: bool) -> None:
    """Prints everything that is known of one delivery."""
    story = ledger.story(delivery)
    if as_json:
        print_json(_story_data(story))
        return
    for line in _story_lines(story, zone_of(ledger), ledger.now()):
        click.echo(line)


def _story_lines(story: Story, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    about = story.delivery
    state = words.state(about.state)
    yield f"Delivery {about.id}: {about.post} on {about.account}"
    yield f"Due {words.when(about.due_at, zone, now)}. Now: {state.short}. {state.means}"
    if about.reason and about.state is not State.SENT:
        why = words.reason(about.reason, about.detail)
        yield f"Why: {why}"
    elif state.todo:
        yield state.todo
    if about.path:
        yield f"From {about.path}:{about.line}"
    for attempt in story.attempts:
        yield ""
        yield from _attempt_lines(attempt, zone, now)
    yield ""
    yield "What happened"
    for event in story.events:
        yield f"  {_event_line(event, zone, now)}"


def _attempt_lines(attempt: AttemptRow, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    part = f", part {attempt.part} of {attempt.parts}" if attempt.parts > 1 else ""
    result = {"open": "no answer yet", "unknown": "we don't know", "not-sent": "did not go out"}
    said = result.get(attempt.state, attempt.state)
    yield f"Try {attempt.number}{part}, {words.when(attempt.started_at, zone, now)}: {said}"
    for line in str(attempt.shown.get("text", "")).splitlines():
        yield f"  | {line}".rstrip()
    if attempt.shown.get("link"):
        yield f"  | [link: {attempt.shown['link']}]"
    media = attempt.shown.get("media")
    for item in media if isinstance(media, list) else ():
        yield f"  | [picture: {item['alt']}]"
    if attempt.receipt is not None:
        yield f"  Address: {attempt.receipt.url or attempt.receipt.id}"
    elif attempt.detail:
        yield f"  Answer: {attempt.detail}"


def _event_line(event: Event, zone: ZoneInfo, now: datetime) -> str:
    said = words.event(event.action)
    detail = f" ({event.detail})" if event.detail else ""
    return f"{words.when(event.at, zone, now)}: {said}{detail}, by {event.by}"


def _story_data(story: Story) -> dict[str, object]:
    return {
        **delivery_data(story.delivery),
        "attempts": [
            {
                "number": attempt.number,
                "part": attempt.part,
                "state": attempt.state,
                "started_at": attempt.started_at.isoformat(),
                "ended_at": attempt.ended_at.isoformat() if attempt.ended_at else None,
                "shown": attempt.shown,
                "facts": attempt.facts,
                "address": attempt.receipt.url if attempt.receipt else None,
                "answer": attempt.detail,
            }
            for attempt in story.attempts
        ],
        "events": [_event_data(event) for event in story.events],
    }


def _event_data(event: Event) -> dict[str, object]:
    return {
        "id": event.id,
        "at": event.at.isoformat(),
        "action": event.action,
        "delivery": event.delivery_id,
        "account": event.account,
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
        "detail": event.detail,
        "by": event.by,
    }


def follow(ledger: Ledger, *, account: str | None, post: str | None, as_json: bool, rounds: int | None = None) -> None:
    """Prints events as they happen, until it is interrupted (or for a number of rounds)."""
    zone = zone_of(ledger)
    seen = ledger.newest_event()
    while rounds is None or rounds > 0:
        for event in ledger.events(after_id=seen):
            seen = event.id
            about = ledger.delivery(event.delivery_id) if event.delivery_id is not None else None
            if (account and event.account != account) or (post and (about is None or about.post != post)):
                continue
            if as_json:
                click.echo(json.dumps(_event_data(event), ensure_ascii=False, default=str))
            else:
                name = f"{about.post} on {about.account} ({about.id}): " if about is not None else ""
                click.echo(f"{name}{_event_line(event, zone, ledger.now())}")
        rounds = None if rounds is None else rounds - 1
        if rounds is None or rounds > 0:
            time.sleep(EVERY)
