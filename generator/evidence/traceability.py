"""Traceability: each statement of a document is compared with the evidence, in both directions.

And the checks of evidence: those of every contradiction, and the interpretations of recordings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import attrs
import jsonschema_rs

from ..documents import Service, schema_view
from ..documents.json_pointer import PointerNotFound, child, find, leads_to_description, matches, resolve, segments
from ..documents.mappings import AUTHORIZATION
from ..documents.schema_view import flatten, walk_schemas
from ..errors import Problem
from .descriptions import DescriptionEvidence

_BITS = {"int32": 31, "int64": 63}

_SCALARS = {**{name: name for name in ("string", "integer", "boolean", "number")}, **dict.fromkeys(_BITS, "integer")}

_MAP = re.compile(r"map(?:<string,(.+)>|\[string\](.+))\Z", re.IGNORECASE)

_ARRAY = re.compile(r"array of (.+?)s?\Z", re.IGNORECASE)

_OBJECT = re.compile(r"(?:\S+ )?objects?\Z", re.IGNORECASE)


class UnknownTypeName(ValueError):
    """A type name of a page that has no known meaning."""


def type_expectation(name: str, component: str | None, pointer: str) -> Iterator[tuple[str, Any]]:
    """Yield the claims of a type name of a page, as pointers and values. Raises `UnknownTypeName`.

    Args:
        name: As in the evidence.
        component: Component schema of the objects that the row describes.
        pointer: Of the schema.
    """
    kind = name.strip()
    scalar = kind.lower()
    if scalar in _SCALARS:
        yield child(pointer, "type"), _SCALARS[scalar]
        if scalar in _BITS:
            # The bounds are claimed too, because `format` asserts nothing.
            yield child(pointer, "format"), scalar
            yield child(pointer, "minimum"), -(2 ** _BITS[scalar])
            yield child(pointer, "maximum"), 2 ** _BITS[scalar] - 1
    elif array := _ARRAY.match(kind):
        yield child(pointer, "type"), "array"
        yield from type_expectation(array[1], component, child(pointer, "items"))
    elif values := _MAP.match(kind):
        yield child(pointer, "type"), "object"
        inner, members = values[1] or values[2], child(pointer, "additionalProperties")
        if inner.lower() == "interface{}":
            yield members, True
        else:
            yield from type_expectation(inner, component, members)
    elif not _OBJECT.match(kind):
        raise UnknownTypeName(name)
    elif component is not None:
        yield child(pointer, "$ref"), f"#/components/schemas/{component}"
    else:
        yield child(pointer, "type"), "object"


@attrs.frozen
class Expectation:
    """A claim of a row, and the tests of the document's value."""

    pointer: str
    wanted: str
    holds: Callable[[Any], bool]
    supports: Callable[[Any], bool] = lambda value: True
    """Whether the row is sufficient evidence for a value that passes the test."""


def expectations(document: dict[str, Any], row: dict[str, Any], pointer: str) -> Iterator[Expectation]:
    """Yield the claims of a row about the value at a pointer, without the claim that the value exists."""
    kind, name = row["kind"], row["name"]
    if kind == "operation":
        yield Expectation(pointer, name, lambda _: f"{segments(pointer)[-1].upper()} {segments(pointer)[-2]}" == name)
    elif kind in ("path", "query", "header") and pointer.startswith("/components/parameters/"):
        yield _equals(child(pointer, "in"), kind)
        if "mandatory" in row:
            yield Expectation(
                child(pointer, "required"), str(row["mandatory"]).lower(), lambda value: bool(value) == row["mandatory"]
            )
        yield from _expected_of_schema(document, row, child(pointer, "schema"))
    elif kind == "header":
        yield _equals(pointer, row.get("default"))
    elif kind == "authentication":
        if resolve(document, pointer).get("type") == "apiKey":
            yield _equals(child(pointer, "type"), "apiKey")
            yield _equals(child(pointer, "in"), "header")
            yield _equals(child(pointer, "name"), name)
        else:
            yield Expectation(pointer, AUTHORIZATION, lambda _: name.lower() == AUTHORIZATION.lower())
        if "maximum" in row:
            yield _equals(child(pointer, "x-auth", "maxLength"), row["maximum"])
    elif kind == "field":
        yield from _expected_of_schema(document, row, pointer)


