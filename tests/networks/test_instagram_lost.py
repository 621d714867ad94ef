"""Instagram: lost answers, the posts of a day, and access that ends."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Absent, CannotTell, Found
from socrbot.networks.base import Equipment, Intent
from socrbot.networks.instagram import CAPABILITIES, Instagram, tailored
from tests.networks.bench import START, Bench
from tests.networks.benches.instagram import PUBLISH, by_page, calls, instagram_bench, lost, prepare
from tests.networks.benches.shelf import Shelf
from tests.standins.containers import fault
from tests.standins.exchange import Post as Comment
from tests.standins.instagram import NAME, PAGE_TOKEN, TOKEN, USER
from tests.standins.instagram import Instagram as Standin

DAY = timedelta(days=1)
CREATE = f"POST /v25.0/{USER}/media"
BLOCKED = fault(4, "We restrict certain activity to protect our community", subcode=2207051)


@pytest.fixture
def server(clock: VirtualClock) -> Iterator[Standin]:
    """The stand-in; after each test every request is found to be one that Meta's own lists allow."""
    with Standin(now=clock.now) as standin:
        yield standin
        assert standin.violations == []


@pytest.fixture
def bench(server: Standin, clock: VirtualClock, tmp_path: Path, shelf: Shelf) -> Bench:
    return dataclasses.replace(instagram_bench(server, clock, tmp_path, shelf=shelf), network="instagram")


# Lost answers.


def test_a_fault_that_published_all_the_same_is_found(bench: Bench, server: Standin) -> None:
    """Status 500 with code 2, and the post is out: the container says so, and the list gives its address."""
    payload = prepare(bench, bench.message("Out all the same."), bench.steps())
    server.fault("status-after", match=PUBLISH, status=500, body=fault(2, "An unexpected error", transient=True))
    with pytest.raises(OutcomeUnknown):
        bench.connect().publish(payload, key="k", reply_to=None)
    finding = bench.connect().find(Intent(payload, "k", 1, START))
    assert isinstance(finding, Found)
    assert finding.receipt.id == server.published[0].id
    assert finding.receipt.url == f"https://www.instagram.com/p/{finding.receipt.id}/"


def test_a_refusal_is_not_believed_where_the_post_is_out(bench: Bench, server: Standin) -> None:
    """“Blocked”, although it was published: that is in doubt, and is found."""
    payload = prepare(bench, bench.message("Blocked?"), bench.steps())
    server.fault("status-after", match=PUBLISH, status=403, body=BLOCKED)
    with pytest.raises(OutcomeUnknown, match="But the post is out"):
        bench.connect().publish(payload, key="k", reply_to=None)
    assert isinstance(bench.connect().find(Intent(payload, "k", 1, START)), Found)


def test_a_block_stops_the_account(bench: Bench, server: Standin) -> None:
    """Where nothing went out it is what it says."""
    payload = prepare(bench, bench.message("Blocked."), bench.steps())
    server.fault("status", match=PUBLISH, status=403, body=BLOCKED)
    with pytest.raises(Unauthorised, match="stopped this account"):
        bench.connect().publish(payload, key="k", reply_to=None)


def test_one_that_is_prepared_still_may_go_again(bench: Bench, server: Standin) -> None:
    """FINISHED proves that it is not public. Published again, it is the same container, and one post."""
    intent = lost(bench, "Not yet.", kind="drop-before")
    assert isinstance(bench.connect().find(intent), Absent)
    bench.connect().publish(intent.payload, key="k", reply_to=None)
    with pytest.raises(OutcomeUnknown):
        bench.connect().publish(intent.payload, key="k", reply_to=None)
    assert len(server.published) == 1


