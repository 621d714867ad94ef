"""Finds the vendors' own data, which lies beside the repository and is no part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT.parent / "shared" / "vendor"


def vendor(name: str) -> Path:
    """The path of one of the vendors' files; the test is skipped, with that reason, where it is absent."""
    path = VENDOR / name
    if not path.exists():
        pytest.skip(f"the vendors' data is not here: {name}")
    return path
