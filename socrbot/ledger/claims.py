"""A worker takes a delivery in hand, and commits what it is about to send before it sends it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from socrbot.clock import as_utc
from socrbot.delivery import Claim, Delivery, State
from socrbot.errors import LedgerError, Lost
from socrbot.ledger.ageing import said_public
from socrbot.ledger.base import ALL, Base
from socrbot.ledger.engine import Database
from socrbot.ledger.gates import gate, openings
from socrbot.ledger.planning import hold
from socrbot.ledger.prepared import Prepared
from socrbot.ledger.receipts import pack_receipt
from socrbot.ledger.records import Spacing
from socrbot.ledger.schema import (
    IN_FLIGHT,
    PLANNED,
    URGENT,
    UtcDateTime,
    accounts,
    attempts,
    clean,
    dumps,
    parts,
    pauses,
    steps,
)
from socrbot.ledger.transaction import COLUMNS, THE_ID, D, Transaction, delivery
from socrbot.message import Receipt

if TYPE_CHECKING:
    from socrbot.rules import Held

S = State
# Made once, as in transaction.py.
_GATE = Prepared(
    sa.select(accounts.c.id, accounts.c.stopped_at, accounts.c.wait_until, accounts.c.last_sent_at)
    .where(accounts.c.id == sa.bindparam("the_account"))
    .with_for_update(key_share=True, skip_locked=True)
)
_IN_HAND = sa.exists().where(IN_FLIGHT, D.account == sa.bindparam("the_account"))
_PAUSED = sa.exists().where(sa.or_(pauses.c.scope == ALL, pauses.c.scope == sa.bindparam("the_account")))
_HINDERED = Prepared(sa.select(_IN_HAND.label("busy"), _PAUSED.label("paused")))
_THE_PART = (parts.c.delivery_id == THE_ID, parts.c.number == sa.bindparam("the_part"))
_CHANGE_PART = Prepared(sa.update(parts).where(*_THE_PART))
_ADD_PART = Prepared(sa.insert(parts))
_OPEN = Prepared(sa.select(attempts.c.id).where(attempts.c.delivery_id == THE_ID, attempts.c.state == "open").limit(1))
_HIGHEST = sa.select(sa.func.max(attempts.c.number)).where(attempts.c.delivery_id == THE_ID)
# Everything that an intent looks at, in one question: the account, its pauses, the part, and how often it was tried.
_STANDING = Prepared(
    sa.select(
        accounts.c.stopped_reason,
        accounts.c.live_at,
        _PAUSED.label("paused"),
        sa.select(parts.c.state).where(*_THE_PART).scalar_subquery().label("part_state"),
        _HIGHEST.scalar_subquery().label("highest"),
    ).where(accounts.c.id == sa.bindparam("the_account"))
)
_ADD_ATTEMPT = Prepared(sa.insert(attempts).returning(attempts.c.id))


_THE_STEP = (
    steps.c.delivery_id == THE_ID,
    steps.c.part == sa.bindparam("the_part"),
    steps.c.name == sa.bindparam("the_name"),
)
_LASTS = sa.or_(steps.c.expires_at.is_(None), steps.c.expires_at > sa.bindparam("the_instant"))
_STEP = Prepared(sa.select(steps.c.value).where(*_THE_STEP, _LASTS))
_FORGET_STEP = Prepared(sa.delete(steps).where(*_THE_STEP))
_ADD_STEP = Prepared(sa.insert(steps))


def _first_of(which: sa.ColumnElement[bool]) -> Prepared:
    """The next delivery of an account at an instant."""
    now = sa.bindparam("the_instant", type_=UtcDateTime())
    waited = sa.or_(D.not_before.is_(None), D.not_before <= now)
    return Prepared(
        sa.select(*COLUMNS)
        .where(which, D.account == sa.bindparam("the_account"), D.due_at <= now, D.grace_until >= now, waited)
        .order_by(D.due_at, D.id)
        .limit(1)
        .with_for_update(key_share=True, skip_locked=True)
    )


_FIRST = _first_of(PLANNED)
_FIRST_URGENT = _first_of(URGENT)


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be sent; the fields of `Claims.intend`."""

    part: int
    parts: int
    key: str
    payload: Mapping[str, object]
    wording_digest: str
    facts: Sequence[Mapping[str, object]]
    shown: Mapping[str, object]
    reply_to: Receipt | None
    cost: float | None


