"""The small records in which the ledger answers. Instants are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from socrbot.delivery import Delivery, State
from socrbot.message import Identity, Metrics, Receipt


@dataclass(frozen=True, slots=True)
class Pause:
    """Somebody said: nothing goes out. `account` is None where it concerns all of them."""

    account: str | None
    reason: str
    by: str
    since: datetime


@dataclass(frozen=True, slots=True)
class AccountRow:
    """What the ledger knows of an account.

    live_at         since when it may publish; None: nobody has said `go-live`
    identity        who its credentials spoke for then
    stopped_reason  why it was stopped (its credentials no longer work); None while it works
    wait_until      the network asked for quiet until then
    access_ends_at  when its access ends, as far as its network said
    access_looked_at  when it was last asked
    compare_since   its posts since then are compared with the plan before it speaks; None: there is nothing to compare
    compare_trouble why that could not be done
    paused          the pause that concerns it, its own or that of all
    """

    id: str
    network: str
    first_seen_at: datetime
    live_at: datetime | None = None
    live_by: str | None = None
    identity: Identity | None = None
    stopped_at: datetime | None = None
    stopped_reason: str | None = None
    wait_until: datetime | None = None
    last_sent_at: datetime | None = None
    access_ends_at: datetime | None = None
    access_looked_at: datetime | None = None
    compare_since: datetime | None = None
    compare_trouble: str | None = None
    paused: Pause | None = None


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a delivery: waiting, sending, sent, failed or unknown.

    `receipt` is there once it went out; `gone_at` when it was deleted from the network on purpose.
    """

    number: int
    state: str
    key: str
    receipt: Receipt | None = None
    sent_at: datetime | None = None
    gone_at: datetime | None = None

    @property
    def is_public(self) -> bool:
        """Whether it went out and has not been deleted."""
        return self.receipt is not None and self.gone_at is None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try to send one part: what was to go out, and what came of it.

    state           open (no answer yet), unknown (the answer is lost), sent, not-sent, failed
    payload         what was about to be sent, exactly; `intent_digest` is its SHA-256
    cost            what the network charges for it by the campaign's prices, in US dollars; None where nothing
    wording_digest  that of the message
    shown           the same for people: text, link, media
    receipt         what the network gave back
    """

    id: int
    delivery_id: int
    number: int
    part: int
    parts: int
    state: str
    key: str
    worker: str
    started_at: datetime
    ended_at: datetime | None
    payload: Mapping[str, object]
    intent_digest: str
    wording_digest: str
    facts: Sequence[Mapping[str, object]]
    shown: Mapping[str, object]
    reply_to: Receipt | None
    receipt: Receipt | None
    reason: str | None
    detail: str | None
    data: Mapping[str, object]
    looks: int
    next_look_at: datetime | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A delivery of which nobody knows whether it went out, with the try whose answer was lost.

    looks           how often it was looked for
    absent_looks    how often in a row the network showed that it is not there
    next_look_at    when to look again
    """

    delivery: Delivery
    attempt_id: int
    part: int
    parts: int
    payload: Mapping[str, object]
    key: str
    started_at: datetime
    reply_to: Receipt | None
    looks: int
    absent_looks: int
    next_look_at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of history. `action` is a stable word; `before` and `after` are None where no state changed."""

    id: int
    at: datetime
    action: str
    delivery_id: int | None
    account: str | None
    before: State | None
    after: State | None
    reason: str | None
    detail: str | None
    by: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reading:
    """How people took one part of a delivery, when the network was asked."""

    delivery_id: int
    part: int
    at: datetime
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of one delivery, oldest first."""

    delivery: Delivery
    parts: tuple[PartRow, ...]
    attempts: tuple[AttemptRow, ...]
    events: tuple[Event, ...]
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries are wanted, all conditions together.

    `since` (inclusive) and `until` (exclusive) look at the due time. `limit` None: all of them.
    """

    account: str | None = None
    post: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    states: frozenset[State] | None = None
    ids: Sequence[int] | None = None
    reason: str | None = None
    limit: int | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that publishes, and when it last gave a sign of life."""

    name: str
    started_at: datetime
    beat_at: datetime


# How soon after one post the next may follow on an account, by account; an account that is not there has no spacing.
Spacing = Mapping[str, timedelta]
