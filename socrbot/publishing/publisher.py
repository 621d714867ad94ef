"""The one loop that speaks: it takes a claimed delivery from claim to outcome.

The order is the promise: guards, preparing, intent committed, one publishing call, outcome committed. Nothing that
can fail stands between the network's answer and the commit of the outcome.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from socrbot.clock import Clock
from socrbot.delivery import Backoff, Claim, Delivery, Outcome, State, after_error
from socrbot.errors import LedgerError, Lost, NetworkError, NotSent, OutcomeUnknown, Refused
from socrbot.ledger import Ledger, PartRow
from socrbot.message import Attachment, Message, Part, Receipt
from socrbot.networks.base import Network, Payload
from socrbot.publishing.costs import cost_of_part
from socrbot.publishing.guards import Guards
from socrbot.publishing.snapshot import Snapshot
from socrbot.rules import Held

# The answer of a network is written down at almost any price: a ledger that is busy is asked again this often.
_TRIES_TO_RECORD = 20


@dataclass(frozen=True, slots=True)
class _Work:
    """A delivery in hand: what it says, to whom, at which prices; `guards` is the version of what guards looked at,
    `parts` how far it has come.
    """

    claim: Claim
    network: Network
    message: Message
    guards: int
    prices: Mapping[str, float]
    parts: Sequence[PartRow]


@dataclass(frozen=True, slots=True)
class Publisher:
    """Carries deliveries out. One per worker; safe to use from several threads for different accounts.

    network    gives the adapter of an account, or None where its credentials are not set
    snapshot   gives the campaign as it is now
    stopping   whether the bot is told to end: then nothing more is taken in hand
    say        takes a stable action word and fields: the running log
    margin     a claim with less than this left is not used for a publishing call
    sent_as    gives the digest of the rendition of an attachment that an account was given, where that is known
    in_hand    what is being worked on, by delivery: the claim, and the try that waits for its answer, if one does
    """

    ledger: Ledger
    guards: Guards
    network: Callable[[str], Network | None]
    snapshot: Callable[[], Snapshot]
    stopping: Callable[[], bool]
    clock: Clock
    worker: str
    lease: timedelta
    longest_call: timedelta
    say: Callable[..., None]
    backoff: Backoff = field(default_factory=Backoff)
    sent_as: Callable[[str, Attachment], str | None] = lambda _account, _attachment: None
    in_hand: dict[int, tuple[Claim, int | None]] = field(default_factory=dict)

    def drain(self, account: str, *, limit: int = 1_000) -> int:
        """Sends what is due on one account, one delivery after the other. Returns how many it took in hand."""
        done = 0
        while done < limit and not self.stopping():
            claim = self.ledger.claim(
                account,
                worker=self.worker,
                lease=self.lease,
                spacing=self._spacing(account),
                now=self.clock.now(),
                monotonic=self.clock.monotonic(),
            )
            if claim is None:
                break
            done += 1
            self.in_hand[claim.delivery.id] = (claim, None)
            try:
                self.deliver(claim)
            finally:
                self.in_hand.pop(claim.delivery.id, None)
        return done

    def abandon(self) -> None:
        """Lets go of what is in hand, because the program has to end: what waits for an answer is unknown, and will be
        looked for; what was only being made ready is planned again. An answer that still comes is kept as evidence.
        """
        for claim, attempt in list(self.in_hand.values()):
            try:
                if attempt is None:
                    self.ledger.release_claim(claim, now=self.clock.now())
                else:
                    detail = "socrbot was stopped while it waited for the answer."
                    self.ledger.record(claim, attempt, Outcome(State.UNKNOWN, "stopped", detail), now=self.clock.now())
            except LedgerError as error:  # its time in hand runs out, and then it is the same
                self.say("crashed", account=claim.delivery.account, detail=str(error))

    def deliver(self, claim: Claim) -> None:
        """Takes one claimed delivery as far as it goes. Never raises for what a network or a person did."""
        delivery = claim.delivery
        self.say("claimed", delivery=delivery.id, post=delivery.post, account=delivery.account)
        try:
            snapshot = self.snapshot()
            message = snapshot.message(delivery)
            with self.ledger.moment():
                version = self.ledger.guard_version()
                held = self.guards.look(snapshot, delivery, message, now=self.clock.now())
                parts = self.ledger.parts(delivery.id)
            network = self.network(delivery.account)
            if held is not None or message is None or network is None:
                self._hold(claim, held or Held("cannot-decide", "socrbot could not make this post."))
            else:
                self._send(_Work(claim, network, message, version, snapshot.campaign.prices, parts))
        except Lost as lost:
            # Somebody else has the delivery now. What this worker knew is kept where it was evidence.
            self.say("lost", delivery=delivery.id, account=delivery.account, detail=str(lost))
        except LedgerError:
            raise
        except Exception as error:  # before anything was sent: a mistake of ours must not come back at every pass
            self._hold(claim, Held("cannot-decide", f"A mistake in socrbot stopped it ({type(error).__name__})."))

    def _hold(self, claim: Claim, held: Held) -> None:
        self.ledger.hold(claim, held.code, held.detail, now=self.clock.now(), by=self.worker)
        self.say("held", delivery=claim.delivery.id, account=claim.delivery.account, reason=held.code)

    def _send(self, work: _Work) -> None:
        rows = {row.number: row for row in work.parts}
        previous: Receipt | None = None
        for part in work.message.parts:
            row = rows.get(part.number)
            receipt = row.receipt if row is not None else None
            if receipt is None:
                key = row.key if row is not None and row.key else part_key(work.claim.delivery, part.number)
                receipt = self._send_part(work, part, key, previous)
            if receipt is None:
                return
            previous = receipt

    def _send_part(self, work: _Work, part: Part, key: str, previous: Receipt | None) -> Receipt | None:
        """Sends one part. Returns its receipt, or None where the delivery stops here."""
        payload = self._prepare(work, part, key)
        if payload is None:
            return None
        claim = replace(work.claim, taken=self.clock.monotonic())
        attempt = self._intend(work, part, key, payload, previous)
        if isinstance(attempt, Held):
            self.say("held", delivery=claim.delivery.id, account=claim.delivery.account, reason=attempt.code)
            return None
        overslept = self._overslept(claim)
        if overslept is not None:
            self._record(claim, attempt, overslept)
            return None
        self.say("sending", delivery=claim.delivery.id, account=claim.delivery.account, attempt=attempt)
        self.in_hand[claim.delivery.id] = (claim, attempt)
        answer = self._publish(work, part, key, payload, previous)
        if isinstance(answer, Outcome):
            self._record(claim, attempt, answer)
            return None
        last = part.number == len(work.message.parts)
        self._keep(lambda: self.ledger.part_sent(claim, attempt, answer, now=self.clock.now(), last=last))
        self.in_hand[claim.delivery.id] = (claim, None)
        self._say_sent(work, part, answer, last=last)
        return answer

    def _overslept(self, claim: Claim) -> Outcome | None:
        """Why nothing may be sent any more, though the intent is committed: the computer stood still meanwhile."""
        if claim.age_left(self.clock.monotonic()) < self.longest_call.total_seconds():
            return Outcome(State.PLANNED, "too-slow", "The computer was too slow or asleep; nothing had been sent.")
        if claim.delivery.parts_out == 0 and self.clock.now() > claim.delivery.grace_until:
            return Outcome(State.PLANNED, "late", "By the time it was ready it was too late for it.")
        return None

    def _prepare(self, work: _Work, part: Part, key: str) -> Payload | None:
        """Uploads what the part needs; None where that failed, and nothing is public."""
        steps = self.ledger.steps(work.claim, part.number)
        try:
            return work.network.prepare(work.message, part, key=key, steps=steps)
        except NetworkError as error:
            failed = error
        except LedgerError:
            raise
        except Exception as error:  # a mistake of ours must neither stop the others nor come back for ever
            failed = NotSent(f"Something went wrong in socrbot itself ({type(error).__name__}).")
        self._record(work.claim, None, self._outcome(work, part, failed, acted=False))
        return None

    def _intend(self, work: _Work, part: Part, key: str, payload: Payload, previous: Receipt | None) -> int | Held:
        return self.ledger.intend(
            work.claim,
            part=part.number,
            parts=len(work.message.parts),
            key=key,
            payload=payload,
            reply_to=previous,
            wording_digest=work.message.wording_digest,
            facts=[asdict(fact) for fact in work.message.facts],
            shown=self._shown(work, part),
            needs_live=work.network.capabilities.public,
            guards=work.guards,
            cost=cost_of_part(part, work.network.capabilities.price, work.prices),
            now=self.clock.now(),
        )

    def _shown(self, work: _Work, part: Part) -> dict[str, object]:
        """What the log keeps of a part: text, link, and its pictures: their files, descriptions, and what was sent."""
        account = work.claim.delivery.account
        media = [
            {
                "path": item.path,
                "alt": item.alt,
                "video": item.is_video,
                "digest": item.digest,
                "sent": self.sent_as(account, item),
            }
            for item in part.media
        ]
        return {"text": part.text, "link": part.link, "media": media, "language": work.message.language}

    def _publish(
        self, work: _Work, part: Part, key: str, payload: Payload, previous: Receipt | None
    ) -> Receipt | Outcome:
        """The one call that makes something public, and what it came to."""
        try:
            return work.network.publish(payload, key=key, reply_to=previous)
        except Refused as error:
            if (earlier := self._earlier(work, error)) is not None:
                return earlier
            failed: NetworkError = error
        except NetworkError as error:
            failed = error
        except Exception as error:  # a mistake of ours after the call began: it may be public
            failed = OutcomeUnknown(f"Something went wrong in socrbot itself ({type(error).__name__}).")
        return self._outcome(work, part, failed, acted=True)

    def _earlier(self, work: _Work, error: Refused) -> Receipt | None:
        """The receipt of an earlier try whose answer was lost, where the network refuses a second one and names it."""
        if not error.duplicate or error.original is None or error.address is None:
            return None
        doubted = self.ledger.was_unknown(work.claim.delivery.id)
        return Receipt(error.original, error.address) if doubted else None

    def _outcome(self, work: _Work, part: Part, error: NetworkError, *, acted: bool) -> Outcome:
        delivery = work.claim.delivery
        outcome = after_error(
            error,
            attempts=delivery.attempts + 1,
            now=self.clock.now(),
            backoff=self.backoff,
            acted=acted,
            doubted=acted and self.ledger.was_unknown(delivery.id),
        )
        if outcome.state is not State.FAILED:
            return outcome
        return replace(outcome, detail=f"{_public_before(work.message, part)}{outcome.detail}")

    def _record(self, claim: Claim, attempt: int | None, outcome: Outcome) -> None:
        self._keep(lambda: self.ledger.record(claim, attempt, outcome, now=self.clock.now()))
        delivery = claim.delivery
        self.say(
            str(outcome.state),
            delivery=delivery.id,
            post=delivery.post,
            account=delivery.account,
            reason=outcome.reason,
            detail=outcome.detail,
        )

    def _say_sent(self, work: _Work, part: Part, receipt: Receipt, *, last: bool) -> None:
        delivery = work.claim.delivery
        action = "sent" if last else "part-sent"
        about = {"delivery": delivery.id, "post": delivery.post, "account": delivery.account}
        self.say(action, **about, part=part.number, url=receipt.url)

    def _keep(self, commit: Callable[[], None]) -> None:
        """Commits an outcome, asking a busy ledger again; if it never yields, the lease's end makes it unknown."""
        for attempt in range(_TRIES_TO_RECORD):
            try:
                commit()
            except Lost:
                raise
            except LedgerError:
                if attempt == _TRIES_TO_RECORD - 1:
                    raise
                self.clock.wait(threading.Event(), min(0.1 * 2**attempt, 2.0))
            else:
                return

    def _spacing(self, account: str) -> timedelta:
        campaign = self.snapshot().campaign
        known = campaign.accounts.get(account)
        return campaign.spacing_of(known) if known is not None else campaign.spacing


def _public_before(message: Message, part: Part) -> str:
    """Which parts of a thread are public before this one: what a person has to know when it fails."""
    before, of = part.number - 1, len(message.parts)
    if before == 0:
        return ""
    return f"Part 1 of {of} is public. " if before == 1 else f"Parts 1 to {before} of {of} are public. "


def part_key(delivery: Delivery, number: int) -> str:
    """The key of one part: the same for ever, whatever ledger asks, as it is made from what the delivery is.

    `<hash of identity>@<nominal time in microseconds since 1970>/<part>`: networks make their own form of it.
    """
    identity = "\0".join((delivery.post, delivery.account, delivery.occurrence))
    digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
    return f"{digest}@{microseconds(delivery.nominal)}/{number}"


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    return int(instant.timestamp()) * 1_000_000 + instant.microsecond
