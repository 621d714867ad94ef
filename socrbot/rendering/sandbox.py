"""What a text may use of Jinja2, and the bounds that keep it small.

Allowed are `{{ … }}`, `{% if %}`, `{% for %}` over a written-out list, `{% set %}` with a text or a number, and the
filters below. There is no way to files, to the environment, to Python or to the time. Whatever grows (text, numbers,
rounds of a loop) has a bound. Jinja2's sandbox stands behind all this, for what these rules should miss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, UndefinedError, nodes, pass_context
from jinja2.environment import Template as Compiled
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from socrbot.rendering import syntax
from socrbot.rendering.templates import LONGEST, Broken, Fault, Filled, Template, Use, Value, Words, too_long, uses_in

MOST_ROUNDS = 10_000
LARGEST_BITS = 256
_NAME = "<post>"
_STEPS, _JOINED, _METER = "socrbot_steps", "socrbot_joined", "socrbot_meter"
_FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "first", "float", "int", "last", "length", "lower"),
    *("string", "title", "trim", "truncate", "upper", "wordcount"),
)
_TESTS = (
    "defined",
    "undefined",
    "none",
    "string",
    "number",
    "odd",
    "even",
    "divisibleby",
    "in",
    "eq",
    "ne",
    "==",
    "!=",
)
_LOOP = ("index", "index0", "first", "last", "length", "revindex", "revindex0")


class TooLongError(Exception):
    """The template would make more than it may."""


class NotTextError(Exception):
    """The template would print something that nobody can read."""


class UnknownNameError(Exception):
    """The template names a fact or a link that is not there."""

    def __init__(self, kind: str, name: str, words: tuple[str, str]) -> None:
        super().__init__(words[0])
        self.kind, self.name, self.hint = kind, name, words[1]


@dataclass(slots=True)
class Meter:
    """How much one filling has used up."""

    rounds: int = 0

    def turn(self) -> None:
        """One more round of a loop."""
        self.rounds += 1
        if self.rounds > MOST_ROUNDS:
            raise TooLongError


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 with nothing in it but facts, links and a few filters."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=_printable,
        )
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS} | {
            "replace": _replace,
            "round": _round,
            _STEPS: _steps,
            _JOINED: _joined,
        }
        self.tests = {name: self.tests[name] for name in _TESTS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Value):
            value = obj.fields.get(attribute)
            return self.undefined(hint=obj.missing(attribute)) if value is None else value
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        if isinstance(obj, Undefined):
            return obj
        return self.undefined(hint=f"“.{attribute}” cannot be used here.")

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, str) and isinstance(argument, int | slice):
            try:
                return str(obj)[argument]
            except IndexError:
                return self.undefined(hint="The text is shorter than that.")
        return self.getattr(obj, str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        return isinstance(obj, Lookup)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        _check_size(operator, left, right)
        return super().call_binop(context, operator, left, right)


@dataclass(frozen=True, slots=True)
class Lookup:
    """`fact` or `link`, as a text calls it. `said` collects the names of what was asked for."""

    kind: str
    words: Words
    said: list[str]

    def __call__(self, name: str) -> Value:
        value = self.words.values[self.kind].get(str(name))
        if value is None:
            raise UnknownNameError(self.kind, str(name), self.words.unknown(self.kind, str(name)))
        self.said.append(str(name))
        return value


@dataclass(frozen=True, slots=True)
class Full:
    """A text that Jinja2 fills."""

    source: str
    template: Compiled
    uses: tuple[Use, ...]

    def fill(self, words: Words) -> Filled:
        if faults := words.faults_of(self.uses):
            return Filled(None, faults)
        said: list[str] = []
        names = {"fact": Lookup("fact", words, said), "link": Lookup("link", words, []), _METER: Meter()}
        try:
            return Filled(_gather(self.template.generate(**names)), facts=tuple(said))
        except Exception as error:
            return Filled(None, (self._fault(error),))

    def _fault(self, error: Exception) -> Fault:
        line, column = syntax.place_of_error(self.source, error, _NAME)
        if isinstance(error, TooLongError | MemoryError | OverflowError | RecursionError):
            return too_long(line, column)
        if isinstance(error, UnknownNameError):
            return Fault(line, column, f"unknown-{error.kind}", str(error), error.hint)
        if isinstance(error, UndefinedError):
            return Fault(line, column, "template-undefined", syntax.sentence(str(error)))
        if isinstance(error, SecurityError):
            return Fault(line, column, "template-error", "This cannot be used in a text.", syntax.HINT)
        why = f": {error}" if isinstance(error, NotTextError | ZeroDivisionError) else ""
        return Fault(line, column, "template-error", f"This cannot be worked out{why}.", syntax.HINT)


@cache
def _sandbox() -> Sandbox:
    return Sandbox()


def read(source: str) -> Template:
    """The template in a text, or all the mistakes in it that can be seen without filling it."""
    if len(source) > LONGEST:
        return Broken((too_long(),))
    sandbox = _sandbox()
    try:
        tree = sandbox.parse(source, _NAME, _NAME)
        every = tuple(syntax.walk(tree))
        uses = uses_in(syntax.uses_of(every, source))
        faults = tuple(syntax.faults_of(every, source, allowed=sandbox.filters.keys() - {_STEPS, _JOINED}))
        if faults:
            return Broken(faults, uses)
        if any(isinstance(node, nodes.For | nodes.Concat) for node in every):
            tree = _Bounded().visit(tree)
        code = sandbox.compile(tree, _NAME, _NAME)
        return Full(source, Compiled.from_code(sandbox, code, {}), uses)
    except TemplateSyntaxError as error:
        return Broken((syntax.fault_of_syntax(error, source),))
    except Exception:
        # Jinja2 lets through what Python says of numbers and nestings that are too large for it.
        return Broken((Fault(1, 1, "template-syntax", "What stands between the braces is too involved.", syntax.HINT),))


class _Bounded(NodeTransformer):
    """Puts a meter on what Jinja2's sandbox leaves without a bound: loops, and texts joined with `~`."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, _STEPS, [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, _JOINED, [], [], None, None, lineno=node.lineno)


