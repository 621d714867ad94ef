"""Long texts become threads: where they are cut, and what is never taken apart."""

from __future__ import annotations

import itertools

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.text import graphemes, spans, split, utf8_bytes, utf16_units, x_weight
from socrbot.text.split import Fits

PIECES = [
    *("The law is the law.", "Families win.", "Why?", "e.g. Dr. Smith", "A list:", "- one", "- two", "words, and more"),
    *(
        "#SaveOurChildrensRights",
        "https://www.gov.uk/a_(b)?c=d",
        "👩‍👩‍👧‍👦",
        "e\u0301\u0301",
        "\u0301",
        "नमस्ते",
        "🇬🇧🇬🇧",
        "98.3%",
    ),
    *(" ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "a" * 30),
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40).map("".join)


def within(limit: int) -> Fits:
    return lambda text: len(text) <= limit


@given(TEXTS, st.sampled_from([graphemes, utf8_bytes, utf16_units, x_weight]), st.integers(10, 80))
@settings(max_examples=200, deadline=None)
def test_nothing_is_lost_and_everything_fits(text: str, measure: object, limit: int) -> None:
    """Any text, any measure: the same words in the same order, each part within the limit, no character broken."""
    assert callable(measure)
    parts = split(text, lambda part: measure(part) <= limit)
    assert " ".join(parts).split() == text.split()
    if parts == (text,):
        return
    assert all(measure(part) <= limit for part in parts)
    assert all(part.strip() for part in parts)
    whole = regex.findall(r"\X", text)
    kept = [char for char in itertools.chain(*(regex.findall(r"\X", part) for part in parts)) if not char.isspace()]
    assert kept == [char for char in whole if not char.isspace()]


@given(TEXTS, st.integers(30, 80))
@settings(max_examples=100, deadline=None)
def test_links_and_hashtags_stay_whole(text: str, limit: int) -> None:
    """What was a link, a hashtag or a mention before is one after."""
    parts = split(text, within(limit))
    found = [(span.kind, span.value) for part in parts for span in spans(part)]
    assert found == [(span.kind, span.value) for span in spans(text)]


@given(TEXTS)
@settings(max_examples=50, deadline=None)
def test_what_fits_is_left_alone(text: str) -> None:
    """A text within the limit stays as it is, white space and all."""
    assert split(text, within(10_000)) == (text,)


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("One two, three.\n\nFour five. Six.", 28, ("One two, three.", "Four five. Six.")),
        ("One two three. Four five six. Seven.", 30, ("One two three. Four five six.", "Seven.")),
        ("He met Dr. Smith at noon. Then he left.", 30, ("He met Dr. Smith at noon.", "Then he left.")),
        ("Only 98.3% of families win. That is a lot.", 30, ("Only 98.3% of families win.", "That is a lot.")),
        (
            "One sentence that is much too long, and has a comma.",
            40,
            ("One sentence that is much too long,", "and has a comma."),
        ),
        ("- first thing\n- second thing\n- third thing", 30, ("- first thing\n- second thing", "- third thing")),
        ("He said “no.” She said “yes.” They agreed.", 32, ("He said “no.” She said “yes.”", "They agreed.")),
    ],
)
def test_it_is_cut_where_a_reader_pauses(text: str, limit: int, parts: tuple[str, ...]) -> None:
    """At the end of a paragraph, a line or a sentence; only where there is none, at a comma or between words."""
    assert split(text, within(limit)) == parts


def test_a_line_that_leads_on_stays_with_what_follows() -> None:
    """“Sign here:” is not parted from its address while there is another place."""
    assert split("We ask for one thing. Sign here: https://a.test/1", within(40)) == (
        "We ask for one thing.",
        "Sign here: https://a.test/1",
    )


def test_hashtags_at_the_end_are_no_part_of_their_own() -> None:
    """The last part has words beside them."""
    parts = split("One two three four.\n\n#First #Second", within(22))
    assert parts == ("One two three", "four.\n\n#First #Second")


def test_a_word_that_is_too_long_leaves_the_text_whole() -> None:
    """It is for a person to shorten it: words are never cut."""
    text = f"One two {'a' * 50} three."
    assert split(text, within(20)) == (text,)


def test_room_is_left_where_something_is_added() -> None:
    """The first and the last part may have less room than those between."""
    text = "One two. Three four. Five six. Seven eight."
    assert split(text, within(20), first=within(10), last=within(12)) == (
        "One two.",
        "Three four.",
        "Five six.",
        "Seven eight.",
    )
