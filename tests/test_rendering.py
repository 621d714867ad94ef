"""From a post to its message: wording, facts, links, hashtag, pictures, and the places of mistakes."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.campaign import Account, Asset, Campaign, Draft, Fact, Link, Media, Post, Source, Text, Variant
from socrbot.errors import Place, Problem
from socrbot.message import Capabilities, FactUse, Message, SpanKind
from socrbot.rendering import Rendered, Renderer, sandbox, templates
from socrbot.rendering.templates import Filled, Words
from socrbot.text import count_hashtag

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
    "statistics": Link("statistics", "https://www.gov.uk/statistics", Place("config/campaign.yaml", 6, 3)),
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


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("{{ fact('tribunal') }}", "Families succeed in 98.3% of appeals."),
        ("Won: {{ fact('tribunal').figure }} of {{fact(\"tribunal\").source}}", "Won: 98.3% of Tribunal statistics"),
        ("{{ fact('tribunal').source.url }}", "https://www.gov.uk/statistics"),
        ("{{ link('petition').title }}: {{ link('petition') }}", "Sign it: https://example.org/petition"),
        ("{% if fact('tribunal').figure %}\nYes\n{% endif %}\n", "Yes"),
        ("{% for who in ['MPs', 'peers'] %}{{ who }} {% endfor %}", "MPs peers"),
        ("{% set share = fact('tribunal').figure %}{{ share }} and {{ share }}", "98.3% and 98.3%"),
        ("{{ fact('tribunal') | upper }}", "FAMILIES SUCCEED IN 98.3% OF APPEALS."),
        ("{{ fact('ehcp-is-law').figure | default('all') }}", "all"),
        ("{# not shown #}Shown", "Shown"),
        ("{% raw %}{{ braces }}{% endraw %}", "{{ braces }}"),
        ("Every {child} has }} rights", "Every {child} has }} rights"),
    ],
)
def test_texts_are_filled_in(source: str, wanted: str) -> None:
    """Facts, figures, sources, links, and the few things that a text may do with them."""
    assert said(source) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("  One  \nTwo\t\n\n\nThree\r\n", "One\nTwo\n\n\nThree"),
        ("e\u0301cole", "école"),
    ],
)
def test_texts_are_tidied(source: str, wanted: str) -> None:
    """Spaces at the ends go, blank lines stay, letters are composed."""
    assert said(source) == wanted


def test_all_unknown_names_are_told_at_once() -> None:
    """Each unknown fact, link, field and missing figure has its own place in the file, and a suggestion."""
    rendered = render(
        post(
            "One {{ fact('tribunl') }}, {{ fact('nothing-like') }}\n"
            "{{ link('petiton') }} {{ fact('ehcp-is-law').figure }}"
        )
    )
    found = [(str(problem.place), problem.code, problem.hint) for problem in rendered.problems]
    assert found == [
        ("posts/a.yaml:3:10", "unknown-fact", "Did you mean “tribunal”?"),
        ("posts/a.yaml:3:33", "unknown-fact", "The facts stand in config/facts.yaml."),
        ("posts/a.yaml:4:6", "unknown-link", "Did you mean “petition”?"),
        ("posts/a.yaml:4:28", "template-undefined", None),
    ]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("a\n{{ fact('tribunl')|upper }} {{ fact('x')|upper }}", [(4, 6, "unknown-fact"), (4, 34, "unknown-fact")]),
        ("{{ fact('tribunal').figur|upper }}", [(3, 6, "template-undefined")]),
        ("petition {{ petition }}", [(3, 15, "template-undefined")]),
        (
            "{{ a }} {{ b }}\n{{ a }}",
            [(3, 6, "template-undefined"), (3, 14, "template-undefined"), (4, 6, "template-undefined")],
        ),
        ("one\ntwo {{ fact('tribunal')", [(4, 7, "template-syntax")]),
        ("{{ fact('tribunal') and {{ link('petition') }}", [(3, 3, "template-syntax")]),
        ("{{ fact(‘tribunal’) }}", [(3, 11, "template-syntax")]),
        ("a\n  {% unless x %}", [(4, 8, "template-syntax")]),
        ("{% if true %}\nnever ended", [(3, 6, "template-syntax")]),
        ("{{ fact tribunal }}", [(3, 11, "template-syntax")]),
        ("{{ 'a' | shout }}", [(3, 12, "template-syntax")]),
        ("a {# b", [(3, 5, "template-syntax")]),
        ("x\n{{ fact('ehcp-is-law').source.url }}", [(4, 12, "template-undefined")]),
        ("x {{ fact('tri' ~ 'bunl') }}", [(3, 5, "unknown-fact")]),
        ("x {{ 1 / 0 }}", [(3, 5, "template-error")]),
        ("x {{ none }}", [(3, 5, "template-error")]),
        ("{{ fact() }}", [(3, 3, "template-error")]),
    ],
)
def test_mistakes_have_their_place(source: str, wanted: list[tuple[int, int, str]]) -> None:
    """The line and the column of the very word, counted in the file."""
    assert problems(source) == wanted


ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ fact.__globals__ }}",
    "{{ fact.__call__.__globals__['os'] }}",
    "{{ fact('tribunal').__class__ }}",
    "{{ fact('tribunal')['__dict__'] }}",
    "{{ fact('tribunal').format() }}",
    "{{ fact('tribunal')|attr('__class__') }}",
    "{{ fact('tribunal')|map(attribute='__class__')|list }}",
    "{{ '{0.__class__}'.format(fact) }}",
    "{{ '{0.__class__}'|format(fact) }}",
    "{{ '%s' % fact }}",
    "{{ self }} {{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.environ }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "{{ joiner }} {{ namespace() }} {{ dict() }} {{ range(3) }}",
    "{{ config }} {{ request }} {{ environ }} {{ now() }}",
    "{{ socrbot_meter.rounds }}",
    "{{ 'a'|socrbot_steps }}",
    "{% include '/etc/passwd' %}",
    "{% extends 'base' %}",
    "{% import 'os' as os %}{{ os }}",
    "{% from 'os' import environ %}",
    "{% macro m() %}{{ m.__globals__ }}{% endmacro %}{{ m() }}",
    "{% block b %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% call fact('tribunal') %}{% endcall %}",
    "{% with x = fact %}{{ x.words }}{% endwith %}",
    "{% set f = fact %}{{ f('tribunal') }}",
    "{% for x in [1] %}{{ loop.__init__.__globals__ }}{% endfor %}",
    "{% for x in [1] %}{{ loop.cycle.__globals__ }}{% endfor %}",
    "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "{{ fact }}",
    "{{ [].append }} {{ {}.update }}",
]


@pytest.mark.parametrize("source", ESCAPES)
def test_a_text_cannot_get_out(source: str) -> None:
    """What leads to Python, the environment or files in a free template is a problem here, and shows nothing."""
    rendered = render(post(source))
    assert rendered.message is None
    assert {problem.code for problem in rendered.problems} <= {
        "template-syntax",
        "template-undefined",
        "template-error",
    }
    told = " ".join(f"{problem.message} {problem.hint}" for problem in rendered.problems)
    assert "object at" not in told
    assert "<class" not in told


def test_jinjas_own_sandbox_stands_behind() -> None:
    """Without the check of the syntax tree the forbidden attributes, calls and names are still refused."""
    box = sandbox.Sandbox()
    assert box.globals == {}
    for source in (
        "{{ x.__class__ }}",
        "{{ x.upper }}",
        "{{ x['__class__'] }}",
        "{{ x.y.z }}",
        "{{ x() }}",
        "{{ '%s' % x }}",
    ):
        with pytest.raises(Exception, match=r"cannot be used|not safely callable|formatting|undefined"):
            box.from_string(source).render(x="a")


BOMBS = [
    "{{ 'x' * 10**9 }}",
    "{{ 10**9 * 'x' }}",
    "{{ 10**10**10 }}",
    "{{ 9**99999999 }}",
    "{% for a in 'x'*50000 %}{% for b in 'x'*50000 %}{% for c in 'x'*50000 %}{% endfor %}{% endfor %}{% endfor %}",
    "{% for a in 'x'*5000 %}" + "word " * 1_000 + "{% endfor %}",
    "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
    "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a + a %}" * 60 + "{{ a }}",
    "{% set a = 2 %}" + "{% set a = a * a %}" * 60 + "{{ a }}",
    "{{ ('a' * 90000) | replace('', 'b' * 90000) }}",
    "{{ ('a' * 90000) | replace('a', 'b' * 90000) }}",
]
TOO_INVOLVED = [
    "{{ " + "(" * 3_000 + "1" + ")" * 3_000 + " }}",
    "{{ " + "1+" * 3_000 + "1 }}",
    "{{ " + "9" * 9_000 + " }}",
]
NOT_THERE = ["{% for a in range(10**9) %}{% endfor %}", "{{ 'x' | center(10**9) }}", "{{ '%1000000000d' % 1 }}"]


@pytest.mark.parametrize("source", BOMBS)
def test_what_grows_without_end_is_stopped(source: str) -> None:
    """Huge texts, numbers and loops end quickly, as one problem that says so."""
    before = time.perf_counter()
    assert [code for _, _, code in problems(source)] == ["template-too-long"]
    assert time.perf_counter() - before < 5


@pytest.mark.parametrize("source", [*TOO_INVOLVED, *NOT_THERE])
def test_what_could_grow_is_refused(source: str) -> None:
    """Deep nesting and what makes huge texts without our knowing end quickly as a problem."""
    before = time.perf_counter()
    assert problems(source)
    assert time.perf_counter() - before < 5


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["{{", "}}", "{%", "%}", "{#", "#}", " ", "\n", "fact", "link", "(", ")", "'tribunal'", ".figure", "|"]
        )
        | st.sampled_from(
            ["if", "endif", "for", "in", "set", "=", "upper", "x", "[", "]", "~", "*", "-", "9", "__class__", "raw"]
        )
        | st.text(max_size=4),
        max_size=14,
    ).map("".join)
)
def test_any_text_gives_a_message_or_problems(source: str) -> None:
    """Whatever stands in a text: no exception, and either words or problems with places in that text."""
    rendered = render(post(source))
    assert (rendered.message is None) == bool(rendered.problems)
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in rendered.problems:
        assert 3 <= problem.place.line < 3 + len(lines) + 1
        assert problem.place.column >= 3


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


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(USES), max_size=6).map("".join))
def test_the_quick_way_is_jinjas_way(source: str) -> None:
    """What is filled without Jinja2 is exactly what Jinja2 would make of it: words, facts and problems."""
    words = Words.of(FACTS, LINKS)
    quick = templates.read(source)
    if not isinstance(quick, templates.Simple):
        return
    slow = sandbox.read(source).fill(words)
    fast = quick.fill(words)
    assert (fast.text, fast.facts if fast.text else ()) == (slow.text, slow.facts)
    # While filling, Jinja2 stops at the first figure that is missing; the quick way tells them all.
    assert bool(slow.faults) == bool(fast.faults)
    assert {(fault.line, fault.code) for fault in slow.faults} <= {(fault.line, fault.code) for fault in fast.faults}


def test_the_hashtag_is_added_once() -> None:
    """Where the text has it, in any case, nothing is added; in a thread only the first part gets it."""
    assert message(post("Support is law.")).parts[0].text == f"Support is law. {TAG}"
    assert message(post("Support is law. #saveourchildrensrights")).parts[0].text.count("#") == 1
    thread = message(post("One.", "Two.", "Three."))
    assert [part.text for part in thread.parts] == [f"One. {TAG}", "Two.", "Three."]
    assert [part.number for part in thread.parts] == [1, 2, 3]
    written = message(post("One.", f"Two {TAG}."))
    assert [part.text for part in written.parts] == ["One.", f"Two {TAG}."]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("Support is law.", f"Support is law. {TAG}\nhttps://www.gov.uk/statistics"),
        ("Look here:", f"Look here:\nhttps://www.gov.uk/statistics\n{TAG}"),
        ("See {{ link('statistics') }}.", f"See https://www.gov.uk/statistics. {TAG}"),
        (
            "See https://www.gov.uk/statistics-2.",
            f"See https://www.gov.uk/statistics-2. {TAG}\nhttps://www.gov.uk/statistics",
        ),
        ("One.\n\nTwo.", f"One.\n\nTwo.\n\n{TAG}\nhttps://www.gov.uk/statistics"),
    ],
)
def test_the_link_goes_where_the_network_takes_it(source: str, wanted: str) -> None:
    """Beside the text where there is a field for it, else as the text's last line, never twice."""
    beside = message(post(source, link="statistics"), account="facebook", capabilities=WITH_CARD).parts[0]
    assert beside.link == "https://www.gov.uk/statistics"
    inside = message(post(source, link="statistics")).parts[0]
    assert inside.link is None
    assert inside.text == wanted


