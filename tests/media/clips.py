"""Videos with something planted, one for each place that MP4 and QuickTime have: name of the file -> its bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from io import BytesIO
from typing import Any

from tests.media.planting import MARK, PLACE, XMP, box, jpeg_of

TEXT = MARK.encode()
_XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_NOTE_UUID = bytes(range(16))


def clips() -> Iterator[tuple[str, bytes]]:
    """Every video of the corpus; none where PyAV is missing."""
    try:
        import av  # noqa: F401
    except ImportError:
        return
    makers: dict[str, Callable[[], bytes]] = {
        "keys.mp4": lambda: video(names=_NAMES, movflags="use_metadata_tags", frames=100),
        "names.mp4": lambda: video(names=_NAMES),
        "names.mov": lambda: video(names=_NAMES, form="mov"),
        "tracks.mp4": lambda: video(handler=MARK),
        "timed.mp4": lambda: video(timed=True),
        "notes.mp4": lambda: video(note=True),
        "free.mp4": lambda: video() + box(b"free", TEXT),
        "uuid.mp4": lambda: video() + box(b"uuid", _XMP_UUID + XMP),
        "trailer.mp4": lambda: video() + box(b"skip", XMP) + TEXT,
        "hole.mp4": _with_hole,
        "udta.mp4": lambda: _in_moov(box(b"udta", _udta())),
        "udta-meta.mp4": lambda: _in_moov(box(b"udta", _ilst())),
        "moov-meta.mp4": lambda: _in_moov(_keys()),
        "moov-uuid.mp4": lambda: _in_moov(box(b"uuid", _XMP_UUID + XMP)),
        "track-udta.mp4": lambda: _in_moov(box(b"udta", box(b"name", TEXT)), into=b"trak"),
    }
    for name, make in makers.items():
        yield name, make()


_NAMES = {
    "title": MARK,
    "artist": MARK,
    "comment": MARK,
    "location": f"+51.5007-000.1246/{PLACE}",
    "com.apple.quicktime.location.ISO6709": f"+51.5007-000.1246/{PLACE}",
    "com.apple.quicktime.author": MARK,
    "creation_time": "2024-05-06T07:08:09Z",
}


@cache
def _plain() -> bytes:
    return video()


def video(
    *,
    names: dict[str, str] | None = None,
    movflags: str = "",
    form: str = "mp4",
    handler: str = "",
    timed: bool = False,
    note: bool = False,
    turned: int = 0,
    size: tuple[int, int] = (64, 48),
    frames: int = 25,
    codec: str = "libx264",
    sound: bool = True,
) -> bytes:
    """A short video of grey frames with silence: 25 frames a second.

    `names` go into the file's own metadata, `handler` into the tracks'; `timed` adds a track that tells the place as
    time goes by, `note` words between the frames; `turned` is how the camera was held, in degrees.
    """
    import av

    out = BytesIO()
    with av.open(out, "w", format=form, options={"movflags": movflags} if movflags else {}) as container:
        container.metadata.update(names or {})
        picture = container.add_stream(codec, rate=25)
        picture.width, picture.height, picture.pix_fmt = *size, "yuv420p"
        if turned:
            picture.set_display_rotation(turned)
        track = container.add_stream("aac", rate=44_100) if sound else None
        timeline = container.add_data_stream("bin_data") if timed else None
        for stream in (picture, track) if handler else ():
            stream.metadata.update({"handler_name": handler, "title": handler, "language": "cym"})
        _film(container, picture, frames, note=note)
        if track is not None:
            silence(container, track, frames)
        if timeline is not None:
            for second in range(2):
                packet = av.Packet(f"{MARK} at {second}".encode())
                packet.stream, packet.time_base = timeline, Fraction(1, 1_000)
                packet.pts = packet.dts = second * 400
                container.mux(packet)
    return out.getvalue()


def _film(container: Any, stream: Any, frames: int, *, note: bool) -> None:
    import av

    for number in range(frames):
        frame = av.VideoFrame(stream.width, stream.height, "yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, 25)
        for plane in frame.planes:
            plane.update(bytes([60 + number]) * plane.buffer_size)
        for packet in stream.encode(frame):
            container.mux(_noted(packet) if note else packet)
    for packet in stream.encode():
        container.mux(_noted(packet) if note else packet)


def _noted(packet: Any) -> Any:
    """The packet with a note in front: H.264's user data, where cameras of drones write where they are."""
    import av

    payload = _NOTE_UUID + TEXT
    made = av.Packet(b"\0\0\0\x01\x06\x05" + bytes([len(payload)]) + payload + b"\x80" + bytes(packet))
    made.pts, made.dts, made.time_base, made.stream = packet.pts, packet.dts, packet.time_base, packet.stream
    made.duration, made.is_keyframe = packet.duration, packet.is_keyframe
    return made


def silence(container: Any, stream: Any, frames: int) -> None:
    """As much silence as so many frames last."""
    import av

    for number in range(frames * 44_100 // 25 // 1_024):
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1_024)
        frame.sample_rate, frame.pts = 44_100, number * 1_024
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        for packet in stream.encode(frame):
            container.mux(packet)
    for packet in stream.encode():
        container.mux(packet)


def _in_moov(extra: bytes, *, into: bytes = b"moov") -> bytes:
    """The video with one more box at the end of its directory, which lies behind the pictures: nothing else moves."""
    whole = _plain()
    moov = whole.rindex(b"moov") - 4
    at = moov if into == b"moov" else whole.index(into, moov) - 4
    sizes = [moov] if at == moov else [moov, at]
    end = at + struct.unpack(">I", whole[at : at + 4])[0]
    grown = bytearray(whole[:end] + extra + whole[end:])
    for place in sizes:
        grown[place : place + 4] = struct.pack(">I", struct.unpack(">I", whole[place : place + 4])[0] + len(extra))
    return bytes(grown)


def _with_hole() -> bytes:
    """Words among the pictures' bytes to which no track points: a box behind all others, called pictures as well."""
    return _plain() + box(b"mdat", TEXT)


def _udta() -> bytes:
    said = struct.pack(">HH", len(TEXT), 0x15C7) + TEXT
    place = bytes(4) + b"\x15\xc7" + TEXT + b"\0" + bytes(1) + struct.pack(">iii", -8166, 3_375_237, 0) + b"earth\0\0"
    return box(b"\xa9xyz", said) + box(b"\xa9nam", said) + box(b"loci", place) + box(b"auth", bytes(6) + TEXT + b"\0")


def _ilst() -> bytes:
    """Names as music players keep them, and a cover with words in it."""
    handler = box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    cover = box(b"data", struct.pack(">II", 13, 0) + jpeg_of((32, 24)) + TEXT)
    items = box(b"\xa9nam", box(b"data", struct.pack(">II", 1, 0) + TEXT)) + box(b"covr", cover)
    return box(b"meta", bytes(4) + handler + box(b"ilst", items))


def _keys() -> bytes:
    """Names as iPhones keep them: keys, and a list of values."""
    handler = box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
    name = box(b"mdta", b"com.apple.quicktime.location.ISO6709")
    place = f"+51.5007-000.1246/{PLACE}".encode()
    value = box(b"data", struct.pack(">II", 1, 0) + place)
    listed = struct.pack(">I", len(value) + 8) + struct.pack(">I", 1) + value
    return box(b"meta", bytes(4) + handler + box(b"keys", struct.pack(">II", 0, 1) + name) + box(b"ilst", listed))
