"""The service: it notices edits, ends when told, and a clock that jumps neither repeats nor loses anything."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from socrbot.app import App
from socrbot.clock import SystemClock
from socrbot.delivery import State
from socrbot.ledger import Filter, Ledger
from socrbot.service import Service
from socrbot.settings import load
from tests.whole.bot import environment, socrbot
from tests.whole.campaigns import put, write

pytestmark = pytest.mark.slow
# The service looks at least so often, in seconds; here less than the 15 of every day, so that tests are quick.
BEAT = 1.0
LONDON = ZoneInfo("Europe/London")


class JumpingClock(SystemClock):
    """The computer's clock, which somebody sets forward or back while the bot runs; waiting stays true."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.offset


class Running:
    """A service in a thread. `heard` is its running log, `passes` how many passes it made."""

    def __init__(self, root: Path, clock: SystemClock) -> None:
        self.heard: list[str] = []
        self.changed = threading.Condition()
        self.passes = 0
        self.app = App(load(root, {}), clock=clock, say=self._hear)
        self.service = Service(
            self.app, after=lambda _turn: self._passed(), say=self._hear, signals=False, longest_sleep=BEAT
        )
        self._thread = threading.Thread(target=self.service.run)
        self._thread.start()

    def _hear(self, action: str, **_fields: object) -> None:
        with self.changed:
            self.heard.append(action)
            self.changed.notify_all()

    def _passed(self) -> None:
        with self.changed:
            self.passes += 1
            self.changed.notify_all()

    def wait_for(self, action: str, *, times: int = 1, seconds: float = BEAT + 20) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.heard.count(action) >= times, seconds)

    def wait_for_pass(self) -> None:
        with self.changed:
            before = self.passes
            assert self.changed.wait_for(lambda: self.passes > before, BEAT + 20)

    def end(self) -> None:
        self.service.stop()
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


def at(clock: SystemClock, ahead: timedelta) -> str:
    """A wall time in London so far ahead, in whole minutes, as it is written in a file."""
    return (clock.now() + ahead).astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


@pytest.fixture
def running(tmp_path: Path, clock: JumpingClock) -> Iterator[Running]:
    post = f"when: {at(clock, timedelta(hours=1))}\ntext: In an hour.\n"
    service = Running(write(tmp_path, {"hour.yaml": post}), clock)
    try:
        assert service.wait_for("planned")
        yield service
    finally:
        service.end()


def published(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "data").rglob("*.md"))


def test_a_jump_forward_is_handled_within_its_longest_sleep(
    running: Running, clock: JumpingClock, tmp_path: Path
) -> None:
    """The clock is set an hour forward: what is due by it goes out within 15 seconds, once."""
    running.wait_for_pass()
    began = time.monotonic()
    clock.offset += timedelta(hours=1, minutes=1)
    assert running.wait_for("sent")
    assert time.monotonic() - began < 15
    assert len(published(tmp_path)) == 1


def test_a_jump_back_repeats_nothing_and_the_service_goes_on(
    running: Running, clock: JumpingClock, tmp_path: Path
) -> None:
    """The clock is set back after a post went out: it does not go out again, and new posts still do."""
    clock.offset += timedelta(hours=1, minutes=1)
    assert running.wait_for("sent")
    clock.offset -= timedelta(hours=1)
    running.wait_for_pass()
    put(tmp_path, "posts/new.yaml", f"when: {at(clock, timedelta(minutes=1))}\ntext: After the jump.\n")
    running.wait_for_pass()
    running.wait_for_pass()
    clock.offset += timedelta(minutes=2)
    assert running.wait_for("sent", times=2)
    assert len(published(tmp_path)) == 2


def test_an_edit_is_noticed_without_a_restart(running: Running, clock: JumpingClock, tmp_path: Path) -> None:
    """A file that is changed while the bot runs changes the plan within 15 seconds."""
    put(tmp_path, "posts/hour.yaml", f"when: {at(clock, timedelta(hours=3))}\ntext: Later.\n")
    assert running.wait_for("planned", times=2)
    (delivery,) = running.app.ledger.deliveries(Filter())
    assert delivery.due_at > clock.now() + timedelta(hours=2)


def test_sigterm_ends_it_quickly_and_cleanly(tmp_path: Path) -> None:
    """The service manager's signal ends the process within ten seconds, with exit code 0."""
    write(tmp_path, {"a.yaml": "text: In the queue.\n"})
    process = subprocess.Popen(
        [sys.executable, "-m", "socrbot", "run"],
        env=environment(tmp_path),
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process.stderr as lines:
        assert any('"started"' in line for line in lines)
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(10) == 0
        finally:
            process.kill()
            process.wait()
        rest = lines.read()
    assert '"ended"' in rest
    assert "Traceback" not in rest


def test_overlapping_ticks_share_the_work(tmp_path: Path) -> None:
    """Cron starts a tick while another is at work: each post goes out once."""
    now = datetime.now(UTC)
    due = (now - timedelta(minutes=5)).astimezone(LONDON).strftime("%Y-%m-%d %H:%M")
    posts = "".join(f"- id: p{n}\n  when: {due}\n  text: Number {n}.\n" for n in range(40))
    write(tmp_path, {"posts.yaml": posts})
    from socrbot.clock import VirtualClock
    from tests.whole.bot import Bot

    bot = Bot(tmp_path, clock=VirtualClock(now - timedelta(minutes=30)))
    bot.turn()
    bot.close()
    ticks = [
        subprocess.Popen(
            [sys.executable, "-m", "socrbot", "tick"],
            env=environment(tmp_path),
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for tick in ticks:
        _, errors = tick.communicate(timeout=120)
        assert tick.returncode == 0, errors
    # One more for an account that the others had in hand.
    assert socrbot(tmp_path, "tick").returncode == 0
    assert len(published(tmp_path)) == 40
    with Ledger.open(tmp_path / "data" / "ledger.sqlite", clock=SystemClock(), read_only=True) as ledger:
        assert {d.state for d in ledger.deliveries()} == {State.SENT}
