"""X (API v2): posts, pictures with alt texts, threads, read-back. What X answers is read in `x_answers`.

Through tweepy, on a session of ours; tweepy has no v2 upload, so pictures go through the session itself.
X knows no key for a repeated post: after a lost answer only the account's own timeline can tell.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from socrbot import text
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, SocrbotError
from socrbot.message import (
    Absent,
    Attachment,
    CannotTell,
    Capabilities,
    Finding,
    Found,
    Identity,
    Message,
    Part,
    Prices,
    Published,
    Receipt,
)
from socrbot.networks.base import Equipment, Intent, Payload, Steps
from socrbot.networks.disk import disk_errors, write_whole
from socrbot.networks.x_answers import MEDIA_GONE, alike, conversation, difference, network_error, page_of_posts
from socrbot.redact import Redactor, is_secret

if TYPE_CHECKING:
    from socrbot.http import Answer

CAPABILITIES = Capabilities(
    text_limit=280,
    measure=text.x_weight,
    image_types=("image/jpeg", "image/png", "image/webp"),
    threads=True,
    settle=timedelta(seconds=90),
    looks=2,
    needs={
        "X_API_KEY": "the app's API key",
        "X_API_SECRET": "the app's API key secret",
        "X_ACCESS_TOKEN": "the account's access token",
        "X_ACCESS_TOKEN_SECRET": "the account's access token secret",
    },
    optional={"X_API_BASE": "an address to use instead of https://api.x.com, for tests"},
    price=Prices("x.post", "x.post_with_link", "x.alt_text", "x.delete", "x.read"),
    docs="https://docs.x.com/x-api/posts/create-post",
)
_HOST = "https://api.x.com"
_TWEEPYS_HOST = "https://api.twitter.com"
# A lost post is looked for from this long before our try on: our clock and X's may differ.
_MARGIN = timedelta(minutes=10)
# An uploaded picture is not used in its last minutes. Where X names no end, it is believed for an hour (in seconds).
_UPLOAD_MARGIN, _UPLOAD_LIFE, _UPLOAD_LONGEST = timedelta(minutes=10), 3_600, 30 * 86_400
# X shows an account's last 3,200 posts, 100 to a page.
_PAGES = 32
# What a post should show. The parameter's name of 2026, and the one before: X refuses a name that it does not know.
_SHOW = "created_at,entities,attachments,conversation_id"
_FIELDS = ("post.fields", "tweet.fields")


class X:
    """One account on X, by its OAuth 1.0a credentials."""

    name = "x"
    capabilities = CAPABILITIES

    def __init__(self, equipment: Equipment) -> None:
        import tweepy

        from socrbot.http import Session

        env = equipment.env
        keys = [env.get(name, "") for name in CAPABILITIES.needs]
        base = env.get("X_API_BASE")
        self._equipment = equipment
        self._session = Session(
            timeout=equipment.timeout,
            addresses={_HOST: base, _TWEEPYS_HOST: base} if base else None,
            redact=Redactor(value for name, value in env.items() if is_secret(name)),
        )
        self._client = tweepy.Client(None, *keys)
        self._client.session = self._session
        self._client.user_agent = str(self._session.headers["User-Agent"])
        self._sign = tweepy.OAuth1UserHandler(*keys).apply_auth()
        self._who = equipment.folder / "x-account.json"
        self._credentials = hashlib.sha256(keys[2].encode()).hexdigest()[:16]
        self._kept: dict[str, tuple[Steps, str]] = {}
        self._fields: tuple[str, ...] = _FIELDS

    def verify(self) -> Identity:
        answer = self._tweepy("GET", "/2/users/me")
        data = answer.object().get("data")
        if not isinstance(data, dict) or not data.get("id") or not data.get("username"):
            raise NotSent("X did not say whose keys these are.", status=answer.status)
        user_id, username = str(data["id"]), str(data["username"])
        with disk_errors("The account's folder"):
            write_whole(self._who, json.dumps([self._credentials, user_id, username]).encode())
        reads_only = answer.headers.get("x-access-level") == "read"
        return Identity(
            id=user_id,
            name=f"@{username}",
            url=f"https://x.com/{username}",
            can=("read",) if reads_only else ("read", "post", "delete"),
            lacks=("post (give the app “Read and write”, then make a new access token)",) if reads_only else (),
        )

    def prepare(self, message: Message, part: Part, *, key: str, steps: Steps) -> Payload:  # noqa: ARG002
        self._kept.clear()
        media_ids = [self._picture(attachment, steps) for attachment in part.media]
        return {"text": part.text, **({"media": {"media_ids": media_ids}} if media_ids else {})}

    def publish(self, payload: Payload, *, key: str, reply_to: Receipt | None) -> Receipt:  # noqa: ARG002
        reply = {"reply": {"in_reply_to_tweet_id": reply_to.id}} if reply_to else {}
        with self._forgetting():
            answer = self._tweepy("POST", "/2/tweets", json={**payload, **reply}, public=True)
        data = answer.object().get("data")
        post_id = data.get("id") if isinstance(data, dict) else None
        if not isinstance(post_id, str) or not post_id.isdecimal():
            raise OutcomeUnknown("X said yes, but not which post it made.", status=answer.status)
        return self._receipt(post_id, conversation(reply_to) if reply_to else post_id)

    def find(self, intent: Intent) -> Finding:
        since = intent.started_at - _MARGIN
        try:
            posts, complete = self._timeline(since)
        except NetworkError as error:
            return CannotTell(str(error), error.retry_at if isinstance(error, NotSent) else None)
        near = [(post, difference(post, intent)) for post in posts if alike(post, intent)]
        for post, differs in near:
            if differs is None:
                receipt = self._receipt(post.id, post.extra.get("conversation", post.id))
                return Found(receipt, f"X shows the same text, posted at {post.created_at:%Y-%m-%d %H:%M:%S} UTC.")
        for post, differs in near:
            return CannotTell(f"X shows a post with the same words, but {differs}: {post.url}")
        if not complete:
            return CannotTell("X did not show all of the account's posts since then.")
        return Absent(f"X shows {len(posts)} posts since {since:%Y-%m-%d %H:%M} UTC; this one is not among them.")

    def recent(self, since: datetime) -> list[Published]:
        return self._timeline(since)[0]

    def delete(self, receipt: Receipt) -> None:
        try:
            answer = self._tweepy("DELETE", f"/2/tweets/{receipt.id}", public=True)
        except Refused as refusal:
            if refusal.status == 404:
                return
            raise
        data = answer.object().get("data")
        if not isinstance(data, dict) or data.get("deleted") is not True:
            raise OutcomeUnknown("X did not say that the post is deleted. Please look.", status=answer.status)

    def _picture(self, attachment: Attachment, steps: Steps) -> str:
        """Uploads a picture and its alt text, unless X has them still. Returns X's number for it."""
        alt = hashlib.sha256(attachment.alt.encode()).hexdigest()[:12]
        step = f"media:{attachment.digest}:{alt}"
        media_id = steps.get(step)
        if not media_id:
            media_id, ends = self._upload(attachment)
            steps.keep(step, media_id, expires_at=ends)
        self._kept[media_id] = (steps, step)
        if attachment.alt and not steps.get(f"alt:{media_id}"):
            wish = {"id": media_id, "metadata": {"alt_text": {"text": attachment.alt}}}
            with self._forgetting():
                self._tweepy("POST", "/2/media/metadata", json=wish)
            steps.keep(f"alt:{media_id}", "set")
        return media_id

    def _upload(self, attachment: Attachment) -> tuple[str, datetime]:
        picture = self._equipment.media(attachment)
        form = {"media": (picture.name, picture.data, picture.mime), "media_category": (None, "tweet_image")}
        answer = self._call(
            lambda: self._session.request("POST", f"{_HOST}/2/media/upload", files=form, auth=self._sign)
        )
        said = answer.object().get("data")
        if not isinstance(said, dict) or not str(said.get("id") or "").isdecimal():
            raise NotSent("X took a picture, but did not say its number.", status=answer.status)
        life = said.get("expires_after_secs")
        seconds = min(life, _UPLOAD_LONGEST) if isinstance(life, int) else _UPLOAD_LIFE
        return str(said["id"]), self._equipment.clock.now() + timedelta(seconds=max(0, seconds)) - _UPLOAD_MARGIN

    @contextlib.contextmanager
    def _forgetting(self) -> Iterator[None]:
        """Forgets the uploads of this part when X says that it no longer has them, so that they are made again."""
        try:
            yield
        except NotSent as error:
            if error.code == MEDIA_GONE:
                for steps, step in self._kept.values():
                    with contextlib.suppress(SocrbotError):
                        steps.keep(step, "")
            raise

    def _timeline(self, since: datetime) -> tuple[list[Published], bool]:
        """The account's posts since then, newest first, and whether they are all."""
        user_id, username = self._me()
        posts: list[Published] = []
        token: str | None = None
        for _ in range(_PAGES):
            params = {
                "max_results": 100,
                "start_time": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "exclude": "retweets",
            }
            page, token = self._page(user_id, username, {**params, **({"pagination_token": token} if token else {})})
            posts += page
            if not token:
                break
        return sorted(posts, key=lambda post: post.created_at, reverse=True), not token

    def _page(self, user_id: str, username: str, params: dict[str, object]) -> tuple[list[Published], str | None]:
        for fields in self._fields:
            try:
                answer = self._tweepy("GET", f"/2/users/{user_id}/tweets", params={**params, fields: _SHOW})
            except Refused as refusal:
                if refusal.status != 400 or fields == self._fields[-1]:
                    raise
                continue
            page = page_of_posts(answer, username=username)
            if page is not None:
                # An empty page says nothing about the name.
                self._fields = (fields,) if page[0] else self._fields
                return page
        raise NotSent("X's list of the account's posts could not be read.")

    def _me(self) -> tuple[str, str]:
        """The account's number and name: a call for it costs money, so they are kept in the account's folder."""
        known = self._known()
        if known is None:
            self.verify()
            known = self._known()
        if known is None:
            raise NotSent("The account's folder does not keep what is written to it.")
        return known

    def _known(self) -> tuple[str, str] | None:
        try:
            credentials, user_id, username = json.loads(self._who.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError):
            return None
        return (str(user_id), str(username)) if credentials == self._credentials else None

    def _receipt(self, post_id: str, thread: str) -> Receipt:
        known = self._known()
        where = f"https://x.com/{known[1]}/status" if known else "https://x.com/i/web/status"
        return Receipt(post_id, f"{where}/{post_id}", {"conversation": thread})

    def _tweepy(self, method: str, route: str, *, public: bool = False, **what: object) -> Answer:
        return self._call(lambda: self._client.request(method, route, user_auth=True, **what), public=public)

    def _call(self, request: Callable[[], object], *, public: bool = False) -> Answer:
        """One request, answered with a success. `public`: it changes what the public sees, so a lost answer matters."""
        try:
            answer = self._session.ask(request)
        except OutcomeUnknown as error:
            if public:
                raise
            raise NotSent(str(error)) from None
        if not answer.ok:
            said = self._session.redact(answer.body.decode("utf-8", "replace"))
            raise network_error(replace(answer, body=said.encode()), public=public)
        return answer
