"""Videos and HEIC pictures: what they are, and what leaves of them."""

from __future__ import annotations

import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socrbot.errors import Refused
from socrbot.media import MAX_VIDEO_BYTES, Assets, inspect
from socrbot.message import Capabilities, Rendition, VideoLimits
from tests.media.clips import silence, video
from tests.media.planting import NAME, marks
from tests.media.stills import stills
from tests.media_corpus import corpus
from tests.pictures import attachment, digest

av = pytest.importorskip("av")
TAKES = Capabilities(500, len, video=VideoLimits())


def put(folder: Path, data: bytes, name: str = "a.mp4") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def sent(path: Path, capable: Capabilities = TAKES) -> Rendition:
    return Assets(path.parent).rendition(attachment(path), capable)


def test_inspect_tells_what_a_video_is(tmp_path: Path) -> None:
    """Its kind by its content, its size in pixels, its length, its digest."""
    path = put(tmp_path, video(size=(64, 48), frames=50), "a.png")
    asset = inspect(path, tmp_path)
    assert asset.problem is None
    assert (asset.mime, asset.width, asset.height) == ("video/mp4", 64, 48)
    assert asset.seconds == pytest.approx(2.0, abs=0.1)
    assert asset.digest == digest(path)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_video_stays_as_the_camera_was_held(tmp_path: Path, turned: int) -> None:
    """Its size is told as it is shown, and it is shown the same way after the cleaning."""
    path = put(tmp_path, video(size=(64, 48), turned=turned))
    asset = inspect(path, tmp_path)
    assert (asset.width, asset.height) == ((48, 64) if turned in (90, 270) else (64, 48))
    made = sent(path)
    assert (made.width, made.height) == (asset.width, asset.height)
    assert rotation(made.data) == rotation(path.read_bytes())


def rotation(data: bytes) -> int:
    with av.open(BytesIO(data)) as container:
        return next(container.decode(video=0)).rotation % 360


@pytest.mark.parametrize("name", [name for name in corpus() if name.endswith((".mp4", ".mov"))])
def test_picture_and_sound_are_not_coded_anew(tmp_path: Path, name: str) -> None:
    """Every frame comes out as it was, and every sound; the result is one video, at most one sound, and no more."""
    path = put(tmp_path, corpus()[name], name)
    made = sent(path)
    assert made.seconds == pytest.approx(inspect(path, tmp_path).seconds, abs=0.1)
    assert frames(made.data) == frames(corpus()[name])
    with av.open(BytesIO(made.data)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        assert "creation_time" not in container.metadata


def frames(data: bytes) -> list[bytes]:
    with av.open(BytesIO(data)) as container:
        shown = [bytes(frame.planes[0]) for frame in container.decode(video=0)]
    with av.open(BytesIO(data)) as container:
        return shown + [bytes(packet) for packet in container.demux(audio=0)]


def test_the_directory_stands_in_front(tmp_path: Path) -> None:
    """As Instagram asks: the moov box before the pictures, and no edit list."""
    data = sent(put(tmp_path, video())).data
    assert 0 < data.index(b"moov") < data.index(b"mdat")
    assert b"elst" not in data


def test_the_same_video_gives_the_same_bytes(tmp_path: Path) -> None:
    """So that a second upload is the same."""
    path = put(tmp_path, video())
    assert sent(path) == sent(path)


def test_a_silent_video_is_taken(tmp_path: Path) -> None:
    """A video needs no sound."""
    assert sent(put(tmp_path, video(sound=False))).seconds == pytest.approx(1.0, abs=0.1)


def test_a_video_that_not_every_network_takes_is_a_problem(tmp_path: Path) -> None:
    """Another coding than H.264 is told while the post is written, with what to do."""
    for codec in ("mpeg4", "libx265"):
        problem = str(inspect(put(tmp_path, video(codec=codec)), tmp_path).problem)
        assert "Save it as MP4 with H.264 and AAC" in problem


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_video_that_broke_off_is_a_problem(tmp_path: Path, share: float) -> None:
    """Whether its directory stands behind the pictures or in front of them."""
    for data in (video(frames=100), sent(put(tmp_path, video(frames=100))).data):
        path = put(tmp_path, data[: int(len(data) * share)])
        assert "video is damaged" in str(inspect(path, tmp_path).problem)


def test_what_only_looks_like_a_video_is_a_problem(tmp_path: Path) -> None:
    """Sound alone, a file without tracks, one too large: each says what it is."""
    assert "damaged" in str(inspect(put(tmp_path, b"\0\0\0\x18ftypisom" + bytes(400)), tmp_path).problem)
    out = BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44_100)
        silence(container, stream, 25)
    assert "no video in this file" in str(inspect(put(tmp_path, out.getvalue()), tmp_path).problem)
    huge = put(tmp_path, video())
    with huge.open("ab") as file:
        file.truncate(MAX_VIDEO_BYTES + 5_000_000)
    assert "105.0 MB. The most is 100 MB" in str(inspect(huge, tmp_path).problem)


