"""The edges of the adapter for X: what libraries raise, what its import costs, and its stand-in on its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import tweepy.errors
from requests.adapters import BaseAdapter

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, OutcomeUnknown
from socrbot.networks.x import X
from tests.networks.bench import START, Bench
from tests.networks.benches.x import POST, error_of, publish, x_bench
from tests.standins.x import X as Standin

NETWORK = "x"


class Raising(BaseAdapter):
    """A connection that fails in one given way."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def send(self, *_args: Any, **_kwargs: Any) -> requests.Response:
        raise self.error

    def close(self) -> None:
        """Nothing to close."""


def _every_exception() -> Iterator[Exception]:
    answer = requests.Response()
    answer.status_code, answer.reason, answer._content = 418, "teapot", b"{}"
    for kind in vars(tweepy.errors).values():
        if isinstance(kind, type) and issubclass(kind, tweepy.errors.TweepyException):
            yield kind(answer) if issubclass(kind, tweepy.errors.HTTPException) else kind("x")
    for kind in vars(requests.exceptions).values():
        if isinstance(kind, type) and issubclass(kind, requests.RequestException):
            yield kind("x", "y", 0) if issubclass(kind, requests.exceptions.JSONDecodeError) else kind("x")
    yield from (OSError("x"), ValueError("x"), AttributeError("x"), TypeError("x"), RecursionError("x"))


@pytest.mark.parametrize("error", list(_every_exception()), ids=lambda error: type(error).__name__)
def test_no_exception_of_a_library_gets_through(bench: Bench, error: Exception) -> None:
    """Everything that tweepy and requests can raise has a meaning: for a post "not sent" or "in doubt"."""
    network = bench.connect()
    assert isinstance(network, X)
    network._client.session.mount("https://", Raising(error))
    with pytest.raises((NotSent, OutcomeUnknown)):
        network.publish({"text": "x"}, key="k", reply_to=None)
    with pytest.raises(NotSent):
        network.recent(START)


def test_importing_x_costs_nothing() -> None:
    """Limits can be read without loading tweepy or requests."""
    code = "import sys, socrbot.networks.x; print([m for m in ('tweepy', 'requests', 'urllib3') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_stand_in_runs_by_itself(standin: Standin, tmp_path: Path) -> None:
    """Another process can publish to it; each published post is one line of its record."""
    record = tmp_path / "record.jsonl"
    command = [sys.executable, "-m", "tests.standins.x", "--record", str(record), "--fault", f"drop-after@{POST}"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        base = server.stdout.readline().strip()
        bench = x_bench(standin, VirtualClock(datetime.now(UTC)), tmp_path, base=base)
        assert isinstance(error_of(bench, "Lost answer."), OutcomeUnknown)
        publish(bench, "From elsewhere.")
    finally:
        server.terminate()
        server.communicate(timeout=5)
    assert [json.loads(line)["text"] for line in record.read_text().splitlines()] == ["Lost answer.", "From elsewhere."]
