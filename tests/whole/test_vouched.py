"""A network that refuses the same post again, and names the first one, settles a lost answer by that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.delivery import State
from tests.networks.bench import Bench
from tests.networks.benches.linkedin import POSTS, linkedin_bench
from tests.standins.linkedin_access import PERSON
from tests.whole.bot import NINE, ONE, START, Bot, settle_down
from tests.whole.campaigns import put, write


@pytest.fixture
def member(tmp_path: Path) -> Iterator[tuple[Bot, Bench]]:
    """A person on LinkedIn, whose posts no program may read back."""
    clock = VirtualClock(START)
    write(tmp_path, ONE, accounts={"linkedin": "linkedin"})
    put(tmp_path, "config/accounts.yaml", "accounts:\n  linkedin: {network: linkedin, options: {card: address}}\n")
    (tmp_path / "private").mkdir()
    with linkedin_bench(clock, tmp_path / "private", PERSON) as bench:
        bot = Bot(tmp_path, env={**bench.env, "SOCRBOT_TIMEOUT_SECONDS": "1"}, clock=clock)
        bot.go_live("linkedin")
        yield bot, bench
        bot.close()


def test_a_person_asks_for_another_try_and_the_first_one_is_found(member: tuple[Bot, Bench]) -> None:
    """The answer was lost, nobody can read the posts back, somebody says retry: one post, sent, with its address."""
    bot, bench = member
    bench.standin.fault("drop-after", match=POSTS)
    bot.run_until(NINE)
    (delivery,) = bot.deliveries()
    assert delivery.state is State.UNKNOWN
    bot.app.ledger.retry(delivery.id, by="Ann", now=bot.clock.now(), grace=delivery.grace_until - delivery.due_at)
    settle_down(bot, hours=0.1)
    assert len(bench.standin.published) == 1
    assert bot.app.ledger.delivery(delivery.id).state is State.SENT
    (part,) = bot.app.ledger.parts(delivery.id)
    assert part.receipt is not None
    assert part.receipt.id == bench.standin.published[0].id
    assert part.receipt.url == f"https://www.linkedin.com/feed/update/{part.receipt.id}/"


def test_without_a_doubt_a_refusal_is_a_refusal(member: tuple[Bot, Bench]) -> None:
    """The same words, posted by hand a while before, are no receipt of ours."""
    bot, bench = member
    bot.run_until(NINE - timedelta(minutes=1))
    bench.send(bench.connect(), bench.message("Hello, everyone. #SaveOurChildrensRights"))
    bot.run_until(NINE)
    (delivery,) = bot.deliveries()
    assert (delivery.state, delivery.reason) == (State.FAILED, "refused")
    assert len(bench.standin.published) == 1