def test_preparing_what_is_out_already_gives_its_receipt(bench: Bench, server: Standin) -> None:
    """A person who says “retry” of a post that went out makes no second one."""
    message, steps = bench.message("Out already."), bench.steps()
    bench.connect().publish(prepare(bench, message, steps), key="k", reply_to=None)
    payload = prepare(bench, message, steps)
    assert payload["out"] is True
    receipt = bench.connect().publish(payload, key="k", reply_to=None)
    assert receipt.id == server.published[0].id
    assert len(server.published) == 1
    assert calls(server) == ["media", "media_publish"]


def test_what_is_out_since_hours_and_shown_late_is_found(bench: Bench, server: Standin) -> None:
    """A try finds it published and the list late: the looks after that go back to when it may have gone out."""
    message, steps = bench.message("Out since hours."), bench.steps()
    bench.connect().publish(prepare(bench, message, steps), key="k", reply_to=None)
    bench.clock.advance(timedelta(hours=2))
    payload, began = prepare(bench, message, steps), bench.clock.now()
    server.shown_after = timedelta(hours=3)
    with pytest.raises(OutcomeUnknown, match="out already"):
        bench.connect().publish(payload, key="k", reply_to=None)
    intent = Intent(payload, "k", 1, began)
    assert isinstance(bench.connect().find(intent), CannotTell)
    bench.clock.advance(timedelta(hours=2))
    assert isinstance(bench.connect().find(intent), Found)


def test_one_that_expired_unpublished_is_absent(bench: Bench, server: Standin) -> None:
    """It never became public, and the account's posts show none like it."""
    intent = lost(bench, "Expired.", kind="drop-before")
    bench.clock.advance(DAY)
    assert isinstance(bench.connect().find(intent), Absent)
    server.containers.clear()
    assert isinstance(bench.connect().find(intent), Absent)


def test_one_that_is_gone_is_looked_for_among_the_posts(bench: Bench, server: Standin) -> None:
    """Days later Instagram knows no container any more; the words tell."""
    intent = lost(bench, "Found by its words.")
    server.containers.clear()
    finding = bench.connect().find(intent)
    assert isinstance(finding, Found)
    assert finding.receipt.id == server.published[0].id


def test_a_post_that_is_out_but_not_shown_yet_is_waited_for(bench: Bench, server: Standin) -> None:
    """A list that is late never makes a published post absent."""
    intent = lost(bench, "Shown late.")
    server.shown_after = timedelta(minutes=10)
    finding = bench.connect().find(intent)
    assert isinstance(finding, CannotTell)
    assert finding.retry_at is not None
    bench.clock.advance(timedelta(minutes=11))
    assert isinstance(bench.connect().find(intent), Found)


@pytest.mark.parametrize("gone", [False, True])
def test_words_that_are_not_shown_are_never_guessed(bench: Bench, server: Standin, gone: bool) -> None:
    """Where lists keep captions back, a post of that time may be it or not: a person looks."""
    intent = lost(bench, "Unseen words.")
    server.shows_captions = False
    if gone:
        server.containers.clear()
    assert isinstance(bench.connect().find(intent), CannotTell)


def test_a_caption_without_words_is_never_guessed(bench: Bench, server: Standin) -> None:
    """Pictures without words look all alike."""
    intent = lost(bench, "")
    assert isinstance(bench.connect().find(intent), CannotTell)


def test_a_comment_whose_answer_was_lost_is_found_below_its_post(bench: Bench, server: Standin) -> None:
    """Only there: the same words elsewhere are another comment."""
    network = bench.connect()
    one, two = (bench.send(network, bench.message(f"Post {number}."))[0] for number in (1, 2))
    payload = {"user": USER, "comment": "First!"}
    network.publish(payload, key="k", reply_to=one)
    assert isinstance(network.find(Intent(payload, "k", 2, bench.clock.now(), two)), Absent)
    found = network.find(Intent(payload, "k", 2, bench.clock.now(), one))
    assert isinstance(found, Found)
    assert found.receipt.extra == {"root": one.id}


