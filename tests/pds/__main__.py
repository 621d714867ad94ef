"""Starts the server for a test in another process: `python -m tests.pds --ready-file F [--accounts N]`.

Once it listens, F holds a line of JSON: `url`, and for each account `did` and the variables that the bot needs.
It runs until SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
from pathlib import Path

from tests.pds import running, why_not


def main() -> int:
    """Ends with 0 when it is asked to, with 2 where the server cannot be started here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--accounts", type=int, default=1)
    wanted = parser.parse_args()
    reason = why_not()
    if reason is not None:
        print(reason, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    with running() as server:
        accounts = [server.account() for _ in range(wanted.accounts)]
        line = {"url": server.url, "accounts": [{"did": each.did, "env": each.env} for each in accounts]}
        _write(wanted.ready_file, json.dumps(line) + "\n")
        with contextlib.suppress(SystemExit):
            signal.pause()
    return 0


def _write(path: Path, text: str) -> None:
    """In one step: whoever waits for the file never reads half of it."""
    new = path.with_name(f"{path.name}.new")
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    new.replace(path)


if __name__ == "__main__":
    sys.exit(main())
