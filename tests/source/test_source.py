"""The package as a whole: its codes, its cost before the first load, the garbage collector."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from pathlib import Path

import pytest

from socrbot import source
from socrbot.errors import Place
from socrbot.source.problems import problem
from tests.source.folder import CONFIG, write


def test_every_code_in_the_source_is_explained_and_used() -> None:
    """The list of codes and the codes that are given are the same."""
    folder = Path(source.__file__).parent
    text = "".join(path.read_text() for path in folder.glob("*.py") if path.name != "problems.py")
    quoted = set(re.findall(r'"([a-z]+(?:-[a-z]+)+|syntax|repeated)"', text))
    built = {f"unknown-{kind}" for kind in ("account", "link", "slot", "fact")}
    assert set(source.CODES) - quoted - built == set()
    with pytest.raises(KeyError):
        problem("no-such-code", Place("a"), "b")


def test_importing_the_package_loads_neither_yaml_nor_pydantic() -> None:
    """Commands that read no files pay for none of it."""
    code = "import socrbot.source, sys; print([name for name in ('yaml', 'pydantic') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("was_on", [True, False])
def test_the_garbage_collector_is_left_as_it_was(was_on: bool, tmp_path: Path) -> None:
    """Loading pauses it, and puts it back whatever happens."""
    root = write(tmp_path, {**CONFIG, "posts/a.yaml": "text: a\nmedia: [{file: c.png, alt: b}]\n", "c.png": b"1"})

    def inspect(path: Path) -> None:
        assert not gc.isenabled()
        raise OSError(path)

    (gc.enable if was_on else gc.disable)()
    try:
        with pytest.raises(OSError, match=r"c\.png"):
            source.load(root, inspect=inspect)  # type: ignore[arg-type]
        assert gc.isenabled() is was_on
    finally:
        gc.enable()
