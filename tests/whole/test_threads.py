"""Posts in several parts: each part is known before the next goes out, whatever happens in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from socrbot.delivery import State
from tests.standins.graph import Graph
from tests.standins.x import X
from tests.whole.bot import TONIGHT, Bot, settle_down
from tests.whole.conftest import Make

X_ONLY = {"x": "x"}
THREE = {"t.yaml": f"{TONIGHT}parts: [First., Second., Third.]\nwithout_threads: comments\n"}
TAG = "#SaveOurChildrensRights"
HOUR = timedelta(hours=1)


class Killed(BaseException):
    """The process ends here, with nothing done any more."""


def dies_when_it_says(bot: Bot, word: str, *, times: int = 1) -> None:
    """Ends the bot's worker at the moment at which it says this word, so many times."""
    left = [times]
    hear = bot._hear

    def hear_and_die(action: str, **fields: Any) -> None:
        hear(action, **fields)
        if action == word and left[0]:
            left[0] -= 1
            raise Killed

    bot._hear = hear_and_die  # type: ignore[method-assign]


def live_until_killed(bot: Bot) -> None:
    """Lets the bot work until it dies, and starts it anew when its claim has run out."""
    with pytest.raises(Killed):
        settle_down(bot)
    bot.restart()
    bot.clock.advance(timedelta(minutes=10))


@pytest.mark.parametrize("account", ["x", "facebook"])
def test_a_death_between_two_parts_goes_on_with_the_next(make: Make, x: X, graph: Graph, account: str) -> None:
    """The first part's receipt was kept: it is not repeated, and the rest follows it."""
    server = x if account == "x" else graph
    bot = make(THREE, accounts={account: account})
    dies_when_it_says(bot, "part-sent", times=2)
    bot.restart()
    live_until_killed(bot)
    assert len(server.published) == 1
    live_until_killed(bot)
    assert len(server.published) == 2
    settle_down(bot)
    assert [post.text for post in server.published] == [f"First. {TAG}", "Second.", "Third."]
    assert [delivery.state for delivery in bot.deliveries()] == [State.SENT]


@pytest.mark.parametrize("account", ["x", "facebook"])
def test_a_lost_answer_to_a_later_part_repeats_nothing(make: Make, x: X, graph: Graph, account: str) -> None:
    """The second part went out and nobody wrote it down: it is found there, and the third follows it."""
    server = x if account == "x" else graph
    bot = make(THREE, accounts={account: account}, env={"SOCRBOT_TIMEOUT_SECONDS": "0.5"})
    asked = "POST /2/tweets" if account == "x" else "POST /*/comments"
    count = iter(range(100))
    first = 1 if account == "x" else 0
    server.fault("drop-after", match=lambda request: _is(request, asked) and next(count) == first)
    settle_down(bot, hours=3)
    assert [post.text for post in server.published] == [f"First. {TAG}", "Second.", "Third."]
    assert [delivery.state for delivery in bot.deliveries()] == [State.SENT]


def _is(request: Any, asked: str) -> bool:
    method, _, path = asked.partition(" ")
    return request.method == method and (request.path == path or request.path.endswith(path.rpartition("*")[2]))


def test_a_refused_second_part_stops_the_thread_and_never_repeats_the_first(make: Make, x: X) -> None:
    """The log says what is public. Somebody may try again: that begins with the second part, and not before."""
    bot = make(THREE, accounts=X_ONLY)
    x.replies = False
    settle_down(bot)
    (delivery,) = bot.deliveries()
    assert (delivery.state, delivery.parts_out) == (State.FAILED, 1)
    assert "Part 1 of 3 is public" in (delivery.detail or "")
    settle_down(bot, hours=6)
    assert len(x.published) == 1, "it is not tried again by itself"
    for _ in range(2):
        bot.app.ledger.retry(delivery.id, by="Ann", now=bot.clock.now(), grace=2 * HOUR)
        settle_down(bot)
        assert len(x.published) == 1
    x.replies = True
    bot.app.ledger.retry(delivery.id, by="Ann", now=bot.clock.now(), grace=2 * HOUR)
    settle_down(bot)
    assert [post.text for post in x.published] == [f"First. {TAG}", "Second.", "Third."]
    assert bot.deliveries()[0].state is State.SENT


def test_a_refused_third_part_names_both_that_are_public(make: Make, x: X) -> None:
    """The parts before it are counted in the log."""
    bot = make(THREE, accounts=X_ONLY)
    count = iter(range(100))
    body = {"title": "Forbidden", "detail": "No.", "status": 403, "type": "about:blank"}
    x.fault("status", status=403, body=body, match=lambda r: _is(r, "POST /2/tweets") and next(count) == 2)
    settle_down(bot)
    (delivery,) = bot.deliveries()
    assert (delivery.state, delivery.parts_out) == (State.FAILED, 2)
    assert "Parts 1 to 2 of 3 are public" in (delivery.detail or "")


def test_comments_are_all_below_the_first_part(make: Make, graph: Graph) -> None:
    """Each comment hangs below the post itself, and its receipt remembers which post that is."""
    bot = make(THREE, accounts={"facebook": "facebook"})
    settle_down(bot)
    post, *comments = graph.published
    assert [comment.reply_to for comment in comments] == [post.id, post.id]
    (delivery,) = bot.deliveries()
    receipts = [part.receipt for part in bot.app.ledger.parts(delivery.id)]
    assert [receipt.extra.get("root") for receipt in receipts if receipt] == [None, post.id, post.id]


def test_a_joined_thread_is_one_post(make: Make, graph: Graph, x: X) -> None:
    """The same post is a thread on X and one text on the Page."""
    posts = {"t.yaml": THREE["t.yaml"].replace("comments", "join")}
    bot = make(posts, accounts={"x": "x", "facebook": "facebook"})
    settle_down(bot)
    assert [post.text for post in graph.published] == [f"First.\n\nSecond.\n\nThird.\n\n{TAG}"]
    assert len(x.published) == 3


def test_a_split_text_goes_out_as_a_thread(make: Make, x: X) -> None:
    """What is too long for one post arrives in order, each part an answer to the one before."""
    sentence = "Families win nearly every appeal, and still they wait."
    bot = make({"t.yaml": f"{TONIGHT}split: yes\ntext: {' '.join([sentence] * 10)}\n"}, accounts=X_ONLY)
    settle_down(bot)
    assert len(x.published) == 3
    ids = [post.id for post in x.published]
    assert [post.reply_to for post in x.published] == [None, ids[0], ids[1]]
    assert " ".join(post.text for post in x.published).count(sentence) == 10


def test_an_edit_after_the_first_part_stops_the_rest(make: Make, x: X) -> None:
    """Nobody gets the beginning of one text and the end of another."""
    bot = make(THREE, accounts=X_ONLY)
    dies_when_it_says(bot, "part-sent")
    bot.restart()
    live_until_killed(bot)
    (bot.root / "posts/t.yaml").write_text(THREE["t.yaml"].replace("Third.", "Other."), encoding="utf-8")
    settle_down(bot)
    assert len(x.published) == 1
    (delivery,) = bot.deliveries()
    assert (delivery.state, delivery.reason) == (State.HELD, "changed-midway")
