"""What the files say against what the ledger has: what is added, moved, cancelled, held, and what is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from socrbot.campaign import Campaign, QuietHours
from socrbot.delivery import Add, Cancel, Kind, Move, State
from socrbot.planning import Known, plan
from tests.planning.world import ALL_WEEK, View, at, campaign, cron, every, kinds, once, post, problem, utc, without

NOW = at("2026-03-02T12:00")
SOON = "2026-03-07T19:00"


def test_a_new_post_is_added_once_for_each_account() -> None:
    """With its nominal time, its due time, and the end of its grace."""
    made = plan(campaign(post("a", once(SOON), line=7)), Known(), now=NOW, accounts=["x", "fb"], faulty={})
    assert kinds(made.changes) == [Add, Add]
    first = made.wanted[0]
    assert first.identity == ("a", "x", "once")
    assert (first.network, first.kind, first.path, first.line) == ("x", Kind.ONCE, "posts/a.yaml", 7)
    assert (first.nominal, first.due_at, first.grace_until) == (at(SOON), at(SOON), at(SOON) + timedelta(hours=2))
    assert made.asks is None


def test_only_accounts_that_may_be_planned_for_are_planned_for() -> None:
    """A post names its accounts, a variant leaves one out, and one that is not connected has to wait."""
    posts = [post("a", once(SOON), accounts=("x",)), without(post("b", once(SOON)), "x"), post("c", once(SOON))]
    made = plan(campaign(*posts), Known(), now=NOW, accounts=["x"], faulty={})
    assert [each.identity[:2] for each in made.wanted] == [("a", "x"), ("c", "x")]


def test_drafts_and_posts_with_a_mistake_are_not_planned() -> None:
    """Neither reaches the ledger."""
    files = campaign(post("a"), post("b", once(SOON)))
    assert plan(files, Known(), now=NOW, accounts=["x"], faulty={"b": problem("b")}).changes == ()


def test_a_single_time_in_the_past_is_not_planned() -> None:
    """It is a mistake in the files, not a post; of a list, what is ahead is planned."""
    files = campaign(post("a", once("2026-03-02T11:59")), post("b", once("2026-03-01T09:00", "2026-03-03T09:00")))
    made = plan(files, Known(), now=NOW, accounts=["x"], faulty={})
    assert [each.identity for each in made.wanted] == [("b", "x", "2026-03-03T09:00")]


def test_single_times_are_planned_however_far_ahead() -> None:
    """Only recurring posts wait for their days to come near."""
    files = campaign(post("a", once("2036-03-02T11:00")), post("b", every(ALL_WEEK, "09:00")), accounts=["x"])
    view = View()
    made = view.sync(files, NOW)
    assert len(view.rows) == 1 + 28
    assert made.planned_until == NOW + timedelta(days=28)


def test_own_grace_of_a_post_counts() -> None:
    """A post may say how late it may be."""
    files = campaign(post("a", once(SOON), grace=timedelta(minutes=5)))
    assert plan(files, Known(), now=NOW, accounts=["x"], faulty={}).wanted[0].grace_until == at("2026-03-07T19:05")


def test_recurring_posts_are_added_as_their_days_come_near() -> None:
    """Each day has one more at the end, and nothing else happens."""
    view, files = View(), campaign(post("a", every(ALL_WEEK, "09:00")), accounts=["x"])
    view.sync(files, NOW)
    made = view.sync(files, NOW + timedelta(days=1))
    assert [change.wanted.occurrence for change in made.changes if isinstance(change, Add)] == ["2026-03-31T09:00"]
    assert len(made.changes) == 1


def test_what_fell_due_while_the_bot_was_off_is_told() -> None:
    """Off for longer than it plans ahead: the days between are added with their own times, to be told as missed."""
    view, files = View(), campaign(post("a", every([0], "09:00")), accounts=["x"], plan_ahead=timedelta(days=7))
    view.sync(files, NOW)
    view.sync(files, NOW + timedelta(days=28))
    assert [row.occurrence for row in view.rows.values()] == [
        f"{day}T09:00" for day in ("2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30", "2026-04-06")
    ]
    assert view.row("a", occurrence="2026-03-16T09:00").due_at == at("2026-03-16T09:00")


def test_a_new_recurring_post_has_no_past() -> None:
    """Neither what it would have said before it was written, nor while the bot was off."""
    view = View()
    view.sync(campaign(accounts=["x"], plan_ahead=timedelta(days=7)), NOW)
    files = campaign(post("a", every([0], "09:00")), accounts=["x"], plan_ahead=timedelta(days=7))
    view.sync(files, NOW + timedelta(days=28))
    assert [row.occurrence for row in view.rows.values()] == ["2026-04-06T09:00"]


def test_a_due_occurrence_stays_wanted_while_it_waits() -> None:
    """An hour late, within its grace, it is neither cancelled nor moved."""
    view, files = View(), campaign(post("a", every(ALL_WEEK, "09:00")), accounts=["x"])
    view.sync(files, NOW)
    assert kinds(view.sync(files, at("2026-03-03T10:00")).changes) == [Add]
    assert view.row("a", occurrence="2026-03-03T09:00").state is State.PLANNED


def test_a_late_retry_days_after_is_left_alone() -> None:
    """What waits for long, by a long grace, is still part of its schedule."""
    view = View()
    files = campaign(post("a", every(ALL_WEEK, "09:00"), grace=timedelta(days=20)), accounts=["x"])
    view.sync(files, NOW)
    made = view.sync(files, NOW + timedelta(days=10))
    assert {type(change) for change in made.changes} == {Add}
    assert len(view.times()) == 1
    assert len([row for row in view.rows.values() if row.state is State.PLANNED]) == 38


def test_planning_less_far_ahead_cancels_nothing() -> None:
    """What is planned already and still in the schedule stays."""
    view, recurring = View(), post("a", every(ALL_WEEK, "09:00"))
    view.sync(campaign(recurring, accounts=["x"]), NOW)
    assert view.sync(campaign(recurring, accounts=["x"], plan_ahead=timedelta(days=7)), NOW).changes == ()


def test_another_time_for_a_recurring_post_replaces_its_days() -> None:
    """The old times are cancelled, the new ones added; that is no mass cancel, though all of the plan changes."""
    view = View()
    view.sync(campaign(post("a", every([5], "19:00")), accounts=["x"]), NOW)
    made = view.sync(campaign(post("a", every([6], "19:00")), accounts=["x"]), NOW)
    assert made.asks is None
    assert kinds(made.changes) == [Cancel] * 4 + [Add] * 4
    assert {change.reason for change in made.changes if isinstance(change, Cancel)} == {"time-removed"}


def test_a_counted_series_ends() -> None:
    """Three times, counted from when the post was first seen, however often it is planned."""
    view, files = View(), campaign(post("a", every(ALL_WEEK, "09:00", count=3)), accounts=["x"])
    for day in range(10):
        now = NOW + timedelta(days=day)
        view.sync(files, now)
        view.pass_on(now)
    assert [row.occurrence for row in view.rows.values()] == [f"2026-03-0{day}T09:00" for day in (3, 4, 5)]


def test_until_takes_days_away() -> None:
    """An end that is set later cancels what lies behind it."""
    view = View()
    view.sync(campaign(post("a", every([0, 1, 2], "09:00")), accounts=["x"]), NOW)
    view.sync(campaign(post("a", every([0, 1, 2], "09:00", until=date(2026, 3, 22))), accounts=["x"]), NOW)
    assert max(row.due_at for row in view.rows.values() if row.state is State.PLANNED) == at("2026-03-18T09:00")


def test_the_skipped_half_hour_and_the_real_one_are_two_posts() -> None:
    """01:30 on 29 March goes out at 02:30, where a real 02:30 stands as well: spacing keeps them apart."""
    view = View()
    view.sync(campaign(post("a", cron("30 1,2 29 3 *")), accounts=["x"], spacing=timedelta(minutes=15)), NOW)
    first, second = view.row("a", occurrence="2026-03-29T01:30"), view.row("a", occurrence="2026-03-29T02:30")
    assert (first.due_at, second.due_at) == (utc("2026-03-29T01:30"), utc("2026-03-29T01:45"))
    assert first.nominal == second.nominal


def test_an_edited_time_moves_the_delivery() -> None:
    """A single time keeps its identity: the delivery moves, waiting or held."""
    view = View()
    view.sync(campaign(post("a", once(SOON))), NOW)
    view.put("a", "fb", state=State.HELD, reason="stale-fact")
    made = view.sync(campaign(post("a", once("2026-03-08T10:00"))), NOW)
    assert kinds(made.changes) == [Move, Move]
    assert {row.due_at for row in view.rows.values()} == {at("2026-03-08T10:00")}
    assert view.row("a", "fb").reason == "stale-fact"


def test_each_move_says_why() -> None:
    """The reason is that of the edit."""
    view, recurring = View(), post("a", once(SOON))
    view.sync(campaign(recurring, accounts=["x"]), NOW)
    edits = [
        (campaign(post("a", once("2026-03-07T22:00")), accounts=["x"]), "Its time in the files"),
        (
            campaign(
                post("a", once("2026-03-07T22:00")), accounts=["x"], quiet_hours=QuietHours(time(21, 30), time(7))
            ),
            "Quiet hours",
        ),
    ]
    for files, words in edits:
        (change,) = view.sync(files, NOW).changes
        assert isinstance(change, Move)
        assert change.why.startswith(words)
    assert view.row("a").due_at == at("2026-03-08T07:00")
    assert view.row("a").nominal == at("2026-03-07T22:00")
    assert view.row("a").grace_until == at("2026-03-08T09:00")


def test_another_grace_is_a_move() -> None:
    """The end of the grace time is part of the plan."""
    view = View()
    view.sync(campaign(post("a", once(SOON)), accounts=["x"]), NOW)
    (change,) = view.sync(campaign(post("a", once(SOON)), accounts=["x"], grace=timedelta(hours=1)), NOW).changes
    assert isinstance(change, Move)
    assert change.why.startswith("How late")


def test_another_line_is_no_change_but_another_file_is() -> None:
    """The file must be known, because a file that cannot be read cancels nothing of its own."""
    view = View()
    view.sync(campaign(post("a", once(SOON)), accounts=["x"]), NOW)
    assert view.sync(campaign(post("a", once(SOON), line=30), accounts=["x"]), NOW).changes == ()
    (change,) = view.sync(campaign(post("a", once(SOON), path="posts/b.yaml"), accounts=["x"]), NOW).changes
    assert isinstance(change, Move)
    assert view.row("a").path == "posts/b.yaml"
    view.sync(campaign(accounts=["x"], unreadable=("posts/b.yaml",)), NOW)
    assert view.row("a").reason == "file-unreadable"


def test_another_zone_moves_what_is_planned() -> None:
    """The wall time stays, its instant changes."""
    view = View()
    view.sync(campaign(post("a", once(SOON)), accounts=["x"]), NOW)
    view.sync(campaign(post("a", once(SOON)), accounts=["x"], zone=ZoneInfo("Europe/Paris")), NOW)
    assert view.row("a").due_at == at(SOON) - timedelta(hours=1)


def test_posts_at_one_time_go_out_in_the_order_of_the_files() -> None:
    """`order`, then the file: and a post that was sent pushes nothing by its few seconds."""
    view = View()
    posts = [post("b", once(SOON)), post("a", once(SOON)), post("c", once(SOON), order=-1)]
    files = campaign(*posts, accounts=["x"], spacing=timedelta(minutes=30))
    view.sync(files, NOW)
    half = timedelta(minutes=30)
    assert view.times() == {"c": at(SOON), "a": at(SOON) + half, "b": at(SOON) + 2 * half}
    view.put("c", state=State.SENDING)
    assert view.sync(files, at(SOON)).changes == ()
    view.put("c", state=State.SENT)
    view.last_sent["x"] = at(SOON) + timedelta(seconds=4)
    assert view.sync(files, at(SOON) + timedelta(seconds=5)).changes == ()


def test_what_was_sent_out_of_turn_pushes_what_is_due_soon() -> None:
    """An urgent post ten minutes before makes the next one wait."""
    view = View()
    files = campaign(post("a", once(SOON)), accounts=["x", "fb"], spacing=timedelta(minutes=30))
    view.sync(files, NOW)
    view.last_sent["x"] = at("2026-03-07T18:50")
    view.sync(files, at("2026-03-07T18:51"))
    assert view.row("a", "x").due_at == at("2026-03-07T19:20")
    assert view.row("a", "fb").due_at == at(SOON)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (campaign(), "post-removed"),
        (campaign(post("a")), "now-a-draft"),
        (campaign(post("a", once(SOON)), accounts=["fb"]), "account-removed"),
        (campaign(without(post("a", once(SOON)), "x")), "account-left-out"),
        (campaign(post("a", once(SOON, "2026-03-08T19:00"))), "time-removed"),
    ],
)
@pytest.mark.parametrize("state", [State.PLANNED, State.HELD])
def test_what_the_files_no_longer_want_is_cancelled(files: Campaign, reason: str, state: State) -> None:
    """Waiting or held, with the reason."""
    view = View()
    view.sync(campaign(post("a", once(SOON))), NOW)
    view.put("a", state=state, reason="stale-fact" if state is State.HELD else None)
    view.sync(files, NOW)
    assert (view.row("a", occurrence="once").state, view.row("a", occurrence="once").reason) == (
        State.CANCELLED,
        reason,
    )


def test_an_account_that_is_not_connected_any_more_is_cancelled() -> None:
    """And said so."""
    view, files = View(), campaign(post("a", once(SOON)))
    view.sync(files, NOW)
    view.sync(files, NOW, accounts=["fb"])
    assert (view.row("a").state, view.row("a").reason) == (State.CANCELLED, "account-not-connected")


UNTOUCHABLE = [
    {"state": State.CLAIMED},
    {"state": State.SENDING},
    {"state": State.UNKNOWN},
    {"state": State.SENT},
    {"state": State.FAILED},
    {"state": State.MISSED},
    {"state": State.WITHDRAWN},
    {"by_person": True},
    {"state": State.HELD, "by_person": True},
    {"state": State.CANCELLED, "by_person": True},
    {"urgent": True},
    {"parts_out": 1},
]


@pytest.mark.parametrize("what", UNTOUCHABLE, ids=lambda what: "-".join(map(str, what.values())))
@pytest.mark.parametrize(
    "files",
    [
        campaign(),
        campaign(post("a")),
        campaign(post("a", once("2026-03-09T10:00"))),
        campaign(post("a", once(SOON), path="posts/other.yaml")),
        campaign(unreadable=("posts/a.yaml",)),
    ],
    ids=["removed", "draft", "moved", "renamed", "unreadable"],
)
def test_what_is_under_way_over_or_in_a_persons_hands_is_left_alone(what: dict[str, object], files: Campaign) -> None:
    """No edit of the files changes it."""
    view = View()
    view.sync(campaign(post("a", once(SOON)), accounts=["x"]), NOW)
    view.put("a", **what)
    before = dict(view.rows)
    view.sync(replace(files, accounts=campaign(accounts=["x"]).accounts), NOW)
    assert view.rows == before


def test_a_post_published_by_hand_is_left_alone() -> None:
    """A delivery that no schedule asked for is not the planner's to cancel."""
    view = View()
    view.sync(campaign(post("a", once(SOON)), accounts=["x"]), NOW)
    view.put("a", kind=Kind.NOW, occurrence="now:1")
    assert view.plan(campaign(post("a"), accounts=["x"]), NOW).changes == ()
