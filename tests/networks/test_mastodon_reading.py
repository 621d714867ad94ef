"""What Mastodon's answers mean: which posts prove what, whom a refusal concerns, how a text stands in HTML."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.errors import NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Absent, CannotTell, Found
from socrbot.networks.wire.mastodon_answers import plain
from tests.networks.bench import START, Bench
from tests.networks.benches.mastodon import LIST, LISTENS_AT, POSTS, WORDS, intent, prepared, send
from tests.standins import mastodon as standins
from tests.standins.mastodon_rules import as_html

NETWORK = "mastodon"


@pytest.fixture
def standin(bench: Bench) -> standins.Mastodon:
    assert isinstance(bench.standin, standins.Mastodon)
    return bench.standin


class TestKeys:
    """Most servers make one post of one key, for an hour. None is trusted alone."""

    def test_the_same_part_has_the_same_key(self, bench: Bench) -> None:
        """Sent twice, it is there once; another part is another post."""
        payload = prepared(bench)
        assert send(bench, payload) == send(bench, payload) != send(bench, payload, key="another")
        keys = [request.headers["idempotency-key"] for request in bench.standin.requests(POSTS)]
        assert keys[0] == keys[1] != keys[2]

    @pytest.mark.parametrize("ignores_keys", [False, True])
    def test_a_lost_answer_is_found_without_it(
        self, bench: Bench, standin: standins.Mastodon, ignores_keys: bool
    ) -> None:
        """After the hour, or where the server knows no keys, sending again would double the post: the look finds it."""
        standin.ignores_keys = ignores_keys
        payload = prepared(bench)
        standin.fault("drop-after", match=POSTS)
        with pytest.raises(OutcomeUnknown):
            send(bench, payload)
        bench.clock.advance(timedelta(hours=2))
        finding = bench.connect().find(intent(payload))
        assert isinstance(finding, Found)
        assert finding.receipt.id == standin.published[0].id
        send(bench, payload)
        assert len(standin.published) == 2, "the server does not keep us from it"


class TestLooking:
    """What the account's own posts prove."""

    def other(self, bench: Bench, text: str, **more: Any) -> None:
        send(bench, prepared(bench, text, **more), key="other")

    def test_the_same_words_with_other_pictures_are_left_to_a_person(self, bench: Bench) -> None:
        """Somebody may have posted by hand."""
        payload = prepared(bench, media=(bench.picture(1, "Alt"),))
        self.other(bench, WORDS, media=(bench.picture(1, "Alt"), bench.picture(2, "Alt")))
        finding = bench.connect().find(intent(payload))
        assert isinstance(finding, CannotTell)
        assert "pictures" in finding.why

    def test_the_same_words_with_another_link_are_left_to_a_person(self, bench: Bench) -> None:
        """Links are read whole, though what people see of them is cut."""
        long = "https://www.example.org/a/petition/with/a/very/long/address?"
        payload = prepared(bench, f"Sign it: {long}a=1&b=2")
        self.other(bench, f"Sign it: {long}a=1&b=3")
        finding = bench.connect().find(intent(payload))
        assert isinstance(finding, CannotTell)
        assert "links" in finding.why
        send(bench, payload)
        assert isinstance(bench.connect().find(intent(payload)), Found)

    def test_the_same_words_in_another_place_are_left_to_a_person(self, bench: Bench) -> None:
        """A part of a thread is not the post that stands alone."""
        network = bench.connect()
        first, second = bench.send(network, bench.message("The first part.", WORDS))
        finding = network.find(intent(prepared(bench)))
        assert isinstance(finding, CannotTell)
        assert "thread" in finding.why
        found = network.find(replace(intent(prepared(bench)), reply_to=first))
        assert isinstance(found, Found)
        assert found.receipt.id == second.id

    def test_a_name_is_found_though_its_host_is_not_shown(self, bench: Bench) -> None:
        """Mastodon shows people it knows without their host, and others as they were written."""
        text = "Thank you, @dave@remote.example and @nobody@remote.example! &amp; <b>“yes”</b>\n\n- one\n- two"
        payload = prepared(bench, text)
        send(bench, payload)
        assert isinstance(bench.connect().find(intent(payload)), Found)
        assert bench.connect().recent(START)[0].text == text

    def test_more_than_a_page_is_read(self, bench: Bench) -> None:
        """Until the posts are older than the try; then absent is absent."""
        network = bench.connect()
        for number in range(42):
            network.publish({"form": {"status": f"Number {number}."}}, key=str(number), reply_to=None)
        wanted = intent({"form": {"status": "Number 0."}})
        assert isinstance(network.find(wanted), Found)
        assert len(network.recent(START)) == 42
        assert isinstance(network.find(intent({"form": {"status": "Number 99."}})), Absent)

    @pytest.mark.parametrize("body", [{"error": "x"}, [{"id": "1"}], [7], [{"id": 1, "created_at": 5, "content": ""}]])
    def test_a_list_that_cannot_be_read_proves_nothing(self, bench: Bench, body: Any) -> None:
        """Nobody may believe that the post is absent."""
        payload = prepared(bench)
        bench.standin.fault("status", match=LIST, status=200, body=body)
        assert isinstance(bench.connect().find(intent(payload)), CannotTell)

    def test_what_was_boosted_is_no_post_of_ours(self, bench: Bench) -> None:
        """A server that shows boosts all the same does not mislead us."""
        boost = {"id": "9", "created_at": START.isoformat(), "content": f"<p>{WORDS}</p>", "reblog": {"id": "8"}}
        network, payload = bench.connect(), prepared(bench)
        network.verify()
        bench.standin.fault("status", match=LIST, status=200, body=[boost])
        assert isinstance(network.find(intent(payload)), Absent)


