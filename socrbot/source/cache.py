"""What a service keeps between two loads, so that only changed files are read again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socrbot.source.loaded import Loaded
    from socrbot.source.media import Seen
    from socrbot.source.posts import PostsFile


@dataclass(frozen=True, slots=True)
class Kept:
    """A posts file as it was last read: signature, digest of its bytes, and what it gave.

    `settled` is False when the file had changed so shortly before that a further change might not show in the
    signature: then its bytes are compared at the next load.
    """

    signature: tuple[int, int, int, int]
    settled: bool
    content: bytes
    file: PostsFile


class Cache:
    """Keeps unchanged files' posts: the same objects come back. For one folder, and for one thread at a time."""

    def __init__(self) -> None:
        self.files: dict[str, Kept] = {}
        self.assets: Seen = {}
        # What the last load was made of, and what it gave.
        self.loaded: tuple[object, Loaded] | None = None
        self._made_for: tuple[Any, ...] = ()

    def prepare(self, root: Path, default_slot: str | None, inspect: object) -> None:
        """Forgets what was read under other circumstances."""
        if self._made_for and (self._made_for[0] != root or self._made_for[1] != default_slot):
            self.files = {}
        if self._made_for and (self._made_for[0] != root or self._made_for[2] != inspect):
            self.assets = {}
        self._made_for = (root, default_slot, inspect)
