"""Bluesky never gets a post twice, and shows what is there. Judged by the real server."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from socrbot.errors import OutcomeUnknown, Refused
from socrbot.message import Absent, CannotTell, Found, Receipt
from socrbot.networks.base import Network
from socrbot.networks.wire.bluesky import record_key
from tests.networks.bench import START
from tests.networks.benches.bluesky import PUT, RICH, SIGN_IN, BlueskyBench, later
from tests.pds import POST

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pds")]


@pytest.fixture
def bench(bluesky: BlueskyBench) -> BlueskyBench:
    return bluesky


@pytest.fixture
def network(bench: BlueskyBench) -> Network:
    return bench.connect()


class TestNeverTwice:
    def test_the_same_key_makes_one_post_and_one_receipt(self, network: Network, bench: BlueskyBench) -> None:
        """From another life of the program, at another time, with the picture uploaded afresh."""
        message = bench.message(RICH, "And on.", media=(bench.picture(1, "A picture"),))
        first = bench.send(network, message)
        later(bench, 0.1)
        assert bench.send(bench.connect(), message) == first
        assert len(bench.records()) == 2

    def test_a_key_with_another_text_is_refused_as_there_already(self, network: Network, bench: BlueskyBench) -> None:
        """The post that is there stays as it is."""
        (first,) = bench.send(network, bench.message("The first."))
        intent = bench.intent(network, bench.message("The first."))
        record = intent.payload["record"]
        assert isinstance(record, dict)
        changed = {**intent.payload, "record": {**record, "text": "Another."}}
        with pytest.raises(Refused) as caught:
            network.publish(changed, key=intent.key, reply_to=None)
        assert caught.value.duplicate
        assert caught.value.original == first.id
        assert [each["value"]["text"] for each in bench.records()] == ["The first."]
        assert isinstance(network.find(replace(intent, payload=changed)), CannotTell)

    def test_a_post_that_was_taken_down_is_not_sent_again(self, own_bluesky: BlueskyBench) -> None:
        """The server says that there is none, and refuses to make it: that is for a person."""
        bench, network = own_bluesky, own_bluesky.connect()
        (receipt,) = bench.send(network, bench.message("Taken down."))
        bench.pds.take_down({"uri": receipt.extra["uri"], "cid": receipt.extra["cid"]})
        later(bench, 0.1)
        with pytest.raises(Refused) as caught:
            bench.send(network, bench.message("Taken down."))
        assert caught.value.duplicate

    @pytest.mark.parametrize("kind", ["drop-after", "html-502", "broken-json"])
    def test_a_look_that_fails_after_a_clash_is_no_result(
        self, network: Network, bench: BlueskyBench, kind: str
    ) -> None:
        """Something is there, and we could not see what: the truth is found later."""
        message = bench.message("Seen later.")
        bench.send(network, message)
        later(bench, 0.1)
        intent = bench.intent(network, message)
        bench.standin.fault(kind, match=bench.reading)
        with pytest.raises(OutcomeUnknown):
            network.publish(intent.payload, key=intent.key, reply_to=None)
        assert isinstance(network.find(intent), Found)
        assert len(bench.records()) == 1

    def test_a_post_whose_answer_was_lost_is_found_and_not_repeated(
        self, network: Network, bench: BlueskyBench
    ) -> None:
        """Even where somebody sends it again without having looked: one post, and its receipt."""
        message = bench.message("Lost and found.")
        bench.standin.fault("drop-after", match=bench.publishing)
        with pytest.raises(OutcomeUnknown):
            bench.send(network, message)
        later(bench, 0.1)
        (receipt,) = bench.send(bench.connect(), message)
        assert [each["uri"] for each in bench.records()] == [receipt.id]


class TestReadingAndDeleting:
    def test_recent_turns_the_pages(self, network: Network, bench: BlueskyBench) -> None:
        """All posts since then, over several pages, newest first; those before are left out."""
        self._make(bench, range(-60, 230))
        posts = network.recent(START)
        assert [post.text for post in posts] == [f"Post {number}" for number in reversed(range(230))]
        assert len(bench.between.calls("com.atproto.repo.listRecords")) == 4

    def test_recent_does_not_read_the_whole_past(self, network: Network, bench: BlueskyBench) -> None:
        """It stops at the first page that is older by a day."""
        self._make(bench, range(-72 * 60, 0, 12))
        assert [post.text for post in network.recent(START - timedelta(minutes=20))] == ["Post -12"]
        assert len(bench.between.calls("com.atproto.repo.listRecords")) < 4

    def test_a_post_is_deleted_by_the_address_that_a_person_copied(self, network: Network, bench: BlueskyBench) -> None:
        """From the app, with whatever hangs on its end."""
        (receipt,) = bench.send(network, bench.message("To be deleted."))
        network.delete(Receipt(f"{receipt.url}?ref=share#top"))
        assert bench.records() == []

    @pytest.mark.parametrize("address", ["https://bsky.app/profile/a.test", "at://did:plc:other/x/3q23cwl7uttr3", ""])
    def test_what_is_no_post_of_ours_is_not_said_to_be_deleted(
        self, network: Network, bench: BlueskyBench, address: str
    ) -> None:
        """The server would say yes to anything."""
        with pytest.raises(Refused):
            network.delete(Receipt(address))
        assert bench.between.calls("com.atproto.repo.deleteRecord") == []

    def test_a_deleted_post_is_absent(self, network: Network, bench: BlueskyBench) -> None:
        """The server knows at once."""
        intent = bench.intent(network, bench.message("Gone."))
        network.delete(network.publish(intent.payload, key=intent.key, reply_to=None))
        assert isinstance(network.find(intent), Absent)

    def test_publishing_needs_one_call(self, network: Network, bench: BlueskyBench) -> None:
        """A text without mentions: no login, nothing but the record."""
        bench.send(network, bench.message(RICH))
        assert [seen.request.path for seen in bench.between.record] == [f"/xrpc/{PUT}"]
        assert bench.between.calls(SIGN_IN) == []

    @staticmethod
    def _make(bench: BlueskyBench, minutes: range) -> None:
        """Makes posts as other apps do, one for each minute from START, two hundred to a call."""
        writes = [
            {
                "$type": "com.atproto.repo.applyWrites#create",
                "collection": POST,
                "rkey": record_key(f"0a@{int((START + timedelta(minutes=n)).timestamp())}000000/1"),
                "value": {
                    "$type": POST,
                    "text": f"Post {n}",
                    "createdAt": (START + timedelta(minutes=n)).isoformat().replace("+00:00", "Z"),
                },
            }
            for n in minutes
        ]
        for start in itertools.count(0, 200):
            if start >= len(writes):
                break
            body = {"repo": bench.account.did, "writes": writes[start : start + 200]}
            bench.pds.call("com.atproto.repo.applyWrites", data=body, access=bench.account.access)