class TestAnswers:
    """What a server says, and what it means for the post."""

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 408])
    def test_a_fault_behind_the_gateway_proves_nothing(self, bench: Bench, status: int) -> None:
        """The post may be out: it is looked for, and found."""
        payload = prepared(bench)
        bench.standin.fault("status-after", match=POSTS, status=status, body=b"<html>Web server is down</html>")
        with pytest.raises(OutcomeUnknown) as caught:
            send(bench, payload)
        assert caught.value.status == status
        assert isinstance(bench.connect().find(intent(payload)), Found)

    @pytest.mark.parametrize(
        "body",
        [
            {"id": "3", "scheduled_at": "2026-03-08T19:00:00.000Z", "params": {}, "media_attachments": []},
            {"id": "3"},
            {"content": "<p>words</p>"},
            {"id": None, "content": "x"},
            {},
            [],
            b"",
            b"OK",
        ],
    )
    def test_a_yes_that_is_no_post_is_unknown(self, bench: Bench, body: Any) -> None:
        """A post for later, an empty answer, a page for people: no receipt."""
        payload = prepared(bench)
        bench.standin.fault("status", match=POSTS, status=200, body=body)
        with pytest.raises(OutcomeUnknown):
            send(bench, payload)

    @pytest.mark.parametrize(
        ("status", "body", "error"),
        [
            (401, {"error": "The access token was revoked"}, Unauthorised),
            (401, b"<html>", Unauthorised),
            (403, {"error": "This action is outside the authorized scopes"}, Unauthorised),
            (403, {"error": "Your login is currently disabled"}, Unauthorised),
            (403, b"<html>Just a moment...</html>", NotSent),
            (404, {"error": "Record not found"}, Refused),
            (404, b"<html>", NotSent),
            (302, b"", NotSent),
            (400, {"error": "bad"}, Refused),
            (413, {"error": "too large"}, Refused),
            (422, {"error": "Validation failed: Text can't be blank"}, Refused),
        ],
    )
    def test_each_refusal_goes_to_who_can_do_something(
        self, bench: Bench, status: int, body: Any, error: type[Exception]
    ) -> None:
        """The account's owner, the author, or nobody yet: what stands between may be in the way for a while."""
        payload = prepared(bench)
        bench.standin.fault("status", match=POSTS, status=status, body=body, headers={"Location": bench.standin.base})
        with pytest.raises(error):
            send(bench, payload)
        assert len(bench.standin.requests(POSTS)) == 1
        assert bench.standin.published == []

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"X-RateLimit-Reset": "2026-03-07T19:05:00.123456Z"}, 300.123456),
            ({"X-RateLimit-Reset": "2026-03-07T20:05:00+01:00"}, 300),
            ({"X-RateLimit-Reset": "2026-03-07T19:05:00"}, 300),
            ({"X-RateLimit-Reset": str(int(LISTENS_AT.timestamp()))}, 300),
            ({"Retry-After": "60"}, 60),
            ({"X-RateLimit-Reset": "soon"}, None),
            ({"Retry-After": "Sat, 07 Mar 2026 19:05:00 GMT"}, None),
            ({}, None),
        ],
    )
    def test_the_end_of_a_limit_is_read_in_each_form(
        self, bench: Bench, headers: dict[str, str], seconds: float | None
    ) -> None:
        """Mastodon writes a date, other servers seconds; what cannot be read is no time."""
        payload = prepared(bench)
        bench.standin.fault("status", match=POSTS, status=429, body={"error": "Too many requests"}, headers=headers)
        with pytest.raises(NotSent) as caught:
            send(bench, payload)
        assert caught.value.retry_at == (None if seconds is None else START + timedelta(seconds=seconds))

    def test_a_limit_that_is_real_is_kept(self, bench: Bench, standin: standins.Mastodon) -> None:
        """After so many requests the server listens to nobody, until the time that it names."""
        network, standin.calls = bench.connect(), 3
        network.verify()
        with pytest.raises(NotSent) as caught:
            network.recent(START)
        assert caught.value.whole_account
        assert caught.value.retry_at == LISTENS_AT
        bench.clock.advance_to(LISTENS_AT)
        assert network.recent(START) == []


