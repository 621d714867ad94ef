"""Keeps secrets out of everything that is written down.

A secret is known by its value (what the settings read from a secret variable) or by its shape (a token in an
address, a bearer header). Both are replaced by `[secret]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = "[secret]"

# An address often holds a secret. That of a server (..._BASE_URL) is public, and part of each post's own address.
_SECRET_NAME = re.compile(r"(KEY|SECRET|TOKEN|PASSWORD|(?<!_BASE)_URLS?$|ALARM|HEARTBEAT)", re.IGNORECASE)
_SHAPES = (
    re.compile(r"((?:access_token|input_token|client_secret|appsecret_proof|password)=)[^&\s'\"]+", re.IGNORECASE),
    re.compile(
        r"([\"'](?:access_?token|refresh_?token|access_?jwt|refresh_?jwt|client_secret|password)[\"']\s*:\s*[\"'])[^\"']+",
        re.IGNORECASE,
    ),
    re.compile(r"(\bbearer\s+)[\w.~+/=-]+", re.IGNORECASE),
    re.compile(r"(\boauth_\w+=)\"[^\"]*\"", re.IGNORECASE),
    re.compile(r"(/bot)\d+:[\w-]+"),
    re.compile(r"(\b\w+://[^/\s:@]+:)[^/\s@]+(?=@)"),
)
# What stands between the pieces of an address, and what a host looks like.
_BETWEEN = re.compile(r"[/?&=:@#,]+")
_HOST = re.compile(r"\w[\w-]*(\.[\w-]+)+")
# A shorter value would hide half of an ordinary text.
_SHORTEST = 6


def is_secret(name: str) -> bool:
    """Whether an environment variable of this name holds a secret."""
    return _SECRET_NAME.search(name) is not None


def pieces(values: Iterable[str]) -> Iterator[str]:
    """Each value of a secret variable, and what is secret in the addresses that stand in it.

    Several alarm addresses may stand in one variable, with white space between. Of an address, a library may print
    the path or the password alone; hosts and short ordinary words are no secrets.
    """
    for value in values:
        yield value
        for part in value.split():
            yield part
            _, scheme, rest = part.partition("://")
            if scheme:
                login, at, _ = rest.rpartition("@")
                yield login.partition(":")[2] if at else ""
                yield from (piece for piece in _BETWEEN.split(rest) if _is_like_a_key(piece))


def _is_like_a_key(piece: str) -> bool:
    return not _HOST.fullmatch(piece) and (len(piece) >= 16 or (len(piece) >= 8 and any(map(str.isdigit, piece))))


class Redactor:
    """Replaces the secrets that it knows, in any of the forms in which a library may print them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {
            form
            for secret in secrets
            if len(secret) >= _SHORTEST
            for form in (secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1])
        }
        ordered = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for shape in _SHAPES:
            text = shape.sub(rf"\1{MASK}", text)
        return text
