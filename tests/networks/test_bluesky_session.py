"""Bluesky's login: made once, kept, renewed, never taken for a result. Judged by the real server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from socrbot.errors import NetworkError, NotSent, Unauthorised
from socrbot.message import Absent
from socrbot.networks.wire.xrpc import home_of
from tests.networks.benches.bluesky import PUT, REFRESH, SIGN_IN, BlueskyBench, bench_for, later, sign_in
from tests.pds import POST, Pds, running, why_not

slow = [pytest.mark.slow, pytest.mark.xdist_group("pds")]


@pytest.fixture
def bench(bluesky: BlueskyBench) -> BlueskyBench:
    return bluesky


def expired(token: str, secret: str) -> str:
    """The same token as the server would have made it long ago: its time is over, its signature is good."""
    head, middle, _ = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(middle + "=="))
    claims |= {"iat": 1_700_000_000, "exp": 1_700_000_060}
    signed = f"{head}.{_encode(json.dumps(claims).encode())}"
    return f"{signed}.{_encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def count(bench: BlueskyBench) -> tuple[int, int]:
    """How often the bot signed in, and how often it renewed the login."""
    return len(bench.between.calls(SIGN_IN)), len(bench.between.calls(REFRESH))


class TestKeeping:
    pytestmark = slow

    def test_one_login_serves_every_post_and_every_start(self, bench: BlueskyBench) -> None:
        """Four lives of the program post without signing in: the first one's login is kept."""
        for number in range(4):
            bench.send(bench.connect(), bench.message(f"Post {number}"))
        assert count(bench) == (0, 0)
        assert len(bench.records()) == 4

    def test_the_file_is_for_nobody_else(self, own_bluesky: BlueskyBench) -> None:
        """Mode 600 from its first byte, without the password, and nothing left over beside it."""
        path = own_bluesky.folder / "session.json"
        path.unlink()
        own_bluesky.connect().verify()
        assert path.stat().st_mode & 0o777 == 0o600
        assert own_bluesky.account.app_password not in path.read_text()
        assert [each.name for each in own_bluesky.folder.iterdir()] == ["session.json"]

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"did": "did:plc:a"}', "null", "\x00\xff"])
    def test_a_file_that_cannot_be_read_costs_one_login(self, bench: BlueskyBench, content: str) -> None:
        """It is written anew."""
        (bench.folder / "session.json").write_text(content)
        bench.send(bench.connect(), bench.message("Hello."))
        assert count(bench) == (1, 0)
        assert bench.session["did"] == bench.account.did

    @pytest.mark.parametrize("name", ["BSKY_HANDLE", "BSKY_APP_PASSWORD"])
    def test_a_login_is_not_used_for_other_settings(self, bench: BlueskyBench, pds: Pds, name: str) -> None:
        """Another account, or a password that was changed: the old login says nothing of it."""
        other = pds.account()
        both = {"BSKY_HANDLE": other.handle, "BSKY_APP_PASSWORD": other.app_password}
        network = bench.connect(**(both if name == "BSKY_HANDLE" else {name: other.app_password}))
        if name == "BSKY_HANDLE":
            assert network.verify().id == other.did
        else:
            with pytest.raises(Unauthorised):
                network.recent(bench.clock.now())
        assert count(bench) == (1, 0)
        if name == "BSKY_HANDLE":
            # The bench gives the file on: leave it as it was.
            bench.connect().verify()

    def test_where_it_cannot_be_kept_nothing_is_sent(self, own_bluesky: BlueskyBench, tmp_path: Path) -> None:
        """A login for each start would soon use up what the server allows: the folder's trouble is told instead."""
        blocked = tmp_path / "file"
        blocked.write_text("")
        own_bluesky.folder = blocked / "folder"
        with pytest.raises(NotSent, match="cannot be used"):
            own_bluesky.send(own_bluesky.connect(), own_bluesky.message("Hello."))
        own_bluesky.folder = tmp_path
        assert own_bluesky.records() == []


