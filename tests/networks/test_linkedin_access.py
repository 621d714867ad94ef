"""LinkedIn: who may post, until when, by which version of the interface, and what its refusals mean."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.http import Answer
from socrbot.networks.linkedin import CAPABILITIES
from socrbot.networks.wire.linkedin import VERSION, is_version, judge, version_ends, version_warning, where_to_write
from socrbot.redact import Redactor
from tests.networks.bench import START, Bench
from tests.networks.benches.linkedin import LIST, POSTS, linkedin_bench, send
from tests.standins.exchange import FAULTS, WAITING
from tests.standins.linkedin import LinkedIn
from tests.standins.linkedin_access import (
    CLIENT_SECRET,
    NAME,
    ORGANISATION,
    PERSON,
    REFRESH_TOKEN,
    TOKEN,
    VERSIONS,
    fault,
)

NETWORK = "linkedin"
NO_APP = {"LINKEDIN_CLIENT_ID": "", "LINKEDIN_CLIENT_SECRET": ""}


def test_verify_names_the_organisation(bench: Bench, standin: LinkedIn) -> None:
    """By its own name, with what the access allows and when it ends."""
    identity = bench.connect().verify()
    assert (identity.id, identity.name) == (ORGANISATION, NAME)
    assert identity.url == "https://www.linkedin.com/company/childrens-rights/"
    assert identity.can == ("w_organization_social", "r_organization_social")
    assert (identity.lacks, identity.note) == ((), None)
    assert identity.expires_at == standin.ends_at


def test_verify_names_the_person(clock: VirtualClock, tmp_path: Path) -> None:
    """A person needs no role; the access must be that person's own."""
    with linkedin_bench(clock, tmp_path, PERSON) as bench:
        identity = bench.connect().verify()
        assert (identity.id, identity.name, identity.can) == (PERSON, NAME, ("w_member_social",))
        with pytest.raises(Unauthorised, match=f"belongs to {NAME} .*LINKEDIN_AUTHOR_URN says urn:li:person:other"):
            bench.connect(LINKEDIN_AUTHOR_URN="urn:li:person:other").verify()


@pytest.mark.parametrize("role", ["CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"])
def test_other_roles_may_post_too(bench: Bench, standin: LinkedIn, role: str) -> None:
    """Not only administrators."""
    standin.role = role
    assert bench.connect().verify().lacks == ()


def test_roles_of_older_versions_are_read_too(bench: Bench, standin: LinkedIn) -> None:
    """They call the organisation by another name; somebody else's organisation does not count."""
    row = {"organizationalTarget": ORGANISATION, "role": "ADMINISTRATOR"}
    standin.fault("status", match="GET /rest/organizationAcls", status=200, body={"elements": [row]})
    assert bench.connect().verify().id == ORGANISATION
    row = {"organization": "urn:li:organization:1", "role": "ADMINISTRATOR"}
    standin.fault("status", match="GET /rest/organizationAcls", status=200, body={"elements": [row]})
    with pytest.raises(Unauthorised):
        bench.connect().verify()


@pytest.mark.parametrize("role", ["", "ANALYST"])
def test_without_a_role_nobody_posts(bench: Bench, standin: LinkedIn, role: str) -> None:
    """What to do about it is said."""
    standin.role = role
    with pytest.raises(Unauthorised, match=f"{ORGANISATION}.*content admin"):
        bench.connect().verify()


def test_who_may_not_see_roles_is_told_and_may_post(bench: Bench, standin: LinkedIn) -> None:
    """A missing right to look is named; it does not stop the account."""
    standin.scopes = ["w_organization_social", "r_organization_social"]
    identity = bench.connect().verify()
    assert identity.lacks == ("r_organization_admin",)
    assert identity.name == ORGANISATION
    standin.scopes = ["w_organization_social"]
    assert bench.connect().verify().lacks == ("r_organization_social", "r_organization_admin")


