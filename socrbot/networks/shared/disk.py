"""Files that survive a crash, for networks that keep something in their account's folder."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from socrbot.errors import NotSent


def write_whole(path: Path, data: bytes) -> None:
    """Makes a file (mode 600) that is there whole or not at all, and stays there when the power goes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".tmp", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    sync(path.parent)
    sync(path.parent.parent)


def sync(folder: Path) -> None:
    """Makes sure that the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Turns a failing disk into NotSent, which names `what` could not be used."""
    try:
        yield
    except OSError as error:
        raise NotSent(f"{what} cannot be used: {error.strerror or type(error).__name__}.") from None
