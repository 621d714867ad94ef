"""Every reason why a delivery must not go out, in one place: what the files say and what the ledger says.

Asked long before the time (so that the team is told while it can still act) and again at the last moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from socrbot.delivery import Delivery
from socrbot.ledger import AccountRow, Ledger
from socrbot.message import Message
from socrbot.publishing.costs import cost_of, month_of
from socrbot.publishing.snapshot import Snapshot
from socrbot.report.words import money
from socrbot.rules import Held

# Sums of prices are not exact to the last digit.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Guards:
    """`connected` says whether an account's credentials are set."""

    ledger: Ledger
    connected: Callable[[str], bool]

    def look(
        self,
        snapshot: Snapshot,
        delivery: Delivery,
        message: Message | None,
        *,
        now: datetime,
        accounts: Mapping[str, AccountRow] | None = None,
    ) -> Held | None:
        """The first reason against the delivery, or None. A guard that cannot decide is a reason.

        `accounts` are the ledger's, by id, where they were read for many deliveries at once.
        """
        row = self.ledger.account(delivery.account) if accounts is None else accounts.get(delivery.account)
        return (
            snapshot.guard(delivery, message, now=now)
            or self._account(snapshot, delivery, row, at_last=accounts is None)
            or (self._wording(delivery, message) if message is not None else None)
            or (self._budget(snapshot, delivery, message, now) if message is not None else None)
        )

    def _account(self, snapshot: Snapshot, delivery: Delivery, row: AccountRow | None, *, at_last: bool) -> Held | None:
        if not self.connected(delivery.account):
            return Held("not-connected", f"The variables of {delivery.account} are not set.")
        if row is not None and row.stopped_reason is not None:
            return Held("account-stopped", row.stopped_reason)
        if snapshot.capabilities[delivery.account].public and (row is None or row.live_at is None):
            return Held("not-live", f"{delivery.account} is new here. Nothing goes out before `go-live`.")
        if row is not None and row.compare_since is not None and (at_last or row.compare_trouble):
            # Ahead of its time it is no news that an account is still to be compared: that takes a moment.
            return Held("not-compared", row.compare_trouble or f"What {delivery.account} said lately is not compared.")
        return None

    def _wording(self, delivery: Delivery, message: Message) -> Held | None:
        begun = self.ledger.wording_begun(delivery.id)
        if begun is not None:
            if begun == message.wording_digest:
                return None
            return Held("changed-midway", "The post was edited after its first part went out.")
        earlier = self.ledger.sent_wording(delivery.account, message.wording_digest, other_than=delivery.post)
        if earlier is None:
            return None
        detail = f"{delivery.account} said the same words before, as {earlier.post} (delivery {earlier.id})."
        return Held("looks-sent", detail)

    def spent(self, snapshot: Snapshot, account: str, *, now: datetime) -> float:
        """What an account has cost in the calendar month so far, questions about its posts included (US dollars)."""
        capable = snapshot.capabilities.get(account)
        names = capable.price if capable is not None else None
        read = snapshot.campaign.prices.get(names.read, 0.0) if names is not None and names.read else 0.0
        return self.ledger.spent(account, since=month_of(now, snapshot.campaign.zone), per_question=read)

    def _budget(self, snapshot: Snapshot, delivery: Delivery, message: Message, now: datetime) -> Held | None:
        """A thread that has begun is finished, whatever the rest of it costs."""
        campaign = snapshot.campaign
        budget = campaign.accounts[delivery.account].budget
        cost = cost_of(message, snapshot.capabilities[delivery.account], campaign.prices)
        if budget is None or not cost or delivery.parts_out:
            return None
        spent = self.spent(snapshot, delivery.account, now=now)
        if spent + cost <= budget + _ROUNDING:
            return None
        return Held(
            "over-budget",
            f"{delivery.account} has a budget of {money(budget)} a month. {money(spent)} of it is spent, and this "
            f"post costs {money(cost)}.",
        )
