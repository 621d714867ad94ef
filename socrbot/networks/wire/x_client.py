"""How X is spoken to: signed requests, uploads, the account's own name, reading under whichever name X knows.

Through tweepy, on a session of ours; tweepy has no v2 upload, so files go through the session itself. Not here: what
X's answers mean (`x.py`), and what is said with it (`networks/x.py`).
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import tweepy

from socrbot.errors import NotSent, OutcomeUnknown, Refused
from socrbot.http import Answer, Session
from socrbot.message import Metrics, Published, Rendition
from socrbot.networks.base import Equipment
from socrbot.networks.shared.disk import disk_errors, write_whole
from socrbot.networks.wire.x import Page, network_error, numbers_of_posts, page_of_posts, seconds_to_wait
from socrbot.redact import Redactor, is_secret

_HOST = "https://api.x.com"
_TWEEPYS_HOST = "https://api.twitter.com"
KEYS = ("X_API_KEY", "X_API_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
# An upload is not used in its last minutes. Where X names no end, it is believed for an hour (in seconds).
_UPLOAD_MARGIN, _UPLOAD_LIFE, _UPLOAD_LONGEST = timedelta(minutes=10), 3_600, 30 * 86_400
# X takes a video in pieces, at most 5 MB each. It is waited for so long while X works on it (in seconds).
_PIECE, _PATIENCE = 4_000_000, 60.0
# X shows an account's last 3,200 posts, 100 to a page.
_PAGES = 32
_SHOW = "created_at,entities,attachments,conversation_id"
# The parameter's name of 2026, and the one before: X refuses a name that it does not know.
_FIELDS = ("post.fields", "tweet.fields")

T = TypeVar("T")


class Client:
    """X's API v2 with one account's keys. Makes no call by itself; raises the four kinds of NetworkError."""

    def __init__(self, equipment: Equipment) -> None:
        env, keys = equipment.env, [equipment.env.get(name, "") for name in KEYS]
        base = env.get("X_API_BASE")
        self.session = Session(
            timeout=equipment.timeout,
            addresses={_HOST: base, _TWEEPYS_HOST: base} if base else None,
            redact=Redactor(value for name, value in env.items() if is_secret(name)),
        )
        self._tweepy = tweepy.Client(None, *keys)
        self._tweepy.session = self.session
        self._tweepy.user_agent = str(self.session.headers["User-Agent"])
        self._sign = tweepy.OAuth1UserHandler(*keys).apply_auth()
        self._clock = equipment.clock
        self._who = equipment.folder / "x-account.json"
        self._credentials = hashlib.sha256(keys[2].encode()).hexdigest()[:16]
        self._fields: tuple[str, ...] = _FIELDS

    def call(self, method: str, route: str, *, public: bool = False, **what: object) -> Answer:
        """One request, answered with a success. `public`: it changes what people see, so a lost answer matters."""
        return self._send(lambda: self._tweepy.request(method, route, user_auth=True, **what), public=public)

    def introduce(self) -> tuple[str, str, bool]:
        """The account's number and name, and whether its keys may only read. Keeps the first two."""
        answer = self.call("GET", "/2/users/me")
        data = answer.object().get("data")
        if not isinstance(data, dict) or not data.get("id") or not data.get("username"):
            raise NotSent("X did not say whose keys these are.", status=answer.status)
        user_id, username = str(data["id"]), str(data["username"])
        with disk_errors("The account's folder"):
            write_whole(self._who, json.dumps([self._credentials, user_id, username]).encode())
        return user_id, username, answer.headers.get("x-access-level") == "read"

    def account(self) -> tuple[str, str] | None:
        """The account's number and name, where X has told them for these keys before."""
        try:
            credentials, user_id, username = json.loads(self._who.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError):
            return None
        return (str(user_id), str(username)) if credentials == self._credentials else None

    def upload(self, file: Rendition) -> tuple[str, datetime]:
        """Uploads a picture or a video. Returns X's number for it, and until when it can be used."""
        if file.mime.startswith("video/"):
            return self._upload_in_pieces(file)
        form = {"media": (file.name, file.data, file.mime), "media_category": (None, "tweet_image")}
        return self._uploaded(self._post_form("/2/media/upload", form))

    def _upload_in_pieces(self, file: Rendition) -> tuple[str, datetime]:
        wish = {"media_type": file.mime, "total_bytes": len(file.data), "media_category": "tweet_video"}
        media_id, _ = self._uploaded(self.call("POST", "/2/media/upload/initialize", json=wish))
        for index, start in enumerate(range(0, len(file.data), _PIECE)):
            piece = (file.name, file.data[start : start + _PIECE], file.mime)
            form = {"segment_index": (None, str(index)), "media": piece}
            self._post_form(f"/2/media/upload/{media_id}/append", form)
        return self._uploaded(self.call("POST", f"/2/media/upload/{media_id}/finalize"))

    def wait_for(self, media_id: str) -> None:
        """Waits until X has worked through a video. Raises NotSent with a time where that takes long, or Refused."""
        waited = 0.0
        while True:
            asked = {"media_id": media_id, "command": "STATUS"}
            data = self.call("GET", "/2/media/upload", params=asked).object().get("data")
            seconds = seconds_to_wait(data if isinstance(data, dict) else {})
            if seconds is None:
                return
            if waited + seconds > _PATIENCE:
                later = self._clock.now() + timedelta(seconds=seconds)
                raise NotSent("X is still working on the video.", retry_at=later)
            self._clock.wait(threading.Event(), seconds)
            waited += seconds

    def describe(self, media_id: str, alt: str) -> None:
        """Gives an upload its alt text."""
        self.call("POST", "/2/media/metadata", json={"id": media_id, "metadata": {"alt_text": {"text": alt}}})

    def posts_since(self, since: datetime) -> tuple[list[Published], bool]:
        """The account's posts since then, newest first, and whether they are all."""
        user_id, username = self.account() or self.introduce()[:2]
        start = f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        asked: dict[str, object] = {"max_results": 100, "start_time": start, "exclude": "retweets"}
        posts: list[Published] = []
        for _ in range(_PAGES):
            page: Page = self._read(
                f"/2/users/{user_id}/tweets",
                asked,
                show=_SHOW,
                understand=lambda answer: page_of_posts(answer, username=username),
                settles=lambda page: bool(page.posts),
            )
            posts += page.posts
            if not page.more:
                break
            asked["pagination_token"] = page.more
        return sorted(posts, key=lambda post: post.created_at, reverse=True), not page.more

    def numbers(self, ids: list[str]) -> Mapping[str, Metrics]:
        """How people took these posts, a hundred at most; those that are gone are left out."""
        asked: dict[str, object] = {"ids": ",".join(ids)}
        return self._read("/2/tweets", asked, show="public_metrics", understand=numbers_of_posts, settles=bool)

    def _read(
        self,
        route: str,
        asked: Mapping[str, object],
        *,
        show: str,
        understand: Callable[[Answer], T | None],
        settles: Callable[[T], bool],
    ) -> T:
        """Asks under each name of the parameter that says what to show, until X understands one.

        An answer that shows no posts settles no name.
        """
        for fields in self._fields:
            try:
                answer = self.call("GET", route, params={**asked, fields: show})
            except Refused as refusal:
                if refusal.status != 400 or fields == self._fields[-1]:
                    raise
                continue
            found = understand(answer)
            if found is not None:
                self._fields = (fields,) if settles(found) else self._fields
                return found
        raise NotSent("X's list of the account's posts could not be read.")

    def _uploaded(self, answer: Answer) -> tuple[str, datetime]:
        said = answer.object().get("data")
        if not isinstance(said, dict) or not str(said.get("id") or "").isdecimal():
            raise NotSent("X took a file, but did not say its number.", status=answer.status)
        life = said.get("expires_after_secs")
        seconds = min(life, _UPLOAD_LONGEST) if isinstance(life, int) else _UPLOAD_LIFE
        return str(said["id"]), self._clock.now() + timedelta(seconds=max(0, seconds)) - _UPLOAD_MARGIN

    def _post_form(self, route: str, form: Mapping[str, object]) -> Answer:
        return self._send(lambda: self.session.request("POST", f"{_HOST}{route}", files=form, auth=self._sign))

    def _send(self, request: Callable[[], object], *, public: bool = False) -> Answer:
        try:
            answer = self.session.ask(request)
        except OutcomeUnknown as error:
            if public:
                raise
            raise NotSent(str(error)) from None
        if not answer.ok:
            said = self.session.redact(answer.body.decode("utf-8", "replace"))
            raise network_error(replace(answer, body=said.encode()), public=public)
        return answer
