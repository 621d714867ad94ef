"""Planning: when each post is due on each account, and what the ledger must change for it. Pure, no clock, no database.

`plan` (or a `Planner`, which remembers) is the whole of it. `occurrences` tells when one schedule is due, `arrange`
keeps quiet hours and spacing, `valid_cron` looks at what somebody wrote.
"""

from __future__ import annotations

from socrbot.planning.arranging import Quiet, arrange
from socrbot.planning.cron import valid_cron
from socrbot.planning.occurrences import occurrences
from socrbot.planning.planner import Planner, plan
from socrbot.planning.records import Known, Occurrence, Plan

__all__ = ["Known", "Occurrence", "Plan", "Planner", "Quiet", "arrange", "occurrences", "plan", "valid_cron"]
