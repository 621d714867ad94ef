"""From validated keys to the records of `campaign`: texts with their places, schedules, media, wording."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType

from socrbot.campaign import Draft, Every, InSlot, Media, Once, Schedule, Text, Variant
from socrbot.errors import Place
from socrbot.source.events import Document, Item, Spot
from socrbot.source.models import CronSchedule, EverySchedule, PostFile, Wording
from socrbot.source.problems import problem
from socrbot.source.syntax import quoted

_CURLY = {"“": "”", "‘": "’", "„": "“", "«": "»"}


class Records:
    """Makes the records of one item; what it finds on the way joins the item's problems."""

    def __init__(self, document: Document, item: Item) -> None:
        self._document = document
        self._item = item

    def text(self, path: str, value: str) -> Text:
        """The text that stands at a dotted path."""
        document, spot = self._document, self._item.spots[path]
        _, start, end, style = spot
        if style == "|":
            indent = _indent(document.lines, start.line + 1, value)
            return Text(value, Place(document.path, start.line + 2, indent + 1), indent)
        if not style and value[0] in _CURLY and value[-1] == _CURLY[value[0]]:
            self._curly(spot, value)
        if start.line == end.line:
            return Text(value, Place(document.path, start.line + 1, start.column + (2 if style else 1)))
        if style != ">":
            self._lost_lines(spot)
        folds = _folds(document.lines, spot, value)
        return Text(value, Place(document.path, *folds[0][1:]), folds=folds)

    def parts(self, text: str | None, parts: list[str] | None, prefix: str = "") -> tuple[Text, ...]:
        """The texts of a post or a variant: one, or those of a thread."""
        if text is not None:
            return (self.text(f"{prefix}text", text),)
        return tuple(self.text(f"{prefix}parts.{number}", part) for number, part in enumerate(parts or ()))

    def media(self, model: PostFile) -> tuple[Media, ...]:
        """The pictures and videos of a post."""
        return tuple(
            Media(
                one.file,
                one.alt or "",
                self._place(f"media.{number}"),
                one.people,
                one.consent,
                crop=bool(one.crop),
                focus=one.focus,
            )
            for number, one in enumerate(model.media or ())
        )

    def variants(self, model: PostFile) -> MappingProxyType[str, Variant]:
        """The wording for single accounts and networks, by their names."""
        return MappingProxyType({name: self._variant(name, one) for name, one in (model.variants or {}).items()})

    def check_words(self, path: str, text: str | None, parts: list[str] | None, *, skip: bool = False) -> None:
        """Notes a post or a variant that has no words, or has them twice."""
        written = (text is not None) + (parts is not None) + skip
        if written == 1:
            return
        message = "there is nothing to say here" if written == 0 else "only one of text, parts and skip can stand here"
        hint = "write text: with the words of the post" if written == 0 else "keep one of them"
        if skip and written > 1:
            message = "skip: yes sends nothing there, so the words beside it would never go out"
            hint = "take skip: out to send these words, or take the words out"
        self._item.problems.append(problem("text-or-parts", self._place(path), message, hint=hint))

    def schedule(self, model: PostFile, default_slot: str | None) -> Schedule:
        """When the post goes out."""
        when = model.when
        if when is None:
            return InSlot(default_slot) if default_slot else Draft()
        if isinstance(when, datetime):
            return Once((when,))
        if isinstance(when, list):
            self._check_repeated(when)
            return Once(tuple(when), listed=True)
        if isinstance(when, EverySchedule | CronSchedule):
            return self._series(when)
        return InSlot(when.slot)

    def _series(self, when: EverySchedule | CronSchedule) -> Every:
        if when.since and when.until and when.until < when.since:
            message = f"the last day, {when.until}, is before the first, {when.since}"
            self._item.problems.append(problem("bad-date", self._place("when.until"), message))
        weekdays, at = when.every if isinstance(when, EverySchedule) else ((), None)
        cron = when.cron if isinstance(when, CronSchedule) else None
        return Every(weekdays, at, cron, when.until, when.count, when.since)

    def _check_repeated(self, walls: list[datetime]) -> None:
        for number, wall in enumerate(walls):
            if wall in walls[:number]:
                message = f"{wall:%Y-%m-%d %H:%M} stands in this list twice"
                place = self._place(f"when.{number}")
                self._item.problems.append(problem("repeated", place, message, hint="take one of them out"))

    def _variant(self, name: str, one: Wording) -> Variant:
        path = f"variants.{name}"
        skip, options = bool(one.skip), MappingProxyType(one.options or {})
        # Options alone are enough: the post's own words stay then.
        if not options or one.text is not None or one.parts is not None or skip:
            self.check_words(path, one.text, one.parts, skip=skip)
        parts = self.parts(one.text, one.parts, f"{path}.")
        if one.text is not None:
            return Variant(text=parts[0], skip=skip, options=options)
        return Variant(parts=parts, skip=skip, options=options)

    def _place(self, path: str) -> Place:
        spot = self._item.spots.get(path) or self._item.spots[""]
        return self._document.place(spot[0])

    def _curly(self, spot: Spot, value: str) -> None:
        message = "the curly quotes around this text will be part of what goes out"
        hint = f"if they are not meant, write {quoted(value[1:-1])}"
        place = self._document.place(spot[1])
        self._item.problems.append(problem("curly-quotes", place, message, hint=hint, warning=True))

    def _lost_lines(self, spot: Spot) -> None:
        message = "this text goes over several lines, and its line breaks are lost"
        hint = "write | behind the key and the text in the lines below it; write > there if it is to be one line"
        place = self._document.place(spot[1])
        self._item.problems.append(problem("lost-lines", place, message, hint=hint, warning=True))


def _indent(lines: list[str], first: int, value: str) -> int:
    """How many columns YAML took away from the lines of a `|` text that begins in line `first` (from 0)."""
    number = 0
    while value.startswith("\n", number):
        number += 1
    end = value.find("\n", number)
    return len(lines[first + number]) - ((end if end >= 0 else len(value)) - number)


def _folds(lines: list[str], spot: Spot, value: str) -> tuple[tuple[int, int, int], ...]:
    """Where each line of a folded text begins: characters before it, line and column in the file."""
    _, start, end, style = spot
    quote = 1 if style in ("'", '"') else 0
    number, column = (start.line + 1, 0) if style == ">" else (start.line, start.column + quote)
    found: list[tuple[int, int, int]] = []
    behind = 0
    while number <= end.line and number < len(lines):
        line = lines[number] if number < end.line or style == ">" else lines[number][: end.column - quote]
        words = line[column:].strip(" \t")
        at = value.find(words, behind) if words else -1
        if at >= 0:
            found.append((at, number + 1, line.index(words, column) + 1))
            behind = at + len(words)
        elif words:
            # An escape, or the line behind a block: from here on the lines cannot be told apart.
            break
        number, column = number + 1, 0
    return tuple(found) or ((0, start.line + 1, start.column + 1),)