class TestRenewing:
    pytestmark = slow

    def test_near_its_end_it_is_renewed_first(self, bench: BlueskyBench) -> None:
        """By its lifetime, not by the hour: the clocks of the two computers may differ by months."""
        network = bench.connect()
        for hours in (1.9, 0.1, 1.9, 0.1):
            later(bench, hours)
            network.recent(bench.clock.now())
        assert count(bench) == (0, 2)

    def test_one_that_has_ended_early_sends_nothing_and_is_renewed_next(self, bench: BlueskyBench, pds: Pds) -> None:
        """Publishing is one call: the server turned it away unread, and the next try has a login that lives."""
        bench.change_session(access=expired(bench.session["access"], pds.jwt_secret))
        network, message = bench.connect(), bench.message("Once.")
        with pytest.raises(NotSent, match="next try"):
            bench.send(network, message)
        assert (bench.records(), count(bench), len(bench.between.calls(PUT))) == ([], (0, 0), 1)
        (receipt,) = bench.send(network, message)
        assert [each["uri"] for each in bench.records()] == [receipt.id]
        assert count(bench) == (0, 1)

    def test_one_that_runs_out_while_a_post_is_prepared_sends_nothing(self, bench: BlueskyBench) -> None:
        """It is renewed, and the next try has it."""
        network, message = bench.connect(), bench.message("Once.")
        intent = bench.intent(network, message)
        later(bench, 1.99)
        with pytest.raises(NotSent, match="next try"):
            network.publish(intent.payload, key=intent.key, reply_to=None)
        assert (bench.records(), count(bench)) == ([], (0, 1))
        network.publish(intent.payload, key=intent.key, reply_to=None)
        assert (len(bench.records()), count(bench)) == (1, (0, 1))

    def test_a_picture_is_uploaded_again_after_it(self, bench: BlueskyBench, pds: Pds) -> None:
        """The same for bytes: type and content are the same the second time."""
        bench.change_session(access=expired(bench.session["access"], pds.jwt_secret))
        picture = bench.picture(1, "A picture")
        bench.send(bench.connect(), bench.message("With one.", media=(picture,)))
        assert [item.data for item in bench.between.published[0].media] == [bench.pictures[picture.digest]]
        assert count(bench) == (0, 1)

    def test_one_that_cannot_be_renewed_is_made_anew(self, bench: BlueskyBench) -> None:
        """After months of silence, or when somebody ended it in the app."""
        headers = {"Authorization": f"Bearer {bench.session['refresh']}"}
        url = f"{bench.pds.url}/xrpc/com.atproto.server.deleteSession"
        requests.post(url, headers=headers, timeout=10).raise_for_status()
        later(bench, 3)
        bench.send(bench.connect(), bench.message("Back again."))
        assert count(bench) == (1, 1)
        assert len(bench.records()) == 1

    def test_one_that_the_server_does_not_know_is_made_anew(self, bench: BlueskyBench) -> None:
        """A server that was set up afresh signs with another key."""
        bench.change_session(
            access=expired(bench.session["access"], "another"), refresh=expired(bench.session["refresh"], "another")
        )
        network, message = bench.connect(), bench.message("Hello again.")
        with pytest.raises(NotSent):
            bench.send(network, message)
        bench.send(network, message)
        assert count(bench) == (1, 1)

    def test_another_process_renews_for_both(self, bench: BlueskyBench) -> None:
        """The service and a command at once: whoever comes second takes what is in the file."""
        first, second = bench.connect(), bench.connect()
        first.recent(bench.clock.now())
        second.recent(bench.clock.now())
        later(bench, 2)
        first.recent(bench.clock.now())
        second.recent(bench.clock.now())
        assert count(bench) == (0, 1)

    def test_one_that_ended_early_is_not_renewed_where_another_process_did(self, bench: BlueskyBench, pds: Pds) -> None:
        """The same, where the server says first that it has ended."""
        bench.change_session(access=expired(bench.session["access"], pds.jwt_secret))
        late = bench.connect()
        late.recent(bench.clock.now())
        later(bench, 0.1)
        bench.connect().verify()
        with pytest.raises(NotSent):
            bench.send(late, bench.message("Once."))
        bench.send(late, bench.message("Once."))
        assert count(bench) == (0, 1)
        assert len(bench.records()) == 1

    @pytest.mark.parametrize("name", [SIGN_IN, REFRESH])
    @pytest.mark.parametrize("kind", ["drop-after", "drop-before", "html-502", "503", "broken-json", "html-200"])
    def test_trouble_with_the_login_sends_nothing(self, bench: BlueskyBench, pds: Pds, name: str, kind: str) -> None:
        """Whatever gets lost while signing in or renewing: it is sure that nothing went out, and the next try works."""
        bench.change_session(renew_at=0.0)
        if name == SIGN_IN:
            bench.change_session(refresh=expired(bench.session["refresh"], pds.jwt_secret))
        network, message = bench.connect(), bench.message("Not yet.")
        bench.between.fault(kind, match=f"POST /xrpc/{name}")
        with pytest.raises(NotSent):
            bench.send(network, message)
        assert bench.records() == []
        bench.send(network, message)
        assert len(bench.records()) == 1

    def test_a_hundred_posts_need_one_login(self, bench: BlueskyBench) -> None:
        """Over seventeen hours and ten starts of the program: the login is renewed now and then, and made once."""
        (bench.folder / "session.json").unlink()
        network = bench.connect()
        for number in range(100):
            network = bench.connect() if number % 10 == 0 else network
            bench.send(network, bench.message(f"Post {number}"))
            later(bench, 1 / 6)
        made, renewed = count(bench)
        assert (made, len(bench.records())) == (1, 100)
        assert 8 <= renewed <= 10


