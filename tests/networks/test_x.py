"""X: the cases of every network, X's own refusals and limits, and its pictures, against a stand-in of X."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from tests.networks.bench import START, Bench
from tests.networks.benches.x import POST, error_of, publish
from tests.standins.server import Reply, Request
from tests.standins.x import KEYS, Window, document
from tests.standins.x import X as Standin
from tests.vendor import vendor

NETWORK = "x"


def test_the_document_watches() -> None:
    """The stand-in holds requests and answers to X's own description; it refuses what that refuses."""
    vendor("x/openapi-2.167.json")
    watcher = document()
    assert watcher is not None

    def faults(body: Any, answer: Any) -> list[str]:
        headers = {"content-type": "application/json"}
        request = Request(1, START, 0.0, "POST", "/2/tweets", {}, headers, json.dumps(body).encode())
        return watcher.faults(request, Reply(201, answer))

    good = {"data": {"id": "12", "text": "x"}}
    assert faults({"text": "x", "media": {"media_ids": ["1"]}}, good) == []
    assert len(faults({"text": "x", "media": {"media_ids": [1]}}, good)) == 1
    assert len(faults({"text": "x", "media": {"media_ids": ["1", "2", "3", "4", "5"]}}, good)) == 1
    assert len(faults({"text": "x", "colour": "blue"}, good)) == 1
    assert len(faults({"text": "x"}, {"data": {"id": 12, "text": "x"}})) == 1
    query = {"max_results": "3", "tweet.fields": "text"}
    listing = Request(1, START, 0.0, "GET", "/2/users/1/tweets", query, {}, b"")
    assert len(watcher.faults(listing, Reply(200, {"meta": {"result_count": 0}}))) == 2


def test_what_is_recorded_before_is_what_goes_out(bench: Bench, standin: Standin) -> None:
    """The payload is the very JSON of the request; an answer adds only what it answers."""
    network = bench.connect()
    message = bench.message("First.", "Second.", media=(bench.picture(1, "A picture"),))
    payloads = [network.prepare(message, part, key="k", steps=bench.steps()) for part in message.parts]
    first = network.publish(payloads[0], key="k", reply_to=None)
    network.publish(payloads[1], key="l", reply_to=first)
    sent = [request.json() for request in standin.requests(POST)]
    assert sent == [payloads[0], {**payloads[1], "reply": {"in_reply_to_tweet_id": first.id}}]


def test_publishing_is_one_request(bench: Bench, standin: Standin) -> None:
    """Nothing is asked before or after: what could fail there could hide the answer."""
    network = bench.connect()
    message = bench.message("Alone.")
    payload = network.prepare(message, message.parts[0], key="k", steps=bench.steps())
    receipt = network.publish(payload, key="k", reply_to=None)
    assert [request.method for request in standin.requests()] == ["POST"]
    assert receipt.url == f"https://x.com/i/web/status/{receipt.id}"


def test_the_account_is_asked_for_once(bench: Bench, standin: Standin) -> None:
    """Asking whose keys these are costs money: the answer is kept, until the keys change."""
    bench.connect().recent(START)
    bench.connect().recent(START)
    assert len(standin.requests("GET /2/users/me")) == 1
    assert publish(bench).url == f"https://x.com/campaign/status/{standin.published[0].id}"
    standin.keys["X_ACCESS_TOKEN"] = "1600000000000000001-another"
    bench.connect(X_ACCESS_TOKEN="1600000000000000001-another").recent(START)
    assert len(standin.requests("GET /2/users/me")) == 2


@pytest.mark.parametrize("kept", [b"", b"{}", b"[1]", b"not json", b"\xff"])
def test_a_spoilt_note_of_the_account_is_made_anew(bench: Bench, kept: bytes) -> None:
    """A broken file in the account's folder stops nothing."""
    (bench.folder / "x-account.json").write_bytes(kept)
    assert bench.connect().recent(START) == []
    assert publish(bench).url.startswith("https://x.com/campaign/")


