"""Makes what was withdrawn unfindable here as well: pictures as they were sent, descriptions, and the words if wished.

A ledger that is brought back from a copy, and pictures with it, would bring back what was erased. So a list of what
was withdrawn stands in a file of its own beside the ledger, and is gone through again whenever the bot starts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from socrbot.delivery import Delivery, State, allowed
from socrbot.errors import LedgerError
from socrbot.ledger import Ledger
from socrbot.publishing.withdrawing import is_public

LIST = "withdrawn.jsonl"
_WHO = "socrbot"
_WHY = "It was withdrawn before this ledger was brought back from a copy."


@dataclass(frozen=True, slots=True)
class Line:
    """One withdrawn delivery: its identity, the digests of its files, and whether its words were to go as well."""

    post: str
    account: str
    occurrence: str
    files: tuple[str, ...]
    words: bool


@dataclass(frozen=True, slots=True)
class Eraser:
    """`data` is the folder of the ledger. `erase` takes what was made of files, by their digests, and all pages."""

    ledger: Ledger
    data: Path
    erase: Callable[[Collection[str]], object]

    def withdrawn(self, deliveries: Iterable[Delivery], *, words: bool, by: str, now: datetime) -> None:
        """Erases what was kept of these withdrawn deliveries. Files that another delivery shows stay."""
        deliveries = list(deliveries)
        lines = [self._line(delivery, words) for delivery in deliveries]
        # The list first and the ledger last: what is interrupted in between is found there, and done by the next start.
        self._note(lines)
        self._erase_files(lines)
        self.ledger.erase([delivery.id for delivery in deliveries], words=words, by=by, now=now)

    def again(self, *, now: datetime) -> list[Delivery]:
        """Goes through the list: what the ledger still has is withdrawn, what is planned is cancelled, all is erased.

        And what is withdrawn and was not erased, because somebody pulled the plug, is erased now. Returns the
        deliveries that were found. `now` is aware UTC. Raises LedgerError, and OSError where a file stays.
        """
        lines = self._lines()
        words = {line_identity(line) for line in lines if line.words}
        found = self.ledger.not_withdrawn(line_identity(line) for line in lines) if lines else []
        for delivery in found:
            self._catch_up(delivery, now=now)
        left = self.ledger.unerased()
        forgotten = [self._line(one, words=False) for one in left if identity(one) not in map(line_identity, lines)]
        self._note(forgotten)
        if found or left:
            self._erase_files([*lines, *forgotten])
        for delivery in left:
            self.ledger.erase([delivery.id], words=identity(delivery) in words, by=_WHO, now=now)
        return list({delivery.id: delivery for delivery in (*found, *left)}.values())

    def _catch_up(self, delivery: Delivery, *, now: datetime) -> None:
        if is_public(delivery):
            self.ledger.withdraw(delivery.id, by=_WHO, reason=_WHY, now=now)
        elif allowed(delivery.state, State.CANCELLED):
            self.ledger.cancel(delivery.id, by=_WHO, reason=_WHY, now=now)

    def _line(self, delivery: Delivery, words: bool) -> Line:
        said = self.ledger.said([delivery.id]).get(delivery.id, [])
        media = [item for one in said for item in one.pictures]
        return Line(delivery.post, delivery.account, delivery.occurrence, tuple(dict.fromkeys(media)), words)

    def _erase_files(self, lines: Iterable[Line]) -> None:
        in_use = self.ledger.media_in_use()
        self.erase({digest for line in lines for digest in line.files} - in_use)

    def _note(self, lines: Collection[Line]) -> None:
        if not lines:
            return
        path = self.data / LIST
        try:
            path.touch(mode=0o600)
            with path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(line), ensure_ascii=False) + "\n" for line in lines)
        except OSError as error:
            raise LedgerError(f"The list of what was withdrawn ({path}) cannot be written: {error.strerror}.") from None

    def _lines(self) -> list[Line]:
        try:
            text = (self.data / LIST).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LedgerError(f"The list of what was withdrawn cannot be read: {error.strerror}.") from None
        return [line for line in map(_parse, text.splitlines()) if line is not None]


def note_missing(data: Path, listed: str) -> None:
    """Adds the lines of another list, from a copy of a ledger, that the list in this folder does not have.

    Raises LedgerError where the list cannot be read or written.
    """
    path = data / LIST
    try:
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        have = set(present.splitlines())
        missing = [line for line in listed.splitlines() if line not in have and _parse(line) is not None]
        if not missing:
            return
        path.touch(mode=0o600)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in (*([""] if present and present[-1] != "\n" else []), *missing))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise LedgerError(f"The list of what was withdrawn ({path}) cannot be written: {error.strerror}.") from None


def identity(delivery: Delivery) -> tuple[str, str, str]:
    """What makes a delivery the one that it is, in any ledger."""
    return (delivery.post, delivery.account, delivery.occurrence)


def line_identity(line: Line) -> tuple[str, str, str]:
    """The identity of the delivery that a line is about."""
    return (line.post, line.account, line.occurrence)


def _parse(text: str) -> Line | None:
    """A line of the list; None for one that was cut off by a crash."""
    try:
        values = json.loads(text)
        return Line(**{**values, "files": tuple(values["files"])})
    except (ValueError, TypeError, KeyError):
        return None
