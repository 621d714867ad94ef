"""A ledger is made, opened, carried over, or refused with a sentence that says what to do."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from socrbot.clock import VirtualClock
from socrbot.errors import LedgerError
from socrbot.ledger import Ledger, engine, opening, schema
from tests.ledger.desk import Desk, modes, wanted

SECOND_FORM = """
import sqlalchemy as sa
from alembic import op
revision = "0004"
down_revision = "0003"

def upgrade():
    anew = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("deliveries", recreate=anew) as table:
        table.add_column(sa.Column("mood", sa.Text))
    op.execute("UPDATE deliveries SET mood = 'calm'")
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """The migrations as they will be one day, with one more."""
    folder = tmp_path / "migrations"
    shutil.copytree(opening.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "0004_mood.py").write_text(SECOND_FORM)
    return folder


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
            return [(name, _plain(sql)) for name, sql in rows]
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


def _plain(sql: str) -> object:
    """A statement without its spaces and quotes; the constraints of a table in any order."""
    words = " ".join(sql.replace('"', "").split()).replace("( ", "(").replace(" )", ")")
    columns, *constraints = words.removesuffix(")").split(", CONSTRAINT ")
    return columns, sorted(constraints)


def migrate(database: engine.Database) -> None:
    """Makes the tables by the migrations alone."""
    from alembic import command

    config = Config()
    config.set_main_option("script_location", str(opening.MIGRATIONS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def test_a_ledger_of_the_first_form_is_carried_over(database: engine.Database, clock: VirtualClock) -> None:
    """Every row of a ledger from before prices and deletions is still there, and what is new is empty."""
    from alembic import command

    config = Config()
    config.set_main_option("script_location", str(opening.MIGRATIONS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        begin = {"ledger_id": "5a0b", "guard_version": "0", "created_at": clock.now().isoformat()}
        connection.execute(sa.insert(schema.meta), [{"key": key, "value": value} for key, value in begin.items()])
        at = {"first_seen_at": clock.now(), "live_at": clock.now(), "live_by": "Ann"}
        connection.execute(sa.insert(schema.accounts), [{"id": "x", "network": "x", **at}])
    assert opening.prepare(database) == "5a0b"
    ledger = Ledger(database, "5a0b")
    row = ledger.account("x")
    assert row is not None
    assert (row.live_by, row.access_ends_at) == ("Ann", None)
    desk = Desk(ledger, clock)
    desk.plan(wanted())
    assert desk.start()


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
    assert opening.prepare(database, revision="0004", scripts=scripts) == ledger.id
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT mood FROM deliveries").scalars().all() == ["calm"]
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0004"
    assert Ledger(database, ledger.id).story(planned.id) == story
    with database.write() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.exec_driver_sql("DELETE FROM deliveries")
    if database.path is not None:
        copy = database.path.with_name("ledger.sqlite.before-0004")
        assert modes(copy) == 0o600
        with Ledger.open(copy, clock=clock) as old:
            assert old.story(planned.id) == story


def test_a_migration_that_breaks_changes_nothing(path: Path, clock: VirtualClock, scripts: Path) -> None:
    """The old ledger is as it was, and the message says so."""
    (scripts / "versions" / "0004_mood.py").write_text(SECOND_FORM + "    op.execute('SELECT nonsense')\n")
    with Ledger.open(path, clock=clock) as ledger:
        planned = Desk(ledger, clock).plan(wanted())
    with closing_database(path, clock) as database:
        with pytest.raises(LedgerError, match="nonsense"):
            opening.prepare(database, revision="0004", scripts=scripts)
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.deliveries() == planned


def test_a_migration_that_would_lose_rows_is_taken_back(path: Path, clock: VirtualClock, scripts: Path) -> None:
    """Children without their parent are found before the commit."""
    (scripts / "versions" / "0004_mood.py").write_text(SECOND_FORM + "    op.execute('DELETE FROM deliveries')\n")
    with Ledger.open(path, clock=clock) as ledger:
        planned = Desk(ledger, clock).plan(wanted())
    with closing_database(path, clock) as database:
        with pytest.raises(LedgerError, match="lose what they belong to"):
            opening.prepare(database, revision="0004", scripts=scripts)
    with Ledger.open(path, clock=clock) as ledger:
        assert ledger.deliveries() == planned


def closing_database(path: Path, clock: VirtualClock) -> closing[engine.Database]:
    return closing(engine.connect(path, clock=clock, read_only=False))
