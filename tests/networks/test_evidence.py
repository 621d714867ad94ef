"""What a list of posts proves about a lost one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socrbot.errors import NotSent, OutcomeUnknown, Refused
from socrbot.message import Absent, CannotTell, Finding, Found, Published, Receipt
from socrbot.networks.shared.evidence import compare, look, nothing_public, other_links, same_words

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)


def post(text: str, pictures: int = 0, *, number: int = 1) -> Published:
    return Published(str(number), text, NOON + timedelta(minutes=number), f"https://n.test/{number}", pictures)


def finding(text: str, pictures: int, *posts: Published, complete: bool = True) -> Finding:
    return compare(
        text,
        pictures,
        posts,
        complete=complete,
        where="The network",
        receipt=lambda found: Receipt(found.id, found.url),
    )


def test_the_same_words_with_as_many_pictures_are_it() -> None:
    """The receipt is that of the post, and the evidence says when it was made."""
    found = finding("Some words", 2, post("Other words"), post("Some  words", 2, number=7))
    assert isinstance(found, Found)
    assert found.receipt == Receipt("7", "https://n.test/7")
    assert "2026-03-07 12:07:00 UTC" in found.evidence


@pytest.mark.parametrize("complete", [True, False])
def test_other_pictures_leave_it_to_a_person(complete: bool) -> None:
    """The post is named, so that somebody can look."""
    doubt = finding("Some words", 2, post("Some words", 1), complete=complete)
    assert isinstance(doubt, CannotTell)
    assert "1 pictures instead of 2" in doubt.why
    assert "https://n.test/1" in doubt.why


def test_a_difference_of_another_kind_leaves_it_to_a_person_too() -> None:
    """A network may know more to compare; one post without a difference is enough."""
    posts = [post("Words"), post("Words", number=2)]

    def ask(wrong: set[str]) -> Finding:
        def differs(seen: Published) -> str | None:
            return "its link is another" if seen.id in wrong else None

        return compare(
            "Words", 0, posts, complete=True, where="X", receipt=lambda seen: Receipt(seen.id), differs=differs
        )

    doubt, found = ask({"1", "2"}), ask({"1"})
    assert isinstance(doubt, CannotTell)
    assert "its link is another" in doubt.why
    assert isinstance(found, Found)
    assert found.receipt.id == "2"


def test_only_a_whole_list_proves_that_it_is_absent() -> None:
    """Where posts are missing from the list, the lost one may be among them."""
    assert isinstance(finding("Some words", 0, post("Other words")), Absent)
    assert isinstance(finding("Some words", 0, post("Other words"), complete=False), CannotTell)
    assert isinstance(finding("Some words", 0), Absent)


def test_pictures_without_words_are_told_apart_by_their_number() -> None:
    """No words match no words; that alone raises no doubt."""
    assert isinstance(finding("", 1, post("", 2)), Absent)
    assert isinstance(finding("", 2, post("", 2)), Found)


@pytest.mark.parametrize(
    ("shown", "sent", "same"),
    [
        ("Une e\N{COMBINING ACUTE ACCENT}cole", "Une  école\n", True),
        ("Sign! https://lnkd.in/1", "Sign! https://example.org/petition", True),
        ("https://example.org/one", "https://example.org/two", False),
        (" https://example.org/one", "https://example.org/one", True),
        ("Words", "Other words", False),
    ],
)
def test_words_are_compared_as_people_read_them(shown: str, sent: str, same: bool) -> None:
    """Spaces, forms of accents and shortened links are no difference."""
    assert same_words(shown, sent) is same


@pytest.mark.parametrize(
    ("shown", "sent", "same"),
    [
        ("Sign: https://example.org/a", "Sign: https://example.org/b", False),
        ("Sign: https://example.org/a now", "Sign: now", False),
        ("Sign:\nhttps://example.org/", "Sign: https://example.org", True),
        ("No link", "No link", True),
    ],
)
def test_addresses_are_compared_where_a_network_leaves_them_as_they_are(shown: str, sent: str, same: bool) -> None:
    """The same words about another petition are another post."""
    assert other_links(shown, sent) == (None if same else "its link is another")


@given(st.text(max_size=40), st.integers(0, 3), st.lists(st.text(max_size=40), max_size=5), st.booleans())
def test_a_post_that_is_there_is_never_called_absent(
    text: str, pictures: int, others: list[str], complete: bool
) -> None:
    """Whatever stands around it, and whether or not the list is whole."""
    posts = [post(other, 9, number=number) for number, other in enumerate(others, 2)]
    assert isinstance(finding(text, pictures, *posts, post(text, pictures), complete=complete), Found)


def test_a_look_that_fails_cannot_tell() -> None:
    """The reason is kept, and the time to come back where the network names one; a mistake of ours is none of it."""

    def fails(error: Exception) -> Finding:
        def read() -> Finding:
            raise error

        return look(read)

    assert look(lambda: Absent("not there")) == Absent("not there")
    assert fails(NotSent("too many", retry_at=NOON)) == CannotTell("too many", NOON)
    assert fails(Refused("no")) == CannotTell("no")
    with pytest.raises(ZeroDivisionError):
        fails(ZeroDivisionError())


def test_where_nothing_is_public_a_lost_answer_is_not_sent() -> None:
    """Only the doubt is turned; a refusal stays a refusal."""
    with pytest.raises(NotSent) as caught, nothing_public():
        raise OutcomeUnknown("lost", status=500, code="2")
    assert (str(caught.value), caught.value.status, caught.value.code) == ("lost", 500, "2")
    with pytest.raises(Refused), nothing_public():
        raise Refused("no")
