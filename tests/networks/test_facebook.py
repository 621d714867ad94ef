"""Facebook: what is sent, by whom, and how few calls it takes."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Receipt
from socrbot.networks.facebook import CAPABILITIES
from tests.networks.bench import START, Bench
from tests.networks.benches.facebook import (
    FEED,
    NO_APP,
    PHOTOS,
    WORDS,
    answers,
    facebook_bench,
    prepared,
    publish,
    send,
)
from tests.standins.exchange import SILENT
from tests.standins.graph import NAME, PAGE, TOKEN, Graph, fault
from tests.vendor import ROOT, vendor

PETITION = "https://petition.test/sign"


NETWORK = "facebook"


@pytest.fixture
def graph(standin: Graph) -> Graph:
    return standin


def test_a_post_is_one_call(bench: Bench, graph: Graph) -> None:
    """Words go to the feed by one call; nothing is asked before or after it."""
    receipt = send(bench)
    assert receipt == Receipt(graph.published[0].id, f"https://www.facebook.com/{graph.published[0].id}")
    assert [f"{request.method} {request.path}" for request in graph.requests()] == [FEED]


def test_pictures_are_uploaded_unpublished(bench: Bench, graph: Graph) -> None:
    """One picture or several: the uploads come first and are not public, then one call makes the post."""
    for colours in ((1,), (2, 3, 4)):
        before = len(graph.requests())
        send(bench, f"{len(colours)} pictures", *colours)
        calls = graph.requests()[before:]
        assert [f"{call.method} {call.path}" for call in calls] == [PHOTOS] * len(colours) + [FEED]
        assert {call.fields()["published"] for call in calls[:-1]} == {"false"}
    assert {media.mime for post in graph.published for media in post.media} == {"image/png"}


def test_a_link_stands_beside_the_words(bench: Bench, graph: Graph) -> None:
    """Facebook makes a card of the link from its own field."""
    send(bench, WORDS, link=PETITION)
    assert (graph.published[0].text, graph.published[0].link) == (WORDS, PETITION)


def test_the_payload_is_what_is_sent(bench: Bench, graph: Graph) -> None:
    """What the ledger keeps before the call is the call, field by field, without credentials."""
    payload = prepared(bench, WORDS, 1)
    assert TOKEN not in json.dumps(payload)
    publish(bench, payload)
    form = graph.requests(FEED)[0].form()
    assert form.pop("access_token") == TOKEN
    assert len(form.pop("appsecret_proof")) == 64
    assert form == payload["form"]


def test_uploads_are_used_for_as_long_as_they_live(bench: Bench, graph: Graph, clock: VirtualClock) -> None:
    """Facebook removes unused pictures after a day: before that they are used again, then uploaded anew."""
    steps = bench.steps()
    first = prepared(bench, WORDS, 1, 1, steps=steps)
    clock.advance(timedelta(hours=19))
    assert prepared(bench, WORDS, 1, 1, steps=steps) == first
    assert len(graph.requests(PHOTOS)) == 2
    clock.advance(timedelta(hours=2))
    publish(bench, prepared(bench, WORDS, 1, 1, steps=steps))
    assert len(graph.requests(PHOTOS)) == 4
    assert len(graph.published[0].media) == 2


def test_a_new_description_is_a_new_upload(bench: Bench, graph: Graph) -> None:
    """A description that was changed between two tries is the one that goes out."""
    steps = bench.steps()
    prepared(bench, WORDS, 1, steps=steps)
    message = bench.message(WORDS, media=(bench.picture(1, "A better description"),))
    publish(bench, bench.connect().prepare(message, message.parts[0], key="k", steps=steps))
    assert graph.published[0].media[0].alt == "A better description"


@pytest.mark.parametrize("answer", [{}, {"post_id": "1"}, {"id": None}])
def test_an_upload_without_a_number_is_tried_again(bench: Bench, graph: Graph, answer: dict[str, object]) -> None:
    """An answer to an upload that names no picture has published nothing."""
    answers(graph, PHOTOS, answer)
    with pytest.raises(NotSent):
        prepared(bench, WORDS, 1)


@pytest.mark.parametrize("answer", [{}, {"success": True}, {"id": ""}, {"id": None}])
def test_a_post_without_a_number_is_unknown(bench: Bench, graph: Graph, answer: dict[str, object]) -> None:
    """A 200 that does not say which post came out proves nothing."""
    answers(graph, FEED, answer)
    with pytest.raises(OutcomeUnknown):
        send(bench)


def test_the_version_of_the_interface_can_be_set(bench: Bench, graph: Graph) -> None:
    """Each call names its version: v25.0 unless a variable says otherwise; nonsense stops the account."""
    bench.connect(FB_GRAPH_VERSION="24.0").verify()
    assert graph.requests()[0].path == "/v24.0/me"
    for wrong in ("latest", "v25", "25.0/../me"):
        with pytest.raises(Unauthorised, match="FB_GRAPH_VERSION"):
            bench.connect(FB_GRAPH_VERSION=wrong).verify()


def test_what_facebook_can_do() -> None:
    """The limits that checking relies on; the count is in UTF-16 units, the stricter reading."""
    assert CAPABILITIES.measure("a\N{GRINNING FACE}") == 3
    assert (CAPABILITIES.text_limit, CAPABILITIES.max_images) == (63_206, 10)
    assert not CAPABILITIES.threads
    assert CAPABILITIES.comments
    assert not CAPABILITIES.repeat_safe


def test_verify_names_the_page(bench: Bench, graph: Graph) -> None:
    """One call tells which Page the key belongs to; the app's number and secret cost one more."""
    identity = bench.connect(**NO_APP).verify()
    assert (identity.id, identity.name, identity.url) == (PAGE, NAME, f"https://www.facebook.com/{PAGE}")
    assert (identity.can, identity.lacks, identity.expires_at) == ((), (), None)
    assert len(graph.requests()) == 1
    bench.connect().verify()
    assert len(graph.requests()) == 3


