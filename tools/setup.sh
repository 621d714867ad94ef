#!/usr/bin/env bash
# Makes .venv and installs what the bot needs (run) or what its tests need as well (test), from the hashed lock files.
# As root on Debian it also installs missing Debian packages; otherwise it says which ones to ask for.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-run}

say() { printf '%s\n' "$*" >&2; }

debian() { # debian "why" package...: installs packages that are missing, if that is allowed
    local why=$1 missing=() package
    shift
    command -v dpkg-query >/dev/null || return 1
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        say "Missing, $why: ${missing[*]}. Ask an administrator to run: apt-get install ${missing[*]}"
        return 1
    fi
    say "Installing ${missing[*]} ($why) ..."
    apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    say "socrbot needs Python 3.11 or newer, and there is none here."
    exit 1
}

make_venv() {
    local python
    python=$(find_python)
    "$python" -c 'import ensurepip' 2>/dev/null || debian "to make a Python environment" python3-venv || exit 1
    say "Making the Python environment in .venv ..."
    "$python" -m venv .venv
}

install_lock() { # install_lock NAME: requirements/NAME.lock, unless it is in place already
    local lock=requirements/$1.lock stamp=.venv/.$1-ready
    [ -f "$stamp" ] && cmp -s "$lock" "$stamp" && return
    say "Installing the packages of $lock ..."
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e . 2>/dev/null ||
        .venv/bin/python -m pip install --no-deps --no-build-isolation -e .
    cp "$lock" "$stamp"
}

[ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null || make_venv
if [ "$what" = test ]; then
    install_lock test
    cp requirements/run.lock .venv/.run-ready
    debian "for the tests on PostgreSQL" postgresql || true
    debian "to look for hidden data in what is sent" libimage-exiftool-perl || true
    bash tests/pds/install.sh
    bash tests/prism/install.sh
else
    install_lock run
fi
