"""What must be true of any ledger at any time, whatever happened to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import sqlalchemy as sa

from socrbot.delivery import IN_FLIGHT, Delivery, State, allowed
from socrbot.ledger import Filter, Ledger, Story
from socrbot.ledger.schema import deliveries


def check(ledger: Ledger, *, stories: Collection[int] | None = None) -> None:
    """Asserts everything that holds for a ledger as a whole, and for the stories of these deliveries (None: of all)."""
    found = ledger.deliveries()
    in_flight = Counter(item.account for item in found if item.state in IN_FLIGHT)
    assert all(number == 1 for number in in_flight.values()), in_flight
    identities = Counter((item.post, item.account, item.occurrence) for item in found)
    assert all(number == 1 for number in identities.values()), identities
    for delivery_id in [item.id for item in found] if stories is None else stories:
        check_story(ledger.story(delivery_id))
    check_tokens(ledger)


def changed_since(ledger: Ledger, event_id: int) -> tuple[list[Delivery], int]:
    """The deliveries that changed after that event, and the number of the newest event."""
    events = ledger.events(after_id=event_id)
    numbers = sorted({event.delivery_id for event in events if event.delivery_id is not None})
    changed = ledger.deliveries(Filter(ids=numbers)) if numbers else []
    return changed, events[-1].id if events else event_id


def check_tokens(ledger: Ledger) -> None:
    """A claim is there exactly while a delivery is in hand."""
    with ledger._db.read() as connection:
        rows = connection.execute(sa.select(deliveries.c.state, deliveries.c.token, deliveries.c.lease_until)).all()
    for state, token, lease_until in rows:
        assert (state in IN_FLIGHT) == (token is not None) == (lease_until is not None)


def check_story(story: Story) -> None:
    """The events alone tell how the delivery came to where it is, by moves that exist; the rest agrees with it."""
    state: State | None = None
    for event in story.events:
        assert event.before is None or event.before is state, (event, state)
        if event.after is not None:
            if state is None:
                assert (event.before, event.after) == (None, State.PLANNED)
            else:
                assert allowed(state, event.after, by_person=True, by_proof=True), (state, event)
            state = event.after
    delivery = story.delivery
    assert state is delivery.state, story.events
    out = {part.number for part in story.parts if part.state == "sent"}
    doubted = [row for row in story.attempts if row.state in ("open", "unknown")]
    # Where a part is public by one try, nobody looks for another one of it, and nobody will ever know.
    assert all(row.next_look_at is None and row.state == "unknown" for row in doubted if row.part in out), doubted
    waiting = [row for row in doubted if row.part not in out]
    assert len(waiting) <= 1
    assert bool(waiting) <= (delivery.state in (State.SENDING, State.UNKNOWN)), (delivery, waiting)
    assert (delivery.state is not State.UNKNOWN) or len(waiting) == 1
    public = [part for part in story.parts if part.state == "sent"]
    assert all((part.receipt is not None) == (part.state == "sent") for part in story.parts)
    assert delivery.parts_out == len(public)
    assert delivery.state is not State.SENT or public
    whole = max((row.parts for row in story.attempts), default=1)
    assert len(public) < whole or delivery.state not in (State.PLANNED, State.CLAIMED, State.UNKNOWN)
