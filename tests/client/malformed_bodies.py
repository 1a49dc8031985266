"""Helpers for tests of hostile responses: calls of every operation, scripted responses, and our own JSON oracles.

This code reads the bundled documents and shares nothing with the runtime, so that the tests do not repeat its errors.
"""

from __future__ import annotations

import faulthandler
import gzip
import inspect
import json
import math
import re
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from importlib import import_module
from typing import Any, TypeVar

import attrs
import httpx
from hypothesis import HealthCheck, settings

import cloudjobs
from tests.exhaustive import sample
from tests.reference import REFERENCE

T = TypeVar("T")
URL = "https://service.example.com"
DETERMINISTIC = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=sample(100),
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],  # no deadline, because a busy machine is not a fault
)
"""The same cases in every run, on every machine."""
document = cache(cloudjobs.document)
recordings = cache(cloudjobs.recordings)


# Calls


@attrs.frozen
class Call:
    """An operation of a service, called synchronously or asynchronously."""

    service: str
    operation: str
    """Its operationId."""
    asynchronous: bool = False
    job_id: str | None = None
    """The requested job, if the operation takes one."""

    def about(self, value: Any) -> Call:
        """Return the call that requests the job of a body, so that the ID in the body does not deviate."""
        if "argument" not in self.node["x-poll"]:
            return self
        for name in self._id.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        text = value if isinstance(value, str) else str(value) if type(value) is int else ""
        can_be_sent = text not in ("", ".", "..") and not any("\ud800" <= each <= "\udfff" for each in text)
        return attrs.evolve(self, job_id=text if can_be_sent else None)

    @property
    def _id(self) -> str:
        """Dotted wire names of the ID, by the `x-job` of the body."""
        found: str = document(self.service)["components"]["schemas"][self.model.__name__]["x-job"]["id"]
        return found

    @property
    def package(self) -> str:
        return f"cloudjobs.{self.service}"

    @property
    def node(self) -> dict[str, Any]:
        """The operation in the document."""
        found: dict[str, Any] = _operations(self.service)[self.operation]
        return found

    @property
    def model(self) -> type[Any]:
        """The model of its successful responses."""
        name = next(iter(_references(self.success))).rpartition("/")[2]
        found: type[Any] = getattr(import_module(f"{self.package}.models"), name)
        return found

    @property
    def success(self) -> dict[str, Any]:
        """The schema of its successful responses. They are documented, so the view without inferred responses has
        it."""
        (response,) = (found for status, found in self.node["responses"].items() if status.startswith("2"))
        assert response["x-confidence"] != "inferred"
        found: dict[str, Any] = response["content"]["application/json"]["schema"]
        return found

    @property
    def arguments(self) -> dict[str, str]:
        """A value for each parameter in the path."""
        named = re.findall(r"\{([^}]+)\}", self.node["path"])
        found = {_snake(name): f"some-{name}" for name in named}
        if self.job_id is not None:
            found[_snake(self.node["x-poll"]["argument"])] = self.job_id
        return found

    def client(self, transport: Any = None, base_url: str = URL, **keywords: Any) -> Any:
        """Return a client of the service."""
        name = f"{'Async' if self.asynchronous else ''}{self.service.capitalize()}Client"
        return getattr(cloudjobs, name)(base_url, transport=transport, **keywords)

    async def raw(self, client: Any) -> Any:
        """Return the raw response to a call."""
        return await _awaited(getattr(client.with_raw_response, _snake(self.operation))(**self.arguments))

    async def parsed(self, client: Any) -> Any:
        """Return the model of the response to a call."""
        return await _awaited(getattr(client, _snake(self.operation))(**self.arguments))

    async def close(self, client: Any) -> None:
        """Close the client."""
        await _awaited(client.aclose() if self.asynchronous else client.close())


