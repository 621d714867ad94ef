"""The queue of a slot: who takes which time, what shifts, and what stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from socrbot.campaign import InSlot
from socrbot.delivery import Cancel, Kind, Move, State
from tests.planning.world import (
    LONDON,
    View,
    at,
    campaign,
    cron,
    every,
    once,
    post,
    problem,
    queued,
    slot,
    utc,
    without,
)

NOW = at("2026-03-02T12:00")  # a Monday; the slot is on Tuesdays at 08:30
FIRST, SECOND, THIRD = (at(f"2026-03-{day:02}T08:30") for day in (3, 10, 17))
LATER = FIRST + timedelta(seconds=4)


def test_each_time_takes_the_next_post_for_all_its_accounts() -> None:
    """Three posts take three weeks, on both accounts alike."""
    view = View()
    view.sync(campaign(queued("a"), queued("b"), queued("c")), NOW)
    assert view.times("x") == view.times("fb") == {"a": FIRST, "b": SECOND, "c": THIRD}
    assert {row.occurrence for row in view.rows.values()} == {"slot:weekly"}
    assert {row.kind for row in view.rows.values()} == {Kind.SLOT}


def test_the_order_is_number_then_file_then_place_in_the_file() -> None:
    """`order` comes first, whatever the names are."""
    view = View()
    posts = [
        queued("late", order=1, path="posts/a.yaml"),
        queued("third", path="posts/b.yaml", index=1),
        queued("second", path="posts/b.yaml", index=0),
        queued("first", path="posts/a.yaml"),
        queued("urgent", order=-1, path="posts/z.yaml"),
    ]
    view.sync(campaign(*posts), NOW)
    assert list(view.times()) == ["urgent", "first", "second", "third", "late"]


def test_a_post_that_is_put_in_front_shifts_what_is_not_due_yet() -> None:
    """The one whose time has come stays; all the others move by a week."""
    view = View()
    view.sync(campaign(queued("a"), queued("b"), queued("c")), NOW)
    view.sync(campaign(queued("a"), queued("b"), queued("c"), queued("new", order=-1)), LATER)
    assert view.times() == {"a": FIRST, "new": SECOND, "b": THIRD, "c": at("2026-03-24T08:30")}


def test_the_queue_closes_up_when_a_post_goes_away() -> None:
    """Those behind it move forward by a week, and its own deliveries are cancelled."""
    view = View()
    view.sync(campaign(queued("a"), queued("b"), queued("c")), NOW)
    made = view.sync(campaign(queued("a"), queued("c")), NOW)
    assert view.times() == {"a": FIRST, "c": SECOND}
    assert [type(change) for change in made.changes] == [Cancel, Cancel, Move, Move]
    assert {change.why for change in made.changes if isinstance(change, Move)} == {"It has another place in its queue."}


@pytest.mark.parametrize(
    "state",
    [State.CLAIMED, State.SENDING, State.UNKNOWN, State.SENT, State.FAILED, State.MISSED, State.WITHDRAWN],
)
def test_a_post_is_used_up_by_its_first_delivery(state: State) -> None:
    """Once one account had its turn, the post never joins the queue again: not for another account either."""
    view = View()
    view.sync(campaign(queued("a"), queued("b"), accounts=["x"]), NOW)
    view.put("a", state=state)
    view.sync(campaign(queued("a"), queued("b"), accounts=["x", "fb"]), LATER)
    assert "a" not in view.times("fb")
    assert view.times("x") == view.times("fb") == {"b": SECOND}


def test_what_went_out_in_another_slot_does_not_go_out_again() -> None:
    """A slot under a new name does not start its queue from the beginning."""
    view = View()
    view.sync(campaign(queued("a"), queued("b")), NOW)
    view.pass_on(LATER)
    posts = [replace(each, schedule=InSlot("new"), digest=f"{each.id}-new") for each in (queued("a"), queued("b"))]
    view.sync(campaign(*posts, slots=[slot("new", every([2], "10:00"))]), LATER)
    assert view.times() == {"b": at("2026-03-04T10:00")}


def test_a_post_that_has_come_to_its_time_stays_there_while_it_waits() -> None:
    """A network that is down for an hour does not send a due post back into the queue."""
    view, files = View(), campaign(queued("a"), queued("b"))
    view.sync(files, NOW)
    view.sync(files, FIRST + timedelta(hours=1))
    assert view.times() == {"a": FIRST, "b": SECOND}


def test_at_the_very_moment_of_the_slot_the_next_post_waits_its_week() -> None:
    """The slot's time belongs to the post that has come to it."""
    view, files = View(), campaign(queued("a"), queued("b"))
    view.sync(files, NOW)
    view.sync(files, FIRST)
    assert view.times() == {"a": FIRST, "b": SECOND}


