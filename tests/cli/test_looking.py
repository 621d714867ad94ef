"""status, log and doctor, as staff read them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from socrbot.cli.logging_out import start_of
from tests.cli.conftest import Make
from tests.cli.desk import LONDON, Desk, wall
from tests.pictures import photo
from tests.standins.graph import Graph
from tests.standins.x import KEYS, X

HOUR = timedelta(hours=1)


@pytest.fixture
def lived(make: Make, x: X) -> Desk:
    """A desk at a campaign with a past: sent, failed, held, missed, cancelled, and something to come."""
    desk = make(
        {
            "good.yaml": f"text: This goes well.\nwhen: {wall(-2 * HOUR)}\n",
            "bad.yaml": f"text: X refuses this.\nwhen: {wall(-2 * HOUR)}\naccounts: x\n",
            "made-up.yaml": f"text: \"{{{{ link('nowhere') }}}}\"\nwhen: {wall(3 * HOUR)}\naccounts: x\n",
            "late.yaml": f"text: Nobody was there.\nwhen: {wall(-HOUR * 2)}\ngrace: 5 minutes\naccounts: x\n",
            "next.yaml": f"text: Soon.\nwhen: {wall(5 * HOUR)}\n",
        },
        accounts={"outbox": "outbox", "x": "x"},
        env={**KEYS, "X_API_BASE": x.base},
    )
    bot = desk.bot(since=3 * HOUR)
    bot.go_live("x", "outbox")
    x.fault("status", status=400, body={"detail": "This text is not wanted."}, match="POST /2/tweets")
    bot.turn()
    bot.clock.advance(1.5 * HOUR)
    bot.turn()
    bot.clock.advance(1.5 * HOUR)
    bot.app.beat()
    bot.turn()
    bot.close()
    return desk


def test_status_before_anything_is_a_way_to_begin(desk: Desk) -> None:
    """Without a ledger, and with one in which nothing stands, it says what to do; programs get JSON."""
    done = desk("status")
    assert done.code == 0
    assert "socrbot check" in done.out
    assert "socrbot run" in done.out
    assert desk("status", "--json").data is None
    assert desk("plan").code == 0
    empty = desk("status")
    assert empty.code == 0
    assert "The bot has not run yet" in empty.out
    assert "None yet: nothing has been planned" in empty.out
    assert "Nothing is planned" in empty.out


def test_status_shows_what_needs_a_person_with_what_to_do(lived: Desk) -> None:
    """What failed, is held and came too late, each with its reason and the very command; exit code 1."""
    done = lived("status")
    assert done.code == 1
    data = {each["post"]: each for each in lived("status", "--json").data["needs_a_person"]}
    assert data.keys() == {"bad", "made-up", "late"}
    assert f"`socrbot retry {data['bad']['id']}`" in done.out
    assert "State: held back" in done.out
    assert "Running: last seen just now." in done.out
    assert "Account: outbox; May publish: yes; Waiting: 1; Sent: 1" in done.out
    assert "Post: next" in done.out


def test_status_says_that_the_bot_is_not_running(desk: Desk) -> None:
    """Silence of minutes may be cron's; silence of hours, with something planned, needs a person."""
    bot = desk.bot(since=10 * timedelta(minutes=1))
    bot.app.beat()
    bot.turn()
    bot.close()
    assert "Not running just now: last seen 10 minutes ago" in desk("status").out
    assert desk("status").code == 0


def test_a_bot_that_is_gone_needs_a_person(desk: Desk) -> None:
    """After an hour the exit code is 1."""
    bot = desk.bot(since=26 * HOUR)
    bot.app.beat()
    bot.turn()
    bot.close()
    done = desk("status")
    assert "NOT RUNNING: last seen 1 day 2 hours ago" in done.out
    assert done.code == 1


