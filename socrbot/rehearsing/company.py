"""The bot of a rehearsal: a copy of the ledger in a temporary folder, a clock of its own, a stage for every account."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from socrbot import networks, source
from socrbot.app import App
from socrbot.campaign import Account, Campaign
from socrbot.clock import Clock, VirtualClock
from socrbot.errors import CampaignError
from socrbot.ledger.aside import copy_aside
from socrbot.logs import silent
from socrbot.message import Attachment, Rendition
from socrbot.networks.base import Equipment, Network
from socrbot.rehearsing.faults import Fault
from socrbot.rehearsing.stage import Stage, Weather
from socrbot.rehearsing.walk import true_time
from socrbot.settings import Environment, Settings

# What adapters keep of their servers' limits, in an account's folder. Logins stand in other files, and are not copied.
_LIMITS = ("limits.json", "linkedin.json")
# Where a variable is set: the value itself is not needed.
_SET = "-"


class Company(App):
    """The real bot, but that every account speaks on a stage. One account after the other: the same run each time."""

    def __init__(self, settings: Settings, *, clock: VirtualClock, faults: Sequence[Fault]) -> None:
        super().__init__(settings, clock=clock, say=silent, threads=1)
        self.virtual = clock
        self.weather = Weather(faults, true_time(clock))
        # How the accounts stood before anything was rehearsed.
        self.before = {row.id: row for row in self.ledger.accounts()}
        self.assets = self.equipping.assets
        self._stages: dict[str, Stage] = {}

    def network(self, account: str) -> Network | None:
        """The stage of an account; None while it is not connected."""
        known = self.account(account)
        if known is None or not self.connected(account):
            return None
        if account not in self._stages:
            self._stages[account] = self._stage(known)
        return self._stages[account]

    def rendition(self, account: str, attachment: Attachment) -> Rendition:
        """A picture as the account would show it. Raises NotSent or Refused."""
        return self.assets.rendition(attachment, self.snapshot().capabilities[account])

    def _stage(self, account: Account) -> Stage:
        folder = networks.folder_of(account.id, self.settings.data)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        capable = self.snapshot().capabilities[account.id]

        def media(attachment: Attachment, like: Attachment | None = None) -> Rendition:
            return self.assets.rendition(attachment, capable, like)

        kept = networks.connect(
            "outbox",
            Equipment(account=account.id, env={}, options={}, clock=self.clock, media=media, folder=folder),
        )
        row = self.ledger.account(account.id)
        ends_at = row.access_ends_at if row is not None else None
        return Stage(account.id, capable, kept=kept, weather=self.weather, ends_at=ends_at)

    def let_all_speak(self, now: datetime) -> None:
        """Takes every account that is not live for one that is."""
        live = {row.id for row in self.ledger.accounts() if row.live_at is not None}
        for account in self.snapshot().campaign.accounts.values():
            if account.id not in live:
                self.ledger.go_live(account.id, account.network, None, by="rehearsal", now=now)


@contextmanager
def assembled(
    settings: Settings, *, campaign: Campaign, clock: Clock, faults: Sequence[Fault] = (), as_if_live: bool = False
) -> Iterator[Company]:
    """The bot of a rehearsal that begins now; what it wrote is gone afterwards.

    `settings` and `campaign` are the real ones. `as_if_live`: accounts that are not connected, or not live, speak too.
    Raises LedgerError where the ledger cannot be read, CampaignError where the files cannot.
    """
    with tempfile.TemporaryDirectory(prefix="socrbot-rehearsal-") as folder:
        data = Path(folder)
        copy_aside(settings.database, data / "ledger.sqlite", clock=clock)
        for account in campaign.accounts:
            _copy_limits(account, settings.data, data)
        there = replace(
            settings,
            data=data,
            database=str(data / "ledger.sqlite"),
            env=_variables(settings, campaign, everything=as_if_live),
            alarms=(),
            heartbeat=None,
        )
        company = Company(there, clock=VirtualClock(clock.now().replace(microsecond=0)), faults=faults)
        try:
            company.refresh()
            if as_if_live:
                company.let_all_speak(company.clock.now())
            yield company
        finally:
            company.close()


def campaign_of(settings: Settings) -> Campaign:
    """The campaign in the files. Raises CampaignError where they cannot be understood."""
    loaded = source.load(settings.root)
    if loaded.campaign is None:
        raise CampaignError("The campaign's files cannot be understood.", loaded.problems)
    return loaded.campaign


def _copy_limits(account: str, real: Path, data: Path) -> None:
    for name in _LIMITS:
        file = networks.folder_of(account, real) / name
        if file.is_file():
            folder = networks.folder_of(account, data)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(OSError):
                shutil.copyfile(file, folder / name)


def _variables(settings: Settings, campaign: Campaign, *, everything: bool) -> Environment:
    """Which variables are set, without what they are set to."""
    names = [
        networks.variable(account.network, name, account.env)
        for account in campaign.accounts.values()
        if account.network in networks.NETWORKS
        for name in networks.capabilities(account.network).needs
    ]
    return Environment({name: _SET for name in names if everything or name in settings.env})
