"""Samples of a vendor's document as it was published: responses by schema, and arguments by annotation."""

from __future__ import annotations

import enum
import inspect
import io
import json
import re
import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import attrs

from generator.documents.json_pointer import PointerNotFound, resolve

_DEEPEST = 4
_TEXTS = {
    "date-time": "2026-02-01T08:00:00Z",
    "date": "2026-02-01",
    "uuid": "12345678-1234-5678-1234-567812345678",
    "uri": "https://example.com/",
    "email": "a@example.com",
    "byte": "eA==",
    "ipv4": "192.0.2.1",
}
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Sampler:
    """Makes values that are valid for the schemas of one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def resolved(self, value: Any) -> Any:
        """Return the target of a reference; another value as it is."""
        for _ in range(20):
            if not (isinstance(value, dict) and isinstance(value.get("$ref"), str)):
                break
            try:
                value = resolve(self.document, value["$ref"][1:])
            except PointerNotFound:
                return {}
        return value

    def value(self, schema: Any, depth: int = 0) -> Any:
        """Return a value of a schema, with its optional properties down to some depth."""
        schema = self.resolved(schema)
        if not isinstance(schema, dict) or depth > 3 * _DEEPEST:
            return None
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return next((value for value in schema["enum"] if value is not None), None)
        parts = [self.value(part, depth) for part in schema.get("allOf", ())]
        for union in ("oneOf", "anyOf"):
            if schema.get(union):
                parts.append(self._member(schema[union], schema.get("discriminator"), depth))
        own = self._own(schema, depth) if schema.keys() & {"type", "properties", "items"} or not parts else None
        found = [part for part in (*parts, own) if part is not None]
        if found and all(isinstance(part, dict) for part in found):
            return {name: value for part in found for name, value in part.items()}
        return found[0] if found else None

    def _member(self, members: list[Any], discriminator: Any, depth: int) -> Any:
        some = [each for each in members if self.resolved(each).get("type") != "null"] or members
        value = self.value(some[0], depth)
        if isinstance(value, dict) and isinstance(discriminator, dict) and isinstance(some[0].get("$ref"), str):
            reference = some[0]["$ref"]
            mapping = discriminator.get("mapping", {})
            name = next((key for key, target in mapping.items() if target == reference), reference.rpartition("/")[2])
            value.setdefault(discriminator["propertyName"], name)
            if value[discriminator["propertyName"]] == "x":
                value[discriminator["propertyName"]] = name
        return value

    def _own(self, schema: dict[str, Any], depth: int) -> Any:
        kinds = schema.get("type")
        kind = kinds if isinstance(kinds, str) else next((each for each in kinds or () if each != "null"), None)
        if kind is None:
            kind = "object" if "properties" in schema else "array" if "items" in schema else None
        match kind:
            case "string":
                return _TEXTS.get(schema.get("format", ""), "x" * max(1, min(schema.get("minLength", 1), 100)))
            case "integer" | "number":
                least = schema.get("minimum", 1)
                return max(1, int(least) + (schema.get("exclusiveMinimum") is True))
            case "boolean":
                return True
            case "array":
                items = [self.value(schema.get("items", {}), depth + 1)] if depth < _DEEPEST else []
                return items * max(schema.get("minItems", 1), 1) if items != [None] else []
            case "object":
                return self._object(schema, depth)
        return None

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        made = {}
        for name, member in schema.get("properties", {}).items():
            if name in required or depth < _DEEPEST:
                value = self.value(member, depth + 1)
                if value is not None or name in required:
                    made[name] = value
        others = schema.get("additionalProperties")
        if isinstance(others, dict) and others and not made and depth < _DEEPEST:
            value = self.value(others, depth + 1)
            made = {} if value is None else {"k": value}
        return made


class Responses:
    """Makes samples of the document's 2xx responses."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._sampler = Sampler(document)
        self._known: list[tuple[str, re.Pattern[str], dict[str, Any]]] = []
        for path, declared in document.get("paths", {}).items():
            item = self._sampler.resolved(declared)
            pattern = re.compile(re.sub(r"\\\{[^{}]+?\\\}", "[^/]+", re.escape(path)))
            self._known += [
                (method.upper(), pattern, self._sampler.resolved(item[method])) for method in _METHODS if method in item
            ]
        # Paths without variables are matched first.
        self._known.sort(key=lambda each: each[1].pattern.count("[^/]+"))

    @property
    def count(self) -> int:
        """Number of operations of the document."""
        return len(self._known)

    def response(self, method: str, path: str) -> tuple[int, str, bytes]:
        """Return status, media type and body for a request.

        Raises `LookupError` for one that the document does not have.
        """
        for known, pattern, operation in self._known:
            if known == method and pattern.fullmatch(path):
                return self._of(operation)
        raise LookupError(f"request must be of an operation of the document, got {method} {path}")

    def _of(self, operation: dict[str, Any]) -> tuple[int, str, bytes]:
        declared = operation.get("responses", {})
        status = next(
            (key for key in sorted(declared) if key.startswith("2")), "default" if "default" in declared else "200"
        )
        response = self._sampler.resolved(declared.get(status, {}))
        code = int(status) if status.isdecimal() else 200
        content = response.get("content") or {}
        if not content:
            return code, "text/plain", b""
        kind = next((each for each in content if "json" in each), next(iter(content)))
        if "json" in kind:
            return code, kind, json.dumps(self._sampler.value(content[kind].get("schema", {}))).encode()
        return code, kind, b"x"


_PLAIN: dict[Any, Any] = {
    str: "x",
    int: 1,
    float: 1.5,
    bool: True,
    bytes: b"x",
    Any: "x",
    object: "x",
    datetime: datetime(2026, 2, 1, tzinfo=UTC),
    date: date(2026, 2, 1),
    UUID: UUID(_TEXTS["uuid"]),
    type(None): None,
}


def argument(hint: Any, depth: int = 0) -> Any:
    """Return a possible argument of an annotation."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        some = [each for each in inner if each is not type(None) and getattr(each, "__name__", "") != "Unset"]
        return argument(some[0], depth) if some else None
    if origin is typing.Literal:
        return inner[0]
    if origin is list:
        return [argument(inner[0], depth + 1)] if depth < _DEEPEST else []
    if origin is dict or (origin and isinstance(origin, type) and issubclass(origin, Mapping)):
        return {"k": argument(inner[1], depth + 1)}
    if origin is tuple:
        return tuple(argument(each, depth + 1) for each in inner)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return next(iter(hint))
    if getattr(hint, "__name__", "") == "File":
        return hint(payload=io.BytesIO(b"x"), file_name="x", mime_type="text/plain")
    if isinstance(hint, type) and attrs.has(hint):
        try:
            hints = typing.get_type_hints(hint)
        except NameError:
            hints = typing.get_type_hints(hint, localns=_names(hint))
        needed = [each for each in attrs.fields(hint) if each.default is attrs.NOTHING and each.init]
        return hint(**{each.alias: argument(hints[each.name], depth + 1) for each in needed})
    return {}


def _names(cls: type) -> dict[str, Any]:
    """Return the classes of the package of a model, which import each other for type checkers alone."""
    module = inspect.getmodule(cls)
    package = __import__(module.__name__.rpartition(".")[0], fromlist=["*"]) if module else None
    return dict(vars(package)) if package else {}
