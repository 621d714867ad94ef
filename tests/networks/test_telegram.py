"""Telegram: what is sent in how many calls, where it can be seen, what can be taken back, and what errors mean."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socrbot import networks
from socrbot.campaign import Account, Media
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Place, Refused, Unauthorised
from socrbot.message import Attachment, CannotTell, Receipt
from socrbot.networks.telegram import CAPABILITIES
from socrbot.rendering import Renderer
from socrbot.rendering.fitting import overrun, room_of
from tests.networks.bench import Bench
from tests.rendering.making import CARD, campaign, post
from tests.standins.telegram import CHANNEL, CHAT, TOKEN, Telegram, fault, units

NETWORK = "telegram"
CLIP = b"\0\0\0\x18ftypmp42" + bytes(64)


def pictures(bench: Bench, number: int) -> tuple[Attachment, ...]:
    return tuple(bench.picture(colour, f"Alt {colour}") for colour in range(number))


def video(bench: Bench) -> Attachment:
    bench.pictures["c" * 64] = CLIP
    return Attachment("media/clip.mp4", "A clip", "video/mp4", 640, 360, len(CLIP), "c" * 64, seconds=3.0)


def publish(bench: Bench, text: str = "Some words.", *media: Attachment, **options: str) -> Receipt:
    bench.options = {**bench.options, **options}
    return bench.send(bench.connect(), bench.message(text, media=media))[0]


def error_of(bench: Bench, text: str = "Some words.") -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        publish(bench, text)
    return caught.value


def methods(standin: Telegram) -> list[str]:
    return [request.path.rpartition("/")[2] for request in standin.requests()]


def test_a_post_is_one_call(bench: Bench, standin: Telegram) -> None:
    """Whatever it carries: words alone, one picture, several, a video, or both."""
    shown: list[tuple[Attachment, ...]] = [(), pictures(bench, 1), pictures(bench, 3), (video(bench),)]
    shown.append((*pictures(bench, 1), video(bench)))
    for media in shown:
        publish(bench, "Look.", *media)
    assert methods(standin) == ["sendMessage", "sendPhoto", "sendMediaGroup", "sendVideo", "sendMediaGroup"]
    assert [len(post.media) for post in standin.published] == [0, 1, 3, 1, 2]
    assert [post.text for post in standin.published] == ["Look."] * 5
    assert standin.published[3].media[0].data == CLIP


def test_the_payload_holds_neither_token_nor_pictures(bench: Bench) -> None:
    """What the ledger keeps says what is sent, by the digest of what leaves the machine."""
    media = pictures(bench, 1)
    message = bench.message("Look.", media=media)
    payload = bench.connect().prepare(message, message.parts[0], key="k", steps=bench.steps())
    written = json.dumps(payload)
    assert TOKEN not in written
    assert len(written) < 1_000
    assert media[0].digest in written
    assert "Look." in written


def test_a_picture_that_changed_in_between_is_not_sent(bench: Bench, standin: Telegram) -> None:
    """What goes out is what was written down."""
    message = bench.message("Look.", media=pictures(bench, 1))
    payload = bench.connect().prepare(message, message.parts[0], key="k", steps=bench.steps())
    other = replace(bench.equipment(), media=lambda item: replace(bench._rendition(item), digest="f" * 64))
    with pytest.raises(NotSent, match="has changed"):
        bench.build(other).publish(payload, key="k", reply_to=None)
    assert standin.published == []


def test_every_message_of_an_album_is_deleted(bench: Bench, standin: Telegram) -> None:
    """Its receipt has all their numbers; one that somebody deleted already is no obstacle."""
    receipt = publish(bench, "Three pictures.", *pictures(bench, 3))
    assert receipt.extra["messages"].split() == [str(number) for number in standin.sent]
    assert receipt.url == f"https://t.me/{CHANNEL}/{receipt.id}"
    del standin.sent[int(receipt.extra["messages"].split()[1])]
    bench.connect().delete(receipt)
    assert (standin.sent, standin.visible) == ({}, [])


def test_an_old_message_is_left_to_a_person(bench: Bench, standin: Telegram) -> None:
    """After 48 hours Telegram says no; the person is told why, and where the message is."""
    receipt = publish(bench)
    bench.clock.advance(timedelta(hours=48, minutes=1))
    with pytest.raises(Refused) as caught:
        bench.connect().delete(receipt)
    assert "48 hours" in str(caught.value)
    assert str(receipt.url) in str(caught.value)
    assert len(standin.visible) == 1


def test_a_refusal_to_delete_does_not_stop_the_account(bench: Bench, standin: Telegram) -> None:
    """Telegram says “forbidden” there too, but the bot may still speak."""
    receipt = publish(bench)
    standin.fault("status", status=403, body=fault(403, "Forbidden: MESSAGE_DELETE_FORBIDDEN"))
    with pytest.raises(Refused, match="delete it yourself"):
        bench.connect().delete(receipt)


@pytest.mark.parametrize("address", [f"https://t.me/{CHANNEL}/{{}}", f"https://t.me/{CHANNEL}/{{}}?single", "{}"])
def test_a_post_that_a_person_settled_can_be_answered_and_deleted(
    bench: Bench, standin: Telegram, address: str
) -> None:
    """All that is known of it is the address that the person gave."""
    settled = Receipt(address.format(publish(bench).id))
    network, message = bench.connect(), bench.message("The second part.")
    payload = network.prepare(message, message.parts[0], key="k", steps=bench.steps())
    network.publish(payload, key="k", reply_to=settled)
    assert standin.published[1].reply_to == standin.published[0].id
    network.delete(settled)
    assert [post.text for post in standin.visible] == ["The second part."]


def test_a_receipt_without_a_number_is_left_to_a_person(bench: Bench) -> None:
    """Nothing is deleted by guess."""
    with pytest.raises(Refused, match="does not know the number"):
        bench.connect().delete(Receipt("https://t.me/ourcampaign"))


def test_a_thread_may_begin_with_an_album(bench: Bench, standin: Telegram) -> None:
    """The next part answers its first message."""
    first, _ = bench.send(bench.connect(), bench.message("One.", "Two.", media=pictures(bench, 2)))
    assert standin.published[1].reply_to == first.id


def test_a_part_whose_first_part_is_gone_is_refused(bench: Bench, standin: Telegram) -> None:
    """It must not stand there alone."""
    network, message = bench.connect(), bench.message("The second part.")
    payload = network.prepare(message, message.parts[0], key="k", steps=bench.steps())
    with pytest.raises(Refused, match="replied"):
        network.publish(payload, key="k", reply_to=Receipt("999"))
    assert standin.published == []


def test_a_private_channel_has_addresses_for_its_members(bench: Bench, standin: Telegram) -> None:
    """Made from the channel's number."""
    standin.public = False
    bench.env = {**bench.env, "TELEGRAM_CHAT_ID": str(CHAT)}
    receipt = publish(bench)
    assert receipt.url == f"https://t.me/c/1234567890/{receipt.id}"
    assert bench.connect().verify().url is None


