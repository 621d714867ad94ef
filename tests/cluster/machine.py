"""One machine of a fleet as a process of its own: the worker as the command starts it, with shorter waits.

Run as `python -m tests.cluster.machine SWEEP`, in seconds. The rest is the environment, as for socrbot itself.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from socrbot.app import App
from socrbot.cluster import ServerClock, Worker
from socrbot.logs import configure
from socrbot.settings import load
from socrbot.telling import Teller


def main(sweep: int) -> None:
    settings = load(Path(os.environ["SOCRBOT_CAMPAIGN"]))
    say = configure(redact=settings.redactor(), as_json=True)
    clock = ServerClock()
    app = App(settings, clock=clock, say=say, threads=1)
    Worker(app, clock=clock, after=Teller(app, say=say).after, say=say, concurrency=6, sweep=sweep).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
