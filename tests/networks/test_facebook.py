"""Facebook: what is sent, what each answer means, and what is known after a lost one."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from socrbot.clock import VirtualClock
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.http import Answer
from socrbot.message import Absent, Attachment, CannotTell, Found, Message, Part, Receipt
from socrbot.networks.base import Equipment, Intent, Payload
from socrbot.networks.facebook import CAPABILITIES, Facebook
from socrbot.networks.graph_errors import judge, regain, used
from socrbot.redact import Redactor
from tests.standins import graph as standin
from tests.standins.exchange import ACTED, FAULTS, NOT_ACTED, SILENT
from tests.standins.graph import APP_ID, APP_SECRET, DUPLICATE, NAME, PAGE, TOKEN, Graph
from tests.standins.server import Post, refused
from tests.vendor import ROOT, vendor

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
FEED = f"POST /v25.0/{PAGE}/feed"
PHOTOS = f"POST /v25.0/{PAGE}/photos"
WORDS = "Their words are theirs.\n\n#SaveOurChildrensRights"
APP = {"FB_APP_ID": APP_ID, "FB_APP_SECRET": APP_SECRET}


class Kept:
    """Steps in memory that run out as the ledger's do."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[str, datetime | None]] = {}

    def get(self, name: str) -> str | None:
        value, until = self._kept.get(name, (None, None))
        return None if until is not None and until <= self._clock.now() else value

    def keep(self, name: str, value: str, *, expires_at: datetime | None = None) -> None:
        self._kept[name] = (value, expires_at)


def png(color: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 4), color).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
def server(clock: VirtualClock) -> Iterator[Graph]:
    """The stand-in; after each test every request is found to be one that Meta's own lists allow."""
    with Graph(now=clock.now) as graph:
        yield graph
        assert graph.violations == []


Make = Callable[..., Facebook]


@pytest.fixture
def make(server: Graph, clock: VirtualClock, tmp_path: Path) -> Make:
    def made(**env: str) -> Facebook:
        variables = {name: value for name, value in server.env(**env).items() if value}
        return Facebook(
            Equipment("page", variables, {}, clock, lambda picture: png(picture.path), tmp_path, timeout=(2.0, 0.4))
        )

    return made


@pytest.fixture
def page(make: Make) -> Facebook:
    return make()


@pytest.fixture
def steps(clock: VirtualClock) -> Kept:
    return Kept(clock)


def picture(name: str, alt: str = "A card.") -> Attachment:
    return Attachment(name, alt, "image/png", 4, 4, 80, name.ljust(64, "0"))


def prepared(page: Facebook, steps: Kept, text: str = WORDS, *pictures: str, link: str | None = None) -> Payload:
    part = Part(1, text, media=tuple(picture(name, f"Alt {name}") for name in pictures), link=link)
    return page.prepare(Message("p", "page", "facebook", "en-GB", (part,), "d"), part, key="k", steps=steps)


def send(page: Facebook, steps: Kept, text: str = WORDS, *pictures: str, link: str | None = None) -> Receipt:
    return page.publish(prepared(page, steps, text, *pictures, link=link), key="k", reply_to=None)


def intent(payload: Payload, at: datetime = NOON) -> Intent:
    return Intent(payload=payload, key="k", number=1, started_at=at)


# What goes out.


def test_a_text_is_one_post(page: Facebook, server: Graph, steps: Kept) -> None:
    """Words go to the feed by one call; the receipt names the post and where to see it."""
    receipt = send(page, steps)
    (post,) = server.published
    assert post.text == WORDS
    assert receipt == Receipt(post.id, f"https://www.facebook.com/{post.id}")
    assert [f"{r.method} {r.path}" for r in server.requests()] == [FEED]


def test_a_link_stands_beside_the_words(page: Facebook, server: Graph, steps: Kept) -> None:
    """Facebook makes a card of the link from its own field."""
    send(page, steps, WORDS, link="https://petition.test/sign")
    assert (server.published[0].text, server.published[0].link) == (WORDS, "https://petition.test/sign")


