"""The one thing that all who are compared do: a POST to loopback, over a connection that each thread keeps open."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
_mine = threading.local()


def post(port: int, number: object, text: str) -> str:
    """Posts, and returns the id that the server gave. Raises OSError or HTTPException."""
    connection: http.client.HTTPConnection | None = getattr(_mine, "connection", None)
    if connection is None:
        connection = _mine.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps({"id": str(number), "text": text})
    connection.request("POST", "/", body, {"X-Post": str(number)})
    answer = connection.getresponse().read()
    return str(json.loads(answer)["id"])


@contextmanager
def server(milliseconds: float) -> Iterator[int]:
    """A judge of its own; gives its port."""
    command = [sys.executable, str(HERE / "_server.py"), str(milliseconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def verdict(port: int, jobs: int) -> None:
    """Asks the judge; raises SystemExit unless each job was posted exactly once. It then begins to count anew."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/")
    found = json.loads(connection.getresponse().read())
    connection.close()
    if found != {"posts": jobs, "distinct": jobs}:
        raise SystemExit(f"The server counted {found}, not {jobs:,} posts, each once.")
