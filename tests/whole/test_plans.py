"""What people do to a plan: they edit, rename, break and empty files, pause, hurry and cancel."""

from __future__ import annotations

from datetime import datetime, timedelta

from socrbot.delivery import State
from tests.standins.x import X
from tests.whole.bot import NINE, ONE, START, TONIGHT, events, settle_down
from tests.whole.conftest import Make

X_ONLY = {"x": "x"}


def test_an_edit_before_the_time_moves_the_post_and_after_it_changes_nothing(make: Make, x: X) -> None:
    """The files are the truth of what is to come; the ledger is the truth of what happened."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    path = bot.root / "posts" / "hello.yaml"
    path.write_text("when: 2026-11-24 21:45\ntext: Hello, world.\n", encoding="utf-8")
    settle_down(bot)
    assert [post.text for post in x.published] == ["Hello, world. #SaveOurChildrensRights"]
    path.write_text("when: 2026-11-25 09:00\ntext: Hello, world.\n", encoding="utf-8")
    bot.run_until(datetime(2026, 11, 25, 12, 0, tzinfo=START.tzinfo))
    assert len(x.published) == 1
    assert "moved" in events(bot)


def test_a_file_that_cannot_be_read_cancels_nothing(make: Make, x: X) -> None:
    """A broken file holds its posts with the place of the mistake; mended in time, they go out."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    path = bot.root / "posts" / "hello.yaml"
    good = path.read_text(encoding="utf-8")
    path.write_text("text: [oops\n", encoding="utf-8")
    bot.run_until(NINE + timedelta(minutes=10))
    (delivery,) = bot.deliveries()
    assert (delivery.state, delivery.reason) == (State.HELD, "file-unreadable")
    assert "posts/hello.yaml" in (delivery.detail or "")
    path.write_text(good, encoding="utf-8")
    settle_down(bot)
    assert len(x.published) == 1


def test_an_unreadable_config_holds_everything(make: Make, x: X) -> None:
    """While config/ cannot be read nothing goes out, and it is said."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    path = bot.root / "config" / "accounts.yaml"
    good = path.read_text(encoding="utf-8")
    path.write_text("accounts: [", encoding="utf-8")
    bot.run_until(NINE + timedelta(minutes=10))
    assert x.published == []
    assert bot.turn().asks
    path.write_text(good, encoding="utf-8")
    settle_down(bot)
    assert len(x.published) == 1


def test_an_empty_folder_asks_before_it_cancels(make: Make, x: X) -> None:
    """Most of the plan has vanished: everything is held and a person is asked."""
    posts = {f"p{n}.yaml": f"when: 2026-11-24 {21 + n % 2}:{n:02}\ntext: Number {n}.\n" for n in range(8)}
    bot = make(posts, accounts=X_ONLY)
    bot.turn()
    for path in (bot.root / "posts").iterdir():
        path.unlink()
    turn = bot.turn()
    assert turn.asks
    settle_down(bot, hours=1)
    assert x.published == []
    assert {d.state for d in bot.deliveries()} <= {State.HELD, State.MISSED}


def test_a_renamed_file_does_not_say_the_same_again(make: Make, x: X) -> None:
    """A new name for words that were said is held until somebody decides."""
    bot = make(ONE, accounts=X_ONLY)
    settle_down(bot)
    old = bot.root / "posts" / "hello.yaml"
    text = old.read_text(encoding="utf-8").replace("2026-11-24 21:00", "2026-11-25 09:00")
    old.unlink()
    (bot.root / "posts" / "hello-again.yaml").write_text(text, encoding="utf-8")
    bot.run_until(datetime(2026, 11, 25, 9, 30, tzinfo=START.tzinfo))
    assert len(x.published) == 1
    assert bot.states()["hello-again on x"] == "held"


def test_a_pause_lasts_until_it_is_lifted_and_what_fell_due_stays_unsent(make: Make, x: X) -> None:
    """Dated posts are missed, queued posts keep their place, and resume tells of both."""
    posts = {**ONE, "queued.yaml": "text: From the queue.\n"}
    bot = make(posts, accounts=X_ONLY)
    bot.turn()
    ledger = bot.app.ledger
    ledger.pause(None, "a day of mourning", by="test", now=bot.clock.now())
    bot.run_until(datetime(2026, 11, 26, 9, 0, tzinfo=START.tzinfo), step=timedelta(hours=1))
    assert x.published == []
    told = ledger.resume(None, by="test", now=bot.clock.now())
    assert "hello" in {d.post for d in told}
    bot.run_until(datetime(2026, 12, 3, 9, 0, tzinfo=START.tzinfo), step=timedelta(hours=6))
    assert [post.text for post in x.published] == ["From the queue. #SaveOurChildrensRights"]
    assert bot.states() == {"hello on x": "missed", "queued on x": "sent"}


def test_urgent_passes_a_pause_but_no_check(make: Make, x: X) -> None:
    """`--urgent` goes out during a pause; with a placeholder address it does not."""
    posts = {**ONE, "bad.yaml": TONIGHT + "text: \"Sign {{ link('nowhere') }}\"\n"}
    bot = make(posts, accounts=X_ONLY)
    bot.turn()
    bot.app.ledger.pause(None, "quiet", by="test", now=bot.clock.now())
    for post in ("hello", "bad"):
        bot.app.ledger.publish_now(
            post,
            "x",
            "x",
            now=bot.clock.now(),
            by="test",
            urgent=True,
            reason="now",
            grace=timedelta(hours=1),
            path=f"posts/{post}.yaml",
            line=1,
        )
    bot.turn()
    assert [post.text for post in x.published] == ["Hello, everyone. #SaveOurChildrensRights"]
    assert bot.states()["bad on x"] == "held"


def test_publish_now_uses_up_the_post(make: Make, x: X) -> None:
    """What was published by hand does not go out again at its time."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    bot.app.ledger.publish_now(
        "hello",
        "x",
        "x",
        now=bot.clock.now(),
        by="test",
        urgent=False,
        reason=None,
        grace=timedelta(hours=1),
        path="posts/hello.yaml",
        line=1,
    )
    bot.turn()
    settle_down(bot)
    assert len(x.published) == 1


def test_a_cancelled_delivery_stays_cancelled(make: Make, x: X) -> None:
    """A person's cancel survives every sync."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    bot.app.ledger.cancel(bot.deliveries()[0].id, by="test", reason="no", now=bot.clock.now())
    (bot.root / "posts" / "hello.yaml").write_text(TONIGHT + "text: Hello again.\n", encoding="utf-8")
    settle_down(bot)
    assert x.published == []
