"""The networks that socrbot speaks to: one file each, one line each in the table below."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib import import_module

from socrbot.message import Capabilities
from socrbot.networks.base import Equipment, Network

# name -> (module, class, prefix of its variables)
NETWORKS: Mapping[str, tuple[str, str, str]] = {
    "outbox": ("outbox", "Outbox", ""),
    "x": ("x", "X", "X"),
    "facebook": ("facebook", "Facebook", "FB"),
    "bluesky": ("bluesky", "Bluesky", "BSKY"),
}


@cache
def capabilities(network: str) -> Capabilities:
    """What a network can carry. Raises KeyError for a name that is not in the table."""
    capable: Capabilities = import_module(f"socrbot.networks.{NETWORKS[network][0]}").CAPABILITIES
    return capable


def all_capabilities() -> Mapping[str, Capabilities]:
    """Every network's capabilities by its name."""
    return {name: capabilities(name) for name in NETWORKS}


def connect(network: str, equipment: Equipment) -> Network:
    """The adapter for one account. Makes no call."""
    module, name, _ = NETWORKS[network]
    adapter: Network = getattr(import_module(f"socrbot.networks.{module}"), name)(equipment)
    return adapter


def variable(network: str, name: str, prefix: str | None) -> str:
    """The variable in which an account finds the value that its network calls `name`.

    With the prefix BSKY_WALES the name BSKY_HANDLE is read from BSKY_WALES_HANDLE.
    """
    own = NETWORKS[network][2]
    return f"{prefix}{name.removeprefix(own)}" if prefix and name.startswith(own) else name


def missing(network: str, *, prefix: str | None, have: Collection[str]) -> tuple[str, ...]:
    """The variables that an account still needs before it is connected."""
    needed = (variable(network, name, prefix) for name in capabilities(network).needs)
    return tuple(name for name in needed if name not in have)
