"""Loads a campaign's folder: config, posts and media become one Campaign, and all that is wrong becomes problems."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from socrbot.campaign import Campaign, Post
from socrbot.clock import SystemClock
from socrbot.errors import Place, Problem, Severity
from socrbot.source.cache import Cache, Kept
from socrbot.source.collector import collector_paused
from socrbot.source.config import read_config
from socrbot.source.files import Found, Listing, decode, has_settled, posts_in, read_bytes
from socrbot.source.loaded import Loaded
from socrbot.source.media import Inspect, Shelf
from socrbot.source.posts import PostsFile, read_posts, unreadable
from socrbot.source.problems import Unreadable, problem
from socrbot.source.references import check_ids, check_references


def load(root: Path, *, inspect: Inspect | None, cache: Cache | None) -> Loaded:
    """As `source.load`."""
    with collector_paused():
        try:
            folder = root.resolve(strict=True)
        except (OSError, RuntimeError):
            found = problem("missing-file", Place("."), f"there is no folder {root}")
            return Loaded(None, (found,), MappingProxyType({}))
        return _Loading(folder, inspect, cache or Cache()).result()


class _Loading:
    """One pass over one folder, which is resolved."""

    def __init__(self, root: Path, inspect: Inspect | None, cache: Cache) -> None:
        self._root = root
        self._cache = cache
        self._config = read_config(root)
        self._now = int(SystemClock().now().timestamp() * 1_000_000_000)
        cache.prepare(root, self._config.default_slot, inspect)
        self._shelf = Shelf(root, inspect, cache.assets, self._now)

    def result(self) -> Loaded:
        """The campaign, its problems, and the posts that have errors; the same record while nothing changes."""
        listing = posts_in(self._root)
        files = self._files(listing)
        self._look_at_media(files)
        shelf = self._shelf
        made_of = (self._config, files, listing.problems, listing.lost, shelf.assets, shelf.faults)
        if self._cache.loaded is None or self._cache.loaded[0] != made_of:
            self._cache.loaded = made_of, self._put_together(listing, files)
        return self._cache.loaded[1]

    def _put_together(self, listing: Listing, files: list[PostsFile]) -> Loaded:
        posts, faulty, any_id_twice = _merge(files)
        later = self._problems_between(files, any_id_twice=any_id_twice)
        _leave_out(later, posts, faulty)
        problems = [*self._config.problems, *listing.problems, *later]
        problems.extend(chain.from_iterable(file.problems for file in files if file.problems))
        problems.sort(key=lambda one: (one.place.path, one.place.line, one.place.column, one.code))
        campaign = self._campaign(files, posts, faulty, lost=listing.lost)
        return Loaded(campaign, tuple(problems), MappingProxyType(faulty))

    def _files(self, listing: Listing) -> list[PostsFile]:
        """What each file gave, from the cache where it has not changed."""
        kept: dict[str, Kept] = {}
        for found in listing.files:
            before = self._cache.files.get(found.path)
            if before is None or not before.settled or before.signature != found.signature:
                before = self._read(found, before)
            kept[found.path] = before
        self._cache.files = kept
        files = [one.file for one in kept.values()]
        if listing.unreadable:
            files.extend(unreadable(path, found) for path, found in listing.unreadable)
            files.sort(key=lambda file: file.path)
        return files

    def _read(self, found: Found, before: Kept | None) -> Kept:
        settled = has_settled(found.signature, self._now)
        try:
            content = read_bytes(self._root, found.path)
            digest = hashlib.sha256(content).digest()
            if before and before.content == digest:
                return Kept(found.signature, settled, digest, before.file)
            file = read_posts(found.path, decode(found.path, content), self._config.default_slot)
        except Unreadable as reason:
            return Kept(found.signature, False, b"", unreadable(found.path, reason.problem))
        return Kept(found.signature, settled, digest, file)

    def _look_at_media(self, files: list[PostsFile]) -> None:
        for path in sorted(frozenset().union(*(file.media for file in files if file.media))):
            self._shelf.look(path)
        self._cache.assets = self._shelf.seen

    def _problems_between(self, files: list[PostsFile], *, any_id_twice: bool) -> list[Problem]:
        """What is wrong between files: names that do not exist, ids that exist twice, media that are not there."""
        found = list(check_references(files, self._config.known))
        if any_id_twice:
            found.extend(check_ids(files))
        if self._shelf.faults:
            for file in files:
                if not file.media.isdisjoint(self._shelf.faults):
                    found.extend(chain.from_iterable(map(self._shelf.problems_of, file.posts)))
        return found

    def _campaign(
        self, files: list[PostsFile], posts: dict[str, Post], faulty: Mapping[str, Problem], *, lost: bool
    ) -> Campaign | None:
        config, general = self._config, self._config.campaign
        if general is None or config.accounts is None:
            return None
        out = (*config.unreadable, *(file.path for file in files if file.unreadable))
        return Campaign(
            name=general.name,
            hashtag=general.hashtag,
            zone=general.time_zone,
            language=general.language,
            links=config.links,
            facts=config.facts,
            accounts=config.accounts,
            slots=config.slots,
            posts=MappingProxyType(posts),
            digest=self._digest(posts, (*out, *faulty)),
            default_slot=config.default_slot,
            quiet_hours=general.quiet_hours,
            spacing=general.spacing,
            grace=general.grace,
            plan_ahead=general.plan_ahead,
            prices=MappingProxyType(general.prices),
            utm=MappingProxyType(general.utm),
            public_media=config.public_media,
            assets=MappingProxyType(self._shelf.assets),
            unreadable=out,
            config_unreadable=config.broken or lost,
        )

    def _digest(self, posts: Mapping[str, Post], left_out: Iterable[str]) -> str:
        """Covers config, posts in their order and files, what was left out, and the media."""
        lines = [self._config.digest]
        lines.extend([f"{post.place.path} {post.digest}" for post in posts.values()])
        lines.extend(left_out)
        lines.extend(f"{path} {one.digest or one.size}" for path, one in self._shelf.assets.items())
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _merge(files: list[PostsFile]) -> tuple[dict[str, Post], dict[str, Problem], bool]:
    """All posts by id, the first error of each faulty one, and whether any id is there twice."""
    posts: dict[str, Post] = {}
    faulty: dict[str, Problem] = {}
    total = 0
    for file in files:
        posts.update(zip(file.ids, file.posts, strict=True))
        total += len(file.ids)
        if file.faulty:
            faulty.update(file.faulty)
            total += len(file.faulty)
    return posts, faulty, len(posts) + len(faulty) != total or not posts.keys().isdisjoint(faulty)


def _leave_out(later: list[Problem], posts: dict[str, Post], faulty: dict[str, Problem]) -> None:
    """Takes out of the posts those that have an error, be it their own or one between files."""
    for found in later:
        if found.post and found.severity is Severity.ERROR:
            faulty.setdefault(found.post, found)
    for name in faulty:
        posts.pop(name, None)
