"""Which occurrences should be waiting, on which account, and what the ledger has of it. No times are arranged here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

from socrbot.campaign import Every, InSlot, Post
from socrbot.delivery import Delivery, Kind, State
from socrbot.planning.difference import Files, held_back
from socrbot.planning.memory import Entry, Kept, Memory, Rank, Rows
from socrbot.planning.occurrences import MARGIN, day_of
from socrbot.planning.queues import has_come, in_order, is_left_alone, is_used_up, places, slot_key, spent
from socrbot.planning.records import Known

Lane = list[tuple[Entry, Delivery | None]]

_NEVER = datetime.max.replace(tzinfo=UTC)
_NONE: Rows = {}
_SLOT = Kind.SLOT


class Gathering:
    """The gathering for one plan.

    `open_rows` are the deliveries that a sync may still move, hold or cancel. `end` is up to where recurring posts are
    planned (aware UTC). They are planned from where the last sync ended, where the bot was off for so long that this is
    in the past: what fell due meanwhile is told as missed. Times that are written singly are planned however
    far ahead, but only while they are ahead.
    """

    def __init__(self, files: Files, known: Known, *, now: datetime, memory: Memory) -> None:
        campaign = files.campaign
        self.files = files
        self.known = known
        self.now = now
        self.end = now + campaign.plan_ahead
        self.open_rows, self._rows = memory.rows_of(known.deliveries)
        self._since = min(now, known.planned_until or now)
        self._memory = memory
        self._found: list[tuple[Entry, Iterable[str]]] = []
        self._queues: dict[str, list[tuple[Post, Kept, list[str]]]] = defaultdict(list)
        days = day_of(self._since, campaign.zone, -MARGIN), day_of(self.end, campaign.zone, MARGIN)
        memory.begin(campaign, files.accounts, days)

    def lanes(self) -> dict[str, Lane]:
        """For each account what should be waiting, in the order in which it is to go out, with the ledger's row."""
        campaign = self.files.campaign
        for post in campaign.posts.values():
            if post.id not in self.files.faulty:
                self._take(post)
        self._serve_queues()
        self._found.sort(key=_rank)
        lanes: dict[str, Lane] = {name: [] for name in campaign.accounts if name in self.files.accounts}
        for entry, names in self._found:
            mine = self._rows.get(entry.post.id, _NONE)
            for name in names:
                lanes[name].append((entry, mine.get((name, entry.key))))
        return lanes

    def _take(self, post: Post) -> None:
        seen = self.known.first_seen.get(post.id)
        kept = self._memory.of(self.files.campaign, post, self.now if seen is None else seen)
        mine = self._rows.get(post.id, _NONE)
        if isinstance(post.schedule, InSlot):
            self._take_queued(kept, mine, post.schedule.slot)
        elif isinstance(post.schedule, Every):
            start = self.now if seen is None else self._since
            self._take_dated(kept, mine, start=start, end=self.end)
            self._take_others(kept, mine)
        else:
            self._take_dated(kept, mine, start=self.now, end=_NEVER)

    def _take_dated(self, kept: Kept, mine: Rows, *, start: datetime, end: datetime) -> None:
        """New occurrences from `start` to before `end`, and whatever is waiting already."""
        for entry in kept.entries:
            inside = start <= entry.nominal < end
            if mine:
                names = [n for n in kept.accounts if _waits(mine.get((n, entry.key)), new=inside)]
            else:
                names = list(kept.accounts) if inside else []
            if names:
                self._found.append((entry, names))

    def _take_others(self, kept: Kept, mine: Rows) -> None:
        """What is waiting of a recurring post outside the days that are planned now, and still in its schedule."""
        others: dict[str, list[str]] = defaultdict(list)
        for (name, key), row in mine.items():
            if key not in kept.keys and name in kept.accounts and not is_left_alone(row):
                others[key].append(name)
        for entry in kept.named(others, self.files.campaign.zone):
            self._found.append((entry, others[entry.key]))

    def _take_queued(self, kept: Kept, mine: Rows, slot: str) -> None:
        """A post in a slot: what has come to its time stays there, the rest waits in the slot's queue."""
        key, paused = slot_key(slot), self.known.paused_all
        new = not is_used_up(mine.values(), slot, now=self.now, paused=paused)
        waiting = []
        for name in kept.accounts:
            row = mine.get((name, key))
            if row is not None and not paused and has_come(row, slot, self.now):
                self._found.append((kept.placed(key, row.nominal), (name,)))
            elif _waits(row, new=new):
                waiting.append(name)
        if waiting:
            self._queues[slot].append((kept.post, kept, waiting))

    def _serve_queues(self) -> None:
        campaign = self.files.campaign
        taken = self._taken() if self._queues else set()
        for name, queue in self._queues.items():
            slot = campaign.slots.get(name)
            if slot is None:
                continue
            of = {post.id: (kept, names) for post, kept, names in queue}
            line = in_order(post for post, _, _ in queue)
            for post, found in places(line, slot, zone=campaign.zone, now=self.now, taken=taken):
                kept, names = of[post.id]
                self._found.append((kept.placed(found.key, found.instant), names))

    def _taken(self) -> set[tuple[str, datetime]]:
        """Slot times that are not to be given away: those that are over, and those of posts held for a mistake."""
        held = {
            (row.occurrence, row.nominal)
            for row in self.open_rows
            if row.kind is _SLOT and row.nominal > self.now and held_back(row, self.files) is not None
        }
        return held | spent(self.known.deliveries, self.now)


def _rank(found: tuple[Entry, object]) -> Rank:
    return found[0].rank


def _waits(row: Delivery | None, *, new: bool) -> bool:
    """Whether a delivery should be waiting, given the ledger's row.

    `new` says whether it should where the ledger has none, or where an edit had cancelled it.
    """
    if row is None:
        return new
    if row.state is State.CANCELLED:
        return new and not row.by_person and not row.parts_out
    return not is_left_alone(row)
