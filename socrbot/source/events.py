"""YAML text to plain values, with the place of each. What a value means is for its field to say.

PyYAML's C parser gives the events; the builder here makes texts, lists and mappings of them and nothing else: every
scalar stays the text that was written, so `no`, `08:30` and `0123` are what their field makes of them. What YAML
could do to a text unseen is refused: tags, anchors, aliases, merge keys, keys written twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from yaml.cyaml import CBaseLoader
from yaml.error import Mark, YAMLError
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from socrbot.errors import Place, Problem
from socrbot.source.problems import Unreadable, problem
from socrbot.source.syntax import explain_syntax, quoted_line

# A value that was left out (`key:` with nothing behind it) is "".
Value: TypeAlias = "str | list[Value] | dict[str, Value]"

DEEPEST = 12

# Typed as anything, since the stubs say that marks may be missing; the C parser always sets them.
_SCALAR: Any = ScalarEvent
_ALIAS: Any = AliasEvent

_HASH = re.compile(r"[ \t]#\w")
_LOST = re.compile(r"[ \t]+(#\w.*)")
_ONLY_HASHTAGS = re.compile(r"[ \t]+(#\w+(?:[ \t]+#\w+)*)[ \t]*$")

# A # behind the value of one of these keys is seldom meant as a part of it.
_NOT_TEXT = frozenset(
    {
        "accounts",
        "budget",
        "check_again",
        "checked",
        "count",
        "cron",
        "crop",
        "date",
        "default_slot",
        "draft",
        "env",
        "every",
        "file",
        "focus",
        "folder",
        "grace",
        "id",
        "language",
        "link",
        "metrics",
        "network",
        "only_with_media",
        "order",
        "people",
        "plan_ahead",
        "public_url",
        "quiet_hours",
        "since",
        "skip",
        "slot",
        "spacing",
        "split",
        "through",
        "time_zone",
        "until",
        "url",
        "utm",
        "when",
        "without_threads",
    }
)

# Where a key begins, where its value begins and ends, and how the value is written: "" (plain), "'" or '"' (quoted),
# "|" or ">" (block), "[" (list) or "{" (mapping). An entry of a list has no key: its own beginning stands there.
# Marks count from 0. A plain tuple: a named one costs more to make than the event that it is made from.
Spot: TypeAlias = tuple[Mark, Mark, Mark, str]


class Item(NamedTuple):
    """One mapping or value at the top of a file: the whole file, or one entry of its list.

    `spots` is keyed by dotted path ("media.0.alt"), "" being the item itself. `problems` are those that YAML itself
    made. `listed` is True for an entry of a list.
    """

    value: Value
    spots: dict[str, Spot]
    problems: list[Problem]
    listed: bool


class Document:
    """One YAML text. `lines` are its lines without their ends; `path` is for the places of problems."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = text.split("\n")
        self._text = text
        self._spots: dict[str, Spot] = {}
        self._problems: list[Problem] = []
        self._following: Callable[[], Any]
        # Comments leave no event behind, so the lines where a hashtag may have been lost are looked up beforehand.
        self._hashes = _lines_with_hashes(self.lines) if "#" in text else frozenset()

    def items(self) -> Iterator[Item]:
        """The entries of the file's list, or the one thing that it holds. Raises Unreadable."""
        try:
            self._following = CBaseLoader(self._text).get_event
            yield from self._top()
        except YAMLError as error:
            raise Unreadable(explain_syntax(error, self.path, self._text)) from None

    def place(self, mark: Mark) -> Place:
        """The place of a mark, counted from 1."""
        return Place(self.path, mark.line + 1, mark.column + 1)

    def _top(self) -> Iterator[Item]:
        self._following()
        if type(self._following()) is StreamEndEvent:
            raise Unreadable(problem("empty-file", Place(self.path), "there is nothing in this file"))
        event = self._following()
        if type(event) is SequenceStartEvent:
            self._refuse(event)
            while type(event := self._following()) is not SequenceEndEvent:
                yield self._item(event, listed=True)
        else:
            yield self._item(event, listed=False)
        self._following()
        rest = self._following()
        if type(rest) is not StreamEndEvent:
            message = "a second document begins here; everything from this line on would be lost"
            hint = "take the --- line out, and write the posts of one file as a list: each begins with -"
            raise Unreadable(problem("several-documents", self.place(rest.start_mark), message, hint=hint))

    def _item(self, event: Any, *, listed: bool) -> Item:
        self._spots, self._problems = {}, []
        value = self._value(event, event.start_mark, "", 1)
        return Item(value, self._spots, self._problems, listed)

    def _value(self, event: Any, key: Mark, path: str, depth: int) -> Value:
        """The value that begins with an event, whatever it is."""
        kind = type(event)
        if kind is _SCALAR:
            self._spots[path] = (key, event.start_mark, event.end_mark, event.style)
            if event.tag or event.anchor:
                self._refuse(event)
            if event.end_mark.line in self._hashes:
                self._look_for_hashtag(event, key, path)
            text: str = event.value
            return text
        if kind is _ALIAS:
            self._spots[path] = (key, event.start_mark, event.end_mark, "")
            self._refuse(event)
            return ""
        return self._container(event, key, path, depth)

    def _container(self, event: Any, key: Mark, path: str, depth: int) -> Value:
        if depth > DEEPEST:
            message = f"lists and keys are nested more than {DEEPEST} deep here"
            raise Unreadable(problem("too-deep", self.place(event.start_mark), message))
        if event.tag or event.anchor:
            self._refuse(event)
        prefix = f"{path}." if path else ""
        is_mapping = type(event) is MappingStartEvent
        self._spots[path] = (key, event.start_mark, event.end_mark, "{" if is_mapping else "[")
        return self._mapping(prefix, depth) if is_mapping else self._sequence(prefix, depth)

    def _sequence(self, prefix: str, depth: int) -> list[Value]:
        following = self._following
        found: list[Value] = []
        while type(event := following()) is not SequenceEndEvent:
            found.append(self._value(event, event.start_mark, f"{prefix}{len(found)}", depth + 1))
        return found

    def _mapping(self, prefix: str, depth: int) -> dict[str, Value]:
        # Nine tenths of all events pass through this loop: what is inlined here is inlined for speed.
        following, spots, hashes = self._following, self._spots, self._hashes
        found: dict[str, Value] = {}
        while True:
            key = following()
            if type(key) is not _SCALAR:
                if type(key) is MappingEndEvent:
                    return found
                self._odd_key(key, depth)
                continue
            name = key.value
            if name in found or key.tag or key.anchor or name == "<<":
                self._bad_key(key, prefix, depth, again=name in found)
                continue
            event = following()
            path = prefix + name
            if type(event) is _SCALAR and not event.tag and not event.anchor:
                end = event.end_mark
                spots[path] = (key.start_mark, event.start_mark, end, event.style)
                if hashes and end.line in hashes:
                    self._look_for_hashtag(event, key.start_mark, path)
                found[name] = event.value
            else:
                found[name] = self._value(event, key.start_mark, path, depth + 1)

    def _skip(self, event: Any, depth: int) -> None:
        """Reads a value and forgets it, but not what is wrong with it."""
        kept, self._spots = self._spots, {}
        self._value(event, event.start_mark, "", depth + 1)
        self._spots = kept

    def _odd_key(self, key: Any, depth: int) -> None:
        place, line = self.place(key.start_mark), self.lines[key.start_mark.line]
        before = line[: key.start_mark.column]
        if before.endswith("{"):
            message = "text that begins with {{ needs quotes, or YAML takes the braces for its own"
            hint = quoted_line(line, len(before) - 1)
            found = problem("quotes-needed", Place(place.path, place.line, place.column - 1), message, hint=hint)
        else:
            found = problem("odd-key", place, "the name of a key is wanted here, not a list or a group of keys")
        self._problems.append(found)
        self._skip(key, depth)
        self._skip(self._following(), depth)

    def _bad_key(self, key: Any, prefix: str, depth: int, *, again: bool) -> None:
        place = self.place(key.start_mark)
        if again:
            first = self._spots[prefix + key.value][0].line + 1
            message = f'"{key.value}" stands here a second time; the first is in line {first}'
            hint = "keep one of the two"
            self._problems.append(problem("duplicate-key", place, message, hint=hint))
        elif key.value == "<<":
            message = "socrbot does not copy keys from elsewhere with <<"
            self._problems.append(problem("yaml-merge", place, message, hint="write the keys out here"))
        else:
            self._refuse(key)
        self._skip(self._following(), depth)

    def _refuse(self, event: Any) -> None:
        """Notes a tag, an anchor or an alias, each of which takes a word away from the text."""
        if type(event) is AliasEvent:
            code, lost = "yaml-alias", f"*{event.anchor}"
        elif event.anchor:
            code, lost = "yaml-alias", f"&{event.anchor}"
        elif event.tag:
            code, lost = "yaml-tag", event.tag
        else:
            return
        mark = event.start_mark
        message = f'"{lost}" at the beginning of a value is a command to YAML and would be lost from the text'
        self._problems.append(
            problem(code, self.place(mark), message, hint=quoted_line(self.lines[mark.line], mark.column))
        )

    def _look_for_hashtag(self, event: Any, key: Mark, path: str) -> None:
        """Notes what a # behind a value has made a comment of."""
        if event.style in ("|", ">"):
            return
        mark = event.end_mark
        line = self.lines[mark.line]
        lost = _LOST.match(line, mark.column)
        if lost:
            self._lost_behind(event, path, lost)
        elif not line[mark.column :].strip() and mark.line + 1 < len(self.lines):
            self._lost_below(event, key, path)

    def _lost_behind(self, event: Any, path: str, lost: re.Match[str]) -> None:
        comment = lost[1].rstrip()
        place = Place(self.path, event.end_mark.line + 1, lost.start(1) + 1)
        if _key_of(path) in _NOT_TEXT or (event.value and not any(char.isalpha() for char in event.value)):
            message = f'"{comment}" is read as a comment'
            hint = "put a space after the # if it is one, and quotes around the value if it is not"
            self._problems.append(problem("lost-comment", place, message, hint=hint, warning=True))
            return
        message = f'"{comment}" is lost: in text without quotes, a # after a space begins a comment'
        start = event.start_mark
        if start.line != event.end_mark.line:
            hint = "write | behind the key, and the text in the lines below"
        else:
            column = start.column if event.value else lost.start(1)
            hint = quoted_line(self.lines[start.line], column, text=f"{event.value}{lost[0].rstrip()}".strip())
        self._problems.append(problem("lost-hashtag", place, message, hint=hint))

    def _lost_below(self, event: Any, key: Mark, path: str) -> None:
        below = _ONLY_HASHTAGS.match(self.lines[event.end_mark.line + 1])
        if not below or below.start(1) <= key.column or event.style or _key_of(path) in _NOT_TEXT:
            return
        place = Place(self.path, event.end_mark.line + 2, below.start(1) + 1)
        message = f'"{below[1]}" is lost: a line that begins with # is a comment'
        hint = "write | behind the key, and the text in the lines below: there a # is a #"
        self._problems.append(problem("lost-hashtag", place, message, hint=hint))


def _key_of(path: str) -> str:
    """The last name in a dotted path, leaving out the numbers of list entries."""
    names = [name for name in path.split(".") if not name.isdigit()]
    return names[-1] if names else ""


def _lines_with_hashes(lines: list[str]) -> frozenset[int]:
    """The numbers of the lines in which, or right above which, a hashtag may be a comment."""
    found: set[int] = set()
    for number, line in enumerate(lines):
        if "#" in line and _HASH.search(line):
            found.add(number)
            if _ONLY_HASHTAGS.match(line):
                found.add(number - 1)
    return frozenset(found)
