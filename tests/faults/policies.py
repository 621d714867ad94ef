"""Six policies that are broken on purpose, put into a child by a patch: a judge who misses one is worth nothing.

Each is something that programs of this kind really do.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from socrbot.delivery import Claim, Delivery, Outcome, State
from socrbot.ledger.ageing import Ageing
from socrbot.ledger.claims import Claims
from socrbot.ledger.outcomes import Outcomes
from socrbot.ledger.reading import Asking
from socrbot.message import Receipt
from socrbot.publishing import publisher
from socrbot.publishing.reconcile import Reconciler


def resend_blindly() -> None:
    """What was going out when the program died goes out again, unseen."""
    real = Ageing.expire

    def expire(this: Any, now: datetime) -> list[Delivery]:
        found = real(this, now)
        for delivery in found:
            if delivery.state is State.UNKNOWN:
                this.settle(delivery.id, found=None, evidence="Nobody looked.", now=now, by="broken")
        return found

    Ageing.expire = expire  # type: ignore[method-assign]


def no_intent() -> None:
    """What is about to be sent is written down together with the answer."""
    waiting: dict[int, tuple[tuple[Any, ...], dict[str, Any]]] = {}
    intend, part_sent, record = Claims.intend, Outcomes.part_sent, Outcomes.record

    def later(this: Any, claim: Claim, **what: Any) -> int:
        waiting[claim.delivery.id] = ((this, claim), what)
        return -claim.delivery.id

    def now_then(claim: Claim, attempt: int | None) -> int | None:
        if attempt is None or attempt > 0:
            return attempt
        args, what = waiting[claim.delivery.id]
        made = intend(*args, **what)
        assert isinstance(made, int)
        return made

    def sent(this: Any, claim: Claim, attempt: int, receipt: Receipt, **what: Any) -> None:
        part_sent(this, claim, now_then(claim, attempt) or 0, receipt, **what)

    def other(this: Any, claim: Claim, attempt: int | None, outcome: Outcome, **what: Any) -> None:
        record(this, claim, now_then(claim, attempt), outcome, **what)

    Claims.intend, Outcomes.part_sent, Outcomes.record = later, sent, other  # type: ignore[assignment,method-assign]


def give_up_on_sending() -> None:
    """What was going out when the program died is called failed."""
    real = Ageing.expire

    def expire(this: Any, now: datetime) -> list[Delivery]:
        found = real(this, now)
        for delivery in found:
            if delivery.state is State.UNKNOWN:
                with this._change(now, "broken") as change:
                    change.move(this_delivery(change, delivery), State.FAILED, "failed", reason="gave-up", detail="-")
        return found

    def this_delivery(change: Any, delivery: Delivery) -> Delivery:
        from socrbot.ledger.doubts import in_doubt
        from socrbot.ledger.outcomes import end_attempt

        was: Delivery = change.find(delivery.id)
        end_attempt(change, in_doubt(change, was).id, "failed", reason="gave-up", detail="-")
        return was

    Ageing.expire = expire  # type: ignore[method-assign]


def trust_one_empty_look() -> None:
    """A list that does not show the post, seen once and at once, is taken for proof."""

    def absent(this: Any, unknown: Any, _capabilities: Any, evidence: str) -> None:
        this.ledger.settle(unknown.delivery.id, found=None, evidence=evidence, now=this.clock.now(), by="broken")

    Reconciler._absent = absent  # type: ignore[method-assign]


def ignore_the_lease() -> None:
    """A worker that was stopped for long sends as if it still had the delivery."""
    Claim.age_left = lambda _this, _monotonic: 1e9  # type: ignore[method-assign]


def random_key() -> None:
    """Each try has a key of its own."""
    real = Asking.parts
    Asking.parts = lambda this, number: [replace(row, key="") for row in real(this, number)]  # type: ignore[method-assign]
    publisher.part_key = lambda _delivery, number: f"{uuid.uuid4().hex[:16]}@1796000000000000/{number}"


@dataclass(frozen=True, slots=True)
class Broken:
    """A policy: how it is put in, in which scene it does harm, at which points, and what the judge says then.

    `harmless` are points at which the same policy does no harm: what the judge says there has to be nothing.
    """

    put_in: Callable[[], None]
    scene: str
    harm: tuple[str, ...]
    harmless: tuple[str, ...]
    verdict: str
    stopped: bool = False


_OUT = ("publish.delivered", "publish.answered", "sent.written")
_NOT_OUT = ("intent.ready",)
BROKEN: Mapping[str, Broken] = {
    "resend blindly": Broken(resend_blindly, "facebook-plain", _OUT, (*_NOT_OUT, "sent.committed"), "TWICE"),
    "no intent": Broken(no_intent, "facebook-plain", _OUT, (*_NOT_OUT, "sent.committed"), "TWICE"),
    "give up on sending": Broken(
        give_up_on_sending,
        "facebook-plain",
        ("intent.committed", "publish.connected", *_OUT),
        (*_NOT_OUT, "sent.committed"),
        "LOST",
    ),
    "trust one empty look": Broken(trust_one_empty_look, "facebook-lag", _OUT, (*_NOT_OUT, "sent.committed"), "TWICE"),
    "ignore the lease": Broken(
        ignore_the_lease, "facebook-plain", ("intent.committed",), _NOT_OUT, "TWICE", stopped=True
    ),
    "random key": Broken(random_key, "mastodon-lag", _OUT, (*_NOT_OUT, "sent.committed"), "TWICE"),
}
POLICIES = {name: broken.put_in for name, broken in BROKEN.items()}
