"""One file for each network: an account at its stand-in, ready for tests. What a file has to offer:

open_bench(request, clock, folder)      a context manager that gives a Bench; folder is the account's private one
open_own_bench(request, clock, folder)  the same, for a test that does the account lasting harm. Only where the other
                                        one gives an account that tests share
MARKS                                   marks for each of the network's cases. Only where it needs some
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from socrbot.clock import VirtualClock
from tests.networks.bench import Bench


def _file(network: str) -> ModuleType | None:
    name = f"{__name__}.{network}"
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


def marks(network: str) -> Any:
    """The marks of a network's cases."""
    return getattr(_file(network), "MARKS", ())


@contextmanager
def open_bench(
    network: str, request: pytest.FixtureRequest, clock: VirtualClock, folder: Path, *, own: bool = False
) -> Iterator[Bench]:
    """A bench for the network. `own`: on an account that no other test uses. Fails where there is no file for it."""
    file = _file(network)
    if file is None:
        where = f"tests/networks/benches/{network}.py"
        pytest.fail(f"{network} is listed in NETWORKS, so it needs a bench to be tested with: {where}", pytrace=False)
    folder.mkdir(mode=0o700, exist_ok=True)
    opening = getattr(file, "open_own_bench", file.open_bench) if own else file.open_bench
    with opening(request, clock, folder) as bench:
        bench.network = network
        yield bench
