"""What is no ledger, or cannot be used, is refused with a sentence that says what to do; nothing is lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from socrbot.clock import VirtualClock
from socrbot.errors import LedgerError
from socrbot.ledger import Ledger, engine
from tests.ledger.desk import HOUR, START, Desk, modes, wanted


def test_a_newer_ledger_is_refused_and_not_touched(where: str, clock: VirtualClock, database: engine.Database) -> None:
    """An old program on a new ledger stops with the word to update."""
    Ledger.open(where, clock=clock).close()
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for read_only in (False, True):
        with pytest.raises(LedgerError, match="newer"):
            Ledger.open(where, clock=clock, read_only=read_only)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"


def test_another_programs_database_is_refused(where: str, clock: VirtualClock, database: engine.Database) -> None:
    """Tables of somebody else are left alone."""
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(LedgerError, match="not a ledger of socrbot"):
        Ledger.open(where, clock=clock)


def test_opening_a_current_ledger_imports_neither_alembic_nor_the_orm(path: Path, clock: VirtualClock) -> None:
    """Status and log open it at each call, and must be quick."""
    Ledger.open(path, clock=clock).close()
    code = (
        "import sys; from socrbot.clock import SystemClock; from socrbot.ledger import Filter, Ledger\n"
        f"ledger = Ledger.open({str(path)!r}, clock=SystemClock(), read_only=True)\n"
        "ledger.deliveries(Filter(limit=5)); ledger.counts(); ledger.accounts(); ledger.pauses(); ledger.events(0)\n"
        "heavy = ('alembic', 'mako', 'sqlalchemy.orm', 'pydantic', 'jinja2', 'yaml', 'requests', 'apscheduler')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_read_only_sees_and_changes_nothing(where: str, clock: VirtualClock) -> None:
    """It reads what others write, and refuses to write."""
    with Ledger.open(where, clock=clock) as writer, Ledger.open(where, clock=clock, read_only=True) as reader:
        planned = Desk(writer, clock).plan(wanted())
        assert reader.deliveries() == planned
        with pytest.raises(LedgerError, match="reading only"):
            reader.pause(None, "?", by="Ann", now=START)


def test_read_only_does_not_make_a_ledger(where: str, clock: VirtualClock) -> None:
    """A look at a place without a ledger says so and leaves nothing behind."""
    with pytest.raises(LedgerError, match="no ledger"):
        Ledger.open(where, clock=clock, read_only=True)
    assert where.startswith("postgresql") or not Path(where).exists()


def test_a_sqlite_address_is_a_path(path: Path, clock: VirtualClock) -> None:
    """`sqlite:///…` opens the same file as the bare path, odd characters included."""
    odd = path.parent / "büro 100% & co?" / "ledger#1.sqlite"
    with Ledger.open(odd, clock=clock) as ledger:
        planned = Desk(ledger, clock).plan(wanted())
    assert odd.exists()
    with Ledger.open(f"sqlite:///{path}", clock=clock) as ledger:
        assert ledger.deliveries() == []
    with Ledger.open(str(odd), clock=clock) as ledger:
        assert ledger.deliveries() == planned


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("mysql://host/name", "SQLite or PostgreSQL"),
        ("sqlite://", "names no file"),
        ("post gres://", "cannot be understood"),
        ("postgresql://app:hunter2@127.0.0.1:1/none", "cannot be reached"),
    ],
)
def test_a_wrong_address_is_explained(clock: VirtualClock, address: str, words: str) -> None:
    """What is wrong is said, and the password never."""
    with pytest.raises(LedgerError, match=words) as caught:
        Ledger.open(address, clock=clock)
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in str(caught.value.__cause__)


def test_a_file_that_is_no_database_is_refused_and_kept(path: Path, clock: VirtualClock) -> None:
    """A wrong path must not destroy what is there."""
    path.parent.mkdir()
    path.write_text("Dear diary, " * 100)
    with pytest.raises(LedgerError, match="is no database") as caught:
        Ledger.open(path, clock=clock)
    assert str(path) in str(caught.value)
    assert path.read_text().startswith("Dear diary")


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path, clock: VirtualClock) -> None:
    """And so is a file in the place of the folder."""
    with pytest.raises(LedgerError, match="is a folder"):
        Ledger.open(tmp_path, clock=clock)
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="its folder is a file"):
        Ledger.open(tmp_path / "file" / "ledger.sqlite", clock=clock)


def test_a_damaged_ledger_says_what_to_do(path: Path, clock: VirtualClock) -> None:
    """Words about copy and backup, not a traceback of the database."""
    with Ledger.open(path, clock=clock) as ledger:
        Desk(ledger, clock).plan(*(wanted(f"p{n}") for n in range(300)))
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = b"\xff" * (len(content) - 4096 * 2)
    path.write_bytes(bytes(content))
    with pytest.raises(LedgerError, match=r"damaged|refused") as caught, Ledger.open(path, clock=clock) as ledger:
        ledger.deliveries()
    assert str(path) in str(caught.value)


def test_a_full_disk_is_explained_and_nothing_is_lost(path: Path, clock: VirtualClock) -> None:
    """The change is taken back, what was there stays, and with room again it goes on."""
    with Ledger.open(path, clock=clock) as ledger:
        desk = Desk(ledger, clock)
        planned = desk.plan(wanted("first"))

        def fill(connection: sqlite3.Connection, *_: object) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + room}")

        sa.event.listen(ledger._db.engine, "checkout", fill)
        room = 2
        with pytest.raises(LedgerError, match="the disk is full") as caught:
            desk.plan(*(wanted(f"p{number}") for number in range(2_000)))
        assert str(path) in str(caught.value)
        assert ledger.deliveries() == planned
        room = 1_000_000
        assert len(desk.plan(*(wanted(f"p{number}") for number in range(2_000)))) == 2_000


def test_a_ledger_that_is_locked_for_too_long_is_explained(
    path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program sits on it: after a while this is said, and later it works."""
    monkeypatch.setattr(engine, "BUSY", 0.1)
    with Ledger.open(path, clock=clock) as ledger, closing(sqlite3.connect(path, isolation_level=None)) as other:
        desk = Desk(ledger, clock)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="in use by another program"):
            desk.plan(wanted())
        assert ledger.deliveries() == []
        other.execute("ROLLBACK")
        assert len(desk.plan(wanted())) == 1


