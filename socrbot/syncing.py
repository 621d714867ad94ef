"""Brings the ledger to what the files say: plans, and writes down the difference. No network is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from socrbot import planning
from socrbot.clock import Clock
from socrbot.ledger import Alongside, Ledger
from socrbot.publishing.snapshot import Snapshot
from socrbot.rules import History

# While neither the files nor the ledger change, the plan changes with time alone: slots pass, the horizon moves on.
PLAN_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Made:
    """When a plan was last made and under which circumstances, and the question that came of it."""

    snapshot: Snapshot
    accounts: frozenset[str]
    event: int
    at: datetime
    asks: str | None

    def holds(self, snapshot: Snapshot, accounts: Collection[str], event: int, now: datetime) -> bool:
        """Whether a new plan would change nothing yet. `event` is the number of the ledger's newest event."""
        fresh = timedelta(0) <= now - self.at < min(PLAN_AGAIN, snapshot.campaign.plan_ahead / 2)
        return fresh and self.snapshot is snapshot and self.accounts == accounts and self.event == event


class Syncer:
    """The planning of one worker, which remembers what it read and wrote last. For one thread.

    `alongside` is called within the transaction that writes a plan: what the fleet's engine has to learn of it.
    """

    def __init__(self, ledger: Ledger, clock: Clock, say: Callable[..., None]) -> None:
        self.alongside: Alongside | None = None
        self._ledger = ledger
        self._clock = clock
        self._say = say
        self._planner = planning.Planner()
        self._watch = ledger.watch()
        self._seen: set[str] = set()
        self._applied: str | None = None
        self._made: _Made | None = None

    def history(self, posts: Collection[str]) -> History:
        """What rules need to know of the past of these posts."""
        return self._watch.history(posts)

    def planned(
        self,
        snapshot: Snapshot,
        accounts: Collection[str],
        *,
        until: datetime | None = None,
        allow_mass_cancel: bool = False,
    ) -> planning.Plan:
        """What a sync would change, and the plan for these accounts as it is then. Changes nothing.

        `until` (aware UTC) looks further ahead than the campaign says.
        """
        now = self._clock.now()
        campaign = snapshot.campaign
        if until is not None:
            campaign = replace(campaign, plan_ahead=max(campaign.plan_ahead, until - now))
        planner = self._planner if until is None else planning.Planner()
        return planner.plan(
            campaign,
            self._watch.known(campaign.posts),
            now=now,
            accounts=accounts,
            faulty=snapshot.faulty,
            allow_mass_cancel=allow_mass_cancel,
        )

    def sync(
        self, snapshot: Snapshot, accounts: frozenset[str], *, allow_mass_cancel: bool = False, by: str = "plan"
    ) -> str | None:
        """Brings the ledger to what the files say. Returns a question for a person, if there is one."""
        campaign = snapshot.campaign
        # The event's number first: what happens behind it is seen at the next sync.
        event, now = self._ledger.newest_event(), self._clock.now()
        made = self._made
        if made is not None and not allow_mass_cancel and made.holds(snapshot, accounts, event, now):
            return made.asks
        plan = self.planned(snapshot, accounts, allow_mass_cancel=allow_mass_cancel)
        new_posts = tuple(post for post in campaign.posts if post not in self._seen)
        if plan.changes or new_posts or campaign.digest != self._applied:
            done = self._ledger.apply(
                plan.changes,
                now=self._clock.now(),
                by=by,
                planned_until=plan.planned_until,
                first_seen=new_posts,
                campaign_digest=campaign.digest,
                alongside=self.alongside,
            )
            self._ledger.set_meta("zone", campaign.zone.key)
            self._seen.update(new_posts)
            self._applied = campaign.digest
            if done:
                self._say("planned", **dict(done))
        self._made = _Made(snapshot, accounts, event, now, plan.asks)
        return plan.asks