@pytest.mark.parametrize("names", [["red"], ["red", "blue", "green"]])
def test_pictures_come_with_their_descriptions(page: Facebook, server: Graph, steps: Kept, names: list[str]) -> None:
    """One picture or several are one post, in order, each with its alt text and exactly the cleaned bytes."""
    send(page, steps, WORDS, *names)
    (post,) = server.published
    assert [(media.alt, media.data, media.mime) for media in post.media] == [
        (f"Alt {name}", png(name), "image/png") for name in names
    ]


def test_a_link_with_pictures_goes_into_the_words(page: Facebook, server: Graph, steps: Kept) -> None:
    """A post shows pictures or a card; the link must not get lost."""
    send(page, steps, "Sign.", "red", link="https://petition.test/sign")
    assert (server.published[0].text, server.published[0].link) == ("Sign.\n\nhttps://petition.test/sign", None)
    send(page, steps, "Sign https://petition.test/sign", "blue", link="https://petition.test/sign")
    assert server.published[1].text == "Sign https://petition.test/sign"


def test_nothing_is_public_before_publish(page: Facebook, server: Graph, steps: Kept) -> None:
    """Preparing uploads unpublished pictures; publishing is one call, and nothing follows it."""
    payload = prepared(page, steps, WORDS, "red", "blue")
    assert server.published == []
    assert [r.fields()["published"] for r in server.requests(PHOTOS)] == ["false", "false"]
    before = len(server.requests())
    page.publish(payload, key="k", reply_to=None)
    assert [f"{r.method} {r.path}" for r in server.requests()[before:]] == [FEED]


def test_the_payload_is_what_is_sent(page: Facebook, server: Graph, steps: Kept) -> None:
    """What the ledger keeps before the call is the call, field by field, without credentials."""
    payload = prepared(page, steps, WORDS, "red")
    assert json.loads(json.dumps(payload)) == payload
    assert TOKEN not in json.dumps(payload)
    page.publish(payload, key="k", reply_to=None)
    form = server.requests(FEED)[0].form()
    assert form.pop("access_token") == TOKEN
    assert form == payload["form"]


def test_a_second_try_uploads_nothing_again(page: Facebook, server: Graph, steps: Kept, clock: VirtualClock) -> None:
    """Uploaded pictures are used again for as long as Facebook keeps them; then they are uploaded anew."""
    first = prepared(page, steps, WORDS, "red", "red")
    clock.advance(timedelta(hours=19))
    assert prepared(page, steps, WORDS, "red", "red") == first
    assert len(server.requests(PHOTOS)) == 2
    clock.advance(timedelta(hours=2))
    again = prepared(page, steps, WORDS, "red", "red")
    assert len(server.requests(PHOTOS)) == 4
    page.publish(again, key="k", reply_to=None)
    assert len(server.published[0].media) == 2


def test_the_version_of_the_interface_can_be_set(make: Make, server: Graph, steps: Kept) -> None:
    """Each call names its version: v25.0 unless a variable says otherwise; nonsense stops the account."""
    send(make(FB_GRAPH_VERSION="24.0"), steps)
    assert server.requests()[0].path.startswith("/v24.0/")
    for wrong in ("latest", "v25", "25.0/../me"):
        with pytest.raises(Unauthorised, match="FB_GRAPH_VERSION"):
            make(FB_GRAPH_VERSION=wrong).verify()


def test_a_post_cannot_answer_another(page: Facebook, server: Graph, steps: Kept) -> None:
    """Facebook has no threads: nothing is sent."""
    with pytest.raises(Refused):
        page.publish(prepared(page, steps), key="k", reply_to=Receipt("1_2"))
    assert server.requests() == []


