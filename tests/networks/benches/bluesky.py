"""A bench for Bluesky: one account on the real server, and a server between that can lose what it should not."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.networks.base import Equipment
from socrbot.networks.bluesky import Bluesky
from tests.networks.bench import START, Bench
from tests.pds import Account, Pds
from tests.pds.between import Between

FAMILY = "👨‍👩‍👧‍👦"
RICH = f"{FAMILY} ŵ – “98.3%” of families win. #SaveOurChildrensRights\nhttps://example.org/petition?a=1&b=ŵ#c and"

PUT = "com.atproto.repo.putRecord"
SIGN_IN = "com.atproto.server.createSession"
REFRESH = "com.atproto.server.refreshSession"
MARKS = [pytest.mark.xdist_group("pds")]
LISTENS_AT = datetime(2026, 3, 7, 19, 5, tzinfo=UTC)


@dataclass
class BlueskyBench(Bench):
    """`between` is the server between, `pds` the real one, `account` the account on it."""

    between: Between = None  # type: ignore[assignment]
    pds: Pds = None  # type: ignore[assignment]
    account: Account = None  # type: ignore[assignment]

    @property
    def session(self) -> dict[str, Any]:
        """The login as the adapter keeps it in its file."""
        return dict(json.loads((self.folder / "session.json").read_text()))

    def change_session(self, **values: Any) -> None:
        """Changes the kept login behind the adapter's back."""
        (self.folder / "session.json").write_text(json.dumps({**self.session, **values}))

    def secrets(self) -> set[str]:
        """Those of the settings, and those of the login."""
        return super().secrets() | {self.session["access"], self.session["refresh"]}

    def revoke(self) -> None:
        """Takes the app password back, and waits: the server lets a login live on for two hours."""
        self.pds.revoke(self.account)
        later(self, 3)

    def records(self) -> list[dict[str, Any]]:
        """What the real server has, asked directly."""
        return self.pds.records(self.account.did)


@dataclass
class SignedIn:
    """An account, the port of the server between, and the login that the bot made through it."""

    account: Account
    port: int
    session: bytes


def sign_in(pds: Pds, folder: Path) -> SignedIn:
    """A new account that the bot has signed in to once: that takes a second, so tests that leave it whole share it."""
    account = pds.account()
    with Between(pds, account.did) as between:
        env = {**account.env, "BSKY_SERVICE": between.base}
        Bluesky(Equipment("account", env, {}, VirtualClock(START), lambda _: b"", folder)).verify()
        return SignedIn(account, int(between.base.rpartition(":")[2]), (folder / "session.json").read_bytes())


@contextlib.contextmanager
def open_bench(request: pytest.FixtureRequest, clock: VirtualClock, folder: Path) -> Iterator[BlueskyBench]:
    """On the account that tests share."""
    pds, signed_in = request.getfixturevalue("pds"), request.getfixturevalue("signed_in")
    with bench_for(pds, signed_in, folder, clock=clock) as bench:
        yield bench


@contextlib.contextmanager
def open_own_bench(request: pytest.FixtureRequest, clock: VirtualClock, folder: Path) -> Iterator[BlueskyBench]:
    """On an account of its own: a password that was taken back cannot be given again."""
    pds = request.getfixturevalue("pds")
    with bench_for(pds, sign_in(pds, folder), folder, clock=clock) as bench:
        yield bench


@contextlib.contextmanager
def bench_for(
    pds: Pds, signed_in: SignedIn, folder: Path, *, clock: VirtualClock | None = None
) -> Iterator[BlueskyBench]:
    """A bench on an account without posts. What becomes of its login is kept for the next."""
    account = signed_in.account
    pds.clear(account)
    # Each test has a clock of its own, so what the one before renewed is not younger than the test.
    fresh = {**json.loads(signed_in.session), "renew_at": START.timestamp() + timedelta(hours=1).total_seconds()}
    (folder / "session.json").write_text(json.dumps(fresh))
    with Between(pds, account.did, port=signed_in.port) as between:
        yield BlueskyBench(
            standin=between,
            between=between,
            pds=pds,
            account=account,
            build=Bluesky,
            env={**account.env, "BSKY_SERVICE": between.base},
            address="BSKY_SERVICE",
            folder=folder,
            clock=clock or VirtualClock(START),
            publishing=f"POST /xrpc/{PUT}",
            reading="GET /xrpc/com.atproto.repo.getRecord",
            too_many={
                "status": 429,
                "headers": {"ratelimit-reset": str(int(LISTENS_AT.timestamp()))},
                "body": {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"},
            },
            refusal={"status": 400, "body": {"error": "InvalidRequest", "message": "Invalid record"}},
            listens_at=LISTENS_AT,
            # A repeated request finds the record as it is: the server says yes and does nothing.
            outcomes={"duplicate": None},
            # Anybody may read posts on the account's server.
            open_to_all=True,
        )
    signed_in.session = (folder / "session.json").read_bytes()


def later(bench: Bench, hours: float) -> None:
    """Time passes."""
    bench.clock.advance(timedelta(hours=hours))
