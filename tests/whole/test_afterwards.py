"""What follows a post without anybody asking: how people took it, and whether the account's access lasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.message import Metrics
from socrbot.report.notice import compose
from socrbot.report.status import read
from tests.standins.graph import APP_ID, APP_SECRET, Graph, fault
from tests.standins.x import X
from tests.whole.bot import NINE, ONE, START, Bot
from tests.whole.campaigns import put
from tests.whole.conftest import Make

DAY = timedelta(days=1)
TWO = {**ONE, "later.yaml": "when: 2026-11-24 21:30\ntext: Another one.\n"}
FACEBOOK = {"facebook": "facebook"}
APP = {"FB_APP_ID": APP_ID, "FB_APP_SECRET": APP_SECRET}


def told(bot: Bot) -> list[Metrics]:
    return [reading.metrics for reading in bot.app.ledger.story(1).readings]


def asked(graph: Graph) -> int:
    """How often the Page's posts were asked about."""
    return len([request for request in graph.requests() if "likes" in request.query.get("fields", "")])


def test_the_bot_asks_how_people_took_it_ever_more_rarely(make: Make, graph: Graph) -> None:
    """After an hour, six hours, a day, three days, a week and four weeks; the ledger keeps each answer."""
    bot = make(ONE, accounts=FACEBOOK)
    bot.run_until(NINE + timedelta(minutes=1))
    assert told(bot) == []
    graph.counts[graph.published[0].id] = {"likes": 3, "replies": 1}
    bot.run_until(NINE + timedelta(hours=2))
    assert told(bot) == [Metrics(likes=3, replies=1, shares=0)]
    graph.counts[graph.published[0].id] = {"likes": 12, "replies": 4, "shares": 2}
    bot.run_until(NINE + 32 * DAY, step=timedelta(hours=6))
    assert len(told(bot)) == asked(graph) == 6
    assert told(bot)[-1] == Metrics(likes=12, replies=4, shares=2)


def test_a_network_that_is_down_is_asked_an_hour_later(make: Make, graph: Graph) -> None:
    """Nothing else suffers, and nothing is asked in between."""
    bot = make(ONE, accounts=FACEBOOK)
    bot.run_until(NINE + timedelta(minutes=1))
    graph.fault("503", match=lambda request: "likes" in request.query.get("fields", ""), times=1)
    bot.run_until(NINE + timedelta(hours=1, minutes=50))
    assert told(bot) == []
    assert asked(graph) == 1
    bot.run_until(NINE + timedelta(hours=2, minutes=30))
    assert told(bot) == [Metrics(likes=0, replies=0, shares=0)]


def test_what_costs_money_is_asked_only_where_somebody_wants_it(make: Make, x: X, tmp_path: Path) -> None:
    """On X each question is charged: not by itself, and with `metrics: yes` only twice; the cost counts as spent."""
    bot = make(ONE, accounts={"x": "x"})
    bot.run_until(NINE + 2 * DAY, step=timedelta(hours=6))
    assert told(bot) == []
    put(tmp_path, "config/accounts.yaml", "accounts:\n  x: {network: x, metrics: yes}\n")
    campaign = (tmp_path / "config/campaign.yaml").read_text()
    put(tmp_path, "config/campaign.yaml", campaign.replace("prices: {", "prices: {x.read: 0.005, "))
    bot.run_until(NINE + 30 * DAY, step=timedelta(hours=6))
    assert len(told(bot)) == 2
    bot.app.refresh()
    spent = bot.app.guards.spent(bot.app.snapshot(), "x", now=NINE + 2 * DAY)
    assert spent == pytest.approx(0.015 + 2 * 0.005)


