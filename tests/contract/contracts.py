"""The content of the documents and recordings, read for the tests.

This code shares nothing with `generator.contract` and the replay, and uses another validator, so that the tests do not
repeat their errors.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import attrs
import jsonschema

from generator.documents import Recording, Service, Workspace, without_inferred
from generator.documents.bundle import bundle
from generator.evidence import trace
from tests.reference import is_of_reference_form

ROOT = Path(__file__).resolve().parents[2]
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")
TOKEN = "a-token"
AKSK = "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=0"
NOT_THERE = (404, 410, 400)
"""Statuses of an error for a thing that does not exist, the most specific first."""

_SPELLINGS = {
    "integer": re.compile(r"-?(0|[1-9][0-9]*)"),
    "number": re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"),
    "boolean": re.compile(r"true|false"),
}


def _pattern(_: Any, pattern: str, instance: object, __: Any) -> Iterator[jsonschema.ValidationError]:
    # Patterns are written for ECMA 262, in which `$` does not match before a last line break.
    if isinstance(instance, str) and not re.search(re.sub(r"\$\Z", r"\\Z", pattern), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


_Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern})


@attrs.frozen(eq=False)
class Contract:
    """A service with its bundled document."""

    service: Service
    full: dict[str, Any] = attrs.field(repr=False)
    """The document as other tools get it."""
    view: dict[str, Any] = attrs.field(repr=False)
    """The document without the responses that are only inferred."""

    @property
    def name(self) -> str:
        return self.service.name


_LARGEST = {"int32": 2**31 - 1, "int64": 2**63 - 1}
"""The largest integer of a format."""


@attrs.frozen(eq=False)
class Operation:
    """One operation of a service."""

    contract: Contract
    method: str
    path: str
    node: dict[str, Any] = attrs.field(repr=False)

    @property
    def service(self) -> str:
        return self.contract.name

    @property
    def id(self) -> str:
        return str(self.node["operationId"])

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """Its parameters with references resolved, those of its path among them."""
        stated = [one for level in (self._item, self.node) for one in level.get("parameters", ())]
        found = {}
        for parameter in (resolved(self.contract.full, one) for one in stated):
            schema = resolved(self.contract.full, parameter["schema"])
            found[parameter["in"], parameter["name"]] = {**parameter, "schema": schema}
        return list(found.values())

    @property
    def _item(self) -> dict[str, Any]:
        item: dict[str, Any] = self.contract.full["paths"][self.path]
        return item

    def parameters_in(self, place: str) -> list[dict[str, Any]]:
        """Return its parameters in `path`, `query` or `header`."""
        return [parameter for parameter in self.parameters if parameter["in"] == place]

    @property
    def allowed(self) -> list[str]:
        """The methods that its path is served with: the documented ones, HEAD with GET, and OPTIONS."""
        documented = {method for method in METHODS if method.lower() in self._item}
        return sorted({*documented, "OPTIONS", *(["HEAD"] if "GET" in documented else [])})

    @property
    def schemes(self) -> list[list[dict[str, Any]]]:
        """The ways to authenticate it; each needs all of its schemes. Empty if it requires no credentials."""
        named = self.contract.full.get("components", {}).get("securitySchemes", {})
        ways = self.node.get("security", self.contract.full.get("security", []))
        return [[resolved(self.contract.full, named[name]) for name in way] for way in ways]

    @property
    def ways(self) -> list[dict[str, str]]:
        """Headers that authenticate it, for each way."""
        return [{scheme["name"]: credential(scheme) for scheme in way} for way in self.schemes]

    @property
    def requires_credentials(self) -> bool:
        return bool(self.schemes) and all(self.schemes)

    @property
    def credentials(self) -> dict[str, str]:
        """Headers of the first way to authenticate it."""
        return next(iter(self.ways), {})

    @property
    def headers(self) -> dict[str, str]:
        """Headers of a valid request: credentials, the headers that the page requires, and header parameters as
        recorded."""
        requests = (one.request for one in self.recorded if one.is_success)
        recorded: dict[str, str] = next(requests, {}).get("headers", {})
        return {**self.credentials, **self.node.get("x-request-headers", {}), **recorded}

    @property
    def recorded(self) -> list[Recorded]:
        """Its recorded responses."""
        return [
            Recorded(self, recording)
            for recording in self.contract.service.recordings.values()
            if recording.operation == self.id
        ]

    @property
    def identifying(self) -> list[str]:
        """The path parameters that identify the requested thing."""
        return list(dict.fromkeys(name for one in self.recorded for name in one.identity))

    @property
    def recorded_not_found(self) -> Recorded | None:
        """The recorded error for a thing that does not exist."""
        there = [one.identity for one in self.recorded if one.is_success]
        failures = [one for one in self.recorded if one.status in NOT_THERE and one.identity not in there]
        return min(failures, key=lambda one: NOT_THERE.index(one.status), default=None)

    def served(self, path: Mapping[str, str]) -> Recorded | None:
        """Return the recording for these path parameters: a 2xx response before an error, the first before others."""
        fitting = [one for one in self.recorded if one.identity.items() <= path.items()]
        return min(fitting, key=lambda one: not one.is_success, default=None)

    def takes(self, parameter: dict[str, Any], text: str) -> bool:
        """Return whether a text is a value of one of its parameters."""
        takes = validator(self.contract.full, parameter["schema"]).is_valid
        largest = _LARGEST.get(parameter["schema"].get("format", ""), math.inf)
        values = [value for value in readings(parameter["schema"], text) if takes(value)]
        return any(not isinstance(value, int) or -largest - 1 <= value <= largest for value in values)

    def target(self, path: Mapping[str, str], query: str = "") -> str:
        """Return path and query of a request, percent-encoded."""
        filled = re.sub(r"\{([^}]+)\}", lambda match: quote(path[match[1]], safe=""), self.path)
        return f"{filled}?{query}" if query else filled

    def content(self, document: dict[str, Any], status: int) -> dict[str, Any]:
        """Return the schemas of the body of a response, by media type."""
        responses = self.node["responses"] if document is self.contract.full else self._responses(document)
        keys = (str(status), f"{status // 100}XX", *(["default"] if status >= 400 else []))
        found = next((responses[key] for key in keys if key in responses), {})
        return {name: media.get("schema", {}) for name, media in found.get("content", {}).items()}

    def _responses(self, document: dict[str, Any]) -> dict[str, Any]:
        responses: dict[str, Any] = document["paths"][self.path][self.method.lower()]["responses"]
        return responses

    def request_errors(self, url: str, headers: Mapping[str, str]) -> list[str]:
        """Return the errors in the parameters of a request as it was sent."""
        address = urlsplit(url)
        names = re.findall(r"\{([^}]+)\}", self.path)
        shape = re.sub(r"\\\{[^}]+\\\}", "([^/]+)", re.escape(self.path))
        match = re.fullmatch(shape, address.path)
        if match is None:
            return ["the path is another one"]
        path = dict(zip(names, map(unquote, match.groups()), strict=True))
        query = parse_qsl(address.query, keep_blank_values=True)
        given = {name.lower(): text for name, text in headers.items()}
        found: list[str] = []
        for parameter in self.parameters:
            name = parameter["name"]
            match parameter["in"]:
                case "path":
                    texts = [path[name]]
                case "query":
                    texts = [text for key, text in query if key == name]
                case _:
                    texts = [given[name.lower()]] if name.lower() in given else []
            if not texts and parameter.get("required"):
                found.append(f"{name} is missing")
            elif len(texts) > 1:
                found.append(f"{name} is repeated")
            elif texts and not self.takes(parameter, texts[0]):
                found.append(f"{name} is {texts[0]!r}")
        return found


@attrs.frozen(eq=False)
class Recorded:
    """One recorded response with the operation that it is of."""

    operation: Operation
    recording: Recording

    @property
    def id(self) -> str:
        return self.recording.id

    @property
    def status(self) -> int:
        return self.recording.status

    @property
    def is_success(self) -> bool:
        return self.status < 400

    @property
    def body(self) -> Any:
        return self.recording.body

    @property
    def request(self) -> dict[str, Any]:
        request: dict[str, Any] = self.recording.source.data["request"]
        return request

    @property
    def path(self) -> dict[str, str]:
        """Values of all path parameters."""
        path: dict[str, str] = self.request["path"]
        return path

    @property
    def identity(self) -> dict[str, str]:
        """Values of the path parameters that identify the requested thing."""
        free = {one["name"] for one in self.operation.parameters_in("path") if one.get("x-client-parameter")}
        free |= set(self.request.get("invented", ()))
        return {name: value for name, value in self.path.items() if name not in free}

    @property
    def query(self) -> dict[str, Any]:
        query: dict[str, Any] = self.request.get("query", {})
        return query

    def asking(self, path: Mapping[str, str] | None = None, /, **query: object) -> str:
        """Return path and query of its request, with the given values replaced; None removes one."""
        pairs = {name: value for name, value in {**self.query, **query}.items() if value is not None}
        said = [f"{quote(name, safe='')}={quote(as_text(value), safe='')}" for name, value in pairs.items()]
        return self.operation.target({**self.path, **(path or {})}, "&".join(said))

    @property
    def headers(self) -> dict[str, str]:
        """Headers of its request, with credentials."""
        return {**self.operation.headers, **self.request.get("headers", {})}

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of its body, in the document without inferred responses."""
        schema: dict[str, Any] = self.operation.content(self.operation.contract.view, self.status)[
            self.recording.content_type
        ]
        return schema