def test_the_comment_of_somebody_else_is_never_taken_for_ours(bench: Bench, server: Standin) -> None:
    """Anybody may say the same words below a post. Where Instagram does not tell who did, a person looks."""
    network = bench.connect()
    (post,) = bench.send(network, bench.message("Post."))
    server.publish(Comment("17900", "First!", bench.clock.now(), reply_to=post.id, account="a.stranger"))
    intent = Intent({"user": USER, "comment": "First!"}, "k", 2, bench.clock.now(), post)
    assert isinstance(network.find(intent), Absent)
    server.tells_authors = False
    assert isinstance(network.find(intent), CannotTell)
    server.tells_authors = True
    receipt = network.publish(intent.payload, key="k", reply_to=post)
    found = network.find(intent)
    assert isinstance(found, Found)
    assert found.receipt.id == receipt.id


def test_the_same_words_with_another_address_are_left_to_a_person(bench: Bench, server: Standin) -> None:
    """Instagram shows an address as it was written: another one is another post, or an edit."""
    network = bench.connect()
    bench.send(network, bench.message("Sign: https://example.org/one"))
    intent = bench.intent(network, bench.message("Sign: https://example.org/two"))
    server.containers.clear()
    assert isinstance(network.find(intent), CannotTell)


# Quota, access, rights.


def test_a_quota_that_is_used_up_makes_the_account_wait(bench: Bench, server: Standin) -> None:
    """By Instagram's own count, before anything is prepared; a day later there is room again."""
    server.quota = 2
    for number in range(2):
        bench.send(bench.connect(), bench.message(f"Number {number}."))
    before = calls(server)
    with pytest.raises(NotSent, match="takes 2 posts in 24 hours") as caught:
        prepare(bench, bench.message("One too many."), bench.steps())
    assert caught.value.whole_account
    assert caught.value.retry_at == bench.clock.now() + timedelta(hours=1)
    assert calls(server) == before
    bench.clock.advance(DAY)
    bench.send(bench.connect(), bench.message("The next day."))
    assert len(server.published) == 3


def test_a_quota_that_instagram_finds_itself_is_no_refusal(bench: Bench, server: Standin) -> None:
    """Its daily limit says when to come back."""
    payload = prepare(bench, bench.message("One too many."), bench.steps())
    server.quota = 0
    with pytest.raises(NotSent) as caught:
        bench.connect().publish(payload, key="k", reply_to=None)
    assert (caught.value.whole_account, caught.value.code) == (True, "9/2207042")
    assert caught.value.retry_at == bench.clock.now() + DAY


def test_the_key_is_renewed_in_time(bench: Bench, server: Standin) -> None:
    """Looked at once a day for half a year, access never ends, and the newest key is the one in use."""
    for _ in range(180):
        identity = bench.connect().verify()
        assert identity.expires_at is not None
        bench.clock.advance(DAY)
    assert 3 <= len(server.keys) - 2 <= 6
    newest = list(server.keys)[-1]
    before = len(server.requests())
    bench.send(bench.connect(), bench.message("Still here."))
    assert {request.fields()["access_token"] for request in server.requests()[before:]} == {newest}
    assert json.loads((bench.folder / "access.json").read_text())["token"] == newest


def test_a_renewed_key_is_a_secret_too(bench: Bench, server: Standin) -> None:
    """Where Instagram repeats it, it is masked, although it stands in no variable."""
    network = bench.connect()
    network.verify()
    bench.clock.advance(DAY)
    network.verify()
    newest = list(server.keys)[-1]
    assert newest.startswith(f"{TOKEN}-renewed")
    server.fault("status", match=CREATE, status=400, body=fault(100, f"What is {newest}?"))
    with pytest.raises(Refused) as caught:
        bench.send(network, bench.message("Secret."))
    assert "renewed" not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_renewing_that_fails_is_told_and_does_no_harm(bench: Bench, server: Standin) -> None:
    """The old key goes on; whoever asks hears why."""
    network = bench.connect()
    network.verify()
    bench.clock.advance(DAY)
    server.fault("status", match="GET /refresh_access_token", status=400, body=fault(100, "Not now"))
    identity = network.verify()
    assert identity.note is not None
    assert "Not now" in identity.note
    bench.send(network, bench.message("All the same."))
    assert len(server.published) == 1


