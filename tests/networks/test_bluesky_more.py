"""What Bluesky shows beside the text, counts, and does on a bad day. Judged by the real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from socrbot.campaign import Account
from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, OutcomeUnknown, Place
from socrbot.media import card_picture
from socrbot.message import Found, Message, Metrics
from socrbot.networks import capabilities_of
from socrbot.networks.base import Network
from socrbot.networks.bluesky import Bluesky
from socrbot.networks.wire.repository import Repository
from socrbot.networks.wire.xrpc import Calls
from tests.networks.bench import START
from tests.networks.benches.bluesky import PUT, BlueskyBench, later
from tests.networks.lexicon import mistakes
from tests.networks.test_cards import jpeg
from tests.networks.web import Web, html, serving
from tests.pds import Pds
from tests.whole.bot import TONIGHT, Bot, settle_down
from tests.whole.campaigns import write

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pds")]

UPLOAD = "com.atproto.repo.uploadBlob"
CARD = {"card": "yes"}


@pytest.fixture
def bench(bluesky: BlueskyBench) -> BlueskyBench:
    return bluesky


@pytest.fixture
def network(bench: BlueskyBench) -> Network:
    """With the means to clean a picture from the web, as the bot has them."""
    return Bluesky(replace(bench.equipment(), card_picture=card_picture))


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as made:
        yield made


def petition(web: Web) -> str:
    """A page with all that a card may show. Gives its address."""
    web.answers["/p.jpg"] = html(jpeg(1_600, 900), mime="image/jpeg")
    return web.page(
        '<meta property="og:title" content="Tŷ’r Cyffredin – sign"><meta name="description" content="100,000 names">'
        '<meta property="og:image" content="/p.jpg">',
        "/petition",
    )


def carded(message: Message, **options: str) -> Message:
    return replace(message, options=options or CARD)


def shown(bench: BlueskyBench) -> Any:
    """The only post, as the server has it."""
    (entry,) = bench.records()
    assert mistakes(entry["value"]) == []
    return entry["value"]


class TestCards:
    def test_a_link_beside_the_text_is_a_card_of_its_page(
        self, network: Network, bench: BlueskyBench, web: Web
    ) -> None:
        """Title, description and picture; the address stands in the card alone."""
        address = petition(web)
        bench.send(network, carded(bench.message("Sign it today.", link=address)))
        record = shown(bench)
        external = record["embed"]["external"]
        thumb, mime = bench.pds.blob(bench.account.did, external["thumb"]["ref"]["$link"])
        assert record["text"] == "Sign it today."
        assert (external["uri"], external["title"]) == (address, "Tŷ’r Cyffredin – sign")
        assert external["description"] == "100,000 names"
        assert (mime, len(thumb) <= 1_000_000, b"taken at home" in thumb) == ("image/jpeg", True, False)
        assert [post.link for post in bench.between.published] == [address]

    def test_asked_for_on_a_post_the_address_stays_in_the_text(
        self, network: Network, bench: BlueskyBench, web: Web
    ) -> None:
        """It is the last address that gets the card."""
        address = petition(web)
        bench.send(network, carded(bench.message(f"See {web.base}/other and sign: {address}")))
        record = shown(bench)
        assert record["embed"]["external"]["uri"] == address
        assert len(record["facets"]) == 2

    @pytest.mark.parametrize("options", [{}, {"card": "no"}])
    def test_without_being_asked_there_is_none(
        self, network: Network, bench: BlueskyBench, web: Web, options: dict[str, str]
    ) -> None:
        """Nor is the page looked at."""
        bench.send(network, replace(bench.message(f"Sign: {petition(web)}"), options=options))
        assert "embed" not in shown(bench)
        assert web.asked == []

    def test_pictures_win(self, network: Network, bench: BlueskyBench, web: Web) -> None:
        """A post shows one or the other."""
        media = (bench.picture(1, "A picture"),)
        bench.send(network, carded(bench.message(f"Sign: {petition(web)}", media=media)))
        assert shown(bench)["embed"]["$type"] == "app.bsky.embed.images"
        assert web.asked == []

    def test_a_page_that_cannot_be_read_keeps_nothing_back(
        self, network: Network, bench: BlueskyBench, web: Web
    ) -> None:
        """The card shows the address."""
        bench.send(network, carded(bench.message("Sign it.", link=f"{web.base}/gone")))
        external = shown(bench)["embed"]["external"]
        bare = f"{web.base}/gone".removeprefix("http://")
        assert external == {"uri": f"{web.base}/gone", "title": bare, "description": ""}

    def test_after_a_crash_the_page_is_not_asked_again(self, network: Network, bench: BlueskyBench, web: Web) -> None:
        """Its words and the uploaded picture are kept, so that the payload is the same."""
        message, steps = carded(bench.message("Sign it.", link=petition(web))), bench.steps()
        first = network.prepare(message, message.parts[0], key="k", steps=steps)
        web.answers.clear()
        again = bench.connect().prepare(message, message.parts[0], key="k", steps=steps)
        assert json.dumps(again) == json.dumps(first)
        assert (len(bench.between.calls(UPLOAD)), len(web.asked)) == (1, 2)

    def test_a_card_whose_picture_the_server_has_lost_is_made_anew(
        self, network: Network, bench: BlueskyBench, web: Web
    ) -> None:
        """Like any other upload."""
        message, steps = carded(bench.message("Sign it.", link=petition(web))), bench.steps()
        part, key = message.parts[0], bench.key(message, message.parts[0])
        payload = network.prepare(message, part, key=key, steps=steps)
        bench.between.fault("status", match=bench.publishing, status=400, body={"error": "BlobNotFound"})
        with pytest.raises(NotSent, match="uploaded again"):
            network.publish(payload, key=key, reply_to=None)
        network.publish(network.prepare(message, part, key=key, steps=steps), key=key, reply_to=None)
        assert len(bench.between.calls(UPLOAD)) == 2
        assert "thumb" in shown(bench)["embed"]["external"]

    def test_on_the_real_network_no_page_of_the_house_is_looked_at(self, bench: BlueskyBench, web: Web) -> None:
        """Only an account on a test server may have cards of pages on this machine."""
        equipment = replace(bench.equipment(BSKY_SERVICE="https://bsky.social"), card_picture=card_picture)
        part = bench.message("Sign it.", link=petition(web)).parts[0]
        embed = Repository(equipment, Calls(equipment)).embed(part, CARD, bench.steps())
        assert embed is not None
        assert "thumb" not in embed["external"]
        assert web.asked == []

    def test_an_account_with_cards_needs_no_room_for_links(self, bench: BlueskyBench) -> None:
        """Checking and writing go by the account's option."""
        plain = Account("bluesky", "bluesky", Place("accounts.yaml"))
        assert not capabilities_of(plain).link_field
        assert capabilities_of(replace(plain, options=CARD)).link_field
        bench.options = CARD
        assert bench.connect().capabilities.link_field


