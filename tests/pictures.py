"""Pictures and videos with secrets planted in them, for tests of what leaves the computer."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from socrbot.media import Assets, inspect
from socrbot.message import Attachment, Capabilities, Rendition

PLANTED = "51.5007N-0.1246W-nursery-road"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><a>{PLANTED}</a></rdf:RDF></x:xmpmeta>'.encode()
ANY = ("image/jpeg", "image/png")


def marked(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """A white picture with a red block in its top left corner."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 3, size[1] // 3), fill="red")
    return image


def noise(size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("RGB", size, hashlib.shake_256(b"noise").digest(size[0] * size[1] * 3))


def exif(orientation: int | None = None) -> Image.Exif:
    found = Image.Exif()
    found[0x010E] = PLANTED  # ImageDescription
    found[0x013B] = PLANTED  # Artist
    if orientation is not None:
        found[0x0112] = orientation
    gps = found.get_ifd(0x8825)
    gps[1], gps[2] = "N", (51.0, 30.0, 2.5)
    gps[29] = PLANTED
    found.get_ifd(0x8769)[0x9286] = PLANTED.encode()
    return found


def photo(path: Path, *, orientation: int | None = None, image: Image.Image | None = None) -> Path:
    """A JPEG with everything in it that a phone or an editor may leave: EXIF, GPS, XMP, IPTC, a comment."""
    out = BytesIO()
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + len(PLANTED).to_bytes(4, "big") + PLANTED.encode()
    segment = b"\xff\xed" + (len(iptc) + 2).to_bytes(2, "big") + iptc
    (image or marked()).save(
        out, "JPEG", quality=95, exif=exif(orientation), xmp=XMP, comment=PLANTED, extra=segment, dpi=(72, 72)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(out.getvalue() + b"trailer " + PLANTED.encode())
    return path


def png(path: Path, image: Image.Image | None = None) -> Path:
    notes = PngInfo()
    notes.add_text("Comment", PLANTED)
    notes.add_text("Author", PLANTED, zip=True)
    notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
    (image or marked()).save(path, "PNG", pnginfo=notes, exif=exif())
    return path


def webp(path: Path) -> Path:
    marked().save(path, "WEBP", lossless=True, exif=exif(), xmp=XMP)
    return path


def gif(path: Path) -> Path:
    marked().save(path, "GIF", comment=PLANTED.encode())
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def attachment(path: Path, **changes: Any) -> Attachment:
    """The file as a message carries it; the path is absolute."""
    asset = inspect(path, path.parent)
    assert asset.problem is None, asset.problem
    made = Attachment(
        str(path), "A red block", asset.mime, asset.width, asset.height, asset.size, asset.digest, asset.seconds
    )
    return replace(made, **changes)


def rendition(path: Path, *, types: tuple[str, ...] = ANY, max_bytes: int | None = None, **changes: Any) -> Rendition:
    """What leaves of the file, for a network with these limits and no others."""
    capabilities = Capabilities(500, len, image_types=types, image_bytes=max_bytes or 10**9)
    return Assets(path.parent).rendition(attachment(path, **changes), capabilities)


def cleaned(path: Path, *, types: tuple[str, ...] = ANY, max_bytes: int | None = None) -> tuple[bytes, Image.Image]:
    """What leaves of a picture, as bytes and opened again."""
    data = rendition(path, types=types, max_bytes=max_bytes).data
    image = Image.open(BytesIO(data))
    image.load()
    return data, image


def is_red(image: Image.Image, x: int, y: int) -> bool:
    red, green, blue = image.convert("RGB").getpixel((x, y))
    return red > 200 and green < 70 and blue < 70
