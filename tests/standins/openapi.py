"""Holds requests and answers to a vendor's own OpenAPI document. Stricter than it: unknown properties are refused."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from tests.standins.exchange import Reply, Request

_ROOT = "urn:document"


class Document:
    """An OpenAPI 3.0 document in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self._path.read_text())
        for schema in document["components"]["schemas"].values():
            _tighten(schema)
        return document

    @cached_property
    def _registry(self) -> Any:
        from referencing import Registry, Resource
        from referencing.jsonschema import DRAFT202012

        return Registry().with_resource(_ROOT, Resource(self._document, DRAFT202012))

    def load(self) -> Self:
        """Reads the file now, not at the first request."""
        _ = self._registry
        return self

    def faults(self, request: Request, reply: Reply) -> list[str]:
        """What is wrong with a request and its answer, by the document; empty where nothing is."""
        found = self._operation(request)
        if found is None:
            return [f"{request.method} {request.path}: not in the document"]
        operation, variables = found
        wrong = [*self._parameters(operation, variables, request)]
        if reply.status < 400:
            # What was refused may well be wrong: that it was sent is the test's own doing.
            wrong += self._body(operation, request)
        wrong += self._answer(operation, reply)
        return [f"{request.method} {request.path}: {text}" for text in wrong]

    def _operation(self, request: Request) -> tuple[dict[str, Any], Mapping[str, str]] | None:
        best = None
        for pattern, item in self._document["paths"].items():
            expression = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern))
            found = re.fullmatch(expression, request.path)
            if found and request.method.lower() in item and (best is None or not found.groupdict()):
                best = (item[request.method.lower()], found.groupdict())
        return best

    def _parameters(
        self, operation: Mapping[str, Any], variables: Mapping[str, str], request: Request
    ) -> Iterator[str]:
        known = {item["name"]: item for item in map(self._resolved, operation.get("parameters", ()))}
        given = {**request.query, **variables}
        yield from (f"the parameter {name} is not in the document" for name in given.keys() - known.keys())
        for name, item in known.items():
            if name in given:
                yield from self._wrong(item["schema"], _typed(given[name], self._resolved(item["schema"])), name)
            elif item.get("required"):
                yield f"the parameter {name} is missing"

    def _body(self, operation: Mapping[str, Any], request: Request) -> Iterator[str]:
        wanted = operation.get("requestBody", {}).get("content", {})
        if not wanted:
            if request.body:
                yield "a body, where the document has none"
            return
        kind = request.headers.get("content-type", "").partition(";")[0]
        if kind not in wanted:
            yield f"a body of type {kind or 'none'}"
            return
        if kind == "multipart/form-data":
            known = self._resolved(wanted[kind]["schema"]).get("properties", {})
            body = {
                name: _typed(field.data.decode("latin-1"), self._resolved(known.get(name, {})))
                for name, field in request.multipart().items()
            }
        else:
            body = request.json()
        yield from self._wrong(wanted[kind]["schema"], body, "request")

    def _answer(self, operation: Mapping[str, Any], reply: Reply) -> Iterator[str]:
        if reply.status >= 400:
            # The document has no names for problems of type about:blank and for errors as in version 1.1.
            body = reply.body if isinstance(reply.body, dict) else {}
            if str(body.get("type", "")).startswith("https://"):
                yield from self._wrong({"$ref": "#/components/schemas/Problem"}, body, "answer")
            return
        wanted = operation["responses"].get(str(reply.status))
        if wanted is None:
            yield f"the status {reply.status} is not in the document"
            return
        yield from self._wrong(wanted["content"]["application/json"]["schema"], reply.body, "answer")

    def _resolved(self, item: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in item:
            found: Any = self._document
            for step in item["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            item = found
        return item

    def _wrong(self, schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
        from jsonschema import Draft202012Validator

        rooted = json.loads(json.dumps(schema).replace('"#/', f'"{_ROOT}#/'))
        checker = Draft202012Validator(
            rooted, registry=self._registry, format_checker=Draft202012Validator.FORMAT_CHECKER
        )
        for error in checker.iter_errors(value):
            yield f"{where}{error.json_path.removeprefix('$')}: {error.message[:200]}"


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "integer" and text.lstrip("-").isdecimal():
        return int(text)
    return text.split(",") if schema.get("type") == "array" else text


def _tighten(schema: Any) -> None:
    """Refuses unknown properties, and says "null" as JSON Schema does."""
    if isinstance(schema, list):
        for item in schema:
            _tighten(item)
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("properties"), dict):
        schema.setdefault("additionalProperties", False)
    if schema.pop("nullable", False):
        kept = copy.copy(schema)
        schema.clear()
        schema["anyOf"] = [kept, {"type": "null"}]
        _tighten(kept)
        return
    for value in schema.values():
        _tighten(value)