@pytest.mark.parametrize(
    ("options", "preview", "silent"),
    [({}, True, False), ({"previews": "hide"}, False, False), ({"notify": "silent"}, True, True)],
)
def test_options_say_how_it_arrives(
    bench: Bench, standin: Telegram, options: dict[str, str], preview: bool, silent: bool
) -> None:
    """With a preview of its link or without, with a sound or without."""
    publish(bench, "See https://example.org/petition", **options)
    assert (standin.previews, standin.silent) == ([preview], [silent])


def test_descriptions_stand_in_the_text_unless_the_account_says_otherwise(bench: Bench) -> None:
    """By default blind people can read what a picture shows, though Telegram has no alt text."""
    account = Account("telegram", "telegram", Place("config/accounts.yaml"))
    without = replace(account, options={"descriptions": "none"})
    assert networks.capabilities_of(account).alt_in_text
    assert not networks.capabilities_of(without).alt_in_text
    bench.options = {"descriptions": "none"}
    assert not bench.connect().capabilities.alt_in_text


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    words=st.text(alphabet="ab é👍\n", min_size=1, max_size=1_200).filter(lambda words: words.strip()),
    alts=st.lists(st.text(alphabet="cd ŵ👩\n", min_size=1, max_size=500).filter(lambda alt: alt.strip()), max_size=3),
)
def test_what_checking_lets_through_arrives_with_its_descriptions(
    bench: Bench, standin: Telegram, words: str, alts: list[str]
) -> None:
    """Text, hashtag and descriptions fit together, or checking says that they don't; nothing is added later."""
    shown = tuple(Media(CARD.path, alt, Place("posts/a.yaml")) for alt in alts)
    account = Account("telegram", "telegram", Place("config/accounts.yaml"))
    rendered = Renderer(campaign()).render(post(words, media=shown), account, bench.capable).message
    assert rendered is not None
    fits = all(overrun(part, room_of(rendered, bench.capable)) is None for part in rendered.parts)
    pictured = tuple(bench.picture(number, item.alt) for number, item in enumerate(rendered.parts[0].media))
    ready = replace(rendered, parts=(replace(rendered.parts[0], media=pictured),))
    if fits:
        bench.send(bench.connect(), ready)
        assert standin.published[-1].text == rendered.parts[0].text
        assert standin.published[-1].text.count("Picture") == len(alts)
    else:
        with pytest.raises(Refused, match="too long"):
            bench.send(bench.connect(), ready)


