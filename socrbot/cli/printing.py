"""How commands print: headings, tables, JSON; drawn in a terminal, plain where it is piped or wanted so.

Plain output is made to be heard. A screen reader goes line by line, and in a table of columns or tabs the listener has
to remember the headings and count cells. So each row says what each of its values is, in one line, and leaves out what
is empty: "Due: tomorrow, 7:00 pm UK time; Account: x; Post: petition". Rows with whole sentences in them take a line
for each value, with an empty line between rows. Programs do not read this: they have `--json`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from socrbot.report.status import Block

Rows = Sequence[Sequence[str]]
# More words than this are a sentence, which no column has room for.
_WORDS = 10
# A column of words may be wrapped down to this many characters.
_NARROW = 16


def plain() -> bool:
    """Whether output must have no boxes, colours or caret lines: piped, or SOCRBOT_PLAIN is set (also in `.env`)."""
    if not sys.stdout.isatty():
        return True
    wish = os.environ.get("SOCRBOT_PLAIN")
    return _plain_in_settings() if wish is None else wish not in ("", "0")


def _plain_in_settings() -> bool:
    from socrbot.cli.common import Context
    from socrbot.errors import SocrbotError

    current = click.get_current_context(silent=True)
    context = current.find_object(Context) if current is not None else None
    try:
        return context is not None and context.settings.plain
    except SocrbotError:
        return False


def heading(text: str) -> None:
    """Prints a heading: bold in a terminal, the words alone elsewhere."""
    if plain() or os.environ.get("NO_COLOR"):
        click.echo(text)
    else:
        click.secho(text, bold=True)


def sentence(text: str) -> None:
    """Prints a sentence: in a terminal it is broken between words, elsewhere it stays one line."""
    if not plain():
        from shutil import get_terminal_size
        from textwrap import fill

        width = get_terminal_size().columns
        text = fill(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    click.echo(text)


def table(headings: Sequence[str], rows: Rows, *, title: str | None = None) -> None:
    """Prints a table: drawn in a terminal where it fits, else the values under their names (see above)."""
    if title:
        heading(title)
    if not plain() and _fits(headings, rows):
        _draw(headings, rows)
        return
    for line in spoken(headings, rows):
        sentence(line)


def spoken(headings: Sequence[str], rows: Rows) -> Iterator[str]:
    """The lines of a table that is to be heard."""
    said = [
        [f"{name}: {' '.join(cell.split())}" for name, cell in zip(headings, row, strict=True) if cell.strip()]
        for row in rows
    ]
    if not _has_sentences(rows):
        yield from ("; ".join(values) for values in said)
        return
    for number, values in enumerate(said):
        if number:
            yield ""
        yield from values


def _has_sentences(rows: Rows) -> bool:
    return any(len(cell.split()) > _WORDS or (cell.endswith(".") and " " in cell) for row in rows for cell in row)


def _fits(headings: Sequence[str], rows: Rows) -> bool:
    """Whether the terminal is wide enough for a table; one with whole sentences is no table anywhere."""
    from shutil import get_terminal_size

    columns = list(zip(headings, *rows, strict=True))
    widest = [max(len(line) for cell in column for line in cell.splitlines() or [""]) for column in columns]
    least = sum(min(width, _NARROW) for width in widest) + 2 * (len(widest) - 1)
    return least <= get_terminal_size().columns and not _has_sentences(rows)


def _draw(headings: Sequence[str], rows: Rows) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    style = "" if os.environ.get("NO_COLOR") else "bold"
    drawn = Table(
        *headings, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0), header_style=style
    )
    for row in rows:
        drawn.add_row(*(Text(cell, overflow="fold") for cell in row))
    Console(highlight=False).print(drawn)


def show(block: Block) -> None:
    """Prints a heading with the table or the sentences below it, and an empty line."""
    if block.rows:
        table(block.headings, block.rows, title=block.title)
    else:
        heading(block.title)
    for line in block.lines:
        sentence(line)
    click.echo("")


def print_json(data: object) -> None:
    """Prints data as JSON; datetimes in ISO 8601."""
    import json

    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=_as_text))


def _as_text(value: object) -> str:
    from datetime import datetime

    return value.isoformat() if isinstance(value, datetime) else str(value)
