"""What Meta's networks share: one client for the Graph API.

facebook-sdk builds the calls; its `request` is replaced, because it knows no living version of the API, sets no
timeout, throws status and headers away, drops subcodes, and takes an error page for success. Imported only where a
call is to be made, because it imports that library. Not here: what its errors mean (`graph_errors.py`), and what a
network says with it (`facebook.py`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

import facebook

from socrbot.clock import Clock
from socrbot.errors import Unauthorised
from socrbot.http import Session
from socrbot.networks.base import Equipment
from socrbot.networks.graph_errors import judge, used
from socrbot.redact import Redactor, is_secret

_ADDRESS = "https://graph.facebook.com"
_VERSION = "v25.0"
_MANY = 80  # percent


class Graph(facebook.GraphAPI):  # type: ignore[misc]
    """facebook-sdk's client, with our session, a version of today, and our errors.

    `version` is like "v25.0". `secret` is the app's, for apps that want each call signed with it; None without.
    Every method raises the four kinds of NetworkError and no others.
    """

    def __init__(self, token: str, *, session: Session, clock: Clock, version: str, secret: str | None) -> None:
        if not token:
            raise Unauthorised("The Page's key (FB_PAGE_ACCESS_TOKEN) is not set.")
        super().__init__(token, session=session)
        self._session = session
        if not re.fullmatch(r"v?\d+\.\d+", version):
            raise Unauthorised('The version of the Graph API (FB_GRAPH_VERSION) must be written like "v25.0".')
        self.version = f"v{version.removeprefix('v')}"
        self._clock = clock
        self._own = {"access_token": token}
        if secret:
            proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256)
            self._own["appsecret_proof"] = proof.hexdigest()

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
        fields = given if "access_token" in given else given | self._own
        where = "data" if method == "POST" else "params"
        answer = self._session.call(method, f"{_ADDRESS}/{path}", files=files, **{where: fields})
        error = judge(answer, now=self._clock.now(), redact=self._session.redact)
        if error is not None:
            raise error
        return answer.object()

    def warning(self) -> str | None:
        """A sentence where the last answer said that most of the allowed calls are used up."""
        percent = used(self._session.last.headers) if self._session.last else 0
        return f"{percent} % of the calls that Facebook allows are used up." if percent >= _MANY else None


def connect(equipment: Equipment) -> Graph:
    """The client for a Page, by its account's FB_ variables. Makes no call. Raises Unauthorised for a wrong version."""
    env = equipment.env
    base = env.get("FB_GRAPH_BASE")
    session = Session(
        timeout=equipment.timeout,
        addresses={_ADDRESS: base} if base else None,
        redact=Redactor(value for name, value in env.items() if is_secret(name)),
    )
    return Graph(
        env.get("FB_PAGE_ACCESS_TOKEN", ""),
        session=session,
        clock=equipment.clock,
        version=env.get("FB_GRAPH_VERSION", _VERSION),
        secret=env.get("FB_APP_SECRET"),
    )
