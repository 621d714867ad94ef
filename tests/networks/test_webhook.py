"""A webhook: what is sent, signed how, and what the other end's answers mean."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from socrbot import networks
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Absent, CannotTell, Found, Receipt
from tests.networks.bench import Bench
from tests.standins.server import refused
from tests.standins.webhook import PATH, SECRET, Webhook

NETWORK = "webhook"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "networks" / "webhook.md"


def publish(bench: Bench, text: str = "Some words.", **more: Any) -> Receipt:
    return bench.send(bench.connect(), bench.message(text, **more))[0]


def error_of(bench: Bench) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        publish(bench)
    return caught.value


def test_a_post_says_all_that_the_page_promises(bench: Bench, standin: Webhook) -> None:
    """Field by field, with the picture's bytes and description, and nothing that the page does not name."""
    picture = bench.picture(1, "A girl’s drawing")
    publish(bench, "Look.", media=(picture,), link="https://example.org/petition")
    (request,) = standin.requests()
    post = request.json()
    (sent,) = post["media"]
    assert base64.b64decode(sent.pop("data")) == bench.pictures[picture.digest]
    assert sent.pop("name").endswith(".png")
    assert sent == {"type": "image/png", "alt": "A girl’s drawing", "width": 16, "height": 9}
    assert (post["text"], post["link"], post["reply_to"]) == ("Look.", "https://example.org/petition", None)
    assert (post["post"], post["account"], post["part"], post["parts"]) == ("post", "account", 1, 1)
    assert datetime.fromisoformat(post["created_at"]) == bench.clock.now()
    assert post["key"] == request.headers["idempotency-key"]
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in [*post, *sent, "name", "data"] if f"`{name}`" not in page] == []


def test_each_request_is_signed_as_the_page_says(bench: Bench, standin: Webhook) -> None:
    """Time, method, query and body, so that no request can be changed, kept for later, or turned into another."""
    bench.options = {"look_up": "by-key"}
    network = bench.connect()
    network.find(bench.intent(network, bench.message("Where is it?")))
    network.delete(publish(bench))
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert code
    documented: dict[str, Any] = {}
    exec(code[1], documented)
    for request in standin.requests():
        stamp = request.headers["socrbot-timestamp"]
        query = "".join(
            f"{name}={value.replace('@', '%40').replace('/', '%2F')}" for name, value in request.query.items()
        )
        signed = ".".join([stamp, request.method, query, request.body.decode()]).encode()
        wanted = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert request.headers["socrbot-signature"] == f"sha256={wanted}"
        headers = {"Socrbot-Timestamp": stamp, "Socrbot-Signature": f"sha256={wanted}"}
        is_genuine, now = documented["is_genuine"], bench.clock.now().timestamp()
        assert is_genuine(SECRET, headers, request.method, query, request.body, now)
        assert not is_genuine(SECRET, headers, request.method, query, request.body, now + 301)
        assert not is_genuine(SECRET, headers, request.method, f"{query}1", request.body, now)
    assert [request.method for request in standin.requests()] == ["GET", "POST", "DELETE"]


def test_a_wrong_secret_is_noticed_before_the_first_post(bench: Bench, standin: Webhook) -> None:
    """By `doctor` and `connect`."""
    with pytest.raises(Unauthorised):
        bench.connect(WEBHOOK_SECRET="another-long-random-text").verify()


@pytest.mark.parametrize(("asked", "name"), [({"name": "Our website"}, "Our website"), ({}, "127.0.0.1")])
def test_the_other_end_says_who_it_is(bench: Bench, standin: Webhook, asked: dict[str, str], name: str) -> None:
    """Else its host has to do."""
    standin.asked = asked
    assert bench.connect().verify().name == name


def test_an_other_end_without_that_question_is_taken_by_its_host(bench: Bench, standin: Webhook) -> None:
    """Nothing can be said of it, so doctor says just that."""
    standin.asked = None
    identity = bench.connect().verify()
    assert (identity.name, identity.lacks) == ("127.0.0.1", ())
    assert identity.note


def test_an_address_that_nobody_answers_is_no_post_office(bench: Bench) -> None:
    """A mistyped address stops the account instead of losing posts."""
    address = bench.env["WEBHOOK_URL"].replace(PATH, "/nowhere")
    with pytest.raises(Unauthorised):
        bench.connect(WEBHOOK_URL=address).verify()


def test_the_same_key_comes_out_once(bench: Bench, standin: Webhook) -> None:
    """A second try of the same part has the same key, and the other end knows it again."""
    network, message = bench.connect(), bench.message("Once.")
    first, second = bench.send(network, message), bench.send(network, message)
    assert first == second
    assert len(standin.published) == 1


def test_an_answer_without_a_name_is_an_answer(bench: Bench, standin: Webhook) -> None:
    """Then the post is known by our key, and can be answered and deleted by it."""
    standin.names = False
    first, second = bench.send(bench.connect(), bench.message("One.", "Two."))
    assert first.url is None
    assert standin.published[1].reply_to == first.id == standin.published[0].extra["key"]
    bench.connect().delete(second)
    assert [post.text for post in standin.visible] == ["One."]


