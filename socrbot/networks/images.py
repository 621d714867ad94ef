"""What kind of picture some bytes are, for networks that want to be told. Knows no more than the first bytes."""

from __future__ import annotations

from collections.abc import Mapping

SUFFIXES: Mapping[str, str] = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp"}


def image_type(data: bytes) -> str:
    """The MIME type of a picture by its first bytes. A cleaned picture may be of another type than its file was."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "application/octet-stream"
