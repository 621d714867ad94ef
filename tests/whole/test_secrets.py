"""A secret planted in every credential variable is found in nothing that any command prints, logs or keeps."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from socrbot import networks
from socrbot.redact import is_secret
from tests.cli.desk import Desk
from tests.standins.server import refused
from tests.whole.bot import environment
from tests.whole.campaigns import write
from tests.whole.echo import MODES, Echo, token

ACCOUNTS = {"outbox": "outbox", "x": "x", "facebook": "facebook", "sky": "bluesky"}
POSTS = {
    "petition.yaml": "text: Sign today.\nwhen: {every: day 12:00}\naccounts: [x, facebook, sky, outbox]\n",
    "thread.yaml": "parts: [One., Two.]\naccounts: [x, sky]\n",
}
# What a secret may be made of: characters that addresses, JSON, HTML and shells write in other ways.
TAIL = "+/=&%\"'<é"
# So many characters of a secret in a row are a leak.
WINDOW = 10


def core(name: str) -> str:
    """What is planted in the variable of this name: unlike any other text, and without odd characters."""
    letters = "".join(char for char in name.lower() if char.isalpha())
    return f"zq{letters}7w{letters[::-1]}qz"


def credentials() -> Iterator[str]:
    """The secret variables of every network."""
    for network in networks.NETWORKS:
        capable = networks.capabilities(network)
        yield from (name for name in (*capable.needs, *capable.optional) if is_secret(name))


def planted(echo_port: int) -> dict[str, str]:
    """A value for every secret variable, addresses to be told among them."""
    values = {name: f"{core(name)}{TAIL}" for name in credentials()}
    alarm, beat = core("SOCRBOT_ALARM_URLS"), core("SOCRBOT_HEARTBEAT_URL")
    values["SOCRBOT_ALARM_URLS"] = f"json://someone:{alarm}@127.0.0.1:{echo_port}/{alarm[::-1]}"
    values["SOCRBOT_HEARTBEAT_URL"] = f"http://127.0.0.1:{echo_port}/{beat}"
    return values


ACCESS, REFRESH = core("ACCESS_JWT"), core("REFRESH_JWT")
NAMES = (*credentials(), "SOCRBOT_ALARM_URLS", "SOCRBOT_HEARTBEAT_URL", "ACCESS_JWT", "REFRESH_JWT")


def patterns() -> Mapping[bytes, str]:
    """Every stretch of every secret that must be found nowhere, also as base64 writes it: the variable by stretch."""
    found = {}
    for name in NAMES:
        secret = core(name).encode()
        for start in range(len(secret) - WINDOW + 1):
            found[secret[start : start + WINDOW]] = name
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + secret)
            found[coded[4:-4]] = name
    return found


PATTERNS = patterns()


def leaks(content: bytes) -> set[str]:
    """The variables of which something stands in the content."""
    return {name for pattern, name in PATTERNS.items() if pattern in content}


@dataclass
class Installation:
    """A campaign on every network, all of whose servers are `echo`; everything that it says is searched."""

    desk: Desk
    echo: Echo

    def runs(self, *arguments: str) -> str:
        """Runs a command; what it said must hold no secret."""
        done = self.desk(*arguments)
        said = done.out + done.err
        assert leaks(said.encode()) == set(), (arguments, self.echo.mode, said)
        return said

    def search_files(self) -> None:
        """Looks into every file of the folder but those that may hold secrets."""
        searched = []
        for path in self.desk.root.rglob("*"):
            if path.is_file() and path.name != ".env" and path.parent.parent.name != "accounts":
                searched.append(path.name)
                assert leaks(path.read_bytes()) == set(), path
            elif path.is_file() and path.parent.parent.name == "accounts":
                assert path.stat().st_mode & 0o077 == 0, path
                if path.name != "session.json":
                    assert leaks(path.read_bytes()) == set(), path
        assert "ledger.sqlite" in searched


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with Echo(access=token(ACCESS), refresh=token(REFRESH)) as echo:
        root = tmp_path / "campaign"
        root.mkdir()
        write(root, POSTS, accounts=ACCOUNTS)
        (root / "posts" / "wrong.yaml").write_text("text: Oh\nwenn: never\n")
        env = {**planted(echo.port), "FB_PAGE_ID": "1", "FB_APP_ID": "2", "BSKY_HANDLE": "us.test"}
        env |= {"X_API_BASE": echo.base, "FB_GRAPH_BASE": echo.base, "BSKY_SERVICE": echo.base}
        env["SOCRBOT_TIMEOUT_SECONDS"] = "2"
        yield Installation(Desk(root, env), echo)


READING = (
    ["status"],
    ["status", "--json"],
    ["log"],
    ["log", "--json"],
    ["plan"],
    ["preview"],
    ["check"],
    ["check", "--format", "json"],
    ["check", "--format", "github"],
)


def _go_live(installation: Installation) -> None:
    bot = installation.desk.bot()
    bot.go_live("x", "facebook", "sky")
    bot.close()


@pytest.mark.parametrize("debug", ["", pytest.param("1", marks=pytest.mark.slow)], ids=["quiet", "debug"])
@pytest.mark.parametrize("mode", [*MODES, "no login", "down"])
def test_no_command_lets_a_secret_out(installation: Installation, mode: str, debug: str) -> None:
    """Every command, whatever the servers answer, even when they repeat the secrets in each answer."""
    installation.desk.env["SOCRBOT_DEBUG"] = debug
    _go_live(installation)
    installation.echo.signs_in = mode != "no login"
    installation.echo.mode = mode if mode in MODES else "refused"
    with refused() as nobody:
        if mode == "down":
            for name in ("X_API_BASE", "FB_GRAPH_BASE", "BSKY_SERVICE"):
                installation.desk.env[name] = nobody
        said = _use_every_command(installation)
    installation.search_files()
    assert "speaks as" in said or "NOT WORKING" in said


def _use_every_command(installation: Installation) -> str:
    runs = installation.runs
    said = runs("doctor") + runs("doctor", "--json")
    runs("go-live", "x", "--yes")
    runs("tick")
    runs("publish", "petition", "--now", "--yes", "--urgent", "--reason", "a test")
    runs("publish", "thread", "--now", "--yes")
    runs("tick", "--json")
    for command in READING:
        runs(*command)
    rows = installation.desk("log", "--json").data + installation.desk("log", "--state", "planned", "--json").data
    numbers = [str(row["id"]) for row in sorted(rows, key=lambda row: row["due_at"])][:7]
    for number in numbers:
        runs("log", number)
        runs("log", number, "--json")
        runs("retry", number, "--yes")
        runs("settle", number, "--not-sent")
    runs("tick")
    runs("pause", "--reason", "a test")
    runs("resume")
    runs("cancel", numbers[0], "--reason", "a test")
    runs("confirm-plan", "--yes")
    for network in ("x", "facebook", "bluesky"):
        values = "".join(f"{value}\n" for value in planted(installation.echo.port).values())
        done = installation.desk("connect", network, typed=values * 2)
        assert leaks((done.out + done.err).encode()) == set(), (network, done)
    runs("demo", "--days", "1")
    runs("no-such-command")
    return said


def test_the_secrets_were_really_on_their_way(installation: Installation) -> None:
    """The test above is worth something: the servers were sent, and answered with, what must not be seen."""
    _go_live(installation)
    installation.runs("publish", "petition", "--now", "--yes")
    installation.runs("tick")
    heard = "\n".join(installation.echo.heard)
    for name in ("X_API_KEY", "X_ACCESS_TOKEN", "FB_PAGE_ACCESS_TOKEN", "BSKY_APP_PASSWORD", "ACCESS_JWT"):
        assert core(name) in heard
    assert core("SOCRBOT_ALARM_URLS")[::-1] in heard
    assert core("SOCRBOT_HEARTBEAT_URL") in heard
    session = installation.desk.root / "data" / "accounts" / "sky" / "session.json"
    assert leaks(session.read_bytes()) >= {"ACCESS_JWT", "REFRESH_JWT"}
    assert session.stat().st_mode & 0o777 == 0o600


def test_a_crash_of_our_own_lets_no_secret_out(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that nobody foresaw, with every secret in it and in the frames on its way."""
    everything = " ".join([*installation.desk.env.values()])

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(everything)

    installation.desk.env["SOCRBOT_DEBUG"] = "1"
    for place in ("socrbot.app.App.refresh", "socrbot.cli.common.Context.reading", "socrbot.networks.connect"):
        with monkeypatch.context() as patch:
            patch.setattr(place, fail)
            for command in (["status"], ["plan"], ["doctor"], ["tick"], ["publish", "petition", "--now", "--yes"]):
                installation.runs(*command)


