"""Posts of which a person told us the address alone: its receipt holds that where the network's own id should stand.

Sent to a network as an id, an address names no post. Most then answer that there is none, as they do of one that is
deleted; so an address must be told apart before anything is concluded.
"""

from __future__ import annotations

import re

from socrbot.errors import Refused
from socrbot.message import Receipt


def is_told(receipt: Receipt) -> bool:
    """Whether a person told us of the post: then we know its address alone."""
    return receipt.id.startswith(("https://", "http://"))


def own_id(receipt: Receipt, address: re.Pattern[str] | None = None) -> str:
    """The network's own id of a post: as it gave it, else out of the address that a person told us.

    `address` matches a whole address that shows the id, which is its first group; None where none does. Raises Refused
    where the id cannot be known.
    """
    if not is_told(receipt):
        return receipt.id
    found = address.fullmatch(receipt.id) if address else None
    if found is None:
        raise Refused(f"The address does not say the post's number. Please look there yourself: {receipt.id[:200]}")
    return found[1]