class TestWords:
    @pytest.mark.parametrize(
        ("language", "langs"),
        [("cy", ["cy"]), ("cy-GB", ["cy-GB", "cy"]), ("gd", ["gd"]), ("not a language", None), ("", None)],
    )
    def test_a_post_says_its_language(
        self, network: Network, bench: BlueskyBench, language: str, langs: list[str] | None
    ) -> None:
        """As written, and without its country."""
        text = "Mae hawliau plant yn y gyfraith. Tŷ’r Cyffredin, dŵr, sŵn – llofnodwch! #HawliauPlant"
        bench.send(network, replace(bench.message(text), language=language))
        record = shown(bench)
        assert (record["text"], record.get("langs")) == (text, langs)

    def test_a_mention_reaches_another_account(self, network: Network, bench: BlueskyBench) -> None:
        """However its handle is written."""
        other = bench.pds.account("friend")
        text = f"Diolch, @{other.handle.upper()}!"
        bench.send(network, bench.message(text))
        (facet,) = shown(bench)["facets"]
        place = facet["index"]
        assert text.encode()[place["byteStart"] : place["byteEnd"]].decode() == f"@{other.handle.upper()}"
        assert facet["features"] == [{"$type": "app.bsky.richtext.facet#mention", "did": other.did}]


class TestAppView:
    @pytest.fixture
    def down(self, pds: Pds) -> Iterator[None]:
        assert pds.app_view is not None
        pds.app_view.down = True
        yield
        pds.app_view.down = False

    def test_while_it_is_down_only_the_numbers_wait(self, down: None, network: Network, bench: BlueskyBench) -> None:
        """To verify, post, find, read and delete, the account's own server is enough."""
        assert network.verify().id == bench.account.did
        message = bench.message(f"Good day, @{bench.account.handle}.", media=(bench.picture(1, "A picture"),))
        (receipt,) = bench.send(network, message)
        assert isinstance(network.find(bench.intent(network, message)), Found)
        assert [post.id for post in network.recent(START)] == [receipt.id]
        with pytest.raises(NotSent):
            network.metrics([receipt])
        network.delete(receipt)
        assert bench.records() == []

    def test_it_tells_of_twenty_five_posts_at_once(self, network: Network, bench: BlueskyBench) -> None:
        """In one call, with the account's login; a quotation counts as a share."""
        receipts = bench.send(network, bench.message(*(f"Part {number}." for number in range(25))))
        bench.count(receipts[3], likes=4, replies=1, shares=2)
        found = network.metrics(receipts)
        assert len(found) == network.capabilities.metrics_batch == 25
        assert found[receipts[3].id] == Metrics(likes=4, replies=1, shares=2)
        assert found[receipts[4].id] == Metrics(likes=0, replies=0, shares=0)
        assert len(bench.between.calls("app.bsky.feed.getPosts")) == 1


