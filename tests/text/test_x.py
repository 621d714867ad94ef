"""X's count, held to X's own cases and to the package twitter-text-parser."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from socrbot.text import tld, x_forbidden, x_links, x_weight
from tests.vendor import vendor

twitter_text = pytest.importorskip("twitter_text")


def cases(group: str) -> list[dict[str, Any]]:
    """One group of X's own cases."""
    found = yaml.safe_load(vendor("twitter-text/validate.yml").read_text("utf-8"))["tests"][group]
    assert found
    return list(found)


def oracle(text: str) -> int:
    """What twitter-text-parser counts."""
    return int(twitter_text.parse_tweet(text).weightedLength)


def fits(text: str, weigh: Callable[[str], int]) -> bool:
    """Whether X would take the text."""
    return 0 < weigh(text) <= 280 and not x_forbidden(text)


@pytest.mark.parametrize(
    "group", ["WeightedTweetsWithDiscountedEmojiCounterTest", "UnicodeDirectionalMarkerCounterTest"]
)
def test_todays_count_passes_all_of_xs_cases(group: str) -> None:
    """Length and validity are what X expects, by its configuration 3."""
    for case in cases(group):
        expected = case["expected"]
        assert x_weight(case["text"]) == expected["weightedLength"], case["description"]
        assert fits(case["text"], x_weight) == expected["valid"], case["description"]


def test_the_older_count_passes_all_of_xs_cases() -> None:
    """Without the discount for emoji the count is that of X's configuration 2."""

    def weigh(text: str) -> int:
        return x_weight(text, emoji_as_one=False)

    for case in cases("WeightedTweetsCounterTest"):
        assert weigh(case["text"]) == case["expected"]["weightedLength"], case["description"]
        assert fits(case["text"], weigh) == case["expected"]["valid"], case["description"]


def test_domains_without_a_scheme_are_links() -> None:
    """Each of X's cases of an address without http:// counts as one link, whole."""
    for case in cases("urls_without_protocol"):
        assert x_links(case["text"]) == ((0, len(case["text"])),), case["description"]
        assert x_weight(case["text"]) == 23


def test_texts_of_the_old_limit_fit() -> None:
    """X's cases for the old limit of 140 characters: whatever was valid then is valid now."""
    for case in cases("tweets"):
        if case["expected"]:
            assert fits(case["text"], x_weight), case["description"]
    assert not fits("", x_weight)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("Children’s rights – “the law” — stay", 36),
        ("wait…", 6),
        ("£5 and €5", 10),
        ("© SOCR", 7),
        ("see readme.md", 27),
        ("see foo.python", 14),
        ("mail help@example.org", 21),
        ("e\u0301", 1),
        ("one\r\ntwo", 7),
        ("👩‍👩‍👧‍👦 👍🏽 🇬🇧 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️", 17),
        ("https://example.org/a_(b)!", 24),
        ("http://t.co/" + "a" * 41, 53),
    ],
)
def test_what_things_weigh(text: str, weight: int) -> None:
    """The weights that a campaign meets: punctuation, signs, addresses, emoji, accents, line ends."""
    assert x_weight(text) == weight == oracle(text)


def names_of_the_oracle() -> set[str]:
    """The top-level domains that twitter-text knows."""
    patterns = (
        import_module(f"twitter_text.regexp.{name}").__dict__[name].pattern for name in ("valid_gtld", "valid_cctld")
    )
    return {name for pattern in patterns for name in re.findall(r"[^|()?:]+", pattern.partition("(?=")[0])}


