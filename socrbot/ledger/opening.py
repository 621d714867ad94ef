"""Brings a database to the newest form of the tables when it is opened.

A new one is made at once from the schema. An older one is carried over by the migrations, after a copy (SQLite). One
that is newer than this program is refused. Alembic is imported only where something has to be carried over.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from socrbot.errors import LedgerError
from socrbot.ledger import schema
from socrbot.ledger.engine import Database
from socrbot.ledger.failures import explained

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number, the same for all who open a ledger on one PostgreSQL database.
_OPENING = 7_262_001

_VERSION = sa.table("alembic_version", sa.column("version_num"))


def prepare(db: Database, *, revision: str = schema.REVISION, scripts: Path = MIGRATIONS) -> str:
    """Makes the database ready and returns the ledger's id.

    `revision` is the form of the tables that this program works with, `scripts` the folder of the migrations.
    Raises LedgerError for what is no ledger, is newer than the program, or cannot be brought up to date.
    """
    with explained(db.place), db.engine.connect() as connection:
        found = _revision(connection)
        if found == revision:
            return _ledger_id(connection, db)
    if db.read_only:
        raise _unreadable(db, found)
    if db.path is not None:
        _use_wal(db)
    if found is None:
        found = _create(db)
    if found != revision:
        _upgrade(db, revision, scripts)
    with explained(db.place), db.engine.connect() as connection:
        return _ledger_id(connection, db)


def _revision(connection: Connection) -> str | None:
    """The revision that the tables have; None where there is none yet."""
    # Not to_regclass: within a transaction it goes on saying that there is no such table, though another just made it.
    query = "SELECT 1 FROM pg_catalog.pg_tables WHERE tablename = 'alembic_version' AND schemaname = current_schema()"
    if connection.dialect.name == "sqlite":
        query = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    exists = connection.execute(sa.text(query)).scalar()
    if exists is None:
        return None
    found: str | None = connection.execute(sa.select(_VERSION.c.version_num)).scalar()
    return found


def _ledger_id(connection: Connection, db: Database) -> str:
    query = sa.select(schema.meta.c.value).where(schema.meta.c.key == "ledger_id")
    found: str | None = connection.execute(query).scalar()
    if found is None:
        raise LedgerError(f"{db.place} is a database, but not a ledger of socrbot. Name another one.")
    return found


def _unreadable(db: Database, found: str | None) -> LedgerError:
    if found is None:
        return LedgerError(f"There is no ledger in {db.place} yet. It is made by the first run.")
    return LedgerError(
        f"The ledger {db.place} has another form ({found}) than this version of socrbot reads ({schema.REVISION}). "
        "If socrbot was updated, run it once; if the ledger is newer, update socrbot."
    )


def _use_wal(db: Database) -> None:
    """Readers and the writer then do not wait for each other. The setting stays in the file."""
    with explained(db.place), contextlib.closing(db.engine.raw_connection()) as raw:
        mode = raw.cursor().execute("PRAGMA journal_mode").fetchone()[0]
        if mode != "wal":
            mode = raw.cursor().execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise LedgerError(f"The ledger {db.place} cannot be made safe on this disk. Keep it on a local disk.")


@contextlib.contextmanager
def _alone(db: Database) -> Iterator[Connection]:
    """A writing transaction in which nobody else opens this ledger."""
    with db.write() as connection:
        if not db.sqlite:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _OPENING})
        yield connection


def _create(db: Database) -> str:
    """Makes all tables in an empty database; returns the revision that is there then."""
    with _alone(db) as connection:
        found = _revision(connection)
        if found is not None:
            return found
        if sa.inspect(connection).get_table_names():
            raise LedgerError(f"{db.place} is a database, but not a ledger of socrbot. Name another one.")
        schema.metadata.create_all(connection, checkfirst=False)
        _stamp(connection, schema.REVISION)
        begin = {"ledger_id": str(uuid.uuid4()), "guard_version": "0", "created_at": db.clock.now().isoformat()}
        connection.execute(sa.insert(schema.meta), [{"key": key, "value": value} for key, value in begin.items()])
    return schema.REVISION


def _stamp(connection: Connection, revision: str) -> None:
    # The very table that Alembic makes for itself.
    connection.execute(
        sa.text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(sa.insert(_VERSION), {"version_num": revision})


def _upgrade(db: Database, revision: str, scripts: Path) -> None:
    """Carries the tables over to `revision`, in one transaction."""
    from alembic import command

    config, known = _config(scripts), known_revisions(scripts)
    with _without_foreign_keys(db), _alone(db) as connection:
        found = _revision(connection)
        if found == revision:
            return
        if found not in known:
            raise LedgerError(
                f"The ledger {db.place} was written by a newer socrbot (form {found}; this one knows {revision}). "
                "Update socrbot; the ledger was not touched."
            )
        if db.path is not None:
            backup(db, db.path.with_name(f"{db.path.name}.before-{revision}"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        _check_foreign_keys(connection, db)


def known_revisions(scripts: Path = MIGRATIONS) -> frozenset[str]:
    """The forms of the tables from which this program can carry a ledger over, or which it works with."""
    from alembic.script import ScriptDirectory

    return frozenset(script.revision for script in ScriptDirectory.from_config(_config(scripts)).walk_revisions())


def _config(scripts: Path) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    return config


@contextlib.contextmanager
def _without_foreign_keys(db: Database) -> Iterator[None]:
    """SQLite alters a table by making it anew; with foreign keys on, that would take its children along.

    The setting works outside a transaction only, so connections are made with it off while this lasts.
    """
    if db.path is None:
        yield
        return

    def off(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA foreign_keys = OFF")

    db.engine.dispose()
    sa.event.listen(db.engine, "connect", off)
    try:
        yield
    finally:
        sa.event.remove(db.engine, "connect", off)
        db.engine.dispose()


def _check_foreign_keys(connection: Connection, db: Database) -> None:
    if db.sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
        raise LedgerError(
            f"The ledger {db.place} could not be carried over: {len(broken)} rows would lose what they belong to. "
            "Nothing was changed."
        )


def backup(db: Database, to: Path) -> None:
    """Copies a SQLite ledger as it is at one moment to a new file, mode 600, while others go on using it.

    An older copy of the same name is replaced once the new one is whole. Raises LedgerError.
    """
    if db.path is None:
        raise LedgerError("A ledger on PostgreSQL is copied with pg_dump, not by socrbot.")
    part = to.with_name(f"{to.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with explained(str(to)):
            _copy(db.path, part)
        part.replace(to)
    except OSError as error:
        raise LedgerError(f"The ledger cannot be copied to {to}: {error.strerror}.") from None


def _copy(path: Path, to: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(to)) as target:
        source.backup(target)