def test_people_are_warned_before_access_ends(make: Make, graph: Graph) -> None:
    """Once at ten, three and one day before: in the history, in the message to whoever looks after it, in status."""
    bot = make(ONE, accounts=FACEBOOK, env=APP)
    ends = START + 12 * DAY
    graph.data_access_expires_at = int(ends.timestamp())
    bot.run_until(START + DAY, step=timedelta(hours=6))
    row = bot.app.ledger.account("facebook")
    assert row is not None
    assert row.access_ends_at == ends
    assert not read(bot.app.ledger).access_ends
    bot.run_until(START + 11.5 * DAY, step=timedelta(hours=6))
    warnings = [event for event in bot.app.ledger.events() if event.action == "access-ends"]
    assert [event.reason for event in warnings] == ["access-ends-10", "access-ends-3", "access-ends-1"]
    assert warnings[1].detail == (
        "Access to facebook ends in 3 days. Connect it again before that: socrbot connect facebook"
    )
    notice = compose(warnings[-1:], {}, name="Test", zone=read(bot.app.ledger).zone, now=bot.clock.now())
    assert notice is not None
    assert "Access to facebook ends" in notice.body
    assert read(bot.app.ledger).access_ends
    assert read(bot.app.ledger).needs_a_person


def test_access_that_was_renewed_is_quiet_again(make: Make, graph: Graph) -> None:
    """A new end far away: no more warnings, and the old ones begin anew before the next end."""
    bot = make(ONE, accounts=FACEBOOK, env=APP)
    graph.data_access_expires_at = int((START + 5 * DAY).timestamp())
    bot.run_until(START + DAY, step=timedelta(hours=6))
    graph.data_access_expires_at = int((START + 20 * DAY).timestamp())
    bot.run_until(START + 12 * DAY, step=timedelta(hours=6))
    reasons = [event.reason for event in bot.app.ledger.events() if event.action == "access-ends"]
    assert reasons == ["access-ends-10", "access-ends-10"]


def test_a_network_that_does_not_answer_changes_nothing(make: Make, graph: Graph) -> None:
    """The end that was known stays known; it is asked again after an hour, not at every pass."""
    bot = make(ONE, accounts=FACEBOOK, env=APP)
    graph.data_access_expires_at = int((START + 50 * DAY).timestamp())
    bot.run_until(START + timedelta(minutes=30))
    graph.fault("503", match="GET *debug_token", times=99)
    before = len(graph.requests("GET *debug_token"))
    bot.run_until(START + 2 * DAY, step=timedelta(minutes=30))
    row = bot.app.ledger.account("facebook")
    assert row is not None
    assert row.access_ends_at == START + 50 * DAY
    assert len(graph.requests("GET *debug_token")) - before in range(20, 26)


def test_a_post_of_which_we_know_the_address_alone_keeps_no_other_from_being_asked_about(
    make: Make, graph: Graph
) -> None:
    """A person settled it: its network knows no post by an address, and would refuse the whole question."""
    bot = make(TWO, accounts=FACEBOOK)
    graph.fault("drop-after", match="POST *feed", times=1)
    graph.shown_after = DAY
    bot.run_until(NINE + timedelta(minutes=1))
    ledger = bot.app.ledger
    ledger.settle_by_person(1, True, "https://www.facebook.com/ourcampaign/posts/pfbid02", "Ada", bot.clock.now())
    bot.run_until(NINE + timedelta(hours=3))
    assert told(bot) == []
    assert [reading.metrics for reading in ledger.story(2).readings] == [Metrics(likes=0, replies=0, shares=0)]


def test_a_question_that_is_refused_keeps_no_other_from_being_asked(
    make: Make, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each post is asked about by itself, one that the network will not tell of stands in nobody's way."""
    bot = make(TWO, accounts=FACEBOOK)
    bot.run_until(NINE + timedelta(minutes=45))
    network = bot.app.network("facebook")
    assert network is not None
    monkeypatch.setattr(network, "capabilities", replace(network.capabilities, metrics_batch=1))
    first = graph.published[0].id
    refusal = fault(100, "(#100) Invalid parameter")
    graph.fault("status", match=lambda ask: ask.query.get("ids") == first, status=400, body=refusal, times=9)
    bot.run_until(NINE + timedelta(hours=3))
    assert told(bot) == []
    assert len(bot.app.ledger.story(2).readings) == 1