def test_what_facebook_can_do() -> None:
    """The limits that checking relies on; the count is in UTF-16 units, the stricter reading."""
    assert CAPABILITIES.measure("a\N{GRINNING FACE}") == 3
    assert (CAPABILITIES.text_limit, CAPABILITIES.max_images) == (63_206, 10)
    assert not CAPABILITIES.threads
    assert not CAPABILITIES.repeat_safe


# Who one is.


def test_verify_names_the_page(page: Facebook, server: Graph) -> None:
    """One call tells which Page the key belongs to."""
    identity = page.verify()
    assert (identity.id, identity.name, identity.url) == (PAGE, NAME, f"https://www.facebook.com/{PAGE}")
    assert identity.expires_at is None
    assert len(server.requests()) == 1


def test_verify_refuses_the_key_of_another_page(make: Make) -> None:
    """Posts never go to a Page that the settings do not name."""
    with pytest.raises(Unauthorised, match=f"belongs to {NAME}.*FB_PAGE_ID says 42"):
        make(FB_PAGE_ID="42").verify()


def test_verify_tells_when_the_access_ends(make: Make, server: Graph) -> None:
    """With the app's number and secret the earlier of the two ends is known, and why."""
    day = int(NOON.timestamp())
    identity = make(**APP).verify()
    assert (identity.expires_at, identity.note) == (None, None)
    assert identity.can == ("pages_manage_posts", "pages_read_engagement")
    server.expires_at, server.data_access_expires_at = day + 86_400 * 60, day + 86_400 * 90
    assert make(**APP).verify().expires_at == NOON + timedelta(days=60)
    server.expires_at = 0
    identity = make(**APP).verify()
    assert identity.expires_at == NOON + timedelta(days=90)
    assert "opens the app" in str(identity.note)


def test_verify_tells_what_the_key_lacks(make: Make, server: Graph) -> None:
    """A permission that was not given, or given for another Page only, is named."""
    server.scopes = ["pages_show_list", "pages_manage_posts", "pages_read_engagement"]
    server.granular = [{"scope": "pages_manage_posts", "target_ids": ["42"]}]
    assert make(**APP).verify().lacks == ("pages_manage_posts",)
    server.scopes, server.granular = ["pages_show_list"], []
    assert make(**APP).verify().lacks == ("pages_manage_posts", "pages_read_engagement")


def test_a_dead_key_stops_the_account(make: Make, server: Graph, steps: Kept) -> None:
    """A withdrawn key is a matter for a person, whichever call meets it; the reason is given in words."""
    page = make(**APP)
    payload = prepared(page, steps)
    server.revoke()
    calls: list[Callable[[], object]] = [
        page.verify,
        lambda: prepared(page, steps, WORDS, "red"),
        lambda: page.publish(payload, key="k", reply_to=None),
        lambda: page.find(intent(payload)),
        lambda: page.recent(NOON),
        lambda: page.delete(Receipt("1_2")),
    ]
    for call in calls:
        with pytest.raises(Unauthorised, match="the password was changed") as caught:
            call()
        assert caught.value.code == "190/460"


def test_each_call_is_signed_where_the_app_has_a_secret(make: Make, server: Graph, steps: Kept) -> None:
    """Apps can demand a proof with each call: it is right with the secret, and its lack is told as such."""
    server.wants_proof = True
    page = make(**APP)
    receipt = send(page, steps, WORDS, "red")
    page.verify()
    assert len(page.recent(NOON - timedelta(hours=1))) == 1
    page.delete(receipt)
    with pytest.raises(Unauthorised, match="FB_APP_SECRET"):
        send(make(), steps)
    with pytest.raises(Unauthorised, match="FB_APP_SECRET"):
        send(make(FB_APP_SECRET="0" * 32), steps)


# What an answer means.

LIMIT_4 = {
    "message": "(#4) Application request limit reached",
    "type": "OAuthException",
    "is_transient": True,
    "code": 4,
}
LIMIT_32 = {"message": "(#32) Page request limit reached", "type": "OAuthException", "code": 32, "fbtrace_id": "A"}
BLOCKED = {"message": "The action attempted has been deemed abusive", "code": 368, "error_subcode": 1346003}
ALREADY = {"message": "You've already posted this", "type": "OAuthException", "code": 368}
FAULT_2 = {"message": "An unexpected error has occurred. Please retry your request later.", "code": 2}


