"""Looks from outside whether a public place for pictures answers as Meta's servers need it. For `doctor`.

What Meta asks of an address is in its documentation of content publishing: reachable by anybody over https, by its
plain address, without a login, and with the right kind of content.
"""

from __future__ import annotations

import hashlib
import ipaddress
import socket
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from socrbot.errors import NetworkError
from socrbot.message import Rendition

if TYPE_CHECKING:
    from socrbot.http import Answer, Session

# By this name Meta's servers fetch pictures: a web server that sends such visitors away must be seen to do so.
_VISITOR = {"User-Agent": "facebookexternalhit/1.1"}
_SIDE = 400
_GONE = (404, 410)

Resolve = Callable[[str], Sequence[str]]


class Place(Protocol):
    """A place on the public web for files, as `networks.base.Hosting` has it."""

    def show(self, rendition: Rendition, *, alt: str) -> str:
        """Makes a file reachable and gives its address."""

    def hide(self, address: str) -> None:
        """Takes the file away again."""


def addresses_of(host: str) -> Sequence[str]:
    """The network addresses that a name leads to; none where it leads nowhere."""
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, 443, proto=socket.IPPROTO_TCP)})
    except (OSError, UnicodeError):
        return ()


def examine(
    place: Place, session: Session, *, same_bytes: bool = True, resolve: Resolve = addresses_of
) -> tuple[str, ...]:
    """What is wrong with a place, in sentences for the team; nothing where it answers as it must.

    Shows a small grey picture, fetches it by its address, and takes it away again. `same_bytes` is False where the
    place is a network that makes a picture of its own out of it, and takes it away in its own time.
    """
    picture = _picture()
    try:
        address = place.show(picture, alt="A grey square, for a test")
    except NetworkError as error:
        return (str(error),)
    try:
        wrong = [*_wrong_address(address, resolve)] or [*_wrong_answer(session, address, picture, same_bytes)]
        if same_bytes and not wrong:
            wrong += [*_wrong_folder(session, address), *_turned_away(session, address)]
    finally:
        place.hide(address)
    if same_bytes and not wrong:
        wrong += _still_there(session, address)
    return tuple(wrong)


def _picture() -> Rendition:
    """A grey square as PNG."""
    rows = (b"\0" + b"\x80" * _SIDE) * _SIDE
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return Rendition(data, "image/png", _SIDE, _SIDE, hashlib.sha256(data).hexdigest(), "picture.png")


def _wrong_address(address: str, resolve: Resolve) -> Iterator[str]:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "https":
        yield "The address does not begin with https://, and Instagram and Threads take no other."
    if not address.isascii():
        yield "The address has letters beyond a to z. Meta's servers cannot fetch such an address."
    found = [host] if _is_address(host) else resolve(host)
    if not found:
        yield f"The name {host} leads nowhere. Look for a slip of the pen in the address, or ask who looks after it."
    elif not any(ipaddress.ip_address(one.partition("%")[0]).is_global for one in found):
        yield f"The name {host} leads into your own network ({found[0]}). Meta's servers cannot reach it there."


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _wrong_answer(session: Session, address: str, picture: Rendition, same_bytes: bool) -> Iterator[str]:
    """What is wrong with the way in which the picture itself is given out."""
    answer = _fetched(session, address)
    if isinstance(answer, str):
        yield answer
        return
    if not answer.ok:
        yield _why_not(answer)
        return
    mime = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if mime != picture.mime if same_bytes else not mime.startswith("image/"):
        yield f"The web server calls the picture {mime or 'nothing at all'} instead of {picture.mime} (Content-Type)."
    if same_bytes and answer.body != picture.data:
        yield "The web server gives something else than the picture that was put there. Is it the same folder?"


def _fetched(session: Session, address: str) -> Answer | str:
    """The answer to a visitor such as Meta's servers are, or why there was none."""
    try:
        return session.call("GET", address, headers=_VISITOR)
    except NetworkError as error:
        return f"The address cannot be reached: {error}"


def _why_not(answer: Answer) -> str:
    status = answer.status
    if 300 <= status < 400:
        return "The web server sends visitors on to another address. Write that address into `media:` instead."
    if status in (401, 407):
        return "The web server asks for a password. The folder must be open to everybody."
    if status == 403:
        return "The web server turns visitors away (403). It must let everybody read the folder, and Meta's servers."
    if status in _GONE:
        return "The web server does not find the picture. Does `public_url` belong to this `folder`?"
    return f"The web server answers with an error ({status})."


def _wrong_folder(session: Session, address: str) -> Iterator[str]:
    """Whether the folder's own address tells the names of the files in it."""
    folder, _, name = address.rpartition("/")
    answer = _fetched(session, f"{folder}/")
    if not isinstance(answer, str) and name.encode() in answer.body:
        yield "The web server lists the files of the folder. Turn that off: whoever finds the folder finds everything."


def _turned_away(session: Session, address: str) -> Iterator[str]:
    """Whether the site's robots.txt keeps Meta's servers out."""
    from urllib.robotparser import RobotFileParser

    parts = urlsplit(address)
    answer = _fetched(session, f"{parts.scheme}://{parts.netloc}/robots.txt")
    if isinstance(answer, str) or not answer.ok:
        return
    rules = RobotFileParser()
    rules.parse(answer.body.decode("utf-8", "replace").splitlines())
    if not rules.can_fetch(_VISITOR["User-Agent"], address):
        yield "The site's robots.txt keeps Meta's servers out (facebookexternalhit). Let them into this folder."


def _still_there(session: Session, address: str) -> Iterator[str]:
    answer = _fetched(session, address)
    if not isinstance(answer, str) and answer.status not in _GONE:
        said = "still there" if answer.ok else f"not plainly gone ({answer.status})"
        yield f"A picture that was taken away is {said}. Does the web server keep copies, or sync too slowly?"