def test_a_dead_key_stops_the_account_and_a_new_one_brings_it_back(bench: Bench, server: Standin) -> None:
    """Sixty days without a life end it; what is pasted then counts, whatever was kept."""
    bench.connect().verify()
    bench.clock.advance(61 * DAY)
    with pytest.raises(Unauthorised, match="it has run out"):
        bench.connect().verify()
    fresh = "IGQVanother-token-of-today"
    server.keys[fresh] = dataclasses.replace(server.keys[TOKEN], ends_at=bench.clock.now() + 60 * DAY)
    assert bench.connect(IG_ACCESS_TOKEN=fresh).verify().name == NAME


def test_a_key_of_another_account_is_named(bench: Bench) -> None:
    """Whose it is stands in the message, with the variable to change."""
    with pytest.raises(Unauthorised, match=rf"{NAME} \({USER}\), but IG_USER_ID says 12"):
        bench.connect(IG_USER_ID="12").verify()


def test_access_through_a_page_has_its_own_ways(bench: Bench, server: Standin) -> None:
    """Posts can be deleted; the key does not end, so it is never renewed nor kept."""
    page = by_page(bench, server)
    network = page.connect()
    assert (network.capabilities.deletes, network.capabilities.expires) == (True, False)
    identity = network.verify()
    assert (identity.id, identity.name, identity.expires_at) == (USER, NAME, None)
    page.clock.advance(30 * DAY)
    (receipt,) = page.send(network, page.message("By the Page."))
    network.delete(receipt)
    network.delete(receipt)
    assert server.visible == []
    assert {request.fields()["access_token"] for request in server.requests()} == {PAGE_TOKEN}
    assert not (page.folder / "access.json").exists()


def test_the_two_kinds_of_access_are_at_two_hosts(bench: Bench, clock: VirtualClock, tmp_path: Path) -> None:
    """Without an address for tests, each asks Meta's own."""
    for options, host in (({}, "https://graph.instagram.com"), ({"login": "facebook"}, "https://graph.facebook.com")):
        env = {"IG_USER_ID": USER, "IG_ACCESS_TOKEN": TOKEN}
        equipment = Equipment("a", env, options, clock, bench.equipment().media, tmp_path)
        assert Instagram(equipment)._graph._host.address == host
    assert tailored(CAPABILITIES, {"login": "facebook"}, None).deletes
    assert not tailored(CAPABILITIES, {}, None).deletes


def test_counts_go_without_insights(bench: Bench, server: Standin) -> None:
    """Where the key may not read them, likes and comments are told all the same."""
    (receipt,) = bench.send(bench.connect(), bench.message("Counted."))
    bench.count(receipt, likes=3, replies=1, shares=2, views=40)
    server.shows_insights = False
    told = bench.connect().metrics([receipt])[receipt.id]
    assert (told.likes, told.replies, told.shares, told.views) == (3, 1, None, None)


def test_lists_are_read_page_by_page(bench: Bench, server: Standin) -> None:
    """As far back as it takes, and no further."""
    for number in range(5):
        bench.send(bench.connect(), bench.message(f"Number {number}."))
        bench.clock.advance(timedelta(hours=1))
    server.page = 2
    posts = bench.connect().recent(START)
    assert [post.text for post in posts] == [f"Number {number}." for number in (4, 3, 2, 1, 0)]
    before = len(server.requests("GET */media"))
    assert len(bench.connect().recent(bench.clock.now() - timedelta(minutes=90))) == 1
    assert len(server.requests("GET */media")) - before == 2
