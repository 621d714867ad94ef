"""Threads: what becomes of several texts, and of one that is too long, on each kind of network."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.campaign import Account, Media, WithoutThreads
from socrbot.errors import Place
from socrbot.message import Capabilities, Message, Option
from socrbot.rendering import Renderer
from socrbot.rendering.fitting import Room, overrun
from socrbot.text import count_hashtag, graphemes, spans, utf8_bytes, utf16_units, x_weight
from tests.rendering.making import ACCOUNTS, PLAIN, TAG, USES, campaign, message, post

THREADS = replace(PLAIN, threads=True)
COMMENTS = replace(PLAIN, comments=True)
PICTURE = Media("media/card.png", "A card.", Place("posts/a.yaml", 5, 3))
LONG = "Families win nearly every appeal, and still they wait. "


def texts(*sources: str, capabilities: Capabilities = PLAIN, **changes: object) -> list[str]:
    return [part.text for part in message(post(*sources, **changes), capabilities=capabilities).parts]


def test_parts_are_joined_where_the_author_says_so() -> None:
    """One text with an empty line between the parts, the hashtag once, the link last, the pictures with it."""
    joined = post("One.", "Two.", link="statistics", media=(PICTURE,), without_threads=WithoutThreads.JOIN)
    [part] = message(joined).parts
    assert part.text == f"One.\n\nTwo.\n\n{TAG}\nhttps://www.gov.uk/statistics"
    assert len(part.media) == 1
    assert len(message(joined, capabilities=THREADS).parts) == 2


def test_the_first_part_alone_carries_hashtag_and_link() -> None:
    """Hashtag and link are not lost with the parts that are left out, and neither are their facts counted."""
    first = post("One.", f"{{{{ fact('tribunal') }}}} {TAG}", link="statistics", without_threads=WithoutThreads.FIRST)
    made = message(first)
    assert [part.text for part in made.parts] == [f"One. {TAG}\nhttps://www.gov.uk/statistics"]
    assert made.facts == ()
    assert [fact.id for fact in message(first, capabilities=THREADS).facts] == ["tribunal"]


def test_parts_stay_parts_where_they_become_comments() -> None:
    """On a network with comments; the link stands in the last comment's text, since a comment has no card."""
    wish = {"without_threads": WithoutThreads.COMMENTS, "link": "statistics"}
    carded = replace(COMMENTS, link_field=True)
    parts = message(post("One.", "Two.", **wish), capabilities=carded).parts
    assert [(part.text, part.link) for part in parts] == [
        (f"One. {TAG}", None),
        ("Two.\nhttps://www.gov.uk/statistics", None),
    ]
    beside = message(post("One.", "Two.", link="statistics"), capabilities=replace(THREADS, link_field=True)).parts
    assert beside[1].link == "https://www.gov.uk/statistics"


def test_a_long_text_becomes_a_thread_where_the_author_allows_it() -> None:
    """Only with `split: yes`, only on a network with threads, and only where it is too long."""
    assert len(texts(LONG * 10, capabilities=THREADS)) == 1
    assert len(texts(LONG * 10, split=True)) == 1
    assert len(texts(LONG, split=True, capabilities=THREADS)) == 1
    parts = texts(LONG * 10, split=True, capabilities=THREADS)
    assert len(parts) == 3
    assert parts[0].endswith(f"wait. {TAG}")
    assert all(part.removesuffix(f" {TAG}").endswith("wait.") for part in parts)
    assert len(texts(LONG * 10, split=True, without_threads=WithoutThreads.COMMENTS, capabilities=COMMENTS)) == 3


def test_a_split_text_has_its_pictures_first_and_its_link_last() -> None:
    """The first part fits beside pictures, the last has room for the link, on a network with a caption's limit."""
    tight = replace(THREADS, caption_limit=100)
    made = message(post(LONG * 8, split=True, link="statistics", media=(PICTURE,)), capabilities=tight)
    first, *_, last = made.parts
    assert len(first.text) <= 100
    assert (len(first.media), len(last.media)) == (1, 0)
    assert last.text.endswith("\nhttps://www.gov.uk/statistics")
    assert all(len(part.text) <= 280 for part in made.parts)


