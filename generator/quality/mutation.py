"""Mutation testing of the contracts: runs the checks on each mutant and reports the survivors.

- Names, descriptions and servers say nothing of a request or reply. Neither do `format` and `contentMediaType`, nor
  `default`: annotations, by JSON Schema 2020-12, sections 7.2, 8.1 and 9.2. (The `default` of a parameter that
  `x-pagination` names does say something: how long a page may be, and where it begins.)
- `const` is an `enum` of one value; a list of values needs no `type` besides, and a bound says nothing of another type.
- What lists allow, demand or accept has no order; an empty list, a bound of 0 on a length and `required: false` say
  nothing.
- No value is a moment in two of the formats of `x-job`, so their order says nothing: units differ by a thousand, the
  years 2000 to 2100 by a factor of five, and a text is digits, or Go's, or ISO's.
- A parameter is text. Where any text may stand, a number, too, may: it is text as well. Null, lists and objects are
  no text.
- A parameter of the path is always there and never empty, whatever is said: without it the path is another one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from generator.contract.checker import Provenance
from generator.contract.exchange import exchange_from_recording
from generator.documents import Service, Source, load, violations
from generator.documents.json_pointer import find
from generator.errors import Problem, ValidationError
from generator.evidence import broken_checks
from generator.quality.cases import Case, ExtractionCase
from generator.quality.operators import OPERATORS, Document, Mutant, mutants
from generator.quality.suite import CaseSuite, DocumentUnderTest

_TELLING = ("paths", "components", "security")

_SILENT = frozenset({"description", "summary", "title", "tags", "format", "contentMediaType", "x-recordings"})

_OF_TYPE = {
    "string": ("minLength", "maxLength", "pattern", "x-enum-open"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("items", "minItems", "maxItems"),
    "object": ("properties", "required", "additionalProperties"),
}

_TYPE_NAMES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def meaning(document: dict[str, Any]) -> Any:
    """The document with everything left out that makes no difference."""
    pages = [pages for _, pages in find(document, "/paths/*/*/x-pagination")]
    paging = frozenset(name for each in pages for key, name in each.items() if key in ("offset", "limit"))
    return {key: _general(document[key], key, paging) for key in _TELLING if key in document}


def _general(value: Any, key: str, paging: frozenset[str]) -> Any:
    if key == "schema":
        return _schema(value)
    if isinstance(value, dict):
        if key == "schemas":
            return {name: _schema(schema) for name, schema in value.items()}
        if "in" in value and "name" in value and "type" not in value:
            return _parameter(value, is_paging=value["name"] in paging)
        return {name: _general(member, name, paging) for name, member in value.items() if name not in _SILENT}
    if isinstance(value, list):
        return _sorted([_general(item, "", paging) for item in value]) if key in ("parameters", "security") else value
    return value


def _parameter(parameter: dict[str, Any], *, is_paging: bool) -> Any:
    schema = _schema(parameter.get("schema", {}), with_default=is_paging)
    in_path = parameter["in"] == "path"
    types = schema.get("type")
    if types is None or "string" in types:
        # Whatever the text, it can be read as a text.
        schema = {key: member for key, member in schema.items() if key in (*_OF_TYPE["string"], "enum", "default")}
    else:
        schema["type"] = [kind for kind in types if kind not in ("null", "array", "object")]
    if in_path and schema.get("minLength", 2) <= 1:
        del schema["minLength"]
    return [parameter["in"], parameter["name"], in_path or bool(parameter.get("required")), schema]


def _schema(schema: Any, *, with_default: bool = False) -> Any:
    if not isinstance(schema, dict):
        return schema
    found = {key: value for key, value in schema.items() if key not in _SILENT and (with_default or key != "default")}
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
    for key in ("required", "x-enum-open"):
        if key in found:
            found[key] = _sorted(found[key])
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
    # Of several fields the first counts that is not empty; every other list is a set.
    return _sorted(value) if isinstance(value, list) and key not in ("id", "field", "reason") else value


def _inner(key: str, value: Any) -> Any:
    if key == "x-job":
        return _job(value)
    if key == "properties":
        return {name: _schema(member) for name, member in value.items()}
    if key in ("items", "additionalProperties"):
        return _schema(value)
    if key in ("allOf", "oneOf", "anyOf"):
        return _sorted([_schema(member) for member in value])
    return value


def _sorted(values: list[Any]) -> list[Any]:
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))


_HEAVY = 100_000
"""Bytes of a body that takes long to check."""


@attrs.frozen
class Outcome:
    """What became of a mutant."""

    service: str
    mutant: Mutant
    is_equivalent: bool = False
    """Whether it says the same as the original in other words."""
    by_recordings: bool = False
    """Whether the recordings alone notice it."""
    noticed_by: str | None = None
    """What noticed it first; None where nothing did."""
    about: tuple[str, ...] = ()
    """Ids of the evidence that the changed place rests on."""

    @property
    def id(self) -> str:
        """Unique among all mutants."""
        return f"{self.service} {self.mutant.name}"


class MutationRunner:
    """Everything that a service has to notice a mutant with."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._grounds = Provenance(service)
        self._meaning = meaning(service.document.data)
        self._demands = CaseSuite.from_service(service)
        self._recordings = [exchange_from_recording(service, recording) for recording in service.recordings.values()]
        self._original = DocumentUnderTest(service.document.data)
        self._usual = [self._original.rules(exchange) for exchange in self._recordings]
        self._groups: dict[tuple[str, ...], list[Case | ExtractionCase]] = {}
        for case in self._demands.cases:
            self._groups.setdefault(case.places, []).append(case)

    def outcomes(self) -> Iterator[Outcome]:
        """What becomes of each mutant of the service's document."""
        for mutant in mutants(self._service.document.data):
            yield self.outcome(mutant)

    def outcome(self, mutant: Mutant) -> Outcome:
        """What becomes of one mutant."""
        document = mutant.document(self._service.document.data)
        if meaning(document) == self._meaning:
            return Outcome(self._service.name, mutant, is_equivalent=True)
        judge = DocumentUnderTest(document)
        recording = self._recording(judge)
        noticed_by = recording or self._case(judge, mutant) or self._contradiction(document)
        about = () if noticed_by else self._grounds.evidence(mutant.pointer)
        return Outcome(
            self._service.name, mutant, by_recordings=recording is not None, noticed_by=noticed_by, about=about
        )

    def _recording(self, judge: DocumentUnderTest) -> str | None:
        """The recording that the document departs from."""
        for exchange, usual in zip(self._recordings, self._usual, strict=True):
            if judge.rules(exchange) != usual:
                return exchange.source
        return None

    def _case(self, judge: DocumentUnderTest, mutant: Mutant) -> str | None:
        """A case that the document fails. Those about the changed place are tried first."""
        for listing in self._demands.listings:
            for case in listing.cases(judge.document):
                if self._tells_apart(judge, case):
                    return case.id
        for places in sorted(self._groups, key=lambda places: self._distance(places, mutant.pointer)):
            for case in self._groups[places]:
                if self._tells_apart(judge, case):
                    return case.id
        return None

    def _tells_apart(self, judge: DocumentUnderTest, case: Case | ExtractionCase) -> bool:
        """Whether a case convicts a document, and not the original as well."""
        return not judge.holds(case) and self._original.holds(case)

    def _contradiction(self, document: Document) -> str | None:
        """The contradiction of which a check no longer holds."""
        service = attrs.evolve(self._service, document=attrs.evolve(self._service.document, data=document))
        broken = next(iter(broken_checks(service)), None)
        return None if broken is None else broken.message

    def _distance(self, places: tuple[str, ...], pointer: str) -> tuple[bool, int]:
        near = max((_common(place, pointer) for place in places), default=0)
        sizes = (len(exchange.body or b"") for case in self._groups[places] for exchange in case.exchanges)
        return max(sizes) > _HEAVY and not any(pointer.startswith(place) for place in places), -near


