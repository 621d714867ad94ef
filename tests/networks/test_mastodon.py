"""What is Mastodon's own: limits that each server sets, options, media that takes a while, a server that is down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from socrbot.errors import NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Found, Receipt
from socrbot.networks.base import Network
from socrbot.networks.mastodon import CAPABILITIES, Mastodon, tailored
from socrbot.networks.wire.mastodon_limits import Limits
from tests.networks.bench import START, Bench
from tests.networks.benches.mastodon import CHECK, MEDIA, WORDS, intent, prepared, send
from tests.standins import mastodon as standins
from tests.vendor import vendor

NETWORK = "mastodon"
ABOUT = "GET /api/v*/instance"


@pytest.fixture
def standin(bench: Bench) -> standins.Mastodon:
    assert isinstance(bench.standin, standins.Mastodon)
    return bench.standin


class TestServerThatIsDown:
    """Mastodon.py asks a server that does not answer for its version, a thousand times over. We do not let it."""

    @pytest.mark.parametrize("status", [404, 503])
    def test_is_asked_once_for_each_thing_that_we_want(self, bench: Bench, status: int) -> None:
        """No flood of questions, and nothing is public."""
        bench.standin.fault("status", status=status, times=999)
        with pytest.raises((NotSent, OutcomeUnknown, Refused)):
            bench.connect().verify()
        assert len(bench.standin.record) == 1
        with pytest.raises(NotSent if status == 503 else Refused):
            prepared(bench, media=(bench.picture(1, "Alt"),))
        assert len(bench.standin.record) <= 1 + 2 + 1
        with pytest.raises((OutcomeUnknown, Refused)):
            send(bench, {"form": {"status": WORDS}})
        assert len(bench.standin.record) <= 1 + 2 + 1 + 1
        assert bench.standin.published == []

    def test_says_that_nothing_was_sent(self, bench: Bench) -> None:
        """Where nobody listens, neither a post nor a picture went out."""
        with bench.nowhere() as alone:
            for call in (alone.verify, lambda: alone.publish({"form": {"status": "x"}}, key="k", reply_to=None)):
                with pytest.raises(NotSent):
                    call()
            message = bench.message("With a picture.", media=(bench.picture(1, "Alt"),))
            with pytest.raises(NotSent):
                alone.prepare(message, message.parts[0], key="k", steps=bench.steps())

    def test_holds_up_no_text_for_want_of_its_limits(self, bench: Bench) -> None:
        """Preparing a text needs no server: the limits that we have go on."""
        bench.standin.fault("503", match=ABOUT, times=9)
        assert prepared(bench)["form"] == {"status": WORDS, "language": "en"}


class TestLimits:
    """Each server has its own."""

    def test_are_those_that_the_server_names(self, bench: Bench, standin: standins.Mastodon) -> None:
        """After the first look, checking uses them; they stay when the bot starts again."""
        assert bench.capable == CAPABILITIES
        standin.about["v2"] = {
            "configuration": {
                "statuses": {"max_characters": 11_000, "max_media_attachments": 16, "characters_reserved_per_url": 30},
                "media_attachments": {
                    "supported_mime_types": ["image/png", "image/jpeg", "video/webm"],
                    "description_limit": 2_000,
                    "image_size_limit": 1_000_000,
                    "image_matrix_limit": 2_000_000,
                },
            }
        }
        network = bench.connect()
        network.verify()
        capable = bench.capable
        assert (capable.text_limit, capable.max_images, capable.alt_limit) == (11_000, 16, 2_000)
        assert (capable.image_bytes, capable.image_pixels) == (1_000_000, 2_000_000)
        assert (capable.image_types, capable.video) == (("image/jpeg", "image/png"), None)
        assert capable.measure("https://example.org/petition") == 30
        assert network.capabilities == bench.connect().capabilities == capable

    def test_of_older_servers_stand_in_another_answer(self, bench: Bench, standin: standins.Mastodon) -> None:
        """Without the second version of it, the first; other software writes its limit at the top."""
        standin.about = {"v2": None, "v1": {"max_toot_chars": 5_000, "description_limit": 800}}
        bench.connect().verify()
        assert (bench.capable.text_limit, bench.capable.alt_limit, bench.capable.max_images) == (5_000, 800, 4)

    def test_are_read_again_after_a_day(self, bench: Bench) -> None:
        """Not at each post, and not never."""
        for hours, looks in ((0, 1), (23, 1), (2, 2), (0, 2)):
            bench.clock.advance(timedelta(hours=hours))
            prepared(bench)
            assert len(bench.standin.requests(ABOUT)) == looks

    def test_of_another_server_are_read_at_once(self, bench: Bench) -> None:
        """The account's folder may still hold those of the server before."""
        Limits("https://old.example", START.timestamp(), characters=9).keep(bench.folder)
        prepared(bench)
        assert bench.capable.text_limit == 500

    @pytest.mark.parametrize(
        "content", ["", "{", "[]", "7", '{"server": 1}', '{"server": "s", "read_at": 0, "types": [], "media": "x"}']
    )
    def test_that_cannot_be_read_are_the_usual_ones(self, bench: Bench, content: str) -> None:
        """A broken file breaks nothing."""
        (bench.folder / "limits.json").write_text(content)
        assert tailored(CAPABILITIES, {}, bench.folder) == CAPABILITIES
        assert tailored(CAPABILITIES, {}, None) == CAPABILITIES

    @pytest.mark.parametrize("wrong", [0, -1, "500", True, None, 2**50, []])
    def test_that_make_no_sense_are_not_believed(self, wrong: Any) -> None:
        """A server that says nonsense gets Mastodon's usual limits."""
        about = {"configuration": {"statuses": {"max_characters": wrong}, "media_attachments": []}}
        assert Limits.read(about, server="s", now=START).applied_to(CAPABILITIES) == CAPABILITIES

    def test_hold_before_anything_is_uploaded(self, bench: Bench) -> None:
        """The content warning counts with the text, as on the server."""
        picture, warning = bench.picture(1, "Alt"), {"content_warning": "About schools"}
        prepared(bench, "a" * 487, media=(picture,), options=warning)
        with pytest.raises(Refused, match="501"):
            prepared(bench, "a" * 488, media=(picture,), options=warning)
        with pytest.raises(Refused, match="5 pictures"):
            prepared(bench, media=(picture,) * 5)
        with pytest.raises(Refused, match="one video"):
            prepared(bench, media=(picture, replace(picture, mime="video/mp4")))
        assert len(bench.standin.requests(MEDIA)) == 1

    def test_the_server_counts_the_same(self, bench: Bench) -> None:
        """Long links, names with hosts and a warning, to the last character."""
        text = f"{WORDS} @dave@remote.example "
        text += "a" * (500 - CAPABILITIES.measure(text) - len("About schools"))
        send(bench, prepared(bench, text, options={"content_warning": "About schools"}))
        with pytest.raises(Refused, match="limit of 500"):
            send(bench, {"form": {"status": text + "a", "spoiler_text": "About schools"}}, key="other")


