"""The shape that a picture gets on a network."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from socrbot.errors import Refused
from socrbot.media import Assets, card_picture
from socrbot.media.fit import Limits, shape
from socrbot.message import Attachment, Capabilities, Rendition
from tests.pictures import attachment, gif, is_red, marked, noise, photo, png

JPEG = ("image/jpeg",)
# As Instagram and Threads have them.
INSTAGRAM = {"image_types": JPEG, "image_width": (320, 1_440), "image_ratio": (0.8, 1.91), "image_bytes": 8_000_000}
SIDES = st.integers(2, 4_000)
BOUNDS = st.sampled_from([(0.8, 1.91), (0.1, 10.0), (1.0, 1.0), (0.05, 20.0)])


def fitted(
    path: Path, like: Attachment | None = None, *, limits: dict[str, Any] | None = None, **changes: Any
) -> Rendition:
    capable = Capabilities(500, len, **(INSTAGRAM if limits is None else limits))
    return Assets(path.parent).rendition(attachment(path, **changes), capable, like)


def opened(made: Rendition) -> Image.Image:
    image = Image.open(BytesIO(made.data))
    image.load()
    assert image.size == (made.width, made.height)
    return image


@settings(max_examples=300, deadline=None)
@given(SIDES, SIDES, BOUNDS, st.booleans(), st.floats(-1, 1), st.floats(-1, 1), st.sampled_from([1.0, 0.8, 0.3]))
def test_every_shape_is_within_the_limits_and_never_stretched(
    width: int, height: int, bounds: tuple[float, float], crop: bool, x: float, y: float, scale: float
) -> None:
    """Width, ratio and number of pixels fit, the cut lies inside the picture, and what is drawn keeps its shape."""
    limits = Limits(JPEG, None, (320, 1_440), bounds, 2_500_000, crop, (x, y))
    made = shape(width, height, limits, scale=scale)
    left, top, right, bottom = made.cut
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert 320 <= made.canvas[0] <= 1_440
    slack = 1 / min(made.canvas) + 1 / 320
    assert bounds[0] * (1 - slack) <= made.canvas[0] / made.canvas[1] <= bounds[1] * (1 + slack)
    assert made.canvas[0] * made.canvas[1] <= 2_500_000 or made.canvas[0] == 320
    assert made.inner[0] <= made.canvas[0]
    assert made.inner[1] <= made.canvas[1]
    # Within a pixel, the drawn part has the shape of what was cut.
    across, down = made.inner[0] / (right - left), made.inner[1] / (bottom - top)
    assert abs(across - down) <= 1.01 / (right - left) + 1.01 / (bottom - top)
    assert crop or made.cut == (0, 0, width, height)


@settings(max_examples=200, deadline=None)
@given(st.integers(320, 1_440), st.integers(1, 3_000))
def test_a_picture_that_fits_is_not_touched(width: int, height: int) -> None:
    """Where nothing asks for another shape, no pixel is moved."""
    limits = Limits(JPEG, None, (320, 1_440), (width / height, width / height), 1_440 * 3_000)
    assert shape(width, height, limits).canvas == (width, height)


def test_a_large_picture_is_made_smaller(tmp_path: Path) -> None:
    """3,000 pixels become 1,440, which is Instagram's most, in the same shape."""
    made = fitted(photo(tmp_path / "a.jpg", image=marked((3_000, 2_000))))
    assert (made.width, made.height) == (1_440, 960)
    assert is_red(opened(made), 100, 100)


def test_a_small_picture_is_made_larger(tmp_path: Path) -> None:
    """Sixty pixels become 320, which is Instagram's least."""
    assert fitted(photo(tmp_path / "a.jpg")).width == 320