def test_the_link_of_a_thread_is_in_its_last_part() -> None:
    """Both ways of carrying a link put it at the end of the thread."""
    thread = post("One.", "Two.", link="statistics")
    assert [part.link for part in message(thread, capabilities=WITH_CARD).parts] == [
        None,
        "https://www.gov.uk/statistics",
    ]
    assert message(thread).parts[1].text == "Two.\nhttps://www.gov.uk/statistics"


def test_each_account_gets_its_own_wording() -> None:
    """A variant for the account wins over one for its network, and either over the post's own text."""
    own = post(
        "For all.", variants={"x": Variant(text=text("For X.")), "bluesky": Variant(parts=(text("A."), text("B.")))}
    )
    assert message(own).parts[0].text == f"For X. {TAG}"
    assert len(message(own, account="bluesky").parts) == 2
    assert message(own, account="facebook").parts[0].text == f"For all. {TAG}"


def test_a_mistake_in_a_variant_has_the_variants_place() -> None:
    """The place of a problem is that of the wording that was used."""
    rendered = render(post("Fine.", variants={"x": Variant(text=text("{{ fact('nope') }}", line=20))}))
    assert [str(problem.place) for problem in rendered.problems] == ["posts/a.yaml:20:6"]


def test_facts_are_those_that_were_said() -> None:
    """A fact behind a condition that does not hold is not said; those that the post lists count too; each once."""
    used = message(
        post("{{ fact('tribunal').figure }} {{ fact('tribunal') }}{% if false %}{{ fact('ehcp-is-law') }}{% endif %}")
    )
    assert used.facts == (FactUse("tribunal", "Families succeed in 98.3% of appeals.", "98.3%"),)
    assert [fact.id for fact in message(post("Words.", facts=("ehcp-is-law",))).facts] == ["ehcp-is-law"]


