"""Makes what the documentation has from the code: problems, commands, states, limits, keys, and the JSON Schemas.

`.venv/bin/python tools/docs.py` writes it. Whole pages are made anew; in other pages only what stands between
`<!-- begin NAME -->` and `<!-- end NAME -->` is.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from socrbot import networks, source  # noqa: E402
from socrbot.cli import GROUPS, program  # noqa: E402
from socrbot.delivery import State  # noqa: E402
from socrbot.errors import Problem  # noqa: E402
from socrbot.message import Capabilities, Option  # noqa: E402
from socrbot.report import words  # noqa: E402
from socrbot.report.problem_codes import all_codes  # noqa: E402
from socrbot.rules import RULES  # noqa: E402
from socrbot.rules.base import network_title  # noqa: E402
from tools import sample  # noqa: E402
from tools.problem_examples import EXAMPLES, WITHOUT, Example  # noqa: E402

_BLOCK = re.compile(r"(<!-- begin ([\w -]+?) -->\n).*?(<!-- end \2 -->)", re.DOTALL)
_LONG = 600
_YES_NO = {True: "yes", False: "no"}
_INVISIBLE = str.maketrans({char: f"⟨U+{ord(char):04X}⟩" for char in "\u202e\u00a0\u2028"})
_MADE = "<!-- Made by tools/docs.py. Do not edit: change the code's words, then run it. -->"

_PROBLEMS = """\
# Problems that `socrbot check` finds

{made}

Each problem is one line: the file, the line and the column, how much it matters, a code in brackets, and what is
wrong. Below it often stands a hint: what to write instead.

An **error** keeps its post from going out; all other posts go on. A **warning** keeps nothing back. Look at it all the
same: some warnings tell of posts that will be held back later.

The examples are real. Each small file below was checked, and what you see is what the program said, as on
{day}. Some mistakes have several codes at once; only the one in question is shown.

{index}
"""
_COMMANDS = """\
# Commands

{made}

In a terminal, in the campaign's folder: `.venv/bin/socrbot COMMAND`. After `source .venv/bin/activate` it is just
`socrbot COMMAND`. With `--help` behind it, each command says what stands here. The “ledger” is the bot's own record of
what is planned and what went out, kept in `data/`.

A command ends with an exit code: 0 when all is fine (warnings too), 1 when there is something to put right or to
decide, 2 when the command or a setting was wrong. With `--json` it prints data for programs. Where the output goes into
a file or another program, or with `SOCRBOT_PLAIN=1`, there are no boxes and no colours.
"""


def pages() -> dict[str, str]:
    """Every made file: path -> content."""
    made = {"docs/problems.md": problems_page(), "docs/commands.md": commands_page(), **schema_files()}
    for path in sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]):
        name = path.relative_to(ROOT).as_posix()
        if name not in made and _BLOCK.search(text := path.read_text(encoding="utf-8")):
            made[name] = _BLOCK.sub(lambda found: f"{found[1]}{block(found[2])}\n{found[3]}", text)
    return made


def block(name: str) -> str:
    """The made part of a page. Raises KeyError for a name that nobody makes."""
    kind, _, what = name.partition(" ")
    makers: dict[str, Callable[[str], str]] = {
        "states": lambda _: states_table(),
        "reasons": lambda _: reasons_table(),
        "limits": lambda network: limits_table(networks.capabilities(network)),
        "variables": lambda network: variables_table(networks.capabilities(network)),
        "keys": keys_table,
        "networks": lambda _: networks_table(),
    }
    return makers[kind](what)


def schema_files() -> dict[str, str]:
    """The JSON Schemas, as `socrbot schema` writes them."""
    return {
        f"schemas/{kind}.schema.json": json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        for kind, content in source.schemas().items()
    }


# Problems.


def problems_page() -> str:
    """docs/problems.md."""
    codes = all_codes()
    day = f"{sample.NOW.day} {sample.NOW:%B %Y}"
    index = " · ".join(f"[{code}](#{code})" for code in codes)
    lines = [_PROBLEMS.format(made=_MADE, day=day, index=index)]
    for code, meaning in codes.items():
        lines += _problem_section(code, meaning)
    return "\n".join(lines)


def _problem_section(code: str, meaning: str) -> Iterator[str]:
    rules = {rule.code: rule for rule in RULES}
    yield from (f"## {code}", "", meaning, "")
    if code in rules:
        yield from (f"Why: {rules[code].reason}", "")
        if rules[code].source:
            yield from (f"Where the rule comes from: {rules[code].source}", "")
    if code in WITHOUT:
        yield from (WITHOUT[code], "")
    elif code in EXAMPLES:
        yield from _example(code, EXAMPLES[code])


def _example(code: str, example: Example) -> Iterator[str]:
    found = problem_of(code, example)
    if example.told:
        yield from (f"Example: {example.told}", "")
    if example.text and len(example.text) < _LONG:
        label = "Example" if not example.told else "The file"
        yield from (
            f"{label}, in `{example.path}`:",
            "",
            "```yaml wrong",
            *_visible(example.text),
            "```",
            "",
        )
    yield from ("What the program says:", "", "```text", str(found))
    if found.hint:
        yield f"    hint: {found.hint}"
    yield from ("```", "")
    if example.todo:
        yield from (f"What to do: {example.todo}", "")


def _visible(text: str) -> list[str]:
    return text.translate(_INVISIBLE).rstrip("\n").split("\n")


def problem_of(code: str, example: Example) -> Problem:
    """The problem that the example's file really has. Raises LookupError where it has none of that code."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "campaign"
        root.mkdir()
        sample.make(root)
        if example.text:
            sample.write(root, example.path, example.text)
        if example.make is not None:
            example.make(root)
        sent = Path(example.path).stem if example.sent else None
        found = [problem for problem in sample.check(root, sent=sent) if problem.code == code]
    if not found:
        raise LookupError(f"The example of {code} does not have that problem.")
    return found[0]


