"""What follows each pass: the log page is written, somebody is told, and the dead man's switch gets its sign of life.

None of it can stop the bot or make it send anything: what goes wrong here is said in the running log.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from socrbot import alarms
from socrbot.app import App, Turn
from socrbot.errors import SocrbotError
from socrbot.ledger import Filter
from socrbot.logs import Say
from socrbot.report.notice import Notice, asking, compose
from socrbot.report.page import render_page

CURSOR = "alarms"
# The page is made again after this long even if nothing happened, as it says when it was made.
PAGE_EVERY = timedelta(minutes=1)
HEARTBEAT_EVERY = timedelta(minutes=1)
# An alarm that did not get through is tried again after this long.
TELL_AGAIN = timedelta(minutes=5)


class Teller:
    """Keeps staff informed about one App."""

    def __init__(self, app: App, *, say: Say) -> None:
        self._app = app
        self._say = say
        self._page_made: datetime | None = None
        self._page_shows = -1
        self._beaten: datetime | None = None
        self._not_before: datetime | None = None
        self._asked: str | None = None

    def after(self, turn: Turn | None) -> None:
        """Does what follows a pass; `turn` is None where the pass could not be made."""
        for step in (self._write_page, self._raise_alarms, lambda: self._ask(turn), lambda: self._heartbeat(turn)):
            try:
                step()
            except (SocrbotError, OSError) as error:
                self._say("crashed", detail=self._app.redact(str(error)))

    def _write_page(self) -> None:
        now = self._app.clock.now()
        newest = self._app.ledger.newest_event()
        fresh = self._page_made is not None and timedelta(0) <= now - self._page_made < PAGE_EVERY
        if fresh and newest == self._page_shows:
            return
        path = self._app.settings.data / "log.html"
        page = render_page(self._app.ledger, name=self._name(), seen_at=now)
        half = path.with_suffix(".new")
        half.write_text(page, encoding="utf-8")
        half.chmod(0o600)
        half.replace(path)
        self._page_made, self._page_shows = now, newest

    def _raise_alarms(self) -> None:
        now = self._app.clock.now()
        if not self._app.settings.alarms or (self._not_before is not None and now < self._not_before):
            return
        ledger = self._app.ledger
        events = ledger.events(after_id=ledger.cursor(CURSOR))
        if not events:
            return
        numbers = sorted({event.delivery_id for event in events if event.delivery_id is not None})
        deliveries = {delivery.id: delivery for delivery in ledger.deliveries(Filter(ids=numbers))}
        zone = self._app.snapshot().campaign.zone
        notice = compose(events, deliveries, name=self._name(), zone=zone, now=now)
        if notice is None or self._tell(notice):
            ledger.set_cursor(CURSOR, events[-1].id)

    def _ask(self, turn: Turn | None) -> None:
        question = turn.asks if turn is not None else None
        if question and question != self._asked and self._tell(asking(question, name=self._name())):
            self._asked = question
        if turn is not None and question is None:
            self._asked = None

    def _tell(self, notice: Notice) -> bool:
        """Tells every address; True where at least one of them was reached."""
        redact = self._app.redact
        reached = alarms.tell(self._app.settings.alarms, redact(notice.title), redact(notice.body))
        if any(reached):
            self._not_before = None
            self._say("told", title=notice.title, addresses=sum(reached))
            return True
        self._not_before = self._app.clock.now() + TELL_AGAIN
        self._say("crashed", detail="No alarm address could be reached; it is tried again in five minutes.")
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
        return self._app.snapshot().campaign.name
