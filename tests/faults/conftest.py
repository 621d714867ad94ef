"""The theatre for trials: networks in a process of their own, on SQLite and on a PostgreSQL server for tests."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

from tests.faults.lives import Theatre
from tests.faults.scenes import Postgres
from tests.ledger.conftest import cluster, postgres

__all__ = ["cluster", "postgres"]


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """The networks of one file of tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = Theatre.open(tmp_path_factory.mktemp("theatre"))
    yield opened
    opened.close()


@pytest.fixture
def with_postgres(theatre: Theatre, postgres: str) -> Iterator[Theatre]:
    """The same with a PostgreSQL database for the ledgers."""
    theatre.postgres = Postgres(postgres)
    yield theatre
    theatre.postgres.close()
    theatre.postgres = None
