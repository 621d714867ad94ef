"""Texts come back as they were written, and every character of them knows its place in the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socrbot.campaign import Post
from socrbot.errors import Place
from socrbot.source.posts import read_posts

# All that a file may hold, without the line ends that YAML knows beside the line feed.
CHARACTERS = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\u2028\u2029\ufffe\uffff"
) | st.sampled_from("\t# :-'\"\\|>&*!{[%@`é😀\n")
TEXTS = st.text(CHARACTERS, max_size=60).filter(lambda text: bool(text.strip()) and all(map(fits, text)))


def fits(char: str) -> bool:
    # The last two characters of each plane are no characters, and YAML refuses them in the first plane only.
    return char in "\n\t" or char >= " "


def post(text: str) -> Post:
    read = read_posts("posts/p.yaml", text, None)
    assert not [one for one in read.problems if one.severity == "error"], read.problems
    return read.posts[0]


def character_at(file: str, place: Place) -> str:
    return (file.split("\n")[place.line - 1] + "\n")[place.column - 1]


def check_every_place(file: str, made: Post) -> None:
    text = made.parts[0]
    for number, line in enumerate(text.source.split("\n"), 1):
        for column, char in enumerate(line, 1):
            assert character_at(file, text.place_of(number, column)) == char, (number, column)


@given(text=TEXTS, indent=st.integers(1, 6), above=st.integers(0, 3))
def test_a_block_text_comes_back_exactly(text: str, indent: int, above: int) -> None:
    """Any text under | is what it was, and each of its characters has its own place."""
    body = "".join(" " * indent + line + "\n" for line in text.split("\n"))
    file = "# comment\n" * above + f"text: |{indent}+\n{body}"
    made = post(file)
    assert made.parts[0].source == text + "\n"
    check_every_place(file, made)


@given(text=TEXTS)
def test_a_double_quoted_text_comes_back_exactly(text: str) -> None:
    """Any text in double quotes, with its escapes, is what it was."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    made = post(f'author: Ann\ntext: "{escaped}"\n')
    assert made.parts[0].source == text
    assert made.parts[0].place == Place("posts/p.yaml", 2, 8)


@given(text=TEXTS.filter(lambda text: "\n" not in text and "'" not in text))
def test_a_single_quoted_text_comes_back_exactly(text: str) -> None:
    """Any line in single quotes is what it was, and each of its characters has its own place."""
    file = f"when: 2027-03-06 19:00\ntext: '{text}'\n"
    made = post(file)
    assert made.parts[0].source == text
    check_every_place(file, made)


@pytest.mark.parametrize(
    "file",
    [
        "text: Act now\n",
        "text:   Act now   # soon\n",
        "text: |\n  One\n\n   Two\n  Three\n",
        "text: |-\n\n\n    One\n    Two\n",
        "- text: |\n    One {{ link('petition') }}\n    Two\n  id: a\n",
        "text: |2\n    One\n  Two\n",
        "parts:\n- |\n  One\n  Two\n",
    ],
)
def test_each_character_has_its_place(file: str) -> None:
    """Plain, quoted and block texts: line and column lead to the character itself."""
    check_every_place(file, post(file))


@pytest.mark.parametrize(
    "file",
    [
        "text: >\n  One two\n  three\n\n  four\n",
        "text: >-\n\n    One two\n    three\n",
        "text: One two\n  three\n    four\n",
        "text: 'One two\n\n  three'\nauthor: Ann\n",
        'text: "One two\n  three"\n',
        "- id: a\n  text: >\n    One {{ x }}\n    two\n- id: b\n  text: c\n",
    ],
)
def test_folded_texts_know_the_lines_they_were_made_of(file: str) -> None:
    """Where YAML joined lines, each word is still found at its place in the file."""
    text = post(file).parts[0]
    for number, line in enumerate(text.source.split("\n"), 1):
        for column, char in enumerate(line, 1):
            if char != " ":
                assert character_at(file, text.place_of(number, column)) == char


def test_every_key_of_a_post_has_its_place() -> None:
    """The places are those of the keys as written; an entry of a list has its own."""
    made = post(
        "# first\n- id: a\n  text: b\n  media:\n    - file: m.png\n      alt: c\n  facts: [law, other]\n"
        "  when: {every: saturday 19:00}\n"
    )
    found = {key: (place.line, place.column) for key, place in made.places.items() if key}
    assert found == {
        "id": (2, 3),
        "text": (3, 3),
        "media": (4, 3),
        "media.0": (5, 7),
        "media.0.file": (5, 7),
        "media.0.alt": (6, 7),
        "facts": (7, 3),
        "facts.0": (7, 11),
        "facts.1": (7, 16),
        "when": (8, 3),
        "when.every": (8, 10),
    }
    assert made.place_of("media.0.consent") == Place("posts/p.yaml", 5, 7)
    assert made.place_of("order") == made.place == Place("posts/p.yaml", 2, 3)
