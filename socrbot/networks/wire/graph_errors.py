"""The table of the Graph API's errors: what an answer of Meta's means for the caller. Pure.

Errors and limits: https://developers.facebook.com/docs/graph-api/guides/error-handling and
https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised

if TYPE_CHECKING:
    from socrbot.http import Answer
    from socrbot.redact import Redactor

_UNAUTHORISED = frozenset({3, 10, 102, 190, *range(200, 300)})
_LIMITS = frozenset({4, 9, 17, 32, 341, 613, *range(80_000, 80_015)})
_MAYBE = frozenset({-1, 1, 2})
_BLOCKED, _DUPLICATE, _PARAMETER = 368, 506, 100
# Codes (with subcode) of an object that is not there, or not there any more, or not for this key.
GONE = frozenset({"100/33", "803"})
# What Instagram and Threads say by the subcode alone.
_STOPPED = frozenset({2_207_051})
_RESTRICTED = frozenset({2_207_050, 4_279_013})
_NOT_READY = frozenset({2_207_027})
_NOT_FETCHED = frozenset({2_207_003, 2_207_052})
_MADE_ANEW = frozenset({2_207_006, 2_207_008, 2_207_020})
_SOON = timedelta(minutes=1)
# What the subcodes of 102 and 190 mean.
_ENDED = {
    458: "the app was removed from the account",
    459: "the account's owner must first log in to Facebook and answer a question",
    460: "the password was changed",
    463: "it has run out",
    464: "the account's owner must first log in to Facebook and confirm the account",
    467: "it was withdrawn",
    492: "the person who made it has no role on the {thing} any more",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What a network's things are called in a message to people.

    network    "Facebook"; thing what an account is there: "Page"
    variable   the variable in `.env` that holds the key; prefix what the others begin with
    command    what makes a new key
    """

    network: str
    thing: str
    variable: str
    prefix: str
    command: str


FACEBOOK = Names("Facebook", "Page", "FB_PAGE_ACCESS_TOKEN", "FB", "socrbot connect facebook")
INSTAGRAM = Names("Instagram", "account", "IG_ACCESS_TOKEN", "IG", "socrbot connect instagram")
THREADS = Names("Threads", "account", "THREADS_ACCESS_TOKEN", "THREADS", "socrbot connect threads")


@dataclass(frozen=True, slots=True)
class _Fault:
    """The `error` object of an answer, from the network with these names."""

    names: Names
    status: int
    code: int | None
    subcode: int | None
    transient: bool
    says: str

    @property
    def name(self) -> str | None:
        return f"{self.code}/{self.subcode}" if self.subcode else None if self.code is None else str(self.code)


def judge(answer: Answer, *, now: datetime, redact: Redactor, names: Names = FACEBOOK) -> NetworkError | None:
    """What an answer means for the caller: an error, or None where it is a JSON object that reports success.

    An answer that says neither yes nor no, and any failure on Meta's side, counts as unknown: posts have come out
    whose answer was status 500 with code 2. `names` is for the texts.
    """
    body, status, network = answer.json(), answer.status, names.network
    if isinstance(body, dict) and body.get("error"):
        fault = _fault(names, status, body["error"], redact)
        return _by_subcode(fault, now) or _refusal(fault, answer.headers, now)
    if answer.ok and isinstance(body, dict):
        return None
    if status == 429:
        return _limit(_Fault(names, 429, None, None, transient=True, says=""), answer.headers, now)
    if 400 <= status < 500 and status != 408:
        return NotSent(f"{network} answered with status {status} and gave no reason.", status=status)
    return OutcomeUnknown(f"{network}'s answer (status {status}) could not be read.", status=status)


def _by_subcode(fault: _Fault, now: datetime) -> NetworkError | None:
    """What a subcode means that says more than its code; None for any other."""
    network, thing, subcode = fault.names.network, fault.names.thing, fault.subcode
    about: dict[str, Any] = {"status": fault.status, "code": fault.name}
    soon = {**about, "retry_at": now + _SOON}
    if subcode in _STOPPED:
        words = f"{network} has stopped this {thing} from posting for a while. Wait a day or two.{fault.says}"
        return Unauthorised(words, **about)
    if subcode in _RESTRICTED:
        words = f"{network} has restricted this {thing}. Open the app and look what it wants.{fault.says}"
        return Unauthorised(words, **about)
    if subcode in _NOT_READY:
        return NotSent(f"{network} is not ready with the pictures or the video yet.{fault.says}", **soon)
    if subcode in _NOT_FETCHED:
        words = f"{network} could not fetch a picture or video from its public address. See socrbot doctor.{fault.says}"
        return NotSent(words, **soon)
    if subcode in _MADE_ANEW:
        return NotSent(f"{network} no longer has what was prepared; it is made anew.{fault.says}", **soon)
    return None


