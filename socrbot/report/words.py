"""The plain words for everything that staff and volunteers read: states, reasons, history, mistakes in the files.

One table for each. Nothing here decides anything, and nothing heavy is imported. Times, lengths of time, numbers and
money in words are made in `phrases.py` and handed on here; the lines for problem codes are in `problem_codes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from socrbot.delivery import State
from socrbot.report.phrases import ago, count, length, money, until, when

__all__ = [
    "EVENTS",
    "REASONS",
    "STATES",
    "Words",
    "ago",
    "count",
    "event",
    "length",
    "money",
    "reason",
    "state",
    "until",
    "when",
]


@dataclass(frozen=True, slots=True)
class Words:
    """How something is said. `short` fits a table, `means` is a sentence, `todo` what to do ("" for nothing)."""

    short: str
    means: str
    todo: str = ""

    def __str__(self) -> str:
        return f"{self.means} {self.todo}".strip()


STATES: Mapping[State, Words] = MappingProxyType(
    {
        State.PLANNED: Words("planned", "It goes out at its time."),
        State.CLAIMED: Words("being made ready", "It is being made ready. Nothing of it is public yet."),
        State.SENDING: Words("going out now", "It is going out at this moment."),
        State.SENT: Words("sent", "It went out."),
        State.WITHDRAWN: Words("taken down", "It went out, and was deleted from the network on purpose."),
        State.FAILED: Words(
            "not sent",
            "It did not go out, and is not tried again by itself.",
            "Put right what is wrong, then `socrbot retry`.",
        ),
        State.UNKNOWN: Words(
            "we don't know",
            "We don't know whether it went out. Please look.",
            "Look with `socrbot settle`. Then say which it is: `socrbot settle --sent ADDRESS` or `--not-sent`.",
        ),
        State.HELD: Words(
            "held back", "Something stands against it, so it does not go out for now.", "See its reason."
        ),
        State.MISSED: Words(
            "too late",
            "Too late, not sent.",
            "If it is still wanted, send it again with `socrbot retry`, or give the post a new time.",
        ),
        State.CANCELLED: Words("cancelled", "It was taken out of the plan before its time."),
    }
)

_FILES = "Put the file right. `socrbot check` shows the place."
_FACT = "Look whether it still holds, then bring config/facts.yaml up to date."
_PICTURE = "Put the picture right in the post, or take it out."

# Why something was held, failed, missed, cancelled, put off or could not be told.
REASONS: Mapping[str, Words] = MappingProxyType(
    {
        # The account
        "paused": Words("paused", "Somebody paused publishing.", "When it may go on: `socrbot resume`."),
        "not-live": Words(
            "account not live",
            "The account is new here, and nobody has said yet that it may speak.",
            "When all is well: `socrbot go-live ACCOUNT`.",
        ),
        "not-connected": Words(
            "account not connected", "The account's access details are not set.", "Run `socrbot connect NETWORK`."
        ),
        "account-not-connected": Words("account not connected", "The account is not connected any more."),
        "account-stopped": Words(
            "account stopped",
            "The network no longer lets us in, so this account is stopped. The others go on.",
            "Run `socrbot doctor` to see why, then `socrbot connect NETWORK`.",
        ),
        "unauthorised": Words(
            "not let in",
            "The network did not accept the account's access details, or they may not do this.",
            "Run `socrbot connect NETWORK` for this account, then `socrbot retry`.",
        ),
        "same-account": Words(
            "one account twice",
            "Two accounts in config/accounts.yaml use the same keys, so it would go out twice.",
            "Give one of them `env:` in config/accounts.yaml, or take it out.",
        ),
        "network-unknown": Words("unknown network", "socrbot does not know this network.", _FILES),
        # What it says
        "fact-stale": Words("fact out of date", "It uses a fact that had to be checked again by now.", _FACT),
        "fact-retired": Words(
            "fact retired", "It uses a fact that the team has retired.", "Change or remove the post."
        ),
        "fact-gone": Words("fact gone", "It uses a fact that is no longer in config/facts.yaml.", "Change the post."),
        "placeholder-link": Words(
            "made-up address",
            "It has an address on example.org, which is there only to be filled in.",
            "Write the real address in config/campaign.yaml, or in the post.",
        ),
        "no-consent": Words(
            "no consent",
            "Its picture may show people, and consent cannot be recorded yet.",
            "Write `people: no` if nobody can be recognised. Otherwise take another picture.",
        ),
        "alt-missing": Words(
            "picture not described", "A picture has no description for people who cannot see it.", _PICTURE
        ),
        "media-missing": Words("picture missing", "A picture of the post is not there.", _PICTURE),
        "media-unusable": Words("picture unusable", "A picture of the post cannot be used.", _PICTURE),
        "media-too-many": Words("too many pictures", "It has more pictures than the network takes.", _PICTURE),
        "needs-picture": Words("no picture", "The network takes no post without a picture.", _PICTURE),
        "video-unsuitable": Words("video unsuitable", "The network does not take its video.", _PICTURE),
        "no-public-address": Words(
            "no place for pictures",
            "The network fetches pictures itself, and the campaign has no public place for them.",
            "Say where under `media:` in config/campaign.yaml.",
        ),
        "too-long": Words("too long", "It is too long for the network. Text is never cut.", "Shorten the text."),
        "too-many-links": Words("too many links", "It has more links than the network takes.", "Take some out."),
        "too-many-hashtags": Words(
            "too many hashtags", "It has more hashtags than the network takes.", "Take some out."
        ),
        "too-many-mentions": Words(
            "too many mentions", "It mentions more people than the network takes.", "Take some out."
        ),
        "unknown-option": Words("unknown option", "It has an option that the network does not know.", _FILES),
        "empty-text": Words("no words", "It says nothing but the hashtag.", "Write what it says."),
        "cannot-thread": Words(
            "cannot be joined",
            "The network cannot show a post in several parts.",
            "Say in the post what becomes of them: `without_threads: join`, for example.",
        ),
        "cannot-render": Words("text not made", "The finished text could not be made from what the file says.", _FILES),
        "post-not-found": Words(
            "post not found",
            "The post is no longer in the files.",
            "Put it back, or take it out with `socrbot cancel`.",
        ),
        "post-has-error": Words("mistake in the post", "The post has a mistake, so it does not go out.", _FILES),
        "looks-sent": Words(
            "said before",
            "This account said the very same words before, under another name.",
            "If it is meant, change the words a little. Otherwise take it out with `socrbot cancel`.",
        ),
        "changed-midway": Words(
            "edited midway",
            "The post was edited after its first part went out, so the rest would not fit.",
            "Undo the edit to send the rest, or take it out with `socrbot cancel`.",
        ),
        # The files as a whole
        "file-unreadable": Words("file not readable", "The file that it stands in cannot be read.", _FILES),
        "config-unreadable": Words(
            "settings not readable", "A file under config/ cannot be read, so nothing goes out at all.", _FILES
        ),
        "mass-cancel": Words(
            "waits for an answer",
            "Its post vanished together with most of the plan, so nothing was cancelled.",
            "If the posts were meant to go, run `socrbot confirm-plan`. Otherwise put the files back.",
        ),
        # The last moment
        "guards-changed": Words(
            "looked at again", "Something changed at the last moment, so it is looked at once more."
        ),
        "cannot-decide": Words(
            "could not be checked",
            "A check did not work, and what cannot be checked does not go out.",
            "Run `socrbot check`. If it finds nothing, tell the people who look after socrbot.",
        ),
        "needs-a-look": Words("needs a look", "A person has to look at this.", "Look at the account on the network."),
        # The network's answer
        "refused": Words(
            "refused", "The network did not take it.", "Read its answer, change the post, then `socrbot retry`."
        ),
        "answer-lost": Words(
            "answer lost", "We sent it and got no answer we could read. We look on the network whether it is there."
        ),
        "duplicate-answer": Words(
            "there already, it says",
            "The network says that it has this post already, but we could not find it.",
            "Look at the account. Then say what you saw with `socrbot settle`.",
        ),
        "attempts-used-up": Words(
            "tried too often",
            "It did not go out after many tries, so we stopped.",
            "Look at what the network answered, then `socrbot retry`.",
        ),
        "not-sent": Words("did not go out yet", "It did not go out this time. We try again by ourselves."),
        "too-slow": Words("try again", "The computer was too slow or asleep. Nothing had been sent; we try again."),
        "stopped": Words(
            "stopped meanwhile",
            "socrbot was stopped while it waited for the answer. It looks on the network by itself.",
        ),
        "worker-died": Words("interrupted", "socrbot was stopped in the middle of it."),
        "part-is-out": Words("part is public", "One part of it is public already."),
        # Time
        "late": Words(
            "too late",
            "Its time passed before it could go out.",
            "If it is still wanted, send it again with `socrbot retry`.",
        ),
        "missed-while-paused": Words(
            "paused then",
            "Its time came while publishing was paused.",
            "If it is still wanted, send it again with `socrbot retry`.",
        ),
        "over-budget": Words(
            "over the budget",
            "It would cost more than the account's budget for this month.",
            "Raise `budget:` in config/accounts.yaml, or wait for the next month.",
        ),
        # After a ledger was brought back, or is new beside old posts
        "not-compared": Words(
            "not compared yet",
            "What the account said lately is not compared with the plan yet, so nothing goes out there.",
            "Look at the account. When all is well: `socrbot go-live ACCOUNT`.",
        ),
        "looks-public": Words(
            "looks public",
            "It looks as if it went out before, but that is not certain.",
            "Look at the account. Then say what you saw: `socrbot settle --sent ADDRESS` or `--not-sent`.",
        ),
        "restored": Words(
            "time passed",
            "Its time passed before the log was compared with what is public.",
            "If it is still wanted, send it again with `socrbot retry`.",
        ),
        # Taking down
        "withdraw-by-hand": Words(
            "delete it by hand",
            "Somebody wants it gone, and socrbot cannot delete it there. It is still public.",
            "Delete it on the network. Then `socrbot withdraw --by-hand`.",
        ),
        "withdraw-again": Words(
            "not deleted yet",
            "Somebody wants it gone, and the network did not answer. It may still be public.",
            "Try again: `socrbot withdraw`.",
        ),
        # The plan
        "by-person": Words("a person's wish", "Somebody asked for it."),
        "slot-passed": Words("next time", "Its time in the slot passed during the pause. It gets the next one."),
        "post-removed": Words("post removed", "The post was taken out of the files."),
        "now-a-draft": Words("now a draft", "The post was made a draft."),
        "account-removed": Words("account removed", "The account was taken out of config/accounts.yaml."),
        "account-left-out": Words("left out", "The post no longer goes to this account."),
        "time-removed": Words("time removed", "The post no longer has this time."),
    }
)

# What happened, in the past tense: it follows a time ("7 March, 7:00 pm: sent").
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "planned": "planned",
        "moved": "given another time",
        "cancelled": "cancelled",
        "restored": "planned again",
        "held": "held back",
        "released": "free to go out again",
        "claimed": "made ready",
        "sending": "we began to send it",
        "part-sent": "one part went out",
        "sent": "sent",
        "not-sent": "did not go out, put off",
        "refused": "refused by the network",
        "failed": "could not be sent",
        "unknown": "no answer: we don't know whether it went out",
        "looked": "we looked on the network",
        "looked-absent": "we asked the network and it is not there",
        "looked-unclear": "we asked the network and it could not tell",
        "settled": "now we know",
        "settled-sent": "now we know: it went out",
        "settled-not-sent": "now we know: it did not go out, so it is planned again",
        "missed": "too late, not sent",
        "paused": "publishing was paused",
        "resumed": "publishing went on",
        "live": "the account was allowed to speak",
        "to-compare": "what the account said lately is to be compared with the plan",
        "not-compared": "what the account said lately could not be compared with the plan",
        "compared": "what the account said lately was compared with the plan",
        "brought-back": "the log was brought back from a copy",
        "stopped": "the account was stopped",
        "started": "the account was started again",
        "retried": "somebody asked for another try",
        "withdrawn": "deleted from the network on purpose",
        "part-withdrawn": "one part was deleted from the network",
        "still-public": "could not be deleted from the network",
        "erased": "its pictures were erased here",
        "access-ends": "the account's access ends soon",
        "late-answer": "the network's answer came late",
        "expired": "interrupted: socrbot had stopped in the middle of it",
        "clock-jumped": "the computer's clock was changed",
    }
)


def state(value: State | str) -> Words:
    """The words for a state, given as itself or as the ledger writes it. Raises ValueError for no state."""
    return STATES[State(value)]


def reason(code: str | None, detail: str | None = None) -> Words:
    """The words for why something is as it is. A code that nobody gave words to is never shown alone.

    `detail` is what was written down at the time; it is more exact than the table and takes its place as `means`.
    """
    if not code:
        return Words("no reason given", detail or "No reason was written down.")
    known = REASONS.get(code)
    if known is None:
        spoken = code.replace("-", " ")
        return Words(
            f"stopped ({spoken})", detail or f"Something stopped it. socrbot calls it “{spoken}”.", "See `socrbot log`."
        )
    return Words(known.short, detail, known.todo) if detail else known


def event(action: str, *, absent: bool | None = None, sent: bool | None = None) -> str:
    """What happened, in the past tense. `absent` says what a look came to, `sent` how a doubt was settled."""
    if action == "looked" and absent is not None:
        action = "looked-absent" if absent else "looked-unclear"
    if action == "settled" and sent is not None:
        action = "settled-sent" if sent else "settled-not-sent"
    return EVENTS.get(action) or action.replace("-", " ")
