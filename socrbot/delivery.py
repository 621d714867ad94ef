"""The life of a delivery: its states, the moves between them, and the next step after an outcome.

Pure: no clock, no database. The ledger carries the moves out, each as a compare-and-set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from socrbot import errors


class State(StrEnum):
    """Where a delivery is in its life."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    UNKNOWN = "unknown"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


S = State

# Every move there is. By a worker or the planner:
MOVES: frozenset[tuple[State, State]] = frozenset(
    {
        (S.PLANNED, S.CLAIMED),
        (S.PLANNED, S.HELD),
        (S.PLANNED, S.MISSED),
        (S.PLANNED, S.CANCELLED),
        (S.CLAIMED, S.SENDING),
        (S.CLAIMED, S.PLANNED),
        (S.CLAIMED, S.HELD),
        (S.CLAIMED, S.MISSED),
        (S.CLAIMED, S.FAILED),
        (S.CLAIMED, S.CANCELLED),
        (S.SENDING, S.SENT),
        (S.SENDING, S.PLANNED),
        (S.SENDING, S.FAILED),
        (S.SENDING, S.UNKNOWN),
        (S.UNKNOWN, S.SENT),
        (S.UNKNOWN, S.PLANNED),
        (S.UNKNOWN, S.FAILED),
        (S.HELD, S.PLANNED),
        (S.HELD, S.MISSED),
        (S.HELD, S.CANCELLED),
        (S.SENT, S.WITHDRAWN),
        # What an edit cancelled comes back when the post does. A person's cancel is not undone by the planner.
        (S.CANCELLED, S.PLANNED),
    }
)

# Only on a person's word:
MOVES_BY_PERSON: frozenset[tuple[State, State]] = frozenset(
    {
        (S.FAILED, S.PLANNED),
        (S.MISSED, S.PLANNED),
        (S.FAILED, S.SENT),
        (S.FAILED, S.WITHDRAWN),
    }
)

# Only on proof that came late: a receipt for a try that had been given up. What is public is sent.
MOVES_BY_PROOF: frozenset[tuple[State, State]] = frozenset(
    (before, S.SENT) for before in (S.PLANNED, S.CLAIMED, S.HELD, S.MISSED, S.FAILED, S.CANCELLED)
)

OPEN: frozenset[State] = frozenset({S.PLANNED, S.CLAIMED, S.SENDING, S.UNKNOWN, S.HELD})
SETTLED: frozenset[State] = frozenset(State) - OPEN
IN_FLIGHT: frozenset[State] = frozenset({S.CLAIMED, S.SENDING})


def allowed(before: State, after: State, *, by_person: bool = False, by_proof: bool = False) -> bool:
    """Whether a delivery may go from one state to the other."""
    move = (before, after)
    return move in MOVES or (by_person and move in MOVES_BY_PERSON) or (by_proof and move in MOVES_BY_PROOF)


class Kind(StrEnum):
    """What kind of schedule an occurrence comes from."""

    ONCE = "once"
    LIST = "list"
    EVERY = "every"
    SLOT = "slot"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One post on one account at one occurrence, as the ledger has it. Instants are aware UTC.

    occurrence     its key: "once", a wall time "2026-03-07T19:00", "slot:NAME", "now:..."
    nominal        the time in the plan before quiet hours and spacing moved it
    due_at         when it is to go out
    not_before     when it may be tried again after a wait; None: at due_at
    grace_until    after this it is too late
    attempts       tries so far
    parts_out      how many parts are public
    reason         a stable code of why it is held, failed, missed or cancelled
    detail         the same in a sentence
    urgent         a person asked for it now: passes slots, spacing, quiet hours and a pause
    by_person      its state was set by a person; a sync leaves it alone
    path, line     where the post stood when it was last planned
    """

    id: int
    post: str
    account: str
    network: str
    occurrence: str
    kind: Kind
    state: State
    nominal: datetime
    due_at: datetime
    grace_until: datetime
    not_before: datetime | None = None
    attempts: int = 0
    parts_out: int = 0
    reason: str | None = None
    detail: str | None = None
    urgent: bool = False
    by_person: bool = False
    path: str = ""
    line: int = 0
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the files say should be: one post on one account at one occurrence. Instants are aware UTC."""

    post: str
    account: str
    network: str
    occurrence: str
    kind: Kind
    nominal: datetime
    due_at: datetime
    grace_until: datetime
    path: str
    line: int

    @property
    def identity(self) -> tuple[str, str, str]:
        """(post, account, occurrence): unique in a ledger for ever."""
        return (self.post, self.account, self.occurrence)


