"""The campaign's hashtag in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socrbot.text import add_hashtag, count_hashtag, has_hashtag

TAG = "#SaveOurChildrensRights"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Act now.", 0),
        ("Act now #SaveOurChildrensRights", 1),
        ("#saveourchildrensrights!", 1),
        ("＃SaveOurChildrensRights", 1),
        ("#SaveOurChildrensRightsNow", 0),
        ("#SaveOurChildrensRights_2", 0),
        ("SaveOurChildrensRights", 0),
        ("https://example.org/#SaveOurChildrensRights", 0),
        ("#SaveOurChildrensRights and #SAVEOURCHILDRENSRIGHTS", 2),
    ],
)
def test_where_it_counts(text: str, count: int) -> None:
    """In any case, as a word of its own, and not inside an address."""
    assert count_hashtag(text, TAG) == count_hashtag(text, TAG[1:]) == count
    assert has_hashtag(text, TAG) == (count > 0)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Every child has a right to support.", "Every child has a right to support. #Tag"),
        ("One line.\nAnother line.", "One line.\nAnother line. #Tag"),
        ("First paragraph.\n\nSecond paragraph.", "First paragraph.\n\nSecond paragraph.\n\n#Tag"),
        ("Support is law.\n\n#SEND #EHCP", "Support is law.\n\n#SEND #EHCP #Tag"),
        ("Support is law. #SEND", "Support is law. #SEND #Tag"),
        ("Sign the petition:\nhttps://example.org/a", "Sign the petition:\nhttps://example.org/a\n#Tag"),
        ("Sign it.\n\nhttps://example.org/a", "Sign it.\n\nhttps://example.org/a\n\n#Tag"),
        ("You can:\n- sign\n- write", "You can:\n- sign\n- write\n\n#Tag"),
        ("Sign here 👇🏽", "Sign here 👇🏽\n\n#Tag"),
        ("Support is law. #tag", "Support is law. #tag"),
        ("Support is law.  \n", "Support is law. #Tag"),
        ("", "#Tag"),
    ],
)
def test_it_goes_where_it_reads_well(text: str, wanted: str) -> None:
    """It joins hashtags, leaves links and lists alone, and else follows the last sentence."""
    assert add_hashtag(text, "#Tag") == wanted


PIECES = [
    "Support is law.",
    "\n",
    "\n\n",
    " ",
    "#SEND",
    "https://example.org/a",
    "- item",
    "#Tag",
    "#Tags",
    "👇",
    "é",
    "&",
    "@",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=8).map("".join))
def test_it_is_there_once_it_was_added(text: str) -> None:
    """Afterwards the text has it, adding it again changes nothing, and the words before it are kept."""
    after = add_hashtag(text, "#Tag")
    assert count_hashtag(after, "#Tag") == max(1, count_hashtag(text, "#Tag"))
    assert add_hashtag(after, "#Tag") == after
    assert after.startswith(text.rstrip())
