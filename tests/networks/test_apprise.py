"""Apprise: one place an account, what its service can carry, and what its log proves of a failure."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from socrbot import alarms, networks
from socrbot.campaign import Account
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Place, Refused, Unauthorised
from socrbot.message import CannotTell, Receipt
from socrbot.networks.wire.apprise_log import failure
from socrbot.settings import Secret
from tests.networks.bench import Bench
from tests.standins.apprise import PASSWORD, PATH, Apprise
from tests.standins.server import refused

NETWORK = "apprise"
DISCORD = "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"
TELEPHONE = "clicksend://user:pass@15551231234"


def publish(bench: Bench, text: str = "Some words.", **more: Any) -> Receipt:
    return bench.send(bench.connect(), bench.message(text, **more))[0]


def error_of(bench: Bench, **more: Any) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        publish(bench, **more)
    return caught.value


@pytest.mark.parametrize(
    "url", ["", "hello", "bogus://host", "ftp://example.org/hook", "json://", f"discord://{PASSWORD}", "mailto://"]
)
def test_an_address_that_apprise_does_not_understand_is_noticed(bench: Bench, url: str) -> None:
    """By `doctor`, in words that don't repeat it, for it may hold a password."""
    with pytest.raises(Unauthorised) as caught:
        bench.connect(APPRISE_URL=url).verify()
    assert "does not understand" in str(caught.value)
    assert not url or url not in str(caught.value)


def test_one_account_is_one_place(bench: Bench) -> None:
    """With two, nobody could say which of them got a message."""
    url = f"mailto://user:{PASSWORD}@example.org?to=one@example.org,two@example.org"
    with pytest.raises(Unauthorised, match="2 places"):
        bench.connect(APPRISE_URL=url).verify()


def test_the_service_behind_the_address_sets_the_limits(bench: Bench, standin: Apprise) -> None:
    """Once it was looked at, checking knows them; nothing is sent for it."""
    assert bench.capable.text_limit == 1_000
    for url, text, images in ((DISCORD, 2_000, 4), (TELEPHONE, 160, 0), (bench.env["APPRISE_URL"], 32_768, 4)):
        network = bench.connect(APPRISE_URL=url)
        network.verify()
        assert (bench.capable.text_limit, bench.capable.max_images) == (text, images)
        assert network.capabilities == bench.capable
    assert standin.requests() == []


@pytest.mark.parametrize("kept", ["", "no JSON", "[]", '{"text": "long"}', "null"])
def test_limits_that_cannot_be_read_are_the_safe_ones(bench: Bench, kept: str) -> None:
    """A half-written or strange file is no reason to fail."""
    (bench.folder / "limits.json").write_text(kept, encoding="utf-8")
    assert bench.capable.text_limit == 1_000


def test_what_the_service_does_not_take_is_refused_before_it_is_sent(bench: Bench) -> None:
    """Where the limits were not known when the post was checked."""
    network = bench.connect(APPRISE_URL=TELEPHONE)
    for message in (bench.message("a" * 161), bench.message("Look.", media=(bench.picture(1, "Alt"),))):
        with pytest.raises(Refused):
            network.prepare(message, message.parts[0], key="k", steps=bench.steps())


def test_a_service_that_shows_few_lines_gets_no_more(bench: Bench) -> None:
    """It would leave the rest out in silence."""
    network, message = bench.connect(APPRISE_URL="kodi://127.0.0.1"), bench.message("One.\nTwo.\nThree.")
    with pytest.raises(Refused, match="first 2 lines"):
        network.prepare(message, message.parts[0], key="k", steps=bench.steps())


def test_descriptions_stand_in_the_text_unless_the_account_says_otherwise() -> None:
    """Apprise has no alt text for any service."""
    account = Account("list", "apprise", Place("config/accounts.yaml"))
    without = Account("list", "apprise", Place("config/accounts.yaml"), options={"descriptions": "none"})
    assert networks.capabilities_of(account).alt_in_text
    assert not networks.capabilities_of(without).alt_in_text


def test_a_title_goes_to_services_that_have_one(bench: Bench, standin: Apprise) -> None:
    """Elsewhere it would lengthen a text that was measured without it."""
    bench.options = {"title": "News"}
    publish(bench)
    assert standin.published[0].extra["title"] == "News"
    message = bench.message("Some words.")
    payload = bench.connect(APPRISE_URL=TELEPHONE).prepare(message, message.parts[0], key="k", steps=bench.steps())
    assert payload["title"] == ""


