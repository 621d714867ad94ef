"""What can go wrong: mistakes in the team's files are values, everything else is an exception.

SocrbotError
├── CampaignError       the files are wrong; carries the problems
├── SettingsError       the environment is wrong; names the variable, never the value
├── LedgerError         the database cannot be used, or refuses the change
│   └── Lost            another worker was faster, or the claim ran out: discard what you have
└── NetworkError        one call to one network failed
    ├── NotSent         it provably did not go out: wait, then try again
    ├── Refused         the network said no to this content: a person edits it
    ├── Unauthorised    the account's credentials: stop this account, tell a person
    └── OutcomeUnknown  it may have gone out: look for evidence, never send again blindly

The four network errors are sorted by what the caller does next, not by their cause.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file. `path` is relative to the campaign's folder, with forward slashes.

    `line` and `column` count from 1, in characters; 0 means "the file as a whole".
    """

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


class Severity(StrEnum):
    """How much a problem matters. An error keeps its post from being planned."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in the team's files.

    `code` is a stable word in kebab-case, listed in docs/problems.md. `message` says what is wrong,
    `hint` what to write instead. `post` is the id of the post it concerns, where there is one.
    """

    place: Place
    severity: Severity
    code: str
    message: str
    hint: str | None = None
    post: str | None = None

    def about(self, post: str) -> Problem:
        """The same problem, said of the post with this id."""
        return replace(self, post=post)

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}[{self.code}]: {self.message}"


class SocrbotError(Exception):
    """Something that socrbot can explain. Its text is one or two sentences for a person."""


class CampaignError(SocrbotError):
    """The campaign's files have errors; `problems` lists them all."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class SettingsError(SocrbotError):
    """A setting is missing or wrong. Names the variable, never its value."""


class LedgerError(SocrbotError):
    """The ledger cannot be opened or written, or it refuses a change."""


class Lost(LedgerError):
    """The row is no longer as this worker left it. Whatever the worker holds is void."""


class NetworkError(SocrbotError):
    """One call to a network failed.

    `status` is the HTTP status where there was one, `code` the network's own error code as text.
    The text never holds a secret.
    """

    def __init__(self, message: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class NotSent(NetworkError):
    """Nothing went out, and trying again may help.

    `retry_at` (aware UTC) is when the network said that it will listen again; None where it said nothing.
    `whole_account` is True when the wait concerns every post of the account (a rate limit).
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        retry_at: datetime | None = None,
        whole_account: bool = False,
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.retry_at = retry_at
        self.whole_account = whole_account


class Refused(NetworkError):
    """The network will not take this content.

    `duplicate` is True when its reason is that the same content is there already: after a lost
    answer that is evidence that the earlier try went out. `original` names that post where it is known;
    `address` is its public address, given only where the network itself says that it is the very same post.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        duplicate: bool = False,
        original: str | None = None,
        address: str | None = None,
    ) -> None:
        super().__init__(message, status=status, code=code)
        self.duplicate = duplicate
        self.original = original
        self.address = address


class Unauthorised(NetworkError):
    """The account's credentials are dead, lack a permission, or the account is blocked."""


class OutcomeUnknown(NetworkError):
    """The request may have been carried out: the answer was lost or unreadable."""
