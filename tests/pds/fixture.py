"""The server as a fixture: one for the whole run, in a temporary folder where its log is found afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pds import Account, Pds, running, why_not
from tests.pds.appview import AppView


@pytest.fixture(scope="session")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pds]:
    """A real Bluesky server on the loopback; the test is skipped, with the reason, where it cannot be started."""
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    with AppView() as app_view, running(tmp_path_factory.mktemp("pds"), app_view=app_view) as server:
        yield server


@pytest.fixture
def pds_account(pds: Pds) -> Account:
    """An account of this test's own."""
    return pds.account()
