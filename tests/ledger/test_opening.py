"""A ledger is made, opened, carried over, or refused with a sentence that says what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from socrbot.clock import VirtualClock
from socrbot.errors import LedgerError
from socrbot.ledger import Ledger, engine, opening, schema
from tests.ledger.desk import HOUR, START, Desk, wanted

SECOND_FORM = """
import sqlalchemy as sa
from alembic import op
revision = "0002"
down_revision = "0001"

def upgrade():
    anew = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("deliveries", recreate=anew) as table:
        table.add_column(sa.Column("mood", sa.Text))
    op.execute("UPDATE deliveries SET mood = 'calm'")
"""


def modes(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite"


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """The migrations as they will be one day, with one more."""
    folder = tmp_path / "migrations"
    shutil.copytree(opening.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "0002_mood.py").write_text(SECOND_FORM)
    return folder


@pytest.fixture
def database(where: str, clock: VirtualClock) -> Iterator[engine.Database]:
    opened = engine.connect(where, clock=clock, read_only=False)
    yield opened
    opened.close()


def test_a_ledger_keeps_its_id_and_all_that_it_knows(where: str, clock: VirtualClock) -> None:
    """Closed and opened again it is the same ledger."""
    with Ledger.open(where, clock=clock) as ledger:
        identity = ledger.id
        planned = Desk(ledger, clock).plan(wanted())
    with Ledger.open(where, clock=clock) as ledger:
        assert ledger.id == identity
        assert ledger.deliveries() == planned
    assert len(identity) == 36


def test_only_the_owner_may_look_into_the_data(path: Path, clock: VirtualClock) -> None:
    """The folder is made with mode 700, the file and its companions with mode 600."""
    with Ledger.open(path, clock=clock) as ledger:
        Desk(ledger, clock).plan(wanted())
        assert modes(path.parent) == 0o700
        files = sorted(path.parent.iterdir())
        assert [(file.name, modes(file)) for file in files] == [
            ("ledger.sqlite", 0o600),
            ("ledger.sqlite-shm", 0o600),
            ("ledger.sqlite-wal", 0o600),
        ]


def test_every_connection_is_safe_against_a_loss_of_power(path: Path, clock: VirtualClock) -> None:
    """synchronous=FULL, foreign keys and WAL are on, in whatever thread a connection is made."""
    found = []

    def look(ledger: Ledger, together: threading.Barrier) -> None:
        with ledger._db.engine.connect() as connection:
            names = ("synchronous", "foreign_keys", "journal_mode")
            found.append(tuple(connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names))
            together.wait(timeout=30)

    with Ledger.open(path, clock=clock) as ledger:
        together = threading.Barrier(12)
        threads = [threading.Thread(target=look, args=(ledger, together)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [(2, 1, "wal")] * 12


def test_a_connection_that_is_not_safe_is_not_used() -> None:
    """SQLite ignores what it does not know; so the settings are read back."""

    class Deaf(sqlite3.Connection):
        def cursor(self, *_: object) -> sqlite3.Cursor:  # type: ignore[override]
            return _DeafCursor(self)

    class _DeafCursor(sqlite3.Cursor):
        def execute(self, sql: str, *_: object) -> sqlite3.Cursor:
            return super().execute("SELECT 1" if "synchronous = FULL" in sql else sql)

    with closing(sqlite3.connect(":memory:", factory=Deaf)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        with pytest.raises(LedgerError, match="cannot be made safe"):
            engine.prepare_sqlite(connection, "here")


@pytest.mark.slow
def test_a_commit_on_postgresql_is_on_the_disk(postgres: str, clock: VirtualClock) -> None:
    """Whatever the server's own setting is, our commits wait for the disk, and instants come in UTC."""
    with Ledger.open(postgres, clock=clock) as ledger, ledger._db.engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert connection.exec_driver_sql("SHOW timezone").scalar() == "UTC"


def described(database: engine.Database) -> object:
    """All that the database says of its tables, constraints and indexes."""
    with database.engine.connect() as connection:
        if database.sqlite:
            query = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
            rows = connection.exec_driver_sql(query).fetchall()
            return [(name, " ".join(sql.split()).replace("( ", "(").replace(" )", ")")) for name, sql in rows]
        columns = (
            "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
            "WHERE table_schema = 'public' ORDER BY 1, ordinal_position"
        )
        constraints = (
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
        indexes = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
        return [list(map(tuple, connection.exec_driver_sql(query))) for query in (columns, constraints, indexes)]


def migrate(database: engine.Database) -> None:
    """Makes the tables by the migrations alone."""
    from alembic import command

    config = Config()
    config.set_main_option("script_location", str(opening.MIGRATIONS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def test_a_new_ledger_has_the_form_to_which_the_migrations_lead(database: engine.Database) -> None:
    """Made at once or carried over from the first form on: the same tables, constraints and indexes."""
    migrate(database)
    migrated = described(database)
    with database.write() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.exec_driver_sql(f"DROP TABLE {table.name}")
        connection.exec_driver_sql("DROP TABLE alembic_version")
    opening.prepare(database)
    assert described(database) == migrated


def test_the_program_works_with_the_newest_form() -> None:
    """The revision in the schema is the last of the migrations."""
    config = Config()
    config.set_main_option("script_location", str(opening.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.REVISION]


def test_an_older_ledger_is_carried_over_with_all_its_rows(
    where: str, clock: VirtualClock, scripts: Path, database: engine.Database
) -> None:
    """A table that has children is made anew; its children stay, and a copy of the old file is kept."""
    with Ledger.open(where, clock=clock) as ledger:
        desk = Desk(ledger, clock)
        (planned,) = desk.plan(wanted())
        desk.sent(*desk.start())
        story = ledger.story(planned.id)
    assert opening.prepare(database, revision="0002", scripts=scripts) == ledger.id
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT mood FROM deliveries").scalars().all() == ["calm"]
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0002"
    assert Ledger(database, ledger.id).story(planned.id) == story
    with database.write() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.exec_driver_sql("DELETE FROM deliveries")
    if database.path is not None:
        copy = database.path.with_name("ledger.sqlite.before-0002")
        assert modes(copy) == 0o600
        with Ledger.open(copy, clock=clock) as old:
            assert old.story(planned.id) == story


def test_a_migration_that_breaks_changes_nothing(path: Path, clock: VirtualClock, scripts: Path) -> None:
    """The old ledger is as it was, and the message says so."""
    (scripts / "versions" / "0002_mood.py").write_text(SECOND_FORM + "    op.execute('SELECT nonsense')\n")
    with Ledger.open(path, clock=clock) as ledger:
        planned = Desk(ledger, clock).plan(wanted())
    with closing_database(path, clock) as database:
        with pytest.raises(LedgerError, match="nonsense"):
            opening.prepare(database, revision="0002", scripts=scripts)
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.deliveries() == planned


def test_a_migration_that_would_lose_rows_is_taken_back(path: Path, clock: VirtualClock, scripts: Path) -> None:
    """Children without their parent are found before the commit."""
    (scripts / "versions" / "0002_mood.py").write_text(SECOND_FORM + "    op.execute('DELETE FROM deliveries')\n")
    with Ledger.open(path, clock=clock) as ledger:
        planned = Desk(ledger, clock).plan(wanted())
    with closing_database(path, clock) as database:
        with pytest.raises(LedgerError, match="lose what they belong to"):
            opening.prepare(database, revision="0002", scripts=scripts)
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.deliveries() == planned


def closing_database(path: Path, clock: VirtualClock) -> closing[engine.Database]:
    return closing(engine.connect(path, clock=clock, read_only=False))


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
