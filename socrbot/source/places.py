"""The places of a post's keys, kept small: thousands of posts keep theirs for as long as the service runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from yaml.error import Mark

from socrbot.errors import Place
from socrbot.source.events import Spot

# Most posts have the same keys in the same order, so their names are shared.
_shared: dict[tuple[str, ...], tuple[str, ...]] = {}
_MOST_SHARED = 4096


# The values that a problem may still have to point at when the file is no longer at hand.
_POINTED_AT = ("accounts", "link", "when.slot")


class Places(Mapping[str, Place]):
    """The place of each key as written, by dotted path; an entry of a list is there by its number."""

    __slots__ = ("_keys", "_names", "_path", "_values")

    def __init__(self, path: str, spots: Mapping[str, Spot]) -> None:
        names = tuple(spots)
        if len(_shared) > _MOST_SHARED:
            _shared.clear()
        self._path = path
        self._names = _shared.setdefault(names, names)
        # The parser's own marks: to make anything else of them here would take longer than all the rest.
        self._keys = tuple([spot[0] for spot in spots.values()])
        self._values = tuple([spots[name][1] for name in _POINTED_AT if name in spots])

    def __getitem__(self, name: str) -> Place:
        try:
            return self._place(self._keys[self._names.index(name)])
        except ValueError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def value_of(self, name: str) -> Place:
        """The place at which the value of `accounts`, `link` or `when.slot` begins; of any other key, its own."""
        pointed_at = [one for one in _POINTED_AT if one in self._names]
        if name in pointed_at:
            return self._place(self._values[pointed_at.index(name)])
        return self[name]

    def _place(self, mark: Mark) -> Place:
        return Place(self._path, mark.line + 1, mark.column + 1)
