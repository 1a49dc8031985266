"""Mutation testing of the contracts: runs the cases on each mutant and reports the survivors.

A mutant is equivalent if it accepts the same requests and responses as the original (`meaning`):

- Names and servers constrain nothing. Neither do `format`, `contentMediaType` and `default`, which are annotations by
  JSON Schema 2020-12, sections 7.2, 8.1 and 9.2. (The `default` of a parameter that `x-pagination` names does count: it
  is the length of a page, or its first row.)
- `const` is an `enum` of one value; an enum needs no `type` besides, and a bound does not apply to another type.
- Enums, `required` and `security` have no order; an empty list, a length of at least 0 and `required: false` constrain
  nothing.
- No value is a timestamp in two of the formats of `x-job`, so their order does not count: units differ by a thousand,
  the years 2000 to 2100 by a factor of five, and a string has only digits, or is Go's, or ISO's.
- A parameter or header is a string. If any string is valid, so is a number, which is a string as well. Null, arrays and
  objects are not strings.
- A path parameter is always present and never empty: without it the path is another one.

Response headers, examples and descriptions constrain nothing either, and still state facts. These mutants are
killed by the check of the document against its evidence, and none is equivalent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any

import attrs

from ..contract.checker import Provenance
from ..contract.exchange import exchange_from_recording
from ..documents import Service, Source, load, read, violations
from ..documents.json_pointer import find, resolve
from ..documents.schema_view import known_values
from ..errors import Problem, ValidationError
from ..evidence import broken_checks, trace
from ..evidence.descriptions import DescriptionEvidence
from .cases import AnyCase
from .mutant import Document, Mutant
from .operators import OPERATORS, mutants
from .statement_operators import STATEMENT_OPERATORS
from .suite import CaseSuite, DocumentUnderTest

_PARTS = ("paths", "components", "security")

_IGNORED = frozenset(
    {"description", "summary", "title", "tags", "format", "contentMediaType", "examples", "x-recordings"}
)

_OF_TYPE = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("items", "minItems", "maxItems"),
    "object": ("properties", "required", "additionalProperties"),
}

_TYPE_NAMES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def meaning(document: dict[str, Any]) -> Any:
    """The document in a normal form that is the same for equivalent documents."""
    pages = [pages for _, pages in find(document, "/paths/*/*/x-pagination")]
    paging = frozenset(name for each in pages for key, name in each.items() if key in ("offset", "limit"))
    return {key: _normal(document[key], key, paging) for key in _PARTS if key in document}


def _normal(value: Any, key: str, paging: frozenset[str]) -> Any:
    if key == "schema":
        return _schema(value)
    if isinstance(value, dict):
        if key == "schemas":
            return {name: _schema(schema) for name, schema in value.items()}
        if "in" in value and "name" in value and "type" not in value:
            return _parameter(value, is_paging=value["name"] in paging)
        if key == "headers":
            return {name: _header(header) for name, header in value.items()}
        return {name: _normal(member, name, paging) for name, member in value.items() if name not in _IGNORED}
    if isinstance(value, list):
        return _sorted([_normal(item, "", paging) for item in value]) if key in ("parameters", "security") else value
    return value


def _header(header: dict[str, Any]) -> Any:
    return header if "$ref" in header else [bool(header.get("required")), _text(_schema(header.get("schema", {})))]


def _text(schema: Any) -> Any:
    """A schema of a value that is sent as text: any value is a string."""
    types = schema.get("type")
    if types is None or "string" in types:
        return {key: member for key, member in schema.items() if key in (*_OF_TYPE["string"], "enum", "default")}
    return {**schema, "type": [kind for kind in types if kind not in ("null", "array", "object")]}


def _parameter(parameter: dict[str, Any], *, is_paging: bool) -> Any:
    schema = _text(_schema(parameter.get("schema", {}), with_default=is_paging))
    in_path = parameter["in"] == "path"
    if in_path and schema.get("minLength", 2) <= 1:
        del schema["minLength"]
    return [parameter["in"], parameter["name"], in_path or bool(parameter.get("required")), schema]


def _schema(schema: Any, *, with_default: bool = False) -> Any:
    if not isinstance(schema, dict):
        return schema
    found = {key: value for key, value in schema.items() if key not in _IGNORED and (with_default or key != "default")}
    if "const" in found:
        found["enum"] = [found.pop("const")]
    types = _types(found.pop("type", None))
    if "enum" in found:
        values = [value for value in found["enum"] if types is None or _TYPE_NAMES.get(type(value)) in types]
        found["enum"] = _sorted(values)
        types = sorted({_TYPE_NAMES.get(type(value), "object") for value in values})
    for kind, keywords in _OF_TYPE.items():
        if types is not None and kind not in types and not (kind == "number" and "integer" in types):
            found = {key: value for key, value in found.items() if key not in keywords}
    if types is not None and "enum" not in found:
        found["type"] = types
    for key in ("minLength", "minItems"):
        if found.get(key) == 0:
            del found[key]
    if "required" in found:
        found["required"] = _sorted(found["required"])
    if (known := known_values(schema)) is not None:
        found["anyOf"] = {"known": _sorted(known)}
    if not found.get("required", True):
        del found["required"]
    return {key: _inner(key, value) for key, value in found.items()}


def _types(types: Any) -> list[str] | None:
    if types is None:
        return None
    named = {types} if isinstance(types, str) else set(types)
    return sorted(named - {"integer"} if "number" in named else named)


def _job(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _job(member, name) for name, member in value.items()}
    # The order of field names counts, since the first that is not empty is used; every other list is a set.
    return _sorted(value) if isinstance(value, list) and key not in ("id", "field", "reason") else value


def _inner(key: str, value: Any) -> Any:
    if key == "x-job":
        return _job(value)
    if key == "properties":
        return {name: _schema(member) for name, member in value.items()}
    if key in ("items", "additionalProperties"):
        return _schema(value)
    if key in ("allOf", "oneOf", "anyOf") and isinstance(value, list):
        return _sorted([_schema(member) for member in value])
    return value


def _sorted(values: list[Any]) -> list[Any]:
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))


_LARGE = 100_000
"""Bytes of a body that takes long to check."""


@attrs.frozen
class Outcome:
    """The result of the tests for one mutant."""

    service: str
    mutant: Mutant
    is_equivalent: bool = False
    by_recordings: bool = False
    """Whether the recordings alone kill it."""
    killed_by: str | None = None
    """The recording, case, contradiction or missing evidence that killed it; None for a survivor."""
    about: tuple[str, ...] = ()
    """Ids of the evidence that supports the changed value."""

    @property
    def id(self) -> str:
        """Unique among all mutants."""
        return f"{self.service} {self.mutant.name}"


class MutationRunner:
    """Runs recordings, cases and contradictions of a service on mutants of its document."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._provenance = Provenance(service)
        self._meaning = meaning(service.document.data)
        self._suite = CaseSuite.from_service(service)
        self._recordings = [exchange_from_recording(service, recording) for recording in service.recordings.values()]
        self._original = DocumentUnderTest(service.document.data)
        self._original_rules = [self._original.rules(exchange) for exchange in self._recordings]
        self._groups: dict[tuple[str, ...], list[AnyCase]] = {}
        for case in self._suite.cases:
            self._groups.setdefault(case.pointers, []).append(case)

    def outcomes(self) -> Iterator[Outcome]:
        """The outcome of each mutant of the service's document."""
        return map(self.outcome, mutants(self._service.document.data))

    def outcome(self, mutant: Mutant) -> Outcome:
        """The outcome of one mutant."""
        document, service = mutant.document(self._service.document.data), self._service.name
        if mutant.operator in STATEMENT_OPERATORS:
            killed_by = self._evidence(mutant, document)
            about = () if killed_by else self._provenance.evidence(mutant.pointer)
            return Outcome(service, mutant, killed_by=killed_by, about=about)
        if meaning(document) == self._meaning:
            return Outcome(service, mutant, is_equivalent=True)
        tested = DocumentUnderTest(document)
        recording = self._recording(tested)
        killed_by = recording or self._case(tested, mutant) or self._contradiction(document)
        about = () if killed_by else self._provenance.evidence(mutant.pointer)
        return Outcome(service, mutant, by_recordings=recording is not None, killed_by=killed_by, about=about)

    def _evidence(self, mutant: Mutant, document: Document) -> str | None:
        """The first problem of a changed header, example or description with the evidence."""
        if mutant.operator == "descriptions":
            pointer = mutant.pointer.rpartition("/")[0]
            problems = self._described.unsupported(pointer, resolve(document, pointer))
        else:
            problems = iter(trace(self._with(document)).problems)
        found = next(problems, None)
        return None if found is None else found.message

    @cached_property
    def _described(self) -> DescriptionEvidence:
        return DescriptionEvidence(self._service, trace(self._service).support)

    def _with(self, document: Document) -> Service:
        return attrs.evolve(self._service, document=attrs.evolve(self._service.document, data=document))

    def _recording(self, tested: DocumentUnderTest) -> str | None:
        """The first recording with other findings than by the original."""
        for exchange, rules in zip(self._recordings, self._original_rules, strict=True):
            if tested.rules(exchange) != rules:
                return exchange.source
        return None

    def _case(self, tested: DocumentUnderTest, mutant: Mutant) -> str | None:
        """The first case that fails, and holds for the original."""
        cases = self._cases(tested.document, mutant.pointer)
        return next((case.id for case in cases if not tested.holds(case) and self._original.holds(case)), None)

    def _cases(self, document: Document, changed: str) -> Iterator[AnyCase]:
        """The cases, after those of closed sets; those about the changed value come first."""
        for closed_set in self._suite.closed_sets:
            yield from closed_set.cases(document)
        for pointers in sorted(self._groups, key=lambda pointers: self._distance(pointers, changed)):
            yield from self._groups[pointers]

    def _contradiction(self, document: Document) -> str | None:
        """The first contradiction with a check that no longer holds."""
        broken = next(iter(broken_checks(self._with(document))), None)
        return None if broken is None else broken.message

    def _distance(self, pointers: tuple[str, ...], changed: str) -> tuple[bool, int]:
        """Sort key of a group of cases: those with a large body last, if they are about another value."""
        shared = max((_common_segments(pointer, changed) for pointer in pointers), default=0)
        sizes = (len(exchange.body or b"") for case in self._groups[pointers] for exchange in case.exchanges)
        is_near = any(changed.startswith(pointer) for pointer in pointers)
        return max(sizes) > _LARGE and not is_near, -shared


