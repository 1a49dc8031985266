"""A case: exchanges, the expected result, and the entry of the evidence that it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from ..contract.exchange import Exchange
from ..contract.findings import VIOLATION, Finding
from ..documents import OperationRef, Recording, Service
from ..documents.json_pointer import child
from .examples import valid_value
from .statements import EvidenceIndex, ExpectedSchema, Statement


@attrs.frozen
class Expected:
    """A finding that a check must have."""

    rule: str
    pointer: str | None = None
    """Into the response's body."""
    severity: str = VIOLATION

    def is_met(self, findings: list[Finding]) -> bool:
        """Whether a check had this finding, and no other."""
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
    """None where they must pass."""
    of_whole: bool = False
    """It is checked with the responses that are only inferred."""
    is_sequence: bool = False
    """It is checked with the rules over several responses, and with them alone."""

    def holds(self, findings: list[Finding]) -> bool:
        """Whether a check of the exchanges had the expected result."""
        return not findings if self.expected is None else self.expected.is_met(findings)

    def __str__(self) -> str:
        return f"{self.id}: {self.claim}; must {'pass' if self.expected is None else f'be a {self.expected}'}"


@attrs.frozen(kw_only=True)
class ExtractionCase(BaseCase):
    """An exchange from which the extensions of the document must extract the expected values."""

    of: str
    """`job`, `page`, `error` or `schemes`."""
    expected: Mapping[str, Any]
    """The values, or some of them."""
    pointer: str = ""
    """Of the job, into the body."""

    def holds(self, extracted: Mapping[str, Any] | None) -> bool:
        """Whether the expected values were extracted."""
        return extracted is not None and all(_equals(extracted[key], value) for key, value in self.expected.items())

    def __str__(self) -> str:
        return f"{self.id}: must extract that {self.claim}"


AnyCase = Case | ExtractionCase


def _equals(extracted: Any, expected: Any) -> bool:
    if isinstance(extracted, list) and isinstance(expected, int):
        return len(extracted) == expected
    if isinstance(extracted, float) and isinstance(expected, int | float):
        return abs(extracted - expected) < 1e-9
    return bool(extracted == expected)


@attrs.frozen(kw_only=True)
class Draft:
    """An exchange in parts, of which a case changes one."""

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
        """The whole exchange."""
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
"""Example statuses of a range: unlikely to be listed by a service."""


@attrs.frozen
class Baseline:
    """An exchange that must pass."""

    name: str
    operation: OperationRef
    response: Statement
    """The statement that the operation has this response."""
    pointer: str
    """Of the response in the document."""
    content: Statement | None
    """The statement of the response's media types."""
    schema: ExpectedSchema
    draft: Draft

    @property
    def is_inferred(self) -> bool:
        """Whether checks leave this response out."""
        return self.response.confidence == "inferred"


def baselines(service: Service, index: EvidenceIndex) -> Iterator[Baseline]:
    """One exchange for each recorded response, and one for each other response that the evidence names."""
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


def _draft(service: Service, index: EvidenceIndex, operation: OperationRef, recording: Recording, **rest: Any) -> Draft:
    method, template = _method_and_path(service, operation)
    request = recording.source.data["request"]
    headers = child(operation.pointer, "x-request-headers")
    return Draft(
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
    """Method and path of an operation, by the row that documents it."""
    for row in service.evidence.data["rows"]:
        if row["kind"] == "operation":
            method, _, path = row["name"].partition(" ")
            if len(service.operations) == 1 or path == operation.path:
                return method, path
    return operation.method.upper(), operation.path


def _statuses(status: str, listed: tuple[str, ...]) -> list[int]:
    """Example statuses of a response: of `default` one of each range that is not listed."""
    if status.isdecimal():
        return [int(status)]
    ranges = [each for each in _UNUSUAL if each not in listed] if status == "default" else [status]
    return [next(each for each in _UNUSUAL[one] if str(each) not in listed) for one in ranges]


def _similar(
    index: EvidenceIndex, recordings: list[Recording], responses: str, schema: ExpectedSchema
) -> Recording | None:
    """A recorded response with the same component schema."""
    for each in recordings:
        pointer = child(responses, each.status, "content", each.content_type, "schema")
        if ExpectedSchema.at(index, pointer).pointers[1:] == schema.pointers[1:]:
            return each
    return None