@pytest.mark.parametrize("debug", ["", "1"], ids=["quiet", "debug"])
def test_the_service_lets_no_secret_out(installation: Installation, debug: str) -> None:
    """`socrbot run` as a process of its own, its log with all that the libraries say, and the files it leaves."""
    _go_live(installation)
    installation.desk("publish", "petition", "--now", "--yes")
    env = environment(installation.desk.root, **installation.desk.env, SOCRBOT_DEBUG=debug)
    process = subprocess.Popen(
        [sys.executable, "-m", "socrbot", "run"],
        env=env,
        cwd=installation.desk.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    page = installation.desk.root / "data" / "log.html"
    end = time.monotonic() + 30
    while not page.exists() and time.monotonic() < end:
        time.sleep(0.1)
    process.terminate()
    said, _ = process.communicate(timeout=30)
    assert page.exists()
    assert '"action": "started"' in said
    assert leaks(said.encode()) == set(), said
    installation.search_files()


def test_an_address_of_the_database_hides_its_password(installation: Installation) -> None:
    """A server that is not there is named without the password."""
    secret = core("SOCRBOT_DATABASE_URL")
    installation.desk.env["SOCRBOT_DATABASE_URL"] = f"postgresql://bot:{secret}@127.0.0.1:9/ledger"
    for command in (["status"], ["tick"], ["pause", "--reason", "x"], ["doctor"]):
        done = installation.desk(*command)
        assert done.code == 1
        assert "127.0.0.1" in done.err
        assert secret not in done.err + done.out