def _common_segments(one: str, other: str) -> int:
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


_SCHEMA = {
    "type": "object",
    "required": ["survivors"],
    "additionalProperties": False,
    "properties": {
        "survivors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "why", "case"],
                "additionalProperties": False,
                "properties": {
                    "id": {"description": "Id of the mutant, as `contract mutate` prints it.", "type": "string"},
                    "why": {"description": "Reason why nothing kills it.", "type": "string", "minLength": 1},
                    "case": {"description": "The case that would kill it.", "type": "string", "minLength": 1},
                },
            },
        }
    },
}


@attrs.frozen
class Explanation:
    """The reason why a mutant survives, and the case that would kill it."""

    why: str
    case: str


@attrs.frozen
class Explanations:
    """The explanations of survivors, by the mutant's id."""

    source: Source
    known: dict[str, Explanation]

    @classmethod
    def read(cls, file: Path) -> Explanations:
        """Read the list. Raises `ValidationError` if it is invalid or names a mutant twice."""
        source = load(file)
        problems = [
            source.problem(where, message, "Mend the list") for where, message in violations(_SCHEMA, source.data)
        ]
        known: dict[str, Explanation] = {}
        for index, entry in enumerate([] if problems else source.data["survivors"]):
            if entry["id"] in known:
                problems.append(source.problem(f"/survivors/{index}", f"repeats {entry['id']}", "Take one out"))
            known[entry["id"]] = Explanation(entry["why"], entry["case"])
        if problems:
            raise ValidationError(problems)
        return cls(source, known)

    @classmethod
    def none(cls, file: Path) -> Explanations:
        """Return an empty list, to be written to a file."""
        return cls(read("survivors: []\n", file), {})

    def problems(self, outcomes: Iterable[Outcome], survivors: Iterable[Outcome]) -> list[Problem]:
        """Survivors without an explanation, and explanations of mutants that do not survive or do not exist."""
        tried = {outcome.id for outcome in outcomes}
        services = {outcome.service for outcome in outcomes}
        left = {outcome.id for outcome in survivors}
        fix = "Add evidence that detects it, or explain it here"
        found = [
            Problem(self.source.path, f"does not explain a survivor: {name}", fix)
            for name in sorted(left - self.known.keys())
        ]
        for index, name in enumerate(self.known):
            if name.partition(" ")[0] in services and name not in left:
                what = "is noticed now" if name in tried else "is not a mutant any more"
                found.append(self.source.problem(f"/survivors/{index}", f"{name} {what}", "Take the entry out"))
        return found


