"""The benchmarks still run. What they measure is another matter: this looks at no number."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = sorted(path.name for path in (ROOT / "benchmarks").glob("[a-z]*.py"))
# A label, and behind it a time, or a ratio with its spread.
LINE = re.compile(r"^ +\S.*? {2,}[\d,.]+(?: m?s\b| {2}\([\d,.]+ to [\d,.]+\))", re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_each_benchmark_prints_its_table(name: str) -> None:
    """`--quick` ends well within a minute, says what is measured, and prints its lines."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / name), "--quick"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(LINE.findall(done.stdout)) >= 3, done.stdout


def test_the_page_on_speed_names_every_benchmark() -> None:
    """docs/performance.md says of each what it gave."""
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert [name for name in SCRIPTS if f"benchmarks/{name}" not in page] == []