def error(code: int, **more: Any) -> dict[str, Any]:
    return {"message": f"(#{code}) said so", "type": "OAuthException", "code": code, "fbtrace_id": "A", **more}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, error(190, error_subcode=463), Unauthorised),
        (401, error(190), Unauthorised),
        (500, error(190), Unauthorised),
        (400, error(102), Unauthorised),
        (403, error(10), Unauthorised),
        (403, error(200), Unauthorised),
        (403, error(299), Unauthorised),
        (400, error(3), Unauthorised),
        (400, BLOCKED, Unauthorised),
        (401, {"message": "no code", "type": "OAuthException"}, Unauthorised),
        (403, LIMIT_4, NotSent),
        (400, LIMIT_32, NotSent),
        (400, error(17), NotSent),
        (400, error(341), NotSent),
        (400, error(613), NotSent),
        (400, error(80001), NotSent),
        (500, FAULT_2, OutcomeUnknown),
        (400, error(1), OutcomeUnknown),
        (400, error(100, is_transient=True), OutcomeUnknown),
        (503, error(6000), OutcomeUnknown),
        (400, error(100), Refused),
        (400, error(1609005), Refused),
        (400, error(506), Refused),
        (400, DUPLICATE, Refused),
        (400, ALREADY, Refused),
        (200, error(100), Refused),
    ],
)
def test_each_error_of_meta_has_its_meaning(
    page: Facebook, server: Graph, steps: Kept, status: int, body: dict[str, Any], expected: type[NetworkError]
) -> None:
    """The table of errors, met by a publishing call; the code and the words of Meta are kept."""
    server.fault("status", match=FEED, status=status, body={"error": body})
    with pytest.raises(NetworkError) as caught:
        send(page, steps)
    assert type(caught.value) is expected
    assert caught.value.status == status
    if "code" in body:
        assert str(caught.value.code).split("/")[0] == str(body["code"])
    assert str(body.get("error_user_msg") or body["message"])[:60] in str(caught.value)
    if isinstance(caught.value, Refused):
        assert caught.value.duplicate == (body in (DUPLICATE, ALREADY) or body["code"] == 506)
    if isinstance(caught.value, NotSent):
        assert (caught.value.whole_account, caught.value.retry_at) == (True, NOON + timedelta(hours=1))
    assert server.published == []


def test_a_second_post_with_the_same_words_is_a_duplicate(page: Facebook, steps: Kept) -> None:
    """Facebook's own refusal of repeated words is told apart from all others."""
    send(page, steps)
    with pytest.raises(Refused) as caught:
        send(page, steps)
    assert (caught.value.duplicate, caught.value.code) == (True, "506/1455006")


def test_a_limit_names_the_wait(page: Facebook, server: Graph, steps: Kept) -> None:
    """Meta's header says in how many minutes calls are taken again; the longest of its counts is believed."""
    case = {"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}
    usage = json.dumps({PAGE: [case, {**case, "estimated_time_to_regain_access": 7}], "1": "rubbish"})
    headers = {"X-Business-Use-Case-Usage": usage}
    server.fault("status", match=FEED, status=403, headers=headers, body={"error": LIMIT_4})
    with pytest.raises(NotSent) as caught:
        send(page, steps)
    assert caught.value.retry_at == NOON + timedelta(minutes=19)
    server.fault("status", match=FEED, status=429, headers=headers, body=b"<html>Too many</html>")
    with pytest.raises(NotSent) as caught:
        send(page, steps)
    assert (caught.value.retry_at, caught.value.whole_account) == (NOON + timedelta(minutes=19), True)


def test_usage_is_read_from_any_header() -> None:
    """The fullest count wins; headers that can't be read count as silence."""
    assert used({"X-App-Usage": '{"call_count":28,"total_time":25,"total_cputime":85}'}) == 85
    assert used({"X-Page-Usage": '{"call_count":99}', "X-App-Usage": "rubbish"}) == 99
    assert used({"X-Business-Use-Case-Usage": '{"1":[{"call_count":40}]}'}) == 40
    assert used({}) == used({"X-App-Usage": "[1]"}) == 0
    assert regain({"X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":0}]}'}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 700) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["error", "code", "error_subcode", "message", "is_transient", "id"]), inner)
    ),
    max_leaves=6,
)