def test_a_wide_picture_gets_margins_unless_it_may_be_cut(tmp_path: Path) -> None:
    """The whole picture stays in sight, on white; with `crop` the margins are gone, and so is what lies outside."""
    wide = marked((1_000, 250))
    ImageDraw.Draw(wide).line((0, 0, 999, 249), fill="black", width=9)
    path = photo(tmp_path / "a.jpg", image=wide)
    padded = opened(fitted(path))
    assert padded.size == (1_000, 524)
    assert min(padded.getpixel((500, 10))) > 245
    assert is_red(padded, 150, 524 // 2 - 125 + 10)
    cut = opened(fitted(path, crop=True))
    assert cut.size == (477, 250)
    assert is_red(cut, 20, 5)
    assert not is_red(cut, 90, 5)


def test_the_cut_keeps_what_matters(tmp_path: Path) -> None:
    """With the focus on the left the red block on the left is kept, with the focus on the right it is gone."""
    path = photo(tmp_path / "a.jpg", image=marked((1_200, 300)))
    left = opened(fitted(path, crop=True, focus=(-1.0, 0.0)))
    right = opened(fitted(path, crop=True, focus=(1.0, 0.0)))
    assert is_red(left, 20, 20)
    assert not is_red(right, 20, 20)
    tall = photo(tmp_path / "b.jpg", image=marked((320, 1_200)))
    assert is_red(opened(fitted(tall, crop=True, focus=(0.0, 1.0))), 20, 20)
    assert not is_red(opened(fitted(tall, crop=True, focus=(0.0, -1.0))), 20, 20)


def test_margins_continue_a_plain_background(tmp_path: Path) -> None:
    """A card on blue gets blue margins, not white bars."""
    card = Image.new("RGB", (900, 300), (20, 40, 120))
    ImageDraw.Draw(card).rectangle((300, 100, 600, 200), fill="white")
    made = opened(fitted(png(tmp_path / "a.png", card)))
    red, green, blue = made.getpixel((450, 3))
    assert blue > 90
    assert red < 60
    assert green < 80


def test_see_through_margins_are_white_as_jpeg(tmp_path: Path) -> None:
    """A logo without a background gets a white one where the network takes JPEG alone, and none where it takes PNG."""
    logo = Image.new("RGBA", (900, 300), (0, 0, 0, 0))
    ImageDraw.Draw(logo).rectangle((300, 100, 600, 200), fill="red")
    path = png(tmp_path / "a.png", logo)
    assert min(opened(fitted(path)).getpixel((3, 3))) > 245
    kept = opened(fitted(path, limits={**INSTAGRAM, "image_types": ("image/png",)}))
    assert kept.getpixel((3, 3))[3] == 0


def test_pictures_of_one_post_can_have_one_shape(tmp_path: Path) -> None:
    """A tall picture after a wide one gets the wide one's shape, as that one has it there after its own fitting."""
    first = attachment(photo(tmp_path / "a.jpg", image=marked((1_000, 400))))
    second = photo(tmp_path / "b.jpg", image=marked((600, 900)))
    one = fitted(tmp_path / "a.jpg")
    two = fitted(second, like=first)
    assert one.width / one.height == pytest.approx(1.91, rel=0.01)
    assert two.width / two.height == pytest.approx(1.91, rel=0.01)
    assert (two.width, two.height) == (1_440, 754)
    assert fitted(tmp_path / "a.jpg", like=first).data == one.data


def test_a_limit_in_pixels_is_kept(tmp_path: Path) -> None:
    """As LinkedIn and Mastodon count."""
    made = fitted(photo(tmp_path / "a.jpg", image=marked((1_200, 900))), limits={"image_pixels": 300_000})
    assert made.width * made.height <= 300_000
    assert made.width / made.height == pytest.approx(4 / 3, rel=0.01)


def test_all_limits_hold_at_once(tmp_path: Path) -> None:
    """A noisy picture in a strange shape is cut down in bytes without leaving the limits of width and ratio."""
    path = photo(tmp_path / "a.jpg", image=noise((1_600, 400)))
    made = fitted(path, limits={**INSTAGRAM, "image_bytes": 120_000})
    assert len(made.data) <= 120_000
    assert 320 <= made.width <= 1_440
    assert 0.8 <= made.width / made.height <= 1.91


def test_a_picture_of_a_linked_page_is_made_safe(tmp_path: Path) -> None:
    """It becomes a clean JPEG within the bytes; of one that moves the first frame; what is no picture is refused."""
    made = card_picture(photo(tmp_path / "a.jpg", image=noise((1_800, 900))).read_bytes(), 200_000)
    assert made.mime == "image/jpeg"
    assert len(made.data) <= 200_000
    assert max(made.width, made.height) <= 1_200
    moving = gif(tmp_path / "b.gif")
    marked().save(moving, save_all=True, append_images=[noise((60, 40))], duration=100)
    assert is_red(opened(card_picture(moving.read_bytes(), 200_000)), 5, 5)
    for data in (b"", b"<html>", b"\x89PNG\r\n\x1a\n" + bytes(40), bytes(21_000_000)):
        with pytest.raises(Refused, match="picture of the linked page"):
            card_picture(data, 200_000)
