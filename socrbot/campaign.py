"""What the team wrote, loaded and checked: frozen records with their places in the files.

Nothing here reads a file or a clock. `source/` makes these records, everything else only reads them.
Times in a schedule are wall times (naive datetimes in the campaign's zone); durations are timedeltas.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from sys import maxsize
from types import MappingProxyType
from zoneinfo import ZoneInfo

from socrbot.errors import Place

EMPTY: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Text:
    """A Jinja2 text as the team wrote it, and where it stands.

    `place` is that of the value's first character in the file. `indent` is the number of columns that
    YAML took away from each line of a block text (`|`), or None for any other style. `folds` is for text
    that YAML put together out of several lines: where each of them begins, as (characters of `source` before
    it, line, column). Without either, only the first line's place is known exactly.
    """

    source: str
    place: Place
    indent: int | None = None
    folds: tuple[tuple[int, int, int], ...] = ()

    def place_of(self, line: int, column: int = 1) -> Place:
        """The place in the file of line `line`, column `column` (both from 1) of this text."""
        if self.folds:
            offset = sum(len(above) + 1 for above in self.source.split("\n")[: line - 1]) + column - 1
            before, at, first = self.folds[max(bisect_right(self.folds, (offset, maxsize, 0)) - 1, 0)]
            return Place(self.place.path, at, first + offset - before)
        if self.indent is not None:
            return Place(self.place.path, self.place.line + line - 1, self.indent + column)
        if line == 1:
            return Place(self.place.path, self.place.line, self.place.column + column - 1)
        return self.place


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from."""

    title: str
    url: str | None = None
    publisher: str | None = None
    published: date | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement, its figure, its source, and how long it may be used without being looked at again.

    `figure` is the short form for use inside a sentence ("98.3%"); None where the fact has none.
    `check_again` is the last day on which the fact may still go out.
    """

    id: str
    statement: str
    place: Place
    figure: str | None = None
    source: Source | None = None
    checked: date | None = None
    checked_by: str | None = None
    check_again: date | None = None
    retired: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A named call to action. `placeholder` is True while its address is on example.org (or .com, .net).

    `utm` is False where the campaign's `utm` parameters must not be put behind its address.
    """

    name: str
    url: str
    place: Place
    title: str | None = None
    placeholder: bool = False
    utm: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """One place to publish, on one network. Its credentials stand in the environment, never here.

    `env` is the prefix of its variables where a campaign has two accounts on one network: with
    `env: BSKY_WALES` the handle is read from BSKY_WALES_HANDLE. `options` holds what only its
    network understands. `budget` is the most that may be spent on it in a calendar month, in US dollars.
    `only_with_media` leaves out posts without a picture, unless they name the account. `metrics` says whether likes
    and the like are fetched: None for the network's own habit (yes where it costs nothing).
    """

    id: str
    network: str
    place: Place
    title: str | None = None
    env: str | None = None
    spacing: timedelta | None = None
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    budget: float | None = None
    only_with_media: bool = False
    metrics: bool | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """What is known of a media file: its digest, its format and size.

    `problem` says in one sentence why the file cannot be used; then the other fields are empty.
    `size` is in bytes, `width` and `height` in pixels, `digest` is the SHA-256 of the file in hex, `seconds` how long
    a video is.
    """

    path: str
    mime: str = ""
    size: int = 0
    width: int = 0
    height: int = 0
    digest: str = ""
    problem: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A media file of a post, with its description for people who cannot see it.

    `people` is what the author said of recognisable people in it: True, False, or None where
    nothing was said, which counts as yes. `consent` is the reference of a consent record. `crop` allows it to be
    cut to a network's shape; `focus` is what matters most in it, x and y from -1 to 1 (left and bottom are -1).
    """

    file: str
    alt: str
    place: Place
    people: bool | None = None
    consent: str | None = None
    crop: bool = False
    focus: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """One time or a list of times. `listed` is True for a list: then each time has an identity of its own."""

    walls: tuple[datetime, ...]
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """A recurring time: weekdays (0 is Monday) at a time of day, or a cron expression.

    `until` is the last day on which it goes out, `count` the greatest number of times, counted from `since`
    (the day from which the series counts; the day on which the ledger first saw the post where None).
    """

    weekdays: tuple[int, ...] = ()
    at: time | None = None
    cron: str | None = None
    until: date | None = None
    count: int | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True)
class InSlot:
    """The post waits in the queue of the weekly slot with this name."""

    slot: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The post is checked and never planned."""


Schedule = Once | Every | InSlot | Draft


