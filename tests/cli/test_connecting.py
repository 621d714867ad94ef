"""connect and go-live: an account is tried before anything is written, and asked for before it speaks."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.cli.connecting import write_env
from tests.cli.conftest import Make
from tests.cli.desk import Desk, wall
from tests.cli.terminal import Terminal
from tests.standins.graph import APP_ID, APP_SECRET, PAGE, TOKEN, Graph
from tests.standins.server import Post
from tests.standins.x import KEYS, X
from tests.whole.bot import environment

TYPED = "".join(f"{value}\n" for value in KEYS.values())
BEFORE = "# Our own notes\nSOCRBOT_PERSON='Bea'\n\n# X_API_KEY=\nX_API_KEY=old\nOTHER=\"a b\"  # kept\n"


@pytest.fixture
def new(make: Make, x: X) -> Desk:
    """A desk at a campaign with an account on X that is not connected."""
    return make(accounts={"outbox": "outbox", "x": "x"}, env={"X_API_BASE": x.base})


def test_what_works_is_written_and_what_was_there_stays(new: Desk) -> None:
    """The lines of the variables are replaced, all others kept; the file is for its owner alone from then on."""
    env = new.write(".env", BEFORE)
    env.chmod(0o644)
    done = new("connect", "x", typed=TYPED)
    assert done.code == 0
    assert "It works: you speak as @campaign." in done.out
    assert "socrbot go-live x" in done.out
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    text = env.read_text()
    assert text.startswith("# Our own notes\nSOCRBOT_PERSON='Bea'\n\n# X_API_KEY=\nX_API_KEY=")
    assert 'OTHER="a b"  # kept\n' in text
    assert dotenv_values(env, interpolate=False) == {"SOCRBOT_PERSON": "Bea", "OTHER": "a b", **KEYS}
    assert not [value for value in KEYS.values() if value in done.out + done.err]
    assert "x: works" in new("doctor").out


@pytest.mark.parametrize("trouble", ["wrong", "down", "html"])
def test_what_does_not_work_writes_nothing(new: Desk, x: X, trouble: str) -> None:
    """Refused, unreachable or nonsense: a sentence, exit code 1, the file as it was, no other file beside it."""
    env = new.write(".env", BEFORE)
    env.chmod(0o644)
    if trouble == "down":
        x.stop()
    elif trouble == "html":
        x.fault("html-502", times=5)
    done = new("connect", "x", typed="wrong-one-1\n" * 4 if trouble == "wrong" else TYPED)
    assert done.code == 1
    assert ("x did not accept this" if trouble == "wrong" else "x could not be asked") in done.out
    assert "Nothing was written." in done.out
    assert env.read_text() == BEFORE
    assert sorted(path.name for path in new.root.glob(".env*")) == [".env"]
    assert "wrong-one-1" not in done.out


def test_secrets_are_not_shown_while_they_are_typed(new: Desk, x: X) -> None:
    """In a terminal the keys do not appear; at the end everything is written."""
    with Terminal(new.root, ["connect", "x"], environment(new.root, **new.env)) as terminal:
        for name, value in KEYS.items():
            terminal.wait_for(f"({name})")
            terminal.type(f"{value}\n")
        assert terminal.end() == 0
    assert "It works" in terminal.shown
    assert not [value for value in KEYS.values() if value in terminal.raw]
    assert dotenv_values(new.root / ".env", interpolate=False) == KEYS


def test_optional_answers_may_be_left_out(make: Make, graph: Graph) -> None:
    """Enter, or the end of what is piped, leaves them out."""
    desk = make(accounts={"facebook": "facebook"}, env={"FB_GRAPH_BASE": graph.base})
    for typed in (f"{PAGE}\n{TOKEN}\n", f"{PAGE}\n{TOKEN}\n\n\n"):
        assert desk("connect", "facebook", typed=typed).code == 0
        assert dotenv_values(desk.root / ".env").keys() == {"FB_PAGE_ID", "FB_PAGE_ACCESS_TOKEN"}


def test_an_account_with_a_prefix_of_its_own(make: Make, x: X) -> None:
    """Two accounts on one network have their own variables; the question names them."""
    desk = make(accounts={"x": "x"}, env={"X_WALES_API_BASE": x.base})
    desk.write("config/accounts.yaml", "accounts:\n  x: {network: x}\n  wales: {network: x, env: X_WALES}\n")
    done = desk("connect", "x", "--account", "wales", typed=TYPED)
    assert done.code == 0
    assert "(X_WALES_API_KEY)" in done.out
    assert set(dotenv_values(desk.root / ".env")) == {name.replace("X_", "X_WALES_", 1) for name in KEYS}


def test_connecting_again_starts_a_stopped_account(on_x: Desk) -> None:
    """After new credentials the account may go on."""
    bot = on_x.bot()
    bot.go_live("x")
    bot.turn()
    bot.close()
    assert on_x("connect", "x", typed=TYPED).code == 0
    assert "When you are ready" not in on_x("connect", "x", typed=TYPED).out


def test_what_is_ready_needs_no_connecting(on_x: Desk) -> None:
    """The outbox needs nothing, neither to connect nor to go live."""
    assert on_x("connect", "outbox").code == 0
    assert on_x("go-live", "outbox").code == 0


NAMES = st.from_regex(r"[A-Z][A-Z_]{0,8}", fullmatch=True)
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, VALUES))
def test_any_value_survives_being_written(tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]) -> None:
    """Quotes, blanks, hashes, dollars: what was typed is what is read."""
    path = tmp_path_factory.mktemp("env") / ".env"
    path.write_text("# first\nKEPT='1'\n")
    write_env(path, values)
    assert dotenv_values(path, interpolate=False, encoding="utf-8") == {"KEPT": "1", **values}
    assert path.read_text(encoding="utf-8").startswith("# first\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_env_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    """What it points to is written."""
    real = tmp_path / "elsewhere"
    real.write_text("A=1\n")
    link = tmp_path / ".env"
    link.symlink_to(real)
    write_env(link, {"B": "2"})
    assert link.is_symlink()
    assert dotenv_values(real) == {"A": "1", "B": "2"}


def test_going_live_shows_both_sides_and_asks(on_x: Desk, x: X) -> None:
    """The recent posts on the network and the next ten here, then the question; without an answer nothing changes."""
    for number in range(12):
        when = wall(timedelta(hours=number + 1))
        on_x.write(f"posts/n{number:02}.yaml", f"text: Number {number}.\nwhen: {when}\n")
    made_up = "text: \"{{ link('nowhere') }}\"\n"
    on_x.write("posts/made-up.yaml", f"{made_up}when: {wall(timedelta(minutes=20))}\n")
    done = on_x("go-live", "x")
    assert done.code == 2
    assert "x speaks as @campaign on x." in done.out
    assert "It said nothing in the last 30 days." in done.out
    assert done.out.count("Text: Number ") == 9
    assert "it will be held back" in done.out
    assert "nobody here to ask" in done.err
    assert on_x("status", "--json").data["accounts"] == []
    yes = on_x("go-live", "x", "--yes")
    assert yes.code == 0
    assert "x is live." in yes.out
    assert on_x("status", "--json").data["accounts"][0]["live"]
    assert "x is live already, since today" in on_x("go-live", "x").out


def test_going_live_shows_what_the_account_said_lately(on_x: Desk, x: X) -> None:
    """Whoever asks sees whose account it is by what stands on it."""
    number = "1900000000000000099"
    extra = {"conversation": number}
    x.publish(Post(number, "We were here before.", datetime.now(UTC), account=x.user_id, extra=extra))
    done = on_x("go-live", "x", "--yes")
    assert "What it said lately" in done.out
    assert f"Text: We were here before.\nAddress: https://x.com/campaign/status/{number}" in done.out


def test_a_question_in_a_terminal_takes_no_for_an_answer(on_x: Desk, x: X) -> None:
    """N, or just Enter: nothing changes, exit code 1."""
    with Terminal(on_x.root, ["go-live", "x"], environment(on_x.root, **on_x.env)) as terminal:
        terminal.wait_for("Let x speak?")
        terminal.type("\n")
        assert terminal.end() == 1
    assert terminal.shown.strip().endswith("Stopped.")
    assert "is live" not in terminal.shown


def test_going_live_needs_credentials_that_work(on_x: Desk, x: X) -> None:
    """Dead credentials, or none: a sentence with the next step."""
    x.revoke()
    done = on_x("go-live", "x", "--yes")
    assert done.code == 1
    assert "socrbot doctor" in done.out
    del on_x.env["X_API_KEY"]
    none = on_x("go-live", "x", "--yes")
    assert none.code == 2
    assert "First run: socrbot connect x" in none.err


def test_connect_without_anybody_to_answer_says_why_it_stops(new: Desk) -> None:
    """It names the variable and the two ways out; nothing is written."""
    done = new("connect", "x", typed="")
    assert done.code == 2
    assert "X_API_KEY, and nobody is there to answer" in " ".join(done.err.split())
    assert "Stopped." not in done.err


def test_permissions_are_said_in_plain_words_and_the_way_to_connect_once(make: Make) -> None:
    """What is missing has the network's own name beside it; a dead key leads to one command, for this very account."""
    with Graph() as graph:
        env = {"FB_WALES_PAGE_ID": PAGE, "FB_WALES_PAGE_ACCESS_TOKEN": TOKEN, "FB_WALES_GRAPH_BASE": graph.base}
        env |= {"FB_WALES_APP_ID": APP_ID, "FB_WALES_APP_SECRET": APP_SECRET}
        desk = make(accounts={"page": "facebook, env: FB_WALES"}, env=env)
        graph.scopes.remove("pages_manage_posts")
        told = desk("doctor").out
        assert "may read back, comment, read comments; MAY NOT post (pages_manage_posts)" in " ".join(told.split())
        graph.revoked = True
        told = desk("doctor").out
        assert told.count("socrbot connect facebook") == told.count("socrbot connect facebook --account page") == 1


def test_connect_understands_other_names_of_networks(new: Desk) -> None:
    """Twitter is x, and Discord is reached by Apprise."""
    assert 'Did you mean "x"?' in new("connect", "twitter").err
    assert 'Did you mean "apprise"?' in new("connect", "discord").err