@given(status=st.integers(200, 599), body=JSON)
def test_every_answer_is_understood(status: int, body: Any) -> None:
    """Whatever comes back is success or one of four errors; success is a 2xx object without an error, nothing else."""
    found = judge(Answer(status, {}, json.dumps(body).encode()), now=NOON, redact=Redactor())
    good = 200 <= status < 300 and isinstance(body, dict) and not body.get("error")
    assert (found is None) == good
    assert found is None or type(found) in (NotSent, Refused, Unauthorised, OutcomeUnknown)


# Lost answers.


@pytest.mark.parametrize("kind", sorted(FAULTS))
def test_after_a_fault_the_truth_can_be_found(page: Facebook, server: Graph, steps: Kept, kind: str) -> None:
    """Whatever goes wrong with the publishing call, reading back tells what became of it."""
    payload = prepared(page, steps, WORDS, "red")
    server.fault(kind, match=FEED)
    with pytest.raises(NetworkError) as caught:
        page.publish(payload, key="k", reply_to=None)
    if kind == "duplicate":
        assert isinstance(caught.value, Refused)
        assert caught.value.duplicate
    else:
        assert type(caught.value) is OutcomeUnknown
    assert server.wait_until(lambda: server.record[-1].fault == kind and bool(server.published) == (kind in ACTED))
    finding = page.find(intent(payload))
    if kind in ACTED:
        assert isinstance(finding, Found)
        assert finding.receipt.id == server.published[0].id
    else:
        assert kind in NOT_ACTED
        assert isinstance(finding, Absent)
        assert server.published == []


@pytest.mark.parametrize("kind", [*SILENT, "broken-json", "html-200", "html-502", "html-502-after", "503", "status"])
@pytest.mark.parametrize("call", ["photos", "me", "published_posts"])
def test_a_lost_answer_that_published_nothing_is_not_sent(
    page: Facebook, server: Graph, steps: Kept, kind: str, call: str
) -> None:
    """Uploads and questions can be repeated: their lost answers never make a delivery unknown."""
    server.fault(kind, match=f"* /v25.0/*{call}")
    calls = {
        "photos": lambda: prepared(page, steps, WORDS, "red"),
        "me": page.verify,
        "published_posts": lambda: page.recent(NOON),
    }
    with pytest.raises(NotSent):
        calls[call]()
    assert server.published == []


def test_status_500_with_code_2_may_have_posted(page: Facebook, server: Graph, steps: Kept) -> None:
    """Seen in the field: an error was answered and the post was there. It is looked for, not sent again."""
    payload = prepared(page, steps, WORDS, "red")
    server.fault("status-after", match=FEED, status=500, body={"error": FAULT_2})
    with pytest.raises(OutcomeUnknown):
        page.publish(payload, key="k", reply_to=None)
    assert isinstance(page.find(intent(payload)), Found)


@pytest.mark.parametrize("body", [{}, {"success": True}, {"id": ""}, {"id": None}])
def test_an_answer_without_a_number_is_unknown(
    page: Facebook, server: Graph, steps: Kept, body: dict[str, Any]
) -> None:
    """A 200 that does not say which post came out proves nothing."""
    server.fault("status-after", match=FEED, status=200, body=body)
    with pytest.raises(OutcomeUnknown):
        send(page, steps)


