"""Makes the campaign's text cards in media/. Run it again after a figure has changed: python tools/make_cards.py

The words of a card stand in its alt text as well (posts/*.yaml): a picture of text must be readable by everyone.
Colours have a contrast of at least 7:1 with white.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import yaml
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
SIZE = (1200, 1200)
WHITE = (255, 255, 255)

CARDS = {
    "card-support.png": ((16, 42, 92), "support-kinds", None),
    "card-tribunal.png": ((8, 66, 48), "tribunal-success", None),
    "card-because.png": ((74, 20, 92), None, "Because of my legal rights. What could your photo say?"),
}


def main() -> None:
    """Draws every card."""
    facts = yaml.safe_load((ROOT / "config" / "facts.yaml").read_text(encoding="utf-8"))["facts"]
    for name, (colour, fact, words) in CARDS.items():
        text = words or f"{facts[fact]['statement']}."
        draw_card(text, colour).save(ROOT / "media" / name, optimize=True)


def draw_card(text: str, colour: tuple[int, int, int]) -> Image.Image:
    """A square card with the text in large letters and the hashtag below it."""
    image = Image.new("RGB", SIZE, colour)
    draw = ImageDraw.Draw(image)
    big, small = ImageFont.load_default(84), ImageFont.load_default(44)
    lines = "\n".join(textwrap.wrap(text, 24))
    draw.multiline_text((90, SIZE[1] // 2 - 40), lines, font=big, fill=WHITE, anchor="lm", spacing=22)
    draw.line((90, 1050, 1110, 1050), fill=WHITE, width=4)
    draw.text((90, 1110), "#SaveOurChildrensRights", font=small, fill=WHITE, anchor="lm")
    return image


if __name__ == "__main__":
    main()
