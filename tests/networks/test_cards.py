"""What a link card says of a page, and what a page cannot do to us."""

from __future__ import annotations

import gzip
import io
import itertools
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from socrbot.errors import Refused
from socrbot.media import card_picture
from socrbot.message import Rendition
from socrbot.networks.shared.cards import Card, page_card
from socrbot.networks.wire.hosts import is_public, on_this_machine
from tests.networks.web import Web, html, moved, serving

read: Callable[..., Card] = partial(page_card, private=True)


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as made:
        yield made


def jpeg(width: int = 64, height: int = 32) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.effect_noise((width, height), 80).convert("RGB").save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


class TestWhatAPageSays:
    def test_title_description_and_picture_as_the_page_wants_them_shown(self, web: Web) -> None:
        """What is meant for cards goes before what is meant for the window; the picture's address may be relative."""
        web.answers["/pictures/a%20b.jpg?v=1"] = html(jpeg(), mime="image/jpeg")
        address = web.page(
            '<title>Window</title><meta name="description" content="Plain">'
            '<meta property="og:title" content="Sign &amp; share: “98.3%”">'
            "<meta content='Parents want a > b' property='og:description'>"
            '<meta property="og:image" content="../pictures/a b.jpg?v=1">',
            "/petition/start",
        )
        card = read(address, picture=card_picture)
        assert (card.title, card.description) == ("Sign & share: “98.3%”", "Parents want a > b")
        assert card.image is not None
        assert (card.image.mime, card.image.width, card.image.height) == ("image/jpeg", 64, 32)
        assert b"taken at home" not in card.image.data

    def test_without_these_the_windows_title_and_the_plain_description(self, web: Web) -> None:
        """In one line, whatever the page's own lines; a second title, as of a drawing, changes nothing."""
        address = web.page("<TITLE>\n  Sign\n\ttoday </TITLE><META NAME=Description CONTENT='Please.'><title>x</title>")
        assert read(address) == Card("Sign today", "Please.")

    @pytest.mark.parametrize("head", ["", "<title> </title>", '<meta property="og:title" content="">'])
    def test_a_page_without_a_title_gets_that_of_the_link(self, web: Web, head: str) -> None:
        """The name that the team gave it, or its address as people say it."""
        address = web.page(head, "/sign/")
        assert read(address, title="Our petition").title == "Our petition"
        assert read(address).title == f"{web.base.removeprefix('http://')}/sign"

    @pytest.mark.parametrize(
        ("data", "mime"),
        [
            ("<title>Tŷ – ŵ</title>".encode(), "text/html"),
            ("<title>Tŷ – ŵ</title>".encode(), "text/html; charset=utf-8"),
            ("<meta charset=iso-8859-14><title>Tŷ – ŵ</title>".encode(), 'text/html; charset="UTF-8"'),
            ('<meta charset="windows-1250"><title>Tý – w</title>'.encode("cp1250"), "text/html"),
            ("<title>Tŷ – ŵ</title>".encode("utf-8-sig"), "text/html; charset=latin-1"),
            ("<title>Tŷ – ŵ</title>".encode("utf-16"), "text/html"),
            ("<title>“Tý” – €</title>".encode("cp1252"), "text/html; charset=iso-8859-1"),
            ("<title>“Tý” – €</title>".encode("cp1252"), "text/html"),
            ("<title>Tŷ – ŵ</title>".encode(), "text/html; charset=no-such-thing"),
        ],
    )
    def test_letters_are_right_in_whatever_charset(self, web: Web, data: bytes, mime: str) -> None:
        """By the mark at the beginning, the server's word, the page's own, and else by what it looks like."""
        web.answers["/"] = html(data, mime=mime)
        assert read(f"{web.base}/").title in ("Tŷ – ŵ", "Tý – w", "“Tý” – €")

    def test_a_letter_cut_by_the_limit_changes_nothing(self, web: Web) -> None:
        """A long page is still read as what it is."""
        web.answers["/"] = html("<title>Tŷ</title> ".encode() + "ŵ".encode() * 600_000, mime="text/html")
        assert read(f"{web.base}/").title == "Tŷ"

    def test_what_stands_in_a_comment_is_not_said(self, web: Web) -> None:
        """Neither a title nor a picture that somebody took out."""
        assert read(web.page("<!-- <title>Old</title> --><title>New</title><!-- never closed")).title == "New"

    def test_packed_pages_are_read(self, web: Web) -> None:
        """Some servers pack what they send, asked or not."""
        more = "Content-Encoding: gzip\r\n"
        web.answers["/"] = html(gzip.compress(b"<title>Packed</title>"), mime="text/html", more=more)
        assert read(f"{web.base}/").title == "Packed"

    def test_long_words_are_cut(self, web: Web) -> None:
        """A card has room for a headline, not for an essay."""
        address = web.page(f"<title>{'long ' * 200}</title><meta name=description content='{'word ' * 900}'>")
        card = read(address)
        assert (len(card.title), len(card.description)) == (300, 1_000)
        assert card.title.endswith("…")


