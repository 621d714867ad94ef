"""Calls to a server that speaks the AT Protocol (XRPC), and the login behind them, kept in a file between runs.

Logging in is dear and rationed (30 times in five minutes, 300 a day), so it is done once: the login is renewed when it
is near its end, or when the server says that it has ended. What is posted stands in `wire/bluesky.py`.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.networks.base import Equipment
from socrbot.networks.shared.disk import disk_errors, write_whole
from socrbot.networks.wire.hosts import on_this_machine
from socrbot.redact import Redactor

if TYPE_CHECKING:
    from socrbot.http import Answer

SERVICE = "https://bsky.social"
_RENEW_BEFORE = 600.0  # seconds before its end that a login is renewed: longer than it takes to prepare a post
_TOO_LATE = 60.0  # seconds before its end that a login is not used any more
_LIFETIME = 1_800.0  # seconds that a login is trusted which does not say when it ends
_ENDED = frozenset({"ExpiredToken", "InvalidToken"})
_NOT_WELCOME = _ENDED | {
    "AccountDeactivated",
    "AccountNotFound",
    "AccountSuspended",
    "AccountTakedown",
    "AuthFactorTokenRequired",
    "AuthMissing",
    "AuthenticationRequired",
    "RepoDeactivated",
    "RepoSuspended",
    "RepoTakendown",
}
_WHY_NOT_WELCOME = {
    "AccountDeactivated": "Bluesky says that the account is deactivated. Sign in to the app to bring it back.",
    "AccountSuspended": "Bluesky has suspended the account.",
    "AccountTakedown": "Bluesky has taken the account down.",
    "AuthFactorTokenRequired": "Bluesky wants a code from an email. Use an app password (BSKY_APP_PASSWORD) instead.",
}
_NOT_ACCEPTED = "Bluesky did not accept the handle and the app password (BSKY_HANDLE, BSKY_APP_PASSWORD)."


@dataclass(frozen=True, slots=True)
class Login:
    """A login as it is kept.

    home            the address of the account's own server
    renew_at        when it is to be renewed: seconds since 1970 by this computer's clock
    made_from       a fingerprint of the settings that it was made with
    whole_account   True where the password opens all of the account, not only what an app may do
    """

    did: str
    handle: str
    home: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    renew_at: float
    made_from: str = field(repr=False)
    whole_account: bool = False


class Calls:
    """Calls to the account's own server. Raises the network errors.

    A call that was turned away because the login had ended was not carried out: it is made again, once.
    """

    def __init__(self, equipment: Equipment) -> None:
        from socrbot.http import Session

        env = equipment.env
        self._service = (env.get("BSKY_SERVICE") or SERVICE).rstrip("/")
        self._identifier = env.get("BSKY_HANDLE", "").strip().removeprefix("@")
        self._password = env.get("BSKY_APP_PASSWORD", "")
        self._file = equipment.folder / "session.json"
        self._clock = equipment.clock
        self._http = Session(timeout=equipment.timeout, redact=Redactor([self._password]))
        self._login: Login | None = None
        self._made_from: str | None = None

    @property
    def on_test_server(self) -> bool:
        """Whether the account lives on this machine itself."""
        return on_this_machine(self._service)

    @property
    def identifier(self) -> str:
        """The handle (or DID) of the settings."""
        return self._identifier

    def login(self) -> Login:
        """The login as it is now: from memory, from its file, or made."""
        login = self._login or self._kept()
        if login is None:
            return self._keep(self._sign_in())
        self._remember(login)
        if self._clock.now().timestamp() < login.renew_at:
            return login
        return self._newer() or self.renew()

    def renew(self) -> Login:
        """Renews the login: the server says afresh who it is for. Signs in where it cannot be renewed."""
        old = self._login or self._kept()
        return self._keep(self._sign_in() if old is None else self._renewed(old))

    def read(self, name: str, **query: str) -> dict[str, Any]:
        """A question that anybody may ask, to the account's own server."""
        home = (self._login or self._kept() or self.login()).home
        return self._object(self._send("GET", f"{home}/xrpc/{name}", params=query))

    def ask(self, name: str, **query: str | Sequence[str]) -> dict[str, Any]:
        """A question that only an account may ask."""
        return self._as_account("GET", name, params=query)

    def write(self, name: str, body: object) -> dict[str, Any]:
        """Something that only the account may do; `body` is made JSON."""
        return self._as_account("POST", name, json=body)

    def upload(self, name: str, data: bytes, mime: str) -> dict[str, Any]:
        """Hands bytes of the type `mime` over."""
        return self._as_account("POST", name, data=data, headers={"Content-Type": mime})

    def write_once(self, name: str, body: object) -> dict[str, Any]:
        """As `write`, in one call. Where the login is at its end, raises NotSent, and the next `login` renews it.

        Whoever called `login` within the last minutes has one that lasts.
        """
        login = self._login or self._kept()
        if login is None or self._clock.now().timestamp() >= login.renew_at + _RENEW_BEFORE - _TOO_LATE:
            self.login()
            raise NotSent("The login to Bluesky had run out. It has been renewed for the next try.")
        answer = self._by(login, "POST", name, json=body)
        if not answer.ok and _named(answer) in _ENDED:
            if self._newer() is None:
                self._keep(replace(login, renew_at=0.0))
            raise NotSent("The login to Bluesky had ended early. The next try renews it.", status=answer.status)
        return self._object(answer)

    def _as_account(self, method: str, name: str, **content: Any) -> dict[str, Any]:
        login = self.login()
        answer = self._by(login, method, name, **content)
        if not answer.ok and _named(answer) in _ENDED:
            answer = self._by(self._newer() or self.renew(), method, name, **content)
        return self._object(answer)

    def _by(self, login: Login, method: str, name: str, **content: Any) -> Answer:
        headers = {**content.pop("headers", {}), "Authorization": f"Bearer {login.access}"}
        return self._send(method, f"{login.home}/xrpc/{name}", headers=headers, **content)

    # The login.

    def _sign_in(self) -> Login:
        body = {"identifier": self._identifier, "password": self._password}
        with _nothing_public():
            return self._as_login(self._object(self._send("POST", self._server("createSession"), json=body)))

    def _renewed(self, old: Login) -> Login:
        headers = {"Authorization": f"Bearer {old.refresh}"}
        try:
            with _nothing_public():
                return self._as_login(self._object(self._send("POST", self._server("refreshSession"), headers=headers)))
        except Unauthorised:
            return self._sign_in()

    def _server(self, method: str) -> str:
        return f"{self._service}/xrpc/com.atproto.server.{method}"

    def _as_login(self, given: Mapping[str, Any]) -> Login:
        if given.get("active") is False:
            raise Unauthorised(f"Bluesky says that the account is {given.get('status') or 'not active'}.")
        try:
            claims = _claims(given["accessJwt"])
            return Login(
                did=str(given["did"]),
                handle=str(given["handle"]),
                home=home_of(given.get("didDoc"), self._service),
                access=str(given["accessJwt"]),
                refresh=str(given["refreshJwt"]),
                renew_at=self._clock.now().timestamp() + _lifetime(claims) - _RENEW_BEFORE,
                made_from=self._origin(),
                whole_account=claims.get("scope") == "com.atproto.access",
            )
        except KeyError:
            raise NotSent(f"{self._service} did not answer as a Bluesky server does. Check BSKY_SERVICE.") from None

    def _remember(self, login: Login) -> Login:
        """From now on the login is used, and its secrets stand in no text."""
        self._http.redact = Redactor([self._password, login.access, login.refresh])
        self._login = login
        return login

    def _keep(self, login: Login) -> Login:
        self._remember(login)
        with disk_errors("The file that keeps the Bluesky login"):
            write_whole(self._file, json.dumps(asdict(login)).encode())
        return login

    def _newer(self) -> Login | None:
        """The login in the file, where another process has renewed it meanwhile."""
        kept, old = self._kept(), self._login
        if kept is None or old is None or kept == old:
            return None
        return self._remember(kept) if kept.renew_at > self._clock.now().timestamp() else None

    def _kept(self) -> Login | None:
        """The login in the file, where it was made with the settings as they are."""
        try:
            login = Login(**json.loads(self._file.read_bytes()))
            return login if login.made_from == self._origin() else None
        except (OSError, ValueError, TypeError):
            return None

    def _origin(self) -> str:
        """A fingerprint of the settings; slow to make, so that a password cannot be guessed from it."""
        if self._made_from is None:
            salt = f"{self._service} {self._identifier}".encode()
            self._made_from = hashlib.pbkdf2_hmac("sha256", self._password.encode(), salt, 200_000).hex()
        return self._made_from

    # One request.

    def _send(self, method: str, url: str, **content: Any) -> Answer:
        return self._http.call(method, url, **content)

    def _object(self, answer: Answer) -> dict[str, Any]:
        """The answer's JSON object. Raises what a refusal means; an unreadable yes is no answer."""
        if not answer.ok:
            raise _error(answer, self._http.redact)
        data = answer.json()
        if not isinstance(data, dict) and answer.body:
            raise OutcomeUnknown("Bluesky's answer could not be read.", status=answer.status)
        return data or {}