def test_a_slot_without_a_waiting_post_passes() -> None:
    """A post written after the slot's time takes the next one."""
    view = View()
    view.sync(campaign(), NOW)
    view.sync(campaign(queued("a")), LATER)
    assert view.times() == {"a": SECOND}


def test_a_post_cancelled_by_a_person_on_one_account_goes_out_on_the_other() -> None:
    """It keeps its place in the queue, and the person's word stands."""
    view, files = View(), campaign(queued("a"), queued("b"))
    view.sync(files, NOW)
    view.put("a", "x", state=State.CANCELLED, by_person=True)
    view.sync(files, NOW)
    assert view.times("fb") == {"a": FIRST, "b": SECOND}
    assert view.times("x") == {"b": SECOND}


def test_a_post_cancelled_by_a_person_everywhere_leaves_the_queue() -> None:
    """Its time is not wasted on it."""
    view, files = View(), campaign(queued("a"), queued("b"))
    view.sync(files, NOW)
    for account in ("x", "fb"):
        view.put("a", account, state=State.CANCELLED, by_person=True)
    view.sync(files, NOW)
    assert view.times() == {"b": FIRST}


def test_a_post_for_one_account_takes_the_time_for_itself() -> None:
    """The queue is shared: where a post leaves an account out, that account says nothing in that week."""
    view = View()
    view.sync(campaign(without(queued("a"), "fb"), queued("b")), NOW)
    assert view.times("x") == {"a": FIRST, "b": SECOND}
    assert view.times("fb") == {"b": SECOND}


def test_a_post_for_no_connected_account_takes_no_time() -> None:
    """It waits outside the queue until its account is connected."""
    view, files = View(), campaign(without(queued("a"), "fb"), queued("b"))
    view.sync(files, NOW, accounts=["fb"])
    assert view.times("fb") == {"b": FIRST}


def test_a_post_published_by_hand_makes_room() -> None:
    """What a person sends before its time leaves the queue, on the other account it keeps its place."""
    view, files = View(), campaign(queued("a"), queued("b"))
    view.sync(files, NOW)
    view.put("a", "x", state=State.SENT, by_person=True, urgent=True, due_at=NOW, changed_at=NOW)
    view.sync(files, NOW + timedelta(minutes=1))
    assert view.times("x") == {"b": SECOND}
    assert view.times("fb") == {"a": FIRST, "b": SECOND}
    view.put("a", "fb", state=State.SENT, changed_at=NOW)
    view.sync(files, NOW + timedelta(minutes=2))
    assert view.times("x") == view.times("fb") == {"b": FIRST}


def test_while_all_is_paused_slot_posts_keep_their_place() -> None:
    """What falls due in the pause takes the next time after it, and those behind it move along; dated posts stay."""
    view = View()
    files = campaign(queued("a"), queued("b"), post("dated", once("2026-03-03T09:00")))
    view.sync(files, NOW)
    view.paused = True
    view.sync(files, FIRST + timedelta(hours=1))
    assert view.times() == {"dated": at("2026-03-03T09:00"), "a": SECOND, "b": THIRD}
    view.sync(files, SECOND + timedelta(days=1))
    view.paused = False
    view.sync(files, SECOND + timedelta(days=2))
    assert view.times() == {"dated": at("2026-03-03T09:00"), "a": THIRD, "b": at("2026-03-24T08:30")}


def test_an_account_that_is_connected_in_a_pause_gets_what_waits_in_it() -> None:
    """The post that kept its place had no turn yet, so it goes out on the new account as well."""
    view, files = View(), campaign(queued("a"))
    view.sync(files, NOW, accounts=["x"])
    view.paused = True
    view.sync(files, LATER, accounts=["x", "fb"])
    assert view.times("x") == view.times("fb") == {"a": SECOND}


