"""Pictures: what is accepted, and that nothing but pixels leaves the machine."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo

from socrbot import media
from socrbot.errors import NotSent, Refused
from socrbot.media import Assets, clean, inspect
from socrbot.message import Attachment

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


def cleaned(path: Path, *, types: tuple[str, ...] = ANY, max_bytes: int | None = None) -> tuple[bytes, Image.Image]:
    data = clean(path, path.parent, digest=digest(path), types=types, max_bytes=max_bytes)
    image = Image.open(BytesIO(data))
    image.load()
    return data, image


def is_red(image: Image.Image, x: int, y: int) -> bool:
    red, green, blue = image.convert("RGB").getpixel((x, y))
    return red > 200 and green < 70 and blue < 70


@pytest.mark.parametrize(
    ("make", "name", "mime"),
    [
        (photo, "a.jpg", "image/jpeg"),
        (png, "a.png", "image/png"),
        (webp, "a.webp", "image/webp"),
        (gif, "a.gif", "image/gif"),
    ],
)
def test_inspect_tells_format_size_and_digest(
    tmp_path: Path, make: Callable[[Path], Path], name: str, mime: str
) -> None:
    """A good picture has no problem, and what is said of it is true."""
    path = make(tmp_path / "media" / name if make is photo else tmp_path / name)
    asset = inspect(path, tmp_path)
    assert asset.problem is None
    assert (asset.mime, asset.width, asset.height) == (mime, 60, 40)
    assert asset.path == path.relative_to(tmp_path).as_posix()
    assert (asset.size, asset.digest) == (path.stat().st_size, digest(path))


def test_a_path_relative_to_the_root_is_understood(tmp_path: Path) -> None:
    """The path may be written as the posts write it."""
    photo(tmp_path / "media" / "a.jpg")
    assert inspect(Path("media/a.jpg"), tmp_path) == inspect(tmp_path / "media" / "a.jpg", tmp_path)


@pytest.mark.parametrize("make", [photo, png, webp, gif])
@pytest.mark.parametrize("types", [ANY, ("image/jpeg",), ("image/png",)])
def test_nothing_hidden_leaves(tmp_path: Path, make: Callable[[Path], Path], types: tuple[str, ...]) -> None:
    """EXIF, GPS, XMP, IPTC, comments, text chunks and bytes after the end are gone, whatever format comes out."""
    path = make(tmp_path / "picture")
    assert PLANTED.encode() in path.read_bytes() or make is png
    data, image = cleaned(path, types=types)
    assert PLANTED.encode() not in data
    assert PLANTED.encode("utf-16-le") not in data
    assert not image.getexif()
    assert not set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not getattr(image, "text", {})
    for marker in (
        b"Exif",
        b"http://ns.adobe",
        b"xmpmeta",
        b"8BIM",
        b"tEXt",
        b"zTXt",
        b"iTXt",
        b"eXIf",
        b"tIME",
        b"ICC_PROFILE",
    ):
        assert marker not in data
    assert is_red(image, 5, 5)
    assert not is_red(image, 50, 30)


def test_the_planted_strings_can_be_found_at_all(tmp_path: Path) -> None:
    """The search above means something: before the cleaning each format holds what is looked for."""
    found = Image.open(BytesIO(photo(tmp_path / "a.jpg").read_bytes()))
    assert found.getexif().get_ifd(0x8825)[29] == PLANTED
    assert PLANTED in str(found.info["comment"]) + str(found.info["xmp"])
    assert Image.open(BytesIO(png(tmp_path / "a.png").read_bytes())).text["Author"] == PLANTED


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_is_turned_as_the_camera_was_held(tmp_path: Path, orientation: int) -> None:
    """For each orientation of EXIF the result is upright, and `inspect` says its upright size."""
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    as_stored = marked() if stored is None else marked().transpose(stored)
    path = photo(tmp_path / "a.jpg", orientation=orientation, image=as_stored)
    asset = inspect(path, tmp_path)
    _, image = cleaned(path)
    assert image.size == (asset.width, asset.height) == (60, 40)
    assert is_red(image, 5, 5)
    assert not any(is_red(image, x, y) for x, y in ((55, 5), (5, 35), (55, 35)))


@pytest.mark.parametrize("make", [photo, png, webp, gif])
def test_the_same_file_gives_the_same_bytes(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """Cleaning twice gives the same, so that a second upload is the same picture."""
    path = make(tmp_path / "picture")
    assert cleaned(path)[0] == cleaned(path)[0]


def test_the_format_is_kept_where_it_is_wanted(tmp_path: Path) -> None:
    """A photo stays JPEG, a drawing stays PNG, and the rest becomes one of them."""
    assert cleaned(photo(tmp_path / "a.jpg"))[1].format == "JPEG"
    assert cleaned(png(tmp_path / "a.png"))[1].format == "PNG"
    assert cleaned(gif(tmp_path / "a.gif"))[1].format == "PNG"
    assert cleaned(webp(tmp_path / "a.webp"))[1].format == "JPEG"
    assert cleaned(png(tmp_path / "a.png"), types=("image/jpeg",))[1].format == "JPEG"
    assert cleaned(photo(tmp_path / "a.jpg"), types=("image/png",))[1].format == "PNG"


def test_what_lies_under_a_transparent_part_is_gone(tmp_path: Path) -> None:
    """A face rubbed out by transparency can't be brought back from what is sent."""
    image = marked().convert("RGBA")
    alpha = Image.new("L", image.size, 255)
    ImageDraw.Draw(alpha).rectangle((0, 0, 20, 13), fill=0)
    image.putalpha(alpha)
    path = png(tmp_path / "a.png", image)
    assert Image.open(path).getpixel((5, 5)) == (255, 0, 0, 0)
    _, out = cleaned(path)
    assert out.mode == "RGBA"
    assert out.getpixel((5, 5)) == (0, 0, 0, 0)
    assert out.getpixel((50, 30)) == (255, 255, 255, 255)
    _, flat = cleaned(path, types=("image/jpeg",))
    assert min(flat.getpixel((5, 5))) > 240


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_can_be_cleaned(tmp_path: Path, mode: str) -> None:
    """Black and white, grey, palette, transparent and 16-bit pictures keep their brightness."""
    if mode == "I;16":
        image = Image.new("I;16", (30, 20), 0x8000)
    else:
        grey = Image.new("RGB", (30, 20), (128, 128, 128))
        image = grey.quantize(4) if mode == "P" else grey.convert(mode, dither=Image.Dither.NONE)
    path = png(tmp_path / "a.png", image)
    _, out = cleaned(path)
    assert abs(out.convert("L").getpixel((9, 9)) - (255 if mode == "1" else 128)) <= 2


