"""The server as a process of its own, for tests that kill things."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.pds import POST, count, why_not


@pytest.mark.slow
@pytest.mark.xdist_group("pds")
def test_another_process_can_start_it_and_count_posts(tmp_path: Path) -> None:
    """The ready file names the address and accounts with all that the bot needs; SIGTERM ends it in good order."""
    import requests

    if reason := why_not():
        pytest.skip(reason)
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "tests.pds", "--ready-file", str(ready), "--accounts", "2"]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    try:
        never = threading.Event()
        while not ready.exists() and process.poll() is None:
            never.wait(0.05)
        told = json.loads(ready.read_text())
        url, (first, second) = told["url"], told["accounts"]
        login = {"identifier": first["env"]["BSKY_HANDLE"], "password": first["env"]["BSKY_APP_PASSWORD"]}
        session = requests.post(f"{url}/xrpc/com.atproto.server.createSession", json=login, timeout=20).json()
        record = {"$type": POST, "text": "Hello", "createdAt": "2026-03-07T19:00:00.000Z"}
        requests.post(
            f"{url}/xrpc/com.atproto.repo.createRecord",
            json={"repo": first["did"], "collection": POST, "record": record},
            headers={"Authorization": f"Bearer {session['accessJwt']}"},
            timeout=20,
        ).raise_for_status()
        assert (count(url, first["did"]), count(url, second["did"])) == (1, 0)
    finally:
        process.terminate()
    assert process.wait(20) == 0
    assert ready.stat().st_mode & 0o077 == 0