@attrs.frozen
class Score:
    """A count of mutants."""

    name: str
    mutants: int
    """Without the equivalent ones."""
    equivalent: int
    killed: int
    killed_by_recordings: int

    @classmethod
    def from_outcomes(cls, name: str, outcomes: Iterable[Outcome]) -> Score:
        """The count of some outcomes."""
        found = list(outcomes)
        real = [outcome for outcome in found if not outcome.is_equivalent]
        killed = sum(outcome.killed_by is not None for outcome in real)
        return cls(name, len(real), len(found) - len(real), killed, sum(outcome.by_recordings for outcome in real))

    @property
    def share(self) -> float | None:
        """The share of killed mutants, from 0 to 1; None without mutants."""
        return self.killed / self.mutants if self.mutants else None

    @property
    def share_of_recordings(self) -> float | None:
        """The share that the recordings alone kill."""
        return self.killed_by_recordings / self.mutants if self.mutants else None

    @property
    def cells(self) -> tuple[Any, ...]:
        """The row of a table."""
        shares = (self.share_of_recordings, self.share)
        alone, all_ = ("-" if share is None else f"{share:.1%}" for share in shares)
        return self.name, self.mutants, self.equivalent, self.killed_by_recordings, alone, self.killed, all_

    def as_data(self, key: str) -> dict[str, Any]:
        """The same as JSON data, its name under that key."""
        return {
            key: self.name,
            "mutants": self.mutants,
            "equivalent": self.equivalent,
            "noticed": self.killed,
            "score": _rounded(self.share),
            "noticed_by_recordings_alone": self.killed_by_recordings,
            "score_recordings": _rounded(self.share_of_recordings),
        }


COLUMNS = ("mutants", "equivalent", "by recordings alone", "", "by recordings and cases", "")
"""Headings of `Score.cells` after the name."""


def by_service(outcomes: Sequence[Outcome]) -> list[Score]:
    """A score for each service, in the order of the outcomes."""
    return _scores(dict.fromkeys(outcome.service for outcome in outcomes), outcomes, lambda each: each.service)


def by_operator(outcomes: Sequence[Outcome]) -> list[Score]:
    """A score for each operator that made a mutant."""
    used = {outcome.mutant.operator for outcome in outcomes}
    return _scores(filter(used.__contains__, OPERATORS), outcomes, lambda each: each.mutant.operator)


def survivors(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The mutants that are neither equivalent nor killed."""
    return [outcome for outcome in outcomes if not outcome.is_equivalent and outcome.killed_by is None]


def _scores(names: Iterable[str], outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> list[Score]:
    return [Score.from_outcomes(name, (outcome for outcome in outcomes if key(outcome) == name)) for name in names]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
