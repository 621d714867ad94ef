r"""The one door to the package `regex`, which knows Unicode's properties (`\p{L}`) and grapheme clusters (`\X`)."""

from __future__ import annotations

import re


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern in the syntax of `regex`, version 1, ignoring case. Its matches are like those of `re`."""
    import regex  # type: ignore[import-untyped]

    result: re.Pattern[str] = regex.compile(pattern, regex.V1 | regex.IGNORECASE)
    return result
