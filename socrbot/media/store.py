"""Keeps what was made of pictures and videos, by its digest, so that the log can show later what was sent.

A file is written once, whole or not at all (mode 600), under the SHA-256 of its bytes. Beside it, in `made/`, stands
from which file and under which limits it was made. Several processes may use one folder at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import asdict
from pathlib import Path

from socrbot.message import Rendition

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Store:
    """The renditions below one folder, which is made when something is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = folder / "made"

    @classmethod
    def below(cls, data: Path) -> Store:
        """The store of the bot whose own folder this is."""
        return cls(data / "media")

    def find(self, source: str, limits: str) -> Rendition | None:
        """What was made of the file with the digest `source` under these limits (`Limits.key`); None where nothing
        was, or where it can no longer be read as it was."""
        return self._rendition(self._made / f"{source}.{limits}.json")

    def keep(self, source: str, limits: str, rendition: Rendition) -> None:
        """Keeps a rendition. Raises OSError where the disk does."""
        for folder in (self._folder, self._made):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{rendition.digest}{_suffix(rendition.name)}"
        if self._read(path, rendition.digest) is None:
            _write(path, rendition.data)
        facts = asdict(rendition)
        del facts["data"]
        _write(self._made / f"{source}.{limits}.json", json.dumps(facts, sort_keys=True).encode())

    def path(self, digest: str) -> Path | None:
        """Where the rendition with this digest lies, or what was made last of the file with this digest."""
        found = self._files(digest) or [path for entry in self._entries(digest) for path in self._files(_of(entry))]
        return found[-1] if found else None

    def made_from(self, source: str) -> tuple[Rendition, ...]:
        """Everything that was made of the file with this digest."""
        made = [self._rendition(entry) for entry in self._entries(source)]
        return tuple(rendition for rendition in made if rendition is not None)

    def erase(self, digests: Collection[str]) -> frozenset[str]:
        """Erases the renditions with these digests, and all that was made of files with these digests.

        Returns the digests of all that is now gone. A picture that another post uses is made anew when it is needed.
        """
        wanted = {digest for digest in digests if _DIGEST.fullmatch(digest)}
        entries = [entry for entry in self._all_entries() if entry.name[:64] in wanted or _of(entry) in wanted]
        doomed = wanted | {_of(entry) for entry in entries}
        paths = [path for digest in sorted(doomed) for path in self._files(digest)]
        # The notes go first: whoever finds a note must find the file as well, or make it anew.
        for path in [*entries, *paths]:
            path.unlink(missing_ok=True)
        return frozenset(doomed)

    def _rendition(self, entry: Path) -> Rendition | None:
        try:
            facts = json.loads(entry.read_bytes())
            data = self._read(self._folder / f"{facts['digest']}{_suffix(facts['name'])}", facts["digest"])
            return None if data is None else Rendition(data=data, **facts)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _read(self, path: Path, digest: str) -> bytes | None:
        """The bytes of a file, where they still have this digest."""
        try:
            data = path.read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == digest else None

    def _files(self, digest: str) -> list[Path]:
        return sorted(self._folder.glob(f"{digest}.*")) if _DIGEST.fullmatch(digest) else []

    def _entries(self, source: str) -> list[Path]:
        found = self._made.glob(f"{source}.*.json") if _DIGEST.fullmatch(source) else ()
        return sorted(found, key=lambda entry: entry.stat().st_mtime_ns)

    def _all_entries(self) -> Iterator[Path]:
        return self._made.glob("*.json")


def _of(entry: Path) -> str:
    """The digest of the rendition that a note speaks of; nothing where it cannot be read."""
    try:
        return str(json.loads(entry.read_bytes())["digest"])
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def _suffix(name: str) -> str:
    return Path(name).suffix


def _write(path: Path, data: bytes) -> None:
    """Makes a file (mode 600) that is there whole or not at all; one that is there already is replaced by the same."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".tmp", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(file.name).unlink()
            raise
