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
from socrbot.cli import act, fleet, look, setup, write
from socrbot.cli import run as running
from socrbot.cli.common import Context, did_you_mean

EXIT_FINE, EXIT_TO_FIX, EXIT_WRONG_USE = 0, 1, 2

GROUPS: tuple[tuple[str, tuple[click.Command, ...]], ...] = (
    ("Write", write.COMMANDS),
    ("Run", (*running.COMMANDS, *fleet.RUN)),
    ("Look", look.COMMANDS),
    ("Act", act.COMMANDS),
    ("Set up", (*setup.COMMANDS, *fleet.SET_UP)),
)


class Program(click.Group):
    """A group of commands that lists them by what they are for, and helps with a misspelt one."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Writes one list for each audience."""
        for title, commands in GROUPS:
            with formatter.section(title):
                formatter.write_dl([(command.name or "", command.get_short_help_str(90)) for command in commands])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds a command. Raises UsageError with the nearest name where there is none."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(f'There is no command "{args[0]}".{did_you_mean(args[0], self.commands)}', ctx)
        return super().resolve_command(ctx, args)


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
    ctx.ensure_object(Context).campaign = campaign


for _title, _commands in GROUPS:
    for _command in _commands:
        program.add_command(_command)


def run(arguments: Sequence[str]) -> int:
    """Runs one command. Returns the exit code; a mistake is one clear message, never a traceback."""
    if "_SOCRBOT_COMPLETE" in os.environ:
        program.main(list(arguments), prog_name="socrbot")
    context = Context()
    try:
        return _run(arguments, context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("\nStopped.", err=True)
        return EXIT_TO_FIX
    except click.ClickException as error:
        error.show()
        return EXIT_WRONG_USE
    except BrokenPipeError:
        # `socrbot log | head` closes the pipe; Python would complain about it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FINE
    except Exception as error:
        from socrbot.cli.mistakes import explain

        return explain(error, context)


def _run(arguments: Sequence[str], context: Context) -> int:
    # Not `program.main`: it takes a closed pipe for a failure, and shows its own traceback for the rest.
    with program.make_context("socrbot", list(arguments), obj=context) as ctx:
        result = program.invoke(ctx)
    sys.stdout.flush()
    return result if isinstance(result, int) else EXIT_FINE