def _common(one: str, other: str) -> int:
    """How many segments two pointers begin with alike."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return next(
        (index for index, (left, right) in enumerate(pairs) if left != right), min(one.count("/"), other.count("/")) + 1
    )


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
                    "id": {"description": "As `contract mutate` prints it.", "type": "string"},
                    "why": {"description": "Why nothing notices it.", "type": "string", "minLength": 1},
                    "case": {"description": "The case that would notice it.", "type": "string", "minLength": 1},
                },
            },
        }
    },
}


@attrs.frozen
class Explanation:
    """Why a mutant survives."""

    why: str
    case: str


@attrs.frozen
class Explanations:
    """All of them, by the mutant's id."""

    source: Source
    known: dict[str, Explanation]

    @classmethod
    def read(cls, file: Path) -> Explanations:
        """Read the list. Raises `Refused` where its form is wrong or it names a mutant twice."""
        source = load(file)
        problems = [
            source.problem(pointer, message, "Mend the list") for pointer, message in violations(_SCHEMA, source.data)
        ]
        if problems:
            raise ValidationError(problems)
        known: dict[str, Explanation] = {}
        for index, entry in enumerate(source.data["survivors"]):
            if entry["id"] in known:
                problems.append(source.problem(f"/survivors/{index}", f"repeats {entry['id']}", "Take one out"))
            known[entry["id"]] = Explanation(entry["why"], entry["case"])
        if problems:
            raise ValidationError(problems)
        return cls(source, known)

    def problems(self, outcomes: Iterable[Outcome], survivors: Iterable[Outcome]) -> list[Problem]:
        """Survivors that are not explained, and explained ones that do not survive or are no mutants any more."""
        tried = {outcome.id for outcome in outcomes}
        services = {outcome.service for outcome in outcomes}
        left = {outcome.id for outcome in survivors}
        found = [
            Problem(
                self.source.path,
                f"does not explain a survivor: {name}",
                "Give the evidence that tells it apart, or explain it here",
            )
            for name in sorted(left - self.known.keys())
        ]
        for index, name in enumerate(self.known):
            if name.partition(" ")[0] in services and name not in left:
                what = "is noticed now" if name in tried else "is no mutant any more"
                found.append(self.source.problem(f"/survivors/{index}", f"{name} {what}", "Take the entry out"))
        return found


