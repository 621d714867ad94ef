"""A ledger that was brought back, or is new beside old posts: nothing goes out twice, and what is past stays past."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.delivery import Delivery, Kind, State
from socrbot.ledger import LOOKS_PUBLIC, Filter, Seen
from socrbot.message import Message, Part, Published
from socrbot.publishing.acquainting import MOST, look
from tests.standins.graph import Graph
from tests.standins.x import X
from tests.whole.bot import NINE, ONE, START, Bot, settle_down
from tests.whole.campaigns import CAMPAIGN

Make = Callable[..., Bot]
X_ONLY = {"x": "x"}
HOUR = timedelta(hours=1)
TIMELINE = "GET /2/users/*/tweets*"


@dataclass
class Copied:
    """A copy of a bot's ledger, and how to bring it back as a person would."""

    bot: Bot
    path: Path

    def bring_back(self) -> None:
        (self.bot.root / "data" / "ledger.note").unlink(missing_ok=True)
        self.put_back()
        self.bot.app.ledger.to_compare(None, by="Ann", now=self.bot.clock.now())

    def put_back(self) -> None:
        """By hand, and without a word to the bot."""
        self.bot.app.close()
        ledger = self.bot.root / "data" / "ledger.sqlite"
        for path in ledger.parent.glob("ledger.sqlite*"):
            path.unlink()
        shutil.copy(self.path, ledger)
        self.bot.app = self.bot._open()


def copy_of(bot: Bot) -> Copied:
    path = bot.root / "copy.sqlite"
    bot.app.ledger.backup(path)
    return Copied(bot, path)


def only(bot: Bot, **conditions: object) -> Delivery:
    (delivery,) = bot.deliveries(**conditions)
    return delivery


def test_what_went_out_after_the_copy_is_settled_and_not_repeated(make: Make, x: X) -> None:
    """The ledger of half past eight comes back at half past nine: the nine o'clock post is known again."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    copied = copy_of(bot)
    bot.run_until(NINE + timedelta(minutes=30))
    assert only(bot).state is State.SENT
    copied.bring_back()
    assert only(bot).state is State.PLANNED
    settle_down(bot)
    delivery = only(bot)
    assert delivery.state is State.SENT
    assert len(x.published) == 1
    (part,) = bot.app.ledger.parts(delivery.id)
    assert part.receipt is not None
    assert part.receipt.id == x.published[0].id
    settled = next(e for e in bot.app.ledger.story(delivery.id).events if e.action == "settled")
    assert "compared with what is public" in (settled.detail or "")
    assert str(part.receipt.url) in (settled.detail or "")


def test_a_copy_that_somebody_put_there_by_hand_is_noticed(make: Make, x: X) -> None:
    """Nobody said `restore`: the bot sees that its ledger knows less than it did, and compares before it speaks."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    copied = copy_of(bot)
    bot.run_until(NINE + timedelta(minutes=30))
    copied.put_back()
    assert only(bot).state is State.PLANNED
    settle_down(bot)
    assert only(bot).state is State.SENT
    assert len(x.published) == 1
    assert ("brought-back", {"account": "x"}) in bot.heard
    heard = len(bot.heard)
    bot.restart()
    settle_down(bot)
    assert "brought-back" not in [action for action, _ in bot.heard[heard:]]


def test_another_ledger_in_its_place_is_noticed(make: Make, x: X) -> None:
    """One that another computer had, of the same campaign: what it does not know is compared as well."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    copied = copy_of(bot)
    with closing(sqlite3.connect(copied.path)) as other:
        other.execute("UPDATE meta SET value = 'another' WHERE key = 'ledger_id'")
        other.execute("INSERT INTO events (at, action, actor) SELECT at, 'hello', 'Ann' FROM events")
        other.commit()
    bot.run_until(NINE + timedelta(minutes=30))
    copied.put_back()
    settle_down(bot)
    assert only(bot).state is State.SENT
    assert len(x.published) == 1


@pytest.mark.parametrize("note", ["", "{", "[]", '{"ledger": "x"}', None])
def test_a_note_that_is_gone_or_broken_stops_nothing(make: Make, x: X, note: str | None) -> None:
    """It is a help, not a condition."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    bot.close()
    path = bot.root / "data" / "ledger.note"
    path.unlink() if note is None else path.write_text(note)
    bot.app = bot._open()
    bot.run_until(NINE)
    assert len(x.published) == 1
    assert "brought-back" not in [action for action, _ in bot.heard]


