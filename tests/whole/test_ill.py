"""When the machine is ill: one clear sentence, nothing sent that was not written down first, and then it goes on."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from socrbot.clock import SystemClock, VirtualClock
from socrbot.delivery import State
from socrbot.errors import LedgerError
from socrbot.ledger import Ledger, engine, opening
from tests.ledger.desk import Desk, wanted
from tests.standins.x import X
from tests.whole.bot import NINE, ONE, START, Bot, environment, settle_down, socrbot
from tests.whole.campaigns import CAMPAIGN, write

Make = Callable[..., Bot]
X_ONLY = {"x": "x"}
LONDON = ZoneInfo("Europe/London")


def ledger_of(bot: Bot) -> Path:
    return bot.root / "data" / "ledger.sqlite"


def sentences(bot: Bot) -> list[str]:
    """What a pass says of what it could not do."""
    before = len(bot.heard)
    try:
        bot.turn()
    except (LedgerError, OSError) as error:
        return [str(error)]
    return [str(fields["detail"]) for action, fields in bot.heard[before:] if action == "crashed"]


def published(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "data").rglob("*.md"))


@pytest.mark.slow
def test_two_services_on_one_ledger_share_the_work(tmp_path: Path) -> None:
    """Somebody starts `socrbot run` twice: each post goes out once, and neither falls over."""
    now = datetime.now(UTC)
    due = (now - timedelta(minutes=5)).astimezone(LONDON).strftime("%Y-%m-%d %H:%M")
    posts = "".join(f"- id: p{n}\n  when: {due}\n  text: Number {n}.\n" for n in range(20))
    write(tmp_path, {"posts.yaml": posts})
    bot = Bot(tmp_path, clock=VirtualClock(now - timedelta(minutes=30)))
    bot.turn()
    bot.close()
    command = [sys.executable, "-m", "socrbot", "run"]

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(command, env=environment(tmp_path), cwd=tmp_path, stderr=subprocess.PIPE, text=True)

    both = [start(), start()]
    end = time.monotonic() + 60
    with Ledger.open(tmp_path / "data" / "ledger.sqlite", clock=SystemClock(), read_only=True) as ledger:
        while ledger.counts()[State.SENT] < 20 and time.monotonic() < end:
            both[0].poll()
            time.sleep(0.1)
    for service in both:
        service.send_signal(signal.SIGTERM)
    for service in both:
        _, errors = service.communicate(timeout=20)
        assert service.returncode == 0
        assert '"crashed"' not in errors
    assert len(published(tmp_path)) == 20


@pytest.mark.parametrize("ticks", [True, False], ids=["all clocks went on", "only the wall clock went on"])
def test_a_laptop_that_slept_sends_nothing_late(make: Make, x: X, ticks: bool) -> None:
    """It sleeps nine hours while a post is made ready: it wakes too late for it, by whichever clock."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    bot.clock.advance_to(NINE)
    network = bot.app.network("x")
    assert network is not None
    prepare = network.prepare

    def sleeps(*args: object, **more: object) -> object:
        made = prepare(*args, **more)  # type: ignore[arg-type]
        (bot.clock.advance if ticks else bot.clock.jump)(timedelta(hours=9))
        return made

    network.prepare = sleeps  # type: ignore[method-assign, assignment]
    other = Bot(bot.root, env=bot.env, clock=bot.clock)
    bot.app.publisher.drain("x", limit=1)
    other.turn()
    other.close()
    settle_down(bot)
    (delivery,) = bot.deliveries()
    assert x.published == []
    assert delivery.state is State.MISSED


def test_a_day_without_the_bot_is_no_burst(make: Make, x: X) -> None:
    """Twenty posts of yesterday are too late, and said to be; the one of now goes out."""
    posts = {f"h{n:02}.yaml": f"when: 2026-11-25 {n:02}:00\ntext: Hour {n}.\n" for n in range(21)}
    bot = make(posts, accounts=X_ONLY, campaign=CAMPAIGN.replace("2 hours", "30 minutes"))
    bot.turn()
    bot.app.close()
    bot.clock.advance_to(datetime(2026, 11, 25, 20, 10, tzinfo=UTC))
    bot.app = bot._open()
    bot.turn()
    states = [delivery.state for delivery in bot.deliveries()]
    assert (states.count(State.MISSED), states.count(State.SENT)) == (20, 1)
    assert [post.text for post in x.published] == ["Hour 20. #SaveOurChildrensRights"]


