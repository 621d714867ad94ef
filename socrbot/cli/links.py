"""`doctor --links`: whether the addresses that people are asked to go to lead anywhere.

Looks only: nothing but HEAD and GET leaves, each redirect is followed by hand and told, and machines that the public
cannot reach are not asked. Slow servers and endless lists are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from socrbot.campaign import Campaign, Draft, Once, Post
from socrbot.clock import to_instant
from socrbot.errors import NetworkError, NotSent
from socrbot.hosting.answering import addresses_of
from socrbot.message import Capabilities, SpanKind
from socrbot.networks.wire.hosts import is_public
from socrbot.rendering import Renderer
from socrbot.report import words
from socrbot.source.fields import is_placeholder

if TYPE_CHECKING:
    from socrbot.http import Answer, Session

MOST_LINKS = 200
# For all links together, and for each step of one (connecting, waiting for the answer), in seconds.
LONGEST = 180.0
TIMEOUT = (5.0, 10.0)
_MOST_STEPS = 6
_MOVED_FOR_GOOD = frozenset({301, 308})
_MOVED = _MOVED_FOR_GOOD | {302, 303, 307}
_GONE = frozenset({404, 410})
# Many sites send programs away and let people in.
_SENT_AWAY = frozenset({401, 403, 405, 406, 429, 999})
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Visited:
    """What became of an address. `where` says in words who uses it, `well` whether people can go there."""

    address: str
    where: str
    well: bool
    says: str

    def __str__(self) -> str:
        return f"{self.address} ({self.where}): {self.says}"

    def as_data(self) -> dict[str, object]:
        """The same for programs."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Visits:
    """Tests addresses over a session.

    resolve     the network addresses of a host; none where there is no such host
    monotonic   seconds on a clock that never jumps
    """

    session: Session
    monotonic: Callable[[], float]
    resolve: Callable[[str], Sequence[str]] = addresses_of

    def test(self, addresses: Mapping[str, str]) -> Iterator[Visited]:
        """Tests each address, as far as number and time allow; what was left out is said. Address -> who uses it."""
        end = self.monotonic() + LONGEST
        for number, (address, where) in enumerate(addresses.items()):
            if number >= MOST_LINKS or self.monotonic() > end:
                left = words.count(len(addresses) - number, "address was", "addresses were")
                yield Visited(address, where, False, f"not tested: there was no more time. {left} left out")
                return
            well, says = self._test(address)
            yield Visited(address, where, well, says)

    def _test(self, address: str) -> tuple[bool, str]:
        if is_placeholder(address):
            return True, "made up, still to be filled in. It was not asked"
        steps: list[str] = []
        moved = True
        for _ in range(_MOST_STEPS):
            refused = self._refusal(address)
            if refused is not None:
                return False, f"{refused}{_by_way_of(steps)}"
            answer = self._ask(address)
            if isinstance(answer, str):
                return False, f"NOT WORKING: {answer}{_by_way_of(steps)}"
            target = answer.headers.get("Location")
            if answer.status not in _MOVED or not target:
                return _judged(answer.status, steps, moved=moved)
            moved = moved and answer.status in _MOVED_FOR_GOOD
            address = urljoin(address, target)
            steps.append(address)
        return False, f"NOT WORKING: it leads on and on without an end{_by_way_of(steps)}"

    def _refusal(self, address: str) -> str | None:
        """Why an address is not even asked; None where it may be."""
        try:
            parts = urlsplit(address)
            host, scheme = parts.hostname or "", parts.scheme
        except ValueError:
            host, scheme = "", ""
        if scheme not in ("http", "https") or not host:
            return "NOT WORKING: that is no address of a page"
        found = self.resolve(host)
        if not found:
            return f"NOT WORKING: there is no server called {host}, or it could not be looked up"
        if not all(is_public(each) for each in found):
            return f"NOT REACHABLE: {host} is in a private network, where the public cannot go. It was not asked"
        return None

    def _ask(self, address: str) -> Answer | str:
        """The answer to HEAD, or to GET where HEAD does not do; or what went wrong, in words."""
        failed = ""
        for method, headers in (("HEAD", {}), ("GET", {"Range": "bytes=0-1023"})):
            try:
                answer = self.session.call(method, address, headers=headers, timeout=TIMEOUT)
            except NotSent as error:
                return str(error)
            except NetworkError as error:
                failed = str(error)
                continue
            if answer.status < 400 or method == "GET":
                return answer
        return failed


def _judged(status: int, steps: Sequence[str], *, moved: bool) -> tuple[bool, str]:
    on = _by_way_of(steps)
    if 200 <= status < 300 or status == 416:
        advice = ". It moved there for good: better write that address" if steps and moved else ""
        return True, f"works{on}{advice}"
    if status in _GONE:
        return False, f"NOT WORKING: there is no such page ({status}){on}"
    if status in _SENT_AWAY:
        return True, f"answers, but does not let programs look ({status}): look at it yourself{on}"
    return False, f"NOT WORKING: the server answered {status}{on}"


def _by_way_of(steps: Sequence[str]) -> str:
    return f", leads on to {' and then to '.join(steps)}" if steps else ""


def addresses_in(campaign: Campaign, capabilities: Mapping[str, Capabilities], *, now: datetime) -> Mapping[str, str]:
    """Every named link and every address in a post that is still to come: address -> who uses it, in words.

    `now` is aware UTC. Addresses are those without the campaign's UTM parameters.
    """
    users: dict[str, list[str]] = {link.url: [f"link {link.name}"] for link in campaign.links.values()}
    plain = replace(campaign, utm={})
    renderer = Renderer(plain)
    for post in plain.posts.values():
        if _is_coming(post, campaign, now):
            for address in dict.fromkeys(_addresses_of(post, plain, renderer, capabilities)):
                users.setdefault(address, []).append(post.id)
    return {address: _named(names) for address, names in users.items()}


def _addresses_of(
    post: Post, campaign: Campaign, renderer: Renderer, capabilities: Mapping[str, Capabilities]
) -> Iterator[str]:
    for account in campaign.accounts_of(post):
        capable = capabilities.get(account.id)
        message = renderer.render(post, account, capable).message if capable is not None else None
        for part in message.parts if message is not None else ():
            yield from (span.value for span in part.spans if span.kind is SpanKind.LINK)
            if part.link is not None:
                yield part.link


def _is_coming(post: Post, campaign: Campaign, now: datetime) -> bool:
    if isinstance(post.schedule, Draft):
        return False
    if isinstance(post.schedule, Once):
        return any(to_instant(wall, campaign.zone)[0] > now for wall in post.schedule.walls)
    return True


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
