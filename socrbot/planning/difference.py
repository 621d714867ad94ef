"""What should be, against what the ledger has: the changes that make the second into the first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from socrbot.campaign import Campaign, Draft
from socrbot.delivery import Add, Cancel, Change, Delivery, Hold, Kind, Move, Release, Restore, State, Wanted
from socrbot.errors import Problem

UNREADABLE = "file-unreadable"
FAULTY = "post-has-error"
MASS_CANCEL = "mass-cancel"
# What planning held, planning lets go again; every other reason is somebody else's.
OWN_REASONS = frozenset({UNREADABLE, FAULTY, MASS_CANCEL})

FEW = 4
_GONE = (
    "The files no longer have it, and too much would be cancelled at once. "
    "It waits until somebody says whether that is meant."
)


@dataclass(frozen=True, slots=True)
class Files:
    """The campaign with what is wrong with it. `accounts` are the ids that may be planned for."""

    campaign: Campaign
    faulty: Mapping[str, Problem]
    accounts: frozenset[str]


def to_have(wanted: Wanted, row: Delivery | None, now: datetime) -> Iterator[Change]:
    """The changes that give the ledger this delivery, where `row` is what it has under that identity."""
    if row is None:
        yield Add(wanted)
        return
    if row.state is State.CANCELLED:
        yield Restore(row.id, wanted)
        return
    if not is_same(wanted, row):
        yield Move(row.id, wanted, _why(wanted, row))
    if row.state is State.HELD and row.reason in OWN_REASONS and now <= wanted.grace_until:
        yield Release(row.id, "What was wrong with the files is put right.")


def is_same(wanted: Wanted, row: Delivery) -> bool:
    """Whether the ledger has the delivery as it should be. Another line of the same file is no difference."""
    return (
        row.due_at == wanted.due_at
        and row.nominal == wanted.nominal
        and row.grace_until == wanted.grace_until
        and row.path == wanted.path
    )


def _why(wanted: Wanted, row: Delivery) -> str:
    if row.nominal != wanted.nominal:
        slot = wanted.kind is Kind.SLOT
        return "It has another place in its queue." if slot else "Its time in the files is another one."
    if row.due_at != wanted.due_at:
        return "Quiet hours, or the time between two posts, give it another time."
    if row.grace_until != wanted.grace_until:
        return "How late it may go out is another time."
    return "Its post stands in another file."


def held_back(row: Delivery, files: Files) -> tuple[str, str] | None:
    """Why an unwanted delivery is held and not cancelled: a reason and a sentence. None where it may be cancelled."""
    post = files.campaign.posts.get(row.post)
    if post is not None and isinstance(post.schedule, Draft):
        return None
    problem = files.faulty.get(row.post)
    if problem is not None:
        return FAULTY, f"The post has a mistake. {problem.place}: {problem.message}"
    if post is None and row.path in files.campaign.unreadable:
        return UNREADABLE, f"{row.path} cannot be read, so nobody knows what its posts say now."
    return None


def to_drop(rows: Iterable[Delivery], files: Files) -> tuple[list[Hold], list[tuple[Delivery, Cancel]]]:
    """What becomes of deliveries that the files do not ask for: held for a mistake in the files, or cancelled."""
    holds: list[Hold] = []
    cancels: list[tuple[Delivery, Cancel]] = []
    for row in rows:
        back = held_back(row, files)
        if back is None:
            cancels.append((row, Cancel(row.id, *_gone(row, files))))
        elif _is_news(row, back[0]):
            holds.append(Hold(row.id, *back))
    return holds, cancels


def _is_news(row: Delivery, reason: str) -> bool:
    """Whether a hold would say something new. What somebody else holds stays theirs."""
    return row.state is State.PLANNED or (row.reason in OWN_REASONS and row.reason != reason)


def _gone(row: Delivery, files: Files) -> tuple[str, str]:
    """Why a delivery is no longer wanted: a reason and a sentence."""
    post = files.campaign.posts.get(row.post)
    account = files.campaign.accounts.get(row.account)
    if post is None:
        return "post-removed", "The post is no longer in the files."
    if isinstance(post.schedule, Draft):
        return "now-a-draft", "The post is now a draft."
    if account is None:
        return "account-removed", "The account is no longer in config/accounts.yaml."
    if row.account not in files.accounts:
        return "account-not-connected", "The account is not connected any more."
    if account not in files.campaign.accounts_of(post):
        return "account-left-out", "The post no longer goes to this account."
    return "time-removed", "The post no longer has this time."


def too_many(cancels: Collection[tuple[Delivery, Cancel]], wanted: Iterable[Wanted], *, planned: int) -> str | None:
    """A question for a person, where more than half of what is planned would vanish. None where there are few.

    `planned` is how many deliveries are planned or held. A post that only gets other times does not vanish: what
    counts are deliveries of posts that this account would have no longer.
    """
    if len(cancels) < FEW:
        return None
    left = {(each.post, each.account) for each in wanted}
    gone = [row for row, _ in cancels if (row.post, row.account) not in left]
    if len(gone) < FEW or 2 * len(gone) <= planned:
        return None
    return (
        f"{len(gone)} of {planned} planned posts would be cancelled, because the files no longer have them. "
        "They are held, and nothing is cancelled. Are the files as they should be?"
    )


def hold_all(cancels: Iterable[tuple[Delivery, Cancel]]) -> list[Hold]:
    """Holds in the place of cancels; what is held for that already is left as it is."""
    return [
        Hold(row.id, MASS_CANCEL, _GONE)
        for row, _ in cancels
        if not (row.state is State.HELD and row.reason == MASS_CANCEL)
    ]
