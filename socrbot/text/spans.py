"""Hashtags, http(s) links and mentions in a text, with their places. X's wider idea of a link is in `x`."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from socrbot.message import Span, SpanKind
from socrbot.text import tld, unicode

_START = re.compile(r"[#＃@＠]|[Hh][Tt][Tt][Pp][Ss]?://")
# A hashtag of plain letters that stands apart: nearly every one does, and this finds it ten times as fast.
_PLAIN = re.compile(r"(?<![^\s(])#([0-9_]*[A-Za-z][A-Za-z0-9_]*)(?=[\s.,;:!?)]|\Z)")
_BRACKETS = {")": "(", "]": "["}
_LINK_ENDS = frozenset("+-=_#/&")


def spans(text: str) -> tuple[Span, ...]:
    """Hashtags, links and mentions in order, never overlapping. Places are characters of `text`.

    hashtag   letters, digits and underscores after `#`, at least one of them a letter; not inside a word
    link      with http:// or https://; without the punctuation and the unpaired brackets that follow it
    mention   @name (X), @name.example.org (Bluesky), @name@example.org (Mastodon)
    """
    return tuple(_found(text))


def _found(text: str) -> Iterator[Span]:
    """The spans. The full pattern is tried only where one can begin: it is slow."""
    position = 0
    while start := _START.search(text, position):
        if plain := _PLAIN.match(text, start.start()):
            yield Span(SpanKind.HASHTAG, plain.start(), plain.end(), plain[1])
        match = plain or _pattern().match(text, start.start())
        if match and not plain and (span := _span(match)):
            yield span
        position = match.end() if match else start.start() + 1


@cache
def _pattern() -> re.Pattern[str]:
    # U+FE0F and U+20E3 make an emoji of what stands before them: no part of a word.
    marks = r"[\p{M}--[\uFE0F\u20E3]]"
    word = rf"[\p{{L}}\p{{Nd}}_{marks}]"
    name = r"[\p{L}\p{M}\p{N}\p{So}]"
    label = rf"{name}(?:[\p{{L}}\p{{M}}\p{{N}}\p{{So}}_\-]*{name})?"
    last = rf"[\p{{L}}\p{{N}}](?:[\p{{L}}\p{{N}}\-{marks}]*[\p{{L}}\p{{N}}{marks}])?"
    link = (
        r"(?<![\p{L}\p{N}])(?<link>https?://(?:[A-Za-z0-9._~!$\&'()*+,;=:%\-]+@)?"
        rf"(?<host>\[[0-9A-Fa-f:.]+\]|(?:{label}\.)+{last})(?![\p{{L}}\p{{N}}_@%\-])"
        rf"(?::[0-9]{{1,5}})?(?<path>[/?\#][\p{{L}}\p{{N}}!\#$%\&'()*+,\-./:;=?@\[\]_~|–{marks}]*)?)"
    )
    hashtag = (
        rf"(?<![\p{{L}}\p{{N}}_\&{marks}])[\#＃](?=[\p{{M}}\p{{Nd}}_]*+\p{{L}})"
        rf"(?<hashtag>[\p{{L}}\p{{Nd}}_]{word}*+)(?![\#＃])"
    )
    part = r"[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
    domain = rf"(?:{part}\.)+[A-Za-z](?:[A-Za-z0-9\-]*[A-Za-z0-9])?"
    mention = (
        r"(?<![\p{L}\p{N}_@＠/\&+\-])(?<![\p{L}\p{N}]\.)[@＠]"
        rf"(?<mention>[A-Za-z0-9_]+(?:[.\-]+[A-Za-z0-9_]+)*@{domain}|{domain}|[A-Za-z0-9_]++)(?![\p{{L}}\p{{M}}\p{{N}}_])"
    )
    return unicode.compiled(f"{link}|{hashtag}|{mention}")


def _span(match: re.Match[str]) -> Span | None:
    if match["link"]:
        return _link(match)
    kind = SpanKind.HASHTAG if match["hashtag"] else SpanKind.MENTION
    return Span(kind, match.start(), match.end(), match[kind.value])


def _link(match: re.Match[str]) -> Span | None:
    start = match.start("link")
    host = match["host"]
    end = match.start("host") + len(_cut_at_name(host))
    if end == match.end("host"):
        end = start + len(_without_punctuation(match["link"])) if match["path"] else match.end("link")
    elif "." not in _cut_at_name(host):
        return None
    if not _is_host(match.string[match.start("host") : min(end, match.end("host"))]):
        return None
    return Span(SpanKind.LINK, start, end, match.string[start:end])


def _cut_at_name(host: str) -> str:
    """The host without a word in another script that runs on after its top-level domain ("example.com中国語")."""
    before, _, last = host.rpartition(".")
    latin = re.match(r"[a-z0-9\-]*", last, re.IGNORECASE)
    if last.isascii() or latin is None or last.lower() in tld.names() or latin[0].lower() not in tld.names():
        return host
    return f"{before}.{latin[0]}"


def _is_host(host: str) -> bool:
    """Whether networks would link to it: a domain without an underscore in its own name, or a valid IP address."""
    labels = host.split(".")
    if host.startswith("[") or labels[-1].isdigit():
        try:
            ipaddress.ip_address(host.strip("[]"))
        except ValueError:
            return False
        return True
    return "_" not in labels[-2] and all(len(label) <= 63 for label in labels)


def _without_punctuation(link: str) -> str:
    """The link without what belongs to the sentence around it."""
    while link:
        end = link[-1]
        paired = end in _BRACKETS and link.count(end) <= link.count(_BRACKETS[end])
        if paired or end in _LINK_ENDS or end.isalnum() or unicodedata.category(end).startswith("M"):
            return link
        link = link[:-1]
    return link
