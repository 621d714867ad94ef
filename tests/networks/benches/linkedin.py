"""An organisation or a person at the stand-in of LinkedIn, and short ways to publish there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import Refused
from socrbot.message import Receipt
from socrbot.networks.linkedin import LinkedIn
from tests.networks.bench import Bench
from tests.standins import linkedin
from tests.standins.linkedin_access import ORGANISATION, fault

POSTS = "POST /rest/posts"
COMMENTS = "POST /rest/socialActions/*/comments"
LIST = "GET /rest/posts"


@contextmanager
def open_bench(request: pytest.FixtureRequest, clock: VirtualClock, folder: Path) -> Iterator[Bench]:
    """One organisation at a stand-in of its own."""
    with linkedin_bench(clock, folder) as bench:
        yield bench


@contextmanager
def linkedin_bench(clock: VirtualClock, folder: Path, author: str = ORGANISATION) -> Iterator[Bench]:
    """The bench of LinkedIn, for an organisation or a person."""
    with linkedin.LinkedIn(now=clock.now, author=author) as standin:
        yield Bench(
            standin=standin,
            build=LinkedIn,
            env=standin.env(),
            address="LINKEDIN_API_BASE",
            folder=folder,
            clock=clock,
            publishing=POSTS,
            answering=COMMENTS,
            reading=LIST,
            too_many={"status": 429},
            # LinkedIn counts by days that begin at midnight UTC.
            listens_at=datetime(2026, 3, 8, tzinfo=UTC),
            refusal={"status": 400, "body": fault(400, "INVALID_CONTENT", says="content does not fit the schema")},
            # LinkedIn refuses the second of two equal posts: that is what a repeated request comes back with. And its
            # yes has no body that could break off: the post is named in a header.
            outcomes={"duplicate": Refused, "drop-in-reply": None},
            # No test looks at a page on the web.
            options={"card": "address"},
            network="linkedin",
        )


def send(bench: Bench, *texts: str, colours: tuple[int, ...] = (), link: str | None = None) -> list[Receipt]:
    """One post, with pictures of these colours; further texts become comments."""
    media = tuple(bench.picture(colour, f"Alt {colour}") for colour in colours)
    return bench.send(bench.connect(), bench.message(*texts, media=media, link=link))


def body(bench: Bench) -> dict[str, object]:
    """The body of the last post that was asked for."""
    found: dict[str, object] = json.loads(bench.standin.requests(POSTS)[-1].body)
    return found
