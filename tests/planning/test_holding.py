"""What is held and released, what comes back, and what a sync asks before it cancels too much."""

from __future__ import annotations

import pytest

from socrbot.campaign import Draft, Post
from socrbot.delivery import Cancel, Hold, Move, Release, Restore, State
from tests.planning.world import View, at, campaign, every, kinds, once, post, problem, queued

NOW = at("2026-03-02T12:00")
SOON = "2026-03-07T19:00"


def dated(*names: str) -> list[Post]:
    """Posts at a time ahead, on days of their own."""
    return [post(name, once(f"2026-04-{number:02}T19:00")) for number, name in enumerate(names, 1)]


def test_a_post_that_comes_back_before_its_time_is_restored() -> None:
    """Under its old identity, at the time that it has now."""
    view = View()
    view.sync(campaign(post("a", once(SOON)), accounts=["x"]), NOW)
    view.sync(campaign(accounts=["x"]), NOW)
    made = view.sync(campaign(post("a", once("2026-03-08T19:00")), accounts=["x"]), NOW)
    assert kinds(made.changes) == [Restore]
    assert (view.row("a").state, view.row("a").due_at) == (State.PLANNED, at("2026-03-08T19:00"))


def test_a_post_that_comes_back_after_its_time_is_not_restored() -> None:
    """Its time is over: that is a mistake in the files."""
    view, files = View(), campaign(post("a", once(SOON)), accounts=["x"])
    view.sync(files, NOW)
    view.sync(campaign(accounts=["x"]), NOW)
    assert view.sync(files, at("2026-03-07T19:01")).changes == ()


def test_a_persons_cancel_survives_every_sync() -> None:
    """The post may go and come back, the person's word stands."""
    view, files = View(), campaign(post("a", once(SOON)), accounts=["x"])
    view.sync(files, NOW)
    view.put("a", state=State.CANCELLED, by_person=True)
    for each in (files, campaign(accounts=["x"]), files):
        view.sync(each, NOW)
    assert view.row("a").state is State.CANCELLED


def test_recurring_and_queued_posts_come_back_too() -> None:
    """What is still ahead of them."""
    view, files = View(), campaign(post("a", every([0], "09:00")), queued("b"), accounts=["x"])
    view.sync(files, NOW)
    view.sync(campaign(accounts=["x"]), NOW, allow_mass_cancel=True)
    made = view.sync(files, at("2026-03-10T12:00"))
    restored = [change.wanted.identity[::2] for change in made.changes if isinstance(change, Restore)]
    assert restored == [
        ("a", "2026-03-16T09:00"),
        ("b", "slot:weekly"),
        ("a", "2026-03-23T09:00"),
        ("a", "2026-03-30T09:00"),
    ]
    assert view.row("b").due_at == at("2026-03-17T08:30")


def test_a_file_that_cannot_be_read_holds_what_came_from_it() -> None:
    """Nothing of it is cancelled, and mended it goes on."""
    view, files = View(), campaign(post("a", once(SOON)), post("b", once(SOON)), accounts=["x"])
    view.sync(files, NOW)
    broken = campaign(post("b", once(SOON)), accounts=["x"], unreadable=("posts/a.yaml",))
    assert kinds(view.sync(broken, NOW).changes) == [Hold]
    assert (view.row("a").state, view.row("a").reason) == (State.HELD, "file-unreadable")
    assert kinds(view.sync(files, NOW).changes) == [Release]
    assert view.row("a").state is State.PLANNED


def test_a_mistake_in_a_post_holds_it_whether_or_not_it_could_be_loaded() -> None:
    """The hold names the place of the mistake."""
    for files in (campaign(accounts=["x"]), campaign(post("a", once(SOON)), accounts=["x"])):
        view = View()
        view.sync(campaign(post("a", once(SOON)), accounts=["x"]), NOW)
        view.sync(files, NOW, faulty={"a": problem("a")})
        assert (view.row("a").state, view.row("a").reason) == (State.HELD, "post-has-error")
        assert "posts/a.yaml:3:5: There is no such fact." in (view.row("a").detail or "")