class TestHowItGetsThere:
    def test_it_follows_three_redirects_and_says_nothing_of_itself(self, web: Web) -> None:
        """No cookie is sent back, no credentials; the picture's address counts from where the page was."""
        web.answers |= {"/": moved("/b", 301), "/b": moved("/c", 307), "/c": moved(f"{web.base}/d/", 308)}
        web.page('<title>There</title><meta property="og:image" content="p.jpg">', "/d/")
        web.answers["/d/p.jpg"] = html(jpeg(), mime="image/jpeg")
        card = read(f"{web.base}/#part", picture=card_picture)
        assert card.title == "There"
        assert card.image is not None
        assert web.paths == ["/", "/b", "/c", "/d/", "/d/p.jpg"]
        assert not [each for each in web.asked if b"cookie" in each.lower() or b"authorization" in each.lower()]

    def test_a_fourth_redirect_is_one_too_many(self, web: Web) -> None:
        """A page that leads on for ever is left."""
        web.answers["/"] = moved("/")
        assert read(f"{web.base}/", title="Petition") == Card("Petition")
        assert web.paths == ["/"] * 4

    @pytest.mark.parametrize(
        "where", ["ftp://example.org/", "file:///etc/passwd", "", "http://", "javascript:1", "http://a:b@127.0.0.1/"]
    )
    def test_it_goes_nowhere_but_to_plain_web_addresses(self, web: Web, where: str) -> None:
        """Neither at first nor later."""
        web.answers["/"] = moved(where)
        assert read(f"{web.base}/", title="Petition") == Card("Petition")
        assert read(where, title="Petition") == Card("Petition")
        assert len(web.asked) <= 4

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"])
    def test_it_does_not_look_inside_the_house(self, web: Web, host: str) -> None:
        """Nothing is asked of a private address, whatever name leads there."""
        address = web.page("<title>Printer</title>").replace("127.0.0.1", host)
        assert page_card(address, title="Petition") == Card("Petition")
        assert web.asked == []

    def test_letters_of_all_languages_may_stand_in_an_address(self, web: Web) -> None:
        """They are written as servers expect them."""
        web.page("<title>Tŷ</title>", "/t%C5%B7?q=%C5%B5%20x")
        assert read(f"{web.base}/tŷ?q=ŵ%20x").title == "Tŷ"


