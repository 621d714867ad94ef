"""Gathers what came of a rehearsal: what became of each post, why, what it costs, and how its network would show it."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from socrbot import networks
from socrbot.campaign import Campaign
from socrbot.clock import Clock
from socrbot.delivery import OPEN, SETTLED, Delivery, State
from socrbot.errors import NetworkError, Severity
from socrbot.ledger import AccountRow, Event, Filter, Story
from socrbot.media import card_picture
from socrbot.message import Attachment, Capabilities, Message, Part
from socrbot.publishing.costs import cost_of
from socrbot.rehearsing.company import Company, assembled
from socrbot.rehearsing.faults import Fault
from socrbot.rehearsing.walk import walk
from socrbot.rendering.fitting import overrun, room_of
from socrbot.report import words
from socrbot.report.rehearsal import NEEDY, Cost, Picture, Place, Rehearsal, Scene, Shown
from socrbot.report.status import standing, todo
from socrbot.settings import Settings

# A picture on the page has at most so many bytes.
_PICTURE_BYTES = 45_000
# What is worth a line of history, beside what always happens.
_REMARKABLE = frozenset(
    {"not-sent", "unknown", "looked", "settled", "held", "released", "failed", "moved", "expired", "stopped"}
)
_LINES = 8


@dataclass(slots=True)
class Stenographer:
    """Notes how things stood before, and listens. `settled` are those that were over already."""

    company: Company
    settings: Settings
    start: datetime
    open_before: frozenset[int]
    settled_before: frozenset[int]
    accounts_before: Mapping[str, AccountRow]
    spent_before: Mapping[str, float]
    asks: list[str] = field(default_factory=list)
    _pictures: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, company: Company, settings: Settings, clock_now: datetime) -> Stenographer:
        """Looks at the copy before anything is rehearsed. `settings` are the real ones."""
        ledger, snapshot = company.ledger, company.snapshot()
        return cls(
            company,
            settings,
            clock_now,
            frozenset(d.id for d in ledger.deliveries(Filter(states=OPEN))),
            frozenset(d.id for d in ledger.deliveries(Filter(states=SETTLED, since=clock_now - timedelta(days=60)))),
            company.before,
            {name: company.guards.spent(snapshot, name, now=clock_now) for name in snapshot.campaign.accounts},
        )

    def heard(self, asks: str | None) -> None:
        """Notes a question of the bot, once."""
        if asks and asks not in self.asks:
            self.asks.append(asks)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be rehearsed: until when (aware UTC), what goes wrong, and what of it is shown (all of it: nothing).

    `as_if_live`: accounts that are not connected, or not live, speak too.
    """

    until: datetime
    faults: Sequence[Fault] = ()
    as_if_live: bool = False
    accounts: Collection[str] = ()
    posts: Collection[str] = ()

    def wants(self, delivery: Delivery) -> bool:
        """Whether a delivery is among what is wanted."""
        account = not self.accounts or delivery.account in self.accounts
        return account and (not self.posts or delivery.post in self.posts)


def rehearse(settings: Settings, campaign: Campaign, wanted: Wanted, *, clock: Clock) -> Rehearsal:
    """Rehearses from now on, and tells what came of it. `settings` and `campaign` are the real ones; both stay as
    they are, and so do the ledger and the bot's folder.

    Raises LedgerError where the ledger cannot be read, CampaignError where the files cannot.
    """
    faults = wanted.faults
    with assembled(settings, campaign=campaign, clock=clock, faults=faults, as_if_live=wanted.as_if_live) as company:
        notes = Stenographer.of(company, settings, company.clock.now())
        walk(company, company.virtual, until=wanted.until, after=lambda turn: notes.heard(turn.asks), faults=faults)
        return _gather(notes, wanted)


