"""`.env` and the environment as frozen settings. Secrets are kept in a type that never prints itself."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from socrbot.errors import SettingsError
from socrbot.redact import MASK, Redactor, is_secret, pieces


class Secret:
    """A value that must not be written anywhere. `reveal()` gives it to the one who needs it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__


class Environment(Mapping[str, Secret]):
    """The variables that the program sees: what `.env` says, and the real environment, which wins."""

    def __init__(self, *layers: Mapping[str, str | None]) -> None:
        merged = {name: value for layer in layers for name, value in layer.items() if value}
        self._values = {name: Secret(value.strip()) for name, value in merged.items()}

    def __getitem__(self, name: str) -> Secret:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def text(self, name: str, default: str = "") -> str:
        """The value of a variable as text."""
        secret = self._values.get(name)
        return secret.reveal() if secret else default

    def __repr__(self) -> str:
        return f"Environment({sorted(self._values)})"


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation runs.

    root        the campaign's folder: config/, posts/, media/
    data        the bot's own folder: ledger, outbox, log page, sessions
    database    path of the SQLite file, or a PostgreSQL address
    lease       how long a worker may hold a delivery; longer than the longest send
    timeout     (connect, read) in seconds for every request
    settle      how long after a lost answer an absent post is believed absent; None: as each network says
    alarms      where to tell somebody (Apprise addresses)
    heartbeat   an address that is fetched after each pass, so that somebody notices when it stops
    person      who is at the keyboard, for the log
    """

    root: Path
    data: Path
    database: str
    env: Environment
    lease: timedelta = timedelta(seconds=180)
    timeout: tuple[float, float] = (10.0, 30.0)
    settle: timedelta | None = None
    alarms: tuple[Secret, ...] = ()
    heartbeat: Secret | None = None
    person: str = ""
    plain: bool = False

    def redactor(self) -> Redactor:
        """Takes every secret of the environment out of a text."""
        return Redactor(pieces(self.env.text(name) for name in self.env if is_secret(name)))


def load(root: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Reads `.env` in the campaign's folder and the environment. Raises SettingsError, naming the variable."""
    env = Environment(_read_env_file(root / ".env"), os.environ if environ is None else environ)
    data = Path(env.text("SOCRBOT_DATA_DIR", "data"))
    data = data if data.is_absolute() else root / data
    seconds = _seconds(env, "SOCRBOT_TIMEOUT_SECONDS", 30.0)
    timeout = (min(10.0, seconds), seconds)
    settle = env.text("SOCRBOT_SETTLE_SECONDS")
    return Settings(
        root=root,
        data=data,
        database=env.text("SOCRBOT_DATABASE_URL", str(data / "ledger.sqlite")),
        env=env,
        lease=_lease(env, sum(timeout)),
        timeout=timeout,
        settle=timedelta(seconds=_seconds(env, "SOCRBOT_SETTLE_SECONDS", 0.0)) if settle else None,
        alarms=tuple(Secret(address) for address in env.text("SOCRBOT_ALARM_URLS").split()),
        heartbeat=env.get("SOCRBOT_HEARTBEAT_URL"),
        person=env.text("SOCRBOT_PERSON") or _login(),
        plain=env.text("SOCRBOT_PLAIN") not in ("", "0"),
    )


def _read_env_file(path: Path) -> Mapping[str, str | None]:
    if not path.exists():
        return {}
    from dotenv import dotenv_values

    try:
        return dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read ({type(error).__name__}). It must be a text file in UTF-8."
        ) from None


def _seconds(env: Environment, name: str, default: float) -> float:
    text = env.text(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise SettingsError(f"{name} must be a number of seconds.") from None
    if not 0 < value < float("inf"):
        raise SettingsError(f"{name} must be more than 0 seconds.")
    return value


def _lease(env: Environment, longest: float) -> timedelta:
    """How long a delivery may be in hand; `longest` is the longest request in seconds."""
    seconds = _seconds(env, "SOCRBOT_LEASE_SECONDS", max(180.0, 3 * longest))
    if seconds <= longest:
        raise SettingsError(f"SOCRBOT_LEASE_SECONDS must be more than the longest request takes, {longest:g} seconds.")
    return timedelta(seconds=seconds)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
