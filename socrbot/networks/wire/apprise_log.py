"""What Apprise's own log says of a failure. Apprise itself knows only “failed”, whatever the reason was.

Its hundred services log alike: "error=404" for an answer that says no, "Socket Exception: …" for one that never came,
"Sent …" for a success.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised

_STATUS = re.compile(r"\berror[=:] ?(\d{3})\b")
_BROKEN = re.compile(r"\bSocket (Exception|Timeout|Error)\b")
# Only these say that there was no connection, so that nothing can have been sent.
_NEVER_CONNECTED = ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")
# The other end may have carried out a request that it answers so.
_MAY_HAVE_ARRIVED = (408, 409, 425)
_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)


class _Ear(logging.Filter):
    """Hears what is logged on behalf of the present thread, and lets none of it through to any log."""

    def filter(self, record: logging.LogRecord) -> bool:
        lines = _heard.get()
        if lines is not None:
            lines.append(record.getMessage())
        return False


_EAR = _Ear()


@contextmanager
def hearing() -> Iterator[list[str]]:
    """Everything that Apprise logs meanwhile. Nobody else hears it: addresses and passwords stand in it."""
    logger = logging.getLogger("apprise")
    logger.addFilter(_EAR)
    logger.disabled = False
    logger.setLevel(logging.DEBUG)
    lines: list[str] = []
    before = _heard.set(lines)
    try:
        yield lines
    finally:
        _heard.reset(before)


def failure(lines: Iterable[str], *, files: bool) -> NetworkError:
    """What a failed try means, by the lines of Apprise's log at DEBUG.

    `files`: it had files with it. Some services send the words first and the files after them, so there a refusal may
    be that of a file alone.
    """
    lines = list(lines)
    broken = [line for line in lines if _BROKEN.search(line)]
    statuses = [int(status) for line in lines for status in _STATUS.findall(line)]
    if files or any(line.startswith("Sent ") for line in lines):
        return OutcomeUnknown("Apprise says that it failed, and not how far it got.")
    if broken and not statuses and all(any(name in line for name in _NEVER_CONNECTED) for line in broken):
        return NotSent("The service did not take the connection.")
    if len(statuses) == 1 and not broken:
        return _refusal(statuses[0])
    return OutcomeUnknown("Apprise says that it failed, and not whether anything arrived.")


def _refusal(status: int) -> NetworkError:
    if status == 429:
        return NotSent("The service says that these are too many messages.", status=status, whole_account=True)
    if status in (401, 403, 404, 410):
        said = f"The service does not take messages at this address any more (status {status})."
        return Unauthorised(f"{said} Make a new one there, and put it into .env.", status=status)
    if 400 <= status < 500 and status not in _MAY_HAVE_ARRIVED:
        return Refused(f"The service does not take this message (status {status}).", status=status)
    return OutcomeUnknown(f"The service did not say what became of it (status {status}).", status=status)
