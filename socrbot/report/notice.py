"""What somebody is told when something needs them: pure words from the history. Sent by `alarms.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from socrbot.delivery import Delivery, State
from socrbot.errors import Problem, Severity
from socrbot.ledger import Event
from socrbot.report import words
from socrbot.report.status import question, todo

# What is worth an alarm. A hold is told at once: it is made a day ahead, while there is time to act.
_TELLING = frozenset({State.FAILED, State.UNKNOWN, State.MISSED, State.HELD})
# What holds everything is told as the bot's own trouble.
_TOLD_OTHERWISE = frozenset({"config-unreadable"})
_MOST = 20
_MOST_PROBLEMS = 3


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to whoever looks after the bot."""

    title: str
    body: str


def compose(
    events: Sequence[Event], deliveries: Mapping[int, Delivery], *, name: str, zone: ZoneInfo, now: datetime
) -> Notice | None:
    """The message about these events, or None where none of them is worth one.

    A delivery that has got over its trouble meanwhile is left out; each is told of once, as it stands now.
    """
    told = dict.fromkeys(
        event.delivery_id for event in events if event.after in _TELLING and event.delivery_id is not None
    )
    found = [deliveries[number] for number in told if number in deliveries]
    troubled = [each for each in found if each.state in _TELLING and each.reason not in _TOLD_OTHERWISE]
    stopped = [event for event in events if event.action == "stopped"]
    ending = [event for event in events if event.action == "access-ends"]
    lines = [*_stopped(stopped), *(event.detail or "" for event in ending), *_lines(troubled, zone, now)]
    if not lines:
        return None
    number = len(troubled) + len(stopped) + len(ending)
    title = f"{name}: {words.count(number, 'thing')} {'needs' if number == 1 else 'need'} you"
    body = "\n\n".join(lines[:_MOST])
    if len(lines) > _MOST:
        body += f"\n\nAnd {len(lines) - _MOST} more. See them with: socrbot status"
    return Notice(title, body)


def _stopped(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        yield f"The account {event.account} is stopped. {event.detail or ''} Look with: socrbot doctor"


def _lines(troubled: Iterable[Delivery], zone: ZoneInfo, now: datetime) -> Iterator[str]:
    """One paragraph for each delivery, one for many that are held for the same reason."""
    together: dict[tuple[str | None, str | None], list[Delivery]] = {}
    for delivery in troubled:
        key = (delivery.reason, delivery.detail) if delivery.state is State.HELD else (str(delivery.id), None)
        together.setdefault(key, []).append(delivery)
    for group in together.values():
        first = group[0]
        why, state = words.reason(first.reason, first.detail), words.state(first.state)
        about = f"{first.post} on {first.account}, due {words.when(first.due_at, zone, now)} (number {first.id})"
        more = f" and {len(group) - 1} more" if len(group) > 1 else ""
        means = why.means if first.reason else state.means
        yield f"{about}{more}: {state.short}. {means} {todo(first)}".strip()


def asking(said: str, *, name: str, trouble: bool = False) -> Notice:
    """The message that hands on what the bot asks, or (`trouble`) why it cannot work."""
    return Notice(f"{name}: the bot {'cannot work' if trouble else 'asks something'}", question(said))


def cannot_work(problems: Iterable[Problem]) -> str:
    """Why nothing can be done while the files under `config/` cannot be understood, with the first few places."""
    errors = [p for p in problems if p.severity is Severity.ERROR and p.place.path.startswith("config/")]
    shown = " ".join(f"{problem.place}: {problem.message}" for problem in errors[:_MOST_PROBLEMS])
    more = f" And {len(errors) - _MOST_PROBLEMS} more." if len(errors) > _MOST_PROBLEMS else ""
    return (
        "A file under config/ cannot be understood, so nothing goes out until it is put right. "
        f"{shown}{more} All of it: socrbot check"
    )
