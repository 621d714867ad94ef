"""What reading, checking, rendering and planning a campaign for five accounts costs, against what cannot be avoided.

    python benchmarks/checking.py [--quick]

Cannot be avoided: to read the files (parse, validate), to compile each different text once, and to render each post.
"Rendering" is what a network needs to be given for each post on each account: words, hashtag, link, pictures. The bare
floor counts only what Jinja2 does of it, once for each wording. Everything begins with nothing remembered, in
processor time, with the garbage collector paused as in the service. The posts are those of `_campaign.py`.
Last, the time for each post in a small and in a large campaign: it should stay the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from typing import TypeVar

import _campaign
from _bench import is_quick, processor, show, show_seconds

from socrbot import networks, planning, source
from socrbot.campaign import Campaign, Text
from socrbot.checking import Checker
from socrbot.media import Assets
from socrbot.rendering import Renderer, templates

T = TypeVar("T")

CAPABILITIES = networks.all_capabilities()


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds of one round. `rendered` includes compiling, `checked` includes rendering."""

    read: float
    compiled: float
    filled: float
    rendered: float
    checked: float
    planned: float

    @property
    def whole(self) -> float:
        """All that the bot does."""
        return self.read + self.checked + self.planned


def load(root: Path) -> source.Loaded:
    """The whole campaign; a problem would make the figures worthless."""
    loaded = source.load(root, inspect=Assets(root).inspect)
    assert loaded.campaign is not None
    assert not loaded.problems, loaded.problems[:3]
    return loaded


def wordings(campaign: Campaign) -> list[Text]:
    """Every text of every post, as often as a post has it."""
    found = [text for post in campaign.posts.values() for text in post.parts]
    variants = [one for post in campaign.posts.values() for one in post.variants.values()]
    return found + [text for one in variants for text in (one.text, *one.parts) if text is not None]


def render(campaign: Campaign) -> None:
    """Every post on every account."""
    renderer = Renderer(campaign)
    for post in campaign.posts.values():
        for account in campaign.accounts_of(post):
            assert renderer.render(post, account, CAPABILITIES[account.network]).message is not None


def check(loaded: source.Loaded) -> None:
    assert loaded.campaign is not None
    checker = Checker(tuple(CAPABILITIES), lambda accounts: networks.capabilities_by_account(accounts, None))
    found = checker.check(loaded.campaign, loaded.problems, loaded.faulty, now=_campaign.NOW)
    assert not found.problems, found.problems[:3]


def plan(campaign: Campaign) -> None:
    made = planning.Planner().plan(
        campaign, planning.Known(), now=_campaign.NOW, accounts=_campaign.ACCOUNTS, faulty={}
    )
    assert len(made.wanted) > len(campaign.posts)


def paused(work: Callable[[], object]) -> float:
    """Seconds of processor time without the garbage collector, and without any text that was compiled before."""
    templates.read.cache_clear()
    with source.collector_paused():
        return processor(work)


def measure(root: Path) -> Round:
    read = paused(lambda: load(root))
    loaded = load(root)
    campaign = loaded.campaign
    assert campaign is not None
    texts = wordings(campaign)
    compiled = paused(lambda: [templates.read(text.source) for text in texts])
    words = templates.Words.of(campaign.facts, campaign.links)
    with_filling = paused(lambda: [templates.read(text.source).fill(words) for text in texts])
    return Round(
        read=read,
        compiled=compiled,
        filled=max(0.0, with_filling - compiled),
        rendered=paused(lambda: render(campaign)),
        checked=paused(lambda: check(loaded)),
        planned=paused(lambda: plan(campaign)),
    )


def whole(root: Path) -> float:
    """Seconds for all that the bot does, and nothing else."""

    def work() -> None:
        loaded = load(root)
        assert loaded.campaign is not None
        check(loaded)
        plan(loaded.campaign)

    return paused(work)


def rounds_of(posts: int, number: int, one: Callable[[Path], T]) -> list[T]:
    """So many rounds with a campaign of so many posts."""
    with tempfile.TemporaryDirectory() as folder:
        _campaign.write(Path(folder), posts, files=max(1, posts // 100))
        return [one(Path(folder)) for _ in range(number)]


def main() -> None:
    quick = is_quick(__doc__)
    posts, number = (200, 1) if quick else (10_000, 5)
    rounds_of(20, 1, measure)
    rounds = rounds_of(posts, number, measure)
    print(f"{posts:,} posts, 5 accounts, {number} rounds")
    for name in (field.name for field in fields(Round)):
        show_seconds(name, [getattr(one, name) for one in rounds])
    show_seconds("read, checked and planned", [one.whole for one in rounds])
    show("whole / (read + rendered)", [one.whole / (one.read + one.rendered) for one in rounds], goal=2)
    bare = [one.whole / (one.read + one.compiled + one.filled) for one in rounds]
    show("whole / (read + compiled + filled), the bare floor", bare)
    show("rules: checked / rendered", [one.checked / one.rendered for one in rounds])
    each = median(rounds_of(posts, number, whole)) / posts
    for size, times in ((50, 1), (400, 1)) if quick else ((1_000, 5), (100_000, 2)):
        sized = [seconds / size / each for seconds in rounds_of(size, times, whole)]
        show(f"time for each post, {size:,} posts / {posts:,}", sized, goal=1.2)


if __name__ == "__main__":
    main()
