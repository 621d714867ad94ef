"""Facebook: later parts as comments below the first, and how people took posts and comments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from socrbot.errors import NotSent, OutcomeUnknown, Refused
from socrbot.message import Absent, CannotTell, Found, Metrics, Receipt
from socrbot.networks.base import Intent
from tests.networks.bench import START, Bench
from tests.networks.benches.facebook import answers, send
from tests.standins.graph import Graph
from tests.standins.server import Post

NETWORK = "facebook"
COMMENTS = "POST /v25.0/*/comments"


@pytest.fixture
def graph(standin: Graph) -> Graph:
    return standin


def second(bench: Bench, text: str, first: Receipt, **more: Any) -> Intent:
    """The intent of a second part."""
    message = bench.message("First", text)
    part = replace(message.parts[1], **more)
    payload = bench.connect().prepare(message, part, key="k", steps=bench.steps())
    return Intent(payload, "k", 2, START, first)


def comment(bench: Bench, intent: Intent) -> Receipt:
    return bench.connect().publish(intent.payload, key="k", reply_to=intent.reply_to)


def test_a_link_goes_into_the_words_of_a_comment(bench: Bench, graph: Graph) -> None:
    """Comments have no field for it; an address that is there already is not said twice."""
    first, link = send(bench, "First"), "https://petition.test/sign"
    comment(bench, second(bench, "Sign it.", first, link=link))
    comment(bench, second(bench, f"Sign {link} now.", first, link=link))
    assert [post.text for post in graph.published[1:]] == [f"Sign it.\n{link}", f"Sign {link} now."]


def test_a_comment_shows_one_picture(bench: Bench, graph: Graph) -> None:
    """It is found again with it; more than one is refused before anything goes out."""
    first = send(bench, "First")
    intent = second(bench, "Look.", first, media=(bench.picture(1, "One"),))
    assert comment(bench, intent).extra == {"root": first.id}
    assert [media.alt for media in graph.published[1].media] == ["One"]
    assert isinstance(bench.connect().find(intent), Found)
    assert isinstance(bench.connect().find(second(bench, "Look.", first)), CannotTell)
    with pytest.raises(Refused, match="one picture"):
        second(bench, "Look.", first, media=(bench.picture(1, "One"), bench.picture(2, "Two")))


def test_other_people_s_words_are_not_taken_for_ours(bench: Bench, graph: Graph) -> None:
    """Anybody may repeat what we say below our post; where Facebook does not say who did, a person decides."""
    first = send(bench, "First")
    intent = second(bench, "We agree.", first)
    graph.publish(Post("1_99", "We agree.", START, reply_to=first.id, account="42"))
    assert isinstance(bench.connect().find(intent), Absent)
    graph.tells_authors = False
    doubt = bench.connect().find(intent)
    assert isinstance(doubt, CannotTell)
    assert "somebody else" in doubt.why


def test_comments_below_a_post_that_is_gone(bench: Bench, graph: Graph) -> None:
    """Nothing can be said there any more, and nothing can be read: no guess is made."""
    first = send(bench, "First")
    intent = second(bench, "Second", first)
    bench.connect().delete(first)
    with pytest.raises(Refused):
        comment(bench, intent)
    assert isinstance(bench.connect().find(intent), CannotTell)


def test_a_comment_whose_number_is_not_said_is_in_doubt(bench: Bench, graph: Graph) -> None:
    """Facebook takes the same comment twice, so it is looked for, and not sent again blindly."""
    first = send(bench, "First")
    intent = second(bench, "Second", first)
    answers(graph, COMMENTS, {})
    with pytest.raises(OutcomeUnknown):
        comment(bench, intent)
    assert isinstance(bench.connect().find(intent), Absent)


def test_deleting_a_post_takes_its_comments_along(bench: Bench, graph: Graph) -> None:
    """That is Facebook's way; a comment that is gone is no error."""
    first = send(bench, "First")
    below = comment(bench, second(bench, "Second", first))
    bench.connect().delete(first)
    bench.connect().delete(below)
    assert graph.visible == []


def test_numbers_of_posts_and_comments(bench: Bench, graph: Graph) -> None:
    """One call for posts and one for comments, which nobody can share. Who was not shared was shared 0 times."""
    posts = [send(bench, f"Number {number}") for number in range(3)]
    below = comment(bench, second(bench, "Second", posts[0]))
    bench.count(posts[0], likes=5, replies=2, shares=1)
    bench.count(below, likes=4, replies=3)
    before = len(graph.requests())
    found = bench.connect().metrics([*posts, below])
    assert found == {
        posts[0].id: Metrics(likes=5, replies=2, shares=1),
        posts[1].id: Metrics(likes=0, replies=0, shares=0),
        posts[2].id: Metrics(likes=0, replies=0, shares=0),
        below.id: Metrics(likes=4, replies=3),
    }
    assert len(graph.requests()) == before + 2


def test_one_post_that_is_gone_does_not_hide_the_others(bench: Bench) -> None:
    """Facebook refuses the whole question then: each post is asked for by itself."""
    posts = [send(bench, f"Number {number}") for number in range(3)]
    bench.connect().delete(posts[1])
    assert set(bench.connect().metrics(posts)) == {posts[0].id, posts[2].id}
    assert bench.connect().metrics([]) == {}


@pytest.mark.parametrize("item", [7, {}, {"likes": {}, "comments": {}}, {"likes": {"summary": {"total_count": "x"}}}])
def test_numbers_that_cannot_be_read_come_later(bench: Bench, graph: Graph, item: Any) -> None:
    """An answer in a form that nobody knows is no zero."""
    post = send(bench, "Number")
    answers(graph, "GET /v25.0/", {post.id: item})
    with pytest.raises(NotSent):
        bench.connect().metrics([post])
