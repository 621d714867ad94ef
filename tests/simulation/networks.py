"""A network that keeps the protocol, whose truth is known: one class with parameters for all kinds.

The server outlives the workers; each worker speaks to it through an adapter of its own. What the server took is the
judge of the promises, whatever the ledger believes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import (
    Absent,
    CannotTell,
    Finding,
    Found,
    Identity,
    Message,
    Metrics,
    Part,
    Published,
    Receipt,
)
from socrbot.networks.base import Intent, Payload, Steps
from socrbot.networks.shared.evidence import compare, nothing_public
from tests.simulation.clock import Clocks
from tests.simulation.kinds import MARGIN, SECOND, Kind

# The answer to one question is waited for as long as the settings say: here 10 + 30 seconds.
TIMEOUT = 40 * SECOND


@dataclass(slots=True)
class Try:
    """One call that may make something public: which part of which delivery, and when it began."""

    delivery: int
    part: int
    key: str
    text: str
    started_at: datetime
    number: int
    where: str | None = None
    stopped: bool = False
    # How far this computer's clock was from the right time.
    wrong: timedelta = timedelta(0)
    # Whether the program was told for certain that nothing went out.
    denied: bool = False
    # The newest event of the ledger when it began.
    event: int = 0


@dataclass(slots=True)
class Posted:
    """A post that the network took, and for how long and how often it was hidden from those who looked."""

    id: str
    text: str
    by: Try
    taken_at: datetime
    shown_from: datetime
    gone_at: datetime | None = None
    hidden: int = 0
    lied: bool = False


class Seams(Protocol):
    """What a worker's steps pass through: it may die there, or stand still."""

    def step(self, name: str) -> None:
        """May raise Death, or let everybody else go on first."""

    def sending(self, key: str, text: str) -> Try:
        """Says for which delivery the call is that begins now."""


