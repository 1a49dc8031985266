"""Coverage: which parts of a document its recordings and cases exercise.

Items that cannot be exercised are left out: a parameter that is not a string, and an empty segment of a path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from ..contract.checker import Contract, Route
from ..contract.exchange import Exchange, InvalidJSON, exchange_from_recording
from ..contract.findings import Finding
from ..contract.rules import listed_status, parameters
from ..documents import Service, walk_schemas
from ..documents.json_pointer import child, find, resolve
from ..documents.schema_view import KNOWN_VALUES, conditions, known_values
from .cases import Case
from .suite import CaseSuite, DocumentUnderTest

_APPLIES_TO: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("type", "const", "enum"), object),
    **dict.fromkeys(("minimum", "maximum"), (int, float)),
    **dict.fromkeys(("minLength", "maxLength", "pattern"), str),
    **dict.fromkeys(("minItems", "maxItems"), list),
    "required": dict,
}
"""The keywords that can fail, each with the Python types of the values that it applies to."""

_LISTS = ("const", "enum")

KINDS = ("keywords satisfied", "keywords violated", "properties", "values", "statuses", "parameters")


@attrs.frozen
class Item:
    """One thing to exercise, in one way."""

    kind: str
    """One of `KINDS`."""
    pointer: str
    aspect: str = ""
    """The value of a list; for a property or parameter `there`, `absent` or `refused`."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.pointer}{f' {self.aspect}' if self.aspect else ''}"


@attrs.frozen
class Coverage:
    """The items of a service's document, and the exercised ones."""

    service: str
    items: tuple[Item, ...]
    by_recordings: frozenset[Item]
    by_all: frozenset[Item]
    """Items that recordings or cases exercise."""

    def counts(self, kind: str) -> tuple[int, int, int]:
        """Return numbers of items of one kind: exercised by recordings, by recordings and cases, and all."""
        items = [item for item in self.items if item.kind == kind]
        return sum(item in self.by_recordings for item in items), sum(item in self.by_all for item in items), len(items)

    @property
    def missing(self) -> list[Item]:
        """The items that nothing exercises."""
        return [item for item in self.items if item not in self.by_all]

    @property
    def as_data(self) -> dict[str, Any]:
        """The counts as JSON data."""
        names = ("recordings", "all", "total")
        kinds = {kind.replace(" ", "_"): dict(zip(names, self.counts(kind), strict=True)) for kind in KINDS}
        return {"service": self.service, **kinds}


def coverage(service: Service) -> Coverage:
    """Return the parts of a service's document that its recordings and cases exercise."""
    document = service.document.data
    tested, trace = DocumentUnderTest(document), _Trace()
    for recording in service.recordings.values():
        trace.follow(tested.contract(of_whole=False), exchange_from_recording(service, recording))
    by_recordings = frozenset(trace.items)
    for case in CaseSuite.from_service(service).cases:
        # Rules over several responses, and extractions, are not keywords.
        if isinstance(case, Case) and not case.is_sequence:
            for exchange in case.exchanges:
                trace.follow(tested.contract(of_whole=case.of_whole), exchange)
    return Coverage(service.name, tuple(dict.fromkeys(_items(document))), by_recordings, frozenset(trace.items))


def _items(document: dict[str, Any]) -> Iterator[Item]:
    """Yield all items of a document, in its order."""
    found = list(find(document, "/components/parameters/*"))
    sent_as_text = [*found, *find(document, "/components/headers/*")]
    for location in walk_schemas(document):
        pointer, schema = location.pointer, location.schema
        parameter = next((each for where, each in sent_as_text if pointer.startswith(child(where, "schema"))), None)
        for path, _, stated in _keywords(schema):
            where = child(pointer, *path)
            yield Item("keywords satisfied", where)
            if parameter is None or not _cannot_fail(parameter, path[0]):
                yield Item("keywords violated", where)
            if path[-1] in _LISTS:
                for value in _values(stated):
                    yield Item("values", where, repr(value))
        for condition in conditions(schema, pointer):
            yield Item("keywords satisfied", condition.pointer)
            yield Item("keywords violated", condition.pointer)
        for name in schema.get("properties", {}) if "/allOf/" not in pointer else ():
            for aspect in ("there", "absent"):
                yield Item("properties", child(pointer, "properties", name), aspect)
    for pointer, response in find(document, "/paths/*/*/responses/*"):
        yield Item("statuses", pointer)
        for media_type in response.get("content", {}):
            yield Item("statuses", child(pointer, "content", media_type))
    for pointer, parameter in found:
        yield Item("parameters", pointer, "there")
        if not parameter.get("required"):
            yield Item("parameters", pointer, "absent")
        keywords = parameter.get("schema", {}).keys() & _APPLIES_TO.keys()
        if not all(_cannot_fail(parameter, keyword) for keyword in keywords):
            yield Item("parameters", pointer, "refused")


