"""What the other values may look like: names, numbers, yes and no, addresses. Text in, value out, or Mistake."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from socrbot.campaign import QuietHours, WithoutThreads
from socrbot.source.dates import clock_time
from socrbot.source.problems import Mistake, did_you_mean, odd_character, said
from socrbot.text.names import language_code

ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_MONEY = re.compile(r"\d{1,6}(?:\.\d{1,6})?", re.ASCII)
_PRICE = re.compile(r"[a-z]+\.[a-z_]+", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", re.ASCII)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*[A-Z0-9]", re.ASCII)
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_NEAR_YES_NO = {"y": "yes", "on": "yes", "1": "yes", "n": "no", "off": "no", "0": "no", "none": "no"}
_NUMBER = re.compile(r"[+-]?(?:\d(?:\.\d{1,4})?|\.\d{1,4})", re.ASCII)
_SIDES = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "top": (0.0, 1.0), "bottom": (0.0, -1.0)}
_MIDDLE = {"centre": (0.0, 0.0), "center": (0.0, 0.0), "middle": (0.0, 0.0)}
_WITHOUT_THREADS = {
    "join": WithoutThreads.JOIN,
    "first part only": WithoutThreads.FIRST,
    "comments": WithoutThreads.COMMENTS,
}
_UTM_NAME = re.compile(r"utm_[a-z]+(?:_[a-z]+)*", re.ASCII)
# Nothing in such a value needs escaping, and no network takes its end for the end of the sentence around it.
_UTM_VALUE = re.compile(r"(?:[A-Za-z0-9._-]|\{\w+\})*(?:[A-Za-z0-9]|\{\w+\})", re.ASCII)
_FILLED_IN = re.compile(r"\{(\w+)\}", re.ASCII)
UTM_PLACES = ("network", "account", "post")
# RFC 2606: nobody will ever own these names, so an address on them is one still to be filled in.
_PLACEHOLDERS = ("example.org", "example.com", "example.net")


def identifier(text: str) -> str:
    """An id or a name: letters, digits and hyphens. Raises Mistake."""
    if ID.fullmatch(text):
        return text
    plain = re.sub(r"[^A-Za-z0-9]+", "-", text, flags=re.ASCII).strip("-")
    hint = odd_character(text) or (f"write {plain}" if plain else "write for example: tribunal-success")
    raise Mistake("bad-id", f"{said(text)} cannot be a name: names have letters, digits and hyphens only", hint)


def yes_no(text: str) -> bool:
    """yes, no, true or false, in any case. Raises Mistake."""
    found = _YES_NO.get(text.lower())
    if found is None:
        near = _NEAR_YES_NO.get(text.lower())
        raise Mistake("bad-yes-no", f"{said(text)} is neither yes nor no", f"write {near or 'yes or no'}")
    return found


def whole(text: str) -> int:
    """A whole number. Raises Mistake."""
    if not _WHOLE.fullmatch(text):
        raise Mistake("bad-number", f"{said(text)} is not a whole number", "write digits only, like 10")
    return int(text)


def count(text: str) -> int:
    """A whole number from 1. Raises Mistake."""
    number = whole(text)
    if number < 1:
        raise Mistake("bad-number", f"{number} is less than one time", "write 1 or more, or take the line out")
    return number


def money(text: str) -> float:
    """An amount of US dollars without a sign. Raises Mistake."""
    if not _MONEY.fullmatch(text):
        raise Mistake("bad-number", f"{said(text)} is not an amount", "write US dollars in digits with a point: 0.015")
    return float(text)


def price_name(text: str) -> str:
    """The name of a price: network, point, what is paid for. Raises Mistake."""
    if not _PRICE.fullmatch(text):
        hint = "write the network, a point and what is paid for: x.post"
        raise Mistake("bad-id", f"{said(text)} is not the name of a price", odd_character(text) or hint)
    return text


def url(text: str) -> str:
    """A web address with http or https. Raises Mistake."""
    try:
        parts = urlsplit(text)
        whole_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        whole_address = False
    odd = odd_character(text.replace(" ", "\u200b"))
    if whole_address and not re.search(r"\s", text) and not (odd and "invisible" in odd):
        return text
    near = re.fullmatch(r"(?:www\.)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?", text, re.ASCII)
    hint = f"write https://{text}" if near else odd_character(text) or "write it whole: https://example.org/petition"
    raise Mistake("bad-url", f"{said(text)} is not a web address", hint)


def is_placeholder(address: str) -> bool:
    """Whether an address is on one of the names that are kept free for examples."""
    host = (urlsplit(address).hostname or "").lower()
    return any(host == name or host.endswith(f".{name}") for name in _PLACEHOLDERS)


def hashtag(text: str) -> str:
    """A # with letters, digits or underscores behind it, at least one of them no digit. Raises Mistake."""
    if re.fullmatch(r"#\w+", text) and not text[1:].isdigit():
        return text
    plain = re.sub(r"\W", "", text)
    hint = odd_character(text.removeprefix("#")) or (f'write "#{plain}"' if plain else None)
    raise Mistake("bad-hashtag", f"{said(text)} is not a hashtag", hint)


