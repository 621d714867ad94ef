"""The campaign's folder: which files there are, whether one has changed, and its bytes as text."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from socrbot.errors import Place, Problem
from socrbot.source.problems import Unreadable, problem
from socrbot.source.syntax import forbidden_character

# 100,000 long posts take about half of this.
LARGEST = 64 * 1024 * 1024
# A file changed again in the same tick of the file system's clock looks unchanged. Ticks last up to 10 ms on Linux,
# 2 s where a file system keeps whole seconds only.
_TICK, _COARSE_TICK, _SECOND = 50_000_000, 2_100_000_000, 1_000_000_000

# Time of change, size, number and time of the last change of its entry: equal means unchanged.
Signature: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """A file in the folder: path relative to it with forward slashes, and its signature."""

    path: str
    signature: Signature


@dataclass(slots=True)
class Listing:
    """The files under a folder in sorted order. `lost` is True when a folder in it could not be looked into."""

    files: list[Found] = field(default_factory=list)
    unreadable: list[tuple[str, Problem]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lost: bool = False


def signature_of(status: os.stat_result) -> Signature:
    """What tells whether a file is still the same."""
    return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns)


def has_settled(signature: Signature, now: int) -> bool:
    """Whether any later change will show in the signature. `now` is in nanoseconds since 1970."""
    newest = max(signature[0], signature[3])
    return newest < now - (_TICK if newest % _SECOND else _COARSE_TICK)


def posts_in(root: Path) -> Listing:
    """The posts files of a campaign's folder, which must be resolved."""
    listing = Listing()
    folder = root / "posts"
    if not folder.is_dir():
        listing.lost = True
        hint = "make a folder posts beside config, with a file for each post in it"
        listing.problems.append(problem("missing-file", Place("posts"), "there is no folder posts", hint=hint))
        return listing
    _walk(root, "posts", listing, seen=set())
    listing.files.sort(key=_path_of)
    return listing


def _path_of(found: Found) -> str:
    return found.path


def _walk(root: Path, folder: str, listing: Listing, *, seen: set[str]) -> None:
    real = os.path.realpath(root / folder)
    if real in seen:
        return
    seen.add(real)
    try:
        with os.scandir(root / folder) as entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    _entry(root, f"{folder}/{entry.name}", entry, listing, seen=seen)
    except OSError as error:
        listing.lost = True
        message = f"this folder cannot be looked into ({error.strerror})"
        listing.problems.append(problem("unreadable-file", Place(_shown(folder)), message))


def _entry(root: Path, path: str, entry: os.DirEntry[str], listing: Listing, *, seen: set[str]) -> None:
    name = entry.name
    if not name.isprintable():
        message = "the name of this file has signs in it that cannot be shown"
        found = problem("odd-name", Place(_shown(path)), message, hint="rename it")
        listing.unreadable.append((_shown(path), found))
        return
    wanted = name.endswith((".yaml", ".yml")) or name.lower().endswith((".yaml", ".yml"))
    if not wanted and not entry.is_dir():
        if name.endswith((".yaml.txt", ".yml.txt")):
            hint, place = "rename it so that it ends in .yaml", Place(_shown(path))
            listing.problems.append(problem("two-names", place, "this file is not read", hint=hint, warning=True))
        return
    if entry.is_symlink() and not _inside(root, path):
        found = problem("outside-folder", Place(_shown(path)), "this leads out of the campaign's folder")
        listing.unreadable.append((path, found))
        listing.lost |= entry.is_dir()
        return
    try:
        if entry.is_dir():
            _walk(root, path, listing, seen=seen)
        else:
            status = entry.stat()
            _check(path, status)
            listing.files.append(Found(path, signature_of(status)))
    except OSError as error:
        listing.unreadable.append((path, _cannot_open(path, error)))
    except Unreadable as reason:
        listing.unreadable.append((path, reason.problem))


def read_config_bytes(root: Path, path: str) -> bytes:
    """The bytes of a file that no listing has looked at. Raises Unreadable."""
    if not _inside(root, path):
        raise Unreadable(problem("outside-folder", Place(path), "this leads out of the campaign's folder"))
    try:
        _check(path, (root / path).stat())
    except OSError as error:
        raise Unreadable(_cannot_open(path, error)) from None
    return read_bytes(root, path)


def read_bytes(root: Path, path: str) -> bytes:
    """The bytes of a file that was listed. Raises Unreadable."""
    try:
        # A name of a file in a folder that was listed; pathlib would take as long again as the reading.
        with open(f"{root}/{path}", "rb", buffering=0) as file:  # noqa: PTH123
            return file.read()
    except OSError as error:
        raise Unreadable(_cannot_open(path, error)) from None


def decode(path: str, content: bytes) -> str:
    """The text of a file: UTF-8, without a byte order mark, lines ended by line feeds. Raises Unreadable."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:4]:
        message = "this file is saved as UTF-16, not as UTF-8"
        raise Unreadable(problem("wrong-encoding", Place(path), message, hint="save it again and choose UTF-8"))
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Unreadable(_not_utf8(path, content, error.start)) from None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # These break lines for YAML and for nobody else, so every place behind them would be wrong.
    if not text.isascii() and ("\x85" in text or "\u2028" in text or "\u2029" in text):
        found = forbidden_character(path, text)
        if found:
            raise Unreadable(found)
    return text


def inside(root: Path, path: str) -> bool:
    """Whether a path, links followed, lies in the campaign's folder, which must be resolved."""
    return _inside(root, path)


def _inside(root: Path, path: str) -> bool:
    return Path(os.path.realpath(root / path)).is_relative_to(root)


def _check(path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(problem("unreadable-file", Place(_shown(path)), "this is not an ordinary file"))
    if status.st_size > LARGEST:
        message = f"this file has {status.st_size:,} bytes; more than {LARGEST:,} are not read"
        raise Unreadable(problem("too-large", Place(_shown(path)), message, hint="split it into several files"))


def _cannot_open(path: str, error: OSError) -> Problem:
    code = "missing-file" if isinstance(error, FileNotFoundError) else "unreadable-file"
    reason = error.strerror or "no reason given"
    return problem(code, Place(_shown(path)), f"this file cannot be opened ({reason})")


def _not_utf8(path: str, content: bytes, at: int) -> Problem:
    before = content[:at].decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    guess = content[at : at + 1].decode("cp1252", "replace")
    message = f"byte {at + 1} of this file (0x{content[at]:02x}) is not UTF-8; it may stand for {guess}"
    hint = "save the file again and choose UTF-8, then look at this place"
    return problem("wrong-encoding", Place(path, line, column), message, hint=hint)


def _shown(path: str) -> str:
    """A path that can be printed, whatever bytes its name has."""
    return path.encode("utf-8", "replace").decode("utf-8")


def media_below(root: Path) -> Iterator[str]:
    """The files in the folder media and below it, by their paths, for a hint; 2,000 at most."""
    walk = os.walk(root / "media")
    paths = (Path(folder, name) for folder, _, names in walk for name in sorted(names) if not name.startswith("."))
    yield from (path.relative_to(root).as_posix() for path in islice(paths, 2_000))


def names_beside(root: Path, path: str) -> Iterator[str]:
    """The files in the folder of a path, for a hint."""
    folder = path.rpartition("/")[0]
    try:
        with os.scandir(root / folder) as entries:
            yield from (f"{folder}/{entry.name}" if folder else entry.name for entry in entries if entry.is_file())
    except OSError:
        return
