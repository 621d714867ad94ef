"""The log page: one read-only HTML file beside the ledger, for staff, made after each pass.

No script, no picture from elsewhere, nothing that moves, and a policy in the page that forbids all of that. Pictures
that went out are shown as they were sent, from the folder beside the page. Headings, tables with captions and row
headings, and words beside every colour and sign, so that a screen reader reads it well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from socrbot.delivery import Delivery, State
from socrbot.ledger import AccountRow, Filter, Ledger, Said
from socrbot.report import words
from socrbot.report.markup import template
from socrbot.report.pictures import Kept, SentPicture, pictures_of
from socrbot.report.status import Status, is_question, not_connected, pause_line, question, read, standing, todo

# How many deliveries of the past the page shows.
HISTORY = 100
_PAST = frozenset({State.SENT, State.FAILED, State.MISSED, State.CANCELLED, State.WITHDRAWN, State.UNKNOWN})
_DAY = timedelta(days=1)
# The tiles at the top: what is counted, and the states that count.
_TILES = (
    ("Sent", "good", (State.SENT,)),
    ("Waiting", "calm", (State.PLANNED, State.CLAIMED, State.SENDING)),
    ("Held back", "care", (State.HELD,)),
    ("Not sent", "bad", (State.FAILED,)),
    ("Too late", "bad", (State.MISSED,)),
    ("We don't know", "bad", (State.UNKNOWN,)),
)
_MOOD = {state: mood for _, mood, states in _TILES for state in states}
_MOOD |= {State.CANCELLED: "calm", State.WITHDRAWN: "calm"}


@dataclass(frozen=True, slots=True)
class Line:
    """One delivery on the page. `mood` chooses its colour and sign: good, calm, care or bad."""

    number: int
    when: str
    at: str
    account: str
    post: str
    state: str
    mood: str
    why: str
    todo: str
    text: str
    language: str
    pictures: tuple[SentPicture, ...]
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """A count at the top of the page."""

    name: str
    number: int
    mood: str


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence that stands above everything else."""

    text: str
    mood: str = "bad"


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account on the page."""

    id: str
    network: str
    standing: str
    last: str


def render_page(ledger: Ledger, *, name: str, seen_at: datetime, kept: Kept = lambda _digest: None) -> str:
    """The page as HTML. `name` is the campaign's, `seen_at` (aware UTC) the time of the pass.

    `kept` says where what was sent lies, relative to the page.
    """
    status = read(ledger)
    past = ledger.deliveries(Filter(states=_PAST, limit=HISTORY, newest_first=True))
    tried = {delivery.id for delivery in (*past, *status.for_a_person)}
    said = ledger.said(tried) if tried else {}

    def lines(deliveries: Sequence[Delivery]) -> list[Line]:
        return [_line(delivery, said.get(delivery.id, ()), kept, status.zone, status.now) for delivery in deliveries]

    return template("log.html").render(
        name=name,
        made=words.when(seen_at, status.zone, seen_at - 3 * _DAY),
        made_at=seen_at.isoformat(timespec="seconds"),
        headline=headline(status, past),
        well=not status.needs_a_person,
        notes=list(_notes(status)),
        tiles=_tiles(status),
        trouble=lines(status.for_a_person),
        past=lines(past),
        coming=lines(status.coming),
        accounts=[_account(account, status.zone, status.now) for account in status.accounts],
        not_connected=not_connected(status),
    )


def headline(status: Status, past: Sequence[Delivery]) -> str:
    """The answer to "is anything the matter?", in two sentences."""
    sent = sum(delivery.state is State.SENT and delivery.due_at >= status.now - _DAY for delivery in past)
    went = f"{words.count(sent, 'post').capitalize()} went out since this time yesterday."
    need = len(status.for_a_person)
    if need:
        return (
            f"{words.count(need, 'post').capitalize()} {'needs' if need == 1 else 'need'} a person: see below. {went}"
        )
    return f"{went} {'The bot needs a person.' if status.needs_a_person else 'Nothing needs you.'}"


def _notes(status: Status) -> Iterator[Note]:
    """Troubles, questions, stopped accounts, pauses."""
    if status.trouble:
        yield Note(f"The bot cannot work. {status.trouble}")
    if status.asks and (is_question(status.asks) or not status.trouble):
        yield Note(f"The bot {'asks' if is_question(status.asks) else 'cannot work'}: {question(status.asks)}")
    for account in status.accounts:
        if account.stopped_reason:
            yield Note(f"The account {account.id} is stopped: {account.stopped_reason}")
    for pause in status.pauses:
        yield Note(pause_line(pause, status.zone, status.now), "care")


def _tiles(status: Status) -> list[Tile]:
    counts = [
        (name, mood, sum(mine.get(state, 0) for mine in status.counts.values() for state in states))
        for name, mood, states in _TILES
    ]
    return [Tile(name, number, mood if number else "none") for name, mood, number in counts]


def _line(delivery: Delivery, said: Sequence[Said], kept: Kept, zone: ZoneInfo, now: datetime) -> Line:
    quiet = delivery.state in (State.SENT, State.PLANNED)
    means = words.state(delivery.state).means
    why = words.reason(delivery.reason, delivery.detail).means if delivery.reason else means
    addresses = [try_.receipt.url for try_ in said if try_.receipt and try_.receipt.url]
    return Line(
        number=delivery.id,
        when=words.when(delivery.due_at, zone, now),
        at=delivery.due_at.isoformat(timespec="minutes"),
        account=delivery.account,
        post=delivery.post,
        state=words.state(delivery.state).short,
        mood=_MOOD[delivery.state],
        why="" if quiet else why,
        todo="" if quiet else todo(delivery),
        text=_text(said),
        language=_language(said),
        pictures=tuple(dict.fromkeys(picture for try_ in said for picture in pictures_of(try_.shown, kept))),
        urls=tuple(url for url in dict.fromkeys(addresses) if url.startswith(("https://", "http://"))),
    )


def _text(said: Sequence[Said]) -> str:
    """What was said, each wording once, with the pictures' descriptions."""
    return "\n\n".join(dict.fromkeys(_shown(try_.shown) for try_ in said))


def _shown(shown: Mapping[str, object]) -> str:
    pictures = [picture.in_words for picture in pictures_of(shown)]
    link = [f"[link: {shown['link']}]"] if shown.get("link") else []
    return "\n".join([str(shown.get("text", "")), *link, *pictures])


def _language(said: Sequence[Said]) -> str:
    return str(said[-1].shown.get("language") or "") if said else ""


def _account(account: AccountRow, zone: ZoneInfo, now: datetime) -> AccountLine:
    last = words.when(account.last_sent_at, zone, now) if account.last_sent_at else "nothing yet"
    return AccountLine(account.id, account.network, standing(account, zone, now), last)