class Claims(Base):
    """From due to the first byte."""

    def due_accounts(self, now: datetime, *, spacing: Spacing | None = None) -> list[str]:
        """The accounts that have something to send now. With `spacing` the distance between two posts is counted in."""
        return [account for account, instant in self.openings(now, spacing=spacing).items() if instant <= as_utc(now)]

    def openings(self, now: datetime, *, spacing: Spacing | None = None) -> dict[str, datetime]:
        """When each account may next take something in hand (UTC; past: now); not those where nothing waits for that.

        With `spacing` the distance between two posts is counted in.
        """
        with self._db.read() as connection:
            return openings(connection, as_utc(now), spacing or {})

    def claim(
        self, account: str, *, worker: str, lease: timedelta, spacing: timedelta, now: datetime, monotonic: float
    ) -> Claim | None:
        """Takes the account's next due delivery in hand for `lease`; None where there is none.

        None as well while one of the account is in hand, while the account is stopped or told to wait, and, unless the
        delivery is urgent, while it is paused or `spacing` since its last post has not passed. They come by due time.
        `monotonic` is the worker's own clock (seconds), by which it will know how long its claim lasts.
        """
        now = as_utc(now)
        try:
            with self._change(now, worker, short=True) as change:
                found = _next(change, account, now, spacing)
                if found is None:
                    return None
                token = uuid.uuid4().hex
                until = self._db.now(change.connection) + lease
                hands: dict[str, Any] = {"token": token, "worker": worker, "lease_until": until}
                taken = change.move(found, S.CLAIMED, "claimed", **hands)
                return Claim(taken, token, worker, lease, monotonic)
        except LedgerError as error:
            if isinstance(error.__cause__, IntegrityError):
                return None
            raise

    def hold(self, what: Claim | int, reason: str, detail: str, *, now: datetime, by: str) -> None:
        """Holds a claimed delivery, or a planned or held one by its id; what is held for that already stays as it is.

        A claim between two parts of a thread is held as well. Raises Lost where the claim is void.
        """
        with self._change(now, by) as change:
            if isinstance(what, Claim):
                put_back(change, _mine(change, what), what.token, held=(reason, detail))
                return
            was = change.find(what)
            if was.state not in (S.PLANNED, S.HELD):
                raise LedgerError(f"Delivery {was.id} is {was.state}; only what waits can be held.")
            hold(change, was, reason, detail)

    def release_claim(self, claim: Claim, *, now: datetime) -> None:
        """Gives a claim back unused: the delivery is planned again. Raises Lost where the claim is void."""
        with self._change(now, claim.worker) as change:
            put_back(change, _mine(change, claim), claim.token)

    def steps(self, claim: Claim, part: int) -> KeptSteps:
        """Where remote ids of preparing steps of this part are kept."""
        return KeptSteps(self._db, claim, part)

    def intend(  # noqa: PLR0913 - all that must be known of a sending, named one by one
        self,
        claim: Claim,
        *,
        part: int,
        parts: int,
        key: str,
        payload: Mapping[str, object],
        wording_digest: str,
        facts: Sequence[Mapping[str, object]],
        shown: Mapping[str, object],
        needs_live: bool,
        now: datetime,
        reply_to: Receipt | None = None,
        guards: int | None = None,
        cost: float | None = None,
    ) -> int | Held:
        """Commits what is about to be sent, as the last thing before the first byte. Returns the attempt's id.

        In the same transaction it looks again whether the delivery may go out: pause, go-live, a stopped account, its
        grace, and whether the guard version is still `guards`. If not, it is held (or planned again, where the guards
        only have to look once more, or it is too late), and the reason is returned. The claim's time begins anew.
        Raises Lost where it is void. `cost` is what the network charges for it, in US dollars.
        """
        with self._change(now, claim.worker, short=True) as change:
            version = change.guard_version(lock=True)
            was = _mine(change, claim)
            about = {"the_account": was.account, "the_id": was.id, "the_part": part}
            standing = _STANDING.row(change.connection, about)
            against = _against(was, standing, needs_live=needs_live)
            if against is not None:
                put_back(change, was, claim.token, held=against)
                return _held(against)
            reason = _not_yet(change, was, part, standing, changed=guards is not None and guards != version)
            if reason is not None:
                put_back(change, was, claim.token, why=reason)
                return _held(reason)
            what = Intent(part, parts, key, payload, wording_digest, facts, shown, reply_to, cost)
            until = self._db.now(change.connection) + claim.lease
            return _begin(change, was, claim, what, number=(standing.highest or 0) + 1, until=until)


class KeptSteps:
    """Remote ids of one part, committed one by one. They outlive the claim: the next try finds them."""

    def __init__(self, db: Database, claim: Claim, part: int) -> None:
        self._db = db
        self._claim = claim
        self._part = part

    def get(self, name: str) -> str | None:
        """The id kept under `name` for this part, unless it has run out."""
        with self._db.read() as connection:
            mine = {**self._named(name), "the_instant": self._db.clock.now()}
            value: str | None = _STEP.scalar(connection, mine)
            return value

    def keep(self, name: str, value: str, *, expires_at: datetime | None = None) -> None:
        """Keeps an id; committed when this returns. Raises Lost where the claim is void."""
        now = self._db.clock.now()
        with self._db.write() as connection:
            _mine(Transaction(connection, now, self._claim.worker), self._claim)
            _FORGET_STEP.change(connection, self._named(name))
            row = {"delivery_id": self._claim.delivery.id, "part": self._part, "name": name, "value": value}
            _ADD_STEP.change(connection, {**row, "kept_at": now, "expires_at": expires_at})

    def _named(self, name: str) -> dict[str, Any]:
        return {"the_id": self._claim.delivery.id, "the_part": self._part, "the_name": name}


