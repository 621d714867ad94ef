"""Whatever goes wrong, a command ends with one clear message and the right exit code."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Make
from tests.cli.desk import Desk
from tests.cli.terminal import Terminal
from tests.whole.bot import environment


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["stats"], 'Did you mean "status"?'),
        (["--nonsense"], "No such option"),
        (["preview", "petitoin"], 'There is no post called "petitoin". Did you mean "petition"?'),
        (["preview", "--account", "outbux"], 'Did you mean "outbox"?'),
        (["publish", "petition"], "add --now"),
        (["publish", "petitoin", "--now"], 'Did you mean "petition"?'),
        (["publish", "petition", "--now", "--account", "nobody"], "There are: outbox."),
        (["publish", "petition", "--now", "--urgent"], "needs a --reason"),
        (["plan", "--until", "2026-13-01"], '"2026-13-01" is no date. Write it like this: 2026-03-07'),
        (["plan", "--until", "2020-01-01"], "2020-01-01 is past"),
        (["pause", "--account", "outbux", "--reason", "x"], 'Did you mean "outbox"?'),
        (["pause"], "--reason"),
        (["go-live", "nobody"], "There are: outbox."),
        (["connect", "blusky"], 'Did you mean "bluesky"?'),
        (["connect", "x"], "config/accounts.yaml has no account on x"),
        (["retry", "7"], "There is no delivery 7."),
        (["retry", "0"], "0 is not in the range"),
        (["settle", "7", "--sent", "over there"], "https://"),
        (["settle", "7", "--not-sent"], "There is no delivery 7."),
        (["log", "7"], "There is no delivery 7"),
        (["check", "posts/nowhere.yaml"], "There is no file or folder called posts/nowhere.yaml"),
        (["check", "/"], "is not in the campaign's folder"),
        (["demo", "--days", "0"], "0 is not in the range"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_meant(desk: Desk, arguments: list[str], says: str) -> None:
    """A wrong command, option, name, number or date: exit code 2, the reason on the error stream, nothing else."""
    done = desk(*arguments)
    assert done.code == 2
    assert says in done.err
    assert "Traceback" not in done.err + done.out
    assert done.out == ""


@pytest.mark.parametrize("command", ["check", "preview", "plan", "tick", "status", "log", "demo", "doctor", "run"])
def test_outside_a_campaign_each_command_says_where_to_go(desk: Desk, tmp_path: Path, command: str) -> None:
    """Without a campaign there is one sentence, which names the way to start one."""
    desk.root = tmp_path
    done = desk(command)
    assert (done.code, done.out) == (2, "")
    assert "socrbot init" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_folder_that_is_no_campaign_is_named(desk: Desk, tmp_path: Path) -> None:
    """`--campaign` with a wrong folder says which one."""
    done = desk("--campaign", str(tmp_path / "elsewhere"), "status")
    assert done.code == 2
    assert f"{tmp_path / 'elsewhere'} is no campaign's folder" in done.err


def test_a_setting_that_is_wrong_is_named_and_not_shown(desk: Desk) -> None:
    """The variable is named, its value is not."""
    desk.write(".env", "SOCRBOT_TIMEOUT_SECONDS=in-a-while\n")
    done = desk("status")
    assert done.code == 2
    assert "SOCRBOT_TIMEOUT_SECONDS must be a number of seconds" in done.err
    assert "in-a-while" not in done.err


def _spoil(path: Path, how: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if how == "no database":
        path.write_text("These are my notes. " * 100)
    elif how == "another database":
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE recipes (name TEXT)")
            database.commit()
    elif how == "damaged":
        content = path.read_bytes()
        path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
        for name in (f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
    else:
        path.mkdir()


@pytest.mark.parametrize("how", ["no database", "another database", "damaged", "a folder"])
@pytest.mark.parametrize("command", [["status"], ["log"], ["log", "1"], ["tick"], ["pause", "--reason", "x"]])
def test_a_ledger_that_cannot_be_used_is_explained(desk: Desk, how: str, command: list[str]) -> None:
    """Whatever is where the ledger should be: one sentence, which names the file."""
    if how == "damaged":
        assert desk("tick").code == 0
    path = desk.root / "data" / "ledger.sqlite"
    _spoil(path, how)
    done = desk(*command)
    assert done.code in (1, 2)
    assert str(path) in done.err
    assert "Traceback" not in done.err
    assert "sqlalchemy" not in done.err.lower()


def test_a_ledger_that_another_program_holds_is_explained(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits in vain says who is to blame, and looking is possible all the same."""
    assert desk("tick").code == 0
    monkeypatch.setattr("socrbot.ledger.engine.BUSY", 0.1)
    with contextlib.closing(sqlite3.connect(desk.root / "data" / "ledger.sqlite")) as database:
        database.execute("BEGIN IMMEDIATE")
        done = desk("pause", "--reason", "x")
        assert done.code == 1
        assert "is in use by another program" in done.err
        assert desk("status").code == 0


