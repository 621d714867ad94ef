"""What a rehearsal came to, as records, as data for programs, and as a page with previews.

The page is one file: no script, nothing from elsewhere, pictures within it. Not here: how it is rehearsed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from socrbot.delivery import State
from socrbot.report import words
from socrbot.report.markup import template
from socrbot.report.phrases import clock_time

if TYPE_CHECKING:
    pass

MOODS = {State.SENT: "good", State.PLANNED: "calm", State.CANCELLED: "calm", State.HELD: "care"}
# What becomes of a post that needs somebody.
NEEDY = frozenset({State.HELD, State.FAILED, State.MISSED, State.UNKNOWN})
_FAR = timedelta(days=3)
_TILES = (
    ("Go out", (State.SENT,)),
    ("Held back", (State.HELD,)),
    ("Too late", (State.MISSED,)),
    ("Not sent", (State.FAILED,)),
    ("We don't know", (State.UNKNOWN,)),
    ("Still waiting", (State.PLANNED,)),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or video of a part. `shown` is a small JPEG as a data: address; empty where none could be made."""

    file: str
    alt: str
    video: bool = False
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One part as its network will show it. `which` is "Part 1 of 3"; `count` and `limit` are in its `unit`."""

    which: str
    text: str
    count: int
    limit: int
    unit: str
    fits: bool = True
    link: str | None = None
    link_title: str | None = None
    card: bool = False
    pictures: tuple[Picture, ...] = ()

    @property
    def measure(self) -> str:
        """The count against the limit, in words."""
        over = "" if self.fits else ". TOO LONG"
        return f"{self.count:,} of {self.limit:,} {self.unit}{over}"


@dataclass(frozen=True, slots=True)
class Scene:
    """One post on one account at one time, and what becomes of it. Instants are aware UTC.

    due_at    when it is planned
    at        when all of it is out, by the bot's clock; None where it does not go out
    true_at   the same by a good clock, where the two differ
    why, todo in sentences; empty where it simply goes out
    held      whether it is held back, until it is too late or for as long as was rehearsed
    history   what happened on the way, a line each, where something did
    cost      in US dollars
    """

    post: str
    account: str
    network: str
    state: State
    due_at: datetime
    at: datetime | None
    true_at: datetime | None
    reason: str | None
    why: str
    todo: str
    cost: float
    language: str
    history: tuple[str, ...]
    parts: tuple[Shown, ...]
    held: bool = False

    @property
    def name(self) -> str:
        """What a link calls it."""
        return f"{self.post} on {self.account}"

    @property
    def mood(self) -> str:
        """Chooses colour and sign: good, calm, care or bad."""
        return "care" if self.held else MOODS.get(self.state, "bad")

    @property
    def says(self) -> str:
        """What becomes of it, in two words."""
        if self.held:
            return words.state(State.HELD).short
        return {State.SENT: "goes out", State.PLANNED: "still waiting"}.get(self.state, words.state(self.state).short)


@dataclass(frozen=True, slots=True)
class Place:
    """An account in a rehearsal: how it stands in truth, in words, and whether posts were rehearsed there."""

    id: str
    network: str
    standing: str
    rehearsed: bool


@dataclass(frozen=True, slots=True)
class Cost:
    """What an account costs in one month (`2026-12`), in US dollars: so far, and what is rehearsed."""

    account: str
    month: str
    spent: float
    rehearsed: float
    budget: float | None

    @property
    def says(self) -> str:
        """The sum in words, with the budget."""
        of = f" of a budget of {words.money(self.budget)}" if self.budget is not None else ""
        return f"{words.money(self.spent + self.rehearsed)}{of}"


@dataclass(frozen=True, slots=True)
class Group:
    """A post at one time, on all accounts with which the same becomes of it. Each scene has its number on the page."""

    scenes: tuple[tuple[int, Scene], ...]
    remarks: tuple[str, ...]

    @property
    def first(self) -> Scene:
        """What is the same of all of them."""
        return self.scenes[0][1]

    @property
    def accounts(self) -> str:
        """Their accounts, in words."""
        return ", ".join(scene.account for _, scene in self.scenes)

    @property
    def cost(self) -> float:
        """What they cost together, in US dollars."""
        return sum(scene.cost for _, scene in self.scenes)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All that came of it. `asks` are questions of the bot; `faults` what went wrong on purpose, in sentences."""

    name: str
    zone: ZoneInfo
    start: datetime
    until: datetime
    scenes: tuple[Scene, ...]
    places: tuple[Place, ...]
    costs: tuple[Cost, ...]
    asks: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    as_if_live: bool = False
    errors: int = 0

    @property
    def needy(self) -> tuple[Scene, ...]:
        """The scenes that need a person."""
        return tuple(scene for scene in self.scenes if scene.state in NEEDY)

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to do something before, or the real thing would not go well."""
        return bool(self.needy or self.asks or self.errors)

    @property
    def cost(self) -> float:
        """What all of it costs, in US dollars."""
        return sum(scene.cost for scene in self.scenes)

    def when(self, instant: datetime) -> str:
        """A time with its date: "today" would mean nothing on a clock that runs ahead."""
        return words.when(instant, self.zone, self.start - _FAR)

    def groups(self) -> list[Group]:
        """The scenes in the order of time, those together with which the same becomes of a post at one time."""
        found: dict[tuple[object, ...], list[tuple[int, Scene]]] = {}
        for number, scene in enumerate(self.scenes, 1):
            same = (scene.at or scene.due_at, scene.post, scene.state, self.remarks(scene))
            found.setdefault(same, []).append((number, scene))
        return [Group(tuple(scenes), self.remarks(scenes[0][1])) for scenes in found.values()]

    def remarks(self, scene: Scene) -> tuple[str, ...]:
        """What is to be said of a scene, beside that it goes out in time."""
        found = []
        if scene.at is not None and scene.at - scene.due_at >= timedelta(minutes=1):
            found.append(f"It was due {self.when(scene.due_at)}: {words.length(scene.at - scene.due_at)} late.")
        if scene.true_at is not None:
            found.append(f"By a good clock that is {self.when(scene.true_at)}.")
        if scene.why:
            found.append(scene.why)
        if scene.todo:
            found.append(f"What to do: {scene.todo}")
        return (*found, *scene.history)

    def headline(self) -> str:
        """What came of it, in two or three sentences."""
        sent = sum(scene.state is State.SENT for scene in self.scenes)
        need = len(self.needy)
        out = f"{words.count(sent, 'post').capitalize()} {'goes' if sent == 1 else 'go'} out"
        out += f", at a cost of {words.money(self.cost)}." if self.cost else ", and nothing costs money."
        if need:
            verb = "needs" if need == 1 else "need"
            return f"{out} {words.count(need, 'post').capitalize()} {verb} a person."
        return f"{out} {'Something needs a person.' if self.needs_a_person else 'Nothing needs a person.'}"

    def as_data(self) -> dict[str, object]:
        """The same for programs; pictures without their pixels."""
        return {
            "from": self.start.isoformat(),
            "until": self.until.isoformat(),
            "as_if_live": self.as_if_live,
            "needs_a_person": self.needs_a_person,
            "asks": list(self.asks),
            "faults": list(self.faults),
            "files_with_errors": self.errors,
            "cost_usd": round(self.cost, 4),
            "accounts": [asdict(place) for place in self.places],
            "costs": [asdict(cost) for cost in self.costs],
            "posts": [_scene_data(scene) for scene in self.scenes],
        }


def _scene_data(scene: Scene) -> dict[str, object]:
    data = asdict(scene)
    for name in ("due_at", "at", "true_at"):
        data[name] = data[name].isoformat() if data[name] is not None else None
    data["state"] = str(scene.state)
    data["cost_usd"] = round(data.pop("cost"), 4)
    for part in data["parts"]:
        for picture in part["pictures"]:
            del picture["shown"]
    return data


def render(rehearsal: Rehearsal) -> str:
    """The page as HTML."""
    counts = Counter(State.HELD if scene.held else scene.state for scene in rehearsal.scenes)
    tiles = [(name, MOODS.get(states[0], "bad"), sum(counts[state] for state in states)) for name, states in _TILES]
    return template("rehearsal.html").render(r=rehearsal, tiles=tiles, money=words.money, days=_days(rehearsal))


def _days(rehearsal: Rehearsal) -> list[tuple[str, list[tuple[str, list[tuple[int, Scene]]]]]]:
    """The scenes with something to show, by their day, and then by time and post; each with its number on the page."""
    days: dict[str, dict[str, list[tuple[int, Scene]]]] = {}
    for number, scene in enumerate(rehearsal.scenes, 1):
        if scene.parts:
            local = (scene.at or scene.due_at).astimezone(rehearsal.zone)
            day = days.setdefault(f"{local:%A} {local.day} {local:%B %Y}", {})
            day.setdefault(f"{clock_time(local.time())}: {scene.post}", []).append((number, scene))
    return [(day, list(posts.items())) for day, posts in days.items()]
