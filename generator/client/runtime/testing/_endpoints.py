"""One operation of a document as it is served: which paths are its own, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import attrs
from starlette.requests import Request
from starlette.responses import Response

from ._failures import Failures, is_json
from ._recorded import Pages, Recorded, Reply
from ._requests import Credentials, Given, Parameter, Refused
from ._schemas import resolved

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NAME = re.compile(r"\{([^}]+)\}")


@attrs.frozen
class Endpoint:
    """One operation as it is served."""

    service: str
    method: str
    template: str
    segments: tuple[re.Pattern[str], ...]
    parameters: tuple[Parameter, ...]
    credentials: Credentials
    failures: Failures
    recorded: Recorded
    pages: Pages | None

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

    def answer(self, path: dict[str, str], request: Request) -> Response:
        """The reply to a request for a path of its own."""
        try:
            self.credentials.check(request.headers)
            given = Given(path, _query(request), request.headers)
            # Query parameters that the document does not know are passed over, as servers do; no page says so. Nor are
            # the headers of x-request-headers asked for, since tools that know nothing of us do not send them.
            values = {parameter.name: parameter.value(given) for parameter in self.parameters}
        except Refused as refused:
            return self.failures.reply(refused.status, str(refused))
        reply = self.recorded.reply(path)
        if reply is None:
            return self.failures.reply(404, "nothing is recorded for these path parameters")
        return Response(self._text(reply, values), reply.status, headers={"content-type": reply.content_type})

    def _text(self, reply: Reply, values: Mapping[str, Any]) -> str:
        if not self.pages or not reply.is_success or not is_json(reply.content_type):
            return reply.text
        return self.pages.cut(reply.text, values[self.pages.offset] or 0, values[self.pages.limit])


def endpoints(service: str, document: dict[str, Any], recordings: Mapping[str, dict[str, Any]]) -> Iterator[Endpoint]:
    """The endpoints of a service. Raises `ValueError` where the document asks for what cannot be checked."""
    for template, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                try:
                    yield _endpoint(service, document, recordings, (method, template), item)
                except ValueError as error:
                    raise ValueError(f"{service}, {method.upper()} {template}: {error}") from error


def _endpoint(
    service: str,
    document: dict[str, Any],
    recordings: Mapping[str, dict[str, Any]],
    place: tuple[str, str],
    item: dict[str, Any],
) -> Endpoint:
    method, template = place
    operation = item[method]
    # Parameters of the path are those of each operation on it, which may state them anew.
    stated = [resolved(document, parameter) for level in (item, operation) for parameter in level.get("parameters", ())]
    anew = {(parameter["in"], parameter["name"]): parameter for parameter in stated}
    parameters = tuple(Parameter.of(document, parameter) for parameter in anew.values())
    of_client = {parameter.name for parameter in parameters if parameter.of_client}
    pages = operation.get("x-pagination")
    return Endpoint(
        service=service,
        method=method.upper(),
        template=template,
        segments=tuple(_pattern(segment) for segment in template.split("/")),
        parameters=parameters,
        credentials=Credentials.of(document, operation),
        failures=Failures(document, operation["responses"]),
        recorded=Recorded.of(recordings, operation.get("operationId", ""), of_client),
        pages=Pages(**pages) if pages else None,
    )


def _pattern(segment: str) -> re.Pattern[str]:
    """A segment of a template. A parameter is never empty: `//` is another path."""
    literals = _NAME.split(segment)[::2]
    return re.compile("(.+)".join(re.escape(literal) for literal in literals), re.DOTALL)


def _query(request: Request) -> list[tuple[str, str]]:
    # Starlette's own reading puts replacement characters for what is not UTF-8, and calls them text.
    raw = request.scope["query_string"].decode("ascii", "surrogateescape")
    return parse_qsl(raw, keep_blank_values=True, errors="surrogateescape")
