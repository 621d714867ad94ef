"""A bot on a campaign, X, and somebody to be told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image

from socrbot.clock import VirtualClock
from socrbot.telling import Teller
from tests.report.receiver import Receiver
from tests.standins.x import KEYS, X
from tests.whole.bot import START, Bot
from tests.whole.campaigns import write

Make = Callable[..., "Staff"]


class Staff:
    """A bot with somebody who listens to it; `passes` is what the service does again and again."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.clock = bot.clock
        self.said: list[tuple[str, dict[str, object]]] = []
        self.teller = self._teller()

    def _teller(self) -> Teller:
        return Teller(self.bot.app, say=lambda action, **fields: self.said.append((action, fields)))

    def restart(self) -> None:
        """The same ledger, another process."""
        self.bot.restart()
        self.teller = self._teller()

    def one_pass(self) -> None:
        """One pass of the bot, and what follows it."""
        from socrbot.errors import SocrbotError

        try:
            turn = self.bot.turn()
        except SocrbotError:
            self.teller.after(None)
        else:
            self.teller.after(turn)

    @property
    def page(self) -> str:
        """The log page."""
        return (self.bot.root / "data" / "log.html").read_text(encoding="utf-8")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def x(clock: VirtualClock) -> Iterator[X]:
    with X(now=clock.now) as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as somebody:
        yield somebody


@pytest.fixture
def make(tmp_path: Path, x: X, clock: VirtualClock, receiver: Receiver) -> Iterator[Make]:
    """Writes a campaign and puts a bot on it: `make(posts, accounts=..., alarms=..., pictures=...)`."""
    made: list[Staff] = []

    def build(
        posts: dict[str, str],
        *,
        accounts: dict[str, str] | None = None,
        alarms: str | None = None,
        pictures: Sequence[str] = (),
    ) -> Staff:
        accounts = accounts or {"outbox": "outbox", "x": "x"}
        for name in pictures:
            (tmp_path / "media").mkdir(exist_ok=True)
            Image.new("RGB", (400, 300), "red").save(tmp_path / "media" / name)
        write(tmp_path, posts, accounts=accounts)
        env = {
            **KEYS,
            "X_API_BASE": x.base,
            "SOCRBOT_TIMEOUT_SECONDS": "2",
            "SOCRBOT_ALARM_URLS": receiver.alarm if alarms is None else alarms,
            "SOCRBOT_HEARTBEAT_URL": receiver.switch,
        }
        staff = Staff(Bot(tmp_path, env=env, clock=clock))
        staff.bot.go_live(*accounts)
        made.append(staff)
        return staff

    yield build
    for staff in made:
        staff.bot.close()
