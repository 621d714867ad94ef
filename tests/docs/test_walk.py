"""README's first own post, typed as it stands there, in a copy of the campaign; Bluesky is left to tests/networks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks

HELLO = next(block.body for block in blocks("yaml") if block.body.startswith("# posts/hello.yaml"))
TYPED = [
    line.removeprefix("$ ")
    for block in blocks("console")
    if block.page.name == "README.md"
    for line in block.body.splitlines()
]


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """What a fresh clone has, with the post that README writes."""
    for name in ("config", "posts", "media"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "posts" / "hello.yaml").write_text(HELLO, encoding="utf-8")
    return tmp_path


def type_in(line: str, campaign: Path) -> subprocess.CompletedProcess[str]:
    """Types a command line of README; a question is answered with yes."""
    assert line in TYPED, f"README does not say: {line}"
    program, *arguments = line.split()
    assert program == "socrbot"
    answers = ["--yes"] if arguments[0] == "publish" else []
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [sys.executable, "-m", "socrbot", *arguments, *answers],
        cwd=campaign,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_first_own_post_goes_as_the_readme_says(campaign: Path) -> None:
    """Check, preview, publish to the outbox, log: each works, and the post is a file afterwards."""
    checked = type_in("socrbot check", campaign)
    assert (checked.returncode, checked.stderr) == (0, "")
    shown = type_in("socrbot preview hello", campaign)
    assert shown.returncode == 0
    assert "#SaveOurChildrensRights" in shown.stdout
    published = type_in("socrbot publish hello --account outbox --now", campaign)
    assert published.returncode == 0, published.stderr
    [file] = (campaign / "data" / "accounts" / "outbox").rglob("*.md")
    assert "Will you join us?" in file.read_text(encoding="utf-8")
    assert "hello" in type_in("socrbot log", campaign).stdout


def test_a_post_that_went_out_on_one_account_may_go_out_on_the_next(campaign: Path) -> None:
    """README publishes it to the outbox and then to Bluesky; in between the check finds no error in it."""
    assert type_in("socrbot publish hello --account outbox --now", campaign).returncode == 0
    checked = type_in("socrbot check", campaign)
    assert (checked.returncode, "posts/hello.yaml" in checked.stdout) == (0, False), checked.stdout
