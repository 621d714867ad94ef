"""The command line, by audience: write, run, look, act, set up. Commands parse, call, print and end with an exit code.

0: fine (warnings too). 1: there is something to fix, or work for a person. 2: wrong arguments or settings.
Only click is imported here; everything else inside the commands, so that help is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from socrbot import __version__
from socrbot.cli import act, look, setup, write
from socrbot.cli import run as running
from socrbot.cli.common import Context
from socrbot.errors import CampaignError, SettingsError, SocrbotError

EXIT_FINE, EXIT_TO_FIX, EXIT_WRONG_USE = 0, 1, 2

GROUPS: tuple[tuple[str, tuple[click.Command, ...]], ...] = (
    ("Write", write.COMMANDS),
    ("Run", running.COMMANDS),
    ("Look", look.COMMANDS),
    ("Act", act.COMMANDS),
    ("Set up", setup.COMMANDS),
)


class Program(click.Group):
    """A group of commands that lists them by what they are for."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Writes one list for each audience."""
        for title, commands in GROUPS:
            with formatter.section(title):
                formatter.write_dl([(command.name or "", command.get_short_help_str(90)) for command in commands])


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="socrbot", message="%(prog)s %(version)s")
@click.option(
    "--campaign",
    type=click.Path(file_okay=False),
    envvar="SOCRBOT_CAMPAIGN",
    help="The campaign's folder, with config/ and posts/ in it. Default: this folder, or one above it.",
)
@click.pass_context
def program(ctx: click.Context, campaign: str | None) -> None:
    """Publishes a campaign's posts from YAML files: once, never twice, and every result is in the log.

    New here? `socrbot demo` shows a whole week in seconds, and nothing leaves this computer.
    """
    ctx.obj = Context(campaign)


for _title, _commands in GROUPS:
    for _command in _commands:
        program.add_command(_command)


def run(arguments: Sequence[str]) -> int:
    """Runs one command. Returns the exit code; a mistake is one clear message, never a traceback."""
    try:
        result = program.main(list(arguments), prog_name="socrbot", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        return EXIT_TO_FIX
    except click.ClickException as error:
        error.show()
        return EXIT_WRONG_USE
    except SocrbotError as error:
        return _explain(error)
    except BrokenPipeError:
        # `socrbot log | head` closes the pipe; Python would complain about it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FINE
    return result if isinstance(result, int) else EXIT_FINE


def _explain(error: SocrbotError) -> int:
    click.echo(f"socrbot: {error}", err=True)
    if isinstance(error, CampaignError):
        for problem in error.problems:
            click.echo(str(problem), err=True)
            if problem.hint:
                click.echo(f"    hint: {problem.hint}", err=True)
    return EXIT_WRONG_USE if isinstance(error, SettingsError) else EXIT_TO_FIX
