"""Which tests `make test-fast` leaves out: all that need a server, a database or a process of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SLOW = ("cli", "cluster", "deploy", "faults", "ledger", "networks", "simulation", "whole")
SLOW_FILES = (
    "test_benchmarks.py",
    "test_hosting.py",
    "test_http.py",
    "test_media.py",
    "test_media_leaks.py",
    "test_media_problems.py",
    "test_media_store.py",
    "test_media_video.py",
    "test_walk.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks them as slow, whatever they say themselves."""
    for item in items:
        where = item.path.relative_to(HERE)
        if where.parts[0] in SLOW or where.name in SLOW_FILES:
            item.add_marker(pytest.mark.slow)
