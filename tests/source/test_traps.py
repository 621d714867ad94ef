"""YAML's own traps: what would be lost or misread is a problem with the line to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.source.folder import codes, lines, load_post, texts

TRAPS = {
    "a hashtag behind a space": (
        "text: Act now #SaveOurChildrensRights\n",
        [
            'p.yaml:1:15: error[lost-hashtag]: "#SaveOurChildrensRights" is lost: in text without quotes,'
            " a # after a space begins a comment",
            '  write: text: "Act now #SaveOurChildrensRights"',
        ],
    ),
    "a hashtag alone": (
        "text: #SaveOurChildrensRights\n",
        [
            'p.yaml:1:7: error[lost-hashtag]: "#SaveOurChildrensRights" is lost: in text without quotes,'
            " a # after a space begins a comment",
            '  write: text: "#SaveOurChildrensRights"',
        ],
    ),
    "a hashtag in a line of its own": (
        "text: Act now\n  #SaveOurChildrensRights\n",
        [
            'p.yaml:2:3: error[lost-hashtag]: "#SaveOurChildrensRights" is lost: a line that begins'
            " with # is a comment",
            "  write | behind the key, and the text in the lines below: there a # is a #",
        ],
    ),
    "a hashtag behind closed quotes": (
        'text: "Act now" #SaveOurChildrensRights\n',
        [
            'p.yaml:1:17: error[lost-hashtag]: "#SaveOurChildrensRights" is lost: in text without quotes,'
            " a # after a space begins a comment",
            '  write: text: "Act now #SaveOurChildrensRights"',
        ],
    ),
    "a # behind a value that is no text": (
        "text: Act now\nwhen: 2027-03-06 19:00 #later\n",
        [
            'p.yaml:2:24: warning[lost-comment]: "#later" is read as a comment',
            "  put a space after the # if it is one, and quotes around the value if it is not",
        ],
    ),
    "a colon in text": (
        "text: Act now: sign\n",
        [
            "p.yaml:1:14: error[quotes-needed]: in text without quotes, a colon with a space after it means a key",
            '  write: text: "Act now: sign"',
        ],
    ),
    "a colon in a part makes keys of it": (
        "parts:\n  - Act now: sign\n  - Then share\n",
        [
            'p.yaml:2:5: error[wrong-type]: one value is wanted here for "parts"; the colon (or'
            " brace) in it makes keys of it",
            '  write: - "Act now: sign"',
        ],
    ),
    "a colon in a text of several lines": (
        "text: The minister said\n  yesterday: wait\n",
        [
            "p.yaml:2:12: error[quotes-needed]: this line goes on with the text above,"
            " and a colon with a space after it means a key there",
            "  write | behind the key, and the whole text in the lines below it",
        ],
    ),
    "no space behind the colon of a key": (
        "text:Act now\nwhen: 2027-03-06 19:00\n",
        ['p.yaml:1:5: error[syntax]: a space is missing after "text:"', '  write "text: …"'],
    ),
    "an @ first": (
        "text: @DfE, keep the law\n",
        [
            "p.yaml:1:7: error[quotes-needed]: text that begins with @ needs quotes, because the @"
            " means something to YAML",
            '  write: text: "@DfE, keep the law"',
        ],
    ),
    "a * first": (
        "text: *Now* is the time\n",
        [
            "p.yaml:1:7: error[quotes-needed]: text that begins with * needs quotes, because the *"
            " means something to YAML",
            '  write: text: "*Now* is the time"',
        ],
    ),
    "an & and a word": (
        "text: &more and more\n",
        [
            'p.yaml:1:7: error[yaml-alias]: "&more" at the beginning of a value is a command to YAML and would be lost'
            " from the text",
            '  write: text: "&more and more"',
        ],
    ),
    "an ! and a word": (
        "text: !important news\n",
        [
            'p.yaml:1:7: error[yaml-tag]: "!important" at the beginning of a value is a command to'
            " YAML and would be lost"
            " from the text",
            '  write: text: "!important news"',
        ],
    ),
    "braces first": (
        "text: {{ fact('tribunal-success') }} Sign.\n",
        [
            "p.yaml:1:7: error[quotes-needed]: text that begins with { needs quotes,"
            " or YAML takes what is in the brackets for its own",
            "  write: text: \"{{ fact('tribunal-success') }} Sign.\"",
        ],
    ),
    "braces alone": (
        "text: {{ fact('tribunal-success') }}\n",
        [
            "p.yaml:1:7: error[quotes-needed]: text that begins with {{ needs quotes,"
            " or YAML takes the braces for its own",
            "  write: text: \"{{ fact('tribunal-success') }}\"",
        ],
    ),
    "words behind a quote": (
        'text: "No" is not enough\n',
        [
            "p.yaml:1:7: error[quotes-needed]: the text goes on behind the quote that closes it",
            "  write: text: '\"No\" is not enough'",
        ],
    ),
    "an apostrophe in single quotes": (
        "text: 'Don't wait'\n",
        [
            "p.yaml:1:7: error[quotes-needed]: the text goes on behind the quote that closes it",
            '  write: text: "Don\'t wait"',
        ],
    ),
    "text in the line of the |": (
        "text: | Act now\n",
        [
            "p.yaml:1:7: error[quotes-needed]: behind the | the line has to end: the text begins in the next line",
            '  write: text: "| Act now"',
        ],
    ),
    "a tab": (
        "text: Act now\n\twhen: 2027-03-06 19:00\n",
        [
            "p.yaml:2:1: error[tab-indent]: this line begins with a tab, and YAML takes only spaces there",
            "  put two spaces in the place of each tab",
        ],
    ),
    "an invisible character in a key": (
        "te\u200bxt: Act now\n",
        [
            'p.yaml:1:1: error[unknown-key]: there is no key "te<U+200B>xt" here',
            "  an invisible character (zero width space) stands in it, as character 3: type the word again",
        ],
    ),
    "a Cyrillic letter in an id": (
        "id: l\u0430w\ntext: Act now\n",
        [
            'p.yaml:1:5: error[bad-id]: "l\u0430w" cannot be a name: names have letters, digits and hyphens only',
            '  the letter "\u0430" (cyrillic small letter a) in it is not a plain letter: type the word again',
        ],
    ),
    "curly quotes around the text": (
        "text: “Act now”\n",
        [
            "p.yaml:1:7: warning[curly-quotes]: the curly quotes around this text will be part of what goes out",
            '  if they are not meant, write "Act now"',
        ],
    ),
    "curly quotes around another value": (
        "text: Act now\nwhen: “2027-03-06 19:00”\n",
        [
            'p.yaml:2:7: error[bad-date]: "“2027-03-06 19:00”" is not a date with a time',
            "  take the curly quotes away",
        ],
    ),
    "text over several lines": (
        "text: Act now.\n  The law is the law.\n",
        [
            "p.yaml:1:7: warning[lost-lines]: this text goes over several lines, and its line breaks are lost",
            "  write | behind the key and the text in the lines below it; write > there if it is to be one line",
        ],
    ),
    "a key written twice": (
        "text: Act now\ntext: Act later\n",
        [
            'p.yaml:2:1: error[duplicate-key]: "text" stands here a second time; the first is in line 1',
            "  keep one of the two",
        ],
    ),
    "a merge key": (
        "text: Act now\n<<: {when: 2027-03-06 19:00}\n",
        [
            "p.yaml:2:1: error[yaml-merge]: socrbot does not copy keys from elsewhere with <<",
            "  write the keys out here",
        ],
    ),
    "a second document": (
        "text: Act now\n---\ntext: Act later\n",
        [
            "p.yaml:2:1: error[several-documents]: a second document begins here;"
            " everything from this line on would be lost",
            "  take the --- line out, and write the posts of one file as a list: each begins with -",
        ],
    ),
    "a quote that is not closed": (
        'text: "Act now\nwhen: 2027-03-06 19:00\n',
        [
            "p.yaml:1:7: error[syntax]: the quote that opens here is not closed",
            "  put the same quote at the end of the text",
        ],
    ),
    "text below a | without spaces": (
        "text: |\nNo spaces in front.\n",
        [
            "p.yaml:2:1: error[syntax]: the text below a | has to begin with two spaces in each line",
            "  put two spaces in front of this line, and of each line of the text below it",
        ],
    ),
    "a key out of line": (
        "- id: a\n  text: Act now\n author: Ann\n",
        [
            "p.yaml:3:2: error[syntax]: this line does not fit in with the lines above it",
            "  all keys of one post begin in the same column; each post of a list begins with a hyphen and a space",
        ],
    ),
    "a hidden line break": (
        "text: Act now\u2028today\n",
        [
            "p.yaml:1:14: error[control-character]: a hidden line break (U+2028) stands here,"
            " as some word processors make them",
            "  delete it and type the text around it again",
        ],
    ),
    "an empty file": ("# nothing yet\n", ["p.yaml: error[empty-file]: there is nothing in this file"]),
    "a mapping that begins with hyphens": (
        "- text: Act now\n",
        [
            "p.yaml:1:3: error[missing-id]: each post of a list needs an id",
            "  write id: and a name of its own, with letters, digits and hyphens",
        ],
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_each_trap_is_told_with_its_place_and_what_to_write(trap: str, tmp_path: Path) -> None:
    """Each trap gives exactly these problem lines."""
    text, expected = TRAPS[trap]
    assert lines(load_post(tmp_path, text)) == expected


@pytest.mark.parametrize(
    "trap", [name for name, (_, told) in TRAPS.items() if len(told) == 2 and told[1].startswith("  write: ")]
)
def test_the_line_that_is_proposed_is_right(trap: str, tmp_path: Path) -> None:
    """Writing what the hint says, in the place of the line that was wrong, leaves no problem."""
    text, (told, hint) = TRAPS[trap]
    number = int(told.split(":")[1]) - 1
    written = text.split("\n")
    indent = len(written[number]) - len(written[number].lstrip())
    written[number] = " " * indent + hint.removeprefix("  write: ")
    assert lines(load_post(tmp_path, "\n".join(written))) == []


def test_a_comment_with_a_space_is_a_comment(tmp_path: Path) -> None:
    """A # with a space behind it, and a line that is put out of use, are what they seem."""
    text = "# the law\n#link: petition\ntext: Act now # by Friday\n#author: Ann\n"
    loaded = load_post(tmp_path, text)
    assert (lines(loaded), texts(loaded)) == ([], {"p": ["Act now"]})


