"""Wires the ledger, the networks and the campaign together from the settings, and makes one pass of the bot.

The service calls `turn` over and over, `tick` calls it once, the demo calls it on a clock of its own.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event, Lock

from socrbot import networks, planning, source
from socrbot.campaign import Account, Campaign
from socrbot.checking import Checker
from socrbot.clock import Clock
from socrbot.equipping import Equipping, public_folder
from socrbot.errors import CampaignError, LedgerError, Severity
from socrbot.hosting import PublicFolder
from socrbot.ledger import Ledger
from socrbot.marking import Marker
from socrbot.media import Assets, Store
from socrbot.networks.base import Network
from socrbot.publishing.access import AccessWatch
from socrbot.publishing.acquainting import Acquainter
from socrbot.publishing.ahead import LookAhead
from socrbot.publishing.erasing import Eraser
from socrbot.publishing.guards import Guards
from socrbot.publishing.measuring import Measurer
from socrbot.publishing.publisher import Publisher
from socrbot.publishing.reconcile import Reconciler
from socrbot.publishing.snapshot import Snapshot
from socrbot.report.notice import cannot_work
from socrbot.settings import Settings
from socrbot.syncing import Syncer
from socrbot.traces import Traces


@dataclass(frozen=True, slots=True)
class Turn:
    """What one pass did. `asks` is a question for a person; `next_due` when the next pass has work (aware UTC)."""

    taken: int
    asks: str | None
    next_due: datetime | None


class App:
    """One worker of the bot. Opens its ledger at once and its networks when they are needed."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        say: Callable[..., None],
        only: Sequence[str] | None = None,
        threads: int = 8,
    ) -> None:
        """`only` leaves all other accounts out: the demo names the outbox alone."""
        self.settings = settings
        self.clock = clock
        self.say = say
        self.only = only
        self.worker = f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"
        self.ledger = Ledger.open(settings.database, clock=clock)
        self.redact = settings.redactor()
        self.store = Store.below(settings.data)
        self._assets = Assets(settings.root, self.store)
        self.equipping = Equipping(settings, clock, self._assets)
        self._cache = source.Cache()
        self._checker = Checker(
            tuple(networks.NETWORKS), lambda accounts: networks.capabilities_by_account(accounts, settings.data)
        )
        self._snapshot: Snapshot | None = None
        self._networks: dict[str, tuple[object, Network]] = {}
        self._lock = Lock()
        self._stopping = Event()
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="account")
        self._busy: dict[str, Future[int]] = {}
        self.syncer = Syncer(self.ledger, clock, say)
        self._asked: str | None = None
        self._told: set[str] = set()
        self._not_connected: str | None = None
        self._looked = self._caught_up = False
        self._tidied: datetime | None = None
        self.guards = Guards(self.ledger, self.connected)
        self.ahead = LookAhead(self.ledger, self.guards)
        self.publisher = Publisher(
            ledger=self.ledger,
            guards=self.guards,
            network=self.network,
            snapshot=self.snapshot,
            stopping=self._stopping.is_set,
            clock=clock,
            worker=self.worker,
            lease=settings.lease,
            longest_call=timedelta(seconds=sum(settings.timeout)),
            say=say,
            sent_as=self.equipping.sent_as,
        )
        self.reconciler = Reconciler(self.ledger, self.network, clock, self.worker, say, settings.settle)
        self.acquainter = Acquainter(self.ledger, self.network, clock, self.worker, say)
        self.access = AccessWatch(self.ledger, self.network, clock, say)
        self.marker = Marker(self.ledger, settings.data)
        self.eraser = Eraser(self.ledger, settings.data, Traces(settings.data, self.store, self._public).erase)
        self.measurer = Measurer(self.ledger, self.network, clock, say)

    def beat(self) -> None:
        """Gives a sign of life: somebody makes passes here, again and again."""
        self.ledger.beat(self.worker, now=self.clock.now())

    def stop(self) -> None:
        """From now on no delivery is taken in hand; what is in hand goes on to its end."""
        self._stopping.set()

    def close(self) -> None:
        """Waits for what is under way and closes the ledger."""
        self.stop()
        self._pool.shutdown(wait=True)
        self._note_ledger()
        self.ledger.close()

    def refresh(self) -> Snapshot:
        """Reads and checks the files; what has not changed costs little. Raises CampaignError where it cannot."""
        loaded = source.load(self.settings.root, inspect=self._assets.inspect, cache=self._cache)
        if loaded.campaign is None:
            if self._snapshot is not None:
                # Threads that are at work go by it: from now on it lets nothing out.
                self._snapshot = replace(
                    self._snapshot, campaign=replace(self._snapshot.campaign, config_unreadable=True)
                )
            raise CampaignError("The campaign's files cannot be understood.", loaded.problems)
        checked = self._checker.check(
            loaded.campaign,
            loaded.problems,
            loaded.faulty,
            now=self.clock.now(),
            history=self.syncer.history(loaded.campaign.posts),
        )
        snapshot = Snapshot(
            campaign=loaded.campaign,
            problems=checked.problems,
            faulty=checked.faulty,
            renderer=checked.renderer,
            capabilities=checked.capabilities,
        )
        if self._snapshot is None or snapshot != self._snapshot:
            # Else the record from before goes on: that nothing is new is then seen at a glance.
            self._snapshot = snapshot
        return self._snapshot

    def snapshot(self) -> Snapshot:
        """The campaign as last read."""
        return self._snapshot or self.refresh()

    def account(self, account: str) -> Account | None:
        """The account of this id in the files."""
        return self.snapshot().campaign.accounts.get(account)

    def missing(self, account: Account) -> tuple[str, ...]:
        """The variables that must still be set before the account is connected."""
        return networks.missing(account.network, prefix=account.env, have=self.settings.env)

    def connected(self, account: str) -> bool:
        """Whether the account's variables are set. The outbox needs none."""
        known = self.account(account)
        return known is not None and known.network in networks.NETWORKS and not self.missing(known)

    def network(self, account: str) -> Network | None:
        """The adapter of an account, made once for the same options; None while it is not connected."""
        known = self.account(account)
        if known is None or not self.connected(account):
            return None
        campaign = self.snapshot().campaign
        made_for = (known.network, known.env, tuple(known.options.items()), campaign.public_media)
        with self._lock:
            made = self._networks.get(account)
            if made is None or made[0] != made_for:
                made = made_for, networks.connect(known.network, self.equipping.equipment(known, campaign))
                self._networks[account] = made
            return made[1]

    def _public(self) -> PublicFolder | None:
        """The public folder for pictures; None where there is none, or the files cannot be read that name it."""
        try:
            return public_folder(self.snapshot().campaign, self.settings.root, self.clock)
        except CampaignError:
            return None

    def planned_accounts(self, campaign: Campaign) -> frozenset[str]:
        """Accounts that deliveries are planned for: connected ones, and those that were live before."""
        live = {row.id for row in self.ledger.accounts() if row.live_at is not None}
        known = campaign.accounts if self.only is None else self.only
        return frozenset(name for name in known if name in live or self.connected(name))

    def turn(self, *, wait: bool) -> Turn:
        """One pass: read the files, plan, look ahead, publish what is due, settle what is unknown.

        `wait` lets it return only when every account is done; else accounts go on in their threads.
        """
        ready, asks = self.prepare()
        taken = self._drain(wait=wait) if ready else 0
        return Turn(taken, asks, self.ledger.next_due(self.clock.now(), spacing=self.spacing()))

    def prepare(self) -> tuple[bool, str | None]:
        """All of a pass but the publishing: reads the files, plans, gives up what is too late, looks ahead.

        Returns whether anything may go out, and the question for a person.
        """
        now = self.clock.now()
        if not self._looked:
            for account in self.marker.look(now=now):
                self.say("brought-back", account=account)
            self._looked = True
        if not self._caught_up:
            self._catch_up(now)
        self._note_ledger()
        self._tidy(now)
        self.expire()
        with source.collector_paused():
            snapshot, asks = self._read()
        self._ask(asks)
        for delivery in self.ledger.miss_late(now):
            self.say("missed", delivery=delivery.id, post=delivery.post, account=delivery.account)
        if snapshot is not None:
            self.ahead.look(snapshot, now=self.clock.now())
        return snapshot is not None, asks

    def _catch_up(self, now: datetime) -> None:
        """Does again what was withdrawn, where an old copy of the ledger or a broken end left some of it."""
        try:
            for delivery in self.eraser.again(now=now):
                self.say("withdrawn-again", delivery=delivery.id, account=delivery.account)
            self._caught_up = True
        except OSError as error:
            # What is public is gone, so the campaign's other posts need not wait. The next pass tries again.
            self.say("crashed", detail=f"What was withdrawn could not be erased here: {error}")

    def _note_ledger(self) -> None:
        """Notes how far the ledger has come. Without the note nothing is worse than before there was one."""
        with suppress(OSError, LedgerError):
            self.marker.note(now=self.clock.now())

    def _tidy(self, now: datetime) -> None:
        """Takes away, once an hour, what a post that was given up left in the public folder."""
        if self._tidied is not None and timedelta(0) <= now - self._tidied < timedelta(hours=1):
            return
        self._tidied = now
        if self._snapshot is not None and (place := self._public()) is not None:
            place.tidy()

    def expire(self) -> None:
        """Takes deliveries from workers whose time ran out."""
        for delivery in self.ledger.expire(self.clock.now()):
            self.say("expired", delivery=delivery.id, account=delivery.account, state=delivery.state)

    def _read(self) -> tuple[Snapshot | None, str | None]:
        """Reads the files and plans. Returns no snapshot where nothing may go out, and the question for a person."""
        try:
            snapshot = self.refresh()
        except CampaignError as error:
            return None, cannot_work(error.problems)
        self._tell_problems(snapshot)
        self._note_not_connected(snapshot)
        return snapshot, self.sync(snapshot)

    def _note_not_connected(self, snapshot: Snapshot) -> None:
        """Keeps in the ledger which accounts are not connected, for those who read only the ledger."""
        names = " ".join(name for name in snapshot.campaign.accounts if not self.connected(name))
        if names != self._not_connected:
            self.ledger.set_meta("not_connected", names)
            self._not_connected = names

    def _tell_problems(self, snapshot: Snapshot) -> None:
        """Says each error of the files once in the running log, for whoever watches it."""
        errors = {str(problem) for problem in snapshot.problems if problem.severity is Severity.ERROR}
        for error in sorted(errors - self._told):
            self.say("problem", detail=error)
        self._told = errors

    def _ask(self, question: str | None) -> None:
        if question != self._asked:
            self.ledger.set_meta("asks", question or "")
            if question:
                self.say("asks", detail=question)
            self._asked = question

    def planned(
        self, snapshot: Snapshot, *, until: datetime | None = None, accounts: Collection[str] | None = None
    ) -> planning.Plan:
        """What a sync would change, and the plan as it is then. Changes nothing.

        `until` (aware UTC) looks further ahead than the campaign says; `accounts` instead of those that are connected.
        """
        return self.syncer.planned(
            snapshot, self.planned_accounts(snapshot.campaign) if accounts is None else accounts, until=until
        )

    def sync(self, snapshot: Snapshot, *, allow_mass_cancel: bool = False, by: str = "plan") -> str | None:
        """Brings the ledger to what the files say. Returns a question for a person, if there is one."""
        if snapshot.campaign.config_unreadable:
            return cannot_work(snapshot.problems)
        accounts = self.planned_accounts(snapshot.campaign)
        return self.syncer.sync(snapshot, accounts, allow_mass_cancel=allow_mass_cancel, by=by)

    def _drain(self, *, wait: bool) -> int:
        """Starts a thread for each account with something to do. Returns how many accounts were started."""
        self._busy = {account: future for account, future in self._busy.items() if not future.done()}
        started = []
        due = self.ledger.due_accounts(self.clock.now(), spacing=self.spacing())
        for account in dict.fromkeys([*due, *self.reconciler.accounts(), *self.to_look_after()]):
            if account not in self._busy:
                self._busy[account] = self._pool.submit(self.work, account)
                started.append(account)
        if wait:
            for future in list(self._busy.values()):
                future.result()
        return len(started)

    def to_look_after(self) -> list[str]:
        """Accounts that are to be compared first, whose access is to be looked at, or about whose posts their network
        is to be asked.
        """
        snapshot = self.snapshot()
        return [
            *self.acquainter.accounts(),
            *self.access.accounts(snapshot),
            *self.measurer.accounts(snapshot),
        ]

    def work(self, account: str) -> int:
        """Sends what is due on one account, and looks for its lost answers: one thread an account at a time.

        What goes wrong with one account stops no other.
        """
        try:
            if not self.acquainter.ready(account, self.snapshot()):
                return 0
            done = self.publisher.drain(account) + self.reconciler.run(account)
            self.access.run(account, self.snapshot())
            self.measurer.run(account, self.snapshot())
        except Exception as error:  # said, and found again by the next pass once its time in hand has run out
            self.say("crashed", account=account, detail=self.redact(f"{type(error).__name__}: {error}"))
            return 0
        return done

    def spacing(self) -> dict[str, timedelta]:
        """The least time between two posts, by account id."""
        campaign = self.snapshot().campaign if self._snapshot is not None else None
        return {} if campaign is None else {a.id: campaign.spacing_of(a) for a in campaign.accounts.values()}