def test_status_500_without_an_error_is_no_success(page: Facebook, server: Graph, steps: Kept) -> None:
    """facebook-sdk alone would return this as a result."""
    server.fault("status", match=FEED, status=500, body={"id": "1_2"})
    with pytest.raises(OutcomeUnknown):
        send(page, steps)


def test_a_refused_connection_is_not_sent(make: Make, steps: Kept) -> None:
    """Before there is a connection nothing can have gone out."""
    with refused() as base:
        with pytest.raises(NotSent):
            send(make(FB_GRAPH_BASE=base), steps)


# Reading back.


def lost(page: Facebook, server: Graph, steps: Kept, text: str = WORDS, *pictures: str) -> Payload:
    """A post that came out although its answer was lost."""
    payload = prepared(page, steps, text, *pictures)
    server.fault("drop-after", match=FEED)
    with pytest.raises(OutcomeUnknown):
        page.publish(payload, key="k", reply_to=None)
    return payload


def test_a_lost_post_is_found_among_many(page: Facebook, server: Graph, steps: Kept, clock: VirtualClock) -> None:
    """The list is read page by page until it reaches behind the try, without our key in an address that Meta gave."""
    server.page_size = 3
    payload = lost(page, server, steps)
    for number in range(10):
        clock.advance(timedelta(minutes=1))
        send(page, steps, f"Another {number}")
    finding = page.find(intent(payload))
    assert isinstance(finding, Found)
    assert finding.receipt.id == server.published[0].id
    assert finding.receipt.url == f"https://www.facebook.com/{PAGE}/posts/{server.published[0].id.partition('_')[2]}"
    pages = server.requests("GET *published_posts")
    assert [request.query.get("after") for request in pages] == [None, "3", "6", "9"]


def test_reading_stops_where_all_is_older(page: Facebook, server: Graph, steps: Kept, clock: VirtualClock) -> None:
    """A Page with years of posts is not read to its beginning."""
    server.page_size = 5
    for number in range(40):
        send(page, steps, f"Old {number}")
    clock.advance(timedelta(hours=5))
    payload = prepared(page, steps)
    assert isinstance(page.find(intent(payload, clock.now())), Absent)
    assert len(server.requests("GET *published_posts")) == 1


def test_an_older_post_with_the_same_words_is_not_taken_for_it(
    page: Facebook, server: Graph, steps: Kept, clock: VirtualClock
) -> None:
    """Last week's post says the same and proves nothing."""
    send(page, steps)
    clock.advance(timedelta(days=7))
    payload = prepared(page, steps)
    assert isinstance(page.find(intent(payload, clock.now())), Absent)


def test_clocks_may_differ_by_minutes(page: Facebook, server: Graph, steps: Kept, clock: VirtualClock) -> None:
    """A post that Facebook dates some minutes before our try is still found."""
    payload = lost(page, server, steps)
    assert isinstance(page.find(intent(payload, NOON + timedelta(minutes=10))), Found)


def test_words_are_compared_as_people_read_them(page: Facebook, server: Graph, steps: Kept) -> None:
    """Other white space and another form of an accent are the same words; other words are not."""
    payload = prepared(page, steps, "Une  école\n\nhttps://petition.test/sign")
    server.publish(Post(f"{PAGE}_1", "Une e\N{COMBINING ACUTE ACCENT}cole https://petition.test/sign", NOON))
    assert isinstance(page.find(intent(payload)), Found)
    assert isinstance(page.find(intent(prepared(page, steps, "Une autre école"))), Absent)


def test_the_same_words_with_other_pictures_are_left_to_a_person(page: Facebook, server: Graph, steps: Kept) -> None:
    """It may be it, with a picture still on its way; nothing is concluded."""
    payload = prepared(page, steps, WORDS, "red")
    send(page, steps, WORDS)
    assert isinstance(page.find(intent(payload)), CannotTell)


