"""Access that ends: which token is used, when it is renewed, and that nothing is lost or shown by it."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socrbot.clock import VirtualClock
from socrbot.errors import NotSent, Refused
from socrbot.networks.shared.access import Access
from tests.networks.bench import START

PASTED = "IGQVpasted-token-0123456789"
DAY = timedelta(days=1)


class Server:
    """Renews tokens as Meta does: the next has a number in its name, and lasts 60 days."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: NotSent | Refused | None = None

    def renew(self, token: str) -> tuple[str, timedelta]:
        self.asked.append(token)
        if self.fails is not None:
            raise self.fails
        return f"renewed-{len(self.asked)}-of-a-secret", 60 * DAY


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def connect(clock: VirtualClock, server: Server, tmp_path: Path) -> Callable[..., Access]:
    """Builds what a new process would: nothing but the files is left of the last one."""

    def build(token: str = PASTED, *, renews: bool = True) -> Access:
        return Access(token, folder=tmp_path, clock=clock, renew=server.renew if renews else None)

    return build


def test_the_pasted_token_is_used_at_first(connect: Callable[..., Access], server: Server) -> None:
    """Nobody renews a token on the day on which it was first seen: Meta would refuse."""
    access = connect()
    assert (access.token(), access.ends_at()) == (PASTED, None)
    access.look_after()
    assert connect().token() == PASTED
    assert server.asked == []
    assert connect().ends_at() == START + 60 * DAY


def test_a_day_later_it_is_renewed_and_kept(
    connect: Callable[..., Access], server: Server, clock: VirtualClock
) -> None:
    """Then its end is known; the next process uses the new one."""
    connect().look_after()
    clock.advance(DAY)
    connect().look_after()
    assert server.asked == [PASTED]
    assert connect().token() == "renewed-1-of-a-secret"
    assert connect().ends_at() == clock.now() + 60 * DAY


def test_it_is_renewed_from_the_newest_in_good_time(
    connect: Callable[..., Access], server: Server, clock: VirtualClock
) -> None:
    """Looked after every day for a year, it never comes nearer to its end than ten days."""
    access = connect()
    for _ in range(365):
        access.look_after()
        ends = access.ends_at()
        assert ends is not None
        assert ends - clock.now() > 10 * DAY
        clock.advance(DAY)
    assert server.asked == [PASTED, *(f"renewed-{number}-of-a-secret" for number in range(1, len(server.asked)))]
    assert 6 <= len(server.asked) <= 10


def test_a_token_pasted_anew_wins(connect: Callable[..., Access], server: Server, clock: VirtualClock) -> None:
    """What was kept came of another token, so it counts no longer; putting the old one back counts as new too."""
    connect().look_after()
    clock.advance(DAY)
    connect().look_after()
    other = connect("another-token-of-today")
    assert (other.token(), other.ends_at()) == ("another-token-of-today", None)
    other.look_after()
    assert connect().token() == PASTED
    assert len(server.asked) == 1


def test_the_file_is_private_and_tells_nothing_of_the_pasted_one(
    connect: Callable[..., Access], clock: VirtualClock, tmp_path: Path
) -> None:
    """Mode 600, and after a renewal the pasted token is nowhere in it, nor in what the object says of itself."""
    access = connect()
    access.look_after()
    clock.advance(DAY)
    access.look_after()
    file = tmp_path / "access.json"
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert PASTED not in file.read_text()
    assert PASTED not in repr(access)
    assert "renewed" not in repr(access)


def test_a_renewal_that_fails_is_told_and_tried_again_later(
    connect: Callable[..., Access], server: Server, clock: VirtualClock
) -> None:
    """The old token goes on; the network is asked again after six hours, and a success clears the trouble."""
    access = connect()
    access.look_after()
    clock.advance(DAY)
    server.fails = Refused("not today")
    for _ in range(3):
        access.look_after()
    assert (access.token(), access.trouble(), len(server.asked)) == (PASTED, "not today", 1)
    clock.advance(timedelta(hours=6))
    server.fails = None
    access.look_after()
    assert (access.token(), access.trouble()) == ("renewed-2-of-a-secret", None)


def test_what_cannot_be_renewed_keeps_its_end(connect: Callable[..., Access], clock: VirtualClock) -> None:
    """An end that the network told replaces the guess; the token stays what it is, even when that day is past."""
    access = connect(renews=False)
    access.look_after()
    access.learn(START + 30 * DAY)
    clock.advance(40 * DAY)
    access.look_after()
    assert (connect(renews=False).token(), connect(renews=False).ends_at()) == (PASTED, START + 30 * DAY)


