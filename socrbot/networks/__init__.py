"""The networks that socrbot speaks to: one file each, one line each in the table below."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from socrbot.campaign import Account
from socrbot.message import Capabilities
from socrbot.networks.base import Equipment, Hosting, Network

# name -> (module, class, prefix of its variables)
NETWORKS: Mapping[str, tuple[str, str, str]] = {
    "outbox": ("outbox", "Outbox", ""),
    "x": ("x", "X", "X"),
    "facebook": ("facebook", "Facebook", "FB"),
    "instagram": ("instagram", "Instagram", "IG"),
    "threads": ("threads", "Threads", "THREADS"),
    "bluesky": ("bluesky", "Bluesky", "BSKY"),
    "mastodon": ("mastodon", "Mastodon", "MASTODON"),
    "linkedin": ("linkedin", "LinkedIn", "LINKEDIN"),
    "telegram": ("telegram", "Telegram", "TELEGRAM"),
    "apprise": ("apprise", "Apprise", "APPRISE"),
    "webhook": ("webhook", "Webhook", "WEBHOOK"),
}


@cache
def capabilities(network: str) -> Capabilities:
    """What a network can carry. Raises KeyError for a name that is not in the table."""
    capable: Capabilities = import_module(f"socrbot.networks.{NETWORKS[network][0]}").CAPABILITIES
    return capable


def all_capabilities() -> Mapping[str, Capabilities]:
    """Every network's capabilities by its name."""
    return {name: capabilities(name) for name in NETWORKS}


def capabilities_of(account: Account, *, folder: Path | None = None) -> Capabilities:
    """What an account can carry: its network's own, as its options and its server's last word change them.

    `folder` is the account's private one, where an adapter keeps what its server said of its limits. A module that
    has something to change offers `tailored(capabilities, options, folder)`. Makes no call.
    """
    capable = capabilities(account.network)
    tailored = getattr(import_module(f"socrbot.networks.{NETWORKS[account.network][0]}"), "tailored", None)
    return tailored(capable, account.options, folder) if tailored is not None else capable


def capabilities_by_account(accounts: Mapping[str, Account], data: Path | None) -> Mapping[str, Capabilities]:
    """What each account can carry, by its id; accounts on unknown networks are left out. `data` is the data folder."""
    return {
        name: capabilities_of(account, folder=None if data is None else folder_of(name, data))
        for name, account in accounts.items()
        if account.network in NETWORKS
    }


def folder_of(account: str, data: Path) -> Path:
    """An account's private folder below the data folder."""
    return data / "accounts" / account


def connect(network: str, equipment: Equipment) -> Network:
    """The adapter for one account. Makes no call."""
    module, name, _ = NETWORKS[network]
    adapter: Network = getattr(import_module(f"socrbot.networks.{module}"), name)(equipment)
    return adapter


def hosting(network: str, equipment: Equipment) -> Hosting | None:
    """A public place for pictures that an account offers to other networks; None where its network has none.

    Its adapter's class has it under `hosting`, made of the account's equipment. Makes no call.
    """
    module, name, _ = NETWORKS[network]
    offered = getattr(getattr(import_module(f"socrbot.networks.{module}"), name), "hosting", None)
    place: Hosting | None = offered(equipment) if offered is not None else None
    return place


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
