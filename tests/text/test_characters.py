"""Invisible and look-alike characters, and texts as they are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socrbot.text import normalise, odd_characters


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("a\u200bb", "ab"),
        ("98\u00a0%", "98 %"),
        ("co\u00adordinate", "coordinate"),
        ("\ufeffHello", "Hello"),
        ("left \u202eright", "left right"),
        ("𝐁𝐨𝐥𝐝 and 𝓼𝓬𝓻𝓲𝓹𝓽", "Bold and script"),
        ("ｆｕｌｌ", "full"),
        ("ofﬁcial", "official"),
        ("🄰 Ⓑ", "A B"),
        ("line\u000bbreak", "line\nbreak"),
        ("сhildren", "children"),
        ("a\u0007b", "ab"),
    ],
)
def test_what_is_odd_has_a_plain_form(text: str, mended: str) -> None:
    """Writing each replacement instead gives the text that was meant."""
    found = odd_characters(text)
    assert found
    for odd in reversed(found):
        assert text[odd.index] == odd.char
        assert odd.name
        assert odd.replacement is not None
        text = text[: odd.index] + odd.replacement + text[odd.index + 1 :]
    assert text == mended
    assert odd_characters(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Plain words, 98.3% of them.\nAnd a second line.\tDone.",
        "“Children’s rights” – the law — stays… £5, é, ½, m², №, ™, ①",
        "👨‍👩‍👧‍👦 🧑‍🎄 👍🏽 ❤️ 🏴󠁧󠁢󠁷󠁬󠁳󠁿 🇬🇧 1️⃣ ⚡️ 🅰️ ℹ️",
        "Каша и αβγ",
        "فارسی می\u200cخواهم and क्\u200dष",
        "日本語。",
    ],
)
def test_what_is_fine(text: str) -> None:
    """Quotes, dashes, accents, emoji and whole words in other scripts are no oddity."""
    assert odd_characters(text) == ()


def test_what_nobody_can_guess_has_no_replacement() -> None:
    """A character that was lost, or one of a symbol font, is named and left to a person."""
    assert [(odd.index, odd.replacement) for odd in odd_characters("a\ufffdb\uf0b7")] == [(1, None), (3, None)]


@given(st.text())
def test_places_are_right_in_any_text(text: str) -> None:
    """Each oddity is the character at its place, in order, once."""
    found = odd_characters(text)
    assert [odd.char for odd in found] == [text[odd.index] for odd in found]
    places = [odd.index for odd in found]
    assert places == sorted(set(places))


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("Sign https://example.org/petition now", "Sign https://t.co/abc123 now"),
        ("Sign it.\n\nhttps://example.org/petition", "Sign it.\n\nhttps://t.co/abc123 https://t.co/photo1"),
        ("Look at example.org today", "Look at https://t.co/x today"),
        ("Rights & duties", "Rights &amp; duties"),
        ("e\u0301cole\r\n  two", "école\ntwo "),
        ("https://ja.wikipedia.org/wiki/日本", "https://t.co/x日本"),
    ],
)
def test_what_a_network_changes_makes_no_difference(sent: str, read: str) -> None:
    """Short links, escaped signs, composition and spaces do not keep a text from being recognised."""
    assert normalise(sent) == normalise(read)


def test_other_words_make_a_difference() -> None:
    """Texts with different words stay different."""
    assert normalise("Sign the petition https://t.co/a") != normalise("Sign a petition https://t.co/a")
