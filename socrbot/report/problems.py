"""Problems as text for people, as JSON for programs, and as GitHub's annotations. Pure: gives lines, prints nothing."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Literal

from socrbot.errors import Place, Problem

Format = Literal["text", "json", "github"]
SourceLine = Callable[[Place], str | None]

# How much of a long line is shown, and how much of it before the place that is meant.
_SHOWN, _BEFORE = 100, 60
_INDENT = "    "


def problem_lines(
    problems: Iterable[Problem],
    *,
    format: Format = "text",
    source_line: SourceLine | None = None,
    plain: bool = False,
) -> Iterator[str]:
    """The problems as lines without line ends.

    text    `file:line:column: severity[code]: message`, then the hint and, unless `plain`, the line of the file with
            a caret below the place; `source_line` gives that line, or None where it cannot
    json    one array with an object a problem; the keys are always the same: file, line, column (from 1, or 0),
            severity, code, message, hint and post (null where there is none)
    github  workflow commands that GitHub shows beside the lines of a change
    """
    problems = [_as_sentences(problem) for problem in problems]
    if format == "json":
        yield from _json_lines(problems)
    elif format == "github":
        yield from map(_github_line, problems)
    else:
        for problem in problems:
            yield from _text_lines(problem, None if plain else source_line)


def summary(problems: Iterable[Problem]) -> str:
    """How many there are, in a sentence: "2 errors and 1 warning.", or that there are none."""
    from socrbot.report.phrases import count

    numbers = {"error": 0, "warning": 0}
    for problem in problems:
        numbers[problem.severity] += 1
    said = [count(number, word) for word, number in numbers.items() if number]
    return f"{' and '.join(said)}." if said else "No problems found."


def _as_sentences(problem: Problem) -> Problem:
    """The problem with its message as a sentence, and its hint with a capital: who found it does not show."""
    message = _capital(problem.message)
    if message.rstrip() and (message[-1].isalnum() or message[-1] in "\"'”’)]"):
        message += "."
    return replace(problem, message=message, hint=problem.hint and _capital(problem.hint))


def _capital(text: str) -> str:
    """The text with a capital at its beginning, unless it begins with the name of a file or a key."""
    first = text.partition(" ")[0]
    return text[:1].upper() + text[1:] if first.replace(",", "").isalpha() else text


def _text_lines(problem: Problem, source_line: SourceLine | None) -> Iterator[str]:
    yield visible(str(problem))
    line = source_line(problem.place) if source_line is not None and problem.place.line else None
    if line is not None and line.strip():
        yield from _pointed_at(line, problem.place.column)
    if problem.hint:
        yield f"{_INDENT}hint: {visible(problem.hint)}"


def _pointed_at(line: str, column: int) -> Iterator[str]:
    """The line, or the stretch around the column (from 1) of a long one, and a caret below the column."""
    line = line.rstrip()
    at = max(0, column - 1)
    start = max(0, at - _BEFORE) if len(line) > _SHOWN else 0
    before, after = visible(line[start:at]), visible(line[at : start + _SHOWN])
    head = "…" if start else ""
    tail = "…" if start + _SHOWN < len(line) else ""
    yield f"{_INDENT}{head}{before}{after}{tail}"
    if column:
        yield f"{_INDENT}{' ' * (len(head) + _width(before))}^"


def _json_lines(problems: Iterable[Problem]) -> Iterator[str]:
    objects = [json.dumps(_as_json(problem), ensure_ascii=False) for problem in problems]
    yield "["
    yield from (f"  {text}," for text in objects[:-1])
    yield from (f"  {text}" for text in objects[-1:])
    yield "]"


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.place.path,
        "line": problem.place.line,
        "column": problem.place.column,
        "severity": str(problem.severity),
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "post": problem.post,
    }


def _github_line(problem: Problem) -> str:
    place = problem.place
    where = {"file": place.path, "line": place.line or None, "col": place.column or None, "title": problem.code}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in where.items() if value is not None)
    text = f"{problem.message}\nhint: {problem.hint}" if problem.hint else problem.message
    return f"::{problem.severity} {properties}::{_data(text)}"


def _data(text: str) -> str:
    """A message of a workflow command. GitHub's toolkit escapes the same: actions/toolkit, core/src/command.ts."""
    # The other characters at which Python's splitlines ends a line would split it for readers of the log.
    text = "".join(" " if char in "\v\f\x1c\x1d\x1e\x85\u2028\u2029" else char for char in text)
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def visible(text: str) -> str:
    """The text on one line, with every character that a screen would obey and not show written out."""
    if text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char in "\n\t" or unicodedata.category(char) == "Zs":
        return " "
    if char.isprintable() or char in "\u200c\u200d":
        return char
    return f"\\u{ord(char):04x}"


def _width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(
        0
        if unicodedata.combining(char) or char in "\u200d\ufe0f"
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )
