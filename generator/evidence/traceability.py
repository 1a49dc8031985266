"""Traceability: each statement of a document is compared with the evidence, in both directions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from generator.documents import Service
from generator.documents.json_pointer import PointerNotFound, child, find, matches, resolve, segments
from generator.documents.schema_view import SchemaLocation, flatten, walk_schemas
from generator.errors import Problem
from generator.evidence.checks import broken_checks, broken_interpretations

_SCALARS = {
    "string": "string",
    "integer": "integer",
    "boolean": "boolean",
    "number": "number",
    "int32": "integer",
    "int64": "integer",
}

_BITS = {"int32": 31, "int64": 63}

_MAP = re.compile(r"map(?:<string,(.+)>|\[string\](.+))\Z", re.IGNORECASE)

_ARRAY = re.compile(r"array of (.+?)s?\Z", re.IGNORECASE)

_OBJECT = re.compile(r"(?:\S+ )?objects?\Z", re.IGNORECASE)

_ANYTHING = "interface{}"


class UnknownTypeName(ValueError):
    """A type word that says nothing to us."""


def type_expectation(word: str, component: str | None, pointer: str) -> Iterator[tuple[str, Any]]:
    """What a type word says, as pointers and values from the schema at that pointer. Raises `UnknownTypeName`.

    Args:
        word: As in the evidence.
        component: The component schema that an object of the row is.
        pointer: Of the schema.
    """
    kind = word.strip()
    scalar = kind.lower()
    if scalar in _SCALARS:
        yield child(pointer, "type"), _SCALARS[scalar]
        if scalar in _BITS:
            # The bounds besides, since `format` asserts nothing.
            yield child(pointer, "format"), scalar
            yield child(pointer, "minimum"), -(2 ** _BITS[scalar])
            yield child(pointer, "maximum"), 2 ** _BITS[scalar] - 1
    elif array := _ARRAY.match(kind):
        yield child(pointer, "type"), "array"
        yield from type_expectation(array[1], component, child(pointer, "items"))
    elif values := _MAP.match(kind):
        yield child(pointer, "type"), "object"
        inner = values[1] or values[2]
        if inner.lower() == _ANYTHING:
            yield child(pointer, "additionalProperties"), True
        else:
            yield from type_expectation(inner, component, child(pointer, "additionalProperties"))
    elif _OBJECT.match(kind):
        if component is not None:
            yield child(pointer, "$ref"), f"#/components/schemas/{component}"
        else:
            yield child(pointer, "type"), "object"
    else:
        raise UnknownTypeName(word)


@attrs.frozen
class Expectation:
    """A claim that a row states, and whether the document's own is the same."""

    pointer: str
    wanted: str
    holds: Callable[[Any], bool]
    supports: Callable[[Any], bool] = lambda value: True
    """Whether the row is evidence enough for the document's claim, where it holds."""


def expectations(document: dict[str, Any], row: dict[str, Any], pointer: str) -> Iterator[Expectation]:
    """What the row expects of the place at that pointer, besides being there."""
    kind, name = row["kind"], row["name"]
    if kind == "operation":
        yield Expectation(pointer, name, lambda _: f"{segments(pointer)[-1].upper()} {segments(pointer)[-2]}" == name)
    elif kind in ("path", "query", "header") and pointer.startswith("/components/parameters/"):
        yield _is(child(pointer, "in"), kind)
        if "mandatory" in row:
            yield Expectation(
                child(pointer, "required"), str(row["mandatory"]).lower(), lambda value: bool(value) == row["mandatory"]
            )
        yield from _expected_of_schema(document, row, child(pointer, "schema"))
    elif kind == "header":
        yield _is(pointer, row.get("default"))
    elif kind == "authentication":
        yield _is(child(pointer, "type"), "apiKey")
        yield _is(child(pointer, "in"), "header")
        yield _is(child(pointer, "name"), name)
        if "maximum" in row:
            yield _is(child(child(pointer, "x-auth"), "maxLength"), row["maximum"])
    elif kind == "field":
        yield from _expected_of_schema(document, row, pointer)


def is_named(row: dict[str, Any], pointer: str) -> bool:
    """Whether the place bears the row's name, where places of its kind bear names."""
    return row["kind"] not in ("path", "query", "header", "field", "status") or segments(pointer)[-1] == row["name"]


def _expected_of_schema(document: dict[str, Any], row: dict[str, Any], pointer: str) -> Iterator[Expectation]:
    schema = resolve(document, pointer)
    if "type" in row:
        yield from _of_type(document, row["type"], row.get("component"), pointer)
    if row.get("open"):
        # The row names some of the values; a longer list needs other evidence besides.
        named = set(row["values"])
        yield Expectation(
            child(pointer, "x-enum-open"),
            f"a list with {', '.join(map(str, row['values']))}",
            lambda value: isinstance(value, list) and named <= set(value),
            lambda value: named == set(value),
        )
    elif "values" in row:
        keyword = "const" if "const" in schema else "enum"
        yield _is(child(pointer, keyword), row["values"][0] if keyword == "const" else row["values"])
    if "default" in row:
        yield _is(child(pointer, "default"), row["default"])
    for bound in ("minimum", "maximum"):
        if bound in row:
            keyword = f"{bound[:3]}Length" if schema.get("type") == "string" else bound
            yield _is(child(pointer, keyword), row[bound])


def _of_type(document: dict[str, Any], word: str, component: str | None, pointer: str) -> Iterator[Expectation]:
    try:
        found = list(type_expectation(word, component, pointer))
    except UnknownTypeName:
        found = [(child(pointer, "type"), "object")]
    for where, value in found:
        place = where.rpartition("/")[0]
        if value == "object" and "$ref" in _schema(document, place):
            # Which object it is, the row does not say: that needs other evidence.
            ref = child(place, "$ref")
            yield Expectation(ref, "an object", lambda each: _refers_to_object(document, each), lambda _: False)
        else:
            yield _is(where, value)


def _schema(document: dict[str, Any], pointer: str) -> Any:
    try:
        return resolve(document, pointer)
    except PointerNotFound:
        return {}


def _refers_to_object(document: dict[str, Any], reference: Any) -> bool:
    return flatten(document, str(reference)[1:]).types == ["object"]


def _is(pointer: str, wanted: Any) -> Expectation:
    return Expectation(pointer, repr(wanted), lambda value: equal_ignoring_order(value, wanted))


PRESENT = "present"
"""The value of a claim that a thing is there."""

_ALIKE = ({"const", "enum", "x-enum-open"}, {"type", "$ref"})

_KEYWORDS = (
    *("$ref", "type", "const", "enum", "default", "format", "minimum", "maximum", "minLength", "maxLength", "pattern"),
    *("contentMediaType", "minItems", "maxItems", "required", "x-enum-open"),
)

_SCHEME_MEMBERS = ("type", "in", "name", "scheme")


def claims(document: dict[str, Any]) -> dict[str, Any]:
    """Pointer and value of every claim, in the order of the document."""
    found: dict[str, Any] = {}
    for pointer, operation in find(document, "/paths/*/*"):
        found[pointer] = PRESENT
        found[child(pointer, "security")] = operation.get("security", [])
        for name, value in operation.get("x-request-headers", {}).items():
            found[child(child(pointer, "x-request-headers"), name)] = value
    for pointer, response in find(document, "/paths/*/*/responses/*"):
        found[pointer] = PRESENT
        found[child(pointer, "content")] = list(response.get("content", {}))
    for pointer, parameter in find(document, "/components/parameters/*"):
        found[pointer] = PRESENT
        found[child(pointer, "in")] = parameter["in"]
        if parameter.get("required"):
            found[child(pointer, "required")] = True
    for pointer, scheme in find(document, "/components/securitySchemes/*"):
        found[pointer] = PRESENT
        found |= {child(pointer, key): scheme[key] for key in _SCHEME_MEMBERS if key in scheme}
        limits = child(pointer, "x-auth")
        found |= {child(limits, key): value for key, value in scheme.get("x-auth", {}).items()}
    for pointer, error in find(document, "/components/schemas/*/x-error"):
        found |= {child(pointer, part): entries for part, entries in error.items()}
    for place in walk_schemas(document):
        found |= _claims_of_schema(place)
    return found


def _claims_of_schema(place: SchemaLocation) -> dict[str, Any]:
    schema, pointer = place.schema, place.pointer
    found: dict[str, Any] = {}
    if place.role == "property" and "/allOf/" not in pointer:
        found[pointer] = PRESENT
    for keyword in _KEYWORDS:
        if keyword in schema:
            found[child(pointer, keyword)] = schema[keyword]
    if isinstance(schema.get("additionalProperties"), bool):
        found[child(pointer, "additionalProperties")] = schema["additionalProperties"]
    return found


def interchangeable(keyword: str) -> set[str]:
    """The keywords that can stand in a keyword's place, itself among them: a decision on one overrules the others."""
    return next((group for group in _ALIKE if keyword in group), {keyword})


