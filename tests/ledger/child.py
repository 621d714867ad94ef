"""A process of its own that publishes from a ledger: to be run beside others, and to be killed anywhere.

Its network is a file: each line is a post that is public, and nothing takes it back.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NoReturn

import sqlalchemy as sa

from socrbot.clock import VirtualClock
from socrbot.ledger import Ledger
from socrbot.message import Receipt
from tests.ledger.desk import Desk


def fork(work: Callable[[], None]) -> int:
    """Runs `work` in a child and returns its process id. The child ends with 0 when all went well."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    except BaseException as error:
        print(f"child: {error!r}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def wait_for(child: int) -> int:
    """How the child ended: 0, a positive number, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Bomb:
    """Kills this process at the given point, counted from 1; 0: never."""

    def __init__(self, at: int) -> None:
        self.left = at

    def point(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0:
            die()


def die() -> NoReturn:
    """The end, without a word to anybody."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still here")


def publish_all(where: str, network: Path, accounts: list[str], now: datetime, *, bomb: Bomb | None = None) -> None:
    """Does all that is due and settles what is in doubt, as the bot does; dies where the bomb says so."""
    bomb = bomb or Bomb(0)
    clock = VirtualClock(now)
    with Ledger.open(where, clock=clock) as ledger:
        sa.event.listen(ledger._db.engine, "commit", bomb.point)
        desk = Desk(ledger, clock, worker=f"worker-{os.getpid()}")
        ledger.expire(now)
        settle(ledger, network, now)
        for account in accounts:
            while (claim := desk.try_claim(account)) is not None:
                bomb.point()
                key = f"{claim.delivery.id}"
                attempt = desk.intend(claim, key=key)
                assert isinstance(attempt, int), attempt
                bomb.point()
                say(network, key)
                bomb.point()
                ledger.part_sent(claim, attempt, Receipt(key), now=now, last=True)
                bomb.point()


def settle(ledger: Ledger, network: Path, now: datetime) -> None:
    public = said(network)
    for item in ledger.unknowns(now):
        found = Receipt(item.key) if item.key in public else None
        ledger.settle(item.delivery.id, found=found, evidence="Looked into the file.", now=now, by="child")


def say(network: Path, key: str) -> None:
    with network.open("a") as file:
        file.write(f"{key}\n")


def said(network: Path) -> list[str]:
    """The keys that are public, in the order in which they became so."""
    return network.read_text().split() if network.exists() else []


def claim_all(where: str, accounts: list[str], now: datetime, out: Path, *, together: Barrier) -> None:
    """Claims and sends until nothing is left; writes down what it got. At first it keeps pace with the others."""
    clock = VirtualClock(now)
    with Ledger.open(where, clock=clock) as ledger, out.open("w") as file:
        desk = Desk(ledger, clock, worker=f"worker-{os.getpid()}")
        idle, rounds = 0, 0
        while idle < 20:
            idle, rounds = idle + 1, rounds + 1
            if rounds <= 3:
                together.wait(timeout=60)
            for account in accounts:
                claim = desk.try_claim(account)
                if claim is not None:
                    idle = 0
                    file.write(f"{claim.delivery.id}\n")
                    desk.sent(claim, desk.intend(claim), f"p-{claim.delivery.id}")
