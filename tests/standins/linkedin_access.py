"""Who may speak to the stand-in of LinkedIn, and how: access, versions, headers, and who one is.

Not here: posts, pictures, comments, numbers (`linkedin.py`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from tests.standins.exchange import Reply, Request
from tests.standins.server import Standin, route

ORGANISATION = "urn:li:organization:2414183"
PERSON = "urn:li:person:AbC12-xYz9"
NAME = "Save Our Children's Rights"
TOKEN = "AQVaccesstokenfortestsonly0123456789"
CLIENT_ID = "78testsonlyclient"
CLIENT_SECRET = "WPL_AP1.testsOnlyClientSecret"
REFRESH_TOKEN = "AQWrefreshtokenfortestsonly9876543210"

# Version -> the day on which LinkedIn ends it.
VERSIONS: Mapping[str, date] = {
    "202511": date(2026, 11, 16),
    "202601": date(2027, 1, 15),
    "202603": date(2027, 3, 16),
    "202607": date(2027, 7, 15),
    "202610": date(2027, 10, 15),
}
# What a server that runs by itself takes for today when it looks at versions: it is to work in ten years too.
WRITTEN_ON = datetime(2026, 11, 24, tzinfo=UTC)
SCOPES = {
    ORGANISATION: ["w_organization_social", "r_organization_social", "rw_organization_admin"],
    PERSON: ["openid", "profile", "w_member_social"],
}


def fault(status: int, code: str, *, says: str, number: int = 100) -> dict[str, Any]:
    """An error body."""
    return {"status": status, "serviceErrorCode": number, "code": code, "message": says}


class Access(Standin):
    """One author.

    author   the URN of an organisation or a person
    tokens   the access tokens that are taken
    scopes   what the access allows
    role     what the person behind the access is for the organisation; "" for nothing
    ends_at  when the access ends (aware UTC)
    """

    name: ClassVar[str] = "linkedin"

    def __init__(
        self,
        *,
        port: int = 0,
        record_file: Path | None = None,
        now: Callable[[], datetime] | None = None,
        author: str = ORGANISATION,
    ) -> None:
        super().__init__(port=port, record_file=record_file, now=now)
        self._today = now or (lambda: WRITTEN_ON)
        self.author = author
        self.tokens = {TOKEN}
        self.scopes = list(SCOPES[author])
        self.role = "ADMINISTRATOR"
        self.ends_at = self.now() + timedelta(days=50)
        self.ids = itertools.count(1)

    def env(self, **more: str) -> dict[str, str]:
        """The variables of an account that speaks to this stand-in."""
        return {
            "LINKEDIN_ACCESS_TOKEN": TOKEN,
            "LINKEDIN_AUTHOR_URN": self.author,
            "LINKEDIN_CLIENT_ID": CLIENT_ID,
            "LINKEDIN_CLIENT_SECRET": CLIENT_SECRET,
            "LINKEDIN_API_BASE": self.base,
            **more,
        }

    def error(self, status: int) -> Any:
        codes = {401: "REVOKED_ACCESS_TOKEN", 403: "ACCESS_DENIED", 404: "RESOURCE_NOT_FOUND", 429: "TOO_MANY_REQUESTS"}
        return fault(status, codes.get(status, "ILLEGAL_ARGUMENT"), says="Something is wrong with this request")

    # Before any call.

    def guard(self, request: Request) -> Reply | None:
        if request.path.startswith("/oauth/"):
            good = request.form().get("client_id"), request.form().get("client_secret")
            known = good == (CLIENT_ID, CLIENT_SECRET)
            return None if known else Reply(401, {"error": "invalid_client", "error_description": "Unknown client"})
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            return Reply(401, fault(401, "INVALID_ACCESS_TOKEN", says="Invalid access token", number=65600))
        if self.revoked:
            words = "The token used in the request has been revoked by the user"
            return Reply(401, fault(401, "REVOKED_ACCESS_TOKEN", says=words, number=65601))
        return self._check_headers(request) if request.path.startswith("/rest/") else None

    def _check_headers(self, request: Request) -> Reply | None:
        version = request.headers.get("linkedin-version")
        if version is None:
            return Reply(400, fault(400, "VERSION_MISSING", says="A version must be present. Please specify a version"))
        if version not in VERSIONS or self._today().date() >= VERSIONS[version]:
            return Reply(426, fault(426, "NONEXISTENT_VERSION", says=f"Requested version {version} is not active"))
        if request.headers.get("x-restli-protocol-version") != "2.0.0":
            return Reply(400, fault(400, "ILLEGAL_ARGUMENT", says="The protocol version must be 2.0.0"))
        if re.search(r"[:(),]", request.path):
            return Reply(400, fault(400, "ILLEGAL_ARGUMENT", says="Syntax exception in path variables"))
        if request.body and not request.headers.get("content-type", "").startswith("application/json"):
            return Reply(415, fault(415, "UNSUPPORTED_MEDIA_TYPE", says="Only JSON is taken"))
        return None

    def lacks(self, *scopes: str) -> Reply | None:
        """A refusal where the access has none of these scopes."""
        if set(scopes) & set(self.scopes):
            return None
        return Reply(403, fault(403, "ACCESS_DENIED", says=f"Not enough permissions to access: {scopes[0]}"))

    def no_finder(self, request: Request, q: str) -> Reply | None:
        """A refusal where a list is not asked for as LinkedIn wants it."""
        if request.headers.get("x-restli-method") != "FINDER" or request.query.get("q") != q:
            return Reply(400, fault(400, "ILLEGAL_ARGUMENT", says="No such finder"))
        return None

    # Access.

    @route("POST", "/oauth/v2/introspectToken")
    def introspect(self, request: Request) -> Reply:
        alive = request.form().get("token") in self.tokens and not self.revoked
        if not alive:
            return Reply(200, {"active": False, "status": "revoked"})
        ends, scope = int(self.ends_at.timestamp()), ",".join(self.scopes)
        return Reply(200, {"active": True, "status": "active", "scope": scope, "expires_at": ends})

    @route("POST", "/oauth/v2/accessToken")
    def renew(self, request: Request) -> Reply:
        form = request.form()
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != REFRESH_TOKEN or self.revoked:
            return Reply(400, {"error": "invalid_request", "error_description": "The refresh token is not valid"})
        token = f"{TOKEN}-{next(self.ids)}"
        self.tokens.add(token)
        self.ends_at = self.now() + timedelta(days=60)
        return Reply(200, {"access_token": token, "expires_in": 5_184_000, "refresh_token": REFRESH_TOKEN})

    @route("GET", "/v2/userinfo")
    def userinfo(self, request: Request) -> Reply:
        return self.lacks("openid") or Reply(200, {"sub": PERSON.rpartition(":")[2], "name": NAME, "locale": "en_GB"})

    @route("GET", "/rest/organizationAcls")
    def roles(self, request: Request) -> Reply:
        row = {"organization": self.author, "role": self.role, "roleAssignee": PERSON, "state": "APPROVED"}
        rows = [row] if self.role else []
        wrong = self.lacks("rw_organization_admin", "r_organization_admin") or self.no_finder(request, "roleAssignee")
        return wrong or Reply(200, {"elements": rows, "paging": {"start": 0, "count": 100, "links": []}})

    @route("GET", "/rest/organizations/{number}")
    def organisation(self, request: Request, number: str) -> Reply:
        if self.author != f"urn:li:organization:{number}":
            return Reply(404, self.error(404))
        about = {"id": int(number), "localizedName": NAME, "vanityName": "childrens-rights"}
        return self.lacks("rw_organization_admin", "r_organization_admin") or Reply(200, about)