def is_named(row: dict[str, Any], pointer: str) -> bool:
    """Return whether the pointer ends in the row's name, if the row is of a kind with names."""
    return row["kind"] not in ("path", "query", "header", "field", "status") or segments(pointer)[-1] == row["name"]


def _expected_of_schema(document: dict[str, Any], row: dict[str, Any], pointer: str) -> Iterator[Expectation]:
    schema = resolve(document, pointer)
    kind = _SCALARS.get(row.get("type", "").strip().lower())
    of_kind = [index for index in schema_view.alternatives(schema) if schema["anyOf"][index].get("type") == kind]
    if kind is not None and len(of_kind) == 1:
        # A row with one type describes the alternative of that type.
        yield from _expected_of_schema(document, row, child(pointer, "anyOf", *of_kind))
        return
    if "type" in row:
        yield from _expected_type(document, row["type"], row.get("component"), pointer)
    if row.get("open"):
        # The row names some of the values; a longer list needs other evidence as well.
        named = set(row["values"])
        yield Expectation(
            f"{pointer}/{KNOWN_VALUES}",
            f"a list with {', '.join(map(str, row['values']))}",
            lambda value: isinstance(value, list) and named <= set(value),
            lambda value: named == set(value),
        )
    elif "values" in row:
        keyword = "const" if "const" in schema else "enum"
        yield _equals(child(pointer, keyword), row["values"][0] if keyword == "const" else row["values"])
    if "default" in row:
        yield _equals(child(pointer, "default"), row["default"])
    for bound in ("minimum", "maximum"):
        if bound in row:
            keyword = f"{bound[:3]}Length" if schema.get("type") == "string" else bound
            yield _equals(child(pointer, keyword), row[bound])


def _expected_type(document: dict[str, Any], name: str, component: str | None, pointer: str) -> Iterator[Expectation]:
    try:
        found = list(type_expectation(name, component, pointer))
    except UnknownTypeName:
        found = [(child(pointer, "type"), "object")]
    for where, value in found:
        schema = where.rpartition("/")[0]
        if value == "object" and "$ref" in (value_at(document, schema) or {}):
            # The row does not name the component: that needs other evidence.
            ref = child(schema, "$ref")
            yield Expectation(ref, "an object", lambda each: _refers_to_object(document, each), lambda _: False)
        else:
            yield _equals(where, value)


def _refers_to_object(document: dict[str, Any], reference: Any) -> bool:
    return flatten(document, str(reference)[1:]).types == ["object"]


def _equals(pointer: str, wanted: Any) -> Expectation:
    return Expectation(pointer, repr(wanted), lambda value: equal_ignoring_order(value, wanted))


PRESENT = "present"
"""The value of a claim that something exists."""

KNOWN_VALUES = "/".join(map(str, schema_view.KNOWN_VALUES))
"""The path from a schema to the known values of its open list."""

LISTS = ("enum", KNOWN_VALUES, "const")
"""Paths from a schema to its list of values."""

_INTERCHANGEABLE = (LISTS, ("type", "$ref"))

_KEYWORDS = (
    *("$ref", "type", "const", "enum", "default", "format", "minimum", "maximum", "minLength", "maxLength", "pattern"),
    *("contentMediaType", "minItems", "maxItems", "required", "examples"),
)

_ANY_HOST = "https://{endpoint}"
"""The URL of a server that states no host, and needs no evidence."""

_SCHEME_MEMBERS = ("type", "in", "name", "scheme", "flows", "openIdConnectUrl")


