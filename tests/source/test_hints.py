"""Hints that name what to write: whoever follows one to the letter has no problem left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.source.folder import CAMPAIGN, lines, load, load_post

PICTURE = b"\xff\xd8\xff"
HEAD = "text: Act now\nmedia:\n"


@pytest.mark.parametrize(
    "entry",
    [
        "  - {file: media/wide.jpg, alt: A card, focus: [0.2, -0.5]}\n",
        "  - file: media/wide.jpg\n    alt: A card\n    focus: [0.2, -0.5]\n",
    ],
)
def test_a_focus_as_a_list_is_proposed_as_one_text(entry: str, tmp_path: Path) -> None:
    """The proposed key and value are right in both ways to write a picture, with no brace inside the quotes."""
    files: dict[str, str | bytes] = {"media/wide.jpg": PICTURE}
    told = lines(load(tmp_path, {**files, "posts/p.yaml": HEAD + entry}))
    assert told[1] == '  write: focus: "0.2, -0.5"'
    mended = entry.replace("focus: [0.2, -0.5]", told[1].removeprefix("  write: "))
    assert lines(load(tmp_path, {**files, "posts/p.yaml": HEAD + mended})) == []


def test_a_focus_that_braces_cut_in_two_is_told_to_need_quotes(tmp_path: Path) -> None:
    """Both halves say so; without quotes YAML makes a key of the second."""
    entry = "  - {file: media/wide.jpg, alt: A card, focus: 0.2, -0.5}\n"
    told = lines(load(tmp_path, {"media/wide.jpg": PICTURE, "posts/p.yaml": HEAD + entry}))
    assert [line for line in told if "quotes" in line and '"0.2, -0.5"' in line] == told[1::2]
    assert len(told) == 4


def test_a_description_in_brackets_within_braces_keeps_its_brace_outside(tmp_path: Path) -> None:
    """What stands in the brackets is quoted, and nothing behind it."""
    told = lines(load_post(tmp_path, HEAD + "  - {file: media/wide.jpg, alt: [A card]}\n"))
    assert told[1] == '  write: alt: "[A card]"'


@pytest.mark.parametrize("written", ["wide.jpg", "Media/Wide.JPG", "media/WIDE.jpg", "media/sub/wide.jpg"])
def test_a_picture_is_found_in_its_folder_whatever_its_capitals(written: str, tmp_path: Path) -> None:
    """The hint names the file that is meant, and none of those beside the campaign."""
    entry = f"  - file: {written}\n    alt: A card\n"
    files: dict[str, str | bytes] = {"media/wide.jpg": PICTURE, "Makefile": "all:\n", "posts/p.yaml": HEAD + entry}
    assert lines(load(tmp_path, files))[1] == '  did you mean "media/wide.jpg"?'


@pytest.mark.parametrize(
    ("post", "hint"),
    [
        ("options: {card: yes}\n", 'it belongs under "variants:" and the name of an account or a network'),
        ("only_with_media: yes\n", 'it belongs under "accounts:" and the name of the account, in config/accounts.yaml'),
        ("utm: {utm_source: x}\n", "it belongs in config/campaign.yaml"),
        ("alt: A card\n", 'it belongs under "media:", behind the picture\'s file:'),
        ("variants:\n  x:\n    card: yes\n", 'what only one network understands stands under "options:"'),
    ],
)
def test_a_key_that_is_right_elsewhere_is_told_its_place(post: str, hint: str, tmp_path: Path) -> None:
    """The file and the key above it, in the place of a list of other keys."""
    assert lines(load_post(tmp_path, "text: Act now\n" + post))[1].strip().startswith(hint)


@pytest.mark.parametrize(("written", "meant"), [("twitter", "x"), ("fb", "facebook"), ("Facebok", "facebook")])
def test_another_name_of_a_network_is_understood(written: str, meant: str, tmp_path: Path) -> None:
    """For an account as for a variant."""
    told = lines(load_post(tmp_path, f"text: Act now\naccounts: {written}\n"))
    assert told[1].startswith(f'  did you mean "{meant}"')


def test_a_language_by_its_name_is_told_its_code(tmp_path: Path) -> None:
    """Welsh is cy."""
    assert lines(load_post(tmp_path, "text: Act now\nlanguage: Welsh\n"))[1] == "  write cy"
    assert lines(load(tmp_path, {"config/campaign.yaml": f"{CAMPAIGN}language: Welsh\n"}))[1] == "  write cy"


def test_an_address_in_the_place_of_a_links_name_is_told_both_ways_out(tmp_path: Path) -> None:
    """Named in config/campaign.yaml, or in the text."""
    hint = lines(load_post(tmp_path, "text: Act now\nlink: https://a.test/sign\n"))[1]
    assert "config/campaign.yaml" in hint
    assert "text of the post" in hint


def test_skip_at_the_top_of_a_post_leads_to_draft(tmp_path: Path) -> None:
    """The whole post is kept back by draft; skip is for one account or network."""
    hint = lines(load_post(tmp_path, "text: Act now\nskip: yes\n"))[1]
    assert "draft: yes" in hint
    assert "variants:" in hint
    told = lines(load_post(tmp_path, "text: Act now\nvariants:\n  x: {text: Sign, skip: yes}\n"))
    assert "skip: yes sends nothing there" in told[0]
