"""What each post asks for, kept from one plan to the next as long as the post and the configuration stay the same.

Also the ledger's deliveries in the order in which they are looked for, as long as they are the very same list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from socrbot.campaign import Campaign, Every, Once, Post
from socrbot.delivery import Delivery, Kind, Wanted
from socrbot.planning.occurrences import listed, named, recurring
from socrbot.planning.queues import is_left_alone
from socrbot.planning.records import Occurrence

Rank = tuple[datetime, int, str, int, str, str]
# A post's deliveries, by account and occurrence.
Rows = Mapping[tuple[str, str], Delivery]


@dataclass(slots=True)
class Entry:
    """One occurrence of one post, for all its accounts. `rank` is its place among all that is planned."""

    post: Post
    key: str
    kind: Kind
    nominal: datetime
    grace: timedelta
    rank: Rank
    _wanted: dict[str, Wanted] = field(default_factory=dict)

    def wanted(self, account: str, network: str, due_at: datetime) -> Wanted:
        """The delivery of this occurrence on one account; the same record again while the time stays the same."""
        made = self._wanted.get(account)
        if made is None or made.due_at != due_at:
            made = self._wanted[account] = Wanted(
                post=self.post.id,
                account=account,
                network=network,
                occurrence=self.key,
                kind=self.kind,
                nominal=self.nominal,
                due_at=due_at,
                grace_until=due_at + self.grace,
                path=self.post.path,
                line=self.post.place.line,
            )
        return made


@dataclass(slots=True)
class Kept:
    """A post, its accounts (ids) and its occurrences; those of a post in a slot come one by one from the queue.

    `days` are those (inclusive) of which a recurring post has entries here, under `keys`.
    """

    post: Post
    accounts: tuple[str, ...]
    grace: timedelta
    days: tuple[date, date]
    first_seen: datetime
    entries: tuple[Entry, ...] = ()
    keys: frozenset[str] = frozenset()
    _placed: Entry | None = None

    def entry(self, key: str, kind: Kind, nominal: datetime) -> Entry:
        """A new entry of this post."""
        post = self.post
        rank = (nominal, post.order, post.path, post.index, post.id, key)
        return Entry(post, key, kind, nominal, self.grace, rank)

    def named(self, keys: Iterable[str], zone: ZoneInfo) -> list[Entry]:
        """The occurrences with these keys, of whatever day, as far as the post's recurring schedule has them."""
        schedule = self.post.schedule
        if not isinstance(schedule, Every):
            return []
        found = (named(schedule, zone, key, first_seen=self.first_seen) for key in keys)
        return [self.entry(o.key, o.kind, o.instant) for o in found if o is not None]

    def placed(self, key: str, nominal: datetime) -> Entry:
        """The entry of a queued post at this time of its slot; the same record again while the time stays the same."""
        made = self._placed
        if made is None or made.key != key or made.nominal != nominal:
            made = self._placed = self.entry(key, Kind.SLOT, nominal)
        return made


class Memory:
    """Answers for each post of a campaign what it asks for. Not for use by several threads at once."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._context: tuple[object, ...] | None = None
        self._accounts: frozenset[str] = frozenset()
        self._days = (date.min, date.max)
        self._deliveries: Sequence[Delivery] | None = None
        self._rows: tuple[Sequence[Delivery], Mapping[str, Rows]] = ((), {})

    def rows_of(self, deliveries: Sequence[Delivery]) -> tuple[Sequence[Delivery], Mapping[str, Rows]]:
        """Those that a sync may still move, hold or cancel; and all of them by post id."""
        if self._deliveries is not deliveries:
            self._deliveries = deliveries
            self._rows = [row for row in deliveries if not is_left_alone(row)], _by_post(deliveries)
        return self._rows

    def begin(self, campaign: Campaign, accounts: Collection[str], days: tuple[date, date]) -> None:
        """Turns to this campaign, these accounts (ids) and these days (inclusive) of recurring posts."""
        self._accounts = frozenset(accounts)
        context = (campaign.zone.key, campaign.grace, tuple(campaign.accounts.values()), self._accounts)
        if context != self._context:
            self._kept.clear()
            self._context = context
        if len(self._kept) > 2 * len(campaign.posts):
            self._kept = {post: kept for post, kept in self._kept.items() if post in campaign.posts}
        self._days = days

    def of(self, campaign: Campaign, post: Post, first_seen: datetime) -> Kept:
        """What a post asks for. `first_seen` is from when a `count` counts (aware UTC)."""
        kept = self._kept.get(post.id)
        if kept is None or not self._holds(kept, post, first_seen):
            kept = self._kept[post.id] = self._make(campaign, post, first_seen)
        return kept

    def _holds(self, kept: Kept, post: Post, first_seen: datetime) -> bool:
        before = kept.post
        if before is not post:
            same = before.digest and before.digest == post.digest
            if not same or before.place != post.place or before.index != post.index or before.order != post.order:
                return False
        schedule = post.schedule
        if not isinstance(schedule, Every):
            return True
        return kept.days == self._days and (schedule.count is None or kept.first_seen == first_seen)

    def _make(self, campaign: Campaign, post: Post, first_seen: datetime) -> Kept:
        accounts = tuple(a.id for a in campaign.accounts_of(post) if a.id in self._accounts)
        kept = Kept(post, accounts, campaign.grace_of(post), self._days, first_seen)
        schedule = post.schedule
        found: tuple[Occurrence, ...] = ()
        if isinstance(schedule, Once):
            found = listed(schedule, campaign.zone)
        elif isinstance(schedule, Every):
            found = recurring(schedule, campaign.zone, *self._days, first_seen=first_seen)
            kept.keys = frozenset(occurrence.key for occurrence in found)
        kept.entries = tuple(kept.entry(o.key, o.kind, o.instant) for o in found)
        return kept


def _by_post(rows: Iterable[Delivery]) -> dict[str, dict[tuple[str, str], Delivery]]:
    found: dict[str, dict[tuple[str, str], Delivery]] = {}
    for row in rows:
        mine = found.get(row.post)
        if mine is None:
            mine = found[row.post] = {}
        mine[row.account, row.occurrence] = row
    return found
