"""Reads, checks and cleans pictures. The only file that knows Pillow.

`inspect` says what a file is, `clean` gives what may leave the machine: the same picture, upright, in sRGB, with
nothing in it but pixels. A photo's hidden data can name the place where a child lives; none of it is carried over,
because the picture is painted anew and saved without any. Not here: which network takes what (`networks/`).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from socrbot.campaign import Asset
from socrbot.errors import NotSent, Refused
from socrbot.message import Attachment, Rendition

if TYPE_CHECKING:
    from PIL import Image

# The largest file in bytes and the largest picture in pixels that are looked at.
MAX_BYTES = 20_000_000
MAX_PIXELS = 64_000_000
# A picture is not made smaller than this many pixels on its longer side to fit a network's limit.
SMALLEST_SIDE = 320

_MIME = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}
_QUALITIES = (90, 84, 76)
_SHRINK = 0.8
_ORIENTATION = 0x0112
_SIDEWAYS = frozenset({5, 6, 7, 8})


class Assets:
    """The pictures below one campaign's folder. Looks into a file again only where its stamp has changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[str, tuple[tuple[int, ...], Asset]] = {}

    def inspect(self, path: Path) -> Asset:
        """What `inspect` says of the file, from memory where the file is as it was."""
        path = self._root / path
        try:
            stamp = _stamp(path.stat())
        except (OSError, ValueError):
            return inspect(path, self._root)
        known = self._seen.get(str(path))
        if known is None or known[0] != stamp:
            known = (stamp, inspect(path, self._root))
            self._seen[str(path)] = known
        return known[1]

    def clean(self, attachment: Attachment, *, types: Collection[str], max_bytes: int | None) -> Rendition:
        """What `clean` makes of an attachment's file. A file that changed is looked into afresh the next time."""
        path = self._root / attachment.path
        try:
            return clean(path, self._root, digest=attachment.digest, types=types, max_bytes=max_bytes)
        except NotSent:
            self._seen.pop(str(path), None)
            raise


def inspect(path: Path, root: Path) -> Asset:
    """What a picture is: its format by its content, its size when upright, the digest of the file.

    `path` is absolute or relative to `root`. Never raises: what keeps the file from being used is `Asset.problem`,
    in one or two sentences.
    """
    name = _name(path, root)
    try:
        data = _read(root / path, root)
        image = _open(data)
        width, height = _upright_size(image)
        mime = _MIME[str(image.format)]
        _decode(image)
    except _Unusable as unusable:
        return Asset(name, problem=str(unusable))
    return Asset(name, mime, len(data), width, height, hashlib.sha256(data).hexdigest())


def clean(
    path: Path,
    root: Path,
    *,
    digest: str,
    types: Collection[str] = ("image/jpeg", "image/png"),
    max_bytes: int | None = None,
) -> Rendition:
    """The picture as JPEG or PNG with nothing but its pixels: upright, in sRGB, no metadata. Same input, same bytes.

    `path` is absolute or relative to `root`. `digest` is the SHA-256 (hex) of the file that was checked. `types` are
    the MIME types that are wanted, JPEG or PNG among them. `max_bytes` is the size that the result has to fit: first
    the JPEG quality is lowered, then the picture made smaller.
    Raises NotSent where the file is gone or no longer the one that was checked, Refused where it can't be made to fit.
    """
    try:
        data = _read(root / path, root)
    except _Unusable as unusable:
        raise NotSent(f"The picture {path.name} could not be read. {unusable}") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise NotSent(f"The picture {path.name} changed after it was checked. It has to be checked again.")
    try:
        image = _open(data)
        mime = _MIME[str(image.format)]
        pixels = _pixels(image)
    except _Unusable as unusable:
        raise Refused(f"The picture {path.name} cannot be used. {unusable}") from None
    for attempt in _encodings(pixels, mime, types):
        if max_bytes is None or len(attempt) <= max_bytes:
            return _rendition(attempt)
    raise Refused(f"The picture {path.name} cannot be made small enough for this network.")


def _rendition(data: bytes) -> Rendition:
    image = _open(data)
    mime = _MIME[str(image.format)]
    digest = hashlib.sha256(data).hexdigest()
    return Rendition(data, mime, *image.size, digest, f"picture{_SUFFIXES[mime]}")


class _Unusable(Exception):
    """Why a file cannot be used, in words for the person who chose it."""


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev)


def _name(path: Path, root: Path) -> str:
    try:
        return (root / path).relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()