def test_keys_that_may_only_read_are_noticed(bench: Bench, standin: Standin) -> None:
    """An access token that was made before the app got its right to write cannot post; verify says so."""
    standin.access = "read"
    identity = bench.connect().verify()
    assert identity.can == ("read",)
    assert "Read and write" in identity.lacks[0]


@pytest.mark.parametrize("name", KEYS)
def test_every_key_is_needed(bench: Bench, name: str) -> None:
    """With one wrong key X knows nobody."""
    with pytest.raises(Unauthorised):
        bench.connect(**{name: "wrong"}).verify()


REFUSALS: list[tuple[int, Any, type[NetworkError], str]] = [
    (
        400,
        {"type": "https://api.x.com/2/problems/invalid-request", "title": "Invalid Request", "detail": "Too long"},
        Refused,
        "invalid-request",
    ),
    (401, {"type": "about:blank", "title": "Unauthorized", "detail": "Unauthorized"}, Unauthorised, "http-401"),
    (401, {"errors": [{"code": 89, "message": "Invalid or expired token."}]}, Unauthorised, "89"),
    (401, b"<html>", Unauthorised, "http-401"),
    (402, {"title": "CreditsDepleted", "detail": "Your account has no credits."}, Unauthorised, "http-402"),
    (
        403,
        {
            "type": "about:blank",
            "title": "Forbidden",
            "detail": "You are not allowed to create a Tweet with duplicate content.",
        },
        Refused,
        "duplicate",
    ),
    (403, {"errors": [{"code": 187, "message": "Status is a duplicate."}]}, Refused, "duplicate"),
    (
        403,
        {"detail": "because you have not been mentioned or otherwise engaged by the author"},
        Refused,
        "reply-not-allowed",
    ),
    (
        403,
        {"detail": "You can only reply to or quote posts where you are mentioned or are the author"},
        Refused,
        "reply-not-allowed",
    ),
    (
        403,
        {"type": "https://api.x.com/2/problems/client-forbidden", "title": "Client Forbidden"},
        Unauthorised,
        "client-forbidden",
    ),
    (
        403,
        {
            "title": "Forbidden",
            "detail": "Your client app is not configured with the appropriate oauth1 app permissions",
        },
        Unauthorised,
        "http-403",
    ),
    (
        403,
        {"errors": [{"code": 326, "message": "To protect our users, this account is temporarily locked."}]},
        Unauthorised,
        "326",
    ),
    (403, {"errors": [{"code": 186, "message": "Tweet needs to be a bit shorter."}]}, Refused, "186"),
    (403, b"<html>a firewall</html>", NotSent, "http-403"),
    (
        404,
        {"type": "https://api.x.com/2/problems/resource-not-found", "title": "Not Found", "detail": "gone"},
        Refused,
        "resource-not-found",
    ),
    (413, {"title": "Payload Too Large"}, Refused, "http-413"),
    (408, {"title": "Timeout"}, OutcomeUnknown, "http-408"),
    (418, [{"list": "not an object"}], NotSent, "http-418"),
    (302, None, OutcomeUnknown, "http-302"),
    (500, {"errors": [{"code": 131, "message": "Internal error"}]}, OutcomeUnknown, "131"),
    (503, {"title": "Service Unavailable"}, OutcomeUnknown, "http-503"),
    (504, b"<html>", OutcomeUnknown, "http-504"),
]


@pytest.mark.parametrize(("status", "body", "meaning", "code"), REFUSALS)
def test_what_each_refusal_means(
    bench: Bench, standin: Standin, status: int, body: Any, meaning: type[NetworkError], code: str
) -> None:
    """Status, type, codes and wording of X decide together what the caller does next."""
    standin.fault("status", match=POST, status=status, body=body)
    error = error_of(bench)
    assert type(error) is meaning
    assert (error.status, error.code) == (status, code)
    assert not isinstance(error, Refused) or error.duplicate == (code == "duplicate")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_breakdown_while_uploading_is_tried_again(bench: Bench, standin: Standin, status: int) -> None:
    """The same breakdown that leaves a post in doubt means for a picture only: not sent."""
    for match in ("POST /2/media/upload", "POST /2/media/metadata"):
        standin.fault("status", match=match, status=status, body={})
        assert isinstance(error_of(bench, media=(bench.picture(1, "A picture"),)), NotSent)
    assert standin.published == []