def test_verify_refuses_the_key_of_another_page(bench: Bench) -> None:
    """Posts never go to a Page that the settings do not name."""
    with pytest.raises(Unauthorised, match=f"belongs to {NAME}.*FB_PAGE_ID says 42"):
        bench.connect(FB_PAGE_ID="42").verify()


def test_verify_tells_when_the_access_ends(bench: Bench, graph: Graph) -> None:
    """The earlier of the two ends counts, and what can be done about it is said."""
    day = int(START.timestamp())
    identity = bench.connect().verify()
    assert (identity.expires_at, identity.note) == (None, None)
    assert identity.can[:2] == ("pages_manage_posts", "pages_read_engagement")
    graph.expires_at, graph.data_access_expires_at = day + 86_400 * 60, day + 86_400 * 90
    assert bench.connect().verify().expires_at == START + timedelta(days=60)
    graph.expires_at = 0
    identity = bench.connect().verify()
    assert identity.expires_at == START + timedelta(days=90)
    assert "opens the app" in str(identity.note)


def test_verify_tells_what_the_key_lacks(bench: Bench, graph: Graph) -> None:
    """A permission that was not given, or given for another Page only, is named."""
    graph.granular = [{"scope": "pages_manage_posts", "target_ids": ["42"]}]
    assert bench.connect().verify().lacks == ("pages_manage_posts",)
    graph.granular = [{"scope": "pages_manage_posts", "target_ids": [int(PAGE)]}]
    assert bench.connect().verify().lacks == ()
    graph.scopes = ["pages_show_list"]
    assert bench.connect().verify().lacks == ("pages_manage_posts", "pages_read_engagement")


def test_verify_tells_what_comments_would_need(bench: Bench, graph: Graph) -> None:
    """A key that can post and not comment is no reason to stop; whoever writes posts in parts has to know."""
    graph.scopes.remove("pages_manage_engagement")
    identity = bench.connect().verify()
    assert identity.lacks == ()
    assert "pages_manage_engagement" in str(identity.note)


def test_verify_warns_before_the_calls_run_out(bench: Bench, graph: Graph) -> None:
    """Meta tells with each answer how much of the allowed calls is used; near the end people are told."""
    assert bench.connect().verify().note is None
    graph.usage = {"X-Page-Usage": '{"call_count":85,"total_cputime":56,"total_time":60}'}
    assert "85 %" in str(bench.connect().verify().note)


def test_a_key_that_is_no_longer_valid_is_told(bench: Bench, graph: Graph) -> None:
    """Facebook's own verdict on the key counts, though it still answers who one is."""
    answers(graph, "GET *debug_token", {"data": {"is_valid": False}})
    with pytest.raises(Unauthorised, match="socrbot connect facebook"):
        bench.connect().verify()


@pytest.mark.parametrize("kind", [*SILENT, "broken-json", "html-200", "html-502", "503", "status"])
def test_a_question_whose_answer_is_lost_was_a_question(bench: Bench, graph: Graph, kind: str) -> None:
    """Asking can be repeated: it never makes anything unknown."""
    for call in ("GET *me", "GET *debug_token"):
        graph.fault(kind, match=call)
        with pytest.raises(NotSent):
            bench.sender(kind).verify()