def _read(path: Path, root: Path) -> bytes:
    """The bytes of a regular file below `root` that is not too large."""
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root.resolve()):
            raise _Unusable("The file lies outside the campaign's folder. Copy it into media/.")
        # A pipe or a device would keep us waiting for ever.
        if not stat.S_ISREG(real.stat().st_mode):
            raise _Unusable("This is not a file.")
        with real.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
            size = os.fstat(file.fileno()).st_size
    except (FileNotFoundError, NotADirectoryError):
        raise _Unusable("There is no such file.") from None
    except (OSError, ValueError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise _Unusable(f"The file cannot be read: {why or 'its name cannot be used'}.") from None
    if not data:
        raise _Unusable("The file is empty.")
    if len(data) > MAX_BYTES:
        raise _Unusable(f"The file has {size / 1e6:.1f} MB. The most is {MAX_BYTES // 1_000_000} MB: save it smaller.")
    return data


def _open(data: bytes) -> Image.Image:
    """The picture, its pixels not yet read: a still one, of a known format, and not too large."""
    from PIL import Image, UnidentifiedImageError

    _refuse_bombs()
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=["JPEG", "PNG", "GIF", "WEBP"])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _Unusable("The picture has too many pixels: save it smaller.") from None
    except UnidentifiedImageError:
        raise _Unusable(_not_a_picture(data)) from None
    except Exception:
        # A decoder that is given a damaged file raises almost anything.
        raise _Unusable("The picture is damaged: it cannot be opened.") from None
    width, height = image.size
    if width * height > MAX_PIXELS:
        millions = f"{width * height / 1e6:.0f} million pixels ({width} × {height})"
        raise _Unusable(f"The picture has {millions}. The most is {MAX_PIXELS // 1_000_000} million: save it smaller.")
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise _Unusable("The picture moves, and only still pictures can be posted. Save one frame as JPEG or PNG.")
    return image


@cache
def _refuse_bombs() -> None:
    """Makes Pillow refuse a picture at which it would only warn."""
    import warnings

    from PIL import Image

    warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def _not_a_picture(data: bytes) -> str:
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return "This is a HEIC picture, as iPhones make them. Save it as JPEG first."
    return "This is not a JPEG, PNG, GIF or WebP picture, whatever its name says."


def _decode(image: Image.Image) -> None:
    try:
        image.load()
    except Exception:
        raise _Unusable("The picture is damaged: it cannot be read to its end.") from None


def _orientation(image: Image.Image) -> int:
    """How the camera was held: 1 to 8 as in EXIF; 1 (upright) where nothing readable says so."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) else 1


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    return (height, width) if _orientation(image) in _SIDEWAYS else (width, height)


def _pixels(image: Image.Image) -> Image.Image:
    """The picture as RGB or RGBA in sRGB, upright, and with nothing else on it."""
    from PIL import Image

    orientation = _orientation(image)
    _decode(image)
    profile = image.info.get("icc_profile")
    seen = _in_srgb(image, profile) if isinstance(profile, bytes) else _in_rgb(image)
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation)
    return _bare(seen if turned is None else seen.transpose(turned))


def _bare(image: Image.Image) -> Image.Image:
    """A new picture with the same pixels and nothing else; RGB where no pixel is see-through."""
    from PIL import Image

    see_through = image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255)
    image = image if see_through else image.convert("RGB")
    plain = Image.new(image.mode, image.size)
    # What lies under a see-through pixel stays behind: somebody may have rubbed out a face with it.
    shown = image.getchannel("A").point(lambda value: 255 if value else 0) if see_through else None
    plain.paste(image, mask=shown)
    return plain


def _in_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Sixteen bits a pixel: a plain conversion would cut off all that is brighter than 255.
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    see_through = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if see_through else "RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture's colours by its own profile; a profile that cannot be read or does not fit is passed over."""
    from PIL import ImageCms

    wanted = image if image.mode == "CMYK" else _in_rgb(image)
    try:
        ours = ImageCms.createProfile("sRGB")
        theirs = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = "RGBA" if wanted.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(wanted, theirs, ours, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        converted = None
    return converted or _in_rgb(image)


def _encodings(pixels: Image.Image, mime: str, types: Collection[str]) -> Iterator[bytes]:
    """The picture in ever smaller files, the best first."""
    jpeg, png = "image/jpeg" in types, "image/png" in types
    if png and (mime in ("image/png", "image/gif") or pixels.mode == "RGBA" or not jpeg):
        yield _as_png(pixels)
    if jpeg:
        opaque = _on_white(pixels)
        for quality in _QUALITIES:
            yield _as_jpeg(opaque, quality)
        for smaller in _smaller(opaque):
            yield _as_jpeg(smaller, _QUALITIES[-1])
    elif png:
        yield from map(_as_png, _smaller(pixels))


def _smaller(pixels: Image.Image) -> Iterator[Image.Image]:
    from PIL import Image

    factor = _SHRINK
    while max(pixels.size) * factor >= SMALLEST_SIDE:
        width, height = (max(1, round(side * factor)) for side in pixels.size)
        yield pixels.resize((width, height), Image.Resampling.LANCZOS)
        factor *= _SHRINK


def _on_white(pixels: Image.Image) -> Image.Image:
    from PIL import Image

    if pixels.mode != "RGBA":
        return pixels
    white = Image.new("RGB", pixels.size, "white")
    white.paste(pixels, mask=pixels.getchannel("A"))
    return white


def _as_jpeg(pixels: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    pixels.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _as_png(pixels: Image.Image) -> bytes:
    out = BytesIO()
    pixels.save(out, "PNG")
    return out.getvalue()
