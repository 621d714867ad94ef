#!/usr/bin/env bash
# Style, types and layers: what `make test` looks at before it runs the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/ruff format --check --quiet .
.venv/bin/ruff check --quiet .
.venv/bin/mypy
.venv/bin/lint-imports --no-cache > .venv/.layers 2>&1 || { cat .venv/.layers; exit 1; }
tail -n 2 .venv/.layers