def claims(document: dict[str, Any]) -> dict[str, Any]:
    """Return pointer and value of every claim of a document, in its order."""
    found: dict[str, Any] = {}
    for pointer, server in find(document, "/servers/*"):
        found[child(pointer, "url")] = server["url"]
        for name, variable in server.get("variables", {}).items():
            if "enum" in variable:
                found[child(pointer, "variables", name, "enum")] = variable["enum"]
    if "url" in document.get("externalDocs", {}):
        found["/externalDocs/url"] = document["externalDocs"]["url"]
    for pointer, operation in find(document, "/paths/*/*"):
        found[pointer] = PRESENT
        found[child(pointer, "security")] = operation.get("security", [])
        for name, value in operation.get("x-request-headers", {}).items():
            found[child(pointer, "x-request-headers", name)] = value
    for pointer, response in find(document, "/paths/*/*/responses/*"):
        found[pointer] = PRESENT
        found[child(pointer, "content")] = list(response.get("content", {}))
        for place, example in find(response, "/content/*/examples/*"):
            found[pointer + place] = PRESENT
            found[child(pointer + place, "value")] = example.get("value")
        found |= {child(pointer, "headers", name): PRESENT for name in response.get("headers", {})}
    for pointer, parameter in find(document, "/components/parameters/*"):
        found[pointer] = PRESENT
        found[child(pointer, "in")] = parameter["in"]
        if parameter.get("required"):
            found[child(pointer, "required")] = True
    found |= {pointer: PRESENT for pointer, _ in find(document, "/components/headers/*")}
    for pointer, scheme in find(document, "/components/securitySchemes/*"):
        found[pointer] = PRESENT
        found |= {child(pointer, key): scheme[key] for key in _SCHEME_MEMBERS if key in scheme}
        found |= {child(pointer, "x-auth", key): value for key, value in scheme.get("x-auth", {}).items()}
    for pointer, error in find(document, "/components/schemas/*/x-error"):
        found |= {child(pointer, field): entries for field, entries in error.items()}
    for location in walk_schemas(document):
        schema, pointer = location.schema, location.pointer
        if location.role == "property" and "/allOf/" not in pointer:
            found[pointer] = PRESENT
        found |= {child(pointer, keyword): schema[keyword] for keyword in _KEYWORDS if keyword in schema}
        if (values := schema_view.known_values(schema)) is not None:
            found[f"{pointer}/{KNOWN_VALUES}"] = values
        found |= {child(pointer, keyword): schema[keyword] for keyword in ("if", "then") if keyword in schema}
        for name, dependent in schema.get("dependentSchemas", {}).items():
            found[child(pointer, "dependentSchemas", name)] = dependent
        if isinstance(schema.get("additionalProperties"), bool):
            found[child(pointer, "additionalProperties")] = schema["additionalProperties"]
    return found


def replaceable(pointer: str) -> list[str]:
    """Return pointers of a keyword and of its alternatives: a decision about one overrules a row about another."""
    for group in _INTERCHANGEABLE:
        # `anyOf/0/enum` ends in `enum` as well.
        for keyword in sorted(group, key=len, reverse=True):
            if pointer.endswith(f"/{keyword}"):
                return [f"{pointer.removesuffix(keyword)}{each}" for each in group]
    return [pointer]


def equal_ignoring_order(one: Any, other: Any) -> bool:
    """Return whether two claimed values are equal: lists of scalars are sets."""
    are_lists = isinstance(one, list) and isinstance(other, list)
    if are_lists and not any(isinstance(item, dict | list) for item in one + other):
        return sorted(map(repr, one)) == sorted(map(repr, other))
    return type(one) is type(other) and bool(one == other)


_STRENGTH = ("documented", "observed", "inferred")


@attrs.define
class TraceabilityReport:
    """The support of each claim of a service's document, and the problems."""

    service: str
    rows: int
    documented: int
    rejected: int
    observed: int
    contradictions: int
    problems: list[Problem] = attrs.field(factory=list)
    support: dict[str, list[tuple[str, str]]] = attrs.field(factory=dict)
    """By the pointer of each supported claim: ids of the entries that support it, each with its confidence."""

    def confidence(self, pointer: str) -> str | None:
        """Return the best confidence of a claim: documented, observed or inferred."""
        known = {confidence for _, confidence in self.support.get(pointer, [])}
        return next((word for word in _STRENGTH if word in known), None)

    def count(self, confidence: str) -> int:
        """Return the number of claims with that confidence."""
        return sum(self.confidence(pointer) == confidence for pointer in self.support)


def trace(service: Service) -> TraceabilityReport:
    """Compare every entry of the evidence with the document, and every claim of the document with the evidence."""
    report = _without_descriptions(service)
    if report.rows or not service.is_imported:
        report.problems += DescriptionEvidence(service, report.support).problems()
        report.problems += broken_interpretations(service)
        report.problems += broken_checks(service)
    return report


def support(service: Service) -> dict[str, list[tuple[str, str]]]:
    """Return the support of each claim, as `TraceabilityReport.support`."""
    return _without_descriptions(service).support


