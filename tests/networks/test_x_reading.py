"""What X's own timeline proves about a lost post, and what it does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, OutcomeUnknown
from socrbot.message import Absent, CannotTell, Found, Metrics
from socrbot.networks.x import CAPABILITIES
from tests.networks.bench import START, Bench
from tests.networks.benches.x import POST, READ, publish
from tests.standins.x import X as Standin

NETWORK = "x"


@pytest.mark.parametrize(
    "text",
    [
        "Schemeless: example.org/petition and example.org too.",
        "A domain of next year: campaign.newtld/join is not known to us.",
        "Shouting: HTTPS://Example.ORG/Petition, HTTP://EXAMPLE.COM",
        "Three links https://example.org/ http://www.example.com/a?b=1&c=%20d https://example.net.",
        "Fish & chips <b>cost</b> £5, &amp; more",
        "  Spaces   and\n\n\nlines  ",
        "e\u0301tude, NFD and NFC",
        "https://example.org/only-a-link",
        "@friend hello",
    ],
)
def test_a_lost_post_is_known_by_its_text(bench: Bench, standin: Standin, text: str) -> None:
    """X shortens links, adds schemes and slashes, composes letters, escapes characters: no post is hidden by it."""
    network = bench.connect()
    intent = bench.intent(network, bench.message(text))
    standin.fault("drop-after", match=POST)
    with pytest.raises(OutcomeUnknown):
        network.publish(intent.payload, key=intent.key, reply_to=None)
    finding = network.find(intent)
    assert isinstance(finding, Found)
    assert finding.receipt.id == standin.published[0].id


def test_a_lost_post_is_found_behind_many_others(bench: Bench, standin: Standin) -> None:
    """Page after page, to the end."""
    network = bench.connect()
    intent = bench.intent(network, bench.message("The lost one."))
    bench.send(network, bench.message("The lost one."))
    for number in range(7):
        bench.send(network, bench.message(f"Number {number}."))
    standin.page_size = 3
    assert isinstance(network.find(intent), Found)
    assert len(standin.requests(READ)) == 3


def test_a_page_that_is_missing_proves_nothing(bench: Bench, standin: Standin) -> None:
    """Absent is said over the whole range or not at all."""
    network = bench.connect()
    for number in range(7):
        bench.send(network, bench.message(f"Number {number}."))
    intent, standin.page_size = bench.intent(network, bench.message("The lost one.")), 3
    assert isinstance(network.find(intent), Absent)
    standin.fault("503", match=lambda request: "pagination_token" in request.query)
    assert isinstance(network.find(intent), CannotTell)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"data": []},
        {"meta": {}},
        {"meta": {"result_count": 2}, "data": [{"id": "1", "text": "x"}]},
        {"meta": {"result_count": 1}, "data": [{"id": "1", "text": "no time"}]},
        {"errors": [{"title": "Not Found"}]},
        {"meta": {"result_count": 0}, "errors": [{"title": "Not Found"}]},
        {"meta": {"result_count": 1}, "data": ["x"]},
    ],
)
def test_an_answer_that_is_no_list_of_posts_proves_nothing(bench: Bench, standin: Standin, body: Any) -> None:
    """Success in its status, and yet no evidence."""
    network = bench.connect()
    intent = bench.intent(network, bench.message("Where is it?"))
    standin.fault("status", match=READ, times=2, status=200, body=body)
    assert isinstance(network.find(intent), CannotTell)


def test_a_timeline_without_end_proves_nothing(bench: Bench, standin: Standin) -> None:
    """X shows the last 3,200 posts; what lies behind them nobody can see."""
    network = bench.connect()
    intent = bench.intent(network, bench.message("Where is it?"))
    body = {"meta": {"result_count": 0, "next_token": "again"}}
    standin.fault("status", match=READ, times=100, status=200, body=body)
    assert isinstance(network.find(intent), CannotTell)
    assert len(standin.requests(READ)) == 32


def test_the_same_words_with_another_link_are_for_a_person_to_judge(bench: Bench) -> None:
    """Neither "it is there" nor "it is not": a wrong guess would lose a post or double it."""
    network = bench.connect()
    bench.send(network, bench.message("Sign now! https://example.org/one"))
    intent = bench.intent(network, bench.message("Sign now! https://example.org/two"))
    finding = network.find(intent)
    assert isinstance(finding, CannotTell)
    assert finding.retry_at is None
    assert "link" in finding.why


def test_the_same_words_with_other_pictures_are_for_a_person_to_judge(bench: Bench) -> None:
    """A post that lost its picture is not the post that was meant."""
    network = bench.connect()
    bench.send(network, bench.message("Look."))
    finding = network.find(bench.intent(network, bench.message("Look.", media=(bench.picture(1, "Alt"),))))
    assert isinstance(finding, CannotTell)
    assert "picture" in finding.why


def test_the_same_words_elsewhere_in_a_conversation_are_for_a_person_to_judge(bench: Bench) -> None:
    """A part of a thread that stands alone is not that part."""
    network = bench.connect()
    (first,) = bench.send(network, bench.message("One."))
    bench.send(network, bench.message("Two."))
    assert isinstance(network.find(bench.intent(network, bench.message("One.", "Two."), reply_to=first)), CannotTell)


def test_an_older_post_with_the_same_text_is_not_the_lost_one(bench: Bench, clock: VirtualClock) -> None:
    """Last week's post proves nothing about today's; a clock that is an hour wrong hides nothing."""
    network = bench.connect()
    bench.send(network, bench.message("Every week the same."))
    clock.advance(timedelta(minutes=70))
    assert isinstance(network.find(bench.intent(network, bench.message("Every week the same."))), Found)
    clock.advance(timedelta(minutes=8))
    assert isinstance(network.find(bench.intent(network, bench.message("Every week the same."))), Absent)


def test_a_post_that_shows_late_is_found_later(bench: Bench, standin: Standin) -> None:
    """X's timeline lags: that is why one look is not enough to believe that a post is absent."""
    network = bench.connect()
    intent = bench.intent(network, bench.message("Slow."))
    standin.hidden = {publish(bench, "Slow.").id}
    assert isinstance(network.find(intent), Absent)
    standin.hidden = set()
    assert isinstance(network.find(intent), Found)
    assert CAPABILITIES.looks >= 2