def test_a_mistake_that_nobody_foresaw_is_one_line(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback: a sentence, how to see more, and exit code 1; the secret in the error is taken out."""
    desk.env["X_API_SECRET"] = "hunter2hunter2"

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("hunter2hunter2 by zero")

    monkeypatch.setattr("socrbot.report.status.read", fail)
    assert desk("tick").code == 0
    done = desk("status")
    assert done.code == 1
    assert "ZeroDivisionError: [secret] by zero" in done.err
    assert "SOCRBOT_DEBUG=1" in done.err
    assert len(done.err.splitlines()) == 1


def test_the_traceback_can_be_had_and_holds_no_secret(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """With SOCRBOT_DEBUG=1 the traceback is there, redacted."""
    desk.env |= {"X_API_SECRET": "hunter2hunter2", "SOCRBOT_DEBUG": "1"}

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("hunter2hunter2 by zero")

    monkeypatch.setattr("socrbot.report.status.read", fail)
    assert desk("tick").code == 0
    done = desk("status")
    assert "Traceback" in done.err
    assert "hunter2" not in done.err


def test_a_broken_config_shows_each_mistake_with_its_place(desk: Desk) -> None:
    """Commands that need the campaign list what is wrong in it, and how to put it right; exit code 1."""
    desk.write("config/campaign.yaml", "name: [\n")
    for command in (["plan"], ["preview"], ["tick"], ["demo"], ["doctor"], ["publish", "petition", "--now"]):
        done = desk(*command)
        assert done.code == 1, command
        assert "config/campaign.yaml:" in done.err + done.out, command
        assert "Traceback" not in done.err


def test_nobody_is_asked_where_nobody_is(on_x: Desk) -> None:
    """Without a terminal a question is not put; the sentence says how to go ahead."""
    done = on_x("publish", "petition", "--now", "--account", "outbox")
    assert done.code == 2
    assert "Publish this now on outbox? There is nobody here to ask. Add --yes to go ahead." in done.err
    assert on_x("log", "--json").data == []


def test_a_closed_pipe_is_quiet(desk: Desk) -> None:
    """`socrbot preview | head -1` ends without a complaint."""
    command = f"'{sys.executable}' -m socrbot preview; echo \"code $?\" >&2"
    script = f"({command}) | head -n 1"
    done = subprocess.run(
        ["bash", "-c", script],
        env=environment(desk.root),
        cwd=desk.root,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "petition on outbox\n"
    assert done.stderr == "code 0\n"


def test_ctrl_c_while_following_is_a_quiet_end(desk: Desk) -> None:
    """Ctrl-C ends `log --follow` as it is meant to: exit code 0, no traceback."""
    assert desk("tick").code == 0
    with Terminal(desk.root, ["log", "--follow"], environment(desk.root)) as terminal:
        terminal.wait_for("Waiting for news")
        terminal.type("\x03")
        assert terminal.end() == 0
    assert terminal.shown.strip() == "Waiting for news. Stop with Ctrl-C.\n^C"


def test_ctrl_c_at_a_question_stops_in_words(make: Make) -> None:
    """Ctrl-C where something is asked: "Stopped.", exit code 1, and nothing was written."""
    desk = make(accounts={"x": "x"})
    with Terminal(desk.root, ["connect", "x"], environment(desk.root)) as terminal:
        terminal.wait_for("X_API_KEY")
        terminal.type("\x03")
        assert terminal.end() == 1
    assert terminal.shown.strip().endswith("Stopped.")
    assert "Traceback" not in terminal.shown
    assert not (desk.root / ".env").exists()


def test_old_terminals_do_not_end_a_command(desk: Desk) -> None:
    """In an encoding without curly quotes a question mark stands for what cannot be shown."""
    desk.write("posts/petition.yaml", "text: “Sign” – today 😀\nwhen: {every: day 12:00}\n")
    env = environment(desk.root, PYTHONIOENCODING="latin-1")
    command = [sys.executable, "-m", "socrbot", "preview", "petition"]
    done = subprocess.run(command, env=env, cwd=desk.root, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert b"?Sign? ? today ?" in done.stdout
