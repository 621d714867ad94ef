"""A real Bluesky server on the loopback: starts it, makes accounts, and reads it back with plain requests.

Nothing here uses socrbot's own adapter: what it says of the server is independent evidence.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import secrets
import select
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.pds.appview import AppView

HERE = Path(__file__).resolve().parent
INSTALLED = HERE.parents[1] / ".e2e" / "pds"
POST = "app.bsky.feed.post"
_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 15.0
_TIMEOUT = (5.0, 20.0)


def why_not() -> str | None:
    """Why the server cannot be started here; None where it can."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    with contextlib.suppress(OSError):
        if (INSTALLED / "installed").read_text().split()[0] == wanted and shutil.which("node"):
            return None
    with contextlib.suppress(OSError):
        return (INSTALLED / "missing").read_text().strip()
    return "the Bluesky test server is not installed: run tests/pds/install.sh"


@dataclass(frozen=True)
class Account:
    """An account on the server. `app_password` is what the bot gets; `access` is the owner's own session."""

    url: str
    did: str
    handle: str
    password: str = field(repr=False)
    app_password: str = field(repr=False)
    access: str = field(repr=False)

    @property
    def env(self) -> dict[str, str]:
        """The variables that the bot needs to post here."""
        return {"BSKY_HANDLE": self.handle, "BSKY_APP_PASSWORD": self.app_password, "BSKY_SERVICE": self.url}


class Pds:
    """A running server. `url` is its address, `log` the file with all that it said.

    `app_view` is what stands behind it where a test wants one; else its address leads nowhere.
    """

    def __init__(self, folder: Path, extra: Mapping[str, str], app_view: AppView | None = None) -> None:
        self.app_view = app_view
        self.log = folder / "server.log"
        self.jwt_secret = secrets.token_hex(16)
        self._admin = ("admin", secrets.token_hex(16))
        ports = _free_ports(2)
        self.url = f"http://localhost:{ports[0]}"
        if app_view is not None:
            app_view.server, extra = self.url, {**extra, "PDS_BSKY_APP_VIEW_URL": app_view.base}
        (folder / "data").mkdir(parents=True, exist_ok=True)
        command = ["node", str(HERE / "server.mjs"), str(INSTALLED), str(folder / "data"), *map(str, ports)]
        env = {**os.environ, "LOG_ENABLED": "true", "LOG_DESTINATION": str(self.log)}
        env |= {"PDS_JWT_SECRET": self.jwt_secret, "PDS_ADMIN_PASSWORD": self._admin[1], **extra}
        with (folder / "errors.log").open("wb") as errors:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, stderr=errors)
        self._errors = folder / "errors.log"
        self._numbers = itertools.count(1)

    def wait(self) -> None:
        """Waits until it listens. Raises RuntimeError with what it said where it does not."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], _START_TIMEOUT)
        if not ready or self._process.stdout.readline().strip() != b"READY":
            raise RuntimeError(f"the Bluesky test server did not start:\n{self._errors.read_text()[-2000:]}")

    def stop(self) -> None:
        """Asks it to end, and ends it by force where that takes too long."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close()

    def kill(self) -> None:
        """Ends it at once, as a power cut does."""
        self._process.kill()
        self._process.wait()
        self._close()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def account(self, name: str = "campaign") -> Account:
        """A new account with a handle that no other has, and an app password."""
        handle = f"{name[:8]}-{next(self._numbers)}-{secrets.token_hex(2)}.test"
        password = secrets.token_urlsafe(16)
        made = self.call(
            "com.atproto.server.createAccount",
            data={"handle": handle, "email": f"{handle}@example.org", "password": password},
        )
        app = self.call("com.atproto.server.createAppPassword", data={"name": "socrbot"}, access=made["accessJwt"])
        return Account(self.url, made["did"], handle, password, app["password"], made["accessJwt"])

    def revoke(self, account: Account) -> None:
        """Takes the bot's app password away, as its owner does in the app."""
        self.call("com.atproto.server.revokeAppPassword", data={"name": "socrbot"}, access=account.access)

    def take_down(self, subject: Mapping[str, str]) -> None:
        """Takes an account (`did`) or a record (`uri`, `cid`) down, as the server's moderators do."""
        kind = "com.atproto.admin.defs#repoRef" if "did" in subject else "com.atproto.repo.strongRef"
        body = {"subject": {"$type": kind, **subject}, "takedown": {"applied": True, "ref": "test"}}
        url = f"{self.url}/xrpc/com.atproto.admin.updateSubjectStatus"
        requests.post(url, json=body, auth=self._admin, timeout=_TIMEOUT).raise_for_status()

    def call(self, name: str, *, data: Any = None, access: str | None = None, **query: str) -> dict[str, Any]:
        """One plain call: a POST where there is data, else a GET. Raises requests.HTTPError."""
        method = "GET" if data is None else "POST"
        headers = {"Authorization": f"Bearer {access}"} if access else {}
        url = f"{self.url}/xrpc/{name}"
        answer = requests.request(method, url, params=query, json=data, headers=headers, timeout=_TIMEOUT)
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def records(self, did: str) -> list[dict[str, Any]]:
        """Every post of an account as the server has it, newest key first."""
        return records(self.url, did)

    def clear(self, account: Account) -> None:
        """Deletes every post of an account."""
        keys = [entry["uri"].rpartition("/")[2] for entry in self.records(account.did)]
        for start in range(0, len(keys), 200):
            kind = "com.atproto.repo.applyWrites#delete"
            writes = [{"$type": kind, "collection": POST, "rkey": key} for key in keys[start : start + 200]]
            data = {"repo": account.did, "writes": writes}
            self.call("com.atproto.repo.applyWrites", data=data, access=account.access)

    def blob(self, did: str, cid: str) -> tuple[bytes, str]:
        """The bytes and the type of a picture."""
        url = f"{self.url}/xrpc/com.atproto.sync.getBlob"
        answer = requests.get(url, params={"did": did, "cid": cid}, timeout=_TIMEOUT)
        answer.raise_for_status()
        return answer.content, answer.headers["Content-Type"]


