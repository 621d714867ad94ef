"""Mastodon: mastodon_mock from PyPI, with a server before it that is as strict as Mastodon itself.

The server before it loses answers when told to, refuses what Mastodon refuses and the mock takes, writes texts as
Mastodon's HTML, lives by the given clock, and holds each answer against Mastodon's documentation. What was published
it asks the mock, with requests of its own. Run it by itself with `python -m tests.standins.mastodon`.
"""

from __future__ import annotations

import itertools
import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import requests

from tests.standins import mastodon_rules as rules
from tests.standins.command import run
from tests.standins.exchange import Media, Post, Reply, Request
from tests.standins.server import Standin

TOKEN = "mastodonToken_0123456789-abcdefghij"
KEYS_LAST = timedelta(hours=1)
_WINDOW = timedelta(minutes=5)
_FIELDS = {"status", "media_ids[]", "in_reply_to_id", "sensitive", "spoiler_text", "visibility", "language", "lang"}
_PASSED_ON = {"authorization", "content-type", "accept", "user-agent"}
_TIMEOUT = (5.0, 20.0)
# It counts links in full; the server before it counts as Mastodon does.
_START = """
import sys
import mastodon_mock.routers.statuses
from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, SeedAccount, SeedConfig
from mastodon_mock.testing.server import MockServer

mastodon_mock.routers.statuses.MAX_STATUS_CHARACTERS = 1_000_000
people = [
    SeedAccount(username="campaign", access_token=sys.argv[1]),
    SeedAccount(username="dave", domain="remote.example"),
]
config = MastodonMockConfig(database=DatabaseConfig(path=":memory:"), seed=SeedConfig(accounts=people))
with MockServer(config=config, startup_timeout=60) as server:
    print(server.base_url, flush=True)
    sys.stdin.read()
"""
_APPLICATION = {
    "id": "1",
    "name": "socrbot",
    "website": None,
    "redirect_uri": "urn:ietf:wg:oauth:2.0:oob",
    "redirect_uris": ["urn:ietf:wg:oauth:2.0:oob"],
    "vapid_key": "",
}