def equal_ignoring_order(one: Any, other: Any) -> bool:
    """Whether two claimed values say the same: lists of plain values are sets."""
    if (
        isinstance(one, list)
        and isinstance(other, list)
        and not any(isinstance(item, dict | list) for item in one + other)
    ):
        return sorted(map(repr, one)) == sorted(map(repr, other))
    return type(one) is type(other) and bool(one == other)


_STRENGTH = ("documented", "observed", "inferred")


@attrs.define
class TraceabilityReport:
    """What supports a service's document, and what is wrong with that."""

    service: str
    rows: int
    carried: int
    rejected: int
    observed: int
    contradictions: int
    problems: list[Problem] = attrs.field(factory=list)
    support: dict[str, list[tuple[str, str]]] = attrs.field(factory=dict)
    """Pointer of each supported claim to the ids that support it, each with its confidence."""

    def confidence(self, pointer: str) -> str | None:
        """The best confidence of a claim: documented, observed or inferred."""
        known = {confidence for _, confidence in self.support.get(pointer, [])}
        return next((word for word in _STRENGTH if word in known), None)

    def count(self, confidence: str) -> int:
        """How many claims have that confidence."""
        return sum(self.confidence(pointer) == confidence for pointer in self.support)


def trace(service: Service) -> TraceabilityReport:
    """Account for every row, observation, fact and decision, and for every claim of the document."""
    evidence = service.evidence.data
    rows = evidence["rows"]
    result = TraceabilityReport(
        service=service.name,
        rows=len(rows),
        carried=sum("documents" in row for row in rows),
        rejected=sum("rejected_by" in row for row in rows),
        observed=len(evidence["observed"]),
        contradictions=len(evidence["contradictions"]),
    )
    _Accounting(service, result).run()
    return result


