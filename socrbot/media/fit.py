"""The shape that a picture gets on a network: how much of it is shown, how large, and with which margins.

Numbers only: no picture is touched here. A picture is never stretched in one direction; where its shape does not fit,
it is cut if its author allows that, and gets margins if not.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from math import floor, sqrt

from socrbot.media.pictures import MAX_PIXELS
from socrbot.message import Attachment, Capabilities

# Changes whenever the same picture and the same limits would give another file.
_MAKING = 1
CENTRE = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a network takes of one picture. Two networks with the same limits get the same file.

    types      MIME types, JPEG or PNG among them
    max_bytes  the largest file
    width      the narrowest and the widest, in pixels
    ratio      the lowest and the highest width / height
    pixels     the most pixels
    crop       may the picture be cut; else it gets margins
    focus      what matters most in it: x from -1 (left) to 1, y from -1 (bottom) to 1
    like       the width / height of another picture, whose shape this one is to have; None: its own
    """

    types: tuple[str, ...]
    max_bytes: int | None = None
    width: tuple[int, int] | None = None
    ratio: tuple[float, float] | None = None
    pixels: int | None = None
    crop: bool = False
    focus: tuple[float, float] = CENTRE
    like: float | None = None

    @classmethod
    def of(cls, capabilities: Capabilities, attachment: Attachment, like: Attachment | None = None) -> Limits:
        """The limits of an account for an attachment, which gets the shape that `like` has there."""
        return cls(
            types=tuple(sorted(capabilities.image_types)),
            max_bytes=capabilities.image_bytes,
            width=capabilities.image_width,
            ratio=capabilities.image_ratio,
            pixels=capabilities.image_pixels,
            crop=attachment.crop,
            focus=attachment.focus or CENTRE,
            like=like.width / like.height if like is not None and like.width and like.height else None,
        )

    @property
    def key(self) -> str:
        """A name for these limits: the same for the same limits, another for others."""
        return hashlib.sha256(repr((_MAKING, *astuple(self))).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is to be drawn: the part `cut` (left, top, right, bottom) of the picture, at the size `inner`, on `canvas`.

    All in pixels. Where `inner` is smaller than `canvas` it stands in the middle, and the rest are margins.
    """

    cut: tuple[int, int, int, int]
    inner: tuple[int, int]
    canvas: tuple[int, int]

    @property
    def at(self) -> tuple[int, int]:
        """Where the left upper corner of the drawn part stands on the canvas."""
        return ((self.canvas[0] - self.inner[0]) // 2, (self.canvas[1] - self.inner[1]) // 2)


def shape(width: int, height: int, limits: Limits, *, scale: float = 1.0) -> Shape:
    """The shape of a picture of this size (upright, in pixels) under these limits; `scale` below 1 makes it smaller.

    The narrowest width is kept whatever the scale says.
    """
    own = width / height
    ratio = _within(limits.like or own, limits.ratio)
    left, top, right, bottom = cut = _cut(width, height, ratio, limits)
    shown = (right - left, bottom - top)
    if limits.crop or ratio == own:
        canvas = _canvas(shown, limits, scale=scale)
        return Shape(cut, canvas, canvas)
    canvas = _canvas(_around(shown, ratio), limits, scale=scale)
    factor = min(canvas[0] / shown[0], canvas[1] / shown[1])
    inner = (_side(shown[0] * factor, canvas[0]), _side(shown[1] * factor, canvas[1]))
    return Shape(cut, inner, canvas)


def _within(ratio: float, bounds: tuple[float, float] | None) -> float:
    return ratio if bounds is None else min(max(ratio, bounds[0]), bounds[1])


def _side(length: float, most: int) -> int:
    return min(max(round(length), 1), most)


def _cut(width: int, height: int, ratio: float, limits: Limits) -> tuple[int, int, int, int]:
    """The part that is shown: all of it, or as much as the ratio allows, with what matters most in its middle."""
    if not limits.crop:
        return (0, 0, width, height)
    # Rounded down: a pixel more would be over the limit again.
    wide, high = min(max(floor(height * ratio), 1), width), min(max(floor(width / ratio), 1), height)
    x, y = limits.focus
    left = round((x + 1) / 2 * width - wide / 2)
    top = round((1 - y) / 2 * height - high / 2)
    left, top = min(max(left, 0), width - wide), min(max(top, 0), height - high)
    return (left, top, left + wide, top + high)


def _around(shown: tuple[int, int], ratio: float) -> tuple[float, float]:
    """The size with margins: as large as it must be to hold the whole picture, and no larger."""
    width, height = shown
    return (width, width / ratio) if width / height > ratio else (height * ratio, height)


def _canvas(whole: tuple[float, float], limits: Limits, *, scale: float) -> tuple[int, int]:
    width, height = whole
    ratio = width / height
    least, most = limits.width or (1, MAX_PIXELS)
    pixels = min(limits.pixels or MAX_PIXELS, MAX_PIXELS)
    factor = scale * min(1.0, most / width, sqrt(pixels / (width * height)))
    wide = min(max(round(width * factor), least, 1), most)
    # As it is where it fits: rounding must not move a pixel then.
    high = max(round(height if wide == round(width) else wide / ratio), 1)
    while wide > least and wide * high > pixels:
        wide, high = wide - 1, max(round((wide - 1) / ratio), 1)
    return wide, _height_within(wide, high, limits.ratio)


def _height_within(width: int, height: int, bounds: tuple[float, float] | None) -> int:
    """A height by a pixel or two from the one given, so that the ratio of whole pixels is inside the bounds too."""
    if bounds is None:
        return height
    lowest, highest = bounds
    if width / height > highest:
        height += 1
    if height > 1 and width / height < lowest <= width / (height - 1):
        height -= 1
    return height
