"""Random lives of deliveries: whatever workers, time, networks and people do, the ledger stays true.

The network of this test is honest: what it says later about a post agrees with whether it took it. So no part may ever
be taken twice.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, get_type_hints

import psycopg
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from socrbot.clock import VirtualClock
from socrbot.delivery import Add, Cancel, Change, Claim, Hold, Kind, Move, Outcome, Release, Restore, State
from socrbot.errors import LedgerError, Lost
from socrbot.ledger import Filter, Ledger
from socrbot.ledger.schema import deliveries
from socrbot.message import Receipt
from tests.ledger import history
from tests.ledger.desk import HOUR, LEASE, MINUTE, START, Desk, wanted

DRAWN: dict[str, st.SearchStrategy[Any]] = {
    "account": st.sampled_from(["x", "facebook"]),
    "scope": st.sampled_from([None, "x"]),
    "post": st.sampled_from(["a", "b", "c"]),
    "worker": st.sampled_from(["worker-1", "worker-2"]),
    "end": st.sampled_from([State.PLANNED, State.FAILED, State.UNKNOWN]),
    "change": st.sampled_from(["move", "cancel", "hold", "release", "restore"]),
    "number": st.integers(0, 9),
    "hours": st.integers(-1, 2),
    "minutes": st.sampled_from([1, 4, 4, 60]),
    "jump": st.sampled_from([0, 0, 0, -60, 60]),
    **{name: st.booleans() for name in ("taken", "thread", "slot", "again", "urgent", "first")},
}
# Who does how much of all that is done.
STEPS = (
    *["work"] * 3,
    *["begin_work"] * 3,
    *["go_on"] * 3,
    *["end_work"] * 3,
    *["look"] * 2,
    *["wait"] * 3,
    *["plan", "plan", "sync", "sync", "give_back", "pause", "cancel", "retry", "retry", "publish_now"],
    *["withdraw", "settle", "settle", "hear_late", "hear_late"],
)


Sending = tuple[Claim, int, int, int, bool]


class Lives(RuleBasedStateMachine):
    """One ledger, two accounts, two workers, and people. The rules are broad, so that few steps go far."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = VirtualClock(START)
        self.ledger = Ledger.open(self.where(), clock=self.clock)
        self.desk = Desk(self.ledger, self.clock)
        self.taken: Counter[tuple[int, int]] = Counter()
        self.seen = 0
        self.claims: list[Claim] = []
        self.sendings: list[Sending] = []
        items = [wanted(post, account, grace=9 * HOUR) for post in ("a", "b", "c") for account in ("x", "facebook")]
        self.desk.apply(*(Add(item) for item in items))

    def where(self) -> str:
        """Where this ledger is made."""
        return str(Path(self.folder.name) / "ledger.sqlite")

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            self.ledger.close()
            self.folder.cleanup()

    def some(self, number: int, *states: State) -> Any:
        found = self.ledger.deliveries(Filter(states=frozenset(states) if states else None))
        return found[number % len(found)] if found else None

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is the one under which its delivery is in hand, by the table itself."""
        with self.ledger._db.read() as connection:
            query = sa.select(deliveries.c.token).where(deliveries.c.id == claim.delivery.id)
            return connection.execute(query).scalar() == claim.token

    @rule(step=st.sampled_from(STEPS), data=st.data())
    def act(self, step: str, data: st.DataObject) -> None:
        """One step of somebody, with whatever it needs drawn at random."""
        method = getattr(self, step)
        hints = get_type_hints(method)
        method(**{name: data.draw(DRAWN[name], label=name) for name in hints if name != "return"})

    # The plan and time

    def plan(self, post: str, account: str, hours: int, slot: bool) -> None:
        due_at = self.clock.now() + hours * HOUR
        kind, key = (Kind.SLOT, "slot:weekend") if slot else (Kind.LIST, due_at.isoformat())
        self.desk.apply(Add(wanted(post, account, due_at=due_at, kind=kind, occurrence=key, grace=3 * HOUR)))

    def sync(self, number: int, change: str) -> None:
        item = self.some(number)
        if item is None:
            return
        other = wanted(item.post, item.account, occurrence=item.occurrence, due_at=self.clock.now())
        changes: dict[str, list[Change]] = {
            "move": [Move(item.id, other, "Edited.")],
            "cancel": [Cancel(item.id, "post-removed", "Gone.")],
            "hold": [Hold(item.id, "stale-fact", "Old.")],
            "release": [Move(item.id, other, "Edited."), Release(item.id, "Checked.")],
            "restore": [Restore(item.id, other)],
        }
        self.desk.apply(*changes[change])

    def wait(self, minutes: int, jump: int) -> None:
        self.clock.advance(minutes * MINUTE)
        self.clock.jump(jump * MINUTE)
        now = self.clock.now()
        assert all(item.state in (State.PLANNED, State.UNKNOWN) for item in self.ledger.expire(now))
        assert all(item.grace_until < now for item in self.ledger.miss_late(now))

    # Workers

    def claim(self, account: str, worker: str) -> Claim | None:
        due = self.ledger.due_accounts(self.clock.now())
        claim = self.desk.try_claim(account, worker=worker)
        assert (claim is not None) == (account in due)
        return claim

    def begin_work(self, account: str, worker: str) -> None:
        if (claim := self.claim(account, worker)) is not None:
            self.claims.append(claim)

    def go_on(self, number: int, taken: bool, thread: bool) -> None:
        """Sends under some claim, which may be void by now."""
        if self.claims:
            sending = self.send(self.claims[-1 - number % len(self.claims)], taken, thread)
            if sending is not None:
                self.sendings.append(sending)

    def end_work(self, number: int, end: State) -> None:
        if self.sendings:
            self.answer(self.sendings.pop(-1 - number % len(self.sendings)), end)

    def give_back(self, number: int) -> None:
        if self.claims:
            claim = self.claims[-1 - number % len(self.claims)]
            held = self.holds(claim)
            with suppress(LedgerError):
                self.ledger.release_claim(claim, now=self.clock.now())
                assert held

    def send(self, claim: Claim | None, taken: bool, thread: bool) -> Sending | None:
        """Sends the next part that is not public; the network takes it, or does not."""
        if claim is None:
            return None
        rows = [row.number for row in self.ledger.parts(claim.delivery.id) if row.receipt is not None]
        part = len(rows) + 1
        parts = 2 if thread or part == 2 else 1
        if part > 2:
            return None
        held = self.holds(claim)
        try:
            attempt = self.desk.intend(claim, part=part, parts=parts, key=f"{claim.delivery.id}/{part}")
        except LedgerError:
            return None
        assert held
        if not isinstance(attempt, int):
            return None
        self.taken[claim.delivery.id, part] += taken
        return claim, attempt, part, parts, taken

    def work(self, account: str, worker: str, taken: bool, thread: bool, end: State) -> None:
        """A worker takes one delivery as far as it goes."""
        claim = self.claim(account, worker)
        while (sending := self.send(claim, taken, thread)) is not None:
            self.answer(sending, end)
            if sending[2] == sending[3] or not self.holds(sending[0]):
                break

    def answer(self, sending: Sending | None, end: State) -> None:
        """The answer arrives, in time or after the claim ran out, or is lost."""
        if sending is None:
            return
        claim, attempt, part, parts, taken = sending
        now, held = self.clock.now(), self.holds(claim)
        # A look may have found the very same receipt by now: then the answer says nothing new, and nothing is lost.
        tries = self.ledger.story(claim.delivery.id).attempts
        known = any(one.id == attempt and one.receipt is not None for one in tries)
        with suppress(Lost):
            if taken and end is not State.UNKNOWN:
                receipt = Receipt(f"{claim.delivery.id}/{part}")
                self.ledger.part_sent(claim, attempt, receipt, now=now, last=part == parts)
            else:
                self.ledger.record(claim, attempt, Outcome(end, "because", "Because."), now=now)
            assert held or known

    def hear_late(self, number: int) -> None:
        """The answer comes to somebody who holds nothing any more: the claim is given up first, as by a sweep."""
        if not self.sendings:
            return
        claim, attempt, part, parts, taken = self.sendings.pop(-1 - number % len(self.sendings))
        if self.holds(claim):
            self.clock.advance(LEASE)
            self.ledger.expire(self.clock.now())
        before = self.ledger.delivery(claim.delivery.id).state
        now = self.clock.now()
        with suppress(Lost):
            if taken:
                receipt = Receipt(f"{claim.delivery.id}/{part}")
                self.ledger.part_sent(claim, attempt, receipt, now=now, last=part == parts)
            else:
                self.ledger.record(claim, attempt, Outcome(State.UNKNOWN, "because", "Because."), now=now)
        after = self.ledger.delivery(claim.delivery.id).state
        assert taken or after is before

    def look(self, number: int) -> None:
        """Somebody looks for a lost answer; the network tells the truth."""
        unknowns = self.ledger.unknowns(self.clock.now())
        if unknowns:
            item = unknowns[number % len(unknowns)]
            there = bool(self.taken[item.delivery.id, item.part])
            found = Receipt(f"{item.delivery.id}/{item.part}") if there else None
            self.ledger.settle(item.delivery.id, found=found, evidence="Looked.", now=self.clock.now(), by="worker-1")

    # People

    def pause(self, scope: str | None, first: bool, minutes: int) -> None:
        """A pause, perhaps after a claim, with nothing getting through it but what is urgent."""
        claim = self.claim("x", "worker-1") if first else None
        self.ledger.pause(scope, "Quiet day.", by="Ann", now=self.clock.now())
        sending = self.send(claim, True, False)
        assert sending is None or sending[0].delivery.urgent
        self.sendings.extend([] if sending is None else [sending])
        assert (taken := self.claim("x", "worker-2")) is None or taken.delivery.urgent
        self.clock.advance(minutes * MINUTE)
        self.ledger.resume(scope, by="Ann", now=self.clock.now())

    def cancel(self, number: int, again: bool) -> None:
        if (item := self.some(number)) is not None:
            with suppress(LedgerError):
                self.ledger.cancel(item.id, by="Ann", reason="No.", now=self.clock.now())
                if again:
                    self.ledger.retry(item.id, by="Ann", now=self.clock.now(), grace=HOUR)

    def retry(self, number: int) -> None:
        """A person tries again what is over; of a doubt they know the truth."""
        item = self.some(number, State.FAILED, State.MISSED, State.CANCELLED, State.HELD)
        if item is not None:
            self.ledger.retry(item.id, by="Ann", now=self.clock.now(), grace=HOUR)

    def settle(self, number: int) -> None:
        """A person who knows the truth ends a doubt, about a delivery of one part."""
        item = self.some(number, State.UNKNOWN)
        if item is None:
            return
        doubt = next(one for one in self.ledger.story(item.id).attempts if one.state in ("open", "unknown"))
        there = bool(self.taken[item.id, doubt.part])
        if there and doubt.part < doubt.parts:
            return
        url = f"{item.id}/{doubt.part}" if there else None
        settled = self.ledger.settle_by_person(item.id, sent=there, url=url, by="Ann", now=self.clock.now())
        assert settled.state is (State.SENT if there else State.PLANNED)

    def withdraw(self, number: int, again: bool) -> None:
        """What is public is taken back and erased. It never goes out again."""
        item = self.some(number, State.SENT, State.FAILED)
        if item is None or not item.parts_out:
            return
        now = self.clock.now()
        assert self.ledger.withdraw(item.id, by="Ann", reason="A mistake.", now=now).state is State.WITHDRAWN
        self.ledger.erase([item.id], words=again, by="Ann", now=now)
        story = self.ledger.story(item.id)
        assert all(not one.payload for one in story.attempts)
        with suppress(LedgerError):
            self.ledger.retry(item.id, by="Ann", now=now, grace=HOUR)
            raise AssertionError("what was withdrawn goes out again")

    def publish_now(self, post: str, account: str, urgent: bool) -> None:
        now = self.clock.now()
        with suppress(LedgerError):
            self.ledger.publish_now(
                post, account, account, now=now, by="Ann", urgent=urgent, reason="Now", grace=HOUR, path="p", line=1
            )

    @precondition(lambda self: hasattr(self, "ledger"))
    @invariant()
    def the_ledger_is_true(self) -> None:
        changed, self.seen = history.changed_since(self.ledger, self.seen)
        history.check(self.ledger, stories=[item.id for item in changed])
        assert all(number <= 1 for number in self.taken.values()), self.taken
        instant = self.ledger.next_due(self.clock.now())
        assert instant is None or instant.tzinfo is not None


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_lives_on_postgresql(cluster: Path) -> None:
    """The same lives, on a server."""

    class OnServer(Lives):
        def where(self) -> str:
            with psycopg.connect(f"host={cluster} user=app dbname=postgres", autocommit=True) as connection:
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public")
            return f"postgresql://app@/postgres?host={cluster}"

    few = settings(max_examples=8, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(OnServer, settings=few)
