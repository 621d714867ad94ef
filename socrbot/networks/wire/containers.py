"""How Instagram and Threads publish: a container is made, gets ready, and is published by one call with its number.

The number is kept before that call, and publishing the same container again makes no second post: so a lost answer is
settled by asking the container. Not here: what goes into a container (`instagram.py`, `threads.py`), and the reading
of the account's posts (`container_posts.py`).

Pages: https://developers.facebook.com/docs/instagram-platform/content-publishing and
https://developers.facebook.com/docs/threads/posts
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event
from typing import TYPE_CHECKING, Any

from socrbot.errors import NetworkError, NotSent, OutcomeUnknown, Refused, Unauthorised
from socrbot.message import Absent, Attachment, CannotTell, Finding, Receipt
from socrbot.networks.base import Equipment, Steps
from socrbot.networks.wire import graph_errors
from socrbot.networks.wire.container_posts import Posts, by_list
from socrbot.networks.wire.graph_errors import Names

if TYPE_CHECKING:
    from socrbot.networks.wire.graph import Graph

# Meta drops a container after a day. One that has less than an hour left is not begun with.
_LIVES = timedelta(hours=23)
# Seconds between looks at a new container: pictures are ready soon, videos are not.
_PICTURE, _VIDEO = (2.0, 5.0, 10.0), (10.0, 20.0)
_LATER = timedelta(minutes=1)
_CLOCKS_DIFFER = timedelta(minutes=75)
# Codes of a container that is not there, or not there any more.
GONE = graph_errors.GONE | {"24/2207006", "24/2207008"}
# Reasons why a container failed for which the same file would fail again.
_FOR_GOOD = re.compile(r"INVALID|FAILED_PROCESSING|22070(?:04|05|09|10|23|26|28|40|57)")


class State(StrEnum):
    """What becomes of a container, in Meta's words; `GONE` is ours."""

    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    PUBLISHED = "PUBLISHED"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"
    GONE = "GONE"


_DEAD = frozenset({State.ERROR, State.EXPIRED, State.GONE})


@dataclass(frozen=True, slots=True)
class Flow:
    """What one network calls the steps.

    create, publish    edges of the account that make a container and publish it
    status, explains   fields of a container
    quota              the edge that tells how many posts are left today
    posts              how the account's posts are read
    """

    names: Names
    create: str
    publish: str
    status: str
    explains: str
    quota: str
    posts: Posts


class Shelf:
    """The public files of one part: shown until its container has been made of them. Their addresses are kept."""

    def __init__(self, equipment: Equipment, steps: Steps, network: str) -> None:
        self._equipment = equipment
        self._steps = steps
        self._network = network

    def show(self, attachment: Attachment, *, like: Attachment | None = None) -> str:
        """The public address of a picture or video, of the shape of `like`. Raises Refused where there is no place."""
        hosting = self._equipment.hosting
        if hosting is None:
            raise Refused(
                f"{self._network} fetches pictures from a public address, and this campaign has none. "
                "Set media: public_url in config/campaign.yaml."
            )
        rendition = self._equipment.media(attachment, like=like) if like else self._equipment.media(attachment)
        address = hosting.show(rendition, alt=attachment.alt)
        self._keep([*self._shown(), address])
        return address

    def clear(self, *addresses: str) -> None:
        """Takes all of them away, or only these; those that cannot be are tried again the next time."""
        left = [address for address in self._shown() if addresses and address not in addresses]
        for address in self._shown():
            if address in left:
                continue
            try:
                if self._equipment.hosting is not None:
                    self._equipment.hosting.hide(address)
            except NetworkError:
                left.append(address)
        if left != self._shown():
            self._keep(left)

    def _shown(self) -> list[str]:
        return list(json.loads(self._steps.get("shown") or "[]"))

    def _keep(self, addresses: list[str]) -> None:
        self._steps.keep("shown", json.dumps(addresses))


