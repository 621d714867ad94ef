"""Reads the syntax tree of a text: what it names, what it must not use, and where that stands.

Jinja2 tells lines and no columns; the columns are found by looking for the words on that line, between braces only.
"""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Collection, Iterator
from functools import lru_cache

from jinja2 import TemplateSyntaxError, nodes

from socrbot.rendering.templates import Fault, Use

HINT = "Write {{ fact('name') }} or {{ link('name') }}, with straight quotes."
_WITHOUT = "Take it out and write the text as you want it."
_TAGS = "What begins with {% must be if, for or set, and end."
_NAMES = frozenset({"fact", "link"})
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign, nodes.Name, nodes.Const),
    *(nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Call, nodes.Filter, nodes.Test, nodes.CondExpr, nodes.Compare),
    *(nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.BinExpr, nodes.UnaryExpr, nodes.Keyword),
)
_TAG_OF: dict[type[nodes.Node], str] = {
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
    nodes.FromImport: "from",
    nodes.AssignBlock: "set",
    nodes.Scope: "autoescape",
}
_LISTS = (nodes.List, nodes.Tuple)
_INSIDE = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)", re.DOTALL)
_CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_BLOCK = re.compile(r"\{%[-+]?\s*(end)?(if|for)\b")
_VISIBLE = re.compile(r"[^\n]")
_OPENER = re.compile(r"\{[{%#]")

# What Jinja2 says -> what to tell a person, with its own words as {0}.
_SENTENCES: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), message, hint)
    for pattern, message, hint in (
        (r"unexpected char '([‘’“”])'", "“{0}” is a curly quote: names stand in straight ones.", HINT),
        (
            r"No filter named '(\w+)'",
            "There is no filter called “{0}”.",
            _WITHOUT,
        ),
        (r"No test named '(\w+)'", "There is no test called “{0}”.", _WITHOUT),
        (r"nknown tag '(\w+)'", "“{0}” does not belong here.", _TAGS),
        (r"got '(.+?)'", "“{0}” was not expected here.", HINT),
        (r"unexpected (?:char )?'(.+?)'", "“{0}” was not expected here.", HINT),
    )
)


def sentence(text: str) -> str:
    """Jinja2's words as a sentence."""
    text = text.replace("'", "”").replace("”", "“", 1) if text.count("'") == 2 else text
    return text if text.endswith((".", "?")) else f"{text}."


def fault_of_syntax(error: TemplateSyntaxError, source: str) -> Fault:
    """The fault that Jinja2 found while reading."""
    if unclosed := _unclosed(source):
        index, opener = unclosed
        message = f"“{opener}” is never closed with “{_CLOSERS[opener]}”."
        return Fault(*_position(source, index), "template-syntax", message, HINT)
    said = error.message or ""
    if "be closed is" in said and (never_ended := _never_ended(source)):
        index, tag = never_ended
        hint = f"Write {{% end{tag} %}} where it ends."
        return Fault(*_position(source, index), "template-syntax", f"“{tag}” is never ended.", hint)
    for pattern, message, hint in _SENTENCES:
        if match := pattern.search(said):
            column = _column(source, error.lineno, re.escape(match[1]))
            return Fault(
                error.lineno, column, "template-syntax", *(part.replace("{0}", match[1]) for part in (message, hint))
            )
    return Fault(error.lineno, _column(source, error.lineno, r"\{[{%]"), "template-syntax", sentence(said), HINT)


