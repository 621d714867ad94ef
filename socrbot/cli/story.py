"""The whole story of one delivery, as lines for people and as data for programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from socrbot.delivery import State
from socrbot.ledger import AttemptRow, Event, PartRow, Story
from socrbot.report import taken, words
from socrbot.report.pictures import Kept, pictures_of
from socrbot.report.status import delivery_data, todo

# How the bot signs what it does by itself: its planner, its guards, its ledger, and workers ("host-1a2b3c4d").
_ITSELF = re.compile(r"plan|guards|socrbot|.*-[0-9a-f]{8}")
_TRIED = {
    "open": "no answer yet",
    "unknown": "we don't know whether it went out",
    "not-sent": "it did not go out",
    "failed": "it was not taken",
    "sent": "it went out",
}


def story_lines(story: Story, kept: Kept, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    """The story in words: how it stands, what was said, shown and answered, and all that happened, oldest first."""
    about = story.delivery
    state = words.state(about.state)
    why = words.reason(about.reason, about.detail) if about.reason and about.state is not State.SENT else None
    yield f"Delivery {about.id}: {about.post} on {about.account}"
    yield f"Due: {words.when(about.due_at, zone, now)}"
    same = state.means.lower().startswith(state.short)
    yield f"State: {state.means}" if same else f"State: {state.short}. {state.means}"
    if why is not None and why.means != state.means:
        yield f"Why: {why.means}"
    if about.state is not State.SENT and (do := todo(about)):
        yield f"What to do: {do}"
    if about.not_before is not None and about.not_before > now and about.state is State.PLANNED:
        yield f"Next try: {words.when(about.not_before, zone, now)}"
    if about.path:
        yield f"Written in: {about.path}, line {about.line}"
    for attempt in story.attempts:
        yield ""
        yield from _attempt_lines(attempt, kept, zone, now)
    if (last := taken.latest(story.readings)) is not None:
        yield ""
        yield f"How people took it ({words.when(last[1], zone, now)}): {taken.in_words(last[0])}"
    yield ""
    yield "What happened"
    for event in story.events:
        yield f"  {event_line(event, zone, now)}"


def _attempt_lines(attempt: AttemptRow, kept: Kept, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    part = f", part {attempt.part} of {attempt.parts}" if attempt.parts > 1 else ""
    said = _TRIED.get(attempt.state, attempt.state)
    yield f"Try {attempt.number}{part}, {words.when(attempt.started_at, zone, now)}: {said}"
    for line in str(attempt.shown.get("text", "")).splitlines():
        yield f"    {line}".rstrip()
    if attempt.shown.get("erased"):
        what = "pictures" if attempt.shown.get("text") else "words, and pictures if it had any,"
        yield f"    [its {what} were erased when it was withdrawn]"
    if attempt.shown.get("link"):
        yield f"    [link: {attempt.shown['link']}]"
    for picture in pictures_of(attempt.shown, kept):
        yield f"    {picture.in_words}"
        if picture.file is not None:
            yield f"    [kept as it was sent: {picture.file}]"
    if attempt.receipt is not None:
        yield f"  Address: {attempt.receipt.url or attempt.receipt.id}"
    if attempt.detail:
        yield f"  Answer: {attempt.detail}"


def event_line(event: Event, zone: ZoneInfo, now: datetime) -> str:
    """One event in a line: when, what, and who it was where it was a person."""
    person = "" if _ITSELF.fullmatch(event.by) else f", by {event.by}"
    detail = f". {event.detail}" if event.detail else ""
    return f"{words.when(event.at, zone, now)}: {_said(event, zone, now)}{person}{detail}"


def _said(event: Event, zone: ZoneInfo, now: datetime) -> str:
    absent = event.data.get("absent")
    said = words.event(event.action, absent=absent if isinstance(absent, bool) else None, sent=_found(event))
    times = {name: _instant(event.data.get(name)) for name in ("from", "to", "due_at")}
    if event.action == "erased" and event.data.get("words"):
        return "its words, and pictures if it had any, were erased here"
    if event.action == "moved" and times["from"] and times["to"]:
        return f"{said}, from {words.when(times['from'], zone, now)} to {words.when(times['to'], zone, now)}"
    if event.action == "planned" and times["due_at"]:
        return f"{said} for {words.when(times['due_at'], zone, now)}"
    return said


def _found(event: Event) -> bool | None:
    """How a doubt was settled: whether it (or, of a thread, the part in doubt) was found to be public."""
    if event.after is State.SENT:
        return True
    return event.reason != "not-sent" if event.after is State.PLANNED else None


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def story_data(story: Story, kept: Kept) -> dict[str, object]:
    """The story for programs."""
    return {
        **delivery_data(story.delivery),
        "parts": [_part_data(part) for part in story.parts],
        "attempts": [
            {
                "number": attempt.number,
                "part": attempt.part,
                "state": attempt.state,
                "started_at": attempt.started_at.isoformat(),
                "ended_at": attempt.ended_at.isoformat() if attempt.ended_at else None,
                "shown": attempt.shown,
                "kept": [str(picture.file) for picture in pictures_of(attempt.shown, kept) if picture.file],
                "facts": attempt.facts,
                "address": attempt.receipt.url if attempt.receipt else None,
                "answer": attempt.detail,
            }
            for attempt in story.attempts
        ],
        "metrics": taken.as_data(taken.latest(story.readings)),
        "events": [event_data(event) for event in story.events],
    }


def _part_data(part: PartRow) -> dict[str, object]:
    address = part.receipt.url if part.receipt else None
    return {"number": part.number, "state": part.state, "address": address, "public": part.is_public}


def event_data(event: Event) -> dict[str, object]:
    """One event for programs."""
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