@pytest.mark.parametrize("author", ["", "2414183", "urn:li:company:1", "urn:li:organization:1/../2", "urn:li:person:"])
def test_an_author_that_is_none_stops_the_account(bench: Bench, standin: LinkedIn, author: str) -> None:
    """Before any call, with an example of what it looks like."""
    with pytest.raises(Unauthorised, match=r"LINKEDIN_AUTHOR_URN.*urn:li:organization:"):
        bench.connect(LINKEDIN_AUTHOR_URN=author).verify()
    assert standin.requests() == []


def test_without_access_nothing_is_asked(bench: Bench, standin: LinkedIn) -> None:
    """The variable that is missing is named."""
    with pytest.raises(Unauthorised, match="LINKEDIN_ACCESS_TOKEN"):
        bench.connect(LINKEDIN_ACCESS_TOKEN="", **NO_APP).verify()
    assert standin.requests() == []


def test_without_the_app_the_end_is_the_latest_possible(bench: Bench, standin: LinkedIn) -> None:
    """LinkedIn gives access for 60 days; nobody has to know the day on which it was made."""
    identity = bench.connect(**NO_APP).verify()
    assert identity.expires_at == START + timedelta(days=60)
    assert standin.requests("POST /oauth/*") == []


def test_access_that_ended_is_told(bench: Bench, standin: LinkedIn) -> None:
    """LinkedIn's own word on the access counts."""
    standin.fault("status", match="POST /oauth/*", status=200, body={"active": False, "status": "expired"})
    with pytest.raises(Unauthorised, match="socrbot connect linkedin"):
        bench.connect().verify()


def test_a_wrong_app_is_named(bench: Bench) -> None:
    """It is the app's number and secret that are wrong, not the access."""
    with pytest.raises(Unauthorised, match="LINKEDIN_CLIENT_ID, LINKEDIN_CLIENT_SECRET"):
        bench.connect(LINKEDIN_CLIENT_SECRET="WPL_AP1.another").verify()


def test_access_is_renewed_where_linkedin_allows_it(bench: Bench, standin: LinkedIn, clock: VirtualClock) -> None:
    """In time before its end, from the refresh token; from then on the new one is used, also after a restart."""
    env = {"LINKEDIN_REFRESH_TOKEN": REFRESH_TOKEN}
    bench.connect(**env).verify()
    clock.advance(timedelta(days=45))
    identity = bench.connect(**env).verify()
    assert identity.expires_at is not None
    assert identity.expires_at - clock.now() == timedelta(days=60)
    send(bench, "By the new one.")
    assert standin.requests(POSTS)[0].headers["authorization"] == f"Bearer {TOKEN}-1"


def test_a_renewal_that_fails_is_told_and_keeps_no_post_back(
    bench: Bench, standin: LinkedIn, clock: VirtualClock
) -> None:
    """The access that there is still works; what is wrong stands in the note, without a secret."""
    env = {"LINKEDIN_REFRESH_TOKEN": "AQWanother-refresh-token"}
    bench.connect(**env).verify()
    clock.advance(timedelta(days=45))
    identity = bench.connect(**env).verify()
    assert "refresh token is not valid" in str(identity.note)
    assert not [secret for secret in (TOKEN, CLIENT_SECRET, *env.values()) if secret in str(identity)]


@pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind not in (*WAITING, "duplicate")])
def test_a_question_whose_answer_is_lost_was_a_question(bench: Bench, standin: LinkedIn, kind: str) -> None:
    """Asking can be repeated: it never makes anything unknown."""
    for call in ("POST /oauth/*", "GET /rest/organizationAcls"):
        standin.fault(kind, match=call)
        with contextlib.suppress(NotSent):
            bench.connect().verify()


# The version of the interface.


def test_each_call_names_the_version(bench: Bench, standin: LinkedIn) -> None:
    """The account's own, else the one that this program was written for; nonsense stops the account."""
    send(bench, "By the usual one.")
    bench.options = {"version": "202601"}
    send(bench, "By another one.")
    used = [request.headers["linkedin-version"] for request in standin.requests(POSTS)]
    assert used == [VERSION, "202601"]
    for wrong in ("latest", "202613", "2026", "202607\r\nX: y", "v202607"):
        bench.options = {"version": wrong}
        with pytest.raises(Unauthorised, match=r"config/accounts\.yaml"):
            bench.connect().verify()


