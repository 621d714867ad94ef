"""How people took what went out: the last numbers of each delivery, in words and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime

from socrbot.ledger import Reading
from socrbot.message import Metrics
from socrbot.report.phrases import count

NAMES = tuple(field.name for field in fields(Metrics))
_NOUNS = {"likes": "like", "replies": "reply", "shares": "share", "views": "view"}


def latest(readings: Iterable[Reading]) -> tuple[Metrics, datetime] | None:
    """The newest numbers of a delivery, those of all its parts together, and when the last one was read.

    A number that no part has stays None. Nothing where nobody has asked yet.
    """
    newest = {reading.part: reading for reading in sorted(readings, key=lambda reading: reading.at)}
    if not newest:
        return None
    told = [reading.metrics for reading in newest.values()]
    sums = {name: _sum([getattr(one, name) for one in told]) for name in NAMES}
    return Metrics(**sums), max(reading.at for reading in newest.values())


def in_words(metrics: Metrics) -> str:
    """The numbers in a few words: "12 likes, 3 replies"."""
    said = [(_NOUNS[name], value) for name in NAMES if (value := getattr(metrics, name)) is not None]
    return ", ".join(count(value, noun) for noun, value in said) or "the network told no numbers"


def as_data(found: tuple[Metrics, datetime] | None) -> dict[str, object] | None:
    """The numbers for programs."""
    return None if found is None else {**asdict(found[0]), "read_at": found[1].isoformat()}


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
