"""What every command needs: the campaign's folder, the settings, the ledger, and a way to ask. `printing.py` prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from socrbot.errors import SettingsError

if TYPE_CHECKING:
    from socrbot.app import App
    from socrbot.delivery import Delivery
    from socrbot.ledger import Ledger
    from socrbot.settings import Settings

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
yes_option = click.option("--yes", is_flag=True, help="Don't ask; do it.")

# So many names are listed where a wrong one has no near neighbour.
_LISTED = 8


class Context:
    """The folder and the settings of one run of the program, found out when they are needed."""

    def __init__(self, campaign: str | None = None) -> None:
        self.campaign = campaign
        self._settings: Settings | None = None

    @property
    def root(self) -> Path:
        """The campaign's folder. Raises SettingsError where there is none."""
        if self.campaign is not None:
            root = Path(self.campaign)
            if not (root / "config").is_dir():
                raise SettingsError(
                    f"{root} is no campaign's folder: it has no config/ in it. "
                    f"Name the right folder, or start a new campaign with: socrbot init {root}"
                )
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
        """The ledger, for a person's acts. It is made where there is none."""
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

    def account(self, account: str, ledger: Ledger) -> str:
        """The name of an account that the ledger or the files know. Raises SettingsError for any other."""
        known = [row.id for row in ledger.accounts()]
        if account not in known:
            known = list(dict.fromkeys([*known, *self._accounts_in_files()]))
        if account not in known:
            raise unknown("account", account, known)
        return account

    def _accounts_in_files(self) -> Iterable[str]:
        from socrbot import source

        campaign = source.load(self.root).campaign
        return campaign.accounts if campaign is not None else ()

    def post(self, post: str, ledger: Ledger) -> str:
        """The name of a post that the ledger or the files know. Raises SettingsError for any other."""
        if ledger.knows(post):
            return post
        from socrbot import source

        loaded = source.load(self.root)
        known = {*(loaded.campaign.posts if loaded.campaign is not None else ()), *loaded.faulty}
        if post not in known:
            raise unknown("post", post, known)
        return post


pass_context: Callable[[Callable[..., Any]], Callable[..., Any]] = click.make_pass_decorator(Context)


def the_delivery(ledger: Ledger, number: int) -> Delivery:
    """The delivery of this number. Raises SettingsError where the log has none."""
    from socrbot.errors import LedgerError

    try:
        return ledger.delivery(number)
    except LedgerError as error:
        if "There is no delivery" not in str(error):
            raise
        raise SettingsError(f"There is no delivery {number}. The numbers stand in: socrbot log") from None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean "petition"?` where a known name is near; else nothing."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""


def unknown(kind: str, name: str, known: Iterable[str]) -> SettingsError:
    """The mistake of naming an account, post or network that does not exist, with the nearest name or all there are."""
    names = list(known)
    hint = did_you_mean(name, names)
    if not hint and names:
        hint = (
            f" There are: {', '.join(sorted(names))}." if len(names) <= _LISTED else f" There are {len(names)} others."
        )
    return SettingsError(f'There is no {kind} called "{name}".{hint}')


def named(account: str, network: str) -> str:
    """An account with its network, where its name does not say it: "wales (bluesky)"."""
    return account if account == network else f"{account} ({network})"


def confirm(question: str, *, yes: bool) -> None:
    """Asks before something that cannot be taken back; ends the command unless the answer is yes."""
    if yes:
        return
    if not sys.stdin.isatty() and os.environ.get("SOCRBOT_ASK_ANYWAY", "") in ("", "0"):
        raise SettingsError(f"{question} There is nobody here to ask. Add --yes to go ahead.")
    click.confirm(question, abort=True)