NOBODY = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
@pytest.mark.parametrize(
    ("folder", "file", "words"), [(0o555, None, "may not write there"), (0o755, 0o644, "may not write")]
)
def test_a_place_where_this_user_may_not_write_is_explained(
    tmp_path_factory: pytest.TempPathFactory, clock: VirtualClock, folder: int, file: int | None, words: str
) -> None:
    """Folder or file of somebody else: the path and what to do are named, in a process without root's rights."""
    place = tmp_path_factory.mktemp("shared")
    for parent in (place, *place.parents[:3]):
        parent.chmod(0o755)
    if file is not None:
        Ledger.open(place / "ledger.sqlite", clock=clock).close()
        (place / "ledger.sqlite").chmod(file)
    place.chmod(folder)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        try:
            Ledger.open(place / "ledger.sqlite", clock=clock)
            os.write(write_end, b"opened")
        except LedgerError as error:
            os.write(write_end, str(error).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    os.waitpid(child, 0)
    with os.fdopen(read_end) as answer:
        said = answer.read()
    assert words in said
    assert str(place / "ledger.sqlite") in said


def test_a_copy_is_whole_while_others_write(path: Path, clock: VirtualClock, tmp_path: Path) -> None:
    """A backup taken in the middle of the work opens as a ledger of its own."""
    copy = tmp_path / "copy.sqlite"
    with Ledger.open(path, clock=clock) as ledger:
        desk = Desk(ledger, clock)
        planned = desk.plan(wanted("a"), wanted("b"))
        ledger.backup(copy)
        desk.plan(wanted("c", due_at=START + HOUR))
        assert modes(copy) == 0o600
        with Ledger.open(copy, clock=clock, read_only=True) as copied:
            assert copied.deliveries() == planned
        ledger.backup(copy)
        with Ledger.open(copy, clock=clock) as copied:
            assert len(copied.deliveries()) == 3


def test_a_copy_of_postgresql_is_left_to_its_own_tool(ledger: Ledger, tmp_path: Path) -> None:
    """The message names it; a copy to nowhere is explained as well."""
    words = "cannot be copied" if ledger._db.sqlite else "pg_dump"
    with pytest.raises(LedgerError, match=words):
        ledger.backup(tmp_path / "nowhere" / "copy.sqlite")


def test_many_may_open_a_new_ledger_at_once(where: str, clock: VirtualClock) -> None:
    """Two cron ticks on the first day: one makes the tables, all get the same ledger."""
    together, found = threading.Barrier(6), []

    def begin() -> None:
        together.wait(timeout=30)
        with Ledger.open(where, clock=clock) as ledger:
            found.append(ledger.id)

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
