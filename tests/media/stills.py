"""Pictures with something planted, one for each place that a format has: name of the file -> its bytes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

from tests.media.planting import MARK, XMP, box, exif, icc, iptc, jpeg_of, scene, with_chunk, with_segment

TEXT = MARK.encode()
WIDE = MARK.encode("utf-16-le")


def stills() -> Iterator[tuple[str, bytes]]:
    """Every picture of the corpus."""
    for name, make in {**_jpegs(), **_pngs(), **_webps(), **_gifs(), **_heics()}.items():
        yield name, make()


def _jpegs() -> dict[str, Callable[[], bytes]]:
    segments = {
        "exif": (0xE1, b"Exif\0\0" + exif()),
        "exif-bare": (0xE1, b"Exif\0\0" + exif(thumbnail=False)),
        "xmp": (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        "xmp-extended": (
            0xE1,
            b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32 + struct.pack(">II", len(XMP), 0) + XMP,
        ),
        "icc": (0xE2, b"ICC_PROFILE\0\x01\x01" + icc()),
        "iptc": (0xED, iptc()),
        "comment": (0xFE, TEXT),
        "comment-wide": (0xFE, WIDE),
        "jfxx": (0xE0, b"JFXX\0\x10" + with_segment(jpeg_of((32, 24)), 0xFE, TEXT)),
        "ducky": (0xEC, b"Ducky\0\x02" + struct.pack(">HI", len(TEXT) + 4, len(TEXT)) + TEXT),
        "picture-info": (0xEC, b"[picture info]\r\nComment=" + TEXT),
        "jumbf": (0xEB, b"JP\0\x01\0\0\0\x01" + box(b"jumb", box(b"jumd", b"c2pa" + bytes(13) + TEXT))),
        "adobe": (0xEE, b"Adobe\0\x64\0\0\0\0\x01" + TEXT),
        **{f"app{n}": (0xE0 + n, b"Maker\0" + TEXT) for n in (3, 4, 5, 6, 7, 8, 9, 10, 15)},
    }
    made: dict[str, Callable[[], bytes]] = {
        f"{name}.jpg": lambda marker=marker, payload=payload: with_segment(jpeg_of(), marker, payload)
        for name, (marker, payload) in segments.items()
    }
    return made | {"trailer.jpg": lambda: jpeg_of() + TEXT, "mpf.jpg": _mpf, "motion.jpg": _motion, "all.jpg": _all}


def _all() -> bytes:
    whole = jpeg_of()
    for marker, payload in ((0xFE, TEXT), (0xED, iptc()), (0xE1, b"Exif\0\0" + exif())):
        whole = with_segment(whole, marker, payload)
    return whole + TEXT


def _mpf() -> bytes:
    """A phone's photo with a second picture behind it, which has hidden data of its own."""
    second = scene((48, 32)).copy()
    second.encoderinfo = {"exif": exif(thumbnail=False), "comment": MARK}
    out = BytesIO()
    scene().save(out, "MPO", save_all=True, append_images=[second], exif=exif(thumbnail=False))
    return out.getvalue() + with_segment(jpeg_of((32, 24)), 0xFE, TEXT)


def _motion() -> bytes:
    """A phone's photo with a short video behind it."""
    video = box(b"ftyp", b"mp42\0\0\0\0isommp42") + box(
        b"moov", box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(TEXT), 0) + TEXT))
    )
    return with_segment(jpeg_of(), 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP) + video


def _png() -> bytes:
    out = BytesIO()
    scene().save(out, "PNG")
    return out.getvalue()


