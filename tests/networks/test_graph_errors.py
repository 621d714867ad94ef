"""The Graph API's errors: what each answer means for the caller."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.http import Answer
from socrbot.networks.wire.graph_errors import FACEBOOK, INSTAGRAM, THREADS, Names, judge, regain, used
from socrbot.redact import Redactor
from tests.standins.graph import DUPLICATE

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
LIMIT_4 = {"message": "(#4) Application request limit reached", "is_transient": True, "code": 4}
LIMIT_32 = {"message": "(#32) Page request limit reached", "type": "OAuthException", "code": 32, "fbtrace_id": "A"}
BLOCKED = {"message": "The action attempted has been deemed abusive", "code": 368, "error_subcode": 1346003}
ALREADY = {"message": "You've already posted this", "type": "OAuthException", "code": 368}
FAULT_2 = {"message": "An unexpected error has occurred. Please retry your request later.", "code": 2}
BAD_PROOF = {"message": "Invalid appsecret_proof provided in the API argument", "code": 100}


def error(code: int, **more: Any) -> dict[str, Any]:
    return {"message": f"(#{code}) said so", "type": "OAuthException", "code": code, "fbtrace_id": "A", **more}


def verdict(status: int, body: Any, *, names: Names = FACEBOOK, **headers: str) -> NetworkError | None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(Answer(status, named, data), now=NOON, redact=Redactor(["planted-secret"]), names=names)


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
        (400, BAD_PROOF, Unauthorised),
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
        (400, error(300), Refused),
        (400, error(1609005), Refused),
        (400, error(506), Refused),
        (400, DUPLICATE, Refused),
        (400, ALREADY, Refused),
        (200, error(100), Refused),
    ],
)
def test_each_code_has_its_meaning(status: int, body: dict[str, Any], expected: type[NetworkError]) -> None:
    """Meta's table of errors; its code and its words for people are kept."""
    found = verdict(status, {"error": body})
    assert found is not None
    assert type(found) is expected
    assert found.status == status
    names = [str(body[name]) for name in ("code", "error_subcode") if name in body]
    assert found.code == ("/".join(names) or None)
    assert str(body.get("error_user_msg") or body["message"]) in str(found)
    if isinstance(found, Refused):
        assert found.duplicate == (body in (DUPLICATE, ALREADY) or body["code"] == 506)
    if isinstance(found, NotSent):
        assert (found.whole_account, found.retry_at) == (True, NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"<html>Welcome</html>", OutcomeUnknown),
        (200, b'{"id": "1', OutcomeUnknown),
        (200, [], OutcomeUnknown),
        (200, True, OutcomeUnknown),
        (302, b"", OutcomeUnknown),
        (500, {"id": "1_2"}, OutcomeUnknown),
        (502, b"<html>Bad gateway</html>", OutcomeUnknown),
        (408, b"", OutcomeUnknown),
        (403, b"<html>Forbidden</html>", NotSent),
        (404, {}, NotSent),
        (429, b"", NotSent),
    ],
)
def test_an_answer_without_an_error_is_no_success(status: int, body: Any, expected: type[NetworkError]) -> None:
    """Pages for people, half answers and faults that name no error are never taken for a result."""
    assert type(verdict(status, body)) is expected


@pytest.mark.parametrize(
    ("subcode", "says"), [(460, "the password was changed"), (463, "it has run out"), (492, "no role on the Page")]
)
def test_a_dead_key_is_explained(subcode: int, says: str) -> None:
    """Why the key ended, and what to do, stands in the message."""
    text = str(verdict(400, {"error": error(190, error_subcode=subcode)}))
    assert says in text
    assert "socrbot connect facebook" in text


