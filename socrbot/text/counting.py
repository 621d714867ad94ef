"""How long a text is, in each unit that a network counts in, and where a limit falls. X's own count is in `x`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from socrbot.text import unicode
from socrbot.text.x import x_weight

# Code points that never join with a neighbour, except the pair CR LF: Latin letters and the usual punctuation.
_ALONE = re.compile(r"[\0-\u02FF\u2010-\u2027\u2030-\u205E\u20A0-\u20BF]*").fullmatch
_SPACE_END = re.compile(r"[ \n]+")


def code_points(text: str) -> int:
    """The number of Unicode code points."""
    return len(text)


def utf8_bytes(text: str) -> int:
    """The number of bytes in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def utf16_units(text: str) -> int:
    """The number of UTF-16 code units, which is what JavaScript and Telegram count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> int:
    r"""The number of extended grapheme clusters (Unicode UAX 29), by the `\X` of the package `regex`."""
    if _ALONE(text):
        return len(text) - text.count("\r\n")
    return sum(1 for _ in _cluster().finditer(text))


def cluster_starts(text: str) -> frozenset[int] | None:
    """The places at which what a person sees as one character begins; None where each character is one of its own."""
    if _ALONE(text) and "\r\n" not in text:
        return None
    return frozenset(match.start() for match in _cluster().finditer(text))


@cache
def _cluster() -> re.Pattern[str]:
    return unicode.compiled(r"\X")


# A longer text never counts less.
_STEADY: frozenset[Callable[[str], int]] = frozenset({len, code_points, utf8_bytes, utf16_units, graphemes})
# The count of a text is the sum of the counts of its parts, where it is cut at a space.
_SUMS_AT_SPACES: frozenset[Callable[[str], int]] = frozenset({x_weight})


def where_limit_falls(text: str, measure: Callable[[str], int], limit: int) -> int:
    """The greatest number of characters (of the str) from the start that still measures at most `limit`.

    Never splits a grapheme. Works for any measure: where a longer text may count less (on X an address counts 23
    once it is complete) it is the longest that fits.
    """
    if measure(text) <= limit:
        return len(text)
    cuts = [0, *(match.end() for match in _cluster().finditer(text))]
    if measure in _STEADY:
        return cuts[_last_that_fits(cuts, text, measure, limit)]
    low, high = 0, len(cuts) - 1
    if measure in _SUMS_AT_SPACES:
        low, high = _between_spaces(cuts, text, measure, limit)
    for index in range(high, low, -1):
        if measure(text[: cuts[index]]) <= limit:
            return cuts[index]
    return cuts[low]


def _last_that_fits(cuts: Sequence[int], text: str, measure: Callable[[str], int], limit: int) -> int:
    """The index of the last cut that fits, by halving: only for a measure that never falls."""
    low, high = 0, len(cuts) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[: cuts[middle]]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _between_spaces(cuts: Sequence[int], text: str, measure: Callable[[str], int], limit: int) -> tuple[int, int]:
    """Indexes into `cuts`: the limit falls after the first and not after the second."""
    place = {cut: index for index, cut in enumerate(cuts)}
    ends = [0, *(match.end() for match in _SPACE_END.finditer(text) if match.end() in place), len(text)]
    last = _last_that_fits(ends, text, measure, limit)
    return place[ends[last]], place[ends[min(last + 1, len(ends) - 1)]]