class TestOptions:
    """What only Mastodon understands."""

    @pytest.mark.parametrize(
        ("options", "visibility", "warning", "sensitive"),
        [
            ({}, "public", "", False),
            ({"visibility": "unlisted"}, "unlisted", "", False),
            ({"content_warning": "About schools"}, "public", "About schools", True),
            ({"content_warning": "About schools", "sensitive": "no"}, "public", "About schools", False),
            ({"sensitive": "yes", "visibility": "private"}, "private", "", True),
        ],
    )
    def test_arrive(
        self, bench: Bench, options: dict[str, str], visibility: str, warning: str, sensitive: bool
    ) -> None:
        """Visibility, content warning, hidden pictures; a warning hides pictures too unless somebody says no."""
        send(bench, prepared(bench, media=(bench.picture(1, "Alt"),), options=options))
        (post,) = bench.standin.published
        said = tuple(post.extra[name] for name in ("visibility", "spoiler_text", "sensitive", "language"))
        assert said == (visibility, warning, sensitive, "en")

    def test_that_nobody_chose_are_left_to_the_account(self, bench: Bench) -> None:
        """On the server people set who sees their posts, and whether pictures are hidden."""
        send(bench, prepared(bench))
        assert bench.standin.published[0].extra["form"].keys() == {"status", "language", "lang"}

    def test_a_language_that_is_none_is_not_sent(self, bench: Bench) -> None:
        """Welsh is; a slip of the pen is not."""
        forms = []
        for language in ("cy", "zh-Hant", "English please"):
            message = replace(bench.message(WORDS), language=language)
            forms.append(bench.connect().prepare(message, message.parts[0], key="k", steps=bench.steps())["form"])
        assert [form.get("language") for form in forms] == ["cy", "zh", None]  # type: ignore[attr-defined]


