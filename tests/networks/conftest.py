"""What the networks' tests share: an account at a stand-in or at a real server, for the network that a file is about.

A file about one network says so: `NETWORK = "x"`. The contract's files run through all networks of the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.networks.base import Network
from tests.networks import benches
from tests.networks.bench import START, Bench
from tests.networks.benches.bluesky import BlueskyBench, SignedIn, bench_for, sign_in
from tests.networks.benches.shelf import Shelf, open_shelf
from tests.pds import Pds
from tests.pds.fixture import pds, pds_account

__all__ = ["pds", "pds_account"]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A public place for pictures, as Instagram and Threads need one."""
    with open_shelf() as opened:
        yield opened


@pytest.fixture
def network_name(request: pytest.FixtureRequest) -> str:
    return str(request.module.NETWORK)


@pytest.fixture
def bench(request: pytest.FixtureRequest, network_name: str, clock: VirtualClock, tmp_path: Path) -> Iterator[Bench]:
    """An account; a test leaves no request or answer behind that breaks the vendor's rules."""
    with benches.open_bench(network_name, request, clock, tmp_path / "account") as made:
        yield made
        assert made.standin.violations == []


@pytest.fixture
def own_bench(
    request: pytest.FixtureRequest, network_name: str, clock: VirtualClock, tmp_path: Path
) -> Iterator[Bench]:
    """An account of its own, for a test that does it lasting harm."""
    with benches.open_bench(network_name, request, clock, tmp_path / "own", own=True) as made:
        yield made
        assert made.standin.violations == []


@pytest.fixture
def standin(bench: Bench) -> Any:
    """The server behind the bench."""
    return bench.standin


@pytest.fixture
def network(bench: Bench) -> Network:
    """The adapter, who has introduced itself."""
    adapter = bench.connect()
    adapter.verify()
    return adapter


@pytest.fixture(scope="session")
def signed_in(pds: Pds, tmp_path_factory: pytest.TempPathFactory) -> SignedIn:
    return sign_in(pds, tmp_path_factory.mktemp("bluesky"))


@pytest.fixture
def bluesky(pds: Pds, signed_in: SignedIn, tmp_path: Path) -> Iterator[BlueskyBench]:
    """A bench on an account that tests share, without posts; whoever uses it leaves the login in order."""
    with bench_for(pds, signed_in, tmp_path) as made:
        yield made
        assert made.standin.violations == []


@pytest.fixture
def own_bluesky(pds: Pds, tmp_path: Path) -> Iterator[BlueskyBench]:
    """A bench on an account of its own, for a test that does it lasting harm."""
    with bench_for(pds, sign_in(pds, tmp_path), tmp_path) as made:
        yield made
