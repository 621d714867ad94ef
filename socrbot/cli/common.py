"""What every command needs: the campaign's folder, the settings, and ways to print and to ask."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from socrbot.errors import SettingsError

if TYPE_CHECKING:
    from socrbot.app import App
    from socrbot.ledger import Ledger
    from socrbot.report.status import Block
    from socrbot.settings import Settings

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
yes_option = click.option("--yes", is_flag=True, help="Don't ask; do it.")


class Context:
    """The folder and the settings of one run of the program, found out when they are needed."""

    def __init__(self, campaign: str | None) -> None:
        self._campaign = campaign
        self._settings: Settings | None = None

    @property
    def root(self) -> Path:
        """The campaign's folder. Raises SettingsError where there is none."""
        if self._campaign is not None:
            root = Path(self._campaign)
            if not (root / "config").is_dir():
                raise SettingsError(f"{root} is no campaign's folder: it has no config/ in it.")
            return root.resolve()
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / "config" / "campaign.yaml").exists():
                return folder
        raise SettingsError(
            "There is no campaign here (no config/campaign.yaml in this folder or above). "
            "Go to the campaign's folder, or start a new campaign with: socrbot init my-campaign"
        )

    @property
    def settings(self) -> Settings:
        """The settings from `.env` and the environment."""
        if self._settings is None:
            from socrbot.settings import load

            self._settings = load(self.root)
        return self._settings

    def ledger(self) -> Ledger:
        """The ledger, for reading and for a person's acts."""
        from socrbot.clock import SystemClock
        from socrbot.ledger import Ledger

        return Ledger.open(self.settings.database, clock=SystemClock())

    def reading(self) -> Ledger | None:
        """The ledger for reading only; None where there is none yet."""
        from socrbot.clock import SystemClock
        from socrbot.ledger import Ledger

        database = self.settings.database
        if "://" not in database and not Path(database).exists():
            return None
        return Ledger.open(database, clock=SystemClock(), read_only=True)

    def app(self) -> App:
        """The whole bot, with a running log that says nothing: the command prints its own results."""
        from socrbot.app import App
        from socrbot.clock import SystemClock
        from socrbot.logs import silent

        return App(self.settings, clock=SystemClock(), say=silent)


pass_context: Callable[[Callable[..., Any]], Callable[..., Any]] = click.make_pass_decorator(Context)


def plain() -> bool:
    """Whether output must have no boxes, colours or caret lines: piped, or SOCRBOT_PLAIN is set."""
    return not sys.stdout.isatty() or os.environ.get("SOCRBOT_PLAIN", "") not in ("", "0")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, title: str | None = None) -> None:
    """Prints a table: drawn in a terminal; plain, one line a row with tabs between, where it is piped."""
    if plain():
        if title:
            click.echo(title)
        click.echo("\t".join(headings))
        for row in rows:
            click.echo("\t".join(cell.replace("\n", " ") for cell in row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    drawn = Table(*headings, title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, highlight=False)
    for row in rows:
        drawn.add_row(*(_escaped(cell) for cell in row))
    Console().print(drawn)


def show(block: Block) -> None:
    """Prints a heading with the table or the sentences below it."""
    if block.rows:
        table(block.headings, block.rows, title=block.title)
    else:
        click.echo(block.title)
    for line in block.lines:
        click.echo(f"  {line}")
    click.echo("")


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def print_json(data: object) -> None:
    """Prints data as JSON; datetimes in ISO 8601."""
    import json

    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean "petition"?` where a known name is near; else nothing."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def confirm(question: str, *, yes: bool) -> None:
    """Asks before something that cannot be taken back; ends the command unless the answer is yes."""
    if yes:
        return
    if not sys.stdin.isatty() and not os.environ.get("SOCRBOT_ASK_ANYWAY"):
        raise click.UsageError(f"{question} There is nobody here to ask. Add --yes to go ahead.")
    click.confirm(question, abort=True)
