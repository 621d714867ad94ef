"""Mastodon's interface: one request at a time through Mastodon.py, and what its answer means.

Mastodon.py builds the requests; status, headers and body are read here, because the library hides some of them, takes
errors of gateways for others, and asks a server that is down for its version a thousand times before it sends a file.
Imported only where a call is to be made, because it imports that library. Not here: the reading of posts
(`mastodon_answers.py`), the server's limits (`mastodon_limits.py`), and what is posted (`networks/mastodon.py`).

Interface and errors: https://docs.joinmastodon.org/api/rate-limits/ and https://docs.joinmastodon.org/methods/statuses/
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import mastodon

from socrbot.clock import Clock
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.http import Answer, Session, epoch
from socrbot.message import Receipt
from socrbot.networks.base import Equipment
from socrbot.networks.shared.told import own_id
from socrbot.redact import Redactor

_NEEDED = ("read:accounts", "read:statuses", "write:media", "write:statuses")
_NOT_A_SERVER = "{where} did not answer as a Mastodon server does. Check MASTODON_BASE_URL."
# What a server says (in English, which we ask for) where a picture is the trouble, not the words.
_UNFINISHED = "finished processing"
_USED_UP = "already attached"
_SOON = timedelta(seconds=30)
_NOT_THERE = (404, 410)


class Server:
    """An account's own server. Each method is one request and raises the four kinds of NetworkError alone."""

    def __init__(self, equipment: Equipment) -> None:
        token = equipment.env.get("MASTODON_ACCESS_TOKEN", "").strip()
        if not token:
            raise Unauthorised("The account's access token (MASTODON_ACCESS_TOKEN) is not set.")
        self.base = address(equipment.env.get("MASTODON_BASE_URL", ""))
        self._clock: Clock = equipment.clock
        self._session = Session(timeout=equipment.timeout, redact=Redactor([token]))
        self._own = {"Authorization": f"Bearer {token}"}
        # A version that is given is not asked for; these three numbers are what decides how files are sent.
        client: Any = mastodon.Mastodon(
            access_token=token,
            api_base_url=self.base,
            session=self._session,
            ratelimit_method="throw",
            request_timeout=equipment.timeout,  # type: ignore[arg-type]  # goes to requests as it is
            version_check_mode="none",
            mastodon_version="4.0.0",
            user_agent=str(self._session.headers["User-Agent"]),
            lang="en",
        )
        client.mastodon_major, client.mastodon_minor, client.mastodon_patch = 4, 0, 0
        self._client = client

    def me(self) -> dict[str, Any]:
        """The account that the token belongs to."""
        account = self._object(self._client.account_verify_credentials)
        if not account.get("id"):
            raise NotSent(_NOT_A_SERVER.format(where=self.base))
        return account

    def lacking(self) -> tuple[str, ...]:
        """What the token's app may not do and we need; empty where the server does not say."""
        try:
            scopes = self._object(self._client.app_verify_credentials).get("scopes")
        except NetworkError:
            return ()
        return tuple(name for name in _NEEDED if not _allowed(name, scopes)) if isinstance(scopes, list) else ()

    def about(self) -> dict[str, Any]:
        """What the server says of itself, by the second version of that answer, or the first on older servers."""
        for version in ("v2", "v1"):
            # Without the slash at its end that the library writes: not every server takes that.
            answer = self._session.call("GET", f"{self.base}/api/{version}/instance", headers=self._own)
            if answer.ok and answer.object():
                return answer.object()
            if answer.status not in (400, 404, 405, 410, 501):
                break
        raise self._judged(answer) or NotSent(_NOT_A_SERVER.format(where=self.base))

    def post(self, form: Mapping[str, Any], *, key: str, reply_to: str | None) -> dict[str, Any]:
        """Publishes. The same `key` within about an hour gives the first post again, on servers that know keys."""
        fields = {"sensitive": None, **form}
        return self._object(
            lambda: self._client.status_post(**fields, in_reply_to_id=reply_to, idempotency_key=key),
        )

    def upload(
        self, data: bytes, mime: str, *, name: str, alt: str, focus: tuple[float, float] | None
    ) -> tuple[str, bool]:
        """Hands a file over. Gives its id, and whether it can be used at once: larger ones take the server a while."""
        more = {"description": alt or None, "focus": focus, "file_name": name}
        answer = self._answer(lambda: self._client.media_post(data, mime_type=mime, **more))
        media = answer.object()
        if not media.get("id"):
            raise OutcomeUnknown("Mastodon took a file and did not say under which number.")
        return str(media["id"]), answer.status != 202 and bool(media.get("url"))

    def is_ready(self, media: str) -> bool | None:
        """Whether the server has finished with a file; None where it has none under that number, or a post has it.

        Raises Refused where the file cannot be used.
        """
        try:
            answer = self._answer(lambda: self._client.media(media))
        except Refused as error:
            if error.status in _NOT_THERE:
                return None
            raise
        return answer.status != 206 and bool(answer.object().get("url"))

    def posts(self, account: str, *, before: str | None) -> list[Any]:
        """A page of the account's own posts, newest first, `before` the post with that id."""
        more = {"limit": 40, "exclude_reblogs": True, "max_id": before}
        found = self._answer(lambda: self._client.account_statuses(account, **more)).json()
        if not isinstance(found, list):
            raise OutcomeUnknown("Mastodon's list of the account's posts could not be read.")
        return found

    def one(self, post: str) -> dict[str, Any] | None:
        """A post, or None where there is none."""
        try:
            return self._object(lambda: self._client.status(post))
        except Refused as error:
            if error.status in _NOT_THERE:
                return None
            raise

    def delete(self, receipt: Receipt) -> None:
        """Deletes a post; one that is gone is no error. Raises Refused for an address that is not this server's."""
        post = own_id(receipt, re.compile(rf"{re.escape(self.base)}/@[\w.-]+/(\w+)/?(?:[?#].*)?"))
        try:
            self._answer(lambda: self._client.status_delete(post))
        except Refused as error:
            if error.status not in _NOT_THERE:
                raise

    def _object(self, request: Callable[[], object]) -> dict[str, Any]:
        answer = self._answer(request)
        if not answer.object():
            raise OutcomeUnknown("Mastodon's answer could not be read.", status=answer.status)
        return answer.object()

    def _answer(self, request: Callable[[], object]) -> Answer:
        answer = self._session.ask(lambda: _with_its_cause(request))
        error = self._judged(answer)
        if error is not None:
            raise error
        return answer

    def _judged(self, answer: Answer) -> NetworkError | None:
        return judge(answer, now=self._clock.now(), where=self.base, redact=self._session.redact)