@cache
def contracts() -> dict[str, Contract]:
    """Return the services of the checkout that these tests can read, read once."""
    found = {}
    for service in Workspace(ROOT).select(None):
        if not is_of_reference_form(service.document.data):
            continue
        full = bundle(service, trace(service))
        found[service.name] = Contract(service, full, without_inferred(full))
    return found


@cache
def operations() -> list[Operation]:
    """Return all operations of all services."""
    return [
        Operation(contract, method, path, item[method.lower()])
        for contract in contracts().values()
        for path, item in contract.full["paths"].items()
        for method in METHODS
        if method.lower() in item
    ]


@cache
def recorded() -> list[Recorded]:
    """Return all recorded responses of all services."""
    return [one for operation in operations() for one in operation.recorded]


def named(value: object) -> str:
    """Return the name of a test's parameter; it begins with that of the service."""
    match value:
        case Contract():
            return value.name
        case Operation():
            return f"{value.service}-{value.id}"
        case Recorded():
            return f"{named(value.operation)}-{value.id}"
    return str(value)


def credential(scheme: dict[str, Any]) -> str:
    """Return a credential of the form that a security scheme requires."""
    return AKSK if scheme.get("x-auth", {}).get("method") == "aksk" else TOKEN


def as_text(value: object) -> str:
    """Return a value of a parameter as it is sent."""
    return value if isinstance(value, str) else json.dumps(value)


