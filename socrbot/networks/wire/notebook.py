"""Remote ids kept in a file of the account's folder, for steps that can only be made while publishing.

A reply on Threads has to name the post that it answers when its container is made, and that post is known only then.
The number of the container must outlive a crash all the same.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from socrbot.clock import Clock
from socrbot.networks.shared.disk import disk_errors, write_whole

_FORGOTTEN = timedelta(days=8)


class Notebook:
    """Keeps ids under the key of one part, as `base.Steps` does. For one thread at a time.

    What nobody has touched for eight days is dropped. A file that cannot be read counts as empty.
    """

    def __init__(self, folder: Path, clock: Clock, *, key: str) -> None:
        self._file = folder / "steps.json"
        self._clock = clock
        self._key = key

    def get(self, name: str) -> str | None:
        """The id kept under `name` for this part, unless it has run out."""
        value, ends, _ = self._read().get(f"{self._key} {name}", (None, None, 0))
        return None if ends is not None and ends <= self._clock.now().timestamp() else value

    def keep(self, name: str, value: str, *, expires_at: datetime | None = None) -> None:
        """Keeps an id; it is on the disk when this returns. Raises NotSent where it cannot be written."""
        now = self._clock.now().timestamp()
        kept = {where: line for where, line in self._read().items() if now - line[2] < _FORGOTTEN.total_seconds()}
        kept[f"{self._key} {name}"] = (value, expires_at.timestamp() if expires_at else None, now)
        with disk_errors("The file that keeps what was prepared"):
            write_whole(self._file, json.dumps(kept).encode())

    def _read(self) -> dict[str, tuple[str, float | None, float]]:
        try:
            return {
                str(where): (str(v), ends, float(at))
                for where, (v, ends, at) in json.loads(self._file.read_bytes()).items()
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return {}
