"""What YAML's parser says of a broken file, in plain words, with the line to write where that can be told."""

from __future__ import annotations

import re

from yaml.error import Mark, MarkedYAMLError, YAMLError

from socrbot.errors import Place, Problem
from socrbot.source.problems import problem

# YAML 1.2, section 5.1: the characters that may stand in a file. The last three are line breaks to YAML alone.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KEY = re.compile(r"(?P<before>[ ]*(?:- +)*)(?P<key>[\w-]+|\"[^\"]*\"|'[^']*'):[ \t]+(?=\S)")
_ENTRY = re.compile(r"[ ]*(?:- +)+(?=\S)")
_BLOCK = re.compile(r":[ \t]+[|>][-+0-9]*[ \t]*$")
_GLUED = re.compile(r"[ ]*(?:- +)*([a-z_]+):(?!//)[^\s]")


def forbidden_character(path: str, text: str) -> Problem | None:
    """The first character that no file of a campaign may hold, as a problem; None without any."""
    found = _FORBIDDEN.search(text)
    if not found:
        return None
    line = text.count("\n", 0, found.start())
    column = found.start() - (text.rfind("\n", 0, found.start()) + 1)
    place = Place(path, line + 1, column + 1)
    code = f"U+{ord(found[0]):04X}"
    if found[0] in "\x85\u2028\u2029":
        message = f"a hidden line break ({code}) stands here, as some word processors make them"
    else:
        message = f"a character that no text can hold ({code}) stands here"
    return problem("control-character", place, message, hint="delete it and type the text around it again")


def quoted(text: str) -> str:
    """The text in quotes, as YAML reads it back."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def quoted_line(line: str, column: int, text: str | None = None) -> str:
    """A hint: the line to write instead, with what stands from `column` (from 0) on in quotes."""
    value = line[column:].rstrip() if text is None else text
    if text is None and _is_wrapped(value):
        value = value[1:-1]
    return f"write: {line[:column].strip()} {quoted(value)}"


def explain_syntax(error: YAMLError, path: str, text: str) -> Problem:
    """The parser's complaint as a problem: what is wrong, and what to write instead."""
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    if mark is None or not isinstance(error, MarkedYAMLError):
        return forbidden_character(path, text) or problem("syntax", Place(path), "YAML cannot read this file")
    lines = [*text.split("\n"), ""]
    line = lines[min(mark.line, len(lines) - 1)]
    return (
        _at_start_of_line(path, line, mark)
        or _not_indented(path, lines, error.context_mark or mark)
        or _known(error, path, lines, mark)
        or _misfit(path, lines, mark)
    )


def _at_start_of_line(path: str, line: str, mark: Mark) -> Problem | None:
    """Tabs and invisible characters where only spaces may stand."""
    indent = line[: len(line) - len(line.lstrip())]
    if not indent.strip(" "):
        return None
    at = len(indent) - len(indent.lstrip(" "))
    place = Place(path, mark.line + 1, at + 1)
    if indent[at] == "\t":
        message = "this line begins with a tab, and YAML takes only spaces there"
        return problem("tab-indent", place, message, hint="put two spaces in the place of each tab")
    message = f"this line begins with an invisible character (U+{ord(indent[at]):04X}) that looks like a space"
    return problem("syntax", place, message, hint="delete the spaces before the first word and type them again")


def _not_indented(path: str, lines: list[str], mark: Mark) -> Problem | None:
    """The first line of a text below `text: |`, where it stands as far left as the key."""
    line, above = lines[mark.line], lines[mark.line - 1] if mark.line else ""
    if not _BLOCK.search(above) or not line.strip() or _indent(line) > _indent(above) or _KEY.match(line):
        return None
    message = "the text below a | has to begin with two spaces in each line"
    hint = "put two spaces in front of this line, and of each line of the text below it"
    return problem("syntax", Place(path, mark.line + 1, _indent(line) + 1), message, hint=hint)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _known(error: MarkedYAMLError, path: str, lines: list[str], mark: Mark) -> Problem | None:
    """The complaints that say what is wrong."""
    said, context = error.problem or "", error.context or ""
    if "mapping values" in said:
        return _colon(path, lines, mark)
    if "escape" in said:
        message = "in double quotes a backslash begins a command, and this one does not exist"
        return problem("syntax", _place(path, mark), message, hint="write \\\\ for a backslash, or use single quotes")
    start = error.context_mark or mark
    if "quoted scalar" in context:
        message = "the quote that opens here is not closed"
        return problem("syntax", _place(path, start), message, hint="put the same quote at the end of the text")
    if "flow" in context:
        bracket = lines[start.line][start.column : start.column + 1] or "["
        return _behind_bracket(path, lines, start) or _unclosed(path, start, bracket)
    if start.line == mark.line and ("scanning" in context or "block node" in context):
        return _first_sign(path, lines, start)
    if "not allowed in this context" in said:
        return _first_sign(path, lines, mark)
    return None


