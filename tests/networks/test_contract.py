"""What every network has to do, run by each network of the table against its stand-in or a real server.

A network gets all of it by being listed; it only needs a bench (`benches/`). The cases follow its capabilities. What
goes wrong on the way is in `test_contract_faults.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socrbot.errors import NotSent, Refused, Unauthorised
from socrbot.message import Absent, CannotTell, Capabilities, Metrics, Receipt
from socrbot.networks.base import Network
from tests.networks.bench import START, Bench
from tests.networks.cases import each_network, exactly, fits, longest, texts

COUNTS = {"likes": 3, "replies": 1, "shares": 2, "views": 40}


@pytest.fixture(params=each_network())
def network_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def capable(network: Network, bench: Bench) -> Capabilities:
    """What the account can carry, once it knows its server."""
    return bench.capable


def unless(true: bool, why: str) -> None:
    """Skips the test where it asks for something that the network does not have."""
    if not true:
        pytest.skip(f"this network {why}")


def test_says_whose_credentials_these_are(network: Network, bench: Bench) -> None:
    """An id, a name and what the account may do; nothing becomes public by it."""
    identity = network.verify()
    assert identity.id
    assert identity.name
    assert not identity.lacks
    assert bench.standin.published == []


def test_what_it_needs_is_listed(bench: Bench, capable: Capabilities) -> None:
    """Every variable that the adapter was given is in its capabilities, each with what it is; so is each option."""
    assert set(bench.env) <= set(capable.needs) | set(capable.optional)
    assert all([*capable.needs.values(), *capable.optional.values()])
    assert set(bench.options) <= set(capable.options)


@pytest.mark.parametrize(
    "text",
    [
        "A short sentence.",
        "Two lines.\n\nAnd “quotes” – a dash, an ellipsis… £9,790 & 98.3% <b>",
        "Cymru: ŵ ŷ. Gàidhlig. 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁷󠁬󠁳󠁿 #SaveOurChildrensRights",
        "Read it: https://example.org/petition?a=1&b=2#c and tell a friend.",
    ],
)
def test_a_text_arrives_as_it_is(network: Network, bench: Bench, text: str) -> None:
    """Character for character, once."""
    (receipt,) = bench.send(network, bench.message(text))
    (post,) = bench.standin.published
    assert post.text == text
    assert post.id == receipt.id
    assert receipt.url is None or receipt.url.startswith("http")


def test_the_longest_text_is_taken(network: Network, bench: Bench, capable: Capabilities) -> None:
    """A text of just the permitted length goes out whole."""
    text = exactly(longest(capable))
    assert capable.measure(text) == longest(capable)
    bench.send(network, bench.message(text))
    assert [post.text for post in bench.standin.published] == [text]


def test_the_longest_caption_is_taken(network: Network, bench: Bench, capable: Capabilities) -> None:
    """Beside a picture there may be less room."""
    unless(capable.max_images > 0, "takes no pictures")
    text = exactly(min(capable.text_limit, capable.caption_limit or capable.text_limit))
    bench.send(network, bench.message(text, media=(bench.picture(1, "Alt"),)))
    assert [(post.text, len(post.media)) for post in bench.standin.published] == [(text, 1)]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_text_that_fits_is_refused(network: Network, bench: Bench, capable: Capabilities, data: Any) -> None:
    """What checking lets through by the network's limits, the network itself takes, and changes nothing in it."""
    text = data.draw(texts(capable))
    assert fits(text, capable)
    bench.clock.advance(timedelta(minutes=5))
    said_before = text in [post.text for post in bench.standin.published]
    try:
        (receipt,) = bench.send(network, bench.message(text))
    except Refused as refused:
        if said_before and refused.duplicate:
            return
        raise
    assert {post.id: post.text for post in bench.standin.published}[receipt.id] == text


def test_a_link_beside_the_text_arrives(network: Network, bench: Bench, capable: Capabilities) -> None:
    """Where the network makes a card of a link, it gets the address in its own field."""
    unless(capable.link_field and not capable.min_media, "has no field for a link")
    address = "https://example.org/petition?a=1&b=2"
    bench.send(network, bench.message("Sign it.", link=address))
    assert [(post.text, post.link) for post in bench.standin.published] == [("Sign it.", address)]


