"""What hides in a file does not leave: each file of the corpus goes through the real media path for each network, and
what comes out is read by exiftool, by its structure, and byte by byte."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from socrbot import networks
from socrbot.media import Assets, inspect
from socrbot.message import Attachment, Capabilities, Rendition, VideoLimits
from tests.media.planting import DAY, NAME, PLACE, box, jpeg_of, marks
from tests.media_corpus import corpus

ANY = Capabilities(500, len, image_types=("image/jpeg", "image/png"), image_bytes=10**9, video=VideoLimits())
PLACES: Mapping[str, Capabilities] = {**networks.all_capabilities(), "any": ANY}
FILES = sorted(corpus())

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


@dataclass(frozen=True)
class Sent:
    """What leaves of one file for one network."""

    name: str
    network: str
    rendition: Rendition
    path: Path


def attached(path: Path, root: Path) -> Attachment:
    asset = inspect(path, root)
    assert asset.problem is None, f"{path.name}: {asset.problem}"
    return Attachment(
        path.name, "A red block", asset.mime, asset.width, asset.height, asset.size, asset.digest, asset.seconds
    )


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus on the disk."""
    folder = tmp_path_factory.mktemp("corpus")
    for name, data in corpus().items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="session")
def sent(planted: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Sent]]:
    """What leaves of each file, for each network that takes its kind."""
    out, assets = tmp_path_factory.mktemp("sent"), Assets(planted)
    made: dict[str, list[Sent]] = {name: [] for name in FILES}
    for name in FILES:
        whole = attached(planted / name, planted)
        for network, capable in PLACES.items():
            if capable.video is None if whole.is_video else capable.max_images == 0:
                continue
            for number, (like, crop) in enumerate(((None, False), (replace(whole, width=300, height=100), True))):
                rendition = assets.rendition(replace(whole, crop=crop), capable, like)
                path = out / f"{name}.{network}.{number}{Path(rendition.name).suffix}"
                path.write_bytes(rendition.data)
                made[name].append(Sent(name, network, rendition, path))
    return made


@pytest.fixture(scope="session")
def seen(sent: Mapping[str, list[Sent]]) -> Mapping[Path, Mapping[str, object]]:
    """What exiftool finds in each file that leaves."""
    return read([one.path for each in sent.values() for one in each])


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


def test_the_corpus_has_every_format() -> None:
    """Formats that can be written here are all there; a missing library leaves out its own and nothing else."""
    kinds = {Path(name).suffix for name in FILES}
    assert kinds >= {".jpg", ".png", ".webp", ".gif"}
    pytest.importorskip("pillow_heif")
    pytest.importorskip("av")
    assert kinds >= {".heic", ".mp4", ".mov"}


def test_each_file_of_the_corpus_hides_something(planted: Path) -> None:
    """Before the cleaning the place, the name or the day is there, in plain bytes or for exiftool."""
    found = read([planted / name for name in FILES], "-b")
    for name in FILES:
        said = json.dumps(found[planted / name])
        plain = any(mark in corpus()[name] for mark in marks())
        assert plain or PLACE in said or NAME in said or DAY in said, name


@pytest.mark.parametrize("name", FILES)
def test_no_planted_byte_leaves(name: str, sent: Mapping[str, list[Sent]]) -> None:
    """Neither in any coding of the letters nor as numbers."""
    assert sent[name]
    for one in sent[name]:
        assert not [mark for mark in marks() if mark in one.rendition.data], one.network


@pytest.mark.parametrize("name", FILES)
def test_an_independent_tool_finds_only_what_a_decoder_needs(
    name: str, sent: Mapping[str, list[Sent]], seen: Mapping[Path, Mapping[str, object]]
) -> None:
    """exiftool finds sizes and codes, no date, and not one tag that is not on the list."""
    for one in sent[name]:
        assert list(leaks(seen[one.path])) == [], one.network


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


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_built_of_what_a_decoder_needs(name: str, sent: Mapping[str, list[Sent]]) -> None:
    """Segment by segment, chunk by chunk, box by box, to its last byte: nothing else is in it."""
    for one in sent[name]:
        assert list(PIECES[one.rendition.mime](one.rendition.data)) == [], one.network


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".jpg", ".png"))])
def test_the_look_at_the_structure_would_see_what_is_planted(name: str) -> None:
    """Each JPEG and PNG of the corpus has a piece that must not be there."""
    kind = "image/jpeg" if name.endswith(".jpg") else "image/png"
    assert list(PIECES[kind](corpus()[name]))
    assert list(jpeg_pieces(jpeg_of())) == []


def test_the_list_of_what_is_allowed_would_see_what_is_planted(planted: Path) -> None:
    """What exiftool finds in the files of the corpus is not on the list: a leak would be told."""
    names = [name for name in FILES if name.startswith(("exif", "xmp.", "iptc", "comment", "keys", "names", "tracks"))]
    found = read([planted / name for name in names])
    assert len(names) > 10
    for name in names:
        assert list(leaks(found[planted / name])), name


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
