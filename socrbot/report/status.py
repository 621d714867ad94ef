"""What `socrbot status` and the log page say of the present: accounts, what waits, what needs a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from socrbot.delivery import Delivery, State
from socrbot.ledger import AccountRow, Filter, Ledger, Worker
from socrbot.report import words

# A worker that has been silent for longer than this is not working.
SILENT = timedelta(minutes=2)
# How far back failures and missed posts are counted as news.
NEWS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with a table, or with sentences, below it."""

    title: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """The present as the ledger has it. `counts` is by account and state; news of the last seven days only."""

    now: datetime
    zone: ZoneInfo
    accounts: Sequence[AccountRow]
    counts: Mapping[str, Mapping[State, int]]
    for_a_person: Sequence[Delivery]
    coming: Sequence[Delivery]
    worker: Worker | None
    asks: str | None

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to look."""
        return bool(self.for_a_person or self.asks or any(account.stopped_reason for account in self.accounts))

    def as_data(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "now": self.now.isoformat(),
            "last_seen": self.worker.beat_at.isoformat() if self.worker else None,
            "asks": self.asks,
            "accounts": [
                {
                    "id": account.id,
                    "network": account.network,
                    "live": account.live_at is not None,
                    "paused": account.paused.reason if account.paused else None,
                    "stopped": account.stopped_reason,
                    "waits_until": account.wait_until.isoformat() if account.wait_until else None,
                    "counts": {str(state): n for state, n in self.counts.get(account.id, {}).items()},
                }
                for account in self.accounts
            ],
            "needs_a_person": [delivery_data(delivery) for delivery in self.for_a_person],
            "coming": [delivery_data(delivery) for delivery in self.coming],
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
    workers = sorted(ledger.workers(), key=lambda worker: worker.beat_at)
    return Status(
        now=now,
        zone=zone_of(ledger),
        accounts=ledger.accounts(),
        counts=ledger.counts_by_account(since=now - NEWS),
        for_a_person=[*waiting, *recent],
        coming=ledger.deliveries(Filter(states=frozenset({State.PLANNED}), limit=10)),
        worker=workers[-1] if workers else None,
        asks=ledger.meta("asks") or None,
    )


def shown(status: Status) -> Iterator[Block]:
    """The status as blocks of words."""
    yield Block("The bot", lines=(_alive(status), *((status.asks,) if status.asks else ())))
    yield Block(
        "Accounts",
        ("Account", "May publish", "Due or waiting", "Held back", "Sent", "Not sent", "Too late", "We don't know"),
        tuple(_account(status, account) for account in status.accounts),
    )
    if status.for_a_person:
        yield Block(
            "Needs a person",
            ("Number", "Due", "Account", "Post", "State", "Why", "What to do"),
            tuple(_trouble(status, delivery) for delivery in status.for_a_person),
        )
    else:
        yield Block("Needs a person", lines=("Nothing does.",))
    yield Block(
        "What comes next",
        ("Number", "Due", "Account", "Post"),
        tuple((str(d.id), words.when(d.due_at, status.zone, status.now), d.account, d.post) for d in status.coming),
        () if status.coming else ("Nothing is planned.",),
    )


def _alive(status: Status) -> str:
    if status.worker is None:
        return "The bot has not run yet. Start it with: socrbot run"
    silence = status.now - status.worker.beat_at
    if silence > SILENT:
        return f"NOT RUNNING: last seen {words.ago(silence)}. Start it with: socrbot run (or check the cron line)."
    return f"Running: last seen {words.ago(silence)}."


def _account(status: Status, account: AccountRow) -> tuple[str, ...]:
    counts = status.counts.get(account.id, {})

    def number(*states: State) -> str:
        return str(sum(counts.get(state, 0) for state in states))

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
    if account.wait_until and account.wait_until > now:
        return f"yes, but the network asks us to wait until {words.when(account.wait_until, zone, now)}"
    return "yes"


def _trouble(status: Status, delivery: Delivery) -> tuple[str, ...]:
    why = words.reason(delivery.reason, delivery.detail)
    return (
        str(delivery.id),
        words.when(delivery.due_at, status.zone, status.now),
        delivery.account,
        delivery.post,
        words.state(delivery.state).short,
        why.means,
        why.todo or words.state(delivery.state).todo,
    )


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
