"""The pages as a reader meets them: links lead somewhere, examples load, commands exist, nothing is left out."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from socrbot import networks
from socrbot.cli import GROUPS, program
from socrbot.errors import Severity
from socrbot.report.problem_codes import all_codes
from tests.docs.pages import PAGES, ROOT, Block, blocks, commands, prose
from tools import sample

EXAMPLES = blocks("yaml")
WRONG = [block for block in blocks("yaml wrong") if block.page.name != "problems.md"]
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
# Words of the code that no volunteer should have to learn.
INNER = re.compile(r"\b(lease|digest|guard|intent|token)s?\b", re.IGNORECASE)


def load(block: Block, root: Path) -> list[str]:
    """The errors that the example has in the sample campaign."""
    sample.make(root)
    (root / "media" / "card-tribunal.png").write_bytes((ROOT / "media" / "card-tribunal.png").read_bytes())
    first, _, rest = block.body.partition("\n")
    named = re.fullmatch(r"# ((?:config|posts)/[\w/-]+\.yaml)(, in part)?", first)
    name = named[1] if named else "posts/example.yaml"
    if named and not named[2]:
        (root / name).unlink(missing_ok=True)
    sample.write(root, name, rest if named else block.body)
    return [str(problem) for problem in sample.check(root) if problem.severity is Severity.ERROR]


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: block.name)
def test_an_example_has_no_error(block: Block, tmp_path: Path) -> None:
    """Whoever copies it gets a file that goes through the check."""
    assert load(block, tmp_path) == []


@pytest.mark.parametrize("block", WRONG, ids=lambda block: block.name)
def test_an_example_of_a_mistake_is_one(block: Block, tmp_path: Path) -> None:
    """What the page calls wrong is found by the check."""
    assert load(block, tmp_path)


def test_every_file_of_the_campaign_has_a_whole_example() -> None:
    """files.md shows each kind of file, and every key of each in its tables."""
    page = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    shown = {block.body.partition("\n")[0] for block in EXAMPLES if block.page.name == "files.md"}
    assert shown >= {
        "# config/campaign.yaml",
        "# config/accounts.yaml",
        "# config/facts.yaml",
        "# posts/every-key.yaml",
    }
    groups = "PostFile CampaignFile AccountsFile FactsFile LinkEntry SlotEntry AccountEntry FactEntry SourceEntry"
    from socrbot.source import models

    for group in (*groups.split(), "EverySchedule", "CronSchedule", "SlotSchedule", "MediaItem", "Wording"):
        for key in getattr(models, group).model_fields:
            assert f"| `{key}`" in page, f"{group}.{key}"


@pytest.mark.parametrize(("page", "arguments", "whole"), list(commands()), ids=lambda part: str(part)[-60:])
def test_a_command_line_can_be_typed(page: Path, arguments: list[str], whole: bool) -> None:
    """The command exists, with these options; in a block to copy nothing is missing."""
    parse(arguments, whole=whole)


def parse(arguments: list[str], *, whole: bool) -> None:
    """Parses a command line as click does. Raises a click error where it would be refused."""
    if not arguments or arguments[0] == "COMMAND":
        return
    name, *rest = arguments
    assert name in program.commands, f"there is no command {name}"
    command = program.commands[name]
    # Words in capitals stand for what the reader fills in.
    rest = ["42" if word == "NUMBER" else word for word in rest]
    try:
        command.make_context(name, rest, parent=click.Context(program))
    except click.exceptions.Exit:
        return
    except click.MissingParameter:
        if whole:
            raise


def test_a_wrong_command_line_would_be_noticed() -> None:
    """The test above can fail."""
    with pytest.raises(AssertionError):
        parse(["pubish", "hello"], whole=True)
    with pytest.raises(click.UsageError):
        parse(["publish", "hello", "--when"], whole=False)
    with pytest.raises(click.UsageError):
        parse(["publish", "--now"], whole=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_files_lead_somewhere(page: Path) -> None:
    """Each file exists, and each heading that a link names."""
    for target in LINK.findall(prose(page)):
        if "://" in target:
            continue
        name, _, heading = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{target} leads nowhere"
        if heading:
            assert heading in headings(path), f"{target}: there is no such heading"


def headings(page: Path) -> set[str]:
    """The names by which GitHub links to a page's headings."""
    found = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_image_is_there_and_described(page: Path) -> None:
    """People who cannot see it get what it shows."""
    for alt, target in IMAGE.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists()
        assert len(alt.split()) > 4


def test_pages_for_volunteers_have_no_inner_words() -> None:
    """README and writing-posts speak of keys and passwords, not of how the program works inside."""
    for name in ("README.md", "docs/writing-posts.md"):
        found = INNER.findall((ROOT / name).read_text(encoding="utf-8"))
        assert found == [], name


def test_every_command_is_on_the_page_of_commands() -> None:
    """With its whole help."""
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for _, of_group in GROUPS:
        for command in of_group:
            assert f"### socrbot {command.name}\n" in page
    assert set(program.commands) == {command.name for _, of_group in GROUPS for command in of_group}


def test_every_problem_has_a_heading_to_link_to() -> None:
    """problems.md#CODE works for each code."""
    assert headings(ROOT / "docs" / "problems.md") >= set(all_codes())


def test_every_setting_is_explained() -> None:
    """Whatever the program reads from the environment, and whatever .env.example offers."""
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md"))
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "socrbot").rglob("*.py"))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    settings = set(re.findall(r'"(SOCRBOT_[A-Z_]+)"', code)) | set(re.findall(r"^# ?([A-Z_]+)=", example, re.MULTILINE))
    for capable in networks.all_capabilities().values():
        settings |= {*capable.needs, *capable.optional}
    assert len(settings) > 15
    assert {name for name in settings if f"`{name}`" not in pages} == set()


@pytest.mark.parametrize("network", networks.NETWORKS)
def test_every_network_has_its_page(network: str) -> None:
    """With its variables and limits, and a line in the README; needed variables stand in .env.example."""
    page = (ROOT / "docs" / "networks" / f"{network}.md").read_text(encoding="utf-8")
    assert f"<!-- begin limits {network} -->" in page
    assert f"docs/networks/{network}.md" in (ROOT / "README.md").read_text(encoding="utf-8")
    needs = networks.capabilities(network).needs
    if needs:
        assert f"<!-- begin variables {network} -->" in page
        assert f"`socrbot connect {network}`" in page or f"socrbot connect {network}\n" in page
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert [name for name in needs if f"# {name}=" not in example] == []


def test_the_workflows_call_what_exists() -> None:
    """The check installs with hashes and annotates; the tests are make test."""
    folder = ROOT / ".github" / "workflows"
    check, tests = ((folder / name).read_text(encoding="utf-8") for name in ("check.yml", "tests.yml"))
    assert "--require-hashes -r requirements/run.lock" in check
    assert "python -m socrbot check --format github" in check
    parse(["check", "--format", "github"], whole=True)
    assert "make test" in tests


def test_make_targets_in_the_pages_exist() -> None:
    """`make demo` and its like."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in PAGES:
        for target in re.findall(r"(?:`|\$ |&& (?:sudo -u socrbot )?)make ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page.name}: make {target}"
