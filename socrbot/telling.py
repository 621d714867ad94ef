"""What follows each pass: the log page is written, somebody is told, and the dead man's switch gets its sign of life.

None of it can stop the bot or make it send anything: what goes wrong here is said in the running log. What was told,
and how far each address has read, is kept in the ledger, so that neither cron's next pass nor a restart tells it again.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from socrbot import alarms
from socrbot.app import App, Turn
from socrbot.errors import CampaignError, SocrbotError
from socrbot.ledger import Event, Filter
from socrbot.logs import Say
from socrbot.report.notice import Notice, asking, compose
from socrbot.report.page import render_page
from socrbot.report.status import NEWS, is_question, zone_of
from socrbot.settings import Secret
from socrbot.traces import LOG_PAGE

# The page is made again after this long even if nothing happened, as it says when it was made.
PAGE_EVERY = timedelta(minutes=1)
HEARTBEAT_EVERY = timedelta(minutes=1)
# An alarm that did not get through is tried again after this long.
TELL_AGAIN = timedelta(minutes=5)
# The history is read in pieces of so many events.
PIECE = 5_000
# So many passes in a row must fail before somebody is told of it (a busy ledger recovers by itself).
PATIENCE = 3


class Teller:
    """Keeps staff informed about one App."""

    def __init__(self, app: App, *, say: Say) -> None:
        self._app = app
        self._say = say
        self._page_made: datetime | None = None
        self._page_shows: tuple[int, str | None] | None = None
        self._beaten: datetime | None = None
        self._not_before: dict[str, datetime] = {}
        self._failed = 0

    def after(self, turn: Turn | None) -> None:
        """Does what follows a pass; `turn` is None where the pass could not be made."""
        self._failed = 0 if turn is not None else self._failed + 1
        self._attempt(lambda: self._note_trouble(turn))
        self._attempt(self._write_page)
        for address in self._app.settings.alarms:
            name = _name_of(address)
            if name not in self._not_before or self._app.clock.now() >= self._not_before[name]:
                self._attempt(lambda address=address, name=name: self._keep_informed(address, name))  # type: ignore[misc]
        self._attempt(lambda: self._heartbeat(turn))

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except (SocrbotError, OSError) as error:
            self._say("crashed", detail=self._app.redact(str(error)))

    # Why no pass can be made.

    def _note_trouble(self, turn: Turn | None) -> None:
        """Keeps in the ledger why the bot cannot work, for the page, for `status` and for those who are told."""
        trouble = self._why() if turn is None else _trouble_of(turn)
        if trouble is not None and trouble != (self._app.ledger.meta("trouble") or ""):
            self._app.ledger.set_meta("trouble", trouble)

    def _why(self) -> str | None:
        """Why passes cannot be made; None while it may still be a passing matter."""
        if self._failed < PATIENCE:
            return None
        try:
            self._app.refresh()
        except SocrbotError as error:
            return self._app.redact(str(error))
        return "Passes keep failing. Look at the bot's running log."

    # The page.

    def _write_page(self) -> None:
        now, ledger = self._app.clock.now(), self._app.ledger
        shows = (ledger.newest_event(), ledger.meta("trouble"))
        fresh = self._page_made is not None and timedelta(0) <= now - self._page_made < PAGE_EVERY
        if fresh and shows == self._page_shows:
            return
        write_log_page(self._app)
        self._page_made, self._page_shows = now, shows

    # Alarms.

    def _keep_informed(self, address: Secret, name: str) -> None:
        """Tells one address what it has not heard yet; stops at the first thing that does not get through."""
        for key in ("trouble", "asks"):
            if not self._tell_state(address, name, key):
                return
        self._tell_news(address, name)

    def _tell_state(self, address: Secret, name: str, key: str) -> bool:
        """Tells how something stands (a trouble, a question) if that has changed; False where it did not arrive."""
        ledger, told = self._app.ledger, f"told:{name}:{key}"
        now = ledger.meta(key) or ""
        if key == "asks" and not is_question(now):
            # Then it is the trouble, which is told in better words.
            now = ""
        if now == (ledger.meta(told) or ""):
            return True
        if now and not self._tell(address, name, asking(now, name=self._name(), trouble=key == "trouble")):
            return False
        ledger.set_meta(told, now)
        return True

    def _tell_news(self, address: Secret, name: str) -> None:
        ledger, cursor, now = self._app.ledger, f"alarms:{name}", self._app.clock.now()
        seen = begun = ledger.cursor(cursor)
        while events := ledger.events(after_id=seen, limit=PIECE):
            # An address that is new, or was away for long, is not told of what is old.
            notice = self._notice([event for event in events if event.at >= now - NEWS], now)
            if notice is not None and not self._tell(address, name, notice):
                break
            seen = events[-1].id
            if len(events) < PIECE:
                break
        if seen != begun:
            ledger.set_cursor(cursor, seen)

    def _notice(self, events: list[Event], now: datetime) -> Notice | None:
        numbers = sorted({event.delivery_id for event in events if event.delivery_id is not None})
        if not numbers:
            return compose(events, {}, name=self._name(), zone=zone_of(self._app.ledger), now=now)
        deliveries = {delivery.id: delivery for delivery in self._app.ledger.deliveries(Filter(ids=numbers))}
        return compose(events, deliveries, name=self._name(), zone=zone_of(self._app.ledger), now=now)

    def _tell(self, address: Secret, name: str, notice: Notice) -> bool:
        """Tells one address; False where it did not arrive: then it is left alone for a while."""
        redact = self._app.redact
        if alarms.tell(address, redact(notice.title), redact(notice.body)):
            self._not_before.pop(name, None)
            self._say("told", title=notice.title)
            return True
        self._not_before[name] = self._app.clock.now() + TELL_AGAIN
        what = "could not be reached" if alarms.available() else "cannot be told, as Apprise is not installed"
        self._say("crashed", detail=f"An alarm address {what}; it is tried again in five minutes.")
        return False

    def _heartbeat(self, turn: Turn | None) -> None:
        address, now = self._app.settings.heartbeat, self._app.clock.now()
        if address is None or turn is None:
            return
        if self._beaten is not None and timedelta(0) <= now - self._beaten < HEARTBEAT_EVERY:
            return
        self._beaten = now
        if not alarms.sign_of_life(address, self._app.redact):
            self._say("crashed", detail="The dead man's switch could not be reached.")

    def _name(self) -> str:
        return name_of(self._app)


def write_log_page(app: App) -> None:
    """Makes the log page beside the ledger anew. Raises OSError where it cannot be written."""
    data = app.settings.data

    def kept(digest: str) -> Path | None:
        path = app.store.path(digest)
        return path.relative_to(data) if path is not None else None

    page = render_page(app.ledger, name=name_of(app), seen_at=app.clock.now(), kept=kept)
    write_page(data / LOG_PAGE, page)


def name_of(app: App) -> str:
    """The campaign's name, as far as its files can be read."""
    try:
        return app.snapshot().campaign.name
    except CampaignError:
        return "socrbot"


def _trouble_of(turn: Turn) -> str:
    """Why nothing goes out although the pass was made; "" where there is no such trouble."""
    return turn.asks if turn.asks and not is_question(turn.asks) else ""


def _name_of(address: Secret) -> str:
    """A name for an alarm address, under which the ledger keeps how far it was told.

    It tells a few addresses apart and is far too short to tell anything of the address itself.
    """
    return f"{zlib.crc32(address.reveal().encode()) & 0xFFFF:04x}"


def write_page(path: Path, page: str) -> None:
    """Writes the page in one step, mode 600: whoever reads it sees the old or the new, never half of it."""
    half = path.with_suffix(".new")
    half.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(page)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
