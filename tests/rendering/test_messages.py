"""From a post to its message: hashtag, link, wording of its own, pictures, facts, one digest."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socrbot.campaign import Media, Variant
from socrbot.errors import Place, Problem
from socrbot.message import FactUse, SpanKind
from socrbot.rendering import Renderer, templates
from socrbot.rendering.templates import Filled, Words
from socrbot.text import count_hashtag
from tests.rendering.making import (
    ACCOUNTS,
    CARD,
    FACTS,
    LINKS,
    PLAIN,
    TAG,
    USES,
    WITH_CARD,
    campaign,
    message,
    post,
    problems,
    render,
    said,
    text,
)


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
    assert (beside.link, beside.link_title) == ("https://www.gov.uk/statistics", "Tribunal statistics")
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
    """It changes with text, link, picture and description, and with nothing else; beside a picture no card is shown."""
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
    ]
    assert len({digest, *(one.wording_digest for one in other)}) == 5
    assert message(replace(first, media=()), capabilities=WITH_CARD).wording_digest not in {
        digest,
        message(replace(first, media=())).wording_digest,
    }
    assert message(first, capabilities=WITH_CARD).wording_digest == digest


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
