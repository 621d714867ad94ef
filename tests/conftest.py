"""What holds for all tests: which of them `make test-fast` leaves out, and where hypothesis takes its examples from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in each run, so that a change is judged by what it changes. `make search` looks for new ones.
settings.register_profile("same", derandomize=True)
settings.register_profile("search", derandomize=False, print_blob=True)
settings.load_profile("search" if os.environ.get("SOCRBOT_SEARCH") else "same")

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
    """Marks as slow what needs a server, a database or a process of its own."""
    for item in items:
        where = item.path.relative_to(HERE)
        if where.parts[0] in SLOW or where.name in SLOW_FILES:
            item.add_marker(pytest.mark.slow)
