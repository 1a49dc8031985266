"""A case: exchanges, the expected result, and the entry of the evidence that it comes from.

The examples of one value, valid and invalid ones, follow from the evidence as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from ..contract.exchange import Exchange
from ..contract.findings import VIOLATION, Finding, format_value
from ..documents import OperationRef, Recording, Service, is_json
from ..documents.json_pointer import PointerNotFound, child, resolve
from ..evidence.traceability import KNOWN_VALUES
from .statements import EvidenceIndex, ExpectedSchema, Statement


@attrs.frozen
class Expected:
    """The finding that a check of a case must have."""

    rule: str
    pointer: str | None = None
    """Pointer of the finding, into the body of the response."""
    severity: str = VIOLATION

    def is_met(self, findings: list[Finding]) -> bool:
        """Return whether a check had this finding and no other one."""
        return {(each.rule, each.pointer, each.severity) for each in findings} == {attrs.astuple(self)}

    def __str__(self) -> str:
        where = "" if self.pointer is None else f" at {self.pointer or 'the whole body'}"
        return f"{self.severity} {self.rule}{where}"


@attrs.frozen(kw_only=True)
class BaseCase:
    """The fields that every case has."""

    id: str
    """Unique among the cases of a service; begins with the entry of the evidence."""
    evidence: str
    """Id of the entry of the evidence that it comes from."""
    claim: str
    """The statement of that entry."""
    exchanges: tuple[Exchange, ...] = attrs.field(repr=False)
    """One exchange, or several that follow each other."""
    pointers: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Pointers into the document, to the parts that the case tests."""


@attrs.frozen(kw_only=True)
class Case(BaseCase):
    """Exchanges that must pass, or have one finding."""

    expected: Expected | None = None
    """The expected finding; None if the exchanges must pass."""
    of_whole: bool = False
    """Whether the check also uses the responses that are only inferred."""
    is_sequence: bool = False
    """Whether the check uses only the rules about several responses."""

    def holds(self, findings: list[Finding]) -> bool:
        """Return whether a check of the exchanges had the expected result."""
        return not findings if self.expected is None else self.expected.is_met(findings)

    def __str__(self) -> str:
        return f"{self.id}: {self.claim}; must {'pass' if self.expected is None else f'be a {self.expected}'}"


@attrs.frozen(kw_only=True)
class ExtractionCase(BaseCase):
    """An exchange from which the extensions of the document must extract the expected values."""

    of: str
    """`job`, `page`, `error` or `schemes`."""
    expected: Mapping[str, Any]
    """The expected values, or some of them."""
    pointer: str = ""
    """Pointer of the job in the body."""

    def holds(self, extracted: Mapping[str, Any] | None) -> bool:
        """Return whether the expected values were extracted."""
        return extracted is not None and all(_equals(extracted[key], value) for key, value in self.expected.items())

    def __str__(self) -> str:
        return f"{self.id}: must extract that {self.claim}"


AnyCase = Case | ExtractionCase


@attrs.frozen
class ClosedSet:
    """A part of a document with members that must all be in the evidence.

    Examples cannot show that no other value is allowed. So each member that a document under test has and the evidence
    lacks gives a case: the case must have a finding, and a document with that member gives no finding.
    """

    pointer: str
    known: frozenset[Any]
    """The members that the evidence has."""
    members: Callable[[dict[str, Any], Any], list[Any]] = attrs.field(repr=False)
    """A function that returns the members in a document, given the document and the value at the pointer."""
    case: Callable[[Any], AnyCase] = attrs.field(repr=False)
    """A function that returns the case of an unknown member."""

    def cases(self, document: dict[str, Any]) -> Iterator[AnyCase]:
        """Yield a case for each member in the document that the evidence lacks."""
        try:
            value = resolve(document, self.pointer)
        except PointerNotFound:
            return
        for each in self.members(document, value):
            if each not in self.known:
                yield self.case(each)


def _equals(extracted: Any, expected: Any) -> bool:
    if isinstance(extracted, list) and isinstance(expected, int):
        return len(extracted) == expected
    if isinstance(extracted, float) and isinstance(expected, int | float):
        return abs(extracted - expected) < 1e-9
    return bool(extracted == expected)


