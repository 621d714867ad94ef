"""What is made from the code is what the code says now."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from socrbot import source
from socrbot.report.problem_codes import all_codes
from tests.docs.pages import ROOT
from tools import docs
from tools.problem_examples import EXAMPLES, WITHOUT

MADE = docs.pages()
HELD_BY = {"config/campaign.yaml": "campaign", "config/accounts.yaml": "accounts", "config/facts.yaml": "facts"}
SHIPPED = sorted(
    path.relative_to(ROOT).as_posix() for folder in ("config", "posts") for path in (ROOT / folder).rglob("*.yaml")
)


@pytest.mark.parametrize("name", MADE)
def test_a_made_page_is_up_to_date(name: str) -> None:
    """Running tools/docs.py would change nothing."""
    path = ROOT / name
    assert path.exists(), f"{name} is missing: run tools/docs.py"
    assert path.read_text(encoding="utf-8") == MADE[name], f"{name} is out of date: run tools/docs.py"


def test_every_problem_code_is_shown_by_a_file_that_has_it() -> None:
    """No code without an example or a reason why there can be none, and no example of a code that is gone."""
    assert set(EXAMPLES) | set(WITHOUT) == set(all_codes())
    assert not set(EXAMPLES) & set(WITHOUT)


def test_every_problem_tells_what_to_do() -> None:
    """By the program's own hint, or by the page."""
    for code, example in EXAMPLES.items():
        assert example.todo or docs.problem_of(code, example).hint, code


def test_the_schemas_are_those_that_the_command_writes() -> None:
    """Nothing else lies in schemas/, and each file is valid as a schema."""
    written = {path.name for path in (ROOT / "schemas").iterdir()}
    assert written == {f"{kind}.schema.json" for kind in source.schemas()}
    for path in (ROOT / "schemas").iterdir():
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_file_names_its_schema_and_fits_it(name: str) -> None:
    """An editor finds the schema by the comment in the first line, and underlines nothing."""
    path = ROOT / name
    text = path.read_text(encoding="utf-8")
    mark = "# yaml-language-server: $schema="
    first = text.splitlines()[0]
    assert first.startswith(mark)
    schema = (path.parent / first.removeprefix(mark)).resolve()
    assert schema == ROOT / "schemas" / f"{HELD_BY.get(name, 'posts')}.schema.json"
    value = yaml.load(text, Loader=yaml.BaseLoader)
    jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(value)


def test_a_block_that_nobody_makes_is_an_error() -> None:
    """A misspelt marker does not stay empty in silence."""
    with pytest.raises(KeyError):
        docs.block("sates")


def test_the_picture_of_the_terminal_fetches_nothing() -> None:
    """It is drawn with the reader's own fonts, and says what it is to those who cannot see it."""
    picture = Path(ROOT / "docs" / "images" / "demo.svg").read_text(encoding="utf-8")
    assert "url(" not in picture.replace("url(#", "")
    assert 'role="img"' in picture
    assert "<title>" in picture
