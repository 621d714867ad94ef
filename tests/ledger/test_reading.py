"""What staff and programs read."""

from __future__ import annotations

from datetime import timedelta

from socrbot.delivery import Hold, State
from socrbot.ledger import Filter, Worker
from tests.ledger.desk import HOUR, MINUTE, START, Desk, wanted


def test_deliveries_are_found_by_all_conditions_together(desk: Desk) -> None:
    """Account, post, time from and until, states, numbers, order, limit."""
    a, b, c, d = desk.plan(
        wanted("a"), wanted("b", due_at=START + HOUR), wanted("c", due_at=START + 2 * HOUR), wanted("a", "facebook")
    )
    desk.apply(Hold(b.id, "stale-fact", "Old."))

    def found(**values: object) -> list[int]:
        return [item.id for item in desk.ledger.deliveries(Filter(**values))]  # type: ignore[arg-type]

    assert found() == [a.id, d.id, b.id, c.id]
    assert found(newest_first=True, limit=2) == [c.id, b.id]
    assert found(account="x", post="a") == [a.id]
    assert found(since=START + HOUR, until=START + 2 * HOUR) == [b.id]
    assert found(states=frozenset({State.HELD})) == [b.id]
    assert found(states=frozenset()) == []
    assert found(ids=[d.id, c.id, 99]) == [d.id, c.id]
    assert desk.ledger.deliveries() == desk.ledger.deliveries(Filter())


def test_the_story_of_a_delivery_tells_each_step(desk: Desk) -> None:
    """Each event with its states, its time and who did it, in order."""
    (planned,) = desk.plan(wanted())
    claim, attempt = desk.start()
    desk.clock.advance(MINUTE)
    desk.sent(claim, attempt)
    story = desk.ledger.story(planned.id)
    assert [(event.action, event.before, event.after, event.by) for event in story.events] == [
        ("planned", None, State.PLANNED, "plan"),
        ("claimed", State.PLANNED, State.CLAIMED, "worker-1"),
        ("sending", State.CLAIMED, State.SENDING, "worker-1"),
        ("sent", State.SENDING, State.SENT, "worker-1"),
    ]
    assert [event.at for event in story.events] == [START, START, START, START + MINUTE]
    assert story.events[-1].data["url"] == "https://x.example/post-1"
    assert story.delivery.state is State.SENT
    assert [(row.state, row.receipt and row.receipt.id) for row in story.attempts] == [("sent", "post-1")]


def test_events_are_read_on_from_a_number(desk: Desk) -> None:
    """A reader that keeps its place misses none and sees none twice."""
    desk.plan(wanted("a"), wanted("b"), wanted("c"))
    first = desk.ledger.events(limit=2)
    rest = desk.ledger.events(after_id=first[-1].id)
    assert [event.delivery_id for event in first + rest] == [item.id for item in desk.ledger.deliveries()]
    assert desk.ledger.newest_event() == rest[-1].id
    assert desk.ledger.cursor("alarms") == 0
    for event in (first[-1], rest[-1]):
        desk.ledger.set_cursor("alarms", event.id)
        assert desk.ledger.cursor("alarms") == event.id


def test_counts_by_state_and_by_account(desk: Desk) -> None:
    """Open ones always; settled ones of the time asked for."""
    desk.plan(wanted("a"), wanted("b"), wanted("a", "facebook"))
    desk.sent(*desk.start())
    assert desk.ledger.counts() == {State.SENT: 1, State.PLANNED: 2}
    assert desk.ledger.counts_by_account() == {
        "x": {State.SENT: 1, State.PLANNED: 1},
        "facebook": {State.PLANNED: 1},
    }
    assert desk.ledger.counts(since=START) == {State.SENT: 1, State.PLANNED: 2}
    assert desk.ledger.counts(since=START + MINUTE) == {State.PLANNED: 2}


def test_the_same_words_of_another_post_are_noticed(desk: Desk) -> None:
    """A renamed file: what this account said, or may have said, as another post, is found."""
    old, _, _ = desk.plan(wanted("old"), wanted("old", "facebook"), wanted("new"))
    assert desk.ledger.sent_wording("x", "words", other_than="new") is None
    unknown = desk.lose(wording_digest="words")
    found = desk.ledger.sent_wording("x", "words", other_than="new")
    assert found is not None
    assert found.id == old.id == unknown.delivery.id
    assert desk.ledger.sent_wording("x", "words", other_than="old") is None
    assert desk.ledger.sent_wording("facebook", "words", other_than="new") is None
    desk.ledger.settle(old.id, found=None, evidence="Not there.", now=desk.now, by="worker-1")
    assert desk.ledger.sent_wording("x", "words", other_than="new") is None


def test_what_was_withdrawn_may_be_said_again(desk: Desk) -> None:
    """It is no longer public, so the words are free."""
    (old,) = desk.plan(wanted("old"))
    desk.sent(*desk.start(wording_digest="words"))
    assert desk.ledger.sent_wording("x", "words", other_than="new") is not None
    desk.ledger.withdraw(old.id, by="Ann", reason="Typo in the name.", now=desk.now)
    assert desk.ledger.sent_wording("x", "words", other_than="new") is None


def test_the_words_with_which_a_thread_began_are_known(desk: Desk) -> None:
    """Nothing is begun before the first part is out or in doubt; a refused try begins nothing."""
    (planned,) = desk.plan(wanted())
    assert desk.ledger.wording_begun(planned.id) is None
    claim, attempt = desk.start(wording_digest="first words", parts=2)
    desk.record(claim, attempt, State.PLANNED, "not-sent")
    assert desk.ledger.wording_begun(planned.id) is None
    assert not desk.ledger.was_unknown(planned.id)
    claim, attempt = desk.start(wording_digest="second words", parts=2)
    desk.sent(claim, attempt, last=False)
    assert desk.ledger.wording_begun(planned.id) == "second words"


def test_accounts_are_listed_from_when_they_were_first_seen(desk: Desk) -> None:
    """Neither live nor stopped at first."""
    desk.plan(wanted(account="outbox"))
    (row,) = desk.ledger.accounts()
    assert (row.id, row.network, row.first_seen_at) == ("outbox", "outbox", START)
    assert (row.live_at, row.identity, row.stopped_reason, row.wait_until, row.last_sent_at, row.paused) == (None,) * 6
    assert desk.ledger.account("x") is None


def test_signs_of_life_are_kept_for_a_week(desk: Desk) -> None:
    """Each process with its first and its last sign; one long gone is forgotten when a new one comes."""
    desk.ledger.beat("a", desk.now)
    desk.clock.advance(MINUTE)
    desk.ledger.beat("a", desk.now)
    desk.ledger.beat("b", desk.now)
    assert sorted(desk.ledger.workers(), key=lambda worker: worker.name) == [
        Worker("a", START, START + MINUTE),
        Worker("b", START + MINUTE, START + MINUTE),
    ]
    desk.clock.advance(timedelta(days=8))
    desk.ledger.beat("c", desk.now)
    assert [worker.name for worker in desk.ledger.workers()] == ["c"]


def test_small_values_are_kept_under_a_name(desk: Desk) -> None:
    """Set, read and replaced."""
    assert desk.ledger.meta("last-report") is None
    desk.ledger.set_meta("last-report", "2026-03-01")
    desk.ledger.set_meta("last-report", "2026-03-07")
    assert desk.ledger.meta("last-report") == "2026-03-07"
