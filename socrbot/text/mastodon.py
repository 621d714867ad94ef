"""Mastodon's own count of a text: what a person sees as one character, every link 23, no host behind a name.

The rules are those of Mastodon's page on writing posts (https://docs.joinmastodon.org/user/posting/) and of its
validator of a status's length. A link needs http:// or https:// and a top-level domain that exists. Servers of
different age take more or less of a text for a link; this module takes the least, so that its count is never too low.
"""

from __future__ import annotations

import re
from functools import cache, partial

from socrbot.text import tld
from socrbot.text.counting import graphemes

LINK_LENGTH = 23

_LETTERS = r"a-z0-9\u0400-\u04FF\xC0-\xD6\xD8-\xF6\xF8-\u024F\u1E00-\u1EFF"
_IN_PATH = rf"[{_LETTERS}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_BRACKETS = rf"\((?:{_IN_PATH}+|{_IN_PATH}*\({_IN_PATH}+\){_IN_PATH}*)\)"
_IN_QUERY = r"[a-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@\^]"
_IN_HOST = r"[^!'#%&()*+,\\\-./:;<=>?@\[\]\^_{|}~$\s\uFFFE\uFEFF\uFFFF\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]"
_BEHIND_NAME = r"@[a-z0-9]++(?:[.\-]+[a-z0-9]++)++(?![@＠\xC0-\u024F])"
_NAME = rf"(?<![=/\w])@(?P<name>[a-z0-9_]++){_BEHIND_NAME}"
# What ends the sentence around a link, or opens something behind it, is no part of the link.
_NOT_LAST_IN_PATH = "!*';:=,.$%[]\u2013~&|@"
_NOT_LAST_IN_QUERY = re.compile(r"[^a-z0-9_&=#/\-]+\Z", re.IGNORECASE)

_name_with_host = re.compile(r"(?<![=/\w])@(?P<name>[\w.\-]*\w)@[\w.\-]*\w", re.ASCII | re.IGNORECASE)


def mastodon_length(text: str, *, link: int = LINK_LENGTH) -> int:
    """The length of a text as Mastodon counts it; `link` is what the server reserves for each link."""
    if "@" not in text and "://" not in text:
        return graphemes(text)
    return graphemes(_countable(text, "x" * link))


@cache
def measure_with(link: int) -> partial[int]:
    """The count of a server that reserves `link` characters for each link. Always the same object for a number."""
    return partial(mastodon_length, link=link)


def without_hosts(text: str) -> str:
    """The text with "@name" instead of "@name@example.org", which is how Mastodon shows it."""
    return _name_with_host.sub(_short_name, text) if "@" in text else text


def _countable(text: str, placeholder: str) -> str:
    """The text that is counted: links and hosts behind names replaced."""
    pieces, position = [], 0
    while match := _entity().search(text, position):
        if match["link"] is None:
            start, end, instead = *match.span(), _short_name(match)
        else:
            start, end, instead = match.start("link"), _end_of_link(match), placeholder
        pieces += [text[position:start], instead]
        position = end
    return "".join([*pieces, text[position:]])


@cache
def _entity() -> re.Pattern[str]:
    """What has the form of a link, or a name with a host."""
    subdomain, name = (rf"{_IN_HOST}(?:(?:{_IN_HOST}|{more})*{_IN_HOST})?\." for more in ("[_\\-]", "-"))
    domain = rf"(?:{subdomain})*{name}{tld.pattern()}"
    path = rf"/(?:{_IN_PATH}|{_BRACKETS})*"
    link = rf"(?<![A-Za-z0-9@＠$#＃])(?P<link>https?://{domain}(?::[0-9]+)?(?P<path>{path})?(?P<query>\?{_IN_QUERY}*)?)"
    return re.compile(rf"{link}|{_NAME}", re.IGNORECASE)


def _end_of_link(match: re.Match[str]) -> int:
    """Where the link ends: before the punctuation of the sentence around it."""
    path, query = match["path"] or "", match["query"] or ""
    kept = path[:1] + path[1:].rstrip(_NOT_LAST_IN_PATH)
    if kept == path:
        # Only what a link may end with can stand before its question mark.
        asked = _NOT_LAST_IN_QUERY.sub("", query)
        kept += asked if len(asked) > 1 else ""
    return match.end("link") - len(path) - len(query) + len(kept)


def _short_name(match: re.Match[str]) -> str:
    return f"@{match['name']}"