# IANA's list has moved on since twitter-text's was made: only what both know can be compared.
KNOWN_TO_ONE = names_of_the_oracle() ^ tld.names()
PIECES = [
    *("example.com", "example.org/petition", "t.co/abc", "http://", "https://", "HTTPS://WWW.Example.CO.UK/a?b=c#d"),
    *("http://t.co/", "www.", ".com", ".co.uk", ".md", "readme.md", "user@example.com", "@IPSEA", "#SEND", "＃", "＠"),
    *(":8080", "/path_(with)_brackets", "?q=1&r=2", "http://foo_bar.com", "xn--p1ai", ".рф", "twitter.한국", "☃.net"),
    *("foobar.پاکستان/", "Families win 98.3% of appeals.", "Children’s rights", " – ", "—", "…", "“", "”", "£", "€"),
    *(" ", "\n", "\r\n", "\t", "\xa0", "\u3000", "(", ")", "[", "]", ".", ",", ";", ":", "!", "?", "'", '"', "-", "_"),
    *(
        "/",
        "*",
        "~",
        "|",
        "&",
        "%",
        "$",
        "+",
        "=",
        "x" * 64,
        "é",
        "e\u0301",
        "ſ",
        "İ",
        "ß",
        "中",
        "文",
        "。",
        "日本語",
        "か",
    ),
    *("👩‍💻", "👍🏽", "👨‍👩‍👧‍👦", "🇬🇧", "🇬", "1️⃣", "❤️", "⚡️", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "🏳️‍🌈", "🕵️‍♀️", "🧑‍🎄", "🫱🏽", "🫠", "©", "™"),
    *("\u200b", "\u200c", "\u200d", "\u200e", "\u202a", "\u202c", "\u2066", "\u2069", "\ufeff", "\uffff", "\ufe0f"),
]
mixes = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
wild = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=8).map("".join)


@settings(max_examples=400, deadline=None)
@given(mixes | wild)
def test_it_agrees_with_twitter_text(text: str) -> None:
    """Any mix of addresses, emoji, scripts, marks and odd characters weighs what twitter-text says."""
    assume(not any(f".{name}" in text.lower() for name in KNOWN_TO_ONE))
    assert x_weight(text) == oracle(text)
    assert bool(x_forbidden(text)) == bool(re.search("[\ufeff\ufffe\uffff]", text))


def test_it_knows_every_emoji_of_twitter_text() -> None:
    """Each of the 2,800 emoji that twitter-text lists counts 2."""
    from twitter_text.regexp.emoji import emoji_list

    written = ["".join(chr(int(code, 16)) for code in emoji.codepoint.split()) for emoji in emoji_list]
    assert len(written) > 2500
    assert [text for text in written if x_weight(text) != 2] == []


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_broken_emoji_count_as_in_twitter_text(data: st.DataObject) -> None:
    """An emoji with a part missing, doubled or exchanged is counted by the parts that are left, as X does."""
    from twitter_text.regexp.emoji import emoji_list

    codes = [int(code, 16) for code in data.draw(st.sampled_from(emoji_list)).codepoint.split()]
    part = data.draw(st.sampled_from([0x200D, 0xFE0F, 0x1F3FB, 0x1F3FF, 0x20E3, 0x2640, 0x1F9D1, 0x1F1EC, ord("1")]))
    place = data.draw(st.integers(0, len(codes) - 1))
    codes[place : place + data.draw(st.integers(0, 1))] = [part]
    text = "".join(map(chr, codes))
    assert x_weight(text) == oracle(text)


def test_hands_of_all_tones_count_as_one() -> None:
    """X's page counts every modified emoji as 2; twitter-text's list is from before all pairs of tones were in it."""
    text = "👩🏻‍🤝‍👩🏿"
    assert x_weight(text) == 2
    assert oracle(text) == 8


def test_a_domain_that_comes_twice_is_counted_once() -> None:
    """twitter-text exchanges the domain in the path too and miscounts; X's own code exchanges the first alone."""
    text = "яжexample.com/яжexample.com"
    assert x_weight(text) == 25
    assert oracle(text) == 26


def test_new_top_level_domains_count_as_links() -> None:
    """The list of domains is IANA's of today: .kids came after twitter-text's list was made."""
    assert x_weight("example.kids") == 23
    assert oracle("example.kids") == 12


def test_retired_top_level_domains_are_text() -> None:
    """A name that IANA took away is no longer the end of a domain."""
    assert x_weight("example.cbs") == 11
    assert oracle("example.cbs") == 23


def test_every_vendor_case_of_a_living_domain_is_a_link() -> None:
    """Each top-level domain of X's own list that still exists makes a link, in both of its scripts."""
    groups = yaml.safe_load(vendor("twitter-text/tlds.yml").read_text("utf-8"))["tests"]
    living = [case for group in groups.values() for case in group if case["text"].rpartition(".")[2] in tld.names()]
    assert len(living) > 1000
    assert [case["text"] for case in living if x_links(case["text"]) != ((0, len(case["text"])),)] == []


@pytest.mark.parametrize("text", ["中" * 20_000 + ".com", "a." * 20_000 + "com", "http://example.com/" + "(a" * 5_000])
def test_long_texts_are_counted_in_time(text: str) -> None:
    """No text of a post's size, however odd, takes more than a moment."""
    assert x_weight(text) > 0
