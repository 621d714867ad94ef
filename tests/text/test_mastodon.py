"""Mastodon's count, held against the count of Mastodon.py, which has the expression of Mastodon's own web page."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.text import graphemes, where_limit_falls
from socrbot.text.mastodon import mastodon_length, measure_with, without_hosts

LONG = "https://example.org/a/very/long/address/that/goes/ŵ?and=on&on=1#end"
FAMILY = "👨‍👩‍👧‍👦"


def oracle(text: str) -> int:
    """The count of Mastodon.py's helper, with our graphemes instead of a package that it would want for them."""
    from mastodon._url_regex import url_regex

    text = url_regex.sub(lambda found: found.group(2) + "x" * 23, text)
    text = re.sub(r"(^|[^/\w])@(([a-z0-9_]+)@[a-z0-9.\-]+[a-z0-9]+)", r"\1@\3", text, flags=re.IGNORECASE)
    return graphemes(text)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Plain words.", 12),
        (FAMILY * 3, 3),
        ("e\u0301", 1),
        (LONG, 23),
        ("http://a.uk", 23),
        (f"{LONG}.", 24),
        (f"({LONG})", 25),
        (f"“{LONG}”", 25),
        ("https://example.org/()", 25),
        ("See https://example.org?a=1 now", 31),
        ("https://example.org#part", 28),
        ("https://example.org/?a=ŵŵ", 25),
        ("https://en.wikipedia.org/wiki/Child_(law)", 23),
        (f"{LONG} {LONG}", 47),
        ("example.org", 11),
        ("https://intranet/wiki/a-page-of-ours", 36),
        ("https://wiki.intranet/a-page-of-ours", 36),
        ("ftp://example.org/file", 22),
        ("xhttps://example.org/a", 22),
        ("@somebody", 9),
        ("@somebody@social.example.org", 9),
        ("Thanks, @somebody@social.example.org!", 18),
        ("post@example.org", 16),
        ("https://social.example.org/@somebody@example.org/112233", 23),
    ],
)
def test_counts_as_mastodon_does(text: str, length: int) -> None:
    """An emoji counts 1, a link 23, a name without its host; what is no link counts with its full length."""
    assert mastodon_length(text) == length


PIECES = st.sampled_from(
    [
        *("word", "ŵ", FAMILY, " ", "\n", ". ", ", ", "?", "!", "(", ")", "“", "”", "…", "&", "#Rights", "'"),
        *("https://example.org", "https://example.org/", LONG, "http://a.co.uk/x", "https://example.org/(a)/b"),
        *("/", "?a=", "-", "_", "@", "|", "[", "é", "д", "中", ".org", "http://", "—", "HTTPS://X.COM/A"),
        *("https://www.gov.uk/a?b=c", "example.org", "@name", "@name@example.org", "a@b.org", "https://x.notatld/a"),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
@settings(max_examples=200, deadline=None)
def test_never_counts_less_than_mastodons_own_page(text: str) -> None:
    """Whatever stands around links and names: what we let through, Mastodon takes."""
    assert mastodon_length(text) >= oracle(text)


@given(st.lists(PIECES, max_size=12).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_counts_the_same_where_things_stand_apart(text: str) -> None:
    """With spaces between them, links and names count exactly as on Mastodon's own page."""
    assert mastodon_length(text) == oracle(text)


@pytest.mark.parametrize("text", ["https://a.org/" + "(" * 3_000, "https://" + "a." * 3_000, "@a" * 3_000, "@" * 9_000])
def test_a_hostile_text_is_counted_at_once(text: str) -> None:
    """No text makes the patterns go astray."""
    assert mastodon_length(text) > 0


def test_a_server_may_reserve_another_length_for_links() -> None:
    """The same number gives the same function, so that two accounts with equal limits are equal."""
    assert measure_with(30)(f"a {LONG}") == 32
    assert measure_with(30) is measure_with(30)


def test_the_limit_falls_behind_a_whole_link() -> None:
    """A long link that fits is never cut."""
    text = f"{'a' * 10} {LONG} and more"
    assert text[: where_limit_falls(text, mastodon_length, 34)] == f"{'a' * 10} {LONG}"


def test_hosts_go_and_all_else_stays() -> None:
    """Names lose their host, mail addresses and links stay whole."""
    text = "Thanks @a@b.org, @c and d@e.org: https://b.org/@a@b.org"
    assert without_hosts(text) == "Thanks @a, @c and d@e.org: https://b.org/@a@b.org"