def test_what_the_post_names_beside_its_text_must_exist() -> None:
    """An unknown fact or link of the post itself is a problem at its own place."""
    places = {"facts": Place("posts/a.yaml", 7, 1), "link": Place("posts/a.yaml", 8, 1)}
    assert problems("Words.", facts=("nope",), link="petiton", places=places) == [
        (7, 1, "unknown-fact"),
        (8, 1, "unknown-link"),
    ]


@pytest.mark.parametrize("sources", [(), ("",), (" \n ",), ("{% if false %}x{% endif %}",), ("One.", "")])
def test_a_post_must_say_something(sources: tuple[str, ...]) -> None:
    """A post without text, and a part that comes out empty, are problems, with a picture too."""
    rendered = render(post(*sources, media=(Media("media/card.png", "A card.", Place("posts/a.yaml", 5, 3)),)))
    assert rendered.message is None
    assert [problem.code for problem in rendered.problems] == ["empty-text"]


def test_pictures_come_with_what_is_known_of_them() -> None:
    """The first part carries them, with description, size and digest; an unknown file comes without digest."""
    where = Place("posts/a.yaml", 5, 3)
    pictures = (Media("media/card.png", "Cafe\u0301.", where), Media("media/gone.png", "Gone.", where))
    parts = message(post("One.", "Two.", media=pictures)).parts
    assert [(one.path, one.alt, one.mime, one.digest) for one in parts[0].media] == [
        ("media/card.png", "Café.", "image/png", "d" * 64),
        ("media/gone.png", "Gone.", "", ""),
    ]
    assert parts[1].media == ()