def test_a_draft_with_a_mistake_is_cancelled_all_the_same() -> None:
    """Nobody wants a draft to go out."""
    view = View()
    view.sync(campaign(post("a", once(SOON)), accounts=["x"]), NOW)
    view.sync(campaign(post("a", Draft()), accounts=["x"]), NOW, faulty={"a": problem("a")})
    assert view.row("a").reason == "now-a-draft"


def test_mended_and_moved_at_once() -> None:
    """The new time and the release come together."""
    view = View()
    view.sync(campaign(post("a", once(SOON)), accounts=["x"]), NOW)
    view.sync(campaign(accounts=["x"]), NOW, faulty={"a": problem("a")})
    made = view.sync(campaign(post("a", once("2026-03-08T10:00")), accounts=["x"]), NOW)
    assert kinds(made.changes) == [Move, Release]
    assert (view.row("a").state, view.row("a").due_at) == (State.PLANNED, at("2026-03-08T10:00"))


def test_mended_after_its_grace_it_stays_held() -> None:
    """Late is a decision: it is left to be missed."""
    view, files = View(), campaign(post("a", once(SOON)), accounts=["x"])
    view.sync(files, NOW)
    view.sync(files, NOW, faulty={"a": problem("a")})
    assert view.sync(files, at("2026-03-07T21:01")).changes == ()
    assert kinds(view.plan(files, at("2026-03-07T21:00")).changes) == [Release]


def test_what_somebody_else_holds_stays_theirs() -> None:
    """Neither released, nor given another reason by a mistake in the file."""
    view, files = View(), campaign(post("a", once(SOON)), accounts=["x"])
    view.sync(files, NOW)
    view.put("a", state=State.HELD, reason="stale-fact")
    assert view.sync(files, NOW).changes == ()
    assert view.sync(files, NOW, faulty={"a": problem("a")}).changes == ()


def test_an_empty_folder_cancels_nothing_and_asks() -> None:
    """Everything is held, the question tells how much it is, and with the files back all goes on."""
    view, files = View(), campaign(*dated(*"abcdef"), accounts=["x"])
    view.sync(files, NOW)
    made = view.sync(campaign(accounts=["x"]), NOW)
    assert made.asks is not None
    assert made.asks.startswith("6 of 6 planned posts would be cancelled")
    assert {(row.state, row.reason) for row in view.rows.values()} == {(State.HELD, "mass-cancel")}
    assert view.sync(campaign(accounts=["x"]), NOW).asks == made.asks
    assert kinds(view.sync(files, NOW).changes) == [Release] * 6


def test_a_person_may_say_that_it_is_meant() -> None:
    """Then everything is cancelled, also what is held for the question."""
    view = View()
    view.sync(campaign(*dated(*"abcdef"), accounts=["x"]), NOW)
    view.sync(campaign(accounts=["x"]), NOW)
    made = view.sync(campaign(accounts=["x"]), NOW, allow_mass_cancel=True)
    assert (made.asks, kinds(made.changes)) == (None, [Cancel] * 6)


@pytest.mark.parametrize(
    ("before", "left", "asks"),
    [
        ("abc", "", False),
        ("abcd", "", True),
        ("abcdefgh", "abcd", False),
        ("abcdefgh", "abc", True),
        ("abcdefghij", "abcdefg", False),
    ],
)
def test_more_than_half_and_at_least_four(before: str, left: str, asks: bool) -> None:
    """Half is still an edit; three are few."""
    view = View()
    view.sync(campaign(*dated(*before), accounts=["x"]), NOW)
    rest = [each for each in dated(*before) if each.id in left]
    made = view.sync(campaign(*rest, accounts=["x"]), NOW)
    assert (made.asks is not None) is asks
    held = [row for row in view.rows.values() if row.reason == "mass-cancel"]
    assert len(held) == (len(before) - len(left) if asks else 0)


def test_a_mistake_in_many_files_is_no_mass_cancel() -> None:
    """What is held for a mistake is not cancelled, so there is nothing to ask."""
    view, files = View(), campaign(*dated(*"abcdef"), accounts=["x"])
    view.sync(files, NOW)
    made = view.sync(campaign(accounts=["x"]), NOW, faulty={name: problem(name) for name in "abcdef"})
    assert (made.asks, kinds(made.changes)) == (None, [Hold] * 6)
