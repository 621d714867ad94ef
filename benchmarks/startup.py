"""How long commands take to start, against the least that any program with the same libraries needs.

`socrbot --help` against the help of a bare click program; `status` and `log` against a program that imports click and
SQLAlchemy Core and asks one question of the same database. Processor time of the child processes, side by side.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from _bench import is_quick, show, show_seconds

ROOT = Path(__file__).resolve().parents[1]
GOAL = 1.5
BARE = """\
import click

@click.command()
@click.option("--name", help="Whom to greet.")
def hello(name):
    "Greets somebody."

hello()
"""
ONE_QUESTION = """\
import sys
import click
import sqlalchemy as sa

@click.command()
@click.argument("database")
def ask(database):
    engine = sa.create_engine(f"sqlite:///{database}")
    deliveries = sa.table("deliveries", sa.column("id"), sa.column("post"), sa.column("due_at"))
    with engine.connect() as connection:
        for row in connection.execute(sa.select(deliveries).order_by(deliveries.c.due_at).limit(10)):
            click.echo(str(row))

ask()
"""


def processor(command: Sequence[str], folder: Path) -> float:
    """Seconds of processor time of one child process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "SOCRBOT_CAMPAIGN": str(folder)}
    subprocess.run(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Prints a ratio for each command."""
    rounds = 3 if is_quick(__doc__) else 25
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("config", "posts", "media"):
            shutil.copytree(ROOT / part, folder / part)
        (folder / "bare.py").write_text(BARE)
        (folder / "ask.py").write_text(ONE_QUESTION)
        socrbot = [sys.executable, "-m", "socrbot"]
        ledger = folder / "data" / "ledger.sqlite"
        subprocess.run([*socrbot, "tick"], cwd=folder, capture_output=True, check=True)
        subprocess.run(
            [*socrbot, "publish", "act-petition", "--now", "--yes"], cwd=folder, capture_output=True, check=True
        )
        pairs = {
            "socrbot --help / bare click --help": ([*socrbot, "--help"], [sys.executable, "bare.py", "--help"]),
            "socrbot status / click, one question": ([*socrbot, "status"], [sys.executable, "ask.py", str(ledger)]),
            "socrbot log / click, one question": ([*socrbot, "log"], [sys.executable, "ask.py", str(ledger)]),
        }
        for label, (ours, theirs) in pairs.items():
            times = [(processor(ours, folder), processor(theirs, folder)) for _ in range(rounds + 1)][1:]
            show(label, [ours_took / theirs_took for ours_took, theirs_took in times], goal=GOAL)
            show_seconds("  socrbot", [ours_took for ours_took, _ in times])
            show_seconds("  the other", [theirs_took for _, theirs_took in times])


if __name__ == "__main__":
    main()
