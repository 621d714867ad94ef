"""Says in one clear message what went wrong: no traceback, no secret. With SOCRBOT_DEBUG=1 the traceback comes too."""

from __future__ import annotations

import os
import traceback

import click

from socrbot.cli.common import Context
from socrbot.errors import CampaignError, SettingsError, SocrbotError
from socrbot.redact import Redactor, is_secret, pieces

_TO_FIX, _WRONG_USE = 1, 2


def explain(error: Exception, context: Context) -> int:
    """Prints what went wrong on the error stream. Returns the exit code: 2 for wrong use, else 1."""
    redact = _redactor(context)
    debug = os.environ.get("SOCRBOT_DEBUG", "") not in ("", "0")
    if debug:
        click.echo(redact("".join(traceback.format_exception(error))), err=True)
    click.echo(f"socrbot: {redact(_sentence(error, redact, debug=debug))}", err=True)
    if isinstance(error, CampaignError) and error.problems:
        from socrbot.report.problems import problem_lines

        for line in problem_lines(error.problems, plain=True):
            click.echo(redact(line), err=True)
    return _WRONG_USE if isinstance(error, SettingsError) else _TO_FIX


def _sentence(error: Exception, redact: Redactor, *, debug: bool) -> str:
    if isinstance(error, SocrbotError):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} cannot be used: {error.strerror}."
    # Cut short only when the secrets are out: half of one is one too.
    what = " ".join(redact(f"{type(error).__name__}: {error}").split())[:300]
    more = "" if debug else " To see where, run it again with SOCRBOT_DEBUG=1 before it."
    return f"Something went wrong inside socrbot itself ({what}). Please tell the people who look after it.{more}"


def _redactor(context: Context) -> Redactor:
    """Knows the secrets of the settings; where they cannot be read, those of the environment."""
    try:
        return context.settings.redactor()
    except (SocrbotError, OSError):
        return Redactor(pieces(value for name, value in os.environ.items() if is_secret(name)))
