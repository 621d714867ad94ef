"""Threads: what is special about it. The cases of every network are in `test_contract.py`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Absent, CannotTell, Found, Message, Receipt
from socrbot.networks.base import Intent, Payload
from socrbot.networks.threads import CAPABILITIES
from socrbot.networks.wire.notebook import Notebook
from tests.networks.bench import START, Bench, MemorySteps
from tests.networks.benches.shelf import Shelf
from tests.networks.benches.threads import threads_bench
from tests.standins.containers import fault
from tests.standins.threads import NAME, TOKEN, USER
from tests.standins.threads import Threads as Standin

DAY = timedelta(days=1)
PUBLISH = "POST *threads_publish"
CREATE = f"POST /v1.0/{USER}/threads"


@pytest.fixture
def server(clock: VirtualClock) -> Iterator[Standin]:
    """The stand-in; after each test every request is found to be one that Threads' documentation knows."""
    with Standin(now=clock.now) as standin:
        yield standin
        assert standin.violations == []


@pytest.fixture
def bench(server: Standin, clock: VirtualClock, tmp_path: Path, shelf: Shelf) -> Bench:
    return dataclasses.replace(threads_bench(server, clock, tmp_path, shelf=shelf), network="threads")


def prepare(bench: Bench, message: Message, number: int = 1, steps: MemorySteps | None = None) -> Payload:
    """What a new process prepares of one part; through JSON, as the ledger keeps it."""
    part = message.parts[number - 1]
    payload = bench.connect().prepare(message, part, key=f"k/{number}", steps=steps or bench.steps())
    return dict(json.loads(json.dumps(payload)))


def first_part(bench: Bench) -> tuple[Message, Receipt]:
    """A chain of two of which the first part is public."""
    message = bench.message("One of two.", "Two of two.")
    return message, bench.connect().publish(prepare(bench, message), key="k/1", reply_to=None)


def made(server: Standin) -> list[Mapping[str, str]]:
    """What the containers were made of, oldest first."""
    return [container.fields for container in server.containers.values()]


# Posts.


def test_a_text_is_two_calls_and_never_one(bench: Bench, server: Standin) -> None:
    """A container first, then the publishing: the call that does both could not be settled when its answer is lost."""
    bench.send(bench.connect(), bench.message("Plain words."))
    assert [request.path for request in server.requests("POST *")] == [
        f"/v1.0/{USER}/threads",
        f"/v1.0/{USER}/threads_publish",
    ]
    assert made(server) == [{"media_type": "TEXT", "text": "Plain words."}]


def test_a_link_has_its_own_field(bench: Bench, server: Standin) -> None:
    """Threads makes a card of it."""
    bench.send(bench.connect(), bench.message("Sign it.", link="https://example.org/petition"))
    assert made(server)[0]["link_attachment"] == "https://example.org/petition"


def test_one_picture_is_a_post_and_several_are_a_carousel(bench: Bench, server: Standin, shelf: Shelf) -> None:
    """Each with its description; none stays on the public web."""
    for count in (1, 3):
        media = tuple(bench.picture(number, f"Alt {number}") for number in range(count))
        bench.send(bench.connect(), bench.message(f"{count} pictures.", media=media))
    assert [fields["media_type"] for fields in made(server)] == ["IMAGE", "IMAGE", "IMAGE", "IMAGE", "CAROUSEL"]
    assert [[item.alt for item in post.media] for post in server.published] == [["Alt 0"], ["Alt 0", "Alt 1", "Alt 2"]]
    assert (len(shelf.ever), shelf.shown) == (4, {})


@pytest.mark.parametrize(("option", "sent"), [("Education", "Education"), ("#SEND", "SEND"), ("  ", None)])
def test_a_post_is_filed_under_its_topic(bench: Bench, server: Standin, option: str, sent: str | None) -> None:
    """Without its hash sign; an empty one is none."""
    message = dataclasses.replace(bench.message("Filed."), options={"topic": option})
    bench.send(bench.connect(), message)
    assert made(server)[0].get("topic_tag") == sent


