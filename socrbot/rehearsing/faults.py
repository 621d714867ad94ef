"""What may go wrong in a rehearsal: `outage=2h@2026-12-01T18:00` and the like, understood and said in words.

Times in them are true time: what a good clock on the wall shows in the campaign's zone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from types import MappingProxyType
from zoneinfo import ZoneInfo

from socrbot.clock import as_utc, to_instant
from socrbot.errors import SettingsError
from socrbot.report.words import length, when

OUTAGE, SLOW, REFUSE, LOST, DOWN, CLOCK, PAUSE = "outage", "slow", "refuse", "lost", "down", "clock", "pause"
# word -> how it is written, and what it means
FORMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        OUTAGE: ("outage=2h@2026-12-01T18:00", "no network can be reached (outage:ACCOUNT=... for one account)"),
        SLOW: ("slow=1h@2026-12-01T18:00", "posts arrive, but the answer comes too late (slow:ACCOUNT=...)"),
        REFUSE: ("refuse:ACCOUNT=POST", "the network refuses this post"),
        LOST: ("lost=1@2026-12-01T18:00", "so many answers get lost from then on (lost:ACCOUNT=...)"),
        DOWN: ("down=6h@2026-12-01T18:00", "the bot does not run"),
        CLOCK: ("clock=+1h@2026-12-01T18:00", "the computer's clock jumps, forward or back"),
        PAUSE: ("pause=3h@2026-12-01T18:00", "publishing is paused, and then goes on (pause:ACCOUNT=...)"),
    }
)
_ALONE = frozenset({DOWN, CLOCK})
_FORM = re.compile(r"(?P<kind>[^:=@]*)(?::(?P<account>[^=]*))?(?:=(?P<value>[^@]*))?(?:@(?P<at>.*))?")
_LENGTH = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong. `at` is aware UTC; `lasts` is what a clock jumps by, where it is one.

    `account` is None where all are concerned. `post` is the one that is refused, `times` how many answers get lost.
    """

    kind: str
    at: datetime
    account: str | None = None
    lasts: timedelta = timedelta(0)
    post: str = ""
    times: int = 0

    @property
    def ends(self) -> datetime:
        """When it is over (aware UTC)."""
        return self.at + self.lasts

    def concerns(self, account: str, now: datetime) -> bool:
        """Whether it is on for this account at this true time."""
        return self.account in (None, account) and self.at <= now < self.ends

    def words(self, zone: ZoneInfo) -> str:
        """What happens and when, in a sentence."""
        lasts = length(self.lasts)
        where = f"the network of {self.account}" if self.account else "every network"
        said = {
            OUTAGE: f"For {lasts}, {where} cannot be reached",
            SLOW: f"For {lasts}, {where} answers too late",
            REFUSE: f"{where[0].upper()}{where[1:]} refuses the post {self.post}",
            LOST: f"The next answers from {where} get lost ({self.times} in all)",
            DOWN: f"For {lasts}, the bot does not run",
            CLOCK: f"The computer's clock jumps {lasts} {'back' if self.lasts < timedelta(0) else 'forward'}",
            PAUSE: f"For {lasts}, {self.account or 'everything'} is paused",
        }[self.kind]
        if self.kind == REFUSE:
            return f"{said}."
        return f"{said}, from {when(self.at, zone, self.at - timedelta(days=3))}."


def understand(
    text: str, *, zone: ZoneInfo, start: datetime, accounts: Collection[str], posts: Collection[str]
) -> Fault:
    """The fault that somebody wrote. Raises SettingsError, with what there is, for what cannot be understood.

    `start` (aware UTC) is when one without a time begins.
    """
    found = _FORM.fullmatch(text.strip())
    kind = found["kind"].strip().lower() if found else ""
    if found is None or kind not in FORMS:
        raise _unknown(kind or text)
    account, value = found["account"], (found["value"] or "").strip()
    if account is not None and (kind in _ALONE or account not in accounts):
        raise _no_account(kind, account, accounts)
    at = _instant(text, found["at"], zone) if found["at"] is not None else as_utc(start)
    match kind:
        case "refuse":
            if not account or value not in posts:
                raise _wrong(text, kind, f'There is no post called "{value}".' if account else "")
            return Fault(kind, at, account, post=value)
        case "lost":
            if not value.isascii() or not value.isdigit() or not 0 < int(value[:6]) <= 1_000:
                raise _wrong(text, kind)
            return Fault(kind, at, account, times=int(value))
    back = kind == CLOCK and value.startswith("-")
    lasts = _length(value.removeprefix("-" if back else "+") if kind == CLOCK else value)
    if lasts is None:
        raise _wrong(text, kind)
    return Fault(kind, at, account, lasts=-lasts if back else lasts)


def _length(text: str) -> timedelta | None:
    found = _LENGTH.fullmatch(text)
    if found is None or not any(found.groups()) or len(text) > 20:
        return None
    days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
    lasts = timedelta(days=min(days, 9_999), hours=min(hours, 99_999), minutes=min(minutes, 999_999), seconds=seconds)
    return lasts if timedelta(0) < lasts <= _LONGEST else None


def _instant(text: str, at: str, zone: ZoneInfo) -> datetime:
    try:
        instant = datetime.fromisoformat(at)
        return as_utc(instant) if instant.tzinfo else to_instant(instant, zone)[0]
    except (ValueError, OverflowError):
        raise SettingsError(f'"{at}" in {text} is no time. Write it like this: 2026-12-01T18:00') from None


def _unknown(kind: str) -> SettingsError:
    near = get_close_matches(kind, FORMS, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    forms = "; ".join(form for form, _ in FORMS.values())
    return SettingsError(f'There is no fault called "{kind}".{hint} There are: {forms}.')


def _wrong(text: str, kind: str, why: str = "") -> SettingsError:
    said = f"It cannot be rehearsed. {why}".strip()
    return SettingsError(f'"{text}": {said} Write it like this: {FORMS[kind][0]}')


def _no_account(kind: str, account: str, accounts: Collection[str]) -> SettingsError:
    if kind in _ALONE:
        return SettingsError(f"{kind} concerns the whole bot, so it names no account: {FORMS[kind][0]}")
    return SettingsError(f'There is no account called "{account}". There are: {", ".join(sorted(accounts))}.')
