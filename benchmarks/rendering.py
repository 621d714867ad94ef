"""What rendering 10,000 posts for 5 accounts costs, against what cannot be avoided, in the same run.

    python -m benchmarks.rendering

The floor is Jinja2 alone: compile each different text once and render each post once, or nothing at all where no text
has a tag. Prints the ratio with its spread over the rounds, for three kinds of campaign.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

from jinja2.sandbox import ImmutableSandboxedEnvironment

from socrbot.campaign import Account, Campaign, Draft, Fact, Link, Post, Text
from socrbot.errors import Place
from socrbot.message import Capabilities
from socrbot.rendering import Renderer, templates
from socrbot.text import code_points

POSTS = 10_000
ACCOUNTS = 5
ROUNDS = 3
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


def seconds(work: Callable[[], None]) -> float:
    """How long it takes, without the collector of garbage, which would count what others left behind."""
    gc.collect()
    gc.disable()
    before = time.perf_counter()
    work()
    passed = time.perf_counter() - before
    gc.enable()
    return passed


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


def main() -> None:
    """Prints one line for each kind of campaign."""
    print(f"{POSTS:,} posts on {ACCOUNTS} accounts")
    for kind, source in KINDS.items():
        sources = [source(number) for number in range(POSTS)]
        whole = campaign(sources)
        rounds = [(seconds(partial(floor, sources)), seconds(partial(ours, whole))) for _ in range(ROUNDS)]
        floors, times = zip(*rounds, strict=True)
        line = f"{kind:>26}: {statistics.median(times):.2f} s"
        if statistics.median(floors) > 0.01:
            ratios = [mine / least for mine, least in zip(times, floors, strict=True)]
            line += f", {statistics.median(ratios):.2f} times Jinja2 alone ({min(ratios):.2f} to {max(ratios):.2f})"
        print(line)


if __name__ == "__main__":
    main()
