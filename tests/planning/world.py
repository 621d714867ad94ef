"""What the planning tests share: campaigns in a few words, and a ledger's view that carries changes out in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from socrbot.campaign import Account, Campaign, Draft, Every, InSlot, Once, Post, Schedule, Slot, Text, Variant
from socrbot.clock import to_instant
from socrbot.delivery import Add, Cancel, Change, Delivery, Hold, Move, Release, Restore, State, Wanted, allowed
from socrbot.errors import Place, Problem, Severity
from socrbot.planning import Known, Plan, Planner

LONDON = ZoneInfo("Europe/London")
ALL_WEEK = tuple(range(7))


def wall(text: str) -> datetime:
    """A wall time."""
    return datetime.fromisoformat(text)


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    """An instant, from a wall time."""
    return to_instant(wall(text), zone)[0]


def utc(text: str) -> datetime:
    """An instant, from a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def once(*walls: str) -> Once:
    """One time."""
    return Once(tuple(datetime.fromisoformat(wall) for wall in walls), listed=len(walls) > 1)


def every(weekdays: Iterable[int], at_time: str, **more: object) -> Every:
    """Weekdays (0 is Monday) at a time of day."""
    return Every(weekdays=tuple(weekdays), at=time.fromisoformat(at_time), **more)  # type: ignore[arg-type]


def cron(text: str, *, until: date | None = None, count: int | None = None, since: date | None = None) -> Every:
    """A cron expression."""
    return Every(cron=text, until=until, count=count, since=since)


def post(name: str, schedule: Schedule | None = None, **more: object) -> Post:
    """A post in a file of its own; without a schedule a draft."""
    path = str(more.pop("path", f"posts/{name}.yaml"))
    place = Place(path, int(str(more.pop("line", 1))), 1)
    words = Text(f"Words of {name}", place)
    schedule = Draft() if schedule is None else schedule
    digest = f"{name}:{schedule}:{sorted(more.items())}"
    return Post(name, (words,), schedule, place, digest=digest, **more)  # type: ignore[arg-type]


def slot(name: str, schedule: Every) -> Slot:
    """A named weekly time."""
    return Slot(name, schedule, Place("config/campaign.yaml"))


def queued(name: str, **more: object) -> Post:
    """A post in the slot that is called weekly."""
    return post(name, InSlot("weekly"), **more)


TUESDAYS = slot("weekly", every([1], "08:30"))


def campaign(
    *posts: Post, accounts: Iterable[str] = ("x", "fb"), slots: Iterable[Slot] = (TUESDAYS,), **more: object
) -> Campaign:
    """A campaign with these posts, in London unless told otherwise."""
    settings: dict[str, object] = {"zone": LONDON, **more}
    return Campaign(
        name="Test",
        hashtag="#Test",
        language="en-GB",
        links={},
        facts={},
        accounts={name: Account(name, name, Place("config/accounts.yaml")) for name in accounts},
        slots={each.name: each for each in slots},
        posts={each.id: each for each in posts},
        digest="",
        **settings,  # type: ignore[arg-type]
    )


def problem(name: str) -> Problem:
    """An error in the post of this name."""
    place = Place(f"posts/{name}.yaml", 3, 5)
    return Problem(place, Severity.ERROR, "unknown-fact", "There is no such fact.", post=name)


def kinds(changes: tuple[object, ...]) -> list[type]:
    """The kinds of changes, in order."""
    return [type(change) for change in changes]


