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
_MAYBE = frozenset({1, 2})
_BLOCKED, _DUPLICATE, _PARAMETER = 368, 506, 100
# What the subcodes of 102 and 190 mean.
_ENDED = {
    458: "the app was removed from the account",
    459: "the account's owner must first log in to Facebook and answer a question",
    460: "the password was changed",
    463: "it has run out",
    464: "the account's owner must first log in to Facebook and confirm the account",
    467: "it was withdrawn",
    492: "the person who made it has no role on the Page any more",
}


@dataclass(frozen=True, slots=True)
class _Fault:
    """The `error` object of an answer."""

    status: int
    code: int | None
    subcode: int | None
    transient: bool
    says: str

    @property
    def name(self) -> str | None:
        return f"{self.code}/{self.subcode}" if self.subcode else None if self.code is None else str(self.code)


def judge(answer: Answer, *, now: datetime, redact: Redactor) -> NetworkError | None:
    """What an answer means for the caller: an error, or None where it is a JSON object that reports success.

    An answer that says neither yes nor no, and any failure on Meta's side, counts as unknown: posts have come out
    whose answer was status 500 with code 2.
    """
    body = answer.json()
    if isinstance(body, dict) and body.get("error"):
        return _refusal(_fault(answer.status, body["error"], redact), answer.headers, now)
    if answer.ok and isinstance(body, dict):
        return None
    if answer.status == 429:
        return _limit(_Fault(429, None, None, transient=True, says=""), answer.headers, now)
    if 400 <= answer.status < 500 and answer.status != 408:
        return NotSent(f"Facebook answered with status {answer.status} and gave no reason.", status=answer.status)
    return OutcomeUnknown(f"Facebook's answer (status {answer.status}) could not be read.", status=answer.status)


def _refusal(fault: _Fault, headers: Mapping[str, str], now: datetime) -> NetworkError:
    status, code = fault.status, fault.name
    if fault.code in _LIMITS:
        return _limit(fault, headers, now)
    if fault.code in _MAYBE or fault.transient:
        return OutcomeUnknown(f"Facebook had a fault of its own.{fault.says}", status=status, code=code)
    if fault.code in _UNAUTHORISED or "appsecret_proof" in fault.says:
        return Unauthorised(_no_access(fault), status=status, code=code)
    if fault.code == _DUPLICATE or (fault.code == _BLOCKED and "already posted" in fault.says.lower()):
        words = f"Facebook already has a post with these words.{fault.says}"
        return Refused(words, status=status, code=code, duplicate=True)
    if fault.code == _BLOCKED:
        words = f"Facebook has stopped this Page from posting for a while. Wait a day or two.{fault.says}"
        return Unauthorised(words, status=status, code=code)
    if status >= 500 or status == 408:
        return OutcomeUnknown(f"Facebook had a fault of its own.{fault.says}", status=status, code=code)
    if status == 401 and fault.code is None:
        return Unauthorised(_no_access(fault), status=status)
    return Refused(f"Facebook did not take it.{fault.says}", status=status, code=code)


def _fault(status: int, error: Any, redact: Redactor) -> _Fault:
    found = error if isinstance(error, dict) else {"message": error}
    text = found.get("error_user_msg") or found.get("message")
    says = f' Facebook says: "{redact(" ".join(str(text).split()))[:300]}"' if text else ""
    code, subcode = _number(found.get("code")), _number(found.get("error_subcode"))
    return _Fault(status, code, subcode, transient=found.get("is_transient") is True, says=says)


def _no_access(fault: _Fault) -> str:
    if fault.code in (102, 190):
        why = _ENDED.get(fault.subcode or 0)
        ended = f": {why}" if why else ""
        return f"Facebook no longer takes this Page's key{ended}. Make a new one: socrbot connect facebook.{fault.says}"
    if fault.code == _PARAMETER or "appsecret_proof" in fault.says:
        return f"The app's secret (FB_APP_SECRET) is missing or does not fit the Page's key.{fault.says}"
    return f"The Page's key does not allow this: a permission is missing.{fault.says}"


def _limit(fault: _Fault, headers: Mapping[str, str], now: datetime) -> NotSent:
    """Meta's count of calls is used up. Its headers may name the wait; else it is an hour, for a daily limit a day."""
    wait = regain(headers) or timedelta(hours=24 if fault.code == 9 else 1)
    return NotSent(
        f"Facebook wants fewer calls for a while.{fault.says}",
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
