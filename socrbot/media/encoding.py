"""Writing a picture's pixels as JPEG or PNG, in the shape and size that a network takes. Same input, same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from socrbot.media.files import Unusable
from socrbot.media.fit import Limits, Shape, shape

if TYPE_CHECKING:
    from PIL import Image

# A picture is not made smaller than this many pixels on its longer side to fit a network's limit in bytes.
SMALLEST_SIDE = 320

_QUALITIES = (90, 84, 76)
_SHRINK = 0.8
# By how much the colours along an edge may differ for the edge to count as plain.
_PLAIN = 8


def encoded(pixels: Image.Image, mime: str, limits: Limits) -> bytes:
    """The first file that fits: first the JPEG quality is lowered, then the picture made smaller.

    `pixels` is RGB or RGBA, `mime` the type of the file it comes from. Raises Unusable where nothing fits.
    """
    for attempt in _attempts(pixels, mime, limits):
        if limits.max_bytes is None or len(attempt) <= limits.max_bytes:
            return attempt
    raise Unusable("It cannot be made small enough for this network.")


def _attempts(pixels: Image.Image, mime: str, limits: Limits) -> Iterator[bytes]:
    """The picture in ever smaller files, the best first."""
    jpeg, png = "image/jpeg" in limits.types, "image/png" in limits.types
    shapes = list(_shapes(pixels, limits))
    if png and (mime in ("image/png", "image/gif") or pixels.mode == "RGBA" or not jpeg):
        yield _as_png(_drawn(pixels, shapes[0]))
    if jpeg:
        opaque = _on_white(pixels)
        first = _drawn(opaque, shapes[0])
        for quality in _QUALITIES:
            yield _as_jpeg(first, quality)
        for smaller in shapes[1:]:
            yield _as_jpeg(_drawn(opaque, smaller), _QUALITIES[-1])
    elif png:
        for smaller in shapes[1:]:
            yield _as_png(_drawn(pixels, smaller))


def _shapes(pixels: Image.Image, limits: Limits) -> Iterator[Shape]:
    """The shape that the limits ask for, then smaller ones."""
    scale = 1.0
    found = shape(*pixels.size, limits)
    while True:
        yield found
        scale *= _SHRINK
        smaller = shape(*pixels.size, limits, scale=scale)
        if smaller.canvas == found.canvas or max(smaller.canvas) < SMALLEST_SIDE:
            return
        found = smaller


def _drawn(pixels: Image.Image, wanted: Shape) -> Image.Image:
    """The part of the picture that is shown, at its size, on its margins."""
    from PIL import Image

    shown = pixels if wanted.cut == (0, 0, *pixels.size) else pixels.crop(wanted.cut)
    sized = shown if shown.size == wanted.inner else shown.resize(wanted.inner, Image.Resampling.LANCZOS)
    if wanted.inner == wanted.canvas:
        return sized
    canvas = Image.new(sized.mode, wanted.canvas, _background(sized, wide=wanted.canvas[0] > wanted.inner[0]))
    canvas.paste(sized, wanted.at)
    return canvas


def _background(pixels: Image.Image, *, wide: bool) -> tuple[int, ...]:
    """The colour of the margins: that of the edges they lie against where these are plain and alike, else white.

    `wide` where the margins are left and right of the picture.
    """
    if pixels.mode == "RGBA":
        return (0, 0, 0, 0)
    width, height = pixels.size
    edges = (
        [(0, 0, 1, height), (width - 1, 0, width, height)]
        if wide
        else [(0, 0, width, 1), (0, height - 1, width, height)]
    )
    bands = [[band.getextrema() for band in pixels.crop(edge).split()] for edge in edges]
    colours = [(min(one[0] for one in same), max(one[1] for one in same)) for same in zip(*bands, strict=True)]
    if all(most - least <= _PLAIN for least, most in colours):
        return tuple((least + most) // 2 for least, most in colours)
    return (255, 255, 255)


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