@dataclass
class Server:
    """One account on one network. `faults` is how likely a call goes wrong; `honest` keeps it within what is declared.

    `tell` counts what happened.
    """

    account: str
    kind: Kind
    clock: Clocks
    rng: Random
    faults: float
    honest: bool
    tell: Callable[[str], None]
    posts: list[Posted] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    keys: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    looked: dict[str, datetime] = field(default_factory=dict)
    containers: dict[str, str | None] = field(default_factory=dict)
    on_the_way: list[tuple[datetime, Try, Mapping[str, object]]] = field(default_factory=list)
    down_until: datetime | None = None
    quiet_until: datetime | None = None
    dead: bool = False
    _count: int = 0

    def now(self) -> datetime:
        """The time where the network is: no jump of this computer's clock concerns it."""
        return self.clock.true()

    def arrive(self) -> None:
        """Takes what was on its way and has arrived by now."""
        now = self.now()
        for item in sorted((item for item in self.on_the_way if item[0] <= now), key=lambda item: item[0]):
            self.on_the_way.remove(item)
            try:
                self.take(item[1], item[2], at=item[0])
                self.tell("late arrival")
            except Refused:
                self.tell("late arrival refused")

    def public(self, delivery: int, part: int | None = None) -> list[Posted]:
        """What is public of a delivery, or of one part of it."""
        mine = [post for post in self.posts if post.by.delivery == delivery and post.gone_at is None]
        return [post for post in mine if part is None or post.by.part == part]

    def take(self, call: Try, payload: Mapping[str, object], *, at: datetime | None = None) -> Posted:
        """Makes it public, as this kind of network does. Raises Refused for what is there already."""
        kind, now = self.kind, at or self.now()
        known = self.keys.get(call.key)
        if known is not None and (kind.record_key or (kind.key_lasts and now - known[1] < kind.key_lasts)):
            self.tell("key known")
            return self.post(known[0])
        container = str(payload.get("container", ""))
        if kind.containers and self.containers.get(container) is not None:
            raise Refused("This is published already.", status=400, duplicate=True)
        self._refuse_the_same(call, now)
        self._count += 1
        post = Posted(f"{self.account}-{self._count}", call.text, call, now, now + self._lag(call, now))
        self.posts.append(post)
        if kind.record_key or kind.key_lasts:
            self.keys[call.key] = post.id, now
        if kind.containers:
            self.containers[container] = post.id
        return post

    def _refuse_the_same(self, call: Try, now: datetime) -> None:
        window = self.kind.refuses_for
        if window is None:
            return
        for post in reversed(self.posts):
            if post.text == call.text and post.gone_at is None and timedelta(0) <= now - post.taken_at < window:
                self.tell("refused as duplicate")
                named = (post.id, f"https://{self.account}.example/{post.id}") if self.kind.names_it else (None, None)
                raise Refused("Duplicate.", status=403, duplicate=True, original=named[0], address=named[1])

    def post(self, name: str) -> Posted:
        """The post with this id."""
        return next(post for post in self.posts if post.id == name)

    def room(self, call: Try, now: datetime) -> timedelta:
        """How much later something may come or show, for a network that keeps to what is declared."""
        settled = call.started_at + self.kind.capabilities.settle
        return max((settled - now) * 0.9, timedelta(0))

    def _lag(self, call: Try, now: datetime) -> timedelta:
        if not self.kind.shows or self.rng.random() > 2 * self.faults:
            return timedelta(0)
        if not self.honest:
            self.tell("shown very late")
            return self.rng.choice([2, 10, 60]) * timedelta(minutes=1)
        self.tell("shown late")
        return self.room(call, now) * self.rng.random()

    def list(self, since: datetime) -> tuple[list[Posted], bool]:
        """The account's posts since then as it shows them, newest first, and whether it says these are all."""
        now = self.now()
        there = [post for post in self.posts if post.gone_at is None and post.taken_at >= since]
        shown = [post for post in there if post.shown_from <= now]
        complete = True
        if not self.honest and self.rng.random() < 3 * self.faults:
            match self.rng.choice(["empty", "misses one", "cut"]):
                case "empty":
                    self.tell("empty list")
                    shown = []
                case "misses one" if shown:
                    self.tell("misses one")
                    shown.pop(self.rng.randrange(len(shown)))
                case _:
                    self.tell("cut list")
                    shown, complete = shown[:1], False
        for post in there:
            hidden = post not in shown
            settled = post.by.started_at + self.kind.capabilities.settle
            post.hidden = post.hidden + 1 if hidden and now >= settled and complete else 0
            post.lied |= post.hidden >= self.kind.capabilities.looks
        return shown[::-1], complete


