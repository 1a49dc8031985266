# Generated from generator/client/runtime/testing/_endpoints.py. Do not edit: change that, and run `make generate`.
"""One operation of a document as it is served: which paths are its own, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import attrs

from ._answers import Answer, deviating
from ._asked import Question
from ._contents import Contents
from ._failures import Failures, is_json
from ._faults import Fault, preferred
from ._requests import Credentials, Given, Parameter, Refused
from ._schemas import resolved

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NAME = re.compile(r"\{([^{}]+)\}")

Choose = Callable[[str | None], Fault | None]
"""Gives the fault that is planned for a request, by the job that it asks for."""


@attrs.define
class Reception:
    """What is known of a request once it is answered."""

    answer: Answer
    job: str | None = None
    fault: Fault | None = None


@attrs.frozen
class Endpoint:
    """One operation as it is served."""

    service: str
    operation: str
    method: str
    template: str
    segments: tuple[re.Pattern[str], ...]
    parameters: tuple[Parameter, ...]
    credentials: Credentials
    failures: Failures
    contents: Contents

    @property
    def shape(self) -> str:
        """Its path whatever the names of the parameters: the same for all templates that match the same paths."""
        return _NAME.sub("{}", self.template)

    @property
    def generality(self) -> list[bool]:
        """Orders endpoints: one with a literal segment goes before one that takes any text there."""
        return ["{" in segment for segment in self.template.split("/")]

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        """The path parameters of a path, given in decoded segments, or None if it is another path."""
        if len(segments) != len(self.segments):
            return None
        found = [pattern.fullmatch(text) for pattern, text in zip(self.segments, segments, strict=True)]
        if not all(found):
            return None
        values = [value for match in found if match for value in match.groups()]
        return dict(zip(_NAME.findall(self.template), values, strict=True))

    def answer(self, path: dict[str, str], question: Question, choose: Choose, now: float) -> Reception:
        """The reply to a request for a path of its own.

        A request that deviates from the document is refused, and meets no fault.
        """
        try:
            self.credentials.check(question.headers)
            given = Given(path, _query(question.query), question.headers)
            # Query parameters that the document does not know are passed over, as servers do; no page says so. Nor are
            # the headers of x-request-headers asked for, since tools that know nothing of us do not send them.
            values = {parameter.name: parameter.value(given) for parameter in self.parameters}
            wished = self._preferred(question)
        except Refused as refused:
            return Reception(self.failures.reply(refused.status, str(refused)))
        job = self.contents.asked_for(values)
        fault = wished or choose(job)
        answer = self._answer(path, values, fault, now)
        if fault is not None:
            answer = answer.sent_with(fault)
            if wished is not None:
                answer = attrs.evolve(answer, headers={**answer.headers, "preference-applied": str(fault)})
        return Reception(answer, job, fault)

    def _preferred(self, question: Question) -> Fault | None:
        lines = question.headers.getlist("prefer")
        if not lines:
            return None
        try:
            fault = preferred(", ".join(lines))
        except ValueError as error:
            raise Refused(400, f"Prefer: {error}") from None
        if fault is not None and fault.example is not None and fault.example not in self.contents.examples:
            raise Refused(400, f"Prefer: {self.contents.no_example(fault.example)}")
        return fault

    def _answer(self, path: dict[str, str], values: Mapping[str, Any], fault: Fault | None, now: float) -> Answer:
        if fault is not None and fault.code is not None:
            return self.failures.reply(fault.code, "the replay was told to fail")
        if fault is not None and fault.example is not None:
            reply = self.contents.examples.get(fault.example)
            if reply is None:
                return self.failures.reply(500, self.contents.no_example(fault.example))
        else:
            reply = self.contents.reply(path, values, now, counts=fault is None or not fault.hides)
        if reply is None:
            return self.failures.reply(404, self.contents.nothing)
        text = reply.text
        if fault is not None and (fault.undocumented_field or fault.new_value) and is_json(reply.content_type):
            text = deviating(text, fault, self.contents.items, self.contents.state if reply.is_success else ())
        return Answer(reply.status, reply.content_type, text.encode())


def endpoints(
    service: str, document: dict[str, Any], recordings: Mapping[str, dict[str, Any]], seed: int = 0
) -> Iterator[Endpoint]:
    """The endpoints of a service. Raises `ValueError` where the document asks for what cannot be checked."""
    for template, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                try:
                    yield _endpoint(service, document, recordings, (method, template), item, seed)
                except ValueError as error:
                    raise ValueError(f"{service}, {method.upper()} {template}: {error}") from error


def _endpoint(
    service: str,
    document: dict[str, Any],
    recordings: Mapping[str, dict[str, Any]],
    place: tuple[str, str],
    item: dict[str, Any],
    seed: int,
) -> Endpoint:
    method, template = place
    operation = item[method]
    # Parameters of the path are those of each operation on it, which may state them anew.
    stated = [resolved(document, parameter) for level in (item, operation) for parameter in level.get("parameters", ())]
    anew = {(parameter["in"], parameter["name"]): parameter for parameter in stated}
    parameters = tuple(Parameter.of(document, parameter) for parameter in anew.values())
    of_client = {parameter.name for parameter in parameters if parameter.of_client}
    return Endpoint(
        service=service,
        operation=operation.get("operationId", ""),
        method=method.upper(),
        template=template,
        segments=tuple(_pattern(segment) for segment in template.split("/")),
        parameters=parameters,
        credentials=Credentials.of(document, operation),
        failures=Failures(document, operation["responses"]),
        contents=Contents(service, document, operation, recordings, of_client, seed),
    )


def _pattern(segment: str) -> re.Pattern[str]:
    """A segment of a template. A parameter is never empty: `//` is another path."""
    literals = _NAME.split(segment)[::2]
    return re.compile("(.+)".join(re.escape(literal) for literal in literals), re.DOTALL)


def _query(query: bytes) -> list[tuple[str, str]]:
    # Starlette's own reading puts replacement characters for what is not UTF-8, and calls them text.
    raw = query.decode("ascii", "surrogateescape")
    return parse_qsl(raw, keep_blank_values=True, errors="surrogateescape")
