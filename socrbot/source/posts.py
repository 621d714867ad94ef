"""One file of posts: its text to posts and problems. What a post names elsewhere is looked up in `references`."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import ValidationError

from socrbot.campaign import Draft, InSlot, Post, Variant
from socrbot.errors import Place, Problem, Severity
from socrbot.source.events import Document, Item, Value
from socrbot.source.explain import Explainer
from socrbot.source.fields import ID, identifier
from socrbot.source.models import PostFile
from socrbot.source.places import Places
from socrbot.source.problems import Mistake, Unreadable, problem
from socrbot.source.records import Records

_NONE: Mapping[str, Variant] = MappingProxyType({})
_validate = PostFile.__pydantic_validator__.validate_python

# What a post names elsewhere: its kind ("account", "link", …) and its name.
Reference = tuple[str, str]
# The same of a post that has errors: kind, name, place, and the post's id where it is known.
Loose = tuple[str, str, Place, str | None]


@dataclass(frozen=True, slots=True)
class PostsFile:
    """What one file gave.

    `posts` are the good ones in the file's order, `faulty` the first error of each other post whose id is known.
    `unreadable` is True when nothing of the file could be used, or when a post in it could not be told by its id.
    """

    path: str
    posts: tuple[Post, ...] = ()
    problems: tuple[Problem, ...] = ()
    faulty: Mapping[str, Problem] | None = None
    unreadable: bool = False
    references: frozenset[Reference] = frozenset()
    media: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    loose: tuple[Loose, ...] = ()


def read_posts(path: str, text: str, default_slot: str | None) -> PostsFile:
    """The posts of a file; `path` is relative to the campaign's folder. Raises nothing that the text can cause."""
    return _Reading(path, text, default_slot).result()


def unreadable(path: str, found: Problem) -> PostsFile:
    """A file of which nothing can be used."""
    return PostsFile(path, problems=(found,), unreadable=True)


class _Reading:
    """One pass through one file."""

    def __init__(self, path: str, text: str, default_slot: str | None) -> None:
        self._document = Document(path, text)
        self._default_slot = default_slot
        self._drafts = path.startswith("posts/drafts/")
        self._stem = path.rpartition("/")[2].rpartition(".")[0]
        self._posts: list[Post] = []
        self._problems: list[Problem] = []
        self._faulty: dict[str, Problem] = {}
        self._loose: list[Loose] = []
        self._nameless = False

    def result(self) -> PostsFile:
        """Everything that the file gave."""
        try:
            for index, item in enumerate(self._document.items()):
                self._take(item, index)
        except Unreadable as reason:
            return unreadable(self._document.path, reason.problem)
        return PostsFile(
            self._document.path,
            tuple(self._posts),
            tuple(self._problems),
            self._faulty,
            unreadable=self._nameless,
            references=references_of(self._posts),
            media=frozenset([one.file for post in self._posts for one in post.media]),
            ids=tuple([post.id for post in self._posts]),
            loose=tuple(self._loose),
        )

    def _take(self, item: Item, index: int) -> None:
        post = self._post(item, index)
        if not item.problems and post:
            self._posts.append(post)
            return
        name = post.id if post else self._name_of(item)
        found = [one.about(name) if name else one for one in item.problems]
        self._problems.extend(found)
        errors = [one for one in found if one.severity is Severity.ERROR]
        if post and not errors:
            self._posts.append(post)
            return
        self._loose.extend(_named_in(item, self._document, name))
        if name:
            self._faulty.setdefault(name, errors[0])
        else:
            self._nameless = True

    def _post(self, item: Item, index: int) -> Post | None:
        """The post, or None; the reasons join the item's problems."""
        document, value = self._document, item.value
        try:
            model = _validate(value)
        except ValidationError as error:
            item.problems.extend(Explainer(document, item, PostFile).problems(error))
            return None
        name = model.id or self._stem_as_id(item)
        if name is None:
            return None
        make = Records(document, item)
        make.check_words("", model.text, model.parts)
        schedule = Draft() if self._drafts or model.draft else make.schedule(model, self._default_slot)
        accounts = model.accounts
        return Post(
            id=name,
            parts=make.parts(model.text, model.parts),
            schedule=schedule,
            place=document.place(item.spots[""][1]),
            accounts=() if accounts is None else (accounts,) if isinstance(accounts, str) else tuple(accounts),
            media=make.media(model) if model.media else (),
            link=model.link,
            variants=make.variants(model) if model.variants else _NONE,
            facts=tuple(model.facts or ()),
            order=model.order or 0,
            grace=model.grace,
            author=model.author,
            split=bool(model.split),
            without_threads=model.without_threads,
            language=model.language,
            index=index,
            places=Places(document.path, item.spots),
            digest=_digest((name, value)),
        )

    def _stem_as_id(self, item: Item) -> str | None:
        if item.listed:
            place = self._document.place(item.spots[""][1])
            hint = "write id: and a name of its own, with letters, digits and hyphens"
            item.problems.append(problem("missing-id", place, "each post of a list needs an id", hint=hint))
            return None
        try:
            return identifier(self._stem)
        except Mistake as mistake:
            message = f'the file\'s name "{self._stem}" cannot be an id: ids have letters, digits and hyphens only'
            hint = f"rename the file, or write an id in it ({mistake.hint})"
            item.problems.append(problem("bad-id", Place(self._document.path), message, hint=hint))
            return None

    def _name_of(self, item: Item) -> str | None:
        """The id of a post with errors, where it can be told."""
        value = item.value
        written = value.get("id") if isinstance(value, dict) else None
        if written is None and not item.listed:
            written = self._stem
        return written if isinstance(written, str) and ID.fullmatch(written) else None


def _digest(value: tuple[str, Value]) -> str:
    """SHA-256 of nested texts, in hex."""
    # Version 2 of this format depends on nothing but the values, and is made in a third of the time that repr takes.
    return hashlib.sha256(marshal.dumps(value, 2)).hexdigest()


def _named_in(item: Item, document: Document, post: str | None) -> Iterator[Loose]:
    """What a post with errors names elsewhere, so that all its mistakes are told at once."""
    value = item.value
    if not isinstance(value, dict):
        return
    when = value.get("when")
    named = {"account": "accounts", "link": "link", "fact": "facts", "slot": "when.slot"}
    values = {**value, "when.slot": when.get("slot") if isinstance(when, dict) else None}
    for kind, key in named.items():
        names = values.get(key)
        if isinstance(names, str) and names and kind != "fact":
            yield kind, names, document.place(item.spots[key][1]), post
        elif isinstance(names, list) and kind in ("account", "fact"):
            places = [document.place(item.spots[f"{key}.{number}"][1]) for number in range(len(names))]
            yield from ((kind, one, at, post) for one, at in zip(names, places, strict=True) if isinstance(one, str))
    variants = value.get("variants")
    for name in variants if isinstance(variants, dict) else ():
        yield "variant", name, document.place(item.spots[f"variants.{name}"][0]), post


def references_of(posts: list[Post]) -> frozenset[Reference]:
    """All that some posts name elsewhere."""
    found: set[Reference] = set()
    for post in posts:
        for account in post.accounts:
            found.add(("account", account))
        if post.link:
            found.add(("link", post.link))
        if type(post.schedule) is InSlot:
            found.add(("slot", post.schedule.slot))
        for fact in post.facts:
            found.add(("fact", fact))
        for name in post.variants:
            found.add(("variant", name))
    return frozenset(found)