class TestPassword:
    pytestmark = slow

    def test_a_wrong_one_stops_the_account_and_is_not_told(self, pds: Pds, bench: BlueskyBench) -> None:
        """The error names the variables to look at, and not what is in them."""
        wrong = bench.account.app_password[::-1]
        with pytest.raises(Unauthorised, match="BSKY_APP_PASSWORD") as caught:
            bench.connect(BSKY_APP_PASSWORD=wrong).verify()
        assert wrong not in "".join(traceback.format_exception(caught.value))
        assert (caught.value.status, caught.value.code) == (401, "AuthenticationRequired")

    def test_a_login_that_is_refused_for_whatever_reason_stops_the_account(self, bench: BlueskyBench) -> None:
        """No post is to blame for it: none of them is given up as refused."""
        (bench.folder / "session.json").unlink()
        body = {"error": "InvalidRequest", "message": "Input/identifier must be a handle"}
        bench.between.fault("status", match=f"POST /xrpc/{SIGN_IN}", status=400, body=body)
        with pytest.raises(Unauthorised, match="must be a handle"):
            bench.send(bench.connect(), bench.message("Never."))
        bench.connect().verify()

    def test_one_that_was_taken_back_is_noticed_at_once(self, own_bluesky: BlueskyBench) -> None:
        """The login lives on for a while, and `verify` does not rely on it."""
        own_bluesky.pds.revoke(own_bluesky.account)
        with pytest.raises(Unauthorised):
            own_bluesky.connect().verify()

    def test_the_main_password_is_noted(self, bench: BlueskyBench) -> None:
        """It works, and opens far more than socrbot needs."""
        network = bench.connect(BSKY_APP_PASSWORD=bench.account.password)
        assert "main password" in (network.verify().note or "")
        assert bench.connect().verify().note is None

    def test_a_changed_handle_is_noted(self, own_bluesky: BlueskyBench) -> None:
        """The account goes on under its identity; the settings should follow."""
        new = own_bluesky.account.handle.replace("campaign", "renamed")
        own_bluesky.pds.call(
            "com.atproto.identity.updateHandle", data={"handle": new}, access=own_bluesky.account.access
        )
        identity = own_bluesky.connect().verify()
        assert identity.name == new
        assert own_bluesky.account.handle in (identity.note or "")

    @pytest.mark.parametrize("with_at", [True, False])
    def test_a_handle_may_be_written_with_its_at_sign(self, bench: BlueskyBench, with_at: bool) -> None:
        """As people write it; the account's identity (DID) does as well."""
        handle = f"@{bench.account.handle}" if with_at else bench.account.did
        identity = bench.connect(BSKY_HANDLE=handle).verify()
        assert (identity.id, identity.note) == (bench.account.did, None)
        bench.connect().verify()

    def test_an_account_that_was_taken_down_is_stopped(self, own_bluesky: BlueskyBench) -> None:
        """With the server's reason, for whatever it wants to do."""
        network = own_bluesky.connect()
        intent = own_bluesky.intent(network, own_bluesky.message("Never."))
        own_bluesky.pds.take_down({"did": own_bluesky.account.did})
        with pytest.raises(Unauthorised, match="taken the account down"):
            network.publish(intent.payload, key=intent.key, reply_to=None)
        with pytest.raises(Unauthorised):
            network.verify()

    def test_an_account_that_its_owner_switched_off_is_stopped(self, own_bluesky: BlueskyBench) -> None:
        """Until the owner comes back."""
        network = own_bluesky.connect()
        intent = own_bluesky.intent(network, own_bluesky.message("Never."))
        own_bluesky.pds.call("com.atproto.server.deactivateAccount", data={}, access=own_bluesky.account.access)
        with pytest.raises(Unauthorised, match="deactivated"):
            network.publish(intent.payload, key=intent.key, reply_to=None)
        with pytest.raises(Unauthorised, match="deactivated"):
            network.verify()


