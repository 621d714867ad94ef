"""What the networks' tests share: Bluesky's real server, and benches on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.networks.bluesky_bench import BlueskyBench, SignedIn, bench_for, sign_in
from tests.pds import Pds
from tests.pds.fixture import pds, pds_account

__all__ = ["pds", "pds_account"]


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