def address(given: str) -> str:
    """The server's address from what a person wrote: a name alone will do. Raises Unauthorised for an unsafe one."""
    given = given.strip()
    parts = urlsplit(given if "://" in given else f"https://{given}")
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise Unauthorised(
            "MASTODON_BASE_URL must be the address of the account's server, like https://mastodon.social."
        )
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise Unauthorised("MASTODON_BASE_URL must begin with https://, or the access token could be read on its way.")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def judge(answer: Answer, *, now: datetime, where: str, redact: Redactor) -> NetworkError | None:
    """What an answer means for the caller; None where it says yes in JSON. `now` is aware UTC.

    A failure behind the server's gateway (500 to 599, Cloudflare's 520 to 526 among them) may have come after the
    post was made. A refusal without Mastodon's own words comes from something in between: nothing was done.
    """
    status, body = answer.status, answer.json()
    said = body.get("error") if isinstance(body, dict) else None
    words = redact(str(said))[:300] if said else None
    if answer.ok:
        unreadable = not isinstance(body, dict | list) and status != 206
        return OutcomeUnknown("Mastodon's answer could not be read.", status=status) if unreadable else None
    if status == 429:
        again = _listens_again(answer.headers, now)
        text = "Mastodon says that this account has done too much for now."
        return NotSent(text, status=status, retry_at=again, whole_account=True)
    if status >= 500 or status == 408:
        return OutcomeUnknown(f"{where} had a fault of its own (status {status}).", status=status)
    if status == 401:
        text = "Mastodon does not accept the access token (MASTODON_ACCESS_TOKEN). It was taken back, or is another's."
        return Unauthorised(text, status=status)
    if words is None:
        return NotSent(_NOT_A_SERVER.format(where=where), status=status)
    if status == 403:
        return Unauthorised(f"Mastodon does not allow it: {words}", status=status)
    return _refusal(words, status, now)


def _refusal(words: str, status: int, now: datetime) -> NetworkError:
    if status == 422 and _UNFINISHED in words:
        return NotSent("Mastodon is still working on the picture or video.", status=status, retry_at=now + _SOON)
    if status == 422 and _USED_UP in words:
        # Used by a post already? Then an earlier try of ours went out.
        return OutcomeUnknown(f"Mastodon no longer has the picture, or shows it already: {words}", status=status)
    return Refused(f"Mastodon did not take it: {words}", status=status)


def _with_its_cause(request: Callable[[], object]) -> None:
    """Lets what broke the connection through: the library says of each failure the same."""
    try:
        request()
    except mastodon.MastodonNetworkError as error:
        raise error.__context__ or error from None


def _listens_again(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a limit ends: Mastodon writes a date, other servers seconds since 1970, gateways seconds from now."""
    reset = headers.get("X-RateLimit-Reset")
    at = epoch(reset) or _date(reset)
    if at is not None:
        return at
    wait = headers.get("Retry-After", "")
    return now + timedelta(seconds=int(wait)) if wait.isascii() and wait.isdigit() and len(wait) < 7 else None


def _date(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC) if found else None


def _allowed(name: str, scopes: list[Any]) -> bool:
    return name in scopes or name.partition(":")[0] in scopes or (name == "read:accounts" and "profile" in scopes)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
