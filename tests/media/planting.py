"""What is planted, and the small binary forms that the formats have in common: EXIF, XMP, IPTC, ICC."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from io import BytesIO

from PIL import Image, ImageCms, ImageDraw

# A place and a name. Each appears in the files as plain text, as UTF-16, as numbers, or packed.
PLACE = "51.5007N-0.1246W-nursery-road"
NAME = "Planted-Child-Name"
MARK = f"{NAME} {PLACE}"
# The day and time at which the pictures say that they were taken.
DAY = "2024:05:06"
# The place as EXIF has it: degrees, minutes, seconds as fractions.
LATITUDE = struct.pack(">IIIIII", 51, 1, 30, 1, 252, 100)
LONGITUDE = struct.pack(">IIIIII", 0, 1, 7, 1, 2856, 100)
XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    f'exif:GPSLatitude="51,30.042N" exif:GPSLongitude="0,7.476W" dc:source="{MARK}"/></rdf:RDF></x:xmpmeta>'
    '<?xpacket end="w"?>'
).encode()

_ASCII, _LONG, _RATIONAL, _UNDEFINED, _BYTE = 2, 4, 5, 7, 1
Entry = tuple[int, int, int, bytes]


def marks() -> tuple[bytes, ...]:
    """Every form in which the planted words can stand in a file that is not packed."""
    words = (word.encode(code) for word in (PLACE, NAME) for code in ("ascii", "utf-16-le", "utf-16-be"))
    return (*words, LATITUDE, LONGITUDE, struct.pack("<IIIIII", 51, 1, 30, 1, 252, 100))


@cache
def scene(size: tuple[int, int] = (96, 64)) -> Image.Image:
    """A small picture that says nothing."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 3, size[1] // 3), fill="red")
    return image


@cache
def jpeg_of(size: tuple[int, int] = (96, 64)) -> bytes:
    out = BytesIO()
    scene(size).save(out, "JPEG", quality=90)
    return out.getvalue()


@cache
def exif(*, thumbnail: bool = True) -> bytes:
    """A whole EXIF block (big endian): names, a note of the maker, a place, and a thumbnail with EXIF of its own."""
    text = MARK.encode() + b"\0"
    maker = b"Apple iOS\0\0\x01MM" + struct.pack(">HHHII", 1, 0x0011, _ASCII, len(text), 32) + bytes(4) + text
    camera = [
        (0x9003, _ASCII, 20, f"{DAY} 07:08:09\0".encode()),
        (0x927C, _UNDEFINED, len(maker), maker),
        (0x9286, _UNDEFINED, len(text) + 8, b"ASCII\0\0\0" + text),
        (0xA420, _ASCII, len(text), text),
        (0xA430, _ASCII, len(text), text),
        (0xA431, _ASCII, len(text), text),
    ]
    place = [
        (0x0000, _BYTE, 4, b"\x02\x03\0\0"),
        (0x0001, _ASCII, 2, b"N\0"),
        (0x0002, _RATIONAL, 3, LATITUDE),
        (0x0003, _ASCII, 2, b"W\0"),
        (0x0004, _RATIONAL, 3, LONGITUDE),
        (0x001C, _UNDEFINED, len(text) + 8, b"ASCII\0\0\0" + text),
    ]
    wide = MARK.encode("utf-16-le") + b"\0\0"
    first = [
        (0x010E, _ASCII, len(text), text),
        (0x010F, _ASCII, len(text), text),
        (0x013B, _ASCII, len(text), text),
        (0x02BC, _BYTE, len(XMP), XMP),
        (0x8298, _ASCII, len(text), text),
        (0x9C9C, _BYTE, len(wide), wide),
        (0x9C9D, _BYTE, len(wide), wide),
    ]
    small = with_segment(jpeg_of((32, 24)), 0xE1, b"Exif\0\0" + exif(thumbnail=False)) if thumbnail else b""
    return _tiff(first, camera, place, small)


def _tiff(first: list[Entry], camera: list[Entry], place: list[Entry], thumbnail: bytes) -> bytes:
    """The EXIF block of these directories, each entry as (tag, type, count, value)."""
    extra = [(0x8769, _LONG, 1, b"\0\0\0\0"), (0x8825, _LONG, 1, b"\0\0\0\0")]
    start = 8
    head = sorted([*first, *extra])
    camera_at = start + _length(head)
    place_at = camera_at + _length(camera)
    small_at = place_at + _length(place)
    pointers = {0x8769: camera_at, 0x8825: place_at}
    head = [(t, k, n, struct.pack(">I", pointers[t])) if t in pointers else (t, k, n, v) for t, k, n, v in head]
    directories = [
        _directory(head, start, after=small_at if thumbnail else 0),
        _directory(camera, camera_at),
        _directory(place, place_at),
    ]
    if thumbnail:
        small = [(0x0103, 3, 1, b"\0\x06\0\0"), (0x0201, _LONG, 1, b""), (0x0202, _LONG, 1, b"")]
        data_at = small_at + _length([(t, k, n, bytes(4)) for t, k, n, _ in small])
        small[1] = (0x0201, _LONG, 1, struct.pack(">I", data_at))
        small[2] = (0x0202, _LONG, 1, struct.pack(">I", len(thumbnail)))
        directories += [_directory(small, small_at), thumbnail]
    return b"MM\0*" + struct.pack(">I", start) + b"".join(directories)


def _length(entries: list[Entry]) -> int:
    return 2 + 12 * len(entries) + 4 + sum(len(v) + len(v) % 2 for *_, v in entries if len(v) > 4)


def _directory(entries: list[Entry], at: int, *, after: int = 0) -> bytes:
    table, values = struct.pack(">H", len(entries)), b""
    values_at = at + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in entries:
        table += struct.pack(">HHI", tag, kind, count)
        if len(value) > 4:
            table += struct.pack(">I", values_at + len(values))
            values += value + b"\0" * (len(value) % 2)
        else:
            table += value.ljust(4, b"\0")
    return table + struct.pack(">I", after) + values


def iptc() -> bytes:
    """A Photoshop block with IPTC records: caption, by-line, city, and an unknown one."""
    text = MARK.encode()
    records = b"".join(b"\x1c\x02" + bytes([kind]) + struct.pack(">H", len(text)) + text for kind in (120, 80, 90, 200))
    return (
        b"Photoshop 3.0\0"
        + b"8BIM\x04\x04\0\0"
        + struct.pack(">I", len(records))
        + records
        + b"\0" * (len(records) % 2)
    )


@cache
def icc() -> bytes:
    """A colour profile that is named after somebody: a right one, with another description of the same length."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile + MARK.encode()


def with_segment(jpeg: bytes, marker: int, payload: bytes) -> bytes:
    """The JPEG with one more segment right behind its beginning."""
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload + jpeg[2:]


def with_chunk(png: bytes, kind: bytes, payload: bytes) -> bytes:
    """The PNG with one more chunk behind its header."""
    chunk = struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))
    return png[:33] + chunk + png[33:]


def box(kind: bytes, payload: bytes) -> bytes:
    """A box of an MP4 or HEIC file."""
    return struct.pack(">I", len(payload) + 8) + kind + payload