def test_what_is_past_and_not_public_is_missed(make: Make, x: X) -> None:
    """Its time came while the old ledger was gone; it is within its grace, and does not go out all the same."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    copied = copy_of(bot)
    bot.clock.advance_to(NINE + timedelta(minutes=30))
    copied.bring_back()
    settle_down(bot)
    assert (only(bot).state, only(bot).reason) == (State.MISSED, "restored")
    assert x.published == []


def test_what_is_to_come_goes_out_at_its_time(make: Make, x: X) -> None:
    """The comparison over, the bot is the old one."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    copy_of(bot).bring_back()
    bot.run_until(NINE)
    assert only(bot).state is State.SENT
    assert len(x.published) == 1


def test_a_lost_answer_in_the_copy_is_settled_by_the_comparison(make: Make, x: X) -> None:
    """The copy was made while nobody knew; the post that is public is that one."""
    bot = make(ONE, accounts=X_ONLY)
    x.fault("drop-after", match="POST /2/tweets")
    x.fault("503", match=TIMELINE)
    bot.run_until(NINE)
    assert only(bot).state is State.UNKNOWN
    copied = copy_of(bot)
    settle_down(bot)
    copied.bring_back()
    settle_down(bot)
    assert only(bot).state is State.SENT
    assert len(x.published) == 1


def test_nothing_goes_out_while_the_account_cannot_be_read(make: Make, x: X) -> None:
    """X does not answer: the post is held, and says why. Once X answers, the next one goes out."""
    bot = make({**ONE, "later.yaml": "when: 2026-11-24 22:30\ntext: Later.\n"}, accounts=X_ONLY)
    bot.turn()
    copy_of(bot).bring_back()
    x.fault("503", match=TIMELINE, times=500)
    bot.run_until(NINE + timedelta(minutes=10))
    hello = only(bot, post="hello")
    assert (hello.state, hello.reason) == (State.HELD, "not-compared")
    assert "could not be read" in (hello.detail or "")
    assert x.published == []
    x.clear_faults()
    bot.run_until(datetime(2026, 11, 24, 22, 40, tzinfo=UTC))
    assert bot.states() == {"hello on x": "missed", "later on x": "sent"}
    assert [post.text for post in x.published] == ["Later. #SaveOurChildrensRights"]


def test_an_ordinary_restart_compares_nothing(make: Make, x: X) -> None:
    """No question to the network, no event."""
    bot = make({"later.yaml": "when: 2026-11-27 22:00\ntext: Later.\n"}, accounts=X_ONLY)
    bot.turn()
    bot.restart()
    before, asked = bot.app.ledger.newest_event(), len(x.requests(TIMELINE))
    bot.turn()
    assert bot.app.ledger.newest_event() == before
    assert len(x.requests(TIMELINE)) == asked


def test_the_queue_of_a_new_ledger_goes_on_where_the_old_one_stopped(make: Make, x: X) -> None:
    """All that the lost ledger had sent from the slot's queue is found, also what was beyond the plan's horizon."""
    posts = {f"q{n}.yaml": f"text: Number {n} of the queue.\norder: {n}\n" for n in range(5)}
    bot = make(posts, accounts=X_ONLY, campaign=CAMPAIGN + "plan_ahead: 8 days\n")
    bot.run_until(START + timedelta(days=16))
    sent = [post.text for post in x.published]
    assert len(sent) == 3
    bot.app.close()
    for path in (bot.root / "data").glob("ledger.sqlite*"):
        path.unlink()
    bot.app = bot._open()
    row = bot.app.refresh().campaign.accounts["x"]
    now = bot.clock.now()
    bot.app.ledger.go_live("x", row.network, None, by="Ann", now=now, compare_since=now - timedelta(days=30))
    bot.run_until(START + timedelta(days=40))
    texts = [post.text for post in x.published]
    assert len(texts) == len(set(texts)) == 5


