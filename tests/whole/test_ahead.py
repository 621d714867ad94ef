"""Looking a day ahead: what stands against a delivery is told early, and what is idle asks nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from socrbot.delivery import Delivery, State
from socrbot.message import Message
from socrbot.publishing.ahead import LookAhead
from socrbot.publishing.guards import Guards
from socrbot.publishing.snapshot import Snapshot
from socrbot.rules import Held
from tests.standins.x import KEYS, X
from tests.whole.bot import NINE, ONE, START, Bot
from tests.whole.campaigns import CAMPAIGN, put
from tests.whole.conftest import Make

X_ONLY = {"x": "x"}
DAY = timedelta(days=1)
WHEN = "when: 2026-11-26 21:00\n"
AT = datetime(2026, 11, 26, 21, 0, tzinfo=START.tzinfo)


@dataclass(frozen=True, slots=True)
class Counting(Guards):
    """Guards that keep the posts that they were asked about."""

    asked: list[str] = field(default_factory=list)

    def look(
        self, snapshot: Snapshot, delivery: Delivery, message: Message | None, **circumstances: Any
    ) -> Held | None:
        self.asked.append(delivery.post)
        return Guards.look(self, snapshot, delivery, message, **circumstances)


def held(bot: Bot) -> list[str | None]:
    """Why the only delivery is held; empty where it waits for its time."""
    (delivery,) = bot.deliveries()
    assert delivery.state in (State.PLANNED, State.HELD)
    return [delivery.reason] if delivery.state is State.HELD else []


def edit(bot: Bot, name: str, old: str, new: str) -> None:
    path = bot.root / name
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")


def test_a_hold_appears_a_day_ahead_and_not_before(make: Make) -> None:
    """What would stop a post is told when its time is a day away; an edit releases it at once."""
    bot = make({"ask.yaml": WHEN + "text: \"Sign: {{ link('nowhere') }}\"\n"}, accounts=X_ONLY)
    bot.clock.advance_to(AT - DAY - timedelta(minutes=10))
    bot.turn()
    assert held(bot) == []
    bot.clock.advance_to(AT - DAY + timedelta(seconds=15))
    bot.turn()
    assert held(bot) == ["placeholder-link"]
    edit(bot, "config/campaign.yaml", "https://example.org/nowhere", "https://petition.test/2")
    bot.turn()
    assert held(bot) == []


def test_an_edit_that_spoils_a_post_holds_it_at_once(make: Make) -> None:
    """A post was looked at and found good; what is changed later is looked at again."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    assert held(bot) == []
    edit(bot, "posts/hello.yaml", "Hello, everyone.", "\"Sign: {{ link('nowhere') }}\"")
    bot.turn()
    assert held(bot) == ["placeholder-link"]


def test_go_live_releases_what_waited_for_it(make: Make) -> None:
    """An account's first post is held as not live until somebody says that it may speak."""
    bot = make(ONE, accounts=X_ONLY, live=False)
    bot.turn()
    assert held(bot) == ["not-live"]
    bot.turn()
    bot.app.ledger.go_live("x", "x", None, by="test", now=bot.clock.now())
    bot.turn()
    assert held(bot) == []


def test_a_stopped_account_holds_and_a_started_one_releases(make: Make, x: X) -> None:
    """After a dead token the next post is held; once the account is started again it waits for its time."""
    bot = make({**ONE, "later.yaml": "when: 2026-11-24 22:00\ntext: Later.\n"}, accounts=X_ONLY)
    x.revoke()
    bot.run_until(NINE + timedelta(minutes=1))
    later = bot.deliveries(post="later")[0]
    assert (later.state, later.reason) == (State.HELD, "account-stopped")
    bot.app.ledger.start_account("x", by="test", now=bot.clock.now())
    bot.turn()
    assert bot.deliveries(post="later")[0].state is State.PLANNED


