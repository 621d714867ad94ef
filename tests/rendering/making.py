"""A small campaign, and short ways to ask what a post says in it."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from socrbot.campaign import Account, Asset, Campaign, Draft, Fact, Link, Post, Source, Text
from socrbot.errors import Place
from socrbot.message import Capabilities, Message
from socrbot.rendering import Rendered, Renderer

TAG = "#SaveOurChildrensRights"
PLAIN = Capabilities(text_limit=280, measure=len)
WITH_CARD = replace(PLAIN, link_field=True)
FACTS = {
    "tribunal": Fact(
        "tribunal",
        "Families succeed in 98.3% of appeals.",
        Place("config/facts.yaml", 2, 3),
        figure="98.3%",
        source=Source("Tribunal statistics", url="https://www.gov.uk/statistics"),
    ),
    "ehcp-is-law": Fact("ehcp-is-law", "An EHCP is a legal document.", Place("config/facts.yaml", 9, 3)),
}
LINKS = {
    "petition": Link("petition", "https://example.org/petition", Place("config/campaign.yaml", 5, 3), title="Sign it"),
    "statistics": Link(
        "statistics", "https://www.gov.uk/statistics", Place("config/campaign.yaml", 6, 3), "Tribunal statistics"
    ),
}
ACCOUNTS = {name: Account(name, name, Place("config/accounts.yaml", 2, 3)) for name in ("x", "facebook", "bluesky")}
CARD = Asset("media/card.png", mime="image/png", size=10, width=4, height=3, digest="d" * 64)


def text(source: str, *, line: int = 3) -> Text:
    """A text as it stands in a file behind `text: |`, two columns in."""
    return Text(source, Place("posts/a.yaml", line, 3), indent=2)


def post(*sources: str, **changes: object) -> Post:
    """A post with these texts."""
    whole = Post("a", tuple(text(source) for source in sources), Draft(), Place("posts/a.yaml", 1, 1))
    return replace(whole, **changes)  # type: ignore[arg-type]


def campaign(**changes: object) -> Campaign:
    """A campaign with two facts, two links and three accounts."""
    whole = Campaign(
        name="SOCR",
        hashtag=TAG,
        zone=ZoneInfo("Europe/London"),
        language="en-GB",
        links=LINKS,
        facts=FACTS,
        accounts=ACCOUNTS,
        slots={},
        posts={},
        digest="",
        assets={CARD.path: CARD},
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def render(what: Post, *, account: str = "x", capabilities: Capabilities = PLAIN, **changes: object) -> Rendered:
    """The post on one account of the campaign."""
    return Renderer(campaign(**changes)).render(what, ACCOUNTS[account], capabilities)


def message(what: Post, *, account: str = "x", capabilities: Capabilities = PLAIN, **changes: object) -> Message:
    """The post's message; it must have no problems."""
    rendered = render(what, account=account, capabilities=capabilities, **changes)
    assert rendered.problems == ()
    assert rendered.message is not None
    return rendered.message


def said(source: str, **changes: object) -> str:
    """What one text says, without the hashtag."""
    return message(post(source, **changes)).parts[0].text.removesuffix(TAG).strip()


def problems(source: str, **changes: object) -> list[tuple[int, int, str]]:
    """Line, column and code of each problem of a text that begins in line 3, column 3 of its file."""
    rendered = render(post(source, **changes))
    assert rendered.message is None
    assert all(problem.post == "a" and problem.message for problem in rendered.problems)
    return [(problem.place.line, problem.place.column, problem.code) for problem in rendered.problems]


USES = [
    *("{{ fact('tribunal') }}", '{{fact("tribunal").figure}}', "{{ fact('tribunal').source }}", "{{link('petition')}}"),
    *(
        "{{ link('petition').title }}",
        "{{ link('statistics').title }}",
        "{{ fact('nope') }}",
        "{{ fact('tribunal').nope }}",
    ),
    *(
        "{{ fact('ehcp-is-law').figure }}",
        "{{\n fact( 'tribunal' )\n}}",
        "{",
        "}",
        "{{",
        "}}",
        " ",
        "\n",
        "é👩‍👩‍👧‍👦",
        "'",
        "words",
    ),
]