@contextlib.contextmanager
def _nothing_public() -> Iterator[None]:
    """Signing in makes nothing public: whatever gets lost there, no post went out."""
    try:
        yield
    except OutcomeUnknown as error:
        raise NotSent(f"Signing in to Bluesky failed: {error}", status=error.status, code=error.code) from None
    except Refused as error:
        raise Unauthorised(f"Bluesky refused to sign in: {error}", status=error.status, code=error.code) from None


def _error(answer: Answer, redact: Redactor) -> NetworkError:
    """What an error answer means. Without the protocol's own body it comes from something in between."""
    from socrbot.http import epoch

    status, named = answer.status, _named(answer)
    code = redact(named)[:60] if named else None
    said = redact(str(answer.object().get("message") or code or f"error {status}"))[:300]
    if status == 429:
        again = epoch(answer.headers.get("ratelimit-reset"))
        text = "Bluesky says that this account has done too much for now."
        return NotSent(text, status=status, code=code, retry_at=again, whole_account=True)
    if status == 401 or code in _NOT_WELCOME:
        return Unauthorised(_WHY_NOT_WELCOME.get(code or "", _NOT_ACCEPTED), status=status, code=code)
    if status == 413 or (400 <= status < 500 and status != 408 and code is not None):
        return Refused(f"Bluesky refused it: {said}", status=status, code=code)
    return OutcomeUnknown(f"Bluesky's server failed: {said}", status=status, code=code)


def _named(answer: Answer) -> str | None:
    """The error's name in the protocol, where the answer has one."""
    name = answer.object().get("error")
    return name if isinstance(name, str) and name else None


def home_of(document: object, service: str) -> str:
    """The address of the account's own server, as the account's public document (didDoc) names it.

    A service on this machine, or one without https, is a test server: that is never left for another.
    """
    address = urlsplit(service)
    if address.scheme != "https" or on_this_machine(service) or not isinstance(document, dict):
        return service
    for entry in document.get("service") or ():
        if isinstance(entry, dict) and str(entry.get("id", "")).endswith("#atproto_pds"):
            home = str(entry.get("serviceEndpoint", "")).rstrip("/")
            return home if home.startswith("https://") else service
    return service


def _claims(token: object) -> Mapping[str, Any]:
    """What a token says of itself, unchecked: it is ours, and only its lifetime matters."""
    try:
        middle = str(token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _lifetime(claims: Mapping[str, Any]) -> float:
    """Seconds from issue to end: both by the server's clock, so a wrong clock here does no harm."""
    ends, begins = claims.get("exp"), claims.get("iat")
    return float(ends - begins) if isinstance(ends, int) and isinstance(begins, int) else _LIFETIME
