"""Compares what the files plan with what an account has said in public, where the ledger may not know all of it.

That is so after a ledger was brought back from a copy, and where a ledger is new and its account is not. Until it is
done nothing goes out on the account; an account that cannot be read back waits for a person. An ordinary start of the
bot compares nothing. Not here: what is asked to be compared, and when (`socrbot restore`, `socrbot go-live`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from socrbot.clock import Clock
from socrbot.delivery import Delivery, Kind, State
from socrbot.errors import Lost, NetworkError
from socrbot.ledger import Filter, Ledger, PublicPost, Seen
from socrbot.message import Message, Part, Published, Receipt
from socrbot.networks.base import Network
from socrbot.networks.shared.evidence import other_links, same_words
from socrbot.publishing.publisher import part_key
from socrbot.publishing.snapshot import Snapshot
from socrbot.text import normalise

# A post this long before its time, or after its last moment, is still that post: clocks differ, networks are slow.
EARLY, LATE = timedelta(minutes=15), timedelta(hours=1)
# With so many posts nobody can be sure that the network showed all: the longest list of any of them is longer.
MOST = 750
# How long to wait before a network that could not be read is asked again, by how often it was asked.
_PATIENCE = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
_WAITING = frozenset({State.PLANNED, State.HELD})
_ENDED = frozenset({State.FAILED, State.MISSED})
_REPEATS = frozenset({Kind.EVERY, Kind.LIST})
_UNREADABLE = "No program can read what it said there lately, so somebody has to look before it goes on."


@dataclass(frozen=True, slots=True)
class Acquainter:
    """Says whether an account may speak, and compares it first where that is to be done. Safe for several accounts."""

    ledger: Ledger
    network: Callable[[str], Network | None]
    clock: Clock
    worker: str
    say: Callable[..., None]
    _later: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def accounts(self) -> list[str]:
        """The accounts that are to be compared now."""
        return [name for name in self.ledger.comparing() if self._is_time(name)]

    def ready(self, account: str, snapshot: Snapshot) -> bool:
        """Whether nothing is to be compared on this account, or it was done now. Fails closed.

        Not while another thread speaks for the account: an adapter is for one thread at a time.
        """
        since = self.ledger.comparing().get(account)
        if since is None:
            return True
        in_hand = Filter(account=account, states=frozenset({State.CLAIMED, State.SENDING}), limit=1)
        if not self._is_time(account) or self.ledger.deliveries(in_hand):
            # What was in hand when the copy was made is first given up, and then compared as well.
            return False
        trouble = self._compare(account, since, snapshot)
        if trouble is None:
            self._later.pop(account, None)
            return account not in self.ledger.comparing()
        self._put_off(account, trouble)
        return False

    def _compare(self, account: str, since: datetime, snapshot: Snapshot) -> str | None:
        """Compares one account; why it could not be done, as a sentence, or None."""
        network = self.network(account)
        if network is None:
            return "The account is not connected, so what it said lately cannot be compared."
        if not network.capabilities.reads_back:
            return _UNREADABLE
        try:
            posts = network.recent(since)
        except NetworkError as error:
            return f"What it said lately could not be read: {error}"
        if len(posts) >= MOST:
            return f"It has said so much since {since:%d %B %Y} that the network may not show all of it."
        known = self.ledger.known_posts(account)
        seen = look(self._to_compare(account, since, snapshot), [post for post in posts if post.id not in known])
        self._carry_out(account, since, seen)
        return None

    def _to_compare(self, account: str, since: datetime, snapshot: Snapshot) -> list[tuple[Delivery, Message | None]]:
        """What may go out, and what ended without going out in the time of which the ledger may not know all."""
        found = self.ledger.deliveries(Filter(account=account, states=_WAITING | {State.UNKNOWN}))
        found += self.ledger.deliveries(Filter(account=account, states=_ENDED, since=since - timedelta(days=1)))
        return [(delivery, snapshot.message(delivery)) for delivery in found]

    def _carry_out(self, account: str, since: datetime, seen: Sequence[Seen]) -> None:
        now = self.clock.now()
        try:
            done = self.ledger.compared(account, since, seen=seen, spare=True, by=self.worker, now=now)
        except Lost:
            return
        for delivery in done:
            self.say("compared", delivery=delivery.id, post=delivery.post, account=account, state=str(delivery.state))

    def _is_time(self, account: str) -> bool:
        later = self._later.get(account)
        return later is None or later[1] <= self.clock.now()

    def _put_off(self, account: str, trouble: str) -> None:
        tries = self._later.get(account, (0, None))[0]
        self._later[account] = tries + 1, self.clock.now() + _PATIENCE[min(tries, len(_PATIENCE) - 1)]
        self.ledger.cannot_compare(account, trouble, now=self.clock.now())
        self.say("not-compared", account=account, detail=trouble)


def look(deliveries: Sequence[tuple[Delivery, Message | None]], posts: Sequence[Published]) -> list[Seen]:
    """What these public posts, of which the ledger knows nothing, say of these deliveries.

    Sent for certain is a delivery whose parts are all public, with the same words, links and as many pictures, in its
    own time (a post of a queue: at any time). What only looks like it is left to a person: of a post that repeats
    itself only the next time, because that is the one which somebody may have sent before its time.
    """
    left = list(posts)
    seen: dict[int, Seen] = {}
    for delivery, message in sorted(_nearest(deliveries, posts), key=lambda each: _distance(each[0], each[1], posts)):
        found = _parts_of(delivery, message, left)
        if found is not None:
            left = [post for post in left if post not in found]
            seen[delivery.id] = _sent(delivery, found)
    asked: set[str] = set()
    for delivery, unmade in sorted(deliveries, key=lambda each: (each[0].due_at, each[0].id)):
        if delivery.id in seen or delivery.state not in _WAITING or (delivery.post in asked and _repeats(delivery)):
            continue
        evidence = _doubt(unmade, left)
        if evidence is not None:
            seen[delivery.id] = Seen(delivery.id, evidence)
            asked.add(delivery.post)
    return list(seen.values())


def _repeats(delivery: Delivery) -> bool:
    return delivery.kind in _REPEATS


def _nearest(
    deliveries: Iterable[tuple[Delivery, Message | None]], posts: Sequence[Published]
) -> Iterator[tuple[Delivery, Message]]:
    for delivery, message in deliveries:
        if message is not None and _parts_of(delivery, message, posts) is not None:
            yield delivery, message


def _distance(delivery: Delivery, message: Message, posts: Sequence[Published]) -> tuple[timedelta, int]:
    """How far a delivery's time is from the post that may be it: the nearest delivery has it."""
    found = _parts_of(delivery, message, posts) or ()
    return min((abs(post.created_at - delivery.due_at) for post in found), default=timedelta.max), delivery.id