class TestCalls:
    def test_publishing_takes_two_calls_at_most(self, network: Network, bench: BlueskyBench) -> None:
        """However the last try ended: the time for a post is reckoned with that."""
        message = bench.message("Once.")
        first = bench.intent(network, message)
        network.publish(first.payload, key=first.key, reply_to=None)
        later(bench, 0.1)
        for lost in (False, True):
            intent, before = bench.intent(network, message), len(bench.between.record)
            if lost:
                bench.between.fault("drop-before", match=bench.reading)
                with pytest.raises(OutcomeUnknown):
                    network.publish(intent.payload, key=intent.key, reply_to=None)
            else:
                network.publish(intent.payload, key=intent.key, reply_to=None)
            assert len(bench.between.record) - before == 2
        assert len(bench.records()) == 1


class Mortal(Bot):
    """A bot that dies as soon as it has said a certain word."""

    last_word: str | None = None

    def _hear(self, action: str, **fields: Any) -> None:
        super()._hear(action, **fields)
        if action == self.last_word:
            raise Killed


class Killed(BaseException):
    """The end of a process: no handler of errors catches it."""


def test_a_thread_goes_on_with_its_next_part_after_a_crash(bench: BlueskyBench, tmp_path: Path) -> None:
    """Three parts, and the bot dies between the first and the second: nothing is said twice, and the chain is whole."""
    parts = "parts: [Un, Dau, Tri]\nlanguage: cy\n"
    write(tmp_path / "campaign", {"thread.yaml": TONIGHT + parts}, accounts={"bluesky": "bluesky"})
    bot = Mortal(tmp_path / "campaign", env=bench.env, clock=VirtualClock(START.replace(month=11, day=24)))
    try:
        bot.go_live("bluesky")
        bot.last_word = "part-sent"
        with pytest.raises(Killed):
            settle_down(bot, hours=4)
        assert len(bench.records()) == 1
        bot.last_word = None
        bot.restart()
        settle_down(bot)
        assert bot.states() == {"thread on bluesky": "sent"}
    finally:
        bot.close()
    there = list(reversed(bench.records()))
    assert [each["value"]["text"].split()[0] for each in there] == ["Un", "Dau", "Tri"]
    assert [each["value"]["langs"] for each in there] == [["cy"]] * 3
    assert [each["value"].get("reply", {}).get("parent", {}).get("uri") for each in there] == [
        None,
        there[0]["uri"],
        there[1]["uri"],
    ]
    assert len(bench.between.calls(PUT)) == 3
