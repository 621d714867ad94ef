"""Runs every benchmark, one after the other, each as a program of its own.

python benchmarks [--quick]
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from _bench import is_quick

HERE = Path(__file__).resolve().parent


def main() -> int:
    options = ["--quick"] if is_quick(__doc__) else []
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors")
    began, failed = time.perf_counter(), []
    for path in sorted(HERE.glob("[a-z]*.py")):
        print(f"\n== benchmarks/{path.name}", flush=True)
        if subprocess.run([sys.executable, str(path), *options], check=False).returncode:
            failed.append(path.name)
    print(f"\n{time.perf_counter() - began:.0f} seconds in all", *(f"- failed: {name}" for name in failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