def _without_descriptions(service: Service) -> TraceabilityReport:
    evidence = service.evidence.data
    rows = evidence["rows"]
    if service.is_imported and not rows:
        # An imported document is the vendor's own: there is no page to compare it with.
        return TraceabilityReport(service.name, 0, 0, 0, 0, 0)
    report = TraceabilityReport(
        service=service.name,
        rows=len(rows),
        documented=sum("documents" in row for row in rows),
        rejected=sum("rejected_by" in row for row in rows),
        observed=len(evidence["observed"]),
        contradictions=len(evidence["contradictions"]),
    )
    report.problems += _Tracer(service, report).problems()
    return report


class _Tracer:
    def __init__(self, service: Service, report: TraceabilityReport) -> None:
        self.document = service.document
        self.evidence = service.evidence
        self.recordings = service.recordings
        self.report = report
        self.claims = claims(service.document.data)

    def problems(self) -> Iterator[Problem]:
        data = self.evidence.data
        yield from self._ids()
        for index, row in enumerate(data["rows"]):
            yield from self._row(row, f"/rows/{index}", "documented")
        for index, entry in enumerate(data["observed"]):
            yield from self._row(entry, f"/observed/{index}", "observed")
            yield from self._observed_in(entry, f"/observed/{index}/observed_in")
        for index, fact in enumerate(data["facts"]):
            yield from self._claimed(fact["id"], fact["supports"], fact["confidence"], f"/facts/{index}/supports")
        for index, entry in enumerate(data["contradictions"]):
            resolution, here = entry.get("resolution", {}), f"/contradictions/{index}/resolution"
            yield from self._claimed(entry["id"], resolution, entry.get("confidence", ""), here)
        yield from self._unsupported()
        yield from self._response_confidence()

    def _ids(self) -> Iterator[Problem]:
        data, seen = self.evidence.data, set()
        for part in ("rows", "observed", "facts", "interpretations", "contradictions"):
            for index, entry in enumerate(data.get(part, [])):
                here = f"/{part}/{index}/id"
                if entry["id"] in seen:
                    message = f"id must be unique in the file, got {entry['id']} again"
                    yield self.evidence.problem(here, message, "Choose another id")
                if not entry["id"].startswith(f"{data['service']}."):
                    message = f"id must begin with {data['service']}., got {entry['id']}"
                    yield self.evidence.problem(here, message, "Correct the id")
                seen.add(entry["id"])
        rows = {entry["id"] for part in ("rows", "observed") for entry in data[part]}
        for index, entry in enumerate(data["contradictions"]):
            for name in entry["rows"]:
                if name not in rows:
                    here, message = f"/contradictions/{index}/rows", f"must name rows or observations, got {name}"
                    yield self.evidence.problem(here, message, "Correct the id, or remove it")

    def _row(self, row: dict[str, Any], here: str, confidence: str) -> Iterator[Problem]:
        if "rejected_by" in row:
            yield from self._rejected(row, here)
            return
        for index, pattern in enumerate(row["documents"]):
            pointers = [pointer for pointer, _ in find(self.document.data, pattern)]
            if not pointers:
                message = f"{row['id']}: the document must have {pattern}, got nothing there"
                fix = "Add it to the document, or reject the row by a contradiction"
                yield self.evidence.problem(f"{here}/documents/{index}", message, fix)
            for pointer in pointers:
                if not is_named(row, pointer):
                    message = f"{row['id']}: the pointer must end in {row['name']}, got {pointer}"
                    yield self.evidence.problem(here, message, "Write the pointer of what the row describes")
                self._support(pointer, row["id"], confidence)
                yield from self._expected(row, pointer, confidence)

    def _expected(self, row: dict[str, Any], pointer: str, confidence: str) -> Iterator[Problem]:
        for expected in expectations(self.document.data, row, pointer):
            value = value_at(self.document.data, expected.pointer)
            if expected.holds(value):
                if expected.supports(value):
                    self._support(expected.pointer, row["id"], confidence)
            elif not self._is_decided(row["id"], expected.pointer):
                message = f"{row['id']}: must be {expected.wanted} as the row states, got {value!r}"
                fix = "Follow the row, or decide otherwise in a contradiction that lists it"
                yield self.document.problem(expected.pointer, message, fix)

    def _rejected(self, row: dict[str, Any], here: str) -> Iterator[Problem]:
        contradictions = {entry["id"] for entry in self.evidence.data["contradictions"] if row["id"] in entry["rows"]}
        if row["rejected_by"] not in contradictions:
            message = f"{row['id']}: rejected_by must be a contradiction that lists the row, got {row['rejected_by']}"
            yield self.evidence.problem(f"{here}/rejected_by", message, "Add the row to the contradiction")
        for pointer, parameter in find(self.document.data, "/components/parameters/*"):
            if parameter["in"] == row["kind"] and parameter["name"] == row["name"]:
                message = f"{row['id']}: must not be a parameter, because the row is rejected"
                yield self.document.problem(pointer, message, "Remove the parameter, or accept the row")

    def _observed_in(self, entry: dict[str, Any], here: str) -> Iterator[Problem]:
        for index, each in enumerate(entry["observed_in"]):
            recording = self.recordings.get(each["recording"])
            try:
                resolve(recording.as_data if recording else None, each["pointer"])
            except PointerNotFound:
                message = (
                    f"{entry['id']}: must name a field of a recording, got {each['pointer']} of {each['recording']}"
                )
                yield self.evidence.problem(f"{here}/{index}", message, "Correct the pointer, or remove it")

    def _claimed(self, name: str, claimed: dict[str, Any], confidence: str, here: str) -> Iterator[Problem]:
        for pattern, value in claimed.items():
            if leads_to_description(pattern):
                continue
            places: Iterable[str] = self.claims if "*" in pattern else self.claims.keys() & {pattern}
            found = [
                pointer
                for pointer in places
                if matches(pattern, pointer) and equal_ignoring_order(self.claims[pointer], value)
            ]
            if not found:
                wanted = "a value" if value == PRESENT else repr(value)
                message = f"{name}: the document must have {wanted} at {pattern}, got another value or none"
                yield self.evidence.problem(child(here, pattern), message, "Correct the document or the evidence")
            for pointer in found:
                self._support(pointer, name, confidence)

    def _unsupported(self) -> Iterator[Problem]:
        for pointer, value in self.claims.items():
            if pointer not in self.report.support and value not in ([], _ANY_HOST):
                message = f"must have evidence, got none for {'this part' if value == PRESENT else repr(value)}"
                fix = f"Remove it, or add evidence to {self.evidence.path.name}"
                yield self.document.problem(pointer, message, fix)

    def _response_confidence(self) -> Iterator[Problem]:
        for pointer, response in find(self.document.data, "/paths/*/*/responses/*"):
            declared, known = response.get("x-confidence", "documented"), self.report.confidence(pointer)
            if known and declared != known:
                message = f"x-confidence must be {known} as its evidence is, got {declared}"
                yield self.document.problem(pointer, message, f"Write x-confidence: {known}")

    def _is_decided(self, row: str, pointer: str) -> bool:
        """Return whether a contradiction that lists the row decides this keyword, or one that can replace it."""
        return any(
            matches(pattern, each)
            for entry in self.evidence.data["contradictions"]
            if row in entry["rows"]
            for pattern in entry.get("resolution", {})
            for each in replaceable(pointer)
        )

    def _support(self, pointer: str, name: str, confidence: str) -> None:
        if pointer not in self.claims:
            return
        self.report.support.setdefault(pointer, []).append((name, confidence))
        if pointer.endswith("/$ref"):
            # Evidence for the component is evidence for an object.
            target = child(self.claims[pointer][1:], "type")
            if self.claims.get(target) == "object":
                self.report.support.setdefault(target, []).append((name, confidence))


