"""The log page: one file that reads well, aloud too, and can do nothing but be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socrbot.report.markup import commands_as_code
from socrbot.report.page import render_page
from tests.report.conftest import Make
from tests.standins.x import X
from tests.statements import statements

HOUR = timedelta(hours=1)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'`&amp; </td></table>"
# What is kept lies under its digest.
KEPT = r"media/[0-9a-f]{64}\.(jpg|png|mp4)"
PICTURE = "media: [{file: media/card.png, alt: A red card, people: no}]\n"
VOID = {"meta", "br", "link", "img", "input", "hr", "base"}


@dataclass
class Element:
    """One element: its tag and attributes, what is in it, and its text."""

    tag: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator[Element]:
        for child in self.children:
            if not tags or child.tag in tags:
                yield child
            yield from child.all(*tags)

    @property
    def text(self) -> str:
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        children = iter(self.children)
        for piece in self.texts:
            yield piece if piece else "".join(next(children)._texts())


class Reader(HTMLParser):
    """Builds the tree, and keeps what does not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        self.open[-1].texts.append("")
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1].tag == tag:
            self.open.pop()
        else:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if data:
            self.open[-1].texts.append(data)


def read(page: str) -> Element:
    """The page as a tree. Raises AssertionError where its elements do not nest."""
    reader = Reader()
    reader.feed(page)
    assert reader.wrong == []
    assert [element.tag for element in reader.open] == [""]
    return reader.root


@pytest.fixture
def page(make: Make, x: X) -> str:
    """A page with everything on it: sent, refused, held, to come, a pause, hostile texts."""
    posts = {
        "good.yaml": "text: |\n  First line.\n\n  Second line.\nwhen: 2026-11-24 20:40\n",
        "picture.yaml": f"text: Look.\nwhen: 2026-11-24 20:42\naccounts: outbox\n{PICTURE}",
        "thread.yaml": "parts: [One of two., Two of two.]\nwhen: 2026-11-24 20:45\naccounts: x\n",
        "bad.yaml": "text: X refuses this.\nwhen: 2026-11-24 20:50\naccounts: x\n",
        "hostile.yaml": f"text: |\n  {HOSTILE}\nwhen: 2026-11-24 20:55\naccounts: outbox\n",
        "later.yaml": "text: Tomorrow.\nwhen: 2026-11-25 18:00\naccounts: outbox\n",
        "made-up.yaml": "text: \"{{ link('nowhere') }}\"\nwhen: 2026-11-25 12:00\naccounts: x\n",
    }
    staff = make(posts, pictures=["card.png"])
    staff.one_pass()
    body = {"detail": f"No {HOSTILE}"}
    x.fault("status", status=400, body=body, match=lambda request: b"refuses" in request.body)
    for _ in range(6):
        staff.clock.advance(HOUR / 12)
        staff.one_pass()
    staff.bot.app.ledger.pause("x", HOSTILE, by="<b>Anna</b>", now=staff.clock.now())
    staff.one_pass()
    return staff.page


def test_the_page_can_do_nothing_but_be_read(page: str) -> None:
    """No script, no handler, nothing from elsewhere, no form, no reload, and a policy that forbids them.

    The one picture is what went out, from the folder beside the page.
    """
    tree = read(page)
    elements = list(tree.all())
    assert not {"script", "iframe", "object", "embed", "form", "link", "base", "svg", "audio", "video"} & {
        element.tag for element in elements
    }
    assert not [name for element in elements for name in element.attributes if name.startswith("on")]
    sources = {element.attributes["src"] for element in elements if "src" in element.attributes}
    assert len(sources) == 1
    assert all(re.fullmatch(KEPT, source) for source in sources)
    policies = [m.attributes["content"] for m in tree.all("meta") if m.attributes.get("http-equiv")]
    assert policies == [
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:; base-uri 'none'; form-action 'none'"
    ]
    style = "".join(element.text for element in tree.all("style"))
    assert "url(" not in style
    assert "@import" not in style
    for link in tree.all("a"):
        assert re.match(rf"#\w+$|https?://|{KEPT}$", link.attributes["href"])


def test_hostile_words_are_words(page: str) -> None:
    """Whatever stands in a post, an answer, a name or a reason is shown and never obeyed."""
    tree = read(page)
    assert "<script>" not in page
    assert "<b>" not in page
    cells = [cell.text for cell in tree.all("td") if "said" in cell.attributes.get("class", "")]
    assert any("<script>alert(1)</script><img src=x onerror=alert(2)>" in cell for cell in cells)
    assert any("<b>Anna</b>" in note.text for note in tree.all("p"))


