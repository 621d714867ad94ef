"""socrbot as it is, on a campaign of its own: ledger, guards, rendering and publisher, with an adapter that only posts.

The adapter speaks plain `http.client` over a connection kept open, as all others who are compared do; socrbot's own
adapters take a new connection for each post, because hours lie between two.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from _posting import post

from socrbot.app import App
from socrbot.clock import SystemClock
from socrbot.delivery import Add, Kind, Wanted
from socrbot.errors import OutcomeUnknown
from socrbot.ledger import Ledger
from socrbot.message import Capabilities, Message, Part, Receipt
from socrbot.networks.base import Payload, Steps
from socrbot.publishing.publisher import Publisher
from socrbot.settings import load

HERE = Path(__file__).resolve().parent.parent
LINE = "the law gives every child with special needs the right to support. #SaveOurChildrensRights"
_CAMPAIGN = """\
name: Benchmark
hashtag: "#SaveOurChildrensRights"
time_zone: Europe/London
language: en-GB
spacing: 0 minutes
"""


def write(root: Path, accounts: list[str], posts: int) -> None:
    """A campaign of so many posts for these accounts; their times are of no interest here."""
    (root / "config").mkdir(parents=True)
    (root / "posts").mkdir()
    (root / "config" / "campaign.yaml").write_text(_CAMPAIGN)
    lines = "".join(f"  {name}: {{network: outbox}}\n" for name in accounts)
    (root / "config" / "accounts.yaml").write_text(f"accounts:\n{lines}")
    when = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d} 12:00"
    made = (f'- id: post-{n}\n  text: "Post {n}: {LINE}"\n  when: {when}\n  author: Ann\n' for n in range(posts))
    (root / "posts" / "all.yaml").write_text("".join(made))


def plan(ledger: Ledger, accounts: list[str], posts: int, *, due: datetime) -> None:
    """Every post on every account, due at one instant."""
    adds = [
        Add(Wanted(f"post-{n}", a, "outbox", "once", Kind.ONCE, due, due, due + timedelta(days=1), "posts/all.yaml", 1))
        for n in range(posts)
        for a in accounts
    ]
    ledger.apply(adds, now=datetime.now(UTC), by="benchmark", planned_until=due, first_seen=(), campaign_digest="x")


@dataclass(frozen=True, slots=True)
class Poster:
    """The adapter: nothing to prepare, one POST."""

    port: int
    capabilities: Capabilities
    name: str = "outbox"

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        return {"text": part.text}

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:  # noqa: ARG002
        try:
            return Receipt(post(self.port, key, str(payload["text"])))
        except Exception as error:
            raise OutcomeUnknown(str(error)) from error


@contextmanager
def bot(root: Path, port: int, database: str | None = None) -> Iterator[tuple[App, Publisher]]:
    """The bot of this campaign, and a publisher of its that posts to the port."""
    env = {} if database is None else {"SOCRBOT_DATABASE_URL": database}
    with closing(App(load(root, env), clock=SystemClock(), say=lambda *_, **__: None)) as app:
        snapshot = app.refresh()
        poster = Poster(port, next(iter(snapshot.capabilities.values())))
        yield app, replace(app.publisher, network=lambda _: poster)  # type: ignore[arg-type,return-value]


def drain(publisher: Publisher, accounts: list[str]) -> int:
    """Sends all that is due, one thread an account. Returns how many were taken in hand."""
    with ThreadPoolExecutor(len(accounts)) as pool:
        return sum(pool.map(lambda account: publisher.drain(account, limit=10**9), accounts))


def names(count: int) -> list[str]:
    return [f"account-{number}" for number in range(count)]
