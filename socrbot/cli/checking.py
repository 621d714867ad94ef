"""`check`: every problem at once, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import click

from socrbot import networks, source
from socrbot.checking import Checked, Checker
from socrbot.cli.common import Context
from socrbot.cli.printing import plain
from socrbot.clock import SystemClock
from socrbot.errors import Place, Problem, SettingsError, Severity
from socrbot.media import Assets
from socrbot.report.problems import Format, problem_lines, summary


def check_files(context: Context, paths: Sequence[str], *, form: Format) -> int:
    """Prints the problems of the campaign's files. Returns 1 where there is an error."""
    root = context.root
    wanted = [_inside(root, path) for path in paths]
    loaded, checked = load_checked(context)
    every = loaded.problems if checked is None else checked.problems
    problems = [problem for problem in every if _concerns(problem, wanted)]
    source_line = None if form != "text" or plain() else _lines_of(root)
    for line in problem_lines(problems, format=form, source_line=source_line, plain=source_line is None):
        click.echo(line)
    if form == "text":
        click.echo(summary(problems))
    return 1 if any(problem.severity is Severity.ERROR for problem in problems) else 0


def load_checked(context: Context) -> tuple[source.Loaded, Checked | None]:
    """The files as they are, and what all rules say of them; None where `config/` cannot be understood."""
    loaded = source.load(context.root, inspect=Assets(context.root).inspect)
    if loaded.campaign is None:
        return loaded, None
    ledger = context.reading()
    try:
        return loaded, checker(context).check(
            loaded.campaign,
            loaded.problems,
            loaded.faulty,
            now=SystemClock().now(),
            history=None if ledger is None else ledger.history(loaded.campaign.posts),
        )
    finally:
        if ledger is not None:
            ledger.close()


def checker(context: Context) -> Checker:
    """A checker that knows what the accounts can carry, as far as their servers have said."""
    try:
        data = context.settings.data
    except SettingsError:
        data = None
    return Checker(tuple(networks.NETWORKS), lambda accounts: networks.capabilities_by_account(accounts, data))


def config_errors(problems: Iterable[Problem]) -> list[Problem]:
    """The errors under `config/`."""
    return [p for p in problems if p.severity is Severity.ERROR and p.place.path.startswith("config/")]


def _inside(root: Path, path: str) -> str:
    absolute = (Path.cwd() / path).resolve()
    if not absolute.exists():
        raise SettingsError(f"There is no file or folder called {path}.")
    if not absolute.is_relative_to(root):
        raise SettingsError(f"{path} is not in the campaign's folder {root}.")
    return absolute.relative_to(root).as_posix()


def _concerns(problem: Problem, wanted: Sequence[str]) -> bool:
    path = problem.place.path
    return not wanted or any(name in (".", path) or path.startswith(f"{name}/") for name in wanted)


def _lines_of(root: Path) -> Callable[[Place], str | None]:
    @cache
    def lines(path: str) -> Sequence[str]:
        try:
            return (root / path).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError):
            return ()

    def line(place: Place) -> str | None:
        found = lines(place.path)
        return found[place.line - 1] if 0 < place.line <= len(found) else None

    return line