def test_the_headings_lead_through_the_page(page: str) -> None:
    """One h1, no level left out, and each link on the page leads to a heading or to the main part."""
    tree = read(page)
    levels = [int(element.tag[1]) for element in tree.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    names = [element.attributes["id"] for element in tree.all() if "id" in element.attributes]
    assert len(names) == len(set(names))
    inside = {link.attributes["href"][1:] for link in tree.all("a") if link.attributes["href"].startswith("#")}
    assert inside <= set(names)
    assert "main" in inside
    labels = {element.attributes.get("aria-labelledby") for element in tree.all("section")}
    assert labels <= set(names)
    assert [element.tag for element in tree.all("header", "main", "footer", "nav")] == [
        "header",
        "main",
        "nav",
        "footer",
    ]


def test_every_table_says_what_it_is_and_what_each_cell_is(page: str) -> None:
    """A caption; a heading with scope for each column and each row; as many cells in each row as headings."""
    tables = list(read(page).all("table"))
    assert len(tables) == 3
    for table in tables:
        (caption,) = table.all("caption")
        assert caption.text
        columns = [th for th in table.all("th") if th.attributes["scope"] == "col"]
        body = next(iter(table.all("tbody")))
        for row in body.all("tr"):
            heads = list(row.all("th"))
            assert [head.attributes["scope"] for head in heads] == ["row"]
            assert heads[0].text
            assert len(heads) + len(list(row.all("td"))) == len(columns)


def test_the_page_says_its_language_and_that_of_the_posts(page: str) -> None:
    """A screen reader speaks each in its own voice."""
    tree = read(page)
    assert next(iter(tree.all("html"))).attributes["lang"] == "en-GB"
    spoken = [cell for cell in tree.all("td") if "said" in cell.attributes.get("class", "") and cell.text]
    assert spoken
    assert {cell.attributes["lang"] for cell in spoken} == {"en-GB"}


def test_links_say_where_they_lead_without_their_surroundings(page: str) -> None:
    """No two links with the same words lead to different places; the parts of a thread are told apart."""
    links = [(link.text, link.attributes["href"]) for link in read(page).all("a") if "://" in link.attributes["href"]]
    assert len(links) == 3
    assert len({text for text, _ in links}) == len(links)
    assert {text for text, _ in links} == {
        "See it of good on x",
        "See part 1 of thread on x",
        "See part 2 of thread on x",
    }


def test_the_page_answers_the_questions_of_staff(page: str) -> None:
    """Is anything the matter, what went out, what did not and why, what to do, what comes next, when was this made."""
    tree = read(page)
    text = tree.text
    assert "2 posts need a person: see below. 5 posts went out since this time yesterday." in text
    assert "Made Tuesday 24 November 2026, 9:00 pm UK time." in text
    assert "PAUSED: x" in text
    cards = [item.text for item in tree.all("li") if "What to do:" in item.text]
    assert len(cards) == 2
    assert any("bad on x" in card and "not sent" in card and "socrbot retry" in card for card in cards)
    assert any("made-up on x" in card and "held back" in card for card in cards)
    assert "https://example.org/nowhere" in text
    assert "No account" not in text


def test_pictures_are_shown_as_they_went_out(page: str, tmp_path: Path) -> None:
    """The very file that was sent, with its description in words beside it and a name of its own for who cannot see."""
    (picture,) = read(page).all("img")
    assert (tmp_path / "data" / picture.attributes["src"]).read_bytes() == sent_picture(tmp_path)
    assert picture.attributes["alt"] == "See the picture of picture on outbox"
    assert "[picture: A red card]" in page


def sent_picture(root: Path) -> bytes:
    """What lies in the outbox."""
    (path,) = [path for path in (root / "data/accounts/outbox").rglob("*") if path.suffix in (".jpg", ".png")]
    return path.read_bytes()


def test_a_page_of_an_empty_ledger_is_whole_too(make: Make) -> None:
    """Before anything is planned there are sentences in the place of tables."""
    staff = make({}, accounts={"outbox": "outbox"})
    tree = read(render_page(staff.bot.app.ledger, name="Nothing yet", seen_at=staff.clock.now()))
    assert "Nothing yet: what went out" in tree.text
    assert "No posts went out since this time yesterday. Nothing needs you." in tree.text
    assert "Nothing is planned." in tree.text


def test_the_page_costs_the_same_questions_however_long_the_history_is(make: Make) -> None:
    """What was said by a hundred posts is one question to the ledger, not a hundred."""
    staff = make({f"p{n}.yaml": f"text: Number {n}\nwhen: 2026-11-24 21:{n:02}\n" for n in range(40)})
    ledger = staff.bot.app.ledger

    def questions() -> int:
        asked: list[str] = []

        with statements(ledger._db.engine, lambda statement, _: asked.append(statement)):
            render_page(ledger, name="Test", seen_at=staff.clock.now())
        return len([statement for statement in asked if statement.startswith("SELECT")])

    staff.one_pass()
    staff.clock.advance(HOUR / 2 + HOUR / 60)
    staff.one_pass()
    few = questions()
    staff.clock.advance(HOUR)
    staff.one_pass()
    assert len(staff.bot.deliveries(account="outbox")) == 40
    assert questions() == few


@given(st.text(max_size=60))
def test_backticks_become_code_and_nothing_else_becomes_anything(text: str) -> None:
    """Whatever the text, the page's mark-up is ours alone, and no word is lost."""
    markup = str(commands_as_code(text))
    tree = read(markup.replace("\r", " "))
    assert {element.tag for element in tree.all()} <= {"code"}
    if text.count("`") % 2 == 0:
        assert tree.text == " ".join(text.replace("`", "").replace("\r", " ").split())


def test_commands_are_shown_as_commands() -> None:
    """What stands between backticks in a sentence is code on the page."""
    assert str(commands_as_code("Run `socrbot doctor` now.")) == "Run <code>socrbot doctor</code> now."
    assert str(commands_as_code("An odd ` stays")) == "An odd ` stays"
