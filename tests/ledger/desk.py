"""Short words for what the tests of the ledger do all the time."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from socrbot.clock import VirtualClock
from socrbot.delivery import Add, Change, Claim, Delivery, Kind, Outcome, State, Wanted
from socrbot.ledger import Event, Filter, Ledger, Unknown
from socrbot.message import Receipt

START = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LEASE = 3 * MINUTE


def wanted(post: str = "march", account: str = "x", **values: Any) -> Wanted:
    """A post that is wanted now on X, with an hour of grace, unless `values` say otherwise."""
    due_at = values.pop("due_at", START)
    grace = values.pop("grace", HOUR)
    fields: dict[str, Any] = {
        "network": account,
        "occurrence": "once",
        "kind": Kind.ONCE,
        "nominal": due_at,
        "due_at": due_at,
        "grace_until": due_at + grace,
        "path": "posts/march.yaml",
        "line": 1,
    }
    return Wanted(post=post, account=account, **{**fields, **values})


@dataclass
class Desk:
    """One ledger and its clock."""

    ledger: Ledger
    clock: VirtualClock
    worker: str = "worker-1"

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def plan(self, *items: Wanted) -> list[Delivery]:
        """Adds these, and gives their deliveries in the same order."""
        self.apply(*(Add(item) for item in items))
        found = {(d.post, d.account, d.occurrence): d for d in self.ledger.deliveries()}
        return [found[item.identity] for item in items]

    def apply(self, *changes: Change) -> dict[str, int]:
        return dict(self.ledger.apply(changes, now=self.now, by="plan"))

    def claim(self, account: str = "x", *, worker: str | None = None, spacing: timedelta = timedelta(0)) -> Claim:
        claim = self.try_claim(account, worker=worker, spacing=spacing)
        assert claim is not None, "nothing to claim"
        return claim

    def try_claim(
        self, account: str = "x", *, worker: str | None = None, spacing: timedelta = timedelta(0)
    ) -> Claim | None:
        return self.ledger.claim(
            account,
            worker=worker or self.worker,
            lease=LEASE,
            spacing=spacing,
            now=self.now,
            monotonic=self.clock.monotonic(),
        )

    def intend(self, claim: Claim, **values: Any) -> Any:
        fields: dict[str, Any] = {
            "part": 1,
            "parts": 1,
            "key": f"key-{claim.delivery.id}",
            "payload": {"text": "Rights are not for sale."},
            "wording_digest": f"words of {claim.delivery.post}",
            "facts": [],
            "shown": {"text": "Rights are not for sale."},
            "needs_live": False,
            "now": self.now,
        }
        return self.ledger.intend(claim, **{**fields, **values})

    def start(self, account: str = "x", **values: Any) -> tuple[Claim, int]:
        """Claims and intends: from here on it may be public."""
        claim = self.claim(account)
        attempt = self.intend(claim, **values)
        assert isinstance(attempt, int), attempt
        return claim, attempt

    def sent(self, claim: Claim, attempt: int, name: str = "post-1", *, last: bool = True) -> None:
        receipt = Receipt(name, f"https://x.example/{name}")
        self.ledger.part_sent(claim, attempt, receipt, now=self.now, last=last)

    def record(self, claim: Claim, attempt: int | None, state: State, reason: str = "because", **values: Any) -> None:
        outcome = Outcome(state, reason, f"The network said: {reason}.", **values)
        self.ledger.record(claim, attempt, outcome, now=self.now)

    def lose(self, account: str = "x", **values: Any) -> Unknown:
        """Sends, and loses the answer."""
        claim, attempt = self.start(account, **values)
        self.record(claim, attempt, State.UNKNOWN, "answer-lost")
        return next(item for item in self.ledger.unknowns(self.now) if item.attempt_id == attempt)

    def delivery(self, delivery_id: int) -> Delivery:
        return self.ledger.delivery(delivery_id)

    def states(self) -> dict[str, State]:
        """The state of each post's delivery on X; for tests with one delivery a post."""
        return {item.post: item.state for item in self.ledger.deliveries(Filter(account="x"))}

    def events(self, delivery_id: int) -> list[Event]:
        return list(self.ledger.story(delivery_id).events)

    def actions(self, delivery_id: int) -> list[str]:
        return [event.action for event in self.events(delivery_id)]


def modes(path: Path) -> int:
    """The permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)
