"""The PostgreSQL server of the tests, for this room too."""

from __future__ import annotations

from tests.ledger.conftest import cluster, postgres

__all__ = ["cluster", "postgres"]