@pytest.mark.parametrize(
    ("source", "link", "wanted"),
    [
        ("Sign {{ link('petition') }} now", None, ("https://example.org/petition",)),
        (
            "Look at www.example.com/a, example.net and EXAMPLE.org",
            None,
            ("www.example.com/a", "example.net", "EXAMPLE.org"),
        ),
        ("Words.", "petition", ("https://example.org/petition",)),
        ("https://example.organic.uk/ https://notexample.org/ mail help@example.org", None, ()),
        ("https://www.gov.uk/?from=https://example.org/", "statistics", ()),
    ],
)
def test_addresses_to_fill_in_are_found(source: str, link: str | None, wanted: tuple[str, ...]) -> None:
    """Addresses on example.org, .com and .net are placeholders, wherever they stand; others are not."""
    assert message(post(source, link=link)).placeholders == wanted
    assert message(post(source, link=link), capabilities=WITH_CARD).placeholders == wanted


def test_the_digest_is_that_of_the_wording() -> None:
    """It changes with text, link, picture and description, and with nothing else."""
    picture = Media("media/card.png", "A card.", Place("posts/a.yaml", 5, 3))
    first = post("Words.", media=(picture,), link="statistics")
    same = replace(first, id="b", order=9, place=Place("posts/b.yaml", 1, 1))
    digest = message(first).wording_digest
    assert message(same, account="bluesky").wording_digest == digest
    other = [
        message(replace(first, parts=(text("Word."),))),
        message(replace(first, link="petition")),
        message(replace(first, media=(replace(picture, alt="Another card."),))),
        message(first, assets={CARD.path: replace(CARD, digest="e" * 64)}),
        message(first, capabilities=WITH_CARD),
    ]
    assert len({digest, *(one.wording_digest for one in other)}) == 6