# Commands.


def commands_page() -> str:
    """docs/commands.md."""
    lines = [_COMMANDS.format(made=_MADE)]
    context = click.Context(program, info_name="socrbot")
    lines += _help(program, "## ", name="socrbot")
    for title, commands in GROUPS:
        lines += [f"## {title}", ""]
        for command in commands:
            lines += _help(command, "### ", parent=context)
            if isinstance(command, click.Group):
                own = click.Context(command, info_name=command.name, parent=context)
                for part in command.commands.values():
                    lines += _help(part, "### ", parent=own)
    return "\n".join(lines)


def _help(
    command: click.Command, mark: str, *, parent: click.Context | None = None, name: str | None = None
) -> list[str]:
    names = {"help_option_names": ["-h", "--help"]}
    context = click.Context(command, info_name=name or command.name, parent=parent, terminal_width=96, **names)
    return [f"{mark}{context.command_path}", "", "```text", command.get_help(context), "```", ""]


# Tables.


def states_table() -> str:
    """What can be said of a post on an account, and what to do."""
    order = (*(state for state in State if state not in _PASSING), *_PASSING)
    rows = (
        (f"**{(said := words.state(state)).short}**", f"`{state}`", said.means, said.todo or "–") for state in order
    )
    return _table(("What you read", "In filters", "What it means", "What to do"), rows)


_PASSING = (State.CLAIMED, State.SENDING)


def reasons_table() -> str:
    """Why something is as it is, in the words that every command uses."""
    rows = ((said.short, said.means, said.todo or "–") for said in words.REASONS.values())
    return _table(("What you read", "What it means", "What to do"), rows)


def prices_of(capable: Capabilities) -> str:
    """The names of a network's prices."""
    names = astuple(capable.price) if capable.price is not None else ()
    return ", ".join(f"`{name}`" for name in names if name)


def limits_table(capable: Capabilities) -> str:
    """What a network can carry."""
    return _table(("What", "How much"), [*_text_rows(capable), *_media_rows(capable), *_other_rows(capable)])


def _text_rows(capable: Capabilities) -> Iterator[tuple[str, str]]:
    yield "Longest text", f"{capable.text_limit:,} {capable.unit}"
    if capable.byte_limit:
        yield "Longest text in bytes", f"{capable.byte_limit:,}"
    if capable.caption_limit:
        yield "Longest text beside pictures", f"{capable.caption_limit:,} {capable.unit}"
    if capable.comment_limit:
        yield "Longest comment", f"{capable.comment_limit:,} {capable.unit}"
    most = {"Links": capable.max_links, "Hashtags": capable.max_hashtags, "Mentions": capable.max_mentions}
    for what, number in most.items():
        if number is not None:
            yield f"{what} in a text", f"up to {number}"


def _media_rows(capable: Capabilities) -> Iterator[tuple[str, str]]:
    needed = ", at least one picture or video" if capable.min_media else ""
    yield "Pictures in a post", f"up to {capable.max_images}{needed}"
    yield "Kinds of pictures that it takes", ", ".join(_kind(mime) for mime in capable.image_types)
    yield "Largest picture", f"{capable.image_bytes / 1_000_000:g} MB (socrbot makes larger ones smaller)"
    yield "Longest description of a picture", _description(capable)
    yield "Videos", _video(capable)


def _video(capable: Capabilities) -> str:
    limits = capable.video
    if limits is None:
        return "no"
    shortest, longest = limits.seconds
    most = "one" if limits.max_videos == 1 else f"up to {limits.max_videos}"
    described = "" if limits.alt else "; it takes no description of it"
    return f"{most}, MP4, {shortest:g} to {longest:,g} seconds, up to {limits.max_bytes / 1_000_000:g} MB{described}"


