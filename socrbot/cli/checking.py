"""`check`: every problem at once, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import click

from socrbot import networks, source
from socrbot.checking import Checker
from socrbot.cli.common import Context, plain
from socrbot.clock import SystemClock
from socrbot.errors import Place, Problem, SettingsError, Severity
from socrbot.media import Assets
from socrbot.report.problems import problem_lines, summary


def check_files(context: Context, paths: Sequence[str], *, form: str) -> int:
    """Prints the problems of the campaign's files. Returns 1 where there is an error."""
    root = context.root
    wanted = [_inside(root, path) for path in paths]
    problems = [problem for problem in _problems(context) if _concerns(problem, wanted)]
    source_line = None if plain() or form != "text" else _lines_of(root)
    for line in problem_lines(problems, format=form, source_line=source_line, plain=plain()):  # type: ignore[arg-type]
        click.echo(line)
    if form == "text":
        click.echo(summary(problems))
    return 1 if any(problem.severity is Severity.ERROR for problem in problems) else 0


def _problems(context: Context) -> Iterable[Problem]:
    loaded = source.load(context.root, inspect=Assets(context.root).inspect)
    if loaded.campaign is None:
        return loaded.problems
    ledger = context.reading()
    try:
        checker = Checker(networks.all_capabilities())
        done = None if ledger is None else ledger.knows
        since = None if ledger is None else ledger.created_at
        checked = checker.check(
            loaded.campaign, loaded.problems, loaded.faulty, now=SystemClock().now(), done=done, since=since
        )
        return checked.problems
    finally:
        if ledger is not None:
            ledger.close()


def _inside(root: Path, path: str) -> str:
    absolute = (Path.cwd() / path).resolve()
    if not absolute.exists():
        raise SettingsError(f"There is no {path}.")
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
