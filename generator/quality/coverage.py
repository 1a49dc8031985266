"""Coverage: which parts of a document its recordings and cases exercise.

Left out is what nothing can exercise: a text that is no text, and an empty segment of a path, which makes another path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from generator.contract.checker import Contract, Route
from generator.contract.exchange import Exchange, InvalidJSON, exchange_from_recording
from generator.contract.findings import Finding
from generator.contract.request_rules import parameters
from generator.contract.response_rules import listed_status
from generator.documents import Service, walk_schemas
from generator.documents.json_pointer import child, find
from generator.quality.cases import Case
from generator.quality.suite import CaseSuite, DocumentUnderTest

__all__ = ["KINDS", "Coverage", "Item", "coverage"]


KEYWORDS = frozenset(
    {
        *("type", "const", "enum", "x-enum-open", "minimum", "maximum", "minLength", "maxLength", "pattern"),
        *("minItems", "maxItems", "required"),
    }
)
"""Keywords that rule something out, and the open list."""

LISTS = ("const", "enum", "x-enum-open")

KINDS = ("keywords satisfied", "keywords violated", "properties", "values", "statuses", "parameters")


@attrs.frozen
class Item:
    """One thing to exercise, in one way."""

    kind: str
    """One of `KINDS`."""
    pointer: str
    aspect: str = ""
    """The value of a list, or what a property or parameter is: there, absent, refused."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.pointer}{f' {self.aspect}' if self.aspect else ''}"


def items(document: dict[str, Any]) -> Iterator[Item]:
    """All items of a document, in its order."""
    parameters = {
        child(pointer, "schema"): parameter for pointer, parameter in find(document, "/components/parameters/*")
    }
    for place in walk_schemas(document):
        parameter = next((each for where, each in parameters.items() if place.pointer.startswith(where)), None)
        for keyword in filter(KEYWORDS.__contains__, place.schema):
            pointer = child(place.pointer, keyword)
            yield Item("keywords satisfied", pointer)
            if parameter is None or not _cannot_fail(parameter, keyword):
                yield Item("keywords violated", pointer)
        for keyword in LISTS:
            if keyword in place.schema:
                for value in values(place.schema[keyword]):
                    yield Item("values", child(place.pointer, keyword), repr(value))
        if "/allOf/" not in place.pointer:
            for name in place.schema.get("properties", {}):
                for aspect in ("there", "absent"):
                    yield Item("properties", child(child(place.pointer, "properties"), name), aspect)
    for pointer, response in find(document, "/paths/*/*/responses/*"):
        yield Item("statuses", pointer)
        for media_type in response.get("content", {}):
            yield Item("statuses", child(child(pointer, "content"), media_type))
    for pointer, parameter in find(document, "/components/parameters/*"):
        yield Item("parameters", pointer, "there")
        if not parameter.get("required"):
            yield Item("parameters", pointer, "absent")
        if any(not _cannot_fail(parameter, keyword) for keyword in parameter.get("schema", {}).keys() & KEYWORDS):
            yield Item("parameters", pointer, "refused")


def values(listed: Any) -> list[Any]:
    """The values of a list, or of a `const`."""
    return listed if isinstance(listed, list) else [listed]


def _cannot_fail(parameter: dict[str, Any], keyword: str) -> bool:
    schema = parameter.get("schema", {})
    if keyword == "type":
        return "string" in values(schema["type"])
    return keyword == "minLength" and parameter["in"] == "path" and schema["minLength"] <= 1


_APPLIES: dict[str, type | tuple[type, ...]] = {
    "minimum": (int, float),
    "maximum": (int, float),
    "minLength": str,
    "maxLength": str,
    "pattern": str,
    "x-enum-open": str,
    "minItems": list,
    "maxItems": list,
    "required": dict,
}
"""The values that a keyword speaks of; one that is not here speaks of all."""


