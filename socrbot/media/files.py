"""Reading the bytes of a media file, and telling by them what kind of file it is. Not here: what is in it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

# The largest picture and the largest video in bytes that are looked at.
MAX_BYTES = 20_000_000
MAX_VIDEO_BYTES = 100_000_000

# The first box of an MP4 or QuickTime file (ISO/IEC 14496-12), and the brands that make such a file a picture.
_VIDEO_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


class Unusable(Exception):
    """Why a file cannot be used, in words for the person who chose it."""


def is_heic(data: bytes) -> bool:
    """Whether the bytes begin like a HEIC picture, as iPhones make them."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS


def is_video(data: bytes) -> bool:
    """Whether the bytes begin like an MP4 or QuickTime video. Twelve of them are enough."""
    return data[4:8] in _VIDEO_BOXES and not (data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS | _AVIF_BRANDS)


def name_of(path: Path, root: Path) -> str:
    """The path as posts write it: from the campaign's folder, with forward slashes."""
    try:
        return (root / path).relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()


def stamp_of(path: Path) -> tuple[int, ...]:
    """What changes whenever a file does. Raises OSError or ValueError where it cannot be looked at."""
    status = path.stat()
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev)


def read(path: Path, root: Path) -> bytes:
    """The bytes of a regular file below `root` that is not too large. Raises Unusable."""
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root.resolve()):
            raise Unusable("The file lies outside the campaign's folder. Copy it into media/.")
        # A pipe or a device would keep us waiting for ever.
        if not stat.S_ISREG(real.stat().st_mode):
            raise Unusable("This is not a file.")
        with real.open("rb") as file:
            data = _whole(file)
    except (FileNotFoundError, NotADirectoryError):
        raise Unusable("There is no such file.") from None
    except (OSError, ValueError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise Unusable(f"The file cannot be read: {why or 'its name cannot be used'}.") from None
    if not data:
        raise Unusable("The file is empty.")
    return data


def _whole(file: BinaryIO) -> bytes:
    begin = file.read(12)
    most = MAX_VIDEO_BYTES if is_video(begin) else MAX_BYTES
    data = begin + file.read(most + 1 - len(begin))
    if len(data) > most:
        size = os.fstat(file.fileno()).st_size
        raise Unusable(f"The file has {size / 1e6:.1f} MB. The most is {most // 1_000_000} MB: save it smaller.")
    return data
