"""What every network has to do, as tests that each of them runs through against its stand-in.

A network's own test file derives a class from `Contract` and gives a fixture `bench`. Where a network differs for a
good reason, its class overrides a test or `expected`, and says why.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Absent, CannotTell, Capabilities, Found, Receipt
from socrbot.networks.base import Network
from tests.networks.bench import START, Bench
from tests.standins.exchange import ACTED, FAULTS, WAITING
from tests.standins.server import refused


class Contract:
    """The cases. `bench` comes from the network's own file."""

    def expected(self, kind: str) -> type[NetworkError] | None:
        """The error for a fault of the publishing request; None where the network makes nothing of it."""
        return OutcomeUnknown

    @pytest.fixture
    def network(self, bench: Bench) -> Iterator[Network]:
        """The adapter, who has introduced itself; a test leaves no request or answer behind that breaks the rules."""
        adapter = bench.connect()
        adapter.verify()
        yield adapter
        assert bench.standin.violations == []

    @pytest.fixture
    def capable(self, network: Network) -> Capabilities:
        return network.capabilities

    def test_says_whose_credentials_these_are(self, network: Network, bench: Bench) -> None:
        """An id, a name and what the account may do; nothing becomes public by it."""
        identity = network.verify()
        assert identity.id
        assert identity.name
        assert not identity.lacks
        assert bench.standin.published == []

    def test_what_it_needs_is_listed(self, bench: Bench, capable: Capabilities) -> None:
        """Every variable that the adapter was given is in its capabilities, each with what it is."""
        assert set(bench.env) <= set(capable.needs) | set(capable.optional)
        assert all(capable.needs.values())

    @pytest.mark.parametrize(
        "text",
        [
            "A short sentence.",
            "Two lines.\n\nAnd “quotes” – a dash, an ellipsis… £9,790 & 98.3% <b>",
            "Cymru: ŵ ŷ. Gàidhlig. 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁷󠁬󠁳󠁿 #SaveOurChildrensRights",
            "Read it: https://example.org/petition?a=1&b=2#c and tell a friend.",
        ],
    )
    def test_a_text_arrives_as_it_is(self, network: Network, bench: Bench, text: str) -> None:
        """Character for character, once."""
        (receipt,) = bench.send(network, bench.message(text))
        (post,) = bench.standin.published
        assert post.text == text
        assert post.id == receipt.id
        assert receipt.url
        assert receipt.url.startswith("http")

    def test_pictures_arrive_byte_for_byte(self, network: Network, bench: Bench, capable: Capabilities) -> None:
        """As many as the network takes, in order, each with its own alt text."""
        media = tuple(
            bench.picture(number, f"Picture {number}: “A girl’s drawing”\nof a school – ŵ")
            for number in range(capable.max_images)
        )
        bench.send(network, bench.message("With pictures.", media=media))
        (post,) = bench.standin.published
        assert [item.data for item in post.media] == [bench.pictures[item.digest] for item in media]
        assert [item.alt for item in post.media] == [item.alt for item in media]

    def test_the_longest_alt_text_arrives_whole(self, network: Network, bench: Bench, capable: Capabilities) -> None:
        """A description of just the permitted length is not cut."""
        alt = "ŵ" * (capable.alt_limit or 1_000)
        bench.send(network, bench.message("Described.", media=(bench.picture(1, alt, "jpeg"),)))
        assert bench.standin.published[0].media[0].alt == alt

    def test_preparing_makes_nothing_public(self, network: Network, bench: Bench) -> None:
        """Uploading is not publishing."""
        message = bench.message("Not yet.", media=(bench.picture(1, "A picture"),))
        network.prepare(message, message.parts[0], key=bench.key(message, message.parts[0]), steps=bench.steps())
        assert bench.standin.published == []

    def test_preparing_again_uploads_nothing_again(self, network: Network, bench: Bench) -> None:
        """After a crash the kept steps are used, and the payload is the same, byte for byte."""
        message, steps = bench.message("Twice prepared.", media=(bench.picture(1, "A picture"),)), bench.steps()
        key = bench.key(message, message.parts[0])
        first = network.prepare(message, message.parts[0], key=key, steps=steps)
        before = len(bench.standin.record)
        again = bench.connect().prepare(message, message.parts[0], key=key, steps=steps)
        uploads = [seen for seen in bench.standin.record[before:] if seen.request.method in ("POST", "PUT")]
        assert json.dumps(again) == json.dumps(first)
        assert uploads == []

    def test_a_thread_is_a_chain(self, network: Network, bench: Bench, capable: Capabilities) -> None:
        """Each part answers the part before it."""
        if not capable.threads:
            pytest.skip("this network has no threads")
        receipts = bench.send(network, bench.message("One of three.", "Two of three.", "Three of three."))
        chain = [(post.id, post.reply_to) for post in bench.standin.published]
        assert chain == [
            (receipts[0].id, None),
            (receipts[1].id, receipts[0].id),
            (receipts[2].id, receipts[1].id),
        ]

    def test_a_deleted_post_is_gone(self, network: Network, bench: Bench) -> None:
        """Deleting works from another life of the program, and a second time it is no error."""
        (receipt,) = bench.send(network, bench.message("To be deleted."))
        kept = Receipt(receipt.id, receipt.url, json.loads(json.dumps(dict(receipt.extra))))
        bench.connect().delete(kept)
        assert bench.standin.visible == []
        network.delete(kept)

    def test_recent_posts_come_back_as_they_were_written(self, network: Network, bench: Bench) -> None:
        """Newest first, only those since the given time, with text, pictures, place and time."""
        bench.send(network, bench.message("An old one."))
        bench.clock.advance(timedelta(hours=2))
        bench.send(network, bench.message("With a link: https://example.org/petition?a=1&b=2"))
        bench.clock.advance(timedelta(minutes=5))
        (last,) = bench.send(network, bench.message("With a picture", media=(bench.picture(1, "A picture"),)))
        posts = network.recent(bench.clock.now() - timedelta(hours=1))
        assert [post.text for post in posts] == ["With a picture", "With a link: https://example.org/petition?a=1&b=2"]
        assert [post.media_count for post in posts] == [1, 0]
        assert (posts[0].id, posts[0].url) == (last.id, last.url)
        assert posts[0].created_at == bench.clock.now()

    def test_a_refusal_is_for_a_person(self, network: Network, bench: Bench) -> None:
        """What the network will not take is refused, with the network's reason, and is not public."""
        bench.standin.fault("status", match=bench.publishing, **bench.refusal)
        with pytest.raises(Refused) as caught:
            bench.send(network, bench.message("Refused."))
        assert not caught.value.duplicate
        assert bench.standin.published == []

    def test_a_rate_limit_makes_the_account_wait(self, network: Network, bench: Bench) -> None:
        """Nothing went out; the whole account waits until the network listens again."""
        bench.standin.fault("status", match=bench.publishing, **bench.too_many)
        with pytest.raises(NotSent) as caught:
            bench.send(network, bench.message("Too many."))
        assert caught.value.retry_at == bench.listens_at
        assert caught.value.whole_account
        assert bench.standin.published == []

    def test_dead_credentials_stop_the_account(self, network: Network, bench: Bench) -> None:
        """Every call that needs them says so, whatever it is; looking for a lost post says that it cannot tell."""
        message = bench.message("Never.")
        intent = bench.intent(network, message)
        receipt = bench.send(network, bench.message("Before."))[0]
        bench.standin.revoke()
        calls: list[Callable[[], object]] = [
            network.verify,
            lambda: network.publish(intent.payload, key=intent.key, reply_to=None),
            lambda: network.delete(receipt),
            lambda: network.recent(START),
        ]
        for call in calls:
            with pytest.raises(Unauthorised):
                call()
        assert isinstance(network.find(intent), CannotTell)
        assert len(bench.standin.published) == 1

    @pytest.mark.parametrize("kind", FAULTS)
    def test_a_lost_answer_is_never_taken_for_a_result(self, network: Network, bench: Bench, kind: str) -> None:
        """Whatever goes wrong while publishing: no receipt, the right error, and the truth is found afterwards."""
        message = bench.message("Was it sent? See https://example.org/petition", media=(bench.picture(1, "A picture"),))
        intent = bench.intent(network, message)
        bench.standin.fault(kind, match=bench.publishing)
        error, sender = self.expected(kind), bench.sender(kind)
        if error is None:
            sender.publish(intent.payload, key=intent.key, reply_to=None)
        else:
            with pytest.raises(error):
                sender.publish(intent.payload, key=intent.key, reply_to=None)
        assert bench.standin.wait_until(lambda: len(bench.standin.published) == (kind in ACTED))
        bench.clock.advance(timedelta(seconds=90))
        finding = bench.connect().find(intent)
        if kind in ACTED:
            assert isinstance(finding, Found)
            assert finding.receipt.id == bench.standin.published[0].id
            bench.connect().delete(finding.receipt)
            assert bench.standin.visible == []
        else:
            assert isinstance(finding, Absent)

    def test_a_part_of_a_thread_is_found_in_its_place(
        self, network: Network, bench: Bench, capable: Capabilities
    ) -> None:
        """A lost answer to a second part is settled like any other."""
        if not capable.threads:
            pytest.skip("this network has no threads")
        (first,) = bench.send(network, bench.message("The first part."))
        intent = bench.intent(network, bench.message("The first part.", "The second part."), reply_to=first)
        assert isinstance(network.find(intent), Absent)
        bench.standin.fault("drop-after", match=bench.publishing)
        with pytest.raises(OutcomeUnknown):
            network.publish(intent.payload, key=intent.key, reply_to=first)
        finding = network.find(intent)
        assert isinstance(finding, Found)
        assert finding.receipt.id == bench.standin.published[1].id

    def test_another_post_is_not_taken_for_the_lost_one(self, network: Network, bench: Bench) -> None:
        """Other posts of the same time prove nothing."""
        intent = bench.intent(network, bench.message("The lost one. https://example.org/petition"))
        bench.send(network, bench.message("The lost one is another."))
        bench.send(network, bench.message("Something else."))
        assert isinstance(network.find(intent), Absent)

    @pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind != "duplicate"])
    def test_a_look_that_fails_proves_nothing(self, network: Network, bench: Bench, kind: str) -> None:
        """Where the posts cannot be read, nobody may believe that one is absent."""
        intent = bench.intent(network, bench.message("Where is it?"))
        bench.standin.fault(kind, match=bench.reading, times=9)
        assert isinstance(bench.sender(kind).find(intent), CannotTell)

    def test_a_look_that_comes_too_often_says_when_to_come_back(self, network: Network, bench: Bench) -> None:
        """A rate limit on reading is no answer either."""
        intent = bench.intent(network, bench.message("Where is it?"))
        bench.standin.fault("status", match=bench.reading, times=9, **bench.too_many)
        finding = network.find(intent)
        assert isinstance(finding, CannotTell)
        assert finding.retry_at == bench.listens_at

    @pytest.mark.parametrize("kind", FAULTS)
    def test_trouble_with_a_picture_publishes_nothing(self, network: Network, bench: Bench, kind: str) -> None:
        """Before the publishing call nothing can be public; the next try succeeds."""
        message = bench.message("With a picture.", media=(bench.picture(1, "A picture"),))
        part, steps = message.parts[0], bench.steps()
        bench.standin.fault(kind)
        failed: NetworkError | None = None
        try:
            bench.sender(kind).prepare(message, part, key=bench.key(message, part), steps=steps)
        except NetworkError as error:
            failed = error
        assert failed is None if kind == "duplicate" else isinstance(failed, NotSent | OutcomeUnknown)
        assert bench.standin.published == []
        payload = network.prepare(message, part, key=bench.key(message, part), steps=steps)
        network.publish(payload, key=bench.key(message, part), reply_to=None)
        assert [item.alt for item in bench.standin.published[0].media] == ["A picture"]

    def test_a_server_that_is_down_has_been_sent_nothing(self, network: Network, bench: Bench) -> None:
        """Nobody listens: not sent, and the network's posts cannot be read."""
        message = bench.message("Is anybody there?")
        intent = bench.intent(network, message)
        with refused() as nowhere:
            alone = bench.connect(**{bench.address: nowhere})
            with pytest.raises(NotSent):
                alone.publish(intent.payload, key=intent.key, reply_to=None)
            with pytest.raises(NotSent):
                alone.recent(START)
            assert isinstance(alone.find(intent), CannotTell)

    def test_no_error_and_no_log_line_holds_a_secret(
        self, network: Network, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Not with every library at DEBUG, not for any fault, not where the server itself sends the secret back."""
        caplog.set_level(logging.DEBUG)
        for name in list(logging.root.manager.loggerDict):
            caplog.set_level(logging.DEBUG, name)
        secrets, told = bench.secrets(), []
        loud = {"detail": " ".join(secrets), "error": {"message": " ".join(secrets)}, "message": " ".join(secrets)}
        cases = [(kind, {}) for kind in FAULTS if kind not in WAITING]
        cases += [("status", {"status": status, "body": loud}) for status in (400, 401, 403, 404, 429, 500)]
        for kind, more in cases:
            bench.standin.fault(kind, match=bench.publishing, **more)
            try:
                bench.send(bench.connect(), bench.message(f"Fault {kind} {more.get('status')}"))
            except NetworkError as error:
                told += [str(error), repr(error), *traceback.format_exception(error), str(vars(error))]
        with refused() as nowhere, pytest.raises(NotSent) as caught:
            bench.connect(**{bench.address: nowhere}).recent(START)
        told += [*traceback.format_exception(caught.value)]
        everything = "\n".join([*told, caplog.text, repr(network), repr(bench.equipment())])
        assert len(told) > 30
        assert not [secret for secret in secrets if secret in everything]