def test_a_cmyk_photo_becomes_rgb(tmp_path: Path) -> None:
    """A photo made for print comes out in the colours of a screen."""
    path = photo(tmp_path / "a.jpg", image=marked().convert("CMYK"))
    _, out = cleaned(path)
    assert out.mode == "RGB"
    assert is_red(out, 5, 5)


def test_colours_are_kept_without_the_profile(tmp_path: Path) -> None:
    """Colours written by a profile of their own are turned into sRGB, and the profile is left behind."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"####", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"####", b"gXYZ", 1)
    path = tmp_path / "a.png"
    Image.new("RGB", (8, 8), "red").save(path, icc_profile=swapped)
    _, out = cleaned(path)
    assert "icc_profile" not in out.info
    red, green, blue = out.getpixel((1, 1))
    assert green > 240
    assert max(red, blue) < 15
    Image.new("RGB", (8, 8), "red").save(path, icc_profile=b"no profile at all")
    assert cleaned(path)[1].getpixel((1, 1)) == (255, 0, 0)


def test_a_phone_photo_with_a_second_picture_inside_is_a_jpeg(tmp_path: Path) -> None:
    """Phones append depth maps and previews (MPO): the photo is taken, the rest stays behind."""
    path = tmp_path / "a.jpg"
    marked().save(path, "MPO", save_all=True, append_images=[noise((60, 40))])
    assert inspect(path, tmp_path).mime == "image/jpeg"
    data, image = cleaned(path)
    assert image.format == "JPEG"
    assert data.count(b"\xff\xd8\xff") == 1
    assert is_red(image, 5, 5)


def test_it_fits_a_byte_limit(tmp_path: Path) -> None:
    """A limit is kept by quality first and by size only when it must be."""
    path = photo(tmp_path / "a.jpg", image=noise((640, 480)))
    whole = len(cleaned(path)[0])
    data, image = cleaned(path, max_bytes=whole - 1)
    assert len(data) < whole
    assert image.size == (640, 480)
    data, image = cleaned(path, max_bytes=whole // 4)
    assert len(data) <= whole // 4
    assert image.size[0] / image.size[1] == pytest.approx(640 / 480, rel=0.02)
    large_png = png(tmp_path / "b.png", noise((640, 480)))
    assert len(cleaned(large_png, types=("image/png",), max_bytes=600_000)[0]) <= 600_000
    with pytest.raises(Refused, match=r"a\.jpg cannot be made small enough"):
        cleaned(path, max_bytes=100)


def test_a_changed_file_is_not_sent(tmp_path: Path) -> None:
    """The file that was checked is the only one that may go out."""
    path = photo(tmp_path / "a.jpg")
    before = digest(path)
    photo(path, image=marked((80, 50)))
    with pytest.raises(NotSent, match=r"a\.jpg changed after it was checked"):
        clean(path, tmp_path, digest=before)
    path.unlink()
    with pytest.raises(NotSent, match="no such file"):
        clean(path, tmp_path, digest=before)


def problem(path: Path, root: Path) -> str:
    asset = inspect(path, root)
    assert asset.problem
    assert (asset.mime, asset.size, asset.digest) == ("", 0, "")
    return asset.problem


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    """A file that is not there, or cannot be, is a problem and no exception."""
    assert "no such file" in problem(tmp_path / "none.png", tmp_path)
    assert problem(tmp_path / ("x" * 300 + ".png"), tmp_path)
    assert problem(Path("a\0b.png"), tmp_path)
    (tmp_path / "file").write_text("x")
    assert problem(Path("file/a.png"), tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    assert problem(Path("loop"), tmp_path)


def test_a_file_outside_the_campaign_is_a_problem(tmp_path: Path) -> None:
    """Neither dots nor a symbolic link lead out of the campaign's folder."""
    root = tmp_path / "campaign"
    root.mkdir()
    photo(tmp_path / "secret.jpg")
    (root / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    assert "outside" in problem(Path("../secret.jpg"), root)
    assert "outside" in problem(tmp_path / "secret.jpg", root)
    assert "outside" in problem(Path("link.jpg"), root)
    photo(root / "real.jpg")
    (root / "inner.jpg").symlink_to(root / "real.jpg")
    assert inspect(Path("inner.jpg"), root).problem is None


def test_what_is_no_file_is_a_problem(tmp_path: Path) -> None:
    """A folder or a pipe is not opened: a pipe would keep the bot waiting for ever."""
    os.mkfifo(tmp_path / "pipe.png")
    assert "not a file" in problem(tmp_path / "pipe.png", tmp_path)
    assert "not a file" in problem(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"Not a picture at all, but a letter.", "not a JPEG, PNG, GIF or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a JPEG, PNG, GIF or WebP"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(200), "HEIC"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "damaged|not a JPEG"),
    ],
)
def test_what_is_no_picture_is_a_problem(tmp_path: Path, content: bytes, says: str) -> None:
    """The content decides, not the name."""
    path = tmp_path / "card.png"
    path.write_bytes(content)
    assert re.search(says, problem(path, tmp_path))


