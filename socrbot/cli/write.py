"""Commands for those who write: check, preview, schema, init."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from socrbot.cli.common import Context, json_option, pass_context

if TYPE_CHECKING:
    from socrbot.report.problems import Format


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option(
    "--format", "form", type=click.Choice(("text", "json", "github")), default="text", help="How to print them."
)
@pass_context
def check(context: Context, paths: tuple[str, ...], form: Format) -> int:
    """Find every mistake in config/ and posts/, each with its place and what to write instead.

    With PATHS, only what concerns these files or folders is shown. Warnings do not fail the check.
    """
    from socrbot.cli.checking import check_files

    return check_files(context, paths, form=form)


@click.command()
@click.argument("post", required=False)
@click.option("--account", help="Only this account.")
@json_option
@pass_context
def preview(context: Context, post: str | None, account: str | None, as_json: bool) -> int:
    """Show a post as each network will show it, with the count against the limit.

    Without POST, every post is shown.
    """
    from socrbot.cli.previewing import show_previews

    return show_previews(context, post, account=account, as_json=as_json)


@click.command()
@click.argument("folder", default="schemas", type=click.Path(file_okay=False))
def schema(folder: str) -> None:
    """Write the JSON Schemas of the files, so that an editor completes and underlines."""
    from socrbot.cli.starting import write_schemas

    for path in write_schemas(Path(folder)):
        click.echo(f"Wrote {path}")


@click.command()
@click.argument("folder", type=click.Path(file_okay=False))
def init(folder: str) -> None:
    """Start an empty campaign of the same shape in FOLDER."""
    from socrbot.cli.starting import start_campaign

    for line in start_campaign(Path(folder)):
        click.echo(line)


COMMANDS = (check, preview, schema, init)
