"""A place on the loopback from which the stand-ins of Instagram and Threads fetch files, as Meta does from the web."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from socrbot.message import Rendition
from tests.standins.exchange import Reply, Request
from tests.standins.server import Standin


class Shelf(Standin):
    """Shows files, and takes them away again. `shown` are those that are there now, `ever` all that were."""

    name = "shelf"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shown: dict[str, Rendition] = {}
        self.ever: list[str] = []
        self._files = itertools.count(1)

    def show(self, rendition: Rendition, *, alt: str) -> str:
        """Makes the file reachable."""
        path = f"/hard-to-guess-{next(self._files)}-{rendition.digest[:8]}"
        self.shown[path] = rendition
        self.ever.append(path)
        return self.base + path

    def hide(self, address: str) -> None:
        """Takes it away."""
        self.shown.pop(address.removeprefix(self.base), None)

    def act(self, request: Request) -> Reply:
        file = self.shown.get(request.path)
        if file is None:
            return Reply(404, b"")
        return Reply(200, file.data, {"Content-Type": file.mime})


@contextmanager
def open_shelf() -> Iterator[Shelf]:
    """A shelf that listens."""
    with Shelf() as shelf:
        yield shelf