def test_status_puts_together_what_waits_for_the_same_reason(on_x: Desk) -> None:
    """An account that is not live is one line of the list, not one for each post."""
    for number in range(3):
        on_x.write(
            f"posts/soon{number}.yaml", f"text: Number {number}\nwhen: {wall((number + 2) * HOUR)}\naccounts: x\n"
        )
    assert on_x("tick").code == 0
    out = on_x("status").out
    assert "Post: soon0, soon1, soon2" in out
    assert "`socrbot go-live x`" in out


def test_the_log_shows_the_past_newest_last(lived: Desk) -> None:
    """One line for each, with state and reason in words; what is merely planned is not history."""
    done = lived("log")
    assert done.code == 0
    lines = done.out.splitlines()
    assert any("Post: good; State: sent" in line for line in lines)
    assert any("Post: bad; State: not sent; Why: refused" in line for line in lines)
    assert any("Post: late; State: too late" in line for line in lines)
    assert "Post: next" not in done.out
    dues = [each["due_at"] for each in lived("log", "--json").data]
    assert dues == sorted(dues)


@pytest.mark.parametrize(
    ("options", "posts"),
    [
        (["--account", "outbox"], {"good"}),
        (["--account", "x", "--state", "failed"], {"bad"}),
        (["--post", "late"], {"late"}),
        (["--since", wall(-3 * HOUR)[:10], "--state", "sent"], {"good"}),
        (["--since", "tomorrow", "--state", "sent"], set()),
        (["--state", "planned"], {"next"}),
        (["--post", "good", "--state", "failed"], set()),
    ],
)
def test_the_log_shows_what_is_asked_for(lived: Desk, options: list[str], posts: set[str]) -> None:
    """Account, post, day and state narrow it down, all together."""
    assert {each["post"] for each in lived("log", *options, "--json").data} == posts
    if not posts:
        assert lived("log", *options).out == "There is nothing in the log that fits.\n"


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        ("today", "2026-10-24T23:00"),
        ("Yesterday", "2026-10-23T23:00"),
        ("tomorrow", "2026-10-26T00:00"),
        ("2026-10-26", "2026-10-26T00:00"),
    ],
)
def test_a_day_begins_at_its_own_midnight(day: str, utc: str) -> None:
    """In London, where the clocks go back on 25 October."""
    now = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    assert start_of(day, LONDON, now) == datetime.fromisoformat(f"{utc}+00:00")


def test_one_delivery_has_its_whole_story(lived: Desk) -> None:
    """How it stands, what was said, what the network answered, and each step in words, without inner words."""
    number = next(each["id"] for each in lived("log", "--post", "bad", "--json").data)
    out = lived("log", str(number)).out
    assert f"Delivery {number}: bad on x" in out
    assert "X refuses this. #SaveOurChildrensRights" in out
    assert "This text is not wanted." in out
    assert f"`socrbot retry {number}`" in out
    assert "could not be sent" in out
    assert not {"claim", "lease", "digest", "intent", "guards"} & set(out.lower().replace(":", " ").split())
    data = lived("log", str(number), "--json").data
    assert [event["action"] for event in data["events"]][-1] == "failed"
    assert data["attempts"][0]["answer"]


def test_a_story_names_the_picture_as_it_was_sent(make: Make, x: X) -> None:
    """The file that the log names is, byte for byte, what the network got."""
    picture = "media: [{file: media/photo.jpg, alt: A drawing of a school, people: no}]"
    desk = make(
        {"look.yaml": f"text: Look.\nwhen: {wall(-HOUR)}\n{picture}\n"},
        accounts={"x": "x"},
        env={**KEYS, "X_API_BASE": x.base},
    )
    photo(desk.root / "media/photo.jpg")
    bot = desk.bot(since=2 * HOUR)
    bot.go_live("x")
    bot.turn()
    bot.clock.advance(1.5 * HOUR)
    bot.turn()
    bot.close()
    (received,) = x.published[0].media
    story = desk("log", "1", "--json").data["attempts"][0]
    assert [Path(each).read_bytes() for each in story["kept"]] == [received.data]
    assert received.data != (desk.root / "media/photo.jpg").read_bytes()
    out = desk("log", "1").out
    assert "[picture: A drawing of a school]" in out
    assert f"[kept as it was sent: {story['kept'][0]}]" in out


