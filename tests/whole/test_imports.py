"""Each command loads the libraries that it uses, and no other: that is what makes them start quickly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.whole.bot import environment, socrbot
from tests.whole.campaigns import write

# Ends the process like the program itself, and then tells what it had loaded.
HOOK = """\
import atexit, sys
def tell():
    modules = sorted(sys.modules)
    import json
    with open(sys.argv[1], "w") as file:
        json.dump(modules, file)
atexit.register(tell)
from socrbot.cli import run
sys.exit(run(sys.argv[2:]))
"""
_HEAVY = """alembic apprise apscheduler atproto dotenv facebook jinja2 PIL psycopg pydantic regex requests rich
sqlalchemy structlog tweepy yaml"""
HEAVY = frozenset(_HEAVY.split())
LEDGER = {"dotenv", "sqlalchemy"}
FILES = {"apscheduler", "pydantic", "regex", "yaml"}
# structlog loads rich by itself where it is installed.
PASS = {*LEDGER, *FILES, "jinja2", "rich", "structlog"}

COMMANDS = {
    "--help": set(),
    "--version": set(),
    "log --help": set(),
    "nonsense": set(),
    "status": LEDGER,
    "status --json": LEDGER,
    "log": LEDGER,
    "log 1": LEDGER,
    "log --account outbox --post petition --since today --state sent": LEDGER,
    "pause --reason test": LEDGER,
    "resume": LEDGER,
    "cancel 2 --reason test": LEDGER,
    "retry 2 --yes": LEDGER,
    "check": LEDGER | FILES,
    "preview": LEDGER | FILES,
    "plan": LEDGER | FILES,
    "confirm-plan": LEDGER | FILES,
    "doctor": LEDGER | FILES,
    "go-live outbox": LEDGER | FILES,
    "demo --days 1": LEDGER | FILES,
    "publish petition --now --yes": LEDGER | FILES,
    "connect outbox": LEDGER | FILES,
    "schema": {"pydantic"},
    "init another": {"pydantic"},
    "tick": PASS,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign with a ledger, in which one post went out."""
    root = tmp_path_factory.mktemp("campaign")
    write(root, {"petition.yaml": "text: Sign today.\nwhen: {every: day 12:00}\n", "queued.yaml": "text: Wait.\n"})
    assert socrbot(root, "tick").returncode == 0
    assert socrbot(root, "publish", "petition", "--now", "--yes").returncode == 0
    return root


def loaded(folder: Path, command: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    told = folder / "modules.json"
    subprocess.run(
        [sys.executable, "-c", HOOK, str(told), *command.split()],
        env=environment(folder),
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return set(json.loads(told.read_text()))


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_command_loads_what_it_uses_and_no_more(folder: Path, command: str) -> None:
    """No client library, no parser, no picture library, no migrations where nothing of the kind is done."""
    found = loaded(folder, command) & HEAVY
    assert found <= COMMANDS[command]
    assert COMMANDS[command] & {"sqlalchemy", "pydantic"} <= found, "the command did nothing"


def test_help_loads_click_and_the_commands_alone(folder: Path) -> None:
    """Of socrbot only the command line itself, of other people's only click."""
    modules = loaded(folder, "--help")
    own = {name for name in modules if name.startswith("socrbot")}
    others = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names - {"socrbot", "click"}
    assert own <= {"socrbot", "socrbot.cli", "socrbot.errors"} | {n for n in own if n.startswith("socrbot.cli.")}
    assert len(own) < 12
    assert {name for name in others if not name.startswith("_")} <= {"sitecustomize", "usercustomize"}


def test_a_network_is_loaded_only_where_an_account_speaks_on_it(folder: Path) -> None:
    """`doctor` with an X account loads tweepy and not Facebook's library."""
    root = folder.parent / "with-x"
    root.mkdir()
    write(root, {"petition.yaml": "text: Sign today.\n"}, accounts={"x": "x"})
    (root / ".env").write_text(
        "X_API_KEY=1\nX_API_SECRET=1\nX_ACCESS_TOKEN=1\nX_ACCESS_TOKEN_SECRET=1\nX_API_BASE=http://127.0.0.1:9\n"
    )
    modules = loaded(root, "doctor")
    assert "tweepy" in modules
    assert not modules & {"facebook", "apprise", "jinja2", "PIL", "alembic"}