def test_credentials_release_what_waited_for_them(make: Make) -> None:
    """Without its variables an account that is live holds its posts; with them, after a restart, they wait again."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    bot.env["X_API_KEY"] = ""
    bot.restart()
    bot.turn()
    assert held(bot) == ["not-connected"]
    bot.env.update(KEYS)
    bot.restart()
    bot.turn()
    assert held(bot) == []


def test_a_new_day_is_a_reason_to_look_again(make: Make) -> None:
    """A fact whose last day is today holds tomorrow's posts from midnight on."""
    facts = (
        "facts:\n  old:\n    statement: Half of plans are late\n    source: {title: Page}\n"
        "    checked: 2026-01-01\n    check_again: 2026-11-24\n"
    )
    bot = make({"old.yaml": "when: 2026-11-25 09:00\ntext: \"{{ fact('old') }}.\"\n"}, accounts=X_ONLY, facts=facts)
    bot.turn()
    assert held(bot) == []
    midnight = datetime(2026, 11, 25, 0, 0, tzinfo=START.tzinfo)
    bot.clock.advance_to(midnight - timedelta(seconds=1))
    bot.turn()
    assert held(bot) == []
    bot.clock.advance_to(midnight)
    bot.turn()
    assert held(bot) == ["post-has-error"]


def test_an_idle_look_asks_no_guard(make: Make) -> None:
    """The guards are asked once about each post of the coming day, and again only where something is new."""
    posts = {f"p{n}.yaml": f"when: 2026-11-25 {8 + n:02}:00\ntext: Number {n}.\n" for n in range(4)}
    later = {"later.yaml": "when: 2026-11-25 20:36\ntext: Later.\n"}
    bot = make({**posts, **later}, accounts=X_ONLY)
    bot.turn()
    guards = Counting(bot.app.ledger, bot.app.connected)
    ahead = LookAhead(bot.app.ledger, guards)

    def look() -> list[str]:
        guards.asked.clear()
        ahead.look(bot.app.refresh(), now=bot.clock.now())
        return sorted(guards.asked)

    first = ["p0", "p1", "p2", "p3"]
    assert look() == first
    bot.clock.advance(timedelta(seconds=30))
    assert look() == []
    # Its time has come within a day.
    bot.clock.advance(timedelta(minutes=6))
    assert look() == ["later"]
    assert look() == []
    # Something happened in the ledger; somebody touched a file; the clock was set back.
    bot.app.ledger.pause("x", "quiet", by="test", now=bot.clock.now())
    assert look() == ["later", *first]
    edit(bot, "config/campaign.yaml", "grace: 2 hours", "grace: 3 hours")
    assert look() == ["later", *first]
    assert look() == []
    bot.clock.jump(-timedelta(hours=1))
    assert look() == first
    # A new day, before the files were read again.
    guards.asked.clear()
    ahead.look(bot.app.snapshot(), now=datetime(2026, 11, 25, 0, 0, tzinfo=START.tzinfo))
    assert sorted(guards.asked) == ["later", *first]


def test_an_idle_pass_writes_nothing(make: Make) -> None:
    """Held or planned, passes in which nothing is new leave no event and no change, and go on with the same record."""
    bot = make({**ONE, "ask.yaml": "when: 2026-11-24 22:00\ntext: \"Sign: {{ link('nowhere') }}\"\n"}, accounts=X_ONLY)
    bot.turn()
    before, snapshot = bot.app.ledger.newest_event(), bot.app.snapshot()
    for _ in range(5):
        bot.clock.advance(timedelta(seconds=15))
        bot.turn()
    assert bot.app.ledger.newest_event() == before
    assert bot.app.snapshot() is snapshot


def test_a_slot_moves_on_while_the_files_rest(make: Make) -> None:
    """With nothing edited and nothing sent, the plan still goes on with the time: a recurring post comes into view."""
    weekly = {"weekly.yaml": "when: {every: day 09:00}\ntext: Good morning.\n"}
    bot = make(weekly, accounts=X_ONLY, campaign=CAMPAIGN + "plan_ahead: 2 days\n")
    bot.turn()
    planned = len(bot.deliveries())
    bot.clock.advance(timedelta(hours=13))
    bot.turn()
    assert len(bot.deliveries()) == planned + 1


def test_a_question_stays_until_it_is_answered(make: Make) -> None:
    """Passes that plan nothing anew still ask what the last plan asked."""
    posts = {f"p{n}.yaml": f"when: 2026-11-25 21:{n:02}\ntext: Number {n}.\n" for n in range(8)}
    bot = make(posts, accounts=X_ONLY)
    bot.turn()
    for path in (bot.root / "posts").iterdir():
        path.unlink()
    assert bot.turn().asks
    bot.turn()
    assert bot.turn().asks
    for name, text in posts.items():
        put(bot.root, f"posts/{name}", text)
    assert bot.turn().asks is None
