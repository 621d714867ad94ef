"""What is public is taken down again: from the networks, and from here."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from socrbot.delivery import State
from socrbot.errors import LedgerError
from socrbot.ledger import BY_HAND
from socrbot.publishing.withdrawing import Withdrawer
from tests.standins.graph import Graph
from tests.standins.telegram import Telegram
from tests.standins.x import X
from tests.whole.bot import NINE, ONE, TONIGHT, Bot, events, settle_down
from tests.whole.conftest import Make

X_ONLY = {"x": "x"}
BOTH = {"x": "x", "facebook": "facebook"}
PICTURE = "media: [{file: media/card.png, alt: A drawing of a school, people: no}]\n"
SHOWN = {"hello.yaml": TONIGHT + "text: Hello, everyone.\n" + PICTURE}
THREAD = {"hello.yaml": TONIGHT + "parts: [One., Two., Three.]\n"}


def withdrawer(bot: Bot) -> Withdrawer:
    return Withdrawer(bot.app.ledger, bot.app.network, bot.clock, "Ann")


def take_down(bot: Bot, *, words: bool = False) -> None:
    """Withdraws all that is public, as the command does."""
    sent = bot.deliveries(states=frozenset({State.SENT}))
    for delivery in sent:
        assert withdrawer(bot).withdraw(delivery, reason="A name was wrong.") is None
    bot.app.eraser.withdrawn(sent, words=words, by="Ann", now=bot.clock.now())


def draw(root: Path, colour: str = "red") -> None:
    (root / "media").mkdir(exist_ok=True)
    Image.new("RGB", (400, 300), colour).save(root / "media/card.png")


@pytest.fixture
def shown(make: Make, tmp_path: Path) -> Bot:
    """A bot whose post with a picture went out on X and Facebook."""
    draw(tmp_path)
    bot = make(SHOWN, accounts=BOTH)
    bot.run_until(NINE + timedelta(minutes=1))
    assert [d.state for d in bot.deliveries()] == [State.SENT, State.SENT]
    return bot


def test_it_is_deleted_everywhere(shown: Bot, x: X, graph: Graph) -> None:
    """Both networks no longer show it; it never goes out again."""
    take_down(shown)
    assert (x.visible, graph.visible) == ([], [])
    assert {d.state for d in shown.deliveries()} == {State.WITHDRAWN}
    settle_down(shown)
    assert (len(x.published), len(graph.published)) == (1, 1)


def test_a_thread_goes_last_part_first(make: Make, x: X) -> None:
    """No moment leaves an answer whose question is gone; each deletion stands in the history."""
    bot = make(THREAD, accounts=X_ONLY)
    bot.run_until(NINE + timedelta(minutes=1))
    take_down(bot)
    deleted = [request.path.rpartition("/")[2] for request in x.requests("DELETE *")]
    assert deleted == [post.id for post in reversed(x.published)]
    assert events(bot)[-5:] == ["part-withdrawn", "part-withdrawn", "part-withdrawn", "withdrawn", "erased"]


@pytest.mark.parametrize("kind", ["drop-after", "delay", "html-502", "drop-before"])
def test_a_lost_answer_to_a_deletion_is_asked_again(make: Make, x: X, kind: str) -> None:
    """What may be there still counts as public; the second try ends it, and deletes no other part twice over."""
    bot = make(THREAD, accounts=X_ONLY, env={"SOCRBOT_TIMEOUT_SECONDS": "0.5"})
    bot.run_until(NINE + timedelta(minutes=1))
    x.fault(kind, match=f"DELETE /2/tweets/{x.published[1].id}")
    (delivery,) = bot.deliveries()
    left = withdrawer(bot).withdraw(delivery, reason="Wrong.")
    assert left is not None
    assert left.again
    assert [address.rpartition("/")[2] for address in left.addresses] == [post.id for post in x.published[:2]]
    assert bot.deliveries()[0].state is State.SENT
    take_down(bot)
    assert x.visible == []


def test_where_no_program_may_delete_a_person_is_told_where(shown: Bot, graph: Graph) -> None:
    """The address, the reason, and a line in what needs a person, until somebody says that it is done."""
    graph.fault("status", match="DELETE *", status=403, body={"error": {"code": 200, "message": "No."}}, times=9)
    delivery = next(d for d in shown.deliveries() if d.account == "facebook")
    left = withdrawer(shown).withdraw(delivery, reason="Wrong.")
    assert left is not None
    assert not left.again
    assert left.addresses == (f"https://www.facebook.com/{graph.published[0].id}",)
    now = shown.app.ledger.delivery(delivery.id)
    assert (now.state, now.reason) == (State.SENT, BY_HAND)
    withdrawer(shown).done_by_hand(now, reason="Deleted by Ann.")
    assert shown.app.ledger.delivery(delivery.id).state is State.WITHDRAWN


def test_what_never_went_out_cannot_be_withdrawn(make: Make) -> None:
    """The ledger says so in words."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    with pytest.raises(LedgerError, match="nothing to withdraw"):
        withdrawer(bot).withdraw(bot.deliveries()[0], reason="?")


def everything(data: Path) -> bytes:
    """All that is kept in the data folder, with what is still in the database's free pages and its journal."""
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