def test_pictures_arrive_byte_for_byte(network: Network, bench: Bench, capable: Capabilities) -> None:
    """As many as the network takes, in order, each with its own alt text."""
    unless(capable.max_images > 0, "takes no pictures")
    media = tuple(
        bench.picture(number, f"Picture {number}: “A girl’s drawing”\nof a school – ŵ")
        for number in range(capable.max_images)
    )
    bench.send(network, bench.message("With pictures.", media=media))
    (post,) = bench.standin.published
    assert [item.data for item in post.media] == [bench.pictures[item.digest] for item in media]
    if capable.alt_limit != 0:
        assert [item.alt for item in post.media] == [item.alt for item in media]


def test_the_longest_alt_text_arrives_whole(network: Network, bench: Bench, capable: Capabilities) -> None:
    """A description of just the permitted length is not cut."""
    unless(capable.max_images > 0 and capable.alt_limit != 0, "has no descriptions")
    alt = "ŵ" * (capable.alt_limit or 1_000)
    bench.send(network, bench.message("Described.", media=(bench.picture(1, alt, "jpeg"),)))
    assert bench.standin.published[0].media[0].alt == alt


def test_preparing_makes_nothing_public(network: Network, bench: Bench, capable: Capabilities) -> None:
    """Uploading is not publishing."""
    media = (bench.picture(1, "A picture"),) if capable.max_images else ()
    message = bench.message("Not yet.", media=media)
    network.prepare(message, message.parts[0], key=bench.key(message, message.parts[0]), steps=bench.steps())
    assert bench.standin.published == []


def test_preparing_again_uploads_nothing_again(network: Network, bench: Bench, capable: Capabilities) -> None:
    """After a crash the kept steps are used, and the payload is the same, byte for byte."""
    media = (bench.picture(1, "A picture"),) if capable.max_images else ()
    message, steps = bench.message("Twice prepared.", media=media), bench.steps()
    key = bench.key(message, message.parts[0])
    first = network.prepare(message, message.parts[0], key=key, steps=steps)
    before = len(bench.standin.record)
    again = bench.connect().prepare(message, message.parts[0], key=key, steps=steps)
    uploads = [seen for seen in bench.standin.record[before:] if seen.request.method in ("POST", "PUT")]
    assert json.dumps(again) == json.dumps(first)
    assert uploads == []


def test_a_thread_is_a_chain(network: Network, bench: Bench, capable: Capabilities) -> None:
    """Each part answers the part before it; as comments, they all stand below the first."""
    unless(capable.threads or capable.comments, "has neither threads nor comments")
    receipts = bench.send(network, bench.message("One of three.", "Two of three.", "Three of three."))
    chain = [(post.id, post.text, post.reply_to) for post in bench.standin.published]
    above = receipts[1] if capable.threads else receipts[0]
    assert chain == [
        (receipts[0].id, "One of three.", None),
        (receipts[1].id, "Two of three.", receipts[0].id),
        (receipts[2].id, "Three of three.", above.id),
    ]


def test_a_part_without_its_thread_is_refused(network: Network, bench: Bench, capable: Capabilities) -> None:
    """Where parts cannot answer each other, none goes out on its own by mistake."""
    unless(not (capable.threads or capable.comments), "has threads or comments")
    (first,) = bench.send(network, bench.message("The first part."))
    message = bench.message("The second part.")
    payload = network.prepare(message, message.parts[0], key="k", steps=bench.steps())
    with pytest.raises(Refused):
        network.publish(payload, key="k", reply_to=first)
    assert len(bench.standin.published) == 1


def test_a_deleted_post_is_gone(network: Network, bench: Bench, capable: Capabilities) -> None:
    """Deleting works from another life of the program, and a second time it is no error."""
    (receipt,) = bench.send(network, bench.message("To be deleted."))
    kept = Receipt(receipt.id, receipt.url, json.loads(json.dumps(dict(receipt.extra))))
    if not capable.deletes:
        with pytest.raises(Refused):
            network.delete(kept)
        return
    bench.connect().delete(kept)
    assert bench.standin.visible == []
    network.delete(kept)


def test_a_post_that_a_person_told_us_of_is_gone_or_left_to_them(
    network: Network, bench: Bench, capable: Capabilities
) -> None:
    """Its address stands where the id should be. It is never said to be deleted while it is still public."""
    unless(capable.deletes, "deletes nothing")
    (receipt,) = bench.send(network, bench.message("Settled by hand."))
    unless(receipt.url is not None and receipt.url.startswith("https://"), "gives no address")
    try:
        network.delete(Receipt(receipt.url or "", receipt.url))
    except (Refused, Unauthorised):
        assert len(bench.standin.visible) == 1
    else:
        assert bench.standin.visible == []


