"""LinkedIn: what is sent, by whom, and in how many calls. Who may, and what was lost, is in the files beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Part, Receipt, Rendition
from socrbot.networks.base import Network
from socrbot.networks.linkedin import CAPABILITIES
from socrbot.text import spans
from tests.networks.bench import Bench, MemorySteps
from tests.networks.benches.linkedin import COMMENTS, POSTS, body, send
from tests.standins.exchange import Reply, Request
from tests.standins.linkedin import LinkedIn
from tests.standins.linkedin_access import ORGANISATION, TOKEN, fault
from tests.standins.server import Standin, route
from tests.vendor import ROOT

NETWORK = "linkedin"
WORDS = "Their words (all of them) are theirs.\n\n#SaveOurChildrensRights"
PETITION = "https://example.org/petition?a_b=1"
ANNOUNCE, UPLOAD, ASK = "POST /rest/images", "PUT /dms-uploads/*", "GET /rest/images/*"


def calls(standin: Standin) -> list[str]:
    """The requests so far, with what stands for a URN shortened."""
    return [f"{request.method} {request.path.partition('/urn')[0]}" for request in standin.requests()]


def prepare(bench: Bench, *texts: str, number: int = 1, steps: MemorySteps | None = None, **more: Any) -> Any:
    """What one part would send."""
    message = bench.message(*texts, **more)
    part = message.parts[number - 1]
    return bench.connect().prepare(message, part, key="k", steps=steps or bench.steps())


def test_a_post_is_one_call(bench: Bench, standin: LinkedIn) -> None:
    """With every field that LinkedIn wants, the words as little text, and nothing asked before or after it."""
    (receipt,) = send(bench, WORDS)
    urn = standin.published[0].id
    assert receipt == Receipt(urn, f"https://www.linkedin.com/feed/update/{urn}/", {"root": urn})
    assert calls(standin) == [POSTS]
    assert body(bench) == {
        "author": ORGANISATION,
        "commentary": "Their words \\(all of them\\) are theirs.\n\n#SaveOurChildrensRights",
        "visibility": "PUBLIC",
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    assert standin.published[0].extra["hashtags"] == ["SaveOurChildrensRights"]


def test_the_payload_is_what_is_sent(bench: Bench) -> None:
    """What the ledger keeps before the call is the body of the call, without credentials."""
    payload = prepare(bench, WORDS, media=(bench.picture(1, "Alt"),))
    assert TOKEN not in json.dumps(payload)
    bench.connect().publish(payload, key="k", reply_to=None)
    assert body(bench) == payload


def test_pictures_are_announced_handed_over_and_awaited(bench: Bench, standin: LinkedIn) -> None:
    """One picture is `media`, several are `multiImage`; each is ready before the post, and has its description."""
    send(bench, "One.", colours=(1,))
    assert calls(standin) == [ANNOUNCE, "PUT /dms-uploads/C4E10AQ1/0", ASK[:-2], ASK[:-2], POSTS]
    assert body(bench)["content"] == {"media": {"id": "urn:li:image:C4E10AQ1", "altText": "Alt 1"}}
    send(bench, "Two.", colours=(2, 3))
    assert [list(item) for item in body(bench)["content"]["multiImage"]["images"]] == [["id", "altText"]] * 2  # type: ignore[index]
    assert [item.mime for post in standin.published for item in post.media] == ["image/png"] * 3


def test_a_picture_without_description_sends_none(bench: Bench) -> None:
    """An empty alt text is no alt text."""
    bench.send(bench.connect(), bench.message("One.", media=(bench.picture(1),)))
    assert list(body(bench)["content"]["media"]) == ["id"]  # type: ignore[index]


def test_the_same_picture_twice_is_two_pictures(bench: Bench, standin: LinkedIn) -> None:
    """A post may show one picture in two places."""
    picture = bench.picture(1, "Alt")
    bench.send(bench.connect(), bench.message("Twice.", media=(picture, picture)))
    assert len(standin.images) == 2


def test_a_picture_that_is_not_ready_yet_is_waited_for(bench: Bench, standin: LinkedIn, clock: VirtualClock) -> None:
    """A post that comes before its picture may stay invisible. The next try asks again, and uploads nothing again."""
    standin.busy, steps = 15, bench.steps()
    with pytest.raises(NotSent) as caught:
        prepare(bench, "Soon.", media=(bench.picture(1),), steps=steps)
    assert caught.value.retry_at is not None
    assert caught.value.retry_at > clock.now()
    payload = prepare(bench, "Soon.", media=(bench.picture(1),), steps=steps)
    bench.connect().publish(payload, key="k", reply_to=None)
    assert len(standin.requests(UPLOAD)) == 1
    assert len(standin.published) == 1


def test_a_picture_that_linkedin_cannot_read_is_told(bench: Bench, standin: LinkedIn) -> None:
    """Waiting would not help: a person has to take another one."""
    standin.fault("status", match=ASK, status=200, body={"status": "PROCESSING_FAILED"})
    with pytest.raises(Refused, match="picture"):
        prepare(bench, "Never.", media=(bench.picture(1),))


def test_who_may_not_ask_for_a_picture_waits_a_little(bench: Bench, standin: LinkedIn, clock: VirtualClock) -> None:
    """A missing right to look keeps no post back."""
    standin.scopes = ["w_organization_social"]
    before = clock.now()
    send(bench, "Three.", colours=(1, 2, 3))
    assert len(standin.requests(ASK)) == 1
    assert timedelta(0) < clock.now() - before < timedelta(seconds=10)


def test_uploads_are_used_for_as_long_as_they_live(bench: Bench, standin: LinkedIn, clock: VirtualClock) -> None:
    """An upload is used again within a day; later, or with another description, it is made anew."""
    steps = bench.steps()
    for alt, hours, uploads in (("Alt", 0, 1), ("Alt", 19, 1), ("Another", 0, 2), ("Alt", 2, 3)):
        clock.advance(timedelta(hours=hours))
        prepare(bench, "Soon.", media=(bench.picture(1, alt),), steps=steps)
        assert len(standin.requests(UPLOAD)) == uploads


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"image": "urn:li:image:1"},
        {"image": "urn:li:image:1", "uploadUrl": "https://evil.example/www.linkedin.com/"},
        {"image": "urn:li:image:1", "uploadUrl": "https://linkedin.com.example.org/x"},
        {"image": "urn:li:image:1", "uploadUrl": "http://www.linkedin.com/x"},
    ],
)
def test_access_goes_to_linkedin_alone(bench: Bench, standin: LinkedIn, value: dict[str, str]) -> None:
    """An address for an upload that is not LinkedIn's own gets neither the picture nor the access."""
    standin.fault("status", match=ANNOUNCE, status=200, body={"value": value})
    with pytest.raises(NotSent):
        prepare(bench, "Never.", media=(bench.picture(1),))
    assert standin.requests(UPLOAD) == []


