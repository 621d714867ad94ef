"""Access that lasts about 60 days: a token from `.env` at first, later the one that it was renewed to.

The newest is kept in the account's private folder, tied to a fingerprint of the one in `.env`: whoever pastes a new
token there wins over what was kept. Not here: how a network renews a token, and whether it still takes one. Nothing
is refused for a date alone, because this computer's clock may be wrong; only the network can say that access ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from socrbot.clock import Clock
from socrbot.errors import NetworkError, NotSent
from socrbot.networks.shared.disk import disk_errors, write_whole

# Meta and LinkedIn give tokens this long; one that was just pasted ends then at the latest.
LASTS = timedelta(days=60)
# Twenty days before the end: ten days of tries before anybody has to be told that it ends soon.
_EARLY = timedelta(days=20)
# Meta renews no token that is younger than a day.
_YOUNGEST = timedelta(days=1)
_PAUSE = timedelta(hours=6)  # between two tries to renew

Renew = Callable[[str], tuple[str, timedelta]]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is known of a token. Times are seconds since 1970 by this computer's clock.

    since       when it was made, or, of one that was pasted, when it was first seen
    ends        when it ends, as the network said; None where nobody said
    made_from   a fingerprint of the one in `.env`
    tried       when renewing it was last tried, and why that failed
    """

    token: str = field(repr=False)
    since: float
    made_from: str = field(repr=False)
    ends: float | None = None
    tried: float | None = None
    trouble: str | None = None


class Access:
    """A token that ends, looked after. Safe to use from several processes at once.

    token    the one from `.env`
    folder   the account's private folder; the newest token lies in `access.json` (mode 600)
    renew    takes the newest token, gives the next and how long it lasts, or raises NetworkError; None where it
             cannot be renewed
    lasts    how long a token lasts at most of which the network has not said when it ends
    """

    def __init__(
        self, token: str, *, folder: Path, clock: Clock, renew: Renew | None, lasts: timedelta = LASTS
    ) -> None:
        self._given = token
        self._file = folder / "access.json"
        self._clock = clock
        self._renew = renew
        self._lasts = lasts
        self._print: str | None = None

    def __repr__(self) -> str:
        return f"Access({self._file})"

    def token(self) -> str:
        """The newest token that came of the one in `.env`; that one itself where none did."""
        kept = self._read() if self._given else None
        return kept.token if kept is not None else self._given

    def ends_at(self) -> datetime | None:
        """When access ends (aware UTC): as the network said, else the latest day possible. None before it was seen."""
        kept = self._read() if self._given else None
        if kept is None:
            return None
        ends = kept.ends if kept.ends is not None else kept.since + self._lasts.total_seconds()
        return datetime.fromtimestamp(ends, UTC)

    def trouble(self) -> str | None:
        """Why the last try to renew failed, in a sentence; None where it did not."""
        kept = self._read() if self._given else None
        return kept.trouble if kept is not None else None

    def learn(self, ends_at: datetime) -> None:
        """Keeps when the newest token ends, where the network told it (aware UTC)."""
        with self._alone() as mine:
            if mine and self._given:
                kept = self._read() or self._first()
                if kept.ends is None or abs(kept.ends - ends_at.timestamp()) > 1:
                    self._write(replace(kept, ends=ends_at.timestamp()))

    def look_after(self) -> None:
        """Renews when it is due: 20 days before the end, a day after a token was made at the earliest.

        One of which nobody knows when it ends is renewed after a day. A renewal that fails is tried again after six
        hours, and stands in `trouble`. Raises NotSent where the file cannot be written.
        """
        if not self._given:
            return
        with self._alone() as mine:
            if not mine:
                return  # another process is at it
            kept = self._read()
            if kept is None:
                self._write(self._first())
            elif self._renew is not None and self._is_due(kept):
                self._write(self._renewed(kept, self._renew))

    def _is_due(self, kept: _Kept) -> bool:
        now = self._now()
        if kept.tried is not None and abs(now - kept.tried) < _PAUSE.total_seconds():
            return False
        if kept.since > now + _PAUSE.total_seconds():
            return True  # kept while the clock was wrong: its end cannot be believed either
        if now - kept.since < _YOUNGEST.total_seconds():
            return False
        return kept.ends is None or now >= kept.ends - _EARLY.total_seconds()

    def _renewed(self, kept: _Kept, renew: Renew) -> _Kept:
        now = self._now()
        try:
            token, lasts = renew(kept.token)
        except NetworkError as error:
            return replace(kept, tried=now, trouble=str(error))
        return _Kept(token=token, since=now, made_from=kept.made_from, ends=now + lasts.total_seconds())

    # The file.

    def _first(self) -> _Kept:
        return _Kept(token=self._given, since=self._now(), made_from=self._fingerprint())

    def _read(self) -> _Kept | None:
        """What the file holds, where that came of the token in `.env` as it is now."""
        try:
            kept = _Kept(**json.loads(self._file.read_bytes()))
            datetime.fromtimestamp(kept.since + (kept.ends or 0) + (kept.tried or 0), UTC)
            return kept if kept.token and kept.made_from == self._fingerprint() else None
        except (OSError, ValueError, TypeError, OverflowError):
            return None

    def _write(self, kept: _Kept) -> None:
        with disk_errors("The file that keeps the access"):
            write_whole(self._file, json.dumps(asdict(kept)).encode())

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process is at the file; if so, none comes to it meanwhile. Its end frees the lock."""
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise NotSent(f"The folder of the account cannot be used: {error.strerror}.") from None
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True
        finally:
            os.close(lock)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _fingerprint(self) -> str:
        """A fingerprint of the token in `.env`; slow to make, so that nothing can be guessed from it."""
        if self._print is None:
            made = hashlib.pbkdf2_hmac("sha256", self._given.encode(), b"socrbot access", 200_000)
            self._print = made.hex()
        return self._print