HOUR, DAY = START + timedelta(hours=1), START + timedelta(hours=20)
LIMITS: list[tuple[dict[str, Window], datetime | None]] = [
    ({"x-rate-limit": Window(100, 0, HOUR)}, HOUR),
    ({"x-rate-limit": Window(100, 40, HOUR), "x-user-limit-24hour": Window(100, 0, DAY)}, DAY),
    ({"x-rate-limit": Window(100, 0, HOUR), "x-app-limit-24hour": Window(100, 3, DAY)}, HOUR),
    ({"x-rate-limit": Window(100, 0, HOUR), "x-app-limit-24hour": Window(100, 0, DAY)}, DAY),
    ({"x-rate-limit": Window(100, 7, HOUR)}, None),
]


@pytest.mark.parametrize(("windows", "listens_at"), LIMITS)
def test_the_latest_of_the_used_up_limits_counts(
    bench: Bench, standin: Standin, windows: dict[str, Window], listens_at: datetime | None
) -> None:
    """X has limits for a quarter of an hour and for a day; each has headers of its own."""
    headers = {name: value for window in windows for name, value in windows[window].headers(window).items()}
    standin.fault("status", match=POST, status=429, headers=headers, body={"title": "Too Many Requests"})
    error = error_of(bench)
    assert isinstance(error, NotSent)
    assert error.retry_at == listens_at
    assert error.whole_account


@pytest.mark.parametrize("reset", ["", "soon", "nan", "99999999999999999999"])
def test_a_limit_with_a_senseless_end_is_still_a_limit(bench: Bench, standin: Standin, reset: str) -> None:
    """tweepy itself fails on such a header; we do not."""
    standin.fault("status", match=POST, status=429, headers={"x-rate-limit-reset": reset}, body={})
    error = error_of(bench)
    assert isinstance(error, NotSent)
    assert error.retry_at is None


def test_the_end_of_the_month_s_posts_is_said(bench: Bench, standin: Standin) -> None:
    """A used-up monthly cap is a limit too, with a name of its own."""
    body = {"type": "https://api.x.com/2/problems/usage-capped", "title": "UsageCapExceeded", "detail": "Monthly"}
    standin.fault("status", match=POST, status=429, body=body)
    error = error_of(bench)
    assert isinstance(error, NotSent)
    assert error.code == "usage-capped"


def test_a_limit_ends(bench: Bench, standin: Standin, clock: VirtualClock) -> None:
    """After its reset the same post goes out."""
    standin.windows["x-user-limit-24hour"] = Window(1, 1, DAY)
    publish(bench, "The only one.")
    error = error_of(bench, "One too many.")
    assert isinstance(error, NotSent)
    assert error.retry_at == DAY
    clock.advance_to(DAY)
    publish(bench, "One too many.")
    assert len(standin.published) == 2


def test_x_knows_its_own_texts(bench: Bench, standin: Standin) -> None:
    """The second of two equal posts is refused, and the refusal says that it is there already."""
    publish(bench, "Said once.")
    error = error_of(bench, "Said once.")
    assert isinstance(error, Refused)
    assert error.duplicate
    assert len(standin.published) == 1


def test_a_thread_stops_where_answers_are_not_allowed(bench: Bench, standin: Standin) -> None:
    """The first part is out and stays known; the second is refused for a reason that names itself."""
    standin.replies = False
    with pytest.raises(Refused) as caught:
        bench.send(bench.connect(), bench.message("One.", "Two."))
    assert caught.value.code == "reply-not-allowed"
    assert [post.text for post in standin.visible] == ["One."]


