"""Names that people use for networks and languages, and what is written in the campaign's files instead."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Names of networks that socrbot knows by another one.
_NETWORKS: Mapping[str, str] = MappingProxyType(
    {
        "twitter": "x",
        "x-twitter": "x",
        "fb": "facebook",
        "meta": "facebook",
        "insta": "instagram",
        "ig": "instagram",
        "bsky": "bluesky",
        "masto": "mastodon",
        "fediverse": "mastodon",
    }
)
# Places that have no adapter of their own, and that Apprise reaches.
_BY_APPRISE = frozenset(("discord", "slack", "email", "e-mail", "mail", "matrix", "signal", "teams", "sms"))
_LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "english": "en-GB",
        "welsh": "cy",
        "cymraeg": "cy",
        "irish": "ga",
        "gaeilge": "ga",
        "gaelic": "gd",
        "scottish gaelic": "gd",
        "scots": "sco",
        "cornish": "kw",
        "polish": "pl",
        "punjabi": "pa",
        "urdu": "ur",
        "bengali": "bn",
        "french": "fr",
        "german": "de",
        "spanish": "es",
        "arabic": "ar",
    }
)


def known_network(name: str) -> str | None:
    """The network that people mean by this name: "twitter" is x, "discord" is reached by apprise. None without one."""
    lowered = name.lower()
    return "apprise" if lowered in _BY_APPRISE else _NETWORKS.get(lowered)


def language_code(name: str) -> str | None:
    """The code of a language that is named in English, as in BCP 47; None for one that is not listed."""
    return _LANGUAGES.get(" ".join(name.lower().split()))