class Containers:
    """The containers of one account. `graph` gives the client, `user` is the account's number."""

    def __init__(self, equipment: Equipment, graph: Callable[[], Graph], *, user: str, flow: Flow) -> None:
        self._equipment = equipment
        self._graph = graph
        self._user = user
        self._flow = flow

    @property
    def _network(self) -> str:
        return self._flow.names.network

    def shelf(self, steps: Steps) -> Shelf:
        """Where the files of a part are shown."""
        return Shelf(self._equipment, steps, self._network)

    def child(self, what: object, form: Callable[[], dict[str, str]], *, steps: Steps) -> str:
        """The number of a picture's container that will be part of another: from an earlier try, else made of `form()`.

        Raises NetworkError where it cannot be made.
        """
        name = _step(what)
        known = steps.get(name)
        if known is None or self.state(known)[0] not in (State.IN_PROGRESS, State.FINISHED):
            known = self._make(name, form, steps)
        return known

    def ready(
        self, what: object, form: Callable[[], dict[str, str]], *, steps: Steps, video: bool = False
    ) -> tuple[str, bool]:
        """The number of a container that is ready to be published, and whether it is published already.

        One from an earlier try is used where it still can be, else it is made of `form()`. Its files are on the shelf
        while it is being made, and no longer. Raises NotSent with a time to come back where it is not ready yet, and
        where it failed in a way that may pass; Refused where the network cannot use a file.
        """
        shelf, name = self.shelf(steps), _step(what)
        container = steps.get(name)
        state = self.state(container)[0] if container else State.GONE
        if container and state in _DEAD:
            shelf.clear()
        reason = ""
        if not container or state in _DEAD:
            try:
                container, state = self._make(name, form, steps), State.IN_PROGRESS
            except (Refused, Unauthorised):
                shelf.clear()
                raise
        if state is State.IN_PROGRESS:
            state, reason = self._wait(container, _VIDEO if video else _PICTURE)
        shelf.clear()
        if state is State.ERROR:
            words = f"{self._network} could not use what was prepared: {reason or 'it gives no reason'}."
            raise Refused(words) if _FOR_GOOD.search(reason) else NotSent(words)
        return container, state is State.PUBLISHED

    def _make(self, name: str, form: Callable[[], dict[str, str]], steps: Steps) -> str:
        fields = form()
        try:
            made = self._graph().put_object(self._user, self._flow.create, **fields).get("id")
        except NetworkError:
            self.shelf(steps).clear(fields.get("image_url") or fields.get("video_url") or "")
            raise
        if not made:
            raise NotSent(f"{self._network} took the post and did not say under which number.")
        steps.keep(name, str(made), expires_at=self._equipment.clock.now() + _LIVES)
        return str(made)

    def _wait(self, container: str, pauses: tuple[float, ...]) -> tuple[State, str]:
        """What a container becomes, looked at a few times, and why. Raises NotSent where it is still in progress."""
        clock = self._equipment.clock
        for pause in (*pauses, None):
            state, reason = self.state(container)
            if state is not State.IN_PROGRESS:
                return state, reason
            if pause is not None:
                clock.wait(Event(), pause)
        raise NotSent(f"{self._network} is still at work on the pictures or the video.", retry_at=clock.now() + _LATER)

    def state(self, container: str) -> tuple[State, str]:
        """What has become of a container, and the reason where it failed. Raises NetworkError."""
        flow = self._flow
        try:
            answer = self._graph().get_object(container, fields=f"{flow.status},{flow.explains}")
        except NetworkError as error:
            if error.code in GONE:
                return State.GONE, ""
            raise
        try:
            return State(answer[flow.status]), str(answer.get(flow.explains) or "")
        except (KeyError, ValueError):
            raise NotSent(f"{self._network} did not say what became of the post that was prepared.") from None

    def publish(self, container: str) -> str:
        """One call; the number of the post. Where the network says no, the container is asked whether that is true."""
        try:
            post = self._graph().put_object(self._user, self._flow.publish, creation_id=container).get("id")
        except OutcomeUnknown:
            raise
        except NetworkError as no:
            if no.code is not None and self._is_out(container):
                raise OutcomeUnknown(f"{no} But the post is out.", status=no.status, code=no.code) from None
            raise
        if not post:
            raise OutcomeUnknown(f"{self._network} answered without the number of the post.")
        return str(post)

    def _is_out(self, container: str) -> bool:
        with contextlib.suppress(NetworkError):
            return self.state(container)[0] is State.PUBLISHED
        return False

    def receipt(self, post: str, **extra: str) -> Receipt:
        """The receipt of a post; without its address where the network does not give it now."""
        url = None
        with contextlib.suppress(NetworkError):
            url = self._graph().get_object(post, fields="permalink").get("permalink")
        return Receipt(id=post, url=url if isinstance(url, str) else None, extra=extra)

    def find(
        self, container: str | None, text: str, media: int, *, since: datetime, edge: str | None = None
    ) -> Finding:
        """Whether a container was published; None where its number is lost. Raises NetworkError where nobody says.

        `text` and `media` (how many pictures and videos) tell the post among the account's, from just before `since`.
        """
        now = self._equipment.clock.now()
        state = self.state(container)[0] if container else State.GONE
        if state is State.FINISHED:
            return Absent(f"{self._network} says that the post is prepared and not published.")
        if state is State.IN_PROGRESS:
            return CannotTell(f"{self._network} is still at work on the post.", now + _LATER)
        posts = self._flow.posts
        finding = by_list(
            posts.since(self._graph(), self._user, since - _CLOCKS_DIFFER, edge=edge), text, media, self._network
        )
        if state is State.PUBLISHED and isinstance(finding, Absent):
            return CannotTell(f"{self._network} says that the post is out, and does not show it yet.", now + _LATER)
        return finding

    def check_quota(self, usage: str = "quota_usage", config: str = "config") -> None:
        """Raises NotSent for the whole account where the network takes no more posts today, by its own live count."""
        with contextlib.suppress(Refused):
            answer = self._graph().get_connections(self._user, self._flow.quota, fields=f"{usage},{config}")
            used, total = _numbers(answer, usage, config)
            if total and used >= total:
                raise NotSent(
                    f"{self._network} takes {total} posts in 24 hours, and they are used up.",
                    retry_at=self._equipment.clock.now() + timedelta(hours=1),
                    whole_account=True,
                )


def _step(what: object) -> str:
    return f"container:{hashlib.sha256(repr(what).encode()).hexdigest()[:24]}"


def _numbers(answer: dict[str, Any], usage: str, config: str) -> tuple[int, int]:
    """How many posts were made, and how many may be; (0, 0) where the answer does not say."""
    try:
        line = answer["data"][0]
        return int(line[usage]), int(line[config]["quota_total"])
    except (KeyError, IndexError, TypeError, ValueError):
        return 0, 0
