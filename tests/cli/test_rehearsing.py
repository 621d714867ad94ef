"""`rehearse`: in the terminal, as JSON and as a page; filters, exit codes, and mistakes in one line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.cli.conftest import Make
from tests.cli.desk import Desk, wall
from tests.pictures import png
from tests.report.test_page import Element, read

HOUR = timedelta(hours=1)
NASTY = '<script>alert(1)</script> "&'


def soon(text: str, after: timedelta = 2 * HOUR) -> str:
    """A post that goes out soon."""
    return f"when: {wall(after)}\ntext: {text}\n"


def page_of(desk: Desk, name: str = "data/rehearsal.html") -> Element:
    """The page's tree."""
    return read((desk.root / name).read_text(encoding="utf-8"))


def test_it_says_what_goes_out_and_writes_the_page(make: Make) -> None:
    """In the terminal each post with its time and account, and where the page is; 0, as nothing needs a person."""
    desk = make({"hello.yaml": soon("Hello.")})
    done = desk("rehearse")
    assert done.code == 0, done
    assert "UK time: hello on outbox: goes out" in done.out
    assert "1 post goes out, and nothing costs money. Nothing needs a person." in done.out
    assert f"{desk.root}/data/rehearsal.html" in done.out
    assert [path.name for path in (desk.root / "data").iterdir()] == ["rehearsal.html"]
    assert (desk.root / "data" / "rehearsal.html").stat().st_mode & 0o777 == 0o600


def test_the_exit_code_is_1_where_something_needs_a_person(make: Make) -> None:
    """A refusal, for example; its reason and what to do are said."""
    done = make({"hello.yaml": soon("Hello.")})("rehearse", "--fault", "refuse:outbox=hello")
    assert done.code == 1
    assert "hello on outbox: not sent" in done.out
    assert "Every network" not in done.out
    assert "Made to go wrong: The network of outbox refuses the post hello." in done.out
    assert "1 post needs a person." in done.out


def test_json_has_it_all_for_programs(make: Make) -> None:
    """Stable names, ISO times, states, parts with their counts, and no pixels."""
    desk = make({"hello.yaml": soon("Hello.")})
    data = desk("rehearse", "--json").data
    (post,) = data["posts"]
    assert (post["post"], post["account"], post["state"]) == ("hello", "outbox", "sent")
    assert datetime.fromisoformat(post["at"]) > datetime.now(UTC)
    assert post["parts"][0]["text"].startswith("Hello.")
    assert post["parts"][0]["count"] <= post["parts"][0]["limit"] == 5_000
    assert data["needs_a_person"] is False
    assert data["cost_usd"] == 0
    assert Path(data["page"]).exists()


def test_filters_choose_what_is_shown(make: Make) -> None:
    """Only this post, only this account; the rest is rehearsed all the same, and does not count for the exit code."""
    desk = make({"one.yaml": soon("One."), "two.yaml": soon("Two.")}, accounts={"outbox": "outbox", "second": "outbox"})
    shown = desk("rehearse", "--post", "one", "--account", "second", "--fault", "refuse:outbox=two", "--json")
    assert [(post["post"], post["account"]) for post in shown.data["posts"]] == [("one", "second")]
    assert shown.code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fault", "outrage=2h"], 'There is no fault called "outrage". Did you mean outage? There are: outage=2h@'),
        (["--fault", "outage=2h@soon"], '"soon" in outage=2h@soon is no time. Write it like this: 2026-12-01T18:00'),
        (["--fault", "outage:elsewhere=2h"], 'There is no account called "elsewhere"'),
        (["--account", "outbux"], 'There is no account called "outbux". Did you mean "outbox"?'),
        (["--post", "petitoin"], 'There is no post called "petitoin". Did you mean "petition"?'),
        (["--until", "soon"], '"soon" is no date'),
        (["--until", "2020-01-01"], "2020-01-01 cannot be rehearsed. Name a day from today on"),
    ],
)
def test_a_mistake_is_one_clear_line(desk: Desk, arguments: list[str], said: str) -> None:
    """Wrong use ends with 2, and nothing is written."""
    done = desk("rehearse", *arguments)
    assert done.code == 2
    assert said in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert not (desk.root / "data" / "rehearsal.html").exists()


def test_the_page_shows_each_post_as_its_network_will(make: Make) -> None:
    """Text in its language with the count, the picture with its description beside it, the card of a link, parts."""
    picture = "{file: media/a.png, alt: A red card, people: no}"
    posts = {
        "picture.yaml": soon(f"See this.\nlanguage: cy\nmedia: [{picture}]"),
        "card.yaml": soon("Sign.\nlink: petition", 2.5 * HOUR),
        "long.yaml": f"when: {wall(3 * HOUR)}\nparts: [First., Second.]\nwithout_threads: join\n",
    }
    desk = make(posts, accounts={"outbox": "outbox", "sky": "bluesky", "page": "facebook"})
    (desk.root / "media").mkdir()
    png(desk.root / "media" / "a.png")
    done = desk("rehearse", "--as-if-live", "--page", "seen/it.html")
    assert done.code == 0, done
    shows = list(page_of(desk, "seen/it.html").all("article"))
    assert len(shows) == 9
    seen, card, _ = (show for show in shows if show.text.startswith("page"))
    assert re.search(r"\d+ of [\d,]+ characters", seen.text)
    assert any(element.attributes.get("lang") == "cy" for element in seen.all("p"))
    (image,) = seen.all("img")
    assert image.attributes["alt"] == "A red card"
    assert image.attributes["src"].startswith("data:image/jpeg;base64,")
    assert "Described as: A red card" in seen.text
    assert "Card with the link: Sign, https://petition.test/1" in card.text
    assert any("Part 1 of 2" in show.text for show in shows)


def test_the_page_can_do_nothing_and_reads_well_aloud(make: Make) -> None:
    """No script, nothing from elsewhere, whatever a post says; headings in order; tables with captions and scopes."""
    quoted = NASTY.replace('"', '\\"')
    desk = make({"nasty.yaml": f'when: {wall(2 * HOUR)}\ntext: "{quoted}"\n'}, accounts={"outbox": "outbox", "x": "x"})
    assert desk("rehearse", "--as-if-live", "--fault", "refuse:x=nasty").code == 1
    html = (desk.root / "data" / "rehearsal.html").read_text(encoding="utf-8")
    tree = read(html)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "default-src 'none'" in html
    assert not re.findall(r'(?:src|href)="(?!#|data:image/jpeg)', html)
    levels = [int(element.tag[1]) for element in tree.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tables = list(tree.all("table"))
    assert len(tables) >= 2
    for table in tables:
        assert len(list(table.all("caption"))) == 1
        assert all(cell.attributes.get("scope") in ("col", "row") for cell in table.all("th"))
    (root,) = tree.all("html")
    assert root.attributes["lang"] == "en-GB"
    ids = [element.attributes["id"] for element in tree.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    links = {element.attributes["href"] for element in tree.all("a")}
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert "not sent" in tree.text


def test_files_that_cannot_be_understood_end_it(desk: Desk) -> None:
    """As everywhere: the mistake with its place, and nothing is rehearsed."""
    desk.write("config/campaign.yaml", "name: [\n")
    done = desk("rehearse")
    assert done.code in (1, 2)
    assert "config/campaign.yaml" in done.out + done.err
    assert not (desk.root / "data" / "rehearsal.html").exists()
