"""The way to the database: connections, their settings, and the two kinds of transaction.

SQLite: each connection is used by one thread at a time; writing begins with BEGIN IMMEDIATE behind one lock, which is
faster than threads that wait for the file, and other processes wait up to `BUSY` seconds. PostgreSQL: ordinary
transactions; what is read is one snapshot.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url

from socrbot.clock import Clock, SystemClock, as_utc
from socrbot.errors import LedgerError
from socrbot.ledger.failures import explained
from socrbot.ledger.sharing import Sharing

BUSY = 15.0
_WRITES = "socrbot_writes"


class _Here(threading.local):
    reading: Connection | None = None


@dataclass(frozen=True)
class Database:
    """One open database. `place` names it in messages, without a password. `path` is None on PostgreSQL.

    file   which file was opened (SQLite): its device and number there
    here   the transaction in which this thread reads, where it reads several things of one moment
    """

    engine: Engine
    clock: Clock
    place: str
    path: Path | None
    read_only: bool
    file: tuple[int, int] | None = None
    sharing: Sharing = field(init=False)
    here: _Here = field(default_factory=_Here)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sharing", Sharing(self._begun))

    @property
    def sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self.path is not None

    @contextmanager
    def moment(self) -> Iterator[None]:
        """All that this thread reads inside is of one moment, in one transaction; it may write nothing meanwhile.

        Raises LedgerError.
        """
        with self.sharing.turn, self.read() as connection:
            outer, self.here.reading = self.here.reading, connection
            try:
                yield
            finally:
                self.here.reading = outer

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment and changes nothing. Raises LedgerError."""
        if self.here.reading is not None:
            with explained(self.place):
                yield self.here.reading
            return
        with explained(self.place), self.engine.connect() as connection:
            if not self.sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            connection.begin()
            yield connection

    @contextmanager
    def write(self, *, short: bool = False) -> Iterator[Connection]:
        """A transaction that changes the ledger: all of it, or nothing if it raises. Durable at its end.

        `short`: it may share its commit with others at this moment (SQLite). Raises LedgerError.
        """
        if self.read_only:
            raise LedgerError(f"The ledger {self.place} was opened for reading only.")
        if self.here.reading is not None:
            # It would wait for a thread that waits for this one.
            raise LedgerError("The ledger cannot be written while several things of one moment are read.")
        with explained(self.place):
            if not self.sqlite:
                with self.engine.begin() as connection:
                    yield connection
                return
            with self.sharing.shared() if short else self.sharing.alone() as connection:
                yield connection

    def _begun(self) -> Connection:
        connection = self.engine.connect().execution_options(**{_WRITES: True})
        try:
            connection.begin()
            self._still_there()
        except BaseException:
            connection.close()
            raise
        return connection

    def _still_there(self) -> None:
        """Raises LedgerError where the file at the ledger's place is another one than was opened, or none.

        SQLite would go on in a file that nobody finds again.
        """
        if self.path is not None and self.file != _identity_of(self.path):
            raise LedgerError(
                f"The ledger {self.place} was taken away or replaced while socrbot was using it, so nothing goes out. "
                "Put it back, or bring back a copy (socrbot restore); then start socrbot again."
            )

    def now(self, connection: Connection) -> datetime:
        """The instant by which claims are measured: the server's, where several machines share it in real time."""
        if self.sqlite or not isinstance(self.clock, SystemClock):
            return self.clock.now()
        instant: datetime = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
        return as_utc(instant)

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def connect(where: str | Path, *, clock: Clock, read_only: bool) -> Database:
    """The database at a path or an address (`postgresql://…`, `sqlite:///…`). Raises LedgerError.

    A missing SQLite file is made, mode 600, in a folder that is made with mode 700 if it is missing.
    """
    if isinstance(where, Path) or "://" not in where:
        return _sqlite(Path(where), clock=clock, read_only=read_only)
    try:
        url = make_url(where)
    except sa.exc.ArgumentError:
        raise LedgerError("The address of the ledger cannot be understood. Look at SOCRBOT_DATABASE_URL.") from None
    if url.get_backend_name() == "sqlite":
        if not url.database:
            raise LedgerError("The address of the ledger names no file. Write sqlite:///path/to/ledger.sqlite.")
        return _sqlite(Path(url.database), clock=clock, read_only=read_only)
    if url.get_backend_name() in ("postgresql", "postgres"):
        return _postgres(url, clock=clock, read_only=read_only)
    raise LedgerError(f"The ledger can be kept in SQLite or PostgreSQL, not in {url.get_backend_name()}.")


def _sqlite(path: Path, *, clock: Clock, read_only: bool) -> Database:
    path = path.absolute()
    if read_only and not path.exists():
        raise LedgerError(f"There is no ledger at {path} yet. It is made by the first run.")
    if not read_only:
        _make_file(path)
    address = f"file:{_quoted(path)}?mode={'ro' if read_only else 'rw'}"

    def dial() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=BUSY, isolation_level=None, check_same_thread=False)

    engine = sa.create_engine(
        "sqlite://", creator=dial, poolclass=sa.QueuePool, pool_size=8, max_overflow=-1, hide_parameters=True
    )
    place = str(path)

    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        prepare_sqlite(connection, place)

    sa.event.listen(engine, "connect", prepare)
    sa.event.listen(engine, "begin", _begin)
    return Database(engine, clock, place, path, read_only, file=_identity_of(path))


def _identity_of(path: Path) -> tuple[int, int] | None:
    """Which file stands at a place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path))


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except IsADirectoryError:
        raise LedgerError(f"{path} is a folder; the ledger is a file. Name a file.") from None
    except (FileExistsError, NotADirectoryError):
        raise LedgerError(f"The ledger cannot be kept at {path}: its folder is a file. Name another place.") from None
    except PermissionError:
        raise LedgerError(
            f"The ledger cannot be kept at {path}: this user may not write there. "
            "Give the user the right to write the folder and the file, or name another place."
        ) from None
    except OSError as error:
        raise LedgerError(f"The ledger cannot be kept at {path}: {error.strerror}.") from None


def prepare_sqlite(connection: sqlite3.Connection, place: str) -> None:
    """Sets what every connection needs, and looks whether it is really set."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    # What is erased is overwritten, not only forgotten.
    cursor.execute("PRAGMA secure_delete = ON")
    found = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("foreign_keys", "synchronous")]
    cursor.close()
    if found != [1, 2]:
        raise LedgerError(f"The ledger {place} cannot be made safe: SQLite did not accept its settings.")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres(url: URL, *, clock: Clock, read_only: bool) -> Database:
    place = url.set(query={}).render_as_string(hide_password=True)
    options = f"-c timezone=UTC -c synchronous_commit=on -c lock_timeout={int(BUSY * 1000)}"
    try:
        engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"options": options, "connect_timeout": 10, "application_name": "socrbot"},
            pool_size=8,
            max_overflow=-1,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    except ModuleNotFoundError:
        raise LedgerError("PostgreSQL needs the package psycopg: pip install 'socrbot[postgres]'.") from None
    return Database(engine, clock, place, None, read_only)
