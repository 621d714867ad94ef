"""The program's entry: `socrbot` and `python -m socrbot`."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    from socrbot.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