def _gather(pieces: Iterable[str]) -> str:
    gathered: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > LONGEST:
            raise TooLongError
        gathered.append(piece)
    return "".join(gathered)


@pass_context
def _steps(context: Context, values: Any) -> Iterator[Any]:
    """The values of a loop, each of them counted."""
    meter = context.resolve(_METER)

    def counted() -> Iterator[Any]:
        for value in values:
            meter.turn()
            yield value

    return counted()


def _joined(parts: Iterable[object]) -> str:
    return _gather(str(_printable(part)) for part in parts)


def _replace(text: object, old: str, new: str, count: int | None = None) -> str:
    whole = str(text)
    times = whole.count(old) if count is None else min(whole.count(old), count)
    if len(whole) + times * (len(new) - len(old)) > LONGEST:
        raise TooLongError
    return whole.replace(old, new, -1 if count is None else count)


def _round(value: float, precision: int = 0) -> float:
    return round(value, max(0, min(precision, 10))) if precision else round(value)


def _printable(value: object) -> object:
    """What may be printed: text and numbers, and nothing that shows Python's own."""
    if isinstance(value, str | int | float | Undefined) and not isinstance(value, bool):
        return value
    raise NotTextError("it is neither text nor a number")


def _check_size(operator: str, left: object, right: object) -> None:
    """Raises TooLongError before an operation makes something too large."""
    if isinstance(left, str) and operator == "%":
        raise SecurityError("formatting")
    if isinstance(left, str) or isinstance(right, str):
        _check_text(operator, left, right)
    elif isinstance(left, int) and isinstance(right, int):
        grown: dict[str, Callable[[int, int], int]] = {
            "**": lambda a, b: a.bit_length() * abs(b),
            "*": lambda a, b: a.bit_length() + b.bit_length(),
        }
        if operator in grown and grown[operator](left, right) > LARGEST_BITS:
            raise TooLongError


def _check_text(operator: str, left: object, right: object) -> None:
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        size = len(left) + len(right)
    elif operator == "*":
        size = (len(left) if isinstance(left, str) else _times(left)) * (
            len(right) if isinstance(right, str) else _times(right)
        )
    else:
        return
    if size > LONGEST:
        raise TooLongError


def _times(value: object) -> int:
    return value if isinstance(value, int) else 0
