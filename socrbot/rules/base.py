"""What a rule is, and what it gets to see. The rules themselves stand beside this file, one file a subject."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType

from socrbot.campaign import Campaign, Post
from socrbot.delivery import SETTLED, Delivery, Kind, State
from socrbot.errors import Place, Problem, Severity
from socrbot.message import Capabilities, Message


@dataclass(frozen=True, slots=True)
class History:
    """What a ledger knows of the past, as far as rules need it.

    since     how long the ledger has been there (aware UTC): of earlier times it cannot know
    known     ids of the posts that ever had a delivery
    settled   posts whose single time is used up on every account: what became of it, and which time that was
              (aware UTC), by post id
    """

    since: datetime
    known: frozenset[str] = frozenset()
    settled: Mapping[str, tuple[State, datetime]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, deliveries: Iterable[Delivery], *, since: datetime) -> History:
        """The history that these deliveries tell. What an edit cancelled comes back with its post: not settled."""
        deliveries = tuple(deliveries)
        single = [d for d in deliveries if d.kind is Kind.ONCE]
        waiting = {d.post for d in single if not _is_over(d)}
        settled = {d.post: (d.state, d.nominal) for d in single if d.post not in waiting}
        return cls(since, frozenset(d.post for d in deliveries), settled)


def _is_over(delivery: Delivery) -> bool:
    return delivery.state in SETTLED and (delivery.state is not State.CANCELLED or delivery.by_person)


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of a check.

    capabilities   what each account can carry, by its id; accounts on unknown networks are left out
    networks       the names of all networks
    now            the present instant, aware UTC
    history        what the ledger knows of the past; None where there is no ledger
    """

    campaign: Campaign
    capabilities: Mapping[str, Capabilities]
    now: datetime
    history: History | None = None
    networks: Collection[str] = ()

    @property
    def today(self) -> date:
        """The day it is in the campaign's zone."""
        return self.now.astimezone(self.campaign.zone).date()


@dataclass(frozen=True)
class Subject:
    """A post under check, and what it says on each account (by account id) where that could be made."""

    post: Post
    messages: Mapping[str, Message]

    @cached_property
    def wordings(self) -> Collection[Message]:
        """One message of each wording: accounts that say the very same are looked at once."""
        return {message.wording_digest: message for message in self.messages.values()}.values()


@dataclass(frozen=True, slots=True)
class Situation:
    """A delivery that is about to go out, or may be soon. `post` and `message` are None where they are gone."""

    delivery: Delivery
    post: Post | None
    message: Message | None
    campaign: Campaign
    capabilities: Capabilities
    now: datetime

    @property
    def today(self) -> date:
        """The day it is in the campaign's zone."""
        return self.now.astimezone(self.campaign.zone).date()


@dataclass(frozen=True, slots=True)
class Held:
    """Why a delivery must not go out: a stable code in kebab-case, and a sentence for the team."""

    code: str
    detail: str


Check = Callable[[Subject, Context], Iterable[Problem]]
Survey = Callable[[Context], Iterable[Problem]]
Guard = Callable[[Situation], Held | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must be right.

    code       a stable word in kebab-case, the same in problems and in reasons for a hold
    severity   how much it matters while writing
    reason     why the rule is there, in a sentence or two for the team
    source     where the rule comes from outside the campaign, in words; None where it is the campaign's own
    check      looks at one post while it is written
    survey     looks at the campaign as a whole
    guard      looks at one delivery at the last moment, and may hold it
    """

    code: str
    severity: Severity
    reason: str
    source: str | None = None
    check: Check | None = None
    survey: Survey | None = None
    guard: Guard | None = None

    def problem(
        self,
        place: Place,
        message: str,
        *,
        hint: str | None = None,
        post: str | None = None,
        severity: Severity | None = None,
    ) -> Problem:
        """A problem that breaks this rule; `severity` where it matters more or less than it does as a rule."""
        return Problem(place, severity or self.severity, self.code, message, hint, post)


# Names with a capital letter in the middle.
_CAPITALS = {"linkedin": "LinkedIn"}


def network_title(network: str) -> str:
    """A network's name as people write it: "x" is "X", "facebook" is "Facebook"."""
    if network in _CAPITALS:
        return _CAPITALS[network]
    return network[:1].upper() + network[1:]