@attrs.frozen
class Score:
    """A count of mutants."""

    name: str
    mutants: int
    """Those that say something else than the original."""
    equivalent: int
    """Those that say the same in other words, which nothing can notice."""
    noticed: int
    noticed_by_recordings: int

    @classmethod
    def from_outcomes(cls, name: str, outcomes: Iterable[Outcome]) -> Score:
        """The count of some outcomes."""
        found = list(outcomes)
        real = [outcome for outcome in found if not outcome.is_equivalent]
        return cls(
            name,
            len(real),
            len(found) - len(real),
            sum(outcome.noticed_by is not None for outcome in real),
            sum(outcome.by_recordings for outcome in real),
        )

    @property
    def share(self) -> float | None:
        """How many of them are noticed, from 0 to 1; None where there are none."""
        return self.noticed / self.mutants if self.mutants else None

    @property
    def share_of_recordings(self) -> float | None:
        """How many of them the recordings alone notice, from 0 to 1."""
        return self.noticed_by_recordings / self.mutants if self.mutants else None

    @property
    def cells(self) -> tuple[Any, ...]:
        """The row of a table."""
        shares = (self.share_of_recordings, self.share)
        alone, all_ = ("-" if share is None else f"{share:.1%}" for share in shares)
        return self.name, self.mutants, self.equivalent, self.noticed_by_recordings, alone, self.noticed, all_

    def as_data(self, key: str) -> dict[str, Any]:
        """The same as JSON data, its name under that key."""
        return {
            key: self.name,
            "mutants": self.mutants,
            "equivalent": self.equivalent,
            "noticed": self.noticed,
            "score": _rounded(self.share),
            "noticed_by_recordings_alone": self.noticed_by_recordings,
            "score_recordings": _rounded(self.share_of_recordings),
        }


COLUMNS = ("mutants", "equivalent", "by recordings alone", "", "by recordings and cases", "")
"""What stands in `Score.cells`, after the name."""


def by_service(outcomes: Sequence[Outcome]) -> list[Score]:
    """A score for each service, in the order of the outcomes."""
    return _scores(dict.fromkeys(outcome.service for outcome in outcomes), outcomes, lambda each: each.service)


def by_operator(outcomes: Sequence[Outcome]) -> list[Score]:
    """A score for each operator that made a mutant."""
    made = {outcome.mutant.operator for outcome in outcomes}
    names = [name for name in OPERATORS if name in made]
    return _scores(names, outcomes, lambda each: each.mutant.operator)


def survivors(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The mutants that nothing notices, though they say something else."""
    return [outcome for outcome in outcomes if not outcome.is_equivalent and outcome.noticed_by is None]


def _scores(names: Iterable[str], outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> list[Score]:
    return [Score.from_outcomes(name, (outcome for outcome in outcomes if key(outcome) == name)) for name in names]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
