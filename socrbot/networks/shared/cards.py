"""What a link card says: title, description and picture of the page behind a link.

For networks that show a card only where they are given all of it. A page that cannot be read keeps no post back: its
card then has a title and nothing else. How a stranger's server is spoken to stands in `wire/pages.py`.

Rules of the page: the Open Graph protocol (ogp.me), and HTML's own title and description.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from socrbot.message import Rendition

if TYPE_CHECKING:
    from socrbot.networks.wire.pages import Page, Visit

_SECONDS = 15.0
_PAGE_BYTES = 1_000_000
_PICTURE_BYTES = 10_000_000
_TITLE, _DESCRIPTION = 300, 1_000
# A tag that is longer than this, or that comes after so many, is none of those that we look for.
_TAG_LENGTH, _MOST_TAGS = 8_000, 300
_TAG = re.compile(r"""<(?:meta|base)\b(?:[^<>"']|"[^"]*"|'[^']*')*+>|<title\b[^<>]*>[^<]*""", re.IGNORECASE)
_BEGINS = re.compile(r"<(?:meta|base|title)\b", re.IGNORECASE)
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
# Python knows these as text too, and no page is written in them. Some take very long on purpose-made bytes.
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"})
_LATIN = frozenset({"iso8859-1", "ascii"})


@dataclass(frozen=True, slots=True)
class Card:
    """A link card. `image` is None where the page names no picture that can be used."""

    title: str
    description: str = ""
    image: Rendition | None = None


def page_card(
    url: str,
    *,
    title: str | None = None,
    picture: Callable[[bytes, int], Rendition] | None = None,
    picture_bytes: int = 1_000_000,
    seconds: float = _SECONDS,
    private: bool = False,
) -> Card:
    """The card for a web address. Never raises.

    title           what it is called where the page does not say; None: the address without https://
    picture         `Equipment.card_picture`; None: no picture is wanted
    picture_bytes   the most bytes of the picture as it leaves this machine
    seconds         the longest that it may take in all
    private         whether addresses that are not public may be fetched too: for tests on the loopback
    """
    from socrbot.networks.wire.pages import Visit

    plain = Card(title or _bare(url))
    try:
        with Visit(seconds=seconds, private=private) as visit:
            page = visit.fetch(url, kinds=("text/html", "application/xhtml+xml"), most=_PAGE_BYTES)
            said = _said(_decoded(page))
            where = _picture_of(page, said)
            image = _fetched(visit, where, picture, picture_bytes) if where and picture else None
    except Exception:  # whatever a stranger's server does: the post goes out, with a plain card
        return plain
    shown = _tidy(said.get("og:title") or said.get("title", ""), _TITLE)
    about = _tidy(said.get("og:description") or said.get("description", ""), _DESCRIPTION)
    return Card(shown or plain.title, about, image)


def _picture_of(page: Page, said: dict[str, str]) -> str | None:
    """The whole address of the page's picture; None where it names none."""
    address = said.get("og:image") or said.get("og:image:url")
    return urljoin(urljoin(page.address, said.get("base", "")), address.strip()) if address else None


def _fetched(visit: Visit, address: str, picture: Callable[[bytes, int], Rendition], most: int) -> Rendition | None:
    try:
        found = visit.fetch(address, kinds=("image/",), most=_PICTURE_BYTES)
        return picture(found.data, most) if found.whole else None
    except Exception:  # no picture is better than no card
        return None


def _said(text: str) -> dict[str, str]:
    """What the page says of itself: each name's first value; `title` and `base` from the tags of that name.

    A parser gets only whole tags: on text that is made to be hard, it would work for minutes.
    """
    from bs4 import BeautifulSoup

    said: dict[str, str] = {}
    for tag in BeautifulSoup("".join(_tags(text)), "html.parser").find_all(["meta", "base", "title"]):
        if tag.name == "title":
            name, value = "title", tag.get_text()
        elif tag.name == "base":
            name, value = "base", str(tag.get("href") or "")
        else:
            name, value = str(tag.get("property") or tag.get("name") or ""), str(tag.get("content") or "")
        if value.strip():
            said.setdefault(name.strip().lower(), value)
    return said


def _tags(text: str) -> Iterator[str]:
    """The whole tags that can say something, outside comments."""
    shown = "".join(piece.partition("-->")[2] if number else piece for number, piece in enumerate(text.split("<!--")))
    place = 0
    for _ in range(_MOST_TAGS):
        begins = _BEGINS.search(shown, place)
        if begins is None:
            return
        tag = _TAG.match(shown, begins.start(), begins.start() + _TAG_LENGTH)
        place = tag.end() if tag else begins.end()
        if tag:
            yield f"{tag[0]}</title>" if begins[0].lower() == "<title" else tag[0]


def _decoded(page: Page) -> str:
    """The page as text: by its byte order mark, else as the server says, else as the page itself says, else UTF-8."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if page.data.startswith(mark):
            return page.data.decode(name, "replace").removeprefix("\ufeff")
    declared = _DECLARED.search(page.data[:4_096])
    for given in (page.charset, declared[1].decode() if declared else None):
        if given and (known := _charset(given)):
            return page.data.decode(known, "replace")
    try:
        return page.data.decode()
    except UnicodeDecodeError as error:
        # A letter that was cut in two by our limit is no sign of another charset.
        near_end = error.start >= len(page.data) - 4
        return page.data.decode("utf-8" if near_end else "cp1252", "replace")


def _charset(name: str) -> str | None:
    """The codec of this name; None where there is none that a page can be written in."""
    try:
        found = codecs.lookup(name).name
        if found in _NO_CHARSETS:
            return None
        "".encode(found)
    except (LookupError, ValueError):
        return None
    return "cp1252" if found in _LATIN else found


def _tidy(text: str, most: int) -> str:
    """One line without what cannot be seen, and no longer than `most` characters."""
    seen = "".join(" " if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") else letter for letter in text)
    line = " ".join(unicodedata.normalize("NFC", seen).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _bare(url: str) -> str:
    """An address as people say it."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2].removeprefix('www.')}{parts.path.rstrip('/')}" or url
