"""Every mistake that reading the files can find: its code, and one sentence that explains it.

The documentation's list of problem codes is made from `CODES`. No code is used that is not in it.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from socrbot.errors import Place, Problem, Severity

CODES: Mapping[str, str] = MappingProxyType(
    {
        # The file as a whole
        "missing-file": "A file or folder that the campaign needs is not there.",
        "unreadable-file": "The file cannot be opened, or is not an ordinary file.",
        "outside-folder": "A shortcut (symbolic link) leads out of the campaign's folder, so it is not followed.",
        "too-large": "The file is far larger than any file of posts should be, so it is not read.",
        "wrong-encoding": "The file is not saved as UTF-8, so letters and signs in it cannot be read safely.",
        "control-character": "The file holds a character that no text may hold, or a hidden line break.",
        "empty-file": "The file has nothing in it that socrbot could read.",
        "several-documents": "The file has a second `---` line; what follows it would not be read.",
        "odd-name": "The file's name has signs in it that cannot be shown, so it could not be named in the log.",
        "two-names": "The file's name ends in .yaml.txt or .yml.txt, so it is not read as a file of posts.",
        # YAML itself
        "syntax": "The file breaks the rules of YAML at this place, so nothing in it can be used.",
        "quotes-needed": "Unquoted text holds a sign that means something to YAML, so YAML cannot read it as text.",
        "tab-indent": "A line begins with a tab; YAML takes only spaces there.",
        "too-deep": "Lists and keys are nested deeper than any file of a campaign needs.",
        "yaml-tag": "A value begins with `!`, which YAML reads as the name of a type and takes away from the text.",
        "yaml-alias": "A value begins with `&` or `*`, which YAML reads as a name for or a copy of another value.",
        "yaml-merge": "The key `<<` copies keys from elsewhere; each post and record has to say all it needs itself.",
        "odd-key": "A list or a group of keys stands where the name of a key is wanted.",
        "duplicate-key": "The same key is written twice in one place, so one of the two values would be lost.",
        "lost-hashtag": "In unquoted text a # after a space begins a comment: the hashtag and all after it are lost.",
        "lost-comment": "A # without a space after it stands behind a value, and is read as a comment.",
        "lost-lines": "Text that runs over several lines without `|` loses its line breaks.",
        "curly-quotes": "Curly quotes around a whole value are not quotes to YAML: they become part of the text.",
        # Keys and values
        "unknown-key": "There is no such key here.",
        "missing-key": "A key that is needed here is missing.",
        "missing-id": "A post that stands in a list needs an id of its own.",
        "empty-value": "The key is there but nothing is written behind it.",
        "wrong-type": "A list, a group of keys or a single value stands where something else is wanted.",
        "text-or-parts": "A post or a variant needs either `text` or `parts`, and not both.",
        "bad-date": "The value is not a date, or not a day with a time, in the form that socrbot reads.",
        "bad-time": "The value is not a time of day.",
        "bad-weekday": "The value is not a weekday with a time.",
        "bad-cron": "The value is not a cron expression that socrbot can follow.",
        "bad-duration": "The value is not a length of time.",
        "bad-number": "The value is not a number, or not one that is allowed here.",
        "bad-yes-no": "The value is neither yes nor no.",
        "bad-id": "An id or a name has other characters than letters, digits and hyphens.",
        "bad-url": "The value is not a web address.",
        "bad-hashtag": "The campaign's hashtag is not one # with letters and digits behind it.",
        "bad-time-zone": "There is no time zone of this name.",
        "bad-language": "The value is not a language code such as en-GB.",
        "bad-quiet-hours": "The value is not a pair of times such as 21:30-07:00.",
        "bad-variable": "The value is not the beginning of an environment variable's name.",
        "bad-focus": "The value does not say what matters most in a picture.",
        "bad-without-threads": "The value does not say what becomes of a thread on a network without threads.",
        "bad-utm": "A UTM parameter has a name or a value that cannot be put behind an address.",
        "bad-public-media": "It is not clear where networks that fetch pictures are to find them.",
        "repeated": "The same entry is in a list twice.",
        # From one file to another
        "duplicate-id": "Two posts have the same id, so neither of them can go out.",
        "unknown-account": "A post names an account that config/accounts.yaml does not have.",
        "unknown-link": "A post names a link that config/campaign.yaml does not have.",
        "unknown-slot": "A slot is named that config/campaign.yaml does not have.",
        "unknown-fact": "A post names a fact that config/facts.yaml does not have.",
        "missing-media": "The media file is not there.",
        "media-outside": "The media file is named by a path that leads out of the campaign's folder.",
    }
)


def problem(code: str, place: Place, message: str, *, hint: str | None = None, warning: bool = False) -> Problem:
    """A problem with a code of the list above. Raises KeyError for any other code."""
    CODES[code]
    return Problem(place, Severity.WARNING if warning else Severity.ERROR, code, message, hint)


class Unreadable(Exception):
    """Nothing of the file can be used; `problem` says why."""

    def __init__(self, found: Problem) -> None:
        super().__init__(str(found))
        self.problem = found


class Mistake(ValueError):
    """A value that its field cannot take: code, what is wrong, and what to write instead."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def said(text: str) -> str:
    """A value in quotes for a message: one line, not too long, with invisible characters made visible."""
    shown = text.strip() if text.strip() else text
    shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
    visible = "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in " ".join(shown.split("\n")))
    return f'"{visible}"'


def did_you_mean(word: str, known: Iterable[str], where: str = "", *, only_near: bool = False) -> str | None:
    """A hint that names the nearest of the known words, or all of them where they are few; None without any.

    With `only_near` nothing is said where no word is near.
    """
    names = list(dict.fromkeys(known))
    lowered = {name.lower(): name for name in names}
    near = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    if near:
        return f'did you mean "{lowered[near[0]]}"{where}?'
    if not names or only_near:
        return None
    listed = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return f"there is: {listed}"


def odd_character(text: str) -> str | None:
    """A sentence about the first invisible or look-alike character of a key or an id; None without any."""
    for index, char in enumerate(text):
        if char.isascii() and char.isprintable():
            continue
        name = unicodedata.name(char, f"U+{ord(char):04X}").lower()
        if unicodedata.category(char) in ("Cf", "Cc", "Zs", "Zl", "Zp", "Mn", "Co", "Cn"):
            return f"an invisible character ({name}) stands in it, as character {index + 1}: type the word again"
        if char in "“”„‟‘’‚‛«»":
            return "take the curly quotes away"
        if char in "‐‑‒–—―−":
            return "it has a dash in it: type a hyphen (-) instead"
        if char.isalpha():
            return f'the letter "{char}" ({name}) in it is not a plain letter: type the word again'
    return None