def _refusal(fault: _Fault, headers: Mapping[str, str], now: datetime) -> NetworkError:
    status, code, network = fault.status, fault.name, fault.names.network
    if fault.code in _LIMITS:
        return _limit(fault, headers, now)
    if fault.code in _MAYBE or fault.transient:
        return OutcomeUnknown(f"{network} had a fault of its own.{fault.says}", status=status, code=code)
    if fault.code in _UNAUTHORISED or "appsecret_proof" in fault.says:
        return Unauthorised(_no_access(fault), status=status, code=code)
    if fault.code == _DUPLICATE or (fault.code == _BLOCKED and "already posted" in fault.says.lower()):
        words = f"{network} already has a post with these words.{fault.says}"
        return Refused(words, status=status, code=code, duplicate=True)
    if fault.code == _BLOCKED:
        words = f"{network} has stopped this {fault.names.thing} from posting for a while. Wait a day or two."
        return Unauthorised(words + fault.says, status=status, code=code)
    if status >= 500 or status == 408:
        return OutcomeUnknown(f"{network} had a fault of its own.{fault.says}", status=status, code=code)
    if status == 401 and fault.code is None:
        return Unauthorised(_no_access(fault), status=status)
    return Refused(f"{network} did not take it.{fault.says}", status=status, code=code)


def _fault(names: Names, status: int, error: Any, redact: Redactor) -> _Fault:
    found = error if isinstance(error, dict) else {"message": error}
    text = found.get("error_user_msg") or found.get("message")
    says = f' {names.network} says: "{redact(" ".join(str(text).split()))[:300]}"' if text else ""
    code, subcode = _number(found.get("code")), _number(found.get("error_subcode"))
    return _Fault(names, status, code, subcode, transient=found.get("is_transient") is True, says=says)


def _no_access(fault: _Fault) -> str:
    names = fault.names
    network, thing = names.network, names.thing
    if fault.code in (102, 190):
        why = _ENDED.get(fault.subcode or 0, "").format(thing=thing)
        ended = f": {why}" if why else ""
        return f"{network} no longer takes this {thing}'s key{ended}. Make a new one: {names.command}.{fault.says}"
    if fault.code == _PARAMETER or "appsecret_proof" in fault.says:
        return f"The app's secret ({names.prefix}_APP_SECRET) is missing or does not fit the {thing}'s key.{fault.says}"
    return f"The {thing}'s key does not allow this: a permission is missing.{fault.says}"


def _limit(fault: _Fault, headers: Mapping[str, str], now: datetime) -> NotSent:
    """Meta's count of calls is used up. Its headers may name the wait; else it is an hour, for a daily limit a day."""
    wait = regain(headers) or timedelta(hours=24 if fault.code == 9 else 1)
    return NotSent(
        f"{fault.names.network} wants fewer calls for a while.{fault.says}",
        status=fault.status,
        code=fault.name,
        retry_at=now + wait,
        whole_account=True,
    )


def regain(headers: Mapping[str, str]) -> timedelta | None:
    """How long until calls are taken again, by `X-Business-Use-Case-Usage`; None where it does not say."""
    cases = _usage(headers, "X-Business-Use-Case-Usage").values()
    uses = [use for case in cases if isinstance(case, list) for use in case if isinstance(use, dict)]
    minutes = max((_number(use.get("estimated_time_to_regain_access")) or 0 for use in uses), default=0)
    return timedelta(minutes=minutes) if minutes > 0 else None


def used(headers: Mapping[str, str]) -> int:
    """How much of the allowed calls is used up, in percent: the fullest of Meta's counts, 0 where none is given."""
    cases = _usage(headers, "X-Business-Use-Case-Usage").values()
    uses: list[Any] = [use for case in cases if isinstance(case, list) for use in case]
    uses += [_usage(headers, "X-App-Usage"), _usage(headers, "X-Page-Usage")]
    names = ("call_count", "total_cputime", "total_time")
    return max((_number(use.get(name)) or 0 for use in uses if isinstance(use, dict) for name in names), default=0)


def _usage(headers: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        found = json.loads(headers.get(name) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None
