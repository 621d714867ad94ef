"""The queue of a weekly slot: which post takes which of its times.

All accounts share one queue. A post leaves it when it is used up: when one of its deliveries went out, may have gone
out, was given up, or has come to its time. What is left takes the coming times of the slot, one post each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from socrbot.campaign import Post, Slot
from socrbot.delivery import Delivery, Kind, State
from socrbot.planning.occurrences import upcoming
from socrbot.planning.records import Occurrence

PREFIX = "slot:"


def slot_key(slot: str) -> str:
    """The key of the one occurrence that a post has in a slot."""
    return PREFIX + slot


def in_order(posts: Iterable[Post]) -> list[Post]:
    """Posts as a queue takes them: by `order`, then file, then place in the file."""
    return sorted(posts, key=lambda post: (post.order, post.path, post.index, post.id))


def is_left_alone(row: Delivery) -> bool:
    """Whether a delivery is no longer the planner's: under way or over, in a person's hands, or partly public."""
    planner = row.state is State.PLANNED or row.state is State.HELD
    return not planner or row.by_person or row.urgent or row.parts_out > 0 or row.kind is Kind.NOW


def has_come(row: Delivery, slot: str, now: datetime) -> bool:
    """Whether a waiting delivery has come to its time in this slot."""
    return row.nominal <= now and row.occurrence == slot_key(slot) and not is_left_alone(row)


def is_used_up(rows: Iterable[Delivery], slot: str, *, now: datetime, paused: bool) -> bool:
    """Whether a post has had its turn, judged by all its deliveries, of this slot or not.

    A cancelled one does not count. While everything is paused, one that comes to its time does not count either.
    """
    for row in rows:
        if row.state is State.CANCELLED:
            continue
        if is_left_alone(row) or (not paused and has_come(row, slot, now)):
            return True
    return False


def spent(rows: Iterable[Delivery], now: datetime) -> set[tuple[str, datetime]]:
    """The coming slot times (occurrence key and instant) that are over already: the clock was set back since."""
    return {
        (row.occurrence, row.nominal)
        for row in rows
        if row.kind is Kind.SLOT
        and row.nominal > now
        and row.state not in (State.PLANNED, State.HELD, State.CANCELLED)
        and row.changed_at is not None
        and row.changed_at >= row.nominal
    }


def places(
    waiting: Iterable[Post], slot: Slot, *, zone: ZoneInfo, now: datetime, taken: Collection[tuple[str, datetime]]
) -> Iterator[tuple[Post, Occurrence]]:
    """Gives each waiting post, in the order given, the next time of the slot later than `now` that is not taken.

    `taken` holds slot times as occurrence key and instant: those that are over, and those of held posts, which keep
    their place.
    Posts for which the slot has no time left (it ends, by `until` or `count`) get none.
    """
    key = slot_key(slot.name)
    times = (found for found in upcoming(slot.every, zone, now) if (key, found.instant) not in taken)
    for post, found in zip(waiting, times, strict=False):
        yield post, Occurrence(key, Kind.SLOT, found.wall, found.instant, found.odd)
