"""What is known of a picture, and how it is cleaned before it leaves."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw

from socrbot.errors import NotSent, Refused
from socrbot.media import Assets, inspect
from socrbot.message import Capabilities
from tests.pictures import ANY, PLANTED, attachment, cleaned, digest, gif, is_red, marked, noise, photo, png, webp


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
    with pytest.raises(Refused, match=r"a\.jpg cannot be used. It cannot be made small enough"):
        cleaned(path, max_bytes=100)


def test_a_changed_file_is_not_sent(tmp_path: Path) -> None:
    """The file that was checked is the only one that may go out."""
    path = photo(tmp_path / "a.jpg")
    before, assets, capable = attachment(path), Assets(tmp_path), Capabilities(500, len)
    photo(path, image=marked((80, 50)))
    with pytest.raises(NotSent, match=r"a\.jpg changed after it was checked"):
        assets.rendition(before, capable)
    path.unlink()
    with pytest.raises(NotSent, match="no such file"):
        assets.rendition(before, capable)
