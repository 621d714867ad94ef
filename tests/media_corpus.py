"""The corpus of files that hide something: every place of every format that socrbot takes."""

from __future__ import annotations

from functools import cache

from tests.media.clips import clips
from tests.media.stills import stills


@cache
def corpus() -> dict[str, bytes]:
    """Name of the file -> its bytes. The name says where it is planted."""
    return {**dict(stills()), **dict(clips())}
