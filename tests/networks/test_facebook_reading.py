"""Facebook: what is known of a post whose answer was lost, from the Page's own list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, OutcomeUnknown
from socrbot.message import Absent, CannotTell, Found
from socrbot.networks.facebook import CAPABILITIES
from tests.networks.bench import START, Bench
from tests.networks.benches.facebook import (
    FEED,
    LIST,
    WORDS,
    answers,
    intent,
    lost,
    prepared,
    publish,
    send,
)
from tests.standins.graph import PAGE, Graph, fault
from tests.standins.server import Post

NETWORK = "facebook"


@pytest.fixture
def graph(standin: Graph) -> Graph:
    return standin


def test_status_500_with_code_2_may_have_posted(bench: Bench, graph: Graph) -> None:
    """Seen in the field: an error was answered and the post was there. It is looked for, not sent again."""
    payload = prepared(bench, WORDS, 1)
    body = fault(2, "An unexpected error has occurred. Please retry your request later.")
    graph.fault("status-after", match=FEED, status=500, body=body)
    with pytest.raises(OutcomeUnknown):
        publish(bench, payload)
    assert isinstance(bench.connect().find(intent(payload)), Found)


def test_a_lost_post_is_found_among_many(bench: Bench, graph: Graph, clock: VirtualClock) -> None:
    """The list is read page by page; our key comes back in Meta's addresses and is not sent twice."""
    graph.page_size = 3
    payload = lost(bench)
    for number in range(10):
        clock.advance(timedelta(minutes=1))
        send(bench, f"Another {number}")
    finding = bench.connect().find(intent(payload))
    assert isinstance(finding, Found)
    assert finding.receipt.id == graph.published[0].id
    assert [request.query.get("after") for request in graph.requests(LIST)] == [None, "3", "6", "9"]


def test_reading_stops_where_all_is_older(bench: Bench, graph: Graph, clock: VirtualClock) -> None:
    """A Page with years of posts is not read to its beginning."""
    graph.page_size = 5
    for number in range(12):
        send(bench, f"Old {number}")
    clock.advance(timedelta(hours=5))
    assert isinstance(bench.connect().find(intent(prepared(bench), clock.now())), Absent)
    assert len(graph.requests(LIST)) == 1


def test_a_list_out_of_order_is_read_on(bench: Bench, graph: Graph, clock: VirtualClock) -> None:
    """Meta may rank its list: one old post on a page does not mean that all behind it are old."""
    graph.page_size = 2
    payload = lost(bench)
    for hours in (30, 20, 0):
        graph.publish(Post(f"{PAGE}_{hours}", f"{hours} hours old", START - timedelta(hours=hours)))
    assert isinstance(bench.connect().find(intent(payload)), Found)


def test_an_older_post_with_the_same_words_is_not_taken_for_it(bench: Bench, clock: VirtualClock) -> None:
    """Last week's post says the same and proves nothing."""
    send(bench)
    clock.advance(timedelta(days=7))
    assert isinstance(bench.connect().find(intent(prepared(bench), clock.now())), Absent)


def test_clocks_may_differ_by_minutes(bench: Bench) -> None:
    """A post that Facebook dates some minutes before our try is still found."""
    payload = lost(bench)
    assert isinstance(bench.connect().find(intent(payload, START + timedelta(minutes=10))), Found)


def test_words_are_compared_as_people_read_them(bench: Bench, graph: Graph) -> None:
    """Other white space and another form of an accent are the same words; other words are not."""
    payload = prepared(bench, "Une  école\n\nhttps://petition.test/sign")
    graph.publish(Post(f"{PAGE}_1", "Une e\N{COMBINING ACUTE ACCENT}cole https://petition.test/sign", START))
    assert isinstance(bench.connect().find(intent(payload)), Found)
    assert isinstance(bench.connect().find(intent(prepared(bench, "Une autre école"))), Absent)


def test_the_same_words_with_other_pictures_are_left_to_a_person(bench: Bench) -> None:
    """It may be it, with a picture still on its way; nothing is concluded."""
    payload = prepared(bench, WORDS, 1)
    send(bench)
    assert isinstance(bench.connect().find(intent(payload)), CannotTell)


