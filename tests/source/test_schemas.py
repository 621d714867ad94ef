"""The JSON Schemas: an editor takes what the loader takes, and underlines what it refuses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from socrbot import source
from tests.source.folder import codes, load, load_post

EXAMPLES = Path(__file__).parent / "examples"
SCHEMAS = source.schemas()


class EditorLoader(yaml.SafeLoader):
    """Reads scalars as editors do, which follow YAML 1.2: `yes` is a text, and so is a date."""


EditorLoader.yaml_implicit_resolvers = {}
EditorLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|True|TRUE|false|False|FALSE)$"), None)
EditorLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), None)
EditorLoader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+\.[0-9]+$"), None)
EditorLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(~|null|)$"), None)


def errors(kind: str, text: str) -> list[str]:
    """What an editor would underline, read as editors do and as the loader does."""
    validator = Draft202012Validator(SCHEMAS[kind])
    found = []
    for loader in (EditorLoader, yaml.CBaseLoader):
        found.extend(error.message for error in validator.iter_errors(yaml.load(text, Loader=loader)))
    return found


@pytest.mark.parametrize("kind", ["campaign", "accounts", "facts", "posts"])
def test_each_schema_is_one(kind: str) -> None:
    """The schemas are right themselves, and say something of every key."""
    Draft202012Validator.check_schema(SCHEMAS[kind])
    for group in groups(SCHEMAS[kind]):
        assert group["additionalProperties"] is False
        for key, about in group["properties"].items():
            assert about.get("description", "").endswith("."), key
            assert about.get("examples"), key


def groups(node: Any) -> list[dict[str, Any]]:
    """Every group of keys in a schema."""
    if isinstance(node, list):
        return [group for one in node for group in groups(one)]
    if not isinstance(node, dict):
        return []
    return ([node] if "properties" in node else []) + [group for one in node.values() for group in groups(one)]


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.y*ml")), ids=lambda path: path.name)
def test_the_examples_are_accepted(path: Path) -> None:
    """Nothing in the examples is underlined."""
    kind = path.stem if path.parent.name == "config" else "posts"
    assert errors(kind, path.read_text()) == []


def test_the_examples_use_every_key() -> None:
    """There is no key of any file that the examples leave out."""
    written: dict[str, Any] = {"posts": []}
    for path in sorted(EXAMPLES.rglob("*.y*ml")):
        value = yaml.load(path.read_text(), Loader=yaml.CBaseLoader)
        if path.parent.name == "config":
            written[path.stem] = value
        else:
            written["posts"].append(value)
    # `through` stands in the place of two other keys, so it cannot stand beside them.
    used = keys_in(written) | {"through"}
    for schema in SCHEMAS.values():
        for group in groups(schema):
            assert set(group["properties"]) <= used


def keys_in(value: Any) -> set[str]:
    if isinstance(value, list):
        return {key for one in value for key in keys_in(one)}
    if not isinstance(value, dict):
        return set()
    return set(value) | {key for one in value.values() for key in keys_in(one)}


def test_the_examples_of_the_descriptions_are_accepted() -> None:
    """What the schemas give as an example of a key is right by the schema itself."""
    for kind, schema in SCHEMAS.items():
        for group in groups(schema):
            for key, about in group["properties"].items():
                here = {**about, "$defs": schema.get("$defs", {})}
                for example in about["examples"]:
                    assert list(Draft202012Validator(here).iter_errors(example)) == [], (kind, key)


@pytest.mark.parametrize(
    "text",
    [
        "txt: a",
        "text: a\nparts: [b]",
        "when: 2027-03-06 19:00",
        "text: a\nwhen: 7/3/2027 7pm",
        "text: a\nwhen: {every: saturday}",
        "text: a\nwhen: {every: saturday 19:00, untl: 2027-03-01}",
        "text: a\nwhen: {slot: b, every: saturday 19:00}",
        "text: a\nmedia: card.png",
        "text: a\nmedia: [{alt: b}]",
        "text: a\ndraft: perhaps",
        "text: a\norder: five",
        "text: a\ngrace: 2h",
        "id: a b\ntext: c",
        "- text: a",
        "text:",
        "text: a\nvariants: {x: {words: b}}",
        "text: a\nvariants: {x: {}}",
        "text: a\nvariants: {x: {options: {}}}",
        "text: a\nsplit: perhaps",
        "text: a\nwithout_threads: cut",
        "text: a\nlanguage: Welsh",
        "text: a\nmedia: [{file: b, alt: c, focus: [0, 1]}]",
        "just words",
    ],
)
def test_what_the_loader_refuses_is_underlined(text: str, tmp_path: Path) -> None:
    """Mistakes that can be seen without the other files are seen by both."""
    assert errors("posts", text)
    assert codes(load_post(tmp_path, text))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("campaign", "name: a\nhashtag: '#a'\n"),
        ("campaign", "name: a\nhashtag: a\ntime_zone: Europe/London\n"),
        ("campaign", "name: a\nhashtag: '#a'\ntime_zone: Europe/London\nquiet_hours: 21.30-7\n"),
        ("campaign", "name: a\nhashtag: '#a'\ntime_zone: Europe/London\nutm: {utm_source: our page}\n"),
        ("campaign", "name: a\nhashtag: '#a'\ntime_zone: Europe/London\nmedia: {folder: /srv/www}\n"),
        ("campaign", "name: a\nhashtag: '#a'\ntime_zone: Europe/London\nmedia: {through: x, folder: /srv/www}\n"),
        ("accounts", "accounts: {x: {title: a}}\n"),
        ("accounts", "accounts: {x: {network: x, budget: lots}}\n"),
        ("accounts", "accounts: {}\n"),
        ("facts", "facts: {a: {statement: b, checked: today}}\n"),
        ("facts", "facts: {a: {statement: b, source: somewhere}}\n"),
    ],
)
def test_mistakes_in_the_config_are_underlined(kind: str, text: str, tmp_path: Path) -> None:
    """So are those in the files under config/."""
    assert errors(kind, text)
    assert codes(load(tmp_path, {f"config/{kind}.yaml": text}))


def test_the_example_campaign_loads_without_a_problem() -> None:
    """The folder of examples is a whole campaign."""
    loaded = source.load(EXAMPLES)
    assert loaded.problems == ()
    assert loaded.campaign is not None
    assert len(loaded.campaign.posts) == 8
    assert not loaded.campaign.config_unreadable
