"""How much the rules add to the rendering that checking cannot do without.

    python -m benchmarks.checking [POSTS]

Renders POSTS posts (10,000 unless told otherwise) for 5 accounts, then checks them, and prints both times and their
ratio. The posts are like a campaign's own: three in ten use a fact, a few have a picture, a link or a thread.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from time import process_time
from zoneinfo import ZoneInfo

from socrbot import networks, rules
from socrbot.campaign import (
    Account,
    Asset,
    Campaign,
    Every,
    Fact,
    InSlot,
    Link,
    Media,
    Once,
    Post,
    QuietHours,
    Schedule,
    Slot,
    Source,
    Text,
    Variant,
)
from socrbot.errors import Place
from socrbot.rendering import Renderer

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TAG = "#SaveOurChildrensRights"
HERE = Place("posts/many.yaml", 1, 1)


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds for the same posts: rendered alone, and checked."""

    posts: int
    rendered: float
    checked: float

    @property
    def ratio(self) -> float:
        """How many times as long checking takes."""
        return self.checked / self.rendered


def campaign(number: int) -> Campaign:
    """A campaign with so many posts and five accounts, two of them on one network."""
    accounts = {"outbox": "outbox", "x": "x", "x-wales": "x", "facebook": "facebook", "bluesky": "bluesky"}
    posts = (post(index) for index in range(number))
    return Campaign(
        name="Benchmark",
        hashtag=TAG,
        zone=ZoneInfo("Europe/London"),
        language="en-GB",
        links={"petition": Link("petition", "https://petition.parliament.uk/petitions/1", HERE)},
        facts={"tribunal": _fact()},
        accounts={name: Account(name, network, HERE) for name, network in accounts.items()},
        slots={"weekend": Slot("weekend", Every(weekdays=(5, 6), at=time(10)), HERE)},
        posts={one.id: one for one in posts},
        digest="",
        quiet_hours=QuietHours(time(21, 30), time(7)),
        assets={"media/card.png": Asset("media/card.png", "image/png", 20_000, 1200, 675, "ab" * 32)},
    )


def post(index: int) -> Post:
    """Post number `index`: its kind goes by the last digit."""
    kind = index % 10
    words = f"Post {index}: the law gives every child with special needs the right to the support that they need."
    source = f"{words}\n{{{{ fact('tribunal').figure }}}} of families win — “still they wait”." if kind < 3 else words
    parts = (
        (Text(source, HERE, 2), Text(f"And part two of {index}.", HERE, 2)) if kind == 9 else (Text(source, HERE, 2),)
    )
    return Post(
        id=f"post-{index}",
        parts=parts,
        schedule=schedule(kind, index),
        place=HERE,
        media=(Media("media/card.png", "A card with the words: the law is the law.", HERE, people=False),)
        * (kind == 4),
        link="petition" if kind in (2, 5) else None,
        variants={"facebook": Variant(skip=True)} if kind == 9 else {},
    )


def schedule(kind: int, index: int) -> Schedule:
    """Half in a slot, the rest weekly or at a date of their own."""
    if kind < 5:
        return InSlot("weekend")
    if kind < 8:
        return Every(weekdays=(index % 7,), at=time(8 + index % 12))
    return Once((datetime(2027, 1 + index % 12, 1 + index % 28, 19),))  # noqa: DTZ001 - a wall time


def _fact() -> Fact:
    statement = "Families succeed in 98.3% of appeals."
    return Fact("tribunal", statement, HERE, "98.3%", Source("Statistics"), date(2026, 11, 1), None, date(2027, 6, 30))


def seconds(work: Callable[[], object]) -> float:
    """Processor time of the work, without the garbage collector's pauses: other programs do not disturb it."""
    gc.collect()
    gc.disable()
    try:
        began = process_time()
        work()
        return process_time() - began
    finally:
        gc.enable()


def measure(number: int) -> Measured:
    """Both times for so many posts, each with a renderer that has seen nothing yet."""
    whole, capable = campaign(number), networks.all_capabilities()
    context = rules.Context(campaign=whole, capabilities=capable, now=NOW, done=lambda _: True)
    measured = [(_render(context), _check(context)) for _ in range(3)]
    return Measured(number, min(rendered for rendered, _ in measured), min(checked for _, checked in measured))


def _render(context: rules.Context) -> float:
    whole, renderer = context.campaign, Renderer(context.campaign)

    def work() -> None:
        for one in whole.posts.values():
            for account in whole.accounts_of(one):
                renderer.render(one, account, context.capabilities[account.network])

    return seconds(work)


def _check(context: rules.Context) -> float:
    whole, renderer = context.campaign, Renderer(context.campaign)

    def work() -> None:
        for one in whole.posts.values():
            rules.check_post(one, renderer, context)
        rules.check_campaign(whole, context)

    return seconds(work)


def main() -> None:
    """Measures and prints."""
    measured = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    print(
        f"{measured.posts:,} posts, 5 accounts: rendering {measured.rendered:.2f} s, checking {measured.checked:.2f} s"
    )
    print(f"checking / rendering: {measured.ratio:.2f}")


if __name__ == "__main__":
    main()
