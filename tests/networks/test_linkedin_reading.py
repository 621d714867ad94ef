"""LinkedIn: finding a post whose answer was lost, reading lists, and how people took a post."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, OutcomeUnknown
from socrbot.message import Absent, CannotTell, Found, Metrics, Receipt
from socrbot.networks.base import Intent
from tests.networks.bench import START, Bench
from tests.networks.benches.linkedin import COMMENTS, LIST, POSTS, linkedin_bench, send
from tests.standins.linkedin import LinkedIn
from tests.standins.linkedin_access import ORGANISATION, PERSON

NETWORK = "linkedin"
WORDS = "Their words (all of them) are theirs.\n\n#SaveOurChildrensRights"
PETITION = "https://example.org/petition?a_b=1"
NUMBERS = "GET /rest/organizationalEntityShareStatistics"


def lost(bench: Bench, text: str = WORDS, link: str | None = None, colours: tuple[int, ...] = ()) -> Intent:
    """A post that came out although its answer was lost."""
    media = tuple(bench.picture(colour, "Alt") for colour in colours)
    intent = bench.intent(bench.connect(), bench.message(text, media=media, link=link))
    bench.standin.fault("drop-after", match=POSTS)
    with pytest.raises(OutcomeUnknown):
        bench.connect().publish(intent.payload, key="k", reply_to=None)
    return intent


def intent(bench: Bench, text: str = WORDS, link: str | None = None, colours: tuple[int, ...] = ()) -> Intent:
    """A try that never arrived."""
    media = tuple(bench.picture(colour, "Alt") for colour in colours)
    return bench.intent(bench.connect(), bench.message(text, media=media, link=link))


@pytest.mark.parametrize("link", [None, PETITION])
def test_a_lost_post_is_found_with_what_later_parts_need(bench: Bench, standin: LinkedIn, link: str | None) -> None:
    """Hashtags and escapes come back in other forms than they went; the receipt is that of the post."""
    finding = bench.connect().find(lost(bench, link=link))
    assert isinstance(finding, Found)
    urn = standin.published[0].id
    assert finding.receipt == Receipt(urn, f"https://www.linkedin.com/feed/update/{urn}/", {"root": urn})


def test_a_lost_post_is_found_among_many(bench: Bench, standin: LinkedIn, clock: VirtualClock) -> None:
    """The list is read page by page, as long as there can be something new in it."""
    wanted = lost(bench)
    for number in range(60):
        clock.advance(timedelta(seconds=10))
        send(bench, f"Another {number}")
    assert isinstance(bench.connect().find(wanted), Found)
    assert [request.query["start"] for request in standin.requests(LIST)] == ["0", "50"]
    assert {request.query["author"] for request in standin.requests(LIST)} == {ORGANISATION}


def test_reading_stops_where_all_is_older(bench: Bench, standin: LinkedIn, clock: VirtualClock) -> None:
    """A page with years of posts is not read to its beginning."""
    for number in range(110):
        send(bench, f"Old {number}")
    clock.advance(timedelta(days=2))
    assert isinstance(bench.connect().find(intent(bench)), Absent)
    assert len(standin.requests(LIST)) == 1


def test_an_older_post_with_the_same_words_is_not_taken_for_it(bench: Bench, clock: VirtualClock) -> None:
    """Last week's post says the same and proves nothing."""
    send(bench, WORDS)
    clock.advance(timedelta(days=7))
    assert isinstance(bench.connect().find(intent(bench)), Absent)


def test_clocks_may_differ_by_minutes(bench: Bench, clock: VirtualClock) -> None:
    """A post that LinkedIn dates some minutes before our try is still found."""
    send(bench, WORDS)
    clock.advance(timedelta(minutes=10))
    assert isinstance(bench.connect().find(intent(bench)), Found)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"link": PETITION}, {"link": "https://example.org/another"}),
        ({"link": PETITION}, {}),
        ({}, {"link": PETITION}),
        ({"colours": (1,)}, {}),
        ({"colours": (1, 2)}, {"colours": (1,)}),
    ],
)
def test_the_same_words_with_another_link_or_picture_are_left_to_a_person(
    bench: Bench, sent: dict[str, Any], shown: dict[str, Any]
) -> None:
    """It may be it, or another post of the same day: nothing is concluded."""
    wanted = intent(bench, **sent)
    send(bench, WORDS, **shown)
    assert isinstance(bench.connect().find(wanted), CannotTell)


def test_a_post_that_the_list_does_not_show_yet_is_absent_for_now(
    bench: Bench, standin: LinkedIn, clock: VirtualClock
) -> None:
    """The list may lag behind: that is why absence counts only after minutes, and twice."""
    standin.shown_after = timedelta(minutes=1)
    wanted = lost(bench)
    assert isinstance(bench.connect().find(wanted), Absent)
    clock.advance(bench.capable.settle)
    assert isinstance(bench.connect().find(wanted), Found)


def test_what_was_taken_for_absent_is_not_doubled(bench: Bench, standin: LinkedIn, clock: VirtualClock) -> None:
    """Sent again after both looks it still meets LinkedIn's own memory, which names the first."""
    standin.shown_after = timedelta(hours=1)
    wanted = lost(bench)
    clock.advance(bench.capable.settle * (bench.capable.looks + 1))
    with pytest.raises(Exception, match="already has a post") as caught:
        bench.connect().publish(wanted.payload, key="k", reply_to=None)
    assert getattr(caught.value, "original", None) == standin.published[0].id
    assert len(standin.published) == 1