def broken_checks(service: Service) -> Iterator[Problem]:
    """Yield a problem for each check of a contradiction that fails."""
    for index, entry in enumerate(service.evidence.data["contradictions"]):
        for number, check in enumerate(entry["checks"]):
            if failure := _failure(service, check):
                yield service.evidence.problem(
                    f"/contradictions/{index}/checks/{number}",
                    f"{entry['id']}: the check must pass, got {failure}",
                    "Compare the page and the recording, and correct the contradiction",
                )


def _failure(service: Service, check: dict[str, Any]) -> str | None:
    data: Any = service.document.data
    where = f"the document at {check.get('document')}"
    if "recording" in check:
        recording = service.recordings.get(check["recording"])
        if recording is None:
            return f"no recording {check['recording']}"
        if "raw" in check:
            is_invalid = _is_not_json(recording.source.data.get("raw"))
            return None if is_invalid else f"raw text of {recording.id} that is JSON or missing"
        data = recording.as_data
        where = f"{recording.id} at {check['pointer']}"
    found = [value for _, value in find(data, check.get("document") or check["pointer"])]
    try:
        valid = sum(jsonschema_rs.is_valid(check["schema"], value) for value in found)
    except ValueError as error:
        return f"an invalid schema ({str(error).partition(chr(10))[0]})"
    if "count" in check:
        message = f"{valid} valid values of {len(found)} instead of {check['count']} in {where}"
        return None if valid == check["count"] else message
    if not found:
        return f"no value in {where}"
    return None if valid == len(found) else f"{len(found) - valid} invalid values of {len(found)} in {where}"


