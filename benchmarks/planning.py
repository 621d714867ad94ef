"""How long planning takes, as ratios against what cannot be avoided.

    python -m benchmarks.planning [POSTS]

For POSTS posts (10,000 unless told otherwise) on 5 accounts: the first plan (all is added), the same plan against a
ledger that has it all already, with and without the memory of the plan before, and after an edit of one post. The
floor makes the records of the deliveries and of the ledger's view, and compares them, with nothing to decide.
Last, the plan against a full ledger for a tenth, once, and ten times as many posts: the time for each should stay.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from time import process_time
from typing import TypeVar
from zoneinfo import ZoneInfo

from socrbot.campaign import Account, Campaign, Every, InSlot, Once, Post, QuietHours, Schedule, Slot, Text
from socrbot.delivery import Add, Delivery, Kind, State, Wanted
from socrbot.errors import Place
from socrbot.planning import Known, Plan, Planner

T = TypeVar("T")

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIRST = datetime.fromisoformat("2026-12-01T08:00")
ACCOUNTS = ("outbox", "x", "facebook", "bluesky", "x-wales")
HERE = Place("config/campaign.yaml", 1, 1)


def campaign(posts: int) -> Campaign:
    """A campaign with single times over the years, and one post in ten in one of 50 slots."""
    made = [_post(number) for number in range(posts)]
    slots = [Slot(f"slot-{n}", Every(weekdays=(n % 7,), at=time(8 + n % 12, n)), HERE) for n in range(50)]
    return Campaign(
        name="Benchmark",
        hashtag="#SaveOurChildrensRights",
        zone=ZoneInfo("Europe/London"),
        language="en-GB",
        links={},
        facts={},
        accounts={name: Account(name, name, HERE) for name in ACCOUNTS},
        slots={slot.name: slot for slot in slots},
        posts={post.id: post for post in made},
        digest="",
        quiet_hours=QuietHours(time(21, 30), time(7)),
        spacing=timedelta(minutes=10),
    )


def _post(number: int) -> Post:
    place = Place(f"posts/{number // 20}.yaml", number % 20, 1)
    when: Schedule = Once((FIRST + timedelta(minutes=53 * number),))
    if number % 10 == 0:
        when = InSlot(f"slot-{number // 10 % 50}")
    text = Text(f"Post {number}", place)
    return Post(f"post-{number}", (text,), when, place, index=number % 20, digest=str(number))


def plan(planner: Planner, files: Campaign, known: Known) -> Plan:
    """One plan for all accounts."""
    return planner.plan(files, known, now=NOW, accounts=ACCOUNTS, faulty={})


def ledger(files: Campaign, first: Plan) -> Known:
    """The ledger's view after a plan was carried out."""
    rows = [_row(number, change.wanted) for number, change in enumerate(first.changes, 1) if isinstance(change, Add)]
    return Known(rows, dict.fromkeys(files.posts, NOW), first.planned_until)


def _row(number: int, wanted: Wanted) -> Delivery:
    return Delivery(
        id=number,
        post=wanted.post,
        account=wanted.account,
        network=wanted.network,
        occurrence=wanted.occurrence,
        kind=wanted.kind,
        state=State.PLANNED,
        nominal=wanted.nominal,
        due_at=wanted.due_at,
        grace_until=wanted.grace_until,
        path=wanted.path,
        line=wanted.line,
    )


def floor(files: Campaign, known: Known) -> int:
    """Makes a record for each delivery, finds the ledger's by its identity, and compares the two."""
    rows = {(row.post, row.account, row.occurrence): row for row in known.deliveries}
    same = 0
    for post in files.posts.values():
        for account in ACCOUNTS:
            key = "once" if isinstance(post.schedule, Once) else f"slot:{post.schedule.slot}"  # type: ignore[union-attr]
            made = Wanted(post.id, account, account, key, Kind.ONCE, NOW, NOW, NOW + files.grace, post.path, 1)
            row = rows[made.identity]
            same += row.due_at == made.due_at and row.path == made.path
    return same


def timed(work: Callable[[], T], *, rounds: int = 3) -> tuple[float, T]:
    """The least processor time in seconds of a few rounds, and what the last one gave."""
    best, result = float("inf"), None
    for _ in range(rounds):
        gc.collect()
        start = process_time()
        result = work()
        best = min(best, process_time() - start)
    assert result is not None
    return best, result


def edited(files: Campaign) -> Campaign:
    """The campaign after an edit of one post's time."""
    post = files.posts["post-1"]
    moved = replace(post, schedule=Once((FIRST + timedelta(days=3),)), digest="edited")
    return replace(files, posts={**files.posts, post.id: moved})


def main(posts: int) -> None:
    """Prints the ratios."""
    files = campaign(posts)
    first, made = timed(lambda: plan(Planner(), files, Known()))
    known = ledger(files, made)
    least, _ = timed(lambda: floor(files, known))
    fresh, nothing = timed(lambda: plan(Planner(), files, known))
    planner = Planner()
    plan(planner, files, known)
    again, _ = timed(lambda: plan(planner, files, known))
    after, moves = timed(lambda: plan(planner, edited(files), known))
    print(f"{posts} posts, {len(made.changes)} deliveries; floor {least:.3f} s")
    print(f"first plan                     {first / least:6.2f} x floor  ({len(made.changes)} changes)")
    print(f"against an equal ledger        {fresh / least:6.2f} x floor  ({len(nothing.changes)} changes)")
    print(f"the same, remembered           {again / least:6.2f} x floor  {again:.3f} s")
    print(f"after an edit of one post      {after / least:6.2f} x floor  {after:.3f} s ({len(moves.changes)} changes)")
    linearity(posts)


def linearity(posts: int) -> None:
    """Prints the time for each post, as a ratio to the smallest campaign's."""
    base = None
    for number in (posts // 10, posts, posts * 10):
        files = campaign(number)
        known = ledger(files, plan(Planner(), files, Known()))
        seconds, _ = timed(lambda files=files, known=known: plan(Planner(), files, known), rounds=2)  # type: ignore[misc]
        each = seconds / number
        base = base or each
        print(f"{number:7} posts                  {each / base:6.2f} x the time for each post  {seconds:.3f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
