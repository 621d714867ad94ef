"""LinkedIn's "little" text: what is written is what people read, to the last character."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.networks.wire.linkedin_text import escape, read
from socrbot.text import spans
from tests.standins.little import RESERVED, show

_MARKUP = st.text(st.sampled_from([*sorted(RESERVED), "a", "1", " ", "\n", "＃", "é", "👍"]), max_size=40)
_ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
_PIECES = st.lists(
    st.sampled_from(
        [
            "https://example.org/a_(b)?utm_source=x&utm_campaign=y#c_d~e",
            "#SaveOurChildrensRights",
            "#Save_Our_Children",
            "#_odd",
            "@[Name](urn:li:organization:1)",
            "{hashtag|\\#|tag}",
            "{hashtag|\\#|",
            "C# and F#",
            "\\",
            "\\#",
            "(98.3 %)",
            "<b>*no* _markup_ ~here~ | {x}</b>",
            "me@example.org",
        ]
    ),
    max_size=8,
).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(st.one_of(_ANY, _MARKUP, _PIECES))
def test_every_text_is_shown_whole(text: str) -> None:
    """Whatever somebody writes, a server that cuts at each loose character shows all of it; so does reading it back."""
    little = escape(text, spans(text))
    shown = show(little)
    assert (shown.text, shown.cut) == (text, False)
    assert read(little) == text


@settings(max_examples=100, deadline=None)
@given(st.one_of(_MARKUP, _PIECES))
def test_nothing_but_the_text_comes_alive(text: str) -> None:
    """What looks like markup is no markup: only the hashtags that the text has can be clicked.

    The wide sign is left out: LinkedIn lists no way to escape it.
    """
    text = text.replace("＃", "")
    tags = [span.value for span in spans(text) if span.kind == "hashtag"]
    live = show(escape(text, spans(text))).hashtags
    assert len(live) <= len(tags)
    assert all(any(tag.startswith(word) for tag in tags) for word in live)


def test_the_stand_in_cuts_as_linkedin_does() -> None:
    """The judge of these tests can say no: a loose bracket takes the rest of the post with it."""
    shown = show("Sign (here) #Now")
    assert (shown.text, shown.cut, shown.hashtags) == ("Sign ", True, [])
    for char in sorted(RESERVED):
        assert show(f"Words {char} words").cut, char


@pytest.mark.parametrize(
    ("text", "little", "live"),
    [
        ("For #SaveOurChildrensRights.", "For #SaveOurChildrensRights.", ["SaveOurChildrensRights"]),
        ("#Hawliau, #Plant", "#Hawliau, #Plant", ["Hawliau", "Plant"]),
        ("We are #1 in C#", r"We are \#1 in C\#", []),
        ("#_odd", r"\#\_odd", []),
        ("Write to me@example.org", r"Write to me\@example.org", []),
        (r"a\b", r"a\\b", []),
    ],
)
def test_hashtags_stay_alive_and_nothing_else(text: str, little: str, live: list[str]) -> None:
    """The sign of a real hashtag is left alone; any other reserved character gets one backslash."""
    assert escape(text, spans(text)) == little
    assert show(little).hashtags == live


def test_addresses_are_escaped_too() -> None:
    """LinkedIn's rule knows no exception: an address with underscores must not take the rest of the post with it."""
    text = "Sign: https://example.org/a_b?utm_source=linkedin\n\nThank you."
    little = escape(text, spans(text))
    assert r"a\_b?utm\_source=linkedin" in little
    assert show(little).text == text


@pytest.mark.parametrize(
    ("little", "text"),
    [
        (r"For {hashtag|\#|Children}!", "For #Children!"),
        ("For {hashtag|#|Children}!", "For #Children!"),
        (r"{hashtag|\#|Save\_Our}", "#Save_Our"),
        ("Hello @[Acme Corp](urn:li:organization:1234)", "Hello Acme Corp"),
        ("Hello @[Devtestco] (urn:li:organization:2414183)", "Hello Devtestco"),
        (r"\{hashtag\|\\\#\|x\}", r"{hashtag|\#|x}"),
        ("plain", "plain"),
    ],
)
def test_lists_are_read_as_people_read_them(little: str, text: str) -> None:
    """Hashtags and mentions come back from LinkedIn in forms of its own."""
    assert read(little) == text
