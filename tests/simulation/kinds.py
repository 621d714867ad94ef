"""What kinds of networks there are, as far as they differ in what they can prove; and what is promised on each.

The capabilities are the product's own: how long it waits, and how often it looks, is what is on trial here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from socrbot.message import Capabilities
from socrbot.networks import bluesky, facebook, instagram, linkedin, mastodon, telegram, x


class Excuse(StrEnum):
    """What may make a second post of a delivery. Anything else is a broken promise."""

    LIED = "the network hid the first one, longer or more often than it is declared to"
    LATE = (
        "the network took the first one after it had been looked for in vain, or a person had said that it is not there"
    )
    STOPPED = "the program stood still between its last look at the clock and the first byte"
    CLOCK = "this computer's clock was wrong by more than a quarter of an hour when the first one was sent"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of network.

    key_lasts      how long it answers a repeated key with the first post; None: it knows no keys
    record_key     it makes a post only where its key is free
    containers     it publishes what was prepared, once
    refuses_for    how long it refuses the same words again; None: it does not
    names_it       its refusal says which post it is
    shows          the account's posts can be read
    excuses        what lets the promise "never twice" lapse here
    """

    name: str
    capabilities: Capabilities
    key_lasts: timedelta | None = None
    record_key: bool = False
    containers: bool = False
    refuses_for: timedelta | None = None
    names_it: bool = False
    shows: bool = True
    excuses: frozenset[Excuse] = frozenset(Excuse)


def _plain(capabilities: Capabilities) -> Capabilities:
    """Without what needs pictures, keys, prices or further calls."""
    nothing: Mapping[str, str] = MappingProxyType({})
    return replace(
        capabilities,
        metrics=(),
        expires=False,
        min_media=0,
        public_media=False,
        price=None,
        needs=nothing,
        optional=nothing,
    )


SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
# How far before a try the lists are read, because clocks differ.
MARGIN = HOUR / 4
NEVER: frozenset[Excuse] = frozenset()

# The promises, network by network: what "never twice" hangs on. No excuse: it holds whatever happens.
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("bluesky", _plain(bluesky.CAPABILITIES), record_key=True, excuses=NEVER),
        Kind("instagram", _plain(instagram.CAPABILITIES), containers=True, excuses=NEVER),
        # Within the hour the key decides; after it, what the account's list of posts shows.
        Kind("mastodon", _plain(mastodon.CAPABILITIES), key_lasts=HOUR),
        # For a quarter of an hour it refuses the same words; after that, what its list shows.
        Kind("x", _plain(x.CAPABILITIES), refuses_for=HOUR / 4),
        Kind("linkedin", _plain(linkedin.CAPABILITIES), refuses_for=HOUR / 6, names_it=True),
        Kind("facebook", _plain(facebook.CAPABILITIES)),
        # It shows nothing: a person looks, and only what comes after that look can go wrong.
        Kind(
            "telegram",
            _plain(telegram.CAPABILITIES),
            shows=False,
            excuses=frozenset({Excuse.LATE, Excuse.STOPPED}),
        ),
    )
}
