"""The log page: one read-only HTML file beside the ledger, for staff, made after each pass.

No script, no picture from elsewhere, nothing that moves. Headings, tables with captions and row headings, and words
instead of colours, so that a screen reader reads it well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from socrbot.delivery import Delivery, State
from socrbot.ledger import Filter, Ledger
from socrbot.report import words
from socrbot.report.status import Status, read, standing

if TYPE_CHECKING:
    from jinja2 import Template

# How many deliveries of the past the page shows.
HISTORY = 100
_PAST = frozenset({State.SENT, State.FAILED, State.MISSED, State.CANCELLED, State.WITHDRAWN, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery on the page."""

    number: int
    when: str
    account: str
    post: str
    state: str
    why: str
    todo: str
    text: str
    url: str | None


def render_page(ledger: Ledger, *, name: str, seen_at: datetime) -> str:
    """The page as HTML. `name` is the campaign's, `seen_at` (aware UTC) the time of the pass."""
    status = read(ledger)
    past = ledger.deliveries(Filter(states=_PAST, limit=HISTORY, newest_first=True))
    return _template().render(
        name=name,
        status=status,
        made=words.when(seen_at, status.zone, seen_at),
        lines=[_line(ledger, delivery, status.zone, status.now) for delivery in past],
        trouble=[_line(ledger, delivery, status.zone, status.now) for delivery in status.for_a_person],
        coming=[_line(ledger, delivery, status.zone, status.now) for delivery in status.coming],
        accounts=[(account, standing(account, status.zone, status.now)) for account in status.accounts],
        headline=headline(status, past),
    )


def headline(status: Status, past: Sequence[Delivery]) -> str:
    """The answer to "is anything the matter?", in one sentence."""
    sent = sum(delivery.state is State.SENT and delivery.due_at >= status.now - _DAY for delivery in past)
    went = f"{words.count(sent, 'post').capitalize()} went out since this time yesterday."
    need = len(status.for_a_person)
    if need == 0:
        return f"{went} Nothing needs you."
    return (
        f"{went} {words.count(need, 'delivery').capitalize()} {'needs' if need == 1 else 'need'} a person: see below."
    )


_DAY = timedelta(days=1)


def _line(ledger: Ledger, delivery: Delivery, zone: ZoneInfo, now: datetime) -> Line:
    why = words.reason(delivery.reason, delivery.detail) if delivery.reason else None
    state = words.state(delivery.state)
    text, url = _said(ledger, delivery) if delivery.state in _PAST else ("", None)
    quiet = delivery.state in (State.SENT, State.PLANNED)
    return Line(
        number=delivery.id,
        when=words.when(delivery.due_at, zone, now),
        account=delivery.account,
        post=delivery.post,
        state=state.short,
        why="" if quiet or why is None else why.means,
        todo="" if quiet else (why.todo if why and why.todo else state.todo),
        text=text,
        url=url,
    )


def _said(ledger: Ledger, delivery: Delivery) -> tuple[str, str | None]:
    """What was said and where it stands, as far as it got."""
    attempts = ledger.story(delivery.id).attempts
    text = "\n\n".join(dict.fromkeys(str(attempt.shown.get("text", "")) for attempt in attempts))
    addresses = [attempt.receipt.url for attempt in attempts if attempt.receipt and attempt.receipt.url]
    web = [address for address in addresses if address.startswith(("https://", "http://"))]
    return text, web[0] if web else None


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("log.html")
