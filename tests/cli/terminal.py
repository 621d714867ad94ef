"""A real terminal with somebody at it: what is shown can be read, and keys can be pressed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PATIENCE = 30.0


class Terminal:
    """Runs a command of socrbot in a terminal of its own. Use it as a context manager.

    shown   all that it has shown so far, without colours
    raw     the same with them
    """

    def __init__(self, root: Path, arguments: Sequence[str], env: Mapping[str, str], *, columns: int = 80) -> None:
        self.raw = ""
        self.code: int | None = None
        self._process, self._line = pty.fork()
        if self._process == 0:
            os.chdir(root)
            os.execve(sys.executable, [sys.executable, "-m", "socrbot", *arguments], {**env, "TERM": "xterm-256color"})
        size = struct.pack("HHHH", 40, columns, 0, 0)
        fcntl.ioctl(self._line, termios.TIOCSWINSZ, size)

    @property
    def shown(self) -> str:
        return _STYLE.sub("", self.raw).replace("\r", "")

    def wait_for(self, text: str) -> None:
        """Waits until this is shown. Raises AssertionError where it never is."""
        end = time.monotonic() + _PATIENCE
        while text not in self.shown:
            assert time.monotonic() < end, f"never shown: {text!r} in {self.shown!r}"
            assert self._read() or text in self.shown, f"ended without {text!r}: {self.shown!r}"

    def type(self, keys: str) -> None:
        """Presses keys; "\\x03" is Ctrl-C."""
        os.write(self._line, keys.encode())

    def end(self) -> int:
        """Waits for the command's end; its exit code."""
        end = time.monotonic() + _PATIENCE
        while self._read():
            assert time.monotonic() < end, "it does not end"
        _, status = os.waitpid(self._process, 0)
        self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def _read(self) -> bool:
        ready, _, _ = select.select([self._line], [], [], 1.0)
        if not ready:
            return True
        with contextlib.suppress(OSError):  # what Linux gives at the end
            if more := os.read(self._line, 65_536):
                self.raw += more.decode("utf-8", "replace")
                return True
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, 9)
            os.waitpid(self._process, 0)
        os.close(self._line)


def shows(root: Path, arguments: Sequence[str], env: Mapping[str, str], *, columns: int = 80) -> Terminal:
    """Runs a command to its end in a terminal of so many columns."""
    with Terminal(root, arguments, env, columns=columns) as terminal:
        terminal.end()
    return terminal
