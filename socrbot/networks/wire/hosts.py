"""Which machine an address means. Makes no call."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def on_this_machine(address: str) -> bool:
    """Whether a web address names this machine itself: a server there is a test server, never a real network."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_public(host: str) -> bool:
    """Whether a numeric address (IPv4 or IPv6) lies on the public internet."""
    address = ipaddress.ip_address(host.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return (inner or address).is_global and not address.is_multicast
