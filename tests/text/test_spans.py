"""Hashtags, links and mentions with their places."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from socrbot.message import SpanKind
from socrbot.text import spans
from tests.vendor import vendor

HASHTAG, LINK, MENTION = SpanKind.HASHTAG, SpanKind.LINK, SpanKind.MENTION


def found(text: str) -> list[tuple[SpanKind, str]]:
    """Kind and value of each span."""
    return [(span.kind, span.value) for span in spans(text)]


def is_one(text: str, kind: SpanKind) -> bool:
    """Whether the whole text is one span of this kind."""
    return [(span.kind, span.start, span.end) for span in spans(text)] == [(kind, 0, len(text))]


@pytest.mark.parametrize(("group", "kind"), [("hashtags", HASHTAG), ("urls", LINK), ("usernames", MENTION)])
def test_xs_own_cases(group: str, kind: SpanKind) -> None:
    """What X calls a valid hashtag, address or name is found whole; what it calls invalid is not."""
    cases: list[dict[str, Any]] = yaml.safe_load(vendor("twitter-text/validate.yml").read_text("utf-8"))["tests"][group]
    assert cases
    assert [case["text"] for case in cases if is_one(case["text"], kind) != case["expected"]] == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Sign https://example.org/petition.", ["https://example.org/petition"]),
        ("(see https://example.org/a_(b)) now", ["https://example.org/a_(b)"]),
        ("[https://example.org/a]", ["https://example.org/a"]),
        ("“https://example.org/a”, she said", ["https://example.org/a"]),
        ("https://example.org/?a=1&b=2!", ["https://example.org/?a=1&b=2"]),
        ("https://example.org👉 go", ["https://example.org"]),
        ("https://example.org/👉", ["https://example.org/"]),
        ("http://example.com中国語", ["http://example.com"]),
        ("https://ja.wikipedia.org/wiki/日本。", ["https://ja.wikipedia.org/wiki/日本"]),
        ("https://example.org/page#part", ["https://example.org/page#part"]),
        ("HTTPS://EXAMPLE.ORG:8080/x", ["HTTPS://EXAMPLE.ORG:8080/x"]),
        ("https://a.example/x https://b.example/y", ["https://a.example/x", "https://b.example/y"]),
        ("ftp://example.org, example.org, xhttps://example.org, http://localhost", []),
        ("http://1.2.3.400/x http://www.-bad.com", []),
    ],
)
def test_links(text: str, values: list[str]) -> None:
    """Links end before the punctuation of the sentence, before quotes, emoji and unpaired brackets."""
    assert found(text) == [(LINK, value) for value in values]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("#SEND, (#EHCP) #Rights!", ["SEND", "EHCP", "Rights"]),
        ("❤️#Law #Law’s", ["Law", "Law"]),
        ("#हिन्दी #ÉcoleInclusive #العربية", ["हिन्दी", "ÉcoleInclusive", "العربية"]),
        ("#2026 #1 #_ # a#b &#39; #️⃣ #one#two", []),
        ("＃SEND #send_2026", ["SEND", "send_2026"]),
    ],
)
def test_hashtags(text: str, values: list[str]) -> None:
    """Hashtags have a letter, any script's, and do not begin inside a word."""
    assert found(text) == [(HASHTAG, value) for value in values]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (".@IPSEA thank you, @sos_sen!", ["IPSEA", "sos_sen"]),
        ("by @my-name.bsky.social.", ["my-name.bsky.social"]),
        ("by @parent@mastodon.example", ["parent@mastodon.example"]),
        ("mail help@example.org or a.@b", []),
    ],
)
def test_mentions(text: str, values: list[str]) -> None:
    """Names of X, Bluesky and Mastodon are mentions, mail addresses are not."""
    assert found(text) == [(MENTION, value) for value in values]


PIECES = [
    *("#SEND", "#हिन्दी", "@name", "@name.bsky.social", "@a@b.example", "https://example.org/a_(b)", "http://x.com"),
    *(
        " ",
        "\n",
        ".",
        ",",
        "(",
        ")",
        "👩‍👩‍👧‍👦",
        "👍🏽",
        "❤️",
        "é",
        "e\u0301",
        "中文",
        "word",
        "#",
        "@",
        "&",
        "/",
        "https://",
    ),
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=10).map("".join))
def test_spans_are_what_they_say(text: str) -> None:
    """Whatever the text: spans are in order, apart from each other, and each is its slice of the text."""
    end = 0
    for span in spans(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end
        written = text[span.start : span.end]
        assert span.value == (written if span.kind is LINK else written[1:])
        assert span.kind is LINK or written[0] in ("#＃" if span.kind is HASHTAG else "@＠")


@given(st.sampled_from(["👩‍👩‍👧‍👦 ", "🇬🇧\n", "中文 ", "e\u0301 "]), st.integers(0, 5))
def test_places_survive_what_stands_before(piece: str, times: int) -> None:
    """Emoji and accents before a span move it by exactly their length."""
    before = piece * times
    plain = spans("#SEND https://example.org/a @name")
    moved = spans(before + "#SEND https://example.org/a @name")
    assert [(span.start - len(before), span.value) for span in moved] == [(span.start, span.value) for span in plain]
