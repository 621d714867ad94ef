"""One account at one stand-in: what a test of a network needs at hand."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from socrbot import networks
from socrbot.campaign import Account
from socrbot.clock import VirtualClock
from socrbot.errors import NetworkError, OutcomeUnknown, Place
from socrbot.message import Attachment, Capabilities, Message, Part, Receipt, Rendition
from socrbot.networks.base import Equipment, Hosting, Intent, Network
from socrbot.redact import is_secret
from socrbot.text import spans
from tests.standins.exchange import WAITING
from tests.standins.server import Standin, refused

# What begins as a video does; no network's adapter looks further.
VIDEO = b"\0\0\0\x18ftypmp42" + bytes(range(256))
START = datetime(2026, 3, 7, 19, 0, tzinfo=UTC)


class MemorySteps:
    """Keeps the ids of preparing steps in memory, as the ledger does on disk."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.kept: dict[str, tuple[str, datetime | None]] = {}

    def get(self, name: str) -> str | None:
        value, ends = self.kept.get(name, (None, None))
        return None if ends is not None and ends <= self._clock.now() else value

    def keep(self, name: str, value: str, *, expires_at: datetime | None = None) -> None:
        self.kept[name] = (value, expires_at)


@dataclass
class Bench:
    """One account at one stand-in.

    build       the adapter's class
    env         its variables, pointing at the stand-in; `address` is the one that holds the server's address
    publishing  the request that makes a post public ("POST /2/tweets"; wildcards allowed)
    answering   the request that makes a later part of a thread public, where it is another
    reading     the request by which the account's posts are read back
    too_many    what `Standin.fault` needs to be told for a rate limit, without `kind`
    listens_at  when that limit ends (aware UTC); None where the network does not say
    refusal     what `Standin.fault` needs to be told for a refusal of the content
    outcomes    kind of fault -> what the publishing request fails with, where that is not OutcomeUnknown;
                None: it does not fail
    options     the account's options
    hosting     where its network fetches files from, for those that do
    asks        whether `verify` asks the server, so that it can tell dead credentials
    open_to_all whether a lost post is found without the account's credentials
    knows_keys  whether the server makes one post of a request that arrives twice with the same key, for a while
    network     its name in the table
    """

    standin: Standin
    build: Callable[[Equipment], Network]
    env: Mapping[str, str] = field(repr=False)
    address: str
    folder: Path
    clock: VirtualClock
    publishing: str
    reading: str
    too_many: Mapping[str, Any]
    refusal: Mapping[str, Any]
    listens_at: datetime | None = None
    timeout: tuple[float, float] = (5.0, 10.0)
    outcomes: Mapping[str, type[NetworkError] | None] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    hosting: Hosting | None = None
    asks: bool = True
    open_to_all: bool = False
    answering: str | None = None
    knows_keys: bool = False
    network: str = ""
    pictures: dict[str, bytes] = field(default_factory=dict)

    @property
    def capable(self) -> Capabilities:
        """What the account can carry."""
        account = Account("account", self.network or self.standin.name, Place("accounts.yaml"), options=self.options)
        return networks.capabilities_of(account, folder=self.folder)

    def outcome(self, kind: str) -> type[NetworkError] | None:
        """What the publishing request fails with at this fault; None: it does not fail."""
        return self.outcomes.get(kind, OutcomeUnknown)

    def connect(self, **env: str) -> Network:
        """A new adapter, as after a restart; `env` changes variables."""
        return self.build(self.equipment(**env))

    def sender(self, kind: str) -> Network:
        """A new adapter for a try that is to meet this fault: one that soon gives up where it would wait in vain."""
        return self.build(replace(self.equipment(), timeout=(5.0, 0.2)) if kind in WAITING else self.equipment())

    def equipment(self, **env: str) -> Equipment:
        """What an adapter is built with."""
        return Equipment(
            account="account",
            env={**self.env, **env},
            options=self.options,
            clock=self.clock,
            media=self._rendition,
            folder=self.folder,
            timeout=self.timeout,
            hosting=self.hosting,
        )

    @contextmanager
    def nowhere(self) -> Iterator[Network]:
        """An adapter whose server is down."""
        with refused() as address:
            yield self.connect(**{self.address: address})

    def revoke(self) -> None:
        """The account's credentials are dead from now on."""
        self.standin.revoke()

    def count(self, receipt: Receipt, **counts: int) -> None:
        """People take notice of a post: likes, replies, shares, views."""
        self.standin.counts[receipt.id] = counts

    def _rendition(self, attachment: Attachment, like: Attachment | None = None) -> Rendition:
        data = self.pictures[attachment.digest]
        name = f"file.{attachment.mime.rpartition('/')[2].replace('jpeg', 'jpg')}"
        size = (attachment.width, attachment.height)
        return Rendition(data, attachment.mime, *size, attachment.digest, name, attachment.seconds)

    def steps(self) -> MemorySteps:
        return MemorySteps(self.clock)

    def picture(self, colour: int, alt: str = "", kind: str | None = None) -> Attachment:
        """A small picture of its own, of a kind and shape that the network takes."""
        capable, out = self.capable, io.BytesIO()
        kind = kind or ("png" if "image/png" in capable.image_types else "jpeg")
        width = max(16, *(capable.image_width or (16,))[:1])
        Image.new("RGB", (width, width * 9 // 16), (colour, 80, 160)).save(out, format=kind)
        digest = hashlib.sha256(out.getvalue()).hexdigest()
        self.pictures[digest] = out.getvalue()
        size = len(out.getvalue())
        return Attachment(f"media/{colour}.{kind}", alt, f"image/{kind}", width, width * 9 // 16, size, digest)

    def video(self, alt: str = "") -> Attachment:
        """A video of ten seconds."""
        digest = hashlib.sha256(VIDEO).hexdigest()
        self.pictures[digest] = VIDEO
        return Attachment("media/a.mp4", alt, "video/mp4", 640, 360, len(VIDEO), digest, seconds=10.0)

    def message(self, *texts: str, media: tuple[Attachment, ...] = (), link: str | None = None) -> Message:
        """A message of one part for each text; pictures and link belong to the first.

        Where the network wants a picture with each post, and the test has none, there is one.
        """
        if not media and self.capable.min_media:
            media = tuple(self.picture(200 + number, "Alt") for number in range(self.capable.min_media))
        parts = [Part(number, text, spans(text)) for number, text in enumerate(texts, 1)]
        parts[0] = replace(parts[0], media=media, link=link)
        digest = hashlib.sha256(repr(parts).encode()).hexdigest()
        return Message(
            "post", "account", self.network or self.standin.name, "en-GB", tuple(parts), digest, options=self.options
        )

    def key(self, message: Message, part: Part) -> str:
        """The key of a part, in the form that the publisher gives it."""
        return f"{message.wording_digest[:16]}@{int(START.timestamp()) * 1_000_000}/{part.number}"

    def send(self, network: Network, message: Message) -> list[Receipt]:
        """Prepares and publishes each part, as the publisher does."""
        receipts: list[Receipt] = []
        for part in message.parts:
            key = self.key(message, part)
            payload = network.prepare(message, part, key=key, steps=self.steps())
            receipts.append(network.publish(payload, key=key, reply_to=receipts[-1] if receipts else None))
        return receipts

    def intent(self, network: Network, message: Message, reply_to: Receipt | None = None) -> Intent:
        """The intent of a message's last part, as the ledger keeps it: through JSON and back."""
        part = message.parts[-1]
        key = self.key(message, part)
        payload = network.prepare(message, part, key=key, steps=self.steps())
        return Intent(json.loads(json.dumps(payload)), key, part.number, self.clock.now(), reply_to)

    def secrets(self) -> set[str]:
        """Every secret of the account, plain and as an address writes it."""
        plain = {value for name, value in self.env.items() if is_secret(name)}
        return plain | {quote(secret, safe="") for secret in plain}