def test_its_pictures_are_erased_here_as_well(shown: Bot, tmp_path: Path) -> None:
    """The picture as it was sent, and its description, are in no file below the data folder; the words are."""
    kept = list((tmp_path / "data/media").glob("*.*"))
    assert kept
    assert b"A drawing of a school" in everything(tmp_path / "data")
    take_down(shown)
    assert list((tmp_path / "data/media").glob("*.*")) == []
    shown.close()
    left = everything(tmp_path / "data")
    assert b"A drawing of a school" not in left
    assert b"Hello, everyone." in left


def test_its_words_are_erased_where_somebody_asks_for_that(shown: Bot, tmp_path: Path) -> None:
    """Then the log knows only that there was something, when, where, and who took it down."""
    take_down(shown, words=True)
    story = shown.app.ledger.story(1)
    assert all(attempt.shown["text"] == "" and attempt.payload == {} for attempt in story.attempts)
    assert story.events[-1].action == "erased"
    shown.close()
    assert b"Hello, everyone." not in everything(tmp_path / "data")


def test_a_description_goes_out_of_the_text_as_well(make: Make, tmp_path: Path) -> None:
    """On Telegram it stands in the text, for there is no field for it; of the words nothing else goes."""
    draw(tmp_path)
    with Telegram() as telegram:
        bot = make(SHOWN, accounts={"telegram": "telegram"}, env=telegram.env())
        bot.run_until(NINE + timedelta(minutes=1))
        assert "A drawing of a school" in str(bot.app.ledger.story(1).attempts[0].shown["text"])
        sent = bot.deliveries(states=frozenset({State.SENT}))
        withdrawer(bot).done_by_hand(sent[0], reason="A name was wrong.")
        bot.app.eraser.withdrawn(sent, words=False, by="Ann", now=bot.clock.now())
        bot.close()
    left = everything(tmp_path / "data")
    assert b"A drawing of a school" not in left
    assert b"Hello, everyone." in left


def test_a_plug_pulled_in_between_leaves_nothing_for_good(shown: Bot, tmp_path: Path) -> None:
    """Taken down, and the computer went off before anything was erased here: the next start erases it."""
    for delivery in shown.deliveries():
        assert withdrawer(shown).withdraw(delivery, reason="A name was wrong.") is None
    shown.close()
    assert b"A drawing of a school" in everything(tmp_path / "data")
    shown.app = shown._open()
    shown.turn()
    assert list((tmp_path / "data/media").glob("*.*")) == []
    shown.close()
    assert b"A drawing of a school" not in everything(tmp_path / "data")
    # And the copy of a ledger from before does not bring it back.
    assert len((tmp_path / "data/withdrawn.jsonl").read_text().splitlines()) == 2


def test_a_file_that_stays_stops_nothing_else(shown: Bot, tmp_path: Path, x: X) -> None:
    """What cannot be erased here is said and tried again; the campaign's other posts go out."""
    pages = tmp_path / "data/rehearsal.html"
    pages.mkdir()
    for delivery in shown.deliveries():
        assert withdrawer(shown).withdraw(delivery, reason="A name was wrong.") is None
    shown.close()
    shown.app = shown._open()
    (tmp_path / "posts/second.yaml").write_text("text: Another one.\nwhen: 2026-11-24 21:10\n")
    shown.run_until(NINE + timedelta(minutes=15))
    assert [post.text.split(".")[0] for post in x.visible] == ["Another one"]
    assert "could not be erased" in str(shown.heard)
    pages.rmdir()
    shown.turn()
    assert list((tmp_path / "data/media").glob("*.*")) == []


def test_a_picture_that_another_post_shows_stays(make: Make, tmp_path: Path) -> None:
    """Only what nobody else shows is erased."""
    draw(tmp_path)
    second = TONIGHT.replace("21:00", "21:01") + "text: Another one.\n" + PICTURE
    bot = make({**SHOWN, "second.yaml": second}, accounts=X_ONLY)
    bot.run_until(NINE + timedelta(minutes=5))
    first = next(d for d in bot.deliveries() if d.post == "hello")
    assert withdrawer(bot).withdraw(first, reason="Wrong.") is None
    bot.app.eraser.withdrawn([first], words=False, by="Ann", now=bot.clock.now())
    assert len(list((tmp_path / "data/media").glob("*.*"))) == 1


def test_an_old_copy_brings_nothing_back(make: Make, tmp_path: Path, x: X) -> None:
    """After the data of the day before come back: what was planned then is cancelled, what was sent is withdrawn."""
    draw(tmp_path)
    bot = make(SHOWN, accounts=X_ONLY)
    bot.turn()
    bot.close()
    data, planned, sent = tmp_path / "data", tmp_path / "planned", tmp_path / "sent"
    shutil.copytree(data, planned)
    bot.app = bot._open()
    bot.run_until(NINE + timedelta(minutes=1))
    bot.close()
    shutil.copytree(data, sent)
    bot.app = bot._open()
    take_down(bot)
    bot.close()
    listed = (data / "withdrawn.jsonl").read_text()
    assert json.loads(listed)["post"] == "hello"
    for copy, state in ((planned, State.CANCELLED), (sent, State.WITHDRAWN)):
        shutil.rmtree(data)
        shutil.copytree(copy, data)
        (data / "withdrawn.jsonl").write_text(listed)
        bot.app = bot._open()
        settle_down(bot)
        assert [d.state for d in bot.deliveries()] == [state]
        assert list((data / "media").glob("*.*")) == []
        bot.close()
    assert len(x.published) == 1
    bot.app = bot._open()