def _gather(notes: Stenographer, wanted: Wanted) -> Rehearsal:
    snapshot = notes.company.snapshot()
    zone = snapshot.campaign.zone
    scenes = [_scene(notes, delivery) for delivery in _deliveries(notes, wanted.until) if wanted.wants(delivery)]
    chosen = [name for name in snapshot.campaign.accounts if not wanted.accounts or name in wanted.accounts]
    wrong = [problem for problem in snapshot.problems if problem.severity is Severity.ERROR]
    return Rehearsal(
        name=snapshot.campaign.name,
        zone=zone,
        start=notes.start,
        until=wanted.until,
        scenes=tuple(sorted(scenes, key=lambda s: (s.at or s.due_at, s.post, s.account))),
        places=tuple(_place(notes, name) for name in chosen),
        costs=tuple(_costs(notes, scenes, chosen)),
        asks=tuple(notes.asks),
        faults=tuple(fault.words(zone) for fault in wanted.faults),
        as_if_live=wanted.as_if_live,
        errors=len({p.place.path for p in wrong if not wanted.posts or p.post in wanted.posts}),
    )


def _deliveries(notes: Stenographer, until: datetime) -> list[Delivery]:
    """What was open, or came, and had its time within the rehearsal."""
    ledger, now = notes.company.ledger, notes.company.clock.now()
    found = {d.id: d for d in ledger.deliveries(Filter(ids=sorted(notes.open_before)))} if notes.open_before else {}
    found |= {d.id: d for d in ledger.deliveries(Filter(since=notes.start, until=max(until, now)))}
    return [
        d
        for d in found.values()
        if d.id not in notes.settled_before and (d.due_at < until or d.state in SETTLED) and not _only_moved(d)
    ]


def _only_moved(delivery: Delivery) -> bool:
    """Whether it is the shell of one that got another time."""
    return delivery.state is State.CANCELLED and delivery.reason == "slot-passed"


def _scene(notes: Stenographer, delivery: Delivery) -> Scene:
    company = notes.company
    snapshot, story = company.snapshot(), company.ledger.story(delivery.id)
    message, capable = snapshot.message(delivery), snapshot.capabilities.get(delivery.account)
    sent, hold = delivery.state is State.SENT, _hold(story)
    at = max((part.sent_at for part in story.parts if part.sent_at is not None), default=None) if sent else None
    why = "" if delivery.state in (State.SENT, State.PLANNED) else words.reason(delivery.reason, delivery.detail).means
    parts = list(_parts(notes, delivery, message, capable)) if message and capable else []
    charged = [attempt.cost or 0.0 for attempt in story.attempts if attempt.state == "sent"]
    return Scene(
        post=delivery.post,
        account=delivery.account,
        network=delivery.network,
        state=delivery.state,
        due_at=delivery.due_at,
        at=at,
        true_at=_true(notes, story, at),
        reason=delivery.reason if not sent else None,
        why=why or ("It waits." if delivery.state is State.PLANNED else ""),
        todo=_todo(delivery, hold),
        cost=sum(charged) if sent and charged else (_cost(company, message, capable) if sent else sum(charged)),
        language=message.language if message else snapshot.campaign.language,
        history=tuple(_history(notes, story)),
        parts=tuple(parts),
        held=hold is not None,
    )


def _hold(story: Story) -> str | None:
    """Why it is held back, until it is too late or to the end; None where it is not."""
    if story.delivery.state is State.HELD:
        return story.delivery.reason
    if story.delivery.state is not State.MISSED or story.events[-1].before is not State.HELD:
        return None
    return next((event.reason for event in reversed(story.events) if event.after is State.HELD), None)


def _todo(delivery: Delivery, hold: str | None) -> str:
    """What somebody can do, best before its time: where it is held until it is too late, about the hold."""
    if delivery.state not in NEEDY:
        return ""
    if hold is not None:
        delivery = replace(delivery, state=State.HELD, reason=hold)
    return todo(delivery, number="NUMBER")


def _cost(company: Company, message: Message | None, capable: Capabilities | None) -> float:
    return cost_of(message, capable, company.snapshot().campaign.prices) if message and capable else 0.0


def _true(notes: Stenographer, story: Story, at: datetime | None) -> datetime | None:
    """When it was out by a good clock, where the bot's own showed something else."""
    arrived = [when for part in story.parts if (when := notes.company.weather.arrived.get(part.key)) is not None]
    if at is None or not arrived or abs(max(arrived) - at) < timedelta(minutes=1):
        return None
    return max(arrived)


