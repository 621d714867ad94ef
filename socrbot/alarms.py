"""Tells somebody: messages to the alarm addresses (Apprise), and the sign of life to a dead man's switch.

What is worth telling, and in which words, is decided in `report/notice.py`. An alarm that cannot be delivered is an
answer of False, never an exception: telling must not stop the bot.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from socrbot.errors import NetworkError
from socrbot.redact import Redactor
from socrbot.settings import Secret


def available() -> bool:
    """Whether Apprise is installed."""
    from importlib.util import find_spec

    return find_spec("apprise") is not None


def wrong_addresses(addresses: Sequence[Secret]) -> list[int]:
    """The numbers (from 1) of alarm addresses that Apprise does not understand. Raises ModuleNotFoundError."""
    _quiet()
    import apprise

    return [
        number for number, address in enumerate(addresses, 1) if apprise.Apprise.instantiate(address.reveal()) is None
    ]


def tell(address: Secret, title: str, body: str) -> bool:
    """Sends a message to an address; says whether it arrived, as far as Apprise can tell."""
    _quiet()
    try:
        import apprise

        messenger = apprise.Apprise()
        return bool(messenger.add(address.reveal())) and bool(messenger.notify(title=title, body=body))
    except Exception:  # a hundred services, each with code of its own: none may stop the bot
        return False


def _quiet() -> None:
    """Apprise writes addresses, with their passwords, to its own log."""
    logging.getLogger("apprise").disabled = True


def sign_of_life(address: Secret, redact: Redactor) -> bool:
    """Fetches the dead man's switch; whoever watches it raises the alarm when this stops."""
    from socrbot.http import Session

    try:
        return Session(timeout=(5.0, 10.0), redact=redact).call("GET", address.reveal()).ok
    except NetworkError:
        return False
