"""A PostgreSQL 15 of its own, with the settings of a real one, that may be killed and started again."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.ledger.conftest import BINARIES


class Server:
    """A server that keeps what it committed, whatever happens. Use it as a context manager."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="socrbot-fleet-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.url = f"postgresql://app@/postgres?host={self.folder}"

    def __enter__(self) -> Self:
        data = self.folder / "data"
        make = [BINARIES / "initdb", "-D", data, "-U", "app", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run([*self._user, *make], check=True, capture_output=True)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def start(self) -> None:
        options = f"-c listen_addresses='' -k {self.folder} -c fsync=on -c synchronous_commit=on"
        self._control("-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def kill(self) -> None:
        """Ends it at once, without a shutdown: it has to recover at its next start."""
        self._control("-m", "immediate", "stop")

    def ask(self, query: str) -> list[Any]:
        """What the database says, by the back door."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query)  # type: ignore[call-overload]
            return [] if cursor.description is None else cursor.fetchall()

    def _control(self, *arguments: str) -> None:
        control = [*self._user, str(BINARIES / "pg_ctl"), "-s", "-D", str(self.folder / "data"), *arguments]
        subprocess.run(control, check=True, stdout=subprocess.DEVNULL)
