"""Whatever is edited, sent, broken and paused, in whatever order: what planning never does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.campaign import Campaign, Every, InSlot, Once, Post, QuietHours, Schedule
from socrbot.clock import to_wall
from socrbot.delivery import SETTLED, Add, Delivery, Kind, Move, Release, Restore, State, Wanted
from socrbot.planning import Plan, Quiet, plan
from tests.planning.world import ALL_WEEK, LONDON, View, at, campaign, every, post, problem, slot, wall

# Two days before the clocks go forward, so that the odd hour is met.
BEGIN = at("2026-03-27T12:00")
NIGHT = Quiet(QuietHours(time(22, 0), time(1, 30)), LONDON)
SPACING = timedelta(minutes=30)
ACCOUNTS = ("x", "fb")

_TIMES = st.integers(0, 6 * 48).map(lambda n: wall("2026-03-27T00:00") + timedelta(minutes=30 * n))
_SCHEDULES: st.SearchStrategy[Schedule] = st.one_of(
    st.just(InSlot("weekly")),
    st.just(InSlot("daily")),
    _TIMES.map(lambda when: Once((when,))),
    st.lists(_TIMES, min_size=1, max_size=3).map(lambda times: Once(tuple(times), listed=True)),
    st.sampled_from([every(ALL_WEEK, "01:30"), every([6], "01:30"), every([0, 3], "21:45", count=2)]),
    st.just(Every(cron="30 1,2 * * sat,sun")),
)
_POSTS = st.builds(
    lambda name, schedule, order, account: post(name, schedule, order=order, accounts=account),
    st.sampled_from("abcdef"),
    _SCHEDULES,
    st.integers(0, 2),
    st.sampled_from([(), (), ("x",)]),
)


@dataclass(frozen=True)
class Step:
    """What happens between two syncs: edits, time that passes, mistakes in files, a pause, something done by hand."""

    written: tuple[Post, ...]
    removed: frozenset[str]
    returns: bool
    half_hours: int
    asleep: bool
    broken: frozenset[str]
    paused: bool
    by_hand: tuple[str, State] | None


def rarely(draw: st.SearchStrategy[frozenset[str]]) -> st.SearchStrategy[frozenset[str]]:
    """Mostly nothing."""
    return st.one_of(st.just(frozenset()), st.just(frozenset()), draw)


_STEPS = st.builds(
    Step,
    st.lists(_POSTS, max_size=2).map(tuple),
    rarely(st.frozensets(st.sampled_from("abcdef"), max_size=3)),
    st.booleans(),
    st.sampled_from([0, 1, 2, 6, 20, 48, 100]),
    st.sampled_from([False, False, True]),
    rarely(st.frozensets(st.sampled_from("abcdef"), max_size=2)),
    st.sampled_from([False, False, True]),
    st.one_of(
        st.none(),
        st.none(),
        st.tuples(st.sampled_from("abcdef"), st.sampled_from([State.CANCELLED, State.UNKNOWN])),
    ),
)
SLOTS = {"weekly": every([6], "01:30"), "daily": every(ALL_WEEK, "09:00")}


@dataclass
class History:
    """One ledger, the files that change beside it, and what was seen on the way."""

    view: View = field(default_factory=View)
    now: datetime = BEGIN
    posts: dict[str, Post] = field(default_factory=dict)
    bin: dict[str, Post] = field(default_factory=dict)
    reached: Counter[str] = field(default_factory=Counter)

    def go_on(self, step: Step) -> None:
        files = self._files(step)
        faulty = {name: problem(name) for name in step.broken}
        self.view.paused = step.paused
        before = dict(self.view.rows)
        fresh = plan(files, self.view.known(), now=self.now, accounts=ACCOUNTS, faulty=faulty, allow_mass_cancel=True)
        made = self.view.sync(files, self.now, faulty=faulty, allow_mass_cancel=True)
        assert made == fresh
        self._judge(made, before)
        self._by_hand(step)
        self._pass_time(step)

    def _pass_time(self, step: Step) -> None:
        """The bot works through the time, or sleeps and finds at its end what has become too late."""
        strides = [step.half_hours] if step.asleep else [1] * step.half_hours
        for stride in strides:
            self.now += timedelta(minutes=30 * stride)
            if not step.paused:
                self.reached.update(row.state.value for row in self.view.pass_on(self.now))

    def _files(self, step: Step) -> Campaign:
        if step.returns:
            self.posts = {**self.bin, **self.posts}
        self.posts.update((each.id, each) for each in step.written)
        self.bin = {name: each for name, each in self.posts.items() if name in step.removed}
        self.posts = {name: each for name, each in self.posts.items() if name not in step.removed}
        return campaign(
            *self.posts.values(),
            accounts=ACCOUNTS,
            slots=[slot(name, times) for name, times in SLOTS.items()],
            quiet_hours=NIGHT.asked,
            spacing=SPACING,
            plan_ahead=timedelta(days=5),
        )

    def _by_hand(self, step: Step) -> None:
        if step.by_hand is None:
            return
        name, state = step.by_hand
        for row in list(self.view.rows.values()):
            if row.post == name and row.state is State.PLANNED:
                self.view.set(row.id, state=state, by_person=state is State.CANCELLED, changed_at=self.now)
                return

    def _judge(self, made: Plan, before: dict[int, Delivery]) -> None:
        self.reached.update(type(change).__name__ for change in made.changes)
        _history_stands(before, self.view.rows)
        for name in ACCOUNTS:
            _keeps_its_times([each for each in made.wanted if each.account == name])
        new = [change.wanted for change in made.changes if isinstance(change, Add | Restore)]
        assert not [each for each in new if each.nominal < self.now and each.kind is not Kind.EVERY]


def _history_stands(before: dict[int, Delivery], after: dict[int, Delivery]) -> None:
    """A sync leaves alone what is over, under way, or cancelled by a person, and forgets nothing."""
    for number, row in before.items():
        over = row.state in SETTLED and row.state is not State.CANCELLED
        if over or row.by_person or row.state is State.UNKNOWN:
            assert after[number] == row


def _keeps_its_times(wanted: list[Wanted]) -> None:
    """Never earlier, never in the night, never too close; and no slot time twice."""
    due = [each.due_at for each in wanted]
    assert all(each.due_at >= each.nominal for each in wanted)
    assert not [each for each in due if NIGHT.covers(to_wall(each, LONDON).time())]
    assert all(later - earlier >= SPACING for earlier, later in pairwise(due))
    assert all(each.grace_until == each.due_at + timedelta(hours=2) for each in wanted)
    places = Counter((each.occurrence, each.nominal) for each in wanted if each.kind is Kind.SLOT)
    assert not [place for place, number in places.items() if number > 1]


def _went_out_once(rows: list[Delivery]) -> None:
    """No identity twice; and from queues, a post goes out on an account once, in whichever slot."""
    assert max(Counter((r.post, r.account, r.occurrence) for r in rows).values(), default=1) == 1
    out = sorted((r for r in rows if r.state is State.SENT and r.kind is Kind.SLOT), key=lambda r: (r.post, r.account))
    assert all(len(list(group)) == 1 for _, group in groupby(out, key=lambda r: (r.post, r.account)))


@settings(max_examples=200, deadline=None)
@given(st.lists(_STEPS, min_size=2, max_size=12))
def test_no_history_breaks_the_plan(steps: list[Step]) -> None:
    """A plan that is carried out leaves nothing to change, memory agrees with a fresh plan, and history stands."""
    history = History()
    for step in steps:
        history.go_on(step)
    _went_out_once(list(history.view.rows.values()))


def test_the_histories_meet_what_they_are_about() -> None:
    """The test above would be worth little if nothing were sent, missed, moved, restored and released in it."""
    reached: Counter[str] = Counter()

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(st.lists(_STEPS, min_size=6, max_size=12))
    def run(steps: list[Step]) -> None:
        history = History()
        for step in steps:
            history.go_on(step)
        reached.update(history.reached)

    run()
    for what in ("sent", "missed", "Add", "Cancel", "Hold", Move.__name__, Restore.__name__, Release.__name__):
        assert reached[what] >= 5, reached


def test_a_wrong_plan_is_noticed() -> None:
    """The judge is no rubber stamp: a due time in the night, or two too close, is seen."""
    view = View()
    made = view.sync(campaign(post("a", Once((wall("2026-03-28T10:00"),)))), BEGIN)
    good = made.wanted[0]
    _keeps_its_times([good])
    for bad in (
        [replace(good, due_at=at("2026-03-28T22:30"), grace_until=at("2026-03-29T00:30"))],
        [good, replace(good, post="b")],
        [
            replace(
                good, due_at=good.nominal - timedelta(minutes=1), grace_until=good.grace_until - timedelta(minutes=1)
            )
        ],
    ):
        with pytest.raises(AssertionError):
            _keeps_its_times(bad)