def test_the_same_wording_is_made_once() -> None:
    """Accounts that say the same share the very parts; a post that was edited in between does not."""
    renderer = Renderer(campaign())
    first = post("{{ fact('tribunal') | upper }}")
    made = [renderer.render(first, account, PLAIN).message for account in ACCOUNTS.values()]
    assert all(one is not None and made[0] is not None and one.parts is made[0].parts for one in made)
    assert [one.network for one in made if one] == list(ACCOUNTS)
    edited = renderer.render(replace(first, parts=(text("Other."),)), ACCOUNTS["x"], PLAIN).message
    assert edited is not None
    assert edited.parts[0].text == f"Other. {TAG}"


def test_a_text_is_read_once_in_any_campaign() -> None:
    """The same text is not read again, and says what the campaign at hand says."""
    source = "{{ fact('tribunal') | lower }} once"
    assert templates.read(source) is templates.read(source)
    other = replace(FACTS["tribunal"], statement="ALL OF THEM.")
    assert said(source) == "families succeed in 98.3% of appeals. once"
    changed = message(post(source), facts={"tribunal": other})
    assert changed.parts[0].text.startswith("all of them. once")


@given(
    st.lists(st.sampled_from(USES[:5]) | st.text(alphabet=st.characters(exclude_characters="{")), max_size=5).map(
        "".join
    )
)
def test_what_comes_out_is_tidy(source: str) -> None:
    """Any text: composed, no spaces at the ends of lines, the hashtag once, spans where they say."""
    rendered = render(post(source))
    for part in rendered.message.parts if rendered.message else ():
        assert unicodedata.is_normalized("NFC", part.text)
        assert not any(line != line.rstrip() for line in part.text.split("\n"))
        assert count_hashtag(part.text, TAG) >= 1
        assert all(part.text[span.start : span.end].endswith(span.value) for span in part.spans)
        assert any(span.kind is SpanKind.HASHTAG for span in part.spans)


def test_filled_records_are_plain() -> None:
    """A fact inside a text leaves an ordinary str behind, which can be stored anywhere."""
    filled = templates.read("{{ fact('tribunal') }}").fill(Words.of(FACTS, LINKS))
    assert filled == Filled("Families succeed in 98.3% of appeals.", facts=("tribunal",))
    assert type(filled.text) is str
    assert isinstance(render(post("{{ nope }}")).problems[0], Problem)
