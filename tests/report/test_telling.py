"""Somebody is told: once, in plain words, of what needs a person, and nothing is lost on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.report.conftest import Make
from tests.report.receiver import Receiver
from tests.standins.server import refused
from tests.standins.x import KEYS, X

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POST = "text: Sign today, please.\nwhen: 2026-11-24 21:00\naccounts: x\n"


def test_a_failed_post_is_told_once(make: Make, x: X, receiver: Receiver) -> None:
    """What happened, what it means, what to do; not again with the next pass or after a restart."""
    staff = make({"petition.yaml": POST})
    x.fault("status", status=400, body={"detail": "This text is not wanted."}, match="POST /2/tweets")
    staff.one_pass()
    assert receiver.messages == []
    staff.clock.advance(HOUR / 2)
    for _ in range(3):
        staff.one_pass()
    staff.restart()
    staff.one_pass()
    (message,) = receiver.messages
    assert message["title"] == "Test campaign: 1 thing needs you"
    number = staff.bot.deliveries(post="petition")[0].id
    assert message["message"].startswith(f"petition on x, due today, 9:00 pm UK time (number {number}): not sent.")
    assert "This text is not wanted." in message["message"]
    assert f"`socrbot retry {number}`" in message["message"]


def test_a_doubt_is_told_with_what_to_look_for(make: Make, x: X, receiver: Receiver) -> None:
    """An answer is lost: somebody is asked to look."""
    staff = make({"petition.yaml": POST})
    x.fault("drop-after", match="POST /2/tweets")
    x.fault("status", status=503, times=100, match="GET /2/users/*")
    staff.one_pass()
    staff.clock.advance(HOUR / 2)
    staff.one_pass()
    staff.one_pass()
    (message,) = receiver.messages
    assert "we don't know" in message["message"]
    assert "--sent ADDRESS" in message["message"]


def test_a_doubt_that_ends_before_anybody_could_be_told_is_no_alarm(make: Make, x: X, receiver: Receiver) -> None:
    """What has become right by itself meanwhile is left out."""
    staff = make({"petition.yaml": POST})
    x.fault("drop-after", match="POST /2/tweets")
    staff.one_pass()
    staff.clock.advance(HOUR / 2)
    receiver.status = 503
    staff.one_pass()
    staff.clock.advance(10 * MINUTE)
    receiver.status = 200
    staff.one_pass()
    assert staff.bot.states() == {"petition on x": "sent"}
    assert receiver.messages == []


def test_a_hold_is_told_a_day_before(make: Make, receiver: Receiver) -> None:
    """While there is time to act; many that wait for the same reason are one paragraph."""
    posts = {
        f"made-up-{hour}.yaml": f"text: \"{{{{ link('nowhere') }}}} {hour}\"\nwhen: 2026-11-25 {hour}:00\naccounts: x\n"
        for hour in (10, 11, 12)
    }
    staff = make(posts)
    staff.one_pass()
    (message,) = receiver.messages
    assert message["title"] == "Test campaign: 3 things need you"
    assert message["message"].count("\n\n") == 0
    assert "made-up-10 on x, due tomorrow, 10:00 am UK time" in message["message"]
    assert "and 2 more: held back." in message["message"]
    assert "https://example.org/nowhere" in message["message"]


def test_a_missed_post_is_told(make: Make, receiver: Receiver) -> None:
    """The bot was off for too long."""
    staff = make({"petition.yaml": POST})
    staff.one_pass()
    staff.clock.advance(5 * HOUR)
    staff.one_pass()
    (message,) = receiver.messages
    assert "petition on x" in message["message"]
    assert "too late" in message["message"]
    assert "`socrbot retry" in message["message"]


def test_a_stopped_account_is_told(make: Make, x: X, receiver: Receiver) -> None:
    """Dead credentials stop the account, and somebody hears of it with the way to mend it."""
    staff = make({"petition.yaml": POST})
    x.revoke()
    staff.one_pass()
    staff.clock.advance(HOUR / 2)
    staff.one_pass()
    assert "The account x is stopped." in receiver.bodies()
    assert "socrbot doctor" in receiver.bodies()
    assert "socrbot connect x" in receiver.bodies()


@pytest.mark.parametrize("trouble", ["refuses", "is not there"])
def test_a_receiver_that_is_away_loses_nothing(make: Make, x: X, receiver: Receiver, trouble: str) -> None:
    """It is tried again, not with every pass, and hears then what it had missed; the other one hears at once."""
    with refused() as nobody:
        other = nobody.replace("http", "json") if trouble == "is not there" else receiver.alarm
        staff = make({"petition.yaml": POST}, alarms=other)
        receiver.status = 503 if trouble == "refuses" else 200
        x.fault("status", status=400, match="POST /2/tweets")
        staff.one_pass()
        staff.clock.advance(HOUR / 2)
        staff.one_pass()
        staff.one_pass()
        said = [str(fields.get("detail")) for action, fields in staff.said if action == "crashed"]
        assert len([detail for detail in said if "An alarm address could not be reached" in detail]) == 1
        assert receiver.messages == []
        if trouble == "refuses":
            receiver.status = 200
            staff.clock.advance(6 * MINUTE)
            staff.one_pass()
            assert "petition on x" in receiver.bodies()


def test_each_address_hears_everything_once(make: Make, x: X, receiver: Receiver) -> None:
    """One dead address neither keeps the other from hearing nor makes it hear twice, and catches up later."""
    with Receiver() as second:
        staff = make({"petition.yaml": POST}, alarms=f"{receiver.alarm} {second.alarm}")
        second.status = 500
        x.fault("status", status=400, match="POST /2/tweets")
        staff.one_pass()
        staff.clock.advance(HOUR / 2)
        staff.one_pass()
        assert (len(receiver.messages), len(second.messages)) == (1, 0)
        second.status = 200
        staff.clock.advance(6 * MINUTE)
        staff.one_pass()
        assert (len(receiver.messages), len(second.messages)) == (1, 1)
        assert receiver.messages[0]["message"] == second.messages[0]["message"]


def test_a_new_address_is_not_told_of_what_is_old(make: Make, x: X, receiver: Receiver) -> None:
    """Whoever is added later hears of the last seven days only."""
    staff = make({"petition.yaml": POST}, alarms=" ")
    x.fault("status", status=400, match="POST /2/tweets")
    staff.one_pass()
    staff.clock.advance(HOUR / 2)
    staff.one_pass()
    staff.clock.advance(timedelta(days=8))
    staff.bot.env["SOCRBOT_ALARM_URLS"] = receiver.alarm
    staff.restart()
    staff.one_pass()
    assert receiver.messages == []


@pytest.mark.parametrize("name", ["config/campaign.yaml", "config/accounts.yaml", "config/facts.yaml"])
def test_a_config_file_that_cannot_be_read_is_told_at_once(make: Make, receiver: Receiver, name: str) -> None:
    """One message that names the trouble; another only when it has been right meanwhile."""
    staff = make({"petition.yaml": POST})
    staff.one_pass()
    good = (staff.bot.root / name).read_text()
    for _ in range(2):
        (staff.bot.root / name).write_text("name: [\n")
        staff.one_pass()
        staff.one_pass()
        (staff.bot.root / name).write_text(good)
        staff.one_pass()
    assert len(receiver.messages) == 2
    assert "under config/" in receiver.bodies()
    assert "socrbot check" in receiver.bodies()
    assert staff.bot.app.ledger.meta("trouble") in (None, "")


def test_a_bot_that_starts_on_a_broken_config_tells_too(make: Make, receiver: Receiver) -> None:
    """Even where it never had a campaign, and with the place of the mistake."""
    staff = make({"petition.yaml": POST})
    (staff.bot.root / "config/campaign.yaml").write_text("name: [\n")
    staff.restart()
    staff.one_pass()
    staff.one_pass()
    (message,) = receiver.messages
    assert message["title"] == "socrbot: the bot cannot work"
    assert "config/campaign.yaml:2" in message["message"]
    assert "The bot cannot work." in staff.page
    assert "config/campaign.yaml:2" in staff.page


def test_a_question_is_told_once_with_how_to_answer(make: Make, receiver: Receiver) -> None:
    """A plan that would cancel most of it."""
    staff = make({f"p{day}.yaml": f"text: Day {day}\nwhen: 2026-12-{day:02} 12:00\n" for day in range(1, 7)})
    staff.one_pass()
    for path in (staff.bot.root / "posts").glob("*.yaml"):
        path.unlink()
    staff.one_pass()
    staff.restart()
    staff.one_pass()
    asked = [message for message in receiver.messages if "asks something" in message["title"]]
    assert len(asked) == 1
    assert "socrbot confirm-plan" in asked[0]["message"]
    assert "The bot asks:" in staff.page


def test_the_dead_mans_switch_hears_only_of_passes_that_were_made(make: Make, receiver: Receiver) -> None:
    """About once a minute while passes are made; silence where they fail."""
    staff = make({"petition.yaml": POST})
    staff.one_pass()
    staff.one_pass()
    assert receiver.beats == 1
    staff.clock.advance(MINUTE)
    staff.one_pass()
    assert receiver.beats == 2
    staff.clock.advance(MINUTE)
    staff.teller.after(None)
    assert receiver.beats == 2


def test_no_secret_is_told(make: Make, x: X, receiver: Receiver) -> None:
    """A network that echoes the keys in its answer does not get them into a message, the page or the log."""
    staff = make({"petition.yaml": POST})
    echo = {"detail": f"No: {' '.join(KEYS.values())}"}
    x.fault("status", status=400, body=echo, match="POST /2/tweets")
    staff.one_pass()
    staff.clock.advance(HOUR / 2)
    staff.one_pass()
    everything = receiver.bodies() + staff.page + repr(staff.said)
    assert "[secret]" in everything
    assert not [value for value in KEYS.values() if value in everything]
    assert "secret-path" not in everything


def test_the_page_is_written_whole_and_for_its_owner(make: Make) -> None:
    """Mode 600, nothing half-written beside it, and again only when there is news or a minute has passed."""
    staff = make({"petition.yaml": POST})
    staff.one_pass()
    path = staff.bot.root / "data" / "log.html"
    assert path.stat().st_mode & 0o777 == 0o600
    made = path.stat().st_mtime_ns
    staff.one_pass()
    assert path.stat().st_mtime_ns == made
    staff.clock.advance(2 * MINUTE)
    staff.one_pass()
    assert path.stat().st_mtime_ns != made
    assert list(path.parent.glob("*.new")) == []


def test_trouble_with_the_page_keeps_nobody_from_being_told(make: Make, x: X, receiver: Receiver) -> None:
    """A page that cannot be written is said in the running log, and the alarm is raised all the same."""
    staff = make({"petition.yaml": POST})
    (staff.bot.root / "data" / "log.html").mkdir()
    x.fault("status", status=400, match="POST /2/tweets")
    staff.one_pass()
    staff.clock.advance(HOUR / 2)
    staff.one_pass()
    assert len(receiver.messages) == 1
    assert any(action == "crashed" and "log.html" in str(fields["detail"]) for action, fields in staff.said)