@attrs.define
class Trace:
    """What was exercised so far."""

    items: set[Item] = attrs.field(factory=set)

    def follow(self, contract: Contract, exchange: Exchange) -> None:
        """Note what an exchange exercises."""
        route = contract.route(exchange)
        if route is None:
            return
        findings = contract.check(exchange)
        self._request(route, exchange, findings)
        responses = route.operation.definition["responses"]
        status = listed_status(responses, exchange.status)
        if status is None:
            return
        place = child(child(route.operation.pointer, "responses"), status)
        self.items.add(Item("statuses", place))
        media = responses[status].get("content", {}).get(exchange.media_type)
        if media is None:
            return
        place = child(child(place, "content"), exchange.media_type)
        self.items.add(Item("statuses", place))
        try:
            body = exchange.json
        except InvalidJSON:
            return
        if "schema" in media:
            wrong = {(finding.place, finding.pointer) for finding in findings}
            self._value(contract, child(place, "schema"), body, "", wrong)

    def _request(self, route: Route, exchange: Exchange, findings: Iterable[Finding]) -> None:
        wrong = {finding.place for finding in findings if finding.rule == "parameter"}
        for place, parameter in parameters(route.contract.document, route.operation):
            text = route.argument(exchange, parameter["name"])
            if parameter["in"] == "header":
                text = exchange.request_header(parameter["name"])
            self.items.add(Item("parameters", place, "absent" if text is None else "there"))
            if any(each.startswith(f"{place}/") for each in wrong):
                self.items.add(Item("parameters", place, "refused"))
            schema = child(place, "schema")
            for keyword in parameter.get("schema", {}).keys() & KEYWORDS if text is not None else ():
                self._keyword(child(schema, keyword), is_broken=child(schema, keyword) in wrong)

    def _value(
        self, contract: Contract, place: str, value: Any, pointer: str, wrong: set[tuple[str, str | None]]
    ) -> None:
        for here, part in contract.schemas.parts(place):
            for keyword in filter(KEYWORDS.__contains__, part):
                if isinstance(value, _APPLIES.get(keyword, object)):
                    where = child(here, keyword)
                    self._keyword(where, is_broken=(where, pointer) in wrong)
                    if keyword in LISTS and value in values(part[keyword]):
                        self.items.add(Item("values", where, repr(value)))
            if isinstance(value, dict):
                self._fields(contract, here, part, value, pointer, wrong)
            elif isinstance(value, list) and "items" in part:
                for index, item in enumerate(value):
                    self._value(contract, child(here, "items"), item, child(pointer, index), wrong)

    def _fields(
        self,
        contract: Contract,
        here: str,
        part: dict[str, Any],
        value: dict[str, Any],
        pointer: str,
        wrong: set[tuple[str, str | None]],
    ) -> None:
        known = part.get("properties", {})
        for name in known:
            place = child(child(here, "properties"), name)
            self.items.add(Item("properties", place, "there" if name in value else "absent"))
            if name in value:
                self._value(contract, place, value[name], child(pointer, name), wrong)
        if isinstance(part.get("additionalProperties"), dict):
            for name, member in value.items():
                if name not in known:
                    self._value(contract, child(here, "additionalProperties"), member, child(pointer, name), wrong)

    def _keyword(self, pointer: str, *, is_broken: bool) -> None:
        self.items.add(Item("keywords violated" if is_broken else "keywords satisfied", pointer))


@attrs.frozen
class Coverage:
    """What is exercised of a service's document."""

    service: str
    items: tuple[Item, ...]
    by_recordings: frozenset[Item]
    by_all: frozenset[Item]
    """By recordings and cases."""

    def counts(self, kind: str) -> tuple[int, int, int]:
        """Of one kind: what the recordings exercise, what they and the cases do, and all there is."""
        every = [item for item in self.items if item.kind == kind]
        return sum(item in self.by_recordings for item in every), sum(item in self.by_all for item in every), len(every)

    @property
    def missing(self) -> list[Item]:
        """What nothing exercises."""
        return [item for item in self.items if item not in self.by_all]

    @property
    def as_data(self) -> dict[str, Any]:
        """The counts as JSON data."""
        names = ("recordings", "all", "total")
        kinds = {kind.replace(" ", "_"): dict(zip(names, self.counts(kind), strict=True)) for kind in KINDS}
        return {"service": self.service, **kinds}


def coverage(service: Service) -> Coverage:
    """What the recordings and the cases of a service exercise of its document."""
    document = service.document.data
    judge, trace = DocumentUnderTest(document), Trace()
    for recording in service.recordings.values():
        trace.follow(judge.contract(of_whole=False), exchange_from_recording(service, recording))
    by_recordings = frozenset(trace.items)
    for case in CaseSuite.from_service(service).cases:
        # What several replies say together, and what one tells, is no keyword.
        if isinstance(case, Case) and not case.is_history:
            for exchange in case.exchanges:
                trace.follow(judge.contract(of_whole=case.of_whole), exchange)
    return Coverage(service.name, tuple(dict.fromkeys(items(document))), by_recordings, frozenset(trace.items))
