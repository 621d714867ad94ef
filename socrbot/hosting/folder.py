"""A folder that a web server shows to everybody. Files lie there for minutes, under names that nobody can guess."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from socrbot.clock import Clock
from socrbot.errors import NotSent
from socrbot.message import Rendition

# A file that was left behind, by a power cut say, is taken away after this time.
LEFT_BEHIND = timedelta(days=1)

_RANDOM_BYTES = 16
_OURS = re.compile(r"[0-9a-f]{32}\.[a-z0-9]{3,4}")
_INDEX = "<!doctype html><title></title>\n"


class PublicFolder:
    """Shows files below an https address. Several threads and processes may use one folder at once.

    `url` is the address that the web server gives to `folder`, which lies on this machine.
    """

    def __init__(self, url: str, folder: Path, clock: Clock) -> None:
        self.url = url.rstrip("/")
        self._folder = folder
        self._clock = clock

    def show(self, rendition: Rendition, *, alt: str) -> str:  # noqa: ARG002 - descriptions go with the post
        """Puts the file into the folder (mode 644) and gives its address. Raises NotSent where the disk fails.

        What was left behind is taken away before.
        """
        self.tidy()
        name = f"{secrets.token_hex(_RANDOM_BYTES)}{PurePosixPath(rendition.name).suffix.lower()}"
        try:
            self._prepare()
            self._write(name, rendition.data)
        except OSError as error:
            raise NotSent(
                f"The public folder for pictures cannot be written to: {error.strerror or type(error).__name__}. "
                "See `media:` in config/campaign.yaml."
            ) from None
        return f"{self.url}/{name}"

    def hide(self, address: str) -> None:
        """Takes the file away. One that is gone already, or was never ours, is no error."""
        name = PurePosixPath(urlsplit(address).path).name
        if _OURS.fullmatch(name) and address == f"{self.url}/{name}":
            with contextlib.suppress(OSError):
                (self._folder / name).unlink()

    def tidy(self) -> int:
        """Takes away what was left behind more than a day ago. Returns how many files that were."""
        before = (self._clock.now() - LEFT_BEHIND).timestamp()
        old = [path for path in self._files() if _modified(path) < before]
        return sum(_removed(path) for path in old)

    def erase(self, digests: Collection[str]) -> int:
        """Takes away every file of ours whose bytes have one of these SHA-256 digests. Returns how many."""
        return sum(_removed(path) for path in self._files() if _digest(path) in digests)

    def _prepare(self) -> None:
        """Makes the folder, with an empty page so that the web server lists nothing."""
        self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        index = self._folder / "index.html"
        if not index.exists():
            index.write_text(_INDEX, encoding="utf-8")
            index.chmod(0o644)

    def _write(self, name: str, data: bytes) -> None:
        # Under another name until it is whole: the web server must not give half a picture to anybody.
        part = self._folder / f".{name}.part"
        try:
            part.write_bytes(data)
            part.chmod(0o644)
            now = self._clock.now().timestamp()
            os.utime(part, (now, now))
            part.replace(self._folder / name)
        except OSError:
            _removed(part)
            raise

    def _files(self) -> Iterator[Path]:
        """The files that this class made, also unfinished ones; nothing else in the folder is ours."""
        with contextlib.suppress(OSError):
            for path in sorted(self._folder.iterdir()):
                if _OURS.fullmatch(path.name.removeprefix(".").removesuffix(".part")):
                    yield path


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")


def _removed(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
