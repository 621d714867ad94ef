"""What the stand-ins of Instagram and Threads share: containers, keys that end, and pages of a list.

Files are fetched from the address that a container names, over real HTTP, at the moment when the container gets
ready: one that was taken away before is not found.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar

from PIL import Image

from tests.standins.exchange import Media, Post, Reply, Request
from tests.standins.server import Standin
from tests.vendor import VENDOR

DAY = timedelta(days=1)
KEY_LASTS = 60 * DAY
# What any call of the Graph API takes besides the parameters of its edge.
PROTOCOL = frozenset({"access_token", "appsecret_proof", "fields", "after", "before", "limit"})


def fault(code: int, message: str, *, subcode: int | None = None, transient: bool = False) -> dict[str, Any]:
    """An error body."""
    error = {"message": message, "type": "OAuthException", "code": code, "is_transient": transient, "fbtrace_id": "At"}
    return {"error": error | ({"error_subcode": subcode} if subcode is not None else {})}


@dataclass
class Container:
    """A container. `why` is set once it has failed; `media` once its files were fetched."""

    id: str
    fields: Mapping[str, str]
    made_at: datetime
    children: tuple[Container, ...] = ()
    media: tuple[Media, ...] | None = None
    why: str | None = None
    post: Post | None = None
    used: bool = False

    @property
    def kind(self) -> str:
        return self.fields.get("media_type", "IMAGE")


@dataclass
class Key:
    """An access token: when it was made, when it ends (aware UTC)."""

    made_at: datetime
    ends_at: datetime


@dataclass
class Fetched:
    """A file as it came from its public address."""

    address: str
    mime: str
    data: bytes = field(repr=False)


class ContainerStandin(Standin):
    """One account.

    token        the first key; `keys` are all, by their text
    page         the most posts that one page of a list holds
    ready_after  how long a container of pictures is in progress
    quota        how many posts are taken in 24 hours
    fetched      every file that was fetched, in order
    web          where an address on the web leads to on the loopback: start of one -> start of the other
    status, reason   the fields of a container
    """

    user: ClassVar[str]
    token: ClassVar[str]
    status: ClassVar[str]
    reason: ClassVar[str]
    photo_types: ClassVar[Mapping[str, str]]  # MIME type -> Pillow's name
    ratio: ClassVar[tuple[float, float]]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.keys = {self.token: Key(self.now() - 2 * DAY, self.now() - 2 * DAY + KEY_LASTS)}
        self.containers: dict[str, Container] = {}
        self.fetched: list[Fetched] = []
        self.web: dict[str, str] = {}
        self.ready_after = timedelta(seconds=1)
        self.quota = 50
        self.page = 100
        self.shown_after = timedelta(0)
        self._ids = itertools.count(1)

    # Keys.

    def guard(self, request: Request) -> Reply | None:
        key = self.keys.get(request.fields().get("access_token", ""))
        if key is None or self.revoked:
            said = (
                "Error validating access token: The session has been invalidated because the user changed the password"
            )
            return Reply(400, fault(190, said, subcode=460))
        if key.ends_at <= self.now():
            return Reply(400, fault(190, "Error validating access token: Session has expired", subcode=463))
        return None

    def renewed(self, request: Request, grant: str) -> Reply:
        """Another key for one that is older than a day; the old one lives on until its end."""
        if set(request.fields()) != {"grant_type", "access_token"} or request.fields()["grant_type"] != grant:
            return Reply(400, fault(100, "Unsupported grant type"))
        if self.now() - self.keys[request.fields()["access_token"]].made_at < DAY:
            return Reply(400, fault(10, "The access token must be at least 24 hours old to be refreshed"))
        fresh = f"{self.token}-renewed-{len(self.keys)}"
        self.keys[fresh] = Key(self.now(), self.now() + KEY_LASTS)
        lasts = int(KEY_LASTS.total_seconds())
        return Reply(200, {"access_token": fresh, "token_type": "bearer", "expires_in": lasts})

    def error(self, status: int) -> Any:
        if status == 429:
            return fault(4, "Application request limit reached", transient=True)
        if status >= 500:
            return fault(2, "An unexpected error has occurred. Please retry your request later.", transient=True)
        return fault(100, "Invalid parameter") if status != 401 else fault(190, "Invalid OAuth access token.")

    # Containers.

    def refused(self, fields: Mapping[str, str], children: Sequence[Container]) -> dict[str, Any] | None:
        """The error for fields that the network does not take, or None."""
        return None

    def make(self, request: Request, user: str) -> Reply:
        """A new container."""
        fields = request.fields()
        fields.pop("access_token")
        named = fields.get("children", "").split(",") if "children" in fields else []
        if user != self.user or not all(name in self.containers for name in named):
            return Reply(400, self.missing(user))
        children = tuple(self.containers[name] for name in named)
        no = self.refused(fields, children)
        if no is not None:
            return Reply(400, no)
        if any(child.used or child.fields.get("is_carousel_item") != "true" for child in children):
            return Reply(400, fault(100, "A child is no carousel item, or is used already"))
        for child in children:
            child.used = True
        made = Container(str(17_900_000_000_000_000 + next(self._ids)), fields, self.now(), children)
        self.containers[made.id] = made
        return Reply(200, {"id": made.id})

    def state(self, container: Container) -> str:
        """What has become of it by now; fetches its files when their time has come."""
        if container.post is not None:
            return "PUBLISHED"
        if self.now() - container.made_at >= DAY:
            return "EXPIRED"
        if container.why is None and container.media is None:
            wait = timedelta(0) if container.kind == "TEXT" else self.ready_after
            if self.now() - container.made_at < wait:
                return "IN_PROGRESS"
            self._fetch(container)
        return "FINISHED" if container.why is None else "ERROR"

    def _fetch(self, container: Container) -> None:
        for child in container.children:
            self.state(child)
            container.why = container.why or child.why
        own = [container.fields[name] for name in ("image_url", "video_url") if name in container.fields]
        alt = container.fields.get("alt_text", "")
        try:
            files = [self._file(address) for address in own]
        except OSError:
            container.why = "FAILED_DOWNLOADING: media download has failed, error code 2207052"
            return
        container.why = container.why or next((no for file in files if (no := self._unfit(file))), None)
        inside = [item for child in container.children for item in child.media or ()]
        container.media = (*inside, *(Media(file.data, alt, file.mime) for file in files))

    def _file(self, address: str) -> Fetched:
        if not address.isascii() or "@" in address or not address.startswith(("http://127.0.0.1:", "https://")):
            self.violations.append(f"no plain public address: {address}")
        for real, instead in self.web.items():
            if address.startswith(real):
                address = instead + address.removeprefix(real)
        with urllib.request.urlopen(address, timeout=5) as answer:
            file = Fetched(address, answer.headers.get_content_type(), answer.read())
        self.fetched.append(file)
        return file

    def _unfit(self, file: Fetched) -> str | None:
        """Why a file is of no use, in the network's words."""
        if file.mime == "video/mp4":
            return None if file.data[4:8] == b"ftyp" else "Error: INVALID_VIDEO 2207026"
        try:
            picture = Image.open(io.BytesIO(file.data))
        except OSError:
            return "Error: INVALID_IMAGE 2207005"
        if self.photo_types.get(file.mime) != picture.format:
            return "Error: INVALID_IMAGE_FORMAT 2207005"
        if len(file.data) > 8 * 1024 * 1024:
            return "Error: INVALID_IMAGE_SIZE 2207004"
        low, high = self.ratio
        if not low <= picture.width / picture.height <= high or not 320 <= picture.width <= 1440:
            return "Error: INVALID_ASPECT_RATIO 2207009"
        return None

    def look(self, container: Container, wanted: str) -> Reply:
        """The fields of a container that were asked for."""
        state = self.state(container)
        known = {"id": container.id, self.status: state, self.reason: container.why or state}
        return Reply(200, {"id": container.id} | {name: known[name] for name in wanted.split(",") if name in known})

    def go(self, request: Request, user: str, post: Mapping[str, Any]) -> Reply:
        """Publishes a container that is ready, once; `post` are more fields of the post."""
        container = self.containers.get(request.fields().get("creation_id", ""))
        if user != self.user or container is None:
            return Reply(400, fault(24, "The requested resource does not exist", subcode=2207006))
        state = self.state(container)
        if state == "EXPIRED":
            return Reply(400, fault(24, "The media container has expired", subcode=2207008))
        if state != "FINISHED" or container.used or container.fields.get("is_carousel_item"):
            return Reply(400, fault(9007, "Media ID is not available", subcode=2207027))
        if self.used_up(container) >= self.quota:
            return Reply(400, fault(9, "Application request limit reached", subcode=2207042))
        made = Post(
            str(18_000_000_000_000_000 + next(self._ids)),
            created_at=self.now(),
            media=container.media or (),
            account=self.user,
            extra={"kind": container.kind},
            **post,
        )
        container.post = self.publish(made)
        return Reply(200, {"id": made.id})

    def used_up(self, container: Container | None = None) -> int:
        """How many posts of the last 24 hours count against the quota."""
        return sum(self.now() - post.created_at < DAY for post in self.published if not post.reply_to)

    # Lists.

    def line(self, post: Post) -> dict[str, Any]:
        """All that a list may tell of a post."""
        kind = "CAROUSEL_ALBUM" if len(post.media) > 1 else "VIDEO" if self._is_video(post) else "IMAGE"
        line: dict[str, Any] = {"id": post.id, "timestamp": f"{post.created_at:%Y-%m-%dT%H:%M:%S}+0000"}
        line |= {"media_type": kind if post.media else "TEXT_POST", "permalink": self.permalink(post)}
        if len(post.media) > 1:
            line["children"] = {"data": [{"id": f"{post.id}{number}"} for number in range(len(post.media))]}
        return line

    def permalink(self, post: Post) -> str:
        """Its address for people."""
        return f"https://standin.example/p/{post.id}"

    @staticmethod
    def _is_video(post: Post) -> bool:
        return any(item.mime.startswith("video/") for item in post.media)

    def listed(self, request: Request, posts: Sequence[Post]) -> Reply:
        """One page of a list, newest first, with the fields that were asked for."""
        wanted = re.sub(r"\{[^}]*\}", "", request.query.get("fields", "id")).split(",")
        known = [post for post in reversed(posts) if self.now() - post.created_at >= self.shown_after]
        start, size = int(request.query.get("after", "0")), min(int(request.query.get("limit", "25")), self.page)
        shown = [self.line(post) for post in known[start : start + size]]
        body: dict[str, Any] = {"data": [{name: line[name] for name in wanted if name in line} for line in shown]}
        if start + size < len(known):
            more = f"fields={request.query.get('fields', 'id')}&limit={size}&after={start + size}"
            body["paging"] = {"next": f"https://graph.example{request.path}?access_token={self.token}&{more}"}
        return Reply(200, body)

    def missing(self, thing: str) -> dict[str, Any]:
        """The error for an object that is not there."""
        said = (
            f"Unsupported request. Object with ID '{thing}' does not exist, cannot be loaded due to missing permissions"
        )
        return fault(100, said, subcode=33)

    def find(self, post: str) -> Post | None:
        """A post that the public can see."""
        return next((known for known in self.visible if known.id == post), None)

    def erased(self, post: str) -> Reply:
        """Deletes a post."""
        if self.find(post) is None:
            return Reply(400, self.missing(post))
        self.deleted.add(post)
        return Reply(200, {"success": True, "deleted_id": post})

    def insights(self, post: str, values: Mapping[str, int | None], request: Request) -> Reply:
        """The counts that were asked for."""
        if self.find(post) is None:
            return Reply(400, self.missing(post))
        wanted = request.query["metric"].split(",")
        unknown = set(wanted) - set(values)
        if unknown:
            return Reply(400, fault(100, f"(#100) metric must be one of the following values: {sorted(values)}"))
        lines = [{"name": name, "period": "lifetime", "values": [{"value": values[name] or 0}]} for name in wanted]
        return Reply(200, {"data": lines})


@cache
def vendor_parameters(name: str) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """(method, edge) -> parameter -> type, as Meta lists them; empty where the lists are not at hand."""
    path = VENDOR / "meta" / f"{name}.json"
    apis = json.loads(path.read_text())["apis"] if path.exists() else ()
    return {
        (api["method"], api["endpoint"]): {param["name"]: param["type"] for param in api["params"]}
        for api in apis
        if api.get("endpoint")
    }


@cache
def vendor_fields(name: str) -> frozenset[str]:
    """The fields of an object, as Meta lists them."""
    path = VENDOR / "meta" / f"{name}.json"
    return (
        frozenset(field["name"] for field in json.loads(path.read_text())["fields"]) if path.exists() else frozenset()
    )


def fits(value: str, kind: str) -> bool:
    """Whether a value, as it goes over the line, is of one of Meta's types."""
    if kind == "bool":
        return value in ("true", "false")
    if kind == "unsigned int":
        return value.isdigit()
    if kind == "list<string>":
        return all(value.split(","))
    if kind.startswith("list<") and kind.endswith("enum_param>"):
        return bool(re.fullmatch(r"[a-z_]+(,[a-z_]+)*", value))
    return kind == "string"