class _Accounting:
    def __init__(self, service: Service, result: TraceabilityReport) -> None:
        self.document = service.document
        self.evidence = service.evidence
        self.recordings = service.recordings
        self.service = service
        self.result = result
        self.claims = claims(service.document.data)

    def run(self) -> None:
        problems = self.result.problems
        problems += self._ids()
        for index, row in enumerate(self.evidence.data["rows"]):
            problems += self._row(row, f"/rows/{index}", "documented")
        for index, entry in enumerate(self.evidence.data["observed"]):
            problems += self._row(entry, f"/observed/{index}", "observed")
            problems += self._seen(entry, f"/observed/{index}")
        for index, fact in enumerate(self.evidence.data["facts"]):
            problems += self._stated(fact["id"], fact["supports"], fact["confidence"], f"/facts/{index}/supports")
        for index, entry in enumerate(self.evidence.data["contradictions"]):
            decides = entry.get("resolution", {})
            problems += self._stated(
                entry["id"], decides, entry.get("confidence", ""), f"/contradictions/{index}/resolution"
            )
        problems += self._unsupported()
        problems += self._response_confidence()
        problems += broken_interpretations(self.service)
        problems += broken_checks(self.service)

    def _ids(self) -> Iterator[Problem]:
        data, seen = self.evidence.data, set()
        for part in ("rows", "observed", "facts", "interpretations", "contradictions"):
            for index, entry in enumerate(data.get(part, [])):
                here = f"/{part}/{index}/id"
                if entry["id"] in seen:
                    yield self.evidence.problem(here, f"repeats the id {entry['id']}", "Give each entry its own")
                if not entry["id"].startswith(f"{data['service']}."):
                    yield self.evidence.problem(
                        here, f"{entry['id']} does not begin with the service's name", f"Write {data['service']}.…"
                    )
                seen.add(entry["id"])
        rows = {entry["id"] for part in ("rows", "observed") for entry in data[part]}
        for index, entry in enumerate(data["contradictions"]):
            for name in entry["rows"]:
                if name not in rows:
                    yield self.evidence.problem(
                        f"/contradictions/{index}/rows",
                        f"names {name}, which is no row",
                        "Name a row or an observation",
                    )

    def _row(self, row: dict[str, Any], here: str, confidence: str) -> Iterator[Problem]:
        if "rejected_by" in row:
            yield from self._rejected(row, here)
            return
        for index, pattern in enumerate(row["documents"]):
            places = [pointer for pointer, _ in find(self.document.data, pattern)]
            if not places:
                message = f"{row['id']}: the document has no {pattern}"
                remedy = "Bring it back into the document, or reject the row by a contradiction"
                yield self.evidence.problem(f"{here}/documents/{index}", message, remedy)
            for pointer in places:
                if not is_named(row, pointer):
                    message = f"{row['id']}: {pointer} is not named {row['name']}"
                    yield self.evidence.problem(here, message, "Name the place that carries the row")
                self._support(pointer, row["id"], confidence)
                yield from self._carried(row, pointer, confidence)

    def _carried(self, row: dict[str, Any], pointer: str, confidence: str) -> Iterator[Problem]:
        for expected in expectations(self.document.data, row, pointer):
            value = self._value(expected.pointer)
            if expected.holds(value):
                if expected.supports(value):
                    self._support(expected.pointer, row["id"], confidence)
            elif not self._decided(row["id"], expected.pointer):
                message = f"{row['id']}: the row states {expected.wanted} where the document has {value!r}"
                remedy = "Follow the row, or decide otherwise in a contradiction that lists it"
                yield self.document.problem(expected.pointer, message, remedy)

    def _rejected(self, row: dict[str, Any], here: str) -> Iterator[Problem]:
        for entry in self.evidence.data["contradictions"]:
            if entry["id"] == row["rejected_by"] and row["id"] in entry["rows"]:
                break
        else:
            yield self.evidence.problem(
                f"{here}/rejected_by",
                f"{row['id']}: no contradiction {row['rejected_by']} lists it",
                "Write the contradiction",
            )
        for pointer, parameter in find(self.document.data, "/components/parameters/*"):
            if parameter["in"] == row["kind"] and parameter["name"] == row["name"]:
                yield self.document.problem(
                    pointer, f"{row['id']} is rejected, and stands here", "Take it out, or carry the row"
                )

    def _seen(self, entry: dict[str, Any], here: str) -> Iterator[Problem]:
        for index, place in enumerate(entry["observed_in"]):
            recording = self.recordings.get(place["recording"])
            try:
                resolve(recording.as_data if recording else None, place["pointer"])
            except PointerNotFound:
                where = f"{place['recording']} at {place['pointer']}"
                yield self.evidence.problem(
                    f"{here}/observed_in/{index}",
                    f"{entry['id']}: is not to be seen in {where}",
                    "Mend the place, or take it out",
                )

    def _stated(self, name: str, stated: dict[str, Any], confidence: str, here: str) -> Iterator[Problem]:
        for pattern, value in stated.items():
            found = [
                pointer
                for pointer, claimed in self.claims.items()
                if matches(pattern, pointer) and equal_ignoring_order(claimed, value)
            ]
            if not found:
                message = f"{name}: the document does not have {value!r} at {pattern}"
                yield self.evidence.problem(child(here, pattern), message, "Follow the evidence, or mend it")
            for pointer in found:
                self._support(pointer, name, confidence)

    def _unsupported(self) -> Iterator[Problem]:
        for pointer, value in self.claims.items():
            if pointer not in self.result.support and value != []:
                what = "this" if value == PRESENT else repr(value)
                yield self.document.problem(
                    pointer,
                    f"nothing in the evidence supports {what}",
                    f"Take it out, or give its evidence in {self.evidence.path.name}",
                )

    def _response_confidence(self) -> Iterator[Problem]:
        for pointer, response in find(self.document.data, "/paths/*/*/responses/*"):
            stated, known = response.get("x-confidence", "documented"), self.result.confidence(pointer)
            if known and stated != known:
                yield self.document.problem(
                    pointer, f"is said to be {stated}, and its evidence is {known}", f"Write x-confidence: {known}"
                )

    def _decided(self, row: str, pointer: str) -> bool:
        """Whether a contradiction that lists the row decides this keyword, or one that stands in its place."""
        place, _, keyword = pointer.rpartition("/")
        return any(
            row in entry["rows"] and any(matches(pattern, f"{place}/{each}") for pattern in entry.get("resolution", {}))
            for entry in self.evidence.data["contradictions"]
            for each in interchangeable(keyword)
        )

    def _support(self, pointer: str, name: str, confidence: str) -> None:
        if pointer not in self.claims:
            return
        self.result.support.setdefault(pointer, []).append((name, confidence))
        if pointer.endswith("/$ref"):
            # What is known to be this component is known to be an object.
            target = child(self.claims[pointer][1:], "type")
            if self.claims.get(target) == "object":
                self.result.support.setdefault(target, []).append((name, confidence))

    def _value(self, pointer: str) -> Any:
        try:
            return resolve(self.document.data, pointer)
        except PointerNotFound:
            return None