def test_a_limit_names_the_wait() -> None:
    """Meta's header says in how many minutes calls are taken again; the longest of its counts is believed."""
    case = {"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}
    usage = json.dumps({"7": [case, {**case, "estimated_time_to_regain_access": 7}], "1": "rubbish"})
    for status, body in ((403, {"error": LIMIT_4}), (429, b"<html>Too many</html>")):
        found = verdict(status, body, X_Business_Use_Case_Usage=usage)
        assert isinstance(found, NotSent)
        assert (found.retry_at, found.whole_account) == (NOON + timedelta(minutes=19), True)
    daily = verdict(400, {"error": error(9, error_subcode=2207042)})
    assert isinstance(daily, NotSent)
    assert daily.retry_at == NOON + timedelta(days=1)


def test_usage_is_read_from_any_header() -> None:
    """The fullest count wins; headers that can't be read count as silence."""
    assert used({"X-App-Usage": '{"call_count":28,"total_time":25,"total_cputime":85}'}) == 85
    assert used({"X-Page-Usage": '{"call_count":99}', "X-App-Usage": "rubbish"}) == 99
    assert used({"X-Business-Use-Case-Usage": '{"1":[{"call_count":40}]}'}) == 40
    assert used({}) == used({"X-App-Usage": "[1]"}) == 0
    assert regain({"X-Business-Use-Case-Usage": '{"1":[{"estimated_time_to_regain_access":0}]}'}) is None


def test_what_meta_repeats_of_us_is_masked() -> None:
    """A secret in Meta's own words is taken out before the words are cut."""
    body = {"error": error(100, message="x" * 290 + " planted-secret access_token=EAAGabcdef")}
    text = str(verdict(400, body))
    assert "planted" not in text
    assert "EAAG" not in text


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, error(9007, error_subcode=2207027), NotSent),
        (400, error(9004, error_subcode=2207052), NotSent),
        (400, error(24, error_subcode=2207008), NotSent),
        (400, error(24, error_subcode=2207006), NotSent),
        (400, error(-2, error_subcode=2207003), NotSent),
        (400, error(-2, error_subcode=2207020), NotSent),
        (400, error(-1, error_subcode=2207001), OutcomeUnknown),
        (400, error(-1, error_subcode=2207032), OutcomeUnknown),
        (403, error(4, error_subcode=2207051), Unauthorised),
        (400, error(25, error_subcode=2207050), Unauthorised),
        (400, error(36003, error_subcode=2207009), Refused),
        (400, error(36004, error_subcode=2207010), Refused),
        (400, error(352, error_subcode=2207026), Refused),
        (400, error(100, error_subcode=2207028), Refused),
    ],
)
def test_instagrams_subcodes_have_their_meaning(
    status: int, body: dict[str, Any], expected: type[NetworkError]
) -> None:
    """What is not ready or has to be made anew comes again in a minute, for this post alone."""
    found = verdict(status, {"error": body}, names=INSTAGRAM)
    assert type(found) is expected
    assert str(body["message"]) in str(found)
    if isinstance(found, NotSent):
        assert (found.retry_at, found.whole_account) == (NOON + timedelta(minutes=1), False)


@pytest.mark.parametrize("names", [FACEBOOK, INSTAGRAM, THREADS])
def test_each_network_is_called_by_its_name(names: Names) -> None:
    """No text about one of Meta's networks speaks of another, or of a Page where there is none."""
    bodies = [error(190, error_subcode=492), error(4), error(2), error(10), error(368), error(506), error(100)]
    bodies += [error(1, error_subcode=subcode) for subcode in (2207051, 2207050, 2207027, 2207052, 2207006)]
    texts = [str(verdict(400, {"error": body}, names=names)) for body in [*bodies, BAD_PROOF]]
    texts += [str(verdict(status, b"<html>", names=names)) for status in (200, 403, 429, 502)]
    others = {"Facebook", "Instagram", "Threads", "FB_", "IG_", "THREADS_"} - {names.network, f"{names.prefix}_"}
    for text in texts:
        assert names.network in text or names.thing in text
        assert not [other for other in others if other in text]
        assert names.thing == "Page" or "Page" not in text
    assert names.command in texts[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 700) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["error", "code", "error_subcode", "message", "is_transient", "id"]), inner)
    ),
    max_leaves=6,
)


@given(status=st.integers(200, 599), body=JSON, usage=st.text(max_size=9) | JSON.map(json.dumps))
def test_every_answer_is_understood(status: int, body: Any, usage: str) -> None:
    """Whatever comes back is success or one of four errors; success is a 2xx object without an error, nothing else."""
    found = verdict(status, body, X_Business_Use_Case_Usage=usage, X_App_Usage=usage)
    good = 200 <= status < 300 and isinstance(body, dict) and not body.get("error")
    assert (found is None) == good
    assert found is None or type(found) in (NotSent, Refused, Unauthorised, OutcomeUnknown)