def test_a_version_that_ended_says_what_to_write_where(bench: Bench, clock: VirtualClock) -> None:
    """The account stops, and a person can put it right without a search."""
    bench.options = {"version": "202601"}
    intent = bench.intent(bench.connect(), bench.message("Too late."))
    clock.advance_to(datetime(2027, 2, 1, tzinfo=UTC))
    with pytest.raises(Unauthorised, match=r'config/accounts\.yaml.*version: "\d{6}"') as caught:
        bench.connect().publish(intent.payload, key="k", reply_to=None)
    assert caught.value.status == 426


def test_a_version_is_warned_of_from_sixty_days_before_its_end(bench: Bench, clock: VirtualClock) -> None:
    """By the day that LinkedIn named; other words when that day has come."""
    bench.options = {"version": "202601"}
    clock.advance_to(datetime(2026, 11, 15, 23, tzinfo=UTC))
    assert bench.connect().verify().note is None
    clock.advance(timedelta(hours=1))
    note = str(bench.connect().verify().note)
    assert "202601, ends from 15 January 2027 on" in note
    assert "config/accounts.yaml" in note
    assert "any day since 15 January 2027" in str(version_warning("202601", datetime(2027, 1, 15, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("now", "newer"),
    [("2027-02-01", "202612"), ("2027-01-31", "202611"), ("2027-03-31", "202701"), ("2026-12-01", "202610")],
)
def test_the_version_to_write_down_is_one_that_exists(now: str, newer: str) -> None:
    """That of two months ago, whenever it is: never the one that has just ended."""
    assert f'version: "{newer}"' in where_to_write(datetime.fromisoformat(f"{now}T12:00:00+00:00"))


def test_when_a_version_ends() -> None:
    """LinkedIn's word where it is known, never later than that; else a year after the month of its name."""
    assert version_ends("202511") == date(2026, 11, 16)
    assert version_ends("202612") == date(2027, 12, 1)
    assert all(version_ends(version) <= end for version, end in VERSIONS.items())
    assert [is_version(text) for text in ("202601", "202600", "202613", "20260", "2026011")] == [True, *[False] * 4]


# A person's account.


def test_the_posts_of_a_person_cannot_be_read_back(clock: VirtualClock, tmp_path: Path) -> None:
    """What everybody else reads of the account's limits follows from what was found when the access was tried."""
    with linkedin_bench(clock, tmp_path, PERSON) as bench:
        assert bench.capable == CAPABILITIES
        network = bench.connect()
        network.verify()
        for capable in (bench.capable, network.capabilities, bench.connect().capabilities):
            assert (capable.reads_back, capable.metrics) == (False, ())
        send(bench, "Words (with brackets) #Here", colours=(1, 2))
        assert (bench.standin.published[0].text, len(bench.standin.published[0].media)) == (
            "Words (with brackets) #Here",
            2,
        )
        assert bench.standin.requests("GET /rest/*") == []


def test_an_account_that_changes_hands_changes_its_limits(bench: Bench, clock: VirtualClock) -> None:
    """What is kept is what was found last; what is kept and cannot be read counts for nothing."""
    kept = bench.folder / "linkedin.json"
    kept.write_text(json.dumps({"author": "person"}), encoding="utf-8")
    assert not bench.capable.reads_back
    bench.connect().verify()
    assert bench.capable.reads_back
    for rubbish in ("", "[]", '{"author": 1}', "{"):
        kept.write_text(rubbish, encoding="utf-8")
        assert bench.capable == CAPABILITIES


# Refusals.


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, fault(400, "ILLEGAL_ARGUMENT", says="No"), Refused),
        (400, fault(400, "VERSION_MISSING", says="No"), Unauthorised),
        (400, b"<html>", NotSent),
        (401, fault(401, "EXPIRED_ACCESS_TOKEN", says="No"), Unauthorised),
        (401, b"<html>", Unauthorised),
        (403, fault(403, "ACCESS_DENIED", says="No"), Unauthorised),
        (403, b"<html>", NotSent),
        (404, fault(404, "RESOURCE_NOT_FOUND", says="No"), Refused),
        (408, b"", OutcomeUnknown),
        (409, fault(409, "CONFLICT", says="Retry the request."), NotSent),
        (413, fault(413, "TOO_LARGE", says="No"), Refused),
        (422, fault(422, "INVALID", says="No"), Refused),
        (426, b"", Unauthorised),
        (429, b"<html>", NotSent),
        (301, b"", OutcomeUnknown),
        (500, fault(500, "INTERNAL_SERVER_ERROR", says="No"), OutcomeUnknown),
        (503, b"<html>", OutcomeUnknown),
        (504, b"[]", OutcomeUnknown),
    ],
)
def test_what_an_answer_means(status: int, body: object, error: type[NetworkError]) -> None:
    """By what has to be done next; a page of a gateway in between is no word of LinkedIn's."""
    said = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = judge(Answer(status, {}, said), now=START, redact=Redactor())
    assert type(found) is error
    assert found.status == status


