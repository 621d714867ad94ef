"""The media files that posts name: whether they are there, inside the campaign's folder, and what they are."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from socrbot.campaign import Asset, Post
from socrbot.errors import Problem
from socrbot.source.files import Signature, has_settled, inside, media_below, names_beside, signature_of
from socrbot.source.problems import did_you_mean, problem, said

Inspect = Callable[[Path], Asset]
Seen = Mapping[str, tuple[Signature, Asset]]


class Shelf:
    """Looks at each media file once. `seen` are the assets of an earlier load, by path."""

    def __init__(self, root: Path, inspect: Inspect | None, seen: Seen, now: int) -> None:
        self._root = root
        self._inspect = inspect
        self._before = seen
        self._now = now
        self.seen: dict[str, tuple[Signature, Asset]] = {}
        self.assets: dict[str, Asset] = {}
        self.faults: dict[str, tuple[str, str, str | None]] = {}

    def look(self, path: str) -> None:
        """Takes the file into `assets`, or says in `faults` why not: code, message, hint."""
        fault = self._fault_of_path(path)
        status = None if fault else self._status(path)
        if fault is None and (status is None or not stat.S_ISREG(status.st_mode)):
            hint = self._nearest(path) or "paths begin at the campaign's folder: write media/ and the file's name"
            fault = ("missing-media", f"there is no file {said(path)}", hint)
        if fault or status is None:
            self.faults[path] = fault or ("missing-media", f"there is no file {said(path)}", None)
            return
        self.assets[path] = self._asset(path, status)

    def problems_of(self, post: Post) -> list[Problem]:
        """The problems of a post whose media cannot be used."""
        found = []
        for number, media in enumerate(post.media):
            if media.file in self.faults:
                code, message, hint = self.faults[media.file]
                place = post.place_of(f"media.{number}.file")
                found.append(problem(code, place, message, hint=hint).about(post.id))
        return found

    def _fault_of_path(self, path: str) -> tuple[str, str, str | None] | None:
        if "\\" in path:
            hint = f"write {path.replace(chr(92), '/')}"
            return "missing-media", f"{said(path)} has backslashes in it; paths have forward slashes", hint
        pure = PurePosixPath(path)
        # A zero byte is in no file's name, and the system's calls refuse it.
        if "\0" in path or pure.is_absolute() or ".." in pure.parts or not inside(self._root, path):
            hint = "put the file into the folder media, and write media/ and its name"
            return "media-outside", f"{said(path)} leads out of the campaign's folder", hint
        return None

    def _nearest(self, path: str) -> str | None:
        """A file that may be meant: one with this name, whatever its capitals and folder, or with a name near it."""
        below = list(media_below(self._root))
        name = path.rpartition("/")[2].lower()
        same = next((one for one in below if one.rpartition("/")[2].lower() == name), None)
        beside = names_beside(self._root, path) if "/" in path else ()
        return f'did you mean "{same}"?' if same else did_you_mean(path, (*beside, *below))

    def _status(self, path: str) -> os.stat_result | None:
        try:
            return (self._root / path).stat()
        except OSError:
            return None

    def _asset(self, path: str, status: os.stat_result) -> Asset:
        signature = signature_of(status)
        before = self._before.get(path)
        if before and before[0] == signature:
            asset = before[1]
        elif self._inspect:
            asset = replace(self._inspect(self._root / path), path=path)
        else:
            asset = Asset(path, size=status.st_size)
        if has_settled(signature, self._now):
            self.seen[path] = (signature, asset)
        return asset
