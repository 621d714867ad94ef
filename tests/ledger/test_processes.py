"""Several processes on one ledger, and processes that die in the middle of anything."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from functools import partial
from pathlib import Path

import pytest

from socrbot.clock import VirtualClock
from socrbot.delivery import Add, State
from socrbot.ledger import Ledger
from tests.ledger import history
from tests.ledger.child import Bomb, claim_all, fork, publish_all, said, wait_for
from tests.ledger.desk import HOUR, LEASE, START, Desk, wanted

ACCOUNTS = ["x", "facebook", "bluesky", "outbox"]


def plan(where: str, number: int, accounts: list[str]) -> None:
    """A ledger with so many deliveries due, spread over the accounts."""
    clock = VirtualClock(START)
    with Ledger.open(where, clock=clock) as ledger:
        items = [wanted(f"post-{n}", accounts[n % len(accounts)], grace=100 * HOUR) for n in range(number)]
        ledger.apply([Add(item) for item in items], now=START, by="plan")


def test_two_processes_share_two_hundred_deliveries(where: str, tmp_path: Path) -> None:
    """Overlapping cron ticks: each delivery is claimed once, by one of them, and both do some."""
    plan(where, 200, ACCOUNTS)
    outs = [tmp_path / "one", tmp_path / "two"]
    together = multiprocessing.get_context("fork").Barrier(2)
    children = [fork(partial(claim_all, where, ACCOUNTS, START, out, together=together)) for out in outs]
    assert [wait_for(child) for child in children] == [0, 0]
    got = [out.read_text().split() for out in outs]
    assert sorted(map(int, got[0] + got[1])) == list(range(1, 201))
    assert all(got)
    with Ledger.open(where, clock=VirtualClock(START)) as ledger:
        assert ledger.counts() == {State.SENT: 200}
        history.check(ledger)


def test_threads_of_one_process_share_a_ledger(desk: Desk) -> None:
    """One thread an account, all at once, as the service works."""
    items = [wanted(f"post-{n}", account) for account in ACCOUNTS for n in range(10)]
    desk.plan(*items)

    def drain(account: str) -> None:
        while (claim := desk.try_claim(account)) is not None:
            desk.sent(claim, desk.intend(claim))

    threads = [threading.Thread(target=drain, args=(account,)) for account in ACCOUNTS * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.ledger.counts() == {State.SENT: 40}
    history.check(desk.ledger)


def test_readers_do_not_wait_for_a_writer(where: str, tmp_path: Path) -> None:
    """While one transaction writes, another process reads what was before it."""
    plan(where, 3, ["x"])
    clock = VirtualClock(START)
    with Ledger.open(where, clock=clock) as ledger, ledger._db.write() as connection:
        connection.exec_driver_sql("UPDATE deliveries SET line = 99")

        def look() -> None:
            with Ledger.open(where, clock=clock, read_only=True) as reader:
                assert [item.line for item in reader.deliveries()] == [1, 1, 1]

        assert wait_for(fork(look)) == 0


def run_with_deaths(where: str, network: Path, at: int) -> bool:
    """One life that dies at its point `at`, one that dies somewhere else, one that survives. Whether the first died."""
    first = wait_for(fork(lambda: publish_all(where, network, ["x"], START, bomb=Bomb(at))))
    now = START + LEASE
    wait_for(fork(lambda: publish_all(where, network, ["x"], now, bomb=Bomb(at * 7 % 11 + 1))))
    now += LEASE
    assert wait_for(fork(lambda: publish_all(where, network, ["x"], now))) == 0
    assert first in (0, -signal.SIGKILL)
    return first != 0


def check_all_sent_once(where: str, network: Path, number: int) -> None:
    with Ledger.open(where, clock=VirtualClock(START)) as ledger:
        assert ledger.counts() == {State.SENT: number}
        history.check(ledger)
        receipts = [part.receipt.id for d in ledger.deliveries() for part in ledger.parts(d.id) if part.receipt]
        if ledger._db.sqlite:
            with ledger._db.read() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert sorted(said(network)) == sorted(receipts)
    assert len(set(receipts)) == number


def test_death_at_any_point_neither_loses_nor_repeats(tmp_path: Path) -> None:
    """kill -9 before and after each commit and around the sending, in turn, and again during the recovery."""
    at = 0
    died = True
    while died:
        at += 1
        where, network = str(tmp_path / f"{at}.sqlite"), tmp_path / f"network-{at}"
        plan(where, 2, ["x"])
        died = run_with_deaths(where, network, at)
        check_all_sent_once(where, network, 2)
    # Seven points a delivery: four of ours, and three commits (the ends of claim, intent and outcome).
    assert at > 14


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, 3, 5, 6, 7, 9])
def test_death_with_postgresql_neither_loses_nor_repeats(postgres: str, tmp_path: Path, at: int) -> None:
    """The same at some of the points, where the server takes back what was not committed."""
    network = tmp_path / "network"
    plan(postgres, 2, ["x"])
    assert run_with_deaths(postgres, network, at)
    check_all_sent_once(postgres, network, 2)
