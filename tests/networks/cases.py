"""What the contract's cases share: the list of networks, and texts that a network must take."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from hypothesis import strategies as st

from socrbot import networks
from socrbot.message import Capabilities, SpanKind
from socrbot.text import spans
from tests.networks import benches

_PIECES = (
    "Their words",
    "are theirs.",
    "“A girl’s” – drawing…",
    "ŵ ŷ Llŷn",
    "Gàidhlig",
    "e\N{COMBINING ACUTE ACCENT}cole",
    "👨‍👩‍👧‍👦",
    "🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "👍🏽",
    "1️⃣",
    "🇬🇧",
    "£9,790 & 98.3% <b>",
    "(really?) [1] *so* _it_ ~goes~ {on} | \\",
    "日本語",
    "https://example.org/petition?a=1&b=2#c",
    "https://example.com/ŵ",
    "example.org",
    "#SaveOurChildrensRights",
    "#Hawliau",
    "a" * 40,
)
_COUNTED = ((SpanKind.LINK, "max_links"), (SpanKind.HASHTAG, "max_hashtags"), (SpanKind.MENTION, "max_mentions"))


def each_network() -> list[Any]:
    """Every public network of the table, as a parameter: a new line there brings a network all cases."""
    names = [name for name, capable in networks.all_capabilities().items() if capable.public]
    return [pytest.param(name, marks=benches.marks(name), id=name) for name in names]


def longest(capable: Capabilities) -> int:
    """How long the text of any post may be; that of one with pictures, where each needs a picture."""
    caption = capable.caption_limit if capable.min_media else None
    return min(capable.text_limit, capable.text_limit if caption is None else caption)


def fits(text: str, capable: Capabilities) -> bool:
    """Whether the capabilities allow a text."""
    if not text.strip() or capable.measure(text) > longest(capable):
        return False
    if capable.byte_limit is not None and len(text.encode()) > capable.byte_limit:
        return False
    found = [span.kind for span in spans(text)]
    limits = ((found.count(kind), getattr(capable, name)) for kind, name in _COUNTED)
    return all(limit is None or count <= limit for count, limit in limits)


def exactly(limit: int) -> str:
    """Plain words of so many characters."""
    return ("seven is " * (limit // 9 + 1))[: limit - 1] + "."


@st.composite
def texts(draw: st.DrawFn, capable: Capabilities) -> str:
    """A text that fits, often one that could not be longer."""
    pieces = draw(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=8))
    most = draw(st.sampled_from([len(pieces), 400]))
    joint = draw(st.sampled_from([" ", "\n", "\n\n"]))
    few, many = 0, most
    while few < many:
        middle = (few + many + 1) // 2
        few, many = (middle, many) if fits(_repeated(pieces, middle, joint), capable) else (few, middle - 1)
    return _repeated(pieces, few, joint) if few else "Words."


def _repeated(pieces: list[str], count: int, joint: str) -> str:
    return joint.join(islice((piece for _ in range(count) for piece in pieces), count))
