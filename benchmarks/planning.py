"""How long planning takes, as ratios against what cannot be avoided.

    python benchmarks/planning.py [--quick]

For 10,000 posts on 5 accounts, in processor time: the first plan (all is added), the same plan against a
ledger that has it all already, with and without the memory of the plan before, and after an edit of one post. The
floor makes the records of the deliveries and of the ledger's view, and compares them, with nothing to decide.
Last, the plan against a full ledger for a tenth of the posts and for ten times as many: the time for each should stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from _bench import is_quick, processor, show, show_seconds

from socrbot.campaign import Account, Campaign, Every, InSlot, Once, Post, QuietHours, Schedule, Slot, Text
from socrbot.delivery import Add, Delivery, Kind, State, Wanted
from socrbot.errors import Place
from socrbot.planning import Known, Plan, Planner
from socrbot.source import collector_paused

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


def edited(files: Campaign) -> Campaign:
    """The campaign after an edit of one post's time."""
    post = files.posts["post-1"]
    moved = replace(post, schedule=Once((FIRST + timedelta(days=3),)), digest="edited")
    return replace(files, posts={**files.posts, post.id: moved})


def times(work: Callable[[], object], rounds: int) -> list[float]:
    """Processor time of the work, with the garbage collector paused as in the service."""
    with collector_paused():
        return [processor(work) for _ in range(rounds)]


def main() -> None:
    quick = is_quick(__doc__)
    posts, rounds = (200, 1) if quick else (10_000, 5)
    files = campaign(posts)
    made = plan(Planner(), files, Known())
    known = ledger(files, made)
    planner = Planner()
    plan(planner, files, known)
    after_edit = edited(files)
    least = median(times(lambda: floor(files, known), rounds))
    print(f"{posts:,} posts, 5 accounts, {len(made.changes):,} deliveries; {rounds} rounds; ratios to the floor")
    show_seconds("floor", [least])
    for label, work in (
        ("first plan, all is new", lambda: plan(Planner(), files, Known())),
        ("against a ledger that has it all", lambda: plan(Planner(), files, known)),
        ("the same, remembered", lambda: plan(planner, files, known)),
        ("after an edit of one post", lambda: plan(planner, after_edit, known)),
    ):
        found = times(work, rounds)
        show(label, [seconds / least for seconds in found], note=f"{median(found) * 1e3:.0f} ms")
    linearity(posts)


def linearity(posts: int) -> None:
    """Prints the time for each post in a small and in a large campaign, as ratios to that in between."""
    each: dict[int, list[float]] = {}
    for number, rounds in ((posts // 10, 3), (posts, 3), (posts * 10, 2)):
        files = campaign(number)
        known = ledger(files, plan(Planner(), files, Known()))
        found = times(lambda: plan(Planner(), files, known), rounds)  # noqa: B023
        each[number] = [seconds / number for seconds in found]
    for number in (posts // 10, posts * 10):
        ratios = [seconds / median(each[posts]) for seconds in each[number]]
        show(f"time for each post, {number:,} posts / {posts:,}", ratios, goal=1.2)


if __name__ == "__main__":
    main()