@pytest.mark.parametrize("names", [("red",), ("red", "blue")])
def test_posts_without_words_are_told_apart_by_their_pictures(
    page: Facebook, server: Graph, steps: Kept, names: tuple[str, ...]
) -> None:
    """No words at all match no words at all; the number of pictures decides."""
    send(page, steps, "Words", "green", "green", "green")
    payload = prepared(page, steps, "", *names)
    assert isinstance(page.find(intent(payload)), Absent)
    page.publish(payload, key="k", reply_to=None)
    assert isinstance(page.find(intent(payload)), Found)


def test_posts_of_nothing_but_a_link_are_told_apart(page: Facebook, server: Graph, steps: Kept) -> None:
    """Links are left out of the comparison, but not where there is nothing else."""
    payload = prepared(page, steps, "https://petition.test/one")
    server.publish(Post(f"{PAGE}_1", "https://petition.test/two", NOON))
    assert isinstance(page.find(intent(payload)), Absent)
    page.publish(payload, key="k", reply_to=None)
    assert isinstance(page.find(intent(payload)), Found)


def test_a_post_that_the_list_does_not_show_yet_is_absent_for_now(
    page: Facebook, server: Graph, steps: Kept, clock: VirtualClock
) -> None:
    """The list may lag behind: that is why absence counts only after minutes, and twice."""
    server.shown_after = timedelta(minutes=3)
    payload = lost(page, server, steps)
    assert isinstance(page.find(intent(payload)), Absent)
    clock.advance(CAPABILITIES.settle)
    assert isinstance(page.find(intent(payload)), Found)
    assert CAPABILITIES.looks == 2


def test_a_list_without_end_cannot_tell(page: Facebook, server: Graph, steps: Kept) -> None:
    """A range that was not read to its end is no evidence of absence."""
    server.page_size = 1
    for number in range(25):
        send(page, steps, f"Post {number}")
    assert isinstance(page.find(intent(prepared(page, steps))), CannotTell)


@pytest.mark.parametrize(
    "body",
    [{}, {"data": None}, {"data": [{"id": "1"}]}, {"data": [{"id": "1", "created_time": "noon"}]}, {"data": [7]}],
)
def test_a_list_that_cannot_be_read_is_no_evidence(
    page: Facebook, server: Graph, steps: Kept, body: dict[str, Any]
) -> None:
    """An answer in a form that nobody knows is never taken for an empty list."""
    server.fault("status", match="GET *published_posts", status=200, body=body)
    with pytest.raises(NotSent):
        page.find(intent(prepared(page, steps)))


def test_recent_posts_come_newest_first(page: Facebook, server: Graph, steps: Kept, clock: VirtualClock) -> None:
    """Only those since then, with words, time, address and number of pictures; a link's card is no picture."""
    send(page, steps, "Too old")
    clock.advance(timedelta(hours=1))
    send(page, steps, "A link", link="https://petition.test/sign")
    clock.advance(timedelta(hours=1))
    send(page, steps, "Two", "red", "blue")
    send(page, Kept(clock), "", "red")
    recent = page.recent(NOON + timedelta(minutes=30))
    assert sorted((post.text, post.media_count) for post in recent) == [("", 1), ("A link", 0), ("Two", 2)]
    assert recent[-1].created_at == NOON + timedelta(hours=1)
    assert str(recent[-1].url).startswith(f"https://www.facebook.com/{PAGE}/posts/")


def test_a_post_can_be_deleted(page: Facebook, server: Graph, steps: Kept) -> None:
    """Deleted is gone; deleting what is gone already is no error; another refusal is."""
    receipt = send(page, steps)
    page.delete(receipt)
    assert server.visible == []
    page.delete(receipt)
    server.fault("status", match="DELETE *", status=400, body={"error": error(100)})
    with pytest.raises(Refused):
        page.delete(receipt)
    server.fault("drop-after", match="DELETE *")
    with pytest.raises(OutcomeUnknown):
        page.delete(receipt)


# Secrets, cost, and the stand-in itself.


