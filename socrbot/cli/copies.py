"""`backup` and `restore`: copies of the ledger, and bringing one back without repeating what went out since."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socrbot.cli.common import Context, confirm, json_option, pass_context, yes_option
from socrbot.errors import LedgerError, SettingsError

if TYPE_CHECKING:
    from socrbot.ledger.copying import Copy
    from socrbot.settings import Settings

# A bot that gave a sign of life so lately is taken to be running.
_ALIVE = timedelta(minutes=2)
# After `--done` nobody knows of when the ledger is: so far back the accounts' posts are compared.
_LOOK_BACK = timedelta(days=30)
_NAME = "ledger-%Y-%m-%dT%H%M%SZ.sqlite"
_NAMES = "ledger-????-??-??T??????Z.sqlite"


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option(
    "--keep", type=click.IntRange(min=1), help="Keep so many dated copies in the folder, and delete older ones."
)
@json_option
@pass_context
def backup(context: Context, file: Path | None, keep: int | None, as_json: bool) -> None:
    """Copy the ledger to FILE, while the bot goes on. Each night, please.

    If FILE is a folder, or left out (then it is data/backups), the copy gets a name with the date and time. The copy is
    looked at before it takes the place of an older one. It holds what was sent and what was withdrawn; the posts' files
    and .env are not in it.
    """
    from socrbot.clock import SystemClock
    from socrbot.ledger import copying

    settings = context.settings
    ledger = _ledger_file(settings, "A ledger on PostgreSQL is copied with pg_dump, not by socrbot.")
    folder = settings.data / "backups" if file is None else file
    dated = file is None or file.is_dir()
    if keep is not None and not dated:
        raise click.UsageError("--keep is for a folder of dated copies. Name a folder, or leave FILE out.")
    to = folder / SystemClock().now().strftime(_NAME) if dated else folder
    if to.resolve() == ledger.resolve():
        raise click.UsageError("FILE is the ledger itself. Name another place, on another disk if you can.")
    _make_folder(to.parent)
    copying.save(ledger, to, withdrawn=_withdrawn(settings))
    gone = _tidy(folder, keep) if keep is not None else []
    if as_json:
        from socrbot.cli.printing import print_json

        print_json({"file": str(to), "deleted": [str(path) for path in gone]})
        return
    click.echo(f"Copied and looked at: {to}")
    if gone:
        click.echo(f"Deleted older copies: {', '.join(path.name for path in gone)}")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option("--done", is_flag=True, help="The ledger was brought back by other means: compare all accounts first.")
@yes_option
@pass_context
def restore(context: Context, file: Path | None, done: bool, yes: bool) -> None:
    """Bring the ledger back from a copy. Stop the bot first.

    The present ledger is kept beside it. Afterwards nothing goes out on an account before what it said lately was
    compared with the plan: what is public already is not sent again, and what is past is too late. On PostgreSQL use
    pg_restore, and then `socrbot restore --done` before you start the bot.
    """
    if done == (file is not None):
        raise click.UsageError("Name the FILE of a copy; or say --done, if you brought the ledger back by other means.")
    if file is None:
        _guard_all(context)
        return
    from socrbot.ledger import copying

    how = "pg_restore brings back a ledger on PostgreSQL. After that, and before the bot starts: socrbot restore --done"
    ledger = _ledger_file(context.settings, how)
    if file.resolve() == ledger.resolve():
        raise click.UsageError("FILE is the ledger that is there now. Name a copy.")
    copy = copying.inspect(file)
    _refuse_while_running(ledger)
    of = f"{copy.last_line:%d %B %Y, %H:%M} UTC" if copy.last_line else "before anything happened"
    click.echo(f"{file} is whole. Its last line is of {of}.")
    confirm(f"Put it in the place of {ledger}?", yes=yes)
    _bring_back(context.settings, file, ledger, copy)


def _bring_back(settings: Settings, file: Path, ledger: Path, copy: Copy) -> None:
    from socrbot.clock import SystemClock
    from socrbot.ledger import Ledger, copying
    from socrbot.ledger.acquainting import CLOCKS_DIFFER
    from socrbot.marking import FILE
    from socrbot.publishing.erasing import note_missing

    _make_folder(ledger.parent)
    new = copying.unpack(file, ledger)
    try:
        clock = SystemClock()
        since = copy.last_line - CLOCKS_DIFFER if copy.last_line else None
        with Ledger.open(new, clock=clock) as opened:
            accounts = opened.to_compare(since, by=settings.person, now=clock.now())
        note_missing(settings.data, copy.withdrawn)
        # It was said; there is nothing to be noticed by itself.
        (settings.data / FILE).unlink(missing_ok=True)
        _refuse_while_running(ledger)
        if not copying.alone(new):
            raise LedgerError(f"Another program uses {new}. Nothing was replaced.")
        kept = copying.exchange(ledger, new)
    finally:
        for left in new.parent.glob(f"{new.name}*"):
            copying.clear(left)
    click.echo(f"Brought back: {ledger}")
    if kept is not None:
        click.echo(f"What was there before is kept as {kept}. Delete it when all is well.")
    _say_guarded(accounts)


def _guard_all(context: Context) -> None:
    with context.ledger() as ledger:
        now = ledger.now()
        _say_guarded(ledger.to_compare(now - _LOOK_BACK, by=context.settings.person, now=now))


def _say_guarded(accounts: list[str]) -> None:
    if accounts:
        click.echo(
            f"Start the bot again. Before anything goes out on {', '.join(accounts)}, it compares what was said there "
            "lately with the plan. What needs you then stands in: socrbot status"
        )
    else:
        click.echo("No account may publish in this ledger, so nothing goes out before: socrbot go-live ACCOUNT")


def _refuse_while_running(ledger: Path) -> None:
    """Raises SettingsError while a bot works with this ledger, or did so a moment ago."""
    from socrbot.clock import SystemClock
    from socrbot.ledger import copying

    beat = copying.last_beat(ledger)
    if (beat is not None and abs(SystemClock().now() - beat) < _ALIVE) or not copying.alone(ledger):
        raise SettingsError(
            "The bot is running on this ledger, or was so within the last two minutes. Stop it first "
            "(systemctl stop socrbot, or take the cron line out), wait two minutes, and try again. Nothing was changed."
        )


def _ledger_file(settings: Settings, otherwise: str) -> Path:
    """The SQLite file of the ledger. Raises SettingsError with `otherwise` where it is on a server."""
    database = settings.database
    if "://" not in database:
        return Path(database).absolute()
    if not database.startswith("sqlite:///"):
        raise SettingsError(otherwise)
    return Path(database.removeprefix("sqlite:///")).absolute()


def _withdrawn(settings: Settings) -> str:
    from socrbot.publishing.erasing import LIST

    path = settings.data / LIST
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"The folder {folder} cannot be made: {error.strerror}.") from None


def _tidy(folder: Path, keep: int) -> list[Path]:
    """Deletes the oldest dated copies; their names sort by time."""
    old = sorted(folder.glob(_NAMES))[:-keep]
    for path in old:
        path.unlink(missing_ok=True)
    return old


COMMANDS = (backup, restore)