@attrs.frozen(kw_only=True)
class ExchangeDraft:
    """An exchange in parts. A case changes one of them."""

    service: str
    method: str
    template: str
    path: Mapping[str, str]
    query: Mapping[str, Any] = attrs.field(factory=dict)
    more_query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = attrs.field(factory=dict)
    required_headers: Mapping[str, str] = attrs.field(factory=dict)
    credentials: frozenset[str] | None = None
    response_headers: Mapping[str, str] = attrs.field(factory=dict)
    status: int
    media_type: str
    body: Any

    def exchange(self, name: str) -> Exchange:
        """Return the whole exchange."""
        address = self.template
        for key, value in self.path.items():
            address = address.replace(f"{{{key}}}", quote(value, safe=""))
        pairs = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in self.query.items()]
        query = urlencode([*pairs, *self.more_query])
        return Exchange(
            method=self.method,
            url=f"https://{self.service}.example.com{address}{f'?{query}' if query else ''}",
            request_headers=tuple({**self.required_headers, **self.headers}.items()),
            status=self.status,
            headers=(("Content-Type", self.media_type), *self.response_headers.items()),
            body=(json.dumps(self.body) if "json" in self.media_type else str(self.body)).encode(),
            source=name,
            stated=frozenset(name.lower() for name in self.headers),
            credentials=self.credentials,
        )


_UNUSUAL = {"4XX": (418, 451, 499), "5XX": (599, 598)}
"""Example statuses of a range, which a document is unlikely to list."""


@attrs.frozen
class Baseline:
    """An exchange that must pass."""

    name: str
    operation: OperationRef
    response: Statement
    """The statement that the operation has this response."""
    pointer: str
    """Pointer of the response in the document."""
    content: Statement | None
    """The statement of the response's media types."""
    schema: ExpectedSchema
    draft: ExchangeDraft

    @property
    def is_inferred(self) -> bool:
        """Whether checks leave this response out."""
        return self.response.confidence == "inferred"


def baselines(service: Service, index: EvidenceIndex) -> Iterator[Baseline]:
    """Yield one exchange for each recorded response, and one for each other response that the evidence names."""
    for operation in service.operations:
        recordings = [each for each in service.recordings.values() if each.operation == operation.id]
        request = next((each for each in recordings if each.status < 400), next(iter(recordings), None))
        responses = child(operation.pointer, "responses")
        statuses = index.names(responses)
        for status in statuses:
            pointer = child(responses, status)
            response, content = index.at(pointer), index.at(child(pointer, "content"))
            if response is None or request is None:
                continue
            for media_type in content.value if content else ():
                whole = ExpectedSchema.at(index, child(pointer, "content", media_type, "schema"))
                schema, *others = whole.alternatives
                same = [each for each in recordings if (str(each.status), each.content_type) == (status, media_type)]
                similar = _similar(index, recordings, responses, whole)
                bodies: list[tuple[str, ExpectedSchema, Recording | None]]
                bodies = [(recording.id, schema, recording) for recording in same] or [("", schema, similar)]
                bodies += [("", other, None) for other in others]
                for name, schema, source in bodies:
                    body = source.body if source else valid_value(schema)
                    for example in _statuses(status, statuses):
                        draft = _draft(
                            service,
                            index,
                            operation,
                            source or request,
                            status=example,
                            media_type=media_type,
                            body=body,
                        )
                        label = status if status != "default" else f"default {example}"
                        label += f" as {schema.component}" if schema in others else ""
                        yield Baseline(name or label, operation, response, pointer, content, schema, draft)


def _draft(
    service: Service, index: EvidenceIndex, operation: OperationRef, recording: Recording, **rest: Any
) -> ExchangeDraft:
    method, template = _method_and_path(service, operation)
    request = recording.source.data["request"]
    headers = child(operation.pointer, "x-request-headers")
    return ExchangeDraft(
        service=service.name,
        method=method,
        template=template,
        path=request["path"],
        query=request.get("query", {}),
        headers=request.get("headers", {}),
        required_headers={name: index.value(child(headers, name)) for name in index.names(headers)},
        **rest,
    )


