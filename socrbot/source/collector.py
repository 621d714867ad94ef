"""Pauses the garbage collector while a whole campaign is worked through."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for cycles inside; afterwards it goes on as before. May be nested.

    Loading, checking and planning make very many small records that stay, and no cycles. To go through all of them
    again and again meanwhile would take up to half of the time, and more than that the larger the campaign is.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