@pytest.mark.parametrize("name", ["post.fields", "tweet.fields"])
def test_the_timeline_is_read_under_either_name_of_its_fields(bench: Bench, standin: Standin, name: str) -> None:
    """X renamed the parameter in 2026 and refuses a name that it does not know: the other one is tried, once."""
    publish(bench, "Here. https://example.org/a")
    standin.knows = (name,)
    network = bench.connect()
    assert [post.text for post in network.recent(START)] == ["Here. https://example.org/a"]
    assert [post.text for post in network.recent(START)] == ["Here. https://example.org/a"]
    assert len(standin.requests(READ)) == (2 if name == "post.fields" else 3)


def test_an_empty_timeline_settles_no_name(bench: Bench, standin: Standin) -> None:
    """Only posts that could be read show that X understood which fields were wanted."""
    network = bench.connect()
    assert network.recent(START) == []
    publish(bench, "Here.")
    standin.knows = ("tweet.fields",)
    assert [post.text for post in network.recent(START)] == ["Here."]


def test_a_post_that_x_will_not_delete_is_not_believed_deleted(bench: Bench, standin: Standin) -> None:
    """Only X's own yes counts; a lost answer to a deletion is said as such."""
    network = bench.connect()
    (receipt,) = bench.send(network, bench.message("Stays."))
    standin.fault("status", match="DELETE *", status=200, body={"data": {"deleted": False}})
    with pytest.raises(OutcomeUnknown):
        network.delete(receipt)
    standin.fault("drop-after", match="DELETE *")
    with pytest.raises(OutcomeUnknown):
        network.delete(receipt)
    network.delete(receipt)
    assert standin.visible == []


@pytest.mark.parametrize("name", ["post.fields", "tweet.fields"])
def test_numbers_are_read_under_either_name_of_their_fields(bench: Bench, standin: Standin, name: str) -> None:
    """Reposts and quotes are shares, under the names of 2026 and of before; one call tells of all posts."""
    receipts = [publish(bench, f"Number {number}.") for number in range(3)]
    for receipt in receipts:
        bench.count(receipt, likes=9, replies=4, shares=5, views=600)
    standin.knows = (name,)
    network = bench.connect()
    assert set(network.metrics(receipts).values()) == {Metrics(9, 4, 5, 600)}
    asked = len(standin.requests("GET /2/tweets"))
    network.metrics(receipts)
    assert len(standin.requests("GET /2/tweets")) == asked + 1


def test_numbers_of_no_post_cost_nothing(bench: Bench, standin: Standin) -> None:
    """X is not asked where there is nothing to ask."""
    assert bench.connect().metrics([]) == {}
    assert standin.requests() == []


def test_numbers_of_posts_that_are_all_gone(bench: Bench, standin: Standin) -> None:
    """X names them among its errors, and there is nothing to tell."""
    receipt = publish(bench)
    bench.connect().delete(receipt)
    assert bench.connect().metrics([receipt]) == {}


@pytest.mark.parametrize(
    "body",
    [{}, [], {"data": {}}, {"data": [{"id": "1"}]}, {"data": [{"id": "1", "public_metrics": {}}]}, {"data": [7]}],
)
def test_numbers_that_cannot_be_read_come_later(bench: Bench, standin: Standin, body: Any) -> None:
    """An answer in a form that nobody knows is never taken for "all gone"."""
    receipt = publish(bench)
    standin.fault("status", match="GET /2/tweets", times=2, status=200, body=body)
    with pytest.raises(NotSent):
        bench.connect().metrics([receipt])
