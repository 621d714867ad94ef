"""A note beside the ledger of how far it has come. A ledger that knows less than its note was brought back by hand.

Then nothing goes out before the accounts' recent posts were compared, as after `socrbot restore`. The note is written
after the ledger, so it never knows more. What brings back the whole data folder brings back the note as well.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from socrbot.clock import as_utc
from socrbot.ledger import Ledger

FILE = "ledger.note"
_WHO = "socrbot"


@dataclass(frozen=True, slots=True)
class _Note:
    """Which ledger, the number of its newest event, and when that was noted (aware UTC)."""

    ledger: str
    event: int
    at: datetime


class Marker:
    """Keeps the note in the folder `data`. One for each process."""

    def __init__(self, ledger: Ledger, data: Path) -> None:
        self._ledger = ledger
        self._path = data / FILE
        self._noted: int | None = None

    def look(self, *, now: datetime) -> list[str]:
        """Compares ledger and note, before anything else is done. `now` is aware UTC.

        Returns the accounts that are to be compared, as the ledger was brought back. Raises LedgerError.
        """
        note = self._read()
        if note is None or (note.ledger == self._ledger.id and note.event <= self._ledger.newest_event()):
            return []
        since = self._ledger.last_line(before=note.at)
        accounts = self._ledger.to_compare(since, by=_WHO, now=now)
        self.note(now=now)
        return accounts

    def note(self, *, now: datetime) -> None:
        """Writes down how far the ledger has come, where that is news. Raises LedgerError, or OSError."""
        event = self._ledger.newest_event()
        if event == self._noted:
            return
        half = self._path.with_suffix(".new")
        half.write_text(json.dumps({"ledger": self._ledger.id, "event": event, "at": as_utc(now).isoformat()}))
        half.replace(self._path)
        self._noted = event

    def _read(self) -> _Note | None:
        """The note; None where there is none, or one that the end of the power cut short."""
        try:
            values = json.loads(self._path.read_text(encoding="utf-8"))
            return _Note(str(values["ledger"]), int(values["event"]), datetime.fromisoformat(values["at"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None
