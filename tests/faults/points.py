"""The points between “claimed” and “recorded”, declared once: what has just happened, and what has not yet.

Not here: how a running program is met at them (`seams.py`), and what is done to it there (`lives.py`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """`scenes` are the campaigns of `scenes.py` that meet it; `recovery`: a later life meets it, not the first."""

    name: str
    says: str
    scenes: tuple[str, ...]
    recovery: bool = False


_ALL = ("x", "facebook", "instagram", "mastodon", "bluesky")
_PICTURES = ("x", "facebook", "mastodon", "bluesky")
_READ_BACK = ("x", "facebook", "instagram", "mastodon", "bluesky")

DECLARED = (
    Point("claim.written", "The claim is written; its transaction is not committed.", _ALL),
    Point("claim.committed", "The claim is committed; nothing has been made ready.", _ALL),
    Point("upload.body", "Half of a picture is on its way.", _PICTURES),
    Point("upload.answered", "The network has the picture; its number is not kept.", _PICTURES),
    Point("alt.answered", "The picture has its description; that is not kept.", ("x",)),
    Point("container.body", "Half of the request for a container is on its way.", ("instagram",)),
    Point("container.answered", "The container is there; its number is not kept.", ("instagram",)),
    Point("container.looked", "The container's state was asked for.", ("instagram",)),
    Point("step.written", "A number is written; its transaction is not committed.", _ALL),
    Point("step.committed", "A number is kept.", _ALL),
    Point("intent.ready", "All is made ready; no intent is written.", _ALL),
    Point("intent.written", "The intent is written; its transaction is not committed.", _ALL),
    Point("intent.committed", "The intent is committed; nothing is on its way.", _ALL),
    Point("publish.unconnected", "The publishing call begins; there is no connection.", _ALL),
    Point("publish.connected", "The connection stands; no byte has left.", _ALL),
    Point("publish.body", "Half of the post is on its way.", _ALL),
    Point("publish.delivered", "All of the post is on its way; no answer has come.", _ALL),
    Point("publish.reply", "The answer's head has come, not its body.", _ALL),
    Point("publish.answered", "The whole answer has come; nothing is written of it.", _ALL),
    Point("file.written", "The outbox's file is on the disk under a name for the time being.", ("outbox",)),
    Point("file.named", "The outbox's file has its name; nothing is written of it.", ("outbox",)),
    Point("part.written", "A part's receipt is written; its transaction is not committed.", _ALL),
    Point("part.committed", "A part's receipt is committed; the next part has not begun.", _ALL),
    Point("sent.written", "The last receipt is written; its transaction is not committed.", _ALL),
    Point("sent.committed", "“Sent” is committed.", _ALL),
    Point("outcome.written", "A lost answer is written; its transaction is not committed.", ("x-lost",)),
    Point("outcome.committed", "A lost answer is committed.", ("x-lost",)),
    Point("hold.written", "A hold at the last moment is written; its transaction is not committed.", ("x-budget",)),
    Point("hold.committed", "A hold at the last moment is committed.", ("x-budget",)),
    Point("expire.written", "The dead one's delivery is taken back; the transaction is not committed.", _ALL, True),
    Point("expire.committed", "The dead one's delivery is taken back.", _ALL, True),
    Point("look.unconnected", "The question after a lost post begins; there is no connection.", _READ_BACK, True),
    Point("look.delivered", "The question after a lost post is on its way.", _READ_BACK, True),
    Point("look.answered", "The answer to it has come; nothing is written of it.", _READ_BACK, True),
    Point("looked.written", "“Looked, not settled” is written; its transaction is not committed.", ("x",), True),
    Point("looked.committed", "“Looked, not settled” is committed.", ("x",), True),
    Point("settle.written", "What was found out is written; its transaction is not committed.", _READ_BACK, True),
    Point("settle.committed", "What was found out is committed.", _READ_BACK, True),
)
POINTS = {point.name: point for point in DECLARED}
# Where a first life dies, so that a second one has something to recover from.
LEAVE_DOUBT = ("publish.delivered", "publish.reply", "publish.answered", "sent.written", "publish.body")
# At these nothing has gone out, so that the looking finds nothing.
LEAVE_NOTHING = ("intent.committed", "publish.unconnected", "publish.connected", "publish.body")