def test_a_lost_comment_is_found_below_its_post(bench: Bench, standin: LinkedIn) -> None:
    """Only the author's own counts, and the receipt is that of the comment."""
    first = send(bench, "One.")[0]
    wanted = bench.intent(bench.connect(), bench.message("One.", "Two (of two)."), reply_to=first)
    assert isinstance(bench.connect().find(wanted), Absent)
    standin.fault("drop-after", match=COMMENTS)
    with pytest.raises(OutcomeUnknown):
        bench.connect().publish(wanted.payload, key="k", reply_to=first)
    finding = bench.connect().find(wanted)
    assert isinstance(finding, Found)
    assert (finding.receipt.id, finding.receipt.extra) == (standin.published[1].id, {"root": first.id})
    bench.connect().delete(finding.receipt)
    assert [post.id for post in standin.visible] == [first.id]


def test_somebody_elses_comment_is_not_taken_for_ours(bench: Bench, standin: LinkedIn) -> None:
    """Whoever quotes a part below the post proves nothing."""
    first = send(bench, "One.")[0]
    wanted = bench.intent(bench.connect(), bench.message("One.", "Two."), reply_to=first)
    made = {"actor": PERSON, "time": int(START.timestamp() * 1000)}
    row = {"id": "1", "actor": PERSON, "object": first.id, "message": {"text": "Two."}, "created": made}
    standin.fault("status", match="GET /rest/socialActions/*", status=200, body={"elements": [row]})
    assert isinstance(bench.connect().find(wanted), Absent)


def test_a_persons_lost_post_waits_for_a_person(clock: VirtualClock, tmp_path: Path) -> None:
    """LinkedIn shows a member's posts to no program: nothing is asked, and there is no time to look again."""
    with linkedin_bench(clock, tmp_path, PERSON) as bench:
        finding = bench.connect().find(lost(bench))
        assert isinstance(finding, CannotTell)
        assert finding.retry_at is None
        assert bench.connect().recent(START) == []
        assert bench.standin.requests("GET *") == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"elements": None},
        {"elements": [1]},
        {"elements": [{"id": "urn:li:share:1"}]},
        {"elements": [{"id": "urn:li:share:1", "createdAt": "today", "commentary": ""}]},
        {"elements": [{"id": "urn:li:share:1", "createdAt": 1, "content": [1]}]},
        {"elements": [{"createdAt": 1}]},
    ],
)
def test_a_list_that_cannot_be_read_proves_nothing(bench: Bench, standin: LinkedIn, body: dict[str, Any]) -> None:
    """Rubbish is neither a post nor the absence of one."""
    wanted = intent(bench)
    standin.fault("status", match=LIST, status=200, body=body, times=2)
    assert isinstance(bench.connect().find(wanted), CannotTell)
    with pytest.raises(NotSent):
        bench.connect().recent(datetime.fromtimestamp(0, START.tzinfo))


def test_drafts_are_no_posts(bench: Bench, standin: LinkedIn) -> None:
    """What an administrator prepared on the page is not public."""
    at = int(START.timestamp() * 1000)
    row = {"id": "urn:li:share:1", "commentary": "Draft", "createdAt": at, "lastModifiedAt": at}
    rows = [{**row, "lifecycleState": state} for state in ("DRAFT", "PUBLISH_REQUESTED")]
    standin.fault("status", match=LIST, status=200, body={"elements": rows})
    assert bench.connect().recent(START) == []


def test_numbers_are_asked_for_together(bench: Bench, standin: LinkedIn) -> None:
    """One call for several posts, with each URN written as an address wants it; comments have no numbers."""
    receipts = send(bench, "One.", "A comment.") + send(bench, "Two.")
    bench.count(receipts[0], likes=3, replies=1, shares=2, views=40)
    found = bench.connect().metrics(receipts)
    assert found[receipts[0].id] == Metrics(likes=3, replies=1, shares=2, views=40)
    assert set(found) == {receipts[0].id, receipts[2].id}
    assert len(standin.requests(NUMBERS)) == 1
    assert bench.connect().metrics([receipts[1]]) == {}
    assert len(standin.requests(NUMBERS)) == 1


def test_both_kinds_of_posts_have_numbers(bench: Bench, standin: LinkedIn) -> None:
    """Some posts are called ugcPost; LinkedIn wants them in a list of their own."""
    row = {"ugcPost": "urn:li:ugcPost:8", "totalShareStatistics": {"likeCount": 5}}
    standin.fault("status", match=NUMBERS, status=200, body={"elements": [row, {"ugcPost": "urn:li:ugcPost:9"}]})
    found = bench.connect().metrics([Receipt("urn:li:ugcPost:8")])
    assert found == {"urn:li:ugcPost:8": Metrics(likes=5)}
    assert standin.requests(NUMBERS)[0].query["ugcPosts"] == "List(urn:li:ugcPost:8)"


def test_what_goes_to_the_ledger_comes_back_from_it(bench: Bench) -> None:
    """A payload is JSON values only, and says the same after a restart."""
    wanted = intent(bench, colours=(1,))
    assert json.loads(json.dumps(wanted.payload)) == wanted.payload
