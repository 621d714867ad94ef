"""What an account may cost in a month, and what is held because it would cost more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from socrbot.delivery import State
from socrbot.message import Attachment, Part, Prices
from socrbot.publishing.costs import cost_of_part, month_of
from socrbot.text import spans
from tests.standins.x import X
from tests.whole.bot import NINE, TONIGHT, Bot
from tests.whole.campaigns import put
from tests.whole.conftest import Make

PRICES = {"x.post": 0.015, "x.post_with_link": 0.20, "x.alt_text": 0.005}
NAMES = Prices("x.post", "x.post_with_link", "x.alt_text")
# 0.015 without a link, 0.20 with one.
PLAIN = TONIGHT + "text: Hello, everyone.\n"
LINKED = TONIGHT.replace("21:00", "21:10") + "text: Sign.\nlink: petition\n"
LATER = TONIGHT.replace("11-24 21:00", "12-01 09:00") + "text: A new month.\nlink: petition\n"


def accounts(root: Path, budget: str) -> None:
    put(root, "config/accounts.yaml", f"accounts:\n  x: {{network: x, budget: {budget}}}\n")


def states(bot: Bot) -> dict[str, tuple[State, str | None]]:
    return {d.post: (d.state, d.reason) for d in bot.deliveries()}


def picture(alt: str) -> Attachment:
    return Attachment("media/a.png", alt, "image/png", 1, 1, 1, "0" * 64)


def said(text: str) -> Part:
    return Part(1, text, spans(text))


@pytest.mark.parametrize(
    ("part", "cost"),
    [
        (Part(1, "Words."), 0.015),
        (said("See https://petition.test/1"), 0.20),
        (Part(1, "See petition.co.uk for more"), 0.20),
        (Part(1, "Words.", link="https://petition.test/1"), 0.20),
        (Part(1, "Words.", media=(picture("A drawing"), picture("Another"), picture(""))), 0.025),
    ],
)
def test_a_part_costs_by_what_is_in_it(part: Part, cost: float) -> None:
    """A link, with its scheme or without, and each description that is set, as X's price list says."""
    assert cost_of_part(part, NAMES, PRICES) == pytest.approx(cost)
    assert cost_of_part(part, None, PRICES) is None


def test_a_month_begins_at_midnight_where_the_campaign_is() -> None:
    """In June London's midnight is eleven in the evening in UTC, on the last of May."""
    from zoneinfo import ZoneInfo

    london = ZoneInfo("Europe/London")
    assert month_of(datetime(2026, 6, 15, tzinfo=UTC), london) == datetime(2026, 5, 31, 23, tzinfo=UTC)
    assert month_of(datetime(2026, 5, 31, 23, 30, tzinfo=UTC), london) == datetime(2026, 5, 31, 23, tzinfo=UTC)
    assert month_of(datetime(2026, 12, 31, 23, 59, tzinfo=UTC), london) == datetime(2026, 12, 1, tzinfo=UTC)


def test_what_would_pass_the_budget_is_held_and_the_rest_goes_out(make: Make, x: X, tmp_path: Path) -> None:
    """The cheap post goes out, the dear one waits, with the reason in words; a higher budget lets it go."""
    bot = make({"plain.yaml": PLAIN, "linked.yaml": LINKED}, accounts={"x": "x"})
    accounts(tmp_path, "0.10")
    bot.run_until(NINE + timedelta(minutes=30))
    assert states(bot) == {"plain": (State.SENT, None), "linked": (State.HELD, "over-budget")}
    held = next(d for d in bot.deliveries() if d.post == "linked")
    assert held.detail == "x has a budget of US$0.10 a month. US$0.015 of it is spent, and this post costs US$0.20."
    accounts(tmp_path, "1")
    bot.run_until(NINE + timedelta(minutes=60))
    assert states(bot)["linked"] == (State.SENT, None)
    assert len(x.published) == 2


def test_a_new_month_has_a_budget_of_its_own(make: Make, x: X, tmp_path: Path) -> None:
    """What was spent in November does not count in December."""
    bot = make({"linked.yaml": LINKED, "later.yaml": LATER}, accounts={"x": "x"})
    accounts(tmp_path, "0.30")
    bot.run_until(datetime(2026, 12, 1, 9, 30, tzinfo=UTC), step=timedelta(hours=8))
    assert states(bot) == {"linked": (State.SENT, None), "later": (State.SENT, None)}
    assert bot.app.guards.spent(bot.app.snapshot(), "x", now=bot.clock.now()) == pytest.approx(0.20)


def test_a_lost_answer_counts_as_spent(make: Make, x: X, tmp_path: Path) -> None:
    """It may have gone out, and then it is charged; once it is known that it did not, the money is there again."""
    bot = make({"linked.yaml": LINKED}, accounts={"x": "x"}, env={"SOCRBOT_TIMEOUT_SECONDS": "0.5"})
    accounts(tmp_path, "0.30")
    x.fault("delay-before", match="POST /2/tweets")
    bot.run_until(NINE + timedelta(minutes=10, seconds=30), step=timedelta(seconds=20))
    spent = bot.app.guards.spent(bot.app.snapshot(), "x", now=bot.clock.now())
    assert spent == pytest.approx(0.20)
    bot.run_until(NINE + timedelta(hours=1))
    assert states(bot) == {"linked": (State.SENT, None)}
    assert bot.app.guards.spent(bot.app.snapshot(), "x", now=bot.clock.now()) == pytest.approx(0.20)


def test_a_thread_that_has_begun_is_finished(make: Make, x: X, tmp_path: Path) -> None:
    """A budget never leaves half a thread standing."""
    bot = make({"thread.yaml": TONIGHT + "parts: [One., Two., Three.]\n"}, accounts={"x": "x"})
    x.fault("503", match=lambda request: b"Two." in request.body)
    accounts(tmp_path, "0.045")
    bot.run_until(NINE + timedelta(hours=1))
    assert [post.text.split()[0] for post in x.published] == ["One.", "Two.", "Three."]