def _held(reason: tuple[str, str]) -> Held:
    from socrbot.rules import Held

    return Held(*reason)


def _next(change: Transaction, account: str, now: datetime, spacing: timedelta) -> Delivery | None:
    row = _GATE.row(change.connection, {"the_account": account})
    if row is None:
        return None
    hindered = _HINDERED.row(change.connection, {"the_account": account})
    busy, paused = ([account] if yes else [] for yes in (hindered.busy, hindered.paused))
    open_to = gate(row, now, busy=busy, paused=paused, spacing=spacing)
    if open_to.ordinary is not None and open_to.ordinary <= now:
        return _first(change, account, now, _FIRST)
    if open_to.urgent is not None and open_to.urgent <= now:
        return _first(change, account, now, _FIRST_URGENT)
    return None


def _first(change: Transaction, account: str, now: datetime, query: Prepared) -> Delivery | None:
    row = query.row(change.connection, {"the_account": account, "the_instant": now})
    return None if row is None else delivery(row)


def _mine(change: Transaction, claim: Claim) -> Delivery:
    was = change.claimed(claim.delivery.id, claim.token)
    if was is None:
        raise Lost(f"Delivery {claim.delivery.id} is no longer in the hands of {claim.worker}.")
    return was


def put_back(
    change: Transaction,
    was: Delivery,
    token: str,
    *,
    why: tuple[str, str] | None = None,
    held: tuple[str, str] | None = None,
) -> None:
    """Ends a claim before anything (or any more) was sent: planned again, and then held where `held` says why."""
    reason, detail = why or (None, None)
    if held is not None and was.state is S.CLAIMED:
        change.move(was, S.HELD, "held", under=token, reason=held[0], detail=held[1])
        return
    if was.state is S.SENDING and _open_attempt(change, was):
        raise LedgerError(f"Delivery {was.id} is going out right now.")
    back = change.move(was, S.PLANNED, "released", under=token, reason=reason, detail=detail)
    if held is not None:
        hold(change, back, *held)


def _open_attempt(change: Transaction, was: Delivery) -> bool:
    return _OPEN.scalar(change.connection, {"the_id": was.id}) is not None


def _against(was: Delivery, standing: Any, *, needs_live: bool) -> tuple[str, str] | None:
    """Why the ledger says no, in the state it has now."""
    public = said_public(was)
    if not was.urgent and standing.paused:
        return "paused", f"Publishing is paused.{public}"
    if standing.stopped_reason is not None:
        return "account-stopped", f"The account was stopped: {standing.stopped_reason}{public}"
    if needs_live and standing.live_at is None:
        return "not-live", f"{was.account} is new here. Nothing goes out before `go-live`.{public}"
    return None


def _not_yet(change: Transaction, was: Delivery, part: int, standing: Any, *, changed: bool) -> tuple[str, str] | None:
    if changed:
        return "guards-changed", "Something changed at the last moment, so everything is looked at once more."
    if was.state is S.CLAIMED and change.now > was.grace_until:
        return "late", "By the time it was ready it was too late for it."
    if standing.part_state == "sent":
        return "part-is-out", f"Part {part} turned out to be public already."
    return None


def _begin(change: Transaction, was: Delivery, claim: Claim, what: Intent, *, number: int, until: datetime) -> int:
    if was.state is S.SENDING:
        if _open_attempt(change, was):
            raise LedgerError(f"Delivery {was.id} is going out right now.")
        change.change(was, under=claim.token, lease_until=until)
    attempt = _write_attempt(change, was, claim, what, number)
    _write_parts(change, was, what)
    data = {"attempt": attempt, "part": what.part, "parts": what.parts}
    if was.state is S.SENDING:
        change.event("sending", about=was, data=data)
    else:
        change.move(was, S.SENDING, "sending", under=claim.token, data=data, lease_until=until)
    return attempt


def _write_attempt(change: Transaction, was: Delivery, claim: Claim, what: Intent, number: int) -> int:
    values: dict[str, Any] = {
        "delivery_id": was.id,
        "number": number,
        "part": what.part,
        "parts": what.parts,
        "state": "open",
        "key": what.key,
        "token": claim.token,
        "worker": claim.worker,
        "started_at": change.now,
        "payload": what.payload,
        "intent_digest": hashlib.sha256(clean(dumps(what.payload)).encode()).hexdigest(),
        "wording_digest": what.wording_digest,
        "facts": what.facts,
        "shown": what.shown,
        "reply_to": pack_receipt(what.reply_to),
        "cost": what.cost,
        "looks": 0,
        "absent_looks": 0,
    }
    made: int = _ADD_ATTEMPT.scalar(change.connection, values)
    return made


def _write_parts(change: Transaction, was: Delivery, what: Intent) -> None:
    mine = {"the_id": was.id, "the_part": what.part, "state": "sending", "key": what.key}
    if _CHANGE_PART.change(change.connection, mine) == 0:
        row = {"delivery_id": was.id, "number": what.part, "state": "sending", "key": what.key}
        _ADD_PART.change(change.connection, row)
