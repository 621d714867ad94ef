"""Output is made for whoever gets it: drawn in a terminal, to be heard where it is piped or wanted plain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socrbot.cli.printing import spoken
from tests.cli.desk import Desk
from tests.cli.terminal import shows
from tests.whole.bot import environment

BOXES = "─│┃━┏┓╭╮╰╯├┤┼╞╡═║"
LOOKS = (["status"], ["log"], ["log", "1"], ["plan"], ["check"], ["preview"], ["doctor"], ["demo", "--days", "1"])


def _ugly(text: str) -> str:
    """What a screen reader stumbles over."""
    return "".join(sorted({char for char in text if char in BOXES + "\t\x1b^"}))


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk at a campaign whose bot has made a pass, with a mistake in one file."""
    assert desk("tick").code == 0
    assert desk("publish", "petition", "--now", "--yes").code == 0
    desk.write("posts/wrong.yaml", "text: This has an unknown key.\nwenn: 2030-01-01 12:00\n")
    return desk


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_piped_output_has_nothing_that_is_only_to_be_seen(busy: Desk, command: list[str]) -> None:
    """No boxes, colours, tabs or caret lines where there is no terminal, nor columns of blanks."""
    done = busy(*command)
    assert done.out
    assert _ugly(done.out) == ""
    assert not [line for line in done.out.splitlines() if "   " in line.strip()]


@pytest.mark.parametrize("command", [["status"], ["check"], ["log"]], ids=" ".join)
@pytest.mark.parametrize("where", ["environment", ".env"])
def test_plain_is_plain_in_a_terminal_too(busy: Desk, command: list[str], where: str) -> None:
    """SOCRBOT_PLAIN=1, in the environment or in `.env`, takes the drawing out of a terminal."""
    busy.write(".env", "SOCRBOT_PLAIN=1\n" if where == ".env" else "")
    extra = {"SOCRBOT_PLAIN": "1"} if where == "environment" else {}
    terminal = shows(busy.root, command, environment(busy.root, **extra))
    assert terminal.code == busy(*command).code
    assert _ugly(terminal.raw) == ""


@pytest.mark.parametrize("columns", [80, 100])
def test_a_terminal_gets_a_drawing_that_fits(busy: Desk, columns: int) -> None:
    """Headings are bold and tables have a line, and nothing is wider than the terminal."""
    for command in (["status"], ["log"], ["plan"]):
        terminal = shows(busy.root, command, environment(busy.root), columns=columns)
        assert "─" in terminal.raw, command
        assert max(map(len, terminal.shown.split("\n"))) <= columns, command
    assert "\x1b[1mWhat goes out" in terminal.raw


def test_no_colour_where_none_is_wanted(busy: Desk) -> None:
    """NO_COLOR is kept to: words without styles, in a terminal too."""
    terminal = shows(busy.root, ["status"], environment(busy.root, NO_COLOR="1"))
    assert "\x1b[1m" not in terminal.raw
    assert "What comes next" in terminal.shown


def test_the_caret_stands_below_the_mistake_in_a_terminal_only(busy: Desk) -> None:
    """`check` shows the line and points at the place; piped it says line and column in numbers."""
    terminal = shows(busy.root, ["check"], environment(busy.root))
    lines = terminal.shown.split("\n")
    pointed = [above[below.index("^") :] for above, below in pairwise(lines) if below.strip() == "^"]
    assert "wenn: 2030-01-01 12:00" in pointed
    assert "posts/wrong.yaml:2:1: error[unknown-key]" in busy("check").out


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5))
def test_every_value_is_said_with_its_name(rows: Sequence[tuple[str, str, str]]) -> None:
    """Whatever stands in a table is said, each value behind its heading; what is empty is left out."""
    said = "\n".join(spoken(("One", "Two", "Three"), rows))
    for row in rows:
        for name, cell in zip(("One", "Two", "Three"), row, strict=True):
            words = " ".join(cell.split())
            assert not words or f"{name}: {words}" in said
    assert said.count("One: ") >= sum(bool(row[0].strip()) for row in rows)


def test_rows_with_sentences_take_a_line_for_each_value() -> None:
    """Short rows are one line each; a row with a whole sentence is a group of lines, with an empty line between."""
    assert list(spoken(("Number", "Post"), [("1", "petition"), ("2", "")])) == [
        "Number: 1; Post: petition",
        "Number: 2",
    ]
    assert list(spoken(("Number", "Why"), [("1", "It was too late."), ("2", "")])) == [
        "Number: 1",
        "Why: It was too late.",
        "",
        "Number: 2",
    ]
