"""The one way out: every request to a network goes through a session made here.

It sets timeouts, never follows a redirect, keeps the last answer's status and headers (client libraries throw them
away), can send requests to a test address instead, and says of each failure whether the request can have arrived.
It never tries again by itself: what may be repeated is decided in `delivery.py`.
"""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NameResolutionError, NewConnectionError

from socrbot import __version__
from socrbot.errors import NetworkError, NotSent, OutcomeUnknown
from socrbot.redact import Redactor

# A handshake that ended so has carried no request. Any other TLS error may have struck in the middle of an answer.
_HANDSHAKE_FAILED = {
    "CERTIFICATE_VERIFY_FAILED",
    "WRONG_VERSION_NUMBER",
    "UNSUPPORTED_PROTOCOL",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "TLSV1_UNRECOGNIZED_NAME",
    "NO_PROTOCOLS_AVAILABLE",
}
_NO_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
)
# These write whole requests to the log when it is set to DEBUG, credentials included.
_TALKATIVE = (
    "urllib3.connectionpool",
    "urllib3.util.retry",
    "requests_oauthlib.oauth1_auth",
    "oauthlib",
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
    "tweepy.client",
    "tweepy.api",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: status, headers (names in any case), body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status says that the request was carried out."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def object(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one where it is none."""
        data = self.json()
        return data if isinstance(data, dict) else {}


class _NoNetrc(requests.auth.AuthBase):
    """Keeps requests from adding what a .netrc says for the host: credentials come from the settings alone."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def _worth_a_line(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def hush() -> None:
    """Keeps whole requests out of the log, also those of libraries that cannot use a session of ours."""
    for name in _TALKATIVE:
        logging.getLogger(name).addFilter(_worth_a_line)


class _Adapter(HTTPAdapter):
    def __init__(self, timeout: tuple[float, float], addresses: Mapping[str, str]) -> None:
        super().__init__(max_retries=0)
        self._timeout = timeout
        self._addresses = addresses

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        for real, instead in self._addresses.items():
            if request.url is not None and request.url.startswith(real):
                request.url = instead.rstrip("/") + request.url[len(real) :]
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._timeout
        return super().send(request, **kwargs)


class Session(requests.Session):
    """A requests session with our manners; client libraries may use it as their own.

    timeout     (connect, read) in seconds, where a caller names none
    addresses   where requests go instead: start of an address -> start of another, for tests
    redact      takes secrets out of every text made from a failure

    `last` is the answer to the last request, None where none came; `begun` says whether that request got as far as
    the connection: before that, nothing can have arrived.
    """

    def __init__(
        self,
        *,
        timeout: tuple[float, float] = (10.0, 30.0),
        addresses: Mapping[str, str] | None = None,
        redact: Redactor | None = None,
    ) -> None:
        super().__init__()
        self.last: Answer | None = None
        self.begun = False
        self.redact = redact or Redactor()
        self.auth = _NoNetrc()
        self.headers["User-Agent"] = f"socrbot/{__version__}"
        self.headers["Connection"] = "close"
        adapter = _Adapter(timeout, addresses or {})
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        hush()

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As in requests; forgets the answer before, so that `last` never belongs to an earlier request."""
        self.last, self.begun = None, False
        return super().request(*args, **kwargs)

    def resolve_redirects(self, *_args: Any, **_kwargs: Any) -> Iterator[Any]:
        """None: a redirected POST would arrive as a GET, or twice."""
        return iter(())

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Sends, and keeps status and headers of the answer in `last`."""
        self.last, self.begun = None, True
        response = super().send(request, **kwargs)
        self.last = Answer(response.status_code, response.headers, response.content)
        # Hours lie between two posts: a connection kept so long is often dead, which looks like a lost answer.
        self.close()
        return response

    def call(self, method: str, url: str, **kwargs: Any) -> Answer:
        """One request, one answer, whatever its status. Takes what `requests.request` takes.

        Raises NotSent where the request cannot have arrived, OutcomeUnknown where it may have.
        """
        return self.ask(lambda: self.request(method, url, **kwargs))

    def ask(self, request: Callable[[], object]) -> Answer:
        """Lets a client library send one request through this session, and gives the answer.

        What the library makes of an answer is of no interest; whether one came is. Raises as `call` does.
        """
        self.last, self.begun = None, False
        try:
            request()
        except Exception as error:
            if self.last is None:
                raise self.explain(error) from None
        if self.last is None:
            raise OutcomeUnknown("The answer got lost on its way.")
        return self.last

    def explain(self, error: Exception) -> NetworkError:
        """What an exception means that came instead of an answer, from a client library or from requests."""
        if not self.begun:
            text = self.redact(f"{type(error).__name__}: {error}")[:300]
            return NotSent(f"The request could not be made ({text}).")
        return translate(error, self.redact)


def translate(error: Exception, redact: Redactor) -> NetworkError:
    """A failure of the connection as NotSent or OutcomeUnknown.

    Before a connection stands nothing can have been sent; after that, only an answer can tell.
    """
    chain = list(_causes(error))
    where = _host(error)
    text = redact(f"{type(error).__name__}: {error}")[:300]
    if isinstance(error, requests.ConnectTimeout):
        return NotSent(f"{where} did not take the connection in time.")
    if any(isinstance(cause, NameResolutionError) for cause in chain):
        return NotSent(f"The address of {where} could not be found. Is the internet connection up?")
    if any(isinstance(cause, NewConnectionError | ConnectionRefusedError) for cause in chain):
        return NotSent(f"{where} did not take the connection.")
    if any(isinstance(cause, ssl.SSLError) and cause.reason in _HANDSHAKE_FAILED for cause in chain):
        return NotSent(f"No secure connection to {where} could be made ({text}).")
    if isinstance(error, _NO_ADDRESS):
        return NotSent(f"The address is not one: {text}")
    if isinstance(error, requests.Timeout):
        return OutcomeUnknown(f"{where} did not answer in time.")
    return OutcomeUnknown(f"The connection to {where} broke before the answer came ({text}).")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that stands behind it, each once."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        behind = (current.__cause__, current.__context__, getattr(current, "reason", None), *current.args)
        waiting.extend(cause for cause in behind if isinstance(cause, BaseException))


def _host(error: Exception) -> str:
    request = getattr(error, "request", None)
    url = getattr(request, "url", None)
    return url.split("/")[2] if isinstance(url, str) and url.count("/") >= 2 else "The server"


def epoch(text: str | None) -> datetime | None:
    """An instant (UTC) from a header that holds seconds since 1970; None where it holds none."""
    try:
        return datetime.fromtimestamp(float(text), UTC) if text else None
    except (ValueError, OverflowError, OSError):
        return None