@dataclass
class Model:
    """What one worker has in its hands of a server. `seams` is the worker's."""

    server: Server
    seams: Seams

    def __post_init__(self) -> None:
        self.name = self.server.kind.name
        self.capabilities = self.server.kind.capabilities

    def verify(self) -> Identity:
        return Identity(self.server.account, self.server.account)

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:
        self.seams.step("prepare")
        with nothing_public():
            self._weather(public=False)
        payload: dict[str, object] = {"text": part.text}
        if self.server.kind.containers:
            container = steps.get("container")
            if container is None:
                container = f"container-{len(self.server.containers) + 1}"
                self.server.containers[container] = None
                self.seams.step("container made")
                steps.keep("container", container)
                self.seams.step("container kept")
            payload["container"] = container
        return payload

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:
        call = self.seams.sending(key, str(payload["text"]))
        self.seams.step("before the first byte")
        now = self.server.now()
        call.stopped = now - call.started_at > TIMEOUT
        try:
            self._weather(public=True)
            self._lose(call, payload)
            post = self.server.take(call, payload)
        except (NotSent, Refused, Unauthorised):
            call.denied = True
            self.seams.step("before a refusal arrives")
            raise
        self.seams.step("before the answer arrives")
        if self._goes_wrong():
            self._answer_gets_lost()
        return self._receipt(post)

    def find(self, intent: Intent) -> Finding:
        self.seams.step("before the look")
        try:
            with nothing_public():
                self._weather(public=False)
        except NotSent as error:
            return CannotTell(str(error), error.retry_at)
        except NetworkError as error:
            return CannotTell(str(error))
        found = self._find(intent)
        if isinstance(found, Absent):
            self.server.looked[intent.key] = self.server.now()
        self.seams.step("after the look")
        self.server.tell(f"find: {type(found).__name__}")
        return found

    def recent(self, since: datetime) -> list[Published]:
        return [self._shown(post) for post in self.server.list(since)[0]]

    def delete(self, receipt: Receipt) -> None:
        self._weather(public=True)
        for post in self.server.posts:
            if post.id == receipt.id and post.gone_at is None:
                post.gone_at = self.server.now()
        if self._goes_wrong():
            raise OutcomeUnknown("The answer to the deletion was lost.")

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:
        return {}

    def _find(self, intent: Intent) -> Finding:
        server, kind = self.server, self.server.kind
        if not kind.shows:
            return CannotTell("This network shows its posts to no program.")
        if kind.record_key or kind.containers:
            known = server.keys.get(intent.key, (None,))[0] if kind.record_key else None
            known = known or server.containers.get(str(intent.payload.get("container", "")))
            return Found(self._receipt(server.post(known)), "There.") if known else Absent("Not there.")
        posts, complete = server.list(intent.started_at - MARGIN)
        return compare(
            str(intent.payload["text"]),
            0,
            [self._shown(post) for post in posts],
            complete=complete,
            where="It",
            receipt=lambda post: self._receipt(server.post(post.id)),
        )

    def _goes_wrong(self) -> bool:
        return self.server.rng.random() < self.server.faults

    def _weather(self, *, public: bool) -> None:
        """What may happen to any call before it has an effect. Raises NetworkError."""
        server, now = self.server, self.server.now()
        server.arrive()
        if server.down_until is not None and now < server.down_until:
            server.tell("down")
            if public and server.rng.random() < 0.3:
                server.clock.advance(TIMEOUT / 2)
                raise OutcomeUnknown("No answer.")
            raise NotSent("No connection.")
        if server.quiet_until is not None and now < server.quiet_until:
            server.tell("rate limit")
            raise NotSent("Too many.", status=429, retry_at=server.quiet_until, whole_account=True)
        if server.dead:
            server.tell("dead credentials")
            raise Unauthorised("The token is no longer valid.", status=401)
        if self._goes_wrong():
            self._refuse(now, public=public)

    def _refuse(self, now: datetime, *, public: bool) -> None:
        server = self.server
        match server.rng.choice(["no connection", "rate limit", "5xx", "refused", "dead", "slow", "slow"]):
            case "no connection":
                raise NotSent("No connection.")
            case "rate limit":
                server.quiet_until = now + server.rng.choice([1, 15, 60]) * timedelta(minutes=1)
                raise NotSent("Too many.", status=429, retry_at=server.quiet_until, whole_account=True)
            case "5xx":
                server.tell("5xx without effect")
                raise OutcomeUnknown("Bad gateway.", status=502)
            case "refused" if public:
                server.tell("refused")
                raise Refused("Not these words.", status=422)
            case "dead":
                server.dead = True
                raise Unauthorised("The token is no longer valid.", status=401)
            case _:
                server.tell("slow")
                server.clock.advance(server.rng.random() * TIMEOUT)

    def _lose(self, call: Try, payload: Payload) -> None:
        """The request may hang, and be taken (or not) after the program has given up on it."""
        if not self._goes_wrong():
            return
        server = self.server
        server.tell("time-out")
        server.clock.advance(TIMEOUT)
        now = server.now()
        if server.rng.random() < 0.6:
            longest = server.room(call, now) if server.honest else timedelta(minutes=20)
            server.on_the_way.append((now + longest * server.rng.random(), call, payload))
        raise OutcomeUnknown("No answer in time.")

    def _answer_gets_lost(self) -> None:
        self.server.tell("answer lost after the effect")
        if self.server.rng.random() < 0.2:
            raise ValueError("a mistake in the adapter")
        raise OutcomeUnknown("The answer broke off.", status=500)

    def _receipt(self, post: Posted) -> Receipt:
        return Receipt(post.id, f"https://{self.server.account}.example/{post.id}")

    def _shown(self, post: Posted) -> Published:
        return Published(post.id, post.text, post.taken_at, f"https://{self.server.account}.example/{post.id}")