async def _awaited(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


def finished(call: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that never waits, since it only calls synchronous clients; for hypothesis."""
    try:
        call.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise AssertionError("it waits")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


@cache
def _operations(service: str) -> dict[str, dict[str, Any]]:
    paths = document(service)["paths"]
    return {
        node["operationId"]: {**node, "path": path}
        for path, item in paths.items()
        for node in item.values()
        if "operationId" in node
    }


CALLS = tuple(Call(service, operation) for service in REFERENCE for operation in _operations(service))
WAYS = tuple(attrs.evolve(call, asynchronous=asynchronous) for call in CALLS for asynchronous in (False, True))


def named(value: object) -> str:
    """Return the name of a test's parameter."""
    if isinstance(value, Call):
        return f"{value.service}-{'async' if value.asynchronous else 'sync'}"
    return str(value)


def call_of(service: str) -> Call:
    """Return the one operation of a service."""
    (found,) = (call for call in CALLS if call.service == service)
    return found


def recorded(call: Call) -> bytes:
    """Return the body of the recorded 2xx response of an operation."""
    (body,) = (
        recording["body"]
        for recording in recordings(call.service).values()
        if recording["operation"] == call.operation and recording["status"] == 200
    )
    return str(body).strip().encode()


# Responses


class Bytes(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that httpx decodes only when it is read, as one from the network."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


class Wire(httpx.MockTransport):
    """Sends the response that is set at the time to each request, and keeps the requests."""

    def __init__(self, body: bytes = b"{}", status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.body = body
        self.status = status
        self.headers: Mapping[str, str] = headers or {}
        self.requests: list[httpx.Request] = []
        self.closed = False
        super().__init__(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, headers=self.headers, stream=Bytes(self.body))

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Fail if the block takes longer. If it hangs, end the process with a traceback of each thread."""
    faulthandler.dump_traceback_later(4 * seconds, exit=True, file=sys.__stderr__)
    start = time.monotonic()
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
    taken = time.monotonic() - start
    assert taken < seconds, f"it took {taken:.1f} seconds"


@attrs.frozen(slots=False)
class Kind:
    """A kind of body, and the expected result as the body of a 2xx response."""

    sent: bytes
    """As on the wire."""
    headers: dict[str, str] = attrs.field(factory=dict)
    content: bytes | None = None
    """The sent body, decompressed."""
    limit: int | None = None
    """The largest response that the client accepts."""
    deep: bool = False
    """Whether it is nested so deeply that it may be refused: the limit depends on the version of Python."""

    @property
    def decompressed(self) -> bytes:
        return self.sent if self.content is None else self.content

    @cached_property
    def said(self) -> Any:
        """Its JSON value."""
        return oracle(self.decompressed)


JSON = {"Content-Type": "application/json"}
LIMIT = 1000
DEEP = 10_000


def kinds(body: bytes) -> dict[str, Kind]:
    """Return bodies of every kind, given a recorded one."""
    return {
        "recorded": Kind(body, JSON),
        "errorCode": Kind(b'{"errorCode": "X.1", "errorMessage": "no such thing", "reason": "why"}', JSON),
        "error_code": Kind(b'{"error_code": "X.1", "error_msg": "no such thing", "request_id": "r1"}', JSON),
        "strange error": Kind(b'{"errorCode": {"a": [1]}, "errorMessage": 1e400, "error_msg": [], "error_code": true}'),
        "string": Kind(b'"no such thing"', JSON),
        "number": Kind(b"17", JSON),
        "false": Kind(b"false", JSON),
        "null": Kind(b"null", JSON),
        "array": Kind(b'[{"errorCode": "X.1"}]', JSON),
        "text": Kind(b"upstream connect error\r\n", {"Content-Type": "text/plain"}),
        "html": Kind(b"<html><body>502 Bad Gateway</body></html>", {"Content-Type": "text/html"}),
        "empty": Kind(b"", JSON),
        "truncated": Kind(body[: len(body) // 2], JSON),
        "latin-1": Kind('{"message": "Über, größer"}'.encode("latin-1"), {"Content-Type": "text/html; charset=utf-8"}),
        "utf-16": Kind(body.decode().encode("utf-16")[:-1], {"Content-Type": "application/json; charset=utf-16"}),
        "no such charset": Kind(body, {"Content-Type": "application/json; charset=x-unknown"}),
        "byte order mark": Kind(b"\xef\xbb\xbf" + body, JSON),
        "NaN": Kind(b'{"a": NaN, "b": -Infinity}', JSON),
        "duplicate keys": Kind(b'{"status": 1, "a": 1, "status": "x", "a": {"a": 2}, "jobs": [], "jobs": null}', JSON),
        "deep": Kind(b'{"message": ' + b"[" * DEEP + b"]" * DEEP + b"}", JSON, deep=True),
        "deep objects": Kind(b'{"spec":{"subJobs":[' * DEEP + b"{}" + b"]}}" * DEEP, JSON, deep=True),
        "large integers": Kind(
            f'{{"a": {2**64}, "b": -{2**63 + 1}, "c": {"9" * 5000}, "d": {10**300}}}'.encode(), JSON
        ),
        "1e400": Kind(b'{"a": 1e400, "b": [-1e400, {"c": 1e999999}], "d": 1e308, "status": 1e400}', JSON),
        "half a surrogate pair": Kind(b'{"a": "\\ud800", "\\udc00": "x", "status": "\\ud83d"}', JSON),
        "gzip": Kind(gzip.compress(body), {**JSON, "Content-Encoding": "gzip"}, body),
        "gzip bomb": Kind(
            gzip.compress(b'"' + b" " * 100_000 + b'"'),
            {**JSON, "Content-Encoding": "gzip"},
            b'"' + b" " * 100_000 + b'"',
            LIMIT,
        ),
        "wrong content type": Kind(body, {"Content-Type": "image/png"}),
        "no content type": Kind(body),
    }


# Oracles


UNREADABLE: Any = object()
"""The value of bytes that are not JSON."""


def oracle(content: bytes) -> Any:
    """Return the JSON value of bytes: by the standard library, with numbers that no float holds as text."""

    def refuse(text: str) -> Any:
        raise ValueError(text)

    def fraction(text: str) -> float | str:
        return text if math.isinf(float(text)) else float(text)

    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_float=fraction,
            parse_int=lambda text: int(text) if len(text) < 4001 else text,
            parse_constant=refuse,
        )
    except (ValueError, RecursionError):
        return UNREADABLE


def same(left: object, right: object) -> bool:
    """Return whether two JSON values are the same, at any depth: an integer, a float and a boolean never are."""
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            pairs += [(one[key], other[key]) for key in one]
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif isinstance(one, str) and isinstance(other, str):
            # A number that is kept as text has its own class of string.
            if one != other:
                return False
        elif type(one) is not type(other) or one != other:
            return False
    return True


def at(value: Any, pointer: str) -> Any:
    """Return the value at a JSON Pointer. Raises LookupError where it points to nothing."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


_SAYS_NOTHING = ("$ref", "allOf", "description", "default", "format", "contentMediaType", "examples")


def joined(schema: Mapping[str, Any], service_components: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the schemas that apply to one value: itself, the target of its reference, and the parts of its allOf."""
    found = [{key: value for key, value in schema.items() if key not in _SAYS_NOTHING and not key.startswith("x-")}]
    if "$ref" in schema:
        found += joined(service_components[schema["$ref"].rpartition("/")[2]], service_components)
    for part in schema.get("allOf", ()):
        found += joined(part, service_components)
    if "type" not in schema and all("type" in part for part in schema.get("anyOf", [{}])):
        found.append({"type": [part["type"] for part in schema["anyOf"]]})
    return [part for part in found if part]


def undocumented(schemas: list[dict[str, Any]], value: Any, components: Mapping[str, Any], here: str = "") -> set[str]:
    """Return pointers to the fields that no schema describes. A value without a schema may be anything."""
    found: set[str] = set()
    types = [schema["type"] for schema in schemas if "type" in schema]
    if any(("array" if isinstance(value, list) else "object") not in type_ for type_ in types):
        return found  # a value of another type has no fields
    if isinstance(value, list):
        below = [part for schema in schemas if "items" in schema for part in joined(schema["items"], components)]
        for index, item in enumerate(value):
            found |= undocumented(below, item, components, f"{here}/{index}")
    elif isinstance(value, dict) and schemas:
        for name, member in value.items():
            pointer = f"{here}/{name.replace('~', '~0').replace('/', '~1')}"
            describing = [schema["properties"][name] for schema in schemas if name in schema.get("properties", ())]
            if not describing:
                others = [schema.get("additionalProperties", False) for schema in schemas]
                describing = [{} if other is True else other for other in others if other is not False]
            if describing:
                below = [part for schema in describing for part in joined(schema, components)]
                found |= undocumented(below, member, components, pointer)
            else:
                found.add(pointer)
    return found


def standalone(schema: Any, components: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema with the components that it refers to, for a JSON Schema validator, without extensions."""
    return {**_plain(schema), "$defs": {name: _plain(component) for name, component in components.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        kept = {key: _plain(member) for key, member in value.items() if not key.startswith("x-")}
        if "properties" in value:
            kept["properties"] = {name: _plain(schema) for name, schema in value["properties"].items()}
        if isinstance(kept.get("$ref"), str):
            kept["$ref"] = kept["$ref"].replace("#/components/schemas/", "#/$defs/")
        return kept
    return value


def _references(schema: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        yield schema["$ref"]
    for part in schema.get("allOf", ()):
        yield from _references(part)