class Page(Standin):
    """A page on the web, with a picture."""

    @route("GET", "/petition")
    def petition(self, request: Request) -> Reply:
        about = '<meta property="og:description" content="Sign it."><meta property="og:image" content="/card.png">'
        return Reply(200, f"<title>The petition</title>{about}".encode(), {"Content-Type": "text/html"})

    @route("GET", "/card.png")
    def card(self, request: Request) -> Reply:
        return Reply(200, b"\x89PNG picture", {"Content-Type": "image/png"})


def carded(bench: Bench) -> Network:
    """An adapter that looks at pages."""

    def small(data: bytes, most: int) -> Rendition:
        return Rendition(data, "image/png", 8, 8, "digest", "card.png")

    bench.options = {}
    return bench.build(replace(bench.equipment(), card_picture=small))


def test_a_link_gets_the_card_of_its_page(bench: Bench, standin: LinkedIn) -> None:
    """LinkedIn looks at no page itself: title, description and picture are sent along, and only once looked for."""
    network, steps = carded(bench), bench.steps()
    with Page() as page:
        message = bench.message(WORDS, link=f"{page.base}/petition")
        payload = network.prepare(message, message.parts[0], key="k", steps=steps)
    again = network.prepare(message, message.parts[0], key="k", steps=steps)
    assert again == payload
    network.publish(payload, key="k", reply_to=None)
    assert body(bench)["content"] == {
        "article": {
            "source": f"{page.base}/petition",
            "title": "The petition",
            "description": "Sign it.",
            "thumbnail": "urn:li:image:C4E10AQ1",
        }
    }
    assert standin.published[0].link == f"{page.base}/petition"
    assert len(standin.requests(UPLOAD)) == 1