@dataclass(frozen=True, slots=True)
class Slot:
    """A named weekly time at which the next queued post goes out."""

    name: str
    every: Every
    place: Place


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end` (wall time, may pass midnight) nothing goes out; what is due then goes out at `end`."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Variant:
    """Wording for one network or one account. `skip` leaves the post out there.

    `options` are what only that network understands, for this post: they win over the account's own.
    """

    text: Text | None = None
    parts: tuple[Text, ...] = ()
    skip: bool = False
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class WithoutThreads(StrEnum):
    """What becomes of a post in several parts on a network where a post cannot answer another."""

    JOIN = "join"
    FIRST = "first"
    COMMENTS = "comments"


@dataclass(frozen=True, slots=True)
class PublicMedia:
    """Where networks that fetch pictures find them: a public folder, or an account whose network shows them.

    `url` is the https address of the folder, and `folder` the same folder on this machine (absolute, or below the
    campaign's). `through` is the id of an account, instead of both.
    """

    place: Place
    url: str | None = None
    folder: str | None = None
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One thing to say.

    `parts` has one text for an ordinary post, more for a thread. `accounts` are account ids, () for all.
    `variants` is keyed by account id or network name; the account's own wins. `places` gives the
    place of each key as written, by dotted path ("when", "media.0.alt"). `index` is the post's number in
    its file, from 0. `digest` changes whenever anything that the file says of the post changes. `split` allows a
    text that is too long for a network with threads to become one. `language` is the post's own, else the campaign's.
    """

    id: str
    parts: tuple[Text, ...]
    schedule: Schedule
    place: Place
    accounts: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    link: str | None = None
    variants: Mapping[str, Variant] = field(default_factory=lambda: MappingProxyType({}))
    facts: tuple[str, ...] = ()
    order: int = 0
    grace: timedelta | None = None
    author: str | None = None
    split: bool = False
    without_threads: WithoutThreads | None = None
    language: str | None = None
    index: int = 0
    places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}))
    digest: str = ""

    @property
    def path(self) -> str:
        """The file that the post stands in, relative to the campaign's folder."""
        return self.place.path

    def place_of(self, key: str) -> Place:
        """The place of a key ("when", "media.0.alt"), or of the nearest enclosing one that was written."""
        while key:
            if key in self.places:
                return self.places[key]
            key = key.rpartition(".")[0]
        return self.place


@dataclass(frozen=True, slots=True)
class Campaign:
    """All that the team wrote under `config/` and `posts/`: an immutable snapshot with a digest.

    `posts` is keyed by post id, in the order of the files. `assets` has an entry for each media file that
    a post names. `unreadable` are files of which nothing could be understood; `config_unreadable` is True when
    one of them is under `config/`: then nothing goes out. `posts_by_path` says which posts each file gave.
    `prices` is money in US dollars by name ("x.post", "x.post_with_link"). `utm` has the parameters that are put
    behind the addresses of `links`, by name ("utm_source"), with {network}, {account} and {post} still to fill in.
    """

    name: str
    hashtag: str
    zone: ZoneInfo
    language: str
    links: Mapping[str, Link]
    facts: Mapping[str, Fact]
    accounts: Mapping[str, Account]
    slots: Mapping[str, Slot]
    posts: Mapping[str, Post]
    digest: str
    default_slot: str | None = None
    quiet_hours: QuietHours | None = None
    spacing: timedelta = timedelta(0)
    grace: timedelta = timedelta(hours=2)
    plan_ahead: timedelta = timedelta(days=28)
    prices: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    utm: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    public_media: PublicMedia | None = None
    assets: Mapping[str, Asset] = field(default_factory=lambda: MappingProxyType({}))
    unreadable: tuple[str, ...] = ()
    config_unreadable: bool = False

    def accounts_of(self, post: Post) -> tuple[Account, ...]:
        """The accounts that a post goes to, in the order of `config/accounts.yaml`; unknown names are left out."""
        return tuple(account for account in self.accounts.values() if self._goes_to(post, account))

    def _goes_to(self, post: Post, account: Account) -> bool:
        unnamed = bool(post.media) or not account.only_with_media
        wanted = account.id in post.accounts if post.accounts else unnamed
        return wanted and not (post.variants and self.variant_of(post, account).skip)

    def variant_of(self, post: Post, account: Account) -> Variant:
        """The wording for this account: its own, else its network's, else an empty one.

        Where its own has nothing but `options`, the network's words stay, and its options stand above the network's.
        """
        own, shared = post.variants.get(account.id), post.variants.get(account.network)
        if own is None or shared is None or own is shared:
            return own or shared or Variant()
        options = MappingProxyType({**shared.options, **own.options})
        silent = own.text is None and not own.parts and not own.skip
        return replace(shared if silent else own, options=options)

    def grace_of(self, post: Post) -> timedelta:
        """How late the post may still go out."""
        return self.grace if post.grace is None else post.grace

    def spacing_of(self, account: Account) -> timedelta:
        """The least time between two posts of the account."""
        return self.spacing if account.spacing is None else account.spacing
