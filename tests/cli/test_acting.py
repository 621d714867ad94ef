"""pause, resume, retry, cancel, settle, publish: a person steps in, and is told what follows from it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from socrbot.delivery import State
from tests.cli.conftest import Make
from tests.cli.desk import Desk, wall
from tests.standins.x import KEYS, X

HOUR = timedelta(hours=1)


def _number(desk: Desk, post: str, *options: str) -> int:
    return int(desk("log", "--post", post, "--json", *options).data[-1]["id"])


def _state(desk: Desk, number: int) -> str:
    return str(desk("log", str(number), "--json").data["state"])


def test_a_pause_is_told_and_seen_until_it_ends(desk: Desk) -> None:
    """What is paused, by whom, why, and how it goes on; `status` shows it, `resume` ends it."""
    done = desk("pause", "--reason", "news in the family")
    assert done.code == 0
    assert "PAUSED: everything, by Anna, since today" in done.out
    assert "(news in the family)" in done.out
    assert "socrbot resume" in done.out
    assert "PAUSED: everything" in desk("status").out
    again = desk("pause", "--reason", "something else")
    assert "news in the family" in again.out
    assert desk("resume").out == "Goes on: everything.\n"
    assert "PAUSED" not in desk("status").out
    assert desk("resume").out == "There was no pause of everything.\n"


def test_an_account_goes_on_only_when_no_pause_is_left(desk: Desk) -> None:
    """The end of one pause says that another is still on."""
    assert desk("pause", "--reason", "all").code == 0
    assert desk("pause", "--account", "outbox", "--reason", "one").code == 0
    done = desk("resume", "--account", "outbox")
    assert "Goes on: outbox." in done.out
    assert "PAUSED: everything" in done.out


def test_resume_lists_what_fell_due_meanwhile(make: Make) -> None:
    """None of it goes out by itself; the list says what became of each."""
    desk = make({"dated.yaml": f"text: Today.\nwhen: {wall(-HOUR / 2)}\n"})
    bot = desk.bot(since=HOUR)
    bot.turn()
    bot.app.ledger.pause(None, "quiet", by="Anna", now=bot.clock.now())
    bot.close()
    done = desk("resume")
    assert "Meanwhile these fell due" in done.out
    assert "Post: dated; Now: paused then" in done.out
    assert "socrbot retry NUMBER" in done.out
    assert _state(desk, _number(desk, "dated")) == "missed"


def test_a_pause_in_the_middle_of_a_thread_says_what_is_public(make: Make, x: X) -> None:
    """How many parts are out, and where to see them."""
    desk = make(
        {"thread.yaml": f"parts: [One., Two., Three.]\nwhen: {wall(-HOUR / 2)}\naccounts: x\n"},
        accounts={"x": "x"},
        env={**KEYS, "X_API_BASE": x.base},
    )
    bot = desk.bot(since=HOUR)
    bot.go_live("x")
    bot.turn()
    x.fault("status", status=429, times=3, match=lambda request: request.method == "POST" and b"Two" in request.body)
    bot.clock.advance(HOUR / 2)
    bot.turn()
    bot.close()
    done = desk("pause", "--account", "x", "--reason", "wait")
    assert "Careful: thread on x is a thread, and 1 of its 3 parts are public." in done.out
    assert f"socrbot log {_number(desk, 'thread', '--state', 'planned')}" in done.out


def test_retry_gives_what_was_missed_its_own_grace_again(make: Make) -> None:
    """A missed post goes out with the next pass, and has as long as the files give it."""
    desk = make({"late.yaml": f"text: Late.\nwhen: {wall(-2 * HOUR)}\ngrace: 45 minutes\n"})
    bot = desk.bot(since=3 * HOUR)
    bot.turn()
    bot.clock.advance(3 * HOUR)
    bot.turn()
    number = _number(desk, "late")
    assert _state(desk, number) == "missed"
    assert desk("retry", str(number)).code == 2
    assert _state(desk, number) == "missed"
    done = desk("retry", str(number), "--yes")
    assert done.out == "late goes out on outbox with the next pass of the bot.\n"
    again = bot.app.ledger.delivery(number)
    bot.close()
    assert again.grace_until - again.due_at == timedelta(minutes=45)
    assert desk("tick").code == 0
    assert _state(desk, number) == "sent"
    refused = desk("retry", str(number), "--yes")
    assert refused.code == 2
    assert refused.err == "socrbot: late on outbox is sent, so there is nothing to send again.\n"


def test_cancel_is_for_good(desk: Desk) -> None:
    """What a person cancelled does not come back with the next pass, and cannot be cancelled twice."""
    assert desk("tick").code == 0
    number = desk("status", "--json").data["coming"][0]["id"]
    done = desk("cancel", str(number), "--reason", "not needed")
    assert done.out.startswith("Cancelled: ")
    assert desk("tick").code == 0
    assert _state(desk, number) == "cancelled"
    assert "Anna" in desk("log", str(number)).out
    again = desk("cancel", str(number), "--reason", "not needed")
    assert again.code == 2
    assert "is cancelled, so it cannot be cancelled any more." in again.err


@pytest.fixture
def doubtful(make: Make, x: X) -> tuple[Desk, int]:
    """A desk at a campaign with a delivery of which nobody knows whether it went out, and its number."""
    desk = make(
        {"doubt.yaml": f"text: Who knows.\nwhen: {wall(-HOUR / 2)}\naccounts: x\n"},
        accounts={"x": "x"},
        env={**KEYS, "X_API_BASE": x.base},
    )
    bot = desk.bot(since=HOUR)
    bot.go_live("x")
    bot.turn()
    x.fault("status-after", status=500, match="POST /2/tweets")
    x.fault("status", status=503, times=50, match="GET /2/users/*")
    bot.clock.advance(HOUR / 2)
    bot.turn()
    number = bot.deliveries(states=frozenset({State.UNKNOWN}))[0].id
    bot.close()
    return desk, number


def test_a_doubt_is_told_and_settled_with_an_address(doubtful: tuple[Desk, int]) -> None:
    """`status` says what to look for, `settle --sent` ends it, and the story tells who said so."""
    desk, number = doubtful
    status = desk("status")
    assert status.code == 1
    assert f"`socrbot settle {number} --sent ADDRESS`" in status.out
    done = desk("settle", str(number), "--sent", "https://x.com/campaign/status/1")
    assert done.out == "Noted: doubt is public on x.\n"
    story = desk("log", str(number)).out
    assert "now we know: it went out, by Anna" in story
    assert "Address: https://x.com/campaign/status/1" in story
    assert desk("status").code == 0


def test_a_doubt_is_settled_as_not_sent(doubtful: tuple[Desk, int]) -> None:
    """`settle --not-sent` lets it go out again."""
    desk, number = doubtful
    done = desk("settle", str(number), "--not-sent")
    assert done.out == "Noted: doubt is not on x, so it goes out with the next pass of the bot.\n"
    assert _state(desk, number) == "planned"
    assert "it did not go out, so it is planned again" in desk("log", str(number)).out


def test_retry_of_a_doubt_warns_first(doubtful: tuple[Desk, int]) -> None:
    """It might be there twice: the account has to be looked at first."""
    desk, number = doubtful
    done = desk("retry", str(number), "--yes")
    assert "Look at the account first" in done.out
    assert _state(desk, number) == "planned"


def test_publishing_now_shows_the_post_and_where_it_went(on_x: Desk, x: X) -> None:
    """An account that is live gets it, one that is not is told how it becomes so; exit code 1 as not all went out."""
    done = on_x("publish", "petition", "--now", "--yes")
    assert done.code == 1
    assert "petition on x\n    Sign today. #SaveOurChildrensRights\n" in done.out
    assert "outbox: sent." in done.out
    assert "x: held back." in done.out
    assert "`socrbot go-live x`" in done.out
    assert x.published == []


def test_publishing_now_is_refused_during_a_pause_unless_it_is_urgent(desk: Desk) -> None:
    """A pause is named, and the post keeps its own time; --urgent passes it, and the reason is in the log."""
    assert desk("plan").code == desk("tick").code == 0
    before = desk("status", "--json").out
    assert desk("pause", "--reason", "quiet").code == 0
    refused = desk("publish", "petition", "--now", "--yes")
    assert refused.code == 2
    assert "Everything is paused (quiet). Nothing was changed." in refused.err
    assert json.loads(desk("status", "--json").out)["coming"] == json.loads(before)["coming"]
    urgent = desk("publish", "petition", "--now", "--yes", "--urgent", "--reason", "the minister resigned")
    assert urgent.code == 0
    assert "the minister resigned" in desk("log", str(_number(desk, "petition"))).out


def test_a_post_is_published_by_hand_once(desk: Desk) -> None:
    """The same command again says that the post went out, and sends nothing."""
    desk.write("posts/once.yaml", "when: 2030-01-01 12:00\ntext: Once only.\n")
    assert desk("publish", "once", "--account", "outbox", "--now", "--yes").code == 0
    again = desk("publish", "once", "--account", "outbox", "--now", "--yes")
    assert again.code == 1
    assert "once went out on outbox already" in again.err
    assert len(list((desk.root / "data").rglob("*_once_*.md"))) == 1


def test_a_draft_is_not_published_by_hand(desk: Desk) -> None:
    """It says how a draft becomes a post."""
    desk.write("posts/drafts/idea.yaml", "text: Not yet.\n")
    done = desk("publish", "idea", "--now", "--yes")
    assert done.code == 2
    assert "idea is a draft" in done.err


def test_publishing_now_is_no_way_around_a_mistake(desk: Desk) -> None:
    """A post with an error does not go out, and the error is shown with its hint."""
    desk.write("posts/odd.yaml", "text: Hello\nwenn: 2030-01-01 12:00\n")
    done = desk("publish", "odd", "--now", "--yes", "--urgent", "--reason", "now")
    assert done.code == 1
    assert "odd has an error and cannot go out" in done.err
    assert "error[unknown-key]" in done.err


def test_settle_shows_both_sides_before_somebody_answers(make: Make, x: X) -> None:
    """What was to be said, what the account shows meanwhile, and the two ways to answer."""
    env = {**KEYS, "X_API_BASE": x.base, "SOCRBOT_TIMEOUT_SECONDS": "1"}
    desk = make({"hello.yaml": f"text: Hello.\nwhen: {wall(timedelta(0))}\n"}, accounts={"x": "x"}, env=env)
    assert desk("go-live", "x", "--yes").code == 0
    bot = desk.bot(since=HOUR / 2)
    bot.turn()
    bot.close()
    x.fault("drop-after", match="POST /2/tweets")
    x.fault("503", match="GET /2/users/*/tweets", times=1)
    assert desk("tick").code == 0
    number = _number(desk, "hello")
    assert _state(desk, number) == "unknown"
    done = desk("settle", str(number))
    assert done.code == 1
    said, _, shown = done.out.partition("What the account shows")
    assert "Hello. #SaveOurChildrensRights" in said
    assert "1 post" in shown
    assert f"https://x.com/campaign/status/{x.published[0].id}" in shown or x.published[0].id in shown
    assert f"socrbot settle {number} --sent ADDRESS" in shown
    x.fault("503", match="GET /2/users/*/tweets", times=9)
    assert "cannot be read now" in desk("settle", str(number)).out


def test_a_server_that_is_down_is_tried_again_by_the_running_bot(on_x: Desk, x: X) -> None:
    """Publishing by hand says so: nobody has to type anything again."""
    assert on_x("go-live", "x", "--yes").code == 0
    x.stop()
    done = on_x("publish", "petition", "--now", "--yes")
    assert done.code == 1
    assert "The running bot tries again by itself." in " ".join(done.out.split())
