"""What is kept of a withdrawn delivery, and what goes of it."""

from __future__ import annotations

from tests.ledger.desk import Desk, wanted

PICTURE = {"path": "a.png", "alt": "A school  by\na road", "digest": "ab" * 32}
WORDS = "Rights are not for sale.\n\nPicture: A school  by\na road"


def withdrawn(desk: Desk, post: str = "march") -> int:
    """A delivery whose picture's description stands in its text, and which was taken down."""
    [delivery] = desk.plan(wanted(post))
    claim, attempt = desk.start(shown={"text": WORDS, "link": "https://example.org/", "media": [PICTURE]})
    desk.sent(claim, attempt)
    desk.ledger.withdraw(delivery.id, by="Ann", reason="A name was wrong.", now=desk.now)
    return delivery.id


def test_what_was_not_erased_is_found(desk: Desk) -> None:
    """First all of it; once the pictures are gone only for those who want the words gone too; then nothing."""
    number, other = withdrawn(desk), withdrawn(desk, "other")
    ledger = desk.ledger
    assert [one.id for one in ledger.unerased()] == [number, other]
    assert [one.id for one in ledger.unerased(among=[other])] == [other]
    ledger.erase([number], words=False, by="Ann", now=desk.now)
    assert [one.id for one in ledger.unerased()] == [other]
    assert [one.id for one in ledger.unerased(words=True)] == [number, other]
    ledger.erase([number], words=True, by="Ann", now=desk.now)
    assert [one.id for one in ledger.unerased(words=True)] == [other]


def test_the_words_lose_the_descriptions_alone(desk: Desk) -> None:
    """Whatever its spaces and lines were when it was written."""
    number = withdrawn(desk)
    desk.ledger.erase([number], words=False, by="Ann", now=desk.now)
    [attempt] = desk.ledger.story(number).attempts
    assert attempt.shown["text"] == "Rights are not for sale.\n\nPicture: (erased)"
    assert (attempt.shown["media"], attempt.shown["link"]) == ([], "https://example.org/")
