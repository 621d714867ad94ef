"""Ledgers to test with: every test runs on a SQLite file and on a real PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from socrbot.clock import VirtualClock
from socrbot.ledger import Ledger, engine
from tests.ledger.desk import START, Desk

BINARIES = Path("/usr/lib/postgresql/15/bin")


def _as_server_user() -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """A PostgreSQL server for this run; the path is the folder of its socket."""
    if not (BINARIES / "initdb").exists():
        pytest.skip(f"PostgreSQL 15 is not installed ({BINARIES})")
    folder = Path(tempfile.mkdtemp(prefix="socrbot-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data, user = folder / "data", _as_server_user()
    make = [BINARIES / "initdb", "-D", data, "-U", "app", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run([*user, *make], check=True, capture_output=True)
    options = f"-c listen_addresses='' -k {folder} -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    control = [*user, BINARIES / "pg_ctl", "-D", data]
    subprocess.run([*control, "-w", "-s", "-l", folder / "log", "-o", options, "start"], check=True)
    yield folder
    subprocess.run([*control, "-m", "immediate", "-s", "stop"], check=True)
    shutil.rmtree(folder)


@pytest.fixture
def postgres(cluster: Path) -> str:
    """The address of a PostgreSQL database, emptied: that is quicker than a new one for each test."""
    with psycopg.connect(f"host={cluster} user=app dbname=postgres", autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return f"postgresql://app@/postgres?host={cluster}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger goes."""
    if request.param == "sqlite":
        return str(tmp_path / "data" / "ledger.sqlite")
    address: str = request.getfixturevalue("postgres")
    return address


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def ledger(where: str, clock: VirtualClock) -> Iterator[Ledger]:
    with Ledger.open(where, clock=clock) as opened:
        yield opened


@pytest.fixture
def desk(ledger: Ledger, clock: VirtualClock) -> Desk:
    """A ledger with a clock, and short words for what the tests do all the time."""
    return Desk(ledger, clock)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite"


@pytest.fixture
def database(where: str, clock: VirtualClock) -> Iterator[engine.Database]:
    opened = engine.connect(where, clock=clock, read_only=False)
    yield opened
    opened.close()
