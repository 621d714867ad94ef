"""Several machines on one ledger, and what may befall them; the networks' own record is the judge.

Set SOCRBOT_FLEET_KILLS for another number of accidents. An accident counts only where its machine was at work. Without
it all waits are longer, for a computer that has other tests to run as well.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from socrbot.delivery import State
from tests.cluster.fleet import ACCOUNTS, LEASE, SWEEP, Fleet, wait_until
from tests.whole.life import Life

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fleet"), pytest.mark.timeout(1500)]

KILLS = int(os.environ.get("SOCRBOT_FLEET_KILLS", "3"))
# All of them are planned at once, so that their order is known.
POSTS = 20 + 12 * KILLS
# How many times as long everything may take beside other tests.
PATIENCE = 1 if "SOCRBOT_FLEET_KILLS" in os.environ else 5
# After a death: its time in hand, a look round or two, the networks' settling time, and the work itself.
GOES_ON = LEASE + 2 * SWEEP + 2 * 1.5
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


def test_whatever_befalls_the_machines_each_post_goes_out_once_and_in_order(fleet: Fleet) -> None:
    """Workers are killed, one is stopped past its time in hand and goes on, and the database dies and comes back."""
    seed = int(os.environ.get("SOCRBOT_SEED", str(random.SystemRandom().randrange(10**9))))
    chance = random.Random(seed)
    fleet.posts(POSTS)
    for _ in range(2):
        fleet.machine()
    landed = {"kill": 0, "stop": 0, "database": 0}
    limit = time.monotonic() + (60 + 12 * KILLS) * PATIENCE
    while sum(landed.values()) < KILLS and time.monotonic() < limit and not fleet.drained():
        machine = chance.choice(fleet.machines)
        began = machine.working.wait(5)
        threading.Event().wait(chance.uniform(0.0, 0.7))
        kinds = ("kill", "stop", "database", "kill", "kill", "kill")
        kind = kinds[sum(landed.values()) % len(kinds)]
        landed[kind] += began and _befall(fleet, machine, kind)
    wait_until(fleet.drained, seconds=90 * PATIENCE)
    doubts = fleet.judge()
    print(
        f"\nseed {seed}: {landed}; {len(fleet.deliveries())} deliveries, {doubts} answers lost and settled, 0 repeated"
    )
    # The work may be done before every accident has found a machine at work.
    assert landed["kill"] >= 1, (seed, landed)
    assert [machine.end() for machine in fleet.machines] == [0, 0]


def _befall(fleet: Fleet, machine: Life, kind: str) -> bool:
    """One accident; True where it met a machine at work."""
    if kind == "kill":
        landed = machine.kill()
        fleet.machines.remove(machine)
        fleet.machine()
        return landed
    if kind == "stop":
        machine.signal(signal.SIGSTOP)
        threading.Event().wait(LEASE + SWEEP)
        machine.signal(signal.SIGCONT)
        return True
    assert all(machine.started.wait(15 * PATIENCE) for machine in fleet.machines)
    fleet.server.kill()
    threading.Event().wait(0.5)
    fleet.server.start()
    return True


def test_others_go_on_with_the_work_of_a_machine_that_died(fleet: Fleet) -> None:
    """It dies while the network has its post and has not answered: the post is found, the next ones go out, in time."""
    fleet.posts(3)
    fleet.x.fault("delay", match="POST /2/tweets")
    first = fleet.machine()
    assert fleet.x.wait_until(lambda: bool(fleet.x.published), seconds=20 * PATIENCE)
    second = fleet.machine()
    assert second.started.wait(20 * PATIENCE)
    assert first.kill()
    took = wait_until(fleet.drained, seconds=60 * PATIENCE)
    assert fleet.judge() >= 1
    assert took < (GOES_ON + 6) * PATIENCE, took


def test_what_the_engine_forgets_is_found_by_the_look_round(fleet: Fleet) -> None:
    """All its jobs vanish, or stay "doing" for nobody: the deliveries go out all the same."""
    fleet.posts(2, due=timedelta(minutes=30))
    machine = fleet.machine()
    assert machine.started.wait(20 * PATIENCE)
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'account'"
    wait_until(lambda: bool(fleet.deliveries()) and _has_jobs(fleet, jobs), seconds=20 * PATIENCE)
    fleet.server.ask("UPDATE deliveries SET due_at = now(), nominal = now() WHERE account <> 'x'")
    fleet.server.ask("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name = 'account'")
    wait_until(lambda: len(fleet.deliveries(State.SENT)) == 2, seconds=(GOES_ON + 4) * PATIENCE)
    stuck = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL WHERE lock = 'account:x'"
    wait_until(lambda: _has_jobs(fleet, f"{jobs} AND lock = 'account:x'"), seconds=10 * PATIENCE)
    fleet.server.ask(stuck)
    fleet.server.ask("UPDATE deliveries SET due_at = now(), nominal = now() WHERE account = 'x'")
    wait_until(lambda: len(fleet.deliveries(State.SENT)) == 4, seconds=(GOES_ON + 4) * PATIENCE)
    fleet.judge()


def _has_jobs(fleet: Fleet, count: str) -> bool:
    if not fleet.server.ask("SELECT 1 FROM pg_tables WHERE tablename = 'procrastinate_jobs'"):
        return False
    return bool(fleet.server.ask(count)[0][0])


@pytest.mark.skipif(not FAKETIME.exists(), reason="libfaketime is not installed (apt-get install faketime)")
@pytest.mark.parametrize("shift", ["+1h", "-1h"])
def test_a_machine_whose_clock_is_an_hour_off_keeps_the_time_of_the_database(fleet: Fleet, shift: str) -> None:
    """Ahead or behind: nothing goes out too early, nothing is given up as too late."""
    fleet.posts(4)
    fleet.posts(4, due=timedelta(minutes=40))
    fleet.posts(4, due=timedelta(minutes=-90))
    machine = fleet.machine(LD_PRELOAD=str(FAKETIME), FAKETIME=shift, FAKETIME_DONT_FAKE_MONOTONIC="1")
    wait_until(lambda: len(fleet.deliveries(State.SENT)) == 8 * len(ACCOUNTS), seconds=120 * PATIENCE)
    assert len(fleet.deliveries(State.PLANNED)) == 4 * len(ACCOUNTS)
    assert machine.end() == 0
    for account in ACCOUNTS:
        assert len(set(fleet.published(account))) == len(fleet.published(account)) == 8