def test_an_answer_to_a_post_that_is_gone_is_refused(bench: Bench, standin: Standin) -> None:
    """Somebody deleted the first part meanwhile."""
    network = bench.connect()
    (first,) = bench.send(network, bench.message("One."))
    network.delete(first)
    with pytest.raises(Refused) as caught:
        network.publish({"text": "Two."}, key="k", reply_to=first)
    assert caught.value.status == 404


def test_pictures_are_uploaded_anew_before_they_run_out(bench: Bench, standin: Standin, clock: VirtualClock) -> None:
    """X keeps an upload for a day; in its last minutes it is no longer used."""
    network, steps, message = bench.connect(), bench.steps(), bench.message("Later.", media=(bench.picture(1, "Alt"),))
    first = network.prepare(message, message.parts[0], key="k", steps=steps)
    clock.advance(timedelta(hours=23, minutes=45))
    assert network.prepare(message, message.parts[0], key="k", steps=steps) == first
    clock.advance(timedelta(minutes=10))
    second = network.prepare(message, message.parts[0], key="k", steps=steps)
    assert second != first
    network.publish(second, key="k", reply_to=None)
    assert standin.published[0].media[0].alt == "Alt"


@pytest.mark.parametrize("when", ["before-alt", "before-post"])
def test_pictures_that_x_has_lost_are_uploaded_again(bench: Bench, standin: Standin, when: str) -> None:
    """Nothing went out; the kept number is forgotten, so that the next try uploads."""
    network, steps, message = bench.connect(), bench.steps(), bench.message("Lost.", media=(bench.picture(1, "Alt"),))
    if when == "before-alt":
        standin.fault("503", match="POST /2/media/metadata")
        with pytest.raises(NotSent):
            network.prepare(message, message.parts[0], key="k", steps=steps)
        standin.expire_uploads()
        with pytest.raises(NotSent):
            network.prepare(message, message.parts[0], key="k", steps=steps)
    else:
        payload = network.prepare(message, message.parts[0], key="k", steps=steps)
        standin.expire_uploads()
        with pytest.raises(NotSent):
            network.publish(payload, key="k", reply_to=None)
    payload = network.prepare(message, message.parts[0], key="k", steps=steps)
    network.publish(payload, key="k", reply_to=None)
    assert [item.alt for item in standin.published[0].media] == ["Alt"]


def test_the_same_picture_with_another_alt_text_is_another_upload(bench: Bench, standin: Standin) -> None:
    """X ties the alt text to the upload: the same file in two parts may have two descriptions."""
    picture, steps, network = bench.picture(1, "One"), bench.steps(), bench.connect()
    message = bench.message("Twice.", media=(picture, replace(picture, alt="Two")))
    network.publish(network.prepare(message, message.parts[0], key="k", steps=steps), key="k", reply_to=None)
    assert [item.alt for item in standin.published[0].media] == ["One", "Two"]


def test_a_picture_that_is_none_is_refused(bench: Bench, standin: Standin) -> None:
    """X looks into the file."""
    picture = bench.picture(1, "Alt")
    bench.pictures[picture.digest] = b"no picture at all"
    assert isinstance(error_of(bench, media=(picture,)), Refused)


@pytest.mark.parametrize("life", [10**15, 86_400, 0, -5, True, "soon", None])
def test_any_life_of_an_upload_will_do(bench: Bench, standin: Standin, life: Any) -> None:
    """Where X names no sensible end of an upload, the upload is still used, and never believed for ever."""
    body = {"data": {"id": "5", "expires_after_secs": life}}
    standin.fault("status", match="POST /2/media/upload", status=200, body=body)
    message, steps = bench.message("Some words.", media=(bench.picture(1),)), bench.steps()
    payload = bench.connect().prepare(message, message.parts[0], key="k", steps=steps)
    assert payload == {"text": "Some words.", "media": {"media_ids": ["5"]}}
    bench.clock.advance(timedelta(days=31))
    assert [steps.get(name) for name in steps.kept] == [None]
