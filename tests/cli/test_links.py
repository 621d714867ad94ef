"""`doctor --links`: what becomes of each address, and what is never asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from socrbot.cli.links import LONGEST, MOST_LINKS, Visits
from socrbot.http import Session
from tests.cli.conftest import Make
from tests.cli.desk import wall

PUBLIC = "93.184.216.34"
HOST = "https://one.test"
MOVED = {"once": "/", "twice": "/once", "circle": "/circle"}


class Site:
    """A web site whose pages answer as their names say. `heard` is what it was asked."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.heard.append(f"{self.command} {self.path}")
                page = self.path.strip("/")
                if page == "broken":
                    return
                if page == "no-head" and self.command == "HEAD":
                    return
                status, headers = 200, {}
                if page.isdigit():
                    status = int(page)
                elif page == "only-get" and self.command == "HEAD":
                    status = 405
                elif page.startswith("to-"):
                    kind, _, target = page.removeprefix("to-").partition("-")
                    status, headers = int(kind), {"Location": target.replace("~", "/")}
                elif page in MOVED:
                    status, headers = 302, {"Location": MOVED[page]}
                self.send_response(status)
                for name, value in {**headers, "Content-Length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

            do_HEAD = do_GET  # noqa: N815 - the name that http.server wants

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def site() -> Iterator[Site]:
    """A site that `one.test` leads to."""
    made = Site()
    threading.Thread(target=made.server.serve_forever, args=(0.05,), daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def resolve(host: str) -> Sequence[str]:
    private = {"inside.test": "192.168.1.5", "localhost": "127.0.0.1", "both.test": "10.0.0.1"}
    known = {"one.test": [PUBLIC], "both.test": [PUBLIC, "10.0.0.1"]}
    return known.get(host, [private[host]] if host in private else [])


def visits(site: Site) -> Visits:
    return Visits(Session(addresses={HOST: site.base}), lambda: 0.0, resolve)


def ask(site: Site, address: str) -> tuple[bool, str]:
    [found] = visits(site).test({address: "link petition"})
    return found.well, found.says


@pytest.mark.parametrize(
    ("page", "well", "says"),
    [
        ("/", True, "works"),
        ("/only-get", True, "works"),
        ("/no-head", True, "works"),
        ("/404", False, "there is no such page (404)"),
        ("/410", False, "there is no such page (410)"),
        ("/403", True, "does not let programs look (403)"),
        ("/500", False, "the server answered 500"),
        ("/broken", False, "broke before the answer came"),
        ("/to-302-~", True, f"works, leads on to {HOST}/"),
        ("/to-302-~404", False, f"no such page (404), leads on to {HOST}/404"),
        ("/to-301-~", True, "It moved there for good"),
        ("/twice", True, f"{HOST}/once and then to {HOST}/"),
        ("/to-302-http:~~localhost~", False, "private network"),
        ("/to-302-file:~~~etc~passwd", False, "no address of a page"),
    ],
)
def test_what_becomes_of_an_address_is_said_in_words(site: Site, page: str, well: bool, says: str) -> None:
    """Dead pages and failing servers are not well; what sends programs away is for a person to look at."""
    found = ask(site, f"{HOST}{page}")
    assert found[0] is well
    assert says in found[1]


def test_a_circle_has_an_end(site: Site) -> None:
    """A page that leads to itself is given up after a few steps."""
    well, says = ask(site, f"{HOST}/circle")
    assert not well
    assert "on and on" in says
    assert len(site.heard) < 20


@pytest.mark.parametrize("address", ["http://inside.test/a", "http://localhost/", "http://both.test/"])
def test_machines_of_a_private_network_are_not_asked(site: Site, address: str) -> None:
    """They are told as what the public cannot reach, be it one of several addresses of a name."""
    well, says = ask(site, address)
    assert not well
    assert "private network" in says
    assert site.heard == []


def test_a_host_that_does_not_exist_is_told(site: Site) -> None:
    """By its name."""
    assert ask(site, "https://nowhere.test/") == (
        False,
        "NOT WORKING: there is no server called nowhere.test, or it could not be looked up",
    )


def test_a_made_up_address_is_said_to_be_one(site: Site) -> None:
    """It is never asked, and no reason for alarm."""
    assert ask(site, "https://example.org/petition") == (True, "made up, still to be filled in. It was not asked")


def test_nothing_but_looking_is_done(site: Site) -> None:
    """HEAD first, GET only where HEAD does not do."""
    ask(site, f"{HOST}/")
    ask(site, f"{HOST}/only-get")
    assert site.heard == ["HEAD /", "HEAD /only-get", "GET /only-get"]


def test_there_is_an_end_to_number_and_time(site: Site) -> None:
    """Too many links, or too slow ones: the rest is said to be left out."""
    many = {f"https://example.org/{number}": "x" for number in range(MOST_LINKS + 5)}
    *tested, last = visits(site).test(many)
    assert len(tested) == MOST_LINKS
    assert "5 addresses were left out" in last.says
    times = iter([0.0, 1.0, LONGEST + 1])
    slow = Visits(Session(), lambda: next(times), resolve)
    *tested, last = slow.test(many)
    assert len(tested) == 1
    assert not last.well


def test_the_command_names_who_uses_what(make: Make) -> None:
    """Named links and addresses in coming posts, with made-up ones told as such; a dead one makes the exit code 1."""
    soon = wall(timedelta(days=3))
    desk = make(
        {
            "come.yaml": f"text: \"{{{{ link('nowhere') }}}} http://127.0.0.1:9/dead\"\nwhen: {soon}\n",
            "draft.yaml": "text: See http://127.0.0.1:9/draft\ndraft: yes\n",
            "past.yaml": "text: See http://127.0.0.1:9/past\nwhen: 2026-01-01 12:00\n",
        }
    )
    desk.write(
        "config/campaign.yaml",
        (desk.root / "config/campaign.yaml").read_text().replace("https://petition.test/1", "https://example.org/1"),
    )
    assert "Link " not in desk("doctor").out
    done = desk("doctor", "--links")
    assert done.code == 1
    assert "Link https://example.org/nowhere (link nowhere, come): made up" in done.out
    assert "Link http://127.0.0.1:9/dead (come): NOT REACHABLE" in done.out
    assert "/draft" not in done.out
    assert "/past" not in done.out
    data = desk("doctor", "--links", "--json").data["links"]
    assert {each["address"]: each["well"] for each in data}["http://127.0.0.1:9/dead"] is False
