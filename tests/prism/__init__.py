"""Prism between the bot and a stand-in: it refuses requests and answers that break a vendor's own OpenAPI document.

`install.sh` puts it into .e2e/prism. Knows nothing of any network.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.vendor import ROOT

HERE = Path(__file__).parent
INSTALLED = ROOT / ".e2e" / "prism"
_START_TIMEOUT = 60.0  # seconds


def why_not() -> str | None:
    """Why prism cannot be started here; None where it can."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    with contextlib.suppress(OSError):
        if (INSTALLED / "installed").read_text().strip() == wanted and shutil.which("node"):
            return None
    with contextlib.suppress(OSError):
        return (INSTALLED / "missing").read_text().strip()
    return "prism is not installed: run tests/prism/install.sh"


def prepare(document: Path, into: Path, *, paths: Sequence[str]) -> Path:
    """Writes what a document says of `paths`, but for two things that prism cannot do.

    It knows no OAuth 1, so credentials are left to the stand-in; and it takes the first form of an answer that could
    fit, so where a refusal may come as a problem (RFC 9457) or otherwise, it must be a problem.
    """
    whole = json.loads(document.read_text())
    whole.pop("security", None)
    whole["paths"] = {path: item for path, item in whole["paths"].items() if path in paths}
    for item in whole["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
                forms = operation.get("responses", {}).get("default", {}).get("content", {})
                if "application/problem+json" in forms:
                    forms.pop("application/json", None)
    into.write_text(json.dumps(whole))
    return into


@contextlib.contextmanager
def running(document: Path, upstream: str) -> Iterator[str]:
    """The address of a prism that hands on to `upstream`. Raises RuntimeError with what it said where it fails."""
    port = _free_port()
    program = str(INSTALLED / "node_modules" / ".bin" / "prism")
    command = [program, "proxy", "-h", "127.0.0.1", "-p", str(port), "--errors", str(document), upstream]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, env=_environment(), start_new_session=True, **pipes) as process:
        said: deque[str] = deque(maxlen=40)
        listening = threading.Event()
        reader = threading.Thread(target=_read, args=(process, said, listening), daemon=True)
        reader.start()
        try:
            if not listening.wait(_START_TIMEOUT):
                raise RuntimeError("prism did not start:\n" + "".join(said))
            yield f"http://127.0.0.1:{port}"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)
            reader.join(10)


def _read(process: subprocess.Popen[str], said: deque[str], listening: threading.Event) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if "Prism is listening" in line:
            listening.set()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
