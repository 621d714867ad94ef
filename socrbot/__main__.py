"""The program's entry: `socrbot` and `python -m socrbot`."""

from __future__ import annotations

import gc
import io
import sys

# A command makes some hundred thousand objects while it loads its libraries, and none of them is rubbish: looking
# for rubbish as often as Python does by default costs a tenth of its time.
_LOOK_FOR_RUBBISH_AFTER = 50_000


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    gc.set_threshold(_LOOK_FOR_RUBBISH_AFTER, 20, 20)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal in an old encoding shows a question mark instead of ending the command.
            stream.reconfigure(errors="replace")
    try:
        from socrbot.cli import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
