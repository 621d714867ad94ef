"""Rehearses what is to come: the very same bot, on a clock of its own, with a copy of the ledger.

`company.py` puts the copy, the stage and the bot together, `stage.py` stands in for the networks, `faults.py` is what
may go wrong, `walk.py` goes from one due time to the next (the demo too), `telling.py` gathers what came of it. Nothing
leaves the machine, and neither the ledger nor the bot's folder is changed.
"""

from __future__ import annotations

from socrbot.rehearsing.company import campaign_of
from socrbot.rehearsing.faults import FORMS, Fault, understand
from socrbot.rehearsing.telling import Wanted, rehearse
from socrbot.rehearsing.walk import walk

__all__ = ["FORMS", "Fault", "Wanted", "campaign_of", "rehearse", "understand", "walk"]
