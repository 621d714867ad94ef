"""The builder makes of YAML what PyYAML makes of it, and nothing that a file holds can make it fall over."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot import source
from socrbot.source.events import Document
from socrbot.source.files import decode
from socrbot.source.posts import read_posts
from socrbot.source.problems import CODES, Unreadable
from tests.source.folder import CONFIG, write


class NoAliases(yaml.SafeDumper):
    """Writes the same list twice rather than an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t :#-'"), max_size=20
)
KEYS = st.text("abcdefgh é:#-", min_size=1, max_size=8)
DATA = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)


def values(text: str) -> Any:
    items = list(Document("p.yaml", text).items())
    assert not [one for item in items for one in item.problems if one.code != "lost-comment"]
    return [item.value for item in items] if items and items[0].listed else items[0].value


@given(data=DATA, style=st.sampled_from([None, '"', "'", "|", ">"]), flow=st.sampled_from([None, True, False]))
def test_values_are_those_of_pyyaml(data: Any, style: str | None, flow: bool | None) -> None:
    """What any style of YAML says comes out as CBaseLoader has it, texts all the way."""
    text = yaml.dump(data, Dumper=NoAliases, default_style=style, default_flow_style=flow, allow_unicode=True)
    expected = yaml.load(text, Loader=yaml.CBaseLoader)
    assert (values(text) if expected != [] else []) == expected


@given(content=st.binary(max_size=200))
def test_random_bytes_give_problems_and_never_an_accident(content: bytes) -> None:
    """Whatever bytes a file holds, there is a result."""
    check_result(content)


@given(text=st.text("-:{}[]#&*!|>'\"%@` \n\tab?,", max_size=60))
def test_random_signs_give_problems_and_never_an_accident(text: str) -> None:
    """The signs that mean something to YAML, in any order, give a result."""
    check_result(text.encode())


def check_result(content: bytes) -> None:
    try:
        text = decode("posts/p.yaml", content)
    except Unreadable:
        return
    read = read_posts("posts/p.yaml", text, None)
    assert read.posts or read.problems or not list(Document("p", text).items())
    for one in read.problems:
        assert one.code in CODES
        assert one.place.line <= text.count("\n") + 2


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_campaign_never_stops_the_loading(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Good files in which some bytes were changed give problems, never an exception."""
    rng = random.Random(seed)
    example = Path(__file__).parent / "examples"
    files: dict[str, str | bytes] = dict(CONFIG)
    for path in sorted(example.rglob("*.y*ml")):
        content = bytearray(path.read_bytes())
        for _ in range(rng.randrange(4)):
            content[rng.randrange(len(content))] = rng.choice(b"\n\t :#-'\"{}[]&*!|>%@`?,x\xff\x00")
        files[str(path.relative_to(example))] = bytes(content)
    loaded = source.load(write(tmp_path_factory.mktemp("damaged"), files))
    assert all(one.code in CODES for one in loaded.problems)


def test_an_alias_bomb_is_refused_at_once() -> None:
    """Aliases are never followed, so nine lines cannot become millions of values."""
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    read = read_posts("posts/p.yaml", bomb, None)
    assert {one.code for one in read.problems} == {"yaml-alias", "unknown-key"}
    assert not read.posts


def test_deep_nesting_is_refused() -> None:
    """Ten thousand brackets end in one problem."""
    read = read_posts("posts/p.yaml", "text: " + "[" * 10_000, None)
    assert [one.code for one in read.problems] == ["too-deep"]