@dataclass(frozen=True, slots=True)
class Add:
    """A delivery that the ledger does not have yet."""

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Move:
    """A planned or held delivery gets another time (or another place in the files)."""

    id: int
    wanted: Wanted
    why: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """A planned or held delivery that the files no longer want."""

    id: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A planned (or already held) delivery must not go out for now."""

    id: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Release:
    """The reason why a delivery was held is gone."""

    id: int
    why: str


@dataclass(frozen=True, slots=True)
class Restore:
    """A delivery that an edit had cancelled (never one that a person cancelled) is wanted again, before its time."""

    id: int
    wanted: Wanted


Change = Add | Move | Cancel | Hold | Release | Restore


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that one worker holds for a while. `token` is new for each claim.

    `taken` is the worker's monotonic clock (seconds) at the claim, `lease` how long it lasts.
    """

    delivery: Delivery
    token: str
    worker: str
    lease: timedelta
    taken: float

    def age_left(self, monotonic: float) -> float:
        """Seconds until the lease runs out, by the worker's own monotonic clock."""
        return self.lease.total_seconds() - (monotonic - self.taken)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait after a try that did not go out, and when to give up.

    The wait doubles from `first` to at most `longest`. The network's own word (`retry_at`) wins where it is later.
    """

    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=30)
    attempts: int = 60

    def wait(self, attempts: int) -> timedelta:
        """The wait after `attempts` tries (at least 1)."""
        doublings = max(0, min(attempts - 1, 20))
        return min(self.first * (1 << doublings), self.longest)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to: the state that the delivery goes to, why, and when to try again.

    `stop_account` is a sentence when the account's credentials are to blame; `account_until` (aware UTC) when
    the whole account has to wait. `data` is what the log keeps of the network's answer.
    """

    state: State
    reason: str
    detail: str
    not_before: datetime | None = None
    stop_account: str | None = None
    account_until: datetime | None = None
    data: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def after_error(
    error: errors.NetworkError, *, attempts: int, now: datetime, backoff: Backoff, acted: bool, doubted: bool = False
) -> Outcome:
    """The next step after a call to the network failed.

    `attempts` counts this try. `acted` is True once the publishing call may have begun; before that nothing
    can be public, so even a lost answer means "not sent". `doubted` is True when the answer to an earlier try of this
    delivery was lost: then "it is there already" is evidence that the earlier try went out.
    """
    data = {"status": error.status, "code": error.code}
    match error:
        case errors.Unauthorised():
            return Outcome(S.FAILED, "unauthorised", str(error), stop_account=str(error), data=data)
        case errors.Refused(duplicate=True) if doubted:
            return Outcome(S.UNKNOWN, "duplicate-answer", str(error), data=data)
        case errors.Refused():
            return Outcome(S.FAILED, "refused", str(error), data=data)
        case errors.OutcomeUnknown() if acted:
            return Outcome(S.UNKNOWN, "answer-lost", str(error), data=data)
    retry_at = error.retry_at if isinstance(error, errors.NotSent) else None
    whole = isinstance(error, errors.NotSent) and error.whole_account
    if attempts >= backoff.attempts:
        return Outcome(S.FAILED, "attempts-used-up", str(error), data=data)
    wait_until = max(now + backoff.wait(attempts), retry_at or now)
    return Outcome(
        S.PLANNED,
        "not-sent",
        str(error),
        not_before=wait_until,
        account_until=wait_until if whole else None,
        data=data,
    )
