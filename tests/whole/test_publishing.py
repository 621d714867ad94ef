"""From the file to the network and back: what becomes of a delivery, whatever the network answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from socrbot.delivery import State
from socrbot.ledger.claims import Claims
from tests.standins.graph import Graph
from tests.standins.x import X
from tests.whole.bot import NINE, ONE, START, TONIGHT, Bot, events, settle_down
from tests.whole.campaigns import CAMPAIGN
from tests.whole.conftest import Make

X_ONLY = {"x": "x"}
FACEBOOK_ONLY = {"facebook": "facebook"}
POST_X = "POST /2/tweets"
POST_GRAPH = "POST /*/feed"


def test_a_post_goes_out_at_its_time_and_not_before(make: Make, x: X) -> None:
    """Nothing leaves before the time; at the time it does, once, and the log has the address."""
    bot = make(ONE, accounts=X_ONLY)
    bot.run_until(NINE - timedelta(seconds=1))
    assert x.published == []
    settle_down(bot)
    assert [post.text for post in x.published] == ["Hello, everyone. #SaveOurChildrensRights"]
    (delivery,) = bot.deliveries()
    (part,) = bot.app.ledger.parts(delivery.id)
    assert part.receipt is not None
    assert part.receipt.url == f"https://x.com/i/web/status/{x.published[0].id}"
    assert events(bot) == ["planned", "claimed", "sending", "sent"]


@pytest.mark.parametrize("kind", ["delay", "drop-after", "broken-json", "html-502-after", "drop-in-reply"])
@pytest.mark.parametrize(("accounts", "match"), [(X_ONLY, POST_X), (FACEBOOK_ONLY, POST_GRAPH)])
def test_a_lost_answer_is_settled_by_reading_back(
    make: Make, x: X, graph: Graph, kind: str, accounts: dict[str, str], match: str
) -> None:
    """The network acted and the answer got lost: the post is found there, and never sent again."""
    server = x if accounts is X_ONLY else graph
    bot = make(ONE, accounts=accounts, env={"SOCRBOT_TIMEOUT_SECONDS": "0.5"})
    server.fault(kind, match=match)
    settle_down(bot)
    assert len(server.published) == 1
    assert [d.state for d in bot.deliveries()] == [State.SENT]
    assert "unknown" in events(bot)
    assert events(bot)[-1] == "settled"


@pytest.mark.parametrize("kind", ["delay-before", "drop-before"])
@pytest.mark.parametrize(("accounts", "match"), [(X_ONLY, POST_X), (FACEBOOK_ONLY, POST_GRAPH)])
def test_a_lost_request_goes_out_again_once_the_network_shows_that_it_is_not_there(
    make: Make, x: X, graph: Graph, kind: str, accounts: dict[str, str], match: str
) -> None:
    """The request never arrived: after the settling time the bot looks, finds nothing, and sends it again."""
    server = x if accounts is X_ONLY else graph
    bot = make(ONE, accounts=accounts, env={"SOCRBOT_TIMEOUT_SECONDS": "0.5"})
    server.fault(kind, match=match)
    settle_down(bot)
    assert len(server.published) == 1
    assert [d.state for d in bot.deliveries()] == [State.SENT]
    story = bot.app.ledger.story(bot.deliveries()[0].id)
    assert [attempt.state for attempt in story.attempts] == ["not-sent", "sent"]
    settled = next(event for event in story.events if event.action == "settled")
    assert settled.detail, "the log says on what evidence"


def test_a_server_that_is_down_is_asked_again_later(make: Make, x: X) -> None:
    """A refused connection is provably not sent: it waits longer each time, and goes out when the server is back."""
    bot = make(ONE, accounts=X_ONLY)
    bot.env["X_API_BASE"] = "http://127.0.0.1:9"
    bot.restart()
    bot.run_until(NINE + timedelta(minutes=3))
    assert bot.deliveries()[0].state is State.PLANNED
    tries = events(bot).count("not-sent")
    assert 2 <= tries <= 5
    bot.env["X_API_BASE"] = x.base
    bot.restart()
    settle_down(bot)
    assert len(x.published) == 1
    assert bot.deliveries()[0].state is State.SENT


def test_a_rate_limit_is_kept_as_the_network_says(make: Make, x: X) -> None:
    """After 429 the whole account waits until the time in the headers, across a restart, and asks nothing meanwhile."""
    two = {"two.yaml": f"- id: a\n  {TONIGHT}  text: One.\n- id: b\n  {TONIGHT}  text: Two.\n"}
    bot = make(two, accounts=X_ONLY)
    until = NINE + timedelta(minutes=20)
    x.fault(
        "status",
        status=429,
        match=POST_X,
        headers={
            "x-rate-limit-limit": "100",
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(int(until.timestamp())),
        },
    )
    bot.run_until(NINE + timedelta(minutes=5))
    bot.restart()
    bot.run_until(until - timedelta(seconds=1))
    assert len(x.requests(POST_X)) == 1
    settle_down(bot)
    assert sorted(post.text.split(".")[0] for post in x.published) == ["One", "Two"]


def test_a_dead_token_stops_that_account_alone(make: Make, x: X, graph: Graph) -> None:
    """X no longer lets us in: that account is stopped and said to be; Facebook goes on as if nothing had happened."""
    later = "when: 2026-11-24 21:30\n"
    bot = make({**ONE, "later.yaml": later + "text: Later.\n"}, accounts={**X_ONLY, **FACEBOOK_ONLY})
    x.revoke()
    settle_down(bot)
    assert len(graph.published) == 2
    assert len(x.requests(POST_X)) == 1, "a stopped account is not tried again"
    assert bot.states() == {
        "hello on facebook": "sent",
        "later on facebook": "sent",
        "hello on x": "failed",
        "later on x": "held",
    }
    row = bot.app.ledger.account("x")
    assert row is not None
    assert row.stopped_reason


def test_a_refusal_ends_the_delivery_with_the_networks_reason(make: Make, x: X) -> None:
    """What the network will not take is not sent again; the log has its answer."""
    bot = make(ONE, accounts=X_ONLY)
    x.fault(
        "status",
        status=403,
        match=POST_X,
        body={"title": "Forbidden", "detail": "No cats today.", "status": 403, "type": "about:blank"},
    )
    settle_down(bot)
    (delivery,) = bot.deliveries()
    assert delivery.state is State.FAILED
    assert "No cats today" in (delivery.detail or "")
    assert x.published == []


def test_nothing_speaks_unasked(make: Make, x: X) -> None:
    """An account that is new here sends nothing before go-live, however well it is connected."""
    bot = make(ONE, accounts={"outbox": "outbox", "x": "x"}, live=False)
    settle_down(bot)
    assert x.published == []
    assert x.requests() == []
    assert bot.states() == {"hello on outbox": "sent", "hello on x": "held"}
    assert next(d for d in bot.deliveries() if d.account == "x").reason == "not-live"


def test_a_placeholder_never_reaches_a_real_network(make: Make, x: X) -> None:
    """An address on example.org goes to the outbox and nowhere else."""
    post = {"ask.yaml": TONIGHT + "text: \"Sign: {{ link('nowhere') }}\"\n"}
    bot = make(post, accounts={"outbox": "outbox", "x": "x"})
    settle_down(bot)
    assert x.published == []
    assert bot.states() == {"ask on outbox": "sent", "ask on x": "held"}


def test_a_stale_figure_never_goes_out(make: Make, x: X) -> None:
    """A fact past its day holds the post, and says so a day ahead."""
    facts = (
        "facts:\n  old:\n    statement: Half of plans are late\n    source: {title: Page}\n"
        "    checked: 2026-01-01\n    check_again: 2026-11-01\n"
    )
    bot = make({"old.yaml": TONIGHT + "text: \"{{ fact('old') }}.\"\n"}, accounts=X_ONLY, facts=facts)
    bot.run_until(START + timedelta(minutes=1))
    settle_down(bot)
    assert x.published == []
    assert bot.deliveries() == [] or {d.state for d in bot.deliveries()} <= {State.HELD}


def test_what_is_late_is_missed_and_never_sent_in_a_burst(make: Make, x: X) -> None:
    """The bot was off for a day: what fell due meanwhile is told as missed, and nothing of it goes out."""
    posts = {f"p{hour}.yaml": f"when: 2026-11-25 {hour:02}:00\ntext: Hour {hour}.\n" for hour in range(8, 20)}
    bot = make(posts, accounts=X_ONLY)
    bot.turn()
    bot.clock.advance(timedelta(days=2))
    bot.restart()
    settle_down(bot)
    assert x.published == []
    assert {str(d.state) for d in bot.deliveries()} == {"missed"}
    assert {d.reason for d in bot.deliveries()} == {"late"}


def test_a_recurring_post_that_fell_due_while_the_bot_was_off_is_told(make: Make, x: X) -> None:
    """Even after an outage longer than the plan, each missed time stands in the log."""
    bot = make({"daily.yaml": "when: {every: day 12:00}\ntext: Noon.\n"}, accounts=X_ONLY)
    bot.turn()
    bot.clock.advance(timedelta(days=40))
    bot.restart()
    bot.turn()
    missed = [d for d in bot.deliveries() if d.state is State.MISSED]
    assert len(missed) == 40
    assert x.published == []


def test_a_thread_goes_on_where_it_stopped(make: Make, x: X) -> None:
    """Part 2 of 3 finds no connection: part 1 is not repeated, 2 and 3 follow as answers to it."""
    bot = make({"t.yaml": TONIGHT + "parts: [First., Second., Third.]\n"}, accounts=X_ONLY)
    count = iter(range(100))
    x.fault("status", status=429, match=lambda r: r.path == "/2/tweets" and r.method == "POST" and next(count) == 1)
    settle_down(bot)
    texts = [post.text for post in x.published]
    assert texts == ["First. #SaveOurChildrensRights", "Second.", "Third."]
    ids = [post.id for post in x.published]
    assert [post.reply_to for post in x.published] == [None, ids[0], ids[1]]
    assert bot.deliveries()[0].state is State.SENT


def test_a_refused_second_part_says_that_the_first_is_public(make: Make, x: X) -> None:
    """X takes no answer to the first part: the delivery has failed, and the log says what is public."""
    bot = make({"t.yaml": TONIGHT + "parts: [First., Second.]\n"}, accounts=X_ONLY)
    x.replies = False
    settle_down(bot)
    (delivery,) = bot.deliveries()
    assert (delivery.state, delivery.parts_out) == (State.FAILED, 1)
    assert len(x.published) == 1
    assert "Part 1 of 2 is public" in (delivery.detail or "")


def test_two_workers_on_one_ledger_send_once(make: Make, x: X) -> None:
    """Two bots that see the same work share it."""
    posts = {f"p{n}.yaml": TONIGHT + f"text: Number {n}.\n" for n in range(10)}
    bot = make(posts, accounts={"x": "x", "outbox": "outbox"})
    bot.run_until(NINE - timedelta(minutes=1))
    other = Bot(bot.root, env=bot.env, clock=bot.clock)
    try:
        bot.clock.advance_to(NINE + timedelta(seconds=1))
        first, second = bot.app.turn(wait=False), other.app.turn(wait=False)
        assert first.taken + second.taken >= 1
        for worker in (bot, other):
            worker.turn()
        assert len({post.text for post in x.published}) == len(x.published) == 10
    finally:
        other.close()


def test_what_the_network_calls_a_duplicate_after_a_lost_answer_is_not_sent_a_third_time(make: Make, x: X) -> None:
    """Read-back lags, the second try is called a duplicate: that is evidence, and a person is asked."""
    bot = make(ONE, accounts=X_ONLY, env={"SOCRBOT_TIMEOUT_SECONDS": "0.5"})
    x.hidden = {str(1_900_000_000_000_000_001)}
    x.fault("drop-after", match=POST_X)
    settle_down(bot)
    assert x.published[0].id in x.hidden
    assert len(x.published) == 1
    (delivery,) = bot.deliveries()
    assert (delivery.state, delivery.reason) == (State.UNKNOWN, "duplicate-answer")
    x.hidden = set()
    settle_down(bot, hours=6)
    assert len(x.published) == 1


def test_a_post_of_another_delivery_is_no_proof(make: Make, graph: Graph) -> None:
    """The same words with the card of another link, minutes before: the lost one is not said to be that one."""
    posts = {
        f"{name}.yaml": f"when: 2026-11-24 21:0{minute}\ntext: Sign now!\nlink: {name}\n"
        for minute, name in enumerate(("petition", "second"))
    }
    links = CAMPAIGN.replace("links:\n", "links:\n  second: {title: Sign, url: https://petition.test/2}\n")
    bot = make(posts, accounts=FACEBOOK_ONLY, campaign=links)
    bot.run_until(NINE)
    graph.fault("drop-before", match="POST *feed", times=1)
    bot.run_until(NINE + timedelta(hours=1))
    assert len(graph.published) == 1
    first, second = bot.deliveries()
    assert (first.state, second.state) == (State.SENT, State.UNKNOWN)
    assert second.detail is not None
    assert f"that is delivery {first.id}" in second.detail


@pytest.mark.parametrize(
    ("grace", "sleeps", "reason", "sent"),
    [("5 minutes", 45, "late", 0), ("2 hours", 179, "too-slow", 1)],
)
def test_a_computer_that_stood_still_at_the_last_moment_sends_nothing_late(
    make: Make, x: X, monkeypatch: pytest.MonkeyPatch, grace: str, sleeps: int, reason: str, sent: int
) -> None:
    """The intent is committed and then it sleeps: over the end of the grace time, or over its time in hand."""
    bot = make({"hello.yaml": f"{TONIGHT}text: Hello, everyone.\ngrace: {grace}\n"}, accounts=X_ONLY)
    bot.turn()
    real, slept = Claims.intend, []

    def intend(this: Claims, *args: Any, **kwargs: Any) -> Any:
        attempt = real(this, *args, **kwargs)
        if not slept:
            slept.append(bot.clock.advance(timedelta(seconds=sleeps)))
        return attempt

    monkeypatch.setattr(Claims, "intend", intend)
    bot.clock.advance_to(NINE + timedelta(minutes=4, seconds=30))
    bot.turn()
    first = bot.app.ledger.story(bot.deliveries()[0].id).attempts[0]
    assert (first.state, first.reason) == ("not-sent", reason)
    settle_down(bot)
    assert len(x.published) == sent
    assert bot.deliveries()[0].state is (State.SENT if sent else State.MISSED)
