"""The rules of the house that no other tool checks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from socrbot import networks

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "socrbot").rglob("*.py"))
# service.py asks for the time as APScheduler does, which keeps its own clock.
READS_THE_TIME = {"socrbot/clock.py", "socrbot/service.py"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> Iterator[str]:
    """Every call in a file, as it is written: "datetime.now"."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_clock_reads_the_time(path: Path) -> None:
    """`now` is handed in everywhere else."""
    reading = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.monotonic"}
    assert name_of(path) in READS_THE_TIME or not reading & set(calls(path))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_files_are_short_and_say_what_they_are(path: Path) -> None:
    """Under 400 lines, and a docstring at the top."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < 400
    assert name_of(path).split("/")[1:2] == ["ledger"] or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_is_left_unfinished(path: Path) -> None:
    """No note to ourselves, no stub."""
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", networks.NETWORKS)
def test_a_network_is_one_line_in_the_table_and_says_what_it_needs(name: str) -> None:
    """Its variables begin with its prefix, so that a second account can have its own."""
    capable = networks.capabilities(name)
    prefix = networks.NETWORKS[name][2]
    assert all(variable.startswith(f"{prefix}_") for variable in [*capable.needs, *capable.optional])
    assert capable.public == (name != "outbox")


def test_a_second_account_has_variables_of_its_own() -> None:
    """With `env: BSKY_WALES` the handle is read from BSKY_WALES_HANDLE."""
    assert networks.variable("bluesky", "BSKY_HANDLE", "BSKY_WALES") == "BSKY_WALES_HANDLE"
    assert networks.variable("bluesky", "BSKY_HANDLE", None) == "BSKY_HANDLE"
    assert networks.missing("bluesky", prefix="BSKY_WALES", have={"BSKY_WALES_HANDLE"}) == ("BSKY_WALES_APP_PASSWORD",)


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.lock")), ids=name_of)
def test_lock_files_pin_with_hashes_and_name_no_address(lock: Path) -> None:
    """Each package has one version and its hashes."""
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    packages = re.findall(r"^[a-z0-9_.-]+(?:\[[^]]*\])?==[^ ;\\]+.*$", text, re.MULTILINE | re.IGNORECASE)
    assert len(packages) > 20
    assert text.count("--hash=sha256:") >= len(packages)
