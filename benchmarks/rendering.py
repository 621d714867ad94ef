"""What rendering posts for 5 accounts costs, against what cannot be avoided, in the same run.

    python benchmarks/rendering.py [--quick]

The floor is Jinja2 alone: compile each different text once and render each post once, or nothing at all where no text
has a tag. Prints the ratio for four kinds of campaign, in processor time without the garbage collector.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from zoneinfo import ZoneInfo

from _bench import is_quick, processor, show, show_seconds
from jinja2.sandbox import ImmutableSandboxedEnvironment

from socrbot.campaign import Account, Campaign, Draft, Fact, Link, Post, Text
from socrbot.errors import Place
from socrbot.message import Capabilities
from socrbot.rendering import Renderer, templates
from socrbot.source import collector_paused
from socrbot.text import code_points

ACCOUNTS = 5
HERE = Place("posts/a.yaml", 1, 1)
FACTS = {f"fact-{n}": Fact(f"fact-{n}", f"Statement {n} about the law.", HERE, figure=f"{n}%") for n in range(20)}
LINKS = {"petition": Link("petition", "https://www.gov.uk/petition", HERE)}
KINDS: dict[str, Callable[[int], str]] = {
    "no tags": lambda n: (
        f"Post number {n}: every child has a right to support.\n\nThe law says so, and we say it again."
    ),
    "facts and links": lambda n: (
        f"Post {n}: {{{{ fact('fact-{n % 20}').figure }}}} of appeals. {{{{ link('petition') }}}}"
    ),
    "conditions, all different": lambda n: (
        f"Post {n}: {{% if fact('fact-{n % 20}').figure %}}{{{{ fact('fact-{n % 20}').figure }}}}{{% endif %}} of them."
    ),
    "conditions, 100 texts": lambda n: (
        f"Post {n % 100}: {{% if fact('fact-1').figure %}}{{{{ fact('fact-1').figure }}}}{{% endif %}} of appeals."
    ),
}


def campaign(sources: list[str]) -> Campaign:
    """A campaign with one post for each text."""
    accounts = {f"account-{n}": Account(f"account-{n}", "x", HERE) for n in range(ACCOUNTS)}
    posts = {str(n): Post(str(n), (Text(source, HERE),), Draft(), HERE) for n, source in enumerate(sources)}
    return Campaign(
        name="SOCR",
        hashtag="#SaveOurChildrensRights",
        zone=ZoneInfo("Europe/London"),
        language="en-GB",
        links=LINKS,
        facts=FACTS,
        accounts=accounts,
        slots={},
        posts=posts,
        digest="",
    )


def floor(sources: list[str]) -> None:
    """Jinja2 alone: each different text compiled once, and each post rendered once."""
    environment = ImmutableSandboxedEnvironment()
    figures = {name: {"figure": fact.figure} for name, fact in FACTS.items()}
    compiled = {source: environment.from_string(source) for source in dict.fromkeys(sources) if "{" in source}
    for source in sources:
        if source in compiled:
            compiled[source].render(fact=figures.__getitem__, link=LINKS.__getitem__)


def ours(whole: Campaign) -> None:
    """Every post on every account, from nothing."""
    templates.read.cache_clear()
    renderer = Renderer(whole)
    capabilities = Capabilities(text_limit=280, measure=code_points)
    for post in whole.posts.values():
        for account in whole.accounts.values():
            assert renderer.render(post, account, capabilities).message is not None


def paused(work: Callable[[], None]) -> float:
    with collector_paused():
        return processor(work)


def main() -> None:
    quick = is_quick(__doc__)
    posts, rounds = (200, 1) if quick else (5_000, 3)
    print(f"{posts:,} posts, {ACCOUNTS} accounts, {rounds} rounds; ratios to Jinja2 alone")
    for kind, source in KINDS.items():
        sources = [source(number) for number in range(posts)]
        whole = campaign(sources)
        pairs = [(paused(lambda: floor(sources)), paused(lambda: ours(whole))) for _ in range(rounds)]  # noqa: B023
        if any("{" in text for text in sources):
            own = statistics.median(mine for _, mine in pairs)
            show(kind, [mine / least for least, mine in pairs], note=f"{own * 1e3:.0f} ms")
        else:
            show_seconds(kind, [mine for _, mine in pairs], note="(the floor is nothing)")


if __name__ == "__main__":
    main()
