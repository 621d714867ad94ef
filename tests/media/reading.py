"""Reads what leaves: by exiftool, against a list of what is allowed, and piece by piece."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.media.planting import box

# What exiftool may find in a file that leaves: what a decoder needs. Everything else is a leak, known or not.
ABOUT_THE_FILE = {"SourceFile", "ExifTool", "System", "File"}
ALLOWED = {
    "JFIF": {"JFIFVersion", "ResolutionUnit", "XResolution", "YResolution"},
    "PNG": {"ImageWidth", "ImageHeight", "BitDepth", "ColorType", "Compression", "Filter", "Interlace"},
    "Composite": {"ImageSize", "Megapixels", "AvgBitrate", "Rotation"},
    "QuickTime": {
        "MajorBrand", "MinorVersion", "CompatibleBrands", "MovieHeaderVersion", "CreateDate", "ModifyDate", "TimeScale",
        "Duration", "PreferredRate", "PreferredVolume", "MatrixStructure", "PreviewTime", "PreviewDuration",
        "PosterTime", "SelectionTime", "SelectionDuration", "CurrentTime", "NextTrackID", "Free", "MediaData",
        "MediaDataSize", "MediaDataOffset", "HandlerType", "HandlerVendorID",
    },
    "Track": {
        "TrackHeaderVersion", "TrackCreateDate", "TrackModifyDate", "TrackID", "TrackDuration", "TrackLayer",
        "TrackVolume", "MatrixStructure", "ImageWidth", "ImageHeight", "MediaHeaderVersion", "MediaCreateDate",
        "MediaModifyDate", "MediaTimeScale", "MediaDuration", "MediaLanguageCode", "HandlerType", "HandlerDescription",
        "GraphicsMode", "OpColor", "CompressorID", "SourceImageWidth", "SourceImageHeight", "XResolution",
        "YResolution", "BitDepth", "AVCConfiguration", "BufferSize", "MaxBitrate", "AverageBitrate", "VideoFrameRate",
        "PixelAspectRatio", "ColorProfiles", "ColorRepresentation", "SyncSampleTable", "CompositionTimeToSample",
        "SampleToChunk", "SampleSizes", "ChunkOffset", "TimeToSampleTable", "Balance", "AudioFormat", "AudioChannels",
        "AudioBitsPerSample", "AudioSampleRate", "Unknown_esds", "Unknown_btrt", "SampleGroupDescription",
        "SampleToGroup",
    },
}  # fmt: skip
# And what some of these may say.
SAID = {
    "HandlerDescription": {"VideoHandler", "SoundHandler"},
    "MediaLanguageCode": {"und"},
    "Free": {"(Binary data 0 bytes, use -b option to extract)"},
}
MEDIA_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl"}
LEAVES = {
    b"ftyp", b"mdat", b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"vmhd", b"smhd", b"dref", b"stsd", b"stts", b"ctts",
    b"stss", b"stsc", b"stsz", b"stco", b"sgpd", b"sbgp", b"free",
}  # fmt: skip
# PyAV writes a list of names into each file, with nothing on it.
EMPTY_LIST = box(b"meta", bytes(4) + box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9)) + box(b"ilst", b""))


def read(paths: list[Path], *options: str) -> Mapping[Path, Mapping[str, object]]:
    """Everything that exiftool finds, unknown tags and tracks included: path -> "Group:Tag" -> value."""
    tool = shutil.which("exiftool")
    if tool is None:
        pytest.skip(
            "exiftool is missing (Debian: libimage-exiftool-perl), so files are not read by an independent tool"
        )
    command = [tool, "-j", "-a", "-s", "-G1", "-U", "-ee", *options, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, timeout=250, check=True)
    return {Path(str(one["SourceFile"])): one for one in json.loads(done.stdout)}


def leaks(found: Mapping[str, object]) -> Iterator[str]:
    """What exiftool found and should not have."""
    for key, value in found.items():
        group, _, tag = key.rpartition(":")
        group = group or key
        if group in ABOUT_THE_FILE:
            if tag in ("Comment", "ExifByteOrder", "CurrentIPTCDigest", "Warning"):
                yield f"{key}: {value}"
            continue
        allowed = ALLOWED.get(group.rstrip("0123456789"), set())
        dated = tag.endswith("Date") and str(value) != "0000:00:00 00:00:00"
        if tag not in allowed or dated or str(value) not in SAID.get(tag, {str(value)}):
            yield f"{key}: {value}"


def jpeg_pieces(data: bytes) -> Iterator[str]:
    """The segments of a JPEG that are not for its decoder."""
    at = 2
    while data[at + 1] != 0xDA:
        marker, (length,) = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])
        jfif = marker == 0xE0 and length == 16 and data[at + 4 : at + 9] == b"JFIF\0"
        if not jfif and marker not in {0xDB, 0xC0, 0xC4}:
            yield f"segment {marker:02x}"
        at += 2 + length
    end = data.index(b"\xff\xd9", at)
    if data[end + 2 :]:
        yield "something behind the end"


def png_pieces(data: bytes) -> Iterator[str]:
    """The chunks of a PNG that are not for its decoder."""
    at, kind = 8, b""
    while at < len(data) and kind != b"IEND":
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        if kind not in {b"IHDR", b"IDAT", b"IEND"}:
            yield f"chunk {kind!r}"
        at += length + 12
    if at != len(data):
        yield "something behind the end"


def mp4_pieces(data: bytes) -> Iterator[str]:
    """The boxes of an MP4 that are not for its decoder."""
    at = 0
    while at < len(data):
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        payload = data[at + 8 : at + length]
        if kind in MEDIA_BOXES:
            yield from mp4_pieces(payload)
        elif kind == b"udta":
            if payload != EMPTY_LIST:
                yield "user data"
        elif kind not in LEAVES or (kind == b"free" and payload):
            yield f"box {kind!r}"
        at += length


PIECES: Mapping[str, Callable[[bytes], Iterator[str]]] = {
    "image/jpeg": jpeg_pieces,
    "image/png": png_pieces,
    "video/mp4": mp4_pieces,
}
