"""Draws docs/images/demo.svg: the beginning of what `socrbot demo` really prints, as a picture of a terminal.

`.venv/bin/python tools/picture.py`. The days in it are those on which it is made.
"""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
WIDTH, LINES = 100, 42
_COLOURS = (
    (r"^Accounts$|^What .*$", "bold"),
    (r": sent$", "bold green"),
    (r"^    \|", "dim"),
    (r"not connected", "yellow"),
)


def main() -> None:
    """Runs the demo and writes the picture."""
    command = [str(ROOT / ".venv" / "bin" / "socrbot"), "demo"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text("$ make demo", style="bold cyan"))
    for line in said.splitlines()[:LINES]:
        shown = Text(line)
        for pattern, style in _COLOURS:
            shown.highlight_regex(pattern, style)
        console.print(shown)
    picture = console.export_svg(title="socrbot: the coming week in seconds")
    # The fonts come from the reader's own computer: the picture fetches nothing.
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    title = "<title>A terminal in which make demo shows the campaign's posts of the coming week</title>"
    picture = re.sub(r"(<svg [^>]*)>", rf'\1 role="img">{title}', picture, count=1)
    (ROOT / "docs" / "images" / "demo.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