@pytest.mark.parametrize("topic", ["Save. Our", "Us & them", "t" * 51])
def test_a_topic_that_is_none_is_refused(bench: Bench, server: Standin, topic: str) -> None:
    """With what a topic may have in it, before Threads is asked."""
    with pytest.raises(Refused, match="full stop"):
        prepare(bench, dataclasses.replace(bench.message("Filed."), options={"topic": topic}))
    assert made(server) == []


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(alphabet="aé’👍ŵ ", min_size=1, max_size=300).filter(str.strip))
def test_what_fits_is_taken_and_what_is_longer_is_not(bench: Bench, server: Standin, text: str) -> None:
    """Our count is never more generous than Threads' own, which counts in bytes."""
    server.quota = 1_000
    if CAPABILITIES.measure(text) <= CAPABILITIES.text_limit:
        bench.send(bench.connect(), bench.message(text))
        assert server.published[-1].text == text
    else:
        with pytest.raises(Refused, match="at most 500"):
            prepare(bench, bench.message(text))


# Chains.


def test_an_answer_names_what_it_answers_when_it_is_made(bench: Bench, server: Standin) -> None:
    """Its container can only be made while publishing; its pictures and its link come along."""
    picture = bench.picture(1, "Alt")
    message = bench.message("One of two.", "Two of two.")
    second = dataclasses.replace(message.parts[1], media=(picture,))
    message = dataclasses.replace(message, parts=(message.parts[0], second))
    receipts = bench.send(bench.connect(), message)
    assert [post.reply_to for post in server.published] == [None, receipts[0].id]
    assert made(server)[1]["reply_to_id"] == receipts[0].id
    assert [item.alt for item in server.published[1].media] == ["Alt"]


def test_an_answer_dies_between_its_container_and_its_publishing(bench: Bench, server: Standin) -> None:
    """The next process knows the container from the account's folder, and publishes that one."""
    message, first = first_part(bench)
    payload = prepare(bench, message, 2)
    server.fault("drop-before", match=PUBLISH)
    with pytest.raises(OutcomeUnknown):
        bench.connect().publish(payload, key="k/2", reply_to=first)
    assert isinstance(bench.connect().find(Intent(payload, "k/2", 2, START, first)), Absent)
    bench.connect().publish(prepare(bench, message, 2), key="k/2", reply_to=first)
    assert [post.text for post in server.published] == ["One of two.", "Two of two."]
    assert len(made(server)) == 2


def test_an_answer_whose_answer_was_lost_is_found_by_its_container(bench: Bench, server: Standin) -> None:
    """Also where it is out already when somebody tries again: then there is no second one."""
    message, first = first_part(bench)
    payload = prepare(bench, message, 2)
    server.fault("status-after", match=PUBLISH, status=500, body=fault(2, "An unexpected error", transient=True))
    with pytest.raises(OutcomeUnknown):
        bench.connect().publish(payload, key="k/2", reply_to=first)
    found = bench.connect().find(Intent(payload, "k/2", 2, START, first))
    assert isinstance(found, Found)
    assert found.receipt.id == server.published[1].id
    assert bench.connect().publish(payload, key="k/2", reply_to=first).id == found.receipt.id
    assert len(server.published) == 2


def test_an_answer_is_found_without_the_folder(bench: Bench, server: Standin) -> None:
    """On a new computer nothing is known of its container: the account's answers are read."""
    message, first = first_part(bench)
    payload = prepare(bench, message, 2)
    bench.connect().publish(payload, key="k/2", reply_to=first)
    (bench.folder / "steps.json").unlink()
    found = bench.connect().find(Intent(payload, "k/2", 2, START, first))
    assert isinstance(found, Found)
    assert found.receipt.id == server.published[1].id


def test_trouble_before_an_answer_is_published_is_not_sent(bench: Bench, server: Standin) -> None:
    """Until the container is published, nothing can be public."""
    message, first = first_part(bench)
    payload = prepare(bench, message, 2)
    server.fault("drop-after", match=CREATE)
    with pytest.raises(NotSent):
        bench.connect().publish(payload, key="k/2", reply_to=first)
    assert len(server.published) == 1


def test_a_missing_permission_stops_the_chain_and_not_the_account(bench: Bench, server: Standin) -> None:
    """The permission's name stands in the message; single posts go on."""
    server.scopes.remove("threads_manage_replies")
    identity = bench.connect().verify()
    assert identity.lacks == ("threads_manage_replies",)
    message, first = first_part(bench)
    with pytest.raises(Refused, match="threads_manage_replies"):
        bench.connect().publish(prepare(bench, message, 2), key="k/2", reply_to=first)
    bench.send(bench.connect(), bench.message("Alone."))
    assert [post.text for post in server.published] == ["One of two.", "Alone."]


def test_a_later_part_without_its_first_is_refused(bench: Bench, server: Standin) -> None:
    """It must not become a post of its own."""
    payload = prepare(bench, bench.message("One.", "Two."), 2)
    with pytest.raises(Refused):
        bench.connect().publish(payload, key="k/2", reply_to=None)
    assert server.published == []


