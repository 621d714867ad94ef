"""Texts are filled in, their mistakes have places, and no text gets out of its box."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.rendering import sandbox, templates
from socrbot.rendering.templates import Words
from tests.rendering.making import (
    FACTS,
    LINKS,
    USES,
    post,
    problems,
    render,
    said,
)


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


def test_a_field_that_is_not_there_leads_to_those_that_are() -> None:
    """The nearest name, or all of them."""
    [far] = render(post("{{ fact('tribunal').number }}")).problems
    assert "There is: statement, figure, source." in far.message
    [near] = render(post("{{ fact('tribunal').figur }}")).problems
    assert "Did you mean “figure”?" in near.message


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
