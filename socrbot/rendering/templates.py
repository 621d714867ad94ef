"""Texts with places to fill in: read once, filled often.

Nearly every text is plain, or says only `{{ fact('name') }}`, `{{ fact('name').figure }}` or `{{ link('name') }}`.
Those are filled here, without Jinja2, exactly as Jinja2 would. Everything else goes to `sandbox`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Protocol

from socrbot.campaign import Fact, Link

# The longest text that a template may make, in characters: more than any network takes (Facebook, 63,206).
LONGEST = 100_000
KEPT_TEMPLATES = 50_000
FIELDS: Mapping[str, tuple[str, ...]] = {
    "fact": ("statement", "figure", "source"),
    "link": ("url", "title"),
    "source": ("title", "url", "publisher"),
}
_FILES = {"fact": "config/facts.yaml", "link": "config/campaign.yaml"}
_TAGS = ("{{", "{%", "{#")
_TAG = re.compile(
    r"\{\{\s*(?P<kind>fact|link)\(\s*(?P<quote>['\"])(?P<name>[^'\"\\{}\n]*)(?P=quote)\s*\)(?:\.(?P<field>[A-Za-z]\w*))?\s*\}\}",
    re.ASCII,
)
_LINE_ENDS = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake in a text, at `line` and `column` of the text (both from 1)."""

    line: int
    column: int
    code: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """A fact or a link that a text names, with the field that it asks for, at its line and column."""

    kind: str
    name: str
    field: str | None
    line: int
    column: int


class Value(str):
    """What `fact('x')` or `link('x')` says: a text that has further texts as fields."""

    what: str
    kind: str
    fields: Mapping[str, str | None]

    @classmethod
    def of(cls, text: str, *, what: str, kind: str, fields: Mapping[str, str | None]) -> Value:
        """`what` names it in a message ("the fact ‘law’")."""
        value = cls(text)
        value.what, value.kind, value.fields = what, kind, fields
        return value

    def missing(self, name: str) -> str:
        """In words, why the field `name` says nothing."""
        whose = f"{self.what[0].upper()}{self.what[1:]}"
        if name in FIELDS[self.kind]:
            return f"{whose} has no {name}."
        known = FIELDS[self.kind]
        hint = _did_you_mean(name, known) or f" There is: {', '.join(known)}."
        return f"{whose} has no field called “{name}”.{hint}"


@dataclass(frozen=True, slots=True)
class Words:
    """The facts and links of a campaign, as texts name them."""

    values: Mapping[str, Mapping[str, Value]] = field(
        default_factory=lambda: MappingProxyType({"fact": {}, "link": {}})
    )

    @classmethod
    def of(cls, facts: Mapping[str, Fact], links: Mapping[str, Link]) -> Words:
        """The words that these facts and links give."""
        return cls(
            {
                "fact": {name: _fact_value(fact) for name, fact in facts.items()},
                "link": {name: _link_value(link) for name, link in links.items()},
            }
        )

    def faults_of(self, uses: tuple[Use, ...]) -> tuple[Fault, ...]:
        """Every fact, link and field that a text names and the campaign does not have."""
        return tuple(fault for use in uses if (fault := self._fault_of(use)))

    def said(self, use: Use) -> str | Fault:
        """What a use says in a text."""
        if fault := self._fault_of(use):
            return fault
        value = self.values[use.kind][use.name]
        said = value if use.field is None else value.fields[use.field]
        if said is None:
            return Fault(use.line, use.column, "template-undefined", value.missing(use.field or ""))
        return said

    def unknown(self, kind: str, name: str) -> tuple[str, str]:
        """Message and hint for a name that is not there."""
        known = self.values[kind]
        hint = _did_you_mean(name, tuple(known)).strip() or f"The {kind}s stand in {_FILES[kind]}."
        return f"There is no {kind} called “{name}”.", hint

    def _fault_of(self, use: Use) -> Fault | None:
        value = self.values[use.kind].get(use.name)
        if value is None:
            return Fault(use.line, use.column, f"unknown-{use.kind}", *self.unknown(use.kind, use.name))
        if use.field is not None and use.field not in value.fields:
            return Fault(use.line, use.column, "template-undefined", value.missing(use.field))
        return None


