"""What an edit, and what nothing at all, costs the running service.

    python benchmarks/service.py [--quick]

A real bot on SQLite with five connected accounts and 10,000 posts, in 100 files and in 10,000. First it sees all of
them for the first time (reads, checks, plans, writes every delivery to the ledger, looks at the coming day); then one
post is edited, and it does the same again. The ratio is the second over the first, in processor time; what the disk
adds to the first is left out, which makes the ratio worse, not better. Last come passes in which nothing is new.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import _campaign
from _bench import is_quick, processor, show, show_seconds

from socrbot.app import App
from socrbot.clock import VirtualClock
from socrbot.delivery import State
from socrbot.settings import load

WORDS = "the law gives every child"


@contextmanager
def bot(root: Path) -> Iterator[App]:
    """A bot whose accounts may speak, on a clock of its own."""
    settings = load(root, _campaign.ENV)
    with closing(App(settings, clock=VirtualClock(_campaign.NOW), say=lambda *_, **__: None)) as app:
        for account in _campaign.ACCOUNTS:
            app.ledger.go_live(account, account.split("-")[0], None, by="benchmark", now=_campaign.NOW)
        yield app


def sync(app: App) -> None:
    """What a pass does before it publishes."""
    app.turn(wait=True)


def edited_wording(path: Path, number: int) -> None:
    """Another word in one post of the file."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(WORDS, f"the law ({number}) gives every child", 1), encoding="utf-8")


def edited_time(path: Path, number: int) -> None:
    """Another time for one post of the file."""
    text = path.read_text(encoding="utf-8")
    start = text.index("when: 20") + len("when: ")
    path.write_text(f"{text[:start]}2026-11-25 12:{number:02}{text[start + 16 :]}", encoding="utf-8")


def after(app: App, edit: Callable[[Path, int], None], paths: list[Path]) -> list[float]:
    """Processor time of the pass after an edit, for some files. Each pass before it has come to rest."""
    found = []
    for number, path in enumerate(paths):
        settle(app)
        edit(path, number)
        found.append(processor(lambda: sync(app)))
    return found


def settle(app: App) -> None:
    """Passes until nothing is new: a file that changed a moment ago is not yet trusted to stay as it is."""
    time.sleep(0.1)
    sync(app)
    sync(app)


def idle(app: App, passes: int) -> list[float]:
    """Processor time of passes a quarter of a minute apart. Every five minutes one of them plans anew all the same."""
    settle(app)
    found = []
    for _ in range(passes):
        app.clock.advance(timedelta(seconds=15))  # type: ignore[attr-defined]
        began = time.process_time()
        sync(app)
        found.append(time.process_time() - began)
    return found


def measure(posts: int, files: int, *, rounds: int, edits: int) -> None:
    firsts, words, times, rests = [], [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            paths = _campaign.write(Path(folder), posts, files=files)
            chosen = [path for path in paths if "when: 20" in path.read_text(encoding="utf-8")]
            step = max(1, len(chosen) // edits)
            with bot(Path(folder)) as app:
                first = processor(lambda: sync(app))
                firsts.append(first)
                words += [seconds / first for seconds in after(app, edited_wording, chosen[::step][:edits])]
                times += [seconds / first for seconds in after(app, edited_time, chosen[::step][:edits])]
                rests += idle(app, 40)
                planned = app.ledger.counts()[State.PLANNED]
    print(f"{posts:,} posts in {files:,} files, 5 accounts, {planned:,} deliveries; {rounds} rounds")
    show_seconds("first pass", firsts)
    show("pass after an edit of a wording / first", words, goal=0.1)
    show("pass after an edit of a time / first", times, goal=0.1)
    show("idle pass / first", [seconds / statistics.median(firsts) for seconds in rests])
    show_seconds("idle pass, the median", rests)
    show_seconds("idle pass, the mean", [statistics.fmean(rests)])


def warm_up() -> None:
    """Lets every module be imported, so that the first pass is not charged with it."""
    with tempfile.TemporaryDirectory() as folder:
        _campaign.write(Path(folder), 20, files=2)
        with bot(Path(folder)) as app:
            sync(app)


def main() -> None:
    quick = is_quick(__doc__)
    warm_up()
    for files in (3, 300) if quick else (100, 10_000):
        measure(300 if quick else 10_000, files, rounds=1 if quick else 2, edits=2 if quick else 5)


if __name__ == "__main__":
    main()