@dataclass
class View:
    """A ledger's view in memory: syncs carry a plan's changes out, as the ledger does, through the table of moves."""

    planner: Planner = field(default_factory=Planner)
    rows: dict[int, Delivery] = field(default_factory=dict)
    first_seen: dict[str, datetime] = field(default_factory=dict)
    last_sent: dict[str, datetime] = field(default_factory=dict)
    planned_until: datetime | None = None
    paused: bool = False

    def known(self) -> Known:
        return Known(
            deliveries=tuple(self.rows.values()),
            first_seen=dict(self.first_seen),
            planned_until=self.planned_until,
            paused_all=self.paused,
            last_sent=dict(self.last_sent),
        )

    def plan(
        self,
        of: Campaign,
        now: datetime,
        *,
        accounts: Iterable[str] | None = None,
        faulty: Mapping[str, Problem] | None = None,
        allow_mass_cancel: bool = False,
    ) -> Plan:
        return self.planner.plan(
            of,
            self.known(),
            now=now,
            accounts=frozenset(of.accounts if accounts is None else accounts),
            faulty=faulty or {},
            allow_mass_cancel=allow_mass_cancel,
        )

    def sync(self, of: Campaign, now: datetime, **more: object) -> Plan:
        """Plans, carries it out, and sees that planning once more has nothing to say."""
        made = self.plan(of, now, **more)  # type: ignore[arg-type]
        for change in made.changes:
            self._carry_out(change, now)
        for name in of.posts:
            self.first_seen.setdefault(name, now)
        self.planned_until = made.planned_until
        again = self.plan(of, now, **more)  # type: ignore[arg-type]
        assert again.changes == ()
        assert again.wanted == made.wanted
        return made

    def _carry_out(self, change: Change, now: datetime) -> None:
        match change:
            case Add(wanted):
                assert wanted.identity not in {(r.post, r.account, r.occurrence) for r in self.rows.values()}
                number = len(self.rows) + 1
                self.rows[number] = self._with(wanted, Delivery(number, *_head(wanted), **_times(wanted)), now)
            case Move(number, wanted, _):
                assert self.rows[number].state in (State.PLANNED, State.HELD)
                self.rows[number] = self._with(wanted, self.rows[number], now)
            case Restore(number, wanted):
                assert not self.rows[number].by_person
                self._to(number, State.PLANNED, now)
                self.rows[number] = self._with(wanted, self.rows[number], now)
            case Cancel(number, reason, detail):
                self._to(number, State.CANCELLED, now, reason=reason, detail=detail)
            case Hold(number, reason, detail):
                if self.rows[number].state is not State.HELD:
                    self._to(number, State.HELD, now)
                self.set(number, reason=reason, detail=detail)
            case Release(number, _):
                self._to(number, State.PLANNED, now, reason=None, detail=None)

    def _with(self, wanted: Wanted, row: Delivery, now: datetime) -> Delivery:
        return replace(row, path=wanted.path, line=wanted.line, changed_at=now, **_times(wanted))

    def _to(self, number: int, state: State, now: datetime, **more: object) -> None:
        assert allowed(self.rows[number].state, state)
        self.set(number, state=state, changed_at=now, **more)

    def set(self, number: int, **what: object) -> None:
        """Changes a row as a worker or a person would."""
        self.rows[number] = replace(self.rows[number], **what)  # type: ignore[arg-type]

    def row(self, name: str, account: str = "x", occurrence: str | None = None) -> Delivery:
        """The one delivery of a post on an account."""
        found = [
            row
            for row in self.rows.values()
            if (row.post, row.account) == (name, account) and occurrence in (None, row.occurrence)
        ]
        assert len(found) == 1, found
        return found[0]

    def put(self, name: str, account: str = "x", **what: object) -> None:
        """Changes the one delivery of a post on an account, as a worker or a person would."""
        self.set(self.row(name, account).id, **what)

    def times(self, account: str = "x", *, states: Iterable[State] = (State.PLANNED,)) -> dict[str, datetime]:
        """When each post is due on an account, by id, earliest first."""
        rows = [row for row in self.rows.values() if row.account == account and row.state in set(states)]
        return {row.post: row.due_at for row in sorted(rows, key=lambda row: (row.due_at, row.id))}

    def pass_on(self, now: datetime, *, pause: timedelta = timedelta(seconds=4)) -> list[Delivery]:
        """What is due goes out, a few seconds late, and what is too late is missed, as publishing does it."""
        done = []
        for row in list(self.rows.values()):
            if row.state is State.PLANNED and row.due_at <= now:
                late = row.grace_until < now
                self.set(row.id, state=State.MISSED if late else State.SENT, changed_at=now + pause)
                if not late:
                    self.last_sent[row.account] = now + pause
                done.append(self.rows[row.id])
        return done


def _head(wanted: Wanted) -> tuple[object, ...]:
    return (wanted.post, wanted.account, wanted.network, wanted.occurrence, wanted.kind, State.PLANNED)


def _times(wanted: Wanted) -> dict[str, datetime]:
    return {"nominal": wanted.nominal, "due_at": wanted.due_at, "grace_until": wanted.grace_until}


def without(post: Post, account: str) -> Post:
    """The post with one account or network left out by a variant."""
    return replace(post, variants={account: Variant(skip=True)}, digest=f"{post.digest}-{account}")