@dataclass(frozen=True, slots=True)
class Filled:
    """What a text says; None where it has faults. `facts` are the ids of the facts that it said, in order."""

    text: str | None
    faults: tuple[Fault, ...] = ()
    facts: tuple[str, ...] = ()


class Template(Protocol):
    """A text that was read."""

    def fill(self, words: Words) -> Filled:
        """What it says with these facts and links."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A text without places to fill in."""

    text: str

    def fill(self, words: Words) -> Filled:  # noqa: ARG002
        return Filled(self.text)


@dataclass(frozen=True, slots=True)
class Simple:
    """A text that only names facts and links: pieces of text and uses, in order."""

    pieces: tuple[str | Use, ...]
    uses: tuple[Use, ...]

    def fill(self, words: Words) -> Filled:
        said = [piece if isinstance(piece, str) else words.said(piece) for piece in self.pieces]
        faults = tuple(part for part in said if isinstance(part, Fault))
        if faults:
            return Filled(None, faults)
        text = "".join(part for part in said if isinstance(part, str))
        if len(text) > LONGEST:
            return Filled(None, (too_long(),))
        return Filled(text, facts=tuple(use.name for use in self.uses if use.kind == "fact"))


@dataclass(frozen=True, slots=True)
class Broken:
    """A text that cannot be read, or uses what it must not. `uses` are those that could be read all the same."""

    faults: tuple[Fault, ...]
    uses: tuple[Use, ...] = ()

    def fill(self, words: Words) -> Filled:
        faults = (*self.faults, *words.faults_of(self.uses))
        return Filled(None, tuple(sorted(faults, key=lambda fault: (fault.line, fault.column))))


@lru_cache(maxsize=KEPT_TEMPLATES)
def read(source: str) -> Template:
    """The template in a text. Read once for each different text, whatever campaign it is in."""
    if not any(tag in source for tag in _TAGS):
        return Plain(source)
    text = _LINE_ENDS.sub("\n", source)
    simple = _simple(text)
    if simple is not None:
        return simple
    from socrbot.rendering import sandbox

    return sandbox.read(text)


def too_long(line: int = 1, column: int = 1) -> Fault:
    """The fault of a text that grows without end."""
    message = "What stands between the braces makes far too much text."
    return Fault(line, column, "template-too-long", message, "Write it out instead.")


def _simple(text: str) -> Simple | None:
    """The text as pieces, or None where it has more than simple uses."""
    pieces: list[str | Use] = []
    uses: list[Use] = []
    end = 0
    for match in _TAG.finditer(text):
        between = text[end : match.start()]
        if between.endswith("{") or any(tag in between for tag in _TAGS):
            return None
        use = Use(match["kind"], match["name"], match["field"], *_position(text, match.start("kind")))
        pieces += (between, use)
        uses.append(use)
        end = match.end()
    if any(tag in text[end:] for tag in _TAGS):
        return None
    return Simple((*pieces, text[end:]), tuple(uses))


def _position(text: str, index: int) -> tuple[int, int]:
    """Line and column, both from 1, of a place in a text."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _fact_value(fact: Fact) -> Value:
    what = f"the fact “{fact.id}”"
    source = None
    if fact.source is not None:
        about = {"title": fact.source.title, "url": fact.source.url, "publisher": fact.source.publisher}
        source = Value.of(fact.source.title, what=f"the source of {what}", kind="source", fields=about)
    fields = {"statement": fact.statement, "figure": fact.figure, "source": source}
    return Value.of(fact.statement, what=what, kind="fact", fields=fields)


def _link_value(link: Link) -> Value:
    return Value.of(
        link.url, what=f"the link “{link.name}”", kind="link", fields={"url": link.url, "title": link.title}
    )


def _did_you_mean(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" Did you mean “{close[0]}”?" if close else ""


def uses_in(uses: Iterator[Use]) -> tuple[Use, ...]:
    """Uses in the order of their places, each place once."""
    return tuple(sorted(set(uses), key=lambda use: (use.line, use.column)))
