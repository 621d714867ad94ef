"""backup and restore: a copy that is whole, and a way back that repeats nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from socrbot.clock import SystemClock
from socrbot.delivery import State
from socrbot.ledger import Filter, Ledger, Seen
from socrbot.publishing.erasing import LIST
from tests.cli.conftest import Make
from tests.cli.desk import Desk, wall
from tests.ledger.desk import modes
from tests.standins.x import X

LINE = json.dumps({"post": "a", "account": "x", "occurrence": "once", "files": [], "words": False})
LONG_AGO = timedelta(hours=1)


def began(desk: Desk) -> Path:
    """A bot that ran an hour ago; the path of its ledger."""
    bot = desk.bot(since=LONG_AGO)
    bot.app.beat()
    bot.turn()
    bot.close()
    return desk.root / "data" / "ledger.sqlite"


def plans(ledger: Path) -> list[tuple[str, str]]:
    with Ledger.open(ledger, clock=SystemClock(), read_only=True) as opened:
        return [(delivery.post, delivery.occurrence) for delivery in opened.deliveries()]


def test_a_backup_is_a_ledger_for_its_owner_alone(desk: Desk) -> None:
    """Dated, mode 600, whole, with the list of what was withdrawn inside."""
    ledger = began(desk)
    (desk.root / "data" / LIST).write_text(LINE + "\n")
    done = desk("backup", "--json")
    copy = Path(done.data["file"])
    assert copy.parent == desk.root / "data" / "backups"
    assert modes(copy) == 0o600
    assert modes(copy.parent) == 0o700
    assert plans(copy) == plans(ledger)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT value FROM meta WHERE key = 'withdrawn'").fetchone()[0] == LINE + "\n"


def test_only_so_many_copies_are_kept(desk: Desk) -> None:
    """--keep deletes the oldest dated copies, and nothing else in the folder."""
    began(desk)
    folder = desk.root / "data" / "backups"
    folder.mkdir()
    for day in range(1, 5):
        (folder / f"ledger-2026-01-0{day}T000000Z.sqlite").touch()
    (folder / "mine.sqlite").touch()
    done = desk("backup", "--keep", "2")
    assert done.code == 0
    names = sorted(path.name for path in folder.iterdir())
    assert names[0] == "ledger-2026-01-04T000000Z.sqlite"
    assert len(names) == 3
    assert "mine.sqlite" in names
    assert desk("backup", "one.sqlite", "--keep", "2").code == 2


def test_a_damaged_ledger_replaces_no_good_copy(desk: Desk) -> None:
    """The copy of yesterday is still there when today's cannot be made."""
    ledger = began(desk)
    assert desk("backup", "copy.sqlite").code == 0
    before = (desk.root / "copy.sqlite").read_bytes()
    content = bytearray(ledger.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    ledger.write_bytes(bytes(content))
    done = desk("backup", "copy.sqlite")
    assert done.code == 1
    assert "damaged" in done.err
    assert (desk.root / "copy.sqlite").read_bytes() == before
    assert not (desk.root / "copy.sqlite.part").exists()


def test_a_copy_comes_back_and_the_present_ledger_is_kept(desk: Desk) -> None:
    """What it holds is the ledger again; the list of what was withdrawn is the union of both."""
    ledger = began(desk)
    other = LINE.replace('"a"', '"b"')
    (desk.root / "data" / LIST).write_text(LINE + "\n")
    assert desk("backup", "copy.sqlite").code == 0
    (desk.root / "data" / LIST).write_text(other + "\n")
    with Ledger.open(ledger, clock=SystemClock()) as opened:
        opened.pause(None, "after the copy", by="Ann", now=datetime.now(UTC))
    done = desk("restore", "copy.sqlite", "--yes")
    assert done.code == 0, done.err
    kept = ledger.with_name("ledger.sqlite.before-restore")
    with Ledger.open(kept, clock=SystemClock(), read_only=True) as opened:
        assert len(opened.pauses()) == 1
    with Ledger.open(ledger, clock=SystemClock()) as opened:
        assert opened.pauses() == []
        assert opened.meta("withdrawn") is None
    assert modes(ledger) == 0o600
    assert (desk.root / "data" / LIST).read_text().splitlines() == [other, LINE]
    assert desk("restore", "copy.sqlite", "--yes").code == 0
    assert ledger.with_name("ledger.sqlite.before-restore-2").exists()
    assert list(ledger.parent.glob("*.restoring*")) == []


def test_every_live_account_is_compared_first(on_x: Desk) -> None:
    """From the last line of the copy on, less an hour."""
    bot = on_x.bot(since=LONG_AGO)
    bot.go_live("x")
    bot.turn()
    bot.close()
    assert on_x("backup", "copy.sqlite").code == 0
    done = on_x("restore", "copy.sqlite", "--yes")
    assert "on x, it compares what was said there" in " ".join(done.out.split())
    with Ledger.open(on_x.root / "data" / "ledger.sqlite", clock=SystemClock()) as ledger:
        since = ledger.comparing()["x"]
        assert timedelta(hours=1, minutes=50) < datetime.now(UTC) - since < timedelta(hours=2, minutes=10)
        assert ledger.events()[-1].action == "brought-back"


def test_restore_done_guards_what_came_back_by_other_means(on_x: Desk) -> None:
    """After pg_restore, or a copy put there by hand: thirty days are compared."""
    bot = on_x.bot(since=LONG_AGO)
    bot.go_live("x")
    bot.close()
    assert on_x("restore", "--done").code == 0
    with Ledger.open(on_x.root / "data" / "ledger.sqlite", clock=SystemClock()) as ledger:
        assert datetime.now(UTC) - ledger.comparing()["x"] > timedelta(days=29)
    assert on_x("restore").code == 2
    assert on_x("restore", "copy.sqlite", "--done").code == 2


def test_a_running_bot_is_not_robbed_of_its_ledger(desk: Desk) -> None:
    """A sign of life, or an open ledger: --yes does not help, and what to do is said."""
    ledger = began(desk)
    assert desk("backup", "copy.sqlite").code == 0
    with Ledger.open(ledger, clock=SystemClock()) as opened:
        opened.counts()
        done = desk("restore", "copy.sqlite", "--yes")
        assert done.code == 2
        assert "systemctl stop socrbot" in done.err
        opened.beat("worker", datetime.now(UTC) - timedelta(seconds=90))
    assert desk("restore", "copy.sqlite", "--yes").code == 2
    with Ledger.open(ledger, clock=SystemClock()) as opened:
        opened.beat("worker", datetime.now(UTC) - timedelta(minutes=3))
    assert desk("restore", "copy.sqlite", "--yes").code == 0


@pytest.mark.parametrize("kind", ["missing", "text", "cut", "other", "newer"])
def test_what_is_no_good_copy_replaces_nothing(desk: Desk, kind: str) -> None:
    """Each is refused with a sentence, and the ledger stays byte for byte."""
    ledger, copy = began(desk), desk.root / "copy.sqlite"
    assert desk("backup", "copy.sqlite").code == 0
    words = {
        "missing": "There is no copy",
        "text": "cannot be used as a ledger",
        "cut": "Take another copy",
        "other": "not a ledger of socrbot",
        "newer": "newer socrbot",
    }
    spoil(copy, kind)
    before = ledger.read_bytes()
    done = desk("restore", "copy.sqlite", "--yes")
    assert done.code == 1
    assert words[kind] in done.err
    assert ledger.read_bytes() == before
    assert not ledger.with_name("ledger.sqlite.before-restore").exists()


def spoil(copy: Path, kind: str) -> None:
    if kind in ("missing", "other"):
        copy.unlink()
    if kind == "text":
        copy.write_text("Dear diary, " * 500)
    if kind == "cut":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    if kind in ("other", "newer"):
        with closing(sqlite3.connect(copy)) as connection, connection:
            statement = "UPDATE alembic_version SET version_num = '9999'"
            connection.execute("CREATE TABLE recipes (name TEXT)" if kind == "other" else statement)


def test_a_damaged_ledger_is_replaced_and_kept(desk: Desk) -> None:
    """That is what copies are for."""
    ledger = began(desk)
    before = plans(ledger)
    assert desk("backup", "copy.sqlite").code == 0
    ledger.write_bytes(b"\xff" * 20_000)
    done = desk("restore", "copy.sqlite", "--yes")
    assert done.code == 0, done.err
    assert plans(ledger) == before
    assert ledger.with_name("ledger.sqlite.before-restore").read_bytes() == b"\xff" * 20_000


def test_a_lost_ledger_comes_back(desk: Desk) -> None:
    """Nothing is there to be kept, and nothing is missing."""
    ledger = began(desk)
    before = plans(ledger)
    assert desk("backup", "copy.sqlite").code == 0
    for path in ledger.parent.glob("ledger.sqlite*"):
        path.unlink()
    assert desk("backup", "other.sqlite").code == 1
    assert desk("restore", "copy.sqlite", "--yes").code == 0
    assert plans(ledger) == before


def test_postgresql_has_its_own_tools(make: Make) -> None:
    """They are named, with what to run afterwards."""
    desk = make(env={"SOCRBOT_DATABASE_URL": "postgresql://app@nowhere/socrbot"})
    assert "pg_dump" in desk("backup").err
    assert "socrbot restore --done" in desk("restore", "copy.sqlite", "--yes").err


def test_go_live_again_is_a_persons_word_after_a_restore(on_x: Desk, x: X) -> None:
    """It shows both sides and asks once more; what was due meanwhile is too late."""
    on_x.write("posts/soon.yaml", f"text: Soon.\nwhen: {wall(-timedelta(minutes=5))}\n")
    bot = on_x.bot(since=LONG_AGO)
    bot.go_live("x")
    bot.turn()
    bot.app.ledger.to_compare(None, by="Anna", now=bot.clock.now())
    bot.app.ledger.cannot_compare("x", "X does not answer.", now=bot.clock.now())
    bot.close()
    assert "not yet: X does not answer." in " ".join(on_x("status").out.split())
    done = on_x("go-live", "x", "--yes")
    assert done.code == 0
    assert "x is live." in done.out
    with Ledger.open(on_x.root / "data" / "ledger.sqlite", clock=SystemClock()) as ledger:
        assert ledger.comparing() == {}
        assert [d.reason for d in ledger.deliveries() if d.post == "soon" and d.account == "x"] == ["restored"]
    assert x.published == []


def test_what_looks_public_is_settled_by_a_word(on_x: Desk) -> None:
    """Alone, settle says why and how to answer; with the answer it is done."""
    bot = on_x.bot(since=LONG_AGO)
    bot.go_live("x")
    bot.turn()
    ledger, now = bot.app.ledger, bot.clock.now()
    first, second = [d.id for d in ledger.deliveries(Filter(account="x"))][:2]
    ledger.to_compare(None, by="Anna", now=now)
    seen = [Seen(number, "The account said this: https://x.test/1") for number in (first, second)]
    ledger.compared("x", ledger.comparing()["x"], seen=seen, spare=True, by="bot", now=now)
    bot.close()
    asks = on_x("settle", str(first))
    assert asks.code == 1
    assert "https://x.test/1" in asks.out
    assert on_x("settle", str(first), "--sent", "https://x.test/1").code == 0
    assert on_x("settle", str(second), "--not-sent").code == 0
    with Ledger.open(on_x.root / "data" / "ledger.sqlite", clock=SystemClock()) as opened:
        assert opened.delivery(first).state is State.SENT
        assert opened.delivery(second).state is State.PLANNED