class TestMedia:
    """Pictures, and files that the server works on for a while."""

    def test_what_matters_in_a_picture_arrives(self, bench: Bench) -> None:
        """So that a preview that is cut shows it."""
        picture = replace(bench.picture(1, "Alt"), focus=(-0.5, 0.25))
        send(bench, prepared(bench, media=(picture, bench.picture(2, ""))))
        (post,) = bench.standin.published
        assert post.extra["focus"] == ["-0.5,0.25", None]
        assert [item.alt for item in post.media] == ["Alt", ""]

    def test_is_waited_for(self, bench: Bench, standin: standins.Mastodon) -> None:
        """Some seconds by the bot's clock, then it goes out."""
        standin.working = 3
        payload = prepared(bench, media=(bench.picture(1, "Alt"),))
        assert timedelta(seconds=3) <= bench.clock.now() - START <= timedelta(seconds=30)
        send(bench, payload)
        assert len(standin.published[0].media) == 1

    def test_that_takes_too_long_goes_on_at_the_next_try(self, bench: Bench, standin: standins.Mastodon) -> None:
        """Not sent, with a time to come back; nothing is uploaded twice."""
        standin.working, steps, media = 9, bench.steps(), (bench.picture(1, "Alt"),)
        with pytest.raises(NotSent) as caught:
            prepared(bench, media=media, steps=steps)
        assert caught.value.retry_at == bench.clock.now() + timedelta(minutes=1)
        assert not caught.value.whole_account
        assert len(standin.record) < 12
        send(bench, prepared(bench, media=media, steps=steps))
        assert len(standin.requests(MEDIA)) == 1
        assert [item.alt for item in standin.published[0].media] == ["Alt"]

    def test_that_the_server_cannot_use_is_for_a_person(self, bench: Bench, standin: standins.Mastodon) -> None:
        """It is refused by name, and uploaded anew when somebody tries again."""
        standin.working, steps, media = 1, bench.steps(), (bench.picture(1, "Alt"),)
        body = {"error": "Error processing thumbnail for uploaded media"}
        standin.fault("status", match="GET /api/v1/media/*", status=422, body=body)
        with pytest.raises(Refused, match=r"media/1\.png"):
            prepared(bench, media=media, steps=steps)
        prepared(bench, media=media, steps=steps)
        assert len(standin.requests(MEDIA)) == 2

    def test_that_the_server_has_thrown_away_is_uploaded_again(self, bench: Bench, standin: standins.Mastodon) -> None:
        """What no post used for a day is gone."""
        steps, media = bench.steps(), (bench.picture(1, "Alt"),)
        prepared(bench, media=media, steps=steps)
        standin.uploads.clear()
        send(bench, prepared(bench, media=media, steps=steps))
        assert len(standin.requests(MEDIA)) == 2

    def test_that_turns_out_unfinished_waits(self, bench: Bench, standin: standins.Mastodon) -> None:
        """A server may change its mind between the look and the post."""
        payload = prepared(bench, media=(bench.picture(1, "Alt"),))
        (upload,) = standin.uploads.values()
        upload.looks = 1
        with pytest.raises(NotSent) as caught:
            send(bench, payload)
        assert caught.value.retry_at == bench.clock.now() + timedelta(seconds=30)

    def test_that_a_post_shows_already_may_mean_that_it_went_out(
        self, bench: Bench, standin: standins.Mastodon
    ) -> None:
        """On a server that ignores keys a second try names a picture that is used: then we look."""
        standin.ignores_keys = True
        payload = prepared(bench, media=(bench.picture(1, "Alt"),))
        first = send(bench, payload)
        with pytest.raises(OutcomeUnknown):
            send(bench, payload)
        finding = bench.connect().find(intent(payload))
        assert isinstance(finding, Found)
        assert finding.receipt.id == first
        assert len(standin.published) == 1