@pytest.mark.parametrize("make", [photo, png, webp])
def test_a_truncated_picture_is_a_problem(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """A file that broke off while it was copied is found while it is checked, not by the network."""
    path = make(tmp_path / "a")
    big = tmp_path / "b"
    noise((200, 200)).save(big, {photo: "JPEG", png: "PNG", webp: "WEBP"}[make])
    data = big.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    assert "damaged" in problem(path, tmp_path)


def test_a_bomb_is_a_problem(tmp_path: Path) -> None:
    """A small file that would unfold to gigabytes is refused by its header."""
    path = tmp_path / "bomb.png"
    Image.new("1", (30_000, 30_000)).save(path)
    assert path.stat().st_size < 1_000_000
    assert "pixels" in problem(path, tmp_path)
    Image.new("1", (9_000, 9_000)).save(path)
    assert "81 million pixels" in problem(path, tmp_path)


def test_a_file_too_large_is_a_problem(tmp_path: Path) -> None:
    """The limit of 20 MB is said with the file's own size."""
    path = photo(tmp_path / "a.jpg")
    with path.open("ab") as file:
        file.truncate(media.MAX_BYTES + 2_000_000)
    assert "22.0 MB" in problem(path, tmp_path)


def test_a_moving_picture_is_a_problem(tmp_path: Path) -> None:
    """Only the first frame would go out; that is not decided in silence."""
    path = tmp_path / "a.gif"
    marked().save(path, save_all=True, append_images=[noise((60, 40))], duration=100)
    assert "moves" in problem(path, tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, 3_000), junk=st.binary(min_size=1, max_size=40), which=st.sampled_from(["j", "p", "w", "g"])
)
def test_a_damaged_picture_never_raises(tmp_path: Path, place: int, junk: bytes, which: str) -> None:
    """Whatever bytes are wrong, `inspect` answers, and what it accepts can be cleaned and holds nothing hidden."""
    make = {"j": photo, "p": png, "w": webp, "g": gif}[which]
    path = make(tmp_path / f"damaged.{which}")
    data = bytearray(path.read_bytes())
    place %= len(data)
    data[place : place + len(junk)] = junk
    path.write_bytes(data)
    if inspect(path, tmp_path).problem is None:
        assert PLANTED.encode() not in clean(path, tmp_path, digest=digest(path))


def test_a_file_is_looked_into_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unchanged files cost a stat; a changed one is seen at once."""
    path = photo(tmp_path / "a.jpg")
    assets = Assets(tmp_path)
    first = assets.inspect(path)
    assert assets.inspect(Path("a.jpg")) is first
    photo(path, image=marked((80, 50)))
    assert assets.inspect(path).width == 80
    path.unlink()
    assert "no such file" in str(assets.inspect(path).problem)
    photo(path)
    assert assets.inspect(path).problem is None


def test_assets_clean_what_an_attachment_names(tmp_path: Path) -> None:
    """The attachment's path and digest are enough; after a change the file is looked into afresh."""
    path = photo(tmp_path / "media" / "a.jpg")
    assets = Assets(tmp_path)
    asset = assets.inspect(path)
    wanted = Attachment(asset.path, "A red block", asset.mime, asset.width, asset.height, asset.size, asset.digest)
    assert assets.clean(wanted, types=ANY, max_bytes=None) == cleaned(path)[0]
    photo(path, image=marked((80, 50)))
    with pytest.raises(NotSent):
        assets.clean(wanted, types=ANY, max_bytes=None)
    assert assets.inspect(path).digest == digest(path)
