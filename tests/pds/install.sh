#!/bin/sh
# Installs the Bluesky server that the tests talk to, in .e2e/pds. Called by `make test`; safe to call at any time.
#
# What is installed already is used again as long as package-lock.json and Node's binary interface are the same.
# As root, Debian packages that are missing are installed. Otherwise this says what to ask for, and the tests that
# need the server are skipped with that reason.
#
# Node: @atproto/pds 0.4.217 asks for 18.7 or newer, which Debian 12 has (18.20). The next series, 0.5, needs 22.
# Some packages of the S3 store, which the tests do not use, ask for Node 20; npm warns of that and goes on.
#
# To move to other versions: edit package.json, then run in this folder
#   npm install --package-lock-only --omit-lockfile-registry-resolved
# so that the lock file has digests but names no place to download from.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$here/../.." && pwd)/.e2e/pds
mkdir -p "$target"

if [ "${1:-}" != "--locked" ]; then
    exec flock "$target/.busy" "$0" --locked
fi

stamp() {
    echo "$(sha256sum "$here/package-lock.json" | cut -d ' ' -f 1) $(node -p process.versions.modules)"
}

if command -v node >/dev/null && [ "$(cat "$target/installed" 2>/dev/null || true)" = "$(stamp)" ]; then
    exit 0
fi

missing() {
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
    [ -e /usr/include/node/node.h ] || echo libnode-dev
    for tool in g++ make python3; do
        command -v "$tool" >/dev/null || echo "$tool"
    done
}

packages=$(missing | tr '\n' ' ')
if [ -n "$packages" ] && [ "$(id -u)" -ne 0 ]; then
    reason="the Bluesky test server needs packages that only an administrator can install: apt-get install $packages"
    echo "$reason" >"$target/missing"
    echo "$reason" >&2
    exit 0
fi
if [ -n "$packages" ]; then
    apt-get update -q
    # shellcheck disable=SC2086  # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $packages
fi
rm -f "$target/missing"

echo "Installing the Bluesky test server (about a minute, 250 MB, only once) ..." >&2
rm -f "$target/installed"
cp "$here/package.json" "$here/package-lock.json" "$target/"
cd "$target"
# The database module is compiled against Node's own headers, which saves a download.
npm_config_nodedir=/usr npm ci --no-audit --no-fund --loglevel=error
stamp >"$target/installed"
