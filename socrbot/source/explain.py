"""pydantic's mistakes as problems: mapped back to their places, in plain words of our own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from socrbot.errors import Place, Problem, Severity
from socrbot.source.events import Document, Item, Spot
from socrbot.source.models import SHAPES, TAGS, AccountsFile, CampaignFile, FactsFile, PostFile
from socrbot.source.problems import Mistake, did_you_mean, odd_character, problem, said
from socrbot.source.syntax import quoted, quoted_line

Path = tuple[str, ...]
_ONE_TEXT = ("string_type", "union_tag_invalid")
_FOLLOW = ("empty-value", "wrong-type")
# What to write where one value stands in the place of a list.
_LISTS = {"media": "write - file: and behind it the path, and alt: with a description in the line below"}
_FILES: Mapping[type[BaseModel], str] = {
    CampaignFile: "config/campaign.yaml",
    AccountsFile: "config/accounts.yaml",
    FactsFile: "config/facts.yaml",
    PostFile: "a post",
}
# What a group of keys is called by, besides the key above it.
_AND_NAMED: Mapping[Path, str] = {
    ("variants", "*"): " and the name of an account or a network",
    ("accounts", "*"): " and the name of the account",
    ("media", "*"): ", behind the picture's file:",
}
_NUMBER = re.compile(r"[+-]?\d*\.?\d+", re.ASCII)
_GROUP = ("model_type", "dict_type", "model_attributes_type")


class Explainer:
    """Explains the mistakes in one item of a document, of which `model` is the form."""

    def __init__(self, document: Document, item: Item, model: type[BaseModel]) -> None:
        self._document = document
        self._item = item
        self._model = model

    def problems(self, error: ValidationError) -> list[Problem]:
        """Every mistake as a problem."""
        details = [(tuple(str(step) for step in one["loc"]), one) for one in error.errors(include_url=False)]
        unknown = [path for path, one in details if one["type"] == "extra_forbidden"]
        found = [
            self._problem(path, one)
            for path, one in details
            if not (one["type"] == "missing" and self._misspelt(path, unknown))
        ]
        # A value that YAML took away is not there, which need not be said a second time.
        said_of = {one.place.line for one in self._item.problems if one.severity is Severity.ERROR}
        return [one for one in found if one.code not in _FOLLOW or one.place.line not in said_of]

    def _problem(self, path: Path, one: Mapping[str, Any]) -> Problem:
        kind, value = one["type"], one["input"]
        at_key = kind in ("extra_forbidden", "missing") or path[-1:] == ("[key]",)
        place = self._place(path[:-1] if kind == "missing" else path, at_key=at_key)
        if kind == "extra_forbidden":
            return self._unknown_key(path, place)
        if kind == "missing":
            return problem("missing-key", place, f'the key "{path[-1]}" is missing here')
        if value == "":
            return self._empty(path, place)
        mistake = (one.get("ctx") or {}).get("error")
        if isinstance(mistake, Mistake):
            hint = odd_character(str(value)) or mistake.hint
            return problem(mistake.code, place, mistake.message, hint=hint)
        return self._wrong_type(path, place, kind, value)

    def _unknown_key(self, path: Path, place: Place) -> Problem:
        key, known = path[-1], self._keys_at(path[:-1])
        hint = odd_character(key) or _cut_at_comma(key) or self._elsewhere(path) or did_you_mean(key, known)
        return problem("unknown-key", place, f"there is no key {said(key)} here", hint=hint)

    def _elsewhere(self, path: Path) -> str | None:
        """Where a key belongs that is right in another place."""
        key = path[-1]
        if path == ("skip",) and self._model is PostFile:
            return (
                "write draft: yes to keep the whole post back; skip: yes leaves out one account or network, "
                "under variants: and its name"
            )
        for model in (self._model, *_FILES):
            for shape, keys in SHAPES[model].items():
                if key in keys.model_fields:
                    names = [step for step in shape if step not in TAGS and step != "*"]
                    below = f'under "{names[-1]}:"' if names else "at the top" if model is PostFile else ""
                    named = below + _AND_NAMED.get(shape, "")
                    where = ", ".join(part for part in (named, _in_file(self._model, model)) if part)
                    return f"it belongs {where}"
        if path[:1] == ("variants",) and not did_you_mean(key, self._keys_at(path[:-1]), only_near=True):
            return f'what only one network understands stands under "options:": write options: {{{key}: …}}'
        return None

    def _empty(self, path: Path, place: Place) -> Problem:
        if path[-1:] == ("[key]",):
            return problem("bad-id", place, "the name before the colon is missing")
        name = _name(path)
        hint = f'write a value behind "{name}:", or take the line out' if name else "take the line out"
        return problem("empty-value", place, "nothing is written here", hint=hint)

    def _wrong_type(self, path: Path, place: Place, kind: str, value: object) -> Problem:
        name = _name(path)
        about = f' for "{name}"' if name else ""
        if kind == "string_pattern_mismatch":
            return self._empty(path, place)
        if kind == "too_short":
            return problem("empty-value", place, f"there is nothing in this list{about}", hint="take the line out")
        if kind in _ONE_TEXT:
            return self._not_text(path, place, value, about)
        if kind == "list_type":
            hint = _LISTS.get(name, "write it as [one, another], or each entry in a line of its own behind a hyphen")
            return problem("wrong-type", place, f"a list is wanted here{about}", hint=hint)
        known = self._keys_at(path) if kind in _GROUP else ()
        group_hint = self._hint_for_group(path, value, known)
        return problem("wrong-type", place, f"keys with values are wanted here{about}", hint=group_hint)

    def _hint_for_group(self, path: Path, value: object, known: tuple[str, ...]) -> str | None:
        if isinstance(value, list):
            return "take the hyphens out" + (f" and use the keys {', '.join(known[:6])}" if known else "")
        if isinstance(value, str) and not path and ":" in value:
            return "a colon needs a space after it to make a key: write text: …"
        if isinstance(value, str) and not path and "text" in known:
            return "write text: | in the first line, and the words below it with two spaces in front"
        return f"use the keys {', '.join(known[:6])}" if known else "write each as name: value in a line of its own"

    def _not_text(self, path: Path, place: Place, value: object, about: str) -> Problem:
        spot = self._spot(path)
        in_line = spot and spot[0].line == spot[1].line
        hint = self._in_quotes(path, spot, value) if spot and in_line else None
        if isinstance(value, list):
            below = "write parts: for the texts of a thread" if path == ("text",) else "keep one of them"
            return problem("wrong-type", place, f"one value is wanted here{about}, not a list", hint=hint or below)
        message = f"one value is wanted here{about}; the colon (or brace) in it makes keys of it"
        hint = hint or "if the colon belongs to the text, write | behind the key and the text in the lines below it"
        return problem("wrong-type", place, message, hint=hint)

    def _in_quotes(self, path: Path, spot: Spot, value: object) -> str:
        """The line to write, or only the key and its value where more follows behind it."""
        line, start = self._document.lines[spot[1].line], spot[1]
        if path[-1:] == ("focus",) and isinstance(value, list):
            return f'write: focus: "{", ".join(map(str, value))}"'
        end = line.find({"[": "]", "{": "}"}.get(line[start.column : start.column + 1], "\n"), start.column)
        if "{" not in line[: start.column] or end < 0:
            return quoted_line(line, start.column)
        return f"write: {path[-1]}: {quoted(line[start.column : end + 1])}"

    def _place(self, path: Path, *, at_key: bool) -> Place:
        spot = self._spot(path)
        if spot is None:
            return Place(self._document.path)
        key, start, end, style = spot
        # Where nothing is written behind a key, there is no value that anybody could see.
        nothing = not style and start.line == end.line and start.column == end.column
        return self._document.place(key if at_key or nothing else start)

    def _spot(self, path: Path) -> Spot | None:
        """The spot of a path, or of the nearest enclosing one that was written."""
        plain = [step for step in path if step not in TAGS]
        while plain and ".".join(plain) not in self._item.spots:
            plain.pop()
        return self._item.spots.get(".".join(plain))

    def _keys_at(self, path: Path) -> tuple[str, ...]:
        """The keys that exist at a path."""
        for shape, model in SHAPES[self._model].items():
            if len(shape) == len(path) and all(a in ("*", b) for a, b in zip(shape, path, strict=True)):
                return tuple(model.model_fields)
        return ()

    def _misspelt(self, missing: Path, unknown: list[Path]) -> bool:
        """Whether a missing key is there under a name that nearly is its own."""
        return any(
            path[:-1] == missing[:-1] and did_you_mean(path[-1], [missing[-1]]) == f'did you mean "{missing[-1]}"?'
            for path in unknown
        )


def _cut_at_comma(key: str) -> str | None:
    """What to write where the second of two numbers became a key, as it does inside braces."""
    if not _NUMBER.fullmatch(key):
        return None
    return 'inside { } a comma ends the value: put both numbers in quotes, like focus: "0.2, -0.5"'


def _in_file(here: type[BaseModel], model: type[BaseModel]) -> str:
    return "" if model is here else f"in {_FILES[model]}"


def _name(path: Path) -> str:
    """The last key of a path, leaving out numbers."""
    names = [step for step in path if step not in TAGS and not step.isdigit()]
    return names[-1] if names else ""