def _parts_of(delivery: Delivery, message: Message, posts: Sequence[Published]) -> list[Published] | None:
    """The posts that are this delivery's parts, one for each and in their order; None unless all are there."""
    found: list[Published] = []
    for part in message.parts:
        fits = [post for post in posts if post not in found and _in_time(delivery, post) and _is(post, part)]
        after = [post for post in fits if not found or post.created_at >= found[-1].created_at]
        if not after:
            return None
        found.append(min(after, key=lambda post: (post.created_at, post.id)))
    return found


def _in_time(delivery: Delivery, post: Published) -> bool:
    if delivery.kind is Kind.SLOT:
        return True
    return delivery.due_at - EARLY <= post.created_at <= delivery.grace_until + LATE


def _is(post: Published, part: Part) -> bool:
    return (
        bool(part.text.strip())
        and same_words(post.text, part.text)
        and other_links(post.text, part.text) is None
        and post.media_count == len(part.media)
    )


def _doubt(message: Message | None, posts: Sequence[Published]) -> str | None:
    """Why a delivery may be public without our knowing, as a sentence; None where nothing speaks for it."""
    if message is None:
        return "What it says could not be made, so it could not be compared with what is public."
    for post in posts:
        if any(_like(post, part) for part in message.parts):
            return f"The account said this, or nearly this, on {post.created_at:%d %B %Y}: {post.url or post.id}"
    return None


def _like(post: Published, part: Part) -> bool:
    """The same letters and figures; or as many pictures, where one of the two has no words to compare."""
    shown, planned = _letters(post.text), _letters(part.text)
    if shown and planned:
        return shown == planned
    return bool(part.media) and post.media_count == len(part.media)


def _letters(text: str) -> str:
    return "".join(letter for letter in normalise(text).casefold() if letter.isalnum())


def _sent(delivery: Delivery, found: Sequence[Published]) -> Seen:
    parts = tuple(
        PublicPost(number, part_key(delivery, number), _receipt(post), post.created_at)
        for number, post in enumerate(found, start=1)
    )
    where = found[0].url or found[0].id
    evidence = f"Found when the log was compared with what is public: the same words, of {_utc(found[0])}: {where}"
    return Seen(delivery.id, evidence, parts)


def _utc(post: Published) -> str:
    return f"{post.created_at:%Y-%m-%d %H:%M:%S} UTC"


def _receipt(post: Published) -> Receipt:
    extra: Mapping[str, str] = dict(post.extra)
    return Receipt(post.id, post.url, extra)