def types_of(schema: dict[str, Any]) -> list[str]:
    """Return the types that the schema of a parameter allows."""
    types = schema.get("type", "string")
    return [types] if isinstance(types, str) else list(types)


def readings(schema: dict[str, Any], text: str) -> Iterator[Any]:
    """Yield the JSON values that a parameter's text can represent."""
    for kind in types_of(schema):
        if kind == "string":
            yield text
        elif re.fullmatch(_SPELLINGS[kind], text) and len(text) < 4000:
            yield json.loads(text)


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Return a node with the keywords of the target of its `$ref`."""
    if "$ref" not in node:
        return node
    target: Any = document
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part.replace("~1", "/").replace("~0", "~")]
    return {**resolved(document, target), **{key: value for key, value in node.items() if key != "$ref"}}


def validator(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Return a validator of one schema of a document, of another library than the generator and the client use."""
    return _Validator({**schema, "components": document.get("components", {})})


def differences(left: object, right: object, place: str = "") -> Iterator[str]:
    """Yield pointers to the differences of two JSON values. An integer, a float and a boolean always differ."""
    if type(left) is not type(right):
        yield f"{place}: {left!r} is not {right!r}"
    elif isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            if key in left and key in right:
                yield from differences(left[key], right[key], f"{place}/{key}")
            else:
                yield f"{place}/{key}: on one side only"
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from differences(one, other, f"{place}/{index}")
    elif left != right:
        yield f"{place}: {left!r} is not {right!r}"


def same_json(left: object, right: object) -> bool:
    """Return whether two JSON values are equal, types included."""
    return not any(differences(left, right))
