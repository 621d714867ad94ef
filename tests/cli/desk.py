"""Runs commands as a volunteer would: in this process, or as a process of its own where the process is the point."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from socrbot.cli import run
from socrbot.clock import VirtualClock
from tests.whole.bot import Bot

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Done:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)


class Desk:
    """A campaign's folder and somebody who types commands in it. `env` are the variables that are set."""

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        self.root = root
        self.env = dict(env)

    def __call__(self, *arguments: str, typed: str = "") -> Done:
        """Runs one command; `typed` comes through a pipe."""
        out, err = io.StringIO(), io.StringIO()
        with self._there(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            with mock.patch.object(sys, "stdin", io.StringIO(typed)):
                code = run(arguments)
        return Done(code, out.getvalue(), err.getvalue())

    @contextlib.contextmanager
    def _there(self) -> Iterator[None]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TZ") if name in os.environ}
        before = Path.cwd()
        with mock.patch.dict(os.environ, {**kept, "SOCRBOT_PERSON": "Anna", **self.env}, clear=True):
            os.chdir(self.root)
            try:
                yield
            finally:
                os.chdir(before)

    def bot(self, *, since: timedelta = timedelta(0)) -> Bot:
        """A bot on the same folder, on a clock that starts that long ago."""
        return Bot(self.root, env=self.env, clock=VirtualClock(datetime.now(UTC) - since))

    def write(self, name: str, text: str) -> Path:
        """Writes one file of the campaign."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


def wall(ahead: timedelta) -> str:
    """The wall time in London that long from now, as the files write it."""
    return f"{datetime.now(LONDON) + ahead:%Y-%m-%d %H:%M}"
