"""A small campaign for the tests of rules, made of the same records that reading the files makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from socrbot import rules
from socrbot.campaign import Account, Asset, Campaign, Draft, Fact, Link, Media, Post, Schedule, Source, Text, Variant
from socrbot.delivery import Delivery, Kind, State
from socrbot.errors import Place, Problem
from socrbot.message import Capabilities
from socrbot.rendering import Renderer
from socrbot.text import code_points, graphemes, x_weight

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
# Ledgers that are older than every post: one that knows none of them, and one that had the post of the tests.
EMPTY_LEDGER = rules.History(LONG_AGO)
HAD_IT = rules.History(LONG_AGO, frozenset({"law"}))
TAG = "#SaveOurChildrensRights"

CAPABILITIES: dict[str, Capabilities] = {
    "outbox": Capabilities(text_limit=100_000, measure=code_points, threads=True, public=False),
    "x": Capabilities(text_limit=280, measure=x_weight, unit="characters", threads=True),
    "bluesky": Capabilities(text_limit=300, measure=graphemes, byte_limit=3_000, threads=True, alt_limit=2_000),
    "facebook": Capabilities(text_limit=63_206, measure=code_points, link_field=True, max_images=10),
}
ACCOUNTS = {name: Account(name, name, Place("config/accounts.yaml", n, 3)) for n, name in enumerate(CAPABILITIES, 2)}
LINKS = {
    "petition": Link("petition", "https://petition.parliament.uk/petitions/1", Place("config/campaign.yaml", 7, 3)),
    "mp-letter": Link("mp-letter", "https://example.org/mp", Place("config/campaign.yaml", 8, 3), placeholder=True),
}


def fact(name: str = "tribunal", **changes: Any) -> Fact:
    """A fact that is in order on the day of the tests."""
    whole = Fact(
        id=name,
        statement="Families succeed in 98.3% of appeals to the SEND Tribunal.",
        place=Place("config/facts.yaml", 2, 3),
        figure="98.3%",
        source=Source("Tribunal statistics", url="https://www.gov.uk/"),
        checked=date(2026, 11, 1),
        check_again=date(2027, 6, 30),
    )
    return replace(whole, **changes)


def text(source: str, *, line: int = 2) -> Text:
    """A text as it stands in a file behind `text: |`."""
    return Text(source, Place("posts/law.yaml", line, 3), indent=2)


def picture(**changes: Any) -> Media:
    """A picture that is in order."""
    whole = Media("media/card.png", "A white card with the words: the law is the law.", Place("posts/law.yaml", 9, 5))
    return replace(whole, people=False, **changes)


def asset(path: str = "media/card.png", **changes: Any) -> Asset:
    """What is known of a picture that is in order."""
    return replace(Asset(path, "image/png", 20_000, 1200, 675, "ab" * 32), **changes)


def post(
    source: str = "The law protects children.", *, schedule: Schedule | None = None, name: str = "law", **more: Any
) -> Post:
    """A post with one text (`parts=` for several) on all accounts unless told otherwise; a draft without a schedule."""
    places = {"when": Place("posts/law.yaml", 5, 1), "media": Place("posts/law.yaml", 8, 1)}
    whole = Post(
        id=name, parts=(text(source),), schedule=schedule or Draft(), place=Place("posts/law.yaml", 1, 1), places=places
    )
    return replace(whole, **more)


def variant(source: str, *, line: int = 12) -> Variant:
    """Wording for one network."""
    return Variant(text=text(source, line=line))


def campaign(*posts: Post, **changes: Any) -> Campaign:
    """A campaign in Europe/London with an account on each of four networks."""
    whole = Campaign(
        name="Save Our Children's Rights",
        hashtag=TAG,
        zone=ZoneInfo("Europe/London"),
        language="en-GB",
        links=LINKS,
        facts={"tribunal": fact()},
        accounts=ACCOUNTS,
        slots={},
        posts={each.id: each for each in posts},
        digest="",
        assets={"media/card.png": asset()},
    )
    return replace(whole, **changes)


def context(
    whole: Campaign,
    *,
    now: datetime = NOW,
    history: rules.History | None = None,
) -> rules.Context:
    """The circumstances of a check."""
    return rules.Context(
        campaign=whole,
        capabilities={a.id: CAPABILITIES[a.network] for a in whole.accounts.values() if a.network in CAPABILITIES},
        now=now,
        history=history,
        networks=tuple(CAPABILITIES),
    )


def check(
    one: Post,
    *,
    now: datetime = NOW,
    history: rules.History | None = None,
    **changes: Any,
) -> tuple[Problem, ...]:
    """Every problem of a post in a campaign with nothing else."""
    whole = campaign(one, **changes)
    return rules.check_post(one, Renderer(whole), context(whole, now=now, history=history))


def survey(whole: Campaign, *, now: datetime = NOW) -> tuple[Problem, ...]:
    """Every problem of the campaign as a whole."""
    return rules.check_campaign(whole, context(whole, now=now))


def codes(problems: tuple[Problem, ...]) -> list[str]:
    """The codes of problems, in order."""
    return [problem.code for problem in problems]


def situation(
    one: Post, *, account: str = "x", now: datetime = NOW, written: Post | None = None, **changes: Any
) -> rules.Situation:
    """A delivery of the post that is due now. The message is that of `written`, where it differs from the post."""
    whole = campaign(one, **changes)
    known = whole.accounts[account]
    capabilities = CAPABILITIES[known.network]
    return rules.Situation(
        delivery=Delivery(1, one.id, account, known.network, "once", Kind.ONCE, State.PLANNED, now, now, now),
        post=one,
        message=Renderer(whole).render(written or one, known, capabilities).message,
        campaign=whole,
        capabilities=capabilities,
        now=now,
    )
