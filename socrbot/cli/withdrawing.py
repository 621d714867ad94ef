"""`withdraw`: takes what is public down from the networks, and says what is left for a person to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from socrbot.app import App
from socrbot.cli.common import Context, the_delivery
from socrbot.cli.printing import heading, print_json, table
from socrbot.delivery import Delivery, State, allowed
from socrbot.errors import CampaignError, LedgerError, SettingsError
from socrbot.ledger import Filter
from socrbot.networks.base import Network
from socrbot.publishing.withdrawing import Remains, Withdrawer, is_public
from socrbot.report import words
from socrbot.report.status import zone_of
from socrbot.telling import write_log_page

_MOVING = frozenset({State.CLAIMED, State.SENDING})


def withdraw(
    context: Context,
    what: str,
    *,
    account: str | None,
    reason: str,
    by_hand: bool,
    words_too: bool,
    as_json: bool,
    ask: Callable[[str], None],
) -> int:
    """Withdraws a post, or one delivery by its number. Returns 1 where something is still public."""
    app = context.app()
    try:
        return _Desk(app, reason, by_hand=by_hand, words_too=words_too, as_json=as_json).run(
            _wanted(context, app, what, account), ask
        )
    finally:
        app.close()


def _wanted(context: Context, app: App, what: str, account: str | None) -> list[Delivery]:
    """The deliveries that are meant."""
    if what.isdecimal():
        return [the_delivery(app.ledger, int(what))]
    if account is not None:
        context.account(account, app.ledger)
    found = app.ledger.deliveries(Filter(post=context.post(what, app.ledger), account=account))
    if not found:
        raise SettingsError(f"{what} has not gone out anywhere, and nothing of it is planned.")
    return found


class _Desk:
    """One withdrawal at the command line."""

    def __init__(self, app: App, reason: str, *, by_hand: bool, words_too: bool, as_json: bool) -> None:
        self._app = app
        self._reason = reason
        self._by_hand = by_hand
        self._words_too = words_too
        self._as_json = as_json
        self._person = app.settings.person
        self._withdrawer = Withdrawer(app.ledger, self._network_of(), app.clock, self._person)

    def _network_of(self) -> Callable[[str], Network | None]:
        try:
            self._app.refresh()
        except CampaignError:
            # Taking down must work while the files cannot be read: then by hand.
            return lambda _account: None
        return self._app.network

    def run(self, wanted: Sequence[Delivery], ask: Callable[[str], None]) -> int:
        """Asks, cancels what is still to come, takes down what is public, and says what came of it."""
        public = [one for one in wanted if is_public(one)]
        waiting = [one for one in wanted if allowed(one.state, State.CANCELLED) and not one.parts_out]
        stuck = [one for one in wanted if one.state is State.UNKNOWN or one.state in _MOVING or _is_half_out(one)]
        kept = self._app.ledger.unerased(words=self._words_too, among=[one.id for one in wanted])
        if not public and not waiting and not stuck and not kept:
            raise SettingsError("Nothing of it is public, and nothing of it is planned. See: socrbot log")
        ask(_question(public, waiting, stuck, by_hand=self._by_hand))
        for one in waiting:
            self._app.ledger.cancel(one.id, by=self._person, reason=self._reason, now=self._app.clock.now())
        remains = [left for one in public if (left := self._take_down(one)) is not None]
        left_ids = {left.delivery.id for left in remains}
        gone = [one for one in public if one.id not in left_ids]
        erased = self._erase([*gone, *kept])
        if self._as_json:
            print_json(_data(gone, waiting, remains, stuck))
        else:
            self._print(gone, waiting, remains, stuck)
            if erased is not None:
                click.echo(erased)
        return 1 if remains or stuck else 0

    def _erase(self, gone: Sequence[Delivery]) -> str | None:
        """Erases what is kept here of what is gone there. Says what, in a sentence; None where there was nothing."""
        if not gone:
            return None
        said = self._app.ledger.said([one.id for one in gone]).values()
        pictured = any(one.pictures for tries in said for one in tries)
        try:
            self._app.eraser.withdrawn(gone, words=self._words_too, by=self._person, now=self._app.clock.now())
            write_log_page(self._app)
        except OSError as error:
            raise LedgerError(
                f"It is gone from the networks, but not all of it could be erased here: {error}. "
                "Put that right, then do the same again."
            ) from None
        return _erased(pictured=pictured, words_too=self._words_too)

    def _take_down(self, delivery: Delivery) -> Remains | None:
        if not self._by_hand:
            return self._withdrawer.withdraw(delivery, reason=self._reason)
        self._withdrawer.done_by_hand(delivery, reason=self._reason)
        return None

    def _print(
        self,
        gone: Sequence[Delivery],
        waiting: Sequence[Delivery],
        remains: Sequence[Remains],
        stuck: Sequence[Delivery],
    ) -> None:
        zone, now = zone_of(self._app.ledger), self._app.clock.now()
        rows = [(str(one.id), one.account, words.when(one.due_at, zone, now), "taken down") for one in gone]
        rows += [(str(one.id), one.account, words.when(one.due_at, zone, now), "cancelled") for one in waiting]
        if rows:
            table(("Number", "Account", "Was due", "Now"), rows, title="Done")
        if remains:
            click.echo("")
            heading("STILL PUBLIC")
        for left in remains:
            click.echo(f"{left.delivery.id}, on {left.delivery.account}: {left.why}")
            for address in left.addresses:
                click.echo(f"    {address}")
            click.echo(f"    {_next(left)}")
        for one in stuck:
            click.echo(f"{one.id}, on {one.account}: {_why_stuck(one)}")


def _erased(*, pictured: bool, words_too: bool) -> str | None:
    """What was erased on this computer, in a sentence; None where nothing was."""
    if words_too:
        return f"Its words{', pictures and their descriptions' if pictured else ''} were erased here as well."
    return "Its pictures and their descriptions were erased here as well." if pictured else None


def _is_half_out(delivery: Delivery) -> bool:
    """Whether parts of it are public while more of it is to come."""
    return delivery.parts_out > 0 and delivery.state in (State.PLANNED, State.HELD)


def _question(
    public: Sequence[Delivery], waiting: Sequence[Delivery], stuck: Sequence[Delivery], *, by_hand: bool
) -> str:
    accounts = ", ".join(dict.fromkeys(one.account for one in public))
    times = words.count(len(waiting), "planned time", "planned times")
    if not public and not waiting and not stuck:
        return "It is taken down already. Erase what is still kept of it here? This cannot be taken back."
    if by_hand:
        return f"Did you delete it on {accounts or 'the network'} yourself?"
    if not public:
        return f"Nothing of it is public. Cancel {times}?"
    also = f" and cancel {times}" if waiting else ""
    return f"Delete it from {accounts}{also}? This cannot be taken back."


def _next(left: Remains) -> str:
    if left.again:
        return f"Try again: socrbot withdraw {left.delivery.id} --reason WHY"
    return f"Delete it there by hand. Then say so: socrbot withdraw {left.delivery.id} --by-hand --reason WHY"


def _why_stuck(delivery: Delivery) -> str:
    if delivery.state in _MOVING:
        return "it is going out at this moment. Do the same again in a minute."
    if delivery.state is State.UNKNOWN:
        return f"we don't know whether it went out. Look there first, then: socrbot settle {delivery.id}"
    return (
        f"parts of it are public and more is to come. First: socrbot cancel {delivery.id} --reason WHY. "
        "Then the same again."
    )


def _data(
    gone: Sequence[Delivery], waiting: Sequence[Delivery], remains: Sequence[Remains], stuck: Sequence[Delivery]
) -> dict[str, object]:
    return {
        "withdrawn": [one.id for one in gone],
        "cancelled": [one.id for one in waiting],
        "still_public": [
            {
                "delivery": left.delivery.id,
                "account": left.delivery.account,
                "addresses": left.addresses,
                "why": left.why,
                "again": left.again,
            }
            for left in remains
        ],
        "not_settled": [one.id for one in stuck],
    }