def test_a_page_that_cannot_be_read_keeps_no_post_back(bench: Bench, standin: LinkedIn) -> None:
    """The card then has the address as its title."""
    network = carded(bench)
    with Page() as page:
        address = f"{page.base}/gone"
        bench.send(network, bench.message(WORDS, link=address))
    assert body(bench)["content"] == {"article": {"source": address, "title": address.removeprefix("http://")}}
    assert standin.published[0].link == address


def test_a_card_can_do_without_its_page(bench: Bench) -> None:
    """With `card: address` nobody looks at the page."""
    send(bench, WORDS, link=PETITION)
    assert body(bench)["content"] == {"article": {"source": PETITION, "title": "example.org"}}


def test_comments_are_plain_text_below_the_first_part(bench: Bench, standin: LinkedIn) -> None:
    """A backslash would be seen there; each comment stands below the post, and keeps its place for later."""
    first, second, third = send(bench, "One (of three).", "Two (of three) #a_b", "Three.")
    sent = [json.loads(request.body) for request in standin.requests(COMMENTS)]
    assert sent[0] == {"actor": ORGANISATION, "object": first.id, "message": {"text": "Two (of three) #a_b"}}
    assert {item["object"] for item in sent} == {first.id}
    assert second.extra == third.extra == {"root": first.id}
    assert second.id.startswith("urn:li:comment:(urn:li:activity:")
    assert second.url is not None
    assert second.url.startswith(
        f"https://www.linkedin.com/feed/update/{first.id}/?commentUrn=urn%3Ali%3Acomment%3A%28"
    )


def test_a_comment_that_is_too_long_is_told_before_anything_is_public(bench: Bench, standin: LinkedIn) -> None:
    """Found out after the first part it would leave half a post behind."""
    with pytest.raises(Refused, match=r"Part 3 would be a comment.*1,250"):
        prepare(bench, "One.", "Two.", "x" * 1_251)
    assert prepare(bench, "One.", "x" * 1_250, number=2)["message"] == {"text": "x" * 1_250}
    assert standin.published == []


def test_a_link_of_a_comment_stands_in_its_text(bench: Bench) -> None:
    """Comments have no cards, and no address may get lost."""
    message = bench.message("One.")
    parts = tuple(Part(2, text, spans(text), link=PETITION) for text in ("Sign.", f"Sign: {PETITION}"))
    said = [bench.connect().prepare(message, part, key="k", steps=bench.steps())["message"] for part in parts]
    assert said == [{"text": f"Sign.\n{PETITION}"}, {"text": f"Sign: {PETITION}"}]


def test_a_comment_alone_is_refused(bench: Bench, standin: LinkedIn) -> None:
    """Without the post that it belongs to it would have no place."""
    payload = prepare(bench, "One.", "Two.", number=2)
    with pytest.raises(Refused):
        bench.connect().publish(payload, key="k", reply_to=None)
    assert standin.published == []