def test_a_weekly_post_of_a_new_ledger_asks_a_person_once(make: Make, graph: Graph) -> None:
    """It says the same each week, so its next time waits; a word lets it go, and so all others."""
    daily = {"daily.yaml": "when: {every: day 21:00}\ntext: Good evening.\n"}
    bot = make(daily, accounts={"facebook": "facebook"}, campaign=CAMPAIGN + "plan_ahead: 4 days\n")
    bot.run_until(NINE + HOUR)
    bot.app.close()
    for path in (bot.root / "data").glob("ledger.sqlite*"):
        path.unlink()
    bot.app = bot._open()
    now = bot.clock.now()
    bot.app.ledger.go_live("facebook", "facebook", None, by="Ann", now=now, compare_since=now - timedelta(days=30))
    bot.turn()
    (waits,) = bot.deliveries(states=frozenset({State.HELD}))
    assert waits.reason == LOOKS_PUBLIC
    assert "https://" in (waits.detail or "")
    bot.turn()
    assert only(bot, states=frozenset({State.HELD})).id == waits.id
    bot.app.ledger.settle_looks_public(waits.id, url=None, by="Ann", now=now)
    bot.run_until(NINE + timedelta(days=2))
    assert len(graph.published) == 3


def test_a_network_that_cannot_be_read_back_waits_for_a_person(make: Make, tmp_path: Path) -> None:
    """After a restore LinkedIn holds what is due; go-live again lets it go on, and what is past is missed."""
    from tests.networks.benches.linkedin import linkedin_bench
    from tests.standins.linkedin_access import PERSON
    from tests.whole.campaigns import write

    clock = VirtualClock(START)
    root = tmp_path / "member"
    root.mkdir()
    later = {"later.yaml": "when: 2026-11-24 22:00\ntext: Later.\n"}
    write(root, {**ONE, **later}, accounts={"linkedin": "linkedin"})
    (tmp_path / "private").mkdir()
    with linkedin_bench(clock, tmp_path / "private", PERSON) as bench:
        bot = Bot(root, env={**bench.env, "SOCRBOT_TIMEOUT_SECONDS": "1"}, clock=clock)
        bot.go_live("linkedin")
        bot.turn()
        copy_of(bot).bring_back()
        bot.run_until(NINE + timedelta(minutes=5))
        held = bot.deliveries(states=frozenset({State.HELD}))
        assert {delivery.reason for delivery in held} == {"not-compared"}
        ledger, row = bot.app.ledger, bot.app.ledger.account("linkedin")
        assert row is not None
        assert row.compare_since is not None
        ledger.compared("linkedin", row.compare_since, seen=(), spare=False, by="Ann", now=clock.now())
        bot.go_live("linkedin")
        bot.run_until(datetime(2026, 11, 24, 22, 10, tzinfo=UTC))
        assert bot.states() == {"hello on linkedin": "missed", "later on linkedin": "sent"}
        assert len(bench.standin.published) == 1
        bot.close()


