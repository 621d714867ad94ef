"""LinkedIn's "little" text: writing it so that no word is lost, and reading it back. Pure.

The text of a post is a small markup. A reserved character without a backslash before it does not make the call fail:
LinkedIn says yes and cuts the post there. So each of them is escaped, with two thoughts behind it:

- Inside addresses too. LinkedIn's page asks for it "even if those characters are not used" as markup, and makes no
  exception. Whether LinkedIn makes a better link of a raw address is not known. What can go wrong is not alike: an
  address written too carefully may read badly, one written carelessly takes the rest of the post with it.
- The `#` of a hashtag stays as it is: that is what makes it a hashtag. The rest of the tag is escaped like any text.

Comments are plain text in LinkedIn's Comments API: a backslash would be seen there.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from socrbot.message import Span, SpanKind

_RESERVED = re.compile(r"[\\|{}@\[\]()<>#*_~]")
_WORD = r"(?:[^\\|{}\[\]()]|\\.)*"
_MARKUP = re.compile(
    rf"\\(?P<char>.)"
    rf"|\{{hashtag\|\\?(?P<sign>[#＃])\|(?P<tag>{_WORD})\}}"
    rf"|@\[(?P<name>{_WORD})\]\s?\(urn:li:\w+:[\w-]+\)",
    re.DOTALL,
)


def escape(text: str, spans: Iterable[Span]) -> str:
    """The text as little text, by which LinkedIn shows exactly `text`. `spans` says what in it is a hashtag.

    A tag that begins with an underscore is shown as text: its sign would stand before an escape, and mean nothing.
    """
    tags = (span.start for span in spans if span.kind is SpanKind.HASHTAG)
    live = {start for start in tags if text[start + 1].isalnum()}
    return _RESERVED.sub(lambda found: found[0] if found.start() in live else f"\\{found[0]}", text)


def read(little: str) -> str:
    """What people read of a little text: escapes undone, hashtags and mentions as their words."""
    return _MARKUP.sub(_words, little)


def _words(found: re.Match[str]) -> str:
    if found["char"] is not None:
        return found["char"]
    if found["sign"] is not None:
        return found["sign"] + read(found["tag"])
    return read(found["name"])
