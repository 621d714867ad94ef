"""What `socrbot status` and the log page say of the present: accounts, what waits, what needs a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from socrbot.delivery import Delivery, State
from socrbot.ledger import AGAIN, BY_HAND, AccountRow, Filter, Ledger, Worker
from socrbot.ledger.records import Pause
from socrbot.report import words

# After this long without a pass the bot is not running as a service; with cron that can be right.
SILENT = timedelta(minutes=2)
# After this long it is not running at all.
GONE = timedelta(hours=1)
# How far back failures and missed posts are counted as news.
NEWS = timedelta(days=7)
# Access that ends within this time is worth a word.
ENDS_SOON = timedelta(days=10)
PUBLIC = frozenset({State.SENT, State.FAILED})


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with a table, or with sentences, below it."""

    title: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """The present as the ledger has it. `counts` is by account and state; news of the last seven days only.

    asks       a question of the bot to a person
    trouble    why the bot cannot do its work, in a sentence
    away       ids of accounts that are not connected
    """

    now: datetime
    zone: ZoneInfo
    accounts: Sequence[AccountRow]
    counts: Mapping[str, Mapping[State, int]]
    for_a_person: Sequence[Delivery]
    coming: Sequence[Delivery]
    worker: Worker | None
    pauses: Sequence[Pause]
    asks: str | None
    trouble: str | None
    away: Sequence[str] = ()

    @property
    def gone(self) -> bool:
        """Whether the bot does not run although something is planned."""
        return bool(self.worker and self.coming) and self.silence > GONE

    @property
    def silence(self) -> timedelta:
        """How long ago the bot gave a sign of life; nothing where it never did."""
        return max(self.now - self.worker.beat_at, timedelta(0)) if self.worker else timedelta(0)

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to look."""
        stopped = any(account.stopped_reason for account in self.accounts)
        return bool(self.for_a_person or self.asks or self.trouble or stopped or self.gone or self.access_ends)

    @property
    def access_ends(self) -> bool:
        """Whether an account's access ends so soon that somebody should renew it."""
        ends = [account.access_ends_at for account in self.accounts if account.access_ends_at and account.live_at]
        return any(end - self.now <= ENDS_SOON for end in ends)

    def as_data(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "now": self.now.isoformat(),
            "last_seen": self.worker.beat_at.isoformat() if self.worker else None,
            "asks": self.asks,
            "trouble": self.trouble,
            "pauses": [
                {"account": pause.account, "by": pause.by, "reason": pause.reason, "since": pause.since.isoformat()}
                for pause in self.pauses
            ],
            "accounts": [self._account_data(account) for account in self.accounts],
            "needs_a_person": [delivery_data(delivery) for delivery in self.for_a_person],
            "coming": [delivery_data(delivery) for delivery in self.coming],
        }

    def _account_data(self, account: AccountRow) -> dict[str, object]:
        return {
            "id": account.id,
            "network": account.network,
            "live": account.live_at is not None,
            "paused": account.paused.reason if account.paused else None,
            "stopped": account.stopped_reason,
            "access_ends": account.access_ends_at.isoformat() if account.access_ends_at else None,
            "waits_until": account.wait_until.isoformat() if account.wait_until else None,
            "counts": {str(state): number for state, number in self.counts.get(account.id, {}).items()},
        }


def zone_of(ledger: Ledger) -> ZoneInfo:
    """The campaign's time zone, as the ledger last heard of it."""
    return ZoneInfo(ledger.meta("zone") or "Europe/London")


def read(ledger: Ledger) -> Status:
    """Asks the ledger for all that a status needs."""
    now = ledger.now()
    troubled = frozenset({State.FAILED, State.MISSED})
    waiting = ledger.deliveries(Filter(states=frozenset({State.UNKNOWN, State.HELD}), limit=200))
    recent = ledger.deliveries(Filter(states=troubled, since=now - NEWS, limit=200))
    unwanted = [one for why in (BY_HAND, AGAIN) for one in ledger.deliveries(Filter(states=PUBLIC, reason=why))]
    workers = ledger.workers()
    return Status(
        now=now,
        zone=zone_of(ledger),
        accounts=ledger.accounts(),
        counts=ledger.counts_by_account(since=now - NEWS),
        for_a_person=list(dict.fromkeys([*unwanted, *waiting, *recent])),
        coming=ledger.deliveries(Filter(states=frozenset({State.PLANNED}), limit=10)),
        worker=workers[0] if workers else None,
        pauses=ledger.pauses(),
        asks=ledger.meta("asks") or None,
        trouble=ledger.meta("trouble") or None,
        away=tuple((ledger.meta("not_connected") or "").split()),
    )


