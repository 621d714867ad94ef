"""One process of the bot, and what may befall it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path


class Life:
    """`working` is set once it has taken a delivery in hand, `started` once it says that it runs.

    `arguments` are what stands behind `python -m`. What it says in its running log is in `heard`.
    """

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], *, cwd: Path | None = None) -> None:
        self.working, self.started = threading.Event(), threading.Event()
        self.heard: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=dict(env),
            cwd=cwd,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self.heard.append(line)
                if '"claimed"' in line:
                    self.working.set()
                if '"started"' in line:
                    self.started.set()

    def signal(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        self._process.send_signal(number)

    def kill(self) -> bool:
        """Kills it at once; True if it was alive."""
        alive = self._process.poll() is None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        return alive

    def sleep(self, seconds: float) -> None:
        """Stops it in the middle of whatever it does, and lets it go on after a while."""
        assert self._process.poll() is None
        self.signal(signal.SIGSTOP)
        threading.Event().wait(seconds)
        self.signal(signal.SIGCONT)

    def end(self) -> int:
        """Asks it to end, and returns its exit code."""
        self._process.terminate()
        code = self._process.wait(60)
        self._reader.join()
        return code
