"""Videos: what one is, and a copy of its picture and sound with nothing else. The only file that knows PyAV.

Nothing is coded anew: the packets of the video and of one sound track go into a new MP4 file. Names, places, dates,
further tracks (a phone's track of where it was) and notes between the frames stay behind.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socrbot.media.files import Unusable
from socrbot.media.samples import Sample, are_apart

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.stream import Stream

MIME = "video/mp4"

# The widest and highest video that is looked at: 8K.
_LONGEST_SIDE = 8_192
# The share of a video's length by which its packets may end early, and as much in seconds, before it counts as cut.
_MAY_END_EARLY = 0.05
# Moov box in front and no edit lists (Instagram's documentation of reels); no encoder's name, no creation time.
_WRITING = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0", "fflags": "+bitexact"}
# Slices (H.264, table 7-1). Notes between the frames and whatever else stay behind; what a player has to know of all
# frames stands in the directory.
_PICTURE_ALONE = "filter_units=pass_types=1-5"
_DAMAGED = "The video is damaged: it cannot be read to its end."


@dataclass(frozen=True, slots=True)
class Video:
    """What a video is: width and height in pixels as it is shown, and how long it is in seconds."""

    width: int
    height: int
    seconds: float


def look(data: bytes) -> Video:
    """What the video in an MP4 or QuickTime file is. Plays it to its end. Raises Unusable."""
    with _opened(data) as container:
        picture, *sound = _streams(container)
        turned = _is_sideways(container, picture)
        context = picture.codec_context
        width, height = (context.height, context.width) if turned else (context.width, context.height)
        seconds = _length(container)
        _read_to_the_end(data, container, [picture, *sound], seconds)
        numbers = [stream.index for stream in (picture, *sound)]
    _play(data, numbers)
    return Video(width, height, round(seconds, 3))


def cleaned(data: bytes) -> bytes:
    """The same video as MP4, with its picture and its sound and nothing else. Raises Unusable."""
    import av

    with tempfile.TemporaryDirectory(prefix="socrbot-") as folder:
        path = Path(folder) / "video.mp4"
        with _opened(data) as container, av.open(str(path), "w", format="mp4", options=_WRITING) as out:
            _copy(container, out)
        return path.read_bytes()


@contextmanager
def _opened(data: bytes) -> Iterator[InputContainer]:
    """The file, taken for MP4 or QuickTime whatever it is: no playlist can make us fetch something."""
    try:
        import av
    except ImportError:
        raise Unusable(
            "This is a video, and the package that reads videos is missing. "
            "Let the person who runs the bot install it: pip install 'socrbot[video]'."
        ) from None
    try:
        with av.open(BytesIO(data), "r", format="mov", metadata_errors="replace") as container:
            yield container
    except (av.error.FFmpegError, ValueError, EOFError, MemoryError):
        raise Unusable(_DAMAGED) from None


def _streams(container: InputContainer) -> list[Any]:
    """The video and, where there is one, the first sound track. Raises Unusable where networks would refuse them."""
    from av.stream import Disposition

    covers = Disposition.attached_pic | Disposition.timed_thumbnails
    pictures = [stream for stream in container.streams.video if not stream.disposition & covers]
    if not pictures:
        raise Unusable("There is no video in this file.")
    picture, sound = pictures[0], list(container.streams.audio[:1])
    _refuse_codec(picture, "h264", "picture")
    for track in sound:
        _refuse_codec(track, "aac", "sound")
    width, height = picture.codec_context.width, picture.codec_context.height
    if not 0 < width <= _LONGEST_SIDE or not 0 < height <= _LONGEST_SIDE:
        raise Unusable(f"The video has {width} × {height} pixels. The most is {_LONGEST_SIDE} on a side.")
    return [picture, *sound]


def _refuse_codec(stream: Any, wanted: str, what: str) -> None:
    name = stream.codec_context.name if stream.codec_context is not None else "an unknown code"
    if name != wanted:
        raise Unusable(
            f"The video's {what} is in {name}, which not every network takes. Save it as MP4 with H.264 and AAC."
        )


def _is_sideways(container: InputContainer, picture: Any) -> bool:
    """Whether the video is turned by a quarter when it is shown. Decodes its first frame."""
    frame = next(container.decode(picture), None)
    if frame is None:
        raise Unusable(_DAMAGED)
    container.seek(0)
    return bool(frame.rotation % 180)


def _length(container: InputContainer) -> float:
    if not container.duration or container.duration <= 0:
        raise Unusable("The video does not say how long it is. Save it again as MP4.")
    return container.duration / 1_000_000


def _read_to_the_end(data: bytes, container: InputContainer, streams: list[Any], seconds: float) -> None:
    """Raises Unusable where packets are missing or tangled: a file that broke off or was damaged."""
    reached, wanted, others = 0.0, list[Sample](), list[Sample]()
    for packet in container.demux():
        is_wanted = packet.stream in streams
        if packet.size and packet.pos is not None:
            (wanted if is_wanted else others).append((packet.pos, packet.size))
        if not is_wanted:
            continue
        if packet.is_corrupt:
            raise Unusable(_DAMAGED)
        if packet.pts is not None and packet.time_base is not None:
            reached = max(reached, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    if not are_apart(data, wanted, others):
        raise Unusable(_DAMAGED)
    if reached < seconds * (1 - _MAY_END_EARLY) - _MAY_END_EARLY:
        raise Unusable(_DAMAGED)


def _play(data: bytes, streams: list[int]) -> None:
    """Raises Unusable unless every picture and every sound can be decoded: what can't may be something else."""
    for number in streams:
        with _opened(data) as container:
            stream: Any = container.streams[number]
            stream.codec_context.options = {"err_detect": "explode"}
            stream.thread_type = "AUTO"
            for _ in container.decode(stream):
                pass


def _copy(container: InputContainer, out: OutputContainer) -> None:
    from av.bitstream import BitStreamFilterContext

    streams = _streams(container)
    copies: dict[int, Stream] = {stream.index: out.add_stream_from_template(stream) for stream in streams}
    picture = streams[0]
    notes = BitStreamFilterContext(_PICTURE_ALONE, picture, copies[picture.index])
    for packet in container.demux(streams):
        if packet.dts is None:
            continue
        for kept in notes.filter(packet) if packet.stream.index == picture.index else [packet]:
            _mux(out, kept, copies[packet.stream.index])
    for kept in notes.filter(None):
        _mux(out, kept, copies[picture.index])


def _mux(out: OutputContainer, packet: Packet[Any], stream: Stream) -> None:
    packet.stream = stream
    out.mux(packet)
