"""The documentation's pages, and what stands in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
)
_FENCE = re.compile(r"^(?P<indent> *)(?P<mark>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^\1\2 *$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(r"(?:^|&& )(?:\.venv/bin/|\S*/\.venv/bin/)?socrbot(?= |$)(.*?)(?=$| &&| >)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, its info string (`yaml`, `yaml wrong`, …) and its lines."""

    page: Path
    info: str
    body: str

    @property
    def name(self) -> str:
        """What a test calls it."""
        return f"{self.page.relative_to(ROOT)}: {self.body.strip().splitlines()[0][:40]}"


def blocks(*infos: str) -> list[Block]:
    """Every block with one of these info strings."""
    found = []
    for page in PAGES:
        for fence in _FENCE.finditer(page.read_text(encoding="utf-8")):
            indent = len(fence["indent"])
            body = "".join(line[indent:] + "\n" for line in fence["body"].splitlines())
            if fence["info"].strip() in infos:
                found.append(Block(page, fence["info"].strip(), body))
    return found


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def commands() -> Iterator[tuple[Path, list[str], bool]]:
    """Every command line of socrbot's: page, arguments, and whether it is one to type as it stands."""
    for page in PAGES:
        for found in _INLINE.findall(prose(page)):
            yield from ((page, arguments, False) for arguments in _arguments(found))
    for block in blocks("console", "text"):
        if block.page.name in ("commands.md", "problems.md"):
            continue
        for line in block.body.splitlines():
            yield from ((block.page, arguments, True) for arguments in _arguments(line.removeprefix("$ ")))


def _arguments(line: str) -> Iterator[list[str]]:
    # A line of cron begins with its times.
    line = re.sub(r"^\*/\d+ \* \* \* \* ", "", line)
    for found in _COMMAND.findall(line):
        yield shlex.split(found)
