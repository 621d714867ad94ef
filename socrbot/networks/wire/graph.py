"""What Meta's networks share: one client for the Graph API, at whichever of its three hosts.

facebook-sdk builds the calls; its `request` is replaced, because it knows no living version of the API, sets no
timeout, throws status and headers away, drops subcodes, and takes an error page for success. Imported only where a
call is to be made, because it imports that library. Not here: what its errors mean (`graph_errors.py`), and what a
network says with it (`facebook.py`, `instagram.py`, `threads.py`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import facebook

from socrbot.errors import NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.http import Session
from socrbot.networks.base import Equipment
from socrbot.networks.wire.graph_errors import FACEBOOK, GONE, INSTAGRAM, THREADS, Names, judge, used
from socrbot.redact import Redactor, is_secret

_MANY = 80  # percent


@dataclass(frozen=True, slots=True)
class Host:
    """One of the addresses at which Meta answers, the version that is spoken there, and how errors name things."""

    address: str
    version: str
    names: Names


PAGES = Host("https://graph.facebook.com", "v25.0", FACEBOOK)
INSTAGRAM_BY_PAGE = Host("https://graph.facebook.com", "v25.0", INSTAGRAM)
INSTAGRAM_ALONE = Host("https://graph.instagram.com", "v25.0", INSTAGRAM)
THREADS_ALONE = Host("https://graph.threads.net", "v1.0", THREADS)


class Graph(facebook.GraphAPI):  # type: ignore[misc]
    """facebook-sdk's client, with our session, a version of today, and our errors.

    `token` gives the key for each call, as it may be renewed meanwhile; all else comes from the account's variables.
    Every method raises the four kinds of NetworkError and no others.
    """

    def __init__(self, token: Callable[[], str], *, host: Host, equipment: Equipment) -> None:
        names, env = host.names, equipment.env
        if not token():
            raise Unauthorised(f"The {names.thing}'s key ({names.variable}) is not set.")
        if not re.fullmatch(r"v?\d+\.\d+", host.version):
            variable = f"{names.prefix}_GRAPH_VERSION"
            raise Unauthorised(f'The version of the Graph API ({variable}) must be written like "v25.0".')
        base = env.get(f"{names.prefix}_GRAPH_BASE")
        self._secrets = (*(value for name, value in env.items() if is_secret(name)), token())
        self._session = Session(
            timeout=equipment.timeout,
            addresses={host.address: base} if base else None,
            redact=Redactor(self._secrets),
        )
        super().__init__(token(), session=self._session)
        self.access_token: str = token()
        self.version = f"v{host.version.removeprefix('v')}"
        self._host = host
        self._clock = equipment.clock
        self._token = token
        self._proof = env.get(f"{names.prefix}_APP_SECRET")

    def request(
        self,
        path: str,
        args: Mapping[str, str] | None = None,
        post_args: Mapping[str, str] | None = None,
        files: Mapping[str, object] | None = None,
        method: str | None = None,
    ) -> dict[str, Any]:
        """One call, one JSON object. A POST carries its fields in the body, all else in the address."""
        method = "POST" if post_args is not None else method or "GET"
        given = dict(args or {}) | dict(post_args or {})
        fields = given if "access_token" in given else given | self._own()
        where = "data" if method == "POST" else "params"
        answer = self._session.call(method, f"{self._host.address}/{path}", files=files, **{where: fields})
        error = judge(answer, now=self._clock.now(), redact=self._session.redact, names=self._host.names)
        if error is not None:
            raise error
        return answer.object()

    def remove(self, thing: str) -> None:
        """Deletes a post or a comment; one that is gone already is no error.

        Meta says the same of what is gone and of what this key may not delete. What can still be read is not gone:
        then Refused is raised.
        """
        try:
            answer = self.delete_object(thing)
        except Refused as refused:
            if refused.code not in GONE or self._is_there(thing):
                raise
            return
        if answer.get("success") is not True:
            raise OutcomeUnknown(f"{self._host.names.network} did not say that it is deleted.")

    def _is_there(self, thing: str) -> bool:
        try:
            self.get_object(thing, fields="id")
        except Refused as refused:
            if refused.code not in GONE:
                raise
            return False
        return True

    def renewed(self, grant: str, token: str) -> tuple[str, timedelta]:
        """The key that Meta gives for one that is to be renewed, and how long it lasts. The path has no version."""
        answer = self.request("refresh_access_token", args={"grant_type": grant, "access_token": token})
        try:
            return str(answer["access_token"]), timedelta(seconds=int(answer["expires_in"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise NotSent(f"{self._host.names.network} did not say which key is the new one.") from None

    def warning(self) -> str | None:
        """A sentence where the last answer said that most of the allowed calls are used up."""
        percent = used(self._session.last.headers) if self._session.last else 0
        network = self._host.names.network
        return f"{percent} % of the calls that {network} allows are used up." if percent >= _MANY else None

    def _own(self) -> dict[str, str]:
        """The fields that say who calls. A key that came since the last call is a secret from now on too."""
        token = self._token()
        if token != self.access_token:
            self.access_token = token
            self._secrets += (token,)
            self._session.redact = Redactor(self._secrets)
        if not self._proof:
            return {"access_token": token}
        proof = hmac.new(self._proof.encode(), token.encode(), hashlib.sha256).hexdigest()
        return {"access_token": token, "appsecret_proof": proof}


def connect(equipment: Equipment, host: Host = PAGES, *, token: Callable[[], str] | None = None) -> Graph:
    """The client for an account, by the variables of its network. Makes no call.

    `token` gives the key where it is not simply the variable's value. Raises Unauthorised for a wrong version.
    """
    env, names = equipment.env, host.names
    spoken = replace(host, version=env.get(f"{names.prefix}_GRAPH_VERSION") or host.version)
    return Graph(token or (lambda: env.get(names.variable, "")), host=spoken, equipment=equipment)
