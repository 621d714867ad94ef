"""How LinkedIn is spoken to: address, headers, version, access, uploads, and what its refusals mean.

Not here: its text (`linkedin_text.py`), the reading of its lists (`linkedin_answers.py`), and what is said with it
(`networks/linkedin.py`).

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api,
https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.http import Answer, Session
from socrbot.message import Receipt, Rendition
from socrbot.networks.base import Equipment
from socrbot.networks.shared.access import Access
from socrbot.networks.shared.told import own_id
from socrbot.redact import Redactor, is_secret

API = "https://api.linkedin.com"
SITE = "https://www.linkedin.com"
# The newest version that this code was written for.
VERSION = "202607"

# LinkedIn's own word for the last day of a version, as far as it has given it.
_SUNSETS = {"202511": date(2026, 11, 16), "202601": date(2027, 1, 15), "202603": date(2027, 3, 16)}
_WARN_BEFORE = timedelta(days=60)
_VERSION_CODES = frozenset({"NONEXISTENT_VERSION", "VERSION_MISSING"})
# By LinkedIn's word, and by the number that some answers have instead.
_ENDED = {
    "EXPIRED_ACCESS_TOKEN": "it has run out",
    "REVOKED_ACCESS_TOKEN": "it was withdrawn",
    "65601": "it was withdrawn",
    "65602": "it has run out",
}
_ORIGINAL = re.compile(r"urn:li:(?:share|ugcPost|activity):\d+")
# A post as it is named in an address. Some addresses have another name for it, by which none can be deleted.
_ADDRESS = re.compile(
    r"https?://[\w.]*linkedin\.com/feed/update/(urn:li:(?:share|ugcPost):\d+)/?(?:\?(?!.*comment).*)?"
)
_LOOKS_AT_IMAGE, _PAUSE = 10, 2.0  # seconds
# For those who may not ask whether a picture is ready.
_USUALLY_READY = 5.0  # seconds


def encoded(urn: str) -> str:
    """A URN as it stands in an address."""
    return quote(urn, safe="")


def comment_urn(root: str, number: str) -> str:
    """The URN of a comment, from the post that it stands below and its number (or its URN, which stays as it is)."""
    return number if number.startswith("urn:li:comment:") else f"urn:li:comment:({root},{number})"


def is_version(text: str) -> bool:
    """Whether it is a year and a month, as LinkedIn names its versions."""
    return re.fullmatch(r"20\d\d(0[1-9]|1[0-2])", text) is not None


def version_ends(version: str) -> date:
    """The day from which a version may be refused: LinkedIn's word, else a year after the month that it is named for.

    LinkedIn promises twelve months, and has ended versions in the middle of the month so far.
    """
    year, month = int(version[:4]), int(version[4:])
    return _SUNSETS.get(version, date(year + 1, month, 1))


def where_to_write(now: datetime) -> str:
    """What to do about a version that ends. LinkedIn makes one each month: that of two months ago is surely there."""
    months = now.year * 12 + now.month - 3
    newer = f"{months // 12}{months % 12 + 1:02d}"
    return (
        "Write a newer one for this account in config/accounts.yaml, year and month in one "
        f'(options: version: "{newer}"). docs/networks/linkedin.md says where LinkedIn lists them.'
    )


def version_warning(version: str, now: datetime) -> str | None:
    """A sentence from 60 days before a version's end, None before that."""
    end = version_ends(version)
    if now.date() < end - _WARN_BEFORE:
        return None
    when = f"{end.day} {end:%B %Y}"
    ends = f"ends from {when} on" if now.date() < end else f"could end any day since {when}"
    return f"The version of LinkedIn's interface that is used here, {version}, {ends}. {where_to_write(now)}"


