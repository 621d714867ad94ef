"""The networks in a process of their own, which outlives the bot's lives and keeps the record by which they are judged.

Two are small stand-ins written here, because they have to be quick: a Bluesky server and a Mastodon server, both of
which honour keys. Not here: what is judged (`judge.py`).
"""

from __future__ import annotations

import base64
import html
import itertools
import json
import multiprocessing
import os
import re
import socket
import time
from collections import Counter
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import parse_qsl

from tests.faults.clock import SharedClock
from tests.standins.exchange import Media, Post, Reply, Request
from tests.standins.graph import Graph
from tests.standins.instagram import Instagram
from tests.standins.server import Standin, route
from tests.standins.x import KEYS, X

DID = "did:plc:forkedkills0000000000000"
PICTURES = "https://pictures.test"
# The calls that make something public, by network.
PUBLISHING = {
    "x": r"POST /2/tweets",
    "facebook": r"POST /v[\d.]+/[^/]+/(feed|comments)",
    "instagram": r"POST /v[\d.]+/[^/]+/(media_publish|comments)",
    "mastodon": r"POST /api/v1/statuses",
    "bluesky": r"POST /xrpc/com\.atproto\.repo\.putRecord",
}


class Folder(Standin):
    """The web server that shows the public folder; `folder` changes with each trial."""

    name = "folder"
    folder = ""

    def act(self, request: Request) -> Reply:
        path = f"{self.folder}/{request.path.lstrip('/')}"
        if not os.path.isfile(path):  # noqa: PTH113
            return Reply(404, b"")
        with open(path, "rb") as file:  # noqa: PTH123
            return Reply(200, file.read(), {"Content-Type": "image/jpeg"})


class QuickX(X):
    """X, not held to its whole description, which other tests do. `lag`: new posts are not shown for so long."""

    lag = timedelta(0)

    def check(self, request: Request, reply: Reply) -> None:
        return

    @route("GET", "/2/users/{user_id}/tweets")
    def timeline(self, request: Request, user_id: str) -> Reply:
        self.hidden = {post.id for post in self.published if self.now() - post.created_at < self.lag}
        return super().timeline(request, user_id)


class Pds(Standin):
    """A Bluesky server: makes a record under its key once, and says no to another one there."""

    name = "bluesky"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.records: dict[str, dict[str, Any]] = {}
        self._numbers_of_blobs = itertools.count(1)

    def env(self) -> dict[str, str]:
        """The variables of an account on it."""
        return {"BSKY_HANDLE": "campaign.test", "BSKY_APP_PASSWORD": "aaaa-bbbb-cccc-dddd", "BSKY_SERVICE": self.base}

    @route("POST", "/xrpc/com.atproto.server.createSession")
    def sign_in(self, request: Request) -> Reply:
        issued = int(self.now().timestamp())
        claims = base64.urlsafe_b64encode(json.dumps({"iat": issued, "exp": issued + 7_200}).encode()).decode()
        token = f"e30.{claims.rstrip('=')}.c2ln"
        login = {"did": DID, "handle": "campaign.test", "accessJwt": token, "refreshJwt": token, "active": True}
        return Reply(200, login)

    @route("POST", "/xrpc/com.atproto.server.refreshSession")
    def renew(self, request: Request) -> Reply:
        return self.sign_in(request)

    @route("POST", "/xrpc/com.atproto.repo.uploadBlob")
    def upload(self, request: Request) -> Reply:
        link = {"$link": f"bafkrei{next(self._numbers_of_blobs):0>52}"}
        blob = {"$type": "blob", "ref": link, "mimeType": "image/jpeg", "size": len(request.body)}
        return Reply(200, {"blob": blob})

    @route("POST", "/xrpc/com.atproto.repo.putRecord")
    def put(self, request: Request) -> Reply:
        body = request.json()
        key, value = body["rkey"], body["record"]
        there = self.records.get(key)
        if there is not None and there["value"] != value:
            return Reply(400, {"error": "InvalidSwap", "message": "Record was at another place"})
        if there is None:
            where = {"uri": f"at://{DID}/app.bsky.feed.post/{key}", "cid": f"bafyrei{key}"}
            there = self.records[key] = {**where, "value": value}
            self.publish(Post(there["uri"], value["text"], self.now()))
        return Reply(200, {"uri": there["uri"], "cid": there["cid"]})

    @route("GET", "/xrpc/com.atproto.repo.getRecord")
    def get(self, request: Request) -> Reply:
        there = self.records.get(request.query["rkey"])
        return Reply(200, there) if there else Reply(400, {"error": "RecordNotFound", "message": "none"})


