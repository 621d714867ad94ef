"""withdraw: what is public goes, what is planned is cancelled, and what is left is said with its address."""

from __future__ import annotations

from datetime import timedelta

from tests.cli.conftest import Make
from tests.cli.desk import Desk, wall
from tests.pictures import png
from tests.standins.x import KEYS, X

NOW = timedelta(0)
BOTH = {"x": "x", "outbox": "outbox"}
WHY = ("--reason", "A name was wrong.")


def sent(make: Make, x: X, **env: str) -> Desk:
    """A desk whose post went out on X and into the outbox, and is planned once more for tomorrow."""
    times = f"[{wall(NOW)}, {wall(timedelta(days=1))}]"
    desk = make(
        {"hello.yaml": f"text: Hello, everyone.\nwhen: {times}\n"},
        accounts=BOTH,
        env={**KEYS, "X_API_BASE": x.base, **env},
    )
    goes_out(desk)
    return desk


def goes_out(desk: Desk) -> None:
    """The post was planned half an hour ago; now it is due."""
    assert desk("go-live", "x", "--yes").code == 0
    bot = desk.bot(since=timedelta(minutes=30))
    bot.turn()
    bot.close()
    assert desk("tick").code == 0


def test_a_post_is_deleted_everywhere_and_planned_no_more(make: Make, x: X) -> None:
    """One command for all accounts and times; the log and status know it at once."""
    desk = sent(make, x)
    done = desk("withdraw", "hello", *WHY, "--yes")
    assert done.code == 0, done.out + done.err
    assert x.visible == []
    assert list((desk.root / "data/accounts/outbox").rglob("*.md")) == []
    assert done.out.count("taken down") == 2
    assert done.out.count("cancelled") == 2
    assert {each["state"] for each in desk("log", "--json").data} == {"withdrawn", "cancelled"}
    assert desk("status").code == 0
    again = desk("withdraw", "hello", *WHY, "--yes")
    assert again.code == 2
    assert "Nothing of it is public" in again.err


def test_it_asks_before_it_deletes(make: Make, x: X) -> None:
    """The question names the accounts and what else follows; without an answer nothing happens."""
    desk = sent(make, x)
    done = desk("withdraw", "hello", *WHY)
    assert done.code == 2
    assert "Delete it from outbox, x" in done.err.replace("x, outbox", "outbox, x")
    assert "cancel 2 planned times" in done.err
    assert len(x.visible) == 1


def test_what_cannot_be_deleted_is_left_to_a_person(make: Make, x: X) -> None:
    """Exit code 1, the address, what to do; status asks for it until a person says that it is done."""
    desk = sent(make, x)
    x.fault("status", match="DELETE *", status=403, body={"title": "Forbidden", "detail": "no"}, times=9)
    done = desk("withdraw", "hello", *WHY, "--yes")
    assert done.code == 1
    assert "STILL PUBLIC" in done.out
    assert x.published[0].id in done.out
    number = next(each["id"] for each in desk("log", "--json").data if each["account"] == "x" and each["parts_out"])
    assert f"socrbot withdraw {number} --by-hand" in done.out
    status = desk("status")
    assert status.code == 1
    assert f"socrbot withdraw {number} --by-hand --reason WHY" in status.out
    by_hand = desk("withdraw", str(number), "--by-hand", *WHY, "--yes")
    assert by_hand.code == 0, by_hand.out
    assert desk("status").code == 0
    assert desk("log", str(number), "--json").data["state"] == "withdrawn"


def test_for_programs(make: Make, x: X) -> None:
    """The same as JSON, by numbers."""
    desk = sent(make, x)
    data = desk("withdraw", "hello", *WHY, "--yes", "--json").data
    assert (len(data["withdrawn"]), len(data["cancelled"]), data["still_public"]) == (2, 2, [])


def test_one_account_alone(make: Make, x: X) -> None:
    """The others keep it."""
    desk = sent(make, x)
    assert desk("withdraw", "hello", "--account", "x", *WHY, "--yes").code == 0
    assert x.visible == []
    assert len(list((desk.root / "data/accounts/outbox").rglob("*.md"))) == 1