def test_the_same_words_with_another_address_are_left_to_a_person(bench: Bench, graph: Graph) -> None:
    """Facebook shows an address as it was written: another one is another post, or an edit."""
    graph.publish(Post(f"{PAGE}_1", "Sign: https://example.org/one", START))
    doubt = bench.connect().find(intent(prepared(bench, "Sign: https://example.org/two")))
    assert isinstance(doubt, CannotTell)
    assert "link" in doubt.why


@pytest.mark.parametrize("colours", [(1,), (1, 2)])
def test_posts_without_words_are_told_apart_by_their_pictures(bench: Bench, colours: tuple[int, ...]) -> None:
    """No words match no words alone; the number of pictures decides."""
    send(bench, "Words", 7, 8, 9)
    send(bench, "", 7, 8, 9)
    payload = prepared(bench, "", *colours)
    assert isinstance(bench.connect().find(intent(payload)), Absent)
    publish(bench, payload)
    assert isinstance(bench.connect().find(intent(payload)), Found)


def test_posts_of_nothing_but_a_link_are_told_apart(bench: Bench, graph: Graph) -> None:
    """Links are left out of the comparison, but not where there is nothing else."""
    payload = prepared(bench, "https://petition.test/one")
    graph.publish(Post(f"{PAGE}_1", "https://petition.test/two", START))
    assert isinstance(bench.connect().find(intent(payload)), Absent)
    publish(bench, payload)
    assert isinstance(bench.connect().find(intent(payload)), Found)


def test_a_post_that_the_list_does_not_show_yet_is_absent_for_now(
    bench: Bench, graph: Graph, clock: VirtualClock
) -> None:
    """The list may lag behind: that is why absence counts only after minutes, and twice."""
    graph.shown_after = timedelta(minutes=3)
    payload = lost(bench)
    assert isinstance(bench.connect().find(intent(payload)), Absent)
    clock.advance(CAPABILITIES.settle)
    assert isinstance(bench.connect().find(intent(payload)), Found)
    assert CAPABILITIES.looks == 2


def test_a_list_without_end_cannot_tell(bench: Bench, graph: Graph) -> None:
    """A range that was not read to its end is no evidence of absence."""
    graph.page_size = 1
    for number in range(25):
        graph.publish(Post(f"{PAGE}_{number}", f"Post {number}", START))
    assert isinstance(bench.connect().find(intent(prepared(bench))), CannotTell)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": None},
        {"data": [{"id": "1"}]},
        {"data": [{"id": "1", "created_time": "noon"}]},
        {"data": [{"id": "1", "created_time": "2026-03-07T19:00:00"}]},
        {"data": [7]},
        {"data": [], "paging": 7},
    ],
)
def test_a_list_that_cannot_be_read_is_no_evidence(bench: Bench, graph: Graph, body: dict[str, Any]) -> None:
    """An answer in a form that nobody knows is never taken for an empty list."""
    payload = prepared(bench)
    answers(graph, LIST, body)
    assert isinstance(bench.connect().find(intent(payload)), CannotTell)
    answers(graph, LIST, body)
    with pytest.raises(NotSent):
        bench.connect().recent(START)


def test_the_card_of_a_link_is_no_picture(bench: Bench) -> None:
    """One picture, several, and none beside a link are counted as such."""
    send(bench, "A link", link="https://petition.test/sign")
    send(bench, "Two", 1, 2)
    send(bench, "One", 1)
    shown = bench.connect().recent(START - timedelta(minutes=1))
    assert sorted((post.text, post.media_count) for post in shown) == [("A link", 0), ("One", 1), ("Two", 2)]


def test_the_address_is_the_one_that_facebook_gives(bench: Bench, graph: Graph) -> None:
    """Where Facebook names a post's address, that is the one people are sent to."""
    address = "https://www.facebook.com/socr/posts/pfbid02"
    graph.publish(Post(f"{PAGE}_1", WORDS, START, extra={"permalink_url": address}))
    assert bench.connect().recent(START)[0].url == address
    finding = bench.connect().find(intent(prepared(bench)))
    assert isinstance(finding, Found)
    assert finding.receipt.url == address