def test_what_the_network_told_decides_when_to_renew(
    connect: Callable[..., Access], server: Server, clock: VirtualClock
) -> None:
    """A token that lasts is left alone until twenty days before its end."""
    access = connect()
    access.learn(START + 50 * DAY)
    clock.advance(29 * DAY)
    access.look_after()
    assert server.asked == []
    clock.advance(DAY)
    access.look_after()
    assert server.asked == [PASTED]


def test_a_clock_that_was_wrong_does_no_harm(
    connect: Callable[..., Access], server: Server, clock: VirtualClock
) -> None:
    """A token renewed under a clock years ahead is not believed to last for years once the clock is right again."""
    access = connect()
    access.look_after()
    clock.jump(4 * 365 * DAY)
    access.look_after()
    assert access.token() == "renewed-1-of-a-secret"
    clock.jump(-4 * 365 * DAY + 2 * DAY)
    access.look_after()
    assert access.token() == "renewed-2-of-a-secret"
    assert access.ends_at() == clock.now() + 60 * DAY


def test_two_processes_renew_once(connect: Callable[..., Access], server: Server, clock: VirtualClock) -> None:
    """While one renews, the other goes on with the old token, asks nobody, and finds the new one afterwards."""
    connect().look_after()
    clock.advance(DAY)
    seen: list[str] = []
    plain = server.renew

    def slow(token: str) -> tuple[str, timedelta]:
        other = connect()

        def meanwhile() -> None:
            other.look_after()
            seen.append(other.token())

        thread = threading.Thread(target=meanwhile)
        thread.start()
        thread.join()
        return plain(token)

    server.renew = slow  # type: ignore[method-assign]
    connect().look_after()
    assert seen == [PASTED]
    assert server.asked == [PASTED]
    assert connect().token() == "renewed-1-of-a-secret"


@pytest.mark.parametrize(
    "content", [b"", b"[1]", b"{", b'{"token": 1}', b'{"token": "t", "since": "x", "made_from": ""}', b"\xff\xfe"]
)
def test_a_file_that_cannot_be_read_is_made_anew(
    connect: Callable[..., Access], tmp_path: Path, content: bytes
) -> None:
    """The token in `.env` is used, as on the first day."""
    (tmp_path / "access.json").write_bytes(content)
    access = connect()
    assert (access.token(), access.ends_at(), access.trouble()) == (PASTED, None, None)
    access.look_after()
    assert json.loads((tmp_path / "access.json").read_bytes())["token"] == PASTED


def test_without_a_token_nothing_is_kept(connect: Callable[..., Access], tmp_path: Path) -> None:
    """An account that is not connected leaves no file behind."""
    access = connect("")
    access.look_after()
    access.learn(START)
    assert (access.token(), access.ends_at(), access.trouble()) == ("", None, None)
    assert not (tmp_path / "access.json").exists()


def test_a_folder_that_cannot_be_written_sends_nothing(clock: VirtualClock, tmp_path: Path) -> None:
    """It is said plainly, as a post that did not go out."""
    (tmp_path / "file").write_text("")
    with pytest.raises(NotSent, match="folder"):
        Access(PASTED, folder=tmp_path / "file", clock=clock, renew=None).look_after()


STEPS = st.lists(st.tuples(st.sampled_from(["advance", "jump", "fail", "heal", "restart"]), st.integers(-40, 40)))


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_the_token_in_use_is_always_the_newest(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    """Whatever the clock and the network do: what is used is the last that the network gave, or the pasted one."""
    clock, server, folder = VirtualClock(START), Server(), tmp_path_factory.mktemp("access")
    given_out = [PASTED]

    def renew(token: str) -> tuple[str, timedelta]:
        assert token == given_out[-1]
        fresh, lasts = server.renew(token)
        given_out.append(fresh)
        return fresh, lasts

    access = Access(PASTED, folder=folder, clock=clock, renew=renew)
    for act, amount in steps:
        if act == "advance":
            clock.advance(abs(amount) * timedelta(hours=9))
        elif act == "jump":
            clock.jump(amount * DAY)
        elif act == "restart":
            access = Access(PASTED, folder=folder, clock=clock, renew=renew)
        else:
            server.fails = NotSent("down") if act == "fail" else None
        access.look_after()
        assert access.token() == given_out[-1]
