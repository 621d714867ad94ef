"""Receipts and identities as JSON values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from socrbot.message import Identity, Receipt


def pack_receipt(receipt: Receipt | None) -> dict[str, Any] | None:
    """A receipt as a JSON value."""
    if receipt is None:
        return None
    return {"id": receipt.id, "url": receipt.url, "extra": dict(receipt.extra)}


def receipt_of(value: Mapping[str, Any] | None) -> Receipt | None:
    """A receipt from its JSON value."""
    if value is None:
        return None
    return Receipt(value["id"], value["url"], MappingProxyType(value["extra"]))


def pack_identity(identity: Identity | None) -> dict[str, Any] | None:
    """Who an account was, as a JSON value: id, name and address."""
    return None if identity is None else {"id": identity.id, "name": identity.name, "url": identity.url}


def identity_of(value: Mapping[str, Any] | None) -> Identity | None:
    """An identity from its JSON value."""
    return None if value is None else Identity(value["id"], value["name"], value["url"])