def test_a_sound_that_takes_in_another_track_is_a_problem(tmp_path: Path) -> None:
    """One wrong byte in the table of sizes, and the place where a phone was would leave with the sound."""
    whole = corpus()["timed.mp4"]
    table = whole.rindex(b"stsz", 0, whole.index(b"gmhd")) + 12
    assert int.from_bytes(whole[table - 4 : table], "big") == 0
    for sample in range(int.from_bytes(whole[table : table + 4], "big") - 1):
        data = bytearray(whole)
        data[table + 4 * (sample + 1) + 3] = 120
        assert "damaged" in str(inspect(put(tmp_path, bytes(data)), tmp_path).problem), sample


def test_a_note_that_calls_itself_a_picture_does_not_leave(tmp_path: Path) -> None:
    """Words between the frames are left out by their kind. With the kind damaged they are no picture either."""
    data = bytearray(corpus()["notes.mp4"])
    note = data.index(NAME.encode())
    kind = data.rindex(b"\x06\x05", 0, note)
    for slice_of_picture in (0x61, 0x65):
        data[kind] = slice_of_picture
        assert "damaged" in str(inspect(put(tmp_path, bytes(data)), tmp_path).problem), slice_of_picture
    data[kind] = 0x67
    made = sent(put(tmp_path, bytes(data)))
    assert not [mark for mark in marks() if mark in made.data]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.floats(0, 0.999), junk=st.binary(min_size=1, max_size=40), name=st.sampled_from(["keys.mp4", "timed.mp4"])
)
def test_a_damaged_video_never_raises(tmp_path: Path, place: float, junk: bytes, name: str) -> None:
    """Whatever bytes are wrong, `inspect` answers; what it accepts is sent without what was planted, or refused."""
    data = bytearray(corpus()[name])
    at = int(len(data) * place)
    data[at : at + len(junk)] = junk
    path = put(tmp_path, bytes(data))
    if inspect(path, tmp_path).problem is None:
        try:
            made = sent(path)
        except Refused:
            return
        assert not [mark for mark in marks() if mark in made.data]


def test_a_video_goes_only_where_it_fits(tmp_path: Path) -> None:
    """A network without videos refuses it, and so does one that takes less."""
    path = put(tmp_path, video())
    with pytest.raises(Refused, match="takes no videos"):
        sent(path, Capabilities(500, len))
    with pytest.raises(Refused, match="takes at most"):
        sent(path, replace(TAKES, video=VideoLimits(max_bytes=1_000)))


def test_without_its_package_a_video_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain problem instead of an error of Python's."""
    path = put(tmp_path, video())
    monkeypatch.setitem(sys.modules, "av", None)
    assert "pip install 'socrbot[video]'" in str(inspect(path, tmp_path).problem)


def test_a_heic_picture_is_read_and_leaves_as_jpeg(tmp_path: Path) -> None:
    """An iPhone's photo is told as what it is, and what leaves is a JPEG that every network takes."""
    pytest.importorskip("pillow_heif")
    data = dict(stills())["exif.heic"]
    path = put(tmp_path, data, "a.jpg")
    asset = inspect(path, tmp_path)
    assert (asset.problem, asset.mime, asset.width, asset.height) == (None, "image/heic", 96, 64)
    made = sent(path)
    assert made.mime == "image/jpeg"
    assert not [mark for mark in marks() if mark in made.data]
    for cut in (0.3, 0.7):
        problem = inspect(put(tmp_path, data[: int(len(data) * cut)]), tmp_path).problem
        assert "damaged" in str(problem)


def test_without_its_package_a_heic_picture_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Save it as JPEG, or install the package."""
    pytest.importorskip("pillow_heif")
    from socrbot.media import pictures

    path = put(tmp_path, dict(stills())["xmp.heic"])
    pictures._heif.cache_clear()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    problem = str(inspect(path, tmp_path).problem)
    assert "Save it as JPEG first" in problem
    assert "socrbot[heic]" in problem