def test_a_claim_from_before_the_guard_was_set_sends_nothing(make: Make, x: X) -> None:
    """Somebody asks for a comparison while a worker has a post in hand: the intent is refused."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    bot.clock.advance_to(NINE)
    ask = bot.app.ledger.to_compare
    network = bot.app.network("x")
    assert network is not None
    prepare = network.prepare

    def and_then(*args: object, **more: object) -> object:
        ask(None, by="Ann", now=bot.clock.now())
        return prepare(*args, **more)  # type: ignore[arg-type]

    network.prepare = and_then  # type: ignore[method-assign, assignment]
    bot.app.publisher.drain("x", limit=1)
    assert x.published == []
    assert only(bot).state in (State.PLANNED, State.HELD)


def a_delivery(number: int, due_at: datetime, *, kind: Kind = Kind.ONCE, post: str = "march") -> Delivery:
    return Delivery(number, post, "x", "x", f"o{number}", kind, State.PLANNED, due_at, due_at, due_at + 2 * HOUR)


def saying(*texts: str) -> Message:
    parts = tuple(Part(number, text) for number, text in enumerate(texts, start=1))
    return Message("march", "x", "x", "en-GB", parts, "digest")


def public(name: str, text: str, at: datetime, *, pictures: int = 0) -> Published:
    return Published(name, text, at, f"https://x.test/{name}", pictures)


def verdicts(*seen: Seen) -> dict[int, str]:
    return {each.delivery: " ".join(part.receipt.id for part in each.parts) or "a person" for each in seen}


@pytest.mark.parametrize(
    ("text", "at", "pictures", "verdict"),
    [
        ("March with us!", NINE, 0, {1: "a"}),
        ("March  with us! ", NINE + 2 * HOUR, 0, {1: "a"}),
        ("march with us", NINE, 0, {1: "a person"}),
        ("March with us! https://other.org/1", NINE, 0, {1: "a person"}),
        ("March with us!", NINE, 1, {1: "a person"}),
        ("March with us!", NINE - 3 * HOUR, 0, {1: "a person"}),
        ("March with us!", NINE + 9 * HOUR, 0, {1: "a person"}),
        ("Something else.", NINE, 0, {}),
    ],
)
def test_only_the_very_same_in_its_own_time_is_certain(
    text: str, at: datetime, pictures: int, verdict: dict[int, str]
) -> None:
    """Same words, links, pictures and time: sent. Nearly the same: a person looks. Anything else is nothing."""
    posts = [public("a", text, at, pictures=pictures)]
    assert verdicts(*look([(a_delivery(1, NINE), saying("March with us!"))], posts)) == verdict


def test_one_public_post_settles_one_delivery() -> None:
    """Of two times with the same words the nearer one was it, and the other is not settled by the same post."""
    day = timedelta(days=1)
    both = [(a_delivery(n, NINE + n * day, kind=Kind.EVERY), saying("Good evening.")) for n in range(3)]
    assert verdicts(*look(both, [public("a", "Good evening.", NINE + day)])) == {1: "a"}


def test_a_thread_is_settled_as_a_whole_or_looked_at() -> None:
    """All parts public: sent, with a receipt for each. One of two: a person."""
    thread = [(a_delivery(1, NINE), saying("One.", "Two."))]
    one, two = public("a", "One.", NINE), public("b", "Two.", NINE)
    assert verdicts(*look(thread, [two, one])) == {1: "a b"}
    assert verdicts(*look(thread, [one])) == {1: "a person"}


def test_what_cannot_be_made_is_left_to_a_person() -> None:
    """A file that cannot be read now may be put right later: its post must not slip through then."""
    assert verdicts(*look([(a_delivery(1, NINE), None)], [])) == {1: "a person"}


def test_a_list_that_may_be_cut_off_proves_nothing(make: Make, x: X) -> None:
    """An account with more posts than a network shows at once waits for a person."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    copy_of(bot).bring_back()
    network = bot.app.network("x")
    assert network is not None
    many = [public(str(n), f"Number {n}.", NINE) for n in range(MOST)]
    network.recent = lambda since: many  # type: ignore[method-assign]
    bot.run_until(NINE + timedelta(minutes=1))
    assert (only(bot).state, only(bot).reason) == (State.HELD, "not-compared")
    assert x.published == []


def test_two_who_compare_at_once_settle_once(make: Make, x: X) -> None:
    """The second finds that it was done, and changes nothing."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    ledger = bot.app.ledger
    ledger.to_compare(None, by="Ann", now=bot.clock.now())
    since = ledger.comparing()["x"]
    ledger.compared("x", since, seen=(), spare=True, by="one", now=bot.clock.now())
    with pytest.raises(Exception, match="somebody else"):
        ledger.compared("x", since, seen=(), spare=True, by="two", now=bot.clock.now())
    assert len(ledger.deliveries(Filter(states=frozenset({State.PLANNED})))) == 1
