"""A PostgreSQL server for the ledger's tests, and one that may be killed, for fleets."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.fleet import Fleet
from tests.cluster.server import Server
from tests.ledger.conftest import BINARIES, cluster, postgres

__all__ = ["cluster", "postgres"]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server with durable settings."""
    if not (BINARIES / "initdb").exists():
        pytest.skip(f"PostgreSQL 15 is not installed ({BINARIES})")
    if importlib.util.find_spec("procrastinate") is None:
        pytest.skip("the extra is not installed: pip install 'socrbot[cluster]'")
    with Server() as running:
        yield running


@pytest.fixture
def fleet(tmp_path: Path, server: Server) -> Iterator[Fleet]:
    """A campaign, its networks, and no machine yet."""
    with Fleet(tmp_path, server) as made:
        yield made