def _history(notes: Stenographer, story: Story) -> Iterator[str]:
    """What happened on the way, where it was not the ordinary way."""
    said = "" if story.delivery.state is State.SENT else story.delivery.detail or ""
    found = [event for event in story.events if event.at >= notes.start and event.action in _REMARKABLE]
    # What it ends with is said already.
    found = [event for event in found if not (event.detail and event.detail in said)]
    for event in found[:_LINES]:
        yield _line(notes, event)
    if len(found) > _LINES:
        yield f"And {len(found) - _LINES} more."


def _line(notes: Stenographer, event: Event) -> str:
    zone = notes.company.snapshot().campaign.zone
    sent = event.after is State.SENT if event.action == "settled" else None
    absent = event.data.get("absent") if event.action == "looked" else None
    said = words.event(event.action, absent=absent if isinstance(absent, bool) else None, sent=sent)
    detail = event.detail or (words.reason(event.reason).means if event.reason else "")
    at = words.when(event.at, zone, notes.start - timedelta(days=3))
    return f"{at}: {said}{'. ' if detail else '.'}{detail}"


def _parts(notes: Stenographer, delivery: Delivery, message: Message, capable: Capabilities) -> Iterator[Shown]:
    room = room_of(message, capable)
    for part in message.parts:
        used = room.used(part.text, media=bool(part.media), comment=part.number > 1)
        yield Shown(
            which=_which(message, part, capable),
            text=part.text,
            count=used.count,
            limit=used.limit,
            unit=f"{used.unit} {used.beside}".strip(),
            fits=overrun(part, room) is None,
            link=part.link,
            link_title=part.link_title,
            card=bool(part.link) and capable.link_field,
            pictures=tuple(_picture(notes, delivery.account, item) for item in part.media),
        )


def _which(message: Message, part: Part, capable: Capabilities) -> str:
    of = len(message.parts)
    if of == 1:
        return ""
    if part.number > 1 and not capable.threads and capable.comments:
        return f"Comment {part.number - 1} of {of - 1}"
    return f"Part {part.number} of {of}"


def _picture(notes: Stenographer, account: str, item: Attachment) -> Picture:
    plain = Picture(item.path, item.alt, item.is_video)
    if item.is_video:
        return plain
    try:
        made = notes.company.rendition(account, item)
        if made.digest not in notes._pictures:
            small = card_picture(made.data, _PICTURE_BYTES).data
            notes._pictures[made.digest] = f"data:image/jpeg;base64,{base64.b64encode(small).decode()}"
    except NetworkError:
        return plain
    return Picture(item.path, item.alt, shown=notes._pictures[made.digest])


def _place(notes: Stenographer, name: str) -> Place:
    company = notes.company
    account = company.snapshot().campaign.accounts[name]
    if account.network not in networks.NETWORKS:
        return Place(name, account.network, "unknown network", rehearsed=False)
    row, now = notes.accounts_before.get(name), notes.start
    missing = networks.missing(account.network, prefix=account.env, have=notes.settings.env)
    if missing:
        said = f"not connected: `socrbot connect {account.network}`"
    elif row is None:
        said = "yes" if not networks.capabilities(account.network).public else f"not live yet: `socrbot go-live {name}`"
    else:
        said = standing(row, company.snapshot().campaign.zone, now)
    if row is not None and row.access_ends_at is not None and now < row.access_ends_at <= company.clock.now():
        ends = words.when(row.access_ends_at, company.snapshot().campaign.zone, now - timedelta(days=3))
        said += f"; its access ends {ends}, unless it is renewed before"
    return Place(name, account.network, said, rehearsed=name in company.planned_accounts(company.snapshot().campaign))


def _costs(notes: Stenographer, scenes: Sequence[Scene], accounts: Sequence[str]) -> Iterator[Cost]:
    """By month and account, where something costs or a budget is set."""
    campaign = notes.company.snapshot().campaign
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    this = f"{notes.start.astimezone(campaign.zone):%Y-%m}"
    for scene in scenes:
        if scene.cost:
            sums[f"{(scene.at or scene.due_at).astimezone(campaign.zone):%Y-%m}", scene.account] += scene.cost
    for name in accounts:
        if notes.spent_before.get(name):
            sums.setdefault((this, name), 0.0)
    for (month, name), amount in sorted(sums.items()):
        spent = notes.spent_before.get(name, 0.0) if month == this else 0.0
        yield Cost(name, month, round(spent, 4), round(amount, 4), campaign.accounts[name].budget)