def _method_and_path(service: Service, operation: OperationRef) -> tuple[str, str]:
    """Return method and path of an operation, by the row that documents it."""
    for row in service.evidence.data["rows"]:
        if row["kind"] == "operation":
            method, _, path = row["name"].partition(" ")
            if len(service.operations) == 1 or path == operation.path:
                return method, path
    return operation.method.upper(), operation.path


def _statuses(status: str, listed: tuple[str, ...]) -> list[int]:
    """Return example statuses of a response; for `default`, one of each range that is not listed."""
    if status.isdecimal():
        return [int(status)]
    ranges = [each for each in _UNUSUAL if each not in listed] if status == "default" else [status]
    return [next(each for each in _UNUSUAL[one] if str(each) not in listed) for one in ranges]


def _similar(
    index: EvidenceIndex, recordings: list[Recording], responses: str, schema: ExpectedSchema
) -> Recording | None:
    """Return a recorded response with the same component schema."""
    for each in recordings:
        pointer = child(responses, each.status, "content", each.content_type, "schema")
        if ExpectedSchema.at(index, pointer).pointers[1:] == schema.pointers[1:]:
            return each
    return None


SAMPLES = dict[str, Any](string="text", integer=7, number=1.5, boolean=True, null=None, array=[], object={})
_NUMBERS = (0, 1, -1, 2**31, -(2**31) - 1, 2**53, 1.5)
_LENGTHS = {"Length": (0, 1, 1000), "Items": (0, 1, 50)}
_AROUND = (-1, 0, 1)
_CONSTRAINTS = ("enum", KNOWN_VALUES, "pattern", "minimum", "maximum", "minLength", "minItems")


@attrs.frozen
class Example:
    """A value, and the expected result of a check."""

    value: Any
    claim: str
    """The statement of the evidence, in a few words."""
    evidence: str
    """Id of the entry with that statement."""
    rule: str | None = None
    """The rule that it breaks; None for a valid value."""


def examples(schema: ExpectedSchema, recorded: Any = None) -> Iterator[Example]:
    """Yield examples of a value; `recorded` is a recorded one."""
    media_type = schema.statement("contentMediaType")
    if media_type is None or not is_json(str(media_type.value)):
        yield from _examples(schema, recorded)
        return
    for example in _examples(schema, recorded):
        is_text = example.rule is None and isinstance(example.value, str)
        yield attrs.evolve(example, value=_as_json_text(example.value)) if is_text else example
    yield Example("{", "is JSON text", media_type.id, "json-text")


def _as_json_text(text: str) -> str:
    """Return JSON text of the same length; an empty string is allowed as it is."""
    return "7" * len(text) if len(text) < len('""') else f'"{text[2:]}"'


def _examples(schema: ExpectedSchema, recorded: Any) -> Iterator[Example]:
    yield from _of_types(schema)
    yield from _of_enums(schema)
    if "string" in schema.types or not schema.types:
        yield from _of_strings(schema, recorded)
    if {"integer", "number"} & set(schema.types):
        yield from _of_numbers(schema)
    if "array" in schema.types:
        yield from _of_lengths(schema, "Items", lambda length: _repeated(recorded, length))


def valid_value(schema: ExpectedSchema, depth: int = 1) -> Any:
    """Return a valid value, with the fields of objects down to that depth."""
    listed = schema.value("enum") or schema.value(KNOWN_VALUES)
    if listed:
        return listed[0]
    kind = schema.types[0] if schema.types else "string"
    if kind == "object" and depth:
        return {name: valid_value(inner, depth - 1) for name, inner in schema.properties.items()}
    if kind == "array" and depth and schema.items is not None:
        return [valid_value(schema.items, depth)]
    return "{}" if kind == "string" and is_json(str(schema.value("contentMediaType"))) else SAMPLES[kind]


def _of_types(schema: ExpectedSchema) -> Iterator[Example]:
    if not schema.types:
        return
    evidence = schema.id_of("type")
    is_bounded = any(map(schema.statement, _CONSTRAINTS))
    for kind, value in SAMPLES.items():
        if kind in schema.types or (kind == "integer" and "number" in schema.types):
            if not is_bounded and not (kind == "object" and schema.required):
                yield Example(value, f"may be of type {kind}", evidence)
        else:
            yield Example(value, f"is of type {' or '.join(schema.types)}", evidence, "schema")


