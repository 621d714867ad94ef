"""Cron expressions as the team writes them. What can be used is decided where they are counted: `planning/cron.py`."""

from __future__ import annotations

from socrbot.planning.cron import valid_cron
from socrbot.source.problems import Mistake


def cron(text: str) -> str:
    """The expression, in lower case with single spaces. Raises Mistake."""
    problem = valid_cron(text)
    if problem is not None:
        sentence, _, advice = problem.partition(". ")
        raise Mistake("bad-cron", sentence.rstrip("."), advice.rstrip(".") or 'write for example "30 8 * * mon,thu"')
    return " ".join(text.lower().split())
