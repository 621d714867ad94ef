"""A stand-in as a process of its own: `python -m tests.standins.x --port 8080`."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from pathlib import Path

from tests.standins.server import Standin


def run(kind: type[Standin], arguments: Sequence[str] | None = None) -> None:
    """The command line of a stand-in: listens until it is ended."""
    parser = argparse.ArgumentParser(description=kind.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", type=Path, help="each published post is appended to this file as a line of JSON")
    parser.add_argument("--fault", action="append", default=[], metavar="KIND[*TIMES][@METHOD PATH]")
    wanted = parser.parse_args(arguments)
    standin = kind(port=wanted.port, record_file=wanted.record)
    for kind_, times, match in map(_parse_fault, wanted.fault):
        standin.fault(kind_, times=times, match=match)
    print(standin.base, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        standin._server.serve_forever(0.2)
    standin._server.close_all()


def _parse_fault(text: str) -> tuple[str, int, str | None]:
    head, _, match = text.partition("@")
    name, _, times = head.partition("*")
    return name, int(times or 1), match or None