def _keywords(schema: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], type | tuple[type, ...], Any]]:
    """Yield path, types and value of each keyword that can fail, and of the known values of an open list."""
    for keyword in filter(_APPLIES_TO.__contains__, schema):
        yield (keyword,), _APPLIES_TO[keyword], schema[keyword]
    if (values := known_values(schema)) is not None:
        yield KNOWN_VALUES, str, values


def _values(listed: Any) -> list[Any]:
    """Return the values of a list, or of a `const`."""
    return listed if isinstance(listed, list) else [listed]


def _cannot_fail(parameter: dict[str, Any], keyword: str | int) -> bool:
    schema = parameter.get("schema", {})
    if keyword == "type":
        return "string" in _values(schema["type"])
    return keyword == "minLength" and parameter.get("in") == "path" and schema["minLength"] <= 1


@attrs.define
class _Trace:
    """The items that were exercised so far."""

    items: set[Item] = attrs.field(factory=set)

    def follow(self, contract: Contract, exchange: Exchange) -> None:
        """Add the items that an exchange exercises."""
        route = contract.route(exchange)
        if route is None:
            return
        findings = contract.check(exchange)
        self._request(route, exchange, findings)
        responses = route.operation.definition["responses"]
        status = listed_status(responses, exchange.status)
        if status is None:
            return
        pointer = child(route.operation.pointer, "responses", status)
        self.items.add(Item("statuses", pointer))
        self._headers(contract, responses[status], exchange, findings)
        media = responses[status].get("content", {}).get(exchange.media_type)
        if media is None:
            return
        pointer = child(pointer, "content", exchange.media_type)
        self.items.add(Item("statuses", pointer))
        try:
            body = exchange.json
        except InvalidJSON:
            return
        if "schema" in media:
            broken = {(finding.document_pointer, finding.pointer) for finding in findings}
            self._value(contract, child(pointer, "schema"), body, "", broken)

    def _headers(
        self, contract: Contract, response: dict[str, Any], exchange: Exchange, findings: Iterable[Finding]
    ) -> None:
        broken = {finding.document_pointer for finding in findings if finding.rule == "header"}
        for name, header in response.get("headers", {}).items():
            if "$ref" in header and exchange.header(name) is not None:
                pointer = child(header["$ref"][1:], "schema")
                for keyword in resolve(contract.document, pointer).keys() & _APPLIES_TO.keys():
                    where = child(pointer, keyword)
                    self._keyword(where, is_broken=where in broken)

    def _request(self, route: Route, exchange: Exchange, findings: Iterable[Finding]) -> None:
        broken = {finding.document_pointer for finding in findings if finding.rule == "parameter"}
        for pointer, parameter in parameters(route.contract.document, route.operation):
            value = route.argument(exchange, parameter["name"])
            if parameter["in"] == "header":
                value = exchange.request_header(parameter["name"])
            self.items.add(Item("parameters", pointer, "absent" if value is None else "there"))
            if any(each.startswith(f"{pointer}/") for each in broken):
                self.items.add(Item("parameters", pointer, "refused"))
            for keyword in parameter.get("schema", {}).keys() & _APPLIES_TO.keys() if value is not None else ():
                where = child(pointer, "schema", keyword)
                self._keyword(where, is_broken=where in broken)

    def _value(
        self, contract: Contract, schema: str, value: Any, pointer: str, broken: set[tuple[str, str | None]]
    ) -> None:
        parts = contract.schemas.parts(schema)
        # A value that fits no alternative breaks `type` and `required`, which distinguish the alternatives.
        fits_none = any((child(here, "anyOf"), pointer) in broken for here, _ in parts)
        for here, part in parts:
            for path, types, stated in _keywords(part):
                if isinstance(value, types):
                    where = child(here, *path)
                    is_broken = (where, pointer) in broken or (fits_none and path[0] in ("type", "required"))
                    self._keyword(where, is_broken=is_broken)
                    if path[-1] in _LISTS and value in _values(stated):
                        self.items.add(Item("values", where, repr(value)))
            inner: list[tuple[str, str | int, Any]] = []
            if isinstance(value, dict):
                for condition in conditions(part, here):
                    if condition.applies(value):
                        self._keyword(condition.pointer, is_broken=bool(condition.broken(value)))
                known = part.get("properties", {})
                for name in known:
                    where = child(here, "properties", name)
                    self.items.add(Item("properties", where, "there" if name in value else "absent"))
                    inner += [(where, name, value[name])] if name in value else []
                if isinstance(part.get("additionalProperties"), dict):
                    where = child(here, "additionalProperties")
                    inner += [(where, name, member) for name, member in value.items() if name not in known]
            elif isinstance(value, list) and "items" in part:
                inner = [(child(here, "items"), index, item) for index, item in enumerate(value)]
            for where, key, member in inner:
                self._value(contract, where, member, child(pointer, key), broken)

    def _keyword(self, pointer: str, *, is_broken: bool) -> None:
        self.items.add(Item("keywords violated" if is_broken else "keywords satisfied", pointer))
