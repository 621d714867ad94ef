"""Problems as text, as JSON and as GitHub's annotations."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from socrbot.errors import Place, Problem, Severity
from socrbot.report.problems import problem_lines, summary, visible

PROBLEM = Problem(
    Place("posts/law.yaml", 3, 8),
    Severity.ERROR,
    "too-long",
    "On X this is 4 characters too long.",
    "Shorten it.",
    "law",
)
WHOLE_FILE = Problem(Place("posts/law.yaml"), Severity.WARNING, "empty-file", "Nothing is in it.")

texts = st.text(max_size=60)
problems = st.builds(
    Problem,
    place=st.builds(Place, texts, st.integers(0, 999), st.integers(0, 999)),
    severity=st.sampled_from(Severity),
    code=st.sampled_from(["too-long", "past-time"]),
    message=texts,
    hint=st.none() | texts,
    post=st.none() | texts,
)


def text_of(*found: Problem, line: str | None = "text: The law", plain: bool = False) -> list[str]:
    return list(problem_lines(found, source_line=lambda _: line, plain=plain))


def test_text_points_at_the_place() -> None:
    """Place, severity, code and message; the line with a caret below the column; the hint."""
    assert text_of(PROBLEM) == [
        "posts/law.yaml:3:8: error[too-long]: On X this is 4 characters too long.",
        "    text: The law",
        "           ^",
        "    hint: Shorten it.",
    ]


def test_plain_text_has_no_caret() -> None:
    """For screen readers and pipes: the message and the hint alone."""
    assert text_of(PROBLEM, plain=True) == [
        "posts/law.yaml:3:8: error[too-long]: On X this is 4 characters too long.",
        "    hint: Shorten it.",
    ]


def test_a_problem_of_a_whole_file_has_no_line() -> None:
    """Without a line number none is shown, and nobody is asked for one."""
    assert text_of(WHOLE_FILE) == ["posts/law.yaml: warning[empty-file]: Nothing is in it."]
    assert list(problem_lines([PROBLEM]))[1] == "    hint: Shorten it."


def test_the_caret_stands_below_wide_characters_too() -> None:
    """An emoji takes two columns, a joined accent none."""
    lines = text_of(PROBLEM, line="\U0001f600\U0001f600e\u0301 abcdefg")
    assert lines[2].index("^") - 4 == 2 + 2 + 1 + 0 + 3


def test_a_long_line_is_shown_around_the_place() -> None:
    """Only the stretch around the column is shown, with the caret below the right character."""
    far = Problem(Place("posts/law.yaml", 3, 501), Severity.ERROR, "too-long", "Too long.")
    _, line, caret = text_of(far, line="x" * 500 + "Y" + "z" * 500)
    assert line[caret.index("^")] == "Y"
    assert len(line) < 120


@given(problems, texts)
def test_text_is_never_broken_by_what_a_file_says(problem: Problem, line: str) -> None:
    """Whatever a file holds, each problem keeps to its lines and nothing in them steers a terminal."""
    lines = text_of(problem, line=line)
    assert len(lines) == 1 + bool(problem.hint) + (2 if problem.place.column else 1) * bool(
        problem.place.line and line.strip()
    )
    assert all(text == visible(text) and len(text.splitlines()) <= 1 for text in lines)


@given(st.lists(problems, max_size=5))
def test_json_is_one_array_with_the_same_keys(found: list[Problem]) -> None:
    """Everything comes back, in the same order, under keys that never change."""
    found = [replace(one, message=f"It is: {one.message}.", hint=one.hint and f"Write {one.hint}") for one in found]
    back = json.loads("\n".join(problem_lines(found, format="json")))
    assert [list(one) for one in back] == [
        ["file", "line", "column", "severity", "code", "message", "hint", "post"] for _ in found
    ]
    assert [(one["file"], one["line"], one["message"], one["hint"], one["post"]) for one in back] == [
        (one.place.path, one.place.line, one.message, one.hint, one.post) for one in found
    ]


def test_github_gets_an_annotation_a_problem() -> None:
    """File, line, column and title as properties, message and hint as text."""
    assert list(problem_lines([PROBLEM, WHOLE_FILE], format="github")) == [
        "::error file=posts/law.yaml,line=3,col=8,title=too-long"
        "::On X this is 4 characters too long.%0Ahint: Shorten it.",
        "::warning file=posts/law.yaml,title=empty-file::Nothing is in it.",
    ]


def as_github_reads_it(line: str) -> tuple[str, dict[str, str], str]:
    """GitHub's own way: split at the second `::`, undo the escapes of the properties and of the text."""
    command, properties, text = re.fullmatch(r"::(\w+) (.*?)::(.*)", line, re.DOTALL).groups()  # type: ignore[union-attr]
    pairs = dict(pair.split("=", 1) for pair in properties.split(","))
    undo = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]

    def plain(value: str, escapes: list[tuple[str, str]]) -> str:
        for escaped, char in escapes:
            value = value.replace(escaped, char)
        return value

    return command, {key: plain(value, undo) for key, value in pairs.items()}, plain(text, [undo[0], undo[1], undo[4]])


odd = st.text(st.sampled_from("a:,%\r\n0A =2C"), max_size=12)


@given(odd, odd)
def test_github_reads_back_what_was_meant(path: str, message: str) -> None:
    """Percent signs, colons, commas and line ends in a path or a message cannot break out of their place."""
    problem = Problem(Place(path, 1, 1), Severity.ERROR, "too-long", f"It is: {message}.")
    [line] = problem_lines([problem], format="github")
    command, properties, text = as_github_reads_it(line)
    assert (command, properties["file"], properties["line"], text) == ("error", path, "1", f"It is: {message}.")


def test_problems_of_all_makers_read_alike() -> None:
    """A message is a sentence and a hint begins with a capital, whoever found the problem."""
    found = Problem(Place("a.yaml", 1, 1), Severity.ERROR, "bad-id", "there is no “b”", 'write "a"')
    assert list(problem_lines([found])) == [
        "a.yaml:1:1: error[bad-id]: There is no “b”.",
        '    hint: Write "a"',
    ]


@given(problems)
def test_an_annotation_is_one_line(problem: Problem) -> None:
    """No character of a file can begin a second workflow command."""
    [line] = problem_lines([problem], format="github")
    assert len(line.splitlines()) == 1


def test_the_sum_is_told_in_words() -> None:
    """Errors and warnings are counted, and none is good news."""
    assert summary([PROBLEM, PROBLEM, WHOLE_FILE]) == "2 errors and 1 warning."
    assert summary([WHOLE_FILE]) == "1 warning."
    assert summary([]) == "No problems found."