def nothing_yet() -> Block:
    """The status where there is no ledger yet."""
    return Block(
        "Nothing has been planned yet",
        lines=(
            "Look whether the files are right: socrbot check",
            "See what would go out and when: socrbot plan",
            "Start the bot: socrbot run",
        ),
    )


def shown(status: Status) -> Iterator[Block]:
    """The status as blocks of words, what matters most first."""
    yield Block("The bot", lines=tuple(_bot(status)))
    if status.for_a_person:
        yield Block(
            "Needs a person",
            ("Number", "Due", "Account", "Post", "State", "Why", "What to do"),
            tuple(_trouble(status, group) for group in alike(status.for_a_person)),
        )
    elif status.asks or status.trouble:
        yield Block("Needs a person", lines=("Yes: see above.",))
    else:
        yield Block("Needs a person", lines=("Nothing does.",))
    yield Block(
        "Accounts (sent, not sent and too late: the last 7 days)",
        ("Account", "May publish", "Waiting", "Held back", "Sent", "Not sent", "Too late", "We don't know"),
        tuple(_account(status, account) for account in status.accounts),
        not_connected(status)
        if status.accounts
        else ("None yet: nothing has been planned. Set one up with: socrbot connect bluesky (or x, or facebook)",),
    )
    yield Block(
        "What comes next",
        ("Number", "Due", "Account", "Post"),
        tuple((str(d.id), words.when(d.due_at, status.zone, status.now), d.account, d.post) for d in status.coming),
        () if status.coming else ("Nothing is planned. What the files say: socrbot plan",),
    )


def _bot(status: Status) -> Iterator[str]:
    yield alive(status)
    if status.trouble:
        yield f"IT CANNOT WORK: {status.trouble}"
    if status.asks and (is_question(status.asks) or not status.trouble):
        yield f"{'IT ASKS' if is_question(status.asks) else 'IT CANNOT WORK'}: {question(status.asks)}"
    yield from (pause_line(pause, status.zone, status.now) for pause in status.pauses)


def not_connected(status: Status) -> tuple[str, ...]:
    """The accounts to which nothing can go out, as a sentence; nothing where there are none."""
    names = ", ".join(status.away)
    return (f"Not connected, so nothing goes out there: {names}. What is missing: socrbot doctor",) if names else ()


def is_question(asks: str) -> bool:
    """Whether a person has to answer; else it is a trouble, of which there is nothing to ask."""
    return asks.endswith("?")


def question(asks: str) -> str:
    """What the bot asks, and how a person answers."""
    return f"{asks} If so: socrbot confirm-plan. If not, put the files back." if is_question(asks) else asks


def paused(ledger: Ledger) -> list[str]:
    """What is paused now, a sentence for each pause."""
    zone, now = zone_of(ledger), ledger.now()
    return [pause_line(pause, zone, now) for pause in ledger.pauses()]


def pause_line(pause: Pause, zone: ZoneInfo, now: datetime) -> str:
    """One pause in words, and how it ends."""
    end = f"socrbot resume --account {pause.account}" if pause.account else "socrbot resume"
    since = words.when(pause.since, zone, now)
    return (
        f"PAUSED: {pause.account or 'everything'}, by {pause.by}, since {since} ({pause.reason}). Nothing more of it "
        f"goes out until: {end}"
    )


def alive(status: Status) -> str:
    """Whether the bot runs, in a sentence."""
    if status.worker is None:
        return "The bot has not run yet. Start it with: socrbot run"
    if status.silence <= SILENT:
        return f"Running: last seen {words.ago(status.silence)}."
    if status.silence <= GONE:
        return (
            f"Not running just now: last seen {words.ago(status.silence)}. Between two passes of cron that is right. "
            "Otherwise start it with: socrbot run"
        )
    return f"NOT RUNNING: last seen {words.ago(status.silence)}. Start it with: socrbot run (or look at the cron line)."


def _account(status: Status, account: AccountRow) -> tuple[str, ...]:
    counts = status.counts.get(account.id, {})

    def number(*states: State) -> str:
        return str(sum(counts.get(state, 0) for state in states) or "")

    return (
        account.id,
        standing(account, status.zone, status.now),
        number(State.PLANNED, State.CLAIMED, State.SENDING),
        number(State.HELD),
        number(State.SENT, State.WITHDRAWN),
        number(State.FAILED),
        number(State.MISSED),
        number(State.UNKNOWN),
    )


def standing(account: AccountRow, zone: ZoneInfo, now: datetime) -> str:
    """Whether an account may publish, in words."""
    if account.stopped_reason:
        return f"no, stopped: {account.stopped_reason}"
    if account.paused:
        return f"no, paused by {account.paused.by}: {account.paused.reason}"
    if account.network != "outbox" and account.live_at is None:
        return f"no, not live yet: socrbot go-live {account.id}"
    if account.compare_since is not None:
        return f"not yet: {account.compare_trouble or 'what it said lately is compared with the plan first'}"
    if account.access_ends_at is not None and account.access_ends_at - now <= ENDS_SOON:
        ends = words.when(account.access_ends_at, zone, now)
        return f"yes, but its access ends {ends}. Before that: socrbot connect {account.network}"
    if account.wait_until and account.wait_until > now:
        return f"yes, but the network asks us to wait until {words.when(account.wait_until, zone, now)}"
    return "yes"


def alike(deliveries: Iterable[Delivery]) -> list[list[Delivery]]:
    """Those that wait on one account for the same reason together, all others by themselves."""
    groups: dict[tuple[object, ...], list[Delivery]] = {}
    for delivery in deliveries:
        same = (delivery.account, delivery.reason, delivery.detail)
        groups.setdefault(same if delivery.state is State.HELD else (delivery.id,), []).append(delivery)
    return list(groups.values())


def _trouble(status: Status, group: Sequence[Delivery]) -> tuple[str, ...]:
    first = group[0]
    return (
        ", ".join(str(delivery.id) for delivery in group),
        words.when(first.due_at, status.zone, status.now) + (" (the first)" if len(group) > 1 else ""),
        first.account,
        ", ".join(dict.fromkeys(delivery.post for delivery in group)),
        words.state(first.state).short,
        words.reason(first.reason, first.detail).means if first.reason else words.state(first.state).means,
        todo(first, number=None if len(group) == 1 else "NUMBER"),
    )


def todo(delivery: Delivery, *, number: str | None = None) -> str:
    """What to do about a delivery, with its own number, account and network in the commands.

    `number` stands in the place of the delivery's own, where the same is to be done about several.
    """
    number = number or str(delivery.id)
    only = f" --account {delivery.account}" if delivery.account != delivery.network else ""
    exact = {
        "`socrbot retry`": f"`socrbot retry {number}`",
        "`socrbot settle`": f"`socrbot settle {number}`",
        "`socrbot settle --sent ADDRESS`": f"`socrbot settle {number} --sent ADDRESS`",
        "`--not-sent`": f"`socrbot settle {number} --not-sent`",
        "`socrbot withdraw --by-hand`": f"`socrbot withdraw {number} --by-hand --reason WHY`",
        "`socrbot withdraw`": f"`socrbot withdraw {number} --reason WHY`",
        "`socrbot cancel`": f"`socrbot cancel {number} --reason WHY`",
        "`socrbot log`": f"`socrbot log {number}`",
        "`socrbot go-live ACCOUNT`": f"`socrbot go-live {delivery.account}`",
        "`socrbot connect NETWORK`": f"`socrbot connect {delivery.network}{only}`",
    }
    said = words.reason(delivery.reason).todo or words.state(delivery.state).todo
    for general, command in exact.items():
        said = said.replace(general, command)
    return said


def delivery_data(delivery: Delivery) -> dict[str, object]:
    """A delivery for programs: plain values under stable names."""
    return {
        "id": delivery.id,
        "post": delivery.post,
        "account": delivery.account,
        "network": delivery.network,
        "occurrence": delivery.occurrence,
        "state": str(delivery.state),
        "due_at": delivery.due_at.isoformat(),
        "reason": delivery.reason,
        "detail": delivery.detail,
        "attempts": delivery.attempts,
        "parts_out": delivery.parts_out,
        "urgent": delivery.urgent,
    }
