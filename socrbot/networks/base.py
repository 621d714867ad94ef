"""The protocol that every network keeps. One file a network implements it; `__init__` lists them.

A network knows neither the ledger nor the campaign. It raises the four errors of `errors.NetworkError` and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from socrbot.clock import Clock
from socrbot.message import (
    Attachment,
    Capabilities,
    Finding,
    Identity,
    Message,
    Metrics,
    Part,
    Published,
    Receipt,
    Rendition,
)

# What a publishing call will send, exactly. JSON values only. The ledger has it before the first byte leaves.
Payload = Mapping[str, object]


class Steps(Protocol):
    """Remote ids of preparing steps (an uploaded picture, a container), kept at once: a crash cannot lose them."""

    def get(self, name: str) -> str | None:
        """The id kept under `name` for this part, unless it has run out."""

    def keep(self, name: str, value: str, *, expires_at: datetime | None = None) -> None:
        """Keeps an id; committed when the call returns. `expires_at` is aware UTC."""


class Hosting(Protocol):
    """A place on the public web from which a network can fetch a file for a short while."""

    def show(self, rendition: Rendition, *, alt: str) -> str:
        """Makes the file reachable, and gives its https address, which nobody can guess. Raises NetworkError."""

    def hide(self, address: str) -> None:
        """Takes the file away again. One that is gone already is no error."""


class Media(Protocol):
    """Gives media files as they may leave the machine: cleaned, and fitted to what the account can carry."""

    def __call__(self, attachment: Attachment, like: Attachment | None = None) -> Rendition:
        """The same input gives the same bytes. Raises NotSent or Refused.

        `like` is another attachment of the same part, whose shape (width by height) this one gets as well: for
        networks that show all pictures of a post in the shape of the first.
        """


@dataclass(frozen=True, slots=True)
class Intent:
    """A try whose answer was lost: what was to be sent, under which key, and when it began (aware UTC)."""

    payload: Payload
    key: str
    number: int
    started_at: datetime
    reply_to: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Equipment:
    """What an adapter gets to work with.

    env       the account's variables: standard name -> value (BSKY_HANDLE -> ...), secrets revealed; never printed
    options   the account's own options from config/accounts.yaml
    clock     the time
    media     gives an attachment as it may leave the machine: media(attachment), or media(attachment, like=first)
    card_picture   makes of a picture from the web, and the most bytes, a small clean JPEG; raises Refused
    folder    a private folder of this account (mode 700) for sessions and, in the outbox, for posts
    timeout   (connect, read) in seconds
    hosting   a public place for files, for networks that fetch them; None where the campaign has none
    """

    account: str
    env: Mapping[str, str] = field(repr=False)
    options: Mapping[str, str]
    clock: Clock
    media: Media
    folder: Path
    timeout: tuple[float, float] = (10.0, 30.0)
    hosting: Hosting | None = None
    card_picture: Callable[[bytes, int], Rendition] | None = None


class Network(Protocol):
    """One account on one network, ready to be spoken to. Safe to use from one thread at a time."""

    name: str
    capabilities: Capabilities

    def verify(self) -> Identity:
        """Who the credentials speak for, and until when. Costs one or two calls, and publishes nothing.

        Where access ends unless it is renewed (`Capabilities.expires`), renews it when that is due.
        """

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:
        """Uploads what the part needs and says exactly what `publish` will send. Nothing is public afterwards.

        `key` is the part's own: the same for each try of the same part, different for all others.
        """

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:
        """Makes the part public: one call to the network, no retry. `reply_to` is the receipt of the part before.

        On a network with comments instead of threads the part becomes a comment below the first one.
        """

    def find(self, intent: Intent) -> Finding:
        """Whether an earlier try with a lost answer went out, by the network's own means. Changes nothing."""

    def recent(self, since: datetime) -> list[Published]:
        """The account's own posts since then, newest first."""

    def delete(self, receipt: Receipt) -> None:
        """Deletes a post. A post that is gone already is no error."""

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:
        """How people took these posts (`Capabilities.metrics_batch` at most), by the receipts' ids.

        A post that is gone is left out. Called only where `Capabilities.metrics` names something.
        """