def test_a_hashtag_in_a_block_or_in_quotes_stays(tmp_path: Path) -> None:
    """Where a # is a #, nothing is said."""
    text = 'parts:\n  - |\n    Act now #One\n    #Two\n  - "Act #Three"\n  - Act#Four\n'
    loaded = load_post(tmp_path, text)
    assert (lines(loaded), texts(loaded)["p"]) == ([], ["Act now #One\n#Two\n", "Act #Three", "Act#Four"])


def test_what_yaml_turns_into_other_things_stays_text(tmp_path: Path) -> None:
    """no, on, 08:30, 0123 and 1e3 are texts where a text is wanted."""
    parts = ["no", "on", "08:30", "0123", "1e3", "~", "null", "1_000", "2026-03-07", "0x1F", ".inf"]
    loaded = load_post(tmp_path, "parts:\n" + "".join(f"  - {part}\n" for part in parts))
    assert (lines(loaded), texts(loaded)["p"]) == ([], parts)


@pytest.mark.parametrize("word", ["yes", "Yes", "TRUE", "true"])
def test_yes_is_yes_however_it_is_written(word: str, tmp_path: Path) -> None:
    """A field for yes or no takes yes, no, true and false in any case."""
    assert codes(load_post(tmp_path, f"text: Act now\ndraft: {word}\n")) == []


def test_windows_files_are_as_good_as_any(tmp_path: Path) -> None:
    """A byte order mark and Windows line ends change neither texts nor places."""
    text = "\ufefftext: |\r\n  One\r\n  Two\r\nlnk: petition\r\n"
    loaded = load_post(tmp_path, text)
    assert lines(loaded)[0] == 'p.yaml:4:1: error[unknown-key]: there is no key "lnk" here'
    assert texts(load_post(tmp_path, text.replace("lnk", "link"))) == {"p": ["One\nTwo\n"]}


def test_one_syntax_error_does_not_hide_other_files(tmp_path: Path) -> None:
    """The file that cannot be read is named as such; the others are loaded."""
    from tests.source.folder import load

    loaded = load(tmp_path, {"posts/a.yaml": "text: @x\n", "posts/b.yaml": "text: fine\n", "posts/c.yaml": "txt: x\n"})
    assert codes(loaded) == ["quotes-needed", "unknown-key"]
    assert loaded.campaign is not None
    assert loaded.campaign.unreadable == ("posts/a.yaml",)
    assert texts(loaded) == {"b": ["fine"]}
    assert not loaded.campaign.config_unreadable