class TestHostilePages:
    def test_an_endless_page_is_read_to_a_bound(self, web: Web) -> None:
        """Its head is enough."""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>Endless</title>"
        web.answers["/"] = lambda: itertools.chain([head], itertools.repeat(b"x" * 65_536))
        assert read(f"{web.base}/").title == "Endless"
        assert web.gone.wait(5)

    def test_a_page_that_drips_is_left_when_the_time_is_over(self, web: Web) -> None:
        """Each byte comes in time, all of them never do."""
        web.answers["/"] = web.drips
        begun = time.monotonic()
        assert read(f"{web.base}/", title="Petition", seconds=0.3) == Card("Petition")
        assert time.monotonic() - begun < 5
        assert web.gone.wait(5)

    def test_a_picture_that_drips_costs_the_picture_alone(self, web: Web) -> None:
        """The words are there by then."""
        address = web.page('<title>Words</title><meta property="og:image" content="/p">')
        web.answers["/p"] = lambda: (piece.replace(b"text/html", b"image/jpeg") for piece in web.drips())
        assert read(address, picture=card_picture, seconds=0.5) == Card("Words")

    @pytest.mark.parametrize(
        "piece", ["<a ", "<a", "<!--", "</", "<?", '<meta a="', "<meta ", "<meta <", "<title>", "<div>", "&", "<meta>"]
    )
    def test_text_made_to_be_hard_costs_no_time(self, web: Web, piece: str) -> None:
        """A parser given all of it would work for minutes."""
        web.answers["/"] = html("<title>Hard</title>" + piece * (990_000 // len(piece)))
        begun = time.monotonic()
        assert read(f"{web.base}/").title == "Hard"
        assert time.monotonic() - begun < 5

    def test_charsets_that_no_page_has_are_not_used(self, web: Web) -> None:
        """Some would keep a processor busy for hours."""
        for name in ("punycode", "zip", "unicode_escape", "idna", "rot13", "undefined"):
            web.answers["/"] = html(b"<title>Plain</title>" + b"a-" * 400_000, mime=f"text/html; charset={name}")
            assert read(f"{web.base}/").title == "Plain"

    def test_a_packed_page_that_grows_without_end_is_cut(self, web: Web) -> None:
        """A thousand times its size would fill the memory."""
        bomb = gzip.compress(b"<title>Bomb</title>" + b"\0" * 200_000_000, 9)
        web.answers["/"] = html(bomb, mime="text/html", more="Content-Encoding: gzip\r\n")
        assert read(f"{web.base}/").title == "Bomb"

    @pytest.mark.parametrize(
        "answer",
        [
            html("%PDF-", mime="application/pdf"),
            [b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/html\r\n\r\n<title>Error</title>"],
            [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 999\r\n\r\n<title>Half"],
            [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n<title>Headers</title>"],
            [b"SSH-2.0-OpenSSH_9.2\r\n"],
            [b""],
            html(b"\x00\xff" * 400, mime="text/html", more="Content-Encoding: br\r\n"),
            html(b"\x00\xff" * 400, mime="text/html", more="Content-Encoding: gzip\r\n"),
        ],
    )
    def test_what_is_no_page_gives_a_plain_card(self, web: Web, answer: list[bytes]) -> None:
        """Another kind of file, a failure, half an answer, another protocol, nothing at all."""
        web.answers["/"] = answer
        assert read(f"{web.base}/", title="Petition") == Card("Petition")

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.text(st.sampled_from("<>\"'=/!-\x00\n& aé#;metailco:g"), max_size=200) | st.text(max_size=100))
    def test_whatever_stands_there_a_card_comes_of_it(self, web: Web, text: str) -> None:
        """One line each, without what cannot be seen."""
        web.answers["/"] = html(f"<meta {text}><title>{text}".encode("utf-8", "replace"))
        card = read(f"{web.base}/")
        assert card.title
        assert not set(card.title + card.description) & set("\n\r\0")


class TestPictures:
    @pytest.mark.parametrize(
        "answer",
        [
            html(b"<svg xmlns='http://www.w3.org/2000/svg'/>", mime="image/svg+xml"),
            html(b"GIF89a", mime="image/gif"),
            html(jpeg(), mime="text/plain"),
            html(bytes(10_000_001), mime="image/png"),
            moved("http://10.0.0.1:x/"),
        ],
    )
    def test_one_that_cannot_be_used_is_left_out(self, web: Web, answer: list[bytes]) -> None:
        """The card goes out with its words alone."""
        address = web.page('<title>Words</title><meta property="og:image" content="/p">')
        web.answers["/p"] = answer
        assert read(address, picture=card_picture) == Card("Words")
        assert "/p" in web.paths

    def test_a_large_one_is_made_to_fit(self, web: Web) -> None:
        """A photo of several megabytes becomes one of at most as many bytes as were asked for."""
        big = jpeg(3_000, 2_000)
        web.answers["/p"] = html(big, mime="image/jpeg")
        address = web.page('<title>Words</title><meta property="og:image" content="/p">')
        image = read(address, picture=card_picture, picture_bytes=200_000).image
        assert image is not None
        assert len(image.data) <= 200_000 < len(big)
        assert abs(image.width / image.height - 1.5) < 0.01

    def test_none_is_fetched_where_none_is_wanted(self, web: Web) -> None:
        """Nor one that was refused tried again."""
        address = web.page('<title>Words</title><meta property="og:image" content="/p">')
        web.answers["/p"] = html(jpeg(), mime="image/jpeg")

        def never(data: bytes, most: int) -> Rendition:
            raise Refused(f"{len(data)} bytes of {most}")

        assert read(address) == Card("Words")
        assert "/p" not in web.paths
        assert read(address, picture=never) == Card("Words")
        assert web.paths.count("/p") == 1


class TestHosts:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1%eth0",
            "fd00::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "2002:7f00:1::",
            "ff02::1",
        ],
    )
    def test_addresses_inside_a_network_are_not_public(self, host: str) -> None:
        """In every way of writing them, those of cloud machines' own secrets among them."""
        assert not is_public(host)

    @pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
    def test_the_internet_is_public(self, host: str) -> None:
        """Of both kinds."""
        assert is_public(host)

    def test_a_test_server_is_known_by_its_address(self) -> None:
        """By number or by name, and nothing else is."""
        here = ["http://127.0.0.1:1", "http://localhost:2583", "https://[::1]/", "https://a.localhost"]
        assert [on_this_machine(each) for each in here] == [True] * 4
        assert not on_this_machine("https://bsky.social")
        assert not on_this_machine("https://localhost.example.org")
        assert not on_this_machine("http://[")
