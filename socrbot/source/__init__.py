"""Files to Campaign and problems, with the place of every value; JSON Schemas for editors.

Importing this package costs nothing: YAML and pydantic are imported at the first load.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from socrbot.campaign import Asset
from socrbot.source.cache import Cache
from socrbot.source.collector import collector_paused
from socrbot.source.loaded import Loaded
from socrbot.source.problems import CODES

__all__ = ["CODES", "Cache", "Loaded", "collector_paused", "load", "schemas"]


def load(root: Path, *, inspect: Callable[[Path], Asset] | None = None, cache: Cache | None = None) -> Loaded:
    """Reads `config/`, `posts/` and the media that posts name, in the campaign's folder `root`.

    `inspect` looks at a media file, whose path it is given; without it an asset has its size only. `cache` makes
    the next load quick. Whatever is wrong in the files is a problem of the result; nothing is raised for it.
    """
    from socrbot.source.loading import load as load_folder

    return load_folder(root, inspect=inspect, cache=cache)


def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schemas (2020-12) of the files, by kind: campaign, accounts, facts, posts."""
    from socrbot.source.schema import schemas as make

    return make()