def test_what_nobody_knows_is_looked_for_first(make: Make, x: X) -> None:
    """A lost answer is no ground for deleting anything; the command says what comes first."""
    desk = make(
        {"hello.yaml": f"text: Hello.\nwhen: {wall(NOW)}\n"},
        accounts={"x": "x"},
        env={**KEYS, "X_API_BASE": x.base, "SOCRBOT_TIMEOUT_SECONDS": "1"},
    )
    assert desk("go-live", "x", "--yes").code == 0
    bot = desk.bot(since=timedelta(minutes=30))
    bot.turn()
    bot.close()
    # Only now, for before its first post the account's recent posts are compared.
    x.fault("drop-after", match="POST /2/tweets")
    x.fault("503", match="GET /2/users/*/tweets", times=99)
    desk("tick")
    done = desk("withdraw", "hello", *WHY, "--yes")
    assert done.code == 1
    assert "we don't know whether it went out" in done.out
    assert "socrbot settle 1" in done.out


def test_a_post_that_does_not_exist(desk: Desk) -> None:
    """The nearest name is offered."""
    done = desk("withdraw", "petitoin", *WHY, "--yes")
    assert done.code == 2
    assert 'Did you mean "petition"?' in done.err


def test_what_was_erased_is_said_as_it_is(make: Make, x: X) -> None:
    """Of a post without pictures nothing is said of pictures; with --erase-words both the answer and the log say so."""
    desk = sent(make, x)
    done = desk("withdraw", "hello", "--account", "outbox", *WHY, "--yes")
    assert "erased" not in done.out
    done = desk("withdraw", "hello", "--account", "x", "--erase-words", *WHY, "--yes")
    assert "Its words were erased here as well." in done.out
    [number] = [
        each["id"] for each in desk("log", "--json").data if each["account"] == "x" and each["state"] == "withdrawn"
    ]
    told = desk("log", str(number)).out
    assert "its words, and pictures if it had any, were erased here" in told
    assert "Hello, everyone" not in told


def test_no_page_of_the_bot_shows_it_any_longer(make: Make, x: X) -> None:
    """The log page is made anew at once; the rehearsal's page and what the demo made are gone until the next one."""
    media = "media: [{file: a.png, alt: A school, people: no}]"
    times = f"[{wall(NOW)}, {wall(timedelta(days=1))}]"
    desk = make(
        {"hello.yaml": f"text: Hello, everyone.\nwhen: {times}\n{media}\n"},
        accounts=BOTH,
        env={**KEYS, "X_API_BASE": x.base},
    )
    png(desk.root / "a.png")
    goes_out(desk)
    assert desk("rehearse").code in (0, 1)
    assert desk("demo").code == 0
    data = desk.root / "data"
    assert "A school" in (data / "log.html").read_text()
    assert "A school" in (data / "rehearsal.html").read_text()
    assert desk("withdraw", "hello", *WHY, "--yes").code == 0
    assert not [path for path in data.rglob("*") if path.is_file() and b"A school" in path.read_bytes()]
    page = (data / "log.html").read_text()
    assert "taken down" in page
    assert "Hello, everyone." in page


def test_words_can_be_erased_later(make: Make, x: X) -> None:
    """Somebody thinks of it the day after: the same command again, and once more there is nothing left to do."""
    desk = sent(make, x)
    assert desk("withdraw", "hello", *WHY, "--yes").code == 0
    asked = desk("withdraw", "hello", "--erase-words", *WHY)
    assert "It is taken down already. Erase what is still kept of it here?" in asked.err
    done = desk("withdraw", "hello", "--erase-words", *WHY, "--yes")
    assert (done.code, "Its words were erased here as well." in done.out) == (0, True)
    data = desk.root / "data"
    assert "Hello, everyone." not in (data / "log.html").read_text()
    again = desk("withdraw", "hello", "--erase-words", *WHY, "--yes")
    assert again.code == 2
