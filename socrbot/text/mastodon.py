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
_BRACKETS = rf"\({_IN_PATH}*(?:\({_IN_PATH}+\){_IN_PATH}*)?\)"
_IN_QUERY = r"[a-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@\^]"
_NAME = r"(?<![=/\w])@(?P<name>[a-z0-9_]+(?:[.\-]+[a-z0-9_]+)*)@\w+(?:[.\-]+\w+)*(?![@＠])"
# What ends the sentence around a link, or opens something behind it, is no part of the link.
_NOT_LAST_IN_PATH = "!*';:=,.$%[]\u2013~&|@"
_NOT_LAST_IN_QUERY = re.compile(r"[^a-z0-9_&=#/\-]+\Z", re.IGNORECASE)

_name_with_host = re.compile(_NAME, re.IGNORECASE)


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
    for match in _entity().finditer(text):
        if match["link"] is None:
            start, end, instead = *match.span(), _short_name(match)
        else:
            start, end = match.start("link"), _end_of_link(match)
            instead = placeholder
        pieces += [text[position:start], instead]
        position = end
    return "".join([*pieces, text[position:]])


@cache
def _entity() -> re.Pattern[str]:
    """What has the form of a link, or a name with a host."""
    label = r"[^\W_](?:[\w\-]*[^\W_])?"
    domain = rf"(?:{label}\.)+{tld.pattern()}"
    path = rf"/(?:{_IN_PATH}|{_BRACKETS})*"
    link = rf"(?<![A-Za-z0-9@＠$#＃])(?P<link>https?://{domain}(?::[0-9]+)?(?P<path>{path})?(?P<query>\?{_IN_QUERY}*)?)"
    return re.compile(rf"{link}|{_NAME}", re.IGNORECASE)


def _end_of_link(match: re.Match[str]) -> int:
    """Where the link ends: before the punctuation of the sentence around it."""
    query = match["query"]
    if query is not None:
        kept = _NOT_LAST_IN_QUERY.sub("", query)
        if len(kept) > 1:
            return match.start("query") + len(kept)
    path = match["path"]
    if path is not None:
        return match.start("path") + max(1, len(path.rstrip(_NOT_LAST_IN_PATH)))
    return match.start("query") if query is not None else match.end("link")


def _short_name(match: re.Match[str]) -> str:
    return f"@{match['name']}"