def records(url: str, did: str) -> list[dict[str, Any]]:
    """Every post of an account, newest key first: each with `uri`, `cid` and `value`. What tests judge by."""
    found: list[dict[str, Any]] = []
    query = {"repo": did, "collection": POST, "limit": "100"}
    while True:
        answer = requests.get(f"{url}/xrpc/com.atproto.repo.listRecords", params=query, timeout=_TIMEOUT)
        answer.raise_for_status()
        page = answer.json()
        found += page["records"]
        if not page["records"] or "cursor" not in page:
            return found
        query["cursor"] = page["cursor"]


def count(url: str, did: str) -> int:
    """How many posts an account has."""
    return len(records(url, did))


@contextlib.contextmanager
def running(folder: Path | None = None, *, app_view: AppView | None = None, **extra: str) -> Iterator[Pds]:
    """A server for as long as the block runs. `extra` are settings of its own, such as PDS_RATE_LIMITS_ENABLED."""
    place = Path(tempfile.mkdtemp(prefix="pds-")) if folder is None else folder
    server = _start(place, extra, app_view)
    try:
        yield server
    except BaseException:
        server.kill()
        raise
    server.stop()
    if folder is None:
        shutil.rmtree(place, ignore_errors=True)


def _start(place: Path, extra: Mapping[str, str], app_view: AppView | None) -> Pds:
    """Starts a server; once more where somebody else took one of its ports meanwhile."""
    for last in (False, True):
        server = Pds(place, extra, app_view)
        try:
            server.wait()
        except BaseException as error:
            server.kill()
            if last or "EADDRINUSE" not in str(error):
                raise
        else:
            return server
    raise AssertionError


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
