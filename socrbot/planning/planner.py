"""The plan: what the campaign asks for, arranged, and set against what the ledger has. Pure: `now` is handed in.

Three steps. Gathering: which occurrences of which post on which account should be waiting. Arranging: when each of them
is due, account by account. The difference: what the ledger must change. What is under way, over, or in a person's
hands is never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from socrbot.campaign import Campaign
from socrbot.delivery import IN_FLIGHT, Change, Delivery, State, Wanted
from socrbot.errors import Problem
from socrbot.planning.arranging import Quiet, arrange, to_the_minute
from socrbot.planning.difference import Files, hold_all, is_same, to_drop, to_have, too_many
from socrbot.planning.gathering import Gathering, Lane
from socrbot.planning.memory import Memory
from socrbot.planning.records import Known, Plan

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_BUSY = IN_FLIGHT | {State.UNKNOWN}
_PLANNED = State.PLANNED


def plan(
    campaign: Campaign,
    known: Known,
    *,
    now: datetime,
    accounts: Collection[str],
    faulty: Mapping[str, Problem],
    allow_mass_cancel: bool = False,
) -> Plan:
    """The changes that bring the ledger to what the files say. See `Planner.plan`."""
    return Planner().plan(
        campaign, known, now=now, accounts=accounts, faulty=faulty, allow_mass_cancel=allow_mass_cancel
    )


class Planner:
    """Plans one campaign after the other and remembers each post's occurrences. One thread at a time."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._quiet: Quiet | None = None

    def plan(
        self,
        campaign: Campaign,
        known: Known,
        *,
        now: datetime,
        accounts: Collection[str],
        faulty: Mapping[str, Problem],
        allow_mass_cancel: bool = False,
    ) -> Plan:
        """The changes that bring the ledger to what the files say, and the plan as it is then.

        `now` is aware UTC. `accounts` are the ids that may be planned for. `faulty` has the first error of each post
        that must not go out, by post id. With `allow_mass_cancel` a person has said that everything which the files
        no longer have is to be cancelled, however much it is. Not for a campaign whose configuration is unreadable.
        """
        files = Files(campaign, faulty, frozenset(accounts))
        gathering = Gathering(files, known, now=now, memory=self._memory)
        lanes = gathering.lanes()
        wanted, changes = self._arrange(campaign, known, now=now, lanes=lanes)
        kept = {row.id for lane in lanes.values() for _, row in lane if row is not None}
        rest = [row for row in gathering.open_rows if row.id not in kept]
        holds, cancels = to_drop(rest, files)
        asks = None if allow_mass_cancel else too_many(cancels, wanted, planned=len(gathering.open_rows))
        dropped: Sequence[Change] = [cancel for _, cancel in cancels] if asks is None else hold_all(cancels)
        return Plan((*dropped, *holds, *changes), tuple(wanted), gathering.end, asks)

    def _arrange(
        self, campaign: Campaign, known: Known, *, now: datetime, lanes: Mapping[str, Lane]
    ) -> tuple[list[Wanted], list[Change]]:
        quiet = self._quiet_of(campaign)
        busy = _busy_until(known.deliveries)
        wanted: list[Wanted] = []
        changes: list[Change] = []
        for name, lane in lanes.items():
            account = campaign.accounts[name]
            sent = known.last_sent.get(name)
            if sent is not None and sent > now:
                sent = None  # the clock went back: how long ago that was cannot be known, and must not block for ever
            last = max(filter(None, (busy.get(name), sent and to_the_minute(sent))), default=None)
            nominal = (entry.nominal for entry, _ in lane)
            times = arrange(nominal, quiet=quiet, spacing=campaign.spacing_of(account), last=last)
            for (entry, row), due_at in zip(lane, times, strict=True):
                each = entry.wanted(name, account.network, due_at)
                wanted.append(each)
                if row is None or row.state is not _PLANNED or not is_same(each, row):
                    changes.extend(to_have(each, row, now))
        return wanted, changes

    def _quiet_of(self, campaign: Campaign) -> Quiet:
        quiet = self._quiet
        if quiet is None or quiet.asked != campaign.quiet_hours or quiet.zone is not campaign.zone:
            quiet = self._quiet = Quiet(campaign.quiet_hours, campaign.zone)
        return quiet


def _busy_until(rows: Iterable[Delivery]) -> dict[str, datetime]:
    """For each account, the due time of what is under way there: it takes room until it has become `last_sent`."""
    busy: dict[str, datetime] = {}
    for row in rows:
        if row.state in _BUSY and row.due_at > busy.get(row.account, _LONG_AGO):
            busy[row.account] = row.due_at
    return busy