def _is_not_json(raw: str | None) -> bool:
    if raw is None:
        return False
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return True
    return False


def broken_interpretations(service: Service) -> Iterator[Problem]:
    """Yield a problem for each interpretation that does not fit its recording, so that it gives no examples."""
    for index, interpretation in enumerate(service.evidence.data.get("interpretations", [])):
        for where, message in _problems(service, interpretation):
            yield service.evidence.problem(
                f"/interpretations/{index}{where}",
                f"{interpretation['id']}: {message}",
                "Correct the interpretation, or name another recording",
            )


def _problems(service: Service, interpretation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    recording, job = service.recordings.get(interpretation["recording"]), interpretation["job"]
    if recording is None:
        yield "/recording", f"recording must exist, got {interpretation['recording']}"
        return
    if not isinstance(value_at(recording.body, job), dict):
        yield "/job", f"job must be the pointer of an object in {recording.id}, got {job!r}"
        return
    for where, pointer, must_exist in _pointers(interpretation):
        outer = value_at(recording.body, pointer.rpartition("/")[0])
        if not isinstance(outer, dict | list) or (must_exist and value_at(recording.body, pointer) is None):
            yield where, f"pointer must have a value in {recording.id}, got {pointer}"
    parameter = interpretation.get("id_parameter")
    if parameter is not None and parameter not in recording.source.data["request"]["path"]:
        yield "/id_parameter", f"id_parameter must be a path parameter of {recording.id}, got {parameter}"
    for which in ("started", "ended"):
        for number, example in enumerate(interpretation.get("expect", {}).get(which, {}).get("examples", [])):
            timestamp = example["equals"]
            if timestamp is not None and not _is_timestamp(timestamp):
                where = f"/expect/{which}/examples/{number}/equals"
                yield where, f"must be a timestamp with its zone, by ISO 8601, got {timestamp!r}"
        for number, example in enumerate(interpretation.get("examples", [])):
            timestamp = example["equals"].get(which)
            if timestamp is not None and not _is_timestamp(timestamp):
                where = f"/examples/{number}/equals/{which}"
                yield where, f"must be a timestamp with its zone, by ISO 8601, got {timestamp!r}"


def _pointers(interpretation: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield the location of each pointer in the interpretation, the pointer, and whether it must exist there."""
    job, expect = interpretation["job"], interpretation.get("expect", {})
    for key, value in expect.items():
        if isinstance(value, dict) and "pointer" in value:
            yield f"/expect/{key}/pointer", job + value["pointer"], key in ("id", "children")
    for number, example in enumerate(expect.get("progress", [])):
        for pointer in example["set"]:
            yield child(f"/expect/progress/{number}/set", pointer), job + pointer, False
    for number, example in enumerate(interpretation.get("examples", [])):
        for pointer in example.get("set", {}):
            yield child(f"/examples/{number}/set", pointer), job + pointer, False
    for key, pointer in interpretation.get("pagination", {}).items():
        if key in ("items", "count"):
            yield f"/pagination/{key}", pointer, True


def value_at(data: Any, pointer: str) -> Any:
    """Return the value at a pointer, or None."""
    try:
        return resolve(data, pointer)
    except PointerNotFound:
        return None


def _is_timestamp(string: str) -> bool:
    try:
        return datetime.fromisoformat(string).tzinfo is not None
    except ValueError:
        return False