def _pngs() -> dict[str, Callable[[], bytes]]:
    packed = zlib.compress(TEXT)
    raw = f"\nexif\n{len(exif()):8d}\n{exif().hex()}\n".encode()
    chunks = {
        "text": (b"tEXt", b"Comment\0" + TEXT),
        "ztxt": (b"zTXt", b"Author\0\0" + packed),
        "itxt": (b"iTXt", b"Title\0\0\0en\0\0" + TEXT),
        "itxt-packed": (b"iTXt", b"Description\0\x01\0\0\0" + packed),
        "xmp": (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
        "exif": (b"eXIf", exif()),
        "raw-profile": (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw)),
        "icc": (b"iCCP", MARK.encode()[:70] + b"\0\0" + zlib.compress(icc())),
        "time": (b"tIME", struct.pack(">HBBBBB", 2024, 5, 6, 7, 8, 9)),
        "private": (b"chLd", TEXT),
        "c2pa": (b"caBX", box(b"jumb", TEXT)),
    }
    made: dict[str, Callable[[], bytes]] = {
        f"{name}.png": lambda kind=kind, payload=payload: with_chunk(_png(), kind, payload)
        for name, (kind, payload) in chunks.items()
    }
    return made | {"trailer.png": lambda: _png() + TEXT}


def _webps() -> dict[str, Callable[[], bytes]]:
    def plain(**more: bytes) -> bytes:
        out = BytesIO()
        scene().save(out, "WEBP", lossless=True, **more)
        return out.getvalue()

    def with_own_chunk() -> bytes:
        whole = plain(xmp=XMP)
        chunk = b"cHLD" + struct.pack("<I", len(TEXT)) + TEXT + b"\0" * (len(TEXT) % 2)
        return b"RIFF" + struct.pack("<I", len(whole) - 8 + len(chunk)) + whole[8:] + chunk

    return {
        "exif.webp": lambda: plain(exif=exif()),
        "xmp.webp": lambda: plain(xmp=XMP),
        "icc.webp": lambda: plain(icc_profile=icc()),
        "private.webp": with_own_chunk,
        "trailer.webp": lambda: plain() + TEXT,
    }


def _gifs() -> dict[str, Callable[[], bytes]]:
    def plain() -> bytes:
        out = BytesIO()
        scene().save(out, "GIF")
        return out.getvalue()

    def with_block(block: bytes) -> bytes:
        whole = plain()
        end = 13 + 3 * 2 ** ((whole[10] & 7) + 1) if whole[10] & 0x80 else 13
        return whole[:end] + block + whole[end:]

    def blocks(data: bytes) -> bytes:
        return b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255)) + b"\0"

    magic = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return {
        "comment.gif": lambda: with_block(b"!\xfe" + blocks(TEXT)),
        "application.gif": lambda: with_block(b"!\xff\x0bChildApp1.0" + blocks(TEXT)),
        "xmp.gif": lambda: with_block(b"!\xff\x0bXMP DataXMP" + XMP + magic + b"\0"),
        "plain-text.gif": lambda: with_block(
            b"!\x01\x0c" + struct.pack("<HHHHBBBB", 0, 0, 8, 8, 8, 8, 0, 0) + blocks(TEXT)
        ),
        "trailer.gif": lambda: plain() + TEXT,
    }


def _heics() -> dict[str, Callable[[], bytes]]:
    """None where HEIC cannot be written here."""
    try:
        import pillow_heif
    except ImportError:
        return {}

    def heic(**more: bytes) -> bytes:
        file = pillow_heif.from_pillow(scene())
        out = BytesIO()
        file.save(out, quality=80, **more)
        return out.getvalue()

    def two() -> bytes:
        file = pillow_heif.from_pillow(scene())
        file.add_from_pillow(scene((64, 64)))
        out = BytesIO()
        file.save(out, quality=80, exif=exif(), xmp=XMP)
        return out.getvalue()

    return {
        "exif.heic": lambda: heic(exif=b"Exif\0\0" + exif()),
        "xmp.heic": lambda: heic(xmp=XMP),
        "several.heic": two,
        "trailer.heic": lambda: heic() + box(b"free", TEXT) + box(b"uuid", bytes(16) + TEXT),
    }
