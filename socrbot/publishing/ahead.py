"""Looks at what is due within a day, so that the team hears of a hold while it can still act.

A guard's answer can change only with the files, the ledger or the day. While all three stay as they were, nothing is
asked again: only what has come within the day since the last look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from socrbot.delivery import Change, Delivery, Hold, Release, State
from socrbot.ledger import LOOKS_PUBLIC, AccountRow, Filter, Ledger
from socrbot.publishing.guards import Guards
from socrbot.publishing.snapshot import Snapshot

LOOK_AHEAD = timedelta(hours=24)
# What comes within the day next is looked at together, once in this time: to find it costs more than to look at it.
STEP = timedelta(minutes=5)
_WAITING = frozenset({State.PLANNED, State.HELD})
# Reasons for a hold that only the plan, or only a person, can take away.
_STAYING = frozenset({"mass-cancel", LOOKS_PUBLIC})


class LookAhead:
    """Holds what must not go out, long before its time, and releases it when the reason is gone. For one thread."""

    def __init__(self, ledger: Ledger, guards: Guards) -> None:
        self._ledger = ledger
        self._guards = guards
        self._snapshot: Snapshot | None = None
        self._under: tuple[int, int, date] | None = None
        self._from = self._to = datetime.min.replace(tzinfo=UTC)

    def look(self, snapshot: Snapshot, *, now: datetime) -> Counter[str]:
        """Asks the guards as far as their answers may be new. Says how many deliveries were held and released.

        `now` is aware UTC. What is known is forgotten when the snapshot is another one, though it says the same.
        """
        # The event's number first: what happens behind it is seen at the next look.
        under = (self._ledger.newest_event(), self._ledger.guard_version(), _day(snapshot, now))
        known = snapshot is self._snapshot and under == self._under and self._from <= now
        if known and now + LOOK_AHEAD <= self._to:
            return Counter()
        end = now + LOOK_AHEAD + STEP
        waiting = self._ledger.deliveries(Filter(states=_WAITING, since=self._to if known else None, until=end))
        accounts = {row.id: row for row in self._ledger.accounts()} if waiting else {}
        changes = [change for each in waiting for change in self._changes_of(each, snapshot, now, accounts)]
        done = self._ledger.apply(changes, now=now, by="guards") if changes else Counter[str]()
        self._snapshot, self._under, self._from, self._to = snapshot, under, now, end
        return done

    def _changes_of(
        self, delivery: Delivery, snapshot: Snapshot, now: datetime, accounts: Mapping[str, AccountRow]
    ) -> Iterator[Change]:
        if delivery.reason in _STAYING:
            return
        held = self._guards.look(snapshot, delivery, snapshot.message(delivery), now=now, accounts=accounts)
        if held is not None:
            if (delivery.state, delivery.reason, delivery.detail) != (State.HELD, held.code, held.detail):
                yield Hold(delivery.id, held.code, held.detail)
        elif delivery.state is State.HELD:
            yield Release(delivery.id, "What stood against it is gone.")


def _day(snapshot: Snapshot, now: datetime) -> date:
    return now.astimezone(snapshot.campaign.zone).date()