def test_what_the_address_says_of_repeating_does_not_count(bench: Bench, standin: Apprise) -> None:
    """One post is one request, whole, whatever happens to it; a failure is one, also where it is called optional."""
    url = f"{bench.env['APPRISE_URL']}?retry=3&wait=0&overflow=split&optional=yes&redirect=yes&emojis=yes"
    standin.fault("status", match=bench.publishing, status=500, times=9)
    network, message = bench.connect(APPRISE_URL=url), bench.message("x " * 20_000 + ":smile:")
    payload = {"text": message.parts[0].text, "title": "", "media": []}
    with pytest.raises(OutcomeUnknown):
        network.publish(payload, key="k", reply_to=None)
    assert len(standin.requests()) == 1
    standin.clear_faults()
    standin.fault("status", match=bench.publishing, status=302, headers={"Location": f"{standin.base}/elsewhere"})
    with pytest.raises(OutcomeUnknown):
        network.publish({**payload, "text": "Short."}, key="k", reply_to=None)
    assert len(standin.requests()) == 2
    network.publish({**payload, "text": "Short :smile:"}, key="k", reply_to=None)
    assert standin.published[-1].text == "Short :smile:"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Refused),
        (401, Unauthorised),
        (403, Unauthorised),
        (404, Unauthorised),
        (408, OutcomeUnknown),
        (410, Unauthorised),
        (413, Refused),
        (429, NotSent),
        (500, OutcomeUnknown),
        (503, OutcomeUnknown),
    ],
)
def test_a_plain_refusal_is_believed(bench: Bench, standin: Apprise, status: int, error: type[NetworkError]) -> None:
    """By the number in Apprise's log; anything else may have gone out."""
    standin.fault("status", match=bench.publishing, status=status)
    found = error_of(bench)
    assert type(found) is error
    assert found.status == status


def test_a_refusal_of_a_post_with_pictures_proves_nothing(bench: Bench, standin: Apprise) -> None:
    """It may be that of a picture, after the words went out."""
    standin.fault("status", match=bench.publishing, status=404)
    assert isinstance(error_of(bench, media=(bench.picture(1, "Alt"),)), OutcomeUnknown)


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ([], OutcomeUnknown),
        (["Failed to send: error=404."], Unauthorised),
        (["Failed to send: error=404.", "Failed to send: error=404."], OutcomeUnknown),
        (["Sent X notification.", "Failed to send: error=400."], OutcomeUnknown),
        (["Socket Exception: (NewConnectionError('refused'))"], NotSent),
        (["Socket Exception: NameResolutionError(...)", "Socket Exception: Read timed out."], OutcomeUnknown),
        (["Socket Exception: Read timed out."], OutcomeUnknown),
        (["Socket Exception: NewConnectionError", "error=500."], OutcomeUnknown),
        (["Failed: error=4040."], OutcomeUnknown),
    ],
)
def test_only_what_the_log_proves_is_believed(lines: list[str], error: type[NetworkError]) -> None:
    """Whatever is not certain is left to a person."""
    assert type(failure(lines, files=False)) is error
    assert type(failure(lines, files=True)) is OutcomeUnknown


def test_nothing_of_the_address_gets_into_any_log(
    bench: Bench, standin: Apprise, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not whole, not its password, not its path; also not when alarms go the same way in between."""
    for name in ("", "apprise", "urllib3.connectionpool"):
        caplog.set_level(logging.DEBUG, name)
    publish(bench)
    assert alarms.tell(Secret(bench.env["APPRISE_URL"]), "Alarm", "Words.")
    standin.fault("status", match=bench.publishing, status=404)
    told = str(error_of(bench))
    with refused() as nowhere, pytest.raises(NotSent) as caught:
        bench.connect(APPRISE_URL=nowhere).publish({"text": "a", "title": "", "media": []}, key="k", reply_to=None)
    everything = "\n".join([told, str(caught.value), caplog.text, *capfd.readouterr()])
    assert PASSWORD not in everything
    assert PATH not in everything


def test_it_tells_little_and_says_so(bench: Bench) -> None:
    """No reading back, no deleting, no figures: a person is told what to do."""
    network = bench.connect()
    finding = network.find(bench.intent(network, bench.message("Lost.")))
    assert isinstance(finding, CannotTell)
    assert finding.retry_at is None
    assert "07 March 2026, 19:00 UTC" in finding.why
    with pytest.raises(Refused):
        network.recent(bench.clock.now())
    with pytest.raises(Refused, match="yourself"):
        network.delete(Receipt("x"))
    assert network.metrics([]) == {}


def test_the_payload_holds_no_pictures_and_no_address(bench: Bench) -> None:
    """What the ledger keeps is small, and says what is sent."""
    message = bench.message("Look.", media=(bench.picture(1, "Alt"),))
    payload = json.dumps(bench.connect().prepare(message, message.parts[0], key="k", steps=bench.steps()))
    assert len(payload) < 1_000
    assert PASSWORD not in payload


def test_without_the_package_people_are_told_what_to_install(tmp_path: Path) -> None:
    """No traceback: the account says that it does not work, and why. Its limits are known all the same."""
    code = f"""
import sys
sys.modules["apprise"] = None
from pathlib import Path
from socrbot.clock import SystemClock
from socrbot.errors import Unauthorised
from socrbot.networks import apprise
from socrbot.networks.base import Equipment
assert "requests" not in sys.modules
folder = Path({str(tmp_path)!r})
equipment = Equipment("a", {{"APPRISE_URL": "json://host"}}, {{}}, SystemClock(), lambda one: one, folder)
try:
    apprise.Apprise(equipment).verify()
except Unauthorised as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'socrbot[alarms]'" in done.stdout


def test_its_requests_are_those_of_requests() -> None:
    """What counts as “never connected” are the names that requests and urllib3 give it today."""
    with refused() as nowhere, pytest.raises(requests.ConnectionError) as caught:
        requests.post(nowhere, timeout=5)
    assert "NewConnectionError" in str(caught.value)
