"""Small campaign folders, written from texts in the test itself, and the problem lines that they give."""

from __future__ import annotations

from pathlib import Path

from socrbot import source

CAMPAIGN = """\
name: Save Our Children's Rights
hashtag: "#SaveOurChildrensRights"
time_zone: Europe/London
links:
  petition: {title: Sign the petition, url: https://example.org/petition}
slots:
  tuesday-morning: tuesday 08:30
"""
ACCOUNTS = """\
accounts:
  x: {network: x}
  facebook: {network: facebook}
"""
FACTS = """\
facts:
  tribunal-success: {statement: Families win most appeals., figure: 98.3%}
"""
CONFIG = {"config/campaign.yaml": CAMPAIGN, "config/accounts.yaml": ACCOUNTS, "config/facts.yaml": FACTS}


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    """Writes files into a folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    (root / "posts").mkdir(exist_ok=True)
    return root


def load(root: Path, files: dict[str, str | bytes]) -> source.Loaded:
    """Loads a folder with the usual config and these files."""
    return source.load(write(root, {**CONFIG, **files}))


def load_post(root: Path, text: str | bytes) -> source.Loaded:
    """Loads a folder with the usual config and one file of posts, p.yaml."""
    return load(root, {"posts/p.yaml": text})


def lines(loaded: source.Loaded) -> list[str]:
    """Each problem as people see it, without the folder, and its hint in a line of its own."""
    shown: list[str] = []
    for problem in loaded.problems:
        shown.append(str(problem).removeprefix("posts/"))
        if problem.hint:
            shown.append(f"  {problem.hint}")
    return shown


def codes(loaded: source.Loaded) -> list[str]:
    """The codes of the problems, in the order of their places."""
    return [problem.code for problem in loaded.problems]


def texts(loaded: source.Loaded) -> dict[str, list[str]]:
    """What each post says, part by part."""
    assert loaded.campaign is not None
    return {post.id: [part.source for part in post.parts] for post in loaded.campaign.posts.values()}
