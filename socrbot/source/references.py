"""What posts name elsewhere: accounts, links, slots and facts that may not be there, and ids that are there twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from socrbot.campaign import InSlot, Post
from socrbot.errors import Place, Problem
from socrbot.source.places import Places
from socrbot.source.posts import Loose, PostsFile, Reference
from socrbot.source.problems import did_you_mean, odd_character, problem, said
from socrbot.text.names import known_network

_FILES = {
    "account": "config/accounts.yaml",
    "variant": "config/accounts.yaml",
    "link": "config/campaign.yaml",
    "slot": "config/campaign.yaml",
    "fact": "config/facts.yaml",
}
_CODES = {"variant": "unknown-account"}
_CALLED = {"variant": "account or network"}


@dataclass(frozen=True, slots=True)
class Known:
    """What posts may name: by kind, each name and its place. `wrong` are names whose own entry has a mistake.

    A kind that is not there is not checked: its file cannot be read, and one problem about that is enough.
    """

    names: Mapping[str, Mapping[str, Place]]
    wrong: Mapping[Reference, Place]

    def references(self) -> frozenset[Reference]:
        """Every pair of kind and name that exists."""
        return frozenset((kind, name) for kind, names in self.names.items() for name in names)

    def unchecked(self) -> frozenset[str]:
        """The kinds that cannot be checked."""
        return frozenset(_FILES) - frozenset(self.names)

    def missing(self, kind: str, name: str, place: Place) -> Problem:
        """The problem of a name that does not exist."""
        called, file = _CALLED.get(kind, kind), _FILES[kind]
        wrong = self.wrong.get((kind, name))
        if wrong:
            message = f"the {called} {said(name)} has a mistake of its own"
            return problem(_code(kind), place, message, hint=f"put that right first: {wrong}")
        hint = self._meant(kind, name) or did_you_mean(name, self.names[kind]) or f"{file} has none"
        if hint.startswith("did"):
            near = self.names[kind][hint.split('"')[1]]
            hint = f"{hint.removesuffix('?')} ({near.path}:{near.line})?"
        else:
            hint = odd_character(name) or hint
        return problem(_code(kind), place, f"there is no {called} called {said(name)} in {file}", hint=hint)

    def _meant(self, kind: str, name: str) -> str | None:
        """A hint where something else than a name was written, or a network's name that is not its own here."""
        if kind == "link" and name.startswith(("http://", "https://")):
            return (
                "link: takes the name of an address in config/campaign.yaml. "
                "Give this one a name there under links:, or write it into the text of the post"
            )
        network = known_network(name) if kind in ("account", "variant") else None
        if network is None:
            return None
        if network in self.names[kind]:
            return f'did you mean "{network}"?'
        other = next((one for one in self.names[kind] if one.startswith(f"{network}-")), None)
        return f'did you mean "{other}"?' if other else None


def _code(kind: str) -> str:
    return _CODES.get(kind, f"unknown-{kind}")


def named_in(file: PostsFile) -> Iterator[Loose]:
    """Kind, name and place of all that the posts of a file name elsewhere, and the post's id."""
    yield from file.loose
    for post in file.posts:
        for kind, name, place in _named_in(post):
            yield kind, name, place, post.id


def _named_in(post: Post) -> Iterator[tuple[str, str, Place]]:
    for number, account in enumerate(post.accounts):
        yield "account", account, _entry(post, "accounts", number)
    if post.link:
        yield "link", post.link, _value(post, "link")
    if isinstance(post.schedule, InSlot) and "when" in post.places:
        yield "slot", post.schedule.slot, _value(post, "when.slot")
    for number, fact in enumerate(post.facts):
        yield "fact", fact, _entry(post, "facts", number)
    for name in post.variants:
        yield "variant", name, post.place_of(f"variants.{name}")


def check_references(files: Iterable[PostsFile], known: Known) -> Iterator[Problem]:
    """A problem for each name that does not exist, said of its post."""
    existing, unchecked = known.references(), known.unchecked()
    for file in files:
        if file.loose or not file.references <= existing:
            for kind, name, place, post in named_in(file):
                if name and kind not in unchecked and (kind, name) not in existing:
                    found = known.missing(kind, name, place)
                    yield found.about(post) if post else found


def check_ids(files: Iterable[PostsFile]) -> Iterator[Problem]:
    """A problem at each post whose id another post has too, naming the other's place."""
    places: dict[str, list[Place]] = {}
    for file in files:
        for post in file.posts:
            places.setdefault(post.id, []).append(post.places.get("id", post.place))
        for name, error in (file.faulty or {}).items():
            places.setdefault(name, []).append(error.place)
    for name, found in places.items():
        for number, place in enumerate(found):
            if len(found) > 1:
                other = found[0] if number else found[1]
                message = f'another post has the id "{name}" too: {other}'
                yield problem("duplicate-id", place, message, hint="give one of them another id").about(name)


def _entry(post: Post, key: str, number: int) -> Place:
    """The place of one entry of a list, or of the single value that stands for one."""
    return post.places.get(f"{key}.{number}") or _value(post, key)


def _value(post: Post, key: str) -> Place:
    return post.places.value_of(key) if isinstance(post.places, Places) else post.place_of(key)