class TestText:
    """The text that was written, out of the HTML that a server made of it."""

    @pytest.mark.parametrize(
        ("html", "text"),
        [
            ("<p>One</p><p>Two<br>three<br />four</p>", "One\n\nTwo\nthree\nfour"),
            ("<p>&amp; &lt;b&gt; &quot;x&quot; &#39;y&#39; &amp;amp;</p>", "& <b> \"x\" 'y' &amp;"),
            (
                '<p>See <a href="https://www.example.org/a/long/way?a=1&amp;b=2"><span class="invisible">https://www.'
                '</span><span class="ellipsis">example.org/a/l</span><span class="invisible">ong/way?a=1&amp;b=2</span>'
                "</a>.</p>",
                "See https://www.example.org/a/long/way?a=1&b=2.",
            ),
            ('<a href="https://example.org/a/b">example.org/a…</a>', "https://example.org/a/b"),
            ('<a href="https://example.org/a/b">https://example.org/…</a>', "https://example.org/a/b"),
            ('<a href="https://example.org/a/b">example.org/a/b</a>', "https://example.org/a/b"),
            ('<a href="https://h/tags/x" class="mention hashtag">#<span>x</span></a>', "#x"),
            ('<span><a href="https://h/@a" class="u-url mention">@<span>a</span></a></span>', "@a@h.example"),
            ('<a href="https://h/@b" class="mention">@<span>b</span></a>', "@b"),
            ("<div>One</div><ul><li>two</li><li>three</li></ul>", "One\n\ntwo\n\nthree"),
            ("<p>never <a href='https://example.org/a'>closed", "never closed"),
            ("plain", "plain"),
            ("", ""),
        ],
    )
    def test_is_what_was_written(self, html: str, text: str) -> None:
        """Paragraphs, links with hidden pieces or cut short, names and hashtags."""
        assert plain(html, {"https://h/@a": "@a@h.example"}) == text

    @given(
        st.lists(
            st.sampled_from(
                [
                    *("word", "ŵ"),
                    *("👨‍👩‍👧‍👦", "“quoted”", "&", "&amp;", "<b>", "a_b", "#Rights", "#1", "it's", '"', "…"),
                    *("https://example.org/a?b=1&c=2#d", "https://www.example.org/" + "long/" * 9, "https://e.uk"),
                    *("@dave@remote.example", "@nobody@remote.example", "\n", "\n\n", "example.org"),
                ]
            ),
            max_size=10,
        )
    )
    @settings(max_examples=150, deadline=None)
    def test_comes_back_from_mastodons_html(self, pieces: list[str]) -> None:
        """Whatever is written comes back as it was, but for spaces at the ends of lines."""
        text = " ".join(pieces)
        people = {"dave@remote.example": "https://remote.example/@dave"}
        back = plain(as_html(text, people), {url: f"@{name}" for name, url in people.items()})
        assert back.split() == text.split()
