"""What planning is given and what it hands back: frozen records, no decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from socrbot.clock import WallTime
from socrbot.delivery import Change, Delivery, Kind, Wanted


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One instant at which a post is due.

    key      its name within the post: "once", or the wall time "2026-03-07T19:00"
    wall     the time as the team means it (naive, in the campaign's zone)
    instant  the same as an instant (aware UTC)
    odd      whether the wall time is skipped in spring or exists twice in autumn
    """

    key: str
    kind: Kind
    wall: datetime
    instant: datetime
    odd: WallTime


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows, as far as planning needs it. Instants are aware UTC.

    deliveries     every open delivery, and the settled ones of the campaign's posts
    first_seen     when a sync first saw each post, by post id
    planned_until  the end of the time that recurring posts were last planned for; None before the first sync
    paused_all     everything is paused, not one account only
    last_sent      when each account last sent something, by account id
    live           the accounts that may speak; None where nobody asked
    """

    deliveries: Sequence[Delivery] = ()
    first_seen: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    planned_until: datetime | None = None
    paused_all: bool = False
    last_sent: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    live: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync is to change, and what the plan then is.

    changes        for the ledger, in one transaction
    wanted         every delivery that is still to come or under way to its time, earliest nominal time first
    planned_until  up to where recurring posts are planned now (aware UTC)
    asks           a question for a person, where the sync would cancel more than it should on its own
    """

    changes: tuple[Change, ...]
    wanted: tuple[Wanted, ...]
    planned_until: datetime
    asks: str | None = None
