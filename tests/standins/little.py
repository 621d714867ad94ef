"""LinkedIn's "little" text as its servers take it: read character by character, and cut where it goes wrong.

Written from LinkedIn's grammar, without a look at the code that is tested with it.
https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format
"""

from __future__ import annotations

from dataclasses import dataclass, field

RESERVED = frozenset("\\|{}@[]()<>#*_~")


@dataclass
class Shown:
    """What people see: the text, the hashtags that can be clicked, and whether the rest was cut off."""

    text: str = ""
    hashtags: list[str] = field(default_factory=list)
    cut: bool = False


def show(little: str) -> Shown:
    """Reads a little text. At the first reserved character that means nothing the text ends, without a word."""
    shown, place = Shown(), 0
    while place < len(little):
        size = _text(little, place, shown) or _hashtag(little, place, shown) or _element(little, place, shown)
        if not size:
            shown.cut = True
            break
        place += size
    return shown


def _text(little: str, place: int, shown: Shown) -> int:
    """Plain text: a character that is not reserved, or one that is, behind a backslash."""
    char, after = little[place], little[place + 1 : place + 2]
    if char == "\\" and after in RESERVED and after:
        shown.text += after
        return 2
    if char in RESERVED or char == "＃":
        return 0
    shown.text += char
    return 1


def _hashtag(little: str, place: int, shown: Shown) -> int:
    """A sign, and letters or digits directly behind it."""
    if little[place] not in "#＃":
        return 0
    end = place + 1
    while end < len(little) and (little[end].isalnum() or little[end] in "\u200d"):
        end += 1
    if end > place + 1:
        shown.hashtags.append(little[place + 1 : end])
    elif little[place] == "#":
        return 0
    shown.text += little[place:end]
    return end - place


def _element(little: str, place: int, shown: Shown) -> int:
    """A hashtag template `{hashtag|\\#|word}`, or a mention `@[Name](urn:li:…)`."""
    rest = little[place:]
    for opening in ("{hashtag|\\#|", "{hashtag|#|"):
        if rest.startswith(opening):
            word, size = _until(rest, len(opening), "}")
            if size:
                shown.hashtags.append(word)
                shown.text += "#" + word
                return size
    if rest.startswith("@["):
        name, size = _until(rest, 2, "]")
        close = rest.find(")", size)
        if size and rest.startswith("(urn:li:", size) and close > 0:
            shown.text += name
            return close + 1
    return 0


def _until(text: str, place: int, end: str) -> tuple[str, int]:
    """The words up to a closing character, and how many characters that takes from the start; 0 where it is missing."""
    words = ""
    while place < len(text):
        if text[place] == "\\" and place + 1 < len(text):
            words += text[place + 1]
            place += 2
        elif text[place] == end:
            return words, place + 1
        elif text[place] in RESERVED:
            return "", 0
        else:
            words += text[place]
            place += 1
    return "", 0
