"""Characters that look like others or like nothing, as they come with text from a word processor.

Also the form in which a text that was read back from a network is compared with the one that was sent.
Curly quotes, dashes and ellipses are fine and not listed here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from socrbot.text import emoji
from socrbot.text.x import as_x_sees_it, x_links


@dataclass(frozen=True, slots=True)
class Odd:
    """A character that is not what it seems.

    `index` is its place in the text, `name` what it is in words, `replacement` what to write instead: "" where it
    can go, None where only a person knows what was meant.
    """

    index: int
    char: str
    name: str
    replacement: str | None


_NAMES = {
    "\u00a0": "non-breaking space",
    "\u00ad": "invisible hyphen",
    "\u200b": "invisible space",
    "\u200c": "invisible character that keeps letters apart",
    "\u200d": "invisible character that joins letters",
    "\u2028": "invisible line separator",
    "\u2029": "invisible paragraph separator",
    "\u2060": "invisible character that joins words",
    "\u000b": "line break of a word processor",
    "\ufeff": "invisible mark (BOM)",
    "\ufffd": "stand-in for a character that was lost",
}
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_LINE_BREAKS = "\u000b\u000c\u0085\u2028\u2029"
_INVISIBLE = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0"
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROL = "\0-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f"
_LOST = "\ufffd\ufffe\uffff\ue000-\uf8ff\U000f0000-\U0010ffff"
_TAGS = "\U000e0000-\U000e007f"
# Letters in costume: mathematical alphabets, ligatures, full-width, circled and squared letters.
_COSTUMES = (
    "\ufb00-\ufb06\u2102-\u2115\u2119-\u211d\u2124\u2128\u212c\u212d\u212f-\u2134\u2139\u2145-\u2149\u24b6-\u24e9\uff01-\uff5e"
    "\U0001d400-\U0001d7ff\U0001f110-\U0001f12b\U0001f130-\U0001f149\U0001f150-\U0001f169\U0001f170-\U0001f189"
)
_EMOJI_LETTERS = frozenset("Ⓜℹ🅰🅱🅾🅿")
_suspects = re.compile(f"[{_SPACES}{_LINE_BREAKS}{_INVISIBLE}{_DIRECTION}{_CONTROL}{_LOST}{_TAGS}{_COSTUMES}]")

# Greek and Cyrillic letters that look like Latin ones.
_TWINS = dict(
    zip(
        "АВЕЅІЈКМНОРСТХУаеоросхуіјѕһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲѵӏ",
        "ABESIJKMHOPCTXYaeopocxyijshdqwABEZHIKMNOPTYXocvl",
        strict=True,
    )
)
_twin = re.compile(f"[{''.join(_TWINS)}]")
_word = re.compile(r"[^\W\d_]+")
_latin = re.compile(r"[A-Za-z]")
# Scripts whose words need joiners: Arabic, Syriac, the Indic scripts, Thai to Khmer, Mongolian.
_needs_joiners = re.compile("[\u0600-\u08ff\u0900-\u0dff\u0e00-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]")
_space = re.compile(f"[{_SPACES}]")
_line_break = re.compile(f"[{_LINE_BREAKS}]")
_nothing = re.compile(f"[{_INVISIBLE}{_DIRECTION}{_CONTROL}{_TAGS}]")


def odd_characters(text: str) -> tuple[Odd, ...]:
    """The invisible and look-alike characters of a text, in order.

    Joiners inside emoji and in scripts that need them, and letters of a word that is wholly Greek or Cyrillic,
    are no oddity.
    """
    if text.isascii() and text.isprintable():
        return ()
    found = [*_suspicious(text), *_twins(text)]
    return tuple(sorted(found, key=lambda odd: odd.index))


def normalise(text: str) -> str:
    """The text as it is compared after a network gave it back: composed, without links, spaces run together.

    Links go because X shows its own short ones instead, also for addresses without http://. `&amp;` and the like are
    undone because X writes them so.
    """
    text = as_x_sees_it(html.unescape(text))
    for start, end in reversed(x_links(text)):
        text = f"{text[:start]} {text[end:]}"
    return " ".join(text.split())


def _suspicious(text: str) -> Iterator[Odd]:
    wanted = _places_that_need_them(text)
    for match in _suspects.finditer(text):
        char = match[0]
        if match.start() in wanted or char in _EMOJI_LETTERS:
            continue
        yield Odd(match.start(), char, _name(char), _replacement(char))


def _places_that_need_them(text: str) -> frozenset[int]:
    """Places of invisible characters that an emoji or a script needs."""
    if not _nothing.search(text):
        return frozenset()
    inside = {index for start, end in emoji.sequences(text) for index in range(start, end)}
    around = (
        match.start()
        for match in re.finditer("[\u200c-\u200f\u061c]", text)
        if _needs_joiners.search(text[max(0, match.start() - 2) : match.start() + 3])
    )
    return frozenset(inside.union(around))


def _name(char: str) -> str:
    if char in _NAMES:
        return _NAMES[char]
    name = unicodedata.name(char, "").lower()
    if _nothing.match(char):
        return f"invisible character ({name or f'U+{ord(char):04X}'})"
    return name or f"unknown character (U+{ord(char):04X})"


def _replacement(char: str) -> str | None:
    if _space.match(char):
        return " "
    if _line_break.match(char):
        return "\n"
    if _nothing.match(char):
        return ""
    plain = unicodedata.normalize("NFKC", char)
    if plain != char and plain.isprintable():
        return plain
    name = unicodedata.name(char, "")
    return name[-1] if "LATIN CAPITAL LETTER " in name else None


def _twins(text: str) -> Iterator[Odd]:
    """Greek and Cyrillic letters inside a word that has Latin ones."""
    if not _twin.search(text):
        return
    for word in _word.finditer(text):
        if not _latin.search(word[0]):
            continue
        for match in _twin.finditer(text, word.start(), word.end()):
            yield Odd(match.start(), match[0], unicodedata.name(match[0]).lower(), _TWINS[match[0]])
