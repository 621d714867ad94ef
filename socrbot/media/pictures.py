"""Opening pictures, and taking from them what may leave: their pixels, upright and in sRGB.

Not here: the shape that a network wants (`fit.py`), and writing files (`encoding.py`).
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from socrbot.media.files import Unusable, is_heic

if TYPE_CHECKING:
    from PIL import Image

# The largest picture in pixels that is looked at.
MAX_PIXELS = 64_000_000

_MIME = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "HEIF": "image/heic",
}
# Phones put previews and depth maps behind the picture; only the first one is the picture.
_MAY_HOLD_MORE = frozenset({"MPO", "HEIF"})
_ORIENTATION = 0x0112
_SIDEWAYS = frozenset({5, 6, 7, 8})


def look(data: bytes) -> tuple[str, int, int]:
    """A picture's MIME type, and its width and height in pixels when it is upright. Reads it to its end.

    Raises Unusable.
    """
    image = opened(data)
    width, height = image.size
    size = (height, width) if _orientation(image) in _SIDEWAYS else (width, height)
    mime = mime_of(image)
    _decode(image)
    return (mime, *size)


def opened(data: bytes, *, moving: bool = False) -> Image.Image:
    """The picture, its pixels not yet read: of a known format, and not too large; a still one unless `moving`.

    Raises Unusable.
    """
    from PIL import Image, UnidentifiedImageError

    _refuse_bombs()
    formats = ["JPEG", "PNG", "GIF", "WEBP"]
    if is_heic(data):
        formats.append(_heif())
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable("The picture has too many pixels: save it smaller.") from None
    except UnidentifiedImageError:
        raise Unusable(_not_a_picture(data)) from None
    except Exception:
        # A decoder that is given a damaged file raises almost anything.
        raise Unusable("The picture is damaged: it cannot be opened.") from None
    width, height = image.size
    if width * height > MAX_PIXELS:
        millions = f"{width * height / 1e6:.0f} million pixels ({width} × {height})"
        raise Unusable(f"The picture has {millions}. The most is {MAX_PIXELS // 1_000_000} million: save it smaller.")
    if not moving and image.format not in _MAY_HOLD_MORE and getattr(image, "is_animated", False):
        raise Unusable("The picture moves, and only still pictures can be posted. Save one frame as JPEG or PNG.")
    return image


def mime_of(image: Image.Image) -> str:
    """The MIME type of an opened picture, by its content."""
    return _MIME[str(image.format)]


def pixels_of(image: Image.Image) -> Image.Image:
    """The picture as RGB or RGBA in sRGB, upright, and with nothing else on it. Raises Unusable."""
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


@cache
def _refuse_bombs() -> None:
    """Makes Pillow refuse a picture at which it would only warn."""
    import warnings

    from PIL import Image

    warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@cache
def _heif() -> str:
    """The name of the HEIC format, which Pillow knows from now on. Raises Unusable where its reader is missing."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        raise Unusable(
            "This is a HEIC picture, as iPhones make them. Save it as JPEG first; "
            "or let the person who runs the bot install what reads it: pip install 'socrbot[heic]'."
        ) from None
    register_heif_opener(thumbnails=False)
    return "HEIF"


def _not_a_picture(data: bytes) -> str:
    if is_heic(data):
        return "The picture is damaged: it cannot be opened."
    return "This is not a JPEG, PNG, GIF, WebP or HEIC picture and not an MP4 video, whatever its name says."


def _decode(image: Image.Image) -> None:
    try:
        image.load()
    except Exception:
        raise Unusable("The picture is damaged: it cannot be read to its end.") from None


def _orientation(image: Image.Image) -> int:
    """How the camera was held: 1 to 8 as in EXIF; 1 (upright) where nothing readable says so."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:
        return 1
    return value if isinstance(value, int) else 1


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
