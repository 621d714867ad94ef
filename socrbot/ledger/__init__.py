"""The ledger: what is planned, what is under way, what happened. The only place that speaks SQL.

`Ledger` is put together from parts, one file a subject; the records in which it answers are in `records.py`.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from socrbot.clock import Clock
from socrbot.ledger import engine, opening
from socrbot.ledger.acquainting import LOOKS_PUBLIC, Acquainting, PublicPost, Seen
from socrbot.ledger.ageing import Ageing
from socrbot.ledger.claims import Claims
from socrbot.ledger.doubts import Doubts
from socrbot.ledger.known import Knowing, Watch
from socrbot.ledger.measuring import Measuring, PublicPart
from socrbot.ledger.outcomes import Outcomes
from socrbot.ledger.people import People
from socrbot.ledger.planning import Alongside, Planning
from socrbot.ledger.reading import Asking
from socrbot.ledger.records import (
    AccountRow,
    AttemptRow,
    Event,
    Filter,
    PartRow,
    Pause,
    Reading,
    Spacing,
    Story,
    Unknown,
    Worker,
)
from socrbot.ledger.running import Running
from socrbot.ledger.said import Said, Saying
from socrbot.ledger.withdrawing import AGAIN, BY_HAND, Withdrawing

__all__ = [
    "AGAIN",
    "BY_HAND",
    "LOOKS_PUBLIC",
    "AccountRow",
    "Alongside",
    "AttemptRow",
    "Event",
    "Filter",
    "Ledger",
    "PartRow",
    "Pause",
    "PublicPart",
    "PublicPost",
    "Reading",
    "Said",
    "Seen",
    "Spacing",
    "Story",
    "Unknown",
    "Watch",
    "Worker",
]


class Ledger(
    Knowing,
    Planning,
    Acquainting,
    Ageing,
    Claims,
    Outcomes,
    Doubts,
    People,
    Withdrawing,
    Asking,
    Running,
    Saying,
    Measuring,
):
    """One open ledger. Safe to use from several threads, and by several processes at once.

    Every change of a delivery's state is a compare-and-set and writes an event in the same transaction. Every method
    raises LedgerError where the database fails; Lost, a LedgerError, where another worker was faster.
    """

    @classmethod
    def open(cls, where: str | Path, *, clock: Clock, read_only: bool = False) -> Self:
        """Opens the ledger at a path or an address (`postgresql://...`, `sqlite:///...`); makes it where there is none.

        An older ledger is brought up to date, after a copy (SQLite). `read_only`: it is neither made nor brought up to
        date, and nothing can be written. Raises LedgerError for what is no ledger, is newer than this program, or
        cannot be opened.
        """
        db = engine.connect(where, clock=clock, read_only=read_only)
        try:
            return cls(db, opening.prepare(db))
        except BaseException:
            db.close()
            raise

    def close(self) -> None:
        """Closes the ledger. Nothing else may be asked of it then."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()
