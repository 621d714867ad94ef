#!/usr/bin/env bash
# Makes the lock files anew: every package pinned with its hashes, for every platform, naming no index.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet uv
compile() { .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-emit-find-links --no-header --no-annotate "$@" pyproject.toml; }
run=(--extra alarms --extra apprise --extra cluster --extra heic --extra postgres --extra video --extra build)
compile --upgrade "${run[@]}" -o requirements/run.lock
# Without the peers of the benchmarks: who wants to measure installs the extra `bench` beside it.
compile "${run[@]}" --extra test -c requirements/run.lock -o requirements/test.lock
