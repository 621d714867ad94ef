"""Told to stop, the bot ends within ten seconds, and leaves nothing that nobody knows of."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.delivery import State
from socrbot.ledger import Filter
from tests.cli.desk import wall
from tests.standins.x import KEYS, X
from tests.whole.bot import Bot, environment
from tests.whole.campaigns import write

HALF_AN_HOUR = timedelta(minutes=30)


@contextmanager
def running(root: Path, **env: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "socrbot", "run"],
        env=environment(root, **env),
        cwd=root,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("acts", [True, False])
def test_a_network_that_does_not_answer_holds_nothing_up(tmp_path: Path, acts: bool) -> None:
    """The answer is given up, the delivery is looked for at the next start, and it goes out once, whatever happened."""
    with X() as x:
        env = {**KEYS, "X_API_BASE": x.base, "SOCRBOT_SETTLE_SECONDS": "1"}
        write(tmp_path, {"hello.yaml": f"text: Hello.\nwhen: {wall(timedelta(0))}\n"}, accounts={"x": "x"})
        before = Bot(tmp_path, env=env, clock=VirtualClock(datetime.now(UTC) - HALF_AN_HOUR))
        before.go_live("x")
        before.turn()
        before.close()
        x.fault("delay" if acts else "delay-before", match="POST /2/tweets")
        with running(tmp_path, **env) as process:
            assert process.stderr is not None
            assert any('"sending"' in line for line in process.stderr)
            assert x.wait_until(lambda: bool(x.published) is acts)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0
            assert time.monotonic() - began < 10
        later = Bot(tmp_path, env=env, clock=VirtualClock(datetime.now(UTC)))
        (delivery,) = later.app.ledger.deliveries(Filter())
        assert (delivery.state, delivery.reason) == (State.UNKNOWN, "stopped")
        later.run_until(later.clock.now() + HALF_AN_HOUR, step=timedelta(minutes=2))
        assert [d.state for d in later.deliveries()] == [State.SENT]
        assert len(x.published) == 1
        later.close()


def test_the_service_manager_is_told(tmp_path: Path) -> None:
    """Ready after the first pass, alive after each, and stopping when it was told to."""
    write(tmp_path, {"a.yaml": "text: In the queue.\n"})
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        with running(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify")) as process:
            assert [manager.recv(100), manager.recv(100)] == [b"READY=1", b"WATCHDOG=1"]
            process.send_signal(signal.SIGTERM)
            told = manager.recv(100)
            while told != b"STOPPING=1":
                told = manager.recv(100)
            assert process.wait(10) == 0