@contextmanager
def small_files(most: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: what a full disk does to whoever writes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_disk_sends_nothing_and_then_all_goes_on(make: Make, x: X) -> None:
    """No intent can be written, so nothing leaves; with room again the post goes out, once."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    bot.clock.advance_to(NINE)
    with small_files(1):
        said = sentences(bot)
    assert said
    assert all("disk" in sentence for sentence in said)
    assert x.published == []
    settle_down(bot)
    assert bot.states() == {"hello on x": "sent"}
    assert len(x.published) == 1


NOBODY = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
def test_a_folder_that_may_not_be_written_is_said_in_a_sentence(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The data folder belongs to somebody else: the bot does not start, and says which folder and what to do."""
    root = tmp_path_factory.mktemp("shared") / "campaign"
    root.mkdir()
    write(root, ONE)
    for parent in (root, *root.parents[:4]):
        parent.chmod(0o755)
    (root / "data").mkdir()
    (root / "data").chmod(0o555)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        try:
            Bot(root)
            os.write(write_end, b"started")
        except LedgerError as error:
            os.write(write_end, str(error).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    os.waitpid(child, 0)
    with os.fdopen(read_end) as answer:
        said = answer.read()
    assert "may not write there" in said
    assert str(root / "data") in said


@pytest.mark.parametrize("how", ["overwritten", "cut off", "no database"])
def test_a_corrupt_ledger_is_said_in_a_sentence_and_sends_nothing(make: Make, x: X, how: str) -> None:
    """Whatever happened to the file, the bot does not start on it, names it, and leaves it as it is."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    ledger = ledger_of(bot)
    bot.close()
    content = bytearray(ledger.read_bytes())
    if how == "overwritten":
        content[4096:] = b"\xa5" * (len(content) - 4096)
    elif how == "cut off":
        del content[len(content) // 3 :]
    else:
        content = bytearray(b"Dear diary, " * 2_000)
    ledger.write_bytes(content)
    bot.clock.advance_to(NINE)
    (said,) = set(_said_at_the_start(bot))
    assert str(ledger) in said
    assert "damaged" in said or "no database" in said
    assert x.published == []


def _said_at_the_start(bot: Bot) -> list[str]:
    """What a new bot on the same folder says of its first pass."""
    try:
        again = Bot(bot.root, env=bot.env, clock=bot.clock)
    except LedgerError as error:
        return [str(error)]
    try:
        return sentences(again)
    finally:
        again.close()


@pytest.mark.parametrize("replaced", [False, True], ids=["deleted", "replaced"])
def test_a_ledger_that_vanishes_under_a_running_bot_stops_it(make: Make, x: X, replaced: bool) -> None:
    """SQLite would write on into a file that nobody finds again. Put back, the bot goes on."""
    bot = make(ONE, accounts=X_ONLY)
    bot.turn()
    ledger, aside = ledger_of(bot), bot.root / "aside.sqlite"
    ledger.rename(aside)
    if replaced:
        shutil.copy(aside, ledger)
    bot.clock.advance_to(NINE)
    for _ in range(2):
        with pytest.raises(LedgerError, match="taken away or replaced"):
            bot.app.beat()
        assert sentences(bot)
    assert x.published == []
    aside.replace(ledger)
    settle_down(bot)
    assert bot.states() == {"hello on x": "sent"}
    assert len(x.published) == 1


def test_a_ledger_of_a_newer_version_is_left_alone(make: Make) -> None:
    """The old program on the new ledger: a word to update, and not a byte changed."""
    bot = make(ONE)
    bot.close()
    with closing(sqlite3.connect(ledger_of(bot))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    done = socrbot(bot.root, "tick")
    assert done.returncode == 1
    assert "written by a newer socrbot" in done.stderr
    assert "Traceback" not in done.stderr
    with closing(sqlite3.connect(ledger_of(bot))) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


CHANGES = """
import os, signal
import sqlalchemy as sa
from alembic import op
revision = "0004"
down_revision = "0003"

def upgrade():
    at = int(os.environ["DIES_AT"])
    seen = iter(range(10_000))

    def die(*_):
        if next(seen) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    bind = op.get_bind()
    sa.event.listen(bind.engine, "before_cursor_execute", die)
    with op.batch_alter_table("deliveries", recreate="always") as table:
        table.add_column(sa.Column("mood", sa.Text))
    op.execute("UPDATE deliveries SET mood = 'calm'")
"""


def test_a_migration_cut_in_half_leaves_the_old_ledger_and_a_copy(tmp_path: Path) -> None:
    """Killed before each of its statements in turn, to the last: the ledger is the old one or the new one, whole."""
    scripts = tmp_path / "migrations"
    shutil.copytree(opening.MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "0004_mood.py").write_text(CHANGES)
    path, clock = tmp_path / "ledger.sqlite", VirtualClock(START)
    with Ledger.open(path, clock=clock) as ledger:
        planned = Desk(ledger, clock).plan(wanted("a"), wanted("b"))
        name = ledger.id
    import alembic.command  # noqa: F401 - the children have it then, which saves each of them a second

    killed = 0
    for at in range(0, 200, 7):
        if not _upgrade_dies(path, scripts, at) or _form(path) == "0004":
            break
        killed += 1
        for file in (path, path.with_name("ledger.sqlite.before-0004")):
            with Ledger.open(file, clock=clock) as ledger:
                assert ledger.deliveries() == planned
    assert killed >= 3
    assert _form(path) == "0004"
    with closing(engine.connect(path, clock=clock, read_only=False)) as database:
        assert opening.prepare(database, revision="0004", scripts=scripts) == name
        assert Ledger(database, name).deliveries() == planned


def _form(path: Path) -> str:
    """The form of a ledger's tables, which is whole."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _upgrade_dies(path: Path, scripts: Path, at: int) -> bool:
    """Upgrades in a child that dies before its statement of this number; whether it got so far."""
    child = os.fork()
    if child == 0:
        os.environ["DIES_AT"] = str(at)
        try:
            with closing(engine.connect(path, clock=VirtualClock(START), read_only=False)) as database:
                opening.prepare(database, revision="0004", scripts=scripts)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)