def _unclosed(path: str, start: Mark, bracket: str) -> Problem:
    closing = {"[": "]", "{": "}"}.get(bracket, "]")
    message = f"the {bracket} that opens here is not closed as it should be"
    hint = f"put a {closing} at its end and a comma between its parts; if it is text, put all of it in quotes"
    return problem("syntax", _place(path, start), message, hint=hint)


def _colon(path: str, lines: list[str], mark: Mark) -> Problem:
    """A colon and a space where the parser was in the middle of a text."""
    line = lines[mark.line]
    key = _KEY.match(line)
    entry = _ENTRY.match(line)
    if key and key.end() <= mark.column:
        message = "in text without quotes, a colon with a space after it means a key"
        return problem("quotes-needed", _place(path, mark), message, hint=quoted_line(line, key.end()))
    above = _GLUED.match(lines[mark.line - 1]) if mark.line else None
    if above and _is_key(above[1]):
        place = Place(path, mark.line, above.end(1) + 1)
        return problem("syntax", place, f'a space is missing after "{above[1]}:"', hint=f'write "{above[1]}: …"')
    if not entry and _is_key(line[: mark.column].strip()):
        return _misfit(path, lines, mark)
    message = "this line goes on with the text above, and a colon with a space after it means a key there"
    hint = "write | behind the key, and the whole text in the lines below it"
    return problem("quotes-needed", _place(path, mark), message, hint=hint)


def _first_sign(path: str, lines: list[str], mark: Mark) -> Problem:
    """Text whose first sign means something to YAML: @, %, `, *, &, !, |, >, -, ?."""
    line = lines[mark.line]
    sign = line[mark.column : mark.column + 1]
    message = f"text that begins with {sign} needs quotes, because the {sign} means something to YAML"
    if sign in ("|", ">"):
        message = f"behind the {sign} the line has to end: the text begins in the next line"
    return problem("quotes-needed", _place(path, mark), message, hint=quoted_line(line, mark.column))


def _behind_bracket(path: str, lines: list[str], mark: Mark) -> Problem | None:
    """A value that YAML takes for complete before the line ends: "Quote" she said, [Video] …, {{ … }} …"""
    line = lines[mark.line]
    start = _KEY.match(line) or _ENTRY.match(line)
    if not start or start.end() > mark.column or line[start.end()] not in "\"'[{":
        return None
    sign = line[start.end()]
    if sign in "[{" and {"[": "]", "{": "}"}[sign] not in line:
        return None
    place = Place(path, mark.line + 1, start.end() + 1)
    message = "the text goes on behind the quote that closes it"
    if sign in "[{":
        message = f"text that begins with {sign} needs quotes, or YAML takes what is in the brackets for its own"
    return problem("quotes-needed", place, message, hint=quoted_line(line, start.end()))


def _misfit(path: str, lines: list[str], mark: Mark) -> Problem:
    """A line that does not belong where it stands."""
    found = _behind_bracket(path, lines, mark)
    if found:
        return found
    place = _place(path, mark)
    above = lines[mark.line - 1].strip() if mark.line else ""
    if above.startswith("#") and lines[mark.line].startswith(" "):
        message = "the line above begins with # and is a comment, which ends the text before it"
        return problem("syntax", place, message, hint="write | behind the key: below it a # is a #")
    message = "this line does not fit in with the lines above it"
    hint = "all keys of one post begin in the same column; each post of a list begins with a hyphen and a space"
    return problem("syntax", place, message, hint=hint)


def _is_wrapped(value: str) -> bool:
    """Whether a broken value has the same quote at both ends, as in 'Don't'."""
    return len(value) > 2 and value[0] == value[-1] and value[0] in "\"'"


def _place(path: str, mark: Mark) -> Place:
    return Place(path, mark.line + 1, mark.column + 1)


def _is_key(word: str) -> bool:
    """Whether any file of a campaign has a key of this name."""
    from socrbot.source.models import SHAPES

    return any(word in model.model_fields for shapes in SHAPES.values() for model in shapes.values())