class TestIntroduction:
    """Who the token speaks for."""

    def test_says_what_the_application_lacks(self, bench: Bench, standin: standins.Mastodon) -> None:
        """Before the first post fails for want of it."""
        standin.scopes = ["profile", "read:statuses", "write:statuses"]
        assert bench.connect().verify().lacks == ("write:media",)

    @pytest.mark.parametrize("body", [{"name": "x"}, {"scopes": "read write"}, b"<html>"])
    def test_supposes_the_best_where_the_server_does_not_say(self, bench: Bench, body: Any) -> None:
        """Older servers do not tell."""
        bench.standin.fault("status", match="GET /api/v1/apps/*", status=200, body=body)
        assert bench.connect().verify().lacks == ()

    def test_tells_of_an_account_that_has_moved(self, bench: Bench) -> None:
        """Its posts would reach nobody."""
        body = {"id": "7", "username": "old", "acct": "old", "url": "https://old.example/@old", "moved": {"id": "8"}}
        bench.standin.fault("status", match=CHECK, status=200, body=body)
        identity = bench.connect().verify()
        assert identity.name == "@old@127.0.0.1"
        assert "moved" in (identity.note or "")

    @pytest.mark.parametrize("body", [{"ok": True}, {}, [], b"Welcome"])
    def test_notices_what_is_no_mastodon(self, bench: Bench, body: Any) -> None:
        """An answer without an account comes from something else."""
        bench.standin.fault("status", match=CHECK, status=200, body=body)
        with pytest.raises(NotSent):
            bench.connect().verify()

    @pytest.mark.parametrize(
        ("given", "meant"),
        [
            ("https://mastodon.social", "https://mastodon.social"),
            (" mastodon.social/ ", "https://mastodon.social"),
            ("https://mastodon.social/@campaign", "https://mastodon.social"),
            ("http://127.0.0.1:80", "http://127.0.0.1:80"),
            ("http://mastodon.social", None),
            ("ftp://mastodon.social", None),
            ("", None),
        ],
    )
    def test_takes_an_address_as_people_write_it(self, given: str, meant: str | None) -> None:
        """A name or a profile's address will do; one over which the token could be read will not."""
        from socrbot.networks.wire.mastodon import address

        if meant is None:
            with pytest.raises(Unauthorised, match="MASTODON_BASE_URL"):
                address(given)
        else:
            assert address(given) == meant

    @pytest.mark.parametrize("name", ["MASTODON_BASE_URL", "MASTODON_ACCESS_TOKEN"])
    def test_names_the_variable_that_is_missing(self, bench: Bench, name: str) -> None:
        """In words for the person who sets it."""
        network: Network = bench.connect(**{name: " "})
        with pytest.raises(Unauthorised, match=name):
            network.verify()

    def test_is_an_adapter_that_asks_nobody_when_it_is_made(self, bench: Bench) -> None:
        """Listing accounts costs no request."""
        Mastodon(bench.equipment())
        assert bench.standin.record == []


class TestServerBetween:
    """The stand-in is as strict as we say."""

    @pytest.mark.parametrize(
        ("data", "focus", "alt"), [(b"notanimage", None, "Alt"), (None, (2.0, 0.0), "Alt"), (None, None, "a" * 1_501)]
    )
    def test_refuses_files_that_mastodon_refuses(
        self, bench: Bench, data: bytes | None, focus: tuple[float, float] | None, alt: str
    ) -> None:
        """Bytes that are no image, a point outside of it, a description that is too long."""
        picture = replace(bench.picture(1, alt), focus=focus)
        if data is not None:
            bench.pictures[picture.digest] = data
        with pytest.raises(Refused):
            prepared(bench, media=(picture,))

    def test_holds_answers_against_mastodons_documentation(self, bench: Bench) -> None:
        """With the document at hand, an answer that is not by it would be noticed."""
        vendor("mastodon/openapi-4.7.json")
        from tests.standins.exchange import Reply, Request
        from tests.standins.mastodon_rules import answer_faults

        request = Request(1, START, 0.0, "GET", "/api/v1/statuses/1", {}, {}, b"")
        assert list(answer_faults(request, Reply(200, {"id": 1})))
        assert list(answer_faults(request, Reply(201, {"id": "1"})))


def test_a_post_is_deleted_by_its_address_on_this_server_alone(bench: Bench, standin: standins.Mastodon) -> None:
    """A person who settled it gave its address; the same number on another server is another post."""
    number = send(bench, prepared(bench, WORDS))
    network, base = bench.connect(), bench.env["MASTODON_BASE_URL"].rstrip("/")
    for address in (f"https://elsewhere.example/@ourcampaign/{number}", f"{base}/@ourcampaign"):
        with pytest.raises(Refused, match="look there yourself"):
            network.delete(Receipt(address, address))
    assert len(standin.visible) == 1
    network.delete(Receipt(f"{base}/@ourcampaign/{number}"))
    assert standin.visible == []