def test_why_the_access_ended_is_said() -> None:
    """By LinkedIn's word, or by its number."""
    for code, number, why in (
        ("EXPIRED_ACCESS_TOKEN", 65602, "run out"),
        ("REVOKED_ACCESS_TOKEN", 65601, "withdrawn"),
        ("OTHER", 65602, "run out"),
    ):
        answer = Answer(401, {}, json.dumps(fault(401, code, says="No", number=number)).encode())
        assert why in str(judge(answer, now=START, redact=Redactor()))


@pytest.mark.parametrize("moment", ["00:00:00", "12:30:00", "23:59:59"])
def test_too_many_calls_wait_for_the_next_day(moment: str) -> None:
    """LinkedIn's counts begin anew at midnight UTC, for the whole account."""
    found = judge(Answer(429, {}, b""), now=datetime.fromisoformat(f"2026-03-07T{moment}+00:00"), redact=Redactor())
    assert isinstance(found, NotSent)
    assert (found.retry_at, found.whole_account) == (datetime(2026, 3, 8, tzinfo=UTC), True)


@pytest.mark.parametrize(
    ("status", "more", "message", "original"),
    [
        (422, {"code": "DUPLICATE_POST"}, "Content is a duplicate of urn:li:share:7", "urn:li:share:7"),
        (422, {}, "Content is a duplicate of urn:li:ugcPost:8", "urn:li:ugcPost:8"),
        (400, {}, "Duplicate of urn:li:share:9", "urn:li:share:9"),
        (422, {"code": "DUPLICATE_POST"}, "Already there", None),
        (422, {"errorDetails": {"inputErrors": [{"code": "DUPLICATE_POST"}]}}, "No", None),
    ],
)
def test_a_duplicate_is_known_by_its_code_or_its_words(
    status: int, more: dict[str, object], message: str, original: str | None
) -> None:
    """And names the earlier post wherever LinkedIn does."""
    answer = Answer(status, {}, json.dumps({"message": message, **more}).encode())
    found = judge(answer, now=START, redact=Redactor())
    assert isinstance(found, Refused)
    assert (found.duplicate, found.original) == (True, original)


def test_other_refusals_are_no_duplicates() -> None:
    """A URN in a refusal is no proof that something is public."""
    answer = Answer(422, {}, json.dumps(fault(422, "INVALID", says="No image urn:li:share:7")).encode())
    found = judge(answer, now=START, redact=Redactor())
    assert isinstance(found, Refused)
    assert not found.duplicate


def test_reading_that_is_not_allowed_is_told(bench: Bench, standin: LinkedIn) -> None:
    """Without the right to read, nobody looks for lost posts: that must not pass for absence."""
    standin.fault("status", match=LIST, status=403, body=fault(403, "ACCESS_DENIED", says="Not enough permissions"))
    with pytest.raises(Unauthorised, match="Not enough permissions"):
        bench.connect().recent(START)
