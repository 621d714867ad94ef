"""The judge: what the networks took, set against the promises after each step. It never believes the ledger alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from socrbot.delivery import Claim, Delivery, State
from socrbot.errors import Lost
from socrbot.ledger import PartRow
from socrbot.ledger.schema import deliveries
from tests.ledger import history
from tests.simulation.kinds import MARGIN, Excuse
from tests.simulation.networks import Posted, Server, Try

if TYPE_CHECKING:
    from tests.simulation.worker import Worker
    from tests.simulation.world import World

_SETTLES = frozenset({"settled", "retried", "late-answer"})


class Broken(BaseException):
    """A promise was broken. Begins with the promise's name. No code of the product may catch it."""


class Judge:
    """Sees every intent, every byte on the wire and every outcome. Raises Broken."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen = 0
        self.identities: dict[int, tuple[str, str, str]] = {}
        self.last_sent: dict[str, datetime] = {}
        self.said: dict[int, datetime] = {}
        self.judged: dict[str, int] = {}

    # While a worker works

    def claimed(self, claim: Claim, spacing: timedelta) -> None:
        """I7: nothing is taken in hand against the distance between two posts."""
        del spacing
        delivery, world = claim.delivery, self.world
        last = self.last_sent.get(delivery.account)
        # A post from the future means that the clock went back: its distance cannot be known.
        known = last is not None and last <= world.clock.now()
        if known and not delivery.urgent and world.clock.now() < last + world.campaign.spacing:
            raise Broken(f"I7 spacing: {delivery} after {last}")
        self._may_go_out(delivery)

    def intended(self, claim: Claim, attempt: int, part: int, worker: Worker) -> None:
        """I7 and I6, at the last moment at which something can still be stopped."""
        worker.sent = claim, attempt, part
        delivery = self.world.ledger.delivery(claim.delivery.id)
        if delivery.state is not State.SENDING:
            raise Broken(f"I4: an intent, but {delivery.state}")
        self._may_go_out(delivery)
        for one in self.world.ledger.story(delivery.id).attempts:
            if one.id != attempt and one.part == part and one.state in ("open", "unknown", "sent"):
                raise Broken(f"I6: attempt {attempt} begins while {one.id} is {one.state}")

    def _may_go_out(self, delivery: Delivery) -> None:
        world = self.world
        if not delivery.urgent and world.paused & {None, delivery.account}:
            raise Broken(f"I7 paused: {delivery}")
        if delivery.account not in world.live:
            raise Broken(f"I7 not live: {delivery}")

    def wire(self, worker: Worker, key: str, text: str) -> Try:
        """I4: a byte leaves only after its intent, and once for each. I6: after a doubt only on evidence."""
        if worker.sent is None:
            raise Broken("I4: on the wire without an intent")
        claim, _, part = worker.sent
        worker.sent = None
        if part == 1 and self.world.clock.now() > claim.delivery.grace_until:
            raise Broken(f"I7 grace: {claim.delivery}")
        self.said[claim.delivery.id] = self.world.clock.now()
        server = self.world.servers[claim.delivery.account]
        mine = [one for one in server.tries if (one.delivery, one.part) == (claim.delivery.id, part)]
        if mine and not mine[-1].denied:
            self._evidence(claim.delivery.id, mine[-1])
        call = Try(claim.delivery.id, part, key, text, server.now(), len(mine) + 1, wrong=self.world.clock.wrong())
        call.event = self.world.ledger.newest_event()
        server.tries.append(call)
        return call

    def _evidence(self, delivery: int, before: Try) -> None:
        events = self.world.ledger.story(delivery).events
        if not any(event.id > before.event and event.action in _SETTLES for event in events):
            raise Broken(f"I6: delivery {delivery} is sent again without evidence")

    def recorded(self, claim: Claim, attempt: int | None, commit: Callable[[], Any]) -> Any:
        """I5: what comes under a claim that is void is evidence at most."""
        valid = self._token(claim.delivery.id) == claim.token
        events = self.world.ledger.newest_event()
        try:
            result = commit()
        except Lost:
            self.world.count("outcome", "late")
            if valid:
                raise Broken(f"I5: a valid claim on {claim.delivery.id} was refused") from None
            raise
        if not valid and self.world.ledger.newest_event() != events:
            raise Broken(f"I5: an outcome of {claim.delivery.id} was taken under a claim that is void")
        if valid:
            self._note_sent(claim, attempt)
        return result

    def _note_sent(self, claim: Claim, attempt: int | None) -> None:
        tries = self.world.ledger.story(claim.delivery.id).attempts
        if any(one.id == attempt and one.state == "sent" for one in tries):
            # From when it was said, not from when a process that stood still found time to write it down.
            self.last_sent[claim.delivery.account] = self.said[claim.delivery.id]

    def _token(self, delivery: int) -> str | None:
        with self.world.ledger._db.read() as connection:
            return connection.execute(sa.select(deliveries.c.token).where(deliveries.c.id == delivery)).scalar()

    # After each step

    def look(self) -> None:
        """I1, I2 and I3, for all that has changed since the last look."""
        for server in self.world.servers.values():
            server.arrive()
            self._once(server)
        changed, self.seen = history.changed_since(self.world.ledger, self.seen)
        for delivery in changed:
            identity = (delivery.post, delivery.account, delivery.occurrence)
            if self.identities.setdefault(delivery.id, identity) != identity:
                raise Broken(f"I2: {delivery.id} was {self.identities[delivery.id]}")
            story = self.world.ledger.story(delivery.id)
            for event in story.events:
                if event.after is not None:
                    self.world.count("move", f"{event.before or 'nothing'} > {event.after}")
                    self.world.count("action", event.action)
            try:
                history.check_story(story)
            except AssertionError as error:
                raise Broken(f"I2: the history of {delivery.id} is not true: {error}") from error
            self._receipts(delivery, story.parts)
        if changed:
            history.check_tokens(self.world.ledger)

    def _once(self, server: Server) -> None:
        """I1, for what the network took since the last look."""
        begun = self.judged.get(server.account, 0)
        self.judged[server.account] = len(server.posts)
        for post in server.posts[begun:]:
            there = server.public(post.by.delivery, post.by.part)
            if len(there) > 1:
                self.excused(server, there[0], there[-1], "I1: public twice")

    def _receipts(self, delivery: Delivery, parts: tuple[PartRow, ...]) -> None:
        """I3: what the ledger calls sent is, or was, on the network under that id."""
        posts = self.world.servers[delivery.account].posts
        for part in parts:
            if part.receipt is None or not part.receipt.id:
                continue
            name = part.receipt.id.rpartition("/")[2]
            if not any(post.id == name and post.by.delivery == delivery.id for post in posts):
                raise Broken(f"I3: {delivery.id} is {delivery.state} as {name}, which the network does not know")

    def finish(self) -> None:
        """I2, I3 and I4 once more over all, when everything has come to rest."""
        found = {one.id: one for one in self.world.ledger.deliveries()}
        if found.keys() < self.identities.keys():
            raise Broken(f"I2: vanished: {self.identities.keys() - found.keys()}")
        rows = {delivery: self.world.ledger.parts(delivery) for delivery in found}
        for server in self.world.servers.values():
            for post in server.posts:
                self._known(server, post, rows[post.by.delivery])
            for call in server.tries:
                attempts = [one for one in self.world.ledger.story(call.delivery).attempts if one.part == call.part]
                if call.number > len(attempts):
                    raise Broken(f"I4: {call.number} tries and {len(attempts)} intents of {call.delivery}")
        for delivery in found.values():
            self.world.count("end", str(delivery.state))
            if delivery.state in (State.PLANNED, State.CLAIMED, State.SENDING, State.UNKNOWN, State.HELD):
                raise Broken(f"liveness: {delivery} has come to no end")

    def _known(self, server: Server, post: Posted, rows: list[PartRow]) -> None:
        mine = [row for row in rows if row.number == post.by.part]
        if post.gone_at is None and (not mine or mine[0].receipt is None):
            self.excused(server, post, post, "I3: public, and the ledger does not know")

    def excused(self, server: Server, first: Posted, other: Posted, what: str) -> None:
        """Raises Broken unless the table of promises lets this one lapse; counts how often it did."""
        reasons = {reason for post in (first, other) for reason in self._reasons(server, post)}
        # A second post is excused as the table says; a post that the ledger does not know, for any of these reasons.
        good = reasons & server.kind.excuses if first is not other else reasons
        if self.world.honest:
            good -= {Excuse.LIED} if self.world.jumped else {Excuse.LIED, Excuse.LATE}
        if not good:
            raise Broken(f"{what} on {server.kind.name}: {first} / {other}, {sorted(reasons)}")
        self.world.count("lapsed", f"{what}, {server.kind.name}: {min(good).name}")

    def _reasons(self, server: Server, post: Posted) -> set[Excuse]:
        found = set()
        looked = server.looked.get(post.by.key)
        if post.lied:
            found.add(Excuse.LIED)
        if looked is not None and post.shown_from > looked:
            found.add(Excuse.STOPPED if post.by.stopped else Excuse.LATE)
        if abs(post.by.wrong) > MARGIN:
            found.add(Excuse.CLOCK)
        return found