@pytest.mark.parametrize("headers", [{}, {"x-restli-id": ""}, {"x-restli-id": "12"}])
def test_a_post_without_a_name_is_unknown(bench: Bench, standin: LinkedIn, headers: dict[str, str]) -> None:
    """A yes that does not say which post came out proves nothing."""
    standin.fault("status", match=POSTS, status=201, headers=headers)
    with pytest.raises(OutcomeUnknown):
        send(bench, WORDS)


@pytest.mark.parametrize(
    ("answer", "headers", "number"),
    [
        ({"commentUrn": "urn:li:comment:(urn:li:activity:7,9)", "id": "9"}, {}, "urn:li:comment:(urn:li:activity:7,9)"),
        ({"object": "urn:li:activity:7"}, {"x-restli-id": "9"}, "urn:li:comment:(urn:li:activity:7,9)"),
        ({}, {"x-restli-id": "urn:li:comment:(urn:li:activity:7,9)"}, "urn:li:comment:(urn:li:activity:7,9)"),
        ({}, {}, None),
    ],
)
def test_a_comment_is_named_in_one_of_three_ways(
    bench: Bench, standin: LinkedIn, answer: dict[str, str], headers: dict[str, str], number: str | None
) -> None:
    """By the answer's own URN, by a number in a header, or by a URN there; without any it is unknown."""
    payload = prepare(bench, "One.", "Two.", number=2)
    standin.fault("status", match=COMMENTS, status=201, body=answer, headers=headers)
    if number is None:
        with pytest.raises(OutcomeUnknown):
            bench.connect().publish(payload, key="k", reply_to=Receipt("urn:li:share:7"))
    else:
        assert bench.connect().publish(payload, key="k", reply_to=Receipt("urn:li:share:7")).id == number


def test_the_same_content_minutes_later_names_the_first(bench: Bench, standin: LinkedIn, clock: VirtualClock) -> None:
    """LinkedIn refuses it for ten minutes, and says which post it has: evidence after a lost answer."""
    payload = prepare(bench, WORDS)
    (first,) = send(bench, WORDS)
    clock.advance(timedelta(minutes=9))
    with pytest.raises(Refused) as caught:
        bench.connect().publish(payload, key="k", reply_to=None)
    assert (caught.value.duplicate, caught.value.original) == (True, first.id)
    clock.advance(timedelta(minutes=2))
    bench.connect().publish(payload, key="k", reply_to=None)
    assert len(standin.published) == 2


def test_a_deletion_that_is_refused_or_lost_is_told(bench: Bench, standin: LinkedIn) -> None:
    """Only a post that is gone already counts as deleted."""
    (receipt,) = send(bench, WORDS)
    for status, error in ((400, Refused), (403, Unauthorised), (500, OutcomeUnknown)):
        standin.fault("status", match="DELETE *", status=status, body=fault(status, "ILLEGAL_ARGUMENT", says="No"))
        with pytest.raises(error):
            bench.connect().delete(receipt)
    standin.fault("status", match="DELETE *", status=404, body=fault(404, "RESOURCE_NOT_FOUND", says="Gone"))
    bench.connect().delete(receipt)
    bench.connect().delete(receipt)
    assert standin.visible == []


def test_what_linkedin_can_carry() -> None:
    """The limits that checking relies on: a hundred characters short of LinkedIn's, in UTF-16 units."""
    assert (CAPABILITIES.text_limit, CAPABILITIES.measure("a\N{GRINNING FACE}")) == (2_900, 3)
    assert (CAPABILITIES.max_images, CAPABILITIES.alt_limit) == (20, 4_086)
    assert CAPABILITIES.settle * CAPABILITIES.looks < timedelta(minutes=10)


def test_looking_at_the_limits_imports_no_library() -> None:
    """Checking posts needs LinkedIn's limits, and neither requests nor a parser of pages."""
    code = "import sys, socrbot.networks.linkedin; print([m for m in ('requests', 'bs4', 'PIL') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