class TestSecrets:
    pytestmark = slow

    @pytest.mark.parametrize("which", ["access", "refresh"])
    def test_tokens_stand_in_no_error_and_no_repr(self, bench: BlueskyBench, which: str) -> None:
        """Not even where the server sends them back."""
        network: Any = bench.connect()
        intent = bench.intent(network, bench.message("Secret."))
        token = bench.session[which]
        body = {"error": "InvalidRequest", "message": token}
        bench.between.fault("status", match=f"POST /xrpc/{REFRESH}", status=500, body=body)
        bench.between.fault("status", match=f"POST /xrpc/{PUT}", status=400, body=body)
        told = [repr(network._calls.login())]
        for call in (network.verify, lambda: network.publish(intent.payload, key=intent.key, reply_to=None)):
            with pytest.raises(NetworkError, match="secret") as caught:
                call()
            told += traceback.format_exception(caught.value)
        # Long texts are cut short: half a token is too much as well.
        assert token[:150] not in "".join(told)


@pytest.fixture(scope="module")
def strict_pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pds]:
    """A server with its rate limits on, as Bluesky's own has them."""
    if reason := why_not():
        pytest.skip(reason)
    with running(tmp_path_factory.mktemp("strict"), PDS_RATE_LIMITS_ENABLED="true") as server:
        yield server


class TestRateLimits:
    pytestmark = slow

    def test_too_many_writes_make_the_account_wait(self, strict_pds: Pds, tmp_path: Path) -> None:
        """Five thousand points an hour: then nothing goes out until the time that the server names."""
        signed_in = sign_in(strict_pds, tmp_path)
        write = {"$type": "com.atproto.repo.applyWrites#create", "collection": POST, "value": {}}
        body = {"repo": signed_in.account.did, "writes": [write] * 900}
        for _ in range(2):
            # More than it takes at once, so it writes nothing; it counts three points for each all the same.
            with pytest.raises(requests.HTTPError):
                strict_pds.call("com.atproto.repo.applyWrites", data=body, access=signed_in.account.access)
        with bench_for(strict_pds, signed_in, tmp_path) as bench:
            network, message = bench.connect(), bench.message("One too many.")
            with pytest.raises(NotSent) as caught:
                bench.send(network, message)
            assert bench.records() == []
            assert isinstance(network.find(bench.intent(network, message)), Absent)
        assert (caught.value.status, caught.value.code) == (429, "RateLimitExceeded")
        assert caught.value.whole_account
        assert caught.value.retry_at is not None
        assert 0 < caught.value.retry_at.timestamp() - time.time() <= 3_601

    def test_too_many_logins_make_the_account_wait(self, strict_pds: Pds, tmp_path: Path) -> None:
        """Thirty in five minutes."""
        signed_in = sign_in(strict_pds, tmp_path)
        body = {"identifier": "nobody.test", "password": "wrong"}
        url = f"{strict_pds.url}/xrpc/{SIGN_IN}"
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: requests.post(url, json=body, timeout=30), range(31)))
        (last,) = (each for each in answers if each.status_code == 429)
        with bench_for(strict_pds, signed_in, tmp_path) as bench:
            with pytest.raises(NotSent) as caught:
                bench.connect(BSKY_HANDLE="nobody.test").verify()
        assert caught.value.whole_account
        assert caught.value.retry_at is not None
        assert abs(caught.value.retry_at.timestamp() - int(last.headers["ratelimit-reset"])) <= 1


def document(address: str) -> dict[str, Any]:
    """An account's public document that names this address as its own server."""
    return {
        "service": [
            {"id": "#other", "serviceEndpoint": "https://a"},
            {"id": "#atproto_pds", "serviceEndpoint": address},
        ]
    }


class TestHome:
    def test_a_public_service_is_left_for_the_accounts_own_server(self) -> None:
        """As the account's public document names it, in either form of its name."""
        short = document("https://morel.example.org/")
        long = json.loads(json.dumps(short).replace("#atproto", "did:plc:a#atproto"))
        assert home_of(short, "https://bsky.social") == "https://morel.example.org"
        assert home_of(long, "https://bsky.social") == "https://morel.example.org"

    @pytest.mark.parametrize(
        "service",
        ["http://localhost:2583", "http://127.0.0.1:1", "https://localhost", "https://[::1]:3", "http://a.org"],
    )
    def test_a_test_server_is_never_left(self, service: str) -> None:
        """Whatever its document says: a test must not end up on the real network."""
        assert home_of(document("https://morel.example.org"), service) == service

    @pytest.mark.parametrize(
        "found",
        [
            None,
            [],
            {},
            {"service": None},
            {"service": ["x"]},
            {"service": [{"id": "#atproto_pds"}]},
            document("http://b.org"),
        ],
    )
    def test_without_a_safe_address_it_stays(self, found: object) -> None:
        """Nothing there, nothing readable, or no https."""
        assert home_of(found, "https://bsky.social") == "https://bsky.social"
