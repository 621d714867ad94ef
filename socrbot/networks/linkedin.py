"""Posts of an organisation or a person on LinkedIn: text, pictures, the card of a link, later parts as comments.

LinkedIn takes no key for a post. After a lost answer an organisation's posts are read back and compared; a person's
are shown to no program, so a person has to look. LinkedIn's own memory is a second net: for about ten minutes it
refuses the same content and names the post that it has.

Not here: how LinkedIn is spoken to (`wire/linkedin.py`), its text and its answers (beside it).

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from socrbot.errors import Refused, Unauthorised
from socrbot.message import (
    CannotTell,
    Capabilities,
    Finding,
    Identity,
    Message,
    Metrics,
    Option,
    Part,
    Published,
    Receipt,
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.shared.disk import disk_errors, write_whole
from socrbot.networks.shared.evidence import look, nothing_public
from socrbot.networks.wire.linkedin_body import Poster, check_comments, comment_body
from socrbot.text import utf16_units

if TYPE_CHECKING:
    from socrbot.networks.wire.linkedin import Client

# LinkedIn takes 3,000 characters, says neither which nor whether escapes count, and may cut what is longer. So the
# stricter count, and room for a hundred escapes.
CAPABILITIES = Capabilities(
    text_limit=2_900,
    measure=utf16_units,
    max_images=20,
    image_types=("image/jpeg", "image/png", "image/gif"),
    image_bytes=5_000_000,
    image_pixels=36_152_319,
    alt_limit=4_086,
    link_field=True,
    comments=True,
    # LinkedIn's pages give no number; its own box for comments takes this many.
    comment_limit=1_250,
    # Twice absent after two minutes each: sent again, it still falls into the ten minutes of LinkedIn's own memory.
    settle=timedelta(minutes=2),
    looks=2,
    settle_why="Sent again after that, it still falls into the ten minutes in which LinkedIn refuses the same content.",
    expires=True,
    renews="where LINKEDIN_REFRESH_TOKEN is set",
    metrics=("likes", "replies", "shares", "views"),
    metrics_batch=20,
    options={
        "version": Option("LinkedIn's interface by year and month in one; 202607 if not set", per_post=False),
        "card": Option("what the card of a link shows: what its page says, or its address", ("page", "address")),
    },
    needs={
        "LINKEDIN_ACCESS_TOKEN": "the access token of a person who may post for the author",
        "LINKEDIN_AUTHOR_URN": "who posts: urn:li:organization:NUMBER for a page, urn:li:person:ID for a person",
    },
    optional={
        "LINKEDIN_CLIENT_ID": "the app's client ID; with its secret socrbot can tell when the access ends",
        "LINKEDIN_CLIENT_SECRET": "the app's client secret",
        "LINKEDIN_REFRESH_TOKEN": "the refresh token, where LinkedIn gave the app one: socrbot then renews the access",
        "LINKEDIN_API_BASE": "another address than LinkedIn's, for tests",
    },
    docs="https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api",
)

_AUTHOR = re.compile(r"urn:li:(organization|person):[\w-]+")
_KEPT = "linkedin.json"


def tailored(capabilities: Capabilities, options: Mapping[str, str], folder: Path | None) -> Capabilities:  # noqa: ARG001
    """A person's posts cannot be read back; whose account it is was kept when the access was last tried."""
    try:
        person = folder is not None and json.loads((folder / _KEPT).read_bytes())["author"] == "person"
    except (OSError, ValueError, KeyError, TypeError):
        person = False
    return replace(capabilities, reads_back=False, metrics=()) if person else capabilities


class LinkedIn:
    """One author on LinkedIn."""

    name = "linkedin"

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._author = equipment.env.get("LINKEDIN_AUTHOR_URN", "")
        self._person = self._author.startswith("urn:li:person:")
        self.capabilities = replace(CAPABILITIES, reads_back=False, metrics=()) if self._person else CAPABILITIES

    @cached_property
    def _client(self) -> Client:
        from socrbot.networks.wire.linkedin import VERSION, Client, is_version

        if not _AUTHOR.fullmatch(self._author):
            words = "must be written like urn:li:organization:2414183 or urn:li:person:AbC12-xYz9"
            raise Unauthorised(f"The author (LINKEDIN_AUTHOR_URN) {words}.")
        version = self._equipment.options.get("version", VERSION)
        if not is_version(version):
            words = f'is a year and a month in one, like "{VERSION}"'
            raise Unauthorised(f"The version of LinkedIn's interface (version, in config/accounts.yaml) {words}.")
        return Client(self._equipment, version)

    def verify(self) -> Identity:
        """Who posts, whether the access allows it, and when it ends; renews it when that is due."""
        from socrbot.networks.wire.linkedin_answers import introduce

        with nothing_public():
            self._client.access.look_after()
            identity = introduce(self._client, self._author)
        with disk_errors("The folder of the account"):
            kind = "person" if self._person else "organization"
            write_whole(self._equipment.folder / _KEPT, json.dumps({"author": kind}).encode())
        return identity

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        """Uploads what the part shows. The payload is the body of the publishing call; a comment's lacks the post."""
        check_comments(message)
        if part.number > 1:
            return comment_body(part, self._author)
        with nothing_public():
            with_page = message.options.get("card") != "address"
            poster = Poster(self._client, self._equipment, self._author, may_ask=not self._person, with_page=with_page)
            return poster.body(part, steps)

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:  # noqa: ARG002
        """One POST: of the post, or of a comment below the first part."""
        from socrbot.networks.wire import linkedin_answers as answers
        from socrbot.networks.wire.linkedin import address_of

        if reply_to is not None:
            root = answers.root_of(reply_to)
            return answers.comment_receipt(root, self._client.comment(root, payload))
        post = self._client.post(payload)
        return Receipt(post, address_of(post), {"root": post})

    def find(self, intent: Intent) -> Finding:
        """Compares words, pictures and link with the organisation's posts, or its comments below the first part."""
        if self._person:
            return CannotTell("LinkedIn shows a person's posts to no program. Please look at the profile.")
        from socrbot.networks.wire.linkedin_answers import compared

        return look(lambda: compared(self._client, self._author, intent=intent))

    def recent(self, since: datetime) -> list[Published]:
        """An organisation's posts since then, newest first; none of a person's, which LinkedIn does not show."""
        from socrbot.networks.wire.linkedin_answers import posts_since

        if self._person:
            return []
        with nothing_public():
            return posts_since(self._client, self._author, since=since)[0]

    def delete(self, receipt: Receipt) -> None:
        """Deletes a post or a comment."""
        try:
            self._client.delete(receipt, author=self._author)
        except Refused as refused:
            if refused.status not in (404, 410):
                raise

    def metrics(self, receipts: Sequence[Receipt]) -> Mapping[str, Metrics]:
        """How people took an organisation's posts; LinkedIn counts nothing for comments."""
        from socrbot.networks.wire.linkedin_answers import numbers

        with nothing_public():
            return numbers(self._client, self._author, posts=[receipt.id for receipt in receipts])
