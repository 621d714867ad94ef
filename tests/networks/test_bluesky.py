"""What Bluesky gets to see: text, places of links, pictures, threads, keys. Judged by the real server."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, OutcomeUnknown, Refused
from socrbot.message import Attachment, Found, Message, Part, Receipt, Rendition
from socrbot.networks.base import Equipment, Network
from socrbot.networks.bluesky import CAPABILITIES, Bluesky
from socrbot.networks.wire.bluesky import record_key
from socrbot.text import graphemes, spans
from tests.networks.bench import START, MemorySteps
from tests.networks.benches.bluesky import FAMILY, RICH, BlueskyBench, later
from tests.networks.lexicon import mistakes

TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")

slow = [pytest.mark.slow, pytest.mark.xdist_group("pds")]


@pytest.fixture
def bench(bluesky: BlueskyBench) -> BlueskyBench:
    return bluesky


@pytest.fixture
def network(bench: BlueskyBench) -> Network:
    return bench.connect()


def offline(folder: Path) -> Bluesky:
    """An adapter that has nobody to speak to: any call would fail."""
    env = {"BSKY_HANDLE": "a.test", "BSKY_APP_PASSWORD": "password", "BSKY_SERVICE": "http://127.0.0.1:9"}
    return Bluesky(Equipment("account", env, {}, VirtualClock(START), no_media, folder))


def no_media(attachment: Attachment, like: Attachment | None = None) -> Rendition:
    """For those who send none."""
    raise AssertionError((attachment, like))


def message_of(text: str) -> Message:
    return Message("post", "account", "bluesky", "en-GB", (Part(1, text, spans(text)),), "")


class TestRecordKey:
    keys = st.builds(
        "{:016x}@{}/{}".format, st.integers(0, 2**64 - 1), st.integers(0, 2**52), st.integers(1, 99)
    ) | st.text(max_size=40)

    @given(keys)
    def test_is_always_a_key_that_the_server_takes(self, key: str) -> None:
        """Thirteen characters of its alphabet, and the same ones each time."""
        assert TID.fullmatch(record_key(key))
        assert record_key(key) == record_key(key)

    @given(
        st.lists(
            st.tuples(st.integers(0, 2**32), st.integers(1, 99), st.integers(0, 2**64 - 1)),
            min_size=2,
            max_size=6,
            unique_by=lambda each: each[:2],
        )
    )
    def test_sorts_by_planned_time_and_part(self, planned: list[tuple[int, int, int]]) -> None:
        """Lists of posts are sorted by record key: it follows the plan, whatever the hash."""
        made = [record_key(f"{digest:016x}@{second}000000/{part}") for second, part, digest in sorted(planned)]
        assert made == sorted(made)

    def test_a_key_of_another_form_comes_before_all_planned_ones(self) -> None:
        """It can be no key of a post that is yet to come."""
        assert max(record_key(f"any {n}") for n in range(500)) < record_key("0a@1700000000000000/1")

    def test_posts_of_one_moment_do_not_meet(self) -> None:
        """Two thousand posts planned for the same second have two thousand keys."""
        made = {record_key(f"{n:016x}@1772910000000000/1") for n in range(2_000)}
        assert len(made) == 2_000

    def test_stays_what_it_was(self) -> None:
        """A key made by an earlier version must be found again: these never change."""
        assert record_key("4fa1c20b9d3e7a56@1772910000000000/1") == "3mgij5gdyglxb"
        assert record_key("4fa1c20b9d3e7a56@1772910000000000/2") == "3mgij5gehvjao"


class TestWithoutServer:
    @pytest.mark.parametrize("text", ["a" * 301, FAMILY * 121, "é" * 1_501])
    def test_what_is_too_long_is_refused_before_any_call(self, tmp_path: Path, text: str) -> None:
        """By characters as a person counts them, and by bytes."""
        message = message_of(text)
        with pytest.raises(Refused, match="Make it shorter"):
            offline(tmp_path).prepare(message, message.parts[0], key="k", steps=MemorySteps(VirtualClock(START)))


class TestText:
    pytestmark = slow

    def test_links_hashtags_and_mentions_are_cut_to_the_byte(self, network: Network, bench: BlueskyBench) -> None:
        """Read back raw, each range of bytes holds exactly the link, hashtag or mention that it stands for."""
        text = f"{RICH} @{bench.account.handle}, not @nobody-at-all.test or @someone"
        bench.send(network, bench.message(text))
        (record,) = (each["value"] for each in bench.records())
        raw = record["text"].encode()
        cut = [
            (raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), facet["features"])
            for facet in record["facets"]
        ]
        kind = "app.bsky.richtext.facet"
        assert record["text"] == text
        assert cut == [
            ("#SaveOurChildrensRights", [{"$type": f"{kind}#tag", "tag": "SaveOurChildrensRights"}]),
            (
                "https://example.org/petition?a=1&b=ŵ#c",
                [{"$type": f"{kind}#link", "uri": "https://example.org/petition?a=1&b=ŵ#c"}],
            ),
            (f"@{bench.account.handle}", [{"$type": f"{kind}#mention", "did": bench.account.did}]),
        ]

    def test_the_record_keeps_the_lexicon(self, network: Network, bench: BlueskyBench) -> None:
        """Every field, as the server keeps it, in a thread with pictures."""
        pictures = tuple(bench.picture(number, "Alt") for number in range(4))
        bench.send(network, bench.message(RICH, "And on.", media=pictures))
        values = [each["value"] for each in bench.records()]
        assert [mistakes(value) for value in values] == [[], []]
        assert mistakes({**values[0], "text": "a" * 301, "langs": ["en"] * 4}) != []
        assert values[0]["langs"] == ["en-GB", "en"]
        assert values[0]["createdAt"] == "2026-03-07T19:00:00.000Z"

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.text(st.sampled_from(f"aé{FAMILY}#@: /.\nŵ٣") | st.characters(exclude_categories=["Cs"]), max_size=150))
    def test_any_text_makes_a_valid_record(self, network: Network, bench: BlueskyBench, text: str) -> None:
        """Whatever is written: a record by the lexicon, with ranges in order that never meet."""
        part = bench.message(text).parts[0]
        record = network.prepare(bench.message(text), part, key="k", steps=bench.steps())["record"]
        assert isinstance(record, dict)
        ranges = [each["index"] for each in record.get("facets", ())]
        ends = [place for each in ranges for place in (each["byteStart"], each["byteEnd"])]
        assert mistakes(record) == []
        assert ends == sorted(ends)
        for each in ranges:
            text.encode()[each["byteStart"] : each["byteEnd"]].decode()

    @pytest.mark.parametrize("text", ["a" * 300, FAMILY * 120, "é" * 300])
    def test_the_longest_text_is_taken(self, network: Network, bench: BlueskyBench, text: str) -> None:
        """Three hundred characters as a person counts them."""
        assert graphemes(text) <= CAPABILITIES.text_limit
        bench.send(network, bench.message(text))
        assert [each["value"]["text"] for each in bench.records()] == [text]

    def test_the_server_draws_the_line_where_we_do(self, network: Network, bench: BlueskyBench) -> None:
        """One character more is refused there too, in its own words."""
        intent = bench.intent(network, bench.message("a" * 300))
        record = intent.payload["record"]
        assert isinstance(record, dict)
        longer = {**intent.payload, "record": {**record, "text": "a" * 301}}
        with pytest.raises(Refused, match="301"):
            network.publish(longer, key=intent.key, reply_to=None)
        assert bench.records() == []


class TestPictures:
    pytestmark = slow

    def test_arrive_with_type_and_shape(self, bench: BlueskyBench) -> None:
        """The server is told what each picture really is, and the app how much room it needs: as it was sent."""
        media = (bench.picture(1, "One", "png"), bench.picture(2, "Two", "png"))
        other, equipment = bench.picture(3, "", "jpeg"), bench.equipment()

        def fitted(attachment: Attachment, like: Attachment | None = None) -> Rendition:
            """A picture that was made to fit may have changed its kind and its shape on the way."""
            if attachment is media[1]:
                return replace(equipment.media(other, like), width=20, height=30)
            return equipment.media(attachment, like)

        bench.send(Bluesky(replace(equipment, media=fitted)), bench.message("Two.", media=media))
        images = bench.records()[0]["value"]["embed"]["images"]
        assert [image["image"]["mimeType"] for image in images] == ["image/png", "image/jpeg"]
        assert [image["aspectRatio"] for image in images] == [{"width": 16, "height": 9}, {"width": 20, "height": 30}]

    def test_one_that_is_too_big_is_refused_in_plain_words(self, network: Network, bench: BlueskyBench) -> None:
        """Before it is uploaded."""
        picture = bench.picture(1, "Huge")
        bench.pictures[picture.digest] = b"\xff\xd8\xff" + bytes(1_000_000)
        message = bench.message("Huge.", media=(picture,))
        with pytest.raises(Refused, match=r"media/1\.png is too big"):
            network.prepare(message, message.parts[0], key="k", steps=bench.steps())
        assert bench.between.calls("com.atproto.repo.uploadBlob") == []

    def test_one_that_the_server_has_lost_is_uploaded_again(self, network: Network, bench: BlueskyBench) -> None:
        """Unused uploads are thrown away after a while: that is a reason to try again, not to give up."""
        other = bench.pds.account()
        message, steps = bench.message("Once more.", media=(bench.picture(1, "A picture"),)), bench.steps()
        part, key = message.parts[0], bench.key(message, message.parts[0])
        network.prepare(message, part, key=key, steps=steps)
        (name,) = steps.kept
        image = json.loads(steps.kept[name][0])
        image["image"]["ref"]["$link"] = self._never_uploaded(other.did)
        steps.keep(name, json.dumps(image))
        payload = network.prepare(message, part, key=key, steps=steps)
        with pytest.raises(NotSent, match="uploaded again"):
            network.publish(payload, key=key, reply_to=None)
        network.publish(network.prepare(message, part, key=key, steps=steps), key=key, reply_to=None)
        assert len(bench.records()) == 1

    @staticmethod
    def _never_uploaded(seed: str) -> str:
        """The name (a CID) of bytes that the server has never seen."""
        import base64
        import hashlib

        raw = b"\x01\x55\x12\x20" + hashlib.sha256(seed.encode()).digest()
        return "b" + base64.b32encode(raw).decode().lower().rstrip("=")

    def test_an_upload_is_used_again_only_while_it_lasts(self, network: Network, bench: BlueskyBench) -> None:
        """Within the hour once, after it anew."""
        message, steps = bench.message("Later.", media=(bench.picture(1, "A picture"),)), bench.steps()
        for wait in (0.0, 0.5, 0.6):
            later(bench, wait)
            network.prepare(message, message.parts[0], key="k", steps=steps)
        assert len(bench.between.calls("com.atproto.repo.uploadBlob")) == 2


class TestThreads:
    pytestmark = slow

    def test_every_part_names_the_first_and_the_one_before(self, network: Network, bench: BlueskyBench) -> None:
        """The root stays the first part, with the hashes that the server gave."""
        receipts = bench.send(network, bench.message("One.", "Two.", "Three."))
        there = {each["value"]["text"]: each for each in bench.records()}
        named = {text: {"uri": each["uri"], "cid": each["cid"]} for text, each in there.items()}
        assert "reply" not in there["One."]["value"]
        assert there["Two."]["value"]["reply"] == {"root": named["One."], "parent": named["One."]}
        assert there["Three."]["value"]["reply"] == {"root": named["One."], "parent": named["Two."]}
        assert [receipt.extra["root_uri"] for receipt in receipts] == [named["One."]["uri"]] * 3

    @pytest.mark.parametrize("told", ["{url}", "{uri}", "https://bsky.app/profile/{handle}/post/{key}?ref=share"])
    def test_goes_on_from_a_part_of_which_a_person_gave_the_address(
        self, network: Network, bench: BlueskyBench, told: str
    ) -> None:
        """Its place in the thread is read from the server: one look, one post."""
        first, second = bench.send(network, bench.message("One.", "Two."))
        address = told.format(url=second.url, uri=second.id, handle=bench.account.handle, key=second.id[-13:])
        intent = bench.intent(network, bench.message("One.", "Two.", "Three."))
        before = len(bench.between.record)
        receipt = network.publish(intent.payload, key=intent.key, reply_to=Receipt(address, address))
        (third,) = (each["value"] for each in bench.records() if each["uri"] == receipt.id)
        assert third["reply"]["root"]["uri"] == first.id == receipt.extra["root_uri"]
        assert third["reply"]["parent"] == {"uri": second.id, "cid": second.extra["cid"]}
        assert len(bench.between.record) - before == 2

    @pytest.mark.parametrize(
        "address",
        [
            "https://bsky.app/profile/a.test/post/3q23cwl7uttr3",
            "https://bsky.app/profile/did:plc:other/post/3q23cwl7uttr3",
            "https://example.org/",
            "",
        ],
    )
    def test_does_not_go_on_from_what_is_no_post_of_ours(
        self, network: Network, bench: BlueskyBench, address: str
    ) -> None:
        """The next part is refused, not sent on its own."""
        intent = bench.intent(network, bench.message("One.", "Two."))
        with pytest.raises(Refused):
            network.publish(intent.payload, key=intent.key, reply_to=Receipt(address, address or None))
        assert bench.records() == []

    def test_a_look_at_the_part_before_that_fails_sends_nothing(self, network: Network, bench: BlueskyBench) -> None:
        """The next try looks again. Where the part is there by then, which one is found out later, not in this call."""
        (first,) = bench.send(network, bench.message("One."))
        told = Receipt(first.url or "")
        intent = bench.intent(network, bench.message("One.", "Two."))
        bench.standin.fault("drop-after", match=bench.reading)
        with pytest.raises(NotSent):
            network.publish(intent.payload, key=intent.key, reply_to=told)
        network.publish(intent.payload, key=intent.key, reply_to=told)
        later(bench, 0.1)
        again = bench.intent(network, bench.message("One.", "Two."))
        with pytest.raises(OutcomeUnknown):
            network.publish(again.payload, key=again.key, reply_to=told)
        assert isinstance(network.find(again), Found)
        assert len(bench.records()) == 2

    def test_parts_are_listed_in_their_order(self, network: Network, bench: BlueskyBench) -> None:
        """Their keys sort as the parts do."""
        bench.send(network, bench.message(*(f"Part {number}." for number in range(1, 8))))
        assert [each["value"]["text"] for each in reversed(bench.records())] == [f"Part {n}." for n in range(1, 8)]