def test_hashtag_and_link_together_may_be_what_makes_a_thread() -> None:
    """A text that fits with either, and not with both, is split all the same."""
    source = "word " * 45 + "end."
    parts = texts(source, split=True, link="statistics", capabilities=THREADS)
    assert len(parts) == 2
    assert TAG in parts[0]
    assert parts[1].endswith("https://www.gov.uk/statistics")


def test_options_that_count_leave_less_room() -> None:
    """A content warning counts as part of each part."""
    option = {"warning": Option("a content warning", counted=True)}
    capabilities = replace(THREADS, options=option)
    account = replace(ACCOUNTS["x"], options={"warning": "w" * 100})
    rendered = Renderer(campaign()).render(post(LONG * 6, split=True), account, capabilities)
    assert rendered.message is not None
    assert all(len(part.text) + 100 <= 280 for part in rendered.message.parts)


def test_accounts_of_the_same_layout_share_their_parts() -> None:
    """A split text is made once for accounts with the same limits."""
    renderer = Renderer(campaign())
    long = post(LONG * 10, split=True)
    made = [renderer.render(long, account, THREADS).message for account in ACCOUNTS.values()]
    assert all(one is not None and made[0] is not None and one.parts is made[0].parts for one in made)
    other = renderer.render(long, ACCOUNTS["x"], replace(THREADS, text_limit=500)).message
    assert other is not None
    assert made[0] is not None
    assert len(other.parts) < len(made[0].parts)


def test_excess_is_told_by_what_stands_in_the_text() -> None:
    """The same address counts once, a hashtag each time; the card's address counts too."""
    room = Room.of(replace(PLAIN, max_links=1, max_hashtags=1, max_mentions=0), {})
    text = "https://a.test/1 https://a.test/1 #one #one @someone"
    found = {excess.kind: (excess.count, excess.limit) for excess in room.excesses(spans(text))}
    assert found == {"hashtag": (2, 1), "mention": (1, 0)}
    assert [excess.count for excess in room.excesses(spans("https://a.test/1"), "https://b.test/")] == [2]
    assert room.fits("https://a.test/1 #one")
    assert not room.fits("#one #two")


MEASURES = st.sampled_from([len, graphemes, utf8_bytes, utf16_units, x_weight])
CAPABLE = st.builds(
    Capabilities,
    text_limit=st.integers(60, 300),
    measure=MEASURES,
    byte_limit=st.none() | st.integers(200, 600),
    caption_limit=st.none() | st.integers(60, 120),
    max_links=st.none() | st.integers(1, 3),
    threads=st.just(True),
    link_field=st.booleans(),
    alt_in_text=st.booleans(),
)
PIECES = [*USES[:5], LONG, "One.\n\nTwo.\n", "https://a.test/1 ", "👩‍👩‍👧‍👦 ", "e\u0301 ", "- item\n", "#tag "]


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=20).map("".join),
    CAPABLE,
    st.sampled_from([None, "statistics"]),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_a_thread_fits_in_every_part(source: str, capabilities: Capabilities, link: str | None, media: bool) -> None:
    """Whatever is split fits everywhere, with everything that was added; the hashtag is there, and nothing is lost."""
    whole = post(source, split=True, link=link, media=(PICTURE,) if media else ())
    made = message(whole, account="x", capabilities=capabilities)
    room = Room.of(capabilities, made.options)
    if len(made.parts) > 1:
        assert [overrun(part, room) for part in made.parts] == [None] * len(made.parts)
        assert not [excess for part in made.parts for excess in room.excesses(part.spans, part.link)]
    assert sum(count_hashtag(part.text, TAG) for part in made.parts) == 1
    one = message(replace(whole, split=False), capabilities=capabilities)
    assert words(made) == words(one)


def words(made: Message) -> Counter[str]:
    """The words of a message without what was added to them."""
    added = {TAG, "https://www.gov.uk/statistics"}
    return Counter(word for part in made.parts for word in part.text.split() if word not in added)


@pytest.mark.parametrize("mode", [None, *WithoutThreads])
def test_nothing_changes_for_a_post_of_one_text(mode: WithoutThreads | None) -> None:
    """What would become of a thread says nothing of a post that is none."""
    assert texts("One.", without_threads=mode) == texts("One.")
    account = Account("other", "x", Place("config/accounts.yaml", 9, 3))
    assert Renderer(campaign()).render(post("One."), account, COMMENTS).message is not None
