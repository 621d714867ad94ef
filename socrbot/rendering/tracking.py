"""Counts from where people come: UTM parameters behind the addresses of the campaign's named links. Pure.

No other address is touched: whose page it is decides what may stand behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from socrbot.campaign import Account, Campaign, Post
from socrbot.message import SpanKind
from socrbot.text import spans

# Names and values of parameters, in the order in which they are put behind an address.
Parameters = tuple[tuple[str, str], ...]


class Tracker:
    """Knows the campaign's parameters and the addresses that get them."""

    def __init__(self, campaign: Campaign) -> None:
        without = {link.url for link in campaign.links.values() if not link.utm}
        self._parameters = campaign.utm
        self._addresses = tuple({link.url for link in campaign.links.values()} - without) if campaign.utm else ()

    def concerns(self, texts: Iterable[str]) -> bool:
        """Whether some text has an address that gets parameters."""
        return bool(self._addresses) and any(address in text for text in texts for address in self._addresses)

    def parameters(self, post: Post, account: Account) -> Parameters:
        """The parameters for a post on an account."""
        names = {"{network}": account.network, "{account}": account.id, "{post}": post.id}
        return tuple((name, _filled(value, names)) for name, value in self._parameters.items())

    def addresses(self, parameters: Parameters) -> Mapping[str, str]:
        """Each address that gets parameters, and what becomes of it."""
        if not parameters:
            return {}
        return {address: with_parameters(address, parameters) for address in self._addresses}


def with_parameters(address: str, parameters: Parameters) -> str:
    """The address with the parameters behind its query and before its fragment. What it has already stays."""
    parts = urlsplit(address)
    there = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    # Their names and values hold nothing that needs to be escaped: see `source.fields`.
    new = [f"{name}={value}" for name, value in parameters if name not in there]
    query = "&".join([parts.query, *new] if parts.query else new)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, parts.fragment))


def track(text: str, addresses: Mapping[str, str]) -> str:
    """The text with what becomes of each whole address in it."""
    if not addresses:
        return text
    for span in reversed(spans(text)):
        if span.kind is SpanKind.LINK and span.value in addresses:
            text = f"{text[: span.start]}{addresses[span.value]}{text[span.end :]}"
    return text


def untrack(text: str, addresses: Mapping[str, str]) -> str:
    """The text as it was before `track`."""
    for address, tracked in addresses.items():
        text = text.replace(tracked, address)
    return text


def _filled(value: str, names: Mapping[str, str]) -> str:
    for place, name in names.items():
        value = value.replace(place, name)
    return value
