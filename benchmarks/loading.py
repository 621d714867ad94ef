"""Loading 10,000 posts with the place of every value, against PyYAML's CSafeLoader alone on the same files.

    python benchmarks/loading.py [--quick]

Both sides read the files from disk and keep what they made; the loader alone makes plain values, without a place and
without a check. Loading pauses the garbage collector by itself, which makes the first ratio better; in the second it is
off on both sides. The last line of a group is a second load with the cache of the first, after one file was edited. In
processor time.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import yaml
from _bench import is_quick, processor, show, show_seconds

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


def compare(root: Path, paths: list[Path], posts: int, rounds: int) -> list[tuple[float, float]]:
    """Processor time of CSafeLoader and of ours, in turns."""
    return [(processor(lambda: baseline(paths)), processor(lambda: ours(root, posts))) for _ in range(rounds)]


def after_an_edit(root: Path, paths: list[Path], posts: int, rounds: int) -> list[float]:
    """The second load over the first, with one file changed in between."""
    ratios = []
    for number in range(rounds):
        cache = source.Cache()
        # A file written a moment ago is not trusted to be unchanged.
        time.sleep(0.1)
        first = processor(lambda: ours(root, posts, cache))  # noqa: B023
        path = paths[number % len(paths)]
        path.write_text(path.read_text().replace("author: Ann", f"author: Ann {number}", 1))
        ratios.append(processor(lambda: ours(root, posts, cache)) / first)  # noqa: B023
    return ratios


def measure(root: Path, posts: int, files: int, rounds: int) -> None:
    paths = write(root, posts, files)
    print(f"{posts:,} posts in {files:,} file{'s' if files > 1 else ''}; {rounds} rounds")
    compare(root, paths, posts, 1)
    pairs = compare(root, paths, posts, rounds)
    with source.collector_paused():
        paused = compare(root, paths, posts, rounds)
    show("load / CSafeLoader", [own / theirs for theirs, own in pairs], goal=0.5)
    show("the same, garbage collector off on both sides", [own / theirs for theirs, own in paused], goal=0.5)
    show_seconds("CSafeLoader", [theirs for theirs, _ in pairs])
    show_seconds("load", [own for _, own in pairs])
    if files > 1:
        show("load again after an edit / first", after_an_edit(root, paths, posts, rounds))


def main() -> None:
    quick = is_quick(__doc__)
    posts, rounds = (200, 1) if quick else (10_000, 5)
    with tempfile.TemporaryDirectory() as folder:
        for files in (1, posts // 100, posts):
            root = Path(folder) / str(files)
            root.mkdir()
            measure(root, posts, files, rounds)


if __name__ == "__main__":
    main()
