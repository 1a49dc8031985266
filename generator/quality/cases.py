"""A case: an exchange, the expected finding, and the entry of the evidence that demands it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from generator.contract.exchange import Exchange
from generator.contract.findings import VIOLATION, Finding
from generator.documents import OperationRef, Recording, Service
from generator.documents.json_pointer import child
from generator.quality.examples import good
from generator.quality.statements import EvidenceIndex, ExpectedSchema, Statement


@attrs.frozen
class Expected:
    """The finding that a check must have."""

    rule: str
    pointer: str | None = None
    """Into the reply's body."""
    severity: str = VIOLATION

    def is_met(self, findings: list[Finding]) -> bool:
        """Whether a check had this finding, and no other."""
        return {(each.rule, each.pointer, each.severity) for each in findings} == {attrs.astuple(self)}

    def __str__(self) -> str:
        where = "" if self.pointer is None else f" at {self.pointer or 'the whole body'}"
        return f"{self.severity} {self.rule}{where}"


@attrs.frozen(kw_only=True)
class Example:
    """What every example has."""

    id: str
    """Unique among the cases of a service; begins with the entry of the evidence."""
    evidence: str
    """Id of the entry of the evidence that it comes from."""
    claim: str
    """What that says."""
    exchanges: tuple[Exchange, ...] = attrs.field(repr=False)
    """One exchange, or several that follow each other."""
    places: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Pointers of what it is about, in the document."""


@attrs.frozen(kw_only=True)
class Case(Example):
    """One example of what passes, or does not."""

    expected: Expected | None = None
    """None where it must pass."""
    of_whole: bool = False
    """It is about the whole document, responses included that are only inferred."""
    is_history: bool = False
    """It is held against the rules over several replies, and against them alone."""

    def holds(self, findings: list[Finding]) -> bool:
        """Whether a check of the exchange said what it must."""
        return not findings if self.expected is None else self.expected.is_met(findings)

    def __str__(self) -> str:
        return f"{self.id}: {self.claim}; must {'pass' if self.expected is None else f'be a {self.expected}'}"


@attrs.frozen(kw_only=True)
class ExtractionCase(Example):
    """One example of what a reply tells by the extensions of the document; it has one exchange."""

    of: str
    """What it tells of: `job`, `page` or `error`."""
    tells: Mapping[str, Any]
    """What it tells, or some of it."""
    pointer: str = ""
    """Of the job, into the body."""

    def holds(self, told: Mapping[str, Any] | None) -> bool:
        """Whether this is what was told."""
        return told is not None and all(_same(told[key], value) for key, value in self.tells.items())

    def __str__(self) -> str:
        return f"{self.id}: must tell that {self.claim}"


def _same(told: Any, expected: Any) -> bool:
    if isinstance(told, list) and isinstance(expected, int):
        return len(told) == expected
    if isinstance(told, float) and isinstance(expected, int | float):
        return abs(told - expected) < 1e-9
    return bool(told == expected)


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
    demanded: Mapping[str, str] = attrs.field(factory=dict)
    credentials: frozenset[str] | None = None
    reply_headers: Mapping[str, str] = attrs.field(factory=dict)
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
            request_headers=tuple({**self.demanded, **self.headers}.items()),
            status=self.status,
            headers=(("Content-Type", self.media_type), *self.reply_headers.items()),
            body=(json.dumps(self.body) if "json" in self.media_type else str(self.body)).encode(),
            source=name,
            stated=frozenset(name.lower() for name in self.headers),
            credentials=self.credentials,
        )


_RANGES = {"4XX": (418, 451, 499), "5XX": (599, 598), "default": (599, 598)}
"""Statuses that stand for a range: none that a service is likely to list."""


@attrs.frozen
class Baseline:
    """An exchange that must pass."""

    name: str
    operation: OperationRef
    response: Statement
    """The entry that says that there is such a reply."""
    pointer: str
    """Of the response in the document."""
    content: Statement | None
    """The entry that says of what media type the reply is."""
    node: ExpectedSchema
    draft: Draft

    @property
    def is_inferred(self) -> bool:
        """Whether checks leave this response out."""
        return self.response.confidence == "inferred"


def baselines(service: Service, stated: EvidenceIndex) -> Iterator[Baseline]:
    """One exchange for each recorded reply, and one for each other reply that the evidence speaks of."""
    for operation in service.operations:
        recordings = [each for each in service.recordings.values() if each.operation == operation.id]
        request = next((each for each in recordings if each.status < 400), next(iter(recordings), None))
        responses = child(operation.pointer, "responses")
        named = stated.names(responses)
        for status in named:
            pointer = child(responses, status)
            response, content = stated.at(pointer), stated.at(child(pointer, "content"))
            if response is None or request is None:
                continue
            for media_type in content.value if content else ():
                node = ExpectedSchema.at(stated, child(child(child(pointer, "content"), media_type), "schema"))
                fitting = [
                    each for each in recordings if str(each.status) == status and each.content_type == media_type
                ]
                chosen: list[Recording | None] = [*fitting] or [None]
                for recording in chosen:
                    of = recording or _alike(stated, recordings, responses, node) or request
                    body = recording.body if recording else _body(stated, recordings, responses, node)
                    yield Baseline(
                        recording.id if recording else status,
                        operation,
                        response,
                        pointer,
                        content,
                        node,
                        _draft(service, stated, operation, of, _status(status, named), media_type, body),
                    )


def method_and_path(service: Service, operation: OperationRef) -> tuple[str, str]:
    """Those of an operation, as the row says that is carried by it."""
    for row in service.evidence.data["rows"]:
        if row["kind"] == "operation":
            method, _, path = row["name"].partition(" ")
            if len(service.operations) == 1 or path == operation.path:
                return method, path
    return operation.method.upper(), operation.path


def _draft(
    service: Service,
    stated: EvidenceIndex,
    operation: OperationRef,
    recording: Recording,
    status: int,
    media_type: str,
    body: Any,
) -> Draft:
    method, template = method_and_path(service, operation)
    request = recording.source.data["request"]
    headers = child(operation.pointer, "x-request-headers")
    return Draft(
        service=service.name,
        method=method,
        template=template,
        path=request["path"],
        query=request.get("query", {}),
        headers=request.get("headers", {}),
        demanded={name: stated.value(child(headers, name)) for name in stated.names(headers)},
        status=status,
        media_type=media_type,
        body=body,
    )


def _status(status: str, named: tuple[str, ...]) -> int:
    if status.isdecimal():
        return int(status)
    return next(each for each in _RANGES[status] if str(each) not in named)


def _alike(
    stated: EvidenceIndex, recordings: list[Recording], responses: str, node: ExpectedSchema
) -> Recording | None:
    """A recorded reply of the same form."""
    for each in recordings:
        place = child(child(child(child(responses, each.status), "content"), each.content_type), "schema")
        if ExpectedSchema.at(stated, place).parts[1:] == node.parts[1:]:
            return each
    return None


def _body(stated: EvidenceIndex, recordings: list[Recording], responses: str, node: ExpectedSchema) -> Any:
    recording = _alike(stated, recordings, responses, node)
    return recording.body if recording else good(node)
