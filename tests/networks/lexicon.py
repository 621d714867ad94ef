"""Holds a Bluesky record against the vendor's own lexicons: what must be there, types, and limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import regex

from tests.vendor import vendor

_TYPES: Mapping[str, type] = {
    "string": str,
    "integer": int,
    "array": list,
    "object": dict,
    "boolean": bool,
    "blob": dict,
}


def mistakes(record: Mapping[str, Any], name: str = "app.bsky.feed.post") -> list[str]:
    """What is wrong with a record by the lexicon of this name; an empty list where nothing is."""
    main = _lexicon(name)["defs"]["main"]
    return list(_look(record, main.get("record", main), name, "$"))


def _lexicon(name: str) -> dict[str, Any]:
    return dict(json.loads(vendor(f"atproto/{name}.json").read_text()))


def _look(value: Any, rule: Mapping[str, Any], home: str, where: str) -> Iterator[str]:
    kind = rule["type"]
    if kind == "ref":
        yield from _follow(value, rule["ref"], home, where)
    elif kind == "union":
        wanted = {_full(ref, home): ref for ref in rule["refs"]}
        named = value.get("$type", "").removesuffix("#main")
        if named not in wanted:
            yield f"{where}: {named!r} is none of {sorted(wanted)}"
        else:
            yield from _follow(value, wanted[named], home, where)
    elif not isinstance(value, _TYPES.get(kind, object)):
        yield f"{where}: not of the type {kind}"
    else:
        yield from _limits(value, rule, where)
        yield from _inside(value, rule, home, where)


def _inside(value: Any, rule: Mapping[str, Any], home: str, where: str) -> Iterator[str]:
    if rule["type"] == "object":
        yield from (f"{where}: {name} is missing" for name in rule.get("required", ()) if name not in value)
        for name, inner in rule.get("properties", {}).items():
            if name in value:
                yield from _look(value[name], inner, home, f"{where}.{name}")
        yield from (f"{where}: {name} is unknown" for name in value.keys() - rule.get("properties", {}) - {"$type"})
    elif rule["type"] == "array":
        for number, item in enumerate(value):
            yield from _look(item, rule["items"], home, f"{where}[{number}]")


def _limits(value: Any, rule: Mapping[str, Any], where: str) -> Iterator[str]:
    size = len(value.encode()) if isinstance(value, str) else len(value) if isinstance(value, list) else 0
    if size > rule.get("maxLength", size):
        yield f"{where}: longer than {rule['maxLength']}"
    if isinstance(value, str) and len(regex.findall(r"\X", value)) > rule.get("maxGraphemes", 10**9):
        yield f"{where}: more than {rule['maxGraphemes']} characters"
    if isinstance(value, int) and value < rule.get("minimum", value):
        yield f"{where}: below {rule['minimum']}"
    if rule["type"] == "blob" and value["size"] > rule.get("maxSize", value["size"]):
        yield f"{where}: bigger than {rule['maxSize']} bytes"
    if rule.get("format") == "datetime" and not regex.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value):
        yield f"{where}: {value!r} is no time in UTC"
    if rule.get("format") == "uri" and not regex.fullmatch(r"\w+:(?:/?[^\s/][^\s]*|/[^\s]+|//[^\s]+)", value):
        yield f"{where}: {value!r} is no address"


def _follow(value: Any, ref: str, home: str, where: str) -> Iterator[str]:
    name, _, part = (f"{home}{ref}" if ref.startswith("#") else ref).partition("#")
    if name == "com.atproto.repo.strongRef":
        if set(value) != {"uri", "cid"}:
            yield f"{where}: not a reference"
    elif name == "app.bsky.embed.defs":
        if not (value["width"] >= 1 and value["height"] >= 1):
            yield f"{where}: no aspect ratio"
    else:
        yield from _look(value, _lexicon(name)["defs"][part or "main"], name, where)


def _full(ref: str, home: str) -> str:
    return f"{home}{ref}" if ref.startswith("#") else ref