def test_a_number_stands_alone(lived: Desk) -> None:
    """A number and a filter together are a mistake."""
    assert lived("log", "1", "--account", "x").code == 2


def test_following_prints_what_happens_and_only_what_is_wanted(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """New events in words or as a line of JSON each, narrowed by account, post and state."""
    from socrbot.cli.common import Context
    from socrbot.cli.logging_out import Wish, follow
    from socrbot.delivery import State

    assert desk("tick").code == 0
    with desk._there():
        ledger = Context().reading()
    assert ledger is not None
    before = ledger.newest_event()
    assert desk("publish", "petition", "--now", "--yes").code == 0
    seen = {"all": Wish(), "sent": Wish(state=State.SENT), "other": Wish(post="queued"), "x": Wish(account="x")}
    said = {}
    for name, wish in seen.items():
        ledger.newest_event = lambda: before  # type: ignore[method-assign]
        follow(ledger, wish, as_json=name == "sent", rounds=1)
        said[name] = capsys.readouterr().out
    ledger.close()
    assert "petition on outbox" in said["all"]
    assert ": sent" in said["all"].splitlines()[-1]
    assert [json.loads(line)["action"] for line in said["sent"].splitlines()] == ["sent"]
    assert said["other"] == said["x"] == ""


def test_doctor_tells_what_works_and_until_when(make: Make, x: X, graph: Graph) -> None:
    """Each account: who it speaks as, what it may do, when it ends; what is not connected is no failure."""
    from tests.standins.graph import APP_ID, APP_SECRET
    from tests.standins.x import KEYS

    graph.expires_at = int((datetime.now(UTC) + timedelta(days=5)).timestamp())
    env = {**KEYS, "X_API_BASE": x.base, **graph.env(FB_APP_ID=APP_ID, FB_APP_SECRET=APP_SECRET)}
    desk = make(accounts={"outbox": "outbox", "x": "x", "facebook": "facebook", "sky": "bluesky"}, env=env)
    done = desk("doctor")
    assert done.code == 0
    assert "x: works, speaks as @campaign" in done.out
    assert "not live yet: socrbot go-live x" in done.out
    assert "its access ends" in done.out
    assert "SOON" in done.out
    assert "sky (bluesky): not connected. To connect it: socrbot connect bluesky --account sky" in done.out
    assert "nobody is told" in done.out
    assert {each["account"]: each["well"] for each in desk("doctor", "--json").data["accounts"]}["facebook"]


def test_doctor_tells_what_does_not_work(on_x: Desk, x: X) -> None:
    """Dead credentials, half of them, a server that is down, an alarm address that is none: words, and exit code 1."""
    x.revoke()
    done = on_x("doctor")
    assert done.code == 1
    assert "x: NOT WORKING: X does not accept the account's keys" in done.out
    assert "socrbot connect x" in done.out
    x.stop()
    assert "NOT WORKING: 127.0.0.1" in on_x("doctor").out
    del on_x.env["X_API_SECRET"]
    on_x.env["SOCRBOT_ALARM_URLS"] = "nonsense"
    half = on_x("doctor")
    assert "NOT WORKING: in .env X_API_SECRET is missing" in half.out
    assert "address 1 in SOCRBOT_ALARM_URLS is not understood" in half.out
    assert half.code == 1


def test_status_names_accounts_that_are_not_connected(make: Make) -> None:
    """An account without its keys has no line of its own; it is named, with the command that says what is missing."""
    desk = make(accounts={"outbox": "outbox", "x": "x", "sky": "bluesky"})
    assert desk("tick").code == 0
    said = "Not connected, so nothing goes out there: x, sky. What is missing: socrbot doctor"
    assert said in desk("status").out
    assert said in (desk.root / "data" / "log.html").read_text(encoding="utf-8")