def test_no_secret_is_ever_told(make: Make, server: Graph, steps: Kept, caplog: pytest.LogCaptureFixture) -> None:
    """Key and app secret stand in no error and no log line, also where Facebook or a library repeats them."""
    caplog.set_level(logging.DEBUG)
    page = make(**APP)
    payload = prepared(page, steps)
    echo = {"error": error(100, message=f"access_token={TOKEN} is wrong, and so is {TOKEN} or {APP_SECRET}")}
    told: list[str] = []
    calls: list[Callable[[], object]] = [
        page.verify,
        lambda: prepared(page, steps, WORDS, "red"),
        lambda: page.publish(payload, key="k", reply_to=None),
        lambda: page.recent(NOON),
        lambda: page.delete(Receipt("1_2")),
    ]
    for kind in ("drop-before", "drop-in-reply", "html-200", "status", "delay-before"):
        for call in calls:
            server.fault(kind, status=400, body=echo if kind == "status" else None)
            with pytest.raises(NetworkError) as caught:
                call()
            told += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    with refused() as base:
        with pytest.raises(NotSent) as refusal:
            make(**APP, FB_GRAPH_BASE=base).verify()
        told.append(repr(refusal.value))
    told += [repr(page), repr(payload), caplog.text]
    assert not [text for text in told if TOKEN in text or APP_SECRET in text]


def test_a_post_keeps_the_key_out_of_its_address(page: Facebook, server: Graph, steps: Kept) -> None:
    """What publishes carries the key in its body, where no proxy's log sees it."""
    send(page, steps, WORDS, "red")
    assert [request.query for request in server.requests("POST *")] == [{}, {}]


def test_looking_at_the_limits_imports_no_library() -> None:
    """Checking posts needs Facebook's limits, and neither its library nor requests."""
    code = (
        "import sys, socrbot.networks.facebook, socrbot.networks.outbox\n"
        "print([m for m in ('facebook', 'requests', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_meta_knows_every_parameter_that_we_send(make: Make, server: Graph, steps: Kept) -> None:
    """Each field of each kind of post, and of reading back, stands in Meta's own list with that type."""
    vendor("meta/Page.json")
    page = make(**APP)
    send(page, steps, WORDS, "red", "blue")
    send(page, steps, "A link", link="https://petition.test/sign")
    page.recent(NOON - timedelta(days=1))
    sent = {name for request in server.requests() for name in request.fields()}
    assert {"message", "link", "attached_media[1]", "published", "alt_text_custom", "limit", "fields"} <= sent
    assert server.violations == []


def test_the_standin_notices_a_parameter_that_meta_does_not_know(page: Facebook, clock: VirtualClock) -> None:
    """The check above can fail: a misspelt name and a wrong type are noticed."""
    vendor("meta/Page.json")
    with Graph(now=clock.now) as server:
        connected = Facebook(replace(page._equipment, env=server.env()))
        wrong = {"page": PAGE, "form": {"message": "x", "mesage": "x", "published": "False"}}
        connected.publish(wrong, key="k", reply_to=None)
        assert len(server.violations) == 2


def test_the_standin_runs_by_itself(tmp_path: Path, clock: VirtualClock, steps: Kept) -> None:
    """As a program of its own it says where it listens and writes down what was published."""
    record = tmp_path / "published.jsonl"
    command = [sys.executable, "-m", standin.__name__, "--record", str(record)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            base = process.stdout.readline().strip()
            env = {"FB_PAGE_ID": PAGE, "FB_PAGE_ACCESS_TOKEN": TOKEN, "FB_GRAPH_BASE": base}
            page = Facebook(Equipment("page", env, {}, clock, lambda picture: png(picture.path), tmp_path))
            receipt = send(page, steps, WORDS, "red")
        finally:
            process.terminate()
    (line,) = map(json.loads, record.read_text().splitlines())
    assert (line["id"], line["text"], len(line["media"])) == (receipt.id, WORDS, 1)