def test_a_thread_that_is_half_out_does_not_go_back_into_the_queue() -> None:
    """With its first part public, even a pause leaves it where it is."""
    view, files = View(), campaign(queued("a"), queued("b"), accounts=["x"])
    view.sync(files, NOW)
    view.put("a", parts_out=1)
    view.paused = True
    view.sync(files, LATER)
    assert view.times() == {"a": FIRST, "b": SECOND}


def test_a_post_with_a_mistake_keeps_its_place() -> None:
    """A typo shifts nobody: its time stays free for it, and mended in time it goes out at it."""
    view, files = View(), campaign(queued("a"), queued("b"), queued("c"))
    view.sync(files, NOW)
    view.sync(files, NOW, faulty={"a": problem("a")})
    assert view.times() == {"b": SECOND, "c": THIRD}
    assert view.row("a").state is State.HELD
    view.sync(files, NOW)
    assert view.times() == {"a": FIRST, "b": SECOND, "c": THIRD}


def test_a_clock_set_back_does_not_offer_a_used_time_again() -> None:
    """After the slot's post went out, an hour set back makes no second one at that time."""
    view, files = View(), campaign(queued("a"), queued("b"))
    view.sync(files, NOW)
    view.pass_on(LATER)
    view.sync(files, FIRST - timedelta(minutes=30))
    assert view.times() == {"b": SECOND}


def test_an_edited_slot_moves_its_queue() -> None:
    """The slot's new time holds for all that wait in it."""
    view = View()
    view.sync(campaign(queued("a"), queued("b")), NOW)
    made = view.sync(campaign(queued("a"), queued("b"), slots=[slot("weekly", every([4], "18:00"))]), NOW)
    assert view.times() == {"a": at("2026-03-06T18:00"), "b": at("2026-03-13T18:00")}
    assert {type(change) for change in made.changes} == {Move}


def test_slot_times_run_out_with_the_slot() -> None:
    """A slot that ends leaves the rest of its queue without a time."""
    view = View()
    ends = slot("weekly", every([1], "08:30", until=SECOND.date()))
    view.sync(campaign(queued("a"), queued("b"), queued("c"), slots=[ends]), NOW)
    assert view.times() == {"a": FIRST, "b": SECOND}


def test_a_slot_with_two_times_takes_two_posts_a_week() -> None:
    """Each of its times takes one."""
    view = View()
    twice = slot("weekly", cron("30 8 * * tue,fri"))
    view.sync(campaign(queued("a"), queued("b"), queued("c"), slots=[twice]), NOW)
    assert view.times() == {"a": FIRST, "b": at("2026-03-06T08:30"), "c": SECOND}


def test_a_queue_may_reach_over_the_years() -> None:
    """Sixty posts in a weekly slot are planned for sixty weeks, at 08:30 in winter and summer."""
    view = View()
    view.sync(campaign(*(queued(f"p{n:02}") for n in range(60))), NOW)
    walls = [due.astimezone(LONDON).replace(tzinfo=None) for due in view.times().values()]
    assert walls == [datetime.fromisoformat("2026-03-03T08:30") + timedelta(weeks=n) for n in range(60)]


@pytest.mark.parametrize(
    ("now", "times"),
    [
        ("2026-03-24T12:00", ["2026-03-29T01:30", "2026-04-05T00:30"]),
        ("2026-10-20T12:00", ["2026-10-25T00:30", "2026-11-01T01:30"]),
    ],
)
def test_a_slot_in_the_odd_hour_fires_once(now: str, times: list[str]) -> None:
    """Sunday 01:30: one post on 29 March, moved forward, one on 25 October, the first time, the next a week later."""
    view = View()
    odd = slot("weekly", every([6], "01:30"))
    files = campaign(queued("a"), queued("b"), slots=[odd])
    view.sync(files, utc(now))
    assert list(view.times().values()) == [utc(each) for each in times]
    view.pass_on(utc(times[0]) + timedelta(seconds=5))
    view.sync(files, utc(times[0]) + timedelta(minutes=60))
    assert view.times() == {"b": utc(times[1])}
