"""Uploads that are made once: the network's number for a file is kept as a step, and used until it runs out.

Not here: how a network is given a file, and what it says then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from socrbot.message import Attachment
from socrbot.networks.base import Steps


def kept(
    steps: Steps,
    attachment: Attachment,
    make: Callable[[], tuple[str, datetime | None]],
    *,
    kind: str,
) -> str:
    """The network's id for an upload of exactly this file with exactly this alt text.

    It comes from `steps`, else from `make`, which uploads and gives the id and when it runs out (aware UTC; None:
    never); that is kept at once. `kind` tells apart steps for the same file. Raises what `make` raises.
    """
    name = step_name(attachment, kind)
    known = steps.get(name)
    if known:
        return known
    made, expires_at = make()
    steps.keep(name, made, expires_at=expires_at)
    return made


def forget(steps: Steps, attachment: Attachment, *, kind: str) -> None:
    """Lets the next `kept` upload anew, because the network no longer has the file."""
    steps.keep(step_name(attachment, kind), "")


def step_name(attachment: Attachment, kind: str) -> str:
    """Under which name an upload is kept: another file, another description or another crop is another upload."""
    what = (attachment.digest, attachment.alt, attachment.crop, attachment.focus)
    return f"{kind}:{hashlib.sha256(repr(what).encode()).hexdigest()[:24]}"
