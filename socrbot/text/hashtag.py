"""The campaign's hashtag: whether a text has it, how often, and where it goes so that the text reads well."""

from __future__ import annotations

import re
import unicodedata

from socrbot.message import SpanKind
from socrbot.text.spans import spans

_LIST_ITEM = re.compile(r"\s*(?:[-*•–→✓✔✅▶►👉]|\d{1,2}[.)])\ufe0f?\s").match
_POINTERS = ("👇", "⬇", "👉", "➡", "↓", "→")
_TONES = "\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


def count_hashtag(text: str, tag: str) -> int:
    """How often the hashtag (with or without `#`) stands in the text, in any case, as a whole word."""
    wanted = _folded(_bare(tag))
    if wanted not in _folded(text):
        return 0
    return sum(1 for span in spans(text) if span.kind is SpanKind.HASHTAG and _folded(span.value) == wanted)


def has_hashtag(text: str, tag: str) -> bool:
    """Whether the hashtag (with or without `#`) stands in the text. `#Rights` is not in `#RightsNow`."""
    return count_hashtag(text, tag) > 0


def add_hashtag(text: str, tag: str) -> str:
    """The text with the hashtag (with or without `#`), added once where it reads well; unchanged if it is there.

    It joins a last line of hashtags, gets a line of its own after a bare link, a list or several paragraphs, and
    otherwise follows the last sentence.
    """
    if has_hashtag(text, tag):
        return text
    body = text.rstrip()
    hashtag = f"#{_bare(tag)}"
    return f"{body}{_joint(body)}{hashtag}" if body else hashtag


def leads_on(text: str) -> bool:
    """Whether the text ends by pointing at what follows it: with a colon or a pointing hand."""
    end = text.rstrip().rstrip(_TONES)
    return end.endswith((":", "：", *_POINTERS))


def _joint(body: str) -> str:
    """What goes between the text and the hashtag."""
    above, _, last = body.rpartition("\n")
    kinds = _only(last)
    if kinds == {SpanKind.HASHTAG}:
        return " "
    if kinds == {SpanKind.LINK}:
        return "\n\n" if above.endswith("\n") else "\n"
    if "\n\n" in body or _LIST_ITEM(last) or leads_on(body):
        return "\n\n"
    return " "


def _only(line: str) -> set[SpanKind]:
    """The kinds of the spans in a line that holds nothing else; empty where there are words."""
    found = spans(line)
    rest = line
    for span in reversed(found):
        rest = rest[: span.start] + rest[span.end :]
    return set() if rest.strip() else {span.kind for span in found}


def _bare(tag: str) -> str:
    return tag.strip().lstrip("#＃")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