def test_recent_posts_come_with_their_answers(bench: Bench, server: Standin) -> None:
    """Where the key may read answers; else the posts alone."""
    bench.send(bench.connect(), bench.message("One of two.", "Two of two."))
    assert {post.text for post in bench.connect().recent(START)} == {"One of two.", "Two of two."}
    server.scopes.remove("threads_read_replies")
    assert [post.text for post in bench.connect().recent(START)] == ["One of two."]


def test_a_look_for_an_answer_that_is_not_permitted_proves_nothing(bench: Bench, server: Standin) -> None:
    """Whoever may not read answers cannot say that one is absent."""
    message, first = first_part(bench)
    payload = prepare(bench, message, 2)
    server.scopes.remove("threads_read_replies")
    assert isinstance(bench.connect().find(Intent(payload, "k/2", 2, START, first)), CannotTell)


# Quota and access.


def test_posts_and_answers_have_counts_of_their_own(bench: Bench, server: Standin) -> None:
    """Threads' own count is asked for before anything is made."""
    message, _ = first_part(bench)
    server.quota = 1
    prepare(bench, message, 2)
    with pytest.raises(NotSent, match="takes 1 posts in 24 hours") as caught:
        prepare(bench, bench.message("One too many."))
    assert (caught.value.whole_account, caught.value.retry_at) == (True, bench.clock.now() + timedelta(hours=1))
    server.reply_quota = 0
    server.quota = 9
    prepare(bench, bench.message("There is room."))


def test_the_end_of_the_access_is_threads_own_word(bench: Bench, server: Standin) -> None:
    """Where the account is a tester of the app; else the latest day possible."""
    identity = bench.connect().verify()
    assert (identity.name, identity.lacks, identity.expires_at) == (NAME, (), server.keys[TOKEN].ends_at)
    server.tester = False
    (bench.folder / "access.json").unlink()
    guessed = bench.connect().verify()
    assert (guessed.can, guessed.lacks, guessed.expires_at) == ((), (), START + 60 * DAY)


def test_the_key_is_renewed_in_time(bench: Bench, server: Standin) -> None:
    """Looked at once a day for half a year, access never ends."""
    for _ in range(180):
        bench.connect().verify()
        bench.clock.advance(DAY)
    assert 3 <= len(server.keys) - 1 <= 6
    bench.send(bench.connect(), bench.message("Still here."))
    used = {request.fields()["access_token"] for request in server.requests(PUBLISH)}
    assert used == {list(server.keys)[-1]}


def test_a_dead_key_stops_the_account(bench: Bench) -> None:
    """After sixty days without a life."""
    bench.connect().verify()
    bench.clock.advance(61 * DAY)
    with pytest.raises(Unauthorised, match="socrbot connect threads"):
        bench.connect().verify()


def test_a_key_of_another_account_is_named(bench: Bench) -> None:
    """With the number to write into `.env`."""
    with pytest.raises(Unauthorised, match=rf"\({USER}\), but THREADS_USER_ID says 12"):
        bench.connect(THREADS_USER_ID="12").verify()


# The notebook.


def test_the_notebook_keeps_parts_apart_and_forgets(clock: VirtualClock, tmp_path: Path) -> None:
    """By key and name; what has run out is not given, and after eight days it is gone. Mode 600."""
    one, two = Notebook(tmp_path, clock, key="a/2"), Notebook(tmp_path, clock, key="b/2")
    one.keep("container", "1", expires_at=START + timedelta(hours=1))
    two.keep("container", "2")
    assert (one.get("container"), two.get("container"), one.get("other")) == ("1", "2", None)
    assert Notebook(tmp_path, clock, key="a/2").get("container") == "1"
    assert (tmp_path / "steps.json").stat().st_mode & 0o777 == 0o600
    clock.advance(timedelta(hours=1))
    assert (one.get("container"), two.get("container")) == (None, "2")
    clock.advance(9 * DAY)
    one.keep("container", "3")
    assert two.get("container") is None


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"a/2 container": 1}', b'{"a/2 container": ["1", null]}'])
def test_a_notebook_that_cannot_be_read_is_empty(clock: VirtualClock, tmp_path: Path, content: bytes) -> None:
    """And can be written to again."""
    (tmp_path / "steps.json").write_bytes(content)
    notes = Notebook(tmp_path, clock, key="a/2")
    assert notes.get("container") is None
    notes.keep("container", "1")
    assert notes.get("container") == "1"
