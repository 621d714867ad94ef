"""Lengths in the networks' units, and where a limit falls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.text import code_points, graphemes, utf8_bytes, utf16_units, where_limit_falls, x_weight
from socrbot.text.unicode import compiled
from tests.vendor import vendor

PIECES = [
    "word ",
    "é",
    "e\u0301",
    "👩‍👩‍👧‍👦",
    "🇬🇧",
    "क्षि",
    "\r\n",
    "\n",
    " ",
    "https://example.org/petition/sign ",
    "example.com/",
    "…",
    "中",
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join)
MEASURES = [len, code_points, utf8_bytes, utf16_units, graphemes, x_weight]


def clusters(line: str) -> list[str]:
    """The clusters of one line of Unicode's test file: ÷ is a break, × is none."""
    cut = line.partition("#")[0].split("÷")
    return ["".join(chr(int(code, 16)) for code in part.split() if code != "×") for part in cut if part.strip()]


def test_graphemes_are_those_of_unicode() -> None:
    """All of Unicode's own cases pass but one, in which Unicode itself has changed its mind.

    The file is Unicode 15's. Since then U+2701 (a pair of scissors) is no longer Extended_Pictographic, so that a
    joiner between two of them no longer makes one character. A second difference would be a mistake.
    """
    lines = vendor("unicode/GraphemeBreakTest.txt").read_text("utf-8").splitlines()
    cases = [wanted for line in lines if (wanted := clusters(line))]
    assert len(cases) == 602
    assert [case for case in cases if graphemes("".join(case)) != len(case)] == [["\u2701\u200d\u2701"]]
    assert not compiled(r"\p{Extended_Pictographic}").match("\u2701")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, 0, 0, 0)),
        ("Rights", (6, 6, 6, 6)),
        ("Children’s – “law”…", (19, 19, 19, 29)),
        ("e\u0301", (1, 2, 2, 3)),
        ("👩‍👩‍👧‍👦", (1, 7, 11, 25)),
        ("🇬🇧", (1, 2, 4, 8)),
        ("one\r\ntwo", (7, 8, 8, 8)),
    ],
)
def test_the_units_of_the_networks(text: str, expected: tuple[int, int, int, int]) -> None:
    """Graphemes, code points, UTF-16 units and UTF-8 bytes of the same text."""
    assert (graphemes(text), code_points(text), utf16_units(text), utf8_bytes(text)) == expected


@given(texts)
def test_the_quick_count_of_graphemes_is_the_slow_one(text: str) -> None:
    r"""Texts without joining characters are counted without `regex`, with the same result."""
    assert graphemes(text) == len(compiled(r"\X").findall(text))


@settings(deadline=None)
@given(texts, st.sampled_from(MEASURES), st.integers(0, 60))
def test_the_limit_falls_after_the_longest_beginning_that_fits(
    text: str, measure: Callable[[str], int], limit: int
) -> None:
    """No longer beginning that ends between two graphemes fits, and no grapheme is split."""
    cuts = [0, *(match.end() for match in compiled(r"\X").finditer(text))]
    assert where_limit_falls(text, measure, limit) == max(cut for cut in cuts if measure(text[:cut]) <= limit)


def test_a_measure_may_fall() -> None:
    """A measure that socrbot does not know, which counts less for a longer text, is taken as it is."""
    text = "abc(long)def"

    def measure(part: str) -> int:
        return len(part.replace("(long)", ""))

    assert where_limit_falls(text, measure, 4) == text.index("e")


def test_an_address_at_the_limit_is_kept_whole() -> None:
    """On X a long address counts 23 once it is complete, so the limit falls behind it."""
    text = "Sign: https://example.org/a/very/long/address/of/a/petition now"
    assert text[: where_limit_falls(text, x_weight, 30)].endswith("petition ")


def test_a_long_text_on_x_is_cut_in_time() -> None:
    """A text of 60,000 characters needs no check of each of its characters."""
    text = "Every child’s right, see https://example.org/petition. " * 1_100
    place = where_limit_falls(text, x_weight, 280)
    assert x_weight(text[:place]) <= 280 < x_weight(text[: place + 30])