class Real:
    """A mastodon_mock in a process of its own, which ends with this one. `base` is its address."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", _START, TOKEN]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdout is not None
        self.base = self._process.stdout.readline().strip()
        if not self.base:
            raise RuntimeError("mastodon_mock did not start")

    def account(self) -> str:
        """A new account; gives its token."""
        name = f"user_{secrets.token_hex(4)}"
        made = requests.post(f"{self.base}/api/v1/_mock/dev_user", json={"username": name}, timeout=_TIMEOUT)
        return str(made.json()["access_token"])

    def stop(self) -> None:
        """Ends it."""
        self._process.communicate()


@dataclass
class Upload:
    """A file that was handed over. `looks`: how often it is still said to be worked on."""

    media: Media
    focus: str | None
    looks: int = 0
    post: str | None = None


@dataclass
class Key:
    """An Idempotency-Key: since when it is known, and which number the mock knows it by."""

    since: datetime
    number: int = field(default_factory=itertools.count(1).__next__)


class Mastodon(Standin):
    """One account. Settings for tests:

    text_limit     characters of a text
    working        how often a new file is said to be worked on before it is ready
    ignores_keys   an Idempotency-Key has no effect, as on some servers
    calls          requests in five minutes
    scopes         what the token's application may do
    about          what the server says of itself, by version; None: it knows no such version. Then it is not quite
                   Mastodon, and its answers are not held against Mastodon's documentation
    """

    name = "mastodon"

    def __init__(
        self,
        *,
        port: int = 0,
        record_file: Path | None = None,
        now: Callable[[], datetime] | None = None,
        real: Real | None = None,
    ) -> None:
        super().__init__(port=port, record_file=record_file, now=now)
        self._real = real or Real()
        self.token = self._real.account() if real else TOKEN
        self.text_limit, self.working, self.ignores_keys, self.calls = rules.TEXT_LIMIT, 0, False, 300
        self.scopes = ["read", "write"]
        self.about: dict[str, Any] = {}
        self.uploads: dict[str, Upload] = {}
        self._keys: dict[str, Key] = {}
        self._window: tuple[datetime, int] = (self.now(), 0)
        self._account = str(self._direct("GET", "/api/v1/accounts/verify_credentials")["id"])

    def env(self) -> dict[str, str]:
        """The variables that the bot needs to post here."""
        return {"MASTODON_BASE_URL": self.base, "MASTODON_ACCESS_TOKEN": self.token}

    def error(self, status: int) -> Any:
        return {"error": {503: "Remote data could not be fetched"}.get(status, "This action is not allowed")}

    def act(self, request: Request) -> Reply:
        with self.lock:
            reply = self._limited(request) or self._own(request) or self._refusal(request) or self._pass_on(request)
            reply = Reply(reply.status, self._as_mastodon(reply.body), {**reply.headers, **self._limits()})
            if (
                request.path.startswith("/api/v1/statuses")
                and request.method in ("POST", "DELETE")
                and reply.status < 400
            ):
                self._look(request)
                reply = Reply(reply.status, self._as_mastodon(reply.body), reply.headers)
            if not self.about:
                self.violations += rules.answer_faults(request, reply)
            return reply

    # What Mastodon would not do, or does differently.

    def _limited(self, request: Request) -> Reply | None:
        begun, count = self._window
        if self.now() >= begun + _WINDOW:
            begun, count = self.now(), 0
        self._window = (begun, count + 1)
        return Reply(429, {"error": "Too many requests"}) if count >= self.calls else None

    def _limits(self) -> dict[str, str]:
        begun, count = self._window
        told = {"Limit": self.calls, "Remaining": max(0, self.calls - count), "Reset": _stamp(begun + _WINDOW)}
        return {f"X-RateLimit-{name}": str(value) for name, value in told.items()}

    def _own(self, request: Request) -> Reply | None:
        """Answers that the mock cannot give."""
        version = request.path.rstrip("/").rpartition("/api/")[2].removesuffix("/instance")
        if request.path.rstrip("/").endswith("/instance") and version in self.about:
            said = self.about[version]
            return Reply(404, {"error": "Not Found"}) if said is None else Reply(200, said)
        if request.path.startswith("/api/v1/media/") and request.method == "GET":
            return self._file(request.path.rpartition("/")[2])
        if request.path == "/api/v1/apps/verify_credentials":
            return Reply(200, {**_APPLICATION, "scopes": self.scopes})
        return None

    def _file(self, number: str) -> Reply | None:
        upload = self.uploads.get(number)
        if upload is None or upload.post is not None:
            return Reply(404, {"error": "Record not found"})
        if upload.looks <= 0:
            return None
        upload.looks -= 1
        return Reply(206, {**self._direct("GET", f"/api/v1/media/{number}"), "url": None})

    def _refusal(self, request: Request) -> Reply | None:
        if self.revoked and not request.path.rstrip("/").endswith("/instance"):
            return Reply(401, {"error": "The access token was revoked"})
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(401, {"error": "The access token is invalid"})
        if request.method == "POST" and request.path == "/api/v1/statuses":
            return next(self._post_troubles(request), None)
        if request.method == "POST" and request.path == "/api/v2/media":
            unknown = request.multipart().keys() - {"file", "description", "focus", "lang"}
            self.violations += [f"an upload with the field {name}" for name in unknown]
            trouble = rules.file_trouble(request.multipart())
            return Reply(422, {"error": trouble}) if trouble else None
        return None

    def _post_troubles(self, request: Request) -> Iterator[Reply]:
        form = _form(request)
        key = request.headers.get("idempotency-key")
        if key is None:
            self.violations.append("a post without an Idempotency-Key")
        self.violations += [f"a post with the field {name}" for name in form.keys() - _FIELDS]
        if key in self._keys and not self.ignores_keys and self.now() < self._keys[key].since + KEYS_LAST:
            return
        text, warning = form.get("status", [""])[0], form.get("spoiler_text", [""])[0]
        if rules.length(text, warning) > self.text_limit:
            yield Reply(422, {"error": f"Validation failed: Text character limit of {self.text_limit} exceeded"})
        if form.get("visibility", ["public"])[0] not in ("public", "unlisted", "private", "direct"):
            yield Reply(422, {"error": "Validation failed: Visibility is not included in the list"})
        if form.get("in_reply_to_id", [None])[0] not in (None, *(post.id for post in self.visible)):
            yield Reply(404, {"error": "The post you're trying to reply to doesn't appear to exist."})
        files = [self.uploads.get(number) for number in form.get("media_ids[]", ())]
        if any(file is None or file.post is not None for file in files):
            yield Reply(422, {"error": "Validation failed: Media not found or already attached to another post"})
        if any(file is not None and file.looks > 0 for file in files):
            words = "Cannot attach files that have not finished processing. Try again in a moment!"
            yield Reply(422, {"error": f"Validation failed: {words}"})

    # On to the mock, and what became of it there.

    def _pass_on(self, request: Request) -> Reply:
        headers = {name: value for name, value in request.headers.items() if name in _PASSED_ON}
        key = request.headers.get("idempotency-key")
        if key is not None and not self.ignores_keys:
            headers["Idempotency-Key"] = f"{key}-{self._key(key).number}"
        answer = requests.request(
            request.method,
            self._real.base + request.path.rstrip("/"),
            params=dict(request.query),
            data=request.body or None,
            headers=headers,
            allow_redirects=False,
            timeout=_TIMEOUT,
        )
        body = json.loads(answer.content) if answer.content else None
        if request.path == "/api/v2/media" and answer.ok:
            return self._uploaded(request, body)
        return Reply(answer.status_code, body)

    def _key(self, key: str) -> Key:
        known = self._keys.get(key)
        if known is None or self.now() >= known.since + KEYS_LAST:
            known = self._keys[key] = Key(self.now())
        return known

    def _uploaded(self, request: Request, body: dict[str, Any]) -> Reply:
        fields = request.multipart()
        file, focus = fields["file"], fields.get("focus")
        media = Media(file.data, body["description"] or "", file.mime or "")
        self.uploads[body["id"]] = Upload(media, focus.data.decode() if focus else None, self.working)
        return Reply(202, {**body, "url": None}) if self.working else Reply(200, body)

    def _direct(self, method: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, self._real.base + path, headers=headers, timeout=_TIMEOUT)
        answer.raise_for_status()
        return answer.json()

    def _look(self, request: Request) -> None:
        there = {
            item["id"]: item for item in self._direct("GET", f"/api/v1/accounts/{self._account}/statuses?limit=40")
        }
        known = {post.id for post in self.published}
        for number in sorted(there.keys() - known, key=int):
            self.publish(self._post(there[number], _form(request)))
        gone = {post.id for post in self.visible} - there.keys()
        if request.method == "DELETE":
            self.deleted |= gone & {request.path.rpartition("/")[2]}

    def _post(self, item: Mapping[str, Any], form: Mapping[str, list[str]]) -> Post:
        numbers = [one["id"] for one in item["media_attachments"]]
        for number in numbers:
            self.uploads[number].post = item["id"]
        source = self._direct("GET", f"/api/v1/statuses/{item['id']}/source")
        return Post(
            id=item["id"],
            text=source["text"],
            created_at=self.now(),
            media=tuple(
                Media(requests.get(one["url"], timeout=_TIMEOUT).content, one["description"] or "", "")
                for one in item["media_attachments"]
            ),
            reply_to=item["in_reply_to_id"],
            account=self._account,
            extra={
                **{name: item[name] for name in ("visibility", "spoiler_text", "sensitive", "language")},
                "focus": [self.uploads[number].focus for number in numbers],
                "form": dict(form),
            },
        )

    def _as_mastodon(self, body: Any) -> Any:
        """The mock's answer with the text as Mastodon writes it, the given clock's time, and the counts of the test."""
        if isinstance(body, list):
            return [self._as_mastodon(item) for item in body]
        if not isinstance(body, dict) or "content" not in body:
            return body
        post = next((post for post in self.published if post.id == body.get("id")), None)
        if post is None:
            return body
        people = {one["acct"]: one["url"] for one in body["mentions"]}
        counts = self.counts.get(post.id, {})
        names = {"likes": "favourites_count", "replies": "replies_count", "shares": "reblogs_count"}
        return {
            **body,
            "content": rules.as_html(post.text, people),
            "created_at": _stamp(post.created_at),
            # The card of a link comes later, when the server has read the page.
            "card": None,
            **{names[name]: value for name, value in counts.items() if name in names},
        }


def _form(request: Request) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True):
        form.setdefault(name, []).append(value)
    return form


def _stamp(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    run(Mastodon)
