"""A text that is too long for one post as the texts of a thread: cut where a reader would pause. Pure.

How long a part may be is not decided here: whoever asks says what fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from socrbot.text.counting import cluster_starts

Fits = Callable[[str], bool]


class _Pause(IntEnum):
    """How much of a pause there is in a gap between two words."""

    WORD = 0
    CLAUSE = 1
    SENTENCE = 2
    LINE = 3
    PARAGRAPH = 4


@dataclass(frozen=True, slots=True)
class _Gap:
    """White space between two words: `start` to `end` in characters of the text."""

    start: int
    end: int
    pause: _Pause


_WHITE = re.compile(r"[ \t\n]+")
_ENDS_SENTENCE = re.compile(r"[.!?…][\"'”’»)\]]*\Z")
_LEADS_ON = re.compile(r"[:：👇⬇👉➡↓→][\ufe0f\U0001f3fb-\U0001f3ff]*\Z")
_HASHTAGS_AT_END = re.compile(r"(?:[ \t\n]+[#＃]\w+)+[ \t\n]*\Z")
_ABBREVIATIONS = frozenset(
    [
        *("approx", "art", "cf", "dr", "e.g", "etc", "fig", "i.e", "inc", "ltd", "mr", "mrs", "ms", "no", "nos", "p"),
        *("para", "pp", "prof", "rev", "sec", "st", "vs"),
    ]
)
# The least pause, and which share of what fits the part must fill: the first pair that some gap meets decides.
_WISHES = (
    (_Pause.PARAGRAPH, 0.4),
    (_Pause.LINE, 0.4),
    (_Pause.SENTENCE, 0.4),
    (_Pause.SENTENCE, 0.0),
    (_Pause.CLAUSE, 0.4),
    (_Pause.WORD, 0.0),
)


def split(
    text: str, fits: Fits, *, first: Fits | None = None, last: Fits | None = None, whole: Fits | None = None
) -> tuple[str, ...]:
    """The text in as many parts as it takes for each to fit; the text alone where it fits, or cannot be cut so.

    It is cut at the ends of paragraphs, lines or sentences as far as that is possible, else between words: never
    inside a word, a link, a hashtag or what a reader sees as one character. The white space at a cut is left out.
    `first` and `last` say what fits of the first and the last part, where something is still added to them; `whole`
    whether the text fits as it is, where that is not the same as both.
    """
    first, last = first or fits, last or fits
    if whole(text) if whole is not None else first(text) and last(text):
        return (text,)
    gaps = _gaps(text)
    parts: list[str] = []
    begin = 0
    while not parts or not last(text[begin:]):
        gap = _cut(text, begin, gaps, fits if parts else first)
        if gap is None:
            return (text,)
        parts.append(text[begin : gap.start])
        begin = gap.end
        gaps = [one for one in gaps if one.start > gap.start]
    return (*parts, text[begin:])


def _cut(text: str, begin: int, gaps: Sequence[_Gap], fits: Fits) -> _Gap | None:
    """The gap at which the part that begins at `begin` ends best; None where not even one word fits."""
    low, high = -1, len(gaps) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[begin : gaps[middle].start]):
            low = middle
        else:
            high = middle - 1
    if low < 0:
        return None
    most = gaps[low].start - begin
    for pause, share in _WISHES:
        for gap in reversed(gaps[: low + 1]):
            length = gap.start - begin
            if gap.pause >= pause and length >= share * most and fits(text[begin : gap.start]):
                return gap
    return None


def _gaps(text: str) -> list[_Gap]:
    """The places at which the text may be cut, in order."""
    starts = cluster_starts(text)
    tail = _HASHTAGS_AT_END.search(text)
    # A part with nothing in it but hashtags would say nothing.
    end = tail.start() if tail else len(text)
    return [
        _Gap(match.start(), match.end(), _pause(text, match))
        for match in _WHITE.finditer(text)
        if 0 < match.start() < end
        and match.end() < len(text)
        and (starts is None or (match.start() in starts and match.end() in starts))
    ]


def _pause(text: str, match: re.Match[str]) -> _Pause:
    before, white = text[max(0, match.start() - 40) : match.start()], match[0]
    if _LEADS_ON.search(before):
        return _Pause.WORD
    if white.count("\n") > 1:
        return _Pause.PARAGRAPH
    if "\n" in white:
        return _Pause.LINE
    if _ENDS_SENTENCE.search(before) and not text[match.end()].islower() and not _is_abbreviation(before):
        return _Pause.SENTENCE
    return _Pause.CLAUSE if before[-1] in ",;–—" else _Pause.WORD


def _is_abbreviation(before: str) -> bool:
    """Whether the full stop at the end belongs to the word: "Dr.", "e.g.", an initial."""
    word = before.rsplit(maxsplit=1)[-1].lstrip("(\"'“‘[")
    bare = word.removesuffix(".")
    return word.endswith(".") and (bare.lower() in _ABBREVIATIONS or (len(bare) == 1 and bare.isalpha()))