@dataclass(slots=True)
class Client:
    """Speaks to LinkedIn for one account. Every method raises the four kinds of NetworkError and no others."""

    equipment: Equipment
    version: str
    access: Access = field(init=False)
    _session: Session = field(init=False, repr=False)

    def __post_init__(self) -> None:
        env = self.equipment.env
        base = env.get("LINKEDIN_API_BASE")
        self._session = Session(timeout=self.equipment.timeout, addresses={API: base, SITE: base} if base else None)
        renewable = all(env.get(f"LINKEDIN_{name}") for name in ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN"))
        self.access = Access(
            env.get("LINKEDIN_ACCESS_TOKEN", ""),
            folder=self.equipment.folder,
            clock=self.equipment.clock,
            renew=self._renew if renewable else None,
        )

    def call(self, method: str, path: str, *, body: Any = None, finder: bool = False) -> Answer:
        """One request to the API, with all the headers that LinkedIn wants. `path` begins with a slash."""
        headers = self._bearer() | {"LinkedIn-Version": self.version, "X-Restli-Protocol-Version": "2.0.0"}
        if finder:
            headers["X-RestLi-Method"] = "FINDER"
        return self._judged(self._session.call(method, f"{API}{path}", json=body, headers=headers))

    def post(self, body: Mapping[str, Any]) -> str:
        """Makes a post public, and gives its URN, which LinkedIn names in a header."""
        answer = self.call("POST", "/rest/posts", body=body)
        urn = answer.headers.get("x-restli-id")
        if not urn or not urn.startswith("urn:li:"):
            raise OutcomeUnknown("LinkedIn answered without naming the post.", status=answer.status)
        return urn

    def comment(self, root: str, body: Mapping[str, Any]) -> str:
        """Makes a comment below a post public, and gives its URN. The answer names it whole, or only its number."""
        path = f"/rest/socialActions/{encoded(root)}/comments"
        answer = self.call("POST", path, body={**body, "object": root})
        row, number = answer.object(), answer.headers.get("x-restli-id")
        urn = row.get("commentUrn") or (number and comment_urn(row.get("object") or root, number))
        if not urn:
            raise OutcomeUnknown("LinkedIn answered without naming the comment.", status=answer.status)
        return str(urn)

    def delete(self, receipt: Receipt, *, author: str) -> None:
        """Deletes a post, or a comment below one. Raises Refused where a person told an address that names no post."""
        urn = own_id(receipt, _ADDRESS)
        if not urn.startswith("urn:li:comment:"):
            self.call("DELETE", f"/rest/posts/{encoded(urn)}")
            return
        number = urn.rpartition(",")[2].rstrip(")")
        root = receipt.extra.get("root", urn)
        path = f"/rest/socialActions/{encoded(root)}/comments/{encoded(number)}"
        self.call("DELETE", f"{path}?actor={encoded(author)}")

    def upload(self, owner: str, picture: Rendition) -> str:
        """Hands a picture over, and gives its URN. LinkedIn may still be busy with it."""
        body = {"initializeUploadRequest": {"owner": owner}}
        value = self.call("POST", "/rest/images?action=initializeUpload", body=body).object().get("value")
        image, address = (value.get("image"), value.get("uploadUrl")) if isinstance(value, dict) else (None, None)
        if not image or not isinstance(address, str) or not _is_linkedins(address):
            raise NotSent("LinkedIn did not say where to put a picture.")
        headers = self._bearer() | {"Content-Type": picture.mime}
        self._judged(self._session.call("PUT", address, data=picture.data, headers=headers))
        return str(image)

    def await_images(self, images: Sequence[str], *, may_ask: bool) -> None:
        """Waits until pictures can be shown: a post that comes before may stay invisible.

        `may_ask` is False where the access does not allow to ask; then it waits for a few seconds.
        """
        try:
            for image in images if may_ask else ():
                self._await_image(image)
        except Unauthorised as refused:
            if refused.status != 403:
                raise
            may_ask = False
        if images and not may_ask:
            self.equipment.clock.wait(threading.Event(), _USUALLY_READY)

    def _await_image(self, image: str) -> None:
        clock = self.equipment.clock
        for _ in range(_LOOKS_AT_IMAGE):
            status = self.call("GET", f"/rest/images/{encoded(image)}").object().get("status")
            if status == "AVAILABLE":
                return
            if status == "PROCESSING_FAILED":
                raise Refused("LinkedIn could not make anything of a picture. Try it as a JPEG, or another one.")
            clock.wait(threading.Event(), _PAUSE)
        raise NotSent("LinkedIn is still busy with a picture.", retry_at=clock.now() + timedelta(minutes=1))

    def introspect(self) -> dict[str, Any]:
        """What LinkedIn says of the access itself; an empty dict where the app's number and secret are not set."""
        env = self.equipment.env
        app = {"client_id": env.get("LINKEDIN_CLIENT_ID"), "client_secret": env.get("LINKEDIN_CLIENT_SECRET")}
        if not all(app.values()):
            return {}
        form = app | {"token": self.access.token()}
        try:
            return self._judged(self._session.call("POST", f"{SITE}/oauth/v2/introspectToken", data=form)).object()
        except (Refused, Unauthorised) as refused:
            words = "LinkedIn does not know this app (LINKEDIN_CLIENT_ID, LINKEDIN_CLIENT_SECRET)."
            raise Unauthorised(f"{words} {refused}", status=refused.status, code=refused.code) from None

    def _renew(self, _token: str) -> tuple[str, timedelta]:
        """The next access token. LinkedIn makes it from the refresh token, which stays as it is for a year."""
        env = self.equipment.env
        names = ("client_id", "client_secret", "refresh_token")
        form = {name: env[f"LINKEDIN_{name.upper()}"] for name in names} | {"grant_type": "refresh_token"}
        answer = self._judged(self._session.call("POST", f"{SITE}/oauth/v2/accessToken", data=form)).object()
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise NotSent("LinkedIn renewed the access and did not say to what.")
        return token, timedelta(seconds=seconds)

    def _bearer(self) -> dict[str, str]:
        token = self.access.token()
        if not token:
            raise Unauthorised("LinkedIn's access token (LINKEDIN_ACCESS_TOKEN) is not set.")
        return {"Authorization": f"Bearer {token}"}

    def _secrets(self) -> list[str]:
        return [value for name, value in self.equipment.env.items() if is_secret(name)]

    def _judged(self, answer: Answer) -> Answer:
        redact = Redactor([*self._secrets(), self.access.token()])
        error = judge(answer, now=self.equipment.clock.now(), redact=redact)
        if error is not None:
            raise error
        return answer


def judge(answer: Answer, *, now: datetime, redact: Redactor) -> NetworkError | None:
    """What an answer means for the caller; None where LinkedIn carried the request out."""
    if answer.ok:
        return None
    status, body = answer.status, answer.object()
    code = str(body.get("code") or body.get("serviceErrorCode") or "") or None
    says = _says(body, redact)
    if status == 429:
        words, later = f"LinkedIn takes no more calls today.{says}", _next_midnight(now)
        return NotSent(words, status=status, code=code, retry_at=later, whole_account=True)
    if status == 426 or code in _VERSION_CODES:
        words = f"LinkedIn no longer takes the version of its interface that is used here. {where_to_write(now)}"
        return Unauthorised(words, status=status, code=code)
    if status == 401:
        return Unauthorised(_no_access(body, says), status=status, code=code)
    if status >= 500 or status < 400 or status == 408:
        return OutcomeUnknown(f"LinkedIn's answer (status {status}) says neither yes nor no.", status=status, code=code)
    if not body:
        return NotSent(f"LinkedIn answered with status {status} and gave no reason.", status=status)
    if status == 403:
        return Unauthorised(f"LinkedIn does not allow this: a permission is missing.{says}", status=status, code=code)
    return _duplicate(body, says=says, status=status) or _refusal(status, code, says=says)


def address_of(urn: str) -> str:
    """Where people find a post."""
    return f"{SITE}/feed/update/{urn}/"


def _duplicate(body: Mapping[str, Any], *, says: str, status: int) -> Refused | None:
    """LinkedIn has seen the same content minutes ago, and names that post. None: it says nothing of the kind."""
    message = str(body.get("message"))
    original = _ORIGINAL.search(message)
    if "DUPLICATE_POST" not in _input_codes(body) and not (original and "duplicate" in message.lower()):
        return None
    return Refused(
        f"LinkedIn already has a post with this content.{says}",
        status=status,
        code="DUPLICATE_POST",
        duplicate=True,
        original=original[0] if original else None,
        address=address_of(original[0]) if original else None,
    )


def _refusal(status: int, code: str | None, *, says: str) -> NetworkError:
    if status in (409, 425):
        return NotSent(f"LinkedIn was busy with something else of this account.{says}", status=status, code=code)
    return Refused(f"LinkedIn did not take it.{says}", status=status, code=code)


def _input_codes(body: Mapping[str, Any]) -> set[str]:
    details = body.get("errorDetails")
    errors = details.get("inputErrors") if isinstance(details, dict) else None
    found = {str(error.get("code")) for error in errors or () if isinstance(error, dict)}
    return found | {str(body.get("code"))}


def _no_access(body: Mapping[str, Any], says: str) -> str:
    why = _ENDED.get(str(body.get("code"))) or _ENDED.get(str(body.get("serviceErrorCode")))
    ended = f": {why}" if why else ""
    return f"LinkedIn no longer takes this account's access{ended}. Make it anew: socrbot connect linkedin.{says}"


def _says(body: Mapping[str, Any], redact: Redactor) -> str:
    text = body.get("message") or body.get("error_description")
    return f' LinkedIn says: "{redact(" ".join(str(text).split()))[:300]}"' if text else ""


def _next_midnight(now: datetime) -> datetime:
    """LinkedIn's counts begin anew at midnight UTC."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def _is_linkedins(address: str) -> bool:
    """Whether an address for an upload is LinkedIn's own: the access goes along."""
    parts = urlsplit(address)
    return parts.scheme == "https" and (parts.hostname or "").endswith(".linkedin.com")