def _of_enums(schema: ExpectedSchema) -> Iterator[Example]:
    for keyword, rule in (("enum", "schema"), (KNOWN_VALUES, "open-list")):
        statement = schema.statement(keyword)
        if statement is None:
            continue
        for value in statement.value:
            yield Example(value, f"may be {format_value(value)}", statement.id)
        for value in _unlisted(statement.value):
            yield Example(value, f"is one of {len(statement.value)} listed values", statement.id, rule)


def _unlisted(listed: list[Any]) -> Iterator[Any]:
    texts = [value for value in listed if isinstance(value, str)]
    made = ["text", "", "x" * _LENGTHS["Length"][-1], *map(str.swapcase, texts), *(f"{value} " for value in texts)]
    yield from (value for value in dict.fromkeys(made) if value not in listed)


def _of_strings(schema: ExpectedSchema, recorded: Any) -> Iterator[Example]:
    if schema.statement("enum") or schema.statement(KNOWN_VALUES):
        return
    pattern = schema.statement("pattern")
    if pattern is None:
        yield from _of_lengths(schema, "Length", lambda length: "x" * length)
        return
    matching = [text for text in (recorded, "", "7") if isinstance(text, str) and fits(pattern.value, text)]
    for text in _near(matching):
        rule = None if fits(pattern.value, text) else "schema"
        yield Example(text, f"is written as {pattern.value}", pattern.id, rule)


def fits(pattern: str, text: str) -> bool:
    """Return whether a string matches a pattern of ECMA 262, in which `$` does not match before a final line break."""
    return re.search(re.sub(r"\$\Z", r"\\Z", pattern), text) is not None


def _near(texts: Iterable[str]) -> Iterator[str]:
    """Yield the strings, and strings that differ from one of them by one character."""
    made: list[str] = []
    for text in texts:
        # Remove one number from the string, with the character before it.
        made += [text[: run.start()] + text[run.end() :] for run in re.finditer("[^0-9]?[0-9]+", text)]
        made += [text, f"{text}x", f"x{text}", f"{text}\n", f"{text} ", f"-{text}"]
        for index, character in enumerate(text):
            before, after = text[:index], text[index + 1 :]
            made += [before + after, before + character + text[index:], f"{before}x{after}", f"{before}7{after}"]
            # Make a run of digits longer than any pattern allows.
            if character.isdigit():
                made.append(before + "1234567890" + after)
            else:
                made += [before, text[index:]]
    made += [str(number) for number in (-1, 0, 9, 10, 99, 100, 101, 1000)]
    yield from dict.fromkeys(made)


def _of_numbers(schema: ExpectedSchema) -> Iterator[Example]:
    low, high = schema.statement("minimum"), schema.statement("maximum")
    edges = [statement.value + step for statement in (low, high) if statement for step in _AROUND]
    for value in dict.fromkeys([*edges, *_NUMBERS]):
        if isinstance(value, float) and "number" not in schema.types:
            continue
        if low and value < low.value:
            yield Example(value, f"is at least {low.value}", low.id, "schema")
        elif high and value > high.value:
            yield Example(value, f"is at most {high.value}", high.id, "schema")
        else:
            yield Example(value, f"may be {value}", high.id if high else schema.id_of("type"))


def _of_lengths(schema: ExpectedSchema, what: str, make: Callable[[int], Any]) -> Iterator[Example]:
    least, most = schema.statement(f"min{what}"), schema.statement(f"max{what}")
    edges = [statement.value + step for statement in (least, most) if statement for step in _AROUND]
    unit = "items" if what == "Items" else "characters"
    for length in dict.fromkeys([*edges, *_LENGTHS[what]]):
        value = make(length) if length >= 0 else None
        if value is not None:
            broken = least if least and length < least.value else most if most and length > most.value else None
            evidence = broken.id if broken else schema.id_of("type")
            yield Example(value, f"may have {length} {unit}", evidence, "schema" if broken else None)


def _repeated(recorded: Any, length: int) -> list[Any] | None:
    if length and not (isinstance(recorded, list) and recorded):
        return None
    return [recorded[index % len(recorded)] for index in range(length)]