@given(st.text(max_size=60))
def test_its_count_is_telegrams(text: str) -> None:
    """UTF-16 units, as an independent count has them."""
    assert CAPABILITIES.measure(text) == units(text)


def test_the_limit_falls_where_telegrams_does(bench: Bench) -> None:
    """2,048 emoji fill a message, 512 a caption; one sign more is refused."""
    for limit, media in ((4_096, ()), (1_024, pictures(bench, 1))):
        full = "👍" * (limit // 2)
        assert CAPABILITIES.measure(full) == limit
        publish(bench, full, *media)
        with pytest.raises(Refused, match="too long"):
            publish(bench, full + "!", *media)


@pytest.mark.parametrize(
    ("status", "description", "error"),
    [
        (400, "Bad Request: message is too long", Refused),
        (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", Refused),
        (400, "Bad Request: chat not found", Unauthorised),
        (400, "Bad Request: need administrator rights in the channel chat", Unauthorised),
        (400, "Bad Request: not enough rights to send text messages to the chat", Unauthorised),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", Unauthorised),
        (401, "Unauthorized", Unauthorised),
        (403, "Forbidden: bot was kicked from the channel chat", Unauthorised),
        (404, "Not Found", Unauthorised),
        (413, "Request Entity Too Large", Refused),
        (302, "Moved", OutcomeUnknown),
        (500, "Internal Server Error", OutcomeUnknown),
        (504, "Gateway Timeout", OutcomeUnknown),
    ],
)
def test_errors_are_told_by_what_to_do_next(
    bench: Bench, standin: Telegram, status: int, description: str, error: type[NetworkError]
) -> None:
    """Edit the post, mend the account, or look."""
    standin.fault("status", match=bench.publishing, status=status, body=fault(status, description))
    found = error_of(bench)
    assert type(found) is error
    assert found.status == status


def test_a_group_that_moved_names_its_new_number(bench: Bench, standin: Telegram) -> None:
    """The person is told what to put where."""
    body = fault(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-100999)
    standin.fault("status", match=bench.publishing, status=400, body=body)
    found = error_of(bench)
    assert isinstance(found, Unauthorised)
    assert "-100999" in str(found)
    assert "TELEGRAM_CHAT_ID" in str(found)


@pytest.mark.parametrize("seconds", ["soon", -1, 10**9, None])
def test_a_rate_limit_without_a_sensible_time_waits_as_usual(bench: Bench, standin: Telegram, seconds: object) -> None:
    """No time is made up."""
    body = fault(429, "Too Many Requests", retry_after=seconds)
    standin.fault("status", match=bench.publishing, status=429, body=body)
    found = error_of(bench)
    assert isinstance(found, NotSent)
    assert (found.retry_at, found.whole_account) == (None, True)


def test_a_time_out_of_something_on_the_way_is_no_refusal(bench: Bench, standin: Telegram) -> None:
    """What stands before a Bot API server of one's own may give up after that has posted."""
    standin.fault("status-after", match=bench.publishing, status=408, body="<html>Request Timeout</html>")
    assert isinstance(error_of(bench), OutcomeUnknown)
    assert len(standin.published) == 1


@pytest.mark.parametrize("result", [True, [], {}, {"message_id": "x"}, [{"message_id": 5}, {}]])
def test_a_yes_without_a_number_is_no_receipt(bench: Bench, standin: Telegram, result: object) -> None:
    """It may be public, so a person looks."""
    standin.fault("status", match=bench.publishing, status=200, body={"ok": True, "result": result})
    assert isinstance(error_of(bench), OutcomeUnknown)


@pytest.mark.parametrize(
    "member", [{"status": "member"}, {"status": "left"}, {"status": "administrator", "can_post_messages": False}]
)
def test_a_bot_that_may_not_post_is_noticed(bench: Bench, standin: Telegram, member: dict[str, object]) -> None:
    """Before the first post, with what to do."""
    standin.member = member
    identity = bench.connect().verify()
    assert identity.can == ()
    assert "administrator" in identity.lacks[0]


def test_a_lost_post_is_looked_for_by_a_person(bench: Bench) -> None:
    """A bot cannot read a channel: the person is told what to look for, and nobody asks again and again."""
    network = bench.connect()
    finding = network.find(bench.intent(network, bench.message("Lost.")))
    assert isinstance(finding, CannotTell)
    assert finding.retry_at is None
    assert "07 March 2026, 19:00 UTC" in finding.why
    with pytest.raises(Refused):
        network.recent(bench.clock.now())
    assert network.metrics([]) == {}


def test_its_limits_are_known_without_a_client() -> None:
    """Reading the capabilities loads no HTTP library."""
    code = "import sys, socrbot.networks.telegram; print('requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