def test_a_lost_answer_is_looked_up_where_the_other_end_can(bench: Bench, standin: Webhook) -> None:
    """By the key: known, or not known; without the option a person has to look."""
    network, message = bench.connect(), bench.message("Was it sent?")
    intent = bench.intent(network, message)
    assert isinstance(network.find(intent), CannotTell)
    bench.options = {"look_up": "by-key"}
    network = bench.connect()
    assert isinstance(network.find(intent), Absent)
    standin.fault("drop-after", match=bench.publishing)
    with pytest.raises(OutcomeUnknown):
        network.publish(intent.payload, key=intent.key, reply_to=None)
    found = network.find(intent)
    assert isinstance(found, Found)
    assert found.receipt.id == standin.published[0].id


@pytest.mark.parametrize("body", [{}, {"known": "yes"}, {"known": None}, [], b"<html>Welcome</html>"])
@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_look_that_says_nothing_proves_nothing(bench: Bench, standin: Webhook, status: int, body: Any) -> None:
    """Above all not that the post is absent."""
    bench.options = {"look_up": "by-key"}
    network = bench.connect()
    intent = bench.intent(network, bench.message("Where is it?"))
    standin.fault("status", match=bench.reading, status=status, body=body)
    assert isinstance(network.find(intent), CannotTell)


def test_an_other_end_that_cannot_be_reached_proves_nothing(bench: Bench) -> None:
    """It may have the post all the same."""
    bench.options = {"look_up": "by-key"}
    with refused() as nowhere:
        network = bench.connect(WEBHOOK_URL=nowhere)
        assert isinstance(network.find(bench.intent(network, bench.message("Where is it?"))), CannotTell)


def test_an_other_end_that_deletes_nothing_leaves_it_to_a_person(bench: Bench, standin: Webhook) -> None:
    """With the post's address; “not found” is no proof that it is gone."""
    receipt = publish(bench)
    standin.deletes = False
    with pytest.raises(Refused, match=str(receipt.url)):
        bench.connect().delete(receipt)
    standin.fault("status", status=404)
    with pytest.raises(Refused):
        bench.connect().delete(receipt)
    standin.fault("status", status=410)
    bench.connect().delete(receipt)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, OutcomeUnknown),
        (400, Refused),
        (401, Unauthorised),
        (404, Unauthorised),
        (408, OutcomeUnknown),
        (409, OutcomeUnknown),
        (410, Unauthorised),
        (413, Refused),
        (422, Refused),
        (425, OutcomeUnknown),
        (500, OutcomeUnknown),
        (503, OutcomeUnknown),
    ],
)
def test_errors_are_told_by_what_to_do_next(
    bench: Bench, standin: Webhook, status: int, error: type[NetworkError]
) -> None:
    """With the other end's own reason."""
    standin.fault("status", match=bench.publishing, status=status, body={"error": "Because."})
    found = error_of(bench)
    assert type(found) is error
    assert error is OutcomeUnknown or "Because" in str(found)


@pytest.mark.parametrize("wait", ["", "soon", "9" * 30])
def test_a_rate_limit_without_a_sensible_time_waits_as_usual(bench: Bench, standin: Webhook, wait: str) -> None:
    """No time is made up."""
    standin.fault("status", match=bench.publishing, status=429, headers={"Retry-After": wait})
    found = error_of(bench)
    assert isinstance(found, NotSent)
    assert (found.retry_at, found.whole_account) == (None, True)


def test_an_address_may_have_a_query_of_its_own(bench: Bench, standin: Webhook) -> None:
    """It stays, is signed, and what the bot asks comes behind it."""
    receipt = publish(bench)
    own = bench.connect(WEBHOOK_URL=f"{bench.env['WEBHOOK_URL']}?campaign=1")
    own.verify()
    own.delete(receipt)
    assert standin.requests()[-1].query == {"campaign": "1", "id": receipt.id}
    assert standin.visible == []


def test_the_payload_holds_no_pictures_and_no_secret(bench: Bench) -> None:
    """What the ledger keeps is small, and says what is sent."""
    message = bench.message("Look.", media=(bench.picture(1, "Alt"),))
    payload = json.dumps(bench.connect().prepare(message, message.parts[0], key="k", steps=bench.steps()))
    assert len(payload) < 1_000
    assert SECRET not in payload
    assert PATH not in payload


def test_a_new_network_is_one_file_one_line_and_one_page() -> None:
    """The webhook is the smallest: nothing else in the program knows its name."""
    source = Path(networks.__file__).resolve().parents[1]
    naming = {path.name for path in source.rglob("*.py") if '"webhook"' in path.read_text(encoding="utf-8")}
    assert naming == {"__init__.py", "webhook.py"}