def place_of_error(source: str, error: Exception, name: str) -> tuple[int, int]:
    """Line and column of what went wrong while the template called `name` was filled."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
    line = lines[-1] if lines and lines[-1] else 1
    quoted = re.search(r"“\.?([^”]+)”", str(error)) or re.search(r"'([^']+)'", str(error))
    if quoted and (column := _find(source, line, re.escape(quoted[1]), 0)):
        return line, column
    return line, _column(source, line, r"\{[{%]")


def walk(node: nodes.Node) -> Iterator[nodes.Node]:
    """The node and everything under it, in the order of the text."""
    yield node
    for child in node.iter_child_nodes():
        yield from walk(child)


def uses_of(every: Collection[nodes.Node], source: str) -> Iterator[Use]:
    """Every fact and link that the text names outright, with the field that it asks for."""
    seen: Counter[tuple[int, str, str]] = Counter()
    fields = {id(node.node): node.attr for node in every if isinstance(node, nodes.Getattr)}
    for call in every:
        if isinstance(call, nodes.Call) and (named := _named(call)):
            kind, name = named
            pattern = rf"\b{kind}\s*\(\s*['\"]{re.escape(name)}['\"]"
            column = _column(source, call.lineno, pattern, seen[call.lineno, kind, name])
            seen[call.lineno, kind, name] += 1
            yield Use(kind, name, fields.get(id(call)), call.lineno, column)


def _named(call: nodes.Call) -> tuple[str, str] | None:
    """("fact", "law") for `fact('law')`."""
    if not isinstance(call.node, nodes.Name) or call.node.name not in _NAMES or len(call.args) != 1:
        return None
    [name] = call.args
    return (call.node.name, str(name.value)) if isinstance(name, nodes.Const) else None


def faults_of(every: Collection[nodes.Node], source: str, *, allowed: Collection[str]) -> Iterator[Fault]:
    """What the text uses and must not: other tags and filters, other names, calls of anything but fact and link."""
    stored = {node.name for node in every if isinstance(node, nodes.Name) and node.ctx == "store"}
    loops = any(isinstance(node, nodes.For) for node in every)
    known = _NAMES | stored | ({"loop"} if loops else set())
    lists = {id(node) for parent in every for node in _lists_of(parent)}
    seen: Counter[tuple[int, str]] = Counter()
    inside: set[int] = set()
    for node in every:
        line = node.lineno or 1
        if id(node) in inside:
            continue
        if isinstance(node, nodes.Name) and node.ctx == "load":
            nth, seen[line, node.name] = seen[line, node.name], seen[line, node.name] + 1
            if node.name not in known:
                column = _column(source, line, rf"(?<![\w.'\"]){re.escape(node.name)}\b", nth)
                message = f"There is nothing called “{node.name}” in a text."
                yield Fault(line, column, "template-undefined", message, HINT)
        elif problem := _problem(node, stored, lists=lists, allowed=allowed):
            word, message, hint = problem
            inside.update(map(id, walk(node)))
            yield Fault(line, _column(source, line, re.escape(word)), "template-syntax", message, hint)


def _problem(
    node: nodes.Node, stored: Collection[str], *, lists: set[int], allowed: Collection[str]
) -> tuple[str, str, str | None] | None:
    """A word to look for, what is wrong and a hint, where a part of the tree must not be there."""
    if isinstance(node, nodes.Filter) and node.name not in allowed:
        return node.name, f"There is no filter called “{node.name}”.", _WITHOUT
    if isinstance(node, nodes.For) and node.recursive:
        return "recursive", "A loop cannot call itself.", _WITHOUT
    if isinstance(node, nodes.Call) and (not isinstance(node.node, nodes.Name) or node.node.name in stored):
        return "(", "Only fact(…) and link(…) can be called.", HINT
    if isinstance(node, _LISTS):
        return None if id(node) in lists else ("[", "A list can stand only behind “in”.", _WITHOUT)
    if not isinstance(node, _ALLOWED):
        tag = _TAG_OF.get(type(node), type(node).__name__.lower())
        return tag, f"“{tag}” cannot be used in a text.", _TAGS
    return None


def _lists_of(node: nodes.Node) -> Iterator[nodes.Node]:
    """Lists where they may stand: as what a loop goes through, or behind `in`."""
    if isinstance(node, nodes.For):
        yield node.iter
    elif isinstance(node, nodes.Operand) and node.op in ("in", "notin"):
        yield node.expr


def _unclosed(source: str) -> tuple[int, str] | None:
    """The first opening brace whose closing one is missing, before the next opens."""
    index = 0
    while opener := _OPENER.search(source, index):
        closer = source.find(_CLOSERS[opener[0]], opener.end())
        following = _OPENER.search(source, opener.end())
        if closer < 0 or (opener[0] != "{#" and following and following.start() < closer):
            return opener.start(), opener[0]
        index = closer + 2
    return None


def _never_ended(source: str) -> tuple[int, str] | None:
    """The place and the word of the innermost `{% if %}` or `{% for %}` that has no end."""
    open_tags: list[tuple[int, str]] = []
    for match in _BLOCK.finditer(source):
        if not match[1]:
            open_tags.append((match.start(2), match[2]))
        elif open_tags:
            open_tags.pop()
    return open_tags[-1] if open_tags else None


def _column(source: str, line: int, pattern: str, nth: int = 0) -> int:
    """The column of the pattern between braces on that line; else of the line's first character that is no space."""
    found = _find(source, line, pattern, nth)
    if found:
        return found
    lines = source.split("\n")
    written = lines[line - 1] if line <= len(lines) else ""
    return len(written) - len(written.lstrip()) + 1


def _find(source: str, line: int, pattern: str, nth: int) -> int:
    """The column of the pattern's occurrence number `nth` (from 0) between braces on that line; 0 where it is not."""
    lines = _braces_only(source)
    found = list(re.finditer(pattern, lines[line - 1])) if line <= len(lines) else []
    return found[min(nth, len(found) - 1)].start() + 1 if found else 0


@lru_cache(maxsize=4)
def _braces_only(source: str) -> tuple[str, ...]:
    """The lines of the text with everything outside braces blanked."""
    kept: list[str] = []
    end = 0
    for match in _INSIDE.finditer(source):
        kept += (_VISIBLE.sub(" ", source[end : match.start()]), match[0])
        end = match.end()
    return tuple("".join((*kept, _VISIBLE.sub(" ", source[end:]))).split("\n"))


def _position(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
