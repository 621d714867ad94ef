"""What shows posts on this computer beside the ledger, and how it goes when a post is withdrawn.

Pictures as they were sent, here and in the public folder, and the pages that the bot made. Not what the team made: the
files in `posts/` and `media/`, and a page that was written to a place of somebody's own choice.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from socrbot.hosting import PublicFolder
from socrbot.media import Store

LOG_PAGE = "log.html"
REHEARSAL_PAGE = "rehearsal.html"
DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Traces:
    """Below `data`, the bot's own folder. `public` gives the public folder, or None where there is none to be found."""

    data: Path
    store: Store
    public: Callable[[], PublicFolder | None]

    def erase(self, digests: Collection[str]) -> None:
        """Erases what was made of the files with these digests, and all pages: the bot makes its own anew.

        Raises OSError where something cannot be deleted.
        """
        for page in (LOG_PAGE, REHEARSAL_PAGE):
            (self.data / page).unlink(missing_ok=True)
        if (demo := self.data / DEMO).is_dir():
            shutil.rmtree(demo)
        gone = self.store.erase(digests)
        # What is left in a folder that nobody can find goes after a day.
        if (place := self.public()) is not None:
            place.erase(gone)
