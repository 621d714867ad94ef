"""Loading 10,000 posts with the place of every value, against PyYAML's CSafeLoader alone on the same files.

Run: python benchmarks/loading.py [POSTS] [ROUNDS]. Everything is measured in one run, in turns, so that only the ratios
count. "GC off" switches the garbage collector off for both sides; otherwise loading pauses it itself. The files are
read from disk by both sides, and both keep what they made. The last line of a group is a second load with the cache
of the first, after one file was edited. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from socrbot import source

CONFIG = {
    "config/campaign.yaml": """\
name: Save Our Children's Rights
hashtag: "#SaveOurChildrensRights"
time_zone: Europe/London
links:
  petition: {title: Sign the petition, url: https://example.org/petition}
slots: {tuesday-morning: tuesday 08:30}
default_slot: tuesday-morning
""",
    "config/accounts.yaml": "accounts: {x: {network: x}, facebook: {network: facebook}, bluesky: {network: bluesky}}\n",
    "config/facts.yaml": "facts:\n  tribunal-success: {statement: Families win most appeals., figure: 98.3%}\n",
}
POST = """\
- id: post-{number}
  text: |
    Families win {{{{ fact('tribunal-success').figure }}}} of appeals. Number {number}.
    The law is on our children's side, and it has to stay there. #SaveOurChildrensRights
  when: 2027-03-{day:02} {hour:02}:30
  accounts: [x, facebook]
  link: petition
  author: Ann
  order: {number}
"""


def write(root: Path, posts: int, files: int) -> list[Path]:
    """A campaign of so many posts in so many files."""
    for name, text in CONFIG.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "posts").mkdir()
    made = []
    for index in range(files):
        numbers = range(index * posts // files, (index + 1) * posts // files)
        path = root / "posts" / f"{index:06}.yaml"
        path.write_text("".join(POST.format(number=n, day=n % 28 + 1, hour=n % 24) for n in numbers))
        made.append(path)
    return made


def baseline(paths: list[Path]) -> list[object]:
    """What CSafeLoader makes of the files, without a place and without a check. All of it is kept, as ours is."""
    made = []
    for path in paths:
        with path.open("rb") as file:
            made.append(yaml.load(file, Loader=yaml.CSafeLoader))
    return made


def ours(root: Path, posts: int, cache: source.Cache | None = None) -> source.Loaded:
    """The whole campaign; any problem would make the figures worthless."""
    loaded = source.load(root, cache=cache)
    assert loaded.campaign is not None
    assert len(loaded.campaign.posts) == posts, loaded.problems[:3]
    assert not loaded.problems, loaded.problems[:3]
    return loaded


def seconds(action: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def show(label: str, numbers: list[float], limit: float) -> bool:
    """Prints the median of some ratios with the least and the greatest; whether it keeps the limit."""
    median = statistics.median(numbers)
    verdict = "ok" if median <= limit else "TOO SLOW"
    print(f"  {label:<34} {median:5.3f}  ({min(numbers):.3f} to {max(numbers):.3f})  limit {limit}  {verdict}")
    return median <= limit


def compare(root: Path, paths: list[Path], posts: int, *, rounds: int) -> tuple[list[float], float, float]:
    ratios, theirs, own = [], [], []
    for _ in range(rounds):
        theirs.append(seconds(lambda: baseline(paths)))
        own.append(seconds(lambda: ours(root, posts)))
        ratios.append(own[-1] / theirs[-1])
    return ratios, statistics.median(theirs), statistics.median(own)


def after_an_edit(root: Path, paths: list[Path], posts: int, *, rounds: int) -> list[float]:
    """The second load over the first, with one file changed in between."""
    ratios = []
    for number in range(rounds):
        cache = source.Cache()
        # A file written a moment ago is not trusted to be unchanged.
        time.sleep(0.1)
        first = seconds(lambda: ours(root, posts, cache))  # noqa: B023
        path = paths[number % len(paths)]
        path.write_text(path.read_text().replace("author: Ann", f"author: Ann {number}", 1))
        ratios.append(seconds(lambda: ours(root, posts, cache)) / first)  # noqa: B023
    return ratios


def main() -> int:
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    fine = True
    with tempfile.TemporaryDirectory() as folder:
        for files in (1, posts // 100, posts):
            root = Path(folder) / str(files)
            root.mkdir()
            paths = write(root, posts, files)
            print(f"{posts:,} posts in {files:,} file{'s' if files > 1 else ''}; {rounds} rounds")
            ratios, theirs, own = compare(root, paths, posts, rounds=rounds)
            fine &= show("load / CSafeLoader", ratios, 0.5)
            gc.disable()
            try:
                ratios, theirs_off, own_off = compare(root, paths, posts, rounds=rounds)
            finally:
                gc.enable()
            fine &= show("load / CSafeLoader, GC off", ratios, 0.5)
            print(
                f"  seconds: CSafeLoader {theirs:.2f} (GC off {theirs_off:.2f}), load {own:.2f} (GC off {own_off:.2f})"
            )
            if files > 1:
                ratios = after_an_edit(root, paths, posts, rounds=rounds)
                fine &= show("load again after an edit / first", ratios, 0.1)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