def _other_rows(capable: Capabilities) -> Iterator[tuple[str, str]]:
    yield "A link beside the text, shown as a card", _YES_NO[capable.link_field]
    yield "Posts in several parts", _parts(capable)
    yield "Its posts can be read back", _YES_NO[capable.reads_back]
    yield "The network itself keeps a post from going out twice", _YES_NO[capable.repeat_safe]
    yield "After a lost answer", _doubt(capable)
    yield "A program may delete a post", _YES_NO[capable.deletes]
    yield "Numbers that it tells (`socrbot metrics`)", ", ".join(capable.metrics) or "none"
    yield "The access ends one day", _ends(capable)
    if capable.options:
        yield "`options:` of its own", "<br>".join(_option(name, one) for name, one in capable.options.items())
    yield "What `prices` in config/campaign.yaml it uses", prices_of(capable) or "–"


def _ends(capable: Capabilities) -> str:
    if not capable.expires:
        return "no"
    return "yes; socrbot warns in time" + (f", and renews it {capable.renews}" if capable.renews else "")


def _parts(capable: Capabilities) -> str:
    return "as a thread" if capable.threads else "as comments, or joined" if capable.comments else "joined"


def _doubt(capable: Capabilities) -> str:
    """What is done to find out, and when an absence is believed."""
    if not capable.reads_back:
        return f"a person looks. {capable.settle_why}"
    times = "one look that finds" if capable.looks == 1 else f"{capable.looks} looks in a row that find"
    seconds = int(capable.settle.total_seconds())
    later = f"after {seconds} seconds" if seconds < 120 else f"after {seconds // 60} minutes"
    return f"{times} nothing, {later if seconds else 'at once'}, and it goes out again. {capable.settle_why}"


def _option(name: str, option: Option) -> str:
    values = f" ({', '.join(f'`{value}`' for value in option.values)})" if option.values else ""
    where = "" if option.per_post else "; for the account only"
    return f"`{name}`: {option.words}{values}{where}"


def networks_table() -> str:
    """All networks side by side."""
    headings = ("Network", "Text", "Pictures", "Descriptions", "Video", "Several parts", "Card", "Delete", "Read back")
    rows = [
        (
            f"[{network_title(name)}]({name}.md)",
            f"{one.text_limit:,} {one.unit}",
            str(one.max_images),
            "in the text" if one.alt_in_text else "yes" if one.alt_limit != 0 else "no",
            _YES_NO[one.video is not None],
            _parts(one),
            _YES_NO[one.link_field],
            _YES_NO[one.deletes],
            _YES_NO[one.reads_back],
        )
        for name, one in networks.all_capabilities().items()
    ]
    return _table(headings, rows)


def _description(capable: Capabilities) -> str:
    if capable.alt_in_text:
        return "it stands in the text, and counts as part of it"
    if capable.alt_limit is None:
        return "no limit"
    return f"{capable.alt_limit:,} characters" if capable.alt_limit else "it takes none"


def _kind(mime: str) -> str:
    return {"jpeg": "JPEG", "png": "PNG", "gif": "GIF (still)", "webp": "WebP"}[mime.removeprefix("image/")]


def variables_table(capable: Capabilities) -> str:
    """The variables of a network's accounts."""
    rows = [(f"`{name}`", meaning, "yes") for name, meaning in capable.needs.items()]
    rows += [(f"`{name}`", meaning, "no") for name, meaning in capable.optional.items()]
    return _table(("Variable in `.env`", "What it is", "Needed"), rows)


def keys_table(what: str) -> str:
    """Every key of a kind of file, or of a group of keys in one."""
    kind, _, group = what.partition(" ")
    schema = source.schemas()[kind]
    found: Mapping[str, Any] = schema["$defs"][group] if group else schema
    needed = found.get("required", ())
    rows = (
        (f"`{key}`" + (" (needed)" if key in needed else ""), about["description"], _shown(about["examples"]))
        for key, about in found["properties"].items()
    )
    return _table(("Key", "What it is for", "Examples"), rows)


def _shown(examples: Iterable[object]) -> str:
    return "<br>".join(f"`{_as_written(one)}`" for one in examples)


def _as_written(example: object) -> str:
    """An example as YAML takes it in any place: with quotes where a comma would end it."""
    plain = isinstance(example, str) and ", " not in example
    return str(example) if plain else json.dumps(example, ensure_ascii=False)


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    headings = list(headings)
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def main() -> None:
    """Writes what differs, and says so."""
    for name, content in pages().items():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            sys.stdout.write(f"Wrote {name}\n")


if __name__ == "__main__":
    main()