def test_each_call_is_signed_where_the_app_has_a_secret(bench: Bench, graph: Graph) -> None:
    """Apps can demand a proof with each call: it is right with the secret, and its lack is told as such."""
    graph.wants_proof = True
    receipt = send(bench, WORDS, 1)
    page = bench.connect()
    page.verify()
    assert len(page.recent(START - timedelta(hours=1))) == 1
    page.delete(receipt)
    for wrong in (NO_APP, {"FB_APP_SECRET": "0" * 32}):
        with pytest.raises(Unauthorised, match="FB_APP_SECRET"):
            bench.connect(**wrong).publish(prepared(bench), key="k", reply_to=None)


def test_a_deletion_that_is_refused_or_lost_is_told(bench: Bench, graph: Graph) -> None:
    """Only a post that is gone already counts as deleted."""
    receipt = send(bench)
    answers(graph, "DELETE *", fault(100, "(#100) Invalid parameter"), status=400)
    with pytest.raises(Refused):
        bench.connect().delete(receipt)
    answers(graph, "DELETE *", {"success": False})
    with pytest.raises(OutcomeUnknown):
        bench.connect().delete(receipt)
    graph.fault("drop-after", match="DELETE *")
    with pytest.raises(OutcomeUnknown):
        bench.connect().delete(receipt)
    bench.connect().delete(receipt)
    assert graph.visible == []


def test_what_this_key_may_not_delete_is_not_gone(bench: Bench, graph: Graph) -> None:
    """Meta answers as for a post that is gone; but it can still be read, so nobody is told that it is deleted."""
    receipt = send(bench)
    graph.fault("status", match="DELETE *", status=400, body=fault(100, "Unsupported delete request", subcode=33))
    with pytest.raises(Refused):
        bench.connect().delete(receipt)
    assert len(graph.visible) == 1
    bench.connect().delete(receipt)
    graph.fault("status", match="GET *", status=500, body=fault(2, "Please retry"))
    with pytest.raises(OutcomeUnknown):
        bench.connect().delete(receipt)


@pytest.mark.parametrize(
    "address",
    [
        "https://www.facebook.com/ourcampaign/posts/pfbid02abc",
        "https://www.facebook.com/permalink.php?story_fbid=12&id=34",
    ],
)
def test_an_address_that_does_not_say_the_number_is_left_to_a_person(bench: Bench, graph: Graph, address: str) -> None:
    """Facebook shows people other addresses than ours. Nothing is asked, and nothing is said to be deleted."""
    with pytest.raises(Refused, match="look there yourself"):
        bench.connect().delete(Receipt(address, address))
    assert graph.requests("DELETE *") == []


def test_a_post_keeps_the_key_out_of_its_address(bench: Bench, graph: Graph) -> None:
    """What publishes carries the key in its body, where no proxy's log sees it."""
    send(bench, WORDS, 1)
    assert [request.query for request in graph.requests("POST *")] == [{}, {}]


def test_looking_at_the_limits_imports_no_library() -> None:
    """Checking posts needs Facebook's limits, and neither its library nor requests."""
    code = (
        "import sys, socrbot.networks.facebook, socrbot.networks.outbox\n"
        "print([m for m in ('facebook', 'requests', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_meta_knows_every_parameter_that_we_send(bench: Bench, graph: Graph) -> None:
    """Each field of each kind of post, and of reading back, stands in Meta's own list with that type."""
    vendor("meta/Page.json")
    send(bench, WORDS, 1, 2)
    send(bench, "A link", link=PETITION)
    bench.connect().recent(START - timedelta(days=1))
    sent = {name for request in graph.requests() for name in request.fields()}
    assert {"message", "link", "attached_media[1]", "published", "alt_text_custom", "limit", "fields"} <= sent
    assert graph.violations == []


def test_the_standin_notices_a_parameter_that_meta_does_not_know(clock: VirtualClock, tmp_path: Path) -> None:
    """The check above can fail: a misspelt name and a wrong type are noticed."""
    vendor("meta/Page.json")
    with Graph(now=clock.now) as other:
        wrong = {"page": PAGE, "form": {"message": "x", "mesage": "x", "published": "False"}}
        publish(facebook_bench(other, clock, tmp_path), wrong)
        assert len(other.violations) == 2


def test_the_standin_runs_by_itself(graph: Graph, clock: VirtualClock, tmp_path: Path) -> None:
    """As a program of its own it says where it listens and writes down what was published."""
    record = tmp_path / "published.jsonl"
    command = [sys.executable, "-m", "tests.standins.graph", "--record", str(record)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            base = process.stdout.readline().strip()
            receipt = send(facebook_bench(graph, clock, tmp_path, base=base), WORDS, 1)
        finally:
            process.terminate()
    (line,) = map(json.loads, record.read_text().splitlines())
    assert (line["id"], line["text"], len(line["media"])) == (receipt.id, WORDS, 1)
