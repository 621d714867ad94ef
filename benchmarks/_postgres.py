"""A PostgreSQL server for one run, with durable settings: every commit waits for the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARIES = Path("/usr/lib/postgresql/15/bin")


@contextmanager
def server() -> Iterator[Path | None]:
    """The folder of its socket; None where PostgreSQL 15 is not installed."""
    if not (BINARIES / "initdb").exists():
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="socrbot-bench-"))
    user: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        shutil.chown(folder, "postgres", "postgres")
        user = ["runuser", "-u", "postgres", "--"]
    data = folder / "data"
    make = [BINARIES / "initdb", "-D", data, "-U", "app", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run([*user, *make], check=True, capture_output=True)
    options = f"-c listen_addresses='' -k {folder} -c fsync=on -c synchronous_commit=on -c max_connections=200"
    control = [*user, BINARIES / "pg_ctl", "-D", data]
    subprocess.run([*control, "-w", "-s", "-l", folder / "log", "-o", options, "start"], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*control, "-m", "immediate", "-s", "stop"], check=True)
        shutil.rmtree(folder)


def fresh(folder: Path) -> str:
    """The address of the one database, emptied."""
    sql = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
    command = [BINARIES / "psql", "-h", folder, "-U", "app", "-d", "postgres", "-q", "-c", sql]
    subprocess.run(command, check=True, capture_output=True)
    return f"postgresql://app@/postgres?host={folder}"