def zone(text: str) -> ZoneInfo:
    """The time zone of this name. Raises Mistake."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        hint = did_you_mean(text, available_timezones()) or ""
        known = hint if hint.startswith("did") else "write for example Europe/London"
        raise Mistake("bad-time-zone", f'there is no time zone "{text}"', known) from None


def language(text: str) -> str:
    """A language code as in BCP 47. Raises Mistake."""
    if not _LANGUAGE.fullmatch(text):
        code = language_code(text)
        hint = f"write {code}" if code else "write for example en-GB, or cy for Welsh"
        raise Mistake("bad-language", f"{said(text)} is not a language code", hint)
    return text


def variable_prefix(text: str) -> str:
    """The beginning of a variable's name. Raises Mistake."""
    if not _VARIABLE.fullmatch(text):
        near = re.sub(r"[^A-Z0-9]+", "_", text.upper(), flags=re.ASCII).strip("_0123456789")
        message = f"{said(text)} cannot begin a variable's name"
        raise Mistake("bad-variable", message, f"write {near}" if near else None)
    return text


def quiet_hours(text: str) -> QuietHours:
    """Two times with a hyphen between them. Raises Mistake."""
    start, dash, end = text.partition("-")
    if not dash:
        hint = odd_character(text) or "write 21:30-07:00"
        raise Mistake("bad-quiet-hours", f"{said(text)} is not a pair of times", hint)
    hours = QuietHours(clock_time(start.strip()), clock_time(end.strip()))
    if hours.start == hours.end:
        raise Mistake("bad-quiet-hours", f"{said(text)} begins and ends at the same time", "take the line out for none")
    return hours


def https_url(text: str) -> str:
    """A web address with https. Raises Mistake."""
    found = url(text)
    if not found.startswith("https://"):
        hint = f"write https://{found.partition('://')[2]}"
        raise Mistake("bad-url", f"{said(text)} is not a secure address: it begins with http", hint)
    return found


def focus(text: str) -> tuple[float, float]:
    """What matters in a picture: two numbers from -1 to 1 (right, up), or one or two sides in words. Raises Mistake."""
    first, comma, second = (part.strip() for part in text.partition(","))
    if comma and _NUMBER.fullmatch(first) and _NUMBER.fullmatch(second):
        right, up = float(first), float(second)
        if abs(right) <= 1 and abs(up) <= 1:
            return right, up
    words = text.lower().split()
    if len(words) == 1 and words[0] in _MIDDLE:
        return _MIDDLE[words[0]]
    sides = [_SIDES[word] for word in words if word in _SIDES]
    # Two sides of one direction ("left right") say nothing.
    if words and len(sides) == len(words) <= 2 and len({side[0] == 0 for side in sides}) == len(sides):
        return sum(side[0] for side in sides), sum(side[1] for side in sides)
    hint = 'write how far right and how far up, from -1 to 1, in quotes: "0.2, -0.5"'
    hint += "; or one of top, bottom, left, right, centre"
    raise Mistake("bad-focus", f"{said(text)} is not a place in a picture", hint)


def without_threads(text: str) -> WithoutThreads:
    """What becomes of several parts where there are no threads. Raises Mistake."""
    found = _WITHOUT_THREADS.get(" ".join(text.lower().split()))
    if found is None:
        hint = odd_character(text) or did_you_mean(text, _WITHOUT_THREADS)
        raise Mistake("bad-without-threads", f"{said(text)} is not something that can become of a thread", hint)
    return found


def utm_name(text: str) -> str:
    """The name of a parameter that counts visits. Raises Mistake."""
    if not _UTM_NAME.fullmatch(text):
        near = did_you_mean(text, ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"))
        raise Mistake("bad-utm", f"{said(text)} is not the name of a UTM parameter", odd_character(text) or near)
    return text


def utm_value(text: str) -> str:
    """The value of such a parameter, with {network}, {account} and {post} still in it. Raises Mistake."""
    if not _UTM_VALUE.fullmatch(text):
        plain = re.sub(r"[^A-Za-z0-9{}._-]+", "-", text, flags=re.ASCII).strip("-._")
        hint = f"write {plain}" if _UTM_VALUE.fullmatch(plain) else "write for example: {network}"
        message = f"{said(text)} cannot stand in an address: letters, digits, hyphens, points and underscores can"
        raise Mistake("bad-utm", message, odd_character(text) or hint)
    for place in _FILLED_IN.findall(text):
        if place not in UTM_PLACES:
            known = did_you_mean(place, UTM_PLACES)
            raise Mistake("bad-utm", f"nothing is known that could be filled in for {{{place}}}", known)
    return text
