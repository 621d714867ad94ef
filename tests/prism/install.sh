#!/bin/sh
# Installs prism in .e2e/prism: it holds what the bot says to X, and what its stand-in answers, to X's own document.
# Called by `make test`; safe to call at any time. What is installed already is used again as long as
# package-lock.json is the same. Where npm is missing, the tests that need prism are skipped with that reason.
#
# To move to another version: edit package.json, then run in this folder
#   npm install --package-lock-only --omit-lockfile-registry-resolved
# so that the lock file has digests but names no place to download from.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$here/../.." && pwd)/.e2e/prism
mkdir -p "$target"

if [ "${1:-}" != "--locked" ]; then
    exec flock "$target/.busy" "$0" --locked
fi

stamp() {
    sha256sum "$here/package-lock.json" | cut -d ' ' -f 1
}

if [ "$(cat "$target/installed" 2>/dev/null || true)" = "$(stamp)" ]; then
    exit 0
fi
if ! command -v npm >/dev/null; then
    echo "prism needs npm, which is not here: apt-get install npm" | tee "$target/missing" >&2
    exit 0
fi
rm -f "$target/missing" "$target/installed"

echo "Installing prism, which checks requests against X's own document (seconds, 90 MB, only once) ..." >&2
cp "$here/package.json" "$here/package-lock.json" "$target/"
cd "$target"
npm ci --no-audit --no-fund --loglevel=error
stamp >"$target/installed"