def test_a_deleted_part_is_gone(network: Network, bench: Bench, capable: Capabilities) -> None:
    """Later parts of a thread can be deleted like the first."""
    unless(capable.deletes and (capable.threads or capable.comments), "deletes no later parts")
    first, second = bench.send(network, bench.message("Stays.", "Goes."))
    network.delete(second)
    assert [post.text for post in bench.standin.visible] == ["Stays."]
    network.delete(second)
    network.delete(first)
    assert bench.standin.visible == []


def test_recent_posts_come_back_as_they_were_written(network: Network, bench: Bench, capable: Capabilities) -> None:
    """Newest first, only those since the given time, with text, pictures, place and time."""
    unless(capable.reads_back, "shows no posts")
    picture = (bench.picture(1, "A picture"),) if capable.max_images else ()
    bench.send(network, bench.message("An old one."))
    bench.clock.advance(timedelta(hours=2))
    bench.send(network, bench.message("With a link: https://example.org/petition?a=1&b=2"))
    bench.clock.advance(timedelta(minutes=5))
    (last,) = bench.send(network, bench.message("The last", media=picture))
    posts = network.recent(bench.clock.now() - timedelta(hours=1))
    assert [post.text for post in posts] == ["The last", "With a link: https://example.org/petition?a=1&b=2"]
    assert [post.media_count for post in posts] == [len(picture), capable.min_media]
    assert posts[0].id == last.id
    assert last.url in (posts[0].url, None)
    assert posts[0].created_at == bench.clock.now()


def test_another_post_is_not_taken_for_the_lost_one(network: Network, bench: Bench, capable: Capabilities) -> None:
    """Other posts of the same time prove nothing."""
    intent = bench.intent(network, bench.message("The lost one. https://example.org/petition"))
    bench.send(network, bench.message("The lost one is another."))
    bench.send(network, bench.message("Something else."))
    assert isinstance(network.find(intent), Absent if capable.reads_back else CannotTell)


def test_dead_credentials_stop_the_account(own_bench: Bench) -> None:
    """Every call that needs them says so, whatever it is; looking for a lost post says that it cannot tell."""
    network, capable = own_bench.connect(), own_bench.capable
    network.verify()
    intent = own_bench.intent(network, own_bench.message("Never."))
    receipt = own_bench.send(network, own_bench.message("Before."))[0]
    own_bench.revoke()
    calls: list[Callable[[], object]] = [lambda: network.publish(intent.payload, key=intent.key, reply_to=None)]
    calls += [network.verify] if own_bench.asks else []
    calls += [lambda: network.delete(receipt)] if capable.deletes else []
    calls += [lambda: network.recent(START)] if capable.reads_back else []
    for call in calls:
        with pytest.raises(Unauthorised):
            call()
    finding = own_bench.connect().find(intent)
    assert isinstance(finding, Absent if own_bench.open_to_all else CannotTell)
    assert len(own_bench.standin.published) == 1


def test_how_people_took_a_post(network: Network, bench: Bench, capable: Capabilities) -> None:
    """The numbers are the network's own, for as many posts as it tells of at once; what it does not say is None."""
    unless(bool(capable.metrics), "tells no numbers")
    count = min(capable.metrics_batch, 3)
    receipts = [bench.send(network, bench.message(f"Number {number}."))[0] for number in range(count)]
    for number, receipt in enumerate(receipts):
        bench.count(receipt, **{name: value + number for name, value in COUNTS.items()})
    found = bench.connect().metrics(receipts)
    assert found == {
        receipt.id: Metrics(**{name: COUNTS[name] + number for name in capable.metrics})
        for number, receipt in enumerate(receipts)
    }


def test_a_post_that_is_gone_has_no_numbers(network: Network, bench: Bench, capable: Capabilities) -> None:
    """It is left out, and the others are told."""
    unless(bool(capable.metrics) and capable.deletes, "tells no numbers, or deletes nothing")
    receipts = [bench.send(network, bench.message(f"Number {number}."))[0] for number in range(2)]
    for receipt in receipts:
        bench.count(receipt, **COUNTS)
    network.delete(receipts[0])
    batches = [receipts] if capable.metrics_batch > 1 else [[receipt] for receipt in receipts]
    found = [set(network.metrics(batch)) for batch in batches]
    assert set().union(*found) == {receipts[1].id}


def test_numbers_of_a_server_that_is_down_come_later(network: Network, bench: Bench, capable: Capabilities) -> None:
    """Nobody listens: asking again does no harm."""
    unless(bool(capable.metrics), "tells no numbers")
    receipts = bench.send(network, bench.message("Is anybody there?"))
    with bench.nowhere() as alone, pytest.raises(NotSent):
        alone.metrics(receipts)