class Mastodon(Standin):
    """A Mastodon server: the same key gives the same post. `lag`: new posts are not listed for so long."""

    name = "mastodon"
    lag = timedelta(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.keys: dict[str, Post] = {}
        self._ids = itertools.count(110_000_000_000_000_000)

    def env(self) -> dict[str, str]:
        """The variables of an account on it."""
        return {"MASTODON_BASE_URL": self.base, "MASTODON_ACCESS_TOKEN": "token-of-the-little-server"}

    @route("GET", "/api/v2/instance")
    def about(self, request: Request) -> Reply:
        return Reply(200, {"domain": "little.test", "configuration": {}})

    @route("GET", "/api/v1/accounts/verify_credentials")
    def me(self, request: Request) -> Reply:
        return Reply(200, {"id": "1", "acct": "campaign", "url": f"{self.base}/@campaign"})

    @route("POST", "/api/v2/media")
    def upload(self, request: Request) -> Reply:
        number = str(next(self._ids))
        return Reply(200, {"id": number, "type": "image", "url": f"{self.base}/media/{number}"})

    @route("POST", "/api/v1/statuses")
    def post(self, request: Request) -> Reply:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        key = request.headers["idempotency-key"]
        post = self.keys.get(key)
        if post is None:
            media = tuple(Media(b"") for name, _ in parse_qsl(request.body.decode()) if name == "media_ids[]")
            made = Post(
                str(next(self._ids)), form["status"], self.now(), media=media, reply_to=form.get("in_reply_to_id")
            )
            post = self.keys[key] = self.publish(made)
        return Reply(200, self._line(post))

    @route("GET", "/api/v1/accounts/{account}/statuses")
    def posts(self, request: Request, account: str) -> Reply:
        before = request.query.get("max_id")
        known = [post for post in reversed(self.visible) if before is None or int(post.id) < int(before)]
        shown = [post for post in known if self.now() - post.created_at >= self.lag]
        return Reply(200, [self._line(post) for post in shown[:40]])

    def _line(self, post: Post) -> dict[str, Any]:
        words = html.escape(post.text).replace("\n\n", "</p><p>").replace("\n", "<br />")
        return {
            "id": post.id,
            "content": f"<p>{words}</p>",
            "created_at": f"{post.created_at:%Y-%m-%dT%H:%M:%S}.000Z",
            "url": f"{self.base}/@campaign/{post.id}",
            "in_reply_to_id": post.reply_to,
            "media_attachments": [{"id": "1"} for _ in post.media],
            "mentions": [],
            "reblog": None,
        }


class Network:
    """The stand-ins, as the process that has them works with them."""

    def __init__(self, clock: SharedClock) -> None:
        now = clock.true_now
        self.x, self.facebook, self.instagram = QuickX(now=now), Graph(now=now), Instagram(now=now)
        self.mastodon, self.bluesky, self.folder = Mastodon(now=now), Pds(now=now), Folder(now=now)
        self.named: dict[str, Standin] = {name: getattr(self, name) for name in PUBLISHING}
        for server in (*self.named.values(), self.folder):
            server.start()
        self.instagram.web[PICTURES] = self.folder.base
        self.instagram.quota = 10_000
        # Facebook refuses the same words for a while, and promises nothing: here it takes them.
        self.facebook.repeats = timedelta(0)

    def env(self) -> dict[str, str]:
        """The variables that connect accounts to them."""
        instagram = {**self.instagram.env()}
        return {
            **KEYS,
            "X_API_BASE": self.x.base,
            **self.facebook.env(),
            **instagram,
            **self.mastodon.env(),
            **self.bluesky.env(),
        }

    def begin(self, folder: str, faults: dict[str, dict[str, Any]], lags: dict[str, float]) -> None:
        """Forgets all that was before. `faults` strike the next publishing call of a network, `lags` are in seconds."""
        self.folder.folder = folder
        for name, server in self.named.items():
            with server.lock:
                server.published.clear()
                server.record.clear()
                server.deleted.clear()
                server.clear_faults()
            if name in faults:
                server.fault(match=_is_publishing(name), **faults[name])
        self.bluesky.records.clear()
        self.mastodon.keys.clear()
        lag = {name: timedelta(seconds=seconds) for name, seconds in lags.items()}
        none = timedelta(0)
        self.x.lag, self.mastodon.lag = lag.get("x", none), lag.get("mastodon", none)
        self.facebook.shown_after = lag.get("facebook", none)
        for window in self.x.windows.values():
            window.left = window.limit

    def quiet(self) -> None:
        """Waits until all that clients have begun is at its end: then nothing can happen behind a judge's back."""
        for server in self.named.values():
            address = server._server.server_address
            with socket.create_connection((str(address[0]), int(address[1]))):
                pass
        end = time.monotonic() + 20
        while any(server._server._connections for server in self.named.values()):
            assert time.monotonic() < end, "a stand-in does not come to rest"
            time.sleep(0.0002)

    def told(self) -> dict[str, Any]:
        """What each network has: its posts (id, text), how often it was asked to publish, and what was wrong."""
        return {
            name: (
                [(post.id, post.text) for post in server.published],
                sum(_is_publishing(name)(seen.request) for seen in server.record),
                list(server.violations),
            )
            for name, server in self.named.items()
        }


def _is_publishing(name: str) -> Any:
    pattern = re.compile(PUBLISHING[name])
    return lambda request: pattern.fullmatch(f"{request.method} {request.path}") is not None


class Servers:
    """The process that has the stand-ins, as seen from outside. Start it before there are any threads."""

    def __init__(self, clock: SharedClock) -> None:
        context = multiprocessing.get_context("fork")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(clock, theirs), daemon=True)
        self._process.start()
        self.env: dict[str, str] = self._ask("env")

    def _ask(self, what: str, *arguments: Any) -> Any:
        self._pipe.send((what, arguments))
        fine, answer = self._pipe.recv()
        if not fine:
            raise AssertionError(answer)
        return answer

    def begin(self, folder: str, faults: dict[str, dict[str, Any]], lags: dict[str, float]) -> None:
        """A new trial begins: see `Network.begin`."""
        self._ask("begin", folder, faults, lags)

    def quiet(self) -> None:
        """Waits until nothing is under way."""
        self._ask("quiet")

    def told(self) -> dict[str, tuple[list[tuple[str, str]], int, list[str]]]:
        """What each network has to say."""
        answer: dict[str, tuple[list[tuple[str, str]], int, list[str]]] = self._ask("told")
        return answer

    def stop(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.join()


def _serve(clock: SharedClock, pipe: Connection) -> None:
    network = Network(clock)
    while True:
        what, arguments = pipe.recv()
        try:
            pipe.send((True, getattr(network, what)(*arguments)))
        except BaseException as error:  # told to the one who asked
            pipe.send((False, repr(error)))


def repeated(texts: list[str]) -> dict[str, int]:
    """The texts that are there more than once."""
    return {text: times for text, times in Counter(texts).items() if times > 1}
